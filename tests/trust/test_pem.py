"""Files of roots: PEM with several blocks, text between, DER, and nonsense, which is a typed error."""

import pytest

from auditor.trust import FileError, RevocationLists, read_pem_or_der
from tests.trust import certificates as shop

ROOT, OTHER = shop.make_root(), shop.make_root("CN=Other Root")


def test_der_is_one_certificate() -> None:
    """A file that is DER gives that certificate."""
    assert read_pem_or_der(ROOT.der) == (ROOT.der,)


def test_pem_gives_all_blocks_in_order() -> None:
    """Text around the blocks and private keys are passed over; the order is kept."""
    text = f"Subject: root\n{ROOT.pem}\n{shop.to_pem(b'0', 'PRIVATE KEY')}# other\n{OTHER.pem}"
    assert read_pem_or_der(text.encode()) == (ROOT.der, OTHER.der)


def test_windows_line_ends_are_read() -> None:
    """Files written on other systems are read too."""
    assert read_pem_or_der(ROOT.pem.replace("\n", "\r\n").encode()) == (ROOT.der,)


def test_trusted_certificate_blocks_lose_their_extra_octets() -> None:
    """OpenSSL's own block type carries trust settings behind the certificate; they are not ours."""
    assert read_pem_or_der(shop.to_pem(ROOT.der + b"\x30\x00", "TRUSTED CERTIFICATE").encode()) == (ROOT.der,)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\x30",
        b"\x30\x82\xff\xff\x00",
        b"-----BEGIN CERTIFICATE-----\nAAAA",
        b"-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----",
        b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
        b"-----BEGIN CERTIFICATE-----\nBAA=\n-----END CERTIFICATE-----",
    ],
)
def test_nonsense_is_a_typed_error(data: bytes) -> None:
    """What holds no certificate raises FileError with a sentence, and nothing else."""
    with pytest.raises(FileError, match=r"\w+ \w+"):
        read_pem_or_der(data)


def test_file_error_is_a_value_error() -> None:
    """Callers that know only the standard library catch it too."""
    assert issubclass(FileError, ValueError)


def test_revocation_lists_refuse_other_files() -> None:
    """A certificate is no revocation list."""
    with pytest.raises(FileError, match="revocation list"):
        RevocationLists.of([ROOT.der])
    with pytest.raises(FileError, match="revocation list"):
        RevocationLists.of([ROOT.pem.encode()])

"""OpenSSL's names and numbers, and the device's log line."""

import re
from pathlib import Path

import pytest

from auditor.trust import codes

TRUST = Path(codes.__file__).parent


@pytest.mark.parametrize(
    ("name", "match", "line"),
    [
        (
            "X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD",
            True,
            "SSL: socklib_sslHandshake: VerifyResult=14=ERROR_IN_CERT_NOT_AFTER_FIELD, NameCheck: Match",
        ),
        (
            "X509_V_ERR_CERT_HAS_EXPIRED",
            False,
            "SSL: socklib_sslHandshake: VerifyResult=10=CERT_HAS_EXPIRED, NameCheck: Mismatch",
        ),
        ("X509_V_ERR_INVALID_CA", True, "SSL: socklib_sslHandshake: VerifyResult=24=INVALID_CA, NameCheck: Match"),
        ("X509_V_OK", None, "SSL: socklib_sslHandshake: VerifyResult=0=OK, NameCheck: None"),
    ],
)
def test_log_line(name: str, match: bool | None, line: str) -> None:  # noqa: FBT001 - a table's column
    """The line has the form of the guide's example and the numbers of the devices' OpenSSL."""
    assert codes.device_log_line(name, name_matches=match) == line


def test_numbers_that_moved_are_kept_twice() -> None:
    """Invalid CA is 79 today and was 24 in the devices' time; nothing else here has moved."""
    assert (codes.number_of("X509_V_ERR_INVALID_CA"), codes.old_number_of("X509_V_ERR_INVALID_CA")) == (79, 24)
    assert codes.old_number_of("X509_V_ERR_CERT_HAS_EXPIRED") == 10


def test_every_code_in_the_package_is_in_the_table() -> None:
    """No judgement can end in a code that has no number."""
    text = "".join(file.read_text() for file in TRUST.glob("*.py"))
    used = set(re.findall(r"X509_V_(?:OK|ERR_[A-Z_]+[A-Z])", text))
    assert used <= set(codes.NUMBERS) | {"X509_V_ERR_"}
    short = set(re.findall(r'Fault\(.*"([A-Z_]{6,})"', text)) | set(re.findall(r'yield .*, "([A-Z_]{6,})"', text))
    assert short
    assert {f"X509_V_ERR_{end}" for end in short} <= set(codes.NUMBERS)


def test_numbers_are_distinct() -> None:
    """No two names share a number."""
    assert len(set(codes.NUMBERS.values())) == len(codes.NUMBERS)

"""Keys in minisign's files: what is written can be read, and nothing else is taken for a key."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.signing.keys import PublicKey, SecretKey, scrypt_costs
from auditor.signing.lines import SigningError, decoded, encoded

PAIR = SecretKey(bytes(range(8)), bytes(range(32)))
SALT = bytes(reversed(range(32)))


@given(st.binary(min_size=8, max_size=8), st.binary(min_size=32, max_size=32))
def test_what_is_written_is_read(key_id: bytes, seed: bytes) -> None:
    """Both halves, without a passphrase."""
    pair = SecretKey(key_id, seed)
    assert SecretKey.parse(pair.file()) == pair
    assert PublicKey.parse(pair.public().file()) == pair.public()


def test_a_passphrase_protects_the_secret_half() -> None:
    """Without it or with another one the key cannot be had, and the file shows nothing of it."""
    file = PAIR.file(b"open sesame", salt=SALT)
    assert SecretKey.parse(file, b"open sesame") == PAIR
    with pytest.raises(SigningError, match="none was given"):
        SecretKey.parse(file)
    with pytest.raises(SigningError, match="passphrase is wrong"):
        SecretKey.parse(file, b"open sesami")
    assert PAIR.seed not in decoded(file.split(b"\n")[1].decode(), 158, "file")


def test_every_changed_byte_of_a_secret_key_is_found() -> None:
    """Its checksum and its public half stand beside the seed. In a file in clear, salt and costs are idle."""
    raw = bytearray(decoded(PAIR.file().split(b"\n")[1].decode(), 158, "file"))
    for place in (*range(6), *range(54, 158)):
        changed = bytearray(raw)
        changed[place] ^= 1
        with pytest.raises(SigningError):
            SecretKey.parse(f"untrusted comment: x\n{encoded(bytes(changed))}\n".encode())


def test_a_key_shows_no_seed() -> None:
    """Neither in a log nor in a traceback."""
    assert repr(PAIR.seed) not in repr(PAIR)
    assert PAIR.seed.hex() not in repr(PAIR)


@pytest.mark.parametrize(
    ("operations", "memory", "costs"),
    [
        (33_554_432, 1_073_741_824, (2**20, 8, 1)),
        (524_288, 16_777_216, (2**14, 8, 1)),
        (4_194_304, 134_217_728, (2**17, 8, 1)),
        (0, 16_777_216, (2**10, 8, 1)),
    ],
)
def test_costs_are_those_of_libsodium(operations: int, memory: int, costs: tuple[int, int, int]) -> None:
    """Its presets `sensitive` and `interactive`, ours, and the least."""
    assert scrypt_costs(operations, memory) == costs


@pytest.mark.parametrize(("operations", "memory"), [(2**31, 2**20), (2**20, 2**31), (2**63, 2**63)])
def test_absurd_costs_are_refused(operations: int, memory: int) -> None:
    """A key file may not make the program take all memory, or run for ever."""
    with pytest.raises(SigningError):
        scrypt_costs(operations, memory)


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"untrusted comment: x\n",
        b"untrusted comment: x\nRWQ=\n",
        b"comment: x\nRWQ=\n",
        b"untrusted comment: x\r\n" + PAIR.public().file().split(b"\n")[1] + b"\r\n",
        PAIR.public().file() + b"\n",
        PAIR.public().file()[:-1],
        PAIR.public().file().replace(b"RWQ", b"RXQ"),
        b"\xff" + PAIR.public().file(),
        b"untrusted comment: " + b"x" * 20_000 + b"\n",
        PAIR.file(),
    ],
)
def test_what_is_no_public_key_is_refused(file: bytes) -> None:
    """Cut short, of another kind, with other line ends, or far too long."""
    with pytest.raises(SigningError):
        PublicKey.parse(file)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail_otherwise(file: bytes) -> None:
    """Whatever the file holds, it is a key or a sentence."""
    for parse in (PublicKey.parse, SecretKey.parse):
        with pytest.raises(SigningError):
            parse(file)

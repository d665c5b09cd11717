"""Detached signatures: every byte of the file counts, and so do the content and the key."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.signing.keys import SecretKey
from auditor.signing.lines import SigningError
from auditor.signing.signature import Signature, sign

PAIR = SecretKey(bytes(range(8)), bytes(range(32)))
OTHER = SecretKey(bytes(range(8)), bytes(32))
CONTENT = b"what is signed\n"
FILE = sign(CONTENT, PAIR, "timestamp:1\tfile:manifest.json\thashed")


def problem(file: bytes, content: bytes = CONTENT, key: SecretKey = PAIR) -> str | None:
    """Return what is wrong with a signature file."""
    try:
        return Signature.parse(file).problem(content, key.public())
    except SigningError as error:
        return str(error)


def test_a_right_signature_has_no_problem() -> None:
    """And it is the same whenever it is made."""
    assert problem(FILE) is None
    assert sign(CONTENT, PAIR, "timestamp:1\tfile:manifest.json\thashed") == FILE


def test_every_flipped_bit_of_the_signature_file_is_found() -> None:
    """Comments, line ends and the unused bits of Base64 among them."""
    for place in range(len(FILE)):
        for bit in range(8):
            changed = bytearray(FILE)
            changed[place] ^= 1 << bit
            assert problem(bytes(changed)) is not None, (place, bit)


@given(st.binary(max_size=100))
def test_another_content_is_found(content: bytes) -> None:
    """Whatever it is."""
    assert (problem(FILE, content) is None) == (content == CONTENT)


def test_another_key_is_found() -> None:
    """With another identifier, and with the same one."""
    assert "was given" in str(problem(FILE, key=SecretKey(b"12345678", PAIR.seed)))
    assert problem(FILE, key=OTHER) == "it does not fit the file"


def test_a_comment_of_another_signature_is_found() -> None:
    """The comment is signed together with the signature that it stands by."""
    lines, other = FILE.split(b"\n"), sign(b"another", PAIR, "a comment").split(b"\n")
    assert problem(b"\n".join((*lines[:2], *other[2:]))) == "its comment was changed"


@given(st.binary(max_size=500))
def test_no_bytes_make_it_fail_otherwise(file: bytes) -> None:
    """Whatever the file holds, there is a sentence."""
    assert problem(file) is not None

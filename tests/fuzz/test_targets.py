"""Every fuzz target without atheris, in every run of the tests: its seeds, and seeds that hypothesis has spoilt."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.fed import NEXT
from tests.fuzz.registry import CORPUS, TARGETS, Target

EXAMPLES = {"evidence": 25, "bundle": 25, "xml": 40, "text": 40, "saved": 40}
"""Inputs for the targets that take milliseconds for each; the others get more."""
MANY = 150
BITS = st.sampled_from(
    (b"", b"\x00", b"\xff", b"\r\n", b"\n", b"\xff\xff\xff\xff", b"\x80\x00", b"0" * 5_000, b"9" * 30, b": ", b'"',
     b"\\", b"{", b"[" * 300, b"}", b"- ", b"&a", b"*a", b"<a>", b"</a>", b"<!DOCTYPE", b"\x1b[31m", b"\xe2\x80\xae",
     NEXT,
     b"Transfer-Encoding: chunked\r\n", b"Content-Length: 3\r\n", b"1e999", b"null", b"-1", b"\xc0\x0c")
) | st.binary(max_size=12)  # fmt: skip
CHANGES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 40), BITS), max_size=6)
"""Where, as a part of the whole; how many octets go; what comes in their place."""

each = pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS.keys())


def spoilt(data: bytes, changes: list[tuple[float, int, bytes]]) -> bytes:
    """Return octets with each change made in turn."""
    for place, gone, put in changes:
        at = int(place * len(data))
        data = data[:at] + put + data[at + gone :]
    return data


def test_every_target_has_its_seeds() -> None:
    """One folder for each, none that nobody reads, and none without a seed."""
    assert {folder.name for folder in CORPUS.iterdir()} == TARGETS.keys()
    assert all(target.seeds for target in TARGETS.values())


@each
def test_seeds(target: Target) -> None:
    """Each seed, and inputs that once crashed the target: whole, empty, and cut at some places."""
    one_input = target.load()
    one_input(b"")
    for seed in target.seeds:
        data = seed.read_bytes()
        for part in range(1, 5):
            one_input(data[: len(data) * part // 4])


@each
def test_spoilt_seeds(target: Target) -> None:
    """Seeds with some changes, and octets of no meaning."""
    one_input = target.load()
    seeds = [seed.read_bytes() for seed in target.seeds]

    @settings(
        max_examples=EXAMPLES.get(target.name, MANY), deadline=None, database=None,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    @given(data=st.builds(spoilt, st.sampled_from(seeds), CHANGES) | st.binary(max_size=300))
    def spoil(data: bytes) -> None:
        one_input(data)

    spoil()

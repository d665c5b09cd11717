"""A delivery is refused whole where it does not fit, and noted where its maker was wrong about the time."""

import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec
import pytest

from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import Attested, TelnetGreeting
from auditor.model.inventory import Target
from auditor.reports.evidence_file import host_line
from auditor.sites.parcel import LARGEST, Ground, Opened, ParcelError, opened, packed
from auditor.wire.ledger import Entry

AT = datetime(2026, 1, 1, 2, 0, tzinfo=UTC)
TARGET = Target(name="rm1", product="mxp", address="10.1.0.7")
OWN = Ground(tool_version="1", catalogue_digest="c", profiles_digest="p", clock_ahead=0.0)
RUN = uuid4()
GREETING = Observation(
    TelnetGreeting, "telnet", "telnet", AT, Seen(TelnetGreeting(port=23, banner="hello", prompt="password")), 23
)
HOST = HostEvidence(
    target=TARGET, product="mxp", address="10.1.0.7", evidence=Evidence((GREETING,)), started_at=AT, finished_at=AT
)
ENTRY = Entry(
    at=AT, host="rm1", address="10.1.0.7", port=23, transport="tcp", protocol="telnet", operation="LISTEN",
    argument="", permitted=True, outcome="answered",
)  # fmt: skip


def opening(payload: bytes, *, run: UUID = RUN, site: str = "oslo", target: Target = TARGET) -> Opened:
    """Open a parcel as the centre does."""
    return opened(
        payload, run=run, site=site, target=target, received_at=AT + timedelta(seconds=1), own=OWN,
        families={"mxp", "mps"},
    )  # fmt: skip


def parcel(host: HostEvidence = HOST, *entries: Entry, ground: Ground = OWN) -> bytes:
    """Make a parcel as a collector does."""
    return packed(RUN, "oslo", host, entries, ground)


def remade(change: Callable[[dict[str, object]], object]) -> bytes:
    """Make a parcel and change what is written in it."""
    plain = msgspec.json.decode(zlib.decompress(parcel(HOST, ENTRY)))
    change(plain)
    return zlib.compress(msgspec.json.encode(plain))


def test_what_was_packed_comes_out_again() -> None:
    """Evidence, requests, and nothing added."""
    out = opening(parcel(HOST, ENTRY))
    assert (out.host, out.entries, out.beyond) == (HOST, (ENTRY,), ())
    assert opening(parcel(ground=replace(OWN, beyond=("10.9.0.53", "::1")))).beyond == ("10.9.0.53", "::1")


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "does not end"),
        (b"\0" * 100, "unpacked"),
        (zlib.compress(b"\xff\xfe"), "cannot be read"),
        (zlib.compress(b"[" * 100_000), "cannot be read"),
        (zlib.compress(b"{}"), "cannot be read"),
        (parcel() + b"more", "behind its end"),
        (parcel()[:-9], "does not end"),
        (zlib.compress(b" " * (LARGEST + 10), 9), "does not end within"),
        (remade(lambda p: p.update(more=1)), "unknown field"),
        (remade(lambda p: p.update(version=2)), "cannot be read"),
        (remade(lambda p: p.update(evidence="bm90aGluZw==")), "the parcel"),
        (parcel(replace(HOST, target=replace(TARGET, name="rm2"))), "not the evidence of rm1"),
        (parcel(replace(HOST, product="mps")), "in the inventory"),
        (parcel(replace(HOST, product="toaster")), "in the inventory"),
        (parcel(replace(HOST, address="10.9.9.9")), "the host is at 10.1.0.7"),
        (parcel(HOST, replace(ENTRY, host="rm2")), "other hosts"),
        (parcel(HOST, replace(ENTRY, at=AT.replace(tzinfo=None))), "without a zone"),
        (parcel(replace(HOST, finished_at=AT.replace(tzinfo=None))), "without a zone"),
        (parcel(ground=replace(OWN, beyond=("10.0.0.1. All is well",))), "no address"),
        (parcel(ground=replace(OWN, beyond=("10.0.0.1",) * 21)), "too much"),
        (parcel(ground=replace(OWN, beyond=("fe80::1%" + "x" * 80,))), "no address"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(payload: bytes, why: str) -> None:
    """With a reason, quickly, and without reading more than is allowed."""
    with pytest.raises(ParcelError, match=why):
        opening(payload)


@pytest.mark.parametrize("forged", [{"run": uuid4()}, {"site": "bergen"}, {"target": replace(TARGET, name="rm2")}])
def test_a_parcel_of_another_run_site_or_host_is_refused(forged: dict[str, object]) -> None:
    """What is written in it must be what the database knows of it."""
    with pytest.raises(ParcelError):
        opening(parcel(HOST, ENTRY), **forged)  # type: ignore[arg-type]


def test_a_collector_cannot_speak_for_the_operator() -> None:
    """An attested fact in the evidence is refused: statements come from the inventory only."""
    words = Attested(statement="x", value="yes", by="me", on=AT, expires=AT, document="d", document_sha256="0")
    stated = Observation(Attested, "attested", "x", AT, Seen(words))
    line = host_line(replace(HOST, evidence=Evidence((GREETING, stated))))
    assert b"Attested" in line
    with pytest.raises(ParcelError, match="only the operator"):
        opening(parcel(replace(HOST, evidence=Evidence((GREETING, stated)))))


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(0.1, ""), (-4.0, ""), (60.0, "60.0 seconds ahead"), (-3600.0, "3600.0 seconds behind"), (None, "not checked")],
)
def test_a_wrong_clock_is_a_doubt_about_the_hosts_clocks(ahead: float | None, words: str) -> None:
    """It is told among the notes, and the evidence carries it."""
    host = opening(parcel(ground=replace(OWN, clock_ahead=ahead))).host
    assert words in host.clock_doubt
    assert bool(host.clock_doubt) == bool(words)
    assert host.notes == ((host.clock_doubt,) if words else ())


def test_evidence_from_the_future_needs_no_word_of_the_collector() -> None:
    """A clock that is ahead shows itself, whatever the collector says of it."""
    late = replace(HOST, finished_at=AT + timedelta(hours=1))
    assert "seconds ahead" in opening(parcel(late)).host.clock_doubt


def test_another_version_is_noted() -> None:
    """An older catalogue does not judge anything; the report says that it was there."""
    older = Ground(tool_version="0.9", catalogue_digest="old", profiles_digest="p", clock_ahead=0.0)
    (note,) = opening(parcel(ground=older)).host.notes
    assert "version 0.9 (here 1), another catalogue of controls" in note
    assert "judged by the catalogue of the centre" in note
    assert "product profiles" not in note

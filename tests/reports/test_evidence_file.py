"""Evidence files: what is written is read back, and nothing else is accepted."""

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.collected import AuditEnd
from auditor.model.evidence import Absent, AnyObservation, Cause, Observation, Seen, Unknown
from auditor.model.facts import Fact, Identity, OpenService
from auditor.model.inventory import Attestation, Settings
from auditor.reports.evidence_file import (
    KINDS,
    EvidenceFileError,
    end_line,
    head_line,
    host_line,
    read_evidence,
)
from tests.engine.evidence import AT, closed_port, filtered_port, head, host, open_port

END = AuditEnd(finished_at=AT, complete=True, requests_made=3)


def facts_of(kind: type[Fact]) -> st.SearchStrategy[Fact]:
    """Any fact of a kind, hostile text included."""
    return st.builds(kind)


@st.composite
def observations(draw: st.DrawFn) -> AnyObservation:
    """Any observation of any stored kind with any outcome."""
    kind = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    outcome = draw(
        st.one_of(
            facts_of(kind).map(Seen),
            st.text().map(Absent),
            st.builds(Unknown, st.sampled_from(list(Cause)), st.text()),
        )
    )
    subject = draw(st.text(max_size=5))
    return Observation(
        kind, "probe", subject, datetime(2026, 1, 1, tzinfo=UTC), outcome, draw(st.none() | st.integers(0, 65535))
    )


TIMES = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis wants naive bounds
st.register_type_strategy(datetime, TIMES)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


@given(st.lists(observations(), max_size=4))
def test_every_kind_of_fact_survives_the_file(
    tmp_path_factory: pytest.TempPathFactory, made: list[AnyObservation]
) -> None:
    """Bytes, times, tuples and hostile text come back as they were."""
    path = tmp_path_factory.mktemp("evidence") / "evidence.jsonl"
    written = host(*made)
    path.write_bytes(head_line(head()) + host_line(written) + end_line(END))
    stored = read_evidence(path)
    assert stored.head == head()
    assert stored.hosts == (written,)
    assert stored.end == END


@given(st.lists(st.builds(Attestation), max_size=3))
def test_attestations_survive_the_file(tmp_path_factory: pytest.TempPathFactory, stated: list[Attestation]) -> None:
    """They stand in the head with the inventory, so a replay has them; an older head without any is read too."""
    path = tmp_path_factory.mktemp("attested") / "evidence.jsonl"
    written = replace(head(), inventory=replace(head().inventory, attestations=tuple(stated)))
    path.write_bytes(head_line(written))
    assert read_evidence(path).head == written
    older = head_line(head()).replace(b',"attestations":[]', b"")
    assert b"attestations" not in older
    path.write_bytes(older)
    assert read_evidence(path).head == head()


def test_derived_observations_are_not_stored(tmp_path: Path) -> None:
    """They are concluded again."""
    derived = Observation(Identity, "identity", "host", AT, Seen(Identity(family="toy")), derived=True)
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(head_line(head()) + host_line(host(open_port(), derived)))
    assert [o.asks for o in read_evidence(path).hosts[0].evidence.observations] == [OpenService]


def test_a_file_cut_anywhere_reads_as_far_as_it_is_whole(tmp_path: Path) -> None:
    """Kill -9 in the middle of a line loses that line, no more."""
    lines = (
        head_line(head()),
        host_line(host(open_port(), closed_port("http"), filtered_port("https"))),
        end_line(END),
    )
    whole = b"".join(lines)
    path = tmp_path / "evidence.jsonl"
    for length in range(len(lines[0]), len(whole) + 1, 7):
        path.write_bytes(whole[:length])
        stored = read_evidence(path)
        assert len(stored.hosts) == (length >= len(lines[0]) + len(lines[1]))
        assert (stored.end is None) == (length < len(whole))


HOST = host_line(host(open_port()))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no head line"),
        (b"not json\n", "line 1"),
        (HOST, "line 1"),
        (head_line(head()) + head_line(head()), "line 2"),
        (head_line(head()) + HOST + HOST, "line 3"),
        (head_line(head()) + end_line(END) + HOST, "line 3"),
        (head_line(head()) + HOST.replace(b'"OpenService"', b'"Witchcraft"'), "Witchcraft"),
        (head_line(head()) + HOST.replace(b'"port":23', b'"port":"x"'), "line 2"),
        (head_line(head()) + HOST.replace(b'"transport":"tcp"', b'"transport":"pigeon"'), "port/telnet"),
        (head_line(head()) + HOST.replace(b'"notes"', b'"nodes"'), "line 2"),
        (head_line(head()).replace(b'"format":"1.0"', b'"format":"9"'), "line 1"),
        (b"[" * 100_000 + b"\n", "line 1"),
        (b"\xff\xfe\n", "line 1"),
    ],
)
def test_anything_else_is_refused_with_the_line(tmp_path: Path, content: bytes, says: str) -> None:
    """A forged or foreign file ends in one sentence."""
    path = tmp_path / "evidence.jsonl"
    path.write_bytes(content)
    with pytest.raises(EvidenceFileError, match=says):
        read_evidence(path)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_after_the_head_never_crash(tmp_path_factory: pytest.TempPathFactory, junk: bytes) -> None:
    """Only the typed error."""
    path = tmp_path_factory.mktemp("junk") / "evidence.jsonl"
    path.write_bytes(head_line(head()) + junk)
    with suppress(EvidenceFileError):
        assert read_evidence(path).head == head()


def test_the_snmp_community_is_not_in_the_file() -> None:
    """It acts as a password."""
    secret = replace(head().inventory, settings=Settings(snmp_community="canary-community"))
    assert b"canary-community" not in head_line(replace(head(), inventory=secret))

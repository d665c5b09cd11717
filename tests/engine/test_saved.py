"""Saved configurations: a live reading wins, the file fills gaps, and the report says which and how old."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auditor.engine.offline import NO_FILE, NO_PRODUCT, NOTHING_SENT, read_offline
from auditor.engine.saved import SavedFile, with_saved
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Setting
from auditor.model.inventory import AUTO, Target
from auditor.profiles import load_profiles

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
PROFILES = load_profiles()
MXP = PROFILES["mxp"]
TEXT = (
    b"*c xConfiguration HTTP Mode: Off\r\n*c xConfiguration Telnet Mode: Off\r\n*c xConfiguration FTP Mode: Off\r\n"
    b"*c xConfiguration SNMP Mode: Off\r\n*c xConfiguration HTTPS Mode: On\r\n\r\nOK\r\n"
)
FILE = SavedFile(path="rm1.txt", data=TEXT, changed_at=NOW - timedelta(days=40))


def setting(path: str, outcome: Seen[Setting] | Absent | Unknown) -> Observation[Setting]:
    return Observation(Setting, "setting", path, NOW, outcome)


def live(path: str, value: str) -> Observation[Setting]:
    return setting(path, Seen(Setting(path=path, value=value)))


def merged(*made: AnyObservation, file: SavedFile | None = FILE) -> tuple[Evidence, str]:
    observations, notes = with_saved(made, file, MXP, started_at=NOW)
    return Evidence(observations), " ".join(notes)


def value(evidence: Evidence, path: str) -> tuple[str, str]:
    fact = evidence.of(Setting, path)[0]
    return fact.value, fact.source


def test_the_file_alone() -> None:
    """Values marked as saved, with the file's time; the note gives its age."""
    evidence, notes = merged()
    assert value(evidence, "http.mode") == ("Off", "saved")
    assert {o.at for o in evidence.observations} == {FILE.changed_at}
    assert "40 days old, by the time of its last change" in notes


def test_what_was_read_from_the_host_wins_and_the_difference_is_told() -> None:
    """Both are visible: the live value in the evidence, the paths that differ in a note."""
    evidence, notes = merged(live("http.mode", "On"), live("telnet.mode", "off"))
    assert value(evidence, "http.mode") == ("On", "live")
    assert value(evidence, "telnet.mode") == ("off", "live")
    assert value(evidence, "ftp.mode") == ("Off", "saved")
    assert "differ: http.mode. What the host says counts." in notes


def test_a_refused_login_is_filled_and_a_proven_absence_is_not() -> None:
    """An unknown gives way to the file; what the host proved does not."""
    refused = setting("http.mode", Unknown(Cause.REFUSED_LOGIN, "no"))
    evidence, _ = merged(refused, setting("ftp.mode", Absent("there is none")))
    assert value(evidence, "http.mode") == ("Off", "saved")
    assert [o.outcome for o in evidence.observed(Setting, "ftp.mode")] == [Absent("there is none")]
    assert len(evidence.observed(Setting, "http.mode")) == 1


def test_a_question_that_was_left_out_stays_beside_the_files_answer() -> None:
    """The file's answer comes first, and is a breach where it tells of one; the gap is not lost."""
    evidence, _ = merged(setting("http.mode", Unknown(Cause.STOPPED, "not asked, stopped")), live("ftp.mode", "On"))
    (saved, left_out) = evidence.observed(Setting, "http.mode")
    assert (value(evidence, "http.mode"), saved.id) == (("Off", "saved"), "setting/http.mode")
    assert left_out.outcome == Unknown(Cause.STOPPED, "not asked, stopped")
    assert len({o.id for o in evidence.observations}) == len(evidence.observations)


@pytest.mark.parametrize("data", [b"", b"\x00\x01", b"<x", b"<!DOCTYPE a><Configuration/>", b"nothing here"])
def test_a_file_that_is_none_is_said_and_not_used(data: bytes) -> None:
    """The live evidence stays, the note says why the file was not used."""
    evidence, notes = merged(live("http.mode", "On"), file=replace(FILE, data=data))
    assert [o.id for o in evidence.observations] == ["setting/http.mode"]
    assert "rm1.txt was not used" in notes


def test_a_file_from_the_future_is_called_so() -> None:
    """A wrong date is not an age of less than a day."""
    _, notes = merged(file=replace(FILE, changed_at=NOW + timedelta(days=3)))
    assert "dated after the beginning of this audit" in notes


def test_offline_every_target_is_there_and_says_what_it_rests_on() -> None:
    """With a file, without one, and with a product that only packets could tell."""
    targets = [
        Target(name="a", product="mxp", address="192.0.2.1"), Target(name="b", product="mxp"),
        Target(name="c", product=AUTO),
    ]  # fmt: skip
    with_file, without, unnamed = read_offline(targets, {"a": FILE, "c": FILE}, PROFILES, at=NOW)
    assert with_file.notes[0] == NOTHING_SENT
    assert {o.probe for o in with_file.evidence.observations} == {"setting"}
    assert (without.notes, without.evidence, without.complete) == ((NO_FILE,), Evidence(), False)
    assert (unnamed.notes, unnamed.evidence) == ((NO_PRODUCT,), Evidence())

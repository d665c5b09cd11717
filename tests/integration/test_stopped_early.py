"""Asking less never makes a verdict better: what a budget, a window or a worried auditor left out is not passed."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.cli.assembly import Assembly, assemble
from auditor.engine.run import assess_audit
from auditor.engine.saved import SavedFile, with_saved
from auditor.model.assessment import HostAssessment, Outcome
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Cause, Evidence, Unknown
from auditor.model.facts import Setting
from auditor.model.verdict import Status
from auditor.reports.evidence_file import Stored, read_evidence

BUNDLE = Path(__file__).parents[2] / "samples" / "demo-bundle" / "evidence.jsonl"
GOOD = (
    b"HTTP Mode: Off", b"HTTPS Mode: On", b"Telnet Mode: Off", b"TelnetChallenge Mode: Off", b"FTP Mode: Off",
    b"SNMP Mode: Off", b"SSH Mode: On", b"HTTPS VerifyServerCertificate: On", b"NTP Mode: Manual",
    b'NTP Address: "ntp.example.test"', b"ExternalManager Protocol: HTTPS",
    b'ExternalManager Address: "tms.example.test"', b"ExternalServices Mode: Off",
    b"CorporateDirectory Mode: Off",
)  # fmt: skip
STOPPED = Unknown(Cause.STOPPED, "not asked, stopped: error budget used up: 6 requests in a row brought no answer")


@cache
def stored() -> Stored:
    """Return the evidence of the demonstration fleet, with settings read from its systems."""
    return read_evidence(BUNDLE)


@cache
def assembly() -> Assembly:
    """Return the program as installed."""
    return assemble()


@cache
def whole(number: int) -> HostAssessment:
    """Judge one host of the fleet by everything that was seen of it."""
    return judged(stored().hosts[number])


def judged(host: HostEvidence) -> HostAssessment:
    """Judge one host alone."""
    head, parts = stored().head, assembly()
    alone = replace(head, inventory=replace(head.inventory, targets=(host.target,)))
    (made,) = assess_audit(
        alone, [host], stored().end, controls=parts.controls, profiles=parts.profiles, catalogue_digest=""
    ).hosts  # fmt: skip
    return made


def stopped(host: HostEvidence, after: int) -> HostEvidence:
    """Return the host as it would stand in the evidence if it had been asked so many questions only."""
    made = host.evidence.observations
    left = tuple(replace(o, outcome=STOPPED) for o in made[after:])
    return replace(host, evidence=Evidence((*made[:after], *left)), complete=False, notes=("Stopped: …",))


def met(host: HostAssessment) -> set[str]:
    """Return the controls that are met."""
    return {finding.control for finding in host.findings if finding.status is Status.MET}


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_a_host_that_was_asked_less_is_never_judged_better(data: st.DataObject) -> None:
    """Wherever the asking ended: no level gained, no control met that was not met before, no target reached."""
    number = data.draw(st.integers(0, len(stored().hosts) - 1))
    host = stored().hosts[number]
    after = data.draw(st.integers(0, len(host.evidence.observations)))
    less, more = judged(stopped(host, after)), whole(number)
    assert (less.score.proven or 0) <= (more.score.proven or 0)
    assert met(less) <= met(more)
    if more.outcome is not Outcome.MEETS:
        assert less.outcome is not Outcome.MEETS


def test_a_file_does_not_make_up_for_settings_that_were_left_out() -> None:
    """An old file that says only good things: what the host would have told is not known, and not passed."""
    good = b"".join(b"*c xConfiguration " + words + b"\r\n" for words in GOOD) + b"\r\nOK\r\n"
    changed = 0
    for number, host in enumerate(stored().hosts):
        places = [n for n, made in enumerate(host.evidence.observations) if made.asks is Setting]
        if host.product != "mxp" or not places:
            continue
        less = stopped(host, places[0])
        file = SavedFile(path="old.txt", data=good, changed_at=host.started_at - timedelta(days=900))
        profile = assembly().profiles[host.product]
        made, _ = with_saved(less.evidence.observations, file, profile, started_at=host.started_at)
        filled = judged(replace(less, evidence=Evidence(made)))
        assert met(filled) <= met(whole(number)), host.target.name
        changed += len(made) - len(less.evidence.observations)
    assert changed > 10


def test_the_sample_holds_hosts_for_which_it_matters() -> None:
    """The property would hold of hosts that pass nothing."""
    levels = {whole(number).score.proven for number in range(len(stored().hosts))}
    assert {1, 3, 4} <= levels
    assert any(len(met(whole(number))) > 15 for number in range(len(stored().hosts)))


def test_a_right_clock_does_not_make_up_for_what_the_device_was_not_asked() -> None:
    """It says of itself that it is not synchronised: whoever stops before asking must not call it met."""
    number = next(n for n, host in enumerate(stored().hosts) if host.target.name == "rm131")
    host = stored().hosts[number]
    after = next(n for n, made in enumerate(host.evidence.observations) if made.id == "time/sync")
    status = {f.control: f.status for f in judged(stopped(host, after)).findings}
    assert {f.control: f.status for f in whole(number).findings}["prerequisites.ntp"] is Status.NOT_MET
    assert status["prerequisites.ntp"] is Status.UNDETERMINED

"""Every example gives the verdict that it promises, and every verdict keeps the rules that all verdicts have."""

import pytest

from auditor.model.control import Need
from auditor.model.evidence import AnyObservation, Evidence, Unknown
from auditor.model.verdict import Met, status_of
from checks import CONTROLS
from tests.checks.access.examples import EXAMPLES as ACCESS
from tests.checks.certificates.examples import EXAMPLES as CERTIFICATES
from tests.checks.clients.examples import EXAMPLES as CLIENTS
from tests.checks.evidence import Example, context, control, http, judge, roots, telnet
from tests.checks.prerequisites.examples import EXAMPLES as PREREQUISITES
from tests.checks.services.examples import EXAMPLES as SERVICES
from tests.checks.software.examples import EXAMPLES as SOFTWARE
from tests.checks.ssh.examples import EXAMPLES as SSH
from tests.checks.tls.examples import EXAMPLES as TLS
from tests.checks.tms.examples import EXAMPLES as TMS
from tests.checks.trust.examples import EXAMPLES as TRUST

EXAMPLES: tuple[Example, ...] = (
    *SERVICES, *CLIENTS, *SOFTWARE, *CERTIFICATES, *PREREQUISITES, *TRUST, *TMS, *TLS, *SSH, *ACCESS,
)  # fmt: skip

NEVER_ASKED = "the profile decides: where the service or setting exists, the question concerns the host"
ATTESTED = "the profile decides: a management server always has this setting"
CANNOT_OCCUR = {
    ("services.telnet-off", "not_applicable"): NEVER_ASKED,
    ("services.ftp-off", "not_applicable"): NEVER_ASKED,
    ("services.snmp-off", "not_applicable"): NEVER_ASKED,
    ("services.telnet-challenge-off", "not_applicable"): NEVER_ASKED,
    ("services.http-no-cleartext-password", "not_applicable"): NEVER_ASKED,
    ("services.http-off", "not_applicable"): NEVER_ASKED,
    ("clients.external-manager-https", "not_applicable"): NEVER_ASKED,
    ("clients.external-services-https", "not_applicable"): NEVER_ASKED,
    ("clients.corporate-directory-https", "not_applicable"): NEVER_ASKED,
    ("clients.feedback-https", "not_applicable"): NEVER_ASKED,
    ("clients.verify-server-certificate", "not_applicable"): NEVER_ASKED,
    ("clients.root-list-loaded", "not_applicable"): NEVER_ASKED,
    ("prerequisites.ntp", "not_applicable"): "every host needs the time",
    ("prerequisites.clock", "not_applicable"): "every host has a clock",
    ("prerequisites.dns-server", "not_applicable"): "every host needs DNS",
    ("prerequisites.fqdn", "not_applicable"): "every host needs a name",
    ("access.default-password", "met"): "no password is tried, so nothing shows that it was changed",
    ("access.default-password", "not_applicable"): NEVER_ASKED,
    **{(c.id, "not_applicable"): ATTESTED for c in CONTROLS if c.id.startswith("tms.")},
}
"""Verdicts that a judge never gives, and why."""


def concerns(observation: AnyObservation, need: Need) -> bool:
    """Tell whether a control's need covers this observation."""
    return observation.asks is need.kind and need.subject in {None, observation.subject}


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_example(example: Example) -> None:
    """The judge gives the promised verdict with the promised reason."""
    verdict = judge(example.control, *example.observations, where=example.where)
    assert (status_of(verdict), verdict.because) == (example.status, verdict.because)
    assert example.says in verdict.because


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_verdict_keeps_the_rules(example: Example) -> None:
    """Reasons are sentences, evidence that is named exists, and no doubt is passed over in silence."""
    verdict = judge(example.control, *example.observations, where=example.where)
    by_id: dict[str, list[AnyObservation]] = {}
    for observation in example.observations:
        by_id.setdefault(observation.id, []).append(observation)
    assert verdict.because.endswith(".")
    assert ".." not in verdict.because
    assert all(c.isprintable() for c in verdict.because)
    assert len(verdict.because) < 1000
    assert set(verdict.shown_by) <= set(by_id)
    assert len(set(verdict.shown_by)) == len(verdict.shown_by) or len(by_id) < len(example.observations)
    if isinstance(verdict, Met):
        assert set(verdict.despite) <= set(by_id)
        needed = [o for o in example.observations for n in control(example.control).needs if concerns(o, n)]
        overlooked = {o.id for o in needed if isinstance(o.outcome, Unknown)} - set(verdict.despite)
        assert not overlooked, "the engine would turn this into undetermined"
        required = [n for n in control(example.control).needs if not n.optional]
        assert all(any(concerns(o, n) for o in example.observations) for n in required)


def test_every_verdict_has_an_example() -> None:
    """Each control has an example of each of the four verdicts, or a reason why there is none."""
    shown = {(e.control, e.status) for e in EXAMPLES}
    wanted = {(c.id, s) for c in CONTROLS for s in ("met", "not_met", "undetermined", "not_applicable")}
    assert wanted - shown == set(CANNOT_OCCUR)


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.status == "not_applicable"], ids=str)
def test_not_applicable_is_not_for_want_of_looking(example: Example) -> None:
    """Where a question that a control needs was never asked, not applicable has to show something."""
    verdict = judge(example.control, *example.observations, where=example.where)
    required = [n for n in control(example.control).needs if not n.optional]
    asked = all(any(concerns(o, n) for o in example.observations) for n in required)
    assert asked or verdict.shown_by


@pytest.mark.parametrize("id_", [c.id for c in CONTROLS])
def test_nothing_observed_is_never_a_pass_or_a_breach(id_: str) -> None:
    """A control that was given no evidence at all neither passes nor fails."""
    assert status_of(judge(id_)) in {"undetermined", "not_applicable"}


def test_word_of_a_person_is_marked() -> None:
    """What rests on a statement is marked as attested, and what was observed is not."""
    for example in EXAMPLES:
        verdict = judge(example.control, *example.observations, where=example.where)
        if example.status in {"met", "not_met"}:
            people = {o.id for o in example.observations if o.probe == "attested"}
            stated = bool(set(verdict.shown_by) & people) or example.observations == (roots(1, "stated"),)
            assert getattr(verdict, "attested", None) is stated, str(example)


def test_all_reasons_are_given() -> None:
    """A breach names every reason and shows all of its evidence."""
    pages = (http(401, "basic"), http(200, path="/login/", form=True))
    verdict = judge("services.http-no-cleartext-password", *pages)
    assert "/ by Basic alone, /login/ by a form" in verdict.because
    assert verdict.shown_by == ("get/http/", "get/http/login/")


def test_secrets_of_feedback_addresses_stay_out() -> None:
    """User names, passwords, paths and queries of feedback addresses never reach a reason."""
    example = next(e for e in CLIENTS if e.says == "http://b.test")
    assert not {"bob", "pw", "key"} & set(
        judge(example.control, *example.observations).because.replace(":", " ").split()
    )
    assert "pw" not in judge(example.control, *example.observations).because


def test_judging_is_repeatable() -> None:
    """The same evidence gives the same verdict twice, and evidence that does not concern a control changes nothing."""
    for example in EXAMPLES:
        extra = (
            (*example.observations, telnet("silent")) if example.control.startswith("tms.") else example.observations
        )
        evidence, more = Evidence(example.observations), Evidence(extra)
        judge_ = control(example.control).judge
        assert judge_(evidence, example.where) == judge_(more, example.where) == judge_(evidence, example.where)


def test_context_is_the_device_by_default() -> None:
    """The builder's defaults are what the examples rely on."""
    assert context().target.tms == "manager"

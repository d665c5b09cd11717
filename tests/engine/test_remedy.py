"""The plan: its order, its steps, and the level after each of them."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.engine.remedy import Phase, checked, order, plan_remedy, remedy_of
from auditor.model.assessment import HostAssessment, Score
from auditor.model.evidence import AnyObservation
from auditor.model.facts import Identity
from auditor.model.remedy import HostRemedy, StepKind
from auditor.model.verdict import Status
from checks import CONTROLS
from tests.engine.managed import PROFILES, device, evidence, host_of, opened, page, refused, run_of, server, telnet
from tests.engine.parties import PROTOCOL, REFUSED, VERIFY, observe, roots, setting, stated, tls

GOOD = run_of(device(), server())
CERTIFICATES = next(phase.controls for phase in order().phases if phase.name == "certificates")
LEVEL_CONTROLS = {c.id for c in CONTROLS if c.level is not None}


def plan_of(*changes: AnyObservation, level: int = 4) -> HostRemedy:
    """Plan a device with changes, beside a sound server."""
    run = run_of(device(*changes), server())
    return remedy_of(host_of(run, "rm204"), run.catalogue, level)


def phases(way: HostRemedy) -> list[tuple[str, str]]:
    """Return phase and kind of each step."""
    return [(step.phase, step.kind.value) for step in way.steps]


def test_every_level_and_link_control_has_its_place_in_the_order() -> None:
    """Nothing that holds a host back can fall out of a plan, and the order names nothing that does not exist."""
    placed = [control for phase in order().phases for control in phase.controls]
    assert len(placed) == len(set(placed))
    assert set(placed) <= {c.id for c in CONTROLS}
    assert set(placed) >= LEVEL_CONTROLS
    assert {c.id for c in CONTROLS if c.kind.value in {"link", "lock-down"}} <= set(placed)


def test_every_kind_of_evidence_says_how_to_find_out() -> None:
    """A control that nobody can say how to settle would leave a reader alone."""
    for control in CONTROLS:
        if control.id in LEVEL_CONTROLS or control.kind.value == "link":
            assert any(need.kind.__name__ in order().how for need in control.needs), control.id


def test_every_family_of_devices_knows_how_to_restart() -> None:
    """The guide has each of them restarted at the end."""
    assert set(order().restarts) == {f for f, p in PROFILES.items() if p.role == "device"}


def test_nothing_to_do_is_no_plan() -> None:
    """A fleet at its target has nothing left."""
    plan = plan_remedy(GOOD)
    assert plan.nothing_left
    assert plan.batches == ()
    assert all(way.steps == () for way in plan.hosts)


def test_a_device_from_the_factory() -> None:
    """Telnet and HTTP are on, HTTPS is off: the whole way to Level 4, with one restart at its end."""
    way = plan_of(
        *telnet(), tls(REFUSED), *refused("https", "ssh"), opened("http", 80), page("http", "/", 401),
        *(setting(f"{name}.mode", "On") for name in ("telnet", "http")), setting("https.mode", "Off"),
        setting(PROTOCOL, "HTTP"), setting(VERIFY, "Off"), roots(), setting("ntp.mode", "Off"),
    )  # fmt: skip
    found = phases(way)
    assert found[-1] == ("restart", "restart")
    wanted = ["encrypted-on", "clients", "cleartext-off", "names-and-time", "certificates", "roots", "verify", "links"]
    assert list(dict.fromkeys(name for name, _ in found if name not in {"find-out", "restart"})) == wanted
    assert ("certificates", "find_out") in found, "no certificate can be seen before HTTPS is on"
    assert (way.now.proven, way.now.possible) == (1, 1)
    assert (way.projected.proven, way.projected.possible) == (4, 4)
    text = "\n".join(action.text for step in way.steps for action in step.actions)
    assert "xconfig telnet mode: off" in text
    assert "xcom boot" in text


def test_a_step_below_the_target_is_left_out() -> None:
    """Level 3 needs no certificates, and no links that verify."""
    way = plan_of(*telnet(), setting(VERIFY, "Off"), roots(), level=3)
    assert phases(way) == [("cleartext-off", "change"), ("restart", "restart")]
    assert (way.now.proven, way.projected.proven) == (1, 3)


def test_what_is_not_known_is_found_out_first() -> None:
    """Unless it cannot be known before something is changed."""
    bare = evidence(
        device().target, *(o for o in device().evidence.observations if o.probe not in {"setting", "roots"})
    )
    run = run_of(bare, server())
    way = remedy_of(host_of(run, "rm204"), run.catalogue, 4)
    assert {kind for _, kind in phases(way)} == {"find_out"}
    assert way.steps[0].phase == "find-out"
    action = next(a for a in way.steps[0].actions if a.control == "clients.verify-server-certificate")
    assert action.text.startswith("Give this host credentials or a saved configuration")
    assert (way.now.possible, way.projected.proven) == (4, 4)


def test_a_step_that_raises_nothing_is_marked() -> None:
    """The second of two gaps of one level raises it, the first does not; nor does a restart."""
    way = plan_of(*telnet(), setting(PROTOCOL, "HTTP"))
    marks = {step.phase: step.raises for step in way.steps}
    assert marks["clients"] is False
    assert marks["cleartext-off"] is True
    assert marks["restart"] is False


def test_an_excluded_model_is_told_to_be_out_of_reach() -> None:
    """Nothing brings a model to the target that the guide leaves out, and the plan does not promise it."""
    excluded = Identity(family="mxp", software="L5.1.1", said_by="x", excluded="The guide leaves the 150 MXP out.")
    way = plan_of(observe(Identity, "identity/host", excluded))
    assert way.out_of_reach == "The guide leaves the 150 MXP out."
    assert (way.projected.possible or 0) < 4


def test_an_unreachable_host_has_one_step_and_no_level() -> None:
    """Nothing can be planned for a host that does not answer."""
    run = run_of(evidence(device().target, *refused("https", "ssh", "telnet")), server())
    way = remedy_of(host_of(run, "rm204"), run.catalogue, 4)
    assert [step.kind for step in way.steps] == [StepKind.REACH]
    assert way.projected == Score(proven=None, possible=None)


def test_lock_down_comes_last_and_only_when_asked_for() -> None:
    """It changes no level, and shuts out what cannot do HTTPS."""
    plan = plan_remedy(GOOD, lock_down=True)
    assert not plan.nothing_left
    (way,) = [way for way in plan.hosts if way.steps]
    assert way.host == "manager"
    assert {step.phase for step in way.steps} <= {"lock-down", "find-out"}
    assert not any(step.raises for step in way.steps)


def test_the_same_work_is_put_together() -> None:
    """Devices come before the server's Secure-Only, and each batch names its hosts."""
    run = run_of(
        *(device(setting(PROTOCOL, "HTTP"), name=name) for name in ("rm1", "rm2")), server(stated("secure-only", "no"))
    )
    plan = plan_remedy(run)
    places = {batch.control: batch for batch in plan.batches}
    assert places["clients.external-manager-https"].hosts == ("rm1", "rm2")
    assert places["clients.external-manager-https"].number < places["tms.secure-only"].number
    assert [batch.number for batch in plan.batches] == list(range(1, len(plan.batches) + 1))
    assert len(plan_remedy(run, hosts=["rm1"]).hosts) == 1


def test_a_contradictory_order_is_refused() -> None:
    """A phase before what it needs, or a control in two phases, is a mistake in the data file."""
    first, second = Phase(name="a", title="A", reason="r", controls=("x",)), Phase(name="b", title="B", reason="r")
    checked([first, replace(second, after=("a",))])
    with pytest.raises(ValueError, match="a stands before b"):
        checked([replace(first, after=("b",)), second])
    with pytest.raises(ValueError, match="x stands in two phases"):
        checked([first, replace(second, controls=("x",))])


Verdicts = tuple[int, list[Status]]
VERDICTS = st.tuples(st.integers(0, 1), st.lists(st.sampled_from(Status), min_size=60, max_size=60))
"""Which of the two hosts, and any verdicts at all for its controls."""
LEVELS = st.sampled_from((2, 3, 4))


def assessed(verdicts: Verdicts) -> HostAssessment:
    """Return a device or a server with these verdicts."""
    host = GOOD.hosts[verdicts[0]]
    pairs = zip(host.findings, verdicts[1], strict=False)
    return replace(host, findings=tuple(replace(f, status=status) for f, status in pairs))


@given(verdicts=VERDICTS, level=LEVELS)
def test_the_last_step_projects_the_target_level(verdicts: Verdicts, level: int) -> None:
    """Whatever the findings are, and no step lowers anything on the way."""
    host = assessed(verdicts)
    way = remedy_of(host, CONTROLS, level)
    assert way.projected.proven is not None
    assert way.projected.proven >= level
    assert way.projected.held_back_by == way.projected.doubts == ()
    scores = [way.now, *(step.after for step in way.steps)]
    for before, after in pairwise(scores):
        assert (after.proven or 0) >= (before.proven or 0)
        assert (after.possible or 0) >= (before.possible or 0)
    for step, (before, after) in zip(way.steps, pairwise(scores), strict=True):
        assert step.raises is ((before.proven, before.possible) != (after.proven, after.possible))


@given(verdicts=VERDICTS, level=LEVELS)
def test_no_step_stands_before_its_prerequisite(verdicts: Verdicts, level: int) -> None:
    """Neither on one host nor in the fleet's batches; each open control is settled exactly once."""
    host = assessed(verdicts)
    way = remedy_of(host, CONTROLS, level)
    done: set[str] = set()
    all_phases = [step.phase for step in way.steps]
    for step in way.steps:
        needed = order().before(order().phase(step.phase)) & set(all_phases)
        assert needed <= done | {step.phase}, f"{step.phase} before {needed - done}"
        done.add(step.phase)
    settled = [control for step in way.steps for control in step.controls]
    wanted = {
        f.control
        for f in host.findings
        if f.status in {Status.NOT_MET, Status.UNDETERMINED} and f.level is not None and f.level <= level
    }
    off = any(f.control in {"services.https-on", "tms.https-on"} and f.status is Status.NOT_MET for f in host.findings)
    if off and level == 4:
        wanted |= {f.control for f in host.findings if f.control in CERTIFICATES and f.status is not Status.MET}
    assert len(settled) == len(set(settled))
    assert wanted <= set(settled)
    assert all(c in wanted or c.startswith("trust.") for c in settled)


@given(verdicts=VERDICTS, level=LEVELS)
def test_unknowns_that_rest_on_a_change_come_after_it(verdicts: Verdicts, level: int) -> None:
    """What cannot be found out yet is not asked for first."""
    host = assessed(verdicts)
    way = remedy_of(host, CONTROLS, level)
    changed = [step.phase for step in way.steps if step.kind is StepKind.CHANGE]
    first = next((step for step in way.steps if step.phase == "find-out"), None)
    for control in first.controls if first else ():
        phase = next(p for p in order().phases if control in p.controls)
        assert not order().before(phase) & set(changed)


@given(fleet=st.lists(VERDICTS, min_size=1, max_size=3))
def test_batches_follow_the_order_and_lose_nothing(fleet: list[Verdicts]) -> None:
    """Every action of every host is in exactly one batch, and phases come in their order."""
    named = [replace(h, target=replace(h.target, name=f"h{n}")) for n, h in enumerate(map(assessed, fleet))]
    plan = plan_remedy(replace(GOOD, hosts=tuple(named)))
    places = [p.name for p in order().phases]
    assert [places.index(b.phase) for b in plan.batches] == sorted(places.index(b.phase) for b in plan.batches)
    of_batches = sorted((host, b.phase, b.control) for b in plan.batches for host in b.hosts if b.control)
    of_steps = sorted((way.host, s.phase, c) for way in plan.hosts for s in way.steps for c in s.controls)
    assert of_batches == of_steps

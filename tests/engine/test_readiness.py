"""The readiness checklists: every item of the guide, and how findings fill them in."""

import re
from dataclasses import replace

import pytest

from auditor.engine.readiness import checklists
from auditor.model.assessment import AuditRun, ChecklistItem, ItemState
from auditor.model.facts import Identity, RootList, TimeSync
from checks import CONTROLS
from tests.engine.managed import PROFILES, device, host_of, refused, run_of, server
from tests.engine.parties import OTHER_ROOT, REFUSED, TIMED_OUT, observe, roots, setting, stated, tls

GOOD = run_of(device(), server())
OLD = observe(Identity, "identity/host", Identity(family="mxp", software="F6.3 PAL", said_by="setting"))


def item(run: AuditRun, host: str, number: int) -> ChecklistItem:
    """Return one item of a host's checklist."""
    return host_of(run, host).checklist[number - 1]


def test_every_item_of_the_guides_four_checklists_is_there() -> None:
    """Twelve for each kind of device, five of them without verification; fourteen for the server."""
    counts = {family: (len(items), sum(not i.verify for i in items)) for family, items in checklists().items()}
    assert counts == {"mxp": (12, 5), "mps": (12, 5), "vcs": (12, 5), "tms": (14, 5)}


def test_items_name_controls_that_exist_and_families_that_have_them() -> None:
    """A checklist cannot point at nothing."""
    known = {c.id for c in CONTROLS}
    for family, items in checklists().items():
        for each in items:
            assert set(each.controls) <= known
            assert set(each.covers) <= set(PROFILES[family].controls), f"{family} {each.number}"
            assert set(each.server) <= set(PROFILES["tms"].controls)
            assert each.controls or each.confirm
            assert PROFILES[family].chapter in each.citation.section


def test_profiles_and_checklists_agree() -> None:
    """What a profile says a control covers is what the checklist names."""
    for family, profile in PROFILES.items():
        for control, guidance in profile.controls.items():
            for list_, number in re.findall(r"(\w+) readiness checklist, item (\d+)", guidance.checklist or ""):
                assert control in checklists()[list_.lower()][int(number) - 1].controls, f"{family}: {control}"


def test_a_ready_fleet_is_ready() -> None:
    """Everything that can be seen is met, the rest is left to a person."""
    for host in GOOD.hosts:
        assert {i.state for i in host.checklist} == {ItemState.MET, ItemState.BY_PERSON}
        assert all(i.confirm for i in host.checklist if i.state is ItemState.BY_PERSON)
        assert [i.number for i in host.checklist] == list(range(1, len(host.checklist) + 1))


@pytest.mark.parametrize(
    ("run", "host", "number", "state", "says"),
    [
        (run_of(device(OLD), server()), "rm204", 1, ItemState.NOT_MET, "older than F7.0"),
        (run_of(device(setting("ntp.mode", "Off"), observe(TimeSync, "time/sync", TIMED_OUT)), server()),
         "rm204", 7, ItemState.NOT_MET, "prerequisites.ntp"),
        (run_of(device(roots()), server()), "rm204", 11, ItemState.NOT_MET, "clients.root-list-loaded"),
        (run_of(device(observe(RootList, "roots/loaded", TIMED_OUT)), server()), "rm204", 11,
         ItemState.UNDETERMINED, "clients.root-list-loaded"),
        (run_of(device(), server(stated("fqdn-configured", "no"))), "rm204", 12, ItemState.NOT_MET, "tms.fqdn"),
        (run_of(device(roots(OTHER_ROOT)), server()), "rm204", 12, ItemState.MET, "manager"),
        (run_of(device()), "rm204", 5, ItemState.UNDETERMINED, "not part of this audit"),
        (run_of(device(tls(REFUSED), *refused("https")), server()), "manager", 2, ItemState.NOT_MET,
         "rm204: services.https-on"),
        (run_of(server()), "manager", 6, ItemState.UNDETERMINED, "No capable system"),
        (run_of(device(), server(stated("server-dns", "no"))), "manager", 12, ItemState.NOT_MET, "server-dns"),
    ],
)  # fmt: skip
def test_items(run: AuditRun, host: str, number: int, state: ItemState, says: str) -> None:
    """The worst deciding control decides, of whichever host it is; what only bears on an item does not."""
    found = item(run, host, number)
    assert found.state is state, found.because
    assert says in found.because


def test_an_old_device_does_not_hold_the_server_back() -> None:
    """The server's items speak of capable systems only."""
    run = run_of(device(), device(OLD, tls(REFUSED), *refused("https"), name="old"), server())
    assert item(run, "manager", 2).state is ItemState.MET


def test_without_verification_or_server_the_items_for_them_do_not_apply() -> None:
    """As the guide words it: if using."""
    host = device()
    alone = replace(host, target=replace(host.target, tms=None))
    lower = replace(host, target=replace(host.target, name="low", target_level=3))
    run = run_of(alone, lower, server())
    assert item(run, "rm204", 5).state is ItemState.NOT_APPLICABLE
    assert item(run, "rm204", 12).state is ItemState.NOT_APPLICABLE
    assert {item(run, "low", n).state for n in range(6, 13)} == {ItemState.NOT_APPLICABLE}
    assert item(run, "low", 1).state is ItemState.MET

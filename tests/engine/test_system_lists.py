"""A server's exported list of systems: what it shows against a statement, and what the audit says of coverage."""

from dataclasses import replace

from auditor.model.collected import HostEvidence
from auditor.model.inventory import SystemList
from tests.engine.managed import device, run_of, server, verdict_of
from tests.engine.parties import stated

LISTED = SystemList(path="export.csv", sha256="ab" * 32, systems=40)


def with_list(known: SystemList, *observations: object) -> HostEvidence:
    """Return the server with this list beside it."""
    made = server(*observations)  # type: ignore[arg-type]  # observations
    return replace(made, target=replace(made.target, system_list=known))


def judged(known: SystemList, *observations: object) -> tuple[str, str]:
    """Return the verdict on tracking by hostname."""
    return verdict_of(run_of(device(), with_list(known, *observations)), "manager", "tms.systems-by-hostname")


def test_a_system_tracked_by_address_wins_over_the_statement() -> None:
    """Whatever a person has signed, and also where nobody has."""
    known = replace(LISTED, by_address=("rm1 (192.0.2.1)", "rm2\x1b[31m"))
    for said in ((stated("systems-by-hostname"),), (stated("systems-by-hostname", days=-1),), ()):
        status, because = judged(known, *said)
        assert status == "not_met"
        assert "shows 2 of 40 tracked by an address: rm1 (192.0.2.1), rm2?[31m." in because


def test_a_list_that_shows_hostnames_proves_nothing() -> None:
    """The statement is still needed, and stands."""
    assert judged(LISTED, stated("systems-by-hostname", days=-1))[0] == "undetermined"
    assert judged(LISTED, stated("systems-by-hostname"))[0] == "met"


def test_other_controls_are_not_touched() -> None:
    """The list speaks of one statement only."""
    plain, listed = (run_of(device(), s) for s in (server(), with_list(replace(LISTED, by_address=("rm1",)))))
    changed = [
        before.control
        for before, after in zip(plain.hosts[1].findings, listed.hosts[1].findings, strict=True)
        if before.status != after.status
    ]
    assert changed == ["tms.systems-by-hostname"]


def test_what_the_inventory_lacks_is_said_of_the_audit() -> None:
    """Named, as far as there is room, counted, and escaped."""
    missing = tuple(f"sys{n}" for n in range(7))
    known = replace(LISTED, not_in_inventory=missing, not_listed=("rm204",), tracking_not_shown=3)
    notes = run_of(device(), with_list(known)).notes
    assert len(notes) == 3
    assert notes[0].startswith("Not in the inventory, so not audited: 7 of the 40 systems in manager's list export.csv")
    assert notes[0].endswith("sys0, sys1, sys2, sys3, sys4 and 2 more.")
    assert "In the inventory, but not in manager's list of systems: rm204." in notes
    assert notes[2].startswith("How it is tracked is not shown for 3 of the 40 systems")
    assert run_of(device(), with_list(LISTED)).notes[0].startswith("The inventory has every one of the 40 systems")
    assert run_of(device(), server()).notes == ()

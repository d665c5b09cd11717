"""Which controls hold the most hosts back: where one repair helps many."""

from dataclasses import dataclass

from auditor.model.assessment import AuditRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdback:
    """One control and the hosts (by name, in inventory order) that it keeps from their target.

    `breached` failed it; on `in_doubt` it could not be judged.
    """

    control: str
    title: str
    level: int | None
    breached: tuple[str, ...]
    in_doubt: tuple[str, ...]


def holdbacks(run: AuditRun) -> tuple[Holdback, ...]:
    """Return every control that holds a host back or leaves it in doubt, the most widespread breach first."""
    titles = {control.id: (control.title, control.level) for control in run.catalogue}
    breached: dict[str, list[str]] = {}
    in_doubt: dict[str, list[str]] = {}
    for host in run.hosts:
        titles |= {f.control: (f.title, f.level) for f in host.findings if f.control not in titles}
        for table, controls in ((breached, host.score.held_back_by), (in_doubt, host.score.doubts)):
            for control in controls:
                table.setdefault(control, []).append(host.target.name)
    rows = [
        Holdback(
            control=control,
            title=titles.get(control, (control, None))[0],
            level=titles.get(control, (control, None))[1],
            breached=tuple(breached.get(control, ())),
            in_doubt=tuple(in_doubt.get(control, ())),
        )
        for control in {**breached, **in_doubt}
    ]
    return tuple(sorted(rows, key=lambda r: (-len(r.breached), -len(r.in_doubt), r.level or 0, r.control)))

"""What is to be said of an audit that was interrupted and went on: when it worked, and what may be missing. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from auditor.model.collected import AuditHead, Resumption


def audit_id(head: AuditHead, resumed: Sequence[Resumption]) -> str:
    """Return the audit's identifier, with how often it was resumed behind it.

    What was reported of it when it was interrupted may stand elsewhere; the whole audit is not taken for that.
    """
    return f"{head.id}+{len(resumed)}" if resumed else head.id


def periods(head: AuditHead, resumed: Sequence[Resumption], finished_at: datetime) -> tuple[str, ...]:
    """Return sentences about the periods of an audit; none where it was never interrupted."""
    return tuple(_sentences(head, resumed, finished_at))


def clock_of(head: AuditHead, resumed: Sequence[Resumption]) -> tuple[str, tuple[str, ...]]:
    """Return why our own clock cannot be relied on (empty: it can), and a sentence for each check of it.

    A doubt in one period is a doubt about the audit: nothing says which host's times come from it.
    """
    clocks = (head.clock, *(each.clock for each in resumed))
    checks = [clock for clock in clocks if clock is not None]
    doubt = next((check.doubt for check in checks if check.doubt), "")
    return doubt, tuple(dict.fromkeys(check.doubt or check.words for check in checks))


def most_at_once(head: AuditHead, resumed: Sequence[Resumption]) -> int:
    """Return how many hosts were asked at once at most, in whichever period."""
    wanted = head.inventory.settings.hosts_at_once
    return max(number or wanted for number in _lowered(head, resumed))


def fewer_at_once(head: AuditHead, resumed: Sequence[Resumption]) -> tuple[str, ...]:
    """Say where fewer hosts were asked at once than were wanted, because this machine could not more."""
    wanted = head.inventory.settings.hosts_at_once
    lowered = {number for number in _lowered(head, resumed) if number is not None}
    return tuple(
        f"The machine that asked permitted too few open files for {wanted} hosts at once: at most {number} "
        f"{'was' if number == 1 else 'were'} asked at once{' in a part of the audit' if resumed else ''}. Nothing was "
        "left out for it."
        for number in sorted(lowered)
    )


def _lowered(head: AuditHead, resumed: Sequence[Resumption]) -> tuple[int | None, ...]:
    return (head.hosts_at_once, *(each.hosts_at_once for each in resumed))


def _sentences(head: AuditHead, resumed: Sequence[Resumption], finished_at: datetime) -> Iterator[str]:
    if not resumed:
        return
    begun = (head.started_at, *(each.at for each in resumed))
    ended = (*(each.stopped_at for each in resumed), finished_at)
    spans = "; ".join(f"{_time(start)} to {_time(stop)}" for start, stop in zip(begun, ended, strict=True))
    yield f"This audit was interrupted and resumed. It was at work in {len(begun)} periods (UTC): {spans}."
    for each in resumed:
        if each.again:
            yield f"Resumed at {_time(each.at)}: {_asked_again(each.again)}."
        if each.requests_lost:
            yield (
                f"What ended the audit before {_time(each.at)} left it no time to say so: requests that were under way "
                "then may be missing from the transcript."
            )
        if each.inventory_digest:
            yield (
                f"At {_time(each.at)} the inventory's file had changed, with the operator's leave, in nothing on which "
                f"this audit rests; its SHA-256 was then {each.inventory_digest}."
            )


def _asked_again(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
    return f"{shown} {'was' if len(names) == 1 else 'were'} asked again, because what they had said was not complete"


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%SZ")

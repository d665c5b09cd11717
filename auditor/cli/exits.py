"""Exit codes, each with one meaning (product.md section 5). Scripts and timers rely on them."""

from enum import IntEnum

from auditor.model.assessment import AuditRun, Outcome


class Exit(IntEnum):
    """How a command ended."""

    MEETS = 0
    MISSES = 1
    USAGE = 2
    INCONCLUSIVE = 3
    FAULT = 4
    VERIFICATION_FAILED = 5
    INTERRUPTED = 130


def exit_code(run: AuditRun, *, interrupted: bool = False, accept_waived: bool = False) -> Exit:
    """Return the code of an audit: interrupted, then faults of ours, then misses, then what is not known.

    A miss that waivers accept is a miss all the same, unless `accept_waived` says that it is to count as meeting.
    """
    outcomes = {Outcome.MEETS if accept_waived and host.accepted else host.outcome for host in run.hosts}
    if interrupted:
        return Exit.INTERRUPTED
    if run.tool_faults or run.requests_refused or any(f.fault for host in run.hosts for f in host.findings):
        return Exit.FAULT
    if Outcome.MISSES in outcomes:
        return Exit.MISSES
    return Exit.MEETS if outcomes == {Outcome.MEETS} else Exit.INCONCLUSIVE

"""Waivers as `audit.json` gives them: an object beside the verdict, and what is wrong with any waiver."""

from typing import TypedDict

from auditor.model.assessment import AuditRun
from auditor.model.waiver import AppliedWaiver
from auditor.reports.instant import rfc3339


class WaiverView(TypedDict):
    """The waiver that covers a finding at the audit's time."""

    id: str
    reason: str
    owner: str
    approver: str
    created: str
    expires: str
    scope: str


class WaiverProblemView(TypedDict):
    """One thing that is wrong with a waiver."""

    waiver: str
    kind: str
    message: str


def waiver_view(waiver: AppliedWaiver | None) -> WaiverView | None:
    """Return the contract's view of a waiver, None where no waiver covers the finding."""
    if waiver is None:
        return None
    return {
        "id": waiver.id,
        "reason": waiver.reason,
        "owner": waiver.owner,
        "approver": waiver.approver,
        "created": rfc3339(waiver.created),
        "expires": rfc3339(waiver.expires),
        "scope": waiver.scope,
    }


def waiver_problems(run: AuditRun) -> list[WaiverProblemView]:
    """Return what is wrong with the waivers of a run, in their order."""
    return [{"waiver": p.waiver, "kind": p.kind, "message": p.message} for p in run.waiver_problems]

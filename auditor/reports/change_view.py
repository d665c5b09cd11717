"""What is new in an audit, as machine formats say it: of one finding, and of the whole with what was left out."""

import json
from typing import TypedDict

from auditor.model.assessment import AuditRun
from auditor.model.changes import ChangeKind, Changes, FindingChange
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import shown

FILE_NAME = "changes.json"
"""The summary as a file, beside formats that have no place for it."""


class ChangeView(TypedDict):
    """What is new about a finding: the kind of change, the verdict before, and when it was first seen."""

    kind: str
    before: str | None
    first_seen: str | None


class ChangesView(TypedDict):
    """What is new in an audit and what was left out. `standing` were not met, and nobody has seen them since."""

    audit: str
    since: str
    since_at: str
    complete: bool
    given: int
    first: int
    opened: int
    changed: int
    resolved: int
    left_out_unchanged: int
    hosts_not_reached: list[str]
    hosts_not_listed: list[str]
    hosts_not_looked_at: list[str]
    standing: int
    not_judged: int
    faults: int


def change_view(change: FindingChange | None) -> ChangeView | None:
    """Return what is new about a finding, None where nothing is compared."""
    if change is None:
        return None
    return {
        "kind": change.kind.value,
        "before": change.before.value if change.before else None,
        "first_seen": rfc3339(change.first_seen) if change.first_seen else None,
    }


def changes_view(run: AuditRun) -> ChangesView | None:
    """Return what is new in a run, None where nothing is compared."""
    changes = run.changes
    if changes is None:
        return None
    return {
        "audit": run.id,
        "since": changes.since,
        "since_at": rfc3339(changes.since_at),
        "complete": run.complete,
        "given": len(changes.findings),
        "first": changes.count(ChangeKind.FIRST),
        "opened": changes.count(ChangeKind.OPENED),
        "changed": changes.count(ChangeKind.CHANGED),
        "resolved": changes.count(ChangeKind.RESOLVED),
        "left_out_unchanged": changes.unchanged,
        "hosts_not_reached": list(changes.not_reached),
        "hosts_not_listed": list(changes.not_listed),
        "hosts_not_looked_at": list(run.not_looked_at),
        "standing": changes.standing,
        "not_judged": changes.not_judged,
        "faults": changes.faults,
    }


def sentence(changes: Changes) -> str:
    """Say for a person what is new and what was left out."""
    resolved = changes.count(ChangeKind.RESOLVED)
    since = f"audit {changes.since} of {rfc3339(changes.since_at)}"
    said = [f"{len(changes.findings)} findings are new or changed since {since} ({resolved} of them resolved)."]
    said.append(f"{changes.unchanged} unchanged ones are left out.")
    if changes.not_reached:
        said.append(f"{len(changes.not_reached)} hosts were not reached: nothing new is known of them.")
    if changes.not_listed:
        said.append(f"{len(changes.not_listed)} hosts of earlier audits are not in this one.")
    if changes.standing:
        said.append(f"{changes.standing} requirements that these hosts did not meet are not over.")
    if changes.not_judged:
        said.append(f"{changes.not_judged} requirements that were not met are not judged any more.")
    if changes.faults:
        said.append(f"{changes.faults} verdicts are missing because of faults of the auditor.")
    return " ".join(said)


def changes_file(run: AuditRun) -> bytes:
    """Return the summary as a JSON file, in ASCII, every text visible."""
    return json.dumps(shown(changes_view(run)), ensure_ascii=True, allow_nan=False, indent=1).encode() + b"\n"

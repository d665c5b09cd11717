"""Small snapshots for the tests of history and comparison."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from auditor.model.snapshot import CertificateFacts, HostFacts, HostState, ServiceState, Snapshot, Verdict
from auditor.model.verdict import Status

START = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)

MET, NOT_MET, UNKNOWN, BESIDE = Status.MET, Status.NOT_MET, Status.UNDETERMINED, Status.NOT_APPLICABLE


def verdict(status: Status, because: str = "", *, waiver: str | None = None, fault: bool = False) -> Verdict:
    """Return a verdict of a Level 2 control, with one line of evidence."""
    said = because or f"It is {status.value}."
    return Verdict(status=status, level=2, because=said, evidence=(f"port/telnet: {said}",), waiver=waiver, fault=fault)


def facts(**changes: object) -> HostFacts:
    """Return the facts of a host; `changes` replace them."""
    plain: dict[str, object] = {
        "product": "mxp",
        "address": "192.0.2.21",
        "software": "F7.1",
        "services": {"telnet": ServiceState(port=23, transport="tcp", state="closed")},
        "certificates": {"443": certificate("a")},
        "others": {"setting telnet.mode": "Off"},
        **changes,
    }
    return HostFacts(**plain)  # type: ignore[arg-type] # a test's short spelling


def certificate(name: str, serial: str = "1F") -> CertificateFacts:
    """Return a certificate told by one letter."""
    return CertificateFacts(
        sha256=name * 64, subject=f"CN={name}.example.test", issuer="CN=Root", serial=serial,
        not_after=START + timedelta(days=365),
    )  # fmt: skip


def host(
    name: str,
    verdicts: Mapping[str, Verdict],
    *,
    reached: bool = True,
    outcome: str = "meets",
    level: tuple[int | None, int | None] = (3, 3),
    accepted: bool = False,
    shown: HostFacts | None = None,
    target_level: int = 3,
) -> HostState:
    """Return a host."""
    return HostState(
        name=name,
        outcome=outcome if reached else "unreachable",
        reached=reached,
        target_level=target_level,
        proven=level[0] if reached else None,
        possible=level[1] if reached else None,
        accepted=accepted,
        facts=shown or facts(),
        verdicts=verdicts,
        because="" if reached else "No answer.",
    )


def snapshot(number: int, *hosts: HostState, complete: bool = True, catalogue: str = "c" * 64) -> Snapshot:
    """Return the audit of a day; `number` is the day, and tells its identifier."""
    return Snapshot(
        audit=f"audit-{number:04}",
        started_at=START + timedelta(days=number),
        finished_at=START + timedelta(days=number, hours=1),
        complete=complete,
        tool_version="0.1",
        catalogue_digest=catalogue,
        inventory_digest="i" * 64,
        hosts={each.name: each for each in hosts},
    )

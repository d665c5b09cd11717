"""Everything that was collected to one `AuditRun`, the same for an audit that has just ended and for a replay. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from auditor.engine.assess import Bench, shared_keys
from auditor.engine.attest import by_host
from auditor.engine.causes import group_causes
from auditor.engine.certificates import fleet_certificates
from auditor.engine.fleet import assess_fleet
from auditor.engine.interpret import Trust
from auditor.engine.periods import audit_id, clock_of, fewer_at_once, most_at_once, periods
from auditor.engine.plan import profile_of
from auditor.engine.revocation import operator_lists
from auditor.engine.system_lists import list_notes
from auditor.engine.waive import waive
from auditor.model.assessment import AuditRun, Pacing
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence, Resumption
from auditor.model.control import Control
from auditor.model.evidence import Evidence
from auditor.model.inventory import Target
from auditor.model.profile import Profile
from auditor.trust import Anchors

NOT_LOOKED_AT = "Not looked at: the audit ended before this host's turn."
MOST_SITES = 20
"""Sites that a note names one by one."""


def assess_audit(
    head: AuditHead,
    hosts: Sequence[HostEvidence],
    end: AuditEnd | None,
    *,
    controls: Sequence[Control],
    profiles: Mapping[str, Profile],
    catalogue_digest: str,
    resumed: Sequence[Resumption] = (),
) -> AuditRun:
    """Judge all hosts of an audit, in the inventory's order; those that nobody looked at are in it, and say so.

    `end` None means that the audit was killed: it then counts as incomplete, and the last host's time is its end.
    `resumed` are the times at which it went on after it had been interrupted.
    """
    found = {host.target.name: host for host in hosts}
    anchors = Anchors.of(der for roots in head.inventory.settings.roots for der in roots.certificates)
    crls, notes = operator_lists(head.inventory.settings, end.lists if end else ())
    pool = tuple(der for file in head.inventory.settings.intermediates for der in file.certificates)
    trust = Trust.under(head.inventory.policy, anchors, head.started_at, crls=crls, pool=pool)
    doubt, clock_notes = clock_of(head, resumed)
    trust = replace(trust, clock_doubt=doubt, resumed=tuple(each.at for each in resumed))
    notes = (*clock_notes, *fewer_at_once(head, resumed), *notes)
    notes = (*notes, *list_notes(head.inventory.targets), *(end.notes if end else ()))
    bench = Bench(
        controls=controls,
        profiles=profiles,
        policy=head.inventory.policy,
        trust=trust,
        shared_keys=shared_keys(hosts),
        attestations=by_host(head.inventory.attestations),
    )
    because = end.not_asked if end else {}
    fleet = assess_fleet(
        [
            found.get(target.name) or _not_looked_at(target, head, profiles, because.get(target.name, NOT_LOOKED_AT))
            for target in head.inventory.targets
        ],
        bench,
    )
    left_out = {target.name for target in head.inventory.targets if target.name not in found}
    unasked = {host.target.name for host in hosts if not host.complete and not host.evidence.observations}
    last = max((host.finished_at for host in hosts), default=head.started_at)
    finished_at = end.finished_at if end else last
    notes = (*_elsewhere(head), *periods(head, resumed, finished_at), *notes)
    run = AuditRun(
        id=audit_id(head, resumed),
        tool_version=head.tool_version,
        started_at=head.started_at,
        finished_at=finished_at,
        complete=bool(end and end.complete and not left_out),
        policy=head.inventory.policy,
        catalogue=tuple(controls),
        catalogue_digest=catalogue_digest,
        inventory_digest=head.inventory.digest,
        inventory_source=head.inventory.source,
        hosts=fleet.hosts,
        links=fleet.links,
        link_causes=group_causes(fleet.links),
        tool_faults=tuple(fault for host in hosts for fault in host.faults) + (end.faults if end else ()),
        not_looked_at=tuple(t.name for t in head.inventory.targets if t.name in unasked or t.name in left_out),
        pace=_pace(head, end, resumed),
        versions=head.versions,
        requests_made=end.requests_made if end else 0,
        requests_refused=end.requests_refused if end else 0,
        notes=notes,
        certificates=fleet_certificates(
            fleet.hosts,
            profiles,
            at=head.started_at,
            minimum_bits=head.inventory.policy.minimum_key_bits,
            next_audit_days=head.inventory.settings.next_audit_days,
        ),
    )
    return waive(run, head.inventory.waivers)


def _pace(head: AuditHead, end: AuditEnd | None, resumed: Sequence[Resumption]) -> Pacing | None:
    """Return how gently the fleet was asked; None where nothing was: an offline audit."""
    settings = head.inventory.settings
    if end and not end.requests_made and not settings.politeness.windows:
        return None
    return Pacing(politeness=settings.politeness, hosts_at_once=None if head.sites else most_at_once(head, resumed))


def _elsewhere(head: AuditHead) -> tuple[str, ...]:
    """Say whose collectors were to ask, where this machine did not."""
    if not head.sites:
        return ()
    more = f" and {len(head.sites) - MOST_SITES} more" if len(head.sites) > MOST_SITES else ""
    whose = f"{'site' if len(head.sites) == 1 else 'sites'} {', '.join(head.sites[:MOST_SITES])}{more}"
    return (f"Asking was left to collectors ({whose}), each with its own setting of how many hosts at once.",)


def _not_looked_at(target: Target, head: AuditHead, profiles: Mapping[str, Profile], because: str) -> HostEvidence:
    return HostEvidence(
        target=target,
        product=profile_of(target, profiles).family,
        address=target.address,
        evidence=Evidence(),
        started_at=head.started_at,
        finished_at=head.started_at,
        complete=False,
        notes=(because,),
    )

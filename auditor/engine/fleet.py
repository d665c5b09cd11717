"""All hosts of an audit judged together: links first, then devices, then the servers that manage them. Pure.

A device's own controls need its server's evidence for the link between them; a server's need what its devices showed.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from auditor.engine.assess import Bench, assess, known_of
from auditor.engine.contradictions import contradiction_observations, contradictions
from auditor.engine.interactions import Managed, interactions
from auditor.engine.links import judge_links, link_observations, link_of
from auditor.engine.readiness import checklist_of
from auditor.engine.system_lists import list_observations
from auditor.engine.trial import Party
from auditor.model.assessment import HostAssessment, Link
from auditor.model.collected import HostEvidence

SERVER = "server"
"""The role of families that manage others."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The assessed hosts, in the order given, and the links between them."""

    hosts: tuple[HostAssessment, ...]
    links: tuple[Link, ...]


def assess_fleet(hosts: Sequence[HostEvidence], bench: Bench) -> Fleet:
    """Judge and score every host, and every link between a device and its management server."""
    known = {host.target.name: known_of(host, bench) for host in hosts}
    parties = {
        host.target.name: Party(
            target=host.target, profile=bench.profiles[host.product], evidence=known[host.target.name],
            address=host.address, judged_at=bench.trust.at_host(host),
        )
        for host in hosts
    }  # fmt: skip
    sides = judge_links(parties, bench.policy, bench.trust)
    links = {name: link_of(name, both) for name, both in sides.items()}
    assessed: dict[str, HostAssessment] = {}
    devices: dict[str, list[HostAssessment]] = defaultdict(list)
    for host in hosts:
        name = host.target.name
        if bench.profiles[host.product].role != SERVER:
            own = known[name].plus(link_observations(sides.get(name, ()), bench.trust.at))
            assessed[name] = assess(host, bench, own)
            devices[host.target.tms or ""].append(assessed[name])
    for host in hosts:
        name = host.target.name
        if bench.profiles[host.product].role == SERVER:
            against = contradictions(devices[name], bench.profiles)
            own = known[name].plus(contradiction_observations(against, bench.trust.at))
            own = own.plus(list_observations(host.target, bench.trust.at))
            assessed[name] = _with_table(assess(host, bench, own), devices[name], links, bench)
    complete = (_with_checklist(assessed[host.target.name], assessed, devices) for host in hosts)
    return Fleet(hosts=tuple(complete), links=tuple(links.values()))


def _with_table(
    server: HostAssessment, devices: Sequence[HostAssessment], links: dict[str, Link], bench: Bench
) -> HostAssessment:
    managed = Managed(
        server=server,
        devices=[(device, bench.profiles[device.product]) for device in devices],
        links=[links[device.target.name] for device in devices],
        policy=bench.policy,
    )
    return replace(server, interactions=interactions(managed))


def _with_checklist(
    host: HostAssessment, assessed: dict[str, HostAssessment], devices: dict[str, list[HostAssessment]]
) -> HostAssessment:
    server = assessed.get(host.target.tms) if host.target.tms else None
    return replace(host, checklist=checklist_of(host, server, devices.get(host.target.name, ())))

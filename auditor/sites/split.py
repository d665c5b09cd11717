"""An inventory, split into the jobs of each site. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from uuid import UUID

from auditor.model.inventory import Inventory, Settings, Target
from auditor.sites.ticket import Ticket


class SplitError(ValueError):
    """Hosts belong to no site that is configured. `problems` holds a sentence for each."""

    def __init__(self, problems: Sequence[str]) -> None:
        """Keep the sentences."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Split:
    """Which site each host belongs to, by the hosts' names, and the tickets of each site."""

    site_of: Mapping[str, str]
    tickets: Mapping[str, tuple[Ticket, ...]]


def split(
    inventory: Inventory,
    run: UUID,
    called: Mapping[str, str],
    *,
    hosts_per_job: int,
    without_site: str | None = None,
) -> Split:
    """Split an inventory into jobs of at most `hosts_per_job` hosts, all of a site about the same size.

    `called` gives the site of the database for each site as the inventory calls it. A host of a site that is not in it
    has nobody to ask it, and neither has one without a site, unless `without_site` names who does: then nothing is
    split and `SplitError` names every such host, as it is better to hear of it now than in the report.

    Sites know nothing of each other, so each gets its part of the requests per second that may be made over all.
    """
    site_of: dict[str, str] = {}
    problems: list[str] = []
    for target in inventory.targets:
        site = without_site if target.site is None else called.get(target.site)
        if site is not None:
            site_of[target.name] = site
        elif target.site is None:
            problems.append(f"{target.name} has no site, and 'hosts_without_site' does not say who asks it")
        else:
            problems.append(f"{target.name} belongs to the site {target.site!r}, which is not among 'sites'")
    if problems:
        raise SplitError(problems)
    members: dict[str, list[Target]] = {}
    for target in inventory.targets:
        members.setdefault(site_of[target.name], []).append(target)
    settings = _part_of(inventory.settings, len(members))
    tickets = {
        site: tuple(Ticket.of(run, number, part, settings) for number, part in enumerate(_parts(hosts, hosts_per_job)))
        for site, hosts in members.items()
    }
    return Split(site_of, tickets)


def _part_of(settings: Settings, sites: int) -> Settings:
    rate = settings.politeness.requests_per_second
    if rate is None or sites < 2:
        return settings
    return replace(settings, politeness=replace(settings.politeness, requests_per_second=rate / sites))


def _parts(hosts: Sequence[Target], most: int) -> list[Sequence[Target]]:
    number = -(-len(hosts) // most)
    edges = [len(hosts) * part // number for part in range(number + 1)]
    return [hosts[start:end] for start, end in pairwise(edges)]

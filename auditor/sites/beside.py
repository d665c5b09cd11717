"""Who is asked beside the hosts (resolvers, databases, time servers), and what a collector may not ask. Pure.

Each collector's own file says which networks it may ask, and the centre does not know them. So the centre says before
an audit what it wants to be asked, and after it what was not.
"""

from collections.abc import Iterator, Mapping, Sequence

from auditor.model.inventory import Inventory

MOST_NAMED = 5
"""Addresses and hosts that a sentence names one by one."""


def asked_beside(inventory: Inventory) -> tuple[str, ...]:
    """Return a sentence for each kind of server that collectors are to ask beside the hosts."""
    return tuple(_wanted(inventory))


def beyond_words(site: str, hosts: Mapping[str, int]) -> str:
    """Return what is to be said of addresses that a site's collectors were not allowed to ask, each for some hosts."""
    most = max(hosts.values())
    number = "1 host" if most == 1 else f"{most} hosts" if len(hosts) == 1 else f"up to {most} hosts each"
    return (
        f"Outside the networks that the collectors of the site {site} may ask: {_some(sorted(hosts))}. Nothing was "
        f"sent there, and what would have been learnt there of {number} was not looked at."
    )


def _wanted(inventory: Inventory) -> Iterator[str]:
    unless = "Where one is outside a collector's own networks, which are not known here, nothing is sent there"
    if servers := inventory.settings.dns_servers:
        yield (
            f"Resolvers of the inventory, which every collector asks in place of its own: {_some(servers)}. {unless}, "
            "and what names would tell is not looked at."
        )
    if databases := [target.name for target in inventory.targets if target.database is not None]:
        yield f"Database hosts are asked too, those of {_some(databases)}. {unless}, and it is not looked at."
    if inventory.settings.ask_ntp_servers:
        yield f"Time servers that devices have configured are asked too. {unless}, and it is not looked at."


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more

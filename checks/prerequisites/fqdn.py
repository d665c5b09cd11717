"""Level 4: the host has a full name, and DNS knows it."""

import ipaddress

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import NameLookup
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict


@control(
    "prerequisites.fqdn",
    title="The host name is fully qualified and leads to this host",
    level=4,
    needs=(Need(NameLookup, "forward"),),
    method="Asks DNS for the host name of the inventory and compares the answer with the address that was audited.",
    blind_spots="Asks the resolvers that the inventory names; other parts of the network may get other answers. Where "
    "the inventory gives no address, the audited address itself came from this lookup.",
    section="Readiness Checklist, additional items for verified certificates",
)
def fqdn(evidence: Evidence, context: Context) -> Verdict:
    """Certificates vouch for a name, so others have to reach the system by exactly that name.

    A full name that DNS resolves to the system's address is the ground on which every name check stands.
    """
    hostname, address = context.target.hostname, context.target.address
    lookup = evidence.one(NameLookup, "forward")
    if not hostname:
        return Undetermined("The inventory gives no host name, so none was looked up.")
    if lookup is None:
        return Undetermined(f"The name {hostname} was not looked up.")
    if isinstance(lookup.outcome, Unknown):
        return Undetermined(f"The name {hostname} could not be looked up: {lookup.outcome.detail}", (lookup.id,))
    reasons = []
    if _number(hostname) is not None:
        reasons.append(f"{hostname} is an address and not a name")
    elif "." not in hostname.rstrip("."):
        reasons.append(f"{hostname} is not fully qualified")
    if isinstance(lookup.outcome, Absent):
        reasons.append(f"DNS does not know {hostname} ({lookup.outcome.reason.rstrip('.')})")
    found = lookup.fact.addresses if lookup.fact else ()
    if found and address and _plain(address) not in {_plain(a) for a in found}:
        reasons.append(f"DNS leads {hostname} to {', '.join(found)} and not to {address}")
    if lookup.fact and not found:
        reasons.append(f"DNS gives no address for {hostname}")
    if reasons:
        return NotMet(f"{'; '.join(reasons)}.", (lookup.id,))
    return Met(f"DNS leads {hostname} to {', '.join(found)}.", (lookup.id,))


def _number(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Return the IP address that this text is, or None."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


def _plain(address: str) -> str:
    """Return one spelling for one address."""
    return str(_number(address) or address.casefold())

"""Level 4: servers are addressed by name."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence, Observation
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotApplicable, NotMet, Verdict

from ._settings import host_of, is_disabled, is_ip, is_off, missing, read, value

_MANAGER = "externalmanager.address"
_OTHERS = {
    "clients.external-services-https": ("externalservices.address", "externalservices.mode"),
    "clients.corporate-directory-https": ("corporatedirectory.address", "corporatedirectory.mode"),
}


@control(
    "clients.addresses-are-hostnames",
    title="Every configured server address is a name",
    level=4,
    needs=(Need(Setting, _MANAGER),),
    method="Reads the server addresses of all clients that the family has. The value that disables a client, and the "
    "address of a client that is off, are left out.",
    blind_spots="Does not resolve the names. An address that DHCP will hand out later is not seen.",
    section="Additional Settings Required for VerifyServerCertificate",
)
def addresses_are_hostnames(evidence: Evidence, context: Context) -> Verdict:
    """Certificates name a host, and verification compares that name with the address that was configured.

    With an IP address there is nothing to compare, so verification fails or has to stay off.
    """
    clients = {_MANAGER: None} | dict(pair for id_, pair in _OTHERS.items() if id_ in context.profile.controls)
    in_use = [path for path, mode in clients.items() if mode is None or not is_off(evidence, mode)]
    addresses = {path: address for path in in_use if (address := value(evidence, path)) is not None}
    numeric = {p: a for p, a in addresses.items() if is_ip(host_of(a)) and not is_disabled(a)}
    if numeric:
        said = ", ".join(f"{path} is {address:.80}" for path, address in numeric.items())
        return NotMet(f"Servers are addressed by number: {said}.", _ids(read(evidence, *numeric)))
    told = {o.subject for o in read(evidence, *in_use) if o.fact is not None or isinstance(o.outcome, Absent)}
    unread = [path for path in in_use if path not in told]
    if unread:
        return missing(evidence, *unread)
    named = {path: address for path, address in addresses.items() if address and not is_disabled(address)}
    if not named:
        return NotApplicable("No server address is configured: every client is off.", _ids(read(evidence, *in_use)))
    despite = tuple(o.id for path in clients for o in evidence.gaps(Setting, path))
    said = ", ".join(f"{path} is {address:.80}" for path, address in named.items())
    return Met(f"Every configured server has a name: {said}.", _ids(read(evidence, *named)), despite)


def _ids(observations: tuple[Observation[Setting], ...]) -> tuple[str, ...]:
    """Return the identifiers."""
    return tuple(o.id for o in observations)

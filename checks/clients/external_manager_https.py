"""Level 3: the external manager is reached over HTTPS."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotMet, Verdict

from ._settings import gaps, is_disabled, missing, read, value

_ADDRESS, _PROTOCOL = "externalmanager.address", "externalmanager.protocol"


@control(
    "clients.external-manager-https",
    title="The external manager is reached over HTTPS",
    level=3,
    needs=(Need(Setting, _PROTOCOL, optional=True), Need(Setting, _ADDRESS, optional=True)),
    method="Reads the external manager's protocol and address from the system or from a saved configuration.",
    blind_spots="Reads the setting, not the traffic. An empty address can be filled by DHCP or by the management "
    "server at any time, so the protocol counts then.",
    section="HTTPS for External Services",
)
def external_manager_https(evidence: Evidence, context: Context) -> Verdict:
    """By itself the system reports to its management server, and by default it does so over plain HTTP.

    What it sends then can be read and changed underway. With HTTPS as the protocol the system never falls back to HTTP.
    The guide's way to switch this client off is to point it at the system itself.
    """
    protocol, address = value(evidence, _PROTOCOL), value(evidence, _ADDRESS)
    ids, unread = tuple(o.id for o in read(evidence, _PROTOCOL, _ADDRESS)), gaps(evidence, _PROTOCOL, _ADDRESS)
    if protocol is not None and protocol.casefold() == "https":
        return Met("The external manager's protocol is HTTPS.", ids, unread)
    if address and is_disabled(address):
        return Met(f"The external manager is disabled: its address is {address:.80}.", ids, unread)
    if address is None:
        return missing(evidence, _PROTOCOL, _ADDRESS)
    if protocol is not None:
        where = f"its address is {address:.80}" if address else "its address is empty and may be filled by DHCP"
        return NotMet(f"The external manager's protocol is {protocol:.20}, and {where}.", ids)
    if any(isinstance(o.outcome, Absent) for o in evidence.observed(Setting, _PROTOCOL)):
        return NotMet("This software has no setting by which the external manager could use HTTPS.", ids)
    return missing(evidence, _PROTOCOL, _ADDRESS)

"""Level 3: external services use HTTPS or are off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Setting
from auditor.model.verdict import Verdict

from ._settings import judge_client

_MODE, _PROTOCOL = "externalservices.mode", "externalservices.protocol"


@control(
    "clients.external-services-https",
    title="External services use HTTPS or are off",
    level=3,
    needs=(Need(Setting, _MODE, optional=True), Need(Setting, _PROTOCOL, optional=True)),
    method="Reads the mode and the protocol of the client from the system or from a saved configuration.",
    blind_spots="Reads the setting, not the traffic. Says nothing of what the server would accept.",
    section="HTTPS for External Services",
)
def external_services_https(evidence: Evidence, context: Context) -> Verdict:
    """External services fetch pages and menus for the people in the room, by default over plain HTTP.

    Whoever can change that traffic decides what they see and call. With HTTPS the system never falls back to HTTP.
    """
    return judge_client(evidence, "External services", _MODE, _PROTOCOL)

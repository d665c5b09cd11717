"""Level 3: the corporate directory is read over HTTPS or is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Setting
from auditor.model.verdict import Verdict

from ._settings import judge_client

_MODE, _PROTOCOL = "corporatedirectory.mode", "corporatedirectory.protocol"


@control(
    "clients.corporate-directory-https",
    title="The corporate directory is read over HTTPS or is off",
    level=3,
    needs=(Need(Setting, _MODE, optional=True), Need(Setting, _PROTOCOL, optional=True)),
    method="Reads the mode and the protocol of the client from the system or from a saved configuration.",
    blind_spots="Reads the setting, not the traffic. Says nothing of what the server would accept.",
    section="HTTPS for External Services",
)
def corporate_directory_https(evidence: Evidence, context: Context) -> Verdict:
    """Corporate directories deliver names and numbers of people, by default over plain HTTP.

    A listener learns them, and whoever can change them lets a call go to another place.
    """
    return judge_client(evidence, "Corporate directory", _MODE, _PROTOCOL)

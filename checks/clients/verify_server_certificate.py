"""Level 4: the host verifies the certificates of servers."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotMet, Verdict

from ._settings import is_off, missing, read, value

_PATH = "https.verifyservercertificate"
_CONTESTED = "verify_mode_contested"


@control(
    "clients.verify-server-certificate",
    title="Certificates of servers are verified",
    level=4,
    needs=(Need(Setting, _PATH),),
    method="Reads the verify mode from the system or from a saved configuration. The policy switch vcs_verify_mode "
    "decides for the family whose Level 4 steps contradict the definition of Level 4.",
    blind_spots="Reads the setting only. Whether the system then refuses a bad certificate is not tried out.",
    section="Verify Server Certificates Mode",
)
def verify_server_certificate(evidence: Evidence, context: Context) -> Verdict:
    """With verification off, the system takes any certificate and talks to whoever presents it.

    The conversation is encrypted, but perhaps with an impostor: that is the difference between Level 3 and Level 4.
    """
    ids = tuple(o.id for o in read(evidence, _PATH))
    off = is_off(evidence, _PATH)
    if off is None:
        if any(isinstance(o.outcome, Absent) for o in evidence.observed(Setting, _PATH)):
            return NotMet("The system has no setting to verify certificates of servers, so it does not.", ids)
        return missing(evidence, _PATH)
    if not off and (value(evidence, _PATH) or "").casefold() == "on":
        return Met("Verification of server certificates is on.", ids)
    if off and context.policy.vcs_verify_mode == "off" and context.profile.capabilities.get(_CONTESTED, False):
        return Met("Verification is off, as the guide's steps for this family say and this policy allows.", ids)
    return NotMet(f"Verification of server certificates is set to {(value(evidence, _PATH) or 'nothing'):.20}.", ids)

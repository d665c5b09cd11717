"""Link: the management server accepts the device's certificate."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.link import TMS_TO_DEVICE, JudgedLink
from auditor.model.verdict import Verdict

from ._side import judge_side


@control(
    "trust.tms-accepts-device",
    title="The management server verifies and accepts the device's certificate",
    kind=Kind.LINK,
    needs=(Need(JudgedLink, TMS_TO_DEVICE, optional=True),),
    method="Judges the certificate that this device presents as the management server does: with the server's roots, "
    "under the name by which it tracks the device, at the server's clock, with verification as the operator states.",
    blind_spots="No connection is made from the server. Its roots, its verify mode and how it tracks systems are the "
    "operator's statements, since no read-only view shows them.",
    section="Secure-Only Option in TMS Administrative Tools, Verify Certificates",
)
def tms_accepts_device(evidence: Evidence, context: Context) -> Verdict:
    """Level 4 needs both ends: the management server has to refuse a device that it cannot verify.

    It can do so only with verification on, with the right roots, and with the device tracked by its host name. A device
    that does not pass gets a ticket, and the server talks to it no more.
    """
    return judge_side(evidence, TMS_TO_DEVICE, context.target.tms)

"""Link: the device accepts the management server's certificate."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.link import DEVICE_TO_TMS, JudgedLink
from auditor.model.verdict import Verdict

from ._side import judge_side


@control(
    "trust.device-accepts-tms",
    title="The device verifies and accepts the management server's certificate",
    kind=Kind.LINK,
    needs=(Need(JudgedLink, DEVICE_TO_TMS, optional=True),),
    method="Judges the certificate that the management server presents as this device does: with the roots that are "
    "loaded on it, under the address that it has configured, at its own clock, with its verify mode.",
    blind_spots="No connection is made from the device. Roots may be the operator's statement. What lies between the "
    "two on the network is not seen: the auditor may have been shown another certificate than the device is.",
    section="Secure Management Features, Verify Server Certificates Mode",
)
def device_accepts_tms(evidence: Evidence, context: Context) -> Verdict:
    """Level 4 needs both ends: the device has to refuse a management server that it cannot verify.

    It can do so only with verification on, with the right roots, and with the server's name as the address. Where the
    server does not pass, the device breaks off, and nobody manages it any more.
    """
    return judge_side(evidence, DEVICE_TO_TMS, context.target.tms)

"""Examples of the verdicts of `trust.*`."""

from auditor.model.certificate import ProblemKind
from tests.checks.evidence import REFUSED, chain, context, not_applicable, not_met, roots, setting, tls, undetermined

DEVICE, SERVER = "trust.device-accepts-tms", "trust.tms-accepts-device"
PATH = "https.verifyservercertificate"
ALONE = context(tms=None)

EXAMPLES = (
    not_met(DEVICE, setting(PATH, "Off"), roots(0), says="does not verify certificates of servers; no root"),
    not_met(DEVICE, roots(REFUSED)),
    undetermined(DEVICE, setting(PATH, "On"), roots(2), says="manager"),
    undetermined(DEVICE),
    not_applicable(DEVICE, where=ALONE),
    not_met(SERVER, chain(ProblemKind.EXPIRED)),
    not_met(SERVER, tls(REFUSED)),
    undetermined(SERVER, chain()),
    undetermined(SERVER, chain(ProblemKind.ISSUER_UNKNOWN), says="roots"),
    not_applicable(SERVER, chain(), where=ALONE),
)

"""Link: the management server accepts the device's certificate."""

from auditor.model.certificate import JudgedChain, ProblemKind
from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import TlsFace
from auditor.model.verdict import NotApplicable, NotMet, Undetermined, Verdict

_REFUSED_BY_ALL = (
    ProblemKind.NO_CERTIFICATE,
    ProblemKind.BAD_SIGNATURE,
    ProblemKind.EXPIRED,
    ProblemKind.NOT_YET_VALID,
    ProblemKind.MALFORMED_DATE,
)


@control(
    "trust.tms-accepts-device",
    title="The management server verifies and accepts the device's certificate",
    kind=Kind.LINK,
    needs=(Need(JudgedChain, optional=True),),
    method="Looks for faults of the device's certificate that every verifying party refuses, whatever roots it has. "
    "Judging it with the server's own roots needs both parties' evidence.",
    blind_spots="The server's roots, its settings and the name under which it tracks the device are not part of this "
    "host's evidence, so from here the link can fail but cannot be shown to hold.",
    section="Secure-Only Option in TMS Administrative Tools, Verify Certificates",
)
def tms_accepts_device(evidence: Evidence, context: Context) -> Verdict:
    """Level 4 needs both ends: the management server has to refuse a device that it cannot verify.

    It can do so only with verification on, with the right roots, and with the device tracked by its host name.
    """
    if context.target.tms is None:
        return NotApplicable("The inventory names no management server for this device.")
    chains = [(o, o.fact.report.has(*_REFUSED_BY_ALL)) for o in evidence.observed(JudgedChain) if o.fact is not None]
    faulty = [(o, problems) for o, problems in chains if problems]
    if faulty:
        said = "; ".join(dict.fromkeys(_printable(p.detail) for _, problems in faulty for p in problems))
        return NotMet(f"Every verifying server refuses this certificate: {said}.", tuple(o.id for o, _ in faulty))
    refused = tuple(o.id for o in evidence.observed(TlsFace) if isinstance(o.outcome, Absent))
    if refused and not chains:
        return NotMet("The device offers no TLS service, so it shows the server no certificate.", refused)
    because = f"Needs this device's certificate judged with the roots and by the settings of {context.target.tms}."
    return Undetermined(because, tuple(o.id for o, _ in chains))


def _printable(detail: str) -> str:
    """Replace control characters: names in certificates are chosen by strangers."""
    return "".join(c if c.isprintable() else "?" for c in detail).rstrip(".")[:300]

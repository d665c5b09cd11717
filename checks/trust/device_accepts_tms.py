"""Link: the device accepts the management server's certificate."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence
from auditor.model.facts import RootList, Setting
from auditor.model.verdict import NotApplicable, NotMet, Undetermined, Verdict

_VERIFY = "https.verifyservercertificate"


@control(
    "trust.device-accepts-tms",
    title="The device verifies and accepts the management server's certificate",
    kind=Kind.LINK,
    needs=(Need(Setting, _VERIFY, optional=True), Need(RootList, "loaded", optional=True)),
    method="Looks at the device's side of the link: is verification on, and are roots loaded? Judging the server's "
    "certificate with these roots needs both parties' evidence.",
    blind_spots="The server's certificate is not part of this host's evidence, so from here the link can fail but "
    "cannot be shown to hold.",
    section="Secure Management Features, Verify Server Certificates Mode",
)
def device_accepts_tms(evidence: Evidence, context: Context) -> Verdict:
    """Level 4 needs both ends: the device has to refuse a management server that it cannot verify.

    It can do so only with verification on, with the right roots, and with the server's name as the address.
    """
    if context.target.tms is None:
        return NotApplicable("The inventory names no management server for this device.")
    verify, roots = evidence.one(Setting, _VERIFY), evidence.one(RootList, "loaded")
    breaches: dict[str, str] = {}
    if verify and verify.fact and verify.fact.value.strip().strip('"').casefold() == "off":
        breaches[verify.id] = "the device does not verify certificates of servers"
    if roots and (isinstance(roots.outcome, Absent) or (roots.fact and not roots.fact.certificates)):
        breaches[roots.id] = "no root certificate is loaded on the device"
    if breaches:
        return NotMet(f"{'; '.join(breaches.values())}.", tuple(breaches))
    shown = tuple(o.id for o in (verify, roots) if o is not None)
    return Undetermined(
        f"Needs the certificate of {context.target.tms} judged with the roots that are loaded on this device.", shown
    )

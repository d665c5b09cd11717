"""A small catalogue for report tests: real-looking controls whose judges are never called."""

from dataclasses import dataclass

from auditor.model.control import Context, Control, Kind
from auditor.model.evidence import Evidence
from auditor.model.verdict import Undetermined, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a finding of one control needs beside its verdict."""

    title: str
    kind: Kind
    level: int | None
    section: str
    step: str
    remediation: str
    checklist: str | None


def _never(evidence: Evidence, context: Context) -> Verdict:
    del evidence, context
    return Undetermined(because="reports never judge")


WORDS: dict[str, Words] = {
    "services.telnet-off": Words(
        title="Plain Telnet is switched off", kind=Kind.LEVEL, level=2, section="MXP Level 2", step="step 2",
        remediation="Read with: xconfiguration telnet mode\n\nWrite with: xconfiguration telnet mode: off",
        checklist="2 Telnet is off",
    ),
    "services.ftp-off": Words(
        title="FTP is switched off", kind=Kind.LEVEL, level=2, section="MXP Level 2", step="step 3",
        remediation="Write with: xconfiguration ftp mode: off", checklist="3 FTP is off",
    ),
    "services.http-off": Words(
        title="HTTP is switched off", kind=Kind.LEVEL, level=3, section="MXP Level 3", step="step 6",
        remediation="Switch HTTPS on first, then HTTP off, and restart the system.", checklist="4 HTTPS only",
    ),
    "services.https-on": Words(
        title="HTTPS is switched on", kind=Kind.LEVEL, level=3, section="MXP Level 3", step="step 1",
        remediation="Write with: xconfiguration https mode: on", checklist="4 HTTPS only",
    ),
    "certificates.in-date": Words(
        title="Every certificate of the path is within its dates", kind=Kind.LEVEL, level=4, section="MXP Level 4",
        step="step 4", remediation="Have a new certificate issued and upload it.", checklist="10 Own certificate",
    ),
    "clients.verify-server-certificate": Words(
        title="The system verifies the certificates of its servers", kind=Kind.LEVEL, level=4, section="MXP Level 4",
        step="step 16", remediation="Switch certificate verification on after the root list is loaded.",
        checklist="12 Verification on",
    ),
    "trust.device-accepts-tms": Words(
        title="The system accepts its management server", kind=Kind.LINK, level=None, section="MXP Level 4",
        step="step 17", remediation="Load the root of the management server's issuer.", checklist=None,
    ),
    "tms.http-refused": Words(
        title="The management server refuses HTTP", kind=Kind.LOCK_DOWN, level=None, section="TMS lock-down",
        step="step 1", remediation="Require SSL for the site.", checklist=None,
    ),
    "certificates.key-strength": Words(
        title="Keys are long enough for today", kind=Kind.ADVISORY, level=None, section="not in the guide", step="",
        remediation="Use RSA with 2048 bits or more.", checklist=None,
    ),
}  # fmt: skip

CATALOGUE: tuple[Control, ...] = tuple(
    Control(
        id=id_,
        title=words.title,
        kind=words.kind,
        level=words.level,
        needs=(),
        rationale="Whoever can listen on the network between a person and the system reads what passes in clear.\n\n"
        "A password that was read once opens every system that shares it.",
        method="The port is tried from outside, and the setting is read where a login was given.",
        blind_spots="A firewall between the auditor and the system hides an open port.",
        section=words.section,
        judge=_never,
    )
    for id_, words in WORDS.items()
)

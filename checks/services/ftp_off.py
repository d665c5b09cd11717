"""Level 2: FTP is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import FtpGreeting, OpenService, Setting
from auditor.model.verdict import Verdict

from ._off import judge_off


@control(
    "services.ftp-off",
    title="FTP is off",
    level=2,
    needs=(Need(OpenService, "ftp"), Need(Setting, "ftp.mode", optional=True)),
    method="Connects to the FTP port and reads the reply to the connection; no login is tried. Where settings can be "
    "read, the FTP mode is read as well.",
    blind_spots="A port that is filtered between the auditor and the host may be open for others. FTP on a port that "
    "the profile does not name is not looked for.",
    section="2 Technology Introduction – Security Levels",
)
def ftp_off(evidence: Evidence, context: Context) -> Verdict:
    """FTP sends the password and every file in clear text.

    These systems accept any user name with the one administration password, so a listener gains full control.
    Firmware and settings travel the same way and can be changed underway.
    """
    seen_at = evidence.observed(OpenService, "ftp")
    return judge_off(evidence, "FTP", seen_at, "ftp.mode", evidence.observed(FtpGreeting))

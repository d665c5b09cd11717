"""How grave a breach of a control is, for systems that sort by severity. It is never derived from the level.

A level says what the guide asks for; severity says what somebody on the network gains by the breach. The guide rates
nothing, so this table is ours: critical gives the device away as it is; high exposes a password or lets somebody pose
as the other party; medium takes away one of several barriers; low is preparation and hygiene.
"""

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType

from auditor.model.assessment import Finding
from auditor.model.verdict import Status


class Severity(IntEnum):
    """Five steps, numbered as OCSF's `severity_id`."""

    INFORMATIONAL = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def caption(self) -> str:
        """The word that OCSF gives for the number, e.g. `High`."""
        return self.name.capitalize()


_CRITICAL = ("access.default-password",)
_HIGH = (
    "services.telnet-off", "services.ftp-off", "services.snmp-off", "services.http-no-cleartext-password",
    "services.https-on", "services.http-basic-offered", "software.supports-secure-management",
    "certificates.complete", "certificates.trusted", "certificates.own", "certificates.not-revoked",
    "clients.verify-server-certificate", "trust.device-accepts-tms", "trust.tms-accepts-device",
    "tms.https-on", "tms.verify-certificates", "ssh.protocol-1",
)  # fmt: skip
_MEDIUM = (
    "services.http-off", "services.telnet-challenge-off", "services.no-other-management-service",
    "services.ssh-at-level-4", "clients.external-manager-https", "clients.external-services-https",
    "clients.corporate-directory-https", "clients.feedback-https", "clients.root-list-loaded",
    "certificates.in-date", "certificates.name-matches", "certificates.server-purpose", "certificates.key-strength",
    "certificates.signature-algorithm", "tls.protocol-version", "tls.weak-cipher", "ssh.weak-algorithms",
    "access.strict-password", "tms.secure-only", "tms.http-refused", "tms.integrations-https",
    "tms.database-encrypted",
)  # fmt: skip
_LOW = (
    "certificates.expires-soon", "clients.addresses-are-hostnames", "prerequisites.ntp", "prerequisites.clock",
    "prerequisites.dns-server", "prerequisites.fqdn", "tms.fqdn-configured", "tms.systems-by-hostname",
    "tms.server-dns", "tms.server-time", "tms.override-dns-off", "tms.one-name-for-all", "tms.snmp-scan-off",
    "tms.snmp-broadcast-disabled", "tms.open-tickets",
)  # fmt: skip

SEVERITIES: Mapping[str, Severity] = MappingProxyType(
    {
        **dict.fromkeys(_CRITICAL, Severity.CRITICAL),
        **dict.fromkeys(_HIGH, Severity.HIGH),
        **dict.fromkeys(_MEDIUM, Severity.MEDIUM),
        **dict.fromkeys(_LOW, Severity.LOW),
    }
)
"""Control → severity of its breach."""


def severity_of(finding: Finding) -> Severity:
    """Return the severity of a verdict: the control's for a breach (medium where it is not rated).

    What could not be told is low: it asks for work, and is no proof of anything. The rest is informational.
    """
    if finding.status is Status.NOT_MET:
        return SEVERITIES.get(finding.control, Severity.MEDIUM)
    return Severity.LOW if finding.status is Status.UNDETERMINED else Severity.INFORMATIONAL

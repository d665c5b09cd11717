"""MXP endpoints of the demonstration fleet: hardened ones, one for each way of failing a level that the guide names."""

from auditor.demo.device import DeviceSpec, Truth
from auditor.demo.hardened import Series, model, settings
from auditor.demo.pki import CertificateKind
from auditor.demo.truths import (
    BASIC_TOO,
    LAX_PASSWORD,
    OLD_SSH,
    POSTED,
    POSTED_IN_CLEAR,
    TMS,
    inside,
    on,
    outside,
)

HTTPS_CLIENTS = {
    "corporatedirectory.address": TMS,
    "corporatedirectory.mode": "On",
    "corporatedirectory.protocol": "HTTPS",
    "externalservices.address": TMS,
    "externalservices.mode": "On",
    "externalservices.protocol": "HTTPS",
}
"""All clients in use, and all over HTTPS."""

WELL = outside(4, also=OLD_SSH)
"""The truth from outside of a system of which nothing bad can be seen from there."""


SERIES = Series(
    model(
        DeviceSpec(
            name="rm", product="mxp", octets=(1, 1), software="F9.1.1 PAL", system_name="", services=(), story="",
            truth=outside(4), truth_with_settings=inside(4), tags=("meeting-room", "hardened"), ssh="old",
            saved="text",
        )
    ),
    first=101,
)  # fmt: skip


def _fails(level: int, *controls: str) -> Truth:
    """Return the truth of a system on which these controls are not met, and that reaches this level all the same."""
    return inside(level, *controls, also=OLD_SSH)


SERVICES = (
    SERIES.system(
        112, "A hardened MXP on which Telnet was left on.",
        outside(1, "services.telnet-off", also=OLD_SSH), _fails(1, "services.telnet-off"),
        services=on("https", "ssh", "telnet"),
    ),
    SERIES.system(
        113, "A hardened MXP on which FTP was left on.",
        outside(1, "services.ftp-off", also=OLD_SSH), _fails(1, "services.ftp-off"),
        services=on("https", "ssh", "ftp"),
    ),
    SERIES.system(
        114, "A hardened MXP on which SNMP was left on, if only for reading.",
        outside(1, "services.snmp-off", also=OLD_SSH), _fails(1, "services.snmp-off"),
        services=on("https", "ssh", "snmp"), changed=settings({"snmp.mode": "ReadOnly"}),
    ),
    SERIES.system(
        115, "A hardened MXP on which Telnet challenge was left on.",
        outside(2, "services.telnet-challenge-off", also=OLD_SSH), _fails(2, "services.telnet-challenge-off"),
        services=on("https", "ssh", "telnet-challenge"),
    ),
    SERIES.system(
        116, "A hardened MXP on which HTTP was left on.",
        outside(2, "services.http-off", also=BASIC_TOO | OLD_SSH),
        inside(2, "services.http-off", also=BASIC_TOO | OLD_SSH), services=on("https", "ssh", "http"),
    ),
    SERIES.system(
        117, "A hardened MXP on which HTTPS was never switched on: SSH is the only way in.",
        outside(2, "services.https-on", also=OLD_SSH), _fails(2, "services.https-on"), services=on("ssh"),
    ),
    SERIES.system(
        118, "An MXP whose Telnet was switched off; it answers until the next restart.",
        outside(1, "services.telnet-off", also=OLD_SSH), _fails(1, "services.telnet-off"),
        services=on("https", "ssh", "telnet"), changed=settings({"telnet.mode": "Off"}),
    ),
    SERIES.system(
        119, "An MXP whose Telnet was switched on; it is silent until the next restart.",
        WELL, _fails(1, "services.telnet-off"), changed=settings({"telnet.mode": "On"}),
    ),
)  # fmt: skip

CLIENTS = (
    SERIES.system(
        120, "A hardened MXP that talks to its management server over HTTP.",
        WELL, _fails(2, "clients.external-manager-https"), changed=settings({"externalmanager.protocol": "HTTP"}),
    ),
    SERIES.system(
        121, "A hardened MXP whose external services are fetched over HTTP.",
        WELL, _fails(2, "clients.external-services-https"),
        changed=settings({**HTTPS_CLIENTS, "externalservices.protocol": "HTTP"}),
    ),
    SERIES.system(
        122, "A hardened MXP whose corporate directory is read over HTTP.",
        WELL, _fails(2, "clients.corporate-directory-https"),
        changed=settings({**HTTPS_CLIENTS, "corporatedirectory.protocol": "HTTP"}),
    ),
    SERIES.system(
        123, "A hardened MXP with a feedback address that begins with http.",
        WELL, _fails(2, "clients.feedback-https"), feedback=(POSTED, POSTED_IN_CLEAR),
    ),
    SERIES.system(
        124, "A hardened MXP whose software shows no list of feedback addresses.",
        WELL, inside(2, possible=4, also=OLD_SSH), feedback=None,
    ),
    SERIES.system(
        125, "An MXP at Level 3: it takes any certificate.",
        WELL, _fails(3, "clients.verify-server-certificate"),
        changed=settings({**HTTPS_CLIENTS, "https.verifyservercertificate": "Off"}),
    ),
    SERIES.system(
        126, "An MXP that verifies certificates, with no roots to verify them by.",
        WELL, _fails(3, "clients.root-list-loaded"), roots="none",
    ),
    SERIES.system(
        127, "An MXP whose manager is set as an IP address, which no certificate can match.",
        WELL, _fails(3, "clients.addresses-are-hostnames"), changed=settings({"externalmanager.address": "192.0.2.10"}),
    ),
    SERIES.system(
        128, "An MXP at Level 4 by itself, whose roots do not include the management server's.",
        WELL, inside(4, also=OLD_SSH), roots="maker",
    ),
)  # fmt: skip

PREREQUISITES = (
    SERIES.system(
        130, "An MXP with NTP switched off.",
        WELL, _fails(3, "prerequisites.ntp"), changed=settings({"ntp.mode": "Off"}),
    ),
    SERIES.system(
        131, "An MXP whose NTP server does not answer.",
        WELL, _fails(3, "prerequisites.ntp"), ntp_answers=False,
    ),
    SERIES.system(
        132, "An MXP whose clock is an hour behind, and whose NTP server does not answer.",
        outside(3, "prerequisites.clock", also=OLD_SSH), _fails(3, "prerequisites.clock", "prerequisites.ntp"),
        clock_ahead=-3600, ntp_answers=False,
    ),
    SERIES.system(
        133, "An MXP without a DNS server.",
        WELL, _fails(3, "prerequisites.dns-server"), changed=settings({"dns.server": ""}),
    ),
    SERIES.system(
        134, "An MXP that is known by a short name, not a fully qualified one.",
        outside(3, "prerequisites.fqdn", also=OLD_SSH), _fails(3, "prerequisites.fqdn"), known_as="rm134",
    ),
)  # fmt: skip

CERTIFICATES = (
    SERIES.system(
        140, "A hardened MXP whose certificate is not valid yet.",
        outside(3, "certificates.in-date", also=OLD_SSH), _fails(3, "certificates.in-date"),
        certificate=CertificateKind.NOT_YET_VALID,
    ),
    SERIES.system(
        141, "A hardened MXP with a certificate from an authority that nobody here knows.",
        outside(3, "certificates.trusted", also=OLD_SSH), _fails(3, "certificates.trusted"),
        certificate=CertificateKind.UNKNOWN_ISSUER,
    ),
    SERIES.system(
        142, "A hardened MXP with a certificate that was made for clients.",
        outside(3, "certificates.server-purpose", also=OLD_SSH), _fails(3, "certificates.server-purpose"),
        certificate=CertificateKind.CLIENT_ONLY,
    ),
)  # fmt: skip

PERFECT = (
    SERIES.system(
        110, "An MXP at Level 4 with every client in use, all of them over HTTPS.",
        WELL, inside(4, also=OLD_SSH), changed=settings(HTTPS_CLIENTS),
    ),
    SERIES.system(
        111, "An MXP at Level 4 by the letter of the guide's profile: HTTPS alone, SSH is off.",
        outside(4), inside(4), services=on("https"), changed=(), feedback=(),
    ),
    SERIES.system(
        135, "An MXP at Level 4 that would take a simple password.",
        WELL, inside(4, also=OLD_SSH | LAX_PASSWORD), changed=settings({"strictpassword": "Off"}),
    ),
)  # fmt: skip

HARDENED: tuple[DeviceSpec, ...] = (*PERFECT, *SERVICES, *CLIENTS, *PREREQUISITES, *CERTIFICATES)

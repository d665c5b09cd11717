"""VCS systems of the demonstration fleet: as they are found, and hardened ones that fail a level by one setting.

These systems show their root list on a web page only, so an audit takes the inventory's word for it.
"""

from auditor.demo.device import DeviceSpec
from auditor.demo.hardened import Series, model, settings
from auditor.demo.pki import CertificateKind
from auditor.demo.truths import (
    FACTORY_FAULTS,
    NEW_TLS,
    OLD_PROTOCOL,
    POSTED_IN_CLEAR,
    UNVERIFIED,
    WEAK,
    inside,
    on,
    outside,
)

AS_FOUND = (
    DeviceSpec(
        name="vcs1", product="vcs", declared="auto", octets=(3, 1), software="X4.2.0", system_name="vcs1",
        services=on("http", "https", "ssh", "snmp"), certificate=CertificateKind.FACTORY, tls=("TLSv1.0", "TLSv1.2"),
        tags=("control",),
        truth=outside(
            1, "services.snmp-off", "services.http-off", *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL
        ),
        truth_with_settings=inside(
            1, "services.snmp-off", "services.http-off", *FACTORY_FAULTS, "clients.external-manager-https", *UNVERIFIED,
            also=WEAK | OLD_PROTOCOL,
        ),
        ssh="newer", roots="maker",
        saved="text",
        story="A VCS as it leaves the factory: HTTP leads to HTTPS, SSH and SNMP are on; the inventory says auto.",
    ),
    DeviceSpec(
        name="vcs2", product="vcs", octets=(3, 2), software="X8.11.4", system_name="vcs2", server_header="CE_C",
        services=on("https", "ssh"), tls=NEW_TLS, tags=("control",), target_level=4,
        truth=outside(4),
        truth_with_settings=inside(4), configured="level-4", roots="fleet", ssh="newer",
        saved="xml",
        story="A hardened VCS with a good certificate.",
    ),
    DeviceSpec(
        name="vcs3", product="vcs", octets=(3, 3), software="X5.1", system_name="vcs3", tags=("control",),
        site="bergen", services=on("https", "ssh"), certificate=CertificateKind.SELF_SIGNED,
        clock_ahead=2 * 86_400, target_level=4,
        truth=outside(3, "certificates.trusted", "certificates.own", "prerequisites.clock"),
        truth_with_settings=inside(
            3, "certificates.trusted", "certificates.own", "prerequisites.clock", "prerequisites.ntp"
        ),
        configured="level-4", roots="fleet", ntp_answers=False, ssh="newer",
        saved="xml",
        story="A VCS with a self-signed certificate and a clock two days ahead.",
    ),
    DeviceSpec(
        name="vcs4", product="vcs", octets=(3, 4), software="X5.2", system_name="vcs4", tags=("control",),
        site="bergen", services=on("http", "https", "ssh"), certificate=CertificateKind.WEAK_KEY,
        truth=outside(2, "services.http-off", also=WEAK),
        truth_with_settings=inside(2, "services.http-off", *UNVERIFIED, also=WEAK), configured="level-3", ssh="newer",
        saved="text",
        story="A VCS with a 1024-bit key whose HTTP port still redirects.",
    ),
    DeviceSpec(
        name="vcs5", product="vcs", octets=(3, 5), software="X8.11.4", system_name="vcs5", tags=("control",),
        services=on("https", "ssh"), certificate=CertificateKind.EXPIRES_SOON, tls=NEW_TLS, target_level=4,
        truth=outside(4, also=frozenset({"certificates.expires-soon"})),
        truth_with_settings=inside(4, also=frozenset({"certificates.expires-soon"})),
        configured="level-4", roots="fleet", ssh="newer", saved="xml",
        story="A hardened VCS whose certificate runs out in less than three weeks.",
    ),
)  # fmt: skip


SERIES = Series(
    model(
        DeviceSpec(
            name="vcs", product="vcs", octets=(3, 1), software="X4.3", system_name="", services=(), story="",
            truth=outside(4), truth_with_settings=inside(4), tags=("control",), ssh="newer", saved="text",
        )
    ),
    first=1,
)  # fmt: skip


BY_SETTINGS = (
    SERIES.system(6, "A VCS at Level 4, managed by a management server.", outside(4), inside(4)),
    SERIES.system(
        7, "A VCS hardened by the Level 3 steps of the guide; the factory certificate is still there.",
        outside(3, *FACTORY_FAULTS, also=WEAK), inside(3, *FACTORY_FAULTS, *UNVERIFIED, also=WEAK),
        certificate=CertificateKind.FACTORY, configured="level-3", changed=(), roots="none", feedback=(),
    ),
    SERIES.system(
        8, "A VCS hardened by the letter of the Level 4 steps, which leave Certificate Verify Mode off.",
        outside(4), inside(3, "clients.verify-server-certificate"),
        changed=(("https.verifyservercertificate", "Off"),),
    ),
    SERIES.system(
        9, "A hardened VCS that talks to its management server over HTTP.",
        outside(4), inside(2, "clients.external-manager-https"),
        changed=settings({"externalmanager.protocol": "HTTP"}),
    ),
    SERIES.system(
        10, "A hardened VCS on which somebody has switched Telnet on, and whose feedback goes out in clear.",
        outside(1, "services.telnet-off"), inside(1, "services.telnet-off", "clients.feedback-https"),
        services=on("https", "ssh", "telnet"), feedback=(POSTED_IN_CLEAR,),
    ),
    SERIES.system(
        12, "A hardened VCS whose certificate was damaged: the signature does not fit.",
        outside(3, "certificates.complete", "certificates.trusted"),
        inside(3, "certificates.complete", "certificates.trusted"), certificate=CertificateKind.DAMAGED,
    ),
    SERIES.system(
        11, "A hardened VCS without a DNS server, whose manager is set as an IP address.",
        outside(4), inside(3, "prerequisites.dns-server", "clients.addresses-are-hostnames"),
        changed=settings({"externalmanager.address": "192.0.2.10", "dns.server": ""}),
    ),
)  # fmt: skip

VCS: tuple[DeviceSpec, ...] = (*AS_FOUND, *BY_SETTINGS)

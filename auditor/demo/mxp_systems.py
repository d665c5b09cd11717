"""MXP endpoints of the demonstration fleet: as they are found in the field."""

from auditor.demo.device import DeviceSpec, NameRecords, Truth
from auditor.demo.pki import CertificateKind
from auditor.demo.truths import (
    BASIC_TOO,
    FACTORY_CLIENTS,
    FACTORY_FAULTS,
    LAX_PASSWORD,
    OLD_PROTOCOL,
    OLD_SSH,
    OLD_TLS,
    UNVERIFIED,
    WEAK,
    inside,
    on,
    outside,
)

AS_FOUND = (
    DeviceSpec(
        name="rm101", product="mxp", octets=(1, 1), software="F7.2 NTSC", system_name="Reception", clock_ahead=None,
        services=on("telnet", "ftp", "http", "snmp"), tags=("meeting-room",), target_level=2,
        truth=outside(
            1, "services.telnet-off", "services.ftp-off", "services.snmp-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        truth_with_settings=inside(
            1, "services.telnet-off", "services.ftp-off", "services.snmp-off", "services.http-off", "services.https-on",
            *FACTORY_CLIENTS, *UNVERIFIED, also=BASIC_TOO | LAX_PASSWORD,
        ),
        certificate=CertificateKind.FACTORY,
        saved="text",
        story="An MXP as it leaves the factory: Telnet, FTP, HTTP and SNMP on, HTTPS off.",
    ),
    DeviceSpec(
        name="rm102", product="mxp", octets=(1, 2), software="F7.2 NTSC", system_name="Project Room", clock_ahead=None,
        services=on("telnet-challenge", "http"), tags=("meeting-room",),
        target_level=2,
        truth=outside(
            2, "services.telnet-challenge-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        truth_with_settings=inside(
            2, "services.telnet-challenge-off", "services.http-off", "services.https-on", *FACTORY_CLIENTS, *UNVERIFIED,
            also=BASIC_TOO | LAX_PASSWORD,
        ),
        certificate=CertificateKind.FACTORY,
        saved="xml",
        story="An MXP at Level 2: passwords are protected by a challenge, everything else is in clear.",
    ),
    DeviceSpec(
        name="rm103", product="mxp", octets=(1, 3), software="F7.3 PAL", system_name="rm103", clock_ahead=None,
        services=on("https", "ssh"), certificate=CertificateKind.FACTORY, tls=OLD_TLS, tags=("meeting-room",),
        truth=outside(3, *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL | OLD_SSH),
        truth_with_settings=inside(3, *FACTORY_FAULTS, *UNVERIFIED, also=WEAK | OLD_PROTOCOL | OLD_SSH),
        configured="level-3", roots="maker", ssh="legacy", saved="text",
        story="An MXP hardened to Level 3 that still shows the certificate it left the factory with.",
    ),
    DeviceSpec(
        name="rm104", product="mxp", octets=(1, 4), software="F9.1.1 PAL", system_name="rm104.vc.example.test",
        services=on("https", "ssh"), tls=OLD_TLS, tags=("boardroom",), target_level=4,
        truth=outside(4, also=OLD_PROTOCOL | OLD_SSH),
        truth_with_settings=inside(4, also=OLD_PROTOCOL | OLD_SSH), configured="level-4", roots="fleet", saved="text",
        story="An MXP with everything right that can be seen from outside, on the only TLS version of its time.",
    ),
    DeviceSpec(
        name="rm105", product="mxp", octets=(1, 5), software="L5.1.1", system_name="Desk 5", clock_ahead=None,
        services=on("telnet", "http"), tags=("personal",),
        truth=Truth(
            proven=1, possible=1, excluded=True, also_not_met=BASIC_TOO,
            held_back_by=frozenset(
                {"services.telnet-off", "services.http-off", "services.https-on", "software.supports-secure-management"}
            ),
        ),
        truth_with_settings=Truth(
            proven=1, possible=1, excluded=True, also_not_met=BASIC_TOO | LAX_PASSWORD,
            held_back_by=frozenset(
                {"services.telnet-off", "services.http-off", "services.https-on", "software.supports-secure-management"}
            )
            | FACTORY_CLIENTS
            | UNVERIFIED,
        ),
        before_https_client=True,
        saved="text",
        story="A 150 MXP, which the guide leaves out altogether.",
    ),
    DeviceSpec(
        name="rm106", product="mxp", declared="auto", octets=(1, 6), software="F6.3 PAL", system_name="Annex",
        clock_ahead=None, services=on("telnet", "http:open", "https:open", "snmp"),
        certificate=CertificateKind.FACTORY, tls=OLD_TLS, site="bergen",
        truth=outside(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "software.supports-secure-management",
            *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL,
        ),
        truth_with_settings=inside(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "software.supports-secure-management",
            *FACTORY_FAULTS, *FACTORY_CLIENTS, *UNVERIFIED, also=WEAK | OLD_PROTOCOL | LAX_PASSWORD,
        ),
        before_https_client=True,
        saved="text",
        story="An MXP whose software is too old for secure management, without a password; the inventory says auto.",
    ),
    DeviceSpec(
        name="rm107", product="mxp", octets=(1, 7), software="F8.2 NTSC", system_name="rm107", site="bergen",
        services=on("https", "ssh"), certificate=CertificateKind.SHARED_KEY, tls=OLD_TLS, target_level=4,
        truth=outside(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        truth_with_settings=inside(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        configured="level-4", roots="fleet",
        saved="xml",
        story="One of two MXPs that were given the same private key.",
    ),
    DeviceSpec(
        name="rm108", product="mxp", octets=(1, 8), software="F8.2 NTSC", system_name="rm108", site="bergen",
        services=on("https", "ssh"), certificate=CertificateKind.SHARED_KEY, tls=OLD_TLS, target_level=4,
        truth=outside(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        truth_with_settings=inside(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        configured="level-4", roots="fleet",
        saved="text",
        story="The other MXP with that key.",
    ),
    DeviceSpec(
        name="rm109", product="mxp", octets=(1, 9), software="F9.0 NTSC", system_name="rm109", site="bergen",
        services=on("https", "ssh"), target_level=4, dns=NameRecords(forward="wrong", reverse="missing"),
        truth=outside(3, "prerequisites.fqdn", also=OLD_SSH),
        truth_with_settings=inside(3, "prerequisites.fqdn", also=OLD_SSH), configured="level-4", roots="fleet",
        saved="text",
        story="An MXP with a good certificate whose name leads to another address in DNS.",
    ),
)  # fmt: skip

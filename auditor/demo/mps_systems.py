"""MPS systems of the demonstration fleet: as they are found, and hardened ones that fail a level by one setting."""

from auditor.demo.device import DeviceSpec
from auditor.demo.hardened import Series, model, settings
from auditor.demo.pki import CertificateKind
from auditor.demo.truths import (
    BASIC_TOO,
    FACTORY_FAULTS,
    OLD_SSH,
    POSTED,
    POSTED_IN_CLEAR,
    UNVERIFIED,
    WEAK,
    inside,
    on,
    outside,
)

AS_FOUND = (
    DeviceSpec(
        name="mps1", product="mps", octets=(2, 1), software="J4.2", system_name="MPS 800 Oslo",
        services=on("telnet", "http", "snmp"), clock_ahead=None, tags=("bridge",),
        truth=outside(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        truth_with_settings=inside(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "services.https-on",
            "clients.external-manager-https", *UNVERIFIED, also=BASIC_TOO,
        ),
        certificate=CertificateKind.FACTORY,
        saved="text",
        story="An MPS as it leaves the factory.",
    ),
    DeviceSpec(
        name="mps2", product="mps", octets=(2, 2), software="J4.4", system_name="mps2", tags=("bridge",),
        services=on("https", "ssh"), certificate=CertificateKind.EXPIRED, target_level=4,
        truth=outside(3, "certificates.in-date", also=OLD_SSH),
        truth_with_settings=inside(3, "certificates.in-date", also=OLD_SSH), configured="level-4", roots="fleet",
        saved="text",
        story="A hardened MPS whose certificate ran out three weeks ago.",
    ),
    DeviceSpec(
        name="mps3", product="mps", octets=(2, 3), software="J4.4", system_name="mps3", tags=("bridge",),
        services=on("https", "ssh"), certificate=CertificateKind.WRONG_NAME, target_level=4,
        truth=outside(3, "certificates.name-matches", also=OLD_SSH),
        truth_with_settings=inside(3, "certificates.name-matches", also=OLD_SSH), configured="level-4", roots="fleet",
        saved="text",
        story="A hardened MPS with the certificate of the system that it replaced.",
    ),
    DeviceSpec(
        name="mps4", product="mps", octets=(2, 4), software="J4.3", system_name="mps4", tags=("bridge",), site="bergen",
        services=on("http:basic", "https"), certificate=CertificateKind.MISSING_INTERMEDIATE,
        truth=outside(
            1, "services.http-no-cleartext-password", "services.http-off", "certificates.trusted",
        ),
        truth_with_settings=inside(
            1, "services.http-no-cleartext-password", "services.http-off", "certificates.trusted", *UNVERIFIED,
        ),
        configured="level-3",
        saved="text",
        story="An MPS that asks for its password by Basic on plain HTTP, and forgets its intermediate certificate.",
    ),
)  # fmt: skip


SERIES = Series(
    model(
        DeviceSpec(
            name="mps", product="mps", octets=(2, 1), software="J4.5", system_name="", services=(), story="",
            truth=outside(4), truth_with_settings=inside(4), tags=("bridge",), ssh="old", saved="xml",
        )
    ),
    first=1,
)  # fmt: skip


BY_SETTINGS = (
    SERIES.system(
        5, "An MPS at Level 4, managed by a management server.", outside(4, also=OLD_SSH), inside(4, also=OLD_SSH)
    ),
    SERIES.system(
        6, "An MPS hardened by the Level 3 steps of the guide; the factory certificate is still there.",
        outside(3, *FACTORY_FAULTS, also=WEAK | OLD_SSH),
        inside(3, *FACTORY_FAULTS, *UNVERIFIED, "clients.root-list-loaded", also=WEAK | OLD_SSH),
        certificate=CertificateKind.FACTORY, configured="level-3", changed=(), roots="none", feedback=(),
    ),
    SERIES.system(
        7, "An MPS at Level 2: Telnet and SNMP are off, HTTP asks by challenge and response.",
        outside(2, "services.http-off", "services.https-on", also=BASIC_TOO),
        inside(
            2, "services.http-off", "services.https-on", "clients.external-manager-https", *UNVERIFIED, also=BASIC_TOO
        ),
        services=on("http"), certificate=CertificateKind.FACTORY, configured="factory", changed=(), roots="none",
        feedback=(),
    ),
    SERIES.system(
        8, "A hardened MPS that talks to its management server over HTTP.",
        outside(4, also=OLD_SSH), inside(2, "clients.external-manager-https", also=OLD_SSH),
        changed=settings({"externalmanager.protocol": "HTTP"}),
    ),
    SERIES.system(
        9, "A hardened MPS that takes any certificate, and has no NTP server.",
        outside(4, also=OLD_SSH), inside(3, "clients.verify-server-certificate", "prerequisites.ntp", also=OLD_SSH),
        changed=settings({"https.verifyservercertificate": "Off", "ntp.address": ""}),
    ),
    SERIES.system(
        11, "A hardened MPS on which something answers at the port of FTP, which this family does not have.",
        outside(2, "services.no-other-management-service", also=OLD_SSH),
        inside(2, "services.no-other-management-service", also=OLD_SSH), services=on("https", "ssh", "ftp"),
    ),
    SERIES.system(
        10, "A hardened MPS on which Telnet was left on, and whose feedback goes out in clear.",
        outside(1, "services.telnet-off", also=OLD_SSH),
        inside(1, "services.telnet-off", "clients.feedback-https", also=OLD_SSH),
        services=on("https", "ssh", "telnet"), feedback=(POSTED, POSTED_IN_CLEAR),
    ),
)  # fmt: skip

MPS: tuple[DeviceSpec, ...] = (*AS_FOUND, *BY_SETTINGS)

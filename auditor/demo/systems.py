"""The systems of the demonstration fleet: every level and the common faults, with what an audit must say of each.

The truths hold for an audit from outside, without credentials, by the default policy. Level 3 needs settings that
nothing shows from outside (does the device speak HTTPS with its management server?), so 2 is the most that can be
proven here; what is possible is decided by what was seen to be wrong. A server that serves some pages over plain HTTP
without any password (`tms-bergen`) leaves even Level 2 open.
"""

from auditor.demo.device import Behaviour, DeviceSpec, NameRecords, ServiceSpec, TlsVersion, Truth
from auditor.demo.pki import CertificateKind

OLD_TLS: tuple[TlsVersion, TlsVersion] = ("TLSv1.0", "TLSv1.0")
NEW_TLS: tuple[TlsVersion, TlsVersion] = ("TLSv1.2", "TLSv1.3")

FACTORY_FAULTS = frozenset({"certificates.name-matches", "certificates.trusted", "certificates.own"})
WEAK = frozenset({"certificates.key-strength"})
OLD_PROTOCOL = frozenset({"tls.protocol-version"})
OLD_SSH = frozenset({"ssh.weak-algorithms"})
BASIC_TOO = frozenset({"services.http-basic-offered"})


def _on(*names: str, behaviour: Behaviour = "normal") -> tuple[ServiceSpec, ...]:
    """Return these services switched on; a form other than the usual one stands after a colon."""
    parts = (name.partition(":") for name in names)
    return tuple(ServiceSpec(name=name, behaviour=behaviour, variant=variant) for name, _, variant in parts)


def _possible(level: int, *held_back_by: str, also: frozenset[str] = frozenset()) -> Truth:
    """Return the truth of a system that answers: from outside no more than Level 2 can be proven."""
    below_two = level < 2
    return Truth(
        proven=1 if below_two else 2, possible=level, held_back_by=frozenset(held_back_by), also_not_met=also
    )  # fmt: skip


MXP = (
    DeviceSpec(
        name="rm101", product="mxp", octets=(1, 1), software="F7.2 NTSC", system_name="Reception", clock_ahead=None,
        services=_on("telnet", "ftp", "http", "snmp"), tags=("meeting-room",), target_level=2,
        truth=_possible(
            1, "services.telnet-off", "services.ftp-off", "services.snmp-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        story="An MXP as it leaves the factory: Telnet, FTP, HTTP and SNMP on, HTTPS off.",
    ),
    DeviceSpec(
        name="rm102", product="mxp", octets=(1, 2), software="F7.2 NTSC", system_name="Project Room", clock_ahead=None,
        services=_on("telnet-challenge", "http"), tags=("meeting-room",),
        target_level=2,
        truth=_possible(
            2, "services.telnet-challenge-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        story="An MXP at Level 2: passwords are protected by a challenge, everything else is in clear.",
    ),
    DeviceSpec(
        name="rm103", product="mxp", octets=(1, 3), software="F7.3 PAL", system_name="rm103", clock_ahead=None,
        services=_on("https", "ssh"), certificate=CertificateKind.FACTORY, tls=OLD_TLS, tags=("meeting-room",),
        truth=_possible(3, *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL | OLD_SSH),
        story="An MXP hardened to Level 3 that still shows the certificate it left the factory with.",
    ),
    DeviceSpec(
        name="rm104", product="mxp", octets=(1, 4), software="F9.1.1 PAL", system_name="rm104.vc.example.test",
        services=_on("https", "ssh"), tls=OLD_TLS, tags=("boardroom",), target_level=4,
        truth=_possible(4, also=OLD_PROTOCOL | OLD_SSH),
        story="An MXP with everything right that can be seen from outside, on the only TLS version of its time.",
    ),
    DeviceSpec(
        name="rm105", product="mxp", octets=(1, 5), software="L5.1.1", system_name="Desk 5", clock_ahead=None,
        services=_on("telnet", "http"), tags=("personal",),
        truth=Truth(
            proven=1, possible=1, excluded=True, also_not_met=BASIC_TOO,
            held_back_by=frozenset(
                {"services.telnet-off", "services.http-off", "services.https-on", "software.supports-secure-management"}
            ),
        ),
        story="A 150 MXP, which the guide leaves out altogether.",
    ),
    DeviceSpec(
        name="rm106", product="mxp", declared="auto", octets=(1, 6), software="F6.3 PAL", system_name="Annex",
        clock_ahead=None, services=_on("telnet", "http:open", "https", "snmp"),
        certificate=CertificateKind.FACTORY, tls=OLD_TLS, site="bergen",
        truth=_possible(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "software.supports-secure-management",
            *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL,
        ),
        story="An MXP whose software is too old for secure management, without a password; the inventory says auto.",
    ),
    DeviceSpec(
        name="rm107", product="mxp", octets=(1, 7), software="F8.2 NTSC", system_name="rm107", site="bergen",
        services=_on("https", "ssh"), certificate=CertificateKind.SHARED_KEY, tls=OLD_TLS, target_level=4,
        truth=_possible(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        story="One of two MXPs that were given the same private key.",
    ),
    DeviceSpec(
        name="rm108", product="mxp", octets=(1, 8), software="F8.2 NTSC", system_name="rm108", site="bergen",
        services=_on("https", "ssh"), certificate=CertificateKind.SHARED_KEY, tls=OLD_TLS, target_level=4,
        truth=_possible(3, "certificates.own", also=OLD_PROTOCOL | OLD_SSH),
        story="The other MXP with that key.",
    ),
    DeviceSpec(
        name="rm109", product="mxp", octets=(1, 9), software="F9.0 NTSC", system_name="rm109", site="bergen",
        services=_on("https", "ssh"), target_level=4, dns=NameRecords(forward="wrong", reverse="missing"),
        truth=_possible(3, "prerequisites.fqdn", also=OLD_SSH),
        story="An MXP with a good certificate whose name leads to another address in DNS.",
    ),
)  # fmt: skip

MPS = (
    DeviceSpec(
        name="mps1", product="mps", octets=(2, 1), software="J4.2", system_name="MPS 800 Oslo",
        services=_on("telnet", "http", "snmp"), clock_ahead=None, tags=("bridge",),
        truth=_possible(
            1, "services.telnet-off", "services.snmp-off", "services.http-off", "services.https-on",
            also=BASIC_TOO,
        ),
        story="An MPS as it leaves the factory.",
    ),
    DeviceSpec(
        name="mps2", product="mps", octets=(2, 2), software="J4.4", system_name="mps2", tags=("bridge",),
        services=_on("https", "ssh"), certificate=CertificateKind.EXPIRED, target_level=4,
        truth=_possible(3, "certificates.in-date", also=OLD_SSH),
        story="A hardened MPS whose certificate ran out three weeks ago.",
    ),
    DeviceSpec(
        name="mps3", product="mps", octets=(2, 3), software="J4.4", system_name="mps3", tags=("bridge",),
        services=_on("https", "ssh"), certificate=CertificateKind.WRONG_NAME, target_level=4,
        truth=_possible(3, "certificates.name-matches", also=OLD_SSH),
        story="A hardened MPS with the certificate of the system that it replaced.",
    ),
    DeviceSpec(
        name="mps4", product="mps", octets=(2, 4), software="J4.3", system_name="mps4", tags=("bridge",), site="bergen",
        services=_on("http:basic", "https"), certificate=CertificateKind.MISSING_INTERMEDIATE,
        truth=_possible(
            1, "services.http-no-cleartext-password", "services.http-off", "certificates.trusted",
        ),
        story="An MPS that asks for its password by Basic on plain HTTP, and forgets its intermediate certificate.",
    ),
)  # fmt: skip

VCS = (
    DeviceSpec(
        name="vcs1", product="vcs", declared="auto", octets=(3, 1), software="X4.2.0", system_name="vcs1",
        services=_on("http", "https", "ssh", "snmp"), certificate=CertificateKind.FACTORY, tls=("TLSv1.0", "TLSv1.2"),
        tags=("control",),
        truth=_possible(
            1, "services.snmp-off", "services.http-off", *FACTORY_FAULTS, also=WEAK | OLD_PROTOCOL
        ),
        story="A VCS as it leaves the factory: HTTP leads to HTTPS, SSH and SNMP are on; the inventory says auto.",
    ),
    DeviceSpec(
        name="vcs2", product="vcs", octets=(3, 2), software="X8.11.4", system_name="vcs2", server_header="CE_C",
        services=_on("https", "ssh"), tls=NEW_TLS, tags=("control",), target_level=4,
        truth=_possible(4),
        story="A hardened VCS with a good certificate.",
    ),
    DeviceSpec(
        name="vcs3", product="vcs", octets=(3, 3), software="X5.1", system_name="vcs3", tags=("control",),
        site="bergen", services=_on("https", "ssh"), certificate=CertificateKind.SELF_SIGNED,
        clock_ahead=2 * 86_400, target_level=4,
        truth=_possible(3, "certificates.trusted", "certificates.own", "prerequisites.clock"),
        story="A VCS with a self-signed certificate and a clock two days ahead.",
    ),
    DeviceSpec(
        name="vcs4", product="vcs", octets=(3, 4), software="X5.2", system_name="vcs4", tags=("control",),
        site="bergen", services=_on("http", "https", "ssh"), certificate=CertificateKind.WEAK_KEY,
        truth=_possible(2, "services.http-off", also=WEAK),
        story="A VCS with a 1024-bit key whose HTTP port still redirects.",
    ),
    DeviceSpec(
        name="vcs5", product="vcs", octets=(3, 5), software="X8.11.4", system_name="vcs5", tags=("control",),
        services=_on("https", "ssh"), certificate=CertificateKind.EXPIRES_SOON, tls=NEW_TLS, target_level=4,
        truth=_possible(4, also=frozenset({"certificates.expires-soon"})),
        story="A hardened VCS whose certificate runs out in less than three weeks.",
    ),
)  # fmt: skip

ODD = (
    DeviceSpec(
        name="far1", product="mxp", octets=(4, 1), software="", system_name="far1", site="remote",
        services=_on("ftp", "ssh", "telnet", "telnet-challenge", "http", "https", "snmp", behaviour="filtered"),
        truth=Truth(proven=None, possible=None),
        story="An MXP behind a packet filter: nothing comes back.",
    ),
    DeviceSpec(
        name="far2", product="mps", octets=(4, 2), software="", system_name="far2", site="remote", services=(),
        truth=Truth(proven=None, possible=None, held_back_by=frozenset({"services.https-on"})),
        story="An address where a host refuses every port.",
    ),
    DeviceSpec(
        name="far3", product="mxp", octets=(4, 3), software="", system_name="far3", site="remote",
        services=_on("telnet", "ftp", "http", "https", behaviour="silent"),
        truth=_possible(1, "services.ftp-off", "services.http-off"),
        story="A host that accepts connections and never says a word.",
    ),
    DeviceSpec(
        name="far4", product="mxp", octets=(4, 4), software="", system_name="far4", site="remote",
        services=_on("telnet", "ftp", "http", "https", behaviour="garbage"),
        truth=_possible(1, "services.ftp-off", "services.http-off"),
        story="A host that answers in no known protocol.",
    ),
)  # fmt: skip

TMS = (
    DeviceSpec(
        name="tms", product="tms", octets=(0, 10), software="11.9.1", system_name="tms",
        services=_on("http:require-ssl", "https"), tls=NEW_TLS, target_level=4,
        truth=_possible(4),
        story="A management server that demands HTTPS for every page.",
    ),
    DeviceSpec(
        name="tms-bergen", product="tms", octets=(0, 11), software="11.9.1", system_name="tms-bergen", site="bergen",
        services=_on("http:subdirectory-lost", "https"), tls=NEW_TLS,
        truth=Truth(proven=1, possible=4, also_not_met=frozenset({"tms.http-refused"})),
        story="A management server on which an upgrade has lost the demand for HTTPS below the top directory.",
    ),
    DeviceSpec(
        name="tms-test", product="tms", octets=(0, 12), software="11.8", system_name="tms-test", site="bergen",
        services=_on("http"),
        truth=_possible(2, "services.https-on", "tms.https-on", also=frozenset({"tms.http-refused"})),
        story="A management server that speaks plain HTTP only.",
    ),
)  # fmt: skip

FLEET: tuple[DeviceSpec, ...] = (*MXP, *MPS, *VCS, *ODD, *TMS)
"""The fleet that `auditor demo` audits."""

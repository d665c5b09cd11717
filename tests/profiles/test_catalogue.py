"""What the profiles say: services, permitted reads, and the guide's words for each control and family."""

import re
from typing import get_args

import pytest

from auditor.model.profile import Protocol
from auditor.profiles import PLACES, load_profiles

PROFILES = load_profiles()
DEVICES = ("mxp", "mps", "vcs")
ALL = (*DEVICES, "tms")
AUTO = (*ALL, "unknown")

CONTROLS: dict[str, tuple[str, ...]] = {
    "services.telnet-off": (*DEVICES, "unknown"),
    "services.ftp-off": ("mxp", "unknown"),
    "services.snmp-off": (*DEVICES, "unknown"),
    "services.http-no-cleartext-password": AUTO,
    "services.http-off": (*DEVICES, "unknown"),
    "services.telnet-challenge-off": ("mxp",),
    "services.https-on": AUTO,
    "services.no-other-management-service": ALL,
    "clients.external-manager-https": DEVICES,
    "clients.external-services-https": ("mxp",),
    "clients.corporate-directory-https": ("mxp",),
    "clients.feedback-https": (*DEVICES, "unknown"),
    "software.supports-secure-management": AUTO,
    "certificates.complete": AUTO,
    "certificates.in-date": AUTO,
    "certificates.name-matches": AUTO,
    "certificates.trusted": AUTO,
    "certificates.server-purpose": AUTO,
    "certificates.not-revoked": AUTO,
    "certificates.own": (*DEVICES, "unknown"),
    "clients.verify-server-certificate": (*DEVICES, "unknown"),
    "clients.root-list-loaded": (*DEVICES, "unknown"),
    "clients.addresses-are-hostnames": DEVICES,
    "prerequisites.ntp": ALL,
    "prerequisites.clock": AUTO,
    "prerequisites.dns-server": ALL,
    "prerequisites.fqdn": AUTO,
    "services.ssh-at-level-4": DEVICES,
    "trust.device-accepts-tms": DEVICES,
    "trust.tms-accepts-device": DEVICES,
    "tms.https-on": ("tms",),
    "tms.secure-only": ("tms",),
    "tms.verify-certificates": ("tms",),
    "tms.fqdn-configured": ("tms",),
    "tms.systems-by-hostname": ("tms",),
    "tms.server-dns": ("tms",),
    "tms.server-time": ("tms",),
    "tms.override-dns-off": ("tms",),
    "tms.one-name-for-all": ("tms",),
    "tms.http-refused": ("tms",),
    "tms.snmp-scan-off": ("tms",),
    "tms.snmp-broadcast-disabled": ("tms",),
    "tms.integrations-https": ("tms",),
    "certificates.expires-soon": AUTO,
    "certificates.key-strength": AUTO,
    "certificates.signature-algorithm": AUTO,
    "tls.protocol-version": AUTO,
    "tls.weak-cipher": AUTO,
    "ssh.protocol-1": (*DEVICES, "unknown"),
    "ssh.weak-algorithms": (*DEVICES, "unknown"),
    "services.http-basic-offered": AUTO,
    "access.strict-password": ("mxp",),
    "access.default-password": DEVICES,
    "tms.database-encrypted": ("tms",),
    "tms.open-tickets": ("tms",),
}

CHAPTERS: dict[str, tuple[str, ...]] = {
    "3 TANDBERG MXP Endpoints": (
        "Default Protocols and Services in MXP Systems",
        "Secure Management Features Added Beginning with F7 Software",
        "Interpreting Certificate Failure Errors",
        "MXP Secure Management Profiles",
        "Readiness Checklist for implementing HTTPS Management for MXPs",
        "Implementation Guide for Configuring an MXP for Level 3 Security",
        "Implementation Guide for Configuring an MXP for Level 4 Security",
    ),
    "4 TANDBERG MPS": (
        "Default Protocols and Services in MPS Systems",
        "Secure Management Features Added Beginning with J4.2 Software",
        "MPS Secure Management Profiles",
        "Readiness Checklist for implementing HTTPS Management for MPSs",
        "Implementation Guide for Configuring an MPS for Level 3 Security",
        "Implementation Guide for Configuring an MPS for Level 4 Security",
    ),
    "5 TANDBERG VCS": (
        "Default Protocols and Services in VCS Systems",
        "Secure Management Features Added Beginning with X4.0 Software",
        "VCS Secure Management Profiles",
        "Readiness Checklist for implementing HTTPS Management for VCSs",
        "Implementation Guide for Configuring a VCS for Level 3 Security",
        "Implementation Guide for Configuring a VCS for Level 4 Security",
    ),
    "TANDBERG TMS": (
        "Default Protocols and Services and Communication used with TMS",
        "Secure Management Features Added Beginning with TMS v11.9.1 Software",
        "Security Level possibilities with TMS",
        "How does TMS change when Secure-Only Mode is enabled?",
        "External Integrations when Secure-Only is enabled",
        "Additional TMS Server Requirements when Secure-Only is enabled",
        "Turning Secure-Only Mode Off",
        "Readiness Checklist for implementing HTTPS Management for TMS",
        "Implementation Guide for Configuring TMS for Level 3 Security",
        "Optional Level 3 Change - Restricting TMS to Secure-Only Operation",
        "Implementation Guide for Configuring TMS for Level 4 Security",
        "Optional Level 4 Change - Restricting TMS to Secure-Only Operation",
    ),
    "Appendix A – Communications, Certificate and Key Primer": ("Important Aspects of Certificates and Keys",),
    "Appendix B – Creating and Working with Certificates for Windows Server and TMS": (
        "Generate a Server Certificate for the TMS Server using the Microsoft Certificate Wizard",
        "Generating a Server Certificate for the TMS Server using OpenSSL",
    ),
    "Appendix C – Creating and Working with Certificates for TANDBERG Systems": (
        "Generating a Server Certificate for a TANDBERG System using OpenSSL",
    ),
}
HEADINGS = {
    "2 Technology Introduction – Security Levels",
    "not in the guide",
    *(f"{chapter} › {heading}" for chapter, headings in CHAPTERS.items() for heading in headings),
}
STEPS_IN = {  # the last numbered step of each implementation guide
    "3 TANDBERG MXP Endpoints": {"Level 3": 8, "Level 4": 25},
    "4 TANDBERG MPS": {"Level 3": 8, "Level 4": 25},
    "5 TANDBERG VCS": {"Level 3": 9, "Level 4": 23},
    "TANDBERG TMS": {"Level 3": 4, "Level 4": 8},
}


@pytest.mark.parametrize("family", PROFILES)
def test_controls_of_each_family(family: str) -> None:
    """Each control that the product promises for a family is there, and no other."""
    assert set(PROFILES[family].controls) == {control for control, families in CONTROLS.items() if family in families}


def test_every_section_is_a_heading_of_the_guide() -> None:
    """A citation that nobody can find is none. What is not in the guide says so, and then names no step."""
    for family, profile in PROFILES.items():
        for control, guidance in profile.controls.items():
            assert guidance.section in HEADINGS, (family, control)
            assert (guidance.section == "not in the guide") == (guidance.step == "–"), (family, control)
        if profile.software:
            assert profile.software.section in HEADINGS
        assert profile.chapter in CHAPTERS or profile.chapter in HEADINGS


@pytest.mark.parametrize("family", ALL)
def test_cited_steps_exist(family: str) -> None:
    """No step number is higher than the last step of the guide that it is said to stand in."""
    last = STEPS_IN[PROFILES[family].chapter]
    for control, guidance in PROFILES[family].controls.items():
        named = re.search(r"Implementation Guide .* (Level [34])", guidance.section)
        for part in guidance.step.split(";"):
            other = re.search(r"Level 4 guide", part)
            level = "Level 4" if other else named[1] if named else None
            numbers = [int(number) for number in re.findall(r"(?<!Level )\b\d+\b", part)]
            if level and "step" in part:
                assert numbers, (control, part)
                assert max(numbers) <= last[level], (control, part)


def test_a_family_is_told_of_its_own_chapter() -> None:
    """A device's control cites its own chapter, an appendix, chapter 2, or the management server's chapter (trust)."""
    for family in DEVICES:
        for control, guidance in PROFILES[family].controls.items():
            chapter = guidance.section.split(" › ")[0]
            others = set(STEPS_IN) - {PROFILES[family].chapter}
            allowed = {"TANDBERG TMS"} if control == "trust.tms-accepts-device" else set()
            assert chapter not in others - allowed, (family, control)


def test_readiness_checklists_are_covered() -> None:
    """All items of the four checklists that a control can judge are named; logons and reading matter are not."""
    covered: dict[str, set[int]] = {}
    for profile in PROFILES.values():
        for guidance in profile.controls.values():
            for name, item in re.findall(r"(\w+) readiness checklist, item (\d+)", guidance.checklist or ""):
                covered.setdefault(name, set()).add(int(item))
    device = {1, 5, 6, 7, 8, 9, 10, 11, 12}
    assert covered == {"MXP": device, "MPS": device, "VCS": device, "TMS": {1, 2, 6, 7, 8, 9, 10, 11, 12, 13, 14}}


def test_remediation_is_for_a_person_and_fits_its_family() -> None:
    """Each text is a few sentences of printable characters; the 2008 key length is never recommended."""
    for family, profile in PROFILES.items():
        for control, guidance in profile.controls.items():
            where = (family, control)
            assert guidance.remediation.isprintable(), where
            assert guidance.remediation[0].isupper(), where
            assert guidance.remediation.rstrip()[-1] == ".", where
            assert 40 <= len(guidance.remediation) <= 1200, where
            assert "rsa:1024" not in guidance.remediation, where
            assert guidance.remediation.count("`") % 2 == 0, where


def test_key_for_the_vcs_is_made_without_a_passphrase() -> None:
    """The VCS refuses an encrypted key (VCS, Level 4 guide, step 3); on the others a passphrase stays possible."""
    own = {family: PROFILES[family].controls["certificates.own"].remediation for family in DEVICES}
    assert "-newkey rsa:2048 -nodes" in own["vcs"]
    assert "-newkey rsa:2048 -keyout" in own["mxp"]
    assert "-newkey rsa:2048 -keyout" in own["mps"]


def test_contradictions_of_the_guide_are_told() -> None:
    """A person who follows the remediation is warned where the guide says two things."""
    vcs, mps, mxp = (PROFILES[family].controls for family in ("vcs", "mps", "mxp"))
    assert "Step 16" in vcs["clients.verify-server-certificate"].remediation
    assert "verifyservercertificates" in mps["clients.verify-server-certificate"].remediation
    assert "externalservice`" in mxp["clients.external-services-https"].remediation
    for controls in (vcs, mps, mxp):
        assert "ssh_at_level_4" in controls["services.ssh-at-level-4"].remediation
        assert "feedback_http_level" in controls["clients.feedback-https"].remediation
    assert "XYZ" in PROFILES["tms"].controls["tms.http-refused"].remediation


@pytest.mark.parametrize(
    ("family", "expected"),
    [
        (
            "mxp",
            {
                "ftp": ("ftp", 21, "on", 1),
                "ssh": ("ssh", 22, "off", 3),
                "telnet": ("telnet", 23, "on", 1),
                "telnet-challenge": ("telnet-challenge", 57, "off", 2),
                "http": ("http", 80, "on", 2),
                "https": ("https", 443, "off", 3),
                "snmp": ("snmp", 161, "on", 1),
            },
        ),
        (
            "mps",
            {
                "ssh": ("ssh", 22, "off", 3),
                "telnet": ("telnet", 23, "on", 1),
                "http": ("http", 80, "on", 2),
                "https": ("https", 443, "off", 3),
                "snmp": ("snmp", 161, "on", 1),
                "tcp-21": ("tcp", 21, "off", None),
                "tcp-57": ("tcp", 57, "off", None),
            },
        ),
        (
            "vcs",
            {
                "ssh": ("ssh", 22, "on", 3),
                "telnet": ("telnet", 23, "off", 1),
                "http": ("http", 80, "on", 2),
                "https": ("https", 443, "on", 3),
                "snmp": ("snmp", 161, "on", 1),
                "tcp-7443": ("tcp", 7443, "off", None),
                "tcp-8443": ("tcp", 8443, "off", None),
            },
        ),
        (
            "tms",
            {
                "http": ("http", 80, "on", 2),
                "https": ("https", 443, "off", 3),
                "tcp-1433": ("tcp", 1433, "off", None),
            },
        ),
        (
            "unknown",
            {
                "ftp": ("ftp", 21, "on", 1),
                "ssh": ("ssh", 22, "off", 3),
                "telnet": ("telnet", 23, "on", 1),
                "http": ("http", 80, "on", 2),
                "https": ("https", 443, "off", 3),
                "snmp": ("snmp", 161, "on", 1),
            },
        ),
    ],
)
def test_services(family: str, expected: dict[str, tuple[str, int, str, int | None]]) -> None:
    """Protocol, port, factory default and level are those of the guide's tables and the manuals."""
    found = {s.name: (s.protocol, s.port, s.default, s.level) for s in PROFILES[family].services}
    assert found == expected


def test_snmp_alone_is_udp_and_its_danger_is_told_where_it_can_hurt() -> None:
    """A host that may be the product that SNMP crashes carries the hazard; others do not."""
    for family, profile in PROFILES.items():
        for service in profile.services:
            assert (service.transport == "udp") == (service.protocol == "snmp"), (family, service.name)
            assert (service.hazard is not None) == (service.protocol == "snmp" and family in {"mxp", "unknown"})
            assert service.protocol in get_args(Protocol)


def test_ports_that_are_not_for_management_are_marked() -> None:
    """Mobile access on 8443 and a database on 1433 are no second management service."""
    assert {s.name for p in PROFILES.values() for s in p.services if not s.management} == {"tcp-8443", "tcp-1433"}


@pytest.mark.parametrize("family", PROFILES)
def test_permitted_reads(family: str) -> None:
    """Exactly the paths, FTP words and sysDescr where there are such services, a server's database, settings."""
    profile = PROFILES[family]
    expected = {("http", "GET", path) for path in profile.paths}
    protocols = {service.protocol for service in profile.services}
    if "ftp" in protocols:
        expected |= {("ftp", "COMMAND", "FEAT"), ("ftp", "COMMAND", "QUIT")}
    if "snmp" in protocols:
        expected |= {("snmp", "GET", "1.3.6.1.2.1.1.1.0")}
    if profile.role == "server":
        expected |= {("tds", "PRELOGIN", "")}
    if family in DEVICES:
        expected |= {("http", "GET", "/configuration.xml"), ("http", "GET", "/status.xml")}
        expected |= {("ssh", "RUN", "xconfiguration"), ("ssh", "RUN", "xstatus")}
    if profile.capabilities.get("certificate_list_command"):
        expected |= {("ssh", "RUN", "certificate list root")}
    assert {(read.protocol, read.operation, read.argument) for read in profile.reads} == expected
    assert all(read.manual for read in profile.reads)


def test_paths_of_the_management_server_reach_into_its_parts() -> None:
    """Several addresses are asked, since HTTPS may be demanded of one part only; devices are asked for the root."""
    assert len(PROFILES["tms"].paths) == 5
    assert sum(path.startswith("/tms/public/") for path in PROFILES["tms"].paths) == 3
    assert all(PROFILES[family].paths == ("/",) for family in (*DEVICES, "unknown"))
    assert not any("put" in path or "command" in path for p in PROFILES.values() for path in p.paths)


def test_limits_are_gentle() -> None:
    """One conversation at a time with a rest between two, everywhere, and a deadline for host and question."""
    for profile in PROFILES.values():
        assert profile.limits.conversations == 1
        assert 0 < profile.limits.pause_seconds < 1
        assert profile.limits.question_seconds < profile.limits.host_seconds <= 300
        assert profile.limits.answer_bytes <= 262_144


def test_recognition_looks_at_known_places_only() -> None:
    """Each rule's place is one that is looked at; the unknown family claims no host, but knows factory certificates."""
    assert {rule.where for p in PROFILES.values() for rule in p.recognise} <= set(PLACES)
    assert {rule.where for rule in PROFILES["unknown"].recognise} == {"certificate-factory"}

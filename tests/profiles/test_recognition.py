"""Recognition: what real systems show leads to the right family and to no other; lookalikes lead to none."""

import re
import time

import pytest

from auditor.model.profile import Profile
from auditor.profiles import PLACES, load_profiles

PROFILES = load_profiles()
FACTORY = "CN=TANDBERG,OU=R&D,O=TANDBERG ASA,L=Lysaker,ST=Askerhus,C=NO"
SYSDESCR = "TANDBERG Codec\nSoftW: {}\nMCU: {}\nDate: 2009-09-07\nS/N: 00A00000\nBootSW: Rev. 1.15, 2004-11-01"


def matches(where: str, text: str) -> dict[str, dict[str, str]]:
    """Return the families that recognise themselves in this text, with the named groups that took part."""
    found: dict[str, dict[str, str]] = {}
    for family, profile in PROFILES.items():
        for rule in profile.recognise:
            match = re.search(rule.pattern, text) if rule.where == where else None
            if match:
                found[family] = {name: value for name, value in match.groupdict().items() if value is not None}
    return found


def excluded(profile: Profile, software: str) -> bool:
    """Tell whether the profile leaves this software out."""
    return any(re.fullmatch(rule.software, software) for rule in profile.excluded)


@pytest.mark.parametrize(
    ("where", "text", "family", "groups"),
    [
        (
            "telnet",
            "Welcome to rm204-bld5\r\nTANDBERG Codec Release F7.2 NTSC\r\nSW Release Date: 2008-04-30\r\n\r\nPassword:",
            "mxp",
            {"software": "F7.2 NTSC", "system_name": "rm204-bld5"},
        ),
        (
            "telnet",
            "Welcome to Board room, 2nd floor \r\nTANDBERG Codec Release F6.3 PAL\r\nSW Release Date: 2007-11-01\r\n",
            "mxp",
            {"software": "F6.3 PAL", "system_name": "Board room, 2nd floor"},
        ),
        ("telnet", "Welcome to \r\nTANDBERG Codec Release F9.1.1 PAL\r\n\r\nOK\r\n", "mxp", {"software": "F9.1.1 PAL"}),
        ("telnet", "TANDBERG Codec Release F8.2 NTSC", "mxp", {"software": "F8.2 NTSC"}),
        (
            "telnet",
            "Welcome to T150\r\r\nTANDBERG Codec Release L5.1.1 PAL\r\r\nSW Release Date: 2008-01-01\r\r\n",
            "mxp",
            {"software": "L5.1.1 PAL", "system_name": "T150"},
        ),
        ("snmp", SYSDESCR.format("F8.1 PAL", "TANDBERG Profile 6000MXP"), "mxp", {"software": "F8.1 PAL"}),
        ("snmp", SYSDESCR.format("F9.0", "x").replace("\n", "\r\n"), "mxp", {"software": "F9.0"}),
        ("snmp", "TANDBERG MPS-MCU", "mps", {}),
        ("snmp", "TANDBERG MPS-MCU\nSoftW: J4.3\nDate: 2008-05-05", "mps", {"software": "J4.3"}),
        ("snmp", "TANDBERG Video Communication Server", "vcs", {}),
        ("snmp", "TANDBERG Video Communication Server Release X8.11.4 ", "vcs", {"software": "X8.11.4"}),
        ("ssh", "TANDBERG Video Communication Server X4.1.0", "vcs", {"software": "X4.1.0"}),
        ("ssh", "TANDBERG Video Communication Server X7.2\r\nSW Release", "vcs", {"software": "X7.2"}),
        ("http-server", "CE_E", "vcs", {}),
        ("http-server", "CE_C", "vcs", {}),
        ("http-title", "Login - Cisco TelePresence Video Communication Server Control", "vcs", {}),
        ("http-title", "TANDBERG Management Suite", "tms", {}),
        ("http-title", "Cisco TelePresence Management Suite - Portal", "tms", {}),
        (
            "certificate",
            "CN=Temporary CA 4a1c0d52-95d6-4a0a-9d2b-0123456789ab,OU=Temporary CA 4a1c0d52-95d6-4a0a-9d2b-0123456789ab",
            "vcs",
            {},
        ),
    ],
)
def test_own_words_are_recognised(where: str, text: str, family: str, groups: dict[str, str]) -> None:
    """Exactly one family answers, and software and system name are taken over as they stand."""
    assert matches(where, text) == {family: groups}


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ("telnet", "Welcome to x\r\nTANDBERG Codec Release TC4.2.1.265253\r\nSW Release Date: 2011-09-13\r\n"),
        ("telnet", "Welcome to x\r\nTANDBERG Codec Release E2.3 NTSC\r\nSW Release Date: 2003-10-20\r\n\r\nPassword:"),
        ("telnet", "Welcome to x\r\nTANDBERG Codec Release B10.3 PAL\r\n"),
        (
            "telnet",
            "Welcome to x\r\nCisco Codec Release ce 9.2.2 34c0ae1\r\nSW Release Date: 2017-11-30 13:06:59, h\r\n",
        ),
        ("telnet", "\r\r\n(none) login: "),
        ("telnet", "Ubuntu 22.04.4 LTS\r\nlab login: "),
        ("telnet", "Welcome to TANDBERG Codec Release F7.2 NTSC\r\nlab login: "),
        ("ssh", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3"),
        ("snmp", "TANDBERG Codec"),
        ("snmp", SYSDESCR.format("TC5.1.0.280662", "Cisco TelePresence SX20")),
        ("snmp", "Cisco Codec\nSoftW: ce9.15.0\nMCU: Cisco TelePresence SX20"),
        ("snmp", "Tandberg Television EN8090 MPEG-4 encoder"),
        ("snmp", "Cisco TelePresence MCU 4210"),
        ("snmp", "Linux tms 6.1.0-18-amd64 #1 SMP x86_64"),
        ("http-server", "Tandberg Television Web server"),
        ("http-server", "U S Software Web Server"),
        ("http-server", "Microsoft-IIS/6.0"),
        ("http-server", "CE_EX"),
        ("http-title", "Management"),
        ("http-title", "Cisco TelePresence MCU 4210"),
        ("http-title", "Redirect Notification"),
        ("http-title", "Videoconference Management x, Call Status"),
        ("http-realm", "rm204-bld5"),
        ("certificate", FACTORY),
        ("certificate", "CN=rm204.example.test,O=Example"),
    ],
)
def test_lookalikes_are_nobody(where: str, text: str) -> None:
    """Other products, other companies and words that many hosts show lead to no family."""
    assert matches(where, text) == {}


def test_the_150_mxp_is_excluded_with_the_reason() -> None:
    """Release L is recognised as what it is and left out, whole string; release F is not."""
    profile = PROFILES["mxp"]
    assert excluded(profile, "L5.1.1 PAL")
    assert excluded(profile, "L1.0")
    assert not excluded(profile, "F7.2 NTSC")
    assert not excluded(profile, "F7.2 L5")
    assert "150 MXP" in profile.excluded[0].because


@pytest.mark.parametrize(
    ("name", "families"),
    [
        (FACTORY, {"mxp", "mps", "vcs", "unknown"}),
        ("C=NO,ST=Askerhus,L=Lysaker,O=TANDBERG ASA,OU=R&D,CN=TANDBERG", {"mxp", "mps", "vcs", "unknown"}),
        ("CN=TANDBERG Certificate Authority, O=TANDBERG, C=NO", {"mxp", "mps", "vcs", "unknown"}),
        ("O=Temporary CA 4a1c0d52-95d6-4a0a-9d2b-0123456789ab", {"vcs", "unknown"}),
        ("CN=encoder,O=Tandberg Television Ltd,C=GB", set()),
        ("CN=nas,O=Tandberg Data GmbH,C=DE", set()),
        ("CN=tandberg.example.test,O=Example,C=NO", set()),
        ("CN=rm204.example.test,OU=TANDBERG systems,O=Example", set()),
    ],
)
def test_factory_certificates(name: str, families: set[str]) -> None:
    """The factory's certificate is told in any order of its parts, and a customer's or another company's is not."""
    assert set(matches("certificate-factory", name)) == families


def test_recognised_software_begins_with_the_letter_of_the_rule() -> None:
    """What the guide's minimum release is compared with has the prefix that the comparison expects."""
    letters = {family: p.software.prefix for family, p in PROFILES.items() if p.software}
    assert letters == {"mxp": "F", "mps": "J", "vcs": "X", "tms": ""}
    minimum = {family: p.software.minimum for family, p in PROFILES.items() if p.software}
    assert minimum == {"mxp": "7.0", "mps": "4.2", "vcs": "4.0", "tms": "11.9.1"}
    assert matches("ssh", "TANDBERG Video Communication Server X8.1")["vcs"]["software"].startswith("X")


@pytest.mark.parametrize(
    "text",
    [
        "Welcome to " * 6000,
        "Welcome to a\r\n" * 5000,
        "TANDBERG Codec Release F7 " + " " * 65536,
        "TANDBERG Codec SoftW: F1" + " " * 65536 + "x",
        "TANDBERG MPS-MCU " * 4000,
        "TANDBERG Video Communication Server " * 2000,
        "," + " " * 65536,
        "\r\n" * 32768,
    ],
    ids=["welcome", "lines", "blanks", "softw", "mps", "vcs", "comma", "empty-lines"],
)
def test_hostile_text_does_not_stall_any_pattern(text: str) -> None:
    """No pattern takes more than two seconds over 64 KiB made to make it backtrack."""
    started = time.perf_counter()
    for where in PLACES:
        matches(where, text)
    assert time.perf_counter() - started < 2

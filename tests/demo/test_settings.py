"""Settings of simulated devices: factory values, hardened sets, and what a device takes."""

from dataclasses import replace

import pytest

from auditor.demo.device import DeviceSpec, Family
from auditor.demo.settings import FACTORY, LEVEL_3, LEVEL_4, SERVICE_MODES, WORDS, SettingsStore
from auditor.demo.systems import FLEET
from auditor.profiles import load_profiles

BY_NAME = {spec.name: spec for spec in FLEET}


def spec(name: str) -> DeviceSpec:
    return BY_NAME[name]


@pytest.mark.parametrize("family", ["mxp", "mps", "vcs"])
def test_words_are_those_of_the_profile(family: Family) -> None:
    """Each setting is spelled in one of the ways that the profile knows, item numbers aside."""
    profile = load_profiles()[family]
    for path, words in WORDS[family].items():
        assert path in profile.settings, path
        assert words.replace(" 1 ", " ") in profile.settings[path], path
    assert set(profile.settings) == set(WORDS[family])


def test_factory_values() -> None:
    """An MXP leaves the factory with everything on but HTTPS and SSH, and with clients that speak HTTP."""
    store = SettingsStore(spec("rm101"))
    on = {name for name, mode in SERVICE_MODES.items() if store.on(mode)}
    assert on == {"telnet", "ftp", "http", "snmp"}
    assert store.get("externalmanager.protocol") == store.get("corporatedirectory.protocol") == "HTTP"
    assert store.get("https.verifyservercertificate") == store.get("strictpassword") == "Off"
    assert store.get("systemunit.name") == "Reception"


def test_hardened_sets_are_the_guides() -> None:
    """Level 3 disables the clients, Level 4 adds verification, NTP and DNS; nothing else differs."""
    assert {path for path in FACTORY if LEVEL_3[path] != FACTORY[path]} == {
        "corporatedirectory.mode",
        "externalmanager.address",
        "externalmanager.protocol",
        "externalservices.mode",
        "strictpassword",
    }
    assert LEVEL_3["externalmanager.address"] == "127.0.0.1"
    assert {path for path in FACTORY if LEVEL_4[path] != LEVEL_3[path]} == {
        "dns.domain",
        "dns.server",
        "https.verifyservercertificate",
        "ntp.address",
        "ntp.mode",
    }


@pytest.mark.parametrize("one", FLEET, ids=[one.name for one in FLEET])
def test_modes_follow_services(one: DeviceSpec) -> None:
    """A service that is served is configured on, unless the description says that a restart is still to come."""
    store, pending = SettingsStore(one), dict(one.changed)
    for name, mode in SERVICE_MODES.items():
        if store.get(mode) is not None and mode not in pending:
            assert store.on(mode) == (one.service(name) is not None), mode


def test_families_have_their_own_settings() -> None:
    """What a family does not have is not there, nor is the HTTPS client of newer software in an old one."""
    mps, old, vcs = (SettingsStore(spec(name)) for name in ("mps1", "rm106", "vcs1"))
    assert mps.get("ftp.mode") is mps.get("ntp.mode") is mps.get("strictpassword") is None
    assert old.get("externalmanager.protocol") is old.get("https.verifyservercertificate") is None
    assert old.get("externalmanager.address") == ""
    assert vcs.path_of("administration http mode") == "http.mode"
    assert SettingsStore(spec("tms")).spelled() == ()


def test_verify_mode_has_two_spellings() -> None:
    """X4 and later software of a VCS spell it differently."""
    path = "https.verifyservercertificate"
    words = [dict((p, w) for p, w, _ in SettingsStore(spec(name)).spelled())[path] for name in ("vcs6", "vcs2")]  # noqa: C402
    assert words == [
        "ExternalManager Server Certificate Verify Mode",
        "ExternalManager Server Certificate Verification Mode",
    ]


@pytest.mark.parametrize(
    ("path", "value", "stored"),
    [
        ("telnet.mode", "on", "On"),
        ("snmp.mode", "readonly", "ReadOnly"),
        ("externalmanager.protocol", "http", "HTTP"),
        ("externalmanager.address", '"192.0.2.9"', "192.0.2.9"),
        ("strictpassword", "OFF", "Off"),
    ],
)
def test_set(path: str, value: str, stored: str) -> None:
    """Values are taken in any case, and kept as the device writes them."""
    store = SettingsStore(spec("rm104"))
    store.set(path, value)
    assert store.get(path) == stored


@pytest.mark.parametrize(
    ("path", "value"),
    [("telnet.mode", "perhaps"), ("externalmanager.protocol", "FTP"), ("systemunit.name", "a\nb"),
     ("telnetchallenge.port", "80")],
)  # fmt: skip
def test_values_that_do_not_exist_are_refused(path: str, value: str) -> None:
    """And the setting keeps its value."""
    store = SettingsStore(spec("rm104"))
    before = store.get(path)
    with pytest.raises(ValueError, match=path):
        store.set(path, value)
    assert store.get(path) == before


def test_settings_that_do_not_exist_are_refused() -> None:
    """Neither a test nor a description can invent one."""
    with pytest.raises(KeyError):
        SettingsStore(spec("mps1")).set("ftp.mode", "Off")
    with pytest.raises(ValueError, match=r"mps1 has no setting ftp\.mode"):
        SettingsStore(replace(spec("mps1"), changed=(("ftp.mode", "Off"),)))

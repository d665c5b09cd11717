"""Which names tell of a secret, and what is left of an address with a login in it."""

import pytest

from auditor.dialects.secret import is_secret, told, without_login


@pytest.mark.parametrize(
    "path",
    [
        "IP Password", "SystemUnit Password", "SystemUnit MenuPassword", "SNMP CommunityName", "Option 1 Key",
        "Software ReleaseKey", "Hardware SerialNumber", "Hardware Serial Number", "Conference PIN", "PINCode Value",
        "H323 PinRequired Pin", "Security Passphrase", "WLAN PSK", "SharedSecret", "AUTHENTICATION PASSWORD",
        "Streaming passcode", "encryptionkey", "StrictPassword Password", "Password Value",
    ],
)  # fmt: skip
def test_names_of_secrets(path: str) -> None:
    """In any case and place of the path, and for words that are written apart."""
    assert is_secret(("Configuration", *path.split()), "tell-nobody")


@pytest.mark.parametrize(
    "path", ["HTTP Mode", "NTP Address", "Network Ping", "Audio Mapping", "SystemUnit Name", "SSH Mode", "Pinned Tab"]
)
def test_other_names(path: str) -> None:
    """A word that merely begins or ends like one is none."""
    assert not is_secret(("Configuration", *path.split()), "x")


@pytest.mark.parametrize(("value", "secret"), [("On", False), (' "off" ', False), ("tell-nobody", True), ("", True)])
def test_the_rule_for_passwords_is_no_secret(value: str, secret: bool) -> None:  # noqa: FBT001 - a table's column
    """StrictPassword is read, as long as it holds what such a setting can hold."""
    assert is_secret(("Configuration", "StrictPassword"), value) is secret


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("SystemUnit Password tell-nobody", "SystemUnit Password"),
        ("Option Key tell-nobody", "Option Key"),
        ("Serial Number", "Serial Number"),
        ("Logo", "Logo"),
    ],
)
def test_what_is_told_of_a_secret(path: str, said: str) -> None:
    """Nothing behind the word that gives it away: some software writes the value there."""
    assert told(tuple(path.split())) == tuple(said.split())


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("http://u:p@tms.example.test/x", "http://tms.example.test/x"),
        ("https://u:p@h@tms.example.test", "https://tms.example.test"),
        ("http://u:p/w@tms.example.test/x", "http://tms.example.test/x"),
        ("http://tms.example.test:8080/a@b", "http://tms.example.test:8080/a@b"),
        ("http://[2001:db8::1]/a@b", "http://[2001:db8::1]/a@b"),
        ("http://tms.example.test/", "http://tms.example.test/"),
        ("somebody@example.test", "somebody@example.test"),
        ("", ""),
    ],
)
def test_addresses_without_login(value: str, left: str) -> None:
    """User name and password are cut out; an at sign in the path stays."""
    assert without_login(value) == left

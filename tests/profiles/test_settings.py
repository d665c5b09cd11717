"""Settings in the profiles: every path that the checks ask for is spelled, and no spelling is lost in a parser."""

import pytest

from auditor.dialects.secret import is_secret
from auditor.model.facts import FeedbackList, Setting, TimeSync
from auditor.profiles import load_profiles
from checks import CONTROLS

PROFILES = load_profiles()
DEVICES = ("mxp", "mps", "vcs")
COMMON = {
    "telnet.mode", "snmp.mode", "http.mode", "https.mode", "ssh.mode", "https.verifyservercertificate",
    "externalmanager.address", "externalmanager.protocol", "ntp.address", "dns.server", "dns.domain", "systemunit.name",
}  # fmt: skip
EVERY = COMMON | {
    "telnetchallenge.mode", "telnetchallenge.port", "ftp.mode", "externalservices.mode", "externalservices.protocol",
    "externalservices.address", "corporatedirectory.mode", "corporatedirectory.protocol", "corporatedirectory.address",
    "ntp.mode", "strictpassword",
}  # fmt: skip


def test_paths_of_each_family() -> None:
    """Exactly those that its manuals name; the management server has no read-only view."""
    paths = {family: set(profile.settings) for family, profile in PROFILES.items()}
    assert paths == {"mxp": EVERY, "mps": COMMON, "vcs": COMMON, "unknown": EVERY, "tms": set()}


@pytest.mark.parametrize("family", [*DEVICES, "unknown"])
def test_what_controls_cannot_do_without_is_spelled(family: str) -> None:
    """A need that is not optional is a setting that the family's profile can find, and a view that it can name."""
    profile = PROFILES[family]
    for control in (c for c in CONTROLS if c.id in profile.controls):
        for need in (n for n in control.needs if not n.optional):
            if need.kind is Setting and need.subject is not None:
                assert need.subject in profile.settings, f"{control.id} needs {need.subject}"
            if need.kind is FeedbackList:
                assert "feedback" in profile.status
            if need.kind is TimeSync:
                assert "ntp.status" in profile.status


@pytest.mark.parametrize("family", PROFILES)
def test_no_spelling_is_a_secret(family: str) -> None:
    """A parser would drop it, and the setting would never be read."""
    profile = PROFILES[family]
    for spelling in (s for row in (*profile.settings.values(), *profile.status.values()) for s in row):
        assert not is_secret(tuple(spelling.split()), "On")


@pytest.mark.parametrize(
    ("family", "path", "spelling"),
    [
        ("mxp", "https.verifyservercertificate", "HTTPS VerifyServerCertificate"),
        ("mxp", "externalservices.mode", "ExternalService Mode"),
        ("mps", "https.verifyservercertificate", "HTTPS VerifyServerCertificates"),
        ("vcs", "https.verifyservercertificate", "ExternalManager Server Certificate Verify Mode"),
        ("vcs", "https.verifyservercertificate", "ExternalManager Server Certificate Verification Mode"),
        ("vcs", "https.mode", "Administration HTTPS Mode"),
    ],
)
def test_spellings_of_the_guide(family: str, path: str, spelling: str) -> None:
    """Each way in which the guide writes a setting is known."""
    assert spelling in PROFILES[family].settings[path]

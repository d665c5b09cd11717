"""Saved configurations: the samples give what they say, and every other file is refused with line and reason."""

from datetime import UTC, datetime

import pytest

from auditor.dialects.reading import observations_of
from auditor.dialects.saved import LONGEST, SavedConfigError, read_saved
from auditor.dialects.xml_document import read_xml
from auditor.model.control import Context
from auditor.model.evidence import Absent, Cause, Evidence, Seen
from auditor.model.facts import DeviceSays, FeedbackList
from auditor.model.inventory import Target
from auditor.model.policy import Policy
from auditor.model.verdict import Status, status_of
from checks import CONTROLS
from tests.dialects.leaves import FILES, PROFILES, SECRET, sample

AT = datetime(2026, 11, 1, tzinfo=UTC)

EXPECTED: dict[str, dict[str, str | None]] = {  # None: proven absent
    "mxp-f7.txt": {
        "telnet.mode": "Off", "telnetchallenge.mode": "Off", "telnetchallenge.port": "57", "ftp.mode": "Off",
        "snmp.mode": "Off", "http.mode": "Off", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "On", "externalmanager.address": "tms.example.test",
        "externalmanager.protocol": "HTTPS", "externalservices.mode": "Off", "externalservices.protocol": "HTTPS",
        "externalservices.address": None, "corporatedirectory.mode": "On", "corporatedirectory.protocol": "HTTPS",
        "corporatedirectory.address": "tms.example.test", "ntp.mode": "On", "ntp.address": "ntp.example.test",
        "dns.server": "192.0.2.53 198.51.100.53", "dns.domain": "example.test", "systemunit.name": "rm204-bld5",
        "strictpassword": "On",
    },
    "mxp-f9.xml": {
        "telnet.mode": "On", "telnetchallenge.mode": "On", "telnetchallenge.port": "23", "ftp.mode": "On",
        "snmp.mode": "ReadOnly", "http.mode": "On", "https.mode": "On", "ssh.mode": "Off",
        "https.verifyservercertificate": "Off", "externalmanager.address": "192.0.2.10",
        "externalmanager.protocol": "HTTP", "externalservices.mode": "On", "externalservices.protocol": "HTTP",
        "externalservices.address": "", "corporatedirectory.mode": "Off", "corporatedirectory.protocol": "HTTP",
        "corporatedirectory.address": None, "ntp.mode": "Off", "ntp.address": "",
        "dns.server": "192.0.2.53 198.51.100.53", "dns.domain": "example.test", "systemunit.name": "møterom-3",
        "strictpassword": None,
    },
    "mps-j4.txt": {
        "telnet.mode": "Off", "snmp.mode": "Off", "http.mode": "Off", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "On", "externalmanager.address": "127.0.0.1",
        "externalmanager.protocol": "HTTPS", "ntp.address": "ntp.example.test", "dns.server": "192.0.2.53",
        "dns.domain": "example.test", "systemunit.name": "mps-204",
    },
    "mps-j4.xml": {
        "telnet.mode": "On", "snmp.mode": "On", "http.mode": "On", "https.mode": "Off", "ssh.mode": "Off",
        "https.verifyservercertificate": None, "externalmanager.address": "192.0.2.10",
        "externalmanager.protocol": None, "ntp.address": "192.0.2.123", "dns.server": "", "dns.domain": None,
        "systemunit.name": "mps-old",
    },
    "vcs-x4.txt": {
        "telnet.mode": "Off", "snmp.mode": "On", "http.mode": "On", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "Off", "externalmanager.address": "tms.example.test",
        "externalmanager.protocol": "HTTPS", "ntp.address": "ntp.example.test", "dns.server": "192.0.2.53",
        "dns.domain": "example.test", "systemunit.name": "vcs1",
    },
    "vcs-x8.xml": {
        "telnet.mode": "Off", "snmp.mode": "Off", "http.mode": "Off", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "On", "externalmanager.address": "tms.example.test",
        "externalmanager.protocol": "HTTPS", "ntp.address": "ntp1.example.test ntp2.example.test",
        "dns.server": "192.0.2.53 2001:db8::53", "dns.domain": "example.test",
        "systemunit.name": "vcs-e.example.test",
    },
    "codec-ce9.xml": {
        "telnet.mode": "Off", "telnetchallenge.mode": None, "telnetchallenge.port": None, "ftp.mode": None,
        "snmp.mode": "Off", "http.mode": "Off", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "On", "externalmanager.address": "tms.example.test",
        "externalmanager.protocol": "HTTPS", "externalservices.mode": None, "externalservices.protocol": None,
        "externalservices.address": None, "corporatedirectory.mode": None, "corporatedirectory.protocol": None,
        "corporatedirectory.address": "https://tms.example.test/phonebook", "ntp.mode": "Manual",
        "ntp.address": "ntp1.example.test", "dns.server": "192.0.2.53", "dns.domain": "example.test",
        "systemunit.name": "huddle-8", "strictpassword": None,
    },
    "codec-tc7.txt": {
        "telnet.mode": "Off", "telnetchallenge.mode": None, "telnetchallenge.port": None, "ftp.mode": None,
        "snmp.mode": "ReadOnly", "http.mode": "On", "https.mode": "On", "ssh.mode": "On",
        "https.verifyservercertificate": "Off", "externalmanager.address": "tms.example.test",
        "externalmanager.protocol": "HTTPS", "externalservices.mode": None, "externalservices.protocol": None,
        "externalservices.address": None, "corporatedirectory.mode": None, "corporatedirectory.protocol": None,
        "corporatedirectory.address": "https://tms.example.test/tms/public/external/phonebook/phonebookservice.asmx",
        "ntp.mode": "Manual", "ntp.address": "ntp.example.test", "dns.server": "192.0.2.53",
        "dns.domain": "example.test", "systemunit.name": "huddle-7", "strictpassword": None,
    },
    "codec-backup.txt": {
        "telnet.mode": "On", "http.mode": "On", "https.mode": "On", "ssh.mode": "On", "systemunit.name": "huddle-9",
    },
}  # fmt: skip


def refusal(data: bytes, family: str = "mxp") -> SavedConfigError:
    """Return the error with which a file is refused."""
    with pytest.raises(SavedConfigError) as caught:
        read_saved(data, PROFILES[family])
    return caught.value


@pytest.mark.parametrize("name", FILES)
def test_samples(name: str) -> None:
    """Every setting of the family is a value or proven absent; all are marked as saved, and no secret comes out."""
    reading = read_saved(*sample(name))
    settings = {path: f.fact.value if isinstance(f, Seen) else None for path, f in reading.settings.items()}
    assert settings == EXPECTED[name]
    assert all(isinstance(found, Absent) for path, found in reading.settings.items() if settings[path] is None)
    assert {found.fact.source for found in reading.settings.values() if isinstance(found, Seen)} == {"saved"}
    assert SECRET not in repr(reading)
    assert reading.says is not None
    assert reading.says.source == "saved"


@pytest.mark.parametrize(
    "name", ["mxp-f7.txt", "mxp-f9.xml", "mps-j4.txt", "vcs-x4.txt", "vcs-x8.xml", "codec-tc7.txt"]
)
def test_samples_hold_secrets_to_be_dropped(name: str) -> None:
    """Else the test above would show nothing."""
    assert SECRET.encode() in sample(name)[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
@pytest.mark.parametrize("name", ["mxp-f7.txt", "vcs-x8.xml"])
def test_encodings_do_not_matter(name: str, encoding: str) -> None:
    """A file gives the same whatever program has saved it again."""
    data, profile = sample(name)
    assert read_saved(data.decode("utf-8").encode(encoding), profile) == read_saved(data, profile)


def test_what_a_session_tells_besides() -> None:
    """Feedback without login and query, time, software, and when the file was made."""
    reading = read_saved(*sample("mxp-f7.txt"))
    assert reading.feedback == FeedbackList(
        urls=("https://tms.example.test/tms/public/feedback/code.aspx", "http://log.example.test/collect")
    )
    assert reading.time is not None
    assert reading.time.synchronised is True
    assert reading.says == DeviceSays(software="F7.1 NTSC", system_name="rm204-bld5", source="saved")
    assert reading.made_at == datetime(2026, 10, 5, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "made_at"),
    [
        ("vcs-x4.txt", datetime(2026, 10, 7, 8, 15, tzinfo=UTC)),  # the system's clock, in the file
        ("codec-tc7.txt", datetime(2026, 10, 8, 7, tzinfo=UTC)),
        ("mxp-f9.xml", datetime(2026, 10, 6, 7, tzinfo=UTC)),  # a comment
        ("vcs-x8.xml", None),
    ],
)
def test_when_the_file_was_made(name: str, made_at: datetime | None) -> None:
    """What the file says of it, or nothing."""
    assert read_saved(*sample(name)).made_at == made_at


@pytest.mark.parametrize(
    ("comment", "made_at"),
    [
        ("# saved 2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        ("! Backup of rm1 taken at 2026-01-02T03:04:05+01:00", datetime(2026, 1, 2, 2, 4, 5, tzinfo=UTC)),
        ("// date: 2026-01-02 03:04", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("# saved 2026-13-45", None),
        ("# SW Release Date: 2008-05-14", None),
        ("saved 2026-01-02", None),
        ("# 2026-01-02", None),
    ],
)
def test_comments_that_tell_the_time(comment: str, made_at: datetime | None) -> None:
    """Only a comment that says so, and only a date that exists."""
    data = f"{comment}\n*c xConfiguration HTTP Mode: Off\nOK\n".encode()
    assert read_saved(data, PROFILES["mxp"]).made_at == made_at


def test_no_feedback_registered_is_told_apart_from_no_view() -> None:
    """An empty view is an empty list; a file without the view says nothing."""
    assert read_saved(*sample("vcs-x4.txt")).feedback == FeedbackList(urls=())
    assert read_saved(*sample("mps-j4.txt")).feedback is None


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("\nOK\n", "\n"),  # the end is missing
        lambda text: text + "*c xConfiguration HTTPS Mode On\nOK\n",  # a line cannot be read
        lambda text: text + "*c xConfiguration Conference A: 1\nOK\n",  # a second answer: only parts
    ],
    ids=["cut", "unread", "parts"],
)
def test_a_file_that_may_be_incomplete_proves_no_absence(spoil: object) -> None:
    """The values are there, the missing ones are not told."""
    assert callable(spoil)
    data = sample("mxp-f7.txt")[0].decode()
    reading = read_saved(spoil(data).encode(), PROFILES["mxp"])
    assert isinstance(reading.settings["https.mode"], Seen)
    assert "externalservices.address" not in reading.settings


def test_notes_say_what_is_wrong() -> None:
    """The line that cannot be read is named, and so is a missing end."""
    unread = read_saved(b"*c xConfiguration HTTP Mode: Off\n*c xConfiguration\nOK\n", PROFILES["mxp"])
    assert "Lines of the saved file cannot be read: 2." in unread.notes[0]
    cut = read_saved(b"*c xConfiguration HTTP Mode: Off\n", PROFILES["mxp"])
    assert "does not end" in cut.notes[0]


def test_contradicting_parts_of_one_file_are_a_doubt() -> None:
    """Two sessions in one file: nobody knows which one holds."""
    data = b"*c xConfiguration HTTP Mode: Off\nOK\n*c xConfiguration HTTP Mode: On\nOK\n"
    assert not isinstance(read_saved(data, PROFILES["mxp"]).settings["http.mode"], Seen)


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "empty"),
        (b" \n\t\n", 1, "empty"),
        (b"PK\x03\x04\x00\x00\x08\x00", 1, "not text"),
        (b"\n\n\x89PNG\r\n\x00", 4, "not text"),
        (b"Dear colleague,\nplease find attached nothing.\n", 1, "neither settings nor status"),
        (b"\n\nhello\n", 3, "neither settings nor status"),
        (b"xconfiguration\nERROR\n", 1, "refusal"),
        (b"OK\n", 1, "neither"),
        (b"x\n*c xConfiguration\n", 2, "cannot|neither|no setting"),
        (b"\n<Configuration>\n<HTTP>\n</Configuration>", 4, "not well-formed"),
        (b"<html><body>Log in</body></html>", 1, "neither settings nor status"),
        (b"<Configuration><A/><B/><C/><D/></Configuration>", 1, "no setting that this family has"),
        (b"*c xConfiguration Administration HTTP Mode: On\nOK\n", 1, "no setting that this family has"),
        (b"*s Audio Volume: 5\n** end\nOK\n", 1, "nothing that this family"),
    ],
)
def test_nonsense_is_refused_with_its_line(data: bytes, line: int, words: str) -> None:
    """The reason quotes nothing of the file."""
    error = refusal(data)
    assert error.line == line
    assert any(word in error.reason for word in words.split("|"))
    assert error.cause is Cause.MALFORMED


def test_too_large_files_are_refused() -> None:
    """Before anything is decoded."""
    assert refusal(b"<" + b" " * LONGEST).cause is Cause.TOO_LARGE


def test_verdicts_from_a_saved_file_alone() -> None:
    """The checks take the observations as they are: one good file and one bad one, with hardly a packet."""
    verdicts: dict[str, dict[str, Status]] = {}
    for name in ("mxp-f7.txt", "mxp-f9.xml", "mps-j4.xml"):
        data, profile = sample(name)
        evidence = Evidence(observations_of(read_saved(data, profile), AT))
        context = Context(target=Target(name="x", product=profile.family), profile=profile, policy=Policy(), at=AT)
        wanted = {c for c in profile.controls if c.startswith("clients.")} | {
            "prerequisites.ntp", "prerequisites.dns-server"
        }  # fmt: skip
        verdicts[name] = {c.id: status_of(c.judge(evidence, context)) for c in CONTROLS if c.id in wanted}
    met, not_met, open_ = Status.MET, Status.NOT_MET, Status.UNDETERMINED
    assert verdicts["mxp-f7.txt"] == {
        "clients.external-manager-https": met,
        "clients.external-services-https": met,
        "clients.corporate-directory-https": met,
        "clients.feedback-https": not_met,
        "clients.verify-server-certificate": met,
        "clients.root-list-loaded": open_,
        "clients.addresses-are-hostnames": met,
        "prerequisites.ntp": met,
        "prerequisites.dns-server": met,
    }
    assert verdicts["mxp-f9.xml"] == {
        "clients.external-manager-https": not_met,
        "clients.external-services-https": not_met,
        "clients.corporate-directory-https": met,
        "clients.feedback-https": open_,
        "clients.verify-server-certificate": not_met,
        "clients.root-list-loaded": open_,
        "clients.addresses-are-hostnames": not_met,
        "prerequisites.ntp": not_met,
        "prerequisites.dns-server": met,
    }
    assert verdicts["mps-j4.xml"] == {
        "clients.external-manager-https": not_met,
        "clients.feedback-https": open_,
        "clients.verify-server-certificate": not_met,
        "clients.root-list-loaded": open_,
        "clients.addresses-are-hostnames": not_met,
        "prerequisites.ntp": open_,
        "prerequisites.dns-server": not_met,
    }


def test_samples_use_reserved_names_and_addresses_only() -> None:
    """Invented systems: every leaf of the XML samples that is an address or a host name is a documentation one."""
    for name in (n for n in FILES if n.endswith(".xml")):
        for leaf in read_xml(sample(name)[0]).leaves:
            if leaf.path[-1] == "Address" and leaf.value:
                assert leaf.value.startswith(("192.0.2.", "198.51.100.", "2001:db8:")) or leaf.value.endswith(
                    ".example.test"
                )

"""Facts from leaves: spellings, items, absences that are proven and those that are not, feedback, time and names."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from auditor.dialects.leaf import Document
from auditor.dialects.reading import Found, Reading, observations_of, preferred, together
from auditor.dialects.settings import EVERYTHING, settings_from
from auditor.dialects.text_output import read_answer
from auditor.dialects.words import Index, spelling
from auditor.dialects.xml_document import read_xml
from auditor.model.evidence import Absent, Cause, Observation, Seen, Unknown
from auditor.model.facts import DeviceSays, FeedbackList, Setting, TimeSync
from tests.dialects.leaves import PROFILES

TOY = replace(
    PROFILES["unknown"],
    settings=MappingProxyType(
        {
            "http.mode": ("HTTP Mode", "Services HTTP Mode"),
            "https.mode": ("HTTPS Mode",),
            "dns.server": ("IP DNS Server Address",),
            "ntp.address": ("NTP Server 2 Address",),
            "systemunit.name": ("SystemUnit Name",),
        }
    ),
    status=MappingProxyType(
        {
            "ntp.status": ("NTP Status",),
            "ntp.server": ("NTP Address",),
            "feedback": ("Posts",),
            "software": ("SystemUnit Software Version",),
            "clock": ("Time",),
            "timezone": ("Zone",),
        }
    ),
)
UNSET = "0.0.0.0"  # noqa: S104 - a device's word for 'not set'
OTHERS = "*c xConfiguration A: 1\n*c xConfiguration B: 1\n*c xConfiguration C: 1\n*c xConfiguration D: 1\n"


def answer(*lines: str, end: str = "OK\n") -> Document:
    """Return the document of these lines."""
    return read_answer("\n".join((*lines, end)).encode())


def read(*lines: str, covers: tuple[str, ...] = (), end: str = "OK\n") -> Reading:
    """Return what the toy profile finds in these lines."""
    return settings_from(answer(*lines, end=end), TOY, source="live", covers=covers)


def value(found: Found | None) -> str | None:
    """Return the value of a setting that was seen."""
    return found.fact.value if isinstance(found, Seen) else None


@pytest.mark.parametrize(
    ("asked", "path", "fits"),
    [
        ("IP DNS Server Address", "ip dns server address", True),
        ("IP DNS Server Address", "IP DNS Server 3 Address", True),
        ("IP DNS Server 1 Address", "IP DNS Server Address", True),
        ("IP DNS Server 1 Address", "IP DNS Server 2 Address", False),
        ("IP DNS Server 2", "IP 1 DNS 1 Server 2", True),
        ("HTTP Mode", "HTTPS Mode", False),
        ("HTTP Mode", "Administration HTTP Mode", False),
        ("HTTP Mode", "HTTP Mode Extra", False),
        ("HTTP Mode", "HTTP", False),
    ],
)
def test_spellings(asked: str, path: str, fits: bool) -> None:  # noqa: FBT001 - a table's column
    """Case does not matter, whole words do; an item without a number is the first."""
    document = answer(f"*c xConfiguration {path}: x")
    assert bool(Index(document, "configuration").values(spelling(asked))) is fits


def test_empty_strings_are_values() -> None:
    """What a device ships unset is seen as empty, not as missing."""
    assert value(read('*c xConfiguration SystemUnit Name: ""').settings["systemunit.name"]) == ""


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        (("192.0.2.1", "", "192.0.2.3"), "192.0.2.1 192.0.2.3"),
        (("", "192.0.2.2"), "192.0.2.2"),
        ((UNSET, "192.0.2.2", "192.0.2.2"), "192.0.2.2"),
        ((UNSET, ""), UNSET),
        (("", ""), ""),
    ],
)
def test_several_servers_become_one_value(servers: tuple[str, ...], expected: str) -> None:
    """Those that are set, in the order of their numbers; where none is, what the first says."""
    lines = [f'*c xConfiguration IP DNS Server {n} Address: "{server}"' for n, server in enumerate(servers, 1)]
    assert value(read(*reversed(lines)).settings["dns.server"]) == expected


def test_a_number_in_the_spelling_asks_for_that_item() -> None:
    """Only the second server counts where the profile says so."""
    lines = ("*c xConfiguration NTP Server 1 Address: a", "*c xConfiguration NTP Server 2 Address: b")
    assert value(read(*lines).settings["ntp.address"]) == "b"


def test_two_values_for_one_setting_are_a_doubt() -> None:
    """Equal ones are not; different ones are never resolved by guessing."""
    same = read("*c xConfiguration HTTP Mode: on", "*c xConfiguration Services HTTP Mode: On")
    assert value(same.settings["http.mode"]) == "on"
    found = read("*c xConfiguration HTTP Mode: Off", "*c xConfiguration Services HTTP Mode: On").settings["http.mode"]
    assert isinstance(found, Unknown)
    assert found.cause is Cause.MALFORMED


def test_a_withheld_value_is_a_doubt_and_no_absence() -> None:
    """It was there, but cannot be told."""
    lines = (f"*c xConfiguration SystemUnit Name: {'x' * 5000}", OTHERS)
    found = read(*lines, covers=EVERYTHING).settings["systemunit.name"]
    assert isinstance(found, Unknown)


@pytest.mark.parametrize(
    ("covers", "end", "absent"),
    [
        (EVERYTHING, "OK\n", {"https.mode", "http.mode", "dns.server", "ntp.address", "systemunit.name"}),
        (EVERYTHING, "", set()),
        (EVERYTHING, "ERROR\n", set()),
        (EVERYTHING, "*c xConfiguration broken\nOK\n", set()),
        ((), "OK\n", set()),
        (("A",), "OK\n", set()),
        (("HTTPS",), "OK\n", set()),
    ],
)
def test_absence_needs_a_whole_answer(covers: tuple[str, ...], end: str, absent: set[str]) -> None:
    """Only what was asked for, answered and ended well can be missing on the system."""
    reading = read(OTHERS, covers=covers, end=end)
    assert {path for path, found in reading.settings.items() if isinstance(found, Absent)} == absent
    assert set(reading.settings) == absent


def test_absence_in_a_part() -> None:
    """A setting is missing where all of its spellings lie within what was answered."""
    reading = read("*c xConfiguration HTTPS Port: 443", "*c xConfiguration HTTP Port: 80", covers=("HTTPS", "HTTP"))
    assert set(reading.settings) == {"https.mode"}  # HTTP may stand under Services, which was not asked for
    assert reading.settings["https.mode"] == Absent("the configuration was read and has no setting HTTPS Mode")


@pytest.mark.parametrize(
    "data",
    [
        b"<html><head><title>Login</title></head><body><form/></body></html>",
        b"<Configuration/>",
        b"<Configuration><SystemUnit><Volume>1</Volume></SystemUnit></Configuration>",
        b"<Status><A/><B/><C/><D/><E/></Status>",
        b"<EmptyResult/>",
        b"<Configuration><A/><B/><C/><D/><Fault/></Configuration>",
    ],
    ids=["login-page", "empty", "one-block", "status", "empty-result", "fault"],
)
def test_documents_that_prove_no_absence(data: bytes) -> None:
    """Well-formed, but no configuration: nothing is said of any setting."""
    assert settings_from(read_xml(data), TOY, source="live", covers=EVERYTHING).settings == {}


def test_an_empty_result_proves_that_the_part_asked_for_is_not_there() -> None:
    """So newer codecs answer a path that they do not have."""
    reading = settings_from(read_xml(b"<EmptyResult/>"), TOY, source="live", covers=("HTTPS",))
    assert isinstance(reading.settings["https.mode"], Absent)


@pytest.mark.parametrize(
    ("said", "http", "https"),
    [("HTTPS", "Off", "On"), ("HTTP+HTTPS", "On", "On"), ("Off", "Off", None), ("On", "On", None)],
)
def test_one_setting_for_http_and_https(said: str, http: str, https: str | None) -> None:
    """What newer codecs put into one value becomes the two settings that it means, with a note."""
    reading = read(f"*c xConfiguration Services HTTP Mode: {said}")
    assert value(reading.settings["http.mode"]) == http
    assert value(reading.settings.get("https.mode")) == https
    assert bool(reading.notes) is (https is not None)


def test_a_setting_of_its_own_outweighs_the_combined_one() -> None:
    """HTTPS mode, where the system has it, is taken as it stands."""
    reading = read("*c xConfiguration HTTP Mode: HTTPS", "*c xConfiguration HTTPS Mode: Off")
    assert value(reading.settings["https.mode"]) == "Off"


@pytest.mark.parametrize(
    ("lines", "urls"),
    [
        (("*s Feedback: /", "*s/end"), ()),
        (("*s HttpFeedback 1 URL: http://a.example.test/x?key=1#y", '*s HttpFeedback 2 URL: ""'), ("http://a.example.test/x",)),
        (("*s Feedback 1: /", "  URL: https://b.example.test/", "  Expression 1: /Status", "*s/end"), ("https://b.example.test/",)),
        (("*s Posts: /", "  To 1:", "    URL: ftp://c.example.test", "*s/end"), ("ftp://c.example.test",)),
        (("*s ExternalManager: /", "  URL: http://no.example.test/", "*s/end"), None),
        (("*c xConfiguration Feedback 1 URL: http://no.example.test/",), None),
        ((), None),
    ],
)  # fmt: skip
def test_feedback(lines: tuple[str, ...], urls: tuple[str, ...] | None) -> None:
    """Addresses in a view of feedback, in whatever form; no view, no fact."""
    assert read(*lines).feedback == (None if urls is None else FeedbackList(urls=urls))


def test_feedback_of_a_cut_answer_is_not_told() -> None:
    """The address that is missing may be the bad one."""
    assert read("*s Feedback 1: /", "  URL: https://b.example.test/", "*s/end", end="").feedback is None


@pytest.mark.parametrize(
    ("lines", "end", "expected"),
    [
        (("*s NTP Status: Synchronised", "*s NTP Address: ntp"), "OK\n", (True, "ntp")),
        (("*s NTP (status=Inactive): /", "*s/end"), "OK\n", (False, None)),
        (("*s NTP (status=Active): /", "  Status: Unsynchronised", "*s/end"), "OK\n", (False, None)),
        (("*s NTP 1 Status: Rejected", "*s NTP 2 Status: Synced"), "OK\n", (True, None)),
        (("*s NTP Status: Rejected",), "", (None, None)),
        (("*s NTP Status: Starting", "*s NTP Address: 0.0.0.0"), "OK\n", (None, None)),
    ],
)
def test_time(lines: tuple[str, ...], end: str, expected: tuple[bool | None, str | None]) -> None:
    """Words that are known decide, words that are not leave it open, and one good server is enough."""
    time = read(*lines, end=end).time
    assert time is not None
    assert (time.synchronised, time.server) == expected
    assert time.words


def test_no_word_about_time_is_no_fact() -> None:
    """A server alone says nothing of synchronisation."""
    assert read("*s NTP Address: ntp").time is None


@pytest.mark.parametrize(
    ("lines", "clock"),
    [
        (("*s Time: 2026-10-08T09:00:00+02:00",), datetime(2026, 10, 8, 7, tzinfo=UTC)),
        (("*s Time: 2026-10-08 09:00:00", "*s Zone: GMT"), datetime(2026, 10, 8, 9, tzinfo=UTC)),
        (("*s Time: 2026-10-08 09:00:00", "*s Zone: Europe/Oslo"), None),
        (("*s Time: 2026-10-08 09:00:00",), None),
        (("*s Time: 0001-01-01T00:00:00+14:00",), None),
        (("*s Time: soon", "*s Zone: UTC"), None),
    ],
)
def test_the_clock_needs_a_zone(lines: tuple[str, ...], clock: datetime | None) -> None:
    """A time whose zone is not told is no clock."""
    says = read(*lines, "*c xConfiguration SystemUnit Name: n").says
    assert says == DeviceSays(system_name="n", clock=clock)


def test_readings_together() -> None:
    """A value outweighs a doubt, a doubt an absence; facts are taken where they are."""
    absent, doubt = Absent("a"), Unknown(Cause.MALFORMED, "b")
    seen = Seen(Setting(path="x", value="v"))
    first = Reading(settings={"x": absent, "y": doubt, "z": absent}, says=DeviceSays(software="F1"), notes=("n",))
    second = Reading(settings={"x": seen, "y": absent, "z": doubt}, says=DeviceSays(system_name="s"), notes=("n",),
                     time=TimeSync(synchronised=True), feedback=FeedbackList(urls=()))  # fmt: skip
    both = together((first, second))
    assert both.settings == {"x": seen, "y": doubt, "z": doubt}
    later = Reading(settings={"x": Seen(Setting(path="x", value="other"))})
    assert together((second, later)).settings["x"] == seen
    assert both.says == DeviceSays(software="F1", system_name="s")
    assert (both.time, both.feedback, both.notes) == (second.time, second.feedback, ("n",))


def test_live_is_preferred_to_saved() -> None:
    """The file fills in only what the live reading did not decide, and its doubt stands."""
    doubt = Unknown(Cause.MALFORMED, "b")
    old, new = Seen(Setting(path="x", value="old", source="saved")), Seen(Setting(path="x", value="new"))
    saved = Reading(settings={"x": old, "y": old, "z": old}, time=TimeSync(synchronised=True), says=DeviceSays(),
                    made_at=datetime(2026, 1, 1, tzinfo=UTC), notes=("old",))  # fmt: skip
    live = Reading(settings={"x": new, "y": doubt}, says=DeviceSays(software="F9"), notes=("new",))
    both = preferred(live, saved)
    assert both.settings == {"x": new, "y": doubt, "z": old}
    assert (both.time, both.says, both.made_at) == (saved.time, live.says, saved.made_at)
    assert both.notes == ("new", "old")


def test_observations() -> None:
    """Each has the identifier that the checks ask for, and what was not read has none."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    reading = read("*c xConfiguration HTTPS Mode: On", "*s Feedback: /", "*s/end", "*s NTP Status: Synced",
                   "*s SystemUnit Software Version: F9", covers=("HTTPS",))  # fmt: skip
    found = observations_of(reading, at)
    assert [o.id for o in found] == ["setting/https.mode", "feedback/urls", "time/sync", "says/device"]
    assert found[0] == Observation(
        Setting, "setting", "https.mode", at, Seen(Setting(path="https.mode", value="On", source="live"))
    )
    assert {o.asks for o in found} == {Setting, FeedbackList, TimeSync, DeviceSays}

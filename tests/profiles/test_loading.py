"""Loading profile files: what ships loads, and every mistake in a file is named, with file and key."""

import hashlib
from importlib import resources

import pytest

from auditor.model.profile import Profile
from auditor.profiles import ProfileError, load_profiles, parse_profile, parse_profiles, profiles_digest

GOOD = """
family = "toy"
title = "Toy"
vendor = "Nobody"
role = "device"
chapter = "1"
documents = ["one"]
paths = ["/"]
telnet_challenge_pattern = "challenge"
[limits]
pause_seconds = 0.5
[[service]]
name = "http"
protocol = "http"
transport = "tcp"
port = 80
title = "HTTP"
default = "on"
level = 2
[[service]]
name = "tcp-81"
protocol = "tcp"
transport = "tcp"
port = 81
title = "Another"
default = "off"
level = "unrated"
[[recognise]]
where = "telnet"
pattern = 'Toy (?P<software>\\d+)'
[[read]]
protocol = "http"
operation = "GET"
argument = "/"
manual = "one"
[controls."services.http-off"]
section = "s"
step = "t"
remediation = "r"
[settings]
"http.mode" = ["HTTP Mode", "Services HTTP Mode"]
[status]
software = ["SystemUnit Software Version"]
"""


def problems_in(text: str) -> tuple[str, ...]:
    """Return the problems that this text is refused for."""
    with pytest.raises(ProfileError) as caught:
        parse_profile(text, "toy.toml")
    return caught.value.problems


def test_every_shipped_profile_loads() -> None:
    """The four families and the profile for hosts of unknown family are there, each under its own name."""
    profiles = load_profiles()
    assert list(profiles) == ["mps", "mxp", "tms", "unknown", "vcs"]
    assert all(profile.family == family for family, profile in profiles.items())
    assert {family: profile.role for family, profile in profiles.items()} == {
        "mps": "device",
        "mxp": "device",
        "tms": "server",
        "unknown": "unknown",
        "vcs": "device",
    }


def test_good_text_becomes_a_profile() -> None:
    """Defaults come from the model, and an unrated service has no level."""
    profile = parse_profile(GOOD, "toy.toml")
    assert isinstance(profile, Profile)
    assert profile.limits.pause_seconds == 0.5
    assert profile.limits.conversations == 1
    assert [service.level for service in profile.services] == [2, None]
    assert profile.service("tcp-81") == profile.services[1]
    assert profile.controls["services.http-off"].checklist is None
    assert profile.software is None
    assert profile.settings == {"http.mode": ("HTTP Mode", "Services HTTP Mode")}
    assert profile.status == {"software": ("SystemUnit Software Version",)}


def test_five_mistakes_are_all_reported() -> None:
    """An unknown key, a missing key, a bad pattern, a doubled service and a doubled read are named together."""
    broken = (
        GOOD.replace('vendor = "Nobody"', 'vendor = "Nobody"\ncolour = "blue"')
        .replace('title = "HTTP"\n', "")
        .replace("(?P<software>", "(?P<software")
        .replace('name = "tcp-81"', 'name = "http"')
        .replace(
            "[controls", '[[read]]\nprotocol = "http"\noperation = "GET"\nargument = "/"\nmanual = "two"\n[controls'
        )
    )
    problems = problems_in(broken)
    assert len(problems) == 5
    assert all(problem.startswith("toy.toml: ") for problem in problems)
    text = "\n".join(problems)
    assert "colour: is not a known key" in text
    assert "service[1].title: is missing" in text
    assert "recognise[1].pattern: is not a regular expression" in text
    assert "service[2]: has the same name as service[1]: http" in text
    assert "read[2]: has the same protocol and operation and argument as read[1]" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("port = 80", "port = 70000", "service[1].port: must be from 1 to 65535"),
        ("port = 80", 'port = "80"', "service[1].port: Input should be a valid integer"),
        ("port = 80", "port = true", "service[1].port: Input should be a valid integer"),
        ("port = 81", "port = 80", "service[2]: has the same transport and port as service[1]"),
        ("level = 2", "level = 5", "service[1].level: must be from 1 to 4"),
        ("level = 2\n", "", "service[1].level: is missing"),
        ("level = 2", 'level = "none"', "service[1].level: Input should be a valid integer"),
        ("level = 2", "level = 2\nnote = 1", "service[1].note: is not a known key"),
        ("pause_seconds = 0.5", "pause_seconds = nan", "limits.pause_seconds: must be from 0 to 60"),
        ("pause_seconds = 0.5", "conversations = 0", "limits.conversations: must be from 1 to 8"),
        ("pause_seconds = 0.5", "pace = 1", "limits.pace: is not a known key"),
        ('where = "telnet"', 'where = "sip"', "recognise[1].where: is not one of"),
        ("Toy (?P<software>", "Toy (?P<model>", "recognise[1].pattern: has a group 'model'"),
        ("'Toy (?P<software>\\d+)'", "'(Toy)?'", "recognise[1].pattern: matches the empty text"),
        ('= "challenge"', '= "("', "telnet_challenge_pattern: is not a regular expression"),
        ('paths = ["/"]', 'paths = ["/", "/x"]', "paths[2]: is not among the permitted reads (http GET): /x"),
        ('paths = ["/"]', 'paths = ["x"]', "paths[1]: must begin with a slash"),
        ("services.http-off", "Services HTTP", "controls.Services HTTP: is not the identifier of a control"),
        ('remediation = "r"', 'remediation = " "', "controls.services.http-off.remediation: is empty"),
        ('step = "t"\n', "", "controls.services.http-off.step: is missing"),
        ('role = "device"', 'role = "fridge"', "role: Input should be"),
        ("[limits]\npause_seconds = 0.5\n", "", "limits: is missing"),
        ("[limits]", "service = 3\n[limits]", "toy.toml: is not TOML"),
        ('"http.mode"', '"HTTP Mode"', "settings.HTTP Mode: is not the path of a setting"),
        ('["HTTP Mode", "Services HTTP Mode"]', "[]", "settings.http.mode: has no spelling"),
        ('["HTTP Mode", "Services HTTP Mode"]', '"HTTP Mode"', "settings.http.mode: Input should be"),
        ('"Services HTTP Mode"', '"Services/HTTP"', "settings.http.mode: is not made of words and numbers"),
        ('"Services HTTP Mode"', '"1 HTTP"', "settings.http.mode: is not made of words and numbers"),
        (
            '"Services HTTP Mode"',
            '"http mode"',
            "settings.http.mode: 'http mode' stands for settings.http.mode already",
        ),
        ("[status]", '"x" = ["HTTP mode"]\n[status]', "settings.x: 'HTTP mode' stands for settings.http.mode already"),
        ("software = [", "colour = [", "status.colour: is not one of clock, feedback"),
        ("software = [", 'clock = ["SystemUnit Software Version"]\nsoftware = [', "status.software: 'SystemUnit"),
        ('protocol = "http"\ntransport', 'protocol = "gopher"\ntransport', "service[1].protocol: Input should be"),
    ],
)
def test_each_mistake_is_named_with_its_key(old: str, new: str, expected: str) -> None:
    """One mistake at a time: the message says file, key and what is wrong."""
    assert old in GOOD
    assert any(expected in problem for problem in problems_in(GOOD.replace(old, new, 1)))


def test_tables_of_the_wrong_type_are_refused_not_tripped_over() -> None:
    """A file whose tables are numbers and lists of numbers is a list of problems, never another exception."""
    text = 'family = 1\npaths = 2\ncontrols = 3\nlimits = 4\nservice = [5]\nrecognise = 6\nread = ["x"]\nexcluded = 7\n'
    problems = problems_in(text)
    for key in ("family", "paths", "controls", "limits", "service[1]", "recognise", "read[1]", "excluded", "title"):
        assert any(problem.startswith(f"toy.toml: {key}: ") for problem in problems), key


def test_problems_of_all_files_come_together() -> None:
    """A second broken file does not hide behind the first; the error is a ValueError whose text has every line."""
    files = {
        "a.toml": GOOD.encode(),
        "b.toml": b"family = ",
        "c.toml": b"\xff\xfe",
        "d.toml": GOOD.replace("port = 80", "port = 0").encode(),
        "toy.toml": GOOD.encode(),
    }
    with pytest.raises(ValueError, match="is not TOML") as caught:
        parse_profiles(files)
    assert isinstance(caught.value, ProfileError)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["a.toml", "b.toml", "c.toml", "d.toml"]
    assert str(caught.value).splitlines() == list(caught.value.problems)


def test_digest_covers_names_and_bytes_of_every_file() -> None:
    """The digest is computed anew here from the package's own files."""
    expected = hashlib.sha256()
    files = sorted(entry.name for entry in resources.files("auditor.profiles").iterdir())
    for name in (file for file in files if file.endswith(".toml")):
        data = resources.files("auditor.profiles").joinpath(name).read_bytes()
        expected.update(name.encode() + b"\0" + str(len(data)).encode() + b"\0" + data)
    assert profiles_digest() == expected.hexdigest()

"""The text interface: flat lines, trees, terminators, echo and prompts, and answers that were cut."""

import time
from contextlib import suppress

import pytest

from auditor.dialects.leaf import Ending
from auditor.dialects.text_output import DEEPEST, MOST_LEAVES, TextError, read_answer, read_answers
from auditor.model.evidence import Cause
from tests.dialects.leaves import by_path

TREE = b"""xstatus
*s SystemUnit: /
  Product: "TANDBERG VCS"
  Software: /
    Version: "X4.1.0"
    Option 1 (status=Valid):
      Name: "a: b (c)"
  Uptime: 5
*s/end

*s Call 1 (status=Synced, type=Vtlph, user="x"): /
  Muted: Off
*s/end
*s Feedback: /
*s/end

OK
"""
TREE_LEAVES = {
    "Status SystemUnit Product": "TANDBERG VCS",
    "Status SystemUnit Software Version": "X4.1.0",
    "Status SystemUnit Software Option 1": "",
    "Status SystemUnit Software Option 1 Name": "a: b (c)",
    "Status SystemUnit Uptime": "5",
    "Status Call 1": "",
    "Status Call 1 Muted": "Off",
    "Status Feedback": "",
}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r\r\n", b"\r"], ids=["lf", "crlf", "crcrlf", "cr"])
def test_trees_with_every_kind_of_line_end(end: bytes) -> None:
    """Blocks within blocks, attributes in parentheses, empty blocks, values with colons and parentheses."""
    document = read_answer(TREE.replace(b"\n", end))
    assert by_path(document) == TREE_LEAVES
    assert document.ending is Ending.COMPLETE
    call = next(leaf for leaf in document.leaves if leaf.path == ("Status", "Call", "1"))
    assert call.attributes == (("status", "Synced"), ("type", "Vtlph"), ("user", "x"))


def test_settings_with_echo_prompt_and_noise() -> None:
    """Greeting, echo, prompt, events, results and the phone book give nothing; names come as they are written."""
    document = read_answer(
        b"> xConfiguration HTTPS Mode\r\n*c xConfiguration HTTPS Mode: On\r\n"
        b'cxt:~$ *c xconfiguration ip dns server 1 address: "2001:db8::1"\r\n'
        b'*c xConfiguration SystemUnit Name: ""\r\n*c xDirectory Entry 1 Name: "somebody"\r\n'
        b"*e Call 1 /\r\n*r Result (status=OK):\r\n  Info: x\r\n*r/end\r\nxConfiguration Telnet Mode: Off\r\n\r\n> OK"
    )
    assert by_path(document) == {
        "Configuration HTTPS Mode": "On",
        "Configuration ip dns server 1 address": "2001:db8::1",
        "Configuration SystemUnit Name": "",
    }
    assert document.whole


def test_flat_status_ends_with_two_stars() -> None:
    """Later codecs print flat lines, `** end` and OK: that is one answer."""
    answers = read_answers(b'*s SystemUnit Software Version: "TC7.3"\n*s Audio Volume: 5\n** end\n\nOK\n')
    assert len(answers) == 1
    assert answers[0].ending is Ending.COMPLETE
    assert by_path(answers[0]) == {"Status SystemUnit Software Version": "TC7.3", "Status Audio Volume": "5"}


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (b"xstatus x\r\nERROR\r\n", Ending.ERROR),
        (b"ERROR: no such path\n", Ending.ERROR),
        (b"Command not recognized.\r\n", Ending.ERROR),
        (b"*r Result (status=Error): /\n  Cause: 1\n*r/end\n", Ending.ERROR),
        (b"*c xConfiguration HTTP Mode: Off\n", Ending.CUT),
        (b"*s NTP: /\n  Address: a\n*s/end\n", Ending.CUT),
        (b"", Ending.CUT),
        (b"OK", Ending.COMPLETE),
        (b"OK\n*c xConfiguration HTTP Mode: Off\n", Ending.CUT),
        (b"*c xConfiguration HTTP Mode: Off\nERROR\n", Ending.ERROR),
    ],
)
def test_endings(data: bytes, ending: Ending) -> None:
    """An answer is complete, refused or cut, and only the last word decides."""
    assert read_answer(data).ending is ending


def test_a_line_that_may_be_cut_is_no_value() -> None:
    """`Mode: O` could become On or Off: the line without an end is left out."""
    assert by_path(read_answer(b"*c xConfiguration A Mode: On\n*c xConfiguration B Mode: O")) == {
        "Configuration A Mode": "On"
    }


def test_answers_of_a_session_are_parted() -> None:
    """Each has its own end, and a login's OK is no answer."""
    answers = read_answers(
        b"Welcome\n\nOK\n*s A: /\n  B: 1\n*s/end\nOK\n*c xConfiguration C D: 2\nOK\n*c xConfiguration E: 3\n"
    )
    assert [by_path(answer) for answer in answers if answer.leaves] == [
        {"Status A B": "1"},
        {"Configuration C D": "2"},
        {"Configuration E": "3"},
    ]
    assert [answer.ending for answer in answers][-2:] == [Ending.COMPLETE, Ending.CUT]


def test_commands_of_a_backup_count_only_when_asked_for() -> None:
    """In a file they are settings, from a device they are echo."""
    data = b"xConfiguration HTTP Mode: Off\nxconf SSH Mode: On\nxcommand Boot: now\n"
    assert by_path(read_answers(data, commands=True)[0]) == {
        "Configuration HTTP Mode": "Off",
        "Configuration SSH Mode": "On",
    }
    assert read_answers(data)[0].leaves == ()


@pytest.mark.parametrize(
    "line",
    [
        b"*c xConfiguration HTTP Mode Off",
        b"*c xConfiguration: Off",
        b'*c xConfiguration A B: "open',
        b"*c A B: Off",
        b"*s NTP Status",
        b'*s NTP Status: "x',
        b"*c xConfiguration A " + b"B" * 9000 + b": 1",
    ],
)
def test_lines_that_cannot_be_read_are_counted(line: bytes) -> None:
    """The answer is not whole then, so nothing is proven absent by it."""
    document = read_answer(b"\n" + line + b"\nOK\n")
    assert document.unread == (2,)
    assert document.ending is Ending.COMPLETE
    assert not document.whole


def test_secrets_are_withheld_and_logins_cut_out_of_addresses() -> None:
    """In flat lines, in trees and in attributes."""
    document = read_answer(
        b'*c xConfiguration SystemUnit Password: "tell-nobody"\n*c xConfiguration SNMP CommunityName: tell-nobody\n'
        b"*c xConfiguration ExternalManager Address: http://u:tell-nobody@tms.example.test/x\n"
        b"*s SystemUnit (pin=tell-nobody, state=Up): /\n  Software: /\n    ReleaseKey: tell-nobody\n"
        b"  Hardware:\n    SerialNumber: tell-nobody\n*s/end\nOK\n"
    )
    assert "tell-nobody" not in repr(document)
    assert by_path(document)["Configuration ExternalManager Address"] == "http://tms.example.test/x"
    assert len(document.withheld) == 4


@pytest.mark.parametrize(
    "data",
    [
        b"*c xConfiguration A: 1\n" * (MOST_LEAVES + 1),
        b"*s A: /\n" + b"".join(b" " * n + b"B: /\n" for n in range(1, DEEPEST + 2)),
        b"x" * 9_000_000,
    ],
    ids=["leaves", "depth", "bytes"],
)
def test_more_than_a_device_has(data: bytes) -> None:
    """The limits end in a typed error."""
    with pytest.raises(TextError) as caught:
        read_answer(data)
    assert caught.value.cause is Cause.TOO_LARGE


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 8_000_000,
        b"*" * 8_000_000,
        b"\r" * 8_000_000,
        b"*c xConfiguration" + b" " * 8_000_000,
        b"*s " + b"a(" * 4_000_000,
        (b"*s " + b"a " * 4000 + b"\n") * 1000,
        (b"*s " + b"a" * 390 + b"(" + b"b" * 1990 + b"\n") * 3000,
        (b"$" * 60 + b" *\n") * 130_000,
        (b"*s A:\n" + b"  x\n" * 10) * 100_000,
    ],
    ids=["x", "stars", "cr", "blanks", "parens", "words", "heads", "prompts", "blocks"],
)
def test_hostile_text_does_not_stall(data: bytes) -> None:
    """Eight million octets that are made to backtrack are read within five seconds."""
    started = time.process_time()
    with suppress(TextError):
        read_answer(data)
    assert time.process_time() - started < 5

"""The transcript: a line that was forged, added, removed, moved or edited is found, and so is a request that writes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from auditor.reports.bundle import TRANSCRIPT
from auditor.reports.transcript import START, chained_line, last_chain, next_chain, parted
from tests.verification.bundles import FAILED, PASSED, Audited, Line


def edited(lines: list[bytes]) -> list[bytes]:
    """Change what a line says, and leave its chain."""
    return [lines[0], lines[1].replace(b'"answered"', b'"Filtered"'), *lines[2:]] if b"answered" in lines[1] else [
        lines[0].replace(b'"port":', b'"port":1'), *lines[1:],
    ]  # fmt: skip


def moved(lines: list[bytes]) -> list[bytes]:
    """Swap two lines."""
    return [lines[1], lines[0], *lines[2:]]


def cut(lines: list[bytes]) -> list[bytes]:
    """Take the last line away."""
    return lines[:-1]


def gutted(lines: list[bytes]) -> list[bytes]:
    """Take a line out of the middle."""
    return [*lines[:5], *lines[6:]]


def doubled(lines: list[bytes]) -> list[bytes]:
    """Put a line in twice."""
    return [*lines, lines[-1]]


def appended(lines: list[bytes]) -> list[bytes]:
    """Add a permitted request that was never made, rightly chained."""
    found = parted(lines[-1])
    assert found is not None
    line, _ = chained_line(found[1], json.loads(found[0]))
    return [*lines, line]


def unchained(lines: list[bytes]) -> list[bytes]:
    """Take the chain off one line."""
    found = parted(lines[3])
    assert found is not None
    return [*lines[:3], found[0] + b"\n", *lines[4:]]


@pytest.mark.parametrize("attack", [edited, moved, cut, gutted, doubled, appended, unchained])
def test_a_changed_transcript_is_found_though_the_manifest_fits(
    bundle: Audited, attack: Callable[[list[bytes]], list[bytes]]
) -> None:
    """The evidence's end record counts the lines and holds the head of their chain."""
    bundle.edit(TRANSCRIPT, lambda data: b"".join(attack(data.splitlines(keepends=True))))
    bundle.rehash()
    checks = bundle.checks()
    assert checks["files"].state is PASSED
    assert checks["transcript"].state is FAILED, checks


def an_http_line(lines: list[Line]) -> Line:
    """Return a GET that was made."""
    return next(line for line in lines if line["protocol"] == "http" and line["operation"] == "GET")


FORGERIES: dict[str, dict[str, Any]] = {
    "a write by GET": {"argument": "/formputxml?xmldoc=x"},
    "a path that is not listed": {"argument": "/secret"},
    "another method": {"operation": "POST"},
    "a command": {"protocol": "ssh", "operation": "RUN", "argument": "xCommand Boot"},
    "a setting": {"protocol": "ssh", "operation": "RUN", "argument": "xConfiguration HTTP Mode: Off"},
    "an unknown protocol": {"protocol": "sip", "operation": "OPTIONS", "argument": ""},
    "another address": {"address": "192.0.2.99"},
    "a port without a service": {"port": 5060},
    "another host": {"host": "nobody"},
    "no host": {"host": "(auditor)"},
    "a resolver that was not named": {
        "protocol": "dns", "operation": "QUERY", "argument": "A", "address": "192.0.2.53", "port": 53,
    },
    "a time server that was not named": {
        "protocol": "ntp", "operation": "QUERY", "argument": "", "address": "192.0.2.123", "port": 123,
    },
    "a refusal of what is permitted": {"permitted": False, "sent_bytes": 0, "received_bytes": 0},
    "a refusal that sent bytes": {"permitted": False, "argument": "/secret", "sent_bytes": 9},
    "a number for a text": {"host": 5},
    "a field too many": {"note": "x"},
    "a time that is none": {"at": "yesterday"},
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_line_is_found_though_everything_was_recomputed(bundle: Audited, name: str) -> None:
    """Chain, counts, reports and manifest all fit: what the line says gives it away."""
    lines = bundle.lines()
    bundle.write_lines([*lines, an_http_line(lines) | FORGERIES[name]])
    failures = bundle.failures()
    assert failures == {"requests"}, failures
    last = len(lines) + 1
    assert all(d.startswith(f"line {last}:") for d in bundle.checks()["requests"].details)


def test_a_line_without_a_field_is_found(bundle: Audited) -> None:
    """Every field of the ledger must be there."""
    lines = bundle.lines()
    bundle.write_lines([*lines, {k: v for k, v in an_http_line(lines).items() if k != "sent_bytes"}])
    assert bundle.failures() == {"requests"}


def test_lines_taken_out_with_everything_recomputed_leave_answers_unexplained(bundle: Audited) -> None:
    """What answered must have been asked. Only the key proves lines of questions that nobody answered."""
    lines = bundle.lines()
    gone = an_http_line(lines)
    bundle.write_lines([line for line in lines if (line["host"], line["port"]) != (gone["host"], gone["port"])])
    assert bundle.failures() == {"answers"}


def test_a_refused_request_is_told_and_is_no_failure(bundle: Audited) -> None:
    """It was not sent. The audit itself ends with a code of its own for it."""
    lines = bundle.lines()
    refused = {
        "operation": "POST", "permitted": False, "outcome": "refused by the read list", "sent_bytes": 0,
        "received_bytes": 0,
    }  # fmt: skip
    bundle.write_lines([*lines, an_http_line(lines) | refused])
    check = bundle.checks()["requests"]
    assert check.state is PASSED
    assert "1 refused" in check.words
    assert any("POST" in detail for detail in check.details)
    assert bundle.failures() == set()


def test_logins_are_permitted_only_where_the_inventory_names_credentials(bundle: Audited) -> None:
    """The audit logged in; the same line at a host without credentials is a forgery."""
    lines = bundle.lines()
    logins = [line for line in lines if line["operation"] == "LOGIN"]
    assert logins
    bundle.write_lines([*lines, logins[0] | {"host": "tms"}])
    assert "line" in "\n".join(bundle.checks()["requests"].details)
    assert "requests" in bundle.failures()


def test_the_chain_is_what_its_description_says() -> None:
    """SHA-256 of the chain before and the line's own bytes."""
    line, chain = chained_line(START, {"a": 1})
    assert line == b'{"a":1,"chain":"' + chain.encode() + b'"}\n'
    assert chain == next_chain("0" * 64, b'{"a":1}')
    assert parted(line) == (b'{"a":1}', chain)
    assert parted(b'{"a":1}\n') is None


def test_the_last_chain_is_that_of_the_last_whole_line(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A line that was cut while it was written does not count."""
    path = tmp_path_factory.mktemp("chain") / "transcript.jsonl"
    assert last_chain(path) is None
    path.write_bytes(b"")
    assert last_chain(path) == START
    first, chain = chained_line(START, {"a": 1})
    second, head = chained_line(chain, {"a": 2})
    path.write_bytes(first + second)
    assert last_chain(path) == head
    path.write_bytes(first + second[:-1])
    assert last_chain(path) == chain

"""Syslog messages: one for each finding, bounded, in ASCII where they hold JSON, framed by their length."""

import json
import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.assessment import AuditRun
from auditor.reports.interface import UnknownFormatError
from auditor.reports.records import records
from auditor.reports.severity import Severity
from auditor.reports.syslog import FORMS, LIMIT, Sender, TooLongError, message, syslog_messages
from auditor.reports.visible import visible
from tests.reports.cef_reader import read_cef
from tests.reports.machine_run import machine_run
from tests.reports.sample_run import HOSTILE_NAME, START, sample_run

RUN = machine_run()
RFC5424 = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) "
    rb"([!-~]{1,32}) - (.*)",
    re.DOTALL,
)


def unframed(stream: bytes) -> list[bytes]:
    """Return the messages of a stream as RFC 5425 frames them."""
    found = []
    while stream:
        length, blank, rest = stream.partition(b" ")
        assert blank
        assert length.isdigit()
        found.append(rest[: int(length)])
        assert len(found[-1]) == int(length)
        stream = rest[int(length) :]
    return found


def crowded(run: AuditRun) -> AuditRun:
    """Return the run with three hundred long sentences of evidence behind each finding."""
    hosts = tuple(
        replace(h, findings=tuple(replace(f, evidence=("port/x: \U0001f4de" + "é" * 9000,) * 300) for f in h.findings))
        for h in run.hosts[:1]
    )
    return replace(run, hosts=hosts)


@pytest.mark.parametrize("form", list(FORMS))
def test_every_finding_is_one_message(form: str) -> None:
    """Well-formed, bounded, nothing in it that is not printable."""
    messages = unframed(b"".join(syslog_messages(RUN, form, "audit host\n")))
    for whole, record in zip(messages, records(RUN), strict=True):
        assert len(whole) <= LIMIT
        match = RFC5424.fullmatch(whole)
        assert match
        assert match[3] == b"audit_host_"
        assert match[5] == RUN.id.encode()
        text = match[7].decode()
        assert text == visible(text)
        assert record.finding.fingerprint in text
        if form == "cef":
            assert read_cef(text).extension["externalId"] == record.finding.fingerprint
        else:
            assert text.isascii()
            assert isinstance(json.loads(text), dict)


@pytest.mark.parametrize("form", list(FORMS))
def test_too_much_evidence_is_cut_with_a_mark(form: str) -> None:
    """The message stays whole JSON, or whole CEF, and says that something is missing."""
    for whole in unframed(b"".join(syslog_messages(crowded(sample_run()), form, "h"))):
        assert len(whole) <= LIMIT
        match = RFC5424.fullmatch(whole)
        assert match
        if form == "cef":
            assert "more characters]" in read_cef(match[7].decode()).extension["cs3"]
            continue
        event = json.loads(match[7])
        own = {"ecs": event.get("auditor"), "json": event}.get(form, event.get("unmapped"))
        assert own["truncated"] is True


def test_a_message_that_fits_is_not_marked() -> None:
    """Only what is cut says so."""
    assert b"truncated" not in next(syslog_messages(RUN, "ocsf", "h"))


def test_severity_is_syslogs() -> None:
    """Facility local0; a high breach is an error, a pass informational."""
    found = {
        (r.host.target.name, r.finding.control): m.split(b"<")[1].split(b">")[0]
        for r, m in zip(records(RUN), syslog_messages(RUN, "json", "h"), strict=True)
    }
    assert found["rm204", "services.telnet-off"] == b"131"
    assert found["rm204", "services.ftp-off"] == b"134"
    assert found[HOSTILE_NAME, "services.telnet-off"] == b"131"


def test_what_cannot_be_cut_is_refused() -> None:
    """Rather than let a receiver make two records of it."""
    with pytest.raises(TooLongError):
        message(Sender("h", "a"), START, Severity.LOW, lambda _: b"x" * LIMIT)


def test_an_unknown_form_is_refused_with_the_list() -> None:
    """The operator sees what exists."""
    with pytest.raises(UnknownFormatError, match="ocsf, ecs, cef, json"):
        next(syslog_messages(RUN, "leef", "h"))


@given(st.text(max_size=300), st.text(max_size=200))
def test_any_sender_makes_a_good_header(host: str, audit: str) -> None:
    """Names of machines are not ours either."""
    match = RFC5424.fullmatch(message(Sender(host, audit), START, Severity.HIGH, lambda _: b"{}"))
    assert match
    assert match[7] == b"{}"

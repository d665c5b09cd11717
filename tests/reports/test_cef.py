"""CEF: an independent reader finds what was written, and no field that a device invented."""

from hypothesis import given
from hypothesis import strategies as st

from auditor.reports.cef import CefReport, cef_lines, header, value
from auditor.reports.excerpt import excerpt
from auditor.reports.records import records
from auditor.reports.visible import visible
from tests.reports.cef_reader import read_cef
from tests.reports.machine_run import FULL, machine_run

RUN = machine_run()
KEYS = {
    "rt", "externalId", "deviceExternalId", "dhost", "dst", "c6a3Label", "c6a3", "outcome", "reason", "msg", "cs1Label",
    "cs1", "cs2Label", "cs2", "cs3Label", "cs3", "cs4Label", "cs4", "cs5Label", "cs5", "cs6Label", "cs6", "cn1Label",
    "cn1",
}  # fmt: skip


def test_every_line_has_our_keys_only() -> None:
    """A name such as `room act=allowed` makes no field `act`; every finding is one line."""
    lines = CefReport().render(RUN).decode().split("\n")
    assert lines.pop() == ""
    for line, record in zip(lines, records(RUN), strict=True):
        read = read_cef(line)
        assert set(read.extension) <= KEYS
        assert read.header[:5] == ("0", "vc-fleet-auditor", "auditor", "0.1.0", record.finding.control)
        assert read.extension["externalId"] == record.finding.fingerprint
        assert read.extension["deviceExternalId"] == excerpt(record.host.target.name, 255)
        assert read.extension["reason"] == excerpt(record.finding.because, 1023)
        assert line == visible(line)


def test_an_address_has_the_key_of_its_kind() -> None:
    """`dst` is for IPv4 only."""
    by_host = {read.extension["deviceExternalId"]: read.extension for read in map(read_cef, cef_lines(RUN))}
    assert by_host["rm204"]["dst"] == "192.0.2.21"
    assert by_host[FULL]["c6a3"] == "2001:db8::5"
    assert "dst" not in by_host[FULL]


def test_severities() -> None:
    """From 0 to 10; a pass is low, whatever the control."""
    found = {(read.header[4], read.extension["outcome"], read.header[6]) for read in map(read_cef, cef_lines(RUN))}
    assert ("services.telnet-off", "failure", "8") in found
    assert ("services.telnet-off", "success", "1") in found
    assert ("services.telnet-off", "undetermined", "3") in found


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_comes_back(title: str, name: str) -> None:
    """Header and extension, by the reader; a pipe in the header has become a slash."""
    line = f"CEF:0|v|p|1|id|{header(title)}|5|reason={value(visible(name))} msg=end"
    read = read_cef(line)
    assert read.header[5] == visible(title).replace("|", "/")
    assert read.extension == {"reason": visible(name), "msg": "end"}

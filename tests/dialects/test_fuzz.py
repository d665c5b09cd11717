"""Whatever the bytes are, a dialect gives its typed result or its typed error, soon, and no secret."""

import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.dialects.certificate_list import CertificateList, CertificateListError, read_certificates
from auditor.dialects.leaf import DialectError, Document
from auditor.dialects.reading import Reading
from auditor.dialects.saved import SavedConfigError, read_saved
from auditor.dialects.settings import EVERYTHING, settings_from
from auditor.dialects.text_output import TextError, read_answer
from auditor.dialects.xml_document import XmlError, read_xml
from tests.dialects.leaves import FILES, PROFILES, SECRET, sample

TEXT = (
    "*c xConfiguration ", "*s ", "*s/end", "** end", "*r ", "OK", "ERROR", "\n", "\r\r\n", "\n  ", "\n\t", ": ", ":",
    "/", '"', " (status=", ")", "HTTP Mode", "SystemUnit", "Name", "NTP Status", "Feedback 1", "URL", "http://u:p@h/",
    " 1 ",
    "Password: tell-nobody\n", "IP DNS Server 1 Address", "\x00", "\xff", "> ", "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----", "Certificate:", "MIIB",
)  # fmt: skip
XML = (
    "<Configuration>", "</Configuration>", "<Status ", "</Status>", "<HTTP>", "</HTTP>", "<Mode>", "</Mode>", "Off",
    ">",
    ' item="1"', ' item="99999999999"', ' item="-1"', "<URL/>", "<Feedback>", "</Feedback>", "&lt;", "&#0;", "&x;",
    "<!",
    "<![CDATA[", "]]>", "<!--", "-->", "<?xml ", 'encoding="utf-7"', "?>", "<a:b>", "<:>", "<Fault/>", "\ufeff",
    "<Password>tell-nobody</Password>", "<!DOCTYPE a [",
)  # fmt: skip
PIECES = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(TEXT) | st.text(max_size=4), max_size=40).map(lambda parts: "".join(parts).encode()),
    st.lists(st.sampled_from(XML) | st.text(max_size=4), max_size=40).map(lambda parts: "".join(parts).encode()),
    st.lists(st.sampled_from(TEXT + XML), max_size=30).map(lambda parts: "".join(parts).encode("utf-16")),
)
SETTINGS = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def outcome(reader: Callable[[bytes], object], data: bytes) -> object:
    """Return what a reader gives: its result, or its error, whose line exists and whose words can be printed."""
    refused: DialectError | None = None
    try:
        return reader(data)
    except DialectError as error:
        refused = error
    assert 1 <= refused.line <= len(data) + 1
    assert refused.reason.isprintable()
    return refused


@SETTINGS
@given(data=PIECES)
def test_parsers(data: bytes) -> None:
    """XML, text and certificates: a document of leaves, or that parser's own error with a line that exists."""
    readers: tuple[tuple[Callable[[bytes], object], type, type[DialectError]], ...] = (
        (read_xml, Document, XmlError),
        (read_answer, Document, TextError),
        (read_certificates, CertificateList, CertificateListError),
    )
    for reader, result, refusal in readers:
        found = outcome(reader, data)
        assert type(found) in {result, refusal}
        if isinstance(found, Document):
            assert all(leaf.path and all(leaf.path) for leaf in found.leaves)
            settings_from(found, PROFILES["unknown"], source="live", covers=EVERYTHING)


@SETTINGS
@given(data=PIECES, family=st.sampled_from(sorted(PROFILES)))
def test_saved_files(data: bytes, family: str) -> None:
    """A reading, or SavedConfigError."""
    assert type(outcome(lambda d: read_saved(d, PROFILES[family]), data)) in {Reading, SavedConfigError}


@SETTINGS
@given(
    name=st.sampled_from(sorted(FILES)), cut=st.integers(0, 3000), put=st.binary(max_size=6), take=st.integers(0, 30)
)
def test_damaged_samples(name: str, cut: int, put: bytes, take: int) -> None:
    """A sample with a wound anywhere is read or refused; a value that is told stands in the file."""
    data, profile = sample(name)
    wounded = data[:cut] + put + data[cut + take :]
    try:
        reading = read_saved(wounded, profile)
    except SavedConfigError:
        return
    assert type(reading) is Reading


@SETTINGS
@given(name=st.sampled_from(["mxp-f7.txt", "mps-j4.txt", "vcs-x4.txt", "codec-tc7.txt"]), cut=st.integers(0, 3000))
def test_cut_samples_prove_nothing_wrong(name: str, cut: int) -> None:
    """Every value of a file that was cut at a line is a value of the whole file, and nothing is proven absent by it."""
    data, profile = sample(name)
    whole = read_saved(data, profile)
    lines = data.splitlines(keepends=True)
    part = b"".join(lines[: cut % len(lines)])
    try:
        reading = read_saved(part, profile)
    except SavedConfigError:
        return
    for path, found in reading.settings.items():
        if path != "dns.server":  # a list: its end may be missing
            assert found == whole.settings[path]
    assert SECRET not in repr(reading)


@pytest.mark.parametrize(
    "data",
    [
        b"<Configuration>" + b"<a>x</a>" * 40_000 + b"</Configuration>",
        b"<Configuration>" + b"<aaaaaaaaaaaaaaaaaaaaaaaaaa>" * 30 + b"<b/>" * 40_000,
        b"<Configuration a='" + b"&#65;" * 1_500_000 + b"'/>",
        b"<Configuration>" + b"&amp;" * 1_500_000 + b"</Configuration>",
        b"<Configuration><!--" + b"-" * 7_000_000,
        b"<" * 8_000_000,
        b"<?xml " + b" " * 8_000_000,
        b"*c xConfiguration HTTP Mode: " + b"x" * 8_000_000,
        b"*c xConfiguration IP DNS Server 1 Address: x\n" * 49_000,
        b"".join(b"*c xConfiguration IP DNS Server %d Address: x%d\n" % (n, n) for n in range(49_000)),
        b"# saved" * 1_000_000,
        (b"# " + b"saved " * 60 + b"\n") * 20_000,
        b"-----BEGIN CERTIFICATE-----" * 300_000,
    ],
    ids=["leaves", "deep", "attribute", "entities", "comment", "angles", "declaration", "line", "same", "servers",
         "saved", "comments", "begins"],
)  # fmt: skip
def test_bounded_time(data: bytes) -> None:
    """Up to eight megabytes made to hurt take no reader longer than six seconds."""
    started = time.process_time()
    readers: tuple[Callable[[bytes], object], ...] = (
        read_xml,
        read_answer,
        read_certificates,
        lambda d: read_saved(d, PROFILES["unknown"]),
    )
    for reader in readers:
        try:
            reader(data)
        except DialectError:
            continue
    assert time.process_time() - started < 6

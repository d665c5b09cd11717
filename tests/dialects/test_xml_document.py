"""XML documents: every generation gives the same paths, and hostile ones are refused at once, with the line."""

import time

import pytest

from auditor.dialects.leaf import DialectError, Ending
from auditor.dialects.xml_document import DEEPEST, LONGEST_NAME, MOST_ELEMENTS, XmlError, read_xml
from auditor.model.evidence import Cause
from tests.dialects.leaves import by_path

NUMBERED = b"""<?xml version="1.0"?>
<Configuration item="1"><IP item="1"><DNS item="1"><Server item="1"><Address item="1">192.0.2.1</Address></Server>
<Server item="2"><Address item="1"> 192.0.2.2 </Address></Server><Domain item="1"><Name item="1"/></Domain></DNS></IP>
</Configuration>"""
SPACED = b"""<c:Configuration xmlns:c="http://www.tandberg.no/XML/CUIL/1.0" product="TANDBERG VCS" version="X8.11.4">
<c:IP item="1"><c:DNS item="1"><c:Server item="1"><c:Address item="1">192.0.2.1</c:Address></c:Server></c:DNS></c:IP>
</c:Configuration>"""
REPEATED = b"""<XmlDoc resultId=""><Configuration product="Cisco Codec" version="ce9">
<Network item="1" maxOccurrence="1"><DNS>
<Server item="1" maxOccurrence="3"><Address valueSpaceRef="/Valuespace/X">192.0.2.1</Address></Server>
<Server item="2" maxOccurrence="3"><Address valueSpaceRef="/Valuespace/X"></Address></Server></DNS></Network>
</Configuration></XmlDoc>"""


def refusal(data: bytes) -> XmlError:
    """Return the error with which a document is refused, within two seconds."""
    started = time.process_time()
    with pytest.raises(XmlError) as caught:
        read_xml(data)
    assert time.process_time() - started < 2
    return caught.value


def test_numbers_on_every_element() -> None:
    """Numbers stand in the path where an element is not the only one of its name; empty elements are values."""
    document = read_xml(NUMBERED)
    assert by_path(document) == {
        "Configuration IP DNS Server 1 Address": "192.0.2.1",
        "Configuration IP DNS Server 2 Address": "192.0.2.2",
        "Configuration IP DNS Domain Name": "",
    }
    assert document.whole
    assert document.kinds() == {"configuration"}


def test_name_spaces_are_passed_over() -> None:
    """Prefixes fall away; product and version are taken from the root."""
    document = read_xml(SPACED)
    assert by_path(document)["Configuration IP DNS Server Address"] == "192.0.2.1"
    assert (document.product, document.version) == ("TANDBERG VCS", "X8.11.4")


def test_numbers_on_repeated_elements_only() -> None:
    """The envelope falls away, and attributes that describe the document are no state."""
    document = read_xml(REPEATED)
    assert by_path(document)["Configuration Network DNS Server 1 Address"] == "192.0.2.1"
    assert by_path(document)["Configuration Network DNS Server 2 Address"] == ""
    assert [leaf.attributes for leaf in document.leaves if leaf.path[-1] == "Address"] == [(), ()]


def test_a_single_second_item_keeps_its_number_and_unnumbered_siblings_are_counted() -> None:
    """A narrow read of one slot says which one it is; repeated elements without numbers get their place."""
    data = b'<Status><Slot item="2"><URL>a</URL></Slot><Message><A>x</A></Message><Message><A>y</A></Message></Status>'
    assert by_path(read_xml(data)) == {
        "Status Slot 2 URL": "a",
        "Status Message 1 A": "x",
        "Status Message 2 A": "y",
    }


def test_state_in_attributes_is_kept() -> None:
    """A block with state is a leaf of its own, without value."""
    document = read_xml(b'<Status><NTP item="1" status="Active"><Address item="1">192.0.2.9</Address></NTP></Status>')
    assert [(leaf.path, leaf.value, leaf.attributes) for leaf in document.leaves] == [
        (("Status", "NTP"), "", (("status", "Active"),)),
        (("Status", "NTP", "Address"), "192.0.2.9", ()),
    ]


def test_a_fault_is_a_refusal() -> None:
    """A wrong path is answered with a Fault inside a well-formed document."""
    document = read_xml(b"<Configuration><Fault item='1'><XPathError item='1'>x</XPathError></Fault></Configuration>")
    assert document.ending is Ending.ERROR
    assert document.fault == "Fault"
    assert not document.whole


@pytest.mark.parametrize(
    "data",
    [
        "<Status><Name>m\u00f8te</Name></Status>".encode(),
        "<Status><Name>m\u00f8te</Name></Status>".encode("latin-1"),
        '<?xml version="1.0" encoding="iso-8859-1"?><Status><Name>m\u00f8te</Name></Status>'.encode("latin-1"),
        b"\xef\xbb\xbf" + "<Status><Name>m\u00f8te</Name></Status>".encode(),
        '\ufeff<?xml version="1.0" encoding="UTF-16"?><Status><Name>m\u00f8te</Name></Status>'.encode("utf-16-le"),
        '\ufeff<?xml version="1.0"?><Status><Name>m\u00f8te</Name></Status>'.encode("utf-16-be"),
        "<Status><Name>m\u00f8te</Name></Status>".encode("utf-16-le"),
        '\r\n\r\n<?xml version="1.0" encoding="hex"?><Status><Name>m\u00f8te</Name></Status>'.encode(),
    ],
    ids=["utf8", "latin1", "declared", "utf8-mark", "utf16-le", "utf16-be", "utf16-bare", "nonsense-encoding"],
)
def test_encodings(data: bytes) -> None:
    """Whatever the encoding, and whatever the declaration says of it, the name is the same."""
    assert by_path(read_xml(data)) == {"Status Name": "m\u00f8te"}


def test_control_characters_do_not_spoil_the_document() -> None:
    """A character that XML forbids becomes the replacement character."""
    assert by_path(read_xml(b"<Status><Name>a\x0bb</Name></Status>")) == {"Status Name": "a\ufffdb"}


def test_secrets_and_overlong_values_are_withheld() -> None:
    """Only the paths are told of what is dropped, in elements, below them and in attributes."""
    document = read_xml(
        b"<Configuration><SNMP><CommunityName>tell-nobody</CommunityName></SNMP>"
        b"<SystemUnit password='tell-nobody'><Password><Value>tell-nobody</Value></Password><Name>n</Name></SystemUnit>"
        b"<Logo>" + b"x" * 5000 + b"</Logo></Configuration>"
    )
    assert "tell-nobody" not in repr(document)
    assert by_path(document) == {"Configuration SystemUnit Name": "n"}
    assert document.withheld == (
        ("Configuration", "SNMP", "CommunityName"),
        ("Configuration", "SystemUnit", "Password"),
        ("Configuration", "Logo"),
    )


LAUGHS = b"<!DOCTYPE a [<!ENTITY a0 'ha'>%s]><Status>&a9;</Status>" % b"".join(
    b"<!ENTITY a%d '%s'>" % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
)


@pytest.mark.parametrize(
    ("data", "cause", "words"),
    [
        (LAUGHS, Cause.MALFORMED, "declares a document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', Cause.MALFORMED, "declares a document type"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "http://192.0.2.1/x">]><a>&x;</a>', Cause.MALFORMED, "document type"),
        (b"<Status>&x;</Status>", Cause.MALFORMED, "undefined entity"),
        (b"<a>" * (DEEPEST + 1), Cause.TOO_LARGE, f"more than {DEEPEST} deep"),
        (b"<a>" * 1_000_000, Cause.TOO_LARGE, f"more than {DEEPEST} deep"),
        (b"<a>" + b"<b/>" * (MOST_ELEMENTS + 1) + b"</a>", Cause.TOO_LARGE, f"more than {MOST_ELEMENTS} elements"),
        (b"<a " + b" ".join(b'a%d=""' % n for n in range(100)) + b"/>", Cause.TOO_LARGE, "attributes"),
        (b"<" + b"a" * (LONGEST_NAME + 1) + b"/>", Cause.TOO_LARGE, "the name of an element"),
        (b"<a>" + b"x" * 9_000_000 + b"</a>", Cause.TOO_LARGE, "bytes"),
        (b"<a><b></a>", Cause.MALFORMED, "mismatched tag"),
        (b"", Cause.MALFORMED, "no element found"),
        (b"OK", Cause.MALFORMED, "not well-formed"),
        (b"<html><body><br><p></body></html>", Cause.MALFORMED, "mismatched tag"),
    ],
)
def test_hostile_and_broken_documents(data: bytes, cause: Cause, words: str) -> None:
    """Each is refused quickly, with a cause for the report and words that quote nothing of the document."""
    error = refusal(data)
    assert error.cause is cause
    assert words in error.reason
    assert isinstance(error, DialectError)


def test_the_line_is_that_of_the_file() -> None:
    """Blank lines before the declaration count."""
    assert refusal(b"\n\n<a>\n<b>\n</a>").line == 5

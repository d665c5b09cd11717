"""The list of permitted reads: whole match, deny by default, and no list may hold a write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.profile import Read
from auditor.wire.readlist import ForbiddenReadError, ReadList, Request, forbidden

PERMITTED = (
    Request("http", "GET", "/"),
    Request("http", "GET", "/getxml?location=/Configuration/HTTPS"),
    Request("http", "GET", "/status.xml"),
    Request("ftp", "COMMAND", "FEAT"),
    Request("ftp", "COMMAND", "QUIT"),
    Request("snmp", "GET", "1.3.6.1.2.1.1.1.0"),
    Request("ssh", "RUN", "xstatus systemunit"),
    Request("ssh", "RUN", "xconfiguration https mode"),
    Request("ssh", "RUN", "xfeedback list"),
    Request("ssh", "RUN", "certificate list root"),
)

WRITES = (
    Request("http", "GET", "/formputxml"),
    Request("http", "GET", "/FormPutXML"),
    Request("http", "GET", "/formputxml?xmldoc=<Command/>"),
    Request("http", "GET", "/%66ormputxml"),
    Request("http", "GET", "/%70utxml"),
    Request("http", "GET", "/%2570utxml"),
    Request("http", "GET", "/x/../putxml"),
    Request("http", "GET", "/putxml"),
    Request("http", "GET", "/tms/public/external/management/SystemManagementService.asmx/PostEvent"),
    Request("http", "GET", "//elsewhere.example.test/"),
    Request("http", "GET", "/#/putxml"),
    Request("http", "GET", "http://elsewhere.example.test/"),
    Request("http", "GET", "/\r\nPOST /putxml HTTP/1.1"),
    Request("http", "GET", "/login"),
    Request("http", "POST", "/"),
    Request("http", "PUT", "/status.xml"),
    Request("http", "DELETE", "/status.xml"),
    Request("http", "get", "/status.xml"),
    Request("HTTP", "GET", "/status.xml"),
    Request("ssh", "RUN", "xcommand boot"),
    Request("ssh", "RUN", "XCOMMAND BOOT"),
    Request("ssh", "RUN", "xcom boot"),
    Request("ssh", "RUN", "xconfiguration http mode: on"),
    Request("ssh", "RUN", "xconfiguration http mode on"),
    Request("ssh", "RUN", "xconfiguration externalmanager address 192.0.2.1"),
    Request("ssh", "RUN", "xconfig http mode"),
    Request("ssh", "RUN", "xstatus\nxcommand boot"),
    Request("ssh", "RUN", "xstatus; boot"),
    Request("ssh", "RUN", "xfeedback register 1 URL"),
    Request("ssh", "RUN", "certificate del root"),
    Request("ssh", "SHELL", ""),
    Request("snmp", "SET", "1.3.6.1.2.1.1.5.0"),
    Request("snmp", "GETBULK", "1.3.6.1.2.1.1"),
    Request("snmp", "GET", "sysDescr.0"),
    Request("snmp", "GET", ""),
    Request("ftp", "COMMAND", "STOR x"),
    Request("ftp", "COMMAND", "USER admin"),
    Request("ftp", "COMMAND", "DELE x"),
    Request("ftp", "COMMAND", "feat"),
    Request("ftp", "COMMAND", "FEAT\r\nDELE x"),
    Request("telnet", "COMMAND", "xstatus"),
    Request("dns", "UPDATE", "A"),
    Request("sip", "OPTIONS", "sip:x"),
    Request("", "", ""),
    Request("http", "LOGIN", "ntlm"),
    Request("http", "LOGIN", ""),
    Request("http", "LOGIN", "digest admin"),
    Request("ssh", "LOGIN", "admin"),
    Request("ftp", "LOGIN", ""),
    Request("telnet", "LOGIN", ""),
    Request("ntp", "CONTROL", ""),
    Request("ntp", "QUERY", "readvar"),
)

LOGINS = (Request("http", "LOGIN", "digest"), Request("http", "LOGIN", "basic"), Request("ssh", "LOGIN"))

NOT_LISTED = (
    Request("http", "GET", "/status.xml/"),
    Request("http", "GET", "/status.xml?x=1"),
    Request("http", "GET", "/Status.xml"),
    Request("http", "GET", "/history.xml"),
    Request("http", "HEAD", "/status.xml"),
    Request("ssh", "RUN", "xstatus"),
    Request("ssh", "RUN", "xStatus SystemUnit"),
    Request("ssh", "RUN", "xstatus systemunit software"),
    Request("snmp", "GET", "1.3.6.1.2.1.1.5.0"),
    Request("dns", "QUERY", "AXFR"),
    Request("telnet", "LISTEN", "and type"),
)


@pytest.mark.parametrize("request_", PERMITTED, ids=str)
def test_a_listed_read_is_permitted(request_: Request) -> None:
    """What stands on the list, to the letter, may be sent."""
    assert ReadList(PERMITTED).refusal(request_) is None


@pytest.mark.parametrize("request_", WRITES, ids=lambda r: ascii(str(r)))
def test_a_write_is_refused_even_where_the_list_was_tampered_with(request_: Request) -> None:
    """A write is refused as a request, and a list that holds it is refused whole."""
    assert ReadList(PERMITTED).refusal(request_) is not None
    with pytest.raises(ForbiddenReadError) as caught:
        ReadList((*PERMITTED, request_))
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize("request_", NOT_LISTED, ids=str)
def test_a_harmless_request_that_is_not_listed_is_refused(request_: Request) -> None:
    """No prefix, suffix, other case or other argument passes."""
    assert forbidden(request_) is None
    assert ReadList(PERMITTED).refusal(request_) == "it is not on the list of permitted reads"


@pytest.mark.parametrize("request_", LOGINS, ids=str)
def test_a_login_is_permitted_to_hosts_with_credentials_and_never_by_a_list(request_: Request) -> None:
    """No profile can list a login, and a host without credentials has none; with credentials nothing else is added."""
    assert ReadList(PERMITTED).refusal(request_) == "it is not on the list of permitted reads"
    assert ReadList(PERMITTED, login=True).refusal(request_) is None
    assert ReadList(PERMITTED, login=True).entries - ReadList(PERMITTED).entries == set(LOGINS)
    with pytest.raises(ForbiddenReadError, match="a login is no read"):
        ReadList((*PERMITTED, request_), login=True)


@pytest.mark.parametrize("request_", WRITES, ids=lambda r: ascii(str(r)))
def test_credentials_permit_no_write(request_: Request) -> None:
    """Whoever may log in may still only read."""
    assert ReadList(PERMITTED, login=True).refusal(request_) is not None


def test_every_forbidden_entry_is_named() -> None:
    """All problems of a list are told at once."""
    with pytest.raises(ForbiddenReadError) as caught:
        ReadList(WRITES)
    assert len(caught.value.problems) == len(WRITES)


def test_an_empty_list_still_permits_to_open_a_conversation() -> None:
    """The opening moves carry nothing of ours and are always there; nothing else is."""
    reads = ReadList(())
    assert reads.refusal(Request("tcp", "CONNECT")) is None
    assert reads.refusal(Request("dns", "QUERY", "PTR")) is None
    assert reads.refusal(Request("http", "GET", "/")) is not None


def test_the_rows_of_a_profile_become_the_list() -> None:
    """Each row is one entry, matched whole."""
    reads = ReadList.of([Read(protocol="http", operation="GET", argument="/tms/", manual="")])
    assert Request("http", "GET", "/tms/") in reads.entries
    assert reads.refusal(Request("http", "GET", "/tms")) is not None


@given(
    st.sampled_from(["http", "ssh", "ftp", "snmp"]), st.sampled_from(["GET", "RUN", "COMMAND"]), st.text(max_size=40)
)
def test_only_listed_requests_pass_whatever_the_text(protocol: str, operation: str, argument: str) -> None:
    """Deny by default: a request that is not an entry of the list never passes."""
    request_ = Request(protocol, operation, argument)
    assert (ReadList(PERMITTED).refusal(request_) is None) == (request_ in PERMITTED)


@given(st.text(alphabet="\x00\x07\x1b\r\n\x7f é\N{RIGHT-TO-LEFT OVERRIDE}", min_size=1, max_size=5))
def test_control_characters_never_enter_a_list(dirt: str) -> None:
    """Line breaks, escapes and text beyond ASCII cannot hide in a path."""
    if dirt.strip(" "):
        with pytest.raises(ForbiddenReadError):
            ReadList([Request("http", "GET", "/a" + dirt + "b")])

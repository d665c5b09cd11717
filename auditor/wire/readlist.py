"""The list of permitted reads, and the test against it: whole match, deny by default. Pure.

Two lists stand behind each other. The permitted reads come from the profiles, which are data and could be edited by
mistake or in bad faith; so each is also held against what may never be sent, written down here in code. A list that
holds such an entry is refused whole when it is made, before a connection exists.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from auditor.model.profile import Read


@dataclass(frozen=True, slots=True)
class Request:
    """What is about to be asked, in the protocol's own words: `http GET /status.xml`, `ftp COMMAND FEAT`."""

    protocol: str
    operation: str
    argument: str = ""

    def __str__(self) -> str:
        """Return the request as one line for messages and the transcript."""
        return " ".join(part for part in (self.protocol, self.operation, self.argument) if part)


class NotPermittedError(Exception):
    """A request that is not on the list was asked for: a fault of ours. Not a byte of it was sent."""

    def __init__(self, request: Request, reason: str) -> None:
        """Keep the request and why it is refused."""
        super().__init__(f"refused before sending: {request} ({reason})")
        self.request = request
        self.reason = reason


class ForbiddenReadError(ValueError):
    """A list of permitted reads holds something that writes. The list was tampered with, or a profile is wrong."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep one sentence for each forbidden entry."""
        super().__init__("the list of permitted reads holds what may never be sent: " + "; ".join(problems))
        self.problems = problems


OPENING_MOVES = frozenset(
    {
        Request("tcp", "CONNECT"),
        Request("telnet", "LISTEN"),
        Request("ftp", "LISTEN"),
        Request("ssh", "KEXINIT"),
        Request("tls", "HELLO"),
        Request("dns", "QUERY", "A"),
        Request("dns", "QUERY", "AAAA"),
        Request("dns", "QUERY", "PTR"),
        Request("ntp", "QUERY"),
    }
)
"""Reads that carry no choice of ours: they open a conversation and listen. Permitted for every family."""

LOGIN_MOVES = frozenset(
    {
        Request("http", "LOGIN", "digest"),
        Request("http", "LOGIN", "basic"),
        Request("ssh", "LOGIN"),
    }
)
"""Logins. They stand in no profile: only a host for which the operator named credentials has them. The argument is the
scheme, never a user name."""

OPERATIONS = {
    "tcp": {"CONNECT"},
    "telnet": {"LISTEN"},
    "ftp": {"LISTEN", "COMMAND"},
    "ssh": {"KEXINIT", "RUN", "LOGIN"},
    "tls": {"HELLO"},
    "http": {"GET", "HEAD", "LOGIN"},
    "snmp": {"GET"},
    "dns": {"QUERY"},
    "ntp": {"QUERY"},
    "tds": {"PRELOGIN"},
}
"""Operations that exist at all. POST, SET, STOR and their like have no spelling here."""

FTP_COMMANDS = {"FEAT", "QUIT"}

WRITES_BY_PATH = re.compile(
    r"formputxml|putxml|postevent|/xmlapi/|/login\b|/logout\b|xmldoc=|command|boot|upload|delete|register",
    re.IGNORECASE,
)
"""Paths of these products that act although they are fetched with GET (product.md section 4; field notes section 0)."""

READS_BY_COMMAND = re.compile(
    r"xstatus(?: [\w/-]+)*|xconfiguration(?: [\w/-]+)*|xgetxml [\w/-]+|xfeedback list|certificate list (?:cert|root)",
    re.IGNORECASE,
)
"""The only shapes of a text command that may be read at all: no colon, no value, no second command."""

SETS_BY_COMMAND = re.compile(
    r"xconfiguration .*\b(?:(?:mode|address|protocol|port|name|value|path)\b .+|(?:on|off|enabled?|disabled?))",
    re.IGNORECASE,
)
"""A word behind a value's name, or a switch at the end: these products take it as the new value, without a colon."""

PLAIN = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def forbidden(request: Request) -> str | None:
    """Return why this request may never be sent, whatever a list says; None where nothing is known against it."""
    if request.operation not in OPERATIONS.get(request.protocol, set()):
        return f"{request.operation} is no read of {request.protocol}"
    if request.argument and not PLAIN.fullmatch(request.argument):
        return "it holds control characters, blanks at an end or text beyond ASCII"
    if request.operation == "LOGIN":
        return None if request in LOGIN_MOVES else "there is no such login"
    reason = None
    match request.protocol:
        case "http" if not re.match(r"/(?!/)[^#\\]*\Z", request.argument):
            reason = "it is no plain path"
        case "http" if WRITES_BY_PATH.search(_decoded(request.argument)):
            reason = "the path acts on the device"
        case "ftp" if request.operation == "COMMAND" and request.argument not in FTP_COMMANDS:
            reason = "only FEAT and QUIT are harmless"
        case "ssh" if request.operation == "RUN" and (
            not READS_BY_COMMAND.fullmatch(request.argument) or SETS_BY_COMMAND.fullmatch(request.argument)
        ):
            reason = "the command is not a pure read"
        case "snmp" if not re.fullmatch(r"1(?:\.\d{1,10}){3,20}", request.argument):
            reason = "the object identifier is odd"
        case "ntp" if request.argument:
            reason = "a question for the time has no argument"
        case "tds" if request.argument:
            reason = "the packet before a login has no argument"
    return reason


def _unlistable(entry: Request) -> str | None:
    """Return why no profile may list this entry."""
    return forbidden(entry) or ("a login is no read" if entry.operation == "LOGIN" else None)


def _decoded(path: str) -> str:
    """Return the path without percent escapes, however deep: servers differ in how often they decode."""
    while (plain := unquote(path)) != path:
        path = plain
    return path


class ReadList:
    """The reads that may be sent to one family of device."""

    __slots__ = ("_entries",)

    def __init__(self, entries: Iterable[Request], *, login: bool = False) -> None:
        """Take the entries, whole or not at all; raise `ForbiddenReadError` with every entry that writes.

        `login` permits logins as well, for a host that has credentials; an entry that is a login is refused.
        """
        entries = frozenset(entries)
        bad = sorted(f"{entry}: {reason}" for entry in entries if (reason := _unlistable(entry)))
        if bad:
            raise ForbiddenReadError(tuple(bad))
        self._entries = entries | OPENING_MOVES | (LOGIN_MOVES if login else frozenset())

    @classmethod
    def of(cls, reads: Iterable[Read], *, login: bool = False) -> "ReadList":
        """Make the list from a profile's rows."""
        return cls((Request(read.protocol, read.operation, read.argument) for read in reads), login=login)

    @property
    def entries(self) -> frozenset[Request]:
        """Everything that is permitted."""
        return self._entries

    def refusal(self, request: Request) -> str | None:
        """Return why the request is refused, or None where it is permitted."""
        if reason := forbidden(request):
            return reason
        return None if request in self._entries else "it is not on the list of permitted reads"

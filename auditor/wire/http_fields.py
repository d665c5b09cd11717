"""What is read out of an HTTP answer: challenges, dates, a page's title and login form. Pure; all input is hostile."""

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from auditor.wire.failures import MalformedError

LONGEST_FIELD = 4_096
"""Bytes of one header field that are looked at."""
LONGEST_TEXT = 256
"""Characters of a title or a realm that are kept."""

MOST_INTERIM = 16
"""Interim answers (100 Continue and the like) before the one that counts: none is due to a request without a body."""

MOST_PIECES = 16_384
"""Chunks of a body. Each costs us more than its octets do: a body in chunks of one octet is an attack."""

TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
PARAMETER = re.compile(
    r"""([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([!#$%&'*+.^_`|~0-9A-Za-z-]+))""", re.DOTALL
)
TOKEN68 = re.compile(r"[ \t]+[A-Za-z0-9._~+/-]+=*[ \t]*(?=,|$)")


def check_beginning(data: bytes) -> None:
    """Raise `MalformedError` where octets, as far as they have come, cannot begin an answer of HTTP."""
    if not (data.startswith(b"HTTP/") or b"HTTP/".startswith(data)):
        raise MalformedError(f"the answer is not HTTP: it begins with {data[:40].decode('latin-1')!a}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """One way to log in that a server offers: its scheme in lower case, and the parameters (lower-case names)."""

    scheme: str
    parameters: dict[str, str] = field(default_factory=dict)


def parse_challenges(value: str) -> tuple[Challenge, ...]:
    """Return the challenges of one WWW-Authenticate field in order (RFC 9110 section 11.6.1).

    Challenges and their parameters are separated by the same comma: a word with `=` and a value behind it is a
    parameter, any other begins a new challenge. What fits neither is passed over.
    """
    value = value[:LONGEST_FIELD]
    found: list[Challenge] = []
    at = 0
    while at < len(value):
        if (match := PARAMETER.match(value, at)) and found:
            text = match[3] if match[2] is None else re.sub(r"\\(.)", r"\1", match[2], flags=re.DOTALL)
            found[-1].parameters.setdefault(match[1].lower(), text)
            at = match.end()
        elif not match and (match := TOKEN.match(value, at)):
            found.append(Challenge(match[0].lower()))
            at = match.end()
            if token68 := TOKEN68.match(value, at):
                at = token68.end()
        else:
            at = match.end() if match else at + 1
    return tuple(found)


def realm_of(challenges: tuple[Challenge, ...]) -> str | None:
    """Return the realm of the first Digest or Basic challenge that names one."""
    realms = (c.parameters["realm"] for c in challenges if c.scheme in {"digest", "basic"} and "realm" in c.parameters)
    realm = next(realms, None)
    return None if realm is None else realm[:LONGEST_TEXT]


def without_nonces(challenges: tuple[Challenge, ...]) -> str:
    """Return the challenges as a field again, with scheme, realm and algorithm only."""
    parts = []
    for challenge in challenges:
        kept = [f'{name}="{challenge.parameters[name][:LONGEST_TEXT]}"' for name in ("realm", "algorithm", "qop")
                if name in challenge.parameters]  # fmt: skip
        parts.append(" ".join([challenge.scheme.capitalize(), ", ".join(kept)]).strip())
    return ", ".join(parts)


MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DATE = re.compile(
    r"[A-Za-z]{3,9}, (?P<day>\d{2})[ -](?P<month>[A-Za-z]{3})[ -](?P<year>\d{4}|\d{2})"
    r" (?P<hour>\d{2}):(?P<minute>\d{2}):(?P<second>\d{2}) (?:GMT|UTC)"
    r"|[A-Za-z]{3} (?P<month2>[A-Za-z]{3}) (?P<day2>[ \d]\d) (?P<hour2>\d{2}):(?P<minute2>\d{2}):(?P<second2>\d{2})"
    r" (?P<year2>\d{4})",
    re.ASCII,
)


def parse_date(value: str) -> datetime | None:
    """Return a Date field as UTC (RFC 9110 section 5.6.7, all three forms), or None where it cannot be read.

    Years of two digits below 70 are of this century.
    """
    match = DATE.fullmatch(value.strip())
    if match is None:
        return None
    parts = {name.removesuffix("2"): text for name, text in match.groupdict().items() if text is not None}
    if parts["month"].lower() not in MONTHS:
        return None
    year = int(parts["year"])
    if len(parts["year"]) == 2:
        year += 2000 if year < 70 else 1900
    month = MONTHS.index(parts["month"].lower()) + 1
    clock = (int(parts["hour"]), int(parts["minute"]), int(parts["second"]))
    try:
        return datetime(year, month, int(parts["day"]), *clock, tzinfo=UTC)
    except ValueError:
        return None


TITLE = re.compile(r"<title\b[^<>]{0,200}>([^<]{0,2000})", re.IGNORECASE)
PASSWORD_INPUT = re.compile(r"""<input\b[^<>]{0,500}?\btype\s{0,20}=\s{0,20}["']?\s{0,20}password\b""", re.IGNORECASE)
OTHER_REFUSAL = re.compile(r"\b403\.(?!4\b)\d{1,2}\b")


def page_title(page: str) -> str | None:
    """Return the title of an HTML page with blanks collapsed, or None where there is none."""
    match = TITLE.search(page)
    title = " ".join(html.unescape(match[1]).split())[:LONGEST_TEXT] if match else ""
    return title or None


def has_login_form(page: str) -> bool:
    """Tell whether an HTML page holds a password input."""
    return PASSWORD_INPUT.search(page) is not None


def demands_https(status: int, server: str | None, page: str) -> bool:
    """Tell whether an answer over plain HTTP is the refusal by which IIS demands HTTPS.

    IIS 6 says so in the page (403.4). IIS 7 and later hide the number from other hosts, so a bare 403 of IIS counts,
    unless the page names another one. It may then be a refusal for another reason (an address list, a folder without
    a page): either way nothing was served in clear on this path, but a path that is served elsewhere may be.
    """
    if status != 403:
        return False
    if re.search(r"\b403\.4\b", page):
        return True
    return (server or "").lower().startswith("microsoft-iis") and not OTHER_REFUSAL.search(page)

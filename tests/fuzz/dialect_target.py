"""Fuzz targets of the dialects and of recognition: typed results, typed errors, no secret."""

from collections.abc import Callable
from datetime import UTC, datetime

from auditor.dialects.certificate_list import roots_from
from auditor.dialects.leaf import DialectError, Document
from auditor.dialects.reading import observations_of, together
from auditor.dialects.saved import read_saved
from auditor.dialects.settings import EVERYTHING, settings_from
from auditor.dialects.text_output import read_answer
from auditor.dialects.xml_document import read_xml
from auditor.engine.identify import completed, identify
from auditor.model.evidence import Evidence, Observation, Seen
from auditor.model.facts import Fact, HttpFace, SnmpFace, SshFace, TelnetGreeting
from auditor.profiles import load_profiles
from auditor.wire.http_fields import has_login_form, page_title, parse_challenges, parse_date, realm_of, without_nonces
from auditor.wire.telnet import plain, prompt_of

PROFILES = load_profiles()
AT = datetime(2026, 6, 1, tzinfo=UTC)
SECRET = "tell-nobody"  # noqa: S105 - a word that stands in the seeds where a secret would


def xml_document(data: bytes) -> None:
    """A document over HTTPS: its leaves, and what the families read from them."""
    _document(read_xml, data)


def text_answer(data: bytes) -> None:
    """The answer to a command."""
    _document(read_answer, data)


def saved_file(data: bytes) -> None:
    """A saved configuration, which may be any of these; and a list of certificates."""
    for family in ("mxp", "unknown"):
        try:
            reading = read_saved(data, PROFILES[family])
        except DialectError as error:
            _is_told(error, data)
        else:
            observations_of(reading, AT)
    try:
        roots_from(data)
    except DialectError as error:
        _is_told(error, data)


def _document(read: Callable[[bytes], Document], data: bytes) -> None:
    try:
        document = read(data)
    except DialectError as error:
        _is_told(error, data)
        return
    assert all(leaf.path and all(leaf.path) for leaf in document.leaves)
    for profile in PROFILES.values():
        reading = together([settings_from(document, profile, source="live", covers=EVERYTHING)])
        for made in observations_of(reading, AT):
            assert made.id
            assert made.asks


def _is_told(error: DialectError, data: bytes) -> None:
    assert 1 <= error.line <= len(data) + 1
    assert error.reason.isprintable()


def banner(data: bytes) -> None:
    """What a host shows, as every kind of text by which a product is told, and as fields of HTTP."""
    text = plain(data)
    prompt_of(text, PROFILES["mxp"].telnet_challenge_pattern)
    challenges = parse_challenges(text)
    assert len(realm_of(challenges) or "") <= 256
    assert all(challenge.scheme.isascii() for challenge in challenges)
    without_nonces(challenges)
    moment = parse_date(text)
    assert moment is None or moment.tzinfo is UTC
    assert len(page_title(text) or "") <= 256
    has_login_form(text)
    shown: tuple[Fact, ...] = (
        TelnetGreeting(port=23, banner=text, prompt="other"),
        SshFace(port=22, banner=text, protocol="2.0", software=text),
        SnmpFace(port=161, version="v1", description=text),
        HttpFace(scheme="http", port=80, path="/", status=401, server=text, realm=text, title=text),
    )
    evidence = Evidence(tuple(Observation(type(f), "lab", f"{n}", AT, Seen(f), n) for n, f in enumerate(shown)))
    identity = identify(evidence, PROFILES.values())
    for profile in PROFILES.values():
        completed(identity, evidence, profile)

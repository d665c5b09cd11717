"""What a host says of itself to somebody with a password: settings, status, loaded roots.

The documents over HTTPS are tried first, then the text interface over SSH, then the documents over HTTP with Digest;
the first channel that gives everything ends the search. What is asked is the profile's list of reads and nothing else.
The password is tried once: where a host refuses it, every setting that was wanted is unknown for that reason.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Literal

from auditor.dialects.certificate_list import roots_from
from auditor.dialects.leaf import CONFIGURATION, DialectError, Document
from auditor.dialects.reading import Reading, observations_of, together
from auditor.dialects.settings import EVERYTHING, settings_from
from auditor.dialects.text_output import read_answer
from auditor.dialects.xml_document import read_xml
from auditor.model.evidence import Absent, AnyObservation, Cause, Observation, Seen, Unknown
from auditor.model.facts import Fact, FeedbackList, LoginAnswer, NtpAnswer, RootList, Setting, TimeSync
from auditor.model.inventory import Settings, Target
from auditor.model.profile import Profile, Service
from auditor.probes.interface import Question
from auditor.wire import ntp
from auditor.wire.dns import resolve
from auditor.wire.failures import (
    Answer,
    FilteredError,
    HostKeyError,
    LoginRefusedError,
    LoginUndecidedError,
    LoginWithheldError,
    RefusedError,
    SilentError,
    StoppedError,
    TlsFailedError,
    UnreachableError,
    WireError,
    attempt,
    outcome_of,
)
from auditor.wire.gate import Gate
from auditor.wire.http_settings import HttpDocuments
from auditor.wire.login import Login
from auditor.wire.ssh_session import text_session

Channel = Literal["https", "ssh", "http"]
CHANNELS: tuple[Channel, ...] = ("https", "ssh", "http")
"""In the order in which they are tried: encrypted documents, encrypted text, challenge and response."""

ROOTS = "certificate list root"
MOST_TIME_SERVERS = 3
WITHHELD = "(withheld: the password stands in it)"
HOPELESS = (
    RefusedError, FilteredError, UnreachableError, SilentError, TlsFailedError, LoginRefusedError, LoginUndecidedError,
    LoginWithheldError, StoppedError,
)  # fmt: skip
"""After these, another document over the same channel would end in the same way, or must not be asked for."""


@dataclass(slots=True)
class _Found:
    """What the channels have brought so far. `failure` is why the rest is missing; `over` ends the search."""

    readings: list[Reading] = field(default_factory=list)
    roots: Seen[RootList] | Unknown | None = None
    whole: bool = False
    over: bool = False
    failure: Unknown | None = None

    def missed(self, error: WireError) -> None:
        """Keep why something is missing: a refused login above all else, a closed port last."""
        outcome = outcome_of(error)
        if isinstance(outcome, Absent):
            self.failure = self.failure or Unknown(Cause.UNREACHABLE, outcome.reason)
        elif self.failure is None or self.failure.cause is not Cause.REFUSED_LOGIN:
            self.failure = outcome
        self.over = self.over or isinstance(error, (LoginRefusedError, LoginUndecidedError, HostKeyError))

    def unreadable(self, why: Unknown) -> None:
        """Keep that something came and could not be used: that says more than that another port is closed."""
        if self.failure is None or self.failure.cause is Cause.UNREACHABLE:
            self.failure = why


class SettingsProbe:
    """Reads settings, status and roots of a host for which the inventory names credentials."""

    name = "settings"
    order = 900

    def applies(self, service: Service | None, settings: Settings) -> bool:
        """Take the host as a whole."""
        del settings
        return service is None

    def concerns(self, target: Target, profile: Profile) -> bool:
        """Tell whether there are credentials, and something to read with them in this family."""
        return target.credentials is not None and any(_arguments(profile, channel) for channel in CHANNELS)

    async def ask(self, gate: Gate, question: Question) -> AsyncIterator[AnyObservation]:
        """Yield `login/<channel>` for each channel tried, then `setting/…`, `feedback/urls`, `time/sync`, `roots/…`."""
        if gate.login is None:
            return
        found = _Found(failure=Unknown(Cause.NOT_ASKED, gate.login.why_spent) if gate.login.spent else None)
        for channel in CHANNELS:
            port = _port(question, channel)
            arguments = _wanted(question.profile, channel, found)
            if port is not None and arguments and not found.over and not gate.login.spent:
                yield await _try(gate, question, channel, port, arguments, found)
        for made in _observations(gate, question.profile, found):
            yield _without_password(made, gate.login)
        if question.settings.ask_ntp_servers:
            async for answer in _time_servers(gate, question.settings, found):
                yield answer


def _arguments(profile: Profile, channel: Channel) -> tuple[str, ...]:
    """Return the reads of a channel: commands, or documents (paths that are asked for without a login are none)."""
    if channel == "ssh":
        return tuple(r.argument for r in profile.reads if (r.protocol, r.operation) == ("ssh", "RUN"))
    documents = (r.argument for r in profile.reads if (r.protocol, r.operation) == ("http", "GET"))
    return tuple(path for path in documents if path not in profile.paths)


def _wanted(profile: Profile, channel: Channel, found: _Found) -> tuple[str, ...]:
    """Return what is still to be read over this channel: of a host that has told all but its roots, those only."""
    arguments = _arguments(profile, channel)
    if not found.whole:
        return arguments
    return tuple(a for a in arguments if a == ROOTS) if found.roots is None else ()


def _port(question: Question, channel: Channel) -> int | None:
    """Return the port of the first service of this protocol, or None where the family has none."""
    service = next((s for s in question.profile.services if s.protocol == channel), None)
    return None if service is None else question.target.ports.get(service.name, service.port)


async def _try(
    gate: Gate, question: Question, channel: Channel, port: int, arguments: tuple[str, ...], found: _Found
) -> Observation[LoginAnswer]:
    async def told() -> LoginAnswer:
        try:
            if channel == "ssh":
                return await _over_ssh(gate, question.profile, port, arguments, found)
            documents = HttpDocuments(gate, scheme=channel, port=port, name=question.target.hostname)
            return await _over_http(documents, channel, question.profile, arguments, found)
        except WireError as error:
            found.missed(error)
            raise

    result = await attempt(told())
    outcome = Seen(result.value) if isinstance(result, Answer) else result.outcome
    if isinstance(outcome, Unknown) and outcome.cause in (Cause.BUG, Cause.NOT_PERMITTED):
        found.failure = outcome
    return Observation(LoginAnswer, "login", channel, gate.now(), outcome, port)


async def _over_http(
    documents: HttpDocuments, channel: Channel, profile: Profile, arguments: tuple[str, ...], found: _Found
) -> LoginAnswer:
    """Read every document; raise the first failure where none could be read."""
    read: list[str] = []
    first: WireError | None = None
    for path in arguments:
        try:
            data = await documents.read(path)
        except WireError as error:
            found.missed(error)
            first = first or error
            if isinstance(error, HOPELESS):
                break
        else:
            read += [path] if _keep(data, path, profile, found) else []
    found.whole = len(read) == len(arguments)
    if first is not None and not read:
        raise first
    return LoginAnswer(channel=channel, scheme=documents.used, peer=documents.peer, read=tuple(read))


async def _over_ssh(
    gate: Gate, profile: Profile, port: int, arguments: tuple[str, ...], found: _Found
) -> LoginAnswer:  # fmt: skip
    """Run every command in one session; raise what kept the session from being opened."""
    read: list[str] = []
    async with text_session(gate, port, legacy=profile.capabilities.get("legacy_ssh", False)) as session:
        for command in arguments:
            try:
                data = await session.run(command)
            except WireError as error:
                found.missed(error)
                if command == ROOTS:
                    found.roots = Unknown(error.cause, str(error))
            else:
                good = _keep_roots(data, found) if command == ROOTS else _keep(data, command, profile, found)
                read += [command] if good else []
        found.whole = found.whole or all(command in read for command in arguments if command != ROOTS)
        return LoginAnswer(channel="ssh", scheme=session.scheme, peer=session.peer, read=tuple(read))


def _keep(data: bytes, argument: str, profile: Profile, found: _Found) -> bool:
    """Keep the facts of a document, or why it has none; return whether nothing of it is missing."""
    try:
        document = read_xml(data) if argument.startswith("/") else read_answer(data)
    except DialectError as error:
        found.unreadable(Unknown(error.cause, f"the answer to {argument} cannot be read: {error}"))
        return False
    found.readings.append(settings_from(document, profile, source="live", covers=_covers(argument, document)))
    if not document.whole or not document.kinds():
        why = f"the system refused {argument}" if document.fault else f"the answer to {argument} is not whole"
        found.unreadable(Unknown(Cause.MALFORMED, why))
        return False
    return True


def _keep_roots(data: bytes, found: _Found) -> bool:
    try:
        found.roots = Seen(roots_from(data))
    except DialectError as error:
        found.roots = Unknown(error.cause, f"the list of loaded roots cannot be read: {error}")
        return False
    return True


def _covers(argument: str, document: Document) -> tuple[str, ...]:
    """Return which parts of the configuration were asked for whole. An answer without a setting proves nothing."""
    if CONFIGURATION not in document.kinds():
        return ()
    words = argument.casefold().replace("/getxml?location=", "").replace(".xml", "").replace("/", " ").split()
    if not words or words[0] not in ("configuration", "xconfiguration"):
        return ()
    return (" ".join(words[1:]),) if words[1:] else EVERYTHING


def _observations(gate: Gate, profile: Profile, found: _Found) -> Iterator[AnyObservation]:
    """Yield what was read, and for everything else that was wanted why it is not known."""
    at = gate.now()
    why = found.failure or Unknown(Cause.NOT_ASKED, "no port over which settings could be read is known")
    silent = Unknown(Cause.NOT_ASKED, "the host's settings and status were read and do not show it")
    seen = set()
    for made in observations_of(together(found.readings), at):
        seen.add(made.id)
        yield made
    wanted: list[tuple[type[Fact], str, str]] = [(Setting, "setting", path) for path in profile.settings]
    wanted += [(FeedbackList, "feedback", "urls"), (TimeSync, "time", "sync")]
    for kind, probe, subject in wanted:
        if f"{probe}/{subject}" not in seen:
            yield Observation(kind, probe, subject, at, silent if found.whole else why)
    if found.roots is not None:
        yield Observation(RootList, "roots", "loaded", at, found.roots)
    elif ROOTS in _arguments(profile, "ssh"):
        yield Observation(RootList, "roots", "loaded", at, why)


async def _time_servers(gate: Gate, settings: Settings, found: _Found) -> AsyncIterator[AnyObservation]:
    """Ask the time servers that the host has configured, a few of them: the names are a device's, not ours."""
    configured = together(found.readings).settings.get("ntp.address")
    names = configured.fact.value.split() if isinstance(configured, Seen) else []
    for name in dict.fromkeys(names[:MOST_TIME_SERVERS]):
        result = await attempt(_ask_time(gate, name, settings))
        outcome = Seen(result.value) if isinstance(result, Answer) else result.outcome
        yield Observation(NtpAnswer, "ntp", name[:255], gate.now(), outcome, ntp.PORT)


async def _ask_time(gate: Gate, name: str, settings: Settings) -> NtpAnswer:
    addresses = await resolve(gate, name, settings.dns_servers)
    return await ntp.ask(gate, addresses[0], server=name)


def _without_password(made: AnyObservation, login: Login) -> AnyObservation:
    """Return the observation with no text in it that holds the password, wherever the device wrote it."""
    if not isinstance(made.outcome, Seen):
        return made
    texts = {name.name: getattr(made.outcome.fact, name.name) for name in fields(made.outcome.fact)}
    clean = {name: _clean(value, login) for name, value in texts.items() if _holds(value, login)}
    return replace(made, outcome=Seen(replace(made.outcome.fact, **clean))) if clean else made


def _holds(value: object, login: Login) -> bool:
    if isinstance(value, tuple):
        return any(_holds(each, login) for each in value)
    return isinstance(value, str) and login.secret.stands_in(value, login.username)


def _clean(value: object, login: Login) -> object:
    if isinstance(value, tuple):
        return tuple(_clean(each, login) for each in value)
    return WITHHELD if _holds(value, login) else value

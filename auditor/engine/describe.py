"""One sentence for each observation, as reports print it behind a verdict. Pure; device text is not escaped here."""

from collections.abc import Iterator, Sequence
from datetime import UTC
from typing import overload

from auditor.model.certificate import JudgedChain
from auditor.model.evidence import Absent, AnyObservation, Seen, Unknown
from auditor.model.facts import (
    Attested,
    DatabaseFace,
    DeviceClock,
    DeviceSays,
    Fact,
    FeedbackList,
    FtpGreeting,
    HttpFace,
    Identity,
    LoginAnswer,
    NameLookup,
    NtpAnswer,
    OpenService,
    ReverseLookup,
    RootList,
    Setting,
    SnmpFace,
    SshFace,
    TelnetGreeting,
    TimeSync,
    TlsFace,
    TlsVersions,
)
from auditor.model.link import Contradiction, JudgedLink
from auditor.model.recent import Recent

ENCRYPTION = {
    "required": "it demands encryption of every client",
    "off": "it does not demand encryption; the login alone is encrypted unless a client asks for more",
    "on": "it says that encryption is on, to a client that offered to go without",
    "not_supported": "it cannot encrypt",
}
"""A database server's answer before login, in words."""


def describe(observation: AnyObservation) -> str:
    """Return `identifier: what was seen, when`; the identifier leads to the line in `evidence.jsonl`."""
    at = observation.at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "seconds")
    match observation.outcome:
        case Seen(fact):
            text = _seen(fact)
        case Absent(reason):
            text = f"proven absent: {reason}"
        case Unknown(cause, detail):
            text = f"unknown ({cause.value.replace('_', ' ')}): {detail}"
    return f"{observation.id}: {text} [{at}Z]"


_described = Recent(describe, 512)
"""Several findings of a host rest on the same observation."""


class Sentences(Sequence[str]):
    """What observations say, a sentence each. They are made when they are read: a fleet's do not fit into memory."""

    __slots__ = ("_observations",)

    def __init__(self, observations: tuple[AnyObservation, ...]) -> None:
        self._observations = observations

    def __len__(self) -> int:
        """Return how many observations there are."""
        return len(self._observations)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[str, ...]: ...
    def __getitem__(self, at: int | slice) -> str | tuple[str, ...]:
        """Return the sentence at a place, or several."""
        if isinstance(at, slice):
            return tuple(map(_described, self._observations[at]))
        return _described(self._observations[at])

    def __iter__(self) -> Iterator[str]:
        """Yield the sentences in the order in which the observations were made."""
        return map(_described, self._observations)

    def __eq__(self, other: object) -> bool:
        """Compare the sentences."""
        return isinstance(other, Sequence) and not isinstance(other, str) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return the hash of the sentences."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Return the sentences as Python writes them."""
        return repr(tuple(self))


def _seen(fact: Fact) -> str:  # noqa: C901, PLR0911, PLR0912 - one line for each kind of fact
    match fact:
        case OpenService(transport=transport, port=port):
            return f"{transport} port {port} is open"
        case TelnetGreeting(prompt=prompt, banner=banner):
            return f"prompt: {prompt}; banner: {_quoted(banner)}"
        case FtpGreeting(code=code, banner=banner, auth_tls=auth_tls):
            return f"reply {code} {_quoted(banner)}; AUTH TLS {'offered' if auth_tls else 'not offered'}"
        case SshFace(banner=banner, host_keys=keys):
            return f"{_quoted(banner)}; host keys: {', '.join(k.algorithm for k in keys) or 'not read'}"
        case HttpFace():
            return _page(fact)
        case TlsFace(version=version, cipher=cipher, chain=chain, completed=completed):
            proof = "" if completed else "; handshake not finished, possession of the key not proven"
            return f"{version} {cipher}, {len(chain)} certificate(s) presented{proof}"
        case TlsVersions(accepted=accepted, refused=refused, unclear=unclear):
            parts = (("accepts", accepted), ("refuses", refused), ("unclear", unclear))
            return "; ".join(f"{word} {', '.join(names)}" for word, names in parts if names)
        case SnmpFace(version=version, description=description):
            return f"SNMP {version} answered: {_quoted(description)}"
        case NameLookup(name=name, addresses=addresses, resolver=resolver):
            return f"{name} is {', '.join(addresses)} (asked {resolver})"
        case ReverseLookup(address=address, names=names, resolver=resolver):
            return f"{address} is {', '.join(names)} (asked {resolver})"
        case Setting(path=path, value=value, source=source):
            return f"{path} = {_quoted(value)} ({source})"
        case FeedbackList(urls=urls):
            return f"registered: {', '.join(urls)}" if urls else "no feedback address is registered"
        case RootList(certificates=certificates, source=source):
            return f"{len(certificates)} root certificate(s) loaded ({source})"
        case TimeSync(words=words):
            return f"the device says: {_quoted(words)}"
        case LoginAnswer(scheme=scheme, peer=peer, read=read):
            how = "the host asked for no password" if scheme == "none" else f"login accepted ({scheme})"
            return f"{how}; {_quoted(peer)}; read: {', '.join(read) or 'nothing whole'}"
        case NtpAnswer(server=server, stratum=stratum, offset_seconds=offset, kiss=kiss):
            told = f"refuses to answer ({_quoted(kiss)})" if kiss else f"stratum {stratum}, {offset:+.3f} s from here"
            return f"NTP server {server}: {told}"
        case DatabaseFace(address=address, port=port, version=version, encryption=encryption):
            return f"SQL Server {version} at {address} port {port}: {ENCRYPTION[encryption]}"
        case DeviceSays():
            return _own_words(fact)
        case Attested():
            return _statement(fact)
        case DeviceClock(ahead_seconds=ahead, source=source):
            return f"the device's clock is {abs(ahead):.0f} s {'ahead' if ahead >= 0 else 'behind'} (from {source})"
        case Identity(software=software, said_by=said_by, family=family):
            return f"{family}, software {software or 'not shown'} (from {said_by})"
        case JudgedChain():
            return _judged(fact)
        case JudgedLink(level=level, because=because):
            return f"{'no level' if level is None else f'Level {level}'}: {because}"
        case Contradiction(because=because):
            return because
        case _:
            return type(fact).__name__


def _judged(chain: JudgedChain) -> str:
    report, other = chain.report, chain.at_device_clock
    parts = [
        f"{report.verify_code} {report.verify_name}",
        "; ".join(p.detail for p in report.problems) or "no problem found",
    ]
    if chain.modern is not None and chain.modern.verify_code != report.verify_code:
        parts.append(f"by today's practice {chain.modern.verify_code} {chain.modern.verify_name}")
    if other is not None and other.verify_code != report.verify_code:
        parts.append(f"at the host's own clock ({other.checked_at:%Y-%m-%d}) {other.verify_code} {other.verify_name}")
    return "; ".join(parts)


def _own_words(says: DeviceSays) -> str:
    clock = says.clock.strftime("%Y-%m-%d %H:%M:%SZ") if says.clock else None
    said = (("product", says.product), ("software", says.software), ("name", says.system_name), ("its clock", clock))
    told = ", ".join(f"{what} {_quoted(word)}" for what, word in said if word)
    return f"the device says of itself: {told or 'nothing'} ({says.source})"


def _page(face: HttpFace) -> str:
    offers = f", offers {', '.join(face.auth_schemes)}" if face.auth_schemes else ""
    leads = f", leads to {face.location}" if face.location else ""
    asks = ", shows a password form" if face.login_form else ""
    demands = ", demands SSL" if face.ssl_required else ""
    return f"{face.scheme} GET {face.path} gave {face.status} {face.reason}".rstrip() + offers + leads + asks + demands


def _statement(fact: Attested) -> str:
    backed = f"; shown by {_quoted(fact.document)}" if fact.document else ""
    hashed = f" (SHA-256 {fact.document_sha256})" if fact.document_sha256 else ""
    dates = f"on {fact.on:%Y-%m-%d}, valid until {fact.expires:%Y-%m-%d %H:%MZ}"
    return f"attested, not observed: {_quoted(fact.value)} by {fact.by} {dates}{backed}{hashed}"


def _quoted(text: str, longest: int = 300) -> str:
    """Put text in quotes; shorten what is long and say by how much."""
    left_out = len(text) - longest
    return f"“{text}”" if left_out <= 0 else f"“{text[:longest]}…” ({left_out} more characters in evidence.jsonl)"

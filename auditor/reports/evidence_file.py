"""`evidence.jsonl`: everything that was observed, one host a line, so that an audit can be judged again offline.

The first line is the head (inventory, policy, roots, digests; never a secret), then one line for each host in the order
in which they finished, then one line that says how the audit ended. A file without that last line comes from an audit
that was killed: what is there is still good.

Nothing is ever taken out. Where an interrupted audit goes on, a line says so behind what is there, the last line of
before included, and names the hosts that are asked again: what they say then stands in place of what they said before.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from auditor.model import facts
from auditor.model.collected import AuditEnd, AuditHead, HostEvidence, Resumption
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.inventory import Target

FORMAT = "1.0"

SMALL = 300
"""Bytes of a fact, a setting for example, that is likely to be the same on many hosts."""

KINDS: dict[str, type[facts.Fact]] = {
    kind.__name__: kind
    for kind in (
        facts.OpenService,
        facts.TelnetGreeting,
        facts.FtpGreeting,
        facts.SshFace,
        facts.HttpFace,
        facts.TlsFace,
        facts.TlsVersions,
        facts.SnmpFace,
        facts.NameLookup,
        facts.ReverseLookup,
        facts.Setting,
        facts.FeedbackList,
        facts.RootList,
        facts.TimeSync,
        facts.DeviceSays,
        facts.LoginAnswer,
        facts.NtpAnswer,
        facts.DatabaseFace,
        facts.Attested,
    )
}
"""Facts that are stored. Derived ones are not: they are concluded again."""


class EvidenceFileError(ValueError):
    """The file cannot be read as evidence; the text says which line and why."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A whole evidence file. `end` is None where the audit was killed before it could say how it ended."""

    head: AuditHead
    hosts: tuple[HostEvidence, ...]
    end: AuditEnd | None
    resumed: tuple[Resumption, ...] = ()


class _Head(msgspec.Struct, tag_field="record", tag="audit", forbid_unknown_fields=True):
    format: Literal["1.0"]
    audit: AuditHead


class _Observed(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    id: str
    asks: str
    probe: str
    subject: str
    at: datetime
    outcome: Literal["seen", "absent", "unknown"]
    port: int | None = None
    fact: msgspec.Raw = msgspec.Raw(b"")
    detail: str = ""
    cause: Cause | None = None


class _Host(msgspec.Struct, tag_field="record", tag="host", forbid_unknown_fields=True, omit_defaults=True):
    name: str
    product: str
    address: str | None
    started_at: datetime
    finished_at: datetime
    complete: bool
    notes: tuple[str, ...]
    faults: tuple[str, ...]
    observations: tuple[_Observed, ...]
    clock_doubt: str = ""
    transcript_chain: str = ""
    spared: bool = False


class _End(msgspec.Struct, tag_field="record", tag="end", forbid_unknown_fields=True):
    end: AuditEnd


class _Resumed(msgspec.Struct, tag_field="record", tag="resumed", forbid_unknown_fields=True):
    resumed: Resumption


_Record = _Head | _Host | _Resumed | _End


def _encode_other(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"no way to store a {type(value).__name__}")


def _decode_other(kind: type, value: object) -> object:
    if issubclass(kind, Path) and isinstance(value, str):
        return Path(value)
    raise TypeError(f"no way to read a {kind.__name__}")


_encoder = msgspec.json.Encoder(enc_hook=_encode_other)
_decoder = msgspec.json.Decoder(_Head | _Host | _Resumed | _End, dec_hook=_decode_other)


def head_line(head: AuditHead) -> bytes:
    """Return the first line.

    The SNMP community, which acts as a password, is left out, and so are user names and the commands that fetch
    passwords, whose arguments may tell something. Sites stand in it only where their collectors asked.
    """
    plain = msgspec.to_builtins(_Head("1.0", head), enc_hook=_encode_other)
    if not head.sites:
        del plain["audit"]["sites"]
    if head.hosts_at_once is None:
        del plain["audit"]["hosts_at_once"]
    del plain["audit"]["inventory"]["settings"]["snmp_community"]
    for credential in plain["audit"]["inventory"]["credentials"]:
        credential |= {"username": "", "password_command": None}
    return _encoder.encode(plain) + b"\n"


def host_line(host: HostEvidence) -> bytes:
    """Return the line of one host. Its target stands in the head; what was derived is left out."""
    record = _Host(
        name=host.target.name,
        product=host.product,
        address=host.address,
        started_at=host.started_at,
        finished_at=host.finished_at,
        complete=host.complete,
        notes=host.notes,
        faults=host.faults,
        observations=tuple(_to_line(o) for o in host.evidence.observations if not o.derived),
        clock_doubt=host.clock_doubt,
        transcript_chain=host.transcript_chain,
        spared=host.spared,
    )
    return _encoder.encode(record) + b"\n"


def end_line(end: AuditEnd) -> bytes:
    """Return the last line; notes, and what is said of hosts that nobody looked at, only where there is something."""
    plain = msgspec.to_builtins(_End(end))
    for name in ("not_asked", "notes"):
        if not getattr(end, name):
            del plain["end"][name]
    return _encoder.encode(plain) + b"\n"


def resumed_line(resumed: Resumption) -> bytes:
    """Return the line that says that the audit goes on."""
    plain = msgspec.to_builtins(_Resumed(resumed))
    if resumed.hosts_at_once is None:
        del plain["resumed"]["hosts_at_once"]
    return _encoder.encode(plain) + b"\n"


def read_evidence(path: Path) -> Stored:
    """Read a whole evidence file; raise `EvidenceFileError` for anything that is not one.

    A last line that was cut in the middle of writing is left out: it belongs to a host that was not finished.
    """
    reading = _Reading()
    for number, record in _records(path):
        if not reading.take(number, record, f"{path}, line {number}"):
            raise EvidenceFileError(
                f"{path}, line {number}: this record is out of place, or its host is not (or no longer) due"
            )
    if reading.head is None:
        raise EvidenceFileError(f"{path}: no head line; this is not the evidence of an audit")
    return Stored(reading.head, tuple(reading.hosts.values()), reading.end, tuple(reading.resumed))


@dataclass(slots=True)
class _Reading:
    """What is known after some lines; `due` are the targets of which a line may still come."""

    head: AuditHead | None = None
    due: dict[str, Target] = field(default_factory=dict)
    hosts: dict[str, HostEvidence] = field(default_factory=dict)
    resumed: list[Resumption] = field(default_factory=list)
    end: AuditEnd | None = None

    def take(self, number: int, record: _Record, where: str) -> bool:
        """Take one record; return False where it may not stand here."""
        match record:
            case _Head() if number == 1:
                self.head = record.audit
                self.due = {target.name: target for target in record.audit.inventory.targets}
            case _Host() if record.name in self.due and self.end is None:
                self.hosts.pop(record.name, None)
                self.hosts[record.name] = _from_line(record, self.due.pop(record.name), where)
            case _Resumed() if self.head is not None and self._can_be_asked_again(record.resumed.again):
                self.due |= {name: self.hosts[name].target for name in record.resumed.again}
                self.resumed.append(record.resumed)
                self.end = None
            case _End() if self.head is not None and self.end is None:
                self.end = record.end
            case _:
                return False
        return True

    def _can_be_asked_again(self, names: tuple[str, ...]) -> bool:
        return len(set(names)) == len(names) and self.hosts.keys() >= set(names)


def read_host_line(line: bytes, target: Target, where: str) -> HostEvidence:
    """Read what `host_line` made of one host; raise `EvidenceFileError` where it is not this target's, or not that."""
    try:
        record = _decoder.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError) as error:
        raise EvidenceFileError(f"{where}: {error}") from error
    if not isinstance(record, _Host) or record.name != target.name:
        raise EvidenceFileError(f"{where}: this is not the evidence of {target.name}")
    return _from_line(record, target, where)


def _records(path: Path) -> Iterator[tuple[int, _Record]]:
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    yield number, _decoder.decode(line)
                except (msgspec.DecodeError, RecursionError, UnicodeError, ValueError) as error:
                    raise EvidenceFileError(f"{path}, line {number}: {error}") from error
    except OSError as error:
        raise EvidenceFileError(f"{path}: {error.strerror}") from error


def _to_line(observation: AnyObservation) -> _Observed:
    line = _Observed(
        id=observation.id,
        asks=observation.asks.__name__,
        probe=observation.probe,
        subject=observation.subject,
        at=observation.at,
        outcome="seen",
        port=observation.port,
    )
    match observation.outcome:
        case Seen(fact):
            line.fact = msgspec.Raw(_encoder.encode(fact))
        case Absent(reason):
            line.outcome, line.detail = "absent", reason
        case Unknown(cause, detail):
            line.outcome, line.cause, line.detail = "unknown", cause, detail
    return line


def _from_line(record: _Host, target: Target, where: str) -> HostEvidence:
    return HostEvidence(
        target=target,
        product=record.product,
        address=record.address,
        evidence=Evidence(tuple(_observation(line, where) for line in record.observations)),
        started_at=record.started_at,
        finished_at=record.finished_at,
        complete=record.complete,
        notes=record.notes,
        faults=record.faults,
        clock_doubt=record.clock_doubt,
        transcript_chain=record.transcript_chain,
        spared=record.spared,
    )


def _observation(line: _Observed, where: str) -> AnyObservation:
    kind = KINDS.get(line.asks)
    if kind is None:
        raise EvidenceFileError(f"{where}: {line.id} asks for {line.asks!r}, a kind of fact that is not known")
    outcome: Seen[facts.Fact] | Absent | Unknown
    match line.outcome:
        case "seen":
            try:
                outcome = _seen(kind, bytes(line.fact))
            except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
                raise EvidenceFileError(f"{where}: {line.id}: {error}") from error
        case "absent":
            outcome = Absent(sys.intern(line.detail))
        case "unknown":
            if line.cause is None:
                raise EvidenceFileError(f"{where}: {line.id} is unknown without a cause")
            outcome = Unknown(line.cause, sys.intern(line.detail))
    return Observation(kind, sys.intern(line.probe), sys.intern(line.subject), line.at, outcome, line.port)


def _seen(kind: type[facts.Fact], raw: bytes) -> Seen[facts.Fact]:
    return _common(kind.__name__, raw) if len(raw) <= SMALL else Seen(msgspec.json.decode(raw, type=kind))


@lru_cache(maxsize=65_536)
def _common(kind: str, raw: bytes) -> Seen[facts.Fact]:
    """Decode a small fact. The systems of a fleet are set up alike: what many of them show is kept once."""
    return Seen(msgspec.json.decode(raw, type=KINDS[kind]))

"""What an audit that was interrupted or killed has left, and what is still to be asked.

A host counts as done where its evidence is complete and all its requests stand in the transcript: its line names the
chain that the transcript had by then, and that chain must be there. So does one that was asked no more for its own
sake: time alone is no sign that it bears more. Everything else is asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

import msgspec

from auditor.model.collected import AuditHead, Resumption
from auditor.reports.bundle import EVIDENCE, MANIFEST, TRANSCRIPT, BundleError, Grown
from auditor.reports.evidence_file import EvidenceFileError, Stored, read_evidence
from auditor.reports.transcript import START, next_chain, parted

_CHUNK = 1_048_576

NOTHING_LEFT = ("Refused:", "Filtered:", "Unreachable:", "LoginWithheld:", "HostKey:")
"""How the transcript's words on a login begin where no password left."""
CUT_OFF = "Unreachable: no way to the peer"
"""How they begin where the network failed on a connection that stood: the password may have left before."""

Tried = Literal["accepted", "refused", "unknown"]
"""What became of a login."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interrupted:
    """An audit that can go on.

    `done` are the targets that are not asked again, `again` those that are although there is evidence of them. With
    `finished` nothing is left to ask: only the reports are missing. The counts are those of the transcript's lines.
    `logins` are the targets to which a password was sent, each with the address, and what became of it.
    """

    stored: Stored
    done: frozenset[str]
    again: tuple[str, ...]
    finished: bool
    stopped_at: datetime
    requests_lost: bool
    requests_made: int
    requests_refused: int
    grown: Grown
    logins: Mapping[tuple[str, str], Tried] = field(default_factory=dict)

    @property
    def head(self) -> AuditHead:
        """The head of the audit, which stays."""
        return self.stored.head

    def resumption(self, *, at: datetime, inventory_digest: str) -> Resumption:
        """Return the mark that it goes on at a time; the chain is the writer's."""
        return Resumption(
            at=at,
            stopped_at=self.stopped_at,
            requests_lost=self.requests_lost,
            again=self.again,
            transcript_chain=self.grown.chain,
            inventory_digest="" if inventory_digest == self.head.inventory.digest else inventory_digest,
        )


class _Line(msgspec.Struct):
    """What is needed of a line of the transcript."""

    at: datetime
    permitted: bool
    host: str = ""
    address: str = ""
    operation: str = ""
    outcome: str = ""


@dataclass(slots=True)
class _Transcript:
    """What is known of a transcript; `met` are those chains among the wanted ones that it has."""

    wanted: frozenset[str]
    met: set[str]
    chain: str = START
    whole: int = 0
    size: int = 0
    made: int = 0
    refused: int = 0
    last_at: datetime | None = None
    logins: dict[tuple[str, str], Tried] = field(default_factory=dict)

    def take(self, number: int, raw: bytes) -> None:
        """Take one whole line; raise `BundleError` where it does not follow from those before it."""
        found = parted(raw)
        if found is None or found[1] != next_chain(self.chain, found[0]):
            why = "it does not follow from the line before it: somebody has changed it. This audit cannot go on."
            raise BundleError(f"{TRANSCRIPT}, line {number}: {why}")
        try:
            line = msgspec.json.decode(found[0], type=_Line)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            raise BundleError(f"{TRANSCRIPT}, line {number}: {error}") from error
        self.chain = found[1]
        self.whole += len(raw)
        self.made += line.permitted
        self.refused += not line.permitted
        self.last_at = line.at
        if self.chain in self.wanted:
            self.met.add(self.chain)
        if line.permitted and line.operation in {"LOGIN", "RUN"}:
            self._login(line)

    def _login(self, line: _Line) -> None:
        """Keep what became of a login: a refusal stands; a command that was answered shows that one was accepted."""
        place = (line.host, line.address)
        if line.outcome.startswith("LoginRefused:"):
            self.logins[place] = "refused"
        elif line.outcome.startswith("answered"):
            if self.logins.get(place) != "refused":
                self.logins[place] = "accepted"
        elif line.operation == "LOGIN" and _may_have_left(line.outcome):
            self.logins.setdefault(place, "unknown")


def _may_have_left(outcome: str) -> bool:
    """Tell whether the password may have been sent, by the transcript's words on a login without an answer."""
    return outcome.startswith(CUT_OFF) or not outcome.startswith(NOTHING_LEFT)


def look_at(folder: Path) -> Interrupted:
    """Return what is left of an audit; raise `BundleError` where it ended by itself, or cannot go on.

    Nothing is changed.
    """
    evidence = folder / EVIDENCE
    try:
        size, whole = _whole_lines(evidence)
        if not whole:
            raise BundleError(
                f"{folder}: this audit ended before it had written what it audits, so there is nothing to go on with. "
                "Remove the folder, and audit anew."
            )
        stored = read_evidence(evidence)
        chains = frozenset(host.transcript_chain for host in stored.hosts)
        transcript = _read_transcript(folder / TRANSCRIPT, chains)
    except EvidenceFileError as error:
        raise BundleError(f"{error}. It cannot go on.") from error
    except OSError as error:
        raise error if isinstance(error, BundleError) else BundleError(f"{folder}: {error.strerror}") from error
    grown = Grown(
        evidence_size=size,
        evidence_whole=whole,
        transcript_size=transcript.size,
        transcript_whole=transcript.whole,
        chain=transcript.chain,
    )
    return _judged(folder, stored, transcript, grown)


def _judged(folder: Path, stored: Stored, transcript: _Transcript, grown: Grown) -> Interrupted:
    end = stored.end
    known = bool(end and end.transcript_chain == transcript.chain)
    finished = bool(end and end.complete and known)
    if finished and (folder / MANIFEST).exists():
        raise BundleError(f"{folder}: this audit came to its end, so there is nothing to go on with.")
    again = tuple(
        host.target.name
        for host in stored.hosts
        if not finished and not ((host.complete or host.spared) and host.transcript_chain in transcript.met)
    )
    signs = [stored.head.started_at, *(host.finished_at for host in stored.hosts), *(r.at for r in stored.resumed)]
    if transcript.last_at is not None:
        signs.append(transcript.last_at)
    return Interrupted(
        stored=stored,
        done=frozenset(host.target.name for host in stored.hosts) - set(again),
        again=again,
        finished=finished,
        stopped_at=end.finished_at if end else max(signs),
        requests_lost=not known,
        requests_made=transcript.made,
        requests_refused=transcript.refused,
        grown=grown,
        logins=transcript.logins,
    )


def _read_transcript(path: Path, wanted: frozenset[str]) -> _Transcript:
    found = _Transcript(wanted, {START})
    with path.open("rb") as lines:
        for number, raw in enumerate(lines, 1):
            found.size += len(raw)
            if raw.endswith(b"\n"):
                found.take(number, raw)
    return found


def _whole_lines(path: Path) -> tuple[int, int]:
    """Return a file's size, and how many of its bytes are whole lines."""
    with path.open("rb") as file:
        size = place = file.seek(0, 2)
        while place:
            start = max(0, place - _CHUNK)
            file.seek(start)
            found = file.read(place - start).rfind(b"\n")
            if found >= 0:
                return size, start + found + 1
            place = start
    return size, 0

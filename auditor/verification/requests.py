"""The transcript: every line permitted and in its place, none forged, moved or missing, and the evidence explained.

Every host's evidence states the chain that the transcript had when it was written, and so does the place where an audit
went on: lines must be there that carry those chains.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from auditor.model.collected import AuditEnd
from auditor.model.evidence import Seen
from auditor.reports.bundle import TRANSCRIPT
from auditor.reports.evidence_file import Stored
from auditor.reports.transcript import START, next_chain, parted
from auditor.verification.belonging import Belonging, Line
from auditor.verification.folder import BundleFolder, OddFileError
from auditor.verification.outcome import Check, Problems, State, failed, not_checked

REQUESTS, CHAIN, ANSWERS = "requests", "transcript", "answers"

LONGEST_LINE = 65_536
_decoder = msgspec.json.Decoder(Line)


@dataclass(slots=True)
class _Reading:
    """What is known after some lines."""

    belonging: Belonging
    bad: Problems = field(default_factory=Problems)
    broken: Problems = field(default_factory=Problems)
    refused: list[str] = field(default_factory=list)
    asked: set[tuple[str, int]] = field(default_factory=set)
    stated: Mapping[str, str] = field(default_factory=dict)
    met: set[str] = field(default_factory=lambda: {START})
    chain: str = START
    lines: int = 0
    refusals: int = 0

    def take(self, number: int, raw: bytes) -> None:
        """Judge one whole line."""
        self.lines += 1
        found = parted(raw)
        if found is None:
            self.broken.add(f"line {number}: it carries no chain")
            self.bad.add(f"line {number}: it cannot be read as a request")
            return
        body, chain = found
        if chain != next_chain(self.chain, body):
            self.broken.add(f"line {number}: its chain does not follow from the line before it")
        self.chain = chain
        if chain in self.stated:
            self.met.add(chain)
        try:
            line = _decoder.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
            self.bad.add(f"line {number}: it cannot be read as a request: {error}")
            return
        self.bad.extend(f"line {number}: {problem}" for problem in self.belonging.problems(line))
        if line.permitted:
            self.asked.add((line.host, line.port))
        else:
            self.refusals += 1
            if len(self.refused) < 100:
                self.refused.append(f"line {number}: refused, not sent: {line.host}: {line.request}")


def check_transcript(folder: BundleFolder, stored: Stored, belonging: Belonging) -> tuple[Check, ...]:
    """Return three checks: the requests, the chain with its counts, and whether each answer has a request."""
    reading = _Reading(belonging, stated=_stated(stored))
    try:
        with folder.open(TRANSCRIPT) as file:
            torn = _read(file, reading)
    except OddFileError as error:
        return (failed(REQUESTS, str(error)), failed(CHAIN, str(error)), not_checked(ANSWERS, "there is no transcript"))
    if torn and stored.end is not None:
        reading.broken.add(f"{torn:,} bytes at the end are no whole line")
    return _requests(reading), _chain(reading, stored.end), _answers(reading, stored)


def _stated(stored: Stored) -> dict[str, str]:
    """Return the chains that must be there, and where the evidence states them.

    Hosts of before there were any state none. A place where the audit went on counts unless a later one says that
    requests were lost, which the report then says too.
    """
    chains = {host.transcript_chain: host.target.name for host in stored.hosts if host.transcript_chain}
    for each in reversed(stored.resumed):
        chains[each.transcript_chain] = f"resumed at {each.at:%Y-%m-%d %H:%M:%SZ}"
        if each.requests_lost:
            break
    return chains


def _read(file: BinaryIO, reading: _Reading) -> int:
    """Read all lines; return how many bytes stand behind the last whole one."""
    number = 0
    while raw := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(raw) > LONGEST_LINE:
            reading.bad.add(f"line {number}: longer than {LONGEST_LINE:,} bytes; the rest was not read")
            reading.broken.add(f"line {number}: longer than {LONGEST_LINE:,} bytes; the rest was not read")
            return 0
        if not raw.endswith(b"\n"):
            return len(raw)
        reading.take(number, raw)
    return 0


def _requests(reading: _Reading) -> Check:
    made = reading.lines - reading.refusals
    good = (
        f"{made:,} requests, each a permitted read of a host of this audit; {reading.refusals:,} refused and not sent"
    )
    check = reading.bad.check(REQUESTS, good, "lines that may not stand there")
    return Check(check.name, check.state, check.words, (*check.details, *reading.refused))


def _chain(reading: _Reading, end: AuditEnd | None) -> Check:
    if end is not None:
        stated = end.requests_made + end.requests_refused
        if reading.lines != stated:
            reading.broken.add(f"{reading.lines:,} lines; the evidence's end counts {stated:,} requests")
        elif reading.refusals != end.requests_refused:
            reading.broken.add(f"{reading.refusals:,} refused; the evidence's end counts {end.requests_refused:,}")
        if reading.chain != end.transcript_chain:
            reading.broken.add("the last line's chain is not the one that the evidence's end states")
    for chain, where in reading.stated.items():
        if chain not in reading.met:
            reading.broken.add(f"the evidence ({where}) states the chain of a line that is not there")
    good = f"{reading.lines:,} lines, unbroken, as many as the evidence's end counts"
    check = reading.broken.check(CHAIN, good, "lines were taken out, put in, moved or changed")
    if end is None and check.state is State.PASSED:
        why = "the audit was killed, so nothing says how many lines there were; those that are there are unbroken"
        return not_checked(CHAIN, why)
    return check


def _answers(reading: _Reading, stored: Stored) -> Check:
    """Hold the evidence against the transcript: what answered must have been asked."""
    if stored.end is None:
        return not_checked(ANSWERS, "the audit was killed, and the transcript may lack its last lines")
    problems, seen = Problems(), 0
    for host in stored.hosts:
        for made in host.evidence.observations:
            if made.port is not None and isinstance(made.outcome, Seen):
                seen += 1
                if (host.target.name, made.port) not in reading.asked:
                    problems.add(f"{host.target.name}: {made.id} was seen on port {made.port}, and nothing asked there")
    return problems.check(ANSWERS, f"{seen:,} answers in the evidence, each of a port that was asked", "unexplained")

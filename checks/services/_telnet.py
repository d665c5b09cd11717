"""What a Telnet port turned out to be, by what it says before login."""

from collections.abc import Collection

from auditor.model.evidence import Absent, Evidence, Observation, Seen
from auditor.model.facts import OpenService, TelnetGreeting

CLEAR = ("password", "login", "open")
"""Prompts that only plain Telnet gives; `open` lets anybody in without asking."""


def prompts(evidence: Evidence, wanted: Collection[str]) -> tuple[Observation[TelnetGreeting], ...]:
    """Return the greetings, on any Telnet port of the host, that ended in one of the wanted prompts."""
    return tuple(o for o in evidence.observed(TelnetGreeting) if o.fact and o.fact.prompt in wanted)


def speaks_challenge(evidence: Evidence, service: str, *, own_port: bool) -> bool | None:
    """Tell whether this service's port speaks Telnet challenge; None where that cannot be told.

    On the challenge's `own_port` an open port that shows no plain prompt counts as the challenge.
    """
    port = evidence.one(OpenService, service)
    if port is None:
        return None
    if isinstance(port.outcome, Absent):
        return False
    greeting = evidence.one(TelnetGreeting, service)
    prompt = greeting.fact.prompt if greeting and greeting.fact else None
    if prompt == "challenge":
        return True
    if prompt in CLEAR:
        return False
    return True if own_port and isinstance(port.outcome, Seen) else None

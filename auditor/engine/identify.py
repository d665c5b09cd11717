"""Which product a host is, from what it shows, by the patterns of the profiles. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from auditor.model.evidence import AnyObservation, Evidence
from auditor.model.facts import DeviceSays, HttpFace, Identity, SnmpFace, SshFace, TelnetGreeting
from auditor.model.profile import Profile


@dataclass(frozen=True, slots=True)
class _Match:
    """One pattern of one family that fitted one text."""

    weight: int
    family: str
    observation: str
    groups: dict[str, str]


def texts(evidence: Evidence) -> Iterator[tuple[str, str, str]]:
    """Yield every text by which a product can be told: where it stood, the text, the observation's identifier."""
    for observation in evidence.observations:
        for where, text in _texts_of(observation):
            if text:
                yield where, text, observation.id


def identify(evidence: Evidence, profiles: Iterable[Profile]) -> Identity | None:
    """Return the family whose patterns fit with the greatest weight, or None where none fits.

    Software and system name come from the matches of that family, the weightiest first. Two families of equal weight
    are a tie, and a tie is no recognition.
    """
    candidates = tuple(profiles)
    matches = sorted(_matches(evidence, candidates), key=lambda m: -m.weight)
    if not matches:
        return None
    best = matches[0]
    if any(m.weight == best.weight and m.family != best.family for m in matches):
        return None
    profile = next(p for p in candidates if p.family == best.family)
    ours = [m for m in matches if m.family == best.family]
    software = _first(ours, "software")
    return Identity(
        family=best.family,
        software=software,
        system_name=_first(ours, "system_name"),
        said_by=best.observation,
        excluded=excluded_because(profile, software),
    )


def completed(identity: Identity | None, evidence: Evidence, profile: Profile) -> Identity | None:
    """Return the identity with what the host says of itself in its settings: read live it counts before any banner.

    From a saved configuration it only fills what nothing else tells. None where nothing is known at all.
    """
    told = sorted((o for o in evidence.observed(DeviceSays) if o.fact), key=lambda o: o.fact is None or o.fact.source)
    for made in told:
        says = made.fact
        if says is None or not (says.software or says.system_name):
            continue
        known = identity or Identity(family=profile.family, said_by=made.id)
        first, second = (says, known) if says.source == "live" else (known, says)
        software = first.software or second.software
        return replace(
            known,
            software=software,
            system_name=first.system_name or second.system_name,
            said_by=made.id if software and software == says.software else known.said_by,
            excluded=excluded_because(profile, software),
        )
    return identity


def excluded_because(profile: Profile, software: str | None) -> str | None:
    """Return why the guide leaves out a model with this software, or None where it does not."""
    return next((e.because for e in profile.excluded if software and re.fullmatch(e.software, software)), None)


def _matches(evidence: Evidence, profiles: tuple[Profile, ...]) -> Iterator[_Match]:
    for where, text, observation in texts(evidence):
        for profile in profiles:
            for rule in profile.recognise:
                if rule.where == where and (found := re.search(rule.pattern, text)):
                    groups = {name: value.strip() for name, value in found.groupdict().items() if value}
                    yield _Match(rule.weight, profile.family, observation, groups)


def _first(matches: list[_Match], group: str) -> str | None:
    return next((m.groups[group] for m in matches if group in m.groups), None)


def _texts_of(observation: AnyObservation) -> Iterator[tuple[str, str | None]]:
    match observation.fact:
        case TelnetGreeting(banner=banner):
            yield "telnet", banner
        case SshFace(banner=banner):
            yield "ssh", banner
        case SnmpFace(description=description):
            yield "snmp", description
        case HttpFace(realm=realm, server=server, title=title):
            yield "http-realm", realm
            yield "http-server", server
            yield "http-title", title
        case _:
            return

"""The guide's table of the management server's interactions, filled in row by row from evidence. Pure.

A row about devices speaks of what they offer: the server may use whatever is open there. With Secure-Only proven on, it
uses nothing but HTTPS towards the devices that can do it (guide, Secure-Only Option), and their other services drop
out of the rows. A row's level is that of its weakest part, and None as long as a part is not known.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from auditor.engine.contradictions import capable
from auditor.engine.links import setting
from auditor.model.assessment import Citation, HostAssessment, Interaction, Link
from auditor.model.control import GUIDE
from auditor.model.evidence import Unknown
from auditor.model.facts import DatabaseFace, FeedbackList
from auditor.model.link import LinkOutcome
from auditor.model.policy import Policy
from auditor.model.profile import Profile
from auditor.model.verdict import Status

SNMP_MODE = "snmp.mode"
SHOWN = 4

USED, UNUSED = True, False

OBSERVED_ENCRYPTION, OBSERVED_LOGIN = 3, 2
"""Levels that a database server's answer allows: all encrypted, nobody verified; and the login encrypted alone."""

States = Mapping[str, tuple[str, int | None]]
"""State and level of a service, by device."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the data file."""

    row: str
    title: str
    by_default: int
    rule: str
    section: str
    protocol: str = ""
    control: str = ""
    met: int | None = None
    not_met: int | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """What the evidence says of a row; `level` None where it is not used or not known."""

    level: int | None
    in_use: bool | None
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """A management server's view: its own assessment, its devices with their profiles, and the links to them."""

    server: HostAssessment
    devices: Sequence[tuple[HostAssessment, Profile]]
    links: Sequence[Link]
    policy: Policy

    @property
    def secure_only(self) -> bool:
        """Tell whether Secure-Only is proven on."""
        return _status(self.server, "tms.secure-only") is Status.MET

    @property
    def insecure(self) -> list[tuple[HostAssessment, Profile]]:
        """Devices towards which the server may use other protocols than HTTPS."""
        return [(d, p) for d, p in self.devices if not (self.secure_only and capable(d))]

    @property
    def excused(self) -> str:
        """Say how many devices drop out of a row because the server uses nothing but HTTPS towards them."""
        number = len(self.devices) - len(self.insecure)
        return f"; towards {number} the server uses HTTPS alone (Secure-Only)" if number else ""


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows of the table as the data file lists them."""
    text = files("auditor.engine").joinpath("interactions.toml").read_text(encoding="utf-8")
    document: dict[str, Any] = tomllib.loads(text)
    return tuple(Row(section=document["section"], **row) for row in document["row"])


def interactions(managed: Managed) -> tuple[Interaction, ...]:
    """Return the whole table for one management server."""
    return tuple(_interaction(row, _fill(row, managed)) for row in rows())


def _interaction(row: Row, filled: Filled) -> Interaction:
    return Interaction(
        row=row.row,
        title=row.title,
        level=filled.level,
        in_use=filled.in_use,
        because=filled.because,
        by_default=row.by_default,
        citation=Citation(document=GUIDE, section=row.section, step=row.title),
    )


def _fill(row: Row, managed: Managed) -> Filled:
    match row.rule:
        case "pages":
            return _pages(managed.server)
        case "service":
            return _service(row.protocol, managed)
        case "https":
            return _https(row.protocol, managed)
        case "traps":
            return _traps(managed)
        case "feedback":
            return _feedback(managed)
        case "control" | "database":
            by_control = _by_control(row, managed.server)
            return by_control if row.rule == "control" else _with_database(by_control, managed.server)
        case _:
            raise ValueError(f"interactions.toml: there is no rule {row.rule!r}")


def _pages(server: HostAssessment) -> Filled:
    """Users come by whatever is open: the weakest of the server's own web services counts."""
    web = [s for s in server.services if s.service in {"http", "https"}]
    if _status(server, "tms.http-refused") is Status.MET:
        web = [s for s in web if s.service != "http"]
    opened = [s for s in web if s.state == "open"]
    said = "; ".join(f"{s.title}: {s.detail or s.state}" for s in web) or "No web service was looked at"
    if any(s.state in {"filtered", "unknown"} for s in web) or any(s.level is None for s in opened):
        return Filled(None, True if opened else None, f"Not known: {said}.")
    if not opened:
        return Filled(None, UNUSED, f"No web service is open: {said}.")
    return Filled(min(s.level for s in opened if s.level is not None), USED, f"{said}.")


def _states(protocol: str, devices: Sequence[tuple[HostAssessment, Profile]]) -> dict[str, tuple[str, int | None]]:
    """Return state and level of the protocol's services (the worst one) for each device that has any."""
    found: dict[str, tuple[str, int | None]] = {}
    for device, profile in devices:
        names = {s.name for s in profile.services if s.protocol == protocol}
        views = [v for v in device.services if v.service in names]
        opened = [v for v in views if v.state == "open"]
        if opened:
            levels = [v.level for v in opened if v.level is not None]
            found[device.target.name] = "open", min(levels) if len(levels) == len(opened) else None
        elif views:
            found[device.target.name] = "closed" if all(v.state == "closed" for v in views) else "unknown", None
    return found


def _service(protocol: str, managed: Managed) -> Filled:
    return _weakest(_states(protocol, managed.insecure), managed.excused)


def _https(protocol: str, managed: Managed) -> Filled:
    """Encrypted is Level 3; Level 4 only where the server was shown to verify and accept the device."""
    outcomes = {link.device: link.tms_to_device.outcome for link in managed.links}
    states = {
        name: (state, 4 if level is not None and outcomes.get(name) is LinkOutcome.ACCEPTED else _encrypted(level))
        for name, (state, level) in _states(protocol, managed.devices).items()
    }
    refused = [name for name, outcome in outcomes.items() if outcome is LinkOutcome.REFUSED]
    return _weakest(states, f"; refused by the server: {_named(refused)}" if refused else "")


def _encrypted(level: int | None) -> int | None:
    """Return at most Level 3: what this auditor makes of a certificate says nothing of what the server does."""
    return None if level is None else min(level, 3)


def _traps(managed: Managed) -> Filled:
    states: dict[str, tuple[str, int | None]] = {}
    for device, profile in managed.insecure:
        if any(s.protocol == "snmp" for s in profile.services):
            mode = setting(device.evidence, SNMP_MODE)
            off = mode is not None and mode[1].casefold() in {"off", "readonly"}
            states[device.target.name] = "unknown" if mode is None else "closed" if off else "open", 1
    return _weakest(states, managed.excused)


def _feedback(managed: Managed) -> Filled:
    """Feedback is what devices post: their registered addresses decide, and their side of the link."""
    sides = {link.device: link.device_to_tms for link in managed.links}
    states: dict[str, tuple[str, int | None]] = {}
    for device, _ in managed.devices:
        name = device.target.name
        side = sides.get(name)
        lists = [o for o in device.evidence.observed(FeedbackList) if not isinstance(o.outcome, Unknown)]
        urls = [url for made in lists if made.fact for url in made.fact.urls]
        if any(not url.casefold().startswith("https://") for url in urls):
            states[name] = "open", managed.policy.feedback_http_level
        elif side is not None and side.level is not None:
            states[name] = "open", side.level
        elif side is not None and side.outcome is LinkOutcome.OFF and lists and not urls:
            states[name] = "closed", None
        else:
            states[name] = ("open", None) if urls else ("unknown", None)
    return _weakest(states, "")


def _by_control(row: Row, server: HostAssessment) -> Filled:
    finding = next((f for f in server.findings if f.control == row.control), None)
    if finding is None:
        return Filled(None, None, f"Not known: {row.control} was not judged.")
    level = {Status.MET: row.met, Status.NOT_MET: row.not_met}.get(finding.status)
    return Filled(level, None if level is None else True, f"{row.control}: {finding.because}")


def _with_database(filled: Filled, server: HostAssessment) -> Filled:
    """What the database server answered caps what a statement may say; without an answer the control decides.

    A database that answers is not local, so encryption is Level 3 at most: whether the management server verifies its
    certificate is not shown. Where it leaves encryption to its clients and nobody has said more, the login alone is
    sure to be encrypted, which is Level 2.
    """
    says = {face.encryption for face in server.evidence.of(DatabaseFace)}
    if says and filled.level is not None:
        return replace(filled, level=min(filled.level, OBSERVED_ENCRYPTION))
    if "off" in says and filled.level is None:
        return replace(filled, level=OBSERVED_LOGIN, in_use=True)
    return filled


def _weakest(states: States, more: str) -> Filled:
    """Return the weakest level of the devices where the service is open; none while one of them is not known."""
    if not states:
        return Filled(None, UNUSED, f"No managed device of this audit has it{more}.")
    opened = {name: level for name, (state, level) in states.items() if state == "open"}
    unknown = [name for name, (state, _) in states.items() if state == "unknown"]
    unknown += [name for name, level in opened.items() if level is None]
    levels = {name: level for name, level in opened.items() if level is not None}
    parts = []
    if levels:
        lowest = min(levels.values())
        weakest = [name for name, level in levels.items() if level == lowest]
        parts.append(f"Level {lowest} on {_named(weakest)}, open on {len(opened)} of {len(states)} devices")
    if unknown:
        parts.append(f"not known of {_named(unknown)}")
    if not opened and not unknown:
        return Filled(None, UNUSED, f"No managed device offers it ({len(states)} looked at){more}.")
    level = min(levels.values(), default=None)
    known = level if not unknown or level == 1 else None
    sentence = "; ".join(parts)
    return Filled(known, True if opened else None, f"{sentence[0].upper()}{sentence[1:]}{more}.")


def _named(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _status(host: HostAssessment, control: str) -> Status | None:
    return next((f.status for f in host.findings if f.control == control), None)

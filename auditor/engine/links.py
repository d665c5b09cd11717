"""Links: both directions between a device and its management server, judged with each party's own means. Pure.

| what the caller does | outcome | level |
|---|---|---|
| speaks HTTP, or another protocol in clear | clear | 2 or 1 |
| speaks HTTPS and believes whoever answers | not verified | 3 |
| speaks HTTPS, verifies, and the certificate passes | accepted | 4 |
| speaks HTTPS, verifies, and the certificate does not pass | refused | none |

A refused link has no level: the guide lets the caller stop before anything is said, so nothing is exposed, but nothing
works either, and calling that Level 3 or 4 would hide a broken system. Where something needed was not read, a link can
be shown to fail, never to hold (see `trial`); so taking evidence away cannot raise a level.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from auditor.engine.interpret import Trust
from auditor.engine.services import view_services
from auditor.engine.trial import Failure, Party, Trial, anchors_of, clock_of, failures, printable, roots_of, stated
from auditor.model.assessment import Link, LinkSide
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Setting, TlsFace
from auditor.model.link import DEVICE_TO_TMS, TMS_TO_DEVICE, Direction, JudgedLink, LinkOutcome
from auditor.model.policy import Policy

ADDRESS, PROTOCOL = "externalmanager.address", "externalmanager.protocol"
VERIFY = "https.verifyservercertificate"
FALLBACK = {"http", "telnet", "telnet-challenge", "ftp", "snmp"}
"""Protocols that the management server turns to where a device has no HTTPS (guide, TMS Interaction with Devices)."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One direction while it is judged: who calls whom, and everything that bears on what happens.

    `caller` begins a sentence, `called` stands inside one. `unknown` names what is missing to say what happens at all;
    what is missing to say that the certificate passes stands in `trial`. `refused`: nobody answers HTTPS there.
    """

    direction: Direction
    tms: str
    caller: str
    called: str
    face: TlsFace | None
    refused: bool
    verifies: bool | None
    reasons: tuple[Failure, ...]
    trial: Trial
    unknown: tuple[str, ...]
    rests_on: tuple[str, ...]

    def judged(self, outcome: LinkOutcome, level: int | None, because: str, cause: str) -> JudgedLink:
        """Return the direction with this outcome."""
        return JudgedLink(
            direction=self.direction, tms=self.tms, outcome=outcome, level=level, because=f"{because}.", cause=cause,
            rests_on=tuple(dict.fromkeys(self.rests_on)),
            attested=self.direction == TMS_TO_DEVICE and outcome not in {LinkOutcome.FAILS, LinkOutcome.UNKNOWN},
        )  # fmt: skip


def judge_links(parties: Mapping[str, Party], policy: Policy, trust: Trust) -> dict[str, tuple[JudgedLink, JudgedLink]]:
    """Return both directions for every device that the inventory gives a management server, by the device's name."""
    return {
        party.name: _both_sides(party, parties.get(party.target.tms), policy, trust)
        for party in parties.values()
        if party.target.tms is not None
    }


def _both_sides(device: Party, server: Party | None, policy: Policy, trust: Trust) -> tuple[JudgedLink, JudgedLink]:
    """Judge both directions at the time at which the later one of the two had been looked at."""
    known = [party.judged_at for party in (device, server) if party is not None and party.judged_at is not None]
    then = replace(trust, at=max([trust.at, *known]))
    return device_to_server(device, server, policy, then), server_to_device(device, server, then)


def link_of(device: str, sides: tuple[JudgedLink, JudgedLink]) -> Link:
    """Return the link's row: its level is the lower one, and none where either direction has none."""
    there, back = sides
    levels = [side.level for side in sides if side.level is not None]
    return Link(
        device=device,
        tms=there.tms,
        level=min(levels) if len(levels) == len(sides) else None,
        device_to_tms=_row(there),
        tms_to_device=_row(back),
    )


def link_observations(sides: Iterable[JudgedLink], at: datetime) -> tuple[AnyObservation, ...]:
    """Return the judged directions as derived observations of the device, for the controls of links."""
    return tuple(_observation(side, at) for side in sides)


def _observation(side: JudgedLink, at: datetime) -> AnyObservation:
    outcome: Seen[JudgedLink] | Unknown = Seen(side)
    if side.outcome is LinkOutcome.UNKNOWN:
        outcome = Unknown(Cause.NOT_ASKED, side.because.rstrip("."))
    return Observation(JudgedLink, "link", side.direction, at, outcome, derived=True)


def _row(side: JudgedLink) -> LinkSide:
    return LinkSide(level=side.level, because=side.because, outcome=side.outcome, cause=side.cause)


def device_to_server(device: Party, server: Party | None, policy: Policy, trust: Trust) -> JudgedLink:
    """Judge the connections that the device opens to its management server."""
    name, evidence = device.target.tms or "", device.evidence
    protocol, address, mode = (_value(evidence, path) for path in (PROTOCOL, ADDRESS, VERIFY))
    no_https = _has_none(evidence, PROTOCOL)
    in_clear = no_https or (protocol or "").casefold() == "http"
    face, refused = _presented(server)
    trial = _device_trial(device, address, name, trust)
    unknown = (
        *(() if in_clear or (protocol or "").casefold() == "https" else ("the external manager's protocol",)),
        *(() if address else ("the external manager's address",)),
        *(() if server else (f"{name}, which is not part of this audit",)),
        *(() if face or refused or not server else (f"the certificate of {name}",)),
    )
    clear = "the external manager " + ("has no setting for HTTPS" if no_https else "is set to HTTP")
    attempt = _Attempt(
        direction=DEVICE_TO_TMS, tms=name, caller="The device", called=name, face=face, refused=refused,
        verifies=False if _has_none(evidence, VERIFY) else {"on": True, "off": False}.get((mode or "").casefold()),
        reasons=failures(face, trial, trust.rules) if face else (),
        trial=trial, unknown=unknown,
        rests_on=(*(o.id for path in (PROTOCOL, ADDRESS, VERIFY) for o in _read(evidence, path)), *trial.rests_on),
    )  # fmt: skip
    if address and is_self(address):
        because = f"The device does not call {name}: its external manager is set to {printable(address)}"
        return attempt.judged(LinkOutcome.OFF, None, because, "the external manager is off")
    if in_clear:
        because = f"The device calls {printable(address or name)} in clear: {clear}"
        if address:
            return attempt.judged(LinkOutcome.CLEAR, policy.feedback_http_level, because, clear)
        return attempt.judged(LinkOutcome.FAILS, None, f"{because}; not known: {', '.join(unknown)}", clear)
    return _decide(attempt)


def _device_trial(device: Party, address: str | None, name: str, trust: Trust) -> Trial:
    """Say with what the device judges the certificate of its management server."""
    roots, clock = roots_of(device), clock_of(device, trust)
    reference = host_of(address) if address else None
    return Trial(
        anchors=None if roots.certificates is None else anchors_of(roots.certificates),
        reference=reference,
        times=clock.times if clock else (trust.at,),
        true_time=trust.at,
        dated=clock is not None or not trust.clock_doubt,
        name_words=f"the name {printable(reference or '')}, by which devices call {name}",
        clock_words="the device's clock",
        missing=(
            *(() if roots.certificates is not None else ("the device's root list",)),
            *(() if clock else ("the device's clock",)),
        ),
        words=(f"called as {printable(reference or 'nothing')} (the device's setting)", roots.words,
               "the device's clock"),
        rests_on=(*([roots.observation] if roots.observation else []), *(clock.shown_by if clock else ())),
    )  # fmt: skip


def server_to_device(device: Party, server: Party | None, trust: Trust) -> JudgedLink:
    """Judge the connections that the management server opens to the device."""
    name = device.target.tms or ""
    face, refused = _presented(device)
    evidence = server.evidence if server else Evidence()
    secure_only = stated(evidence, "secure-only", trust.at)
    trial = _server_trial(device, server, name, trust)
    unknown = (
        *(() if server else (f"{name}, which is not part of this audit",)),
        *(() if face or refused else ("the device's certificate",)),
        *(("the statement 'secure-only'",) if refused and secure_only is None else ()),
    )
    attempt = _Attempt(
        direction=TMS_TO_DEVICE, tms=name, caller=name, called="the device", face=face, refused=refused,
        verifies=stated(evidence, "verify-certificates", trust.at), trial=trial, unknown=unknown,
        reasons=failures(face, trial, trust.rules) if face else (),
        rests_on=tuple(o.id for o in device.evidence.observed(TlsFace) if not isinstance(o.outcome, Unknown)),
    )  # fmt: skip
    if refused and secure_only is False:
        return _fallback(device, attempt)
    return _decide(attempt)


def _server_trial(device: Party, server: Party | None, name: str, trust: Trust) -> Trial:
    """Say with what the management server judges the certificate of a device.

    The inventory's hostname is the one under which the server tracks the device only where somebody says that it
    tracks systems by hostname.
    """
    roots = roots_of(server) if server else None
    certificates = roots.certificates if roots else None
    clock = clock_of(server, trust) if server else None
    tracked = stated(server.evidence, "systems-by-hostname", trust.at) if server else None
    hostname = device.target.hostname
    return Trial(
        anchors=None if certificates is None else anchors_of(certificates),
        reference=hostname if tracked else None,
        times=clock.times if clock else (trust.at,),
        true_time=trust.at,
        dated=clock is not None or not trust.clock_doubt,
        name_words="the device's host name",
        clock_words=f"the clock of {name}",
        missing=(
            *(() if certificates is not None else (f"the roots of {name}",)),
            *(() if clock else (f"the clock of {name}",)),
            *(() if hostname else ("the device's hostname",)),
            *(() if tracked else ("the statement 'systems-by-hostname: yes'",)),
        ),
        words=(
            f"tracked as {printable(hostname or 'nothing')} (the inventory's hostname; tracking by hostname attested)",
            roots.words if roots else "",
            f"the clock of {name}",
        ),
    )


def _fallback(device: Party, attempt: _Attempt) -> JudgedLink:
    """Without Secure-Only, the server uses the most secure of the protocols that are left."""
    protocols = {s.name: s.protocol for s in device.profile.services}
    views = [
        (view.level, view.title, f"port/{view.service}")
        for view in view_services(device.evidence, device.profile, device.target)
        if view.state == "open" and view.level is not None and protocols[view.service] in FALLBACK
    ]
    if not views:
        because = f"The device refuses HTTPS, and nothing else was seen that {attempt.tms} could use"
        return attempt.judged(LinkOutcome.FAILS, None, because, "HTTPS is refused")
    level, title, shown = max(views)
    because = f"The device refuses HTTPS; without Secure-Only, {attempt.tms} uses {title} instead"
    used = replace(attempt, rests_on=(*attempt.rests_on, shown))
    return used.judged(LinkOutcome.CLEAR, level, because, "HTTPS is refused")


def _decide(attempt: _Attempt) -> JudgedLink:
    """Apply the table of this module to one direction."""
    caller, called = attempt.caller, attempt.called
    not_known = f"; not known: {', '.join(attempt.unknown)}" if attempt.unknown else ""
    if attempt.refused:
        outcome = LinkOutcome.FAILS if attempt.unknown else LinkOutcome.REFUSED
        because = f"{caller} finds nobody: {called} refuses HTTPS{not_known}"
        return attempt.judged(outcome, None, because, "HTTPS is refused")
    if attempt.verifies is False:
        because, cause = f"{caller} does not verify the certificate of {called}{not_known}", "it is not verified"
        if attempt.unknown:
            return attempt.judged(LinkOutcome.FAILS, None, because, cause)
        if attempt.face is not None and attempt.face.protection == "none":
            because = f"{because}, and {attempt.face.cipher} protects nothing"
            return attempt.judged(LinkOutcome.NOT_VERIFIED, 1, because, "nothing is protected")
        return attempt.judged(LinkOutcome.NOT_VERIFIED, 3, because, cause)
    if attempt.reasons:
        return _failing(attempt)
    return _not_failing(attempt)


def _failing(attempt: _Attempt) -> JudgedLink:
    first, more = attempt.reasons[0], len(attempt.reasons) - 1
    reason = first.detail + (f" (and {more} more)" if more else "")
    if attempt.verifies and not attempt.unknown:
        because = f"Would be refused: {attempt.caller} verifies {attempt.called}, and {reason}"
        because = because.replace(": The device", ": the device", 1)
        return attempt.judged(LinkOutcome.REFUSED, None, because, first.cause)
    unsure = (*attempt.unknown, *(("whether it is verified",) if attempt.verifies is None else ()))
    because = f"The certificate of {attempt.called} would not pass: {reason}; not known: {', '.join(unsure)}"
    return attempt.judged(LinkOutcome.FAILS, None, because, first.cause)


def _not_failing(attempt: _Attempt) -> JudgedLink:
    mode = "the verify mode" if attempt.direction == DEVICE_TO_TMS else "the statement 'verify-certificates'"
    cut = attempt.face is not None and not attempt.face.chain_complete
    missing = (
        *attempt.unknown,
        *((mode,) if attempt.verifies is None else ()),
        *attempt.trial.missing,
        *((f"the whole chain of {attempt.called}",) if cut else ()),
    )
    if missing:
        needs = f"needs {', '.join(missing)}"
        return attempt.judged(LinkOutcome.UNKNOWN, None, f"Not known: {needs}", needs)
    with_what = ", ".join(attempt.trial.words)
    because = f"{attempt.caller} verifies the certificate of {attempt.called}, and it passes: {with_what}"
    return attempt.judged(LinkOutcome.ACCEPTED, 4, because, "")


def _presented(party: Party | None) -> tuple[TlsFace | None, bool]:
    """Return what a party shows on its first HTTPS service, and whether it proved that it offers none."""
    made = party.evidence.observed(TlsFace) if party else ()
    face = next((o.fact for o in made if o.fact is not None), None)
    return face, face is None and bool(made) and all(isinstance(o.outcome, Absent) for o in made)


def _read(evidence: Evidence, path: str) -> tuple[Observation[Setting], ...]:
    """Return the observations of a setting that tell something; what was read live stands before what was saved."""
    seen = [o for o in evidence.observed(Setting, path) if not isinstance(o.outcome, Unknown)]
    return tuple(sorted(seen, key=lambda o: o.fact is not None and o.fact.source != "live"))[:1]


def setting(evidence: Evidence, path: str) -> tuple[str, str] | None:
    """Return where a setting was read and its value without quotes around it; None where it was not read."""
    made = next(iter(_read(evidence, path)), None)
    return (made.id, made.fact.value.strip().strip('"').strip()) if made and made.fact else None


def _value(evidence: Evidence, path: str) -> str | None:
    """Return the setting's value; None where it was not read or is empty."""
    found = setting(evidence, path)
    return (found[1] or None) if found else None


def _has_none(evidence: Evidence, path: str) -> bool:
    """Tell whether the device proved that it has no such setting."""
    return any(isinstance(o.outcome, Absent) for o in _read(evidence, path))


def host_of(address: str) -> str:
    """Return the host part of an address that may be written as URL or with a port or path."""
    if address.count(":") > 1 and "/" not in address and "[" not in address:
        return address
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or address
    except ValueError:
        return address


def is_self(address: str) -> bool:
    """Tell whether this is the guide's address for 'no server': the device itself."""
    host = host_of(address)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"

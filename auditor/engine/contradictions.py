"""Where the settings of managed devices speak against what was stated of their management server. Pure.

Observed facts win over statements: Secure-Only makes the server set every capable device to HTTPS, so a capable device
that is set to HTTP shows that it is not on, or does not work, whatever a person has signed (D50520 Rev 2, TMS chapter,
"Secure-Only Option" and "Additional TMS Server Requirements").
"""

import ipaddress
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from auditor.engine.links import ADDRESS, PROTOCOL, VERIFY, host_of, is_self, setting
from auditor.engine.trial import printable
from auditor.model.assessment import HostAssessment
from auditor.model.evidence import AnyObservation, Observation, Seen
from auditor.model.facts import FeedbackList
from auditor.model.link import Contradiction
from auditor.model.profile import Profile
from auditor.model.verdict import Status

CAPABLE = "software.supports-secure-management"
"""The control that says whether a device's software can do what Secure-Only asks of it."""

CONTESTED = "verify_mode_contested"
"""The capability of families whose own steps in the guide leave the verify mode off."""

SHOWN = 5
"""How many devices a sentence names; the others are counted."""


def contradictions(devices: Sequence[HostAssessment], profiles: Mapping[str, Profile]) -> tuple[Contradiction, ...]:
    """Return what the devices of one management server show against statements about it."""
    return tuple(
        found
        for found in (_secure_only(devices), _one_name(devices), _verification(devices, profiles))
        if found is not None
    )


def contradiction_observations(found: Iterable[Contradiction], at: datetime) -> tuple[AnyObservation, ...]:
    """Return contradictions as derived observations of the management server, `devices/<statement>`."""
    return tuple(Observation(Contradiction, "devices", c.statement, at, Seen(c), derived=True) for c in found)


def capable(device: HostAssessment) -> bool:
    """Tell whether this device can do Secure-Only, by its release, or by having the setting that came with it."""
    status = next((f.status for f in device.findings if f.control == CAPABLE), None)
    if status is Status.NOT_MET:
        return False
    return status is Status.MET or setting(device.evidence, PROTOCOL) is not None


def _secure_only(devices: Sequence[HostAssessment]) -> Contradiction | None:
    words = {d.target.name: said for d in devices if capable(d) and (said := "; ".join(_clear_calls(d)))}
    if not words:
        return None
    return Contradiction(
        statement="secure-only",
        devices=tuple(words),
        because=f"Capable devices are set to plain HTTP: {_listed(words)}.",
    )


def _clear_calls(device: HostAssessment) -> Iterator[str]:
    """Yield the observations by which a device calls its management server in clear."""
    protocol, address = setting(device.evidence, PROTOCOL), setting(device.evidence, ADDRESS)
    called = address[1] if address else ""
    if protocol and protocol[1].casefold() == "http" and called and not is_self(called):
        yield f"{protocol[0]} is {printable(protocol[1])}"
    servers = {host_of(called).casefold()} if called else set()
    for made in device.evidence.observed(FeedbackList):
        urls = made.fact.urls if made.fact else ()
        if any(u.casefold().startswith("http://") and (_url_host(u) or "") in servers for u in urls):
            yield f"{made.id} has an http address of the server"


def _url_host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _one_name(devices: Sequence[HostAssessment]) -> Contradiction | None:
    """All systems have to reach the server by one host name: find several names, or a number."""
    by_name: dict[str, list[str]] = defaultdict(list)
    for device in devices:
        address = setting(device.evidence, ADDRESS)
        if address and address[1] and not is_self(address[1]):
            by_name[host_of(address[1]).casefold().rstrip(".")].append(device.target.name)
    if len(by_name) < 2 and not any(_is_number(name) for name in by_name):
        return None
    words = {printable(name): _some(names) for name, names in sorted(by_name.items())}
    said = "; ".join(f"{name} ({devices})" for name, devices in list(words.items())[:SHOWN])
    return Contradiction(
        statement="one-name-for-all",
        devices=tuple(name for names in by_name.values() for name in names),
        because=f"Devices do not reach the server by one host name ({ADDRESS}): {said}.",
    )


def _verification(devices: Sequence[HostAssessment], profiles: Mapping[str, Profile]) -> Contradiction | None:
    """Verify Certificates makes the server switch verification on in devices; one that is off raises doubt."""
    words = {
        device.target.name: f"{mode[0]} is {printable(mode[1])}"
        for device in devices
        if capable(device)
        and not profiles[device.product].capabilities.get(CONTESTED, False)
        and (mode := setting(device.evidence, VERIFY)) is not None
        and mode[1].casefold() == "off"
    }
    if not words:
        return None
    return Contradiction(
        statement="verify-certificates",
        devices=tuple(words),
        because=f"Capable devices do not verify, though the server would have set them to: {_listed(words)}.",
        refutes=False,
    )


def _listed(words: Mapping[str, str]) -> str:
    shown = [f"{name} ({said})" for name, said in list(words.items())[:SHOWN]]
    more = len(words) - SHOWN
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

"""Read the settings of the host's own clients: the shared rules for `clients.*`."""

import ipaddress
from urllib.parse import urlsplit

from auditor.model.evidence import Absent, Evidence, Observation, Seen, Unknown
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

NEEDS_SETTINGS = "the audit had no credentials and no saved configuration"


def value(evidence: Evidence, path: str) -> str | None:
    """Return the setting's value, printable and without quotes around it, or None where it was not read."""
    seen = evidence.one(Setting, path)
    if seen is None or seen.fact is None:
        return None
    return "".join(c if c.isprintable() else "?" for c in seen.fact.value.strip()).strip('"').strip()


def is_off(evidence: Evidence, path: str) -> bool | None:
    """Tell whether the setting says Off; None where it was not read."""
    mode = value(evidence, path)
    return None if mode is None else mode.casefold() == "off"


def read(evidence: Evidence, *paths: str) -> tuple[Observation[Setting], ...]:
    """Return the settings' observations that tell something: a value, or the proof that there is no such setting."""
    found = (o for path in paths for o in evidence.observed(Setting, path))
    return tuple(o for o in found if isinstance(o.outcome, Seen | Absent))


def gaps(evidence: Evidence, *paths: str) -> tuple[str, ...]:
    """Return the identifiers of those settings that were asked for and not read."""
    return tuple(o.id for path in paths for o in evidence.gaps(Setting, path))


def missing(evidence: Evidence, *paths: str) -> Undetermined:
    """Say which settings would be needed, and why they are not there."""
    tried = tuple(o for path in paths for o in evidence.gaps(Setting, path))
    why = "; ".join(dict.fromkeys(o.outcome.detail.rstrip(".") for o in tried if isinstance(o.outcome, Unknown)))
    unread = [path for path in paths if value(evidence, path) is None]
    names = ("settings " if len(unread) > 1 else "setting ") + " and ".join(unread)
    return Undetermined(f"Needs the {names}; {why or NEEDS_SETTINGS}.", tuple(o.id for o in tried))


def host_of(address: str) -> str:
    """Return the host part of an address that may be written as URL or with a port or path."""
    if address.count(":") > 1 and "/" not in address and "[" not in address:
        return address  # a bare IPv6 address
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname or ""
    except ValueError:
        return address


def is_ip(host: str) -> bool:
    """Tell whether this is an IP address and not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def is_disabled(address: str) -> bool:
    """Tell whether the address is the guide's value for 'no server': the host itself."""
    host = host_of(address)
    return host.casefold() == "localhost" or (is_ip(host) and ipaddress.ip_address(host).is_loopback)


def judge_client(evidence: Evidence, name: str, mode: str, protocol: str) -> Verdict:
    """Judge a client that has a mode and a protocol: met when off, or when its protocol is HTTPS."""
    off, speaks = is_off(evidence, mode), value(evidence, protocol)
    ids = tuple(o.id for o in read(evidence, mode, protocol))
    unread = gaps(evidence, mode, protocol)
    if off:
        return Met(f"{name}: off.", ids, unread)
    if speaks is not None and speaks.casefold() == "https":
        return Met(f"{name}: the protocol is HTTPS.", ids, unread)
    no_protocol = any(isinstance(o.outcome, Absent) for o in evidence.observed(Setting, protocol))
    if (speaks is not None or no_protocol) and off is False:
        how = "this software has no setting for HTTPS" if speaks is None else f"the protocol is {speaks:.20}"
        return NotMet(f"{name}: on, and {how}.", ids)
    return missing(evidence, mode, protocol)

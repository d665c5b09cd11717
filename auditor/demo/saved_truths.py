"""What saved configurations must show: alone, and beside a look from outside. Stated by hand, like all truths.

A file alone shows no port, no certificate, no clock and nothing of DNS, so nothing above Level 1 is proven by it; what
is possible falls where the file itself speaks against a level. A kept session has settings, status and root list; a
downloaded document has the settings alone, so it tells neither of feedback nor of a time server that does not answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from auditor.demo.device import DeviceSpec, Truth
from auditor.demo.truths import FACTORY_CLIENTS, UNVERIFIED

TELNET, CHALLENGE, FTP = "services.telnet-off", "services.telnet-challenge-off", "services.ftp-off"
SNMP, HTTP = "services.snmp-off", "services.http-off"
MANAGER, FEEDBACK, ROOTS = "clients.external-manager-https", "clients.feedback-https", "clients.root-list-loaded"
VERIFY, NAMES = "clients.verify-server-certificate", "clients.addresses-are-hostnames"
NTP, DNS = "prerequisites.ntp", "prerequisites.dns-server"
OLD = "software.supports-secure-management"


def _shows(possible: int, *controls: str) -> Truth:
    return Truth(proven=1, possible=possible, held_back_by=frozenset(controls))


NOTHING = Truth(proven=None, possible=None)
"""Of a host without a file, or of one whose product the inventory leaves open: nobody can read the file then."""
GOOD = _shows(4)
"""Nothing in the file speaks against Level 4; where the system fails, its file cannot tell."""

OFFLINE: Mapping[str, Truth] = {
    # What nobody can see from outside, somebody has kept.
    "far1": _shows(1, TELNET, FTP, SNMP, CHALLENGE, HTTP, ROOTS, *FACTORY_CLIENTS, *UNVERIFIED),
    "far2": NOTHING,
    "far3": NOTHING,
    "far4": NOTHING,
    "rm101": _shows(1, TELNET, FTP, SNMP, HTTP, ROOTS, *FACTORY_CLIENTS, *UNVERIFIED),
    "rm102": _shows(2, CHALLENGE, HTTP, *FACTORY_CLIENTS, *UNVERIFIED),
    "rm103": _shows(3, *UNVERIFIED),
    "rm104": GOOD,
    "rm105": _shows(1, TELNET, HTTP, OLD, *FACTORY_CLIENTS, *UNVERIFIED),
    "rm106": NOTHING,
    "rm107": GOOD,
    "rm108": GOOD,
    "rm109": GOOD,
    "rm110": GOOD,
    "rm111": GOOD,
    "rm112": _shows(1, TELNET),
    "rm113": _shows(1, FTP),
    "rm114": _shows(1, SNMP),
    "rm115": _shows(2, CHALLENGE),
    "rm116": _shows(2, HTTP),
    "rm117": GOOD,
    # Switched off in the file, and still answering: only a look from outside tells.
    "rm118": GOOD,
    "rm119": _shows(1, TELNET),
    "rm120": _shows(2, MANAGER),
    "rm121": _shows(2, "clients.external-services-https"),
    "rm122": _shows(2, "clients.corporate-directory-https"),
    "rm123": _shows(2, FEEDBACK),
    "rm124": GOOD,
    "rm125": _shows(3, VERIFY),
    "rm126": _shows(3, ROOTS),
    "rm127": _shows(3, NAMES),
    "rm128": GOOD,
    "rm130": _shows(3, NTP),
    "rm131": _shows(3, NTP),
    "rm132": _shows(3, NTP),
    "rm133": _shows(3, DNS),
    "rm134": GOOD,
    "rm135": GOOD,
    "rm140": GOOD,
    "rm141": GOOD,
    "rm142": GOOD,
    "mps1": _shows(1, TELNET, SNMP, HTTP, MANAGER, ROOTS, *UNVERIFIED),
    "mps2": GOOD,
    "mps3": GOOD,
    "mps4": _shows(2, HTTP, ROOTS, *UNVERIFIED),
    "mps5": GOOD,
    "mps6": _shows(3, *UNVERIFIED),
    "mps7": _shows(2, HTTP, MANAGER, *UNVERIFIED),
    "mps8": _shows(2, MANAGER),
    "mps9": _shows(3, VERIFY, NTP),
    "mps10": _shows(1, TELNET),
    "mps11": GOOD,
    "vcs1": NOTHING,
    "vcs2": GOOD,
    "vcs3": GOOD,
    "vcs4": _shows(2, HTTP, *UNVERIFIED),
    "vcs5": GOOD,
    "vcs6": GOOD,
    "vcs7": _shows(3, *UNVERIFIED),
    "vcs8": _shows(3, VERIFY),
    "vcs9": _shows(2, MANAGER),
    "vcs10": _shows(1, TELNET, FEEDBACK),
    "vcs11": _shows(3, DNS, NAMES),
    "vcs12": GOOD,
    # A management server saves nothing that an auditor could read.
    "tms": NOTHING,
    "tms-bergen": NOTHING,
    "tms-test": NOTHING,
}
"""What each system's file must show without a packet, by its name."""


@dataclass(frozen=True, slots=True)
class Beside:
    """How an audit from outside with a file, and no password, differs from one with the password.

    `more` are breaches that the file shows besides, `fewer` those that it does not show.
    """

    proven: int | None
    more: frozenset[str] = frozenset()
    fewer: frozenset[str] = frozenset()


BESIDE: Mapping[str, Beside] = {
    # No port answers, so there is no level; what the file speaks against is named all the same.
    "far1": Beside(None, more=OFFLINE["far1"].held_back_by),
    # Their sessions show an empty root list, and an audit has no way in by which it could ask for it.
    "rm101": Beside(1, more=frozenset({ROOTS})),
    "mps1": Beside(1, more=frozenset({ROOTS})),
    "mps4": Beside(1, more=frozenset({ROOTS})),
    # Documents tell nothing of feedback, so Level 3 is not proven.
    "rm107": Beside(2),
    "mps5": Beside(2),
    "mps9": Beside(2),
    "mps10": Beside(1, fewer=frozenset({FEEDBACK})),
    "vcs2": Beside(2),
    "vcs5": Beside(2),
    # And nothing of a root list, or of a time server that does not answer.
    "mps6": Beside(2, fewer=frozenset({ROOTS})),
    "vcs3": Beside(2, fewer=frozenset({NTP})),
}
"""Systems whose file is not as good as the password, or better; of all others it is as good."""


def beside(spec: DeviceSpec) -> Truth:
    """Return what an audit from outside must find of a system with its file, and without a password."""
    told, change = spec.truth_with_settings, BESIDE.get(spec.name)
    if change is None:
        return told
    return replace(told, proven=change.proven, held_back_by=(told.held_back_by | change.more) - change.fewer)

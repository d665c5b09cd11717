"""Does a certificate name the host that was asked for? The guide's rule (common name) beside today's (RFC 9525).

Wildcards: the whole left-most label, exactly one label, and at least two labels after it, so that `*.com` and `*`
match nothing. Names compare as ASCII without regard to case; a reference in Unicode is first turned into A-labels.
"""

import ipaddress
import re
from typing import Literal

from auditor.model.certificate import NameCheck
from auditor.trust.distinguished import COMMON_NAME
from auditor.trust.extensions import ADDRESS, DNS
from auditor.trust.parse import Parsed
from auditor.trust.rules import TrustRules

Match = Literal["match", "mismatch", "absent"]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)


def host_labels(name: str, *, wildcard: bool = False) -> tuple[str, ...] | None:
    """Return the labels of a DNS name in lower case, or None for what is no name (empty label, NUL, IP address …).

    One trailing dot is allowed. With `wildcard` the first label may be `*`.
    """
    if not name.isascii() or len(name) > 254:
        return None
    labels = tuple(name.lower().removesuffix(".").split("."))
    rest = labels[1:] if wildcard and labels[0] == "*" else labels
    if not all(_LABEL.fullmatch(label) for label in rest):
        return None
    return None if labels[-1].isdigit() else labels


def reference_labels(reference: str) -> tuple[str, ...] | None:
    """Return the labels of the name asked for, Unicode turned into A-labels (IDNA), or None for what is no name."""
    if not reference.isascii():
        try:
            reference = reference.encode("idna").decode("ascii")
        except UnicodeError:
            return None
    return host_labels(reference)


def reference_address(reference: str) -> Address | None:
    """Return the address that was asked for instead of a name (brackets allowed), or None where it is no address."""
    try:
        return ipaddress.ip_address(reference.strip("[]"))
    except ValueError:
        return None


def labels_match(presented: tuple[str, ...] | None, reference: tuple[str, ...] | None) -> bool:
    """Tell whether a presented name, perhaps with a wildcard, covers the reference."""
    if not presented or not reference:
        return False
    if presented[0] != "*":
        return presented == reference
    if len(presented) < 3:
        return False
    return len(presented) == len(reference) and presented[1:] == reference[1:]


def check_name(leaf: Parsed, reference: str, rules: TrustRules) -> NameCheck:
    """Compare the leaf's names with the reference by both rules; `rules` says which of them decides."""
    common = leaf.subject.values(COMMON_NAME)
    alternative = leaf.extensions.names or ()
    address = reference_address(reference)
    labels = None if address else reference_labels(reference)
    if address is not None:
        by_cn: Match = "mismatch" if common else "absent"
        by_san = _by_address(alternative, address)
    else:
        by_cn = _outcome([labels_match(host_labels(n, wildcard=True), labels) for n in common])
        by_san = _outcome([labels_match(_dns(v), labels) for kind, v in alternative if kind == DNS])
    matched = (by_san == "match" and (address is None or rules.address_counts)) or (
        by_cn == "match" and rules.common_name_counts
    )
    because = _sentence(leaf, reference, by_cn, by_san, address=address is not None, valid=bool(address or labels))
    return NameCheck(
        reference=reference,
        outcome="match" if matched else "mismatch",
        by_common_name=by_cn,
        by_subject_alternative_name=by_san,
        because=because,
    )


def _dns(value: bytes) -> tuple[str, ...] | None:
    return host_labels(value.decode("latin-1"), wildcard=True)


def _by_address(names: tuple[tuple[int, bytes], ...], address: Address) -> Match:
    return _outcome([value == address.packed for kind, value in names if kind == ADDRESS])


def _outcome(matches: list[bool]) -> Match:
    if not matches:
        return "absent"
    return "match" if any(matches) else "mismatch"


def _sentence(leaf: Parsed, reference: str, by_cn: Match, by_san: Match, *, address: bool, valid: bool) -> str:
    asked = repr(reference[:253])
    if not valid:
        return f"{asked} is no host name that a certificate could carry"
    common = _listed(leaf.subject.values(COMMON_NAME))
    wanted = ADDRESS if address else DNS
    certificate = leaf.certificate
    alternative = _listed(certificate.ip_addresses if wanted == ADDRESS else certificate.dns_names)
    words = {"match": "matches", "mismatch": "does not match", "absent": "is missing"}
    text = f"{asked}: common name {common}{words[by_cn]}; alternative name {alternative}{words[by_san]}"
    return text + (": an IP address is not a name as the guide wants it" if address else "")


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(ascii(n[:80]) for n in names[:4])
    return (shown + (" … " if len(names) > 4 else " ")) if names else ""

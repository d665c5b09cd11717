"""Name constraints (RFC 5280 section 4.2.1.10): whether certificates below a CA may carry the names that they carry.

A name must be permitted and not excluded; what cannot be understood is a violation, never a pass. The work is bounded,
since names and constraints multiply.
"""

from collections.abc import Iterator

from auditor.model.certificate import ProblemKind
from auditor.trust import der
from auditor.trust.defect import Defect, Stage
from auditor.trust.distinguished import COMMON_NAME, read_name
from auditor.trust.distinguished import EMAIL as EMAIL_ATTRIBUTE
from auditor.trust.extensions import ADDRESS, DIRECTORY, DNS, EMAIL, URI, GeneralName, Subtrees
from auditor.trust.names import host_labels
from auditor.trust.parse import Parsed

COMPARISONS = 65_536
"""How many pairs of name and constraint one path may cost (OpenSSL's bound is 2^20)."""

KINDS = {EMAIL: "e-mail address", DNS: "DNS name", DIRECTORY: "directory name", URI: "URI", ADDRESS: "IP address"}

PERMITTED, EXCLUDED = "X509_V_ERR_PERMITTED_VIOLATION", "X509_V_ERR_EXCLUDED_VIOLATION"
BAD_TYPE, BAD_BASE = "X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE", "X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX"
BAD_NAME = "X509_V_ERR_UNSUPPORTED_NAME_SYNTAX"


class NotUnderstood(Exception):  # noqa: N818 - says what is the matter, not that this program failed
    """A name or a constraint has a form that cannot be compared; `code` is OpenSSL's name for it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def constraint_defects(path: tuple[Parsed, ...]) -> Iterator[Defect]:
    """Yield what the constraints of each CA find wrong with the certificates below it, from the top down."""
    left = COMPARISONS
    above = [(i, c) for i, c in enumerate(path) if i and c.extensions.subtrees is not None][::-1]
    if not above:
        return
    for depth, certificate in reversed(tuple(enumerate(path))):
        if depth and certificate.self_issued:
            continue
        names = constrained_names(certificate, leaf=depth == 0)
        for position, authority in above:
            subtrees = authority.extensions.subtrees
            if position <= depth or subtrees is None:
                continue
            left -= len(names) * (len(subtrees.permitted) + len(subtrees.excluded))
            if left < 0:
                text = "more name constraints and names than are compared"
                yield Defect(ProblemKind.TOO_COMPLEX, text, None, "X509_V_ERR_UNSPECIFIED", Stage.CONSTRAINTS)
                return
            yield from _violations(certificate, names, authority, subtrees)


def constrained_names(certificate: Parsed, *, leaf: bool) -> list[GeneralName]:
    """Return all names that constraints speak of; for a leaf without DNS names its common names too."""
    names = [GeneralName(DIRECTORY, b"")] if certificate.subject.rdns else []
    names += [GeneralName(EMAIL, mail.encode("utf-8")) for mail in certificate.subject.values(EMAIL_ATTRIBUTE)]
    names += certificate.extensions.names or ()
    if leaf and not any(n.kind == DNS for n in names):
        hosts = [n for n in certificate.subject.values(COMMON_NAME) if "." in n and host_labels(n, wildcard=True)]
        names += [GeneralName(DNS, common.encode("ascii")) for common in hosts]
    return names


def _violations(
    certificate: Parsed, names: list[GeneralName], authority: Parsed, subtrees: Subtrees
) -> Iterator[Defect]:
    if subtrees.odd:
        text = f"{authority.label}: name constraints: {subtrees.odd}"
        yield Defect(ProblemKind.NAME_CONSTRAINT, text, authority, "X509_V_ERR_SUBTREE_MINMAX", Stage.CONSTRAINTS)
        return
    for name in names:
        code = _verdict(certificate, name, subtrees)
        if code is None:
            continue
        shown = certificate.label if name.kind == DIRECTORY and not name.value else ascii(name.value[:80])[1:]
        reason = {PERMITTED: "is outside what it permits", EXCLUDED: "is excluded by it"}.get(
            code, "cannot be compared with them"
        )
        text = f"name constraints of {authority.label}: {KINDS.get(name.kind, 'name')} {shown} {reason}"
        yield Defect(ProblemKind.NAME_CONSTRAINT, text, certificate, code, Stage.CONSTRAINTS)


def _verdict(certificate: Parsed, name: GeneralName, subtrees: Subtrees) -> str | None:
    permitted = [base for base in subtrees.permitted if base.kind == name.kind]
    excluded = [base for base in subtrees.excluded if base.kind == name.kind]
    if not permitted and not excluded:
        return None
    try:
        if permitted and not any(_within(certificate, name, base, excluded=False) for base in permitted):
            return PERMITTED
        if any(_within(certificate, name, base, excluded=True) for base in excluded):
            return EXCLUDED
    except NotUnderstood as problem:
        return problem.code
    return None


def _within(certificate: Parsed, name: GeneralName, base: GeneralName, *, excluded: bool) -> bool:
    if name.kind == DNS:
        return _dns_within(_ascii(name.value), _ascii(base.value), excluded=excluded)
    if name.kind == DIRECTORY:
        return _directory_within(certificate, name, base)
    if name.kind == EMAIL:
        return _mail_within(_ascii(name.value), _ascii(base.value))
    if name.kind == ADDRESS:
        return _address_within(name.value, base.value)
    if name.kind == URI:
        return _uri_within(_ascii(name.value), _ascii(base.value))
    raise NotUnderstood(BAD_TYPE)


def _ascii(value: bytes) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise NotUnderstood(BAD_NAME) from None


def _dns_within(name: str, base: str, *, excluded: bool) -> bool:
    labels = host_labels(name, wildcard=True)
    if labels is None:
        raise NotUnderstood(BAD_NAME)
    limit = base_labels(base)
    if limit is None:
        raise NotUnderstood(BAD_BASE)
    if excluded and labels[0] == "*" and len(limit) == len(labels) and limit[1:] == labels[1:]:
        return True  # the wildcard covers the excluded name itself (as in CVE-2025-61727)
    deeper = len(labels) > len(limit) if base.startswith(".") else len(labels) >= len(limit)
    return deeper and labels[len(labels) - len(limit) :] == limit


def base_labels(base: str) -> tuple[str, ...] | None:
    """Return the labels of a constraint on hosts, a leading dot allowed; none for the empty one, None for nonsense."""
    return host_labels(base.removeprefix(".")) if base else ()


def _directory_within(certificate: Parsed, name: GeneralName, base: GeneralName) -> bool:
    try:
        key = read_name(name.value).key if name.value else certificate.subject.key
        limit = read_name(base.value).key
    except der.DerError:
        raise NotUnderstood(BAD_NAME) from None
    return key[: len(limit)] == limit


def _mail_within(name: str, base: str) -> bool:
    local, host = mailbox(name)
    if base.count("@") > 1:
        raise NotUnderstood(BAD_BASE)
    if "@" in base:
        wanted, _, limit = base.rpartition("@")
        return host == limit.lower() and (not wanted or local == wanted)
    limit = base.lower()
    return host.endswith(limit) and len(host) > len(limit) if limit.startswith(".") else host == limit or not limit


def mailbox(address: str) -> tuple[str, str]:
    """Return local part and host (lower case) of an address. Raises NotUnderstood for what is none."""
    local, at, host = address.rpartition("@")
    if not at or not local or "@" in local or host_labels(host) is None:
        raise NotUnderstood(BAD_NAME)
    return local, host.lower()


def _address_within(name: bytes, base: bytes) -> bool:
    if len(name) not in (4, 16):
        raise NotUnderstood(BAD_NAME)
    if not well_formed_range(base):
        raise NotUnderstood(BAD_BASE)
    size = len(base) // 2
    return len(name) == size and all((n ^ b) & m == 0 for n, b, m in zip(name, base[:size], base[size:], strict=True))


def well_formed_range(base: bytes) -> bool:
    """Tell whether these octets are an address and a mask of leading ones, of IPv4 or IPv6."""
    if len(base) not in (8, 32):
        return False
    mask = int.from_bytes(base[len(base) // 2 :], "big")
    bits = len(base) * 4
    inverted = mask ^ ((1 << bits) - 1)
    return inverted & (inverted + 1) == 0


def _uri_within(name: str, base: str) -> bool:
    scheme, colon, rest = name.partition("://")
    authority = rest.partition("/")[0].partition("?")[0].partition("#")[0].rpartition("@")[2]
    host = authority.partition(":")[0].lower()
    if not colon or not scheme or host_labels(host) is None:
        raise NotUnderstood(BAD_NAME)
    limit = base.lower()
    return host.endswith(limit) and len(host) > len(limit) if limit.startswith(".") else host == limit

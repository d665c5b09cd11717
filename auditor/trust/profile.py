"""What a certificate must look like today (RFC 5280 section 4, CA/Browser Forum baseline section 7.1).

No device of 2008 minds any of this, so it is judged under the modern rules only. Codes are OpenSSL's strict ones where
it has one.
"""

import ipaddress
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from auditor.model.certificate import ProblemKind
from auditor.trust.constraints import NotUnderstood, base_labels, mailbox, well_formed_range
from auditor.trust.defect import Defect, Stage
from auditor.trust.distinguished import COMMON_NAME
from auditor.trust.extensions import (
    ADDRESS,
    ALTERNATIVE_NAME,
    AUTHORITY_KEY_ID,
    BASIC_CONSTRAINTS,
    DNS,
    EMAIL,
    EXTENDED_KEY_USAGE,
    SIGN_CERTIFICATES,
    SUBJECT_KEY_ID,
    GeneralName,
)
from auditor.trust.keys import DSA_KEY, RSA_KEY
from auditor.trust.names import host_labels
from auditor.trust.parse import Parsed

Complaint = tuple[str, str]
"""A sentence, and the end of OpenSSL's name for it (empty: it has none)."""

GENERALIZED_FROM = datetime(2050, 1, 1, tzinfo=UTC)


def profile_defects(path: tuple[Parsed, ...]) -> Iterator[Defect]:
    """Yield every departure of each certificate on the path from today's profile."""
    for depth, certificate in enumerate(path):
        complaints = list(_every(certificate))
        complaints += _leaf(certificate) if depth == 0 else _authority(certificate)
        if depth == len(path) - 1 and depth and certificate.self_signed:
            complaints += _root(certificate)
        if depth == 0 and certificate.extensions.ca:
            text = f"{certificate.label}: a CA certificate in the place of a server's"
            yield Defect(ProblemKind.PROFILE, text, certificate)  # no code: RFC 5280 allows it, the baseline does not
        for text, code in complaints:
            name = f"X509_V_ERR_{code or 'APPLICATION_VERIFICATION'}"
            yield Defect(ProblemKind.PROFILE, f"{certificate.label}: {text}", certificate, name, Stage.PROFILE, depth)


def _every(it: Parsed) -> Iterator[Complaint]:
    draft, extensions = it.draft, it.extensions
    if draft.version != 3:
        yield f"version {draft.version} instead of 3", ""
    if draft.serial is not None and draft.serial <= 0 and not it.self_signed:  # old public roots have serial 0
        yield "serial number that is not positive", ""
    if draft.serial_octets > 20:
        yield f"serial number of {draft.serial_octets} octets, more than 20", ""
    if draft.has_unique_ids:
        yield "unique identifiers", ""
    if not it.issuer.rdns:
        yield "empty issuer", "ISSUER_NAME_EMPTY"
    for time, generalized in zip((draft.not_before, draft.not_after), draft.generalized, strict=True):
        if time and generalized != (time >= GENERALIZED_FROM):
            yield f"the date {time:%Y-%m-%d} is written in the form for other years", ""
    yield from ((f"{text}", "") for text in extensions.oddities)
    yield from _key_identifiers(it)
    yield from _key(it)
    if extensions.subtrees is not None:
        yield from _subtrees(it)
    if extensions.names is not None and not it.subject.rdns and not extensions.critical.get(ALTERNATIVE_NAME):
        yield "empty subject, but the alternative names are not critical", "EMPTY_SUBJECT_SAN_NOT_CRITICAL"


def _key_identifiers(it: Parsed) -> Iterator[Complaint]:
    extensions, authority = it.extensions, it.extensions.authority
    if extensions.critical.get(AUTHORITY_KEY_ID):
        yield "critical authority key identifier", "AUTHORITY_KEY_IDENTIFIER_CRITICAL"
    if extensions.critical.get(SUBJECT_KEY_ID):
        yield "critical subject key identifier", "SUBJECT_KEY_IDENTIFIER_CRITICAL"
    if authority is None:
        if not it.self_signed:
            yield "no authority key identifier", "MISSING_AUTHORITY_KEY_IDENTIFIER"
        return
    if authority.key_id is None:
        yield "authority key identifier without key identifier", "MISSING_AUTHORITY_KEY_IDENTIFIER"
    if authority.has_issuer or authority.serial is not None:
        yield "authority key identifier that names issuer or serial number", ""


def _key(it: Parsed) -> Iterator[Complaint]:
    key = it.draft.key
    if key is None:
        return
    if key.oid == DSA_KEY:
        yield "DSA key", ""
    if key.oid == RSA_KEY and key.bits and key.bits % 8:
        yield f"{key}: length not divisible by 8", ""
    if key.explicit_curve:
        yield "curve spelled out instead of named", "EC_KEY_EXPLICIT_PARAMS"


def _subtrees(it: Parsed) -> Iterator[Complaint]:
    subtrees = it.extensions.subtrees
    if subtrees is None:
        return
    if not it.extensions.ca:
        yield "name constraints in a certificate that is no CA", ""
    if subtrees.empty:
        yield "name constraints without a single constraint", ""
    for base in (*subtrees.permitted, *subtrees.excluded):
        if not _good_base(base):
            yield f"malformed name constraint {ascii(base.value[:80])[1:]}", "UNSUPPORTED_CONSTRAINT_SYNTAX"


def _good_base(base: GeneralName) -> bool:
    if base.kind == ADDRESS:
        return well_formed_range(base.value)
    text = base.value.decode("latin-1")
    if base.kind == DNS:
        return not text.startswith(".") and base_labels(text) is not None
    if base.kind == EMAIL:
        host = text.rpartition("@")[2]
        return text.count("@") <= 1 and base_labels(host) is not None
    return True


def _leaf(it: Parsed) -> Iterator[Complaint]:
    extensions, usage = it.extensions, it.extensions.key_usage
    if usage is not None and extensions.ca and SIGN_CERTIFICATES not in usage:
        yield "a CA by its basic constraints, but not by its key usage", "PATHLEN_WITHOUT_KU_KEY_CERT_SIGN"
    if usage is not None and SIGN_CERTIFICATES in usage and not extensions.ca:
        yield "key usage of a CA in a certificate that is none", "KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA"
    if extensions.path_length is not None and not extensions.ca:
        yield "path length in a certificate that is no CA", "PATHLEN_INVALID_FOR_NON_CA"
    if extensions.critical.get(EXTENDED_KEY_USAGE):
        yield "critical extended key usage", ""
    if extensions.names is None:
        yield "no subject alternative name", ""
        return
    if it.subject.rdns and extensions.critical.get(ALTERNATIVE_NAME):
        yield "critical alternative names although there is a subject", ""
    for name in extensions.names:
        if not _good_name(name):
            yield f"malformed alternative name {ascii(name.value[:80])[1:]}", "UNSUPPORTED_NAME_SYNTAX"
    for common in it.subject.values(COMMON_NAME):
        yield from _common_name(common, it)


def _good_name(name: GeneralName) -> bool:
    if name.kind == ADDRESS:
        return len(name.value) in (4, 16)
    text = name.value.decode("latin-1")
    if name.kind == DNS:
        labels = host_labels(text, wildcard=True)
        return labels is not None and labels != ("*",) and not text.endswith(".")
    if name.kind == EMAIL:
        try:
            mailbox(text)
        except NotUnderstood:
            return False
    return True


def _common_name(common: str, it: Parsed) -> Iterator[Complaint]:
    """Baseline 7.1.4.3: a common name that is a host must be a copy, character by character, of an alternative name.

    Held against it where it looks like a host's name or address at all; a host above or below one of the
    alternative names is let pass, since such certificates are common in private networks.
    """
    certificate = it.certificate
    if common in certificate.dns_names or common in certificate.ip_addresses:
        return
    if looks_like_address(common):
        yield f"the common name {common[:60]!a} is not copied from an address among the alternative names", ""
    elif not common.isascii() and "." in common:
        yield f"the common name {common[:60]!a} is a host name that is not in ASCII form", ""
    elif (labels := host_labels(common, wildcard=True)) and "." in common and _foreign(labels, certificate.dns_names):
        yield f"the common name {common[:60]!a} is not copied from an alternative name", ""


def looks_like_address(text: str) -> bool:
    """Tell whether a lenient parser would take this for an IP address (octal, hexadecimal and padded forms too)."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return bool(
            re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){3}|0x[0-9a-f]{8}", text, re.IGNORECASE | re.ASCII)
        )
    return True


def _foreign(labels: tuple[str, ...], names: tuple[str, ...]) -> bool:
    others = [other for name in names if (other := host_labels(name, wildcard=True))]
    related = (o != labels and (_ends(labels, o) or _ends(o, labels)) for o in others)
    return bool(others) and not any(related)


def _ends(name: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(name) > len(other) and name[-len(other) :] == other


def _authority(it: Parsed) -> Iterator[Complaint]:
    extensions = it.extensions
    if not it.subject.rdns:
        yield "a CA without subject", "SUBJECT_NAME_EMPTY"
    if extensions.ca is None:
        yield "a CA without basic constraints", "INVALID_CA"
    elif not extensions.critical.get(BASIC_CONSTRAINTS):
        yield "basic constraints that are not critical", "CA_BCONS_NOT_CRITICAL"
    if extensions.key_id is None:
        yield "a CA without subject key identifier", "MISSING_SUBJECT_KEY_IDENTIFIER"


def _root(it: Parsed) -> Iterator[Complaint]:
    if it.extensions.purposes is not None:
        yield "a root with extended key usage", ""

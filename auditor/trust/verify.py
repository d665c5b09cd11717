"""Everything that is wrong with one path: extensions, purposes, lengths, signatures, dates (RFC 5280 section 6.1).

Each check is made for each certificate, whatever the others found; OpenSSL's order is kept as a number only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from auditor.model.certificate import ProblemKind
from auditor.trust import keys
from auditor.trust.anchors import Anchors
from auditor.trust.build import working_keys
from auditor.trust.constraints import constraint_defects
from auditor.trust.crl import Inquiry, RevocationLists, revocation_defects
from auditor.trust.defect import Defect, Stage
from auditor.trust.extensions import SIGN_CERTIFICATES, UNDERSTOOD
from auditor.trust.parse import Parsed
from auditor.trust.profile import profile_defects
from auditor.trust.rules import CLIENT, SERVER, TrustRules
from auditor.trust.strength import weak_key, weak_signature

Path = tuple[Parsed, ...]

SERVER_PURPOSES = frozenset({SERVER, "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"})
"""TLS server, and the two "server gated cryptography" purposes that OpenSSL takes for it."""

USAGES = {SERVER: frozenset({0, 2, 4}), CLIENT: frozenset({0, 4})}
"""Key usages of which a TLS server or client needs one: signature, key encipherment (server only), key agreement."""

NETSCAPE = {SERVER: 1, CLIENT: 0}
DATE = "%Y-%m-%d %H:%M:%S UTC"


@dataclass(frozen=True, slots=True)
class Case:
    """What a path is judged against. `helpers` may hold certificates that sign revocation lists."""

    at: datetime
    rules: TrustRules
    anchors: Anchors
    crls: RevocationLists | None = None
    helpers: tuple[Parsed, ...] = ()


def verify(path: Path, *, complete: bool, case: Case) -> list[Defect]:
    """Return all faults of a path that runs from the leaf upwards; `complete` says that it ends in an anchor."""
    found = [] if complete else [_unfinished(path, case.anchors)]
    below = 0
    for depth, certificate in enumerate(path):
        found += _form(certificate, depth)
        found += _authority(certificate, depth, len(path))
        found += _purpose(certificate, depth, case.rules)
        limit = certificate.extensions.path_length
        if limit is not None and depth > 1 and below > limit:
            text = f"{certificate.label} allows {limit} intermediate certificates below it, there are {below}"
            code = "X509_V_ERR_PATH_LENGTH_EXCEEDED"
            found.append(Defect(ProblemKind.PATH_TOO_LONG, text, certificate, code, Stage.EXTENSIONS, depth * 10 + 8))
        below += depth > 0 and not certificate.self_issued
        found += _strength(certificate, depth, len(path), case.rules)
    found += _limit(path, case.rules)
    inquiry = Inquiry(crls=case.crls, rules=case.rules, at=case.at, helpers=case.helpers)
    found += revocation_defects(path, inquiry)
    found += _signatures(path)
    for depth, certificate in enumerate(path):
        found += _dates(certificate, (len(path) - depth) * 10, case)
    found += constraint_defects(path)
    if case.rules.profile:
        found += profile_defects(path)
    return found


def _unfinished(path: Path, anchors: Anchors) -> Defect:
    tip = path[-1]
    issuer = str(tip.issuer)[:120] or "nobody"
    if tip.self_signed and len(path) == 1:
        kind, code = ProblemKind.SELF_SIGNED_LEAF, "X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT"
        text = f"{tip.label} is self-signed and not among the roots"
    elif tip.self_signed:
        kind, code = ProblemKind.SELF_SIGNED_IN_CHAIN, "X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN"
        text = f"the root {tip.label} was sent along, but is not among the roots that are trusted"
    else:
        kind, code = ProblemKind.ISSUER_UNKNOWN, "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY"
        text = f"{tip.label} was issued by {issuer}, which was neither sent nor is a trusted root"
    listed = next((c for c in path[1:] if c in anchors), None)
    if listed is not None:
        code = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT"
        text += f"; {listed.label} is listed, but is no root, and such a list needs the root itself"
    return Defect(kind, text, tip, code, Stage.BUILDING)


def _form(certificate: Parsed, depth: int) -> Iterator[Defect]:
    order = depth * 10
    for text in certificate.draft.complaints:
        broken = text.startswith("extension")  # OpenSSL finds no issuer for such a certificate, and is none itself
        code = "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY" if broken else "X509_V_ERR_UNSPECIFIED"
        stage = Stage.BUILDING if broken else Stage.EXTENSIONS
        yield Defect(ProblemKind.UNREADABLE, f"{certificate.label}: {text}", certificate, code, stage, order + 2)
    unknown = [o for o, critical in certificate.extensions.critical.items() if critical and o not in UNDERSTOOD]
    if unknown:
        text = f"{certificate.label} has critical extensions that clients need not know: {', '.join(unknown[:8])}"
        code = "X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION"
        yield Defect(ProblemKind.CRITICAL_EXTENSION, text, certificate, code, order=order + 1)


def may_issue(certificate: Parsed, *, last: bool) -> bool:
    """Tell whether a certificate may sign others; a root of version 1 may, where nothing says otherwise (OpenSSL)."""
    extensions = certificate.extensions
    usage = extensions.key_usage
    if usage is not None and SIGN_CERTIFICATES not in usage:
        return False
    if extensions.ca is not None:
        return extensions.ca
    return last and ((certificate.draft.version == 1 and certificate.self_signed) or usage is not None)


def _authority(certificate: Parsed, depth: int, length: int) -> Iterator[Defect]:
    if depth and not may_issue(certificate, last=depth + 1 == length):
        text = f"{certificate.label} stands above another certificate, but may not issue any"
        code = "X509_V_ERR_INVALID_CA"
        yield Defect(ProblemKind.NOT_A_CA, text, certificate, code, order=depth * 10 + 2)
    key = certificate.draft.key
    if key and key.explicit_curve and length > 1:
        text = f"{certificate.label} spells out its curve instead of naming it"
        code = "X509_V_ERR_EC_KEY_EXPLICIT_PARAMS"
        yield Defect(ProblemKind.PROFILE, text, certificate, code, order=depth * 10 + 3)


def _purpose(certificate: Parsed, depth: int, rules: TrustRules) -> Iterator[Defect]:
    if rules.purpose is None:
        return
    wanted = SERVER_PURPOSES if rules.purpose == SERVER else frozenset({rules.purpose})
    extensions, faults = certificate.extensions, []
    if extensions.purposes is not None and wanted.isdisjoint(extensions.purposes):
        faults.append(f"its extended key usage ({', '.join(extensions.purposes[:6])}) does not allow this use")
    if depth == 0:
        usage = USAGES.get(rules.purpose)
        exempt = rules.profile and extensions.ca  # RFC 5280 lets a CA stand as leaf; the profile notes it
        if extensions.key_usage is not None and usage and usage.isdisjoint(extensions.key_usage) and not exempt:
            faults.append("its key usage does not allow this use")
        if extensions.netscape is not None and NETSCAPE.get(rules.purpose, -1) not in extensions.netscape:
            faults.append("its Netscape certificate type does not allow this use")
    for text in faults:
        code = "X509_V_ERR_INVALID_PURPOSE"
        yield Defect(ProblemKind.WRONG_PURPOSE, f"{certificate.label}: {text}", certificate, code, order=depth * 10 + 5)


def _strength(certificate: Parsed, depth: int, length: int, rules: TrustRules) -> Iterator[Defect]:
    order = depth * 10
    text = weak_key(certificate.draft.key, rules.minimum_bits)
    if text:
        code = "X509_V_ERR_CA_KEY_TOO_SMALL" if depth else "X509_V_ERR_EE_KEY_TOO_SMALL"
        yield Defect(
            ProblemKind.WEAK_KEY, f"{certificate.label}: {text}", certificate,
            None if rules.weak_accepted else code, Stage.STRENGTH, order,
        )  # fmt: skip
    text = weak_signature(certificate)
    if text and (depth + 1 < length or not certificate.self_signed or length == 1):
        yield Defect(
            ProblemKind.WEAK_SIGNATURE, f"{certificate.label}: {text}", certificate,
            None if rules.weak_accepted or certificate.self_signed else "X509_V_ERR_CA_MD_TOO_WEAK",
            Stage.STRENGTH, order + 1,
        )  # fmt: skip


def _limit(path: Path, rules: TrustRules) -> Iterator[Defect]:
    between = sum(not c.self_issued for c in path[1:-1])
    if rules.maximum_intermediates is not None and between > rules.maximum_intermediates:
        text = f"{between} intermediate certificates where {rules.maximum_intermediates} are allowed"
        yield Defect(ProblemKind.PATH_TOO_LONG, text, None, "X509_V_ERR_CERT_CHAIN_TOO_LONG", Stage.BUILDING, 1)


def _signatures(path: Path) -> Iterator[Defect]:
    known = working_keys(path)
    for depth, (certificate, issuer) in enumerate(pairwise(path)):
        key, draft = known[depth + 1], certificate.draft
        order = (len(path) - depth) * 10
        if key is None:
            code, text = "X509_V_ERR_UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY", "the issuer's key cannot be read"
        else:
            code = "X509_V_ERR_CERT_SIGNATURE_FAILURE"
            text = keys.signature_fault(key, draft.algorithm, draft.signature, draft.signed) or ""
        if not text and draft.algorithm != draft.inner_algorithm:
            text = "the signature algorithm is stated twice, differently"
        if text:
            detail = f"{certificate.label}, issued by {issuer.label}: {text}"
            yield Defect(ProblemKind.BAD_SIGNATURE, detail, certificate, code, Stage.SIGNATURES, order)


def _dates(certificate: Parsed, order: int, case: Case) -> Iterator[Defect]:
    draft, at = certificate.draft, case.at.replace(microsecond=0)

    def fault(kind: ProblemKind, text: str, code: str, nudge: int) -> Defect:
        detail = f"{certificate.label}: {text}"
        return Defect(kind, detail, certificate, f"X509_V_ERR_{code}", Stage.SIGNATURES, order + nudge)

    if draft.bad_not_before:
        yield fault(
            ProblemKind.MALFORMED_DATE, f"not before: {draft.bad_not_before}", "ERROR_IN_CERT_NOT_BEFORE_FIELD", 1
        )
    if draft.not_before and at < draft.not_before:
        yield fault(ProblemKind.NOT_YET_VALID, f"valid from {draft.not_before:{DATE}}", "CERT_NOT_YET_VALID", 2)
    if draft.bad_not_after:
        yield fault(ProblemKind.MALFORMED_DATE, f"not after: {draft.bad_not_after}", "ERROR_IN_CERT_NOT_AFTER_FIELD", 3)
    if draft.not_after and (at > draft.not_after or (at == draft.not_after and not case.rules.end_inclusive)):
        yield fault(ProblemKind.EXPIRED, f"expired on {draft.not_after:{DATE}}", "CERT_HAS_EXPIRED", 4)

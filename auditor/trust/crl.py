"""Revocation by lists that the operator gives (RFC 5280 section 6.3): revoked, not revoked, or not known, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from auditor.model.certificate import ProblemKind, Revocation
from auditor.trust import der, pem
from auditor.trust.build import signed_by, working_keys
from auditor.trust.defect import Defect, Stage
from auditor.trust.distinguished import Key as NameKey
from auditor.trust.extensions import SIGN_LISTS, comparable
from auditor.trust.keys import Key, signature_fault
from auditor.trust.parse import Parsed, could_issue
from auditor.trust.revoked import ALL_REASONS, REASON_WORDS, REMOVED, RevocationList, read_list
from auditor.trust.rules import TrustRules


class RevocationLists:
    """Revocation lists of an operator, read once. Build it with `RevocationLists.of`.

    `unsupported` are sentences about lists that are delta, indirect or otherwise of no use.
    """

    __slots__ = ("_by_issuer", "lists", "unsupported")

    def __init__(self, lists: tuple[RevocationList, ...]) -> None:
        self.lists = lists
        self.unsupported = tuple(f"{one.label}: {one.unsupported}" for one in lists if one.unsupported)
        self._by_issuer: dict[NameKey, list[RevocationList]] = {}
        for one in lists:
            self._by_issuer.setdefault(one.issuer.key, []).append(one)

    @classmethod
    def of(cls, files: Iterable[bytes]) -> "RevocationLists":
        """Read PEM or DER files. Raises `FileError` for a file that holds no list or a damaged one."""
        found: list[RevocationList] = []
        for data in files:
            for encoded in pem.read_blocks(bytes(data), pem.LISTS, "revocation list"):
                try:
                    found.append(read_list(encoded))
                except der.DerError as problem:
                    raise pem.FileError(f"no revocation list: {problem}") from None
        return cls(tuple(found))

    def issued_by(self, name: NameKey) -> list[RevocationList]:
        """Return the lists of this issuer."""
        return self._by_issuer.get(name, [])


class Fault(NamedTuple):
    """Why a list does not settle the question; `code` is the end of OpenSSL's name for it."""

    text: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """What revocation is judged with. `helpers` are certificates that may sign lists in place of the issuer."""

    crls: RevocationLists | None
    rules: TrustRules
    at: datetime
    helpers: tuple[Parsed, ...] = ()


def revocation_defects(path: tuple[Parsed, ...], inquiry: Inquiry) -> Iterator[Defect]:
    """Yield, for each certificate below the anchor, that it is revoked or that this could not be found out.

    Not finding out changes the code only where the rules demand revocation checking.
    """
    crls, required = inquiry.crls, inquiry.rules.revocation_required
    if crls is None and not required:
        return
    keys = working_keys(path)
    for depth, certificate in enumerate(path[:-1]):
        lists = crls.issued_by(certificate.issuer.key) if crls else []
        covered: frozenset[int] = frozenset()
        faults: list[Fault] = []
        for one in lists:
            fault = _fault(one, certificate, path[depth + 1 :], keys[depth + 1], inquiry)
            if fault is None:
                covered |= one.scope.reasons
            else:
                faults.append(fault)
            if _names(one, certificate) and (fault is None or fault.code in _STILL_SAYS_SO):
                yield _revoked(one, certificate, depth * 10 + 5)
        delta = next((one for one in lists if one.delta), None)
        if covered == ALL_REASONS and delta is None:
            continue
        fault = _summary(certificate, lists, faults, delta)
        text = f"whether {certificate.label} is revoked is not known: {fault.text}"
        code = f"X509_V_ERR_{fault.code}" if required else None
        yield Defect(ProblemKind.REVOCATION_UNKNOWN, text, certificate, code, Stage.REVOCATION, depth * 10, fault.code)


def _names(one: RevocationList, certificate: Parsed) -> bool:
    """Tell whether a list holds this certificate's serial number; an entry that lifts a hold does not count."""
    serial = certificate.draft.serial
    return serial is not None and one.serials.get(serial, REMOVED) != REMOVED


def _revoked(one: RevocationList, certificate: Parsed, order: int) -> Defect:
    why = REASON_WORDS.get(one.serials.get(certificate.draft.serial or 0, 0), "no reason given")
    text = f"{certificate.label} is revoked by {one.label} ({why})"
    return Defect(ProblemKind.REVOKED, text, certificate, "X509_V_ERR_CERT_REVOKED", Stage.REVOCATION, order)


_OUT_OF_TIME = frozenset({"CRL_HAS_EXPIRED", "CRL_NOT_YET_VALID"})


def revocation_of(defects: Iterable[Defect]) -> Revocation:
    """Return what a path's faults say of its revocation as a whole; `GOOD` where there is no such fault."""
    found = list(defects)
    if any(d.kind is ProblemKind.REVOKED for d in found):
        return Revocation.REVOKED
    whys = [d.why for d in found if d.kind is ProblemKind.REVOCATION_UNKNOWN]
    if not whys:
        return Revocation.GOOD
    if "UNABLE_TO_GET_CRL" in whys:
        return Revocation.MISSING
    return Revocation.STALE if all(why in _OUT_OF_TIME for why in whys) else Revocation.UNUSABLE


_STILL_SAYS_SO = frozenset({"CRL_HAS_EXPIRED", "CRL_NOT_YET_VALID", "UNHANDLED_CRITICAL_CRL_EXTENSION"})
"""Faults that make a list no proof of innocence, but leave its word that a certificate is revoked."""


def _summary(
    certificate: Parsed, lists: list[RevocationList], faults: list[Fault], delta: RevocationList | None
) -> Fault:
    if delta is not None:
        return Fault(f"{delta.label}: {delta.unsupported}", "UNSUPPORTED_EXTENSION_FEATURE")
    if faults:
        return faults[0]
    if lists:
        return Fault("the lists cover some reasons only", "UNABLE_TO_GET_CRL")
    return Fault(f"there is no list of {str(certificate.issuer)[:120]}", "UNABLE_TO_GET_CRL")


def _fault(
    one: RevocationList, certificate: Parsed, above: tuple[Parsed, ...], key: Key | None, inquiry: Inquiry
) -> Fault | None:
    """Return why a list does not tell that a certificate is good, or None where it would."""
    if one.unsupported:
        return Fault(f"{one.label}: {one.unsupported}", "UNSUPPORTED_EXTENSION_FEATURE")
    fault = _out_of_scope(one, certificate) or _unsigned(one, above, key, inquiry)
    if fault is not None:
        return fault
    if one.critical_unknown:
        text = f"{one.label} has a critical extension that is not understood: {one.critical_unknown}"
        return Fault(text, "UNHANDLED_CRITICAL_CRL_EXTENSION")
    return (_form(one) if inquiry.rules.profile else None) or _stale(one, inquiry.at)


def _form(one: RevocationList) -> Fault | None:
    """Return how a list departs from RFC 5280 section 5 (number, key identifier, next update), or None."""
    if one.number_critical is None:
        return Fault(f"{one.label} has no number", "APPLICATION_VERIFICATION")
    if one.number_critical:
        return Fault(f"{one.label} has a critical number", "UNHANDLED_CRITICAL_CRL_EXTENSION")
    if not one.names_key:
        return Fault(f"{one.label} does not name the key that signed it", "MISSING_AUTHORITY_KEY_IDENTIFIER")
    if one.next_update is None and not one.bad_next_update:
        return Fault(f"{one.label} does not say when the next one comes", "ERROR_IN_CRL_NEXT_UPDATE_FIELD")
    return None


def _out_of_scope(one: RevocationList, certificate: Parsed) -> Fault | None:
    scope, ca = one.scope, bool(certificate.extensions.ca)
    wrong = scope.only_attributes or (scope.only_users and ca) or (scope.only_authorities and not ca)
    if not wrong and scope.names is not None:
        wrong = not _same_point(one, certificate)
    return Fault(f"{one.label} does not cover this certificate", "DIFFERENT_CRL_SCOPE") if wrong else None


def _same_point(one: RevocationList, certificate: Parsed) -> bool:
    """Tell whether the certificate points at this list, by any of the names of any of its distribution points."""
    try:
        own = comparable(one.scope.names or (), one.scope.relative, one.issuer.key)
        points = [p for p in certificate.extensions.points if not p.indirect]
        return any(own & comparable(p.names, p.relative, one.issuer.key) for p in points)
    except der.DerError:
        return False


def _unsigned(one: RevocationList, above: tuple[Parsed, ...], key: Key | None, inquiry: Inquiry) -> Fault | None:
    """Return what is wrong with a list's signature: the issuer's, or that of a key which the path vouches for."""
    fault = _wrongly_signed(one, above[0], key)
    if fault is None:
        return None
    for signer in (*above[1:], *inquiry.helpers):
        if signer.subject.key != one.issuer.key or not _current(signer, inquiry.at):
            continue
        vouching = next((c for c in above if could_issue(c, signer) and signed_by(signer, c) is None), None)
        if vouching is None or _wrongly_signed(one, signer, signer.draft.key) is not None:
            continue
        others = inquiry.crls.issued_by(signer.issuer.key) if inquiry.crls else []
        if not any(_names(o, signer) and _wrongly_signed(o, vouching, vouching.draft.key) is None for o in others):
            return None
    return fault


def _wrongly_signed(one: RevocationList, signer: Parsed, key: Key | None) -> Fault | None:
    usage = signer.extensions.key_usage
    if key is None or one.algorithm != one.inner_algorithm:
        return Fault(f"{one.label} has a signature that cannot be checked", "CRL_SIGNATURE_FAILURE")
    why = signature_fault(key, one.algorithm, one.signature, one.signed)
    if why:
        return Fault(f"{one.label}: {why}", "CRL_SIGNATURE_FAILURE")
    if usage is not None and SIGN_LISTS not in usage:
        return Fault(f"{one.label}: {signer.label} may not sign revocation lists", "KEYUSAGE_NO_CRL_SIGN")
    return None


def _current(certificate: Parsed, at: datetime) -> bool:
    draft = certificate.draft
    return bool(draft.not_before and draft.not_after and draft.not_before <= at <= draft.not_after)


def _stale(one: RevocationList, at: datetime) -> Fault | None:
    if one.bad_this_update:
        return Fault(f"{one.label}: {one.bad_this_update}", "ERROR_IN_CRL_LAST_UPDATE_FIELD")
    if one.bad_next_update:
        return Fault(f"{one.label}: {one.bad_next_update}", "ERROR_IN_CRL_NEXT_UPDATE_FIELD")
    if one.this_update and at < one.this_update:
        return Fault(f"{one.label} is from the future ({one.this_update:%Y-%m-%d})", "CRL_NOT_YET_VALID")
    if one.next_update and at >= one.next_update:
        return Fault(f"{one.label} is out of date since {one.next_update:%Y-%m-%d}", "CRL_HAS_EXPIRED")
    return None

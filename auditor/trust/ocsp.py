"""OCSP responses that servers staple (RFC 6960): what one says of the server's own certificate, and who signed that.

It is recorded and decides nothing: no device of the guide's time looks at it, and RFC 6066 obliges nobody to send it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from auditor.model.certificate import OcspStaple
from auditor.trust import der
from auditor.trust.anchors import Anchors
from auditor.trust.build import signed_by
from auditor.trust.keys import DIGEST_OIDS, read_algorithm, signature_fault
from auditor.trust.parse import Parsed, could_issue, parsed

BASIC = "1.3.6.1.5.5.7.48.1.1"
OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
ENUMERATED = 0x0A
SUCCESSFUL = 0
RESPONSE_STATUS = {1: "malformed request", 2: "internal error", 3: "try later", 5: "signature required",
                   6: "unauthorised"}  # fmt: skip
LARGEST = 65_536
"""Octets of a response that is taken apart."""

MOST_CERTIFICATES = 8
MOST_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a response says of one certificate; hash and serial number tell which."""

    digest: str | None
    key_hash: bytes
    serial: int
    status: Literal["good", "revoked", "unknown"]
    this_update: datetime
    next_update: datetime | None


@dataclass(frozen=True, slots=True)
class _Response:
    """A BasicOCSPResponse, taken apart."""

    signed: bytes
    algorithm: bytes
    signature: bytes
    answers: tuple[_Answer, ...]
    certificates: tuple[bytes, ...]


def read_staple(encoded: bytes, chain: tuple[bytes, ...], anchors: Anchors, at: datetime) -> OcspStaple:
    """Return what a stapled response says of the first certificate of a chain (DER), at this aware time. Never raises.

    A response without an issuer's certificate at hand is matched by serial number alone, and its signature is not
    checked.
    """
    try:
        return _judged(_read(encoded), chain, anchors, at)
    except der.DerError as problem:
        return OcspStaple(status="unreadable", unreadable=str(problem)[:300])


def _judged(response: _Response, chain: tuple[bytes, ...], anchors: Anchors, at: datetime) -> OcspStaple:
    leaf = parsed(chain[0]) if chain else None
    issuer = _issuer(leaf, chain, anchors) if leaf else None
    answer = next((a for a in response.answers if leaf and _about(a, leaf, issuer)), None)
    signature = "not_checked" if issuer is None else _signature(response, issuer, at)
    if answer is None:
        return OcspStaple(status="none", signature=signature)
    current = answer.this_update <= at and (answer.next_update is None or at < answer.next_update)
    return OcspStaple(
        status=answer.status, signature=signature, current=current,
        this_update=answer.this_update, next_update=answer.next_update,
    )  # fmt: skip


def _issuer(leaf: Parsed, chain: tuple[bytes, ...], anchors: Anchors) -> Parsed | None:
    """Return a certificate whose key signed the leaf, among those presented and the roots."""
    known = (*(parsed(one) for one in chain[1:]), *anchors.named(leaf.issuer.key), leaf)
    return next((c for c in known if could_issue(c, leaf) and signed_by(leaf, c) is None), None)


def _about(answer: _Answer, leaf: Parsed, issuer: Parsed | None) -> bool:
    if answer.serial != leaf.draft.serial:
        return False
    if issuer is None or answer.digest is None or issuer.draft.spki is None:
        return issuer is None
    bits = der.bit_string(der.children(der.read_whole(issuer.draft.spki, der.SEQUENCE, "public key"))[1])
    return hashlib.new(answer.digest, bits, usedforsecurity=False).digest() == answer.key_hash


def _signature(response: _Response, issuer: Parsed, at: datetime) -> Literal["right", "wrong"]:
    """Check the signature with the issuer's key, or with one that the issuer lets sign for it (RFC 6960, 4.2.2.2)."""
    for signer in (issuer, *_delegates(response, issuer, at)):
        key = signer.draft.key
        if key and signature_fault(key, response.algorithm, response.signature, response.signed) is None:
            return "right"
    return "wrong"


def _delegates(response: _Response, issuer: Parsed, at: datetime) -> Iterator[Parsed]:
    for one in response.certificates:
        delegate = parsed(one)
        begins, ends = delegate.draft.not_before, delegate.draft.not_after
        allowed = OCSP_SIGNING in (delegate.extensions.purposes or ()) and begins and ends and begins <= at <= ends
        if allowed and could_issue(issuer, delegate) and signed_by(delegate, issuer) is None:
            yield delegate


def _read(encoded: bytes) -> _Response:
    if len(encoded) > LARGEST:
        raise der.DerError(f"a response of {len(encoded)} octets")
    parts = der.children(der.read_whole(encoded, der.SEQUENCE, "OCSP response"))
    if not parts:
        raise der.DerError("an empty response")
    status = der.integer(parts[0], ENUMERATED)
    if status != SUCCESSFUL or len(parts) != 2:
        raise der.DerError(f"the responder gave no answer: {RESPONSE_STATUS.get(status, f'status {status}')}")
    kind, value = _parts(der.read_whole(parts[1].expect(0xA0, "response").content, der.SEQUENCE, "response"), 2)[:2]
    if der.object_identifier(kind) != BASIC:
        raise der.DerError("a response of a kind that is not known")
    body = der.read_whole(value.expect(der.OCTET_STRING, "response").content, der.SEQUENCE, "basic response")
    data, algorithm, signature, *rest = _parts(body, 3)
    return _Response(
        signed=data.whole,
        algorithm=algorithm.whole,
        signature=der.bit_string(signature),
        answers=tuple(_answers(data)),
        certificates=tuple(_certificates(rest)),
    )


def _parts(node: der.Node, least: int) -> list[der.Node]:
    found = der.children(node)
    if len(found) < least:
        raise der.DerError(f"{len(found)} parts where {least} belong")
    return found


def _certificates(nodes: list[der.Node]) -> Iterator[bytes]:
    for node in nodes[:1]:
        inside = der.read_whole(node.expect(0xA0, "certificates").content, der.SEQUENCE, "certificates")
        yield from (one.whole for one in der.children(inside)[:MOST_CERTIFICATES])


def _answers(data: der.Node) -> Iterator[_Answer]:
    # Version and responder come first, extensions last: the list is the one plain SEQUENCE that is left.
    plain = [n for n in _parts(data.expect(der.SEQUENCE, "response data"), 3) if n.tag == der.SEQUENCE]
    if len(plain) != 1:
        raise der.DerError("no list of answers")
    for node in der.children(plain[0])[:MOST_ANSWERS]:
        yield _answer(node)


def _answer(node: der.Node) -> _Answer:
    identity, state, this_update, *rest = _parts(node.expect(der.SEQUENCE, "answer"), 3)
    algorithm, _name, key_hash, serial = _parts(identity.expect(der.SEQUENCE, "certificate's identity"), 4)[:4]
    words: dict[int, Literal["good", "revoked", "unknown"]] = {0x80: "good", 0xA1: "revoked", 0x82: "unknown"}
    if state.tag not in words:
        raise der.DerError(f"status with tag {state.tag:#04x}")
    later = next((n for n in rest if n.tag == 0xA0), None)
    oid = read_algorithm(algorithm)[0]
    return _Answer(
        digest=DIGEST_OIDS.get(oid),
        key_hash=key_hash.expect(der.OCTET_STRING, "hash of the key").content,
        serial=der.integer(serial),
        status=words[state.tag],
        this_update=der.time(this_update),
        next_update=None if later is None else der.time(der.read_whole(later.content, der.GENERALIZED_TIME, "time")),
    )

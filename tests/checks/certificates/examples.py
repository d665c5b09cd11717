"""Examples of the verdicts of `certificates.*`."""

from auditor.model.certificate import ProblemKind, Revocation
from auditor.model.policy import Policy
from tests.checks.evidence import (
    BARE,
    FAILED,
    REFUSED,
    Name,
    certificate,
    chain,
    context,
    met,
    not_applicable,
    not_met,
    tls,
    undetermined,
)  # fmt: skip

K, R = ProblemKind, Revocation
C = "certificates."
NAMES = ("complete", "in-date", "name-matches", "trusted", "server-purpose", "not-revoked", "own", "expires-soon",
         "key-strength", "signature-algorithm")  # fmt: skip
DEMANDS = context(policy=Policy(require_revocation_check=True))
SHARED = context(shared_keys={"ab" * 32: ("rm204", "rm205")})
ALONE = context(shared_keys={"ab" * 32: ("rm204",)})
BROKEN = certificate(unreadable="not DER", not_after=None, not_before=None, key_bits=None, key_algorithm=None,
                     signature_algorithm=None, spki_sha256=None, subject=None, issuer=None)  # fmt: skip

EXAMPLES = (
    *(met(C + name, tls(), chain(revocation_checked=True), where=ALONE) for name in NAMES),
    *(undetermined(C + name, tls(FAILED), says="handshake failed") for name in NAMES),
    *(undetermined(C + name, says="no TLS service was asked") for name in NAMES),
    *(undetermined(C + name, tls(), says="not judged") for name in NAMES),
    *(undetermined(C + n, chain(revocation_checked=True), tls(FAILED, name="https-alt"), where=ALONE) for n in NAMES),
    *(not_applicable(C + name, tls(REFUSED), says="No TLS service answers") for name in NAMES),
    *(not_applicable(C + name, chain(K.NO_CERTIFICATE, presented=False)) for name in NAMES if name != "complete"),
    *(undetermined(C + n, chain(K.UNREADABLE, leaf=BROKEN, rooted=False, name=None))
      for n in NAMES if n not in {"complete", "not-revoked"}),
    *(not_met(C + "complete", chain(kind)) for kind in (K.UNREADABLE, K.BAD_SIGNATURE)),
    not_met(C + "complete", chain(K.NO_CERTIFICATE, presented=False)),
    not_met(C + "complete", chain(K.BAD_SIGNATURE, K.UNREADABLE), says="bad_signature (certificate 0); this is wrong"),
    met(C + "complete", chain(K.SELF_SIGNED_LEAF, leaf=certificate(self_issued=True), rooted=False)),
    undetermined(C + "complete", chain(K.ISSUER_UNKNOWN, rooted=False), says="not at hand"),
    undetermined(C + "complete", chain(K.TOO_COMPLEX)),
    *(not_met(C + "in-date", chain(kind)) for kind in (K.EXPIRED, K.NOT_YET_VALID, K.MALFORMED_DATE)),
    not_met(C + "in-date", chain(K.EXPIRED), tls(FAILED, name="https-alt")),
    not_met(C + "in-date", chain(), chain(K.EXPIRED, service_name="https-alt")),
    not_met(C + "name-matches", chain(K.NAME_MISMATCH, name=Name("mismatch")), says="rm204.example.test"),
    not_met(C + "name-matches", chain(name=Name("match", "192.0.2.21")), says="not by a name"),
    undetermined(C + "name-matches", chain(name=None), says="no host name"),
    *(not_met(C + "trusted", chain(k, rooted=False)) for k in
      (K.SELF_SIGNED_LEAF, K.SELF_SIGNED_IN_CHAIN, K.ISSUER_UNKNOWN, K.MISSING_INTERMEDIATE, K.BAD_SIGNATURE)),
    *(not_met(C + "trusted", chain(k)) for k in
      (K.NOT_A_CA, K.PATH_TOO_LONG, K.NAME_CONSTRAINT, K.CRITICAL_EXTENSION)),
    undetermined(C + "trusted", chain(K.NO_TRUST_ANCHORS, rooted=False), says="no root certificates"),
    undetermined(C + "trusted", chain(K.NO_TRUST_ANCHORS, K.SELF_SIGNED_LEAF, rooted=False)),
    undetermined(C + "trusted", chain(rooted=False)),
    undetermined(C + "trusted", chain(K.TOO_COMPLEX, rooted=False)),
    not_met(C + "server-purpose", chain(K.WRONG_PURPOSE)),
    not_met(C + "not-revoked", chain(K.REVOKED)),
    undetermined(C + "not-revoked", chain(), where=DEMANDS),
    undetermined(C + "not-revoked", chain(K.REVOCATION_UNKNOWN, revocation_checked=True), where=DEMANDS),
    not_applicable(C + "not-revoked", chain(), says="does not demand"),
    undetermined(C + "not-revoked", chain(K.REVOCATION_UNKNOWN, revocation=R.STALE), where=DEMANDS),
    undetermined(C + "not-revoked", chain(revocation=R.MISSING), where=DEMANDS, says="of an issuer is missing"),
    not_applicable(C + "not-revoked", chain(K.REVOCATION_UNKNOWN, revocation=R.STALE), says="out of date"),
    not_applicable(C + "not-revoked", chain(K.REVOCATION_UNKNOWN, revocation=R.MISSING), says="is missing"),
    not_met(C + "own", chain(leaf=certificate(issuer="O=Factory Inc,CN=CA")), says="factory"),
    not_met(C + "own", chain(leaf=certificate(spki_sha256="fa" * 32)), says="factory"),
    not_met(C + "own", chain(K.SELF_SIGNED_LEAF), where=SHARED, says="signed by itself; its key is also used by rm205"),
    not_met(C + "own", chain(leaf=certificate(self_issued=True)), says="signed by itself"),
    undetermined(C + "own", chain(), where=context(BARE), says="no factory certificate"),
    undetermined(C + "own", chain(leaf=certificate(spki_sha256=None))),
    not_met(C + "expires-soon", chain(leaf=certificate(days=90)), says="in 90 days"),
    met(C + "expires-soon", chain(leaf=certificate(days=91))),
    not_met(C + "expires-soon", chain(leaf=certificate("CN=\x1b[2J" + "x" * 5000, days=1))),
    not_met(C + "expires-soon", chain(leaf=certificate(days=-3)), says="expired 3 days ago"),
    met(C + "expires-soon", chain(leaf=certificate(days=20)), where=context(policy=Policy(expiry_warning_days=10))),
    not_met(C + "key-strength", chain(leaf=certificate(key="RSA 1024", key_bits=1024)), says="RSA 1024"),
    met(C + "key-strength", chain(leaf=certificate(key_algorithm="EC", key_bits=256))),
    not_met(C + "key-strength", chain(leaf=certificate(key_algorithm="EC", key_bits=160))),
    met(C + "key-strength", chain(leaf=certificate(key_algorithm="Ed25519", key_bits=None))),
    not_met(C + "key-strength", chain(K.WEAK_KEY)),
    *(not_met(C + "signature-algorithm", chain(leaf=certificate(signature_algorithm=name)))
      for name in ("sha1WithRSAEncryption", "ecdsa-with-SHA1", "md5WithRSAEncryption", "RSA-SHA-1")),
    not_met(C + "signature-algorithm", chain(K.WEAK_SIGNATURE)),
)  # fmt: skip

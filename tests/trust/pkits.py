"""NIST's PKITS (public domain, in `cryptography_vectors`): its certificates and lists, turned into cases by file name.

The package has no table of expectations: a file called `Valid…EE.crt` is to be accepted, `Invalid…EE.crt` refused. The
cases whose point is certificate policies, which this judge does not process, are left out by name.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import cryptography_vectors

from auditor.model.certificate import ChainReport
from auditor.trust import DEVICE_RULES, Anchors, RevocationLists, judge
from auditor.trust.parse import Parsed, parsed

FOLDER = Path(cryptography_vectors.__file__).parent / "x509" / "PKITS_data"
AT = datetime(2011, 4, 15, tzinfo=UTC)
RULES = replace(DEVICE_RULES, purpose=None, revocation_required=True)
POLICY = re.compile(r"polic|explicit|inhibit", re.IGNORECASE)


@dataclass(frozen=True)
class PkitsCase:
    """One test of the suite: its end certificate, and whether it is to be accepted."""

    name: str
    leaf: bytes
    valid: bool


@cache
def authorities() -> dict[object, list[Parsed]]:
    """Return all CA certificates by subject."""
    found: dict[object, list[Parsed]] = defaultdict(list)
    for file in sorted((FOLDER / "certs").glob("*Cert.crt")):
        one = parsed(file.read_bytes())
        found[one.subject.key].append(one)
    return found


@cache
def lists() -> RevocationLists:
    """Return all revocation lists of the suite."""
    return RevocationLists.of(file.read_bytes() for file in sorted((FOLDER / "crls").glob("*.crl")))


@cache
def root() -> Anchors:
    """Return the suite's trust anchor."""
    return Anchors.of([(FOLDER / "certs" / "TrustAnchorRootCertificate.crt").read_bytes()])


def cases() -> list[PkitsCase]:
    """Return the cases without policy processing."""
    found = []
    for file in sorted((FOLDER / "certs").glob("*EE.crt")):
        name = file.stem.removesuffix("EE")
        if name.startswith(("Valid", "Invalid")) and not POLICY.search(name):
            found.append(PkitsCase(name, file.read_bytes(), name.startswith("Valid")))
    return found


def judged(case: PkitsCase) -> ChainReport:
    """Judge one case: everything that could stand above the leaf is presented."""
    above: dict[bytes, None] = {}
    waiting = [parsed(case.leaf)]
    while waiting:
        for one in authorities().get(waiting.pop().issuer.key, []):
            if one.der not in above:
                above[one.der] = None
                waiting.append(one)
    signers = [one.der for group in authorities().values() for one in group if one.extensions.ca is not True]
    presented = (case.leaf, *above)
    return judge(presented, anchors=root(), reference=None, at=AT, rules=RULES, crls=lists(), pool=tuple(signers))

"""One thing wrong with a path, before it is told in terms of what was presented."""

from enum import IntEnum
from typing import NamedTuple

from auditor.model.certificate import ProblemKind
from auditor.trust.parse import Parsed


class Stage(IntEnum):
    """OpenSSL's order of work: the first stage with a fault gives the code (`verify_chain` in x509_vfy.c)."""

    BUILDING = 0
    EXTENSIONS = 1
    STRENGTH = 2
    REVOCATION = 3
    SIGNATURES = 4
    CONSTRAINTS = 5
    PROFILE = 6


class Defect(NamedTuple):
    """A fault found on a path. `code` is OpenSSL's name for it, None where OpenSSL would not mind.

    `order` ranks faults of one stage: the lowest is what OpenSSL would meet first. `why` is the end of OpenSSL's name
    where a fault has one but does not count.
    """

    kind: ProblemKind
    detail: str
    certificate: Parsed | None = None
    code: str | None = None
    stage: Stage = Stage.EXTENSIONS
    order: int = 0
    why: str = ""


def first_code(defects: list[Defect]) -> str:
    """Return the code that OpenSSL would report for these faults, `X509_V_OK` for none."""
    coded = [d for d in defects if d.code]
    return min(coded, key=lambda d: (d.stage, d.order)).code or "X509_V_OK" if coded else "X509_V_OK"

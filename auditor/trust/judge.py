"""The judge: what a server presented, against a list of roots, a name, a time and rules."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime

from auditor.model.certificate import ChainProblem, ChainReport, NameCheck, ProblemKind, Revocation
from auditor.trust import codes
from auditor.trust.anchors import Anchors
from auditor.trust.build import Budget, Search
from auditor.trust.crl import RevocationLists, revocation_of
from auditor.trust.defect import Defect, Stage, first_code
from auditor.trust.names import check_name
from auditor.trust.parse import Parsed, parsed
from auditor.trust.rules import DEVICE_RULES, TrustRules
from auditor.trust.verify import Case, Path, verify

MAXIMUM_PRESENTED = 64
"""A server that sends more certificates than this is not taken seriously: no path is looked for."""

MAXIMUM_ALIKE = 32
"""How many problems of one kind are told one by one about one certificate; a certificate may hold 10,000 bad names."""

EXTRA_ORDER = 1_000_000


def judge(
    presented: tuple[bytes, ...],
    *,
    anchors: Anchors,
    reference: str | None,
    at: datetime,
    rules: TrustRules = DEVICE_RULES,
    pool: tuple[bytes, ...] = (),
    crls: RevocationLists | None = None,
) -> ChainReport:
    """Judge a presented chain (DER, in the order sent) and return everything that is wrong with it.

    `reference` is the host name that was asked for (None: no name check), `at` an aware time. `pool` holds
    intermediates that the operator has but the server did not send; they never make a chain good, they only explain
    what is missing. Never raises for what a server can send; raises ValueError for a time without zone.
    """
    if at.tzinfo is None:
        raise ValueError("the time of a judgement needs a zone")
    at = at.astimezone(UTC)
    chain = tuple(parsed(bytes(one)) for one in presented)
    if not chain:
        return _nothing(reference, at)
    case = Case(at, rules, anchors, crls, tuple(dict.fromkeys((*chain, *(parsed(bytes(p)) for p in pool)))))
    path, complete, defects = _best_path(chain, case)
    problems = [_told(d, chain) for d in sorted(defects, key=lambda d: (d.stage, d.order))]
    if not len(anchors):
        problems.append(ChainProblem(ProblemKind.NO_TRUST_ANCHORS, "no root is trusted, so no chain can be"))
    if len(chain) <= MAXIMUM_PRESENTED:
        problems += [] if complete else _missing(chain, path, pool, case)
        problems += _arrangement(chain, path)
    check = None if reference is None else check_name(chain[0], reference, rules)
    problems += _naming(check)
    code = first_code(defects)
    looked_up = crls is not None and complete and len(path) > 1
    revocation = revocation_of(defects) if looked_up else Revocation.NOT_CHECKED
    return ChainReport(
        presented=tuple(c.certificate for c in chain),
        path=tuple(c.certificate for c in path) if complete else (),
        verify_code=codes.number_of(code),
        verify_name=code,
        name_check=check,
        problems=tuple(_bounded(problems)),
        checked_at=at,
        device_log_line=codes.device_log_line(code, name_matches=None if check is None else check.outcome == "match"),
        revocation_checked=looked_up and not any(p.kind is ProblemKind.REVOCATION_UNKNOWN for p in problems),
        revocation=revocation,
    )


def _nothing(reference: str | None, at: datetime) -> ChainReport:
    code = "X509_V_ERR_UNSPECIFIED"
    check = None
    problems = [ChainProblem(ProblemKind.NO_CERTIFICATE, "the server presented no certificate")]
    if reference is not None:
        check = NameCheck(
            reference=reference, outcome="mismatch", by_common_name="absent",
            by_subject_alternative_name="absent", because="there is no certificate to compare with",
        )  # fmt: skip
    return ChainReport(
        presented=(), path=(), verify_code=codes.number_of(code), verify_name=code, name_check=check,
        problems=tuple(problems), checked_at=at,
        device_log_line=codes.device_log_line(code, name_matches=None if check is None else False),
    )  # fmt: skip


def _best_path(chain: Path, case: Case) -> tuple[Path, bool, list[Defect]]:
    """Return the path with the fewest faults, whether it ends in an anchor, and its faults."""
    leaf = chain[0]
    if len(chain) > MAXIMUM_PRESENTED:
        text = f"{len(chain)} certificates were presented, more than {MAXIMUM_PRESENTED}: no path was looked for"
        return (leaf,), False, [_complex(text, Stage.BUILDING), *verify((leaf,), complete=True, case=case)]
    budget = Budget()
    best: tuple[int, Path, bool, list[Defect]] | None = None
    for path, complete in Search(chain[1:], case.anchors, case.rules, case.at, budget).paths(leaf):
        if not complete and best is not None:
            continue
        defects = verify(path, complete=complete, case=case)
        weight = sum(d.code is not None for d in defects) + (0 if complete else EXTRA_ORDER)
        if best is None or weight < best[0]:
            best = weight, path, complete, defects
        if weight == 0 or not budget.spend(len(path)):
            break
    if best is None:
        best = 1, (leaf,), False, verify((leaf,), complete=False, case=case)
    _, path, complete, defects = best
    if budget.exhausted and first_code(defects) != codes.OK:
        text = "the search for a path was given up: too many certificates could stand in it"
        defects = [*defects, _complex(text, Stage.PROFILE)]
    return path, complete, defects


def _complex(text: str, stage: Stage) -> Defect:
    return Defect(ProblemKind.TOO_COMPLEX, text, None, "X509_V_ERR_CERT_CHAIN_TOO_LONG", stage, EXTRA_ORDER)


def _bounded(problems: list[ChainProblem]) -> Iterator[ChainProblem]:
    """Yield problems once each; of very many of one kind about one certificate the first ones, and a count."""
    seen: Counter[tuple[ProblemKind, int | None]] = Counter()
    for problem in dict.fromkeys(problems):
        seen[problem.kind, problem.depth] += 1
        if seen[problem.kind, problem.depth] <= MAXIMUM_ALIKE:
            yield problem
    for (kind, depth), count in seen.items():
        if count > MAXIMUM_ALIKE:
            yield ChainProblem(kind, f"and {count - MAXIMUM_ALIKE} more of this kind", depth)


def _told(defect: Defect, chain: Path) -> ChainProblem:
    """Turn a fault into the report's form; a certificate that was not presented (the anchor) has no depth."""
    depth = None if defect.certificate is None else _index(chain, defect.certificate)
    return ChainProblem(defect.kind, defect.detail, depth)


def _index(chain: Path, certificate: Parsed) -> int | None:
    return next((i for i, c in enumerate(chain) if c.der == certificate.der), None)


def _missing(chain: Path, path: Path, pool: tuple[bytes, ...], case: Case) -> Iterator[ChainProblem]:
    """Say whether the operator's pool has what an unfinished path lacks."""
    if path[-1].self_signed or not pool:
        return
    anchors = case.anchors
    depth = _index(chain, path[-1])
    helpers = (*chain[1:], *(parsed(bytes(one)) for one in pool))
    for found, ends in Search(helpers, anchors, case.rules, case.at, Budget()).paths(chain[0]):
        missing = [c.label for c in found if c not in chain and c not in anchors]
        if ends and missing:
            text = f"the server did not send {'; '.join(missing)}; the operator's pool has it"
            yield ChainProblem(ProblemKind.MISSING_INTERMEDIATE, text, depth)
            return


def _arrangement(chain: Path, path: Path) -> Iterator[ChainProblem]:
    """Say what is odd in the order and number of the certificates sent; old clients may not put up with it."""
    seen: dict[bytes, int] = {}
    for depth, certificate in enumerate(chain):
        first = seen.setdefault(certificate.der, depth)
        if first != depth:
            yield ChainProblem(ProblemKind.DUPLICATE, f"{certificate.label} was sent twice", depth)
    used = [seen[c.der] for c in path if c.der in seen]
    for depth in seen.values():
        if depth not in used:
            text = f"{chain[depth].label} is not part of the path"
            yield ChainProblem(ProblemKind.SUPERFLUOUS, text, depth)
            for complaint in chain[depth].draft.complaints:
                yield ChainProblem(ProblemKind.UNREADABLE, f"{chain[depth].label}: {complaint}", depth)
    if used != sorted(used):
        names = ", ".join(str(i) for i in used)
        text = f"each certificate must be followed by its issuer; the path runs through {names}"
        yield ChainProblem(ProblemKind.WRONG_ORDER, text)
    elif len(chain) > 1 and chain[0].extensions.ca and any(_below(c, chain[0]) for c in chain[1:]):
        yield ChainProblem(ProblemKind.WRONG_ORDER, "the server's own certificate does not come first", 0)


def _below(certificate: Parsed, authority: Parsed) -> bool:
    return (
        not certificate.extensions.ca
        and certificate.issuer.key == authority.subject.key
        and bool(authority.subject.rdns)
    )


def _naming(check: NameCheck | None) -> Iterator[ChainProblem]:
    if check is None or check.outcome == "match":
        return
    absent = check.by_common_name == check.by_subject_alternative_name == "absent"
    yield ChainProblem(ProblemKind.NO_NAME_TO_MATCH if absent else ProblemKind.NAME_MISMATCH, check.because, 0)

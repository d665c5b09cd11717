"""Runs x509-limbo cases against the modern rules: the callable that `tests/limbo.callable` names."""

from dataclasses import replace
from datetime import datetime

from auditor.trust import MODERN_RULES, Anchors, FileError, RevocationLists, judge, read_pem_or_der
from auditor.trust.rules import CLIENT, SERVER


def validate(
    chain: list[str],
    roots: list[str],
    hostname: str | None,
    at: datetime,
    purpose: str = "server",
    max_depth: int | None = None,
    crls: list[str] | None = None,
) -> tuple[bool, str]:
    """Return whether a chain is good in every respect under the modern rules, and what is wrong with it."""
    rules = replace(
        MODERN_RULES,
        purpose=CLIENT if purpose == "client" else SERVER,
        maximum_intermediates=max_depth,
        revocation_required=bool(crls),
    )
    try:
        report = judge(
            tuple(read_pem_or_der(one.encode())[0] for one in chain),
            anchors=Anchors.of(read_pem_or_der(one.encode())[0] for one in roots),
            reference=hostname,
            at=at,
            rules=rules,
            crls=RevocationLists.of(one.encode() for one in crls) if crls else None,
        )
    except FileError as problem:
        return False, str(problem)
    named = report.name_check is None or report.name_check.outcome == "match"
    summary = f"{report.verify_name} " + " ".join(sorted({p.kind.value for p in report.problems}))
    return report.verify_code == 0 and named, summary

"""The answers of the management server's web pages, by scheme."""

from auditor.model.evidence import Evidence, Observation, Unknown
from auditor.model.facts import HttpFace


def asked_over(evidence: Evidence, service: str) -> tuple[Observation[HttpFace], ...]:
    """Return the observations of every path that was asked of this service."""
    return tuple(o for o in evidence.observed(HttpFace) if o.subject.startswith(f"{service}/"))


def leads_to(face: HttpFace, scheme: str) -> bool:
    """Tell whether the answer sends the client to an address of this scheme."""
    return 300 <= face.status < 400 and (face.location or "").casefold().startswith(f"{scheme}://")


def why_unknown(observations: tuple[Observation[HttpFace], ...]) -> str:
    """Put the causes of all observations that ended in `Unknown` into one clause."""
    details = dict.fromkeys(o.outcome.detail for o in observations if isinstance(o.outcome, Unknown))
    return "; ".join(detail.rstrip(".") for detail in details) or "no path was asked"

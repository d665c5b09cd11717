"""Level 3: feedback is posted over HTTPS."""

from urllib.parse import urlsplit

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence, Unknown
from auditor.model.facts import FeedbackList
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict


@control(
    "clients.feedback-https",
    title="Every registered feedback address is an HTTPS address",
    level=3,
    needs=(Need(FeedbackList, "urls"),),
    method="Reads the list of registered feedback addresses where the system has a view of them.",
    blind_spots="Not every family is known to list its registrations; then nothing can be said. User names, paths and "
    "queries of the addresses are left out of the report. A registration made after the audit is not seen.",
    section="HTTPS for Feedback URLs",
)
def feedback_https(evidence: Evidence, context: Context) -> Verdict:
    """Feedback tells another server about calls and changes as they happen, by default over plain HTTP.

    Call records and names of participants can then be overheard. An address that begins with https is used over
    HTTPS alone.
    """
    asked = evidence.observed(FeedbackList)
    urls = [(o.id, url) for o in asked if o.fact is not None for url in o.fact.urls]
    plain = [(id_, url) for id_, url in urls if not url.strip().casefold().startswith("https://")]
    if plain:
        named = ", ".join(_without_secrets(url) for _, url in plain)
        return NotMet(f"Feedback goes to addresses without HTTPS: {named}.", tuple(dict.fromkeys(i for i, _ in plain)))
    seen = tuple(o.id for o in asked if o.fact is not None)
    if seen and not evidence.gaps(FeedbackList):
        because = f"All {len(urls)} feedback addresses use HTTPS." if urls else "No feedback address is registered."
        return Met(because, seen)
    why = "; ".join(o.outcome.detail.rstrip(".") for o in asked if isinstance(o.outcome, Unknown))
    because = f"Needs the list of feedback addresses; {why or 'no view that lists them was read'}."
    return Undetermined(because, tuple(o.id for o in asked))


def _without_secrets(url: str) -> str:
    """Return scheme and host of an address: the rest may hold a password."""
    try:
        parts = urlsplit(url.strip())
        text = f"{parts.scheme}://{parts.hostname}" if parts.hostname else "an address without a host"
    except ValueError:
        text = "an address that cannot be read"
    return "".join(c if c.isprintable() else "?" for c in text)[:120]

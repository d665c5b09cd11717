"""Level 3: the software is new enough."""

import re

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested, Identity
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

_RELEASE = re.compile(r"\s*([A-Za-z]*)[ .]?(\d{1,9}(?:\.\d{1,9})*)(?!\d)")
"""Letters and dotted number at the start; what follows (video standard, beta, test) does not count."""


@control(
    "software.supports-secure-management",
    title="The software supports secure management",
    level=3,
    needs=(Need(Identity, optional=True), Need(Attested, "software-version", optional=True)),
    method="Reads the release from what the system says before login, from its configuration or from the operator's "
    "statement, and compares its number with the oldest release that the guide names.",
    blind_spots="Believes what the system says of itself. Suffixes such as Beta or a video standard are not compared.",
    section="Readiness Checklist, first item",
)
def supports_secure_management(evidence: Evidence, context: Context) -> Verdict:
    """Only software from a certain release on can use HTTPS as a client and verify certificates.

    On older software the later steps of the guide cannot be carried out at all.
    """
    rule, seen = context.profile.software, evidence.one(Identity)
    identity = seen.fact if seen else None
    if seen and identity and identity.excluded:
        because = f"The guide leaves this model out of secure management: {identity.excluded.rstrip('.')}."
        return NotMet(because, (seen.id,))
    if rule is None:
        return NotApplicable("The guide names no oldest release for this family.")
    stated = evidence.one(Attested, "software-version")
    shown, attested, by = (identity.software, False, seen.id) if seen and identity else (None, False, "")
    word = stated.fact if stated else None
    if shown is None and stated and word and word.on <= context.at < word.expires:
        shown, attested, by = word.value, True, stated.id
    wanted = f"{rule.prefix}{rule.minimum}"
    if shown is None:
        return Undetermined(f"The release is not known; {wanted} or newer is needed.", (seen.id,) if seen else ())
    despite = tuple(o.id for o in evidence.gaps(Identity))
    release, oldest = _parse(shown), _parse(wanted)
    if release is None or oldest is None or release[0] != oldest[0]:
        because = f"The release '{_printable(shown)}' cannot be compared with {wanted}."
        return Undetermined(because, (by,))
    if _at_least(release[1], oldest[1]):
        return Met(f"The release is {_printable(shown)}; {wanted} or newer is needed.", (by,), despite, attested)
    return NotMet(f"The release is {_printable(shown)}, older than {wanted}.", (by,), attested)


def _parse(text: str) -> tuple[str, tuple[int, ...]] | None:
    """Split a release into its letters (upper case) and its numbers."""
    found = _RELEASE.match(text)
    return (found[1].upper(), tuple(int(part) for part in found[2].split("."))) if found else None


def _at_least(release: tuple[int, ...], oldest: tuple[int, ...]) -> bool:
    """Compare dotted numbers; missing parts count as zero."""
    length = max(len(release), len(oldest))
    return release + (0,) * (length - len(release)) >= oldest + (0,) * (length - len(oldest))


def _printable(text: str) -> str:
    """Return the device's text, short and without control characters."""
    return "".join(c if c.isprintable() else "?" for c in text)[:60]

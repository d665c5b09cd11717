"""The words that reports use for levels, outcomes and verdicts, in one place so that all formats agree."""

from auditor.model.assessment import Outcome, Score
from auditor.model.certificate import Revocation
from auditor.model.control import Kind
from auditor.model.verdict import Status

LEVEL_IDEAS = {
    1: "Passwords and conversation can be read by anybody on the network.",
    2: "Passwords are protected by challenge and response; the rest can still be read.",
    3: "Management is encrypted, but nobody checks who is at the other end.",
    4: "Management is encrypted, and certificates are checked before anything is said.",
}
"""What each level amounts to, in our words."""

OUTCOME_WORDS = {
    Outcome.MEETS: "Meets target",
    Outcome.MISSES: "Misses target",
    Outcome.INCONCLUSIVE: "Inconclusive",
    Outcome.UNREACHABLE: "No answer",
}
"""Outcome of a host, as a heading says it."""

STATUS_WORDS = {
    Status.NOT_MET: "Not met",
    Status.UNDETERMINED: "Undetermined",
    Status.MET: "Met",
    Status.NOT_APPLICABLE: "Not applicable",
}
"""The four verdicts, worst first: the order in which reports group them."""

KIND_WORDS = {
    Kind.LEVEL.value: "Level control",
    Kind.LINK.value: "Link",
    Kind.LOCK_DOWN.value: "Optional lock-down",
    Kind.ADVISORY.value: "Advisory",
}
"""Kinds of control."""

REVOCATION_WORDS = {
    Revocation.NOT_CHECKED: "not looked up: no revocation list was given",
    Revocation.GOOD: "current lists cover the whole path, and nothing on it is revoked",
    Revocation.REVOKED: "revoked",
    Revocation.MISSING: "not known: there is no list of an issuer",
    Revocation.STALE: "not known: a list is out of date, or not yet valid",
    Revocation.UNUSABLE: "not known: a list cannot be relied on",
}
"""What the operator's revocation lists say of a path."""


def level_words(score: Score) -> str:
    """Return `Level 2 proven, Level 4 possible`, or that there is no level."""
    if score.proven is None or score.possible is None:
        return "No level"
    return f"Level {score.proven} proven, Level {score.possible} possible"


def level_meaning(score: Score) -> str:
    """Say in plain words what a pair of levels means, and that missing evidence is no fault of the host."""
    proven, possible = score.proven, score.possible
    if proven is None or possible is None:
        return "No level can be given, because no management service answered. This is neither good nor bad news."
    shown = (
        "A management service answered, so Level 1 holds; nothing higher was shown."
        if proven == 1
        else f"Everything that Level {proven} asks for was shown."
    )
    ruled_out = f" Level {possible + 1} is ruled out by at least one control that is not met." if possible < 4 else ""
    if proven == possible:
        return shown + ruled_out
    missing = f"Level {possible}" if possible == proven + 1 else f"Levels {proven + 1} to {possible}"
    doubt = f" Nothing that was seen speaks against Level {possible}, but evidence for {missing} is missing."
    return shown + doubt + ruled_out


def count_of(part: int, whole: int) -> str:
    """Return a share with numerator and denominator, e.g. `3 of 12 (25 %)`; no percentage of nothing."""
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "0 of 0"


def plural(count: int, one: str, many: str | None = None) -> str:
    """Return `1 host` or `2 hosts`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"

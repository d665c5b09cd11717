"""Controls: one requirement each, with the words that a report needs and the function that judges it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.model.evidence import Evidence
from auditor.model.facts import Fact
from auditor.model.inventory import Target
from auditor.model.policy import Policy
from auditor.model.profile import Profile
from auditor.model.verdict import Verdict

GUIDE = "D50520 Rev 2"
"""The document that every citation refers to."""


class Kind(StrEnum):
    """What a control decides: a level of a host, a link's level, the optional lock-down profile, or nothing."""

    LEVEL = "level"
    LINK = "link"
    LOCK_DOWN = "lock-down"
    ADVISORY = "advisory"


@dataclass(frozen=True, slots=True)
class Need:
    """A kind of fact that a control rests on, perhaps about one subject only.

    The engine judges nothing as met while an observation of a need is `Unknown`, unless the verdict says that it is
    outweighed. With `optional`, a question that was never asked is no gap (one that ended in `Unknown` still is).
    """

    kind: type[Fact]
    subject: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a control may know beside the evidence. `at` is when the host is judged (UTC); no control reads a clock.

    `shared_keys` maps the SHA-256 of a public key (hex) to the names of all hosts of the audit that presented it.
    """

    target: Target
    profile: Profile
    policy: Policy
    at: datetime
    shared_keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Judge = Callable[[Evidence, Context], Verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One requirement of the catalogue.

    `level` is the lowest level that needs it, None for advisories, links and lock-down. `rationale` is why it matters
    (the judge's docstring), `method` how it is checked, `blind_spots` what that cannot see. Which families it applies
    to, and what the guide says of it there, stands in the profiles.
    """

    id: str
    title: str
    kind: Kind
    level: int | None
    needs: tuple[Need, ...]
    rationale: str
    method: str
    blind_spots: str
    section: str
    judge: Judge = field(repr=False, compare=False)


def control(
    id: str,  # noqa: A002 - the catalogue's own word
    *,
    title: str,
    level: int | None = None,
    kind: Kind = Kind.LEVEL,
    needs: tuple[Need, ...],
    method: str,
    blind_spots: str,
    section: str,
) -> Callable[[Judge], Control]:
    """Make the decorated judge a `Control`; its docstring becomes the rationale.

    Raises ValueError for a level that does not fit the kind, or for missing words, when the module is imported.
    """

    def wrap(judge: Judge) -> Control:
        rationale = inspect.getdoc(judge) or ""
        words = {"title": title, "rationale": rationale, "method": method, "section": section}
        missing = [name for name, text in words.items() if not text]
        if missing:
            raise ValueError(f"control {id}: no {', '.join(missing)}")
        if (kind is Kind.LEVEL) != (level is not None):
            raise ValueError(f"control {id}: a level control has a level, and no other kind has one")
        return Control(
            id=id, title=title, kind=kind, level=level, needs=needs, rationale=rationale,
            method=method, blind_spots=blind_spots, section=section, judge=judge,
        )  # fmt: skip

    return wrap

"""Ways from a leaf to an anchor (RFC 4158): every one of them, best first, within a budget of steps.

OpenSSL takes one way and gives up where it ends; crossed signatures make that wrong, so this search turns back. The
budget bounds what a hostile chain can cost.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from auditor.trust.anchors import Anchors, index
from auditor.trust.keys import DSA_KEY, Key, checking_cost, signature_fault, with_parameters
from auditor.trust.parse import Parsed, could_issue
from auditor.trust.rules import TrustRules

STEPS = 2000
"""How many steps (a candidate looked at, a signature checked, a certificate judged) one chain may cost."""


@dataclass(slots=True)
class Budget:
    """Steps left. `exhausted` stays true once they were not enough."""

    left: int = STEPS
    exhausted: bool = False

    def spend(self, steps: int = 1) -> bool:
        """Take steps away; False where there are none left."""
        self.left -= steps
        if self.left < 0:
            self.exhausted = True
        return not self.exhausted


def signed_by(certificate: Parsed, issuer: Parsed) -> str | None:
    """Return why this issuer's key did not sign the certificate, or None where it did."""
    key, draft = issuer.draft.key, certificate.draft
    if key is None:
        return "the issuer's key cannot be read"
    if draft.algorithm != draft.inner_algorithm:
        return "the signature algorithm is stated twice, differently"
    return signature_fault(key, draft.algorithm, draft.signature, draft.signed)


def working_keys(path: tuple[Parsed, ...]) -> list[Key | None]:
    """Return the key of each certificate; DSA parameters that one leaves out come from the one above it."""
    found: list[Key | None] = []
    inherited = b""
    for certificate in reversed(path):
        key = certificate.draft.key
        key = key and with_parameters(key, inherited)
        inherited = key.parameters if key and key.oid == DSA_KEY else b""
        found.append(key)
    return found[::-1]


class Search:
    """A search for paths from one leaf. `helpers` are untrusted certificates that may stand between."""

    __slots__ = ("_anchors", "_at", "_budget", "_helpers", "_known", "_rules")

    def __init__(
        self, helpers: Iterable[Parsed], anchors: Anchors, rules: TrustRules, at: datetime, budget: Budget
    ) -> None:
        self._helpers = index(helpers)
        self._anchors = anchors
        self._rules = rules
        self._at = at
        self._budget = budget
        self._known: dict[Parsed, list[Parsed]] = {}

    def paths(self, leaf: Parsed) -> Iterator[tuple[tuple[Parsed, ...], bool]]:
        """Yield every path from the leaf, and whether it ends in an anchor; stops early when the budget is spent."""
        if self._ends(leaf):
            yield (leaf,), True
            return
        path = [leaf]
        waiting = [iter(self._issuers(path))]
        empty = True
        while waiting:
            issuer = next(waiting[-1], None)
            if issuer is None:
                waiting.pop()
                if empty:
                    yield tuple(path), False
                path.pop()
                empty = False
                continue
            if not self._budget.spend():
                return
            path.append(issuer)
            if self._ends(issuer):
                yield tuple(path), True
                path.pop()
                empty = False
                continue
            waiting.append(iter(self._issuers(path)))
            empty = True

    def _ends(self, certificate: Parsed) -> bool:
        return certificate in self._anchors and (self._rules.any_anchor or certificate.self_signed)

    def _issuers(self, path: list[Parsed]) -> list[Parsed]:
        """Return who may have signed the last certificate: anchors first, then those whose dates hold.

        Candidates whose key did not sign it are kept only where no other is left, so that the fault can be shown.
        """
        tip = path[-1]
        if tip not in self._known:
            self._known[tip] = self._ranked(tip)
        return [c for c in self._known[tip] if not _on(path, c)]

    def _ranked(self, tip: Parsed) -> list[Parsed]:
        if tip.self_signed and signed_by(tip, tip) is None:
            return []
        known = (*self._anchors.named(tip.issuer.key), *self._helpers.get(tip.issuer.key, ()))
        candidates = [c for c in dict.fromkeys(known) if could_issue(c, tip) and c != tip]
        good = [c for c in candidates if self._budget.spend(checking_cost(c.draft.key)) and signed_by(tip, c) is None]
        if good:  # an anchor of the same name but another key comes last, as what OpenSSL would have tried
            namesakes = [c for c in candidates if c in self._anchors and c not in good]
            return [*sorted(good, key=self._rank), *namesakes]
        return sorted(candidates, key=self._rank)

    def _rank(self, candidate: Parsed) -> tuple[bool, bool]:
        draft = candidate.draft
        current = bool(draft.not_before and draft.not_after and draft.not_before <= self._at <= draft.not_after)
        return candidate not in self._anchors, not current


def _on(path: list[Parsed], candidate: Parsed) -> bool:
    """Tell whether the same certificate, or the same name with the same key, is on the path already."""
    return any(
        c.der == candidate.der or (c.subject.key == candidate.subject.key and c.draft.spki == candidate.draft.spki)
        for c in path
    )

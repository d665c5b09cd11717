"""The roots that a judge trusts, taken apart once for a whole audit."""

from collections.abc import Iterable

from auditor.trust.distinguished import Key
from auditor.trust.parse import Parsed, parsed


class Anchors:
    """A list of trusted certificates. Build it once for each root list with `Anchors.of` and use it for every chain.

    `unreadable` holds what was listed but cannot be an anchor, so that a report can say so.
    """

    __slots__ = ("_by_subject", "certificates", "unreadable")

    def __init__(self, certificates: tuple[Parsed, ...]) -> None:
        self.certificates = tuple(c for c in certificates if c.draft.subject and c.draft.key)
        self.unreadable = tuple(c.certificate for c in certificates if not (c.draft.subject and c.draft.key))
        self._by_subject = index(self.certificates)

    @classmethod
    def of(cls, ders: Iterable[bytes]) -> "Anchors":
        """Build anchors from DER certificates; duplicates count once. Never raises: see `unreadable`."""
        return cls(tuple(dict.fromkeys(parsed(bytes(one)) for one in ders)))

    def named(self, subject: Key) -> tuple[Parsed, ...]:
        """Return the anchors whose subject is this name."""
        return self._by_subject.get(subject, ())

    def __contains__(self, certificate: Parsed) -> bool:
        """Tell whether this very certificate is listed."""
        return any(a.der == certificate.der for a in self.named(certificate.subject.key))

    def __len__(self) -> int:
        """Return how many usable anchors there are."""
        return len(self.certificates)


def index(certificates: Iterable[Parsed]) -> dict[Key, tuple[Parsed, ...]]:
    """Return certificates by their subject, in the given order."""
    found: dict[Key, tuple[Parsed, ...]] = {}
    for certificate in certificates:
        found[certificate.subject.key] = (*found.get(certificate.subject.key, ()), certificate)
    return found

"""An audit without a packet: nothing is known of a host but its saved configuration. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from auditor.engine.plan import profile_of
from auditor.engine.saved import SavedFile, with_saved
from auditor.model.collected import HostEvidence
from auditor.model.evidence import Evidence
from auditor.model.inventory import AUTO, Target
from auditor.model.profile import Profile

NOTHING_SENT = "Judged from its saved configuration alone: nothing was sent, and nothing from outside was looked at."
NO_FILE = "There is no saved configuration of this host, and nothing was sent: nothing is known of it."
NO_PRODUCT = "The inventory leaves the product open (auto), so the saved configuration cannot be read: name it there."


def read_offline(
    targets: Iterable[Target], saved: Mapping[str, SavedFile], profiles: Mapping[str, Profile], *, at: datetime
) -> Iterator[HostEvidence]:
    """Yield the evidence of each target from its file, in order; `at` is the audit's time."""
    for target in targets:
        profile, file = profile_of(target, profiles), saved.get(target.name)
        product_open = target.product == AUTO and file is not None
        made, notes = with_saved((), None if product_open else file, profile, started_at=at)
        yield HostEvidence(
            target=target,
            product=profile.family,
            address=target.address,
            evidence=Evidence(made),
            started_at=at,
            finished_at=at,
            complete=bool(made),
            notes=(NO_PRODUCT if product_open else NOTHING_SENT if file else NO_FILE, *notes),
        )

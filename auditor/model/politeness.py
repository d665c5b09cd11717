"""How gently a fleet is asked: rates, pauses, budgets, signs of distress, and the times at which asking is allowed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from auditor.model.waiver import ScopeKind

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The days of a week as an inventory writes them, in the order of `datetime.weekday`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distress:
    """When a host seems to suffer from being asked, and what is done then.

    A sign is a request that fails on a port that has answered before, or an answer that takes `slower_by` times as long
    as the quickest to the same request did at this host. After `signs` of them without a good answer between, nothing
    is sent for `back_off_seconds`, twice as long the next time. Where they go on after `back_offs` such pauses, the
    host is asked no more. `signs` 0 switches all of it off, `slower_by` 0 only the answer times.
    """

    signs: int = 3
    slower_by: int = 10
    back_off_seconds: float = 5.0
    back_offs: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time in which hosts may be asked: weekly (`days`, `start`, `end`, `zone`) or once (`opens`, `closes`, in UTC).

    `start` and `end` are times of the day in the IANA zone, `HH:MM`; an end that is not behind its start is on the next
    day. `scope` and `scope_name` say for which hosts it holds.
    """

    scope: ScopeKind
    scope_name: str = ""
    days: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    zone: str = ""
    opens: datetime | None = None
    closes: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """What holds for a whole audit. None and 0 mean: no limit of this kind.

    Rates are requests per second: over everything, to each site, and to the sites that `per_site` names instead. Hosts
    without a site belong to none. `pause_seconds` is the rest between two requests to one host; it lengthens the rest
    that the product's profile prescribes, and shortens it only with `pause_below_profile`. After `error_budget`
    requests in a row that brought no answer, a host is asked no more. `windows` are the times in which hosts may be
    asked; a host for which there is none may be asked at any time. For `wait_seconds` after its beginning, an audit
    waits for windows that open.
    """

    requests_per_second: float | None = None
    requests_per_second_per_site: float | None = None
    per_site: Mapping[str, float] = field(default_factory=dict)
    hosts_at_once_per_site: int = 0
    pause_seconds: float | None = None
    pause_below_profile: bool = False
    error_budget: int = 6
    distress: Distress = field(default_factory=Distress)
    windows: tuple[Window, ...] = ()
    wait_seconds: float = 0.0

    @property
    def over_hosts(self) -> bool:
        """Tell whether there are limits that hold over several hosts."""
        rates = (self.requests_per_second, self.requests_per_second_per_site, *self.per_site.values())
        return bool(self.hosts_at_once_per_site) or any(rate is not None for rate in rates)

    def pause(self, of_profile: float, of_target: float | None = None) -> float:
        """Return the rest between two requests to a host; a target's own never shortens it."""
        if self.pause_below_profile and self.pause_seconds is not None:
            return max(self.pause_seconds, of_target or 0.0)
        return max(of_profile, self.pause_seconds or 0.0, of_target or 0.0)

    def rate_of_site(self, site: str | None) -> float | None:
        """Return the requests per second to a site, or None where it has no limit."""
        return None if site is None else self.per_site.get(site, self.requests_per_second_per_site)

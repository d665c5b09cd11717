"""Whose turn is next: everybody's once, no more of a site at a time than allowed, each within its window."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.engine.plan import HostPlan
from auditor.engine.turns import Turns
from auditor.model.inventory import Target
from auditor.model.politeness import Politeness, Window
from tests.engine.evidence import TOY

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)


def plans(sites: Sequence[str | None]) -> list[HostPlan]:
    """Return a plan for a host of each of the sites."""
    return [HostPlan(Target(name=f"h{n}", product="toy", site=site), TOY, ()) for n, site in enumerate(sites)]


async def work(turns: Turns, workers: int, seconds: float = 0.0) -> tuple[list[str], Counter[str | None]]:
    """Take all turns with some workers; return the names in order and the most of each site at once."""
    busy: Counter[str | None] = Counter()
    most: Counter[str | None] = Counter()
    order: list[str] = []

    async def worker() -> None:
        while (turn := await turns.next()) is not None:
            site = turn.plan.target.site
            order.append(turn.plan.target.name)
            busy[site] += 1
            most[site] = max(most[site], busy[site])
            await asyncio.sleep(seconds)
            busy[site] -= 1
            turns.done(turn.plan)

    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
    return order, most


@settings(deadline=None)
@given(st.lists(st.sampled_from(["oslo", "bergen", None]), max_size=30), st.integers(1, 8), st.integers(0, 3))
def test_everybody_has_one_turn_and_no_site_too_many_at_once(sites: list[str | None], workers: int, most: int) -> None:
    """Whatever the order, the number of workers and the limit."""

    async def run() -> tuple[list[str], Counter[str | None]]:
        return await work(Turns(plans(sites), Politeness(hosts_at_once_per_site=most), lambda: AT), workers)

    order, seen = asyncio.run(run())
    assert sorted(order) == sorted(f"h{n}" for n in range(len(sites)))
    assert not most or all(seen[site] <= most for site in ("oslo", "bergen"))


async def test_a_full_site_does_not_keep_the_others_waiting() -> None:
    """The second worker takes the next host of another site, and comes back to the one that was put back."""
    turns = Turns(plans(["oslo", "oslo", "bergen"]), Politeness(hosts_at_once_per_site=1), lambda: AT)
    first, second = await turns.next(), await turns.next()
    assert first is not None
    assert second is not None
    assert (first.plan.target.name, second.plan.target.name) == ("h0", "h2")
    waiting = asyncio.create_task(turns.next())
    await asyncio.sleep(0.01)
    assert not waiting.done()
    turns.done(first.plan)
    third = await waiting
    assert third is not None
    assert third.plan.target.name == "h1"
    turns.done(third.plan)
    assert await turns.next() is None


async def test_without_a_limit_the_order_is_the_plans() -> None:
    """And hosts without a site are never held back."""
    order, _ = await work(Turns(plans([None] * 9), Politeness(hosts_at_once_per_site=1), lambda: AT), 3)
    assert order == [f"h{n}" for n in range(9)]


def _opening(seconds: float, begun: datetime) -> Window:
    opens = begun + timedelta(seconds=seconds)
    return Window(scope="host", scope_name="h0", opens=opens, closes=opens + timedelta(hours=1))


async def test_a_window_that_opens_soon_is_waited_for_while_others_go_on() -> None:
    """The first host of the plan comes last, and open."""
    begun = datetime.now(UTC)
    politeness = Politeness(windows=(_opening(0.3, begun),), wait_seconds=60)
    turns = Turns(plans([None, None]), politeness, lambda: datetime.now(UTC))
    first, second = await turns.next(), await turns.next()
    assert first is not None
    assert second is not None
    assert [first.plan.target.name, second.plan.target.name] == ["h1", "h0"]
    assert second.admission.allowed
    assert datetime.now(UTC) >= begun + timedelta(seconds=0.3)


async def test_a_window_that_opens_too_late_is_not_waited_for() -> None:
    """It has its turn in order, and is not to be asked; without the flag nobody waits at all."""
    for politeness in (
        Politeness(windows=(_opening(61, AT),), wait_seconds=60),
        Politeness(windows=(_opening(1, AT),)),
    ):
        first = await Turns(plans([None, None]), politeness, lambda: AT).next()
        assert first is not None
        assert (first.plan.target.name, first.admission.allowed) == ("h0", False)


async def test_stopping_ends_the_waiting() -> None:
    """Whoever waits for a window gets nothing any more."""
    politeness = Politeness(windows=(_opening(3000, AT),), wait_seconds=6000)
    turns = Turns(plans([None]), politeness, lambda: AT)
    waiting = asyncio.create_task(turns.next())
    await asyncio.sleep(0.01)
    turns.stop()
    async with asyncio.timeout(5):
        assert await waiting is None

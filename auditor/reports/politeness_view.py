"""How gently a fleet is asked, in sentences: the same in the report's method and before an audit (`--dry-run`)."""

from collections.abc import Iterator

from auditor.model.politeness import Distress, Politeness, Window
from auditor.reports.wording import plural


def politeness_words(politeness: Politeness, hosts_at_once: int | None) -> tuple[str, ...]:
    """Return one sentence for each rule that holds, windows apart; without `hosts_at_once`, collectors asked."""
    return tuple(_rules(politeness, hosts_at_once))


def window_words(politeness: Politeness) -> tuple[str, ...]:
    """Return one sentence for each maintenance window, in the order of the inventory."""
    return tuple(f"{_whose(window)} {_when(window)}." for window in politeness.windows)


def _rules(politeness: Politeness, hosts_at_once: int | None) -> Iterator[str]:
    if hosts_at_once is None:
        at_once = "At most as many hosts at once as each collector's own setting says, which the centre does not know"
    else:
        at_once = f"At most {plural(hosts_at_once, 'host')} at once"
    if politeness.hosts_at_once_per_site:
        at_once += f", and at most {politeness.hosts_at_once_per_site} of one site"
    yield at_once + "; one conversation at a time with each, or as many as its product's profile allows."
    yield _rest(politeness)
    yield from _rates(politeness)
    if hosts_at_once is None and politeness.over_hosts:
        yield (
            "Limits that hold over several hosts are kept by each collector: several collectors of one site know "
            "nothing of each other, so there each of them keeps these limits by itself."
        )
    if politeness.error_budget:
        yield (
            f"Error budget: a host is asked no more after {plural(politeness.error_budget, 'request')} in a row that "
            "brought no answer. A refused port is an answer."
        )
    else:
        yield "No error budget: a host is asked to the end, however many requests in a row bring no answer."
    yield _distress(politeness.distress)
    if politeness.windows and politeness.wait_seconds:
        yield f"Windows that open within {politeness.wait_seconds / 60:g} minutes of the beginning are waited for."


def _rest(politeness: Politeness) -> str:
    pause = politeness.pause_seconds
    if pause is None:
        return "Between two requests to a host lies the rest that its product's profile prescribes."
    if politeness.pause_below_profile:
        return (
            f"Between two requests to a host lies a rest of {pause:g} s, whatever its product's profile prescribes: "
            "the operator asked for it."
        )
    return (
        f"Between two requests to a host lies a rest of {pause:g} s, or more where its product's profile prescribes it."
    )


def _rates(politeness: Politeness) -> Iterator[str]:
    everywhere, each = politeness.requests_per_second, politeness.requests_per_second_per_site
    if everywhere is None:
        yield "No limit to the requests per second over all hosts."
    else:
        yield f"At most {everywhere:g} requests per second over all hosts."
    if each is not None:
        yield f"At most {each:g} requests per second to one site."
    for site, rate in politeness.per_site.items():
        yield f"At most {rate:g} requests per second to the site {site}."


def _distress(distress: Distress) -> str:
    if not distress.signs:
        return "No watch for signs of distress."
    slower = f", or an answer {distress.slower_by} times as slow as before" if distress.slower_by else ""
    signs = f"Signs of distress are a failure on a port that has answered before{slower}."
    if not distress.back_offs:
        return f"{signs} After {distress.signs} in a row a host is asked no more."
    return (
        f"{signs} After {distress.signs} in a row nothing is sent for {distress.back_off_seconds:g} s, twice as long "
        f"each further time; after {plural(distress.back_offs, 'such pause')} the host is asked no more."
    )


def _whose(window: Window) -> str:
    if window.scope == "fleet":
        return "Hosts without a window of their own:"
    return {"host": "The host", "tag": "Hosts tagged", "site": "The site"}[window.scope] + f" {window.scope_name}:"


def _when(window: Window) -> str:
    if window.opens is not None and window.closes is not None:
        return f"{window.opens:%Y-%m-%d %H:%M} to {window.closes:%Y-%m-%d %H:%M} UTC, once"
    return f"{', '.join(window.days)} from {window.start} to {window.end} ({window.zone})"

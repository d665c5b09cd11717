"""`--dry-run`: the plan as a table or as JSON. Nothing is sent."""

import sys
from datetime import datetime

import msgspec
from rich.table import Table

from auditor.cli.assembly import Assembly
from auditor.cli.terminal import out, plain
from auditor.engine.plan import HostPlan, plan
from auditor.engine.windows import admission
from auditor.model.inventory import Database, Inventory, Settings
from auditor.probes.database import DatabaseProbe
from auditor.reports.instant import rfc3339
from auditor.reports.politeness_view import politeness_words, window_words
from auditor.wire.gate import utc_now
from auditor.wire.readlist import ReadList


def print_plan(inventory: Inventory, assembly: Assembly, *, as_json: bool) -> None:
    """Print every question to every host, and the reads that each family is permitted."""
    plans = plan(inventory, assembly.profiles, assembly.probes)
    now, politeness = utc_now(), inventory.settings.politeness
    if as_json:
        plain_plan = {
            "hosts": [_plain(each) | _pace(each, inventory.settings, now) for each in plans],
            "hosts_at_once": inventory.settings.hosts_at_once,
            "politeness": inventory.settings.politeness,
            "permitted_reads": _reads(assembly),
        }
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(plain_plan), indent=2).decode() + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    headings = ("host", "product", "address", "rest", *(["window"] if politeness.windows else []))
    for heading in (*headings, "questions, in this order"):
        table.add_column(heading, overflow="fold")
    for each in plans:
        row = _plain(each) | _pace(each, inventory.settings, now)
        row["rest"] = f"{row['pause_seconds']:g} s"
        table.add_row(*(plain(str(row[key])) for key in headings), plain("; ".join(_words(each))))
    out.print(table)
    for sentence in (*politeness_words(politeness, inventory.settings.hosts_at_once), *window_words(politeness)):
        out.print(plain(sentence))
    out.print(plain(f"{len(plans)} hosts, at most {inventory.settings.hosts_at_once} at once. Nothing was sent."))


def _words(each: HostPlan) -> list[str]:
    where = f" at {_database(each.target.database)}"
    return [
        f"{p.name} {q.service.name} {q.port}" if q.service else p.name + where * (p.name == DatabaseProbe.name)
        for p, q in each.questions
    ]


def _pace(each: HostPlan, settings: Settings, now: datetime) -> dict[str, object]:
    """Return the rest between two requests to a host, and whether it could be asked now."""
    politeness, target = settings.politeness, each.target
    found = admission(target, politeness.windows, now)
    if found.allowed:
        window = "open" if found.until is None else f"open until {rfc3339(found.until)}"
    else:
        window = "closed for good" if found.opens is None else f"opens {rfc3339(found.opens)}"
    pause = politeness.pause(each.profile.limits.pause_seconds, target.pause_seconds)
    return {"pause_seconds": pause, "window": window}


def _plain(each: HostPlan) -> dict[str, object]:
    target = each.target
    return {
        "host": target.name,
        "product": target.product,
        "address": target.address or f"(resolve {target.hostname})",
        "database": _database(target.database),
        "questions": [
            {"probe": p.name, "service": q.service.name if q.service else None, "port": q.port or None}
            for p, q in each.questions
        ],
    }


def _database(database: Database | None) -> str | None:
    """Return where the database host of a management server is asked."""
    if database is None:
        return None
    return f"{database.address or f'(resolve {database.hostname})'} port {database.port}"


def _reads(assembly: Assembly) -> dict[str, list[str]]:
    return {
        family: sorted(str(entry) for entry in ReadList.of(profile.reads).entries)
        for family, profile in assembly.profiles.items()
    }

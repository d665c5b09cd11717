"""`--dry-run`: the plan as a table or as JSON. Nothing is sent."""

import sys

import msgspec
from rich.table import Table

from auditor.cli.assembly import Assembly
from auditor.cli.terminal import out, plain
from auditor.engine.plan import HostPlan, plan
from auditor.model.inventory import Database, Inventory
from auditor.probes.database import DatabaseProbe
from auditor.wire.readlist import ReadList


def print_plan(inventory: Inventory, assembly: Assembly, *, as_json: bool) -> None:
    """Print every question to every host, and the reads that each family is permitted."""
    plans = plan(inventory, assembly.profiles, assembly.probes)
    if as_json:
        plain_plan = {"hosts": [_plain(each) for each in plans], "permitted_reads": _reads(assembly)}
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(plain_plan), indent=2).decode() + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("host", "product", "address", "questions, in this order"):
        table.add_column(heading, overflow="fold")
    for each in plans:
        row = _plain(each)
        table.add_row(*(plain(str(row[key])) for key in ("host", "product", "address")), plain("; ".join(_words(each))))
    out.print(table)
    out.print(plain(f"{len(plans)} hosts, at most {inventory.settings.hosts_at_once} at once. Nothing was sent."))


def _words(each: HostPlan) -> list[str]:
    where = f" at {_database(each.target.database)}"
    return [
        f"{p.name} {q.service.name} {q.port}" if q.service else p.name + where * (p.name == DatabaseProbe.name)
        for p, q in each.questions
    ]


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

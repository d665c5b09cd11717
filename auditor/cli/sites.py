"""`auditor sites`: audits of many sites, from the centre."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.extra import many_sites
from auditor.cli.options import Formats, Quiet

commands = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Audit many sites by collectors, over a PostgreSQL that all of them reach. Needs the extra `sites`.",
)
SettingsFile = Annotated[Path, typer.Option("--settings", metavar="FILE", help="The configuration: centre.toml.")]
Owner = Annotated[
    str, typer.Option("--database", metavar="ADDRESS", help="The database, as its owner: URL or keyword=value.")
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="Identifier of the audit, or how it begins.")]


@commands.command("prepare")
def prepare(database: Owner) -> None:
    """Make the tables, roles and rights, or bring them up to date."""
    many_sites().prepare(database)


@commands.command("add")
def add(site: Annotated[str, typer.Argument(metavar="SITE")], database: Owner) -> None:
    """Make the role with which the collectors of a site log in."""
    many_sites().add(site, database)


@commands.command("plan")
def plan(settings: SettingsFile) -> None:
    """Show how the inventory is split into jobs. Nothing is sent."""
    many_sites().show_plan(settings)


@commands.command("submit")
def submit(settings: SettingsFile) -> None:
    """Submit an audit of all sites, and print its identifier."""
    many_sites().submit(settings)


@commands.command("status")
def status(
    settings: SettingsFile,
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="Default: the latest.")] = None,
) -> None:
    """Show how far each site is."""
    many_sites().status(settings, run)


@commands.command("gather")
def gather(
    run: RunName,
    settings: SettingsFile,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="DIR", help="New folder for the bundle. Default: a new one among `bundles`."
        ),
    ] = None,
    formats: Formats = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait for the sites until their deadlines, or take what is there.")
    ] = True,
    quiet: Quiet = False,
) -> None:
    """Gather what the sites delivered, judge it, and write the bundle.

    It may be repeated as long as the deliveries are kept: each time makes a bundle of its own, and none is written
    over. The history keeps the first that was waited for.
    """
    many_sites().gather_run(settings, run, output, formats, wait=wait, quiet=quiet)


@commands.command("control")
def control(settings: SettingsFile) -> None:
    """Carry out audits by the schedule, and give out again what dead collectors had. Runs until it is stopped."""
    many_sites().run_control(settings)

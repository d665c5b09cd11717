"""`auditor collector`: the machine at a site that asks its hosts on behalf of a centre."""

from pathlib import Path
from typing import Annotated

import typer

from auditor.cli.extra import many_sites

commands = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Ask the hosts of one site on behalf of a centre. Needs the extra `sites`.",
)


@commands.command("run")
def run(
    site: Annotated[str, typer.Option("--site", help="The site, as the database calls it.")],
    config: Annotated[Path, typer.Option("--config", metavar="FILE", help="The configuration: collector.toml.")],
) -> None:
    """Take jobs until stopped. It dials the database and the hosts of its own networks, and listens to nobody.

    SIGTERM and Ctrl-C let the hosts in progress finish and give the others back; once more ends it at once.
    """
    many_sites().run_collector(site, config)

"""What the extra `sites` brings, or a sentence that says how to get it."""

from types import ModuleType

from auditor.cli.exits import Exit
from auditor.cli.options import stop

OPTIONAL = frozenset({"procrastinate", "psycopg", "psycopg_pool"})


def many_sites() -> ModuleType:
    """Return the module that does the work for many sites, or end the command where the extra is not installed."""
    try:
        from auditor.cli import many_sites as module  # noqa: PLC0415 - the extra may not be there
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in OPTIONAL:
            raise
        stop("This needs the extra for many sites: pip install 'vc-fleet-auditor[sites]'", Exit.USAGE)
    return module

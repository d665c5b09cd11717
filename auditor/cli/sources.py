"""What is fetched before the first packet: passwords and saved configurations, or what is missing of them."""

from pathlib import Path

from auditor.cli.credentials import CredentialError, fetch_secrets, logins
from auditor.cli.exits import Exit
from auditor.cli.options import stop
from auditor.cli.perform import Sources
from auditor.cli.saved import SavedFileError, read_saved_files
from auditor.cli.terminal import complain
from auditor.engine.saved import SavedFile
from auditor.model.inventory import Inventory
from auditor.wire.secret import Secret


def gather(inventory: Inventory, *, offline: bool = False, folder: Path | None = None) -> Sources:
    """Return the sources of an audit, or print every problem and end the command; offline, no password is needed."""
    problems: list[str] = []
    secrets: dict[str, Secret] = {}
    saved: dict[str, SavedFile] = {}
    if not offline:
        try:
            secrets = fetch_secrets(inventory)
        except CredentialError as error:
            problems += error.problems
    try:
        saved = read_saved_files(inventory.targets, folder)
    except SavedFileError as error:
        problems += error.problems
    for problem in problems:
        complain(problem)
    if problems:
        number = len(problems)
        stop(f"{number} problem{'s' if number != 1 else ''}; nothing was sent.", Exit.USAGE)
    return Sources(logins=logins(inventory, secrets), saved=saved, offline=offline)

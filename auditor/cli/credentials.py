"""Passwords, fetched before the first packet from where the inventory says they are, or the list of what is missing.

A password comes from an environment variable, a file that only its owner can read, the first line of a command's
output, or the system's keyring. It is kept as a `Secret` from then on.
"""

import os
import stat
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from auditor.model.inventory import CredentialRef, Inventory
from auditor.wire.login import Login, LoginGuard
from auditor.wire.secret import Secret

COMMAND_SECONDS = 30.0
"""How long a command may take: some ask a person, or a server far away."""
LONGEST_PASSWORD = 1024
LONGEST_OUTPUT = 65_536


class CredentialError(ValueError):
    """Passwords are missing. `problems` holds a sentence for each; none repeats anything of a password."""

    def __init__(self, problems: Iterable[str]) -> None:
        """Keep the sentences."""
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


class _MissingError(Exception):
    """One password cannot be had; the text says why."""


def fetch_secrets(inventory: Inventory, environment: Mapping[str, str] | None = None) -> dict[str, Secret]:
    """Return the password of every credential that a target of the inventory uses, by the credential's name.

    Raises `CredentialError` with every one that cannot be had. Files are resolved as the inventory reader did.
    """
    environment = os.environ if environment is None else environment
    used = {target.credentials for target in inventory.targets}
    secrets: dict[str, Secret] = {}
    problems: list[str] = []
    for reference in inventory.credentials:
        if reference.name not in used:
            continue
        try:
            secrets[reference.name] = Secret(_usable(_fetch(reference, environment)))
        except _MissingError as error:
            problems.append(f"credentials {reference.name!r}: {error}")
    if problems:
        raise CredentialError(problems)
    return secrets


def logins(inventory: Inventory, secrets: Mapping[str, Secret], guard: LoginGuard | None = None) -> dict[str, Login]:
    """Return how to log in at each target that has credentials, by the target's name; all share one guard.

    Targets behind the same name or address are one host to the guard, under whatever names they are listed.
    """
    guard = guard or LoginGuard()
    references = {reference.name: reference for reference in inventory.credentials}
    found: dict[str, Login] = {}
    for target in inventory.targets:
        if target.credentials is None or target.credentials not in secrets:
            continue
        reference = references[target.credentials]
        found[target.name] = Login(
            credential=reference.name,
            host=target.address or target.hostname or target.name,
            username=reference.username,
            secret=secrets[reference.name],
            guard=guard,
            allow_cleartext=reference.allow_cleartext,
            known_hosts=inventory.settings.known_hosts,
            strict=inventory.settings.ssh_host_keys == "strict",
            names=tuple(name for name in (target.hostname, target.name) if name),
        )
    return found


def _fetch(reference: CredentialRef, environment: Mapping[str, str]) -> str:
    if reference.password_env is not None:
        value = environment.get(reference.password_env)
        if value is None:
            raise _MissingError(f"the environment variable {reference.password_env} is not set")
        return value
    if reference.password_file is not None:
        return _from_file(reference.password_file)
    if reference.password_command is not None:
        return _from_command(reference.password_command)
    if reference.keyring is not None:
        return _from_keyring(reference.keyring, reference.username)
    raise _MissingError("the inventory does not say where its password is")


def _from_file(path: Path) -> str:
    """Read a password file. Its mode is looked at on the open file: it may have changed since the inventory was."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise _MissingError(f"{path} is not a file")
            if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise _MissingError(f"{path} is open to others (mode {stat.S_IMODE(status.st_mode):o})")
            data = file.read(LONGEST_OUTPUT)
    except OSError as error:
        raise _MissingError(f"{path} cannot be read: {error.strerror}") from None
    return _first_line(data, str(path))


def _from_command(command: tuple[str, ...]) -> str:
    """Run a program without a shell and return the first line of its output. What it prints beside is not repeated."""
    name = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, run as the operator, without a shell
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise _MissingError(f"the command {name} did not end within {COMMAND_SECONDS:g} seconds") from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it cannot be written as a command line"
        raise _MissingError(f"the command {name} cannot be run: {why}") from None
    if done.returncode != 0:
        raise _MissingError(f"the command {name} failed with status {done.returncode}")
    return _first_line(done.stdout[:LONGEST_OUTPUT], f"the output of {name}")


def _from_keyring(service: str, username: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - optional: most installations have none
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise _MissingError("the package `keyring` is not installed here") from None
    try:
        value = keyring.get_password(service, username)
    except KeyringError as error:
        raise _MissingError(f"the keyring cannot be used: {type(error).__name__}") from None
    if value is None:
        raise _MissingError(f"the keyring has no password of this user for the service {service!r}")
    return str(value)


def _first_line(data: bytes, where: str) -> str:
    try:
        return data.partition(b"\n")[0].decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        raise _MissingError(f"{where} is not UTF-8 text") from None


def _usable(password: str) -> str:
    """Return the password, unless it cannot be one: an empty one would be a guess, and control characters a mistake."""
    if not password:
        raise _MissingError("the password is empty")
    if len(password) > LONGEST_PASSWORD:
        raise _MissingError(f"the password has more than {LONGEST_PASSWORD} characters")
    if any(ord(c) < 0x20 or ord(c) == 0x7F for c in password):
        raise _MissingError("the password holds control characters")
    return password

"""Passwords are fetched from four places, before anything is sent, and everything that is missing is told at once."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from auditor.cli import credentials
from auditor.cli.credentials import CredentialError, fetch_secrets, logins
from auditor.model.inventory import CredentialRef, Inventory, Settings, Target

CANARY = "kanarie-5820-vogel"


def fleet(*references: CredentialRef, used: bool = True) -> Inventory:
    targets = [
        Target(name=f"host{n}", product="x", address=f"192.0.2.{n}", credentials=r.name if used else None)
        for n, r in enumerate(references, 1)
    ]
    return Inventory(targets=tuple(targets), credentials=references)


def fetched(reference: CredentialRef, environment: dict[str, str] | None = None) -> str:
    return fetch_secrets(fleet(reference), environment or {})[reference.name].reveal()


def problem(reference: CredentialRef, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(CredentialError) as caught:
        fetch_secrets(fleet(reference), environment or {})
    (told,) = caught.value.problems
    assert CANARY not in told
    return told


def command(script: str) -> CredentialRef:
    return CredentialRef(name="c", username="u", password_command=(sys.executable, "-c", script))


def private(path: Path, content: str, mode: int = 0o600) -> CredentialRef:
    path.write_text(content)
    path.chmod(mode)
    return CredentialRef(name="f", username="u", password_file=path)


def test_from_the_environment() -> None:
    """As it stands there, blanks included."""
    reference = CredentialRef(name="c", username="u", password_env="LAB")  # noqa: S106 - a variable's name
    assert fetched(reference, {"LAB": " a b "}) == " a b "
    assert "LAB is not set" in problem(reference)
    assert "is empty" in problem(reference, {"LAB": ""})
    assert "control characters" in problem(reference, {"LAB": CANARY + "\n"})


@pytest.mark.parametrize("content", [CANARY, CANARY + "\n", CANARY + "\r\nsecond line\n"])
def test_from_a_file_of_the_owner(tmp_path: Path, content: str) -> None:
    """The first line, without its end."""
    assert fetched(private(tmp_path / "p", content)) == CANARY


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    """Although the inventory may have been read when it was still closed."""
    assert "is open to others" in problem(private(tmp_path / "p", CANARY, mode))


def test_files_that_are_none(tmp_path: Path) -> None:
    """A folder, a pipe that nobody writes to, nothing at all, and bytes that are no text."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    (tmp_path / "bytes").chmod(0o600)
    for name, why in (("pipe", "is not a file"), ("none", "No such file"), ("bytes", "not UTF-8")):
        assert why in problem(CredentialRef(name="f", username="u", password_file=tmp_path / name))


def test_from_a_command_without_a_shell(tmp_path: Path) -> None:
    """Its first line; arguments are arguments and nothing expands them."""
    assert fetched(command(f"print({CANARY!r}); print('more')")) == CANARY
    hostile = f"$(touch {tmp_path}/made); `touch {tmp_path}/made`"
    echo = CredentialRef(name="c", username="u", password_command=("/bin/echo", hostile))
    assert fetched(echo) == hostile
    assert not (tmp_path / "made").exists()


def test_commands_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A status, a missing program, nothing printed, and no end; what the program said is not repeated."""
    monkeypatch.setattr(credentials, "COMMAND_SECONDS", 0.5)
    assert "failed with status 3" in problem(command(f"import sys; print({CANARY!r}); sys.exit(3)"))
    assert "is empty" in problem(command("pass"))
    assert "did not end within 0.5 seconds" in problem(command(f"import time; print({CANARY!r}); time.sleep(30)"))
    missing = CredentialRef(name="c", username="u", password_command=("/nowhere/pass",))
    assert "cannot be run: No such file" in problem(missing)


def test_a_keyring_that_is_not_there_is_told() -> None:
    """The package is optional; without it the credential cannot be used, and the sentence says so."""
    told = problem(CredentialRef(name="c", username="u", keyring="lab"))
    assert "keyring" in told


def test_everything_that_is_missing_is_told_at_once() -> None:
    """And what no host uses is not even looked for."""
    references = [CredentialRef(name=f"c{n}", username="u", password_env=f"NONE_{n}") for n in range(3)]
    with pytest.raises(CredentialError) as caught:
        fetch_secrets(fleet(*references), {})
    assert len(caught.value.problems) == 3
    assert fetch_secrets(fleet(*references, used=False), {}) == {}


def test_logins_share_one_guard_and_carry_the_operators_rules() -> None:
    """Two names for one address are one host to the guard."""
    reference = CredentialRef(name="c", username="u", password_env="LAB", allow_cleartext=True)  # noqa: S106
    targets = [
        Target(name="a", product="x", address="192.0.2.1", hostname="a.example.test", credentials="c"),
        Target(name="b", product="x", address="192.0.2.1", credentials="c"),
        Target(name="c", product="x", address="192.0.2.3"),
    ]
    settings = Settings(known_hosts=("line",), ssh_host_keys="strict")
    inventory = Inventory(targets=tuple(targets), credentials=(reference,), settings=settings)
    found = logins(inventory, fetch_secrets(inventory, {"LAB": CANARY}))
    assert set(found) == {"a", "b"}
    with found["a"].attempt():
        pass
    assert found["b"].spent
    assert (found["a"].allow_cleartext, found["a"].strict, found["a"].known_hosts) == (True, True, ("line",))
    assert found["a"].names == ("a.example.test", "a")


def test_nobody_sees_the_password_in_the_list_of_processes(tmp_path: Path) -> None:
    """While a command fetches it, and after: it is on no command line and in no child's environment."""
    seen: list[str] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            listing = ["ps", "-ewwo", "args"]
            seen.append(subprocess.run(listing, capture_output=True, text=True, check=True).stdout)

    secret = tmp_path / "secret"
    private(secret, CANARY)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        script = f"import time; time.sleep(0.5); print(open({str(secret)!r}).read())"
        assert fetched(command(script)) == CANARY
    finally:
        stop.set()
        watcher.join()
    assert seen
    assert any(str(secret) in listing for listing in seen)
    assert not any(CANARY in listing for listing in seen)

"""Inventory fields about logins and clocks: where passwords come from, SSH host keys, time servers."""

from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.inventory import InventoryError
from auditor.model.inventory import Inventory

Read = Callable[..., Inventory]
Refuse = Callable[..., InventoryError]

KEY = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
HEAD = "version: 1\nsystems:\n  - name: a\n    product: mxp\n    address: 192.0.2.1\n"


def test_a_password_may_come_from_four_places(read: Read, folder: Path) -> None:
    """A command keeps its arguments as they stand, repetitions included."""
    inventory = read(
        HEAD
        + "credentials:\n"
        + "  a: {username: u, password_env: A}\n"
        + "  b: {username: u, password_file: codec.password}\n"
        + "  c: {username: u, password_command: [pass, -v, -v, show, 'vc/codec room']}\n"
        + "  d: {username: u, keyring: vc-audit, allow_cleartext: true}\n"
    )
    a, b, c, d = inventory.credentials
    assert (a.password_env, b.password_file) == ("A", folder / "codec.password")
    assert c.password_command == ("pass", "-v", "-v", "show", "vc/codec room")
    assert (d.keyring, d.allow_cleartext, a.allow_cleartext) == ("vc-audit", True, False)


def test_host_keys_and_time_servers(read: Read, folder: Path) -> None:
    """Files of host keys become lines; time servers get their port."""
    lines = f"codec.example.test ssh-ed25519 {KEY} note\n|1|c2FsdA==|aGFzaA== ssh-rsa {KEY}\n@revoked * ssh-rsa {KEY}\n"
    (folder / "known_hosts").write_text("# a comment\n\n" + lines)
    settings = read(
        HEAD + "settings:\n  known_hosts: [known_hosts]\n  ssh_host_keys: strict\n  ask_ntp_servers: true\n"
        "  ntp_servers: [ntp.example.test, 'ntp.example.test:1123', 192.0.2.9, '192.0.2.9:124', '2001:db8::1', "
        "'[2001:db8::1]:125']\n"
    ).settings
    assert settings.known_hosts == tuple(lines.splitlines())
    assert (settings.ssh_host_keys, settings.ask_ntp_servers) == ("strict", True)
    assert settings.ntp_servers == (
        "ntp.example.test:123", "ntp.example.test:1123", "192.0.2.9:123", "192.0.2.9:124", "[2001:db8::1]:123",
        "[2001:db8::1]:125",
    )  # fmt: skip
    default = read(HEAD).settings
    assert (default.known_hosts, default.ssh_host_keys, default.ntp_servers, default.ask_ntp_servers) == (
        (), "accept-new", (), False,
    )  # fmt: skip


C = "credentials:\n  c: {username: u, "
S = "settings: {"
WRONG = {
    "command as text": (C + "password_command: pass show x}\n", "c.password_command", "A program"),
    "empty command": (C + "password_command: []}\n", "c.password_command", "A program"),
    "number in command": (C + "password_command: [a, 1]}\n", "password_command[1]", "text"),
    "two sources": (C + "keyring: k, password_env: A}\n", "c.keyring", "has both"),
    "no source": ("credentials:\n  c: {username: u}\n", "c.password_env", "needs its password"),
    "cleartext": (C + "keyring: k, allow_cleartext: 'yes'}\n", "allow_cleartext", "neither"),
    "host key policy": (S + "ssh_host_keys: ignore}\n", "settings.ssh_host_keys", "accept-new, strict"),
    "no known_hosts": (S + "known_hosts: [none]}\n", "settings.known_hosts[0]", "No such file"),
    "not known_hosts": (S + "known_hosts: [rm204.txt]}\n", "settings.known_hosts[0]", "not a line of SSH host keys"),
    "time server port": (S + "ntp_servers: ['ntp.example.test:0']}\n", "settings.ntp_servers[0]", "65535"),
    "time server name": (S + "ntp_servers: ['http://x/']}\n", "settings.ntp_servers[0]", "not a"),
    "time server address": (S + "ntp_servers: ['224.0.1.1']}\n", "settings.ntp_servers[0]", "one host"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "field", "words"), WRONG.values(), ids=WRONG)
def test_mistakes_are_refused(refuse: Refuse, content: str, field: str, words: str) -> None:
    """Each at its field, before the first packet."""
    (problem,) = refuse(HEAD + content).problems
    assert problem.field.endswith(field)
    assert words in f"{problem.message} {problem.hint}"


def test_no_argument_of_a_command_is_repeated(refuse: Refuse) -> None:
    """It may hold what nobody should read on a screen."""
    error = refuse(HEAD + "credentials:\n  c: {username: u, password_command: [a, ' token-81 ']}\n")
    assert "token-81" not in str(error)

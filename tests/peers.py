"""Real servers of the distribution on loopback, as the current user: vsftpd, snmpd, dnsmasq and chronyd.

Each is a context manager that writes a configuration into a folder of the test, starts the server in the foreground,
waits until it answers, and ends the very process that it started.
"""

import os
import pwd
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"
FOLDERS = (Path("/usr/sbin"), Path("/usr/bin"), Path("/usr/local/sbin"))
START_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a server listens, and where its log is written."""

    address: str
    port: int
    log: Path


def program(name: str) -> str:
    """Return the absolute path of a server; fail, naming the Debian package, where it is not installed."""
    for folder in FOLDERS:
        if (folder / name).exists():
            return str(folder / name)
    raise AssertionError(f"{name} is not installed: `apt-get install {name}` (the CI script does)")


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM, address: str = LOOPBACK) -> int:
    """Return a port on which nothing listens now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind((address, 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str], log: Path, ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Run a server until the end of the block; fail with its log where it ends or is not ready in time."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{command[0]} did not start:\n{log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def vsftpd(folder: Path, *, banner: str = "lab system ready") -> Iterator[Peer]:
    """Run vsftpd with anonymous logins into an empty folder."""
    port, root = free_port(), folder / "ftp-root"
    root.mkdir()
    settings = {
        "listen": "YES", "listen_address": LOOPBACK, "listen_port": port, "background": "NO",
        "run_as_launching_user": "YES", "anonymous_enable": "YES", "anon_root": root, "secure_chroot_dir": root,
        "seccomp_sandbox": "NO", "ftpd_banner": banner, "xferlog_enable": "YES", "log_ftp_protocol": "YES",
        "vsftpd_log_file": folder / "vsftpd-protocol.log",
    }  # fmt: skip
    config = folder / "vsftpd.conf"
    config.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    log = folder / "vsftpd.log"
    with running([program("vsftpd"), str(config)], log, lambda: _listens(port)):
        yield Peer(LOOPBACK, port, folder / "vsftpd-protocol.log")


@contextmanager
def snmpd(folder: Path, *, community: str = "public", description: str = "lab agent") -> Iterator[Peer]:
    """Run snmpd, read-only, for one community."""
    port, config, log = free_port(socket.SOCK_DGRAM), folder / "snmpd.conf", folder / "snmpd.log"
    config.write_text(f"rocommunity {community} {LOOPBACK}\nsysDescr {description}\n")
    command = [
        program("snmpd"), "-f", "-Lo", "-C", "-c", str(config), "-r", "-p", str(folder / "snmpd.pid"),
        f"udp:{LOOPBACK}:{port}",
    ]  # fmt: skip
    state = {"SNMP_PERSISTENT_DIR": str(folder / "snmp"), "MIBS": "", "SNMPCONFPATH": str(folder)}
    with running(command, log, lambda: "NET-SNMP version" in log.read_text(errors="replace"), state):
        yield Peer(LOOPBACK, port, log)


@contextmanager
def dnsmasq(folder: Path, *options: str) -> Iterator[Peer]:
    """Run dnsmasq without any upstream; `options` are its records, such as `--host-record=…`."""
    port, log = free_port(), folder / "dnsmasq.log"
    command = [
        program("dnsmasq"), "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-daemon",
        f"--port={port}", f"--listen-address={LOOPBACK}", "--bind-interfaces", "--log-facility=-",
        f"--user={pwd.getpwuid(os.getuid()).pw_name}", f"--pid-file={folder / 'dnsmasq.pid'}", *options,
    ]  # fmt: skip
    with running(command, log, lambda: "started" in log.read_text(errors="replace")):
        yield Peer(LOOPBACK, port, log)


@contextmanager
def chronyd(folder: Path, *settings: str) -> Iterator[Peer]:
    """Run chronyd, which leaves the machine's clock alone; `settings` are further lines of its configuration."""
    port, config, log = free_port(socket.SOCK_DGRAM), folder / "chrony.conf", folder / "chrony.log"
    lines = (
        f"port {port}", f"bindaddress {LOOPBACK}", f"allow {LOOPBACK}", "cmdport 0", "bindcmdaddress /",
        f"pidfile {folder / 'chronyd.pid'}", *settings,
    )  # fmt: skip
    config.write_text("".join(f"{line}\n" for line in lines))
    user = pwd.getpwuid(os.getuid()).pw_name
    command = [program("chronyd"), "-d", "-x", "-U", "-u", user, "-f", str(config)]
    with running(command, log, lambda: "starting" in log.read_text(errors="replace") and _bound(port)):
        yield Peer(LOOPBACK, port, log)


def _bound(port: int) -> bool:
    """Tell whether somebody holds this UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True

"""An audit that is killed between a password and its answer does not send it again when it goes on."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import auditor, environment
from tests.lines import LOOPBACK, serving
from tests.peers import free_port
from tests.wire.test_http_settings import CANARY, DIGEST, Codec

PORTS = ("ssh", "telnet", "telnet-challenge", "https", "ftp")


class Mute(Codec):
    """A codec that takes the first password and never says what it makes of it."""

    def __init__(self) -> None:
        """Begin without a password."""
        super().__init__(DIGEST)
        self.asked = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Fall silent where a password comes."""
        await super().__call__(reader, _Held(writer, self))  # type: ignore[arg-type]  # what Codec uses of a writer

    async def hold(self) -> None:
        """Wait for ever where the last to ask has sent a password."""
        if self.attempts and self.heads[-1] == self.attempts[-1]:
            self.asked.set()
            await asyncio.Event().wait()


class _Held:
    """A writer that sends nothing once a password has come."""

    def __init__(self, writer: asyncio.StreamWriter, codec: Mute) -> None:
        self._writer, self._codec = writer, codec
        self._data = b""

    def write(self, data: bytes) -> None:
        self._data = data

    async def drain(self) -> None:
        await self._codec.hold()
        self._writer.write(self._data)
        await self._writer.drain()


def inventory(folder: Path, port: int) -> Path:
    """Write an inventory of one codec with a password, of which only the web server is there."""
    ports = ", ".join(f"{name}: {free_port()}" for name in PORTS)
    path = folder / "fleet.yaml"
    path.write_text(
        "version: 1\nsettings: {question_seconds: 60, snmp: false}\n"
        "credentials: {codec: {username: admin, password_env: CODEC}}\nsystems:\n"
        f"  - {{name: rm1, product: mxp, address: {LOOPBACK}, credentials: codec, "
        f"ports: {{http: {port}, {ports}}}}}\n"
    )
    return path


async def killed(folder: Path, path: Path, codec: Mute, ending: signal.Signals) -> None:
    """Run an audit and end it while it waits for the answer to the password."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "auditor", "audit", str(path), "-o", "out", "--format", "json", "-q",
        cwd=folder, env=environment() | {"CODEC": CANARY}, stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    ended = asyncio.create_task(running.wait())
    waiting = asyncio.create_task(codec.asked.wait())
    await asyncio.wait({ended, waiting}, return_when=asyncio.FIRST_COMPLETED, timeout=60)
    assert codec.asked.is_set()
    running.send_signal(ending)
    _, told = await asyncio.wait_for(running.communicate(), 60)
    await ended
    assert running.returncode in {130, -signal.SIGKILL}, told.decode()


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGINT])
async def test_a_password_without_an_answer_is_used_up(
    tmp_path: Path, ending: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One attempt over both halves; what the settings would have told is undetermined, and it says what to do."""
    monkeypatch.setenv("CODEC", CANARY)
    codec = Mute()
    async with serving(codec) as peer:
        path = inventory(tmp_path, peer.port)
        await killed(tmp_path, path, codec, ending)
        assert (tmp_path / "out" / "logins.jsonl").exists()
        asked = len(codec.heads)
        done = await asyncio.to_thread(
            auditor, "audit", path, "--resume", "out", "--format", "json", "-q", cwd=tmp_path
        )
        assert len(codec.heads) > asked  # it was asked again, so its silence about the password proves something
    assert done.returncode in {1, 3}, done.stderr
    assert len(codec.attempts) == 1
    (host,) = json.loads((tmp_path / "out" / "audit.json").read_text())["hosts"]
    verified = next(each for each in host["findings"] if each["control"] == "clients.verify-server-certificate")
    assert verified["status"] == "undetermined"
    assert "audit this host anew" in json.dumps(verified)
    assert not (tmp_path / "out" / "logins.jsonl").exists()
    assert CANARY not in "".join(each.read_text() for each in (tmp_path / "out").iterdir())
    assert auditor("verify", "out", cwd=tmp_path).returncode == 0

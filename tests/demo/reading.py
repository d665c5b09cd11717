"""A client for the tests of settings: documents over HTTP(S) by Digest or Basic, and lines over SSH."""

import asyncio
import ssl
from pathlib import Path

import asyncssh
import httpx

from auditor.demo.device import PORTS
from auditor.demo.fleet import RunningFleet
from auditor.demo.running import RunningDevice

TYPED = ("xstatus", "xconfiguration", "certificate list root", "bye")


def lenient() -> ssl.SSLContext:
    """A context that takes any certificate and talks to old devices."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    return context


async def get(device: RunningDevice, url: str, auth: httpx.Auth | None = None, method: str = "GET") -> httpx.Response:
    """Ask a device; `url` is scheme and path, such as `https/status.xml`."""
    scheme, _, path = url.partition("/")
    async with httpx.AsyncClient(verify=lenient(), trust_env=False, timeout=5, auth=auth) as client:
        return await client.request(method, f"{scheme}://{device.address}:{PORTS[scheme]}/{path}")


def login(device: RunningDevice, password: str | None = None, account: str = "admin") -> httpx.Auth:
    """Credentials by the scheme that the family wants over HTTPS."""
    secret = device.password if password is None else password
    return httpx.BasicAuth(account, secret) if device.spec.product == "vcs" else httpx.DigestAuth(account, secret)


async def dialogue(
    device: RunningDevice, *lines: str, password: str | None = None, account: str = "admin", legacy: bool = False
) -> bytes:
    """Log in by SSH, type the lines, say bye, and return everything that came."""
    old = {"kex_algs": ["diffie-hellman-group14-sha1"], "encryption_algs": ["aes128-cbc"], "mac_algs": ["hmac-sha1"]}
    async with (
        asyncssh.connect(
            device.address, PORTS["ssh"], username=account, password=password or device.password, known_hosts=None,
            config=None, client_keys=None, agent_path=None, server_host_key_algs=["ssh-rsa"] if legacy else (),
            kex_algs=old["kex_algs"] if legacy else (), encryption_algs=old["encryption_algs"] if legacy else (),
            mac_algs=old["mac_algs"] if legacy else (),
        ) as connection,
        connection.create_process(encoding=None) as process,
    ):  # fmt: skip
        for line in (*lines, "bye"):
            process.stdin.write(f"{line}\r".encode())
        async with asyncio.timeout(5):
            return bytes(await process.stdout.read())


def in_file(fleet: RunningFleet, name: str) -> str:
    """The password that the inventory's file holds for a device."""
    path: Path = fleet.password_files[name]
    return path.read_text(encoding="utf-8")

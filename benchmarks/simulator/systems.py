"""Which systems are simulated: every one is told by its number alone, so that both sides know it without a list.

Systems differ as a fleet of fifteen years does: most speak TLS 1.0 to 1.2 and the algorithms of 2008, a few are newer,
and a few so old that today's libraries cannot talk to them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

OFFSET = 21_000
"""Added to the usual port of a service, so that nobody needs to be root."""
SILENT_OFFSET = 31_000
"""The same for systems that are absent: there, the first packet is dropped."""

SERVICES = {"ftp": 21, "ssh": 22, "telnet": 23, "http": 80, "https": 443, "snmp": 161}
CLOSED = {"telnet-challenge": 57}
DNS_PORT = OFFSET + 53

PASSWORD = "benchmark-password"  # noqa: S105 - of simulated systems
USERNAME = "admin"

Tls = Literal["TLS 1.0-1.2", "TLS 1.0 only", "TLS 1.0, DHE 1024", "TLS 1.2-1.3", "SSLv3 only"]
Ssh = Literal["2008", "group1 only", "today"]
Certificate = Literal["good", "self-signed", "expired", "wrong name"]
_CERTIFICATES: tuple[Certificate, ...] = ("good", "good", "good", "self-signed", "expired", "wrong name")
_TLS: tuple[Tls, ...] = ("TLS 1.0-1.2",) * 12 + (
    "TLS 1.0 only", "TLS 1.0 only", "TLS 1.0 only", "TLS 1.0, DHE 1024", "TLS 1.0, DHE 1024", "TLS 1.2-1.3",
    "TLS 1.2-1.3", "SSLv3 only",
)  # fmt: skip
_SSH: tuple[Ssh, ...] = ("2008",) * 7 + ("group1 only", "group1 only", "today")


@dataclass(frozen=True, slots=True)
class System:
    """One simulated system."""

    number: int

    @property
    def name(self) -> str:
        """Name in the inventory."""
        return f"rm{self.number:05d}"

    @property
    def hostname(self) -> str:
        """Fully qualified name, which the simulator's DNS knows."""
        return f"{self.name}.bench.example.test"

    @property
    def address(self) -> str:
        """The loopback address that the system has to itself."""
        rest, last = divmod(self.number, 250)
        return f"127.{20 + rest // 250}.{rest % 250}.{last + 1}"

    @property
    def tls(self) -> Tls:
        """What its HTTPS speaks."""
        return _TLS[self.number % len(_TLS)]

    @property
    def ssh(self) -> Ssh:
        """What its SSH offers."""
        return _SSH[self.number % len(_SSH)]

    @property
    def certificate(self) -> Certificate:
        """What is wrong with its certificate."""
        return _CERTIFICATES[self.number % len(_CERTIFICATES)]


def system_at(address: str) -> System:
    """Return the system that has this address."""
    _, second, third, fourth = (int(part) for part in address.split("."))
    return System(((second - 20) * 250 + third) * 250 + fourth - 1)


def ports(*, absent: bool) -> dict[str, int]:
    """Return the port of every service, closed ones among them."""
    offset = SILENT_OFFSET if absent else OFFSET
    return {name: offset + port for name, port in (SERVICES | CLOSED).items()}


def inventory(
    number: int, *, absent: float = 0.0, settings: bool = False, at_once: int = 500, roots: str = "root.pem",
    seconds: float | None = None,
) -> Iterator[str]:  # fmt: skip
    """Yield the lines of an inventory of so many systems, of which a share is absent (spread evenly)."""
    yield "version: 1"
    yield "settings:"
    yield f"  hosts_at_once: {at_once}"
    yield f"  roots: [{roots}]"
    yield f'  dns_servers: ["127.0.0.1:{DNS_PORT}"]'
    if seconds is not None:
        yield f"  question_seconds: {seconds:g}"
    if settings:
        yield "credentials:"
        yield f"  codec: {{username: {USERNAME}, password_env: BENCHMARK_PASSWORD}}"
    yield "systems:"
    here, gone = (_flow(ports(absent=each)) for each in (False, True))
    for each in range(number):
        system = System(each)
        lost = int((each + 1) * absent) > int(each * absent)
        login = ", credentials: codec" if settings else ""
        yield (
            f"  - {{name: {system.name}, product: mxp, hostname: {system.hostname}, address: {system.address}, "
            f"ports: {gone if lost else here}, site: site-{each % 40}{login}}}"
        )


def _flow(table: dict[str, int]) -> str:
    return "{" + ", ".join(f"{name}: {port}" for name, port in table.items()) + "}"

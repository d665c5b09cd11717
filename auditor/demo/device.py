"""What a simulated device is: its description, and what an audit must say of it from outside and from settings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from auditor.demo.pki import CertificateKind

OFFSET = 10_000
"""What is added to a service's usual port, so that nobody needs to be root."""

PORTS: Mapping[str, int] = {
    "ftp": OFFSET + 21,
    "ssh": OFFSET + 22,
    "telnet": OFFSET + 23,
    "telnet-challenge": OFFSET + 57,
    "http": OFFSET + 80,
    "snmp": OFFSET + 161,
    "https": OFFSET + 443,
    "database": OFFSET + 1433,
}
"""Port of each service on a device's own address; `snmp` is UDP, `database` on an address of its own."""

Configured = Literal["factory", "level-3", "level-4"]
Roots = Literal["none", "fleet", "maker"]
Behaviour = Literal["normal", "filtered", "silent", "garbage", "hangup"]
DatabaseSays = Literal["required", "off", "not-supported", "silent", "garbage", "filtered"]
"""What the database of a management server is set to, or how it misbehaves."""
Family = Literal["mxp", "mps", "vcs", "tms"]
TlsVersion = Literal["TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSpec:
    """One service that is switched on, and how it behaves.

    `variant` chooses among the forms of a normal service; each simulator lists its own (`auditor.demo.telnet`,
    `auditor.demo.pages`), and empty is the family's usual one.
    """

    name: str
    behaviour: Behaviour = "normal"
    variant: str = ""

    def __post_init__(self) -> None:
        """Refuse a service that no simulator has."""
        if self.name not in PORTS:
            raise ValueError(f"no simulator for service {self.name!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What an audit must find: the levels and every control that is not met.

    Levels are None where no management service answers. `held_back_by` are the controls of levels 2 to 4 that are not
    met, whatever the target level; it is complete. `also_not_met` are advisories and lock-down controls that are not
    met for sure; more may come along. `also_met` are such controls that are met. `excluded` marks a model that the
    guide leaves out.
    """

    proven: int | None
    possible: int | None
    held_back_by: frozenset[str] = frozenset()
    also_not_met: frozenset[str] = frozenset()
    also_met: frozenset[str] = frozenset()
    excluded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRecords:
    """What DNS knows of a device. `forward` and `reverse` may be missing, or point to somebody else."""

    forward: Literal["right", "missing", "wrong"] = "right"
    reverse: Literal["right", "missing", "wrong"] = "right"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceSpec:
    """One simulated system.

    `product` is what it is; `declared` is what the inventory says (None: the same). `octets` are the last two of its
    address. Services not listed are off: their ports are refused. `clock_ahead` is None for a device whose web server
    sends no Date. `story` is one sentence for the reader of the demonstration's report. `known_as` is what the
    inventory and DNS call it, where that is not its name in the fleet's domain.

    `truth` holds for an audit from outside, `truth_with_settings` for one that also reads settings and status with the
    right password; where nothing can be read, both say the same.

    Settings (`auditor.demo.settings`): `configured` is the set to start from, `changed` are the values that differ. A
    mode that contradicts `services` there is a change whose restart has not come yet. `before_https_client` marks
    software without an HTTPS client. `roots` is the list that was uploaded: none, the fleet's own, or only the maker's.
    `feedback` are registered addresses, None for software without a view of them. `ntp_answers` tells whether the NTP
    server, once one is set, can be reached. `ssh` chooses the age of the SSH server. `saved` is the form in which a
    saved configuration can be had.

    `database` is what the database server says of encryption that a management server has at an address of its own
    (None: there is none that the inventory knows).
    """

    name: str
    product: Family
    octets: tuple[int, int]
    software: str
    system_name: str
    services: tuple[ServiceSpec, ...]
    truth: Truth
    truth_with_settings: Truth
    story: str
    certificate: CertificateKind = CertificateKind.GOOD
    tls: tuple[TlsVersion, TlsVersion] = ("TLSv1.2", "TLSv1.2")
    declared: str | None = None
    clock_ahead: int | None = 0
    dns: NameRecords = field(default_factory=NameRecords)
    server_header: str | None = None
    tags: tuple[str, ...] = ()
    site: str = "oslo"
    target_level: int = 3
    known_as: str | None = None
    configured: Configured = "factory"
    changed: tuple[tuple[str, str], ...] = ()
    before_https_client: bool = False
    roots: Roots = "none"
    feedback: tuple[str, ...] | None = ()
    ntp_answers: bool = True
    ssh: Literal["legacy", "old", "newer"] = "old"
    saved: Literal["", "text", "xml"] = ""
    database: DatabaseSays | None = None

    @property
    def hostname(self) -> str:
        """The name under which the fleet knows this system: fully qualified, unless `known_as` says otherwise."""
        return self.known_as or f"{self.name}.vc.example.test"

    @property
    def open_to_all(self) -> bool:
        """True where no password is set, so that settings can be read whatever password is tried."""
        return any(s.variant == "open" for s in self.services)

    def service(self, name: str) -> ServiceSpec | None:
        """Return a service that is on, or None."""
        return next((s for s in self.services if s.name == name), None)

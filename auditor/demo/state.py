"""What changes while a simulated device runs: settings, certificate, root list, feedback, passwords, clock."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.demo.device import DeviceSpec, Roots, ServiceSpec
from auditor.demo.pki import CertificateKind
from auditor.demo.settings import SERVICE_MODES, SettingsStore

READ_ONLY = "readonly"
"""Name of the account on VCS systems that may look and not touch."""

DECOYS: Mapping[str, tuple[str, ...]] = {
    "mxp": ("SystemUnit Password", "IP Password", "SNMP CommunityName", "Conference H323 Authentication Password"),
    "mps": ("SystemUnit Password", "SNMP CommunityName", "Option Key"),
    "vcs": ("SNMP CommunityName", "Option 1 Key", "LDAP Password", "Authentication Password"),
    "tms": (),
}
"""Words of settings whose values are secrets; each device has values of its own, which must turn up nowhere."""

STATUS_DECOYS: Mapping[str, tuple[str, ...]] = {
    "mxp": ("SystemUnit Hardware SerialNumber", "SystemUnit Software ReleaseKey"),
    "mps": ("SystemUnit Hardware SerialNumber", "SystemUnit Software ReleaseKey"),
    "vcs": ("SystemUnit Hardware SerialNumber", "SystemUnit Software ReleaseKey"),
    "tms": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """The passwords of one device and the values of its decoys, all made afresh."""

    password: str
    read_only_password: str
    decoys: Mapping[str, str]

    @classmethod
    def make(cls, spec: DeviceSpec) -> "Secret":
        """Return new ones; the device's name in them tells in a failing test where a leak came from."""
        words = (*DECOYS[spec.product], *STATUS_DECOYS[spec.product])
        return cls(
            password=f"Pw:{spec.name}/{secrets.token_hex(8)}",
            read_only_password=f"Ro:{spec.name}/{secrets.token_hex(8)}",
            decoys={word: f"CANARY{spec.name}{secrets.token_hex(8)}" for word in words},
        )

    @property
    def canaries(self) -> tuple[str, ...]:
        """Everything that must not be found in any output."""
        return (self.password, self.read_only_password, *self.decoys.values())


@dataclass(slots=True, kw_only=True)
class DeviceState:
    """The state of one device. `certificate` is the one that the next restart brings; `chain` is shown until then.

    `root_lists` are the lists that can be uploaded, as PEM.
    """

    settings: SettingsStore
    secret: Secret = field(repr=False)
    certificate: CertificateKind
    roots: Roots
    feedback: tuple[str, ...] | None
    software: str
    clock_ahead: int | None
    ntp_answers: bool
    root_lists: Mapping[Roots, bytes] = field(repr=False)
    chain: bytes = field(default=b"", repr=False)
    wrong_passwords: int = 0

    @classmethod
    def of(cls, spec: DeviceSpec, root_lists: Mapping[Roots, bytes]) -> "DeviceState":
        """Return the state in which a device starts."""
        return cls(
            settings=SettingsStore(spec),
            secret=Secret.make(spec),
            certificate=spec.certificate,
            roots=spec.roots,
            feedback=spec.feedback,
            software=spec.software,
            clock_ahead=spec.clock_ahead,
            ntp_answers=spec.ntp_answers,
            root_lists=root_lists,
        )

    @property
    def loaded_roots(self) -> bytes:
        """The root list on the device as PEM; empty when none was uploaded."""
        return self.root_lists[self.roots]

    @property
    def ntp_status(self) -> str:
        """What the status document says of the time source."""
        mode, server = self.settings.get("ntp.mode"), self.settings.get("ntp.address")
        if mode == "Off" or not server:
            return "Inactive"
        return "Synchronised" if self.ntp_answers else "Unsynchronised"

    def services_after_restart(self, spec: DeviceSpec) -> tuple[ServiceSpec, ...]:
        """Return the services that the settings ask for, each in the form that the description gives it."""
        if not self.settings.spelled():
            return spec.services
        ruled = {name for name, mode in SERVICE_MODES.items() if self.settings.get(mode) is not None}
        others = {service.name for service in spec.services} - ruled
        wanted = [name for name, mode in SERVICE_MODES.items() if self.settings.on(mode) or name in others]
        if "telnet-challenge" in wanted and self.settings.get("telnetchallenge.port") == "23":
            # On port 23 the challenge takes the place of plain Telnet.
            names = [name for name in wanted if name not in {"telnet", "telnet-challenge"}]
            return (ServiceSpec(name="telnet", variant="challenge"), *(_form(spec, name) for name in names))
        return tuple(_form(spec, name) for name in wanted)


def _form(spec: DeviceSpec, name: str) -> ServiceSpec:
    """Return a service as the description has it, or in its family's usual form."""
    return spec.service(name) or ServiceSpec(name=name)

"""How hardened systems are described: at Level 4 and managed by a management server, but for what is named."""

from dataclasses import dataclass, replace
from typing import TypedDict, Unpack

from auditor.demo.device import Configured, DeviceSpec, Roots, ServiceSpec, Truth
from auditor.demo.pki import CertificateKind
from auditor.demo.truths import MANAGED, POSTED, on


class Changes(TypedDict, total=False):
    """What may differ from a system at Level 4, by the fields of `DeviceSpec`."""

    services: tuple[ServiceSpec, ...]
    changed: tuple[tuple[str, str], ...]
    configured: Configured
    certificate: CertificateKind
    roots: Roots
    feedback: tuple[str, ...] | None
    clock_ahead: int | None
    ntp_answers: bool
    known_as: str | None


@dataclass(frozen=True, slots=True)
class Series:
    """Systems of one family, like all others of it but for their names: `model` is the one that they are made from.

    `first` is the number that stands for the first address.
    """

    model: DeviceSpec
    first: int = 1

    def system(
        self, number: int, story: str, truth: Truth, truth_with_settings: Truth, **changes: Unpack[Changes]
    ) -> DeviceSpec:
        """Return a system at Level 4 but for these changes."""
        name = f"{self.model.name}{number}"
        made = replace(
            self.model, name=name, system_name=name, octets=(self.model.octets[0], number - self.first + 1),
            story=story, truth=truth, truth_with_settings=truth_with_settings,
        )  # fmt: skip
        return replace(made, **changes)


def model(spec: DeviceSpec) -> DeviceSpec:
    """Return a description with everything that makes a system reach Level 4; its name is the letters of the series."""
    return replace(
        spec, services=on("https", "ssh"), configured="level-4", changed=settings(), certificate=CertificateKind.GOOD,
        roots="fleet", feedback=(POSTED,), target_level=4,
    )  # fmt: skip


def settings(values: dict[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """Return settings that differ from the guide's Level 4, the manager's address among them."""
    return tuple({**MANAGED, **(values or {})}.items())

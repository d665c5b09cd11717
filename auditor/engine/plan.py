"""Which questions are to be asked of which target. Pure: nothing is sent, so a plan can be shown before it is run."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from auditor.model.inventory import AUTO, Inventory, Settings, Target
from auditor.model.profile import Profile, Service
from auditor.probes.interface import ConcernedProbe, Probe, Question

UNKNOWN = "unknown"
"""The family of the generic profile, for targets that the auditor is to recognise itself."""


@dataclass(frozen=True, slots=True)
class HostPlan:
    """One target, the profile it is asked by, and its questions in the order in which they will be asked."""

    target: Target
    profile: Profile
    questions: tuple[tuple[Probe, Question], ...]


def profile_of(target: Target, profiles: Mapping[str, Profile]) -> Profile:
    """Return the profile that the target is asked by at first: its family's, or the generic one for `auto`."""
    return profiles[UNKNOWN if target.product == AUTO else target.product]


def plan_host(target: Target, profile: Profile, probes: Iterable[Probe], settings: Settings) -> HostPlan:
    """Pair the target's services with the probes that have a question about them; hazards come last."""
    questions = [
        (
            probe,
            Question(target=target, profile=profile, service=service, port=_port(target, service), settings=settings),
        )
        for probe in probes
        for service in (None, *profile.services)
        if probe.applies(service, settings) and _concerns(probe, target, profile)
    ]
    return HostPlan(target, profile, tuple(sorted(questions, key=lambda pair: pair[0].order)))


def plan(inventory: Inventory, profiles: Mapping[str, Profile], probes: Sequence[Probe]) -> tuple[HostPlan, ...]:
    """Plan every target of the inventory, in its order."""
    return tuple(
        plan_host(target, profile_of(target, profiles), probes, inventory.settings) for target in inventory.targets
    )


def _concerns(probe: Probe, target: Target, profile: Profile) -> bool:
    return not isinstance(probe, ConcernedProbe) or probe.concerns(target, profile)


def _port(target: Target, service: Service | None) -> int:
    return target.ports.get(service.name, service.port) if service else 0

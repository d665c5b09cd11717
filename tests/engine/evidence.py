"""Small evidence, profiles and contexts for the tests of the engine."""

from dataclasses import replace
from datetime import UTC, datetime

from auditor.model.collected import AuditHead, HostEvidence
from auditor.model.control import Context
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import OpenService
from auditor.model.inventory import Inventory, Target
from auditor.model.policy import Policy
from auditor.model.profile import Guidance, Limits, Profile, Recognition, Service

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def service(name: str, port: int, protocol: str = "tcp", level: int | None = 1) -> Service:
    """Make a management service."""
    return Service(
        name=name, protocol=protocol, transport="udp" if protocol == "snmp" else "tcp",  # type: ignore[arg-type] # a test's short spelling
        port=port, title=name.title(), default="on", level=level,
    )  # fmt: skip


TELNET = service("telnet", 23, "telnet")
HTTP = service("http", 80, "http", 2)
HTTPS = service("https", 443, "https", 4)
SNMP = service("snmp", 161, "snmp")

GUIDANCE = Guidance(section="Chapter", step="step 1", remediation="Switch it off.", checklist="item 1")

TOY = Profile(
    family="toy", title="Toy", vendor="Toys", role="device", chapter="9", documents=("manual",),
    services=(TELNET, HTTP, HTTPS, SNMP),
    recognise=(Recognition(where="telnet", pattern=r"Toy Release (?P<software>T[\d.]+)", weight=3),),
    limits=Limits(pause_seconds=0.0, question_seconds=1.0, host_seconds=5.0),
    reads=(), controls={"toy.off": GUIDANCE},
)  # fmt: skip

TARGET = Target(name="toy1", product="toy", hostname="toy1.example.test", address="127.0.0.1", target_level=3)


def context(profile: Profile = TOY) -> Context:
    """Make the context of one host."""
    return Context(target=TARGET, profile=profile, policy=Policy(), at=AT)


def open_port(name: str = "telnet", port: int = 23) -> AnyObservation:
    """A port that accepted."""
    return Observation(OpenService, "port", name, AT, Seen(OpenService(service=name, transport="tcp", port=port)), port)


def closed_port(name: str = "telnet") -> AnyObservation:
    """A port that refused."""
    return Observation(OpenService, "port", name, AT, Absent("connection refused"), 23)


def filtered_port(name: str = "telnet") -> AnyObservation:
    """A port that did not answer."""
    return Observation(OpenService, "port", name, AT, Unknown(Cause.FILTERED, "no answer"), 23)


def host(*observations: AnyObservation, **changes: object) -> HostEvidence:
    """Evidence of the toy host."""
    made = HostEvidence(
        target=TARGET,
        product="toy",
        address="127.0.0.1",
        evidence=Evidence(observations),
        started_at=AT,
        finished_at=AT,
    )
    return replace(made, **changes)  # type: ignore[arg-type] # keyword fields of the dataclass


def head(*targets: Target) -> AuditHead:
    """Head of an audit of these targets."""
    return AuditHead(
        id="audit-1", tool_version="0", started_at=AT, inventory=Inventory(targets=targets or (TARGET,), digest="d"),
        catalogue_digest="c", profiles_digest="p",
    )  # fmt: skip

"""The shapes of the ECS documents: one type for each set of fields that is written, in ECS's own names."""

from typing import Literal, NotRequired, TypedDict


class EcsVersion(TypedDict):
    """`ecs`."""

    version: str


class Event(TypedDict):
    """`event`. There is no outcome where a requirement does not apply."""

    kind: Literal["state", "asset", "event"]
    category: list[str]
    type: list[str]
    outcome: NotRequired[Literal["success", "failure", "unknown"]]
    id: str
    code: NotRequired[str]
    dataset: str
    module: str
    severity: int
    created: str
    start: NotRequired[str]
    reason: NotRequired[str]


class Rule(TypedDict):
    """`rule`: the control. `remediation` is not ECS; only `ecs-kibana` has it."""

    id: str
    name: str
    description: NotRequired[str]
    ruleset: str
    version: str
    reference: str
    remediation: NotRequired[str]


class OperatingSystem(TypedDict):
    """`host.os`."""

    name: str
    version: NotRequired[str]


class Host(TypedDict):
    """`host`: the system that was looked at."""

    id: str
    name: str
    hostname: NotRequired[str]
    ip: NotRequired[list[str]]
    type: str
    os: OperatingSystem


class Observer(TypedDict):
    """`observer`: this program."""

    vendor: str
    product: str
    version: str
    type: str


class DistinguishedName(TypedDict):
    """Subject or issuer."""

    distinguished_name: NotRequired[str]
    common_name: NotRequired[list[str]]


class X509(TypedDict):
    """`tls.server.x509`."""

    subject: NotRequired[DistinguishedName]
    issuer: NotRequired[DistinguishedName]
    serial_number: NotRequired[str]
    not_before: NotRequired[str]
    not_after: NotRequired[str]
    alternative_names: NotRequired[list[str]]
    public_key_algorithm: NotRequired[str]
    public_key_size: NotRequired[int]
    signature_algorithm: NotRequired[str]
    version_number: NotRequired[str]


class Hash(TypedDict):
    """`tls.server.hash`."""

    sha256: str


class TlsServer(TypedDict):
    """`tls.server`."""

    hash: Hash
    x509: X509


class Tls(TypedDict):
    """`tls`."""

    server: TlsServer


class Related(TypedDict):
    """`related`: values for pivoting."""

    hosts: list[str]
    ip: NotRequired[list[str]]
    hash: NotRequired[list[str]]


class Result(TypedDict):
    """Not ECS: what Kibana's findings pages call the verdict."""

    evaluation: str


class Resource(TypedDict):
    """Not ECS: what Kibana's findings pages call the host."""

    id: str
    name: str
    type: str


Document = TypedDict(
    "Document",
    {
        "@timestamp": str,
        "ecs": EcsVersion,
        "message": str,
        "event": Event,
        "host": Host,
        "observer": Observer,
        "related": Related,
        "rule": NotRequired[Rule],
        "tls": NotRequired[Tls],
        "tags": NotRequired[list[str]],
        "labels": NotRequired[dict[str, str]],
        "auditor": dict[str, object],
        "result": NotRequired[Result],
        "resource": NotRequired[Resource],
    },
)
"""One document."""


Summary = TypedDict(
    "Summary",
    {
        "@timestamp": str,
        "ecs": EcsVersion,
        "message": str,
        "event": Event,
        "observer": Observer,
        "auditor": dict[str, object],
    },
)
"""What an export of changes leaves out."""

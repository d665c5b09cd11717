"""A product family as data: the typed form of one file of `auditor/profiles/`.

Code never asks which family it has before it. It asks the profile for a service, a limit, a permitted read or the
words of a control.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from auditor.model.certificate import Certificate

FACTORY_NAME, FACTORY_KEY = "certificate-factory", "certificate-factory-key"
"""Where a family's signs of a factory certificate stand among its recognitions: names, and SHA-256 of the public key
(the whole SubjectPublicKeyInfo, lower-case hex)."""

Protocol = Literal["telnet", "telnet-challenge", "ftp", "ssh", "http", "https", "snmp", "tcp"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One service that this family may offer.

    `name` is unique within the profile and is what an inventory's `ports` and reports use. `management` marks
    services through which the system can be administered. `level` is the guide's level of the service when it is open
    and nothing better or worse is observed (None: not rated). Services of protocol `tcp` have no
    reader of their own: an open port is all that is told of them. `hazard` says why asking may hurt this family.
    """

    name: str
    protocol: Protocol
    transport: Literal["tcp", "udp"]
    port: int
    title: str
    default: Literal["on", "off"]
    level: int | None
    management: bool = True
    hazard: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """A pattern that tells the family (and perhaps software and system name, by named groups) from what was shown.

    `where` is one of `telnet`, `ssh`, `http-realm`, `http-server`, `http-title`, `snmp`, `certificate`; or
    `certificate-factory` and `certificate-factory-key`, which tell what a system left the factory with. Named groups
    `software` and `system_name` are taken over. `weight` ranks contradicting answers: the highest wins.
    """

    where: str
    pattern: str
    weight: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """A model that the guide leaves out, told by its software release (pattern over the whole string)."""

    software: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How gently this family must be treated. Times are seconds; sizes are bytes."""

    conversations: int = 1
    pause_seconds: float = 0.1
    question_seconds: float = 8.0
    host_seconds: float = 120.0
    answer_bytes: int = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """One permitted read, matched whole. `operation` and `argument` are the protocol's own words.

    For HTTP: operation `GET`, argument the path with its query exactly as sent.
    """

    protocol: str
    operation: str
    argument: str
    manual: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What the guide says of one control for this family, in our words, with where it says so.

    `remediation` is printed for a person and never sent. `checklist` is the number and short name of the readiness
    checklist's item that the control covers, or None.
    """

    section: str
    step: str
    remediation: str
    checklist: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftwareRule:
    """The oldest release that supports secure management. `prefix` are the letters before the number (`F`, or none)."""

    prefix: str
    minimum: str
    section: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything that is known of one family. `role` is `server` for the management server, `unknown` for `auto`.

    `settings` maps paths of our vocabulary (`http.mode`) to the ways in which this family writes them, as words of the
    text interface (`HTTP Mode`); the XML path is the same words below Configuration. `status` does so for what the
    status documents tell (`ntp.status`, `software`).
    """

    family: str
    title: str
    vendor: str
    role: Literal["device", "server", "unknown"]
    chapter: str
    documents: tuple[str, ...]
    services: tuple[Service, ...]
    recognise: tuple[Recognition, ...]
    limits: Limits
    reads: tuple[Read, ...]
    controls: Mapping[str, Guidance]
    software: SoftwareRule | None = None
    excluded: tuple[Exclusion, ...] = ()
    capabilities: Mapping[str, bool] = field(default_factory=dict)
    telnet_challenge_pattern: str = r"(?i)challenge"
    paths: tuple[str, ...] = ("/",)
    settings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    status: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def service(self, name: str) -> Service | None:
        """Return the service of this name, or None where the family has none."""
        return next((s for s in self.services if s.name == name), None)

    def factory_signs(self, certificate: Certificate) -> tuple[Literal["name", "key"], ...]:
        """Return by what a certificate shows itself to be a factory's: subject or issuer, or the hash of its key."""
        names = (certificate.subject or "", certificate.issuer or "")
        signs: list[Literal["name", "key"]] = []
        if any(re.search(r.pattern, n) for r in self.recognise if r.where == FACTORY_NAME for n in names):
            signs.append("name")
        key = certificate.spki_sha256 or ""
        if any(re.fullmatch(r.pattern, key) for r in self.recognise if r.where == FACTORY_KEY):
            signs.append("key")
        return tuple(signs)

    @property
    def knows_factory(self) -> bool:
        """Tell whether there is anything by which a factory certificate could be recognised."""
        return any(r.where in {FACTORY_NAME, FACTORY_KEY} for r in self.recognise)

"""Cryptography bill of materials (CycloneDX 1.6, ECMA-424): certificates, public keys, algorithms and TLS sessions.

Each is listed once, however many hosts show it; the dependencies say which host depends on what. A key that several
hosts share is thus one component with several hosts that depend on it.
"""

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Literal, NotRequired, TypedDict
from uuid import NAMESPACE_URL, uuid5

from auditor.model.assessment import AuditRun, HostAssessment
from auditor.model.certificate import Certificate
from auditor.model.facts import SshFace, SshHostKey, TlsFace
from auditor.reports.excerpt import excerpt
from auditor.reports.instant import rfc3339
from auditor.reports.ndjson import shown
from auditor.reports.records import PRODUCT, VENDOR, address_of

SPEC_VERSION = "1.6"
_VERSION_BYTES = 1024


class AlgorithmProperties(TypedDict):
    """`algorithmProperties`."""

    primitive: Literal["signature", "unknown"]


class CertificateProperties(TypedDict):
    """`certificateProperties`."""

    subjectName: NotRequired[str]
    issuerName: NotRequired[str]
    notValidBefore: NotRequired[str]
    notValidAfter: NotRequired[str]
    signatureAlgorithmRef: NotRequired[str]
    subjectPublicKeyRef: NotRequired[str]
    certificateFormat: str


class KeyProperties(TypedDict):
    """`relatedCryptoMaterialProperties` of a public key; `size` is in bits."""

    type: Literal["public-key"]
    id: str
    size: NotRequired[int]
    algorithmRef: NotRequired[str]


class Suite(TypedDict):
    """One entry of `cipherSuites`."""

    name: str


class ProtocolProperties(TypedDict):
    """`protocolProperties`."""

    type: Literal["tls"]
    version: str
    cipherSuites: list[Suite]


class CryptoProperties(TypedDict):
    """`cryptoProperties`: what kind of asset, and the properties of that kind."""

    assetType: Literal["algorithm", "certificate", "protocol", "related-crypto-material"]
    algorithmProperties: NotRequired[AlgorithmProperties]
    certificateProperties: NotRequired[CertificateProperties]
    relatedCryptoMaterialProperties: NotRequired[KeyProperties]
    protocolProperties: NotRequired[ProtocolProperties]


class Property(TypedDict):
    """A name and a value of ours."""

    name: str
    value: str


Component = TypedDict(
    "Component",
    {
        "bom-ref": str,
        "type": Literal["device", "cryptographic-asset", "application"],
        "name": str,
        "version": NotRequired[str],
        "description": NotRequired[str],
        "cryptoProperties": NotRequired[CryptoProperties],
        "properties": NotRequired[list[Property]],
    },
)
"""A host, or a cryptographic asset."""


class Dependency(TypedDict):
    """What a component rests on."""

    ref: str
    dependsOn: list[str]


class Stock:
    """Components and dependencies as they are gathered, each once and in the order of first sight."""

    __slots__ = ("components", "dependencies")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.components: dict[str, Component] = {}
        self.dependencies: dict[str, dict[str, None]] = {}

    def add(self, component: Component) -> str:
        """Take a component, unless it is there already, and return its reference."""
        ref = component["bom-ref"]
        self.components.setdefault(ref, component)
        self.dependencies.setdefault(ref, {})
        return ref

    def rests(self, ref: str, on: str) -> None:
        """Note that one component depends on another."""
        self.dependencies[ref][on] = None


class CbomReport:
    """The fleet's cryptography."""

    name = "cbom"
    file_name = "cbom.cdx.json"
    media_type = "application/vnd.cyclonedx+json; version=1.6"

    def render(self, run: AuditRun) -> bytes:
        """Return the document, in ASCII."""
        return json.dumps(shown(_bom(run)), ensure_ascii=True, allow_nan=False, indent=1).encode() + b"\n"


def _bom(run: AuditRun) -> dict[str, object]:
    stock = Stock()
    for host in run.hosts:
        _gather(stock, host)
    dependencies: list[Dependency] = [{"ref": r, "dependsOn": list(on)} for r, on in stock.dependencies.items()]
    tool = {"type": "application", "group": VENDOR, "name": PRODUCT, "version": run.tool_version}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": SPEC_VERSION,
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, f'{PRODUCT}:{run.id}')}",
        "version": 1,
        "metadata": {
            "timestamp": rfc3339(run.finished_at),
            "tools": {"components": [tool]},
            "properties": [{"name": f"{PRODUCT}:audit", "value": run.id}],
        },
        "components": list(stock.components.values()),
        "dependencies": dependencies,
    }


def _gather(stock: Stock, host: HostAssessment) -> None:
    ref = stock.add(_host(host))
    for certificate in host.chain.presented if host.chain else ():
        stock.rests(ref, _certificate(stock, certificate))
    for face in host.evidence.of(TlsFace):
        stock.rests(ref, stock.add(_session(ref, face)))
    for ssh in host.evidence.of(SshFace):
        for key in ssh.host_keys:
            stock.rests(ref, _ssh_key(stock, key))


def _host(host: HostAssessment) -> Component:
    component: Component = {
        "bom-ref": f"host:{sha256(host.target.name.encode(errors='surrogatepass')).hexdigest()[:32]}",
        "type": "device",
        "name": host.target.name,
        "properties": list(_properties(host)),
    }
    if host.identity and host.identity.software:
        component["version"] = excerpt(host.identity.software, _VERSION_BYTES)
    return component


def _properties(host: HostAssessment) -> Iterator[Property]:
    found = {"product": host.product, "address": address_of(host), "hostname": host.target.hostname}
    for name, value in {**found, "site": host.target.site, "outcome": host.outcome.value}.items():
        if value:
            yield {"name": f"{PRODUCT}:{name}", "value": value}


def _certificate(stock: Stock, certificate: Certificate) -> str:
    properties: CertificateProperties = {"certificateFormat": "X.509"}
    if certificate.subject is not None:
        properties["subjectName"] = certificate.subject
    if certificate.issuer is not None:
        properties["issuerName"] = certificate.issuer
    if certificate.not_before is not None:
        properties["notValidBefore"] = rfc3339(certificate.not_before)
    if certificate.not_after is not None:
        properties["notValidAfter"] = rfc3339(certificate.not_after)
    component: Component = {
        "bom-ref": f"certificate:{certificate.sha256}",
        "type": "cryptographic-asset",
        "name": certificate.subject or "certificate without a readable subject",
        "cryptoProperties": {"assetType": "certificate", "certificateProperties": properties},
        "properties": [{"name": f"{PRODUCT}:sha256", "value": certificate.sha256}],
    }
    if certificate.serial is not None:
        component["properties"].append({"name": f"{PRODUCT}:serial", "value": f"{certificate.serial:x}"})
    ref = stock.add(component)
    if certificate.signature_algorithm:
        properties["signatureAlgorithmRef"] = _algorithm(stock, certificate.signature_algorithm, "signature")
        stock.rests(ref, properties["signatureAlgorithmRef"])
    if certificate.spki_sha256:
        properties["subjectPublicKeyRef"] = _public_key(stock, certificate, certificate.spki_sha256)
        stock.rests(ref, properties["subjectPublicKeyRef"])
    return ref


def _public_key(stock: Stock, certificate: Certificate, digest: str) -> str:
    properties: KeyProperties = {"type": "public-key", "id": digest}
    if certificate.key_bits is not None:
        properties["size"] = certificate.key_bits
    if certificate.key_algorithm:
        properties["algorithmRef"] = _algorithm(stock, certificate.key_algorithm, "unknown")
    return stock.add(_key(f"key:{digest}", certificate.key or "public key", properties))


def _ssh_key(stock: Stock, key: SshHostKey) -> str:
    properties: KeyProperties = {"type": "public-key", "id": key.fingerprint, "size": key.bits}
    properties["algorithmRef"] = _algorithm(stock, key.algorithm, "signature")
    return stock.add(_key(f"ssh-key:{key.fingerprint}", f"SSH host key {key.algorithm}", properties))


def _key(ref: str, name: str, properties: KeyProperties) -> Component:
    return {
        "bom-ref": ref,
        "type": "cryptographic-asset",
        "name": name,
        "cryptoProperties": {
            "assetType": "related-crypto-material", "relatedCryptoMaterialProperties": properties,
        },
    }  # fmt: skip


def _algorithm(stock: Stock, name: str, primitive: Literal["signature", "unknown"]) -> str:
    ref = f"algorithm:{primitive}:{sha256(name.encode(errors='surrogatepass')).hexdigest()[:16]}"
    return stock.add(
        {
            "bom-ref": ref,
            "type": "cryptographic-asset",
            "name": name,
            "cryptoProperties": {"assetType": "algorithm", "algorithmProperties": {"primitive": primitive}},
        }
    )


def _session(host: str, face: TlsFace) -> Component:
    version = face.version.removeprefix("TLSv").removeprefix("SSLv")
    properties: ProtocolProperties = {"type": "tls", "version": version, "cipherSuites": [{"name": face.cipher}]}
    return {
        "bom-ref": f"tls:{host}:{face.port}",
        "type": "cryptographic-asset",
        "name": f"{face.version} on port {face.port}",
        "cryptoProperties": {"assetType": "protocol", "protocolProperties": properties},
    }

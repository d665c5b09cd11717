"""`manifest.json`: the SHA-256 of every file of a bundle, and of everything on which its verdicts rest.

It is made from the files, the evidence's head and the run alone, so whoever has the other files can make it again: that
is how a change in the manifest itself is found.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from auditor.model.assessment import AuditRun
from auditor.model.control import GUIDE

LONGEST_HEAD = 256 * 2**20
"""Bytes. The head holds the whole inventory with its roots and revocation lists."""

CHUNK = 1_048_576


@dataclass(frozen=True, slots=True)
class FileDigest:
    """One file of a bundle. SHA-256 in hexadecimal."""

    sha256: str
    size: int


def digest_of(content: bytes) -> dict[str, object]:
    """Return what a manifest says of one file with this content."""
    return _row(FileDigest(hashlib.sha256(content).hexdigest(), len(content)))


def _row(file: FileDigest) -> dict[str, object]:
    return {"sha256": file.sha256, "bytes": file.size}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What verdicts rest on, beside the evidence: digests (SHA-256, hexadecimal), None for what an audit has not."""

    catalogue: str
    profiles: str
    policy: str | None
    inventory: str
    attestations: str | None
    waivers: str | None
    transcript_chain: str | None


class _Inventory(msgspec.Struct):
    policy: msgspec.Raw = msgspec.Raw(b"")
    attestations: msgspec.Raw = msgspec.Raw(b"")
    waivers: msgspec.Raw = msgspec.Raw(b"")


class _Audit(msgspec.Struct):
    inventory: _Inventory


class _Head(msgspec.Struct):
    audit: _Audit


def ground_of(run: AuditRun, evidence: Path, *, catalogue: str, profiles: str, chain: str | None) -> Ground:
    """Return what a run rests on. Policy, attestations and waivers are hashed as they stand in the evidence's head."""
    try:
        with evidence.open("rb") as lines:
            inventory = msgspec.json.decode(lines.readline(LONGEST_HEAD), type=_Head).audit.inventory
    except (OSError, msgspec.DecodeError, RecursionError, UnicodeError):
        inventory = _Inventory()
    return Ground(
        catalogue=catalogue,
        profiles=profiles,
        policy=_digest(inventory.policy),
        inventory=run.inventory_digest,
        attestations=_digest(inventory.attestations),
        waivers=_digest(inventory.waivers),
        transcript_chain=chain,
    )


def manifest_bytes(run: AuditRun, ground: Ground, files: Mapping[str, FileDigest]) -> bytes:
    """Return the manifest: keys in a fixed order, files by name."""
    manifest = {
        "schema_version": "1.0",
        "audit_id": run.id,
        "complete": run.complete,
        "tool_version": run.tool_version,
        "guide": GUIDE,
        "catalogue_digest": ground.catalogue,
        "profiles_digest": ground.profiles,
        "policy_digest": ground.policy,
        "inventory_digest": ground.inventory,
        "attestations_digest": ground.attestations,
        "waivers_digest": ground.waivers,
        "transcript_chain": ground.transcript_chain,
        "files": {name: _row(files[name]) for name in sorted(files)},
    }
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def _digest(raw: msgspec.Raw) -> str | None:
    plain = bytes(raw)
    return None if plain in (b"", b"[]", b"null") else hashlib.sha256(plain).hexdigest()

"""Where the parts are put together: catalogue, profiles and probes, with digests that say which they were."""

import hashlib
import platform
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from importlib.resources import files
from importlib.resources.abc import Traversable
from uuid import uuid4

from auditor import __version__
from auditor.model.collected import AuditHead
from auditor.model.control import Control
from auditor.model.inventory import Inventory
from auditor.model.profile import Profile
from auditor.probes.interface import Probe
from auditor.probes.registry import PROBES
from auditor.profiles import load_profiles, profiles_digest
from auditor.reports.layout import pango_version
from auditor.wire.gate import utc_now
from checks import CONTROLS

LIBRARIES = ("asyncssh", "cryptography", "dnspython", "httpx", "jinja2", "pikepdf", "weasyprint")
"""Libraries whose versions belong in a report: they speak to devices, judge certificates or lay out pages."""


class AssemblyError(RuntimeError):
    """The installation is not sound; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """The program as installed."""

    controls: Sequence[Control]
    profiles: Mapping[str, Profile]
    probes: Sequence[Probe]
    catalogue_digest: str
    profiles_digest: str

    def head(self, inventory: Inventory) -> AuditHead:
        """Return the head of an audit that begins now."""
        return AuditHead(
            id=str(uuid4()),
            tool_version=__version__,
            started_at=utc_now(),
            inventory=inventory,
            catalogue_digest=self.catalogue_digest,
            profiles_digest=self.profiles_digest,
            versions=library_versions(),
        )


def assemble() -> Assembly:
    """Load everything that ships with the program; raise `AssemblyError` where another package has overwritten it."""
    owners = set(packages_distributions().get("checks", ()))
    if len(owners) > 1:
        raise AssemblyError(
            f"The package `checks` belongs to several installed distributions ({', '.join(sorted(owners))}). "
            "Install the auditor in an environment of its own, e.g. with pipx."
        )
    return Assembly(
        controls=CONTROLS,
        profiles=load_profiles(),
        probes=PROBES,
        catalogue_digest=_digest(files("checks")),
        profiles_digest=profiles_digest(),
    )


def library_versions() -> dict[str, str]:
    """Return the versions of Python, OpenSSL and the libraries that matter for a result."""
    found = {
        "python": platform.python_version(),
        "openssl (Python)": ssl.OPENSSL_VERSION,
        "pango": pango_version(),
    }
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _digest(package: Traversable) -> str:
    """SHA-256 over the names and bytes of all Python files of a package, sorted by name."""
    whole = hashlib.sha256()
    for name, content in sorted(_sources(package, "")):
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


def _sources(folder: Traversable, prefix: str) -> list[tuple[str, bytes]]:
    found: list[tuple[str, bytes]] = []
    for entry in folder.iterdir():
        if entry.is_dir():
            found.extend(_sources(entry, f"{prefix}{entry.name}/"))
        elif entry.name.endswith(".py"):
            found.append((prefix + entry.name, entry.read_bytes()))
    return found

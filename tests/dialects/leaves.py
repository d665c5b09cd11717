"""What the tests of the dialects share: samples, a small profile, and a view of leaves by their path."""

from pathlib import Path
from types import MappingProxyType

from auditor.dialects.leaf import Document
from auditor.model.profile import Profile
from auditor.profiles import load_profiles

SAMPLES = Path(__file__).parents[2] / "samples" / "saved-configurations"
PROFILES = load_profiles()
SECRET = "tell-nobody"  # noqa: S105 - a word that stands in the samples where a secret would

FILES = MappingProxyType(
    {
        "mxp-f7.txt": "mxp",
        "mxp-f9.xml": "mxp",
        "mps-j4.txt": "mps",
        "mps-j4.xml": "mps",
        "vcs-x4.txt": "vcs",
        "vcs-x8.xml": "vcs",
        "codec-tc7.txt": "unknown",
        "codec-ce9.xml": "unknown",
        "codec-backup.txt": "unknown",
    }
)
"""The samples and the family with whose profile each is read."""


def sample(name: str) -> tuple[bytes, Profile]:
    """Return a sample and its profile."""
    return (SAMPLES / name).read_bytes(), PROFILES[FILES[name]]


def by_path(document: Document) -> dict[str, str]:
    """Return the values by path, words joined by blanks; no path may stand there twice."""
    values = {" ".join(leaf.path): leaf.value for leaf in document.leaves}
    assert len(values) == len(document.leaves)
    return values

"""Product families as data: this package holds one TOML file per family, and nothing else reads these files.

A new family is one more file. `load_profiles` gives them all, checked; every mistake in any file is reported at once.
"""

import hashlib
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

from auditor.model.profile import Profile
from auditor.profiles.problems import PLACES
from auditor.profiles.reading import ProfileError, parse_profile

__all__ = ["PLACES", "ProfileError", "load_profiles", "parse_profile", "parse_profiles", "profiles_digest"]


def load_profiles() -> Mapping[str, Profile]:
    """Return every profile that ships with the program, by its family, in alphabetical order.

    Raises ProfileError, which names every mistake in every file.
    """
    return parse_profiles(_files())


def parse_profiles(files: Mapping[str, bytes]) -> Mapping[str, Profile]:
    """Return the profiles of these files (file name and bytes) by family.

    Raises ProfileError with the mistakes of all files, those of one file in the order in which they were found.
    """
    profiles: dict[str, Profile] = {}
    problems: list[str] = []
    for name in sorted(files):
        try:
            profile = parse_profile(files[name].decode(), name)
        except UnicodeDecodeError as error:
            problems.append(f"{name}: is not UTF-8 text: {error.reason} at byte {error.start}")
        except ProfileError as error:
            problems.extend(error.problems)
        else:
            if f"{profile.family}.toml" != name:
                problems.append(f"{name}: family: must be the file's own name, not {profile.family!r}")
            profiles[profile.family] = profile
    if problems:
        raise ProfileError(problems)
    return MappingProxyType(profiles)


def profiles_digest() -> str:
    """Return the SHA-256 (lower-case hex) over the names and bytes of all profile files.

    Each file enters as its name, its length in decimal and its bytes, parted by NUL, so that no two sets of files
    give the same input.
    """
    digest = hashlib.sha256()
    for name, data in _files().items():
        digest.update(f"{name}\0{len(data)}\0".encode())
        digest.update(data)
    return digest.hexdigest()


def _files() -> Mapping[str, bytes]:
    found = (entry for entry in resources.files(__name__).iterdir() if entry.name.endswith(".toml"))
    return {entry.name: entry.read_bytes() for entry in sorted(found, key=lambda entry: entry.name)}

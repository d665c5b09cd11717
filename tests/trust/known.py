"""Lists of accepted disagreements: one identifier a line, the reason after `#`."""

from pathlib import Path

VECTORS = Path(__file__).resolve().parents[1] / "vectors"


def known_disagreements(suite: str) -> dict[str, str]:
    """Return reason by identifier. Raises ValueError for an entry without a reason."""
    found: dict[str, str] = {}
    for line in (VECTORS / suite / "known.txt").read_text().splitlines():
        identifier, _, reason = (part.strip() for part in line.partition("#"))
        if identifier and not reason:
            raise ValueError(f"{identifier}: no reason given")
        if identifier:
            found[identifier] = reason
    return found

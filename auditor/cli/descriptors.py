"""How many hosts this machine can ask at once: each takes a few of the files and sockets that a process may have open.

Where the limit is too low, it is raised as far as this process may, which changes nothing else on this machine. Where
that is not enough, fewer hosts are asked at once: the audit takes longer, and finds the same.
"""

import resource
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from auditor.model.profile import Profile

PER_CONVERSATION = 4
"""What one conversation has open at most: its socket, a pair of them where a library drives it, and one for a name."""
RESERVE = 48
"""What is open beside the hosts: evidence, transcript, the event loop's own, name lookups by the system in threads."""
OPEN_BY_NOW = 16
"""How many files count as open already where the system does not tell."""


def hosts_within_limit(wanted: int, profiles: Mapping[str, Profile]) -> int:
    """Return how many hosts may be asked at once, from one to `wanted`; raise our own soft limit for it."""
    each = PER_CONVERSATION * max((profile.limits.conversations for profile in profiles.values()), default=1)
    beside = _open_by_now() + RESERVE
    limit = _raised_to(beside + wanted * each)
    return wanted if limit is None else max(1, min(wanted, (limit - beside) // each))


def too_few(wanted: int, hosts: int) -> str:
    """Return the warning where fewer hosts are asked at once than were wanted."""
    return (
        f"this machine permits this program too few open files for {wanted} hosts at once: at most {hosts} are asked "
        "at once, so the audit takes longer. `ulimit -n` shows and raises the limit; --max-hosts-at-once asks for less."
    )


def _raised_to(needed: int) -> int | None:
    """Raise the soft limit where it is below what is needed, up to the hard one; return it (None: there is none)."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    if soft >= needed:
        return soft
    wanted = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    with suppress(OSError, ValueError):  # some systems have a lower limit still, of which they tell nobody
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _open_by_now() -> int:
    try:
        return sum(1 for _ in Path("/dev/fd").iterdir())
    except OSError:
        return OPEN_BY_NOW

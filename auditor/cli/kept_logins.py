"""The logins of one audit with a memory that outlives this program: one host is sent one password once an audit.

Before a password leaves, that is written down beside the evidence, so that an audit that was killed between the
password and its answer does not send it again when it goes on. The file is gone once an audit has come to its end.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from auditor.reports.bundle import LOGINS
from auditor.reports.resume import Interrupted
from auditor.wire.kept_guard import KeptGuard
from auditor.wire.login import SENT_BEFORE, Login


class UnkeptLoginError(RuntimeError):
    """A login could not be written down, so it was not made: a fault of ours. The text says why."""


class BundleGuard(KeptGuard):
    """A guard whose memory lies in a bundle, and which says of what it remembers that it was before."""

    __slots__ = ()

    def __init__(self, folder: Path) -> None:
        """Begin with what the audit in this folder had noted before it was interrupted."""
        super().__init__(folder / LOGINS)
        for credential, host in tuple(self._states):
            if self.spent(credential, host) and not self.was_refused(credential, host):
                self.sent_before(credential, host)

    def _note(self, *words: str, safe: bool = False) -> None:
        """Write it down; raise `UnkeptLoginError` where the password must not leave because that cannot be done.

        Where somebody took the folder away there is nothing that could go on, and what is known here is enough. What
        became of a login stands in the transcript too.
        """
        try:
            super()._note(*words, safe=safe)
        except FileNotFoundError:
            return
        except OSError as error:
            if safe:
                why = f"a login was not made, because it could not be written down before: {error.strerror}"
                raise UnkeptLoginError(why) from error


def kept(logins: Mapping[str, Login], folder: Path, going_on: Interrupted | None) -> dict[str, Login]:
    """Return the logins under a guard that remembers; spent are those that went out before and were not accepted."""
    if not logins:
        return {}
    guard = BundleGuard(folder)
    found = {name: replace(login, guard=guard) for name, login in logins.items()}
    return withheld(found, going_on) if going_on else found


def withheld(logins: Mapping[str, Login], going_on: Interrupted) -> dict[str, Login]:
    """Return the logins, those spent that went out before: to this target, under whatever address, or to its address.

    A refusal stands. Where nobody knows what became of a login, neither the guard nor the transcript, it counts as
    used.
    """
    found = dict(logins)
    for (name, address), became in going_on.logins.items():
        login = found.get(name)
        if login is None:
            continue
        guard = login.guard
        if became == "refused":
            guard.refused(login.credential, address)
        elif became == "unknown" and not guard.has_accepted(login.credential, address):
            guard.sent_before(login.credential, address)
        if guard.spent(login.credential, address):
            why = guard.why_spent(login.credential, address) or SENT_BEFORE
            found[name] = replace(login, withheld=why)
    return found


def forget(folder: Path) -> None:
    """Take the memory away: the audit has come to its end, and its transcript tells of every login."""
    (folder / LOGINS).unlink(missing_ok=True)

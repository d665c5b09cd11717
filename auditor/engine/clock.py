"""This auditor's own clock, checked before the audit: a wrong clock here would make right clocks look wrong there."""

from collections.abc import Callable
from datetime import datetime
from statistics import median

from auditor.model.collected import ClockCheck
from auditor.model.evidence import Unknown
from auditor.model.facts import NtpAnswer
from auditor.model.inventory import Settings
from auditor.model.profile import Limits
from auditor.wire import ntp
from auditor.wire.dns import resolve
from auditor.wire.failures import Answer, attempt
from auditor.wire.gate import Gate, utc_now
from auditor.wire.ledger import Ledger
from auditor.wire.pace import Pace
from auditor.wire.readlist import ReadList

OURSELVES = "(auditor)"
"""The name in the transcript under which questions stand that concern no host of the inventory."""

TOLERANCE_SECONDS = 5.0
"""How far our clock may be off: far less than what is allowed to the devices that are judged by it."""
QUESTION_SECONDS = 5.0


async def check_clock(
    settings: Settings, ledger: Ledger, *, now: Callable[[], datetime] = utc_now, pace: Pace | None = None
) -> ClockCheck | None:
    """Ask the inventory's NTP servers for the time; None where it names none. Raises nothing for what servers do.

    Every question waits for `pace`.
    """
    if not settings.ntp_servers:
        return None
    limits = Limits(pause_seconds=0.0, question_seconds=settings.question_seconds or QUESTION_SECONDS)
    gate = Gate(host=OURSELVES, address="", reads=ReadList(()), limits=limits, ledger=ledger, now=now, pace=pace)
    answers: list[NtpAnswer] = []
    silent: list[str] = []
    for server in settings.ntp_servers:
        result = await attempt(_ask(gate, server, settings))
        if isinstance(result, Answer):
            answers.append(result.value)
        else:
            why = result.outcome.detail if isinstance(result.outcome, Unknown) else result.outcome.reason
            silent.append(f"{server}: {why}")
    return judge_clock(tuple(answers), tuple(silent))


def judge_clock(answers: tuple[NtpAnswer, ...], silent: tuple[str, ...] = ()) -> ClockCheck:
    """Say how our clock stands by these answers. Servers that are not synchronised themselves prove nothing. Pure."""
    good = [answer for answer in answers if ntp.is_synchronised(answer)]
    lost = [f"{a.server}: not synchronised itself" for a in answers if a not in good]
    beside = f" Not counted: {'; '.join((*lost, *silent))}." if lost or silent else ""
    if not good:
        return ClockCheck(
            answers=answers, words="", doubt=f"The clock of this auditor could not be checked, so no clock is judged "
            f"by it.{beside}",
        )  # fmt: skip
    offsets = [answer.offset_seconds for answer in good]
    middle, names = median(offsets), ", ".join(answer.server for answer in good)
    ahead = f"{abs(middle):.3f} seconds {'behind' if middle > 0 else 'ahead of'}"
    if max(offsets) - min(offsets) > TOLERANCE_SECONDS:
        doubt = f"The NTP servers {names} differ by {max(offsets) - min(offsets):.1f} seconds, so no clock is judged."
        return ClockCheck(answers=answers, words="", doubt=doubt + beside)
    if abs(middle) > TOLERANCE_SECONDS:
        doubt = f"The clock of this auditor is {ahead} the NTP servers ({names}), so no clock is judged by it."
        return ClockCheck(answers=answers, words="", doubt=doubt + beside)
    return ClockCheck(answers=answers, words=f"The clock of this auditor is {ahead} the NTP servers ({names}).{beside}")


async def _ask(gate: Gate, server: str, settings: Settings) -> NtpAnswer:
    name, _, port = server.rpartition(":")
    addresses = await resolve(gate, name.strip("[]"), settings.dns_servers)
    return await ntp.ask(gate, addresses[0], int(port), server=server)

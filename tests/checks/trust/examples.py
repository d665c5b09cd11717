"""Examples of the verdicts of `trust.*`, on directions of links as the engine judges them (see tests of `links`)."""

from auditor.model.evidence import AnyObservation, Cause, Unknown
from auditor.model.link import DEVICE_TO_TMS, TMS_TO_DEVICE, Direction, JudgedLink, LinkOutcome
from tests.checks.evidence import context, met, not_applicable, not_met, observe, setting, undetermined

DEVICE, SERVER = "trust.device-accepts-tms", "trust.tms-accepts-device"
MODE = setting("https.verifyservercertificate", "On")
ALONE = context(tms=None)


def link(direction: Direction, outcome: LinkOutcome, level: int | None = None, *rests_on: str) -> AnyObservation:
    """Return one direction of the link as judged."""
    fact = JudgedLink(
        direction=direction, tms="manager", outcome=outcome, level=level, because=f"The link is {outcome.value}.",
        cause=outcome.value, rests_on=rests_on,
    )  # fmt: skip
    return observe(JudgedLink, f"link/{direction}", fact)


NEEDS = Unknown(Cause.NOT_ASKED, "Not known: needs the device's root list")
BELOW = ((LinkOutcome.CLEAR, 2), (LinkOutcome.NOT_VERIFIED, 3), (LinkOutcome.REFUSED, None), (LinkOutcome.FAILS, None))

EXAMPLES = (
    met(DEVICE, link(DEVICE_TO_TMS, LinkOutcome.ACCEPTED, 4, MODE.id, "setting/not-there"), MODE, says="accepted"),
    met(SERVER, link(TMS_TO_DEVICE, LinkOutcome.ACCEPTED, 4)),
    *(not_met(DEVICE, link(DEVICE_TO_TMS, *below), says=below[0].value) for below in BELOW),
    *(not_met(SERVER, link(TMS_TO_DEVICE, *below), says=below[0].value) for below in BELOW),
    undetermined(DEVICE, observe(JudgedLink, f"link/{DEVICE_TO_TMS}", NEEDS), says="root list"),
    undetermined(SERVER, link(TMS_TO_DEVICE, LinkOutcome.UNKNOWN), says="unknown"),
    undetermined(DEVICE, link(TMS_TO_DEVICE, LinkOutcome.ACCEPTED, 4), says="manager"),
    undetermined(SERVER, says="manager"),
    not_applicable(DEVICE, link(DEVICE_TO_TMS, LinkOutcome.OFF)),
    not_applicable(DEVICE, where=ALONE),
    not_applicable(SERVER, link(TMS_TO_DEVICE, LinkOutcome.ACCEPTED, 4), where=ALONE),
)

"""Level 4: the host takes its time from a server."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import Attested, DeviceClock, Setting, TimeSync
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._words import gap_ids, seen_ids, statement, value

_MODE, _ADDRESS, _STATEMENT = "ntp.mode", "ntp.address", "server-time"


@control(
    "prerequisites.ntp",
    title="Time comes from an NTP server",
    level=4,
    needs=(
        Need(Setting, _MODE, optional=True),
        Need(Setting, _ADDRESS, optional=True),
        Need(TimeSync, "sync", optional=True),
        Need(Attested, _STATEMENT, optional=True),
    ),
    method="Reads the NTP settings and what the system says of its synchronisation. Where it says nothing, a clock "
    "that is right within the policy's tolerance counts as shown. For the management server, whose settings have no "
    "read-only view, the operator's statement is taken and marked as such.",
    blind_spots="A clock that was set by hand not long ago looks like a synchronised one.",
    section="Additional Settings Required for VerifyServerCertificate",
)
def ntp(evidence: Evidence, context: Context) -> Verdict:
    """Certificates have dates, and a system that does not know the time cannot judge them.

    With a wrong clock it refuses good certificates or accepts expired ones.
    """
    mode, address, sync = value(evidence, _MODE), value(evidence, _ADDRESS), evidence.one(TimeSync, "sync")
    told = sync.fact if sync else None
    settings = seen_ids(evidence, Setting, _MODE, _ADDRESS)
    words = seen_ids(evidence, TimeSync, "sync")
    despite = (*gap_ids(evidence, Setting, _MODE, _ADDRESS), *gap_ids(evidence, TimeSync, "sync"))
    if mode is None and address is None and told is None:
        return _attested(evidence, context, despite)
    breaches = ["NTP is switched off"] if mode is not None and mode.casefold() == "off" else []
    if address == "" and not (told and told.server):
        breaches.append("no NTP server is set")
    if told and told.synchronised is False:
        breaches.append("the system says that it is not synchronised")
    if breaches:
        return NotMet(f"{'; '.join(breaches)}.", (*settings, *words))
    server = address or (told.server if told else None)
    if not server:
        return Undetermined(f"Needs the setting {_ADDRESS}: no NTP server was read.", (*settings, *words, *despite))
    if told and told.synchronised:
        return Met(f"The system is synchronised; its server is {server:.80}.", (*settings, *words), despite)
    right = [o for o in evidence.observed(DeviceClock) if o.fact and _is_right(o.fact, context)]
    if right and len(right) == len(evidence.observed(DeviceClock)):
        because = f"The NTP server is {server:.80}, and the system's clock is right."
        return Met(because, (*settings, *words, *(o.id for o in right)), despite)
    because = f"The NTP server is {server:.80}, but nothing shows that the system is synchronised."
    return Undetermined(because, (*settings, *words, *despite))


def _is_right(clock: DeviceClock, context: Context) -> bool:
    """Tell whether the clock is within the tolerance."""
    return abs(clock.ahead_seconds) <= context.policy.clock_tolerance_seconds


def _attested(evidence: Evidence, context: Context, despite: tuple[str, ...]) -> Verdict:
    """Take the operator's word for the management server; a device has to be read."""
    said = statement(evidence, context, _STATEMENT) if context.profile.role == "server" else None
    if said is None:
        wanted = f"the settings {_MODE} and {_ADDRESS}"
        wanted = f"a statement {_STATEMENT}" if context.profile.role == "server" else wanted
        return Undetermined(f"Needs {wanted}; neither the host nor the operator told it.", despite)
    observation, yes = said
    if yes:
        return Met(
            "The operator states that the server's time is synchronised.", (observation.id,), despite, attested=True
        )
    return NotMet("The operator states that the server's time is not synchronised.", (observation.id,), attested=True)

"""Level 3: Telnet challenge is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import OpenService, Setting, TelnetGreeting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._off import configured_on, gaps, setting_ids, why_unknown
from ._telnet import speaks_challenge

_MODE, _PORT = "telnetchallenge.mode", "telnetchallenge.port"


@control(
    "services.telnet-challenge-off",
    title="Telnet challenge is off",
    level=3,
    needs=(
        Need(OpenService, "telnet-challenge"),
        Need(OpenService, "telnet", optional=True),
        Need(Setting, _MODE, optional=True),
        Need(Setting, _PORT, optional=True),
    ),
    method="Connects to the port of Telnet challenge and to the Telnet port, where it may be served instead, and reads "
    "what is said before login. Where settings can be read, its mode and port are read as well.",
    blind_spots="Never logs in through the challenge. Where settings cannot be read, the service is looked for on its "
    "two documented ports only.",
    section="2 Technology Introduction – Security Levels",
)
def telnet_challenge_off(evidence: Evidence, context: Context) -> Verdict:
    """Telnet challenge hides the password, but nothing of the conversation that follows it.

    From Level 3 on, every conversation with the system has to be encrypted, so only HTTPS and SSH may remain.
    """
    ports = (*evidence.observed(OpenService, "telnet-challenge"), *evidence.observed(OpenService, "telnet"))
    looked_at = (*ports, *evidence.observed(TelnetGreeting))
    settings = (*evidence.observed(Setting, _MODE), *evidence.observed(Setting, _PORT))
    read, on = setting_ids(evidence, _MODE, _PORT), configured_on(evidence, _MODE)
    state = {
        "telnet-challenge": speaks_challenge(evidence, "telnet-challenge", own_port=True),
        "telnet": speaks_challenge(evidence, "telnet", own_port=False),
    }
    found = [name for name, challenge in state.items() if challenge]
    if found or on:
        reasons = [f"the {name} port serves it" for name in found] + (["it is configured on"] if on else [])
        ids = tuple(o.id for o in looked_at if o.subject in found and o.fact is not None)
        return NotMet(f"Telnet challenge is not off: {'; '.join(reasons)}.", (*ids, *read))
    closed = tuple(o.id for o in ports if state[o.subject] is False)
    if on is False and ports:
        return Met("Telnet challenge is configured off, and no port shows it.",
                   (*closed, *read), gaps(*looked_at, *settings))  # fmt: skip
    moved = [s.value for s in evidence.of(Setting, _PORT) if s.value.strip() not in _asked(context)]
    if moved:
        return Undetermined(f"Telnet challenge is set to port {moved[0][:10]!r}, which was not asked.", read)
    if all(challenge is False for challenge in state.values()):
        return Met("Telnet challenge is served neither on its own port nor on the Telnet port.",
                   closed, gaps(*looked_at, *settings))  # fmt: skip
    unclear = " and ".join(name for name, challenge in state.items() if challenge is None)
    because = f"Whether the port of {unclear} serves Telnet challenge cannot be told ({why_unknown(looked_at)}); "
    return Undetermined(f"{because}it needs the setting {_MODE}.", tuple(o.id for o in looked_at))


def _asked(context: Context) -> set[str]:
    """Return the port numbers on which the audit looked for Telnet of either kind."""
    services = (context.profile.service(name) for name in ("telnet", "telnet-challenge"))
    return {str(context.target.ports.get(s.name, s.port)) for s in services if s is not None}

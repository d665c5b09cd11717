"""Level 2: plain Telnet is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence, Seen
from auditor.model.facts import OpenService, Setting, TelnetGreeting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._off import configured_on, gaps, judge_off, setting_ids
from ._telnet import CLEAR, prompts


@control(
    "services.telnet-off",
    title="Plain Telnet is off",
    level=2,
    needs=(
        Need(OpenService, "telnet"),
        Need(TelnetGreeting, "telnet", optional=True),
        Need(Setting, "telnet.mode", optional=True),
    ),
    method="Connects to the Telnet port, reads what is said before login and sends nothing but refusals of options. "
    "Where settings can be read, the Telnet mode is read as well.",
    blind_spots="A port that is filtered between the auditor and the host may be open for others. A challenge is told "
    "from a plain prompt by its words only. Where Telnet challenge occupies the port, plain Telnet is taken as "
    "replaced by it. Telnet on a port that the profile does not name is not looked for.",
    section="2 Technology Introduction – Security Levels",
)
def telnet_off(evidence: Evidence, context: Context) -> Verdict:
    """Telnet carries the password and everything after it in clear text.

    Whoever can listen on the network has the password after one login, and with it the whole system.
    Level 2 is the first level at which no service may send a password in clear.
    """
    in_clear = prompts(evidence, CLEAR)
    if in_clear:
        said = ", ".join(f"port {o.fact.port} gives the prompt '{o.fact.prompt}'" for o in in_clear if o.fact)
        return NotMet(f"Telnet answers without protection for the password: {said}.", tuple(o.id for o in in_clear))
    port = evidence.one(OpenService, "telnet")
    greetings = evidence.observed(TelnetGreeting, "telnet")
    if port is None or not isinstance(port.outcome, Seen):
        seen_at = evidence.observed(OpenService, "telnet")
        return judge_off(evidence, "Telnet", seen_at, "telnet.mode", greetings)
    read = setting_ids(evidence, "telnet.mode")
    if configured_on(evidence, "telnet.mode"):
        return NotMet("The Telnet port is open, and plain Telnet is configured on.", (port.id, *read))
    challenged = tuple(o.id for o in greetings if o.fact and o.fact.prompt == "challenge")
    if challenged:
        despite = gaps(*evidence.observed(Setting, "telnet.mode"))
        return Met("The Telnet port serves Telnet challenge, which replaces plain Telnet there.",
                   (port.id, *challenged, *read), despite)  # fmt: skip
    if not context.profile.capabilities.get("telnet_challenge", True):
        return NotMet("The Telnet port is open, and this family serves nothing but plain Telnet there.", (port.id,))
    return Undetermined(
        "The Telnet port is open but showed no prompt, so plain Telnet cannot be told from Telnet challenge; "
        "it needs a closed port, or the settings telnet.mode and telnetchallenge.mode.",
        (port.id, *(o.id for o in greetings), *read),
    )

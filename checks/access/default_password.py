"""Advisory: the factory password is not in use."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import TelnetGreeting
from auditor.model.verdict import NotMet, Undetermined, Verdict


@control(
    "access.default-password",
    title="The factory password, or none at all, is not in use",
    kind=Kind.ADVISORY,
    needs=(Need(TelnetGreeting, optional=True),),
    method="Never tries a password unless the operator asked for it. It is seen without trying when a system lets "
    "everybody in without one.",
    blind_spots="That a password is asked for does not tell which it is, so the audit cannot show that it was changed.",
    section="Implementation Guide for Level 3, the step that sets the password",
)
def default_password(evidence: Evidence, context: Context) -> Verdict:
    """Factory passwords stand in public manuals, so leaving one in place is like having none.

    A wrong guess makes some systems raise an alarm or lock the auditor out, which is why nothing is guessed here.
    """
    unguarded = [(o.id, o.fact.port) for o in evidence.observed(TelnetGreeting) if o.fact and o.fact.prompt == "open"]
    if unguarded:
        ports = ", ".join(str(port) for _, port in unguarded)
        return NotMet(f"Port {ports} gives a command prompt without any password.", tuple(i for i, _ in unguarded))
    return Undetermined("Nobody tried the factory password: the audit does so only when it is asked for.")

"""Examples of the verdicts of `software.*`."""

from tests.checks.evidence import BARE, SERVER, attested, context, identity, met, not_applicable, not_met, undetermined

SOFTWARE = "software.supports-secure-management"

EXAMPLES = (
    *(met(SOFTWARE, identity(r)) for r in ("F7", "F7.0", "f7.1 NTSC", "F 7.0.0", "F10.2", "F7.0 Beta2 (TEST SW)")),
    *(not_met(SOFTWARE, identity(r)) for r in ("F6.9 PAL", "F6", "F6.99.99", "f0.7")),
    *(
        undetermined(SOFTWARE, identity(r))
        for r in (None, "", "TC7.3", "ce 9.2", "7.1", "F", "F" + "9" * 5000, "\x1b[2J")
    ),
    not_met(SOFTWARE, identity("L5.1", excluded="the guide names it as left out"), says="leaves this model out"),
    undetermined(SOFTWARE),
    not_applicable(SOFTWARE, identity("Q1"), where=context(BARE)),
    met(SOFTWARE, attested("software-version", "11.9.1"), where=context(SERVER)),
    met(SOFTWARE, identity(None), attested("software-version", "12.0"), where=context(SERVER)),
    not_met(SOFTWARE, attested("software-version", "11.9"), where=context(SERVER)),
    undetermined(SOFTWARE, attested("software-version", "12.0", days=0), where=context(SERVER)),
    not_met(SOFTWARE, identity("F6.0"), attested("software-version", "F7.2")),
)

"""Examples of the verdicts of `access.*`."""

from tests.checks.evidence import FILTERED, REFUSED, met, not_applicable, not_met, setting, telnet, undetermined

STRICT, DEFAULT = "access.strict-password", "access.default-password"

EXAMPLES = (
    met(STRICT, setting("strictpassword", "On")),
    not_met(STRICT, setting("strictpassword", "Off")),
    not_met(STRICT, setting("strictpassword", "\x1b" * 999)),
    undetermined(STRICT),
    undetermined(STRICT, setting("strictpassword", FILTERED)),
    not_applicable(STRICT, setting("strictpassword", REFUSED)),
    not_met(DEFAULT, telnet("open")),
    undetermined(DEFAULT, telnet("password")),
    undetermined(DEFAULT),
)

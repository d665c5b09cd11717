"""Advisory: strict passwords are enforced."""

from auditor.model.control import Context, Kind, Need, control
from auditor.model.evidence import Absent, Evidence, Unknown
from auditor.model.facts import Setting
from auditor.model.verdict import Met, NotApplicable, NotMet, Undetermined, Verdict

_PATH = "strictpassword"


@control(
    "access.strict-password",
    title="Strict passwords are enforced",
    kind=Kind.ADVISORY,
    needs=(Need(Setting, _PATH),),
    method="Reads the setting from the system or from a saved configuration.",
    blind_spots="The setting says what the next password must look like, nothing of the one in use.",
    section="Implementation Guide for Level 3, step 5",
)
def strict_password(evidence: Evidence, context: Context) -> Verdict:
    """One password guards all administration of these systems, and any user name is accepted with it.

    With the strict rule on, a short or simple one cannot be set. The guide sets it in its steps, but no level rests
    on it.
    """
    setting = evidence.one(Setting, _PATH)
    if setting is None:
        return Undetermined(f"Needs the setting {_PATH}; the audit had no credentials and no saved configuration.")
    if isinstance(setting.outcome, Unknown):
        return Undetermined(f"Needs the setting {_PATH}; {setting.outcome.detail}", (setting.id,))
    if isinstance(setting.outcome, Absent):
        return NotApplicable("The system has no such setting.", (setting.id,))
    value = setting.outcome.fact.value.strip().strip('"').casefold()
    if value == "on":
        return Met("Strict passwords are enforced.", (setting.id,))
    return NotMet(f"Strict passwords are not enforced: the setting is {value[:20]!r}.", (setting.id,))

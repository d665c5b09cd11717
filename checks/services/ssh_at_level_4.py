"""Level 4: SSH, where the policy forbids it."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence, Unknown
from auditor.model.facts import OpenService, Setting, SshFace
from auditor.model.verdict import Met, NotApplicable, Verdict

from ._off import gaps, judge_off


@control(
    "services.ssh-at-level-4",
    title="SSH is used at Level 4 only as the policy allows",
    level=4,
    needs=(Need(OpenService, "ssh"), Need(Setting, "ssh.mode", optional=True)),
    method="Connects to the SSH port; where settings can be read, the SSH mode is read as well. The policy switch "
    "ssh_at_level_4 decides whether SSH may remain.",
    blind_spots="Does not tell whether the people who use SSH compare the host key before they trust it.",
    section="Secure Management Profiles, and the Level 4 implementation steps",
)
def ssh_at_level_4(evidence: Evidence, context: Context) -> Verdict:
    """SSH encrypts, but it shows no certificate: identity rests on a host key that people have to compare.

    The guide's Level 4 profile leaves HTTPS alone, while its Level 4 steps keep SSH as optional but recommended.
    The policy of the audit decides between the two and is printed with the result.
    """
    ports = evidence.observed(OpenService, "ssh")
    if context.policy.ssh_at_level_4 == "forbidden":
        return judge_off(evidence, "SSH", ports, "ssh.mode", evidence.observed(SshFace))
    told = tuple(o for o in ports if not isinstance(o.outcome, Unknown))
    if not told:
        return NotApplicable("The policy of this audit allows SSH at Level 4, so the port's state does not matter.")
    state = "answers" if any(o.fact for o in told) else "is refused"
    note = f"SSH {state}; the policy of this audit allows it at Level 4 (the guide's profile names HTTPS alone)."
    return Met(note, tuple(o.id for o in told), gaps(*ports, *evidence.observed(Setting, "ssh.mode")))

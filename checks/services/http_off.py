"""Level 3: plain HTTP is off."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Evidence
from auditor.model.facts import HttpFace, OpenService, Setting
from auditor.model.verdict import Met, Verdict

from ._http import Answer, answers, over_http
from ._off import gaps, judge_off


@control(
    "services.http-off",
    title="Plain HTTP is off",
    level=3,
    needs=(
        Need(OpenService, "http"),
        Need(HttpFace, "http/", optional=True),
        Need(Setting, "http.mode", optional=True),
    ),
    method="Connects to the HTTP port. Where settings can be read, the HTTP mode is read as well. The policy switch "
    "http_redirect_only decides whether a server that only sends browsers to HTTPS counts as off.",
    blind_spots="A port that is filtered between the auditor and the host may be open for others. That a server only "
    "redirects is known for the paths that were asked, not for all.",
    section="2 Technology Introduction – Security Levels",
)
def http_off(evidence: Evidence, context: Context) -> Verdict:
    """Plain HTTP shows every page, setting and event to whoever listens, even where the password is hidden.

    From Level 3 on, every conversation with the system has to be encrypted, and the guide turns HTTP off for that.
    """
    answered = answers(evidence)
    pages = over_http(evidence)
    only_turns_away = bool(answered) and all(kind is Answer.TURNED_AWAY for _, _, kind in answered)
    if context.policy.http_redirect_only == "allowed" and only_turns_away and not gaps(*pages):
        despite = gaps(*evidence.observed(Setting, "http.mode"), *evidence.observed(OpenService, "http"))
        return Met(
            "HTTP only sends browsers to HTTPS, which the policy of this audit allows.",
            tuple(id_ for id_, _, _ in answered),
            despite,
        )
    return judge_off(evidence, "HTTP", evidence.observed(OpenService, "http"), "http.mode", pages)

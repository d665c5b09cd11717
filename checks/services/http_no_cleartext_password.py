"""Level 2: HTTP asks for no password in clear."""

from auditor.model.control import Context, Need, control
from auditor.model.evidence import Absent, Evidence, Seen
from auditor.model.facts import HttpFace, OpenService, Setting
from auditor.model.verdict import Met, NotMet, Undetermined, Verdict

from ._http import Answer, answers, over_http
from ._off import configured_on, gaps, setting_ids, why_unknown


@control(
    "services.http-no-cleartext-password",
    title="HTTP asks for no password in clear",
    level=2,
    needs=(
        Need(OpenService, "http"),
        Need(HttpFace, "http/", optional=True),
        Need(Setting, "http.mode", optional=True),
    ),
    method="Asks for a few pages over plain HTTP without credentials and reads which kinds of login are offered. "
    "Redirects are recorded and not followed.",
    blind_spots="Only the profile's paths are asked. A page that asks for no password may lead to one that does, or may"
    " belong to a system without any password; neither counts as protection. A client may still choose Basic where "
    "Digest is offered too (see services.http-basic-offered).",
    section="2 Technology Introduction – Security Levels",
)
def http_no_cleartext_password(evidence: Evidence, context: Context) -> Verdict:
    """Logging in by Basic or by a form over plain HTTP hands the password to whoever listens.

    Digest, NTLM and Negotiate prove that the password is known without sending it.
    A server that is off, or that sends everybody to HTTPS first, asks for no password in clear either.
    """
    port, pages, answered = evidence.one(OpenService, "http"), over_http(evidence), answers(evidence)
    settings = evidence.observed(Setting, "http.mode")
    clear = [(id_, face) for id_, face, kind in answered if kind is Answer.CLEAR]
    if clear:
        how = ", ".join(f"{f.path} by {'a form' if f.login_form else 'Basic alone'}" for _, f in clear)
        return NotMet(f"HTTP asks for the password in clear: {how}.", tuple(id_ for id_, _ in clear))
    if port is None or not isinstance(port.outcome, Seen):
        return _not_open(evidence)
    protected = tuple(id_ for id_, _, kind in answered if kind is not Answer.NEUTRAL)
    kinds = {kind for _, _, kind in answered}
    if gaps(*pages) or not answered:
        because = f"HTTP answers, but not every page could be read ({why_unknown(pages)})."
        return Undetermined(because, (port.id, *(o.id for o in pages)))
    if Answer.CHALLENGE in kinds or kinds == {Answer.TURNED_AWAY}:
        how = " or ".join(sorted(kind.value for kind in kinds - {Answer.NEUTRAL}))
        return Met(f"HTTP {how}.", protected, gaps(*settings))
    because = "HTTP serves pages without asking for a password; how it would ask for one was not seen."
    return Undetermined(because, tuple(id_ for id_, _, _ in answered))


def _not_open(evidence: Evidence) -> Verdict:
    """Judge a port that was refused or gave no answer."""
    ports, on = evidence.observed(OpenService, "http"), configured_on(evidence, "http.mode")
    read = setting_ids(evidence, "http.mode")
    despite = gaps(*ports, *over_http(evidence), *evidence.observed(Setting, "http.mode"))
    refused = tuple(o.id for o in ports if isinstance(o.outcome, Absent))
    if on:
        because = "HTTP is configured on but gave no answer now; which logins it offers after a restart was not seen."
        return Undetermined(because, (*refused, *read))
    if refused or (on is False and ports):
        return Met(f"HTTP is {'refused' if refused else 'configured off'}.", (*refused, *read), despite)
    because = f"It cannot be told from here whether HTTP is on ({why_unknown(ports)}); it needs the setting http.mode."
    return Undetermined(because, tuple(o.id for o in ports))

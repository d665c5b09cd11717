"""The table of services: state and level of each, as the guide's tables rate what was observed. Pure."""

from typing import Literal

from auditor.model.assessment import ServiceView
from auditor.model.certificate import ChainReport, JudgedChain, ProblemKind
from auditor.model.evidence import Absent, Evidence, Observation, Seen, Unknown
from auditor.model.facts import FtpGreeting, HttpFace, OpenService, SnmpFace, SshFace, TelnetGreeting, TlsFace
from auditor.model.inventory import Target
from auditor.model.profile import Profile, Service

State = Literal["open", "closed", "filtered", "unknown"]
CHALLENGE_SCHEMES = {"digest", "ntlm", "negotiate"}
ADVISORY_ONLY = {
    ProblemKind.WEAK_KEY,
    ProblemKind.WEAK_SIGNATURE,
    ProblemKind.WRONG_ORDER,
    ProblemKind.DUPLICATE,
    ProblemKind.SUPERFLUOUS,
    ProblemKind.PROFILE,
    ProblemKind.REVOCATION_UNKNOWN,
}
"""Problems that the guide's Level 4 does not ask about: they become advisories."""


def view_services(evidence: Evidence, profile: Profile, target: Target) -> tuple[ServiceView, ...]:
    """Return one row for each service of the profile, also for those that were not looked at (`unknown`)."""
    return tuple(_view(evidence, service, target.ports.get(service.name, service.port)) for service in profile.services)


def _view(evidence: Evidence, service: Service, port: int) -> ServiceView:
    seen = evidence.one(OpenService, service.name)
    state, words = _state(seen)
    level: int | None = None
    if state == "open":
        level, words = _rate(evidence, service)
    return ServiceView(
        service=service.name,
        title=service.title,
        port=port,
        transport=service.transport,
        state=state,
        level=level,
        detail=words,
        management=service.management,
    )


def _state(seen: Observation[OpenService] | None) -> tuple[State, str]:
    if seen is None:
        return "unknown", "not looked at"
    match seen.outcome:
        case Seen():
            return "open", ""
        case Absent(reason):
            return "closed", reason
        case Unknown(cause, detail):
            return ("filtered" if cause.value in {"filtered", "timed_out"} else "unknown"), detail


def _rate(evidence: Evidence, service: Service) -> tuple[int | None, str]:
    match service.protocol:
        case "telnet" | "telnet-challenge":
            return _telnet(evidence, service)
        case "http":
            return _http(evidence, service)
        case "https":
            return _https(evidence, service)
        case _:
            return service.level, _greeting(evidence, service)


def _greeting(evidence: Evidence, service: Service) -> str:
    """Return what an FTP, SSH or SNMP service said of itself, or why it is not known.

    The guide rates these by being open alone.
    """
    said = (
        *(f.banner for f in evidence.of(FtpGreeting, service.name)),
        *(f.banner for f in evidence.of(SshFace, service.name)),
        *(f.description for f in evidence.of(SnmpFace, service.name)),
    )
    missed = (
        f"open; what it says is not known: {made.outcome.detail}"
        for kind in (FtpGreeting, SshFace, SnmpFace)
        if (made := evidence.one(kind, service.name)) and isinstance(made.outcome, Unknown)
    )
    return next(iter((*said, *missed)), "open")


def _telnet(evidence: Evidence, service: Service) -> tuple[int | None, str]:
    made = evidence.one(TelnetGreeting, service.name)
    greeting = made.fact if made else None
    if greeting is None:
        return None, "open, but it said nothing that shows how passwords are sent"
    match greeting.prompt:
        case "challenge":
            return 2, "asks by challenge and response"
        case "password" | "login":
            return 1, "asks for a password in clear"
        case "open":
            return 1, "gives a command prompt without a password"
        case _:
            return None, "open, but no prompt was seen: plain or challenge cannot be told"


def _http(evidence: Evidence, service: Service) -> tuple[int | None, str]:
    """Rate by the weakest page: one that asks for a password in clear decides."""
    faces = [f for f in evidence.of(HttpFace) if f.scheme == "http" and _about(evidence, f, service)]
    if not faces:
        return None, "open, but it did not answer as HTTP"
    ratings = [_page(face) for face in faces]
    return min(ratings, key=lambda rating: rating[0] if rating[0] is not None else 9)


def _about(evidence: Evidence, face: HttpFace, service: Service) -> bool:
    return any(o.fact is face and o.subject.startswith(service.name + "/") for o in evidence.observed(HttpFace))


def _page(face: HttpFace) -> tuple[int | None, str]:
    schemes = ", ".join(face.auth_schemes)
    if CHALLENGE_SCHEMES & set(face.auth_schemes):
        return 2, f"{face.path} offers {schemes}"
    if "basic" in face.auth_schemes or face.login_form:
        return 1, f"{face.path} asks for a password in clear ({schemes or 'form'})"
    if face.ssl_required:
        return 2, f"{face.path} refuses HTTP and demands SSL"
    if face.location and face.location.lower().startswith("https://"):
        return 2, f"{face.path} only leads to HTTPS"
    return 2, f"{face.path} answered {face.status} without asking for a password"


def _https(evidence: Evidence, service: Service) -> tuple[int | None, str]:
    made = evidence.one(TlsFace, service.name)
    face = made.fact if made else None
    if face is None:
        return None, "open, but no TLS session could be verified"
    if face.protection == "none":
        return 1, f"{face.version} with {face.cipher}: nothing is protected"
    judged = evidence.one(JudgedChain, service.name)
    chain = judged.fact if judged else None
    if chain is None:
        return 3, f"{face.version}; the certificate could not be judged"
    problems = decisive(chain.report)
    if problems:
        return 3, f"{face.version}; certificate: {'; '.join(problems)}"
    return 4, f"{face.version}; the certificate passes every check"


def decisive(report: ChainReport) -> tuple[str, ...]:
    """Return the problems that keep a certificate from Level 4, as sentences; a missing name check is one of them.

    That revocation could not be looked up counts where the policy demands it: then the code says so.
    """
    unknown = {ProblemKind.REVOCATION_UNKNOWN} if report.verify_code else set()
    problems = [p.detail for p in report.problems if p.kind not in ADVISORY_ONLY - unknown]
    if report.verify_code != 0 and not problems:
        problems.append(f"verification gives {report.verify_code} {report.verify_name}")
    if report.name_check is None and not problems:
        problems.append("no hostname to hold the certificate against")
    return tuple(problems)

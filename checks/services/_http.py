"""What one answer over plain HTTP means for a password that a person would type next."""

from enum import StrEnum

from auditor.model.evidence import Evidence, Observation
from auditor.model.facts import HttpFace

CHALLENGE = ("digest", "ntlm", "negotiate")
"""Authentication schemes by which the password itself is not sent."""


class Answer(StrEnum):
    """Kinds of answers; `NEUTRAL` asked for no password and turned nobody away."""

    TURNED_AWAY = "sends to HTTPS or refuses without it"
    CHALLENGE = "asks by challenge and response"
    CLEAR = "asks for the password in clear"
    NEUTRAL = "asks for no password"


def read(face: HttpFace) -> Answer:
    """Tell which kind of answer this is."""
    location = (face.location or "").casefold()
    if face.ssl_required or (300 <= face.status < 400 and location.startswith("https://")):
        return Answer.TURNED_AWAY
    if any(scheme in CHALLENGE for scheme in face.auth_schemes):
        return Answer.CHALLENGE
    if face.login_form or "basic" in face.auth_schemes:
        return Answer.CLEAR
    return Answer.NEUTRAL


def over_http(evidence: Evidence) -> tuple[Observation[HttpFace], ...]:
    """Return every observation of a path that was asked over plain HTTP."""
    return tuple(o for o in evidence.observed(HttpFace) if o.subject.startswith("http/"))


def answers(evidence: Evidence) -> tuple[tuple[str, HttpFace, Answer], ...]:
    """Return identifier, fact and kind of each answer that came over plain HTTP."""
    return tuple((o.id, o.fact, read(o.fact)) for o in over_http(evidence) if o.fact is not None)

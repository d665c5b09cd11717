"""The level of one service, as the table of the specification has it."""

from datetime import timedelta

import pytest

from auditor.engine.services import view_services
from auditor.model.assessment import ServiceView
from auditor.model.certificate import ChainProblem, ChainReport, JudgedChain, NameCheck, ProblemKind
from auditor.model.evidence import Absent, AnyObservation, Cause, Evidence, Observation, Seen, Unknown
from auditor.model.facts import HttpFace, TelnetGreeting, TlsFace
from tests.engine.evidence import AT, TARGET, TOY, closed_port, filtered_port, open_port


def view(name: str, *observations: AnyObservation) -> ServiceView:
    """View one service of the toy."""
    return next(v for v in view_services(Evidence(observations), TOY, TARGET) if v.service == name)


def page(**fields: object) -> AnyObservation:
    """Observe a page over HTTP."""
    face = HttpFace(scheme="http", port=80, path="/", status=401, **fields)  # type: ignore[arg-type] # short spelling
    return Observation(HttpFace, "get", "http/", AT, Seen(face), 80)


def telnet(prompt: str) -> AnyObservation:
    """Observe a greeting."""
    fact = TelnetGreeting(port=23, banner="Welcome", prompt=prompt)  # type: ignore[arg-type] # short spelling
    return Observation(TelnetGreeting, "telnet", "telnet", AT, Seen(fact), 23)


@pytest.mark.parametrize(
    ("prompt", "level"),
    [("password", 1), ("login", 1), ("open", 1), ("challenge", 2), ("silent", None), ("other", None)],
)
def test_telnet(prompt: str, level: int | None) -> None:
    """A challenge is Level 2, a plain prompt Level 1; without a prompt nothing can be said."""
    assert view("telnet", open_port(), telnet(prompt)).level == level


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"auth_schemes": ("digest", "basic")}, 2),
        ({"auth_schemes": ("ntlm",)}, 2),
        ({"auth_schemes": ("negotiate",)}, 2),
        ({"auth_schemes": ("basic",)}, 1),
        ({"login_form": True}, 1),
        ({"location": "https://x/"}, 2),
        ({"ssl_required": True}, 2),
    ],
)
def test_http(fields: dict[str, object], level: int) -> None:
    """HTTP is rated by how it asks for the password."""
    assert view("http", open_port("http", 80), page(**fields)).level == level


def test_the_weakest_page_rates_http() -> None:
    """One page that asks in clear decides."""
    worse = HttpFace(scheme="http", port=80, path="/x", status=401, auth_schemes=("basic",))
    more = Observation(HttpFace, "get", "http/x", AT, Seen(worse), 80)
    assert view("http", open_port("http", 80), page(auth_schemes=("digest",)), more).level == 1


def test_states_are_told_apart() -> None:
    """Open, closed, filtered, and not looked at."""
    states = [view("telnet", *o).state for o in ((open_port(),), (closed_port(),), (filtered_port(),), ())]
    assert states == ["open", "closed", "filtered", "unknown"]


def tls(protection: str = "full") -> AnyObservation:
    """Observe a handshake."""
    fact = TlsFace(port=443, version="TLSv1.2", cipher="x", chain=(b"x",), completed=True, protection=protection)  # type: ignore[arg-type] # short spelling
    return Observation(TlsFace, "tls", "https", AT, Seen(fact), 443)


def chain(*problems: ProblemKind, code: int = 0, name: bool = True) -> AnyObservation:
    """Observe a judged chain."""
    check = NameCheck(
        reference="toy1.example.test", outcome="match", by_common_name="match", by_subject_alternative_name="absent",
        because="CN",
    )  # fmt: skip
    report = ChainReport(
        presented=(), path=(), verify_code=code, verify_name="X", name_check=check if name else None,
        problems=tuple(ChainProblem(kind, kind.value) for kind in problems), checked_at=AT + timedelta(0),
    )  # fmt: skip
    return Observation(JudgedChain, "chain", "https", AT, Seen(JudgedChain(port=443, report=report)), 443, derived=True)


@pytest.mark.parametrize(
    ("observations", "level"),
    [
        ((tls(), chain()), 4),
        ((tls(), chain(ProblemKind.WEAK_KEY)), 4),
        ((tls(), chain(ProblemKind.EXPIRED, code=10)), 3),
        ((tls(), chain(ProblemKind.NAME_MISMATCH)), 3),
        ((tls(), chain(code=20)), 3),
        ((tls(), chain(name=False)), 3),
        ((tls(),), 3),
        ((tls("none"), chain()), 1),
        ((Observation(TlsFace, "tls", "https", AT, Unknown(Cause.TLS_FAILED, "alert"), 443),), None),
        ((Observation(TlsFace, "tls", "https", AT, Absent("refused"), 443),), None),
    ],
)
def test_https(observations: tuple[AnyObservation, ...], level: int | None) -> None:
    """Level 4 only with a certificate that passes; a failed handshake is not rated at all."""
    assert view("https", open_port("https", 443), *observations).level == level

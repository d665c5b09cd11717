"""What devices show wins over what people state of their management server."""

from dataclasses import replace

import pytest

from auditor.model.collected import HostEvidence
from auditor.model.evidence import AnyObservation, Evidence
from auditor.model.facts import FeedbackList, Identity
from tests.engine.managed import device, evidence, host_of, run_of, server, verdict_of
from tests.engine.parties import ADDRESS, PROTOCOL, SERVER_NAME, VERIFY, observe, setting, stated

OLD = observe(Identity, "identity/host", Identity(family="mxp", software="F6.3 PAL", said_by="setting"))
HTTP = setting(PROTOCOL, "HTTP")


def without_statement(host: HostEvidence, statement: str) -> HostEvidence:
    """Return the server without a statement."""
    kept = tuple(o for o in host.evidence.observations if o.id != f"attested/{statement}")
    return replace(host, evidence=Evidence(kept))


@pytest.mark.parametrize(
    ("changes", "server_says", "status"),
    [
        ((), server(), "met"),
        ((HTTP,), server(), "not_met"),
        ((HTTP,), server(stated("secure-only", "no")), "not_met"),
        ((HTTP,), without_statement(server(), "secure-only"), "not_met"),
        ((), without_statement(server(), "secure-only"), "undetermined"),
        ((HTTP, setting(ADDRESS, "127.0.0.1")), server(), "met"),
        ((HTTP, setting(ADDRESS, "")), server(), "met"),
        ((HTTP, OLD), server(), "met"),
        ((observe(FeedbackList, "feedback/urls", FeedbackList(urls=(f"http://{SERVER_NAME}/tms/",))),), server(),
         "not_met"),
        ((observe(FeedbackList, "feedback/urls", FeedbackList(urls=("http://other.test/", "http://["))),), server(),
         "met"),
    ],
)  # fmt: skip
def test_secure_only(changes: tuple[AnyObservation, ...], server_says: HostEvidence, status: str) -> None:
    """A capable device that is set to HTTP refutes the statement; one that cannot do it, or does not call, does not."""
    run = run_of(device(*changes), server_says)
    found, because = verdict_of(run, "manager", "tms.secure-only")
    assert found == status, because


def test_the_devices_observation_is_named_and_shown() -> None:
    """With its name, its setting and what it says; the finding is not called attested."""
    run = run_of(device(HTTP), device(name="rm205"), server())
    finding = next(f for f in host_of(run, "manager").findings if f.control == "tms.secure-only")
    assert "rm204 (setting/externalmanager.protocol is HTTP)" in finding.because
    assert "rm205" not in finding.because
    assert [line for line in finding.evidence if line.startswith("devices/secure-only: ")]
    assert not finding.attested
    assert host_of(run, "manager").score.possible == 2


def test_many_devices_are_counted() -> None:
    """A sentence stays readable for a large fleet."""
    run = run_of(*(device(HTTP, name=f"rm{n}") for n in range(9)), server())
    assert "and 4 more" in verdict_of(run, "manager", "tms.secure-only")[1]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        (SERVER_NAME.upper() + ".", "met"),
        ("127.0.0.1", "met"),
        ("old.example.test", "not_met"),
        ("192.0.2.10", "not_met"),
    ],
)
def test_one_name_for_all(address: str, status: str) -> None:
    """Two names, or a number, and not one name for all."""
    run = run_of(device(), device(setting(ADDRESS, address), name="rm205"), server())
    assert verdict_of(run, "manager", "tms.one-name-for-all")[0] == status


def test_a_device_that_does_not_verify_raises_doubt_only() -> None:
    """The server's own verification is not disproved by it, but the statement no longer counts."""
    run = run_of(device(setting(VERIFY, "Off")), server())
    status, because = verdict_of(run, "manager", "tms.verify-certificates")
    assert status == "undetermined"
    assert "rm204" in because


def test_a_family_whose_steps_leave_verification_off_raises_no_doubt() -> None:
    """The guide's own steps for the gatekeeper say Off."""
    host = device(setting(VERIFY, "Off"))
    host = evidence(replace(host.target, product="vcs"), *host.evidence.observations)
    assert verdict_of(run_of(host, server()), "manager", "tms.verify-certificates")[0] == "met"


def test_devices_of_another_server_say_nothing() -> None:
    """Contradictions stay with the server that manages the device."""
    other = device(HTTP)
    other = replace(other, target=replace(other.target, tms="elsewhere"))
    assert verdict_of(run_of(other, server()), "manager", "tms.secure-only")[0] == "met"

"""The guard: one password goes to one host once, until the host has accepted it."""

import pytest

from auditor.wire.failures import LoginRefusedError, LoginWithheldError
from auditor.wire.login import LoginGuard
from tests.lines import login_as


def test_a_second_attempt_is_refused_whatever_became_of_the_first() -> None:
    """Refused, or cut off so that nobody knows: there is no other try."""
    for error in (LoginRefusedError("no"), ConnectionResetError()):
        login = login_as("correct horse")
        with pytest.raises(type(error)), login.attempt():
            raise error
        assert login.spent
        with pytest.raises(LoginWithheldError, match="second time"), login.attempt():
            raise AssertionError("the password was given out again")


def test_an_accepted_password_may_be_used_again_until_it_is_refused() -> None:
    """It is known to be right, so it locks nobody out; the first refusal ends it."""
    login = login_as("correct horse")
    for _ in range(3):
        with login.attempt() as password:
            assert password == "correct horse"  # noqa: S105 - invented
        login.accept()
    assert not login.spent
    with pytest.raises(LoginRefusedError), login.attempt():
        raise LoginRefusedError("on another channel")
    assert login.spent


def test_the_guard_tells_hosts_and_credentials_apart_and_nothing_else() -> None:
    """Another host has its own attempt; the same host under the same credential has not."""
    guard = LoginGuard()
    guard.try_once("codec", "192.0.2.1")
    guard.try_once("codec", "192.0.2.2")
    guard.try_once("other", "192.0.2.1")
    with pytest.raises(LoginWithheldError):
        guard.try_once("codec", "192.0.2.1")

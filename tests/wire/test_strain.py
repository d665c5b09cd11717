"""What failures say of a host's state: budgets and signs of distress, without a socket."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.model.politeness import Distress, Politeness
from auditor.wire.failures import (
    ClosedEarlyError,
    FilteredError,
    LoginRefusedError,
    LoginWithheldError,
    MalformedError,
    RefusedError,
    SilentError,
    StoppedError,
    TlsFailedError,
    TooLargeError,
    UnreachableError,
    WireError,
)
from auditor.wire.readlist import Request
from auditor.wire.strain import Advice, Ended, Strain

LISTEN, HELLO = Request("telnet", "LISTEN"), Request("tls", "HELLO")
POLITE = Politeness(error_budget=3, distress=Distress(signs=2, slower_by=10, back_off_seconds=4, back_offs=1))
CALM = replace(POLITE, distress=Distress(signs=0))


def ended(error: type[WireError] | None = None, port: int = 23, seconds: float = 0.1, **more: object) -> Ended:
    """Return a request that has ended."""
    made = None if error is None else error("x")
    return replace(Ended(request=LISTEN, port=port, seconds=seconds, error=made), **more)  # type: ignore[arg-type] # a test's short spelling


def taken(politeness: Politeness, *requests: Ended) -> list[Advice]:
    """Return what follows from each of the requests."""
    strain = Strain(politeness)
    return [strain.take(each) for each in requests]


@pytest.mark.parametrize("error", [SilentError, ClosedEarlyError])
def test_requests_in_a_row_without_an_answer_use_the_budget_up(error: type[WireError]) -> None:
    """The last one of the budget ends the asking, and not one before."""
    first, second, third = taken(CALM, *(ended(error, port) for port in (21, 22, 23)))
    assert (first, second) == (Advice(), Advice())
    assert third.stop
    assert "3 requests in a row" in third.words


@pytest.mark.parametrize("error", [None, MalformedError, TooLargeError, TlsFailedError, LoginRefusedError])
def test_an_answer_of_any_kind_begins_the_row_again(error: type[WireError] | None) -> None:
    """Whoever speaks nonsense speaks."""
    row = [ended(SilentError, 21), ended(SilentError, 22), ended(error, 80), ended(SilentError, 24)]
    assert not any(advice.stop for advice in taken(CALM, *row, ended(SilentError, 25)))
    assert taken(CALM, *row, ended(SilentError, 25), ended(SilentError, 26))[-1].stop


@pytest.mark.parametrize(
    "error", [RefusedError, FilteredError, UnreachableError, LoginWithheldError, StoppedError]
)  # fmt: skip
def test_a_closed_port_is_neither_an_error_nor_an_answer(error: type[WireError]) -> None:
    """A host with every port refused or filtered is asked to the end; a row of errors goes on across such a port."""
    assert not any(advice.words for advice in taken(POLITE, *(ended(error, port) for port in range(1, 100))))
    assert taken(CALM, ended(SilentError, 1), ended(error, 2), ended(SilentError, 3), ended(SilentError, 4))[-1].stop


def test_no_budget_never_ends_the_asking() -> None:
    """Zero means: no budget."""
    endless = replace(CALM, error_budget=0)
    assert not any(advice.words for advice in taken(endless, *(ended(SilentError) for _ in range(100))))


def test_hanging_up_on_an_offer_of_tls_is_no_failure() -> None:
    """A healthy old server refuses every version but its own in this way, many times in a row."""
    offers = [ended(ClosedEarlyError, 443, request=HELLO) for _ in range(20)]
    assert not any(advice.words for advice in taken(POLITE, ended(port=443, request=HELLO), *offers))
    silent = [ended(SilentError, 443, request=HELLO) for _ in range(3)]
    assert taken(CALM, *silent)[-1].stop


@pytest.mark.parametrize("error", [ClosedEarlyError, SilentError, RefusedError, FilteredError, UnreachableError])
def test_failing_where_it_has_answered_before_is_distress(error: type[WireError]) -> None:
    """First a pause, then, if it goes on, the end."""
    polite = replace(POLITE, error_budget=0)
    good, *bad = taken(polite, ended(), *(ended(error) for _ in range(4)))
    assert good == Advice()
    assert [(advice.back_off, advice.stop) for advice in bad] == [(0, False), (4, False), (0, False), (0, True)]
    assert "answered before" in bad[-1].words
    assert "after 1 pause" in bad[-1].words


def test_pauses_grow_and_a_good_answer_between_takes_a_sign_back() -> None:
    """Twice as long the next time; one sign alone is none."""
    polite = replace(POLITE, error_budget=0, distress=replace(POLITE.distress, back_offs=3))
    row = [ended(), *(ended(ClosedEarlyError) for _ in range(6))]
    assert [advice.back_off for advice in taken(polite, *row) if advice.back_off] == [4, 8, 16]
    mixed = [ended(), *(each for _ in range(20) for each in (ended(ClosedEarlyError), ended()))]
    assert not any(advice.words for advice in taken(polite, *mixed))


def test_answers_that_grow_beyond_the_quickest_are_distress() -> None:
    """Held against the same request at the same port only, and never below two seconds."""
    assert taken(POLITE, ended(seconds=0.1), ended(seconds=2.5), ended(seconds=3))[-1].back_off == 4
    assert not any(a.words for a in taken(POLITE, ended(seconds=0.1), *(ended(seconds=1.9) for _ in range(9))))
    assert not any(a.words for a in taken(POLITE, ended(seconds=0.5), *(ended(seconds=4.9) for _ in range(9))))
    assert not any(a.words for a in taken(POLITE, ended(seconds=0.1), *(ended(port=p, seconds=5) for p in (1, 2, 3))))


def test_what_was_measured_while_this_machine_was_late_proves_nothing() -> None:
    """Our own load is no sign of a host's distress."""
    late = [ended(seconds=5.0, timely=False) for _ in range(9)]
    assert not any(advice.words for advice in taken(POLITE, ended(seconds=0.1), *late))


ERRORS = st.sampled_from([None, SilentError, ClosedEarlyError, RefusedError, FilteredError, MalformedError])


@given(st.lists(st.builds(ended, ERRORS, st.integers(1, 4), st.sampled_from([0.1, 5.0])), max_size=60))
def test_a_budget_ends_nothing_before_it_is_used_up(requests: list[Ended]) -> None:
    """However the answers come, the end stands behind as many failures without an answer between."""
    strain = Strain(CALM)
    for number, each in enumerate(requests, 1):
        if strain.take(each).stop:
            last = [r.error for r in requests[:number] if not isinstance(r.error, RefusedError)]
            answers = [index for index, error in enumerate(last) if error is None or isinstance(error, MalformedError)]
            failed = [error for error in last[(answers or [-1])[-1] + 1 :] if error is not None]
            assert len(failed) >= 3
            assert not isinstance(each.error, RefusedError)
            break

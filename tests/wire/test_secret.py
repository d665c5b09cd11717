"""A secret is used and not shown: no text form, no copy, no document, no exception tells it."""

import base64
import copy
import json
import pickle
from dataclasses import asdict, dataclass

import msgspec
import pydantic
import pytest

from auditor.wire.failures import LoginRefusedError, MalformedError
from auditor.wire.login import Login, LoginGuard
from auditor.wire.secret import Secret, WithheldError, shielded

CANARY = "Kanarie!7 vogel"
SECRET = Secret(CANARY)


@dataclass(frozen=True)
class Holder:
    """A record with a secret in it, as a mistake of ours could make one."""

    secret: Secret


def login() -> Login:
    return Login(credential="c", host="h", username="admin", secret=SECRET, guard=LoginGuard())


@pytest.mark.parametrize("text", [repr(SECRET), str(SECRET), f"{SECRET}", f"{SECRET!r:>40}", repr(login())])
def test_no_text_form_tells_it(text: str) -> None:
    """Neither printing nor formatting, nor printing what holds it."""
    assert CANARY not in text
    assert not any(spelling in text for spelling in SECRET.spellings("admin"))


def test_the_user_name_is_no_part_of_a_logins_text() -> None:
    """Logs that print a login show which credential it is, and not who."""
    assert "admin" not in repr(login())


def test_it_is_neither_copied_nor_pickled() -> None:
    """What could carry it elsewhere refuses."""
    for carry in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="secret"):
            carry(SECRET)
    with pytest.raises(TypeError, match="secret"):
        asdict(Holder(SECRET))


def test_no_document_takes_it() -> None:
    """msgspec, json and pydantic refuse it, also inside a record."""
    for value in (SECRET, Holder(SECRET), {"a": [SECRET]}, login()):
        with pytest.raises(TypeError):
            msgspec.json.encode(value)
        with pytest.raises(TypeError):
            json.dumps(value)
    with pytest.raises(TypeError, match="secret"):
        pydantic.TypeAdapter(Secret, config=pydantic.ConfigDict(arbitrary_types_allowed=True))
    with pytest.raises(TypeError, match="secret"):
        pydantic.create_model("Model", secret=(Secret, ...))


SPELLINGS = {
    "plain": CANARY,
    "quoted": "Kanarie%217%20vogel",
    "form": "Kanarie%217+vogel",
    "hex": CANARY.encode().hex(),
    "base64": base64.b64encode(CANARY.encode()).decode(),
    "basic": base64.b64encode(f"admin:{CANARY}".encode()).decode(),
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_exceptions_do_not_carry_it_out(spelling: str) -> None:
    """Whether it stands in the text, the cause, the context or a note, and in whatever spelling."""

    def plainly() -> None:
        raise ValueError(f"bad value {spelling} here")

    def as_cause() -> None:
        raise ValueError("bad") from KeyError(spelling)

    def as_context() -> None:
        try:
            dict[str, str]()[spelling]
        except KeyError:
            raise ValueError("bad")  # noqa: B904 - the context is the point

    def as_note() -> None:
        error = ValueError("bad")
        error.add_note(spelling)
        raise error

    for fail in (plainly, as_cause, as_context, as_note):
        with pytest.raises(WithheldError) as caught, shielded(SECRET, "admin"):
            fail()
        assert spelling not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__


def test_what_a_host_does_stays_what_the_host_did() -> None:
    """A wire error keeps its kind; an exception without the secret passes as it is."""
    with pytest.raises(MalformedError, match="withheld"), shielded(SECRET):
        raise MalformedError(f"the device said {CANARY}")
    with pytest.raises(LoginRefusedError, match="no"), shielded(SECRET):
        raise LoginRefusedError("no")


def test_a_very_short_password_does_not_blank_everything() -> None:
    """One letter stands in every text; only the longer ones are looked for."""
    with pytest.raises(ValueError, match="bad"), shielded(Secret("a")):
        raise ValueError("bad")

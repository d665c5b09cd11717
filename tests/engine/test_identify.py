"""Which product a host is, and its software: from what it shows, and from what it says of itself."""

from dataclasses import replace

import pytest

from auditor.engine.identify import completed, identify
from auditor.model.evidence import AnyObservation, Evidence, Observation, Seen
from auditor.model.facts import DeviceSays, Identity, TelnetGreeting
from auditor.model.profile import Exclusion, Recognition
from tests.engine.evidence import AT, TOY

OTHER = replace(TOY, family="other", recognise=(Recognition(where="telnet", pattern="Other|Toy Release T9", weight=3),))
PICKY = replace(TOY, excluded=(Exclusion(software=r"L.*", because="left out"),))


def banner(text: str) -> AnyObservation:
    """Observe a Telnet banner."""
    fact = TelnetGreeting(port=23, banner=text, prompt="password")
    return Observation(TelnetGreeting, "telnet", "telnet", AT, Seen(fact), 23)


def says(software: str | None, source: str = "live") -> AnyObservation:
    """Observe what the host says of itself."""
    fact = DeviceSays(software=software, system_name="Room", source=source)  # type: ignore[arg-type] # short spelling
    return Observation(DeviceSays, "says", "device", AT, Seen(fact))


def test_a_pattern_tells_family_and_software() -> None:
    """And the observation that said so."""
    found = identify(Evidence((banner("Toy Release T7.2 NTSC"),)), [TOY, OTHER])
    assert found == Identity(family="toy", software="T7.2", said_by="telnet/telnet")


def test_a_tie_of_two_families_is_no_recognition() -> None:
    """Nobody guesses."""
    assert identify(Evidence((banner("Toy Release T9.1"),)), [TOY, OTHER]) is None
    assert identify(Evidence((banner("hello"),)), [TOY, OTHER]) is None


@pytest.mark.parametrize(
    ("shown", "observation", "software", "said_by"),
    [
        ("T7.2", says("T7.3"), "T7.3", "says/device"),
        ("T7.2", says("T7.3", "saved"), "T7.2", "telnet/telnet"),
        (None, says("T7.3", "saved"), "T7.3", "says/device"),
        ("T7.2", says(None), "T7.2", "telnet/telnet"),
    ],
)
def test_what_the_host_says_live_counts_before_its_banner_and_a_saved_word_after_it(
    shown: str | None, observation: AnyObservation, software: str, said_by: str
) -> None:
    """A saved configuration may be older than the software."""
    known = Identity(family="toy", software=shown, said_by="telnet/telnet") if shown else None
    found = completed(known, Evidence((observation,)), TOY)
    assert found is not None
    assert (found.software, found.said_by, found.system_name) == (software, said_by, "Room")


def test_an_excluded_model_is_told_by_either() -> None:
    """The guide's reason stands in the identity."""
    found = completed(None, Evidence((says("L5.1"),)), PICKY)
    assert found is not None
    assert found.excluded == "left out"
    assert completed(None, Evidence(()), PICKY) is None

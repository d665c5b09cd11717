"""Links: what one party of a link makes of the other, concluded from the evidence of both (product.md section 1)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from auditor.model.facts import Fact

Direction = Literal["device-to-tms", "tms-to-device"]
"""Which party opens the connection: it is the one that has to verify the other."""

DEVICE_TO_TMS: Direction = "device-to-tms"
TMS_TO_DEVICE: Direction = "tms-to-device"


class LinkOutcome(StrEnum):
    """What happens when one party calls the other.

    `ACCEPTED`: verified, and the certificate passes (Level 4). `NOT_VERIFIED`: HTTPS, whoever answers is believed (3).
    `CLEAR`: a protocol without encryption (2 or 1). `REFUSED`: the caller verifies, and would break the connection off:
    nothing is exposed and nothing works, so there is no level. `FAILS`: proven not to reach Level 4, but whether it is
    refused or merely not verified is not known. `OFF`: the caller is set not to call. `UNKNOWN`: evidence is missing.
    """

    ACCEPTED = "accepted"
    NOT_VERIFIED = "not_verified"
    CLEAR = "clear"
    REFUSED = "refused"
    FAILS = "fails"
    OFF = "off"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLink(Fact):
    """Derived: one direction of the link between this device and its management server.

    `because` is a sentence and carries the first failing reason. `cause` is that reason without anything that only
    this device has, so that equal causes can be counted. `rests_on` are identifiers of this device's observations;
    `attested` holds where it rests on a person's statement as well.
    """

    direction: Direction
    tms: str
    outcome: LinkOutcome
    level: int | None
    because: str
    cause: str
    rests_on: tuple[str, ...] = ()
    attested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction(Fact):
    """Derived: what managed devices show against a statement about their management server.

    `devices` are their names, `because` is a sentence that names their observations. `refutes` is False where they
    only raise doubt: the statement then neither counts nor is disproved.
    """

    statement: str
    devices: tuple[str, ...]
    because: str
    refutes: bool = True

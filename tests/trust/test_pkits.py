"""The device rules, with revocation required, against NIST's PKITS without its policy cases."""

import pytest

from tests.trust.known import known_disagreements
from tests.trust.pkits import PkitsCase, cases, judged

CASES = cases()
KNOWN = known_disagreements("pkits")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: PkitsCase) -> None:
    """The judge agrees with the suite; known disagreements must still be disagreements."""
    report = judged(case)
    assert ((report.verify_code == 0) == case.valid) != (case.name in KNOWN), report.verify_name


def test_agreement_is_high_enough() -> None:
    """At least 85 in 100 cases agree, and no invalid path is accepted."""
    wrong = [case for case in CASES if (judged(case).verify_code == 0) != case.valid]
    assert len(CASES) > 150
    assert len(wrong) <= 0.15 * len(CASES)
    assert all(case.valid for case in wrong)

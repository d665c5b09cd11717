"""JUnit XML: read by junitparser and ElementTree, with the right counts, whatever the devices write."""

from collections import Counter
from xml.etree import ElementTree as ET

from hypothesis import assume, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from junitparser import Error, Failure, JUnitXml, Skipped

from auditor.model.verdict import Status
from auditor.reports.junit import REACHED, JunitReport
from auditor.reports.records import records
from auditor.reports.visible import visible
from tests.reports.machine_run import HOSTILE_NAMES, machine_run

RUN = machine_run()


def parsed() -> JUnitXml:
    """Return the document as junitparser reads it."""
    return JUnitXml.fromstring(JunitReport().render(RUN))


def test_verdicts_become_results() -> None:
    """Not met is a failure, not known an error, not applicable skipped; a host without an answer is an error."""
    kinds = Counter(type(result) for suite in parsed() for case in suite for result in case.result)
    statuses = Counter(record.finding.status for record in records(RUN))
    unreached = sum(host.unreachable_because is not None for host in RUN.hosts) + len(RUN.not_looked_at)
    assert kinds[Failure] == statuses[Status.NOT_MET]
    assert kinds[Skipped] == statuses[Status.NOT_APPLICABLE]
    assert kinds[Error] == statuses[Status.UNDETERMINED] + unreached


def test_totals_are_those_of_the_cases() -> None:
    """The numbers in the attributes, which pipelines read, are the numbers of elements."""
    document = parsed()
    written = (document.tests, document.failures, document.errors, document.skipped)
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser has no annotation there
    assert written == (document.tests, document.failures, document.errors, document.skipped)
    for suite in document:
        told = (suite.tests, suite.failures, suite.errors, suite.skipped)
        suite.update_statistics()  # type: ignore[no-untyped-call]  # junitparser has no annotation there
        assert told == (suite.tests, suite.failures, suite.errors, suite.skipped)


def test_hosts_that_were_not_looked_at_are_no_success() -> None:
    """They are suites with an error."""
    by_name = {suite.name: suite for suite in parsed()}
    [case] = by_name["rm400"]
    assert case.name == REACHED
    assert isinstance(case.result[0], Error)


def test_a_fault_of_ours_is_called_so() -> None:
    """It is nothing that the host did."""
    [suite] = [s for s in parsed() if s.name == "rm118"]
    assert [r.type for case in suite for r in case.result if case.name.startswith("services.ftp-off")] == [
        "fault-of-the-auditor"
    ]


def test_names_are_text() -> None:
    """Markup and forbidden characters are shown."""
    names = {suite.name for suite in parsed()}
    assert {visible(name) for name in HOSTILE_NAMES if len(name) < 4000} <= names


@limits(max_examples=40)
@given(st.text(min_size=1, max_size=40))
def test_any_text_makes_a_document(name: str) -> None:
    """Round trip through ElementTree. Names are unique in an inventory, so those of the sample are left out."""
    assume(name not in {host.target.name for host in machine_run([]).hosts})
    root = ET.fromstring(JunitReport().render(machine_run([name])))  # noqa: S314 - our own document
    assert visible(name) in {suite.get("name") for suite in root}

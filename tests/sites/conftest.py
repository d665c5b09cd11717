"""What the tests of many sites share."""

import pytest

from auditor.cli.assembly import Assembly, assemble


@pytest.fixture(scope="session")
def assembly() -> Assembly:
    """Return the program as installed."""
    return assemble()

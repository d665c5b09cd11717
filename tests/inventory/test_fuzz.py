"""Whatever a file holds, reading it gives an inventory or an InventoryError, and nothing else."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.inventory import InventoryError, Problem, read_inventory, yaml_file

SERVICES = {"mxp": ("http", "https"), "tms": ("https",)}
WORDS = (
    "version", "settings", "policy", "credentials", "systems", "tms", "name", "product", "mxp", "auto", "hostname",
    "address", "192.0.2.1", "ports", "https", "roots", "tags", "site", "no", "1", "443", "dns_servers", "password",
    "username", ".", "/dev/zero", "'", '"', "&a", "*a", "!!str", "<<", "---", "%TAG", "\\U00110000", "\ufeff", "~",
    "0x1f",
)  # fmt: skip
GLUE = (": ", ":\n  ", "\n", "\n- ", "\n  - ", ", ", "{", "}", "[", "]", "#", " ", ";", "=", "\t", "|\n", ">-\n ", "? ")
PIECES = st.lists(st.sampled_from(WORDS + GLUE) | st.text(max_size=4), max_size=40).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(WORDS) | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=20,
)
SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def check(data: bytes, suffix: str) -> None:
    """Read the bytes as an inventory; a refusal has problems, each with its file, a line that exists and a sentence."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"fleet{suffix}"
        path.write_bytes(data)
        problems: tuple[Problem, ...] = ()
        try:
            inventory = read_inventory(path, families=("mxp", "tms"), services=SERVICES)
        except InventoryError as error:
            problems = error.problems
            assert problems
        else:
            assert inventory.targets
    for problem in problems:
        assert problem.file == str(path)
        assert 0 <= problem.line <= len(data) + 1
        assert problem.message
        assert str(problem).isprintable()


@pytest.fixture(params=[yaml.SafeLoader, yaml.CSafeLoader], ids=["pure", "c"], scope="module", autouse=True)
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run the module with each of PyYAML's parsers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml_file, "_PARSER", request.param)
        yield


@SETTINGS
@given(data=st.binary(max_size=300), suffix=st.sampled_from([".yaml", ".csv"]))
def test_any_bytes(data: bytes, suffix: str) -> None:
    """Bytes of any kind."""
    check(data, suffix)


@SETTINGS
@given(text=PIECES | st.text(max_size=200), suffix=st.sampled_from([".yaml", ".csv"]))
def test_any_text(text: str, suffix: str) -> None:
    """Text of any kind, made of an inventory's own words too."""
    check(text.encode("utf-8", "surrogatepass"), suffix)


@SETTINGS
@given(value=st.dictionaries(st.sampled_from(WORDS[:6]), VALUES, max_size=6))
def test_any_yaml(value: dict[str, object]) -> None:
    """Well-formed YAML of any shape under the contract's own keys."""
    check(yaml.safe_dump(value, allow_unicode=True).encode("utf-8", "surrogatepass"), ".yaml")


@SETTINGS
@given(rows=st.lists(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=8), max_size=5))
def test_any_table(rows: list[list[str]]) -> None:
    """Tables with a good header and cells of any kind."""
    lines = ["name,product,address,ports,roots,tags,tms", *(",".join(row) for row in rows)]
    check("\n".join(lines).encode("utf-8", "surrogatepass"), ".csv")

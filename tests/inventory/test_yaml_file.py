"""YAML as far as inventories use it, with both of PyYAML's parsers."""

import time

import pytest
import yaml

from auditor.inventory import yaml_file
from auditor.inventory.document import Items, Scalar, Table
from auditor.inventory.problem import Problem, Spot
from auditor.inventory.yaml_file import parse_yaml


@pytest.fixture(params=[yaml.SafeLoader, yaml.CSafeLoader], ids=["pure", "c"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run each test with the parser in Python and with the one in C."""
    monkeypatch.setattr(yaml_file, "_PARSER", request.param)


def parse(text: str) -> tuple[Table | None, list[Problem]]:
    """Return the table of a text and the problems noted."""
    found: list[Problem] = []
    return parse_yaml(text, Spot("f", 0, "", found)), found


def test_values_keep_their_spelling_and_the_line_of_their_key() -> None:
    """Nothing is converted: 010, on and 1:30 are what they are in the file; an entry has the line of its key."""
    table, found = parse("a: 010\nb:\n  - on\n  - 1:30\nc:\n\n  text\n")
    assert not found
    assert table is not None
    a, b, c = table.entries["a"], table.entries["b"], table.entries["c"]
    assert isinstance(a, Scalar)
    assert isinstance(b, Items)
    assert isinstance(c, Scalar)
    assert (a.value, a.line, a.kind.value) == ("010", 1, "a whole number")
    assert [(item.value, item.line) for item in b.items if isinstance(item, Scalar)] == [("on", 3), ("1:30", 4)]
    assert (b.line, c.value, c.line) == (2, "text", 5)


def test_an_empty_file_is_an_empty_table() -> None:
    """A file of comments has no entries, and its reader says what is missing."""
    assert parse("# nothing\n") == (Table(1, {}), [])


def test_an_alias_bomb_ends_quickly() -> None:
    """Aliases are refused where they stand and never followed; a billion laughs take no time."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    start = time.monotonic()
    _, found = parse("\n".join(lines))
    assert time.monotonic() - start < 2
    assert len(found) == 29 * 9
    assert (found[0].line, found[0].field) == (2, "a1[0]")
    assert "Aliases" in found[0].message


@pytest.mark.parametrize("opening", ["[", "{", "a: {", "- ", "? "])
def test_deep_nesting_ends_quickly(opening: str) -> None:
    """Nesting beyond the limit stops the reading with one problem, whatever it is made of."""
    start = time.monotonic()
    table, found = parse(opening * 50_000)
    assert time.monotonic() - start < 2
    assert table is None
    assert len(found) == 1


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("a: 1\na: 2", 2, "a"),
        ("a: {b: 1,\n  b: 2}", 2, "a.b"),
        ("a: 1\nb: !!python/object/apply:os.system [id]", 2, "b"),
        ("a: !!binary aGk=", 1, "a"),
        ("a: !secret x", 1, "a"),
        ("a: !!set {x}", 1, "a"),
        ("? [x]\n: 1", 1, ""),
        ("b: *unknown", 1, "b"),
        ("x: 1\na: &a\n  <<: *a", 3, "a.'<<'"),
        ("a: 1\n---\nb: 1", 2, ""),
        ('a: 1\nb: "\\UFFFFFFFF"', 2, ""),
        ("%YAML 3.0\n--- a", 1, ""),
        ("a: 'x", 1, ""),
        ("a: b: c", 1, ""),
        ("just text", 1, ""),
    ],
)
def test_what_inventories_do_not_use_is_refused(text: str, line: int, field: str) -> None:
    """Double keys, tags, aliases, odd keys, further documents and broken text are one problem each."""
    _, found = parse(text)
    assert [(p.line, p.field) for p in found] == [(line, field)]

"""`--only`: targets by name, tag and site."""

import pytest

from auditor.inventory import InventoryError, select
from auditor.model.inventory import Inventory, Target

FLEET = Inventory(
    source="fleet.yaml",
    targets=(
        Target(name="tms", product="tms"),
        Target(name="a", product="mxp", site="oslo", tags=("boardroom", "b"), tms="tms"),
        Target(name="b", product="mps", site="oslo"),
        Target(name="c", product="vcs", site="bergen", tags=("dmz",)),
    ),
)


@pytest.mark.parametrize(
    ("only", "names"),
    [
        ([], ["tms", "a", "b", "c"]),
        (["c"], ["c"]),
        (["dmz", "a"], ["a", "c"]),
        (["oslo"], ["a", "b"]),
        (["b"], ["a", "b"]),
        (["c", "c"], ["c"]),
    ],
)
def test_names_tags_and_sites_select(only: list[str], names: list[str]) -> None:
    """A value keeps every target that carries it in whatever role, in the inventory's order."""
    selected = select(FLEET, only)
    assert [target.name for target in selected.targets] == names
    assert selected.source == FLEET.source


def test_values_that_fit_nothing_are_all_named() -> None:
    """Each value without a target is a problem, with the closest word; case counts."""
    with pytest.raises(InventoryError) as caught:
        select(FLEET, ["oslo", "Bergen", "nowhere\x1b", "Bergen"])
    messages = [f"{p.message} {p.hint}" for p in caught.value.problems]
    assert len(messages) == 2
    assert "'Bergen'" in messages[0]
    assert "Did you mean 'bergen'?" in messages[0]
    assert "'nowhere\\x1b'" in messages[1]
    assert {(p.file, p.line, p.field) for p in caught.value.problems} == {("fleet.yaml", 0, "--only")}

"""Elements of the tag tree that say nothing, dissolved before a part is written: two thirds of all there are.

WeasyPrint gives every piece of text an element of its own. What is not written need not be read again by `tagtree`,
which puts the rest in order; it would dissolve the same elements, only slower.
"""

from collections.abc import Mapping
from typing import Any

_SAY_NOTHING = frozenset({"/Span", "/NonStruct"})
_ATTRIBUTES = ("A", "Alt", "ActualText", "E", "Lang", "ID")


def dissolve(_: object, pdf: Any) -> None:  # noqa: ANN401 - the library ships no types
    """Take the elements out that say nothing; `pdf` is WeasyPrint's, just before it is written.

    The tree that says who owns which content is left empty: `tagtree` writes it anew.
    """
    objects = pdf.objects
    for element in reversed(objects):  # an element stands before its kids
        if _is_element(element):
            element["K"] = type(element["K"])(_kids(element, objects))
    root = objects[_number(pdf.catalog["StructTreeRoot"])]
    owners = objects[_number(root["ParentTree"])]
    owners["Nums"] = type(owners["Nums"])()


def _kids(element: Mapping[str, Any], objects: list[Any]) -> list[Any]:
    """Return an element's kids, with the kids of each that says nothing in its place."""
    kids: list[Any] = []
    for kid in element["K"]:
        inner = objects[_number(kid)] if isinstance(kid, bytes) else None
        if inner is None or not _is_element(inner) or not _says_nothing(inner):
            kids.append(kid)
            continue
        inner.free = "f"
        for grandchild in inner["K"]:
            kids.append(grandchild)
            adopted = objects[_number(grandchild)] if isinstance(grandchild, bytes) else None
            if adopted is not None and _is_element(adopted):
                adopted["P"] = element.reference  # type: ignore[attr-defined]  # a dictionary of the library's
    return kids


def _is_element(thing: object) -> bool:
    return isinstance(thing, dict) and thing.get("Type") == "/StructElem"


def _says_nothing(element: Mapping[str, Any]) -> bool:
    return element["S"] in _SAY_NOTHING and not any(name in element for name in _ATTRIBUTES)


def _number(reference: bytes) -> int:
    return int(reference.partition(b" ")[0])

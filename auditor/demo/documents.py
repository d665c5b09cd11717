"""The XML interface: whole documents, and `getxml` with the few forms of location that the manuals show.

`/status.xml` and `/configuration.xml` are whole; `/getxml?location=/Configuration/HTTPS` holds the path from the root
to what was asked for. A location that leads nowhere is answered by a `Fault`, with status 200, as the devices do.
"""

import copy
import re
from urllib.parse import parse_qs
from xml.etree.ElementTree import Element, SubElement, tostring

from auditor.demo import tree
from auditor.demo.host import Host

LONGEST_LOCATION = 255
"""Characters that MXP and MPS take as the argument of a GET (D13887)."""

_STEP = re.compile(r"""([A-Za-z][A-Za-z0-9]*)(?:\[(?:@item=)?['"]?([0-9]{1,6})['"]?\])?""")

EMPTY = {
    "/command.xml": "Command",
    "/valuespace.xml": "ValueSpace",
    "/history.xml": "History",
    "/directory.xml": "Directory",
}
"""Documents that no auditor needs; they are there, and empty."""


def document(host: Host, target: str) -> str | None:
    """Return the XML behind a target (path and query), or None where the device has no such document."""
    path, _, query = target.partition("?")
    match path:
        case "/configuration.xml":
            return _written(tree.configuration(host))
        case "/status.xml":
            return _written(tree.status(host))
        case "/getxml":
            return _written(_located(host, "".join(parse_qs(query).get("location", [""])[:1])))
        case _:
            return _written(Element(EMPTY[path], {"item": "1"})) if path in EMPTY else None


def _located(host: Host, location: str) -> Element:
    """Return the part of a document that a location names, or a fault."""
    kind, *names = location.removeprefix("/").split("/")
    whole = {"Configuration": tree.configuration, "Status": tree.status}.get(kind)
    parsed = [_STEP.fullmatch(name) for name in names if name]
    if whole is None or len(location) > LONGEST_LOCATION:
        return _fault()
    root = whole(host)
    part = copy.copy(root)
    at, found = part, [root]
    for step in parsed:
        if step is None:
            return _fault()
        found = [child for parent in found for child in parent if child.tag == step[1]]
        found = [child for child in found if step[2] in (None, child.get("item"))]
        if not found:
            return _fault()
        for child in tuple(at):
            at.remove(child)
        at.extend(copy.copy(child) for child in found)
        at = at[0]
    return part


def _fault() -> Element:
    fault = Element("Fault", {"item": "1"})
    reason = SubElement(SubElement(fault, "XPathError", {"item": "1"}), "Reason", {"item": "1"})
    reason.text = "Illegal location"
    return fault


def _written(root: Element) -> str:
    return '<?xml version="1.0"?>\r\n' + tostring(root, encoding="unicode") + "\r\n"

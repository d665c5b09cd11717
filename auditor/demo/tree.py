"""Status and configuration of a simulated device as a tree, from which XML and the text interface are written.

Leaves are named by the words of the text interface, a number after a word being an item. Known of the families are the
numbering of every element and the root of VCS documents; the root attributes of MXP and MPS, their view of feedback and
the words about NTP are assumptions, because no capture was found.
"""

from datetime import datetime
from xml.etree.ElementTree import Element, SubElement

from auditor.demo.host import Host
from auditor.demo.state import DECOYS, STATUS_DECOYS

NAMESPACE = "http://www.tandberg.no/XML/CUIL/1.0"
PRODUCTS = {"mxp": "TANDBERG Codec", "mps": "TANDBERG MPS", "vcs": "TANDBERG VCS", "tms": ""}
ITEM = "item"

Leaves = list[tuple[str, str]]


def configuration(host: Host) -> Element:
    """Return the whole configuration: settings, some that no auditor asks for, and secrets."""
    leaves: Leaves = [(words, value) for _, words, value in host.state.settings.spelled()]
    leaves += [(words, host.state.secret.decoys[words]) for words in DECOYS[host.spec.product]]
    leaves += [("IP DNS Server 2 Address", ""), ("IP DNS Server 3 Address", ""), ("IP Gateway", "192.0.2.1")]
    leaves += [] if host.spec.product == "vcs" else [("Conference AutoAnswer Mode", "Off")]
    return _planted(_root(host, "Configuration"), sorted(leaves))


def status(host: Host) -> Element:
    """Return the whole status: unit, software, time source, feedback, external manager, and secrets."""
    state, secrets = host.state, host.state.secret.decoys
    leaves: Leaves = [
        ("SystemUnit Product", PRODUCTS[host.spec.product]),
        ("SystemUnit Name", state.settings.get("systemunit.name") or ""),
        ("SystemUnit Software Version", state.software),
        ("SystemUnit Software ReleaseDate", "2008-06-12"),
        ("SystemUnit Uptime", "86400"),
        *((words, secrets[words]) for words in STATUS_DECOYS[host.spec.product]),
    ]
    if host.spec.product == "vcs":
        now = host.clock.now(state.clock_ahead or 0)
        leaves += [("SystemUnit SystemTime", _stamp(now)), ("SystemUnit TimeZone", "GMT")]
        leaves += [("NTP Status", state.ntp_status), ("NTP Address", state.settings.get("ntp.address") or "")]
    root = _planted(_root(host, "Status"), leaves)
    if host.spec.product != "vcs":
        ntp = SubElement(root, "NTP", {ITEM: "1", "status": state.ntp_status})
        SubElement(ntp, "Address", {ITEM: "1"}).text = state.settings.get("ntp.address") or ""
    manager = SubElement(root, "ExternalManager", {ITEM: "1"})
    SubElement(manager, "Address", {ITEM: "1"}).text = state.settings.get("externalmanager.address") or ""
    _feedback(root, state.feedback)
    return root


def _feedback(root: Element, urls: tuple[str, ...] | None) -> None:
    """Add the registered addresses, each a slot with its expressions; software without the view adds nothing."""
    if urls is None:
        return
    if not urls:
        SubElement(root, "Feedback", {ITEM: "1"})
    for number, url in enumerate(urls, 1):
        slot = SubElement(root, "Feedback", {ITEM: str(number)})
        SubElement(slot, "URL", {ITEM: "1"}).text = url
        SubElement(slot, "Expression", {ITEM: "1"}).text = "/Status/Call"


def _root(host: Host, kind: str) -> Element:
    """Return the root of a document as the family writes it."""
    product = PRODUCTS[host.spec.product]
    if host.spec.product == "vcs":
        return Element(kind, {"xmlns": NAMESPACE, "product": product, "version": host.state.software})
    return Element(kind, {ITEM: "1", "product": product, "version": host.state.software})


def _planted(root: Element, leaves: Leaves) -> Element:
    """Return the root with a leaf for each of these words; words that begin alike share their branches."""
    for words, value in leaves:
        at = root
        for name, number in steps(words):
            branch = next((child for child in at if child.tag == name and child.get(ITEM) == number), None)
            at = SubElement(at, name, {ITEM: number}) if branch is None else branch
        at.text = value
    return root


def steps(words: str) -> list[tuple[str, str]]:
    """Part words into names and the number behind each, `1` where none is told."""
    parted: list[tuple[str, str]] = []
    for word in words.split():
        if word.isdigit() and parted:
            parted[-1] = (parted[-1][0], word)
        else:
            parted.append((word, "1"))
    return parted


def _stamp(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S")

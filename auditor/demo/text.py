"""The text interface of MXP, MPS and VCS: one command line in, the answer out; what would change something does.

Answers are `*c xConfiguration …` lines and `*s …` trees closed by `*s/end`, then a blank line and `OK` or `ERROR`.
Commands may be shortened, as on the devices. Settings, root lists and feedback really change; a restart does not
happen by this way, it is up to whoever runs the fleet.
"""

from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

from auditor.demo import tree
from auditor.demo.host import Host
from auditor.demo.recorder import Kind

OK, ERROR = ("", "OK"), ("", "ERROR")
UNKNOWN = ("Command not recognized.", "", "ERROR")
LEAST_LETTERS = 5
BARE = frozenset({"On", "Off", "HTTP", "HTTPS", "ReadOnly"})
"""Values that stand without quotes."""

Lines = tuple[str, ...]


def execute(host: Host, line: str) -> tuple[Kind, Lines]:
    """Carry out one line; return what it was and the lines of the answer."""
    words = line.split()
    if not words:
        return Kind.READ, ()
    for name, command in _COMMANDS.items():
        if name.startswith(words[0].casefold()) and len(words[0]) >= min(len(name), LEAST_LETTERS):
            return command(host, words[1:])
    return Kind.WRITE, UNKNOWN


def welcome(host: Host) -> Lines:
    """Return what a system says once somebody is in; there is no prompt."""
    state = host.state
    if host.spec.product == "vcs":
        return (f"TANDBERG Video Communication Server {state.software}", "SW Release Date: 2008-06-12", *OK)
    name = state.settings.get("systemunit.name") or ""
    return (f"Welcome to {name}", f"TANDBERG Codec Release {state.software}", "SW Release Date: 2008-06-12", *OK)


def configuration_lines(host: Host, words: tuple[str, ...] = ()) -> Lines:
    """Return the settings below these words, one line each."""
    found = (
        f"*c xConfiguration {' '.join(path)}: {_quoted(element)}"
        for path, element in _leaves(tree.configuration(host), ())
        if _begins(path, words)
    )
    return tuple(found)


def status_lines(host: Host, words: tuple[str, ...] = ()) -> Lines:
    """Return the status trees whose first word this is, or all."""
    root = tree.status(host)
    many = {child.tag for child in root if child.get(tree.ITEM) != "1"}
    lines: list[str] = []
    for child in root:
        if words and child.tag.casefold() != words[0].casefold():
            continue
        lines += [f"*s {_head(child, numbered=child.tag in many)}: /", *_body(child, 1), "*s/end", ""]
    return tuple(lines)


def _configuration(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    """Show settings, or set one: the value stands behind a colon, or behind the whole path."""
    line = " ".join(words)
    path, colon, value = line.partition(":")
    if colon:
        return _set(host, path, value)
    shown = configuration_lines(host, tuple(words))
    if shown:
        return Kind.READ, (*shown, *OK)
    for count in range(len(words) - 1, 0, -1):
        if host.state.settings.path_of(" ".join(words[:count])):
            return _set(host, " ".join(words[:count]), " ".join(words[count:]))
    return Kind.READ, ERROR


def _set(host: Host, words: str, value: str) -> tuple[Kind, Lines]:
    path = host.state.settings.path_of(words)
    try:
        host.state.settings.set(path or "", value)
    except (KeyError, ValueError):
        return Kind.WRITE, ERROR
    return Kind.WRITE, (*configuration_lines(host, tuple(words.split())), *OK)


def _status(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    shown = status_lines(host, tuple(words))
    return Kind.READ, (*shown, "OK") if shown else ERROR


def _certificate(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    """Show or delete certificates; VCS systems and software without an HTTPS client have no such command."""
    if host.spec.product == "vcs" or host.state.settings.get("https.verifyservercertificate") is None:
        return Kind.READ if words[:1] == ["list"] else Kind.WRITE, UNKNOWN
    match [word.casefold() for word in words]:
        case ["list", "root"]:
            return Kind.READ, (*host.state.loaded_roots.decode("ascii").splitlines(), *OK)
        case ["list", "cert"]:
            return Kind.READ, (*_first(host.state.chain), *OK)
        case ["del", "root"]:
            host.state.roots = "none"
            return Kind.WRITE, OK
        case _:
            return Kind.WRITE, ERROR


def _command(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    """Carry out what concerns feedback, and say yes to the rest."""
    arguments = {name.casefold(): value for name, _, value in (word.partition(":") for word in words[1:])}
    verb = words[0].casefold() if words else ""
    if verb == "feedbackregister" and "url" in arguments:
        host.state.feedback = (*(host.state.feedback or ()), arguments["url"].strip('"'))
    elif verb == "feedbackderegister":
        host.state.feedback = ()
    return Kind.WRITE, ("*r Result (status=OK): /", "*r/end", *OK)


def _feedback(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    """List the registrations of this session, of which there are never any."""
    del host
    return (Kind.READ, ("** end", *OK)) if words == ["list"] else (Kind.WRITE, OK)


def _leave(host: Host, words: list[str]) -> tuple[Kind, Lines]:
    del host, words
    return Kind.READ, ()


_COMMANDS: dict[str, Callable[[Host, list[str]], tuple[Kind, Lines]]] = {
    "xconfiguration": _configuration,
    "xstatus": _status,
    "xcommand": _command,
    "xfeedback": _feedback,
    "certificate": _certificate,
    "bye": _leave,
    "exit": _leave,
}
LEAVING = frozenset({"bye", "exit"})


def _leaves(element: Element, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Element]]:
    many = {child.tag for child in element if child.get(tree.ITEM) != "1"}
    for child in element:
        name = (child.tag, child.get(tree.ITEM, "1")) if child.tag in many else (child.tag,)
        if len(child):
            yield from _leaves(child, (*path, *name))
        else:
            yield (*path, *name), child


def _begins(path: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Tell whether a path begins with these words, in any case."""
    return [word.casefold() for word in path[: len(words)]] == [word.casefold() for word in words]


def _body(element: Element, depth: int) -> Iterator[str]:
    indent = "    " * depth
    for child in element:
        if len(child):
            yield f"{indent}{child.tag}:"
            yield from _body(child, depth + 1)
        else:
            yield f"{indent}{child.tag}: {_quoted(child)}"


def _head(element: Element, *, numbered: bool) -> str:
    """Return the head of a block: name, number where there are several, and what stands in attributes."""
    state = ", ".join(f"{name}={value}" for name, value in element.attrib.items() if name != tree.ITEM)
    number = f" {element.get(tree.ITEM)}" if numbered else ""
    return f"{element.tag}{number}" + (f" ({state})" if state else "")


def _quoted(element: Element) -> str:
    text = element.text or ""
    return text if text in BARE or text.isdigit() else f'"{text}"'


def _first(chain: bytes) -> Lines:
    """Return the lines of the first certificate of a chain."""
    end = "-----END CERTIFICATE-----"
    head, found, _ = chain.decode("ascii").partition(end)
    return (*head.splitlines(), end) if found else ()

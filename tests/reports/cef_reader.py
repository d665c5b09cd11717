"""A reader of CEF written from the format's description alone: headers by pipes, extension by keys."""

import re
from dataclasses import dataclass

_KEY = re.compile(r"(?:\A| )([A-Za-z0-9]+)=")


@dataclass(frozen=True, slots=True)
class Cef:
    """A parsed line: the seven fields of the header and the extension."""

    header: tuple[str, ...]
    extension: dict[str, str]


def read_cef(line: str) -> Cef:
    """Parse a line; fail on a key that comes twice, or an escape that the format does not know."""
    assert line.startswith("CEF:0|")
    fields: list[str] = []
    rest = line[len("CEF:") :]
    while len(fields) < 7:
        match = re.match(r"((?:[^|\\]|\\[|\\])*)\|", rest)
        assert match, rest
        fields.append(re.sub(r"\\(.)", r"\1", match[1]))
        rest = rest[match.end() :]
    keys = [match for match in _KEY.finditer(rest) if not _escaped(rest, match.end() - 1)]
    extension: dict[str, str] = {}
    for each, following in zip(keys, [*keys[1:], None], strict=True):
        raw = rest[each.end() : following.start() if following else len(rest)]
        assert each[1] not in extension, each[1]
        assert re.fullmatch(r"(?:[^\\=]|\\[\\=nr])*", raw), raw
        extension[each[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r"}.get(m[1], m[1]), raw)
    return Cef(tuple(fields), extension)


def _escaped(text: str, at: int) -> bool:
    before = text[:at]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1

"""Newline-delimited JSON: one object a line, in ASCII, with nothing in it that could deceive whoever looks at it.

ASCII, so that no reader can guess the encoding wrongly, and no line separator of Unicode breaks a record in two.
"""

import json
from collections.abc import Iterable, Mapping

from auditor.reports.visible import LONGEST, shortened

MEDIA_TYPE = "application/x-ndjson"
"""Media type of these files; it is in use everywhere and registered nowhere."""


def ndjson(objects: Iterable[Mapping[str, object]]) -> bytes:
    """Return the objects, each on a line of its own, every text in them visible and of bounded length."""
    return b"".join(json_line(each) + b"\n" for each in objects)


def json_line(value: Mapping[str, object], longest: int = LONGEST) -> bytes:
    """Return one object without a line end; texts longer than `longest` characters are cut with a mark."""
    return json.dumps(shown(value, longest), ensure_ascii=True, allow_nan=False, separators=(",", ":")).encode("ascii")


def shown(value: object, longest: int = LONGEST) -> object:
    """Return the value with every text in it, keys too, made visible and shortened."""
    match value:
        case str():
            return shortened(str(value), longest)
        case Mapping():
            return {shortened(str(key), longest): shown(each, longest) for key, each in value.items()}
        case list() | tuple():
            return [shown(each, longest) for each in value]
        case _:
            return value

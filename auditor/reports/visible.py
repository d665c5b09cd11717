"""Text from devices made visible: nothing in it can hide, reorder, colour or break what a reader sees.

Banners and certificate names are written by whoever holds the device. Control characters (ANSI sequences, newlines),
bidirectional overrides (UAX #9), zero-width and unassigned characters are therefore shown as escapes; the evidence
file keeps the text as it came. Escaping for HTML is the template engine's work and comes after this.
"""

import unicodedata

LONGEST = 4000
"""Characters of any one value that a report prints at most; formats may ask for less."""

_SHORT_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HIDDEN_SPACES = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_MARKS_IN_A_ROW = 2


def visible(text: str) -> str:
    r"""Return `text` with every character that does not show itself replaced by an escape such as `\x1b`.

    Combining marks beyond two in a row are escaped too, as stacks of them paint over neighbouring lines. Calling it
    twice changes nothing.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES or character in _HIDDEN_SPACES
        shown.append(_escape(character) if hidden or marks > _MARKS_IN_A_ROW else character)
    return "".join(shown)


def shortened(text: str, limit: int = LONGEST) -> str:
    """Return visible text of at most `limit` characters of the original, with a mark that counts what was left out."""
    if len(text) <= limit:
        return visible(text)
    left_out = len(text) - limit
    return f"{visible(text[:limit])}… [{left_out:,} more characters]"


def _escape(character: str) -> str:
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:04x}}}"

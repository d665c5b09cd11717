"""Device text made visible."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from auditor.reports.visible import LONGEST, shortened, visible


def test_plain_text_stays_as_it_is() -> None:
    """Letters of any script, spaces and punctuation are left alone."""
    for text in ("rm204", "Møterom Ærø", "会議室", "C:\\path", "a — b", "שלום"):
        assert visible(text) == text


def test_control_characters_become_escapes() -> None:
    """ANSI sequences, newlines and NUL are shown, not obeyed."""
    assert visible("\x1b[31mred\r\n\t\x00\x9b") == "\\x1b[31mred\\r\\n\\t\\x00\\x9b"


def test_direction_and_zero_width_characters_become_escapes() -> None:
    """Nothing can reorder or hide what stands beside it."""
    assert visible("a\u202eb\u200bc\ufeffd\U000e0041") == "a\\u{202e}b\\u{200b}c\\u{feff}d\\u{e0041}"
    assert visible("\ud800\u2028") == "\\u{d800}\\u{2028}"


def test_stacked_marks_are_cut_down() -> None:
    """Two combining marks are a letter of a language; a tower of them is an attack on the line above."""
    assert visible("e\u0301\u0302") == "e\u0301\u0302"
    assert visible("e" + "\u0301" * 4) == "e\u0301\u0301" + "\\u{0301}" * 2


def test_long_text_says_how_much_was_left_out() -> None:
    """The mark counts characters of the original, not of the escapes."""
    assert shortened("x" * 10_000, 256) == "x" * 256 + "… [9,744 more characters]"
    assert shortened("\x00" * 5, 4) == "\\x00" * 4 + "… [1 more characters]"
    assert shortened("x" * LONGEST) == "x" * LONGEST


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_nothing_hidden_survives_and_twice_is_once(text: str) -> None:
    """Whatever comes in, no control, format or surrogate character goes out, and the result is stable."""
    shown = visible(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for c in shown)
    assert visible(shown) == shown
    shown.encode()

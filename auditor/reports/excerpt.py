"""Visible text that keeps within a number of bytes, for formats whose fields are bounded."""

from auditor.reports.visible import shortened, visible


def excerpt(text: str, most: int) -> str:
    """Return visible text of at most `most` bytes of UTF-8, with a mark where something was left out.

    `most` has to leave room for the mark, which takes about 40 bytes.
    """
    whole = visible(text) if len(text) <= most else ""
    if len(text) <= most and len(whole.encode()) <= most:
        return whole
    low, high = 0, min(len(text) - 1, most)
    while low < high:
        middle = (low + high + 1) // 2
        if len(shortened(text, middle).encode()) <= most:
            low = middle
        else:
            high = middle - 1
    return shortened(text, low)

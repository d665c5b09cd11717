"""Tells whether a PDF is a given one followed by one invisible signature and nothing else.

A signature is appended, so a signed document begins with all bytes of the unsigned one. That alone proves little: an
appended section may replace any page. Therefore every object is compared, too.
"""

from io import BytesIO

import pikepdf

MOST_ADDED = 4 * 2**20
"""Bytes that a signature may add. Ours adds less than a twentieth of it."""

_CATALOG = {"/AcroForm", "/Extensions", "/Version"}
_FORM, _FORM_FLAGS = {"/Fields", "/SigFlags"}, 3
_WIDGET = {"/FT", "/T", "/Type", "/Subtype", "/F", "/Rect", "/P", "/V"}
_VALUE = {"/Type", "/Filter", "/SubFilter", "/Contents", "/ByteRange", "/M", "/Name"}


def is_signed(content: bytes) -> bool:
    """Tell whether a PDF claims to carry a signature."""
    return b"/ByteRange" in content


def what_was_added(plain: bytes, signed: bytes) -> str | None:
    """Return what a document has beyond `plain` and one invisible signature; None where that is all."""
    if not signed.startswith(plain):
        return "it does not begin with the document"
    if len(signed) - len(plain) > MOST_ADDED:
        return "more was added than a signature takes"
    try:
        with pikepdf.open(BytesIO(plain)) as before, pikepdf.open(BytesIO(signed)) as after:
            return _compared(before, after)
    except (pikepdf.PdfError, AttributeError, KeyError, TypeError, ValueError) as error:
        return f"it cannot be read ({type(error).__name__})"


def _compared(before: pikepdf.Pdf, after: pikepdf.Pdf) -> str | None:
    old, new = before.pages[0].obj, after.pages[0].obj
    moved = before.Root.objgen != after.Root.objgen or old.objgen != new.objgen
    if moved or _trailer(before) != _trailer(after):
        return "its root was changed"
    if number := _changed(before, after, {before.Root.objgen, old.objgen}):
        return f"object {number} was changed"
    if _without(before.Root, _CATALOG) != _without(after.Root, _CATALOG) or "/AcroForm" in before.Root:
        return "its catalogue was changed"
    kept, now = _annotations(old), _annotations(new)
    if _without(old, {"/Annots"}) != _without(new, {"/Annots"}) or now[:-1] != kept or len(now) != len(kept) + 1:
        return "its first page was changed"
    return _signature(after, now[-1])


def _changed(before: pikepdf.Pdf, after: pikepdf.Pdf, except_for: set[tuple[int, int]]) -> int | None:
    """Return the number of the first object that is not what it was, None where all are."""
    for old in before.objects:
        number = old.objgen
        if number[0] and number not in except_for and _bytes(old) != _bytes(after.get_object(number)):
            return number[0]
    return None


def _signature(after: pikepdf.Pdf, number: tuple[int, int]) -> str | None:
    """Return what is wrong with the one field that was added."""
    form, widget = after.Root.AcroForm, after.get_object(number)
    fields = [each.objgen for each in form.Fields]
    value = widget.V
    shapes = ((form, _FORM), (widget, _WIDGET), (value, _VALUE))
    if any(not isinstance(each, pikepdf.Dictionary) or set(each.keys()) - allowed for each, allowed in shapes):
        return "its signature field does more than to sign"
    box = [float(each) for each in widget.Rect]
    if fields != [number] or form.SigFlags != _FORM_FLAGS or widget.FT != "/Sig" or widget.Subtype != "/Widget":
        return "its form is not that of one signature"
    return None if box == [0.0] * 4 else "its signature is visible"


def _annotations(page: pikepdf.Object) -> list[tuple[int, int]]:
    return [each.objgen for each in page.get("/Annots", pikepdf.Array())]


def _without(holder: pikepdf.Object, keys: set[str]) -> dict[str, bytes]:
    return {key: _bytes(value) for key, value in holder.items() if key not in keys}


def _trailer(pdf: pikepdf.Pdf) -> tuple[object, ...]:
    return tuple(pdf.trailer[key].objgen if key in pdf.trailer else None for key in ("/Info", "/Root"))


def _bytes(value: object) -> bytes:
    """Return an object's bytes, of a stream with its dictionary; references are compared as such."""
    if isinstance(value, pikepdf.Stream):
        return value.unparse() + _without_key(value) + value.read_raw_bytes()
    return value.unparse() if isinstance(value, pikepdf.Object) else repr(value).encode()


def _without_key(stream: pikepdf.Stream) -> bytes:
    return b"".join(key.encode() + _bytes(value) for key, value in sorted(stream.items()))

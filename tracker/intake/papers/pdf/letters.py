"""The letters of one page with their places, put together to pieces that stand side by side on one line."""

from __future__ import annotations

import ctypes
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2.raw as pdfium

HYPHENS = frozenset((0x02, 0xAD, 0xFFFE))
"""What PDFium tells of a hyphen at the end of a line."""
BLANKS = frozenset((0x09, 0x0A, 0x0D, 0x20, 0xA0))
WIDE_GAP = 1.6
"""Heights of a letter that lie between two pieces of one line."""
SMALL = 0.88
"""A figure smaller than this share of the letters before it, and raised, is a mark of a footnote."""

CellOf = Callable[[float, float], int | None]
"""The number of the cell of a table in which a point lies."""


@dataclass(slots=True)
class Piece:
    """Letters of one line without a wide gap; measures in points, from the lower left corner of the page."""

    text: str
    left: float
    right: float
    base: float
    size: float
    cell: int | None = None


def pieces_of(text_page: ctypes._Pointer, count: int, cell_of: CellOf) -> Iterator[Piece]:
    """Yield the pieces of a page in the order in which the file draws them."""
    x, y, box = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF()
    size_at = _Sizes(text_page)
    now: Piece | None = None
    blank = after_mark = False
    for index in range(count):
        code = pdfium.FPDFText_GetUnicode(text_page, index)
        if code in BLANKS:
            # PDFium sets blanks of its own around a raised mark that leaves the text.
            blank = blank or not (after_mark and pdfium.FPDFText_IsGenerated(text_page, index) == 1)
            continue
        letter = _letter(code, at_start=now is None)
        if not letter:
            continue
        if now is not None and unicodedata.combining(letter):
            now.text += letter
            continue
        pdfium.FPDFText_GetCharOrigin(text_page, index, x, y)
        pdfium.FPDFText_GetLooseCharBox(text_page, index, box)
        left, right, base, size = box.left, box.right, y.value, size_at(index)
        cell = cell_of((left + right) / 2, base + size / 4)
        if now is not None and _is_mark(now, letter, left, base, size):
            blank, after_mark = False, True
            continue
        after_mark = False
        if now is not None and _goes_on(now, left, base, size, cell):
            now.text += " " + letter if blank else letter
            now.right, now.size = max(now.right, right), max(now.size, size)
        else:
            if now is not None:
                yield now
            now = Piece(_letter(code, at_start=True), left, right, base, size, cell)
        blank = False
    if now is not None:
        yield now


class _Sizes:
    """Tells how high the letters are; those of one text object are equally high, so they are asked once."""

    def __init__(self, text_page: ctypes._Pointer) -> None:
        self.text_page = text_page
        self.drawn_by: int | None = None
        self.size = 0.0
        self.matrix = pdfium.FS_MATRIX()

    def __call__(self, index: int) -> float:
        drawn_by = ctypes.cast(pdfium.FPDFText_GetTextObject(self.text_page, index), ctypes.c_void_p).value
        if drawn_by is None or drawn_by != self.drawn_by:
            self.drawn_by = drawn_by
            pdfium.FPDFText_GetMatrix(self.text_page, index, self.matrix)
            scale = (self.matrix.c**2 + self.matrix.d**2) ** 0.5
            size = pdfium.FPDFText_GetFontSize(self.text_page, index) * (scale or 1.0)
            self.size = min(max(size, 1.0), 500.0)
        return self.size


def _letter(code: int, *, at_start: bool) -> str:
    if code in HYPHENS:
        return "-"
    if 0xE000 <= code <= 0xF8FF:  # letters of symbol fonts: what begins a line is the bullet of a list
        return "-" if at_start else ""
    return "" if code < 0x20 or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _goes_on(now: Piece, left: float, base: float, size: float, cell: int | None) -> bool:
    height = max(now.size, size)
    return (
        cell == now.cell
        and abs(base - now.base) < height / 2
        and -height < left - now.right < WIDE_GAP * height
    )


def _is_mark(now: Piece, letter: str, left: float, base: float, size: float) -> bool:
    """Tell whether a figure is the raised mark of a footnote behind what was written so far."""
    return (
        letter.isdigit() and size < SMALL * now.size and now.size / 8 < base - now.base < now.size
        and -now.size < left - now.right < now.size
    )  # fmt: skip

"""The lines of a file as it has them: without page numbers, footnotes marked, columns told apart."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from tracker.intake.directive import shapes
from tracker.intake.directive.normal import Piece, clean, folded
from tracker.intake.plain import Cell, PlainPaper


class Role(StrEnum):
    """What a paragraph is in its paper (Nghị định 30/2020, annex I)."""

    HEAD = "head"
    """Everything above the running text, “Kính gửi” included; one line of one column is a paragraph."""
    BODY = "body"
    CLOSING = "closing"
    """The last paragraph of the running text, which ends with “./.”."""
    SIGNATURE = "signature"
    RECIPIENTS = "recipients"
    APPENDIX = "appendix"
    """What follows the signature, outside of real tables."""
    FOOTNOTE = "footnote"
    TABLE = "table"
    """What stands in a real table, one paragraph a cell, in the running text or in an appendix."""


@dataclass(slots=True)
class Line:
    """One line of the file, or one column of it in the head and at the foot."""

    piece: Piece
    folded: str
    gap: bool
    """Whether blank lines, a rule or a new page stand between it and the line before."""
    number: int
    """Which line of the file it is: columns of one line share it."""
    cell: Cell | None = None
    role: Role = Role.BODY
    note: bool = False
    """Whether it begins with the mark of a footnote."""

    @property
    def text(self) -> str:
        """The clean text."""
        return self.piece.text


_LEADER = re.compile(r"[ .…_]{6,}$")
"""Dots to be filled in at the end of a line: they end no sentence and belong to no subject."""
_FOOTNOTE = re.compile(r"\s*(?:[¹²³⁴-⁹][⁰¹²³⁴-⁹]*|\[\d{1,2}\])\s*(?=\S)")


def lines_of(paper: PlainPaper) -> Iterator[Line]:
    """Return the lines of a paper that hold a letter or a figure, each with its cell and page break."""
    text = paper.text
    cells = sorted(paper.cells, key=lambda cell: cell.start)
    starts = [cell.start for cell in cells]
    pages = iter([*paper.starts_of_pages, len(text) + 1])
    page = next(pages)
    gap, previous = True, 0
    places = (
        (number, *place)
        for number, found in enumerate(re.finditer(r"[^\n\f\v]+", text))
        for place in _cells_within(starts, cells, *found.span())
    )
    for number, start, end in places:
        gap = gap or start - previous > 1 or "\f" in text[previous:start]
        while page <= start:
            gap, page = True, next(pages)
        previous = end
        piece = clean(text, start, end)
        if (dots := _LEADER.search(piece.text)) and dots.start():
            piece = piece.part(0, dots.start())
        if not any(map(str.isalnum, piece.text)):
            gap = True
            continue
        index = bisect_right(starts, start) - 1
        cell = cells[index] if index >= 0 and start < cells[index].end else None
        note = bool(_FOOTNOTE.match(text, start, end))
        yield Line(piece, folded(piece.text), gap, number, cell, note=note)
        gap = False


def _cells_within(
    starts: list[int], cells: list[Cell], start: int, end: int
) -> Iterator[tuple[int, int]]:
    """Yield the cells that stand side by side in one line, the line itself where it holds none or one."""
    first, last = bisect_left(starts, start), bisect_left(starts, end)
    if last - first < 2:
        yield start, end
        return
    yield from ((cell.start, cell.end) for cell in cells[first:last])


_PAGE_NUMBER = re.compile(r"(?:[-–— ]*(?:trang )?(\d{1,3})(?: ?/ ?\d{1,3})?[-–— ]*)$")


def without_page_numbers(lines: list[Line]) -> list[Line]:
    """Drop lines that hold nothing but the number of a page, in their order, in the midst of running text."""
    kept: list[Line] = []
    expected = {1, 2}
    for index, line in enumerate(lines):
        found = _PAGE_NUMBER.match(line.folded) if len(line.text) < 12 and not line.cell else None
        if found and int(found[1]) in expected:
            dressed = not line.text.isdigit()
            around = [other.text for other in lines[max(0, index - 3) : index + 4] if other is not line]
            apart = line.gap and index + 1 < len(lines) and lines[index + 1].gap
            if dressed or (apart and not any(text.isdigit() for text in around)):
                expected = {int(found[1]) + 1}
                if index + 1 < len(lines):
                    lines[index + 1].gap = True
                continue
        kept.append(line)
    return kept


_PLAIN_NOTE = re.compile(
    r"\d{1,2} (?=(?:ke hoach|cong van|quyet dinh|nghi dinh|nghi quyet|thong bao|thong tu|van ban|"
    r"chi thi|bao cao|luat|theo|gom|bao gom|cu the|tai|trong do|don vi|co)\b)"
)


def mark_footnotes(lines: list[Line]) -> None:
    """Mark footnotes with the lines that continue them; a sentence they interrupt goes on behind them."""
    inside = False
    for before, line in zip([None, *lines], lines, strict=False):
        if line.note or (
            line.gap and before and _PLAIN_NOTE.match(line.folded) and before.text[-1] not in ".:;!?/"
        ):
            inside = True
        elif inside and (line.gap or shapes.LABEL.match(line.folded)):
            inside = False
        if inside and not line.cell:
            line.role = Role.FOOTNOTE


_WIDE_BLANK = re.compile(r"\t[\t ]*| {3,}|[ \u00a0]{4,}")
_SIGN_WORDS = re.compile(
    r"(?<=[;.:)] )(?:TM|KT|TL|TUQ|Q|T/M)\. ?(?=[A-ZĐ])"
    r"|(?<=[;.:)] )(?:PHÓ |QUYỀN )?(?:CHỦ TỊCH|GIÁM ĐỐC|TRƯỞNG|CHÁNH)\b"
)
_SIGNS_FOR = re.compile(r"\b(?:TM|KT|TL|TUQ|Q|T/M)\. $")
_DAY_WORDS = re.compile(
    r", ?ngay\b[ .…_\d]{0,14}thang\b[ .…_\d]{0,14}(?:nam\b[ .…_]{0,4}\d{0,4}(?: \d\d(?!\d))?)?"
)


_OPEN_BLANK = re.compile(r"(?:(?:^|\b)so ?:|\b(?:ngay|thang|nam)) ?$")
_FILLED_BLANK = re.compile(r"/|-[a-z]+/|(?:thang|nam)\b")


def columns_of(plain: str, line: Line) -> Iterator[Line]:
    """Return the columns that stand side by side in one line of a head or a foot, left to right."""
    if line.role is Role.FOOTNOTE:
        yield line
        return
    cuts = {0, len(line.text)}
    at = line.piece.at
    for wide in _WIDE_BLANK.finditer(plain, line.piece.start, line.piece.end):
        cut = bisect_right(at, wide.end() - 1)
        if not _OPEN_BLANK.search(line.folded[:cut]) and not _FILLED_BLANK.match(line.folded[cut:]):
            cuts.add(cut)
    for words in shapes.MOTTO.finditer(line.folded):
        cuts |= {words.start(), words.end()}
    if day := _DAY_WORDS.search(line.folded):
        cuts |= {_place_start(line.text, day.start()), day.end()}
    for words in _SIGN_WORDS.finditer(line.text):
        if not _SIGNS_FOR.search(line.text[: words.start()][-6:]):
            cuts.add(words.start())
    ordered = sorted(cuts)
    gap = line.gap
    for start, end in pairwise(ordered):
        piece = line.piece.part(start, end)
        if any(map(str.isalnum, piece.text)):
            yield replace(line, piece=piece, folded=folded(piece.text), gap=gap)
            gap = False


def _place_start(text: str, comma: int) -> int:
    """Return where the place before “, ngày … tháng …” begins: the words with capitals in front of it."""
    start = comma
    for word in reversed(list(re.finditer(r"\S+", text[max(0, comma - 60) : comma]))):
        if not word[0][0].isupper() or any(letter.isdigit() or letter in "/:;" for letter in word[0]):
            break
        if len(word[0]) > 1 and word[0].isupper() and "." not in word[0]:
            break
        start = max(0, comma - 60) + word.start()
    return start

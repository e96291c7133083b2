"""Lines of pages joined to paragraphs, over the ends of pages too, and written with the cells of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

from tracker.intake.papers.old_letters import reading_of
from tracker.intake.papers.pdf.lines import Line, Page, Table
from tracker.intake.papers.writing import Writer
from tracker.intake.plain import PlainPaper

BEGINS = re.compile(
    r"(\d{1,2}(\.\d{1,2}){1,3}\.?|\d{1,2}[.)/]|[IVXLC]{1,6}[.)]|[a-zđ][.)]|[-–—+•*]|Điều \d+\.|Chương [IVX]+|"
    r"Phụ lục\b|Nơi nhận\b|Kính gửi\b|Căn cứ\b)(?=\s|$)"
)
"""What begins a paragraph of its own when the line before it is finished."""
ITEM = re.compile(r"(\d{1,2}(\.\d{1,2}){0,3}[.)]|[a-zđ]\)|[IVXLC]{1,6}\.) +(?P<first>\w)")
"""A label; with a capital behind it, it begins a paragraph whatever stands before it."""
CITES = re.compile(r"(-|\b(khoản|điều|điểm|mục|số|ngày|tháng|năm|quý|phần|và|tại))$", re.IGNORECASE)
"""Ends of lines after which a number is part of the sentence."""
ENDS = (".", ";", ":", "!", "?", "/.", "…")
INDENT, HANGING, BLOCK, SHORT = 0.6, 4.0, 4.0, 3.5
"""Heights of a letter: an indent that begins a paragraph, the most that lines hang behind the label of an
item, the most that a block stands in from the margin, how far from the other one a line ends a paragraph."""
ALONE = re.compile(
    r"Độc lập\s*[-–]\s*Tự do|[^.;:]{2,40}, ngày[\s\d….]*tháng[\s\d….]*năm[\s\d….]*$|Số\s*:", re.IGNORECASE
)
"""Lines of the head of a paper: the motto, place and day, the number."""
LOOSE = 1.3
"""Times the usual distance of lines from which paragraphs are set apart."""


def write_pages(pages: Sequence[Page]) -> PlainPaper:
    """Return the plain text of pages from which running heads and notes were taken out."""
    text = "\n".join(line.text for page in pages for line in _every_line(page))
    writer = _PageWriter(pages, reading_of(text))
    for page in pages:
        writer.page(page)
    writer.end()
    for number, notes in enumerate([notes for page in pages for notes in _notes(page)], start=1):
        writer.note(number, notes)
    return writer.writer.paper()


def _every_line(page: Page) -> list[Line]:
    found = list(page.notes)
    for part in page.parts:
        found += [part] if isinstance(part, Line) else [line for each in part.lines.values() for line in each]
    return found


def _notes(page: Page) -> list[list[Line]]:
    found: list[list[Line]] = []
    for line in page.notes:
        if re.match(r"\[?\d{1,3}\]?\s*\S", line.text) or not found:
            found.append([])
        found[-1].append(line)
    return found


class _PageWriter:
    """Joins lines while they belong together; what is written keeps the places of pages and cells."""

    def __init__(self, pages: Sequence[Page], reading: Callable[[str], str] | None) -> None:
        self.writer = Writer()
        self.reading = reading
        self.edges = _edges(pages)
        self.left = self.right = 0.0
        self.pitch = _pitch(pages)
        self.open = ""
        self.last: Line | None = None
        self.new_page = False
        self.pages: list[int] = []
        self.table: tuple[int, list[float], int, list[str]] | None = None

    def page(self, page: Page) -> None:
        self.new_page = True
        self.left, self.right = self.edges[round(page.width)]
        for part in page.parts:
            if isinstance(part, Line):
                self.line(part)
            else:
                self.end()
                self._table(part)
        if self.new_page:
            self.writer.page()

    def line(self, line: Line) -> None:
        text = self._modern(line.text)
        if self.last is not None and self._goes_on(self.last, line, text):
            if self.new_page:
                self.pages.append(len(self.open) + 1)
            self.open = join(self.open, text)
        else:
            self.end()
            if self.new_page:
                self.writer.page()
            self.open = text
            self.table = None
        self.new_page = False
        self.last = line

    def end(self) -> None:
        if self.last is not None:
            for place in self.pages:
                self.writer.page(self.open[:place])
            self.writer.line(self.open)
        self.pages = []
        self.open, self.last = "", None

    def note(self, number: int, lines: Sequence[Line]) -> None:
        words = ""
        for line in lines:
            words = join(words, self._modern(line.text)) if words else self._modern(line.text)
        self.writer.line(f"[{number}] " + re.sub(r"^\[?\d{1,3}\]?\s*", "", words))

    def _modern(self, text: str) -> str:
        return self.reading(text) if self.reading else text

    def _goes_on(self, last: Line, line: Line, text: str) -> bool:
        """Tell whether a line belongs to the paragraph of the last one."""
        size = max(last.size, line.size)
        if last.right < self.right - SHORT * size:
            return False
        if BEGINS.match(text) and self.open.endswith(ENDS):
            return False
        item = ITEM.match(text)
        if item and item["first"].isupper() and not CITES.search(self.open):
            return False
        if line.size < 0.85 * last.size or last.size < 0.85 * line.size:
            return False
        distance = last.base - line.base
        if not self.new_page and not 0 < distance < LOOSE * max(self.pitch, size):
            return False
        if _stands_alone(last.text) or _stands_alone(text):
            return False
        if line.left > self.left + BLOCK * size and abs(line.left - last.left) > INDENT * size:
            return False
        if BEGINS.match(last.text):
            return line.left < last.left + HANGING * size
        return line.left < last.left + INDENT * size

    def _table(self, table: Table) -> None:
        if self.new_page:
            self.writer.page()
            self.new_page = False
        number, first = self._number_of(table)
        cells = table.grid.cells
        order = sorted(range(len(cells)), key=lambda place: (cells[place].row, cells[place].column))
        texts = {place: self._cell_text(table.lines.get(place, [])) for place in order}
        top = [texts[place] for place in order if cells[place].row == 0]
        again = first > 0 and self.table is not None and any(top) and top == self.table[3]
        shift = first - 1 if again else first
        for place in order:
            cell = cells[place]
            if again and cell.row == 0:
                continue
            with self.writer.cell(number, cell.row + shift, cell.column, columns=cell.columns) as written:
                for line in texts[place].split("\n") if texts[place] else ():
                    self.writer.line(line)
            written.rows = cell.rows
        rows = shift + len(table.grid.tops) - 1
        head = top if first == 0 or self.table is None else self.table[3]
        self.table = (number, table.grid.lefts, rows, head)

    def _number_of(self, table: Table) -> tuple[int, int]:
        """Return the number of a table and its first row; one that goes on keeps both."""
        if self.table is not None:
            number, lefts, rows, _top = self.table
            mine = table.grid.lefts
            if len(lefts) == len(mine) and all(abs(a - b) < 4 for a, b in zip(lefts, mine, strict=True)):
                return number, rows
        return self.writer.table(), 0

    def _cell_text(self, lines: Sequence[Line]) -> str:
        words = ""
        for line in lines:
            text = self._modern(line.text)
            if not words:
                words = text
            elif (BEGINS.match(text) and words.endswith(ENDS)) or text.startswith(("- ", "+ ")):
                words += "\n" + text
            else:
                words = join(words, text)
        return words


def join(first: str, second: str) -> str:
    """Return two lines as one; a hyphen within a word or notation at the end stays without a blank."""
    return first + second if re.search(r"[^\s-]-$", first) else f"{first} {second}"


def _stands_alone(text: str) -> bool:
    """Tell whether a line is one of the head, or a title in capitals, which nothing is joined to."""
    return ALONE.match(text) is not None or (len(text) > 12 and text.isupper())


def _edges(pages: Sequence[Page]) -> dict[int, tuple[float, float]]:
    """Return where full lines begin and end, by the width of the page; a margin is a fifth of it at most."""
    edges = {}
    for width in {round(page.width) for page in pages}:
        lines = [line for page in pages if round(page.width) == width for line in page.lines()]
        lefts, rights = sorted(line.left for line in lines), sorted(line.right for line in lines)
        first = lefts[len(lefts) // 10] if lefts else 0.0
        last = rights[len(rights) * 9 // 10] if rights else 0.0
        edges[width] = min(first, 0.2 * width), max(last, 0.8 * width)
    return edges


def _pitch(pages: Sequence[Page]) -> float:
    """Return the usual distance from line to line in points."""
    gaps = [
        round(upper.base - lower.base, 1)
        for page in pages for upper, lower in pairwise(page.lines())
        if 0 < upper.base - lower.base < 3 * upper.size
    ]  # fmt: skip
    return median(gaps) if gaps else 0.0

"""Word files: paragraphs and tables in their order, with the labels of lists and without what was deleted.

Left out: headers and footers, comments, hidden text, deletions that are tracked, codes of fields. Insertions
that are tracked are kept: that is how the paper reads once it is accepted. Footnotes stand at the end.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from tracker.intake.papers import BROKEN_ZIP, damaged
from tracker.intake.papers.docx.letters import Letters
from tracker.intake.papers.docx.numbering import Numbering, W, read_numbering
from tracker.intake.papers.writing import OpenCell, Writer
from tracker.intake.papers.xml import parse_xml
from tracker.intake.plain import PlainPaper

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_WRAPS_BLOCKS = {f"{W}{name}" for name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "body")}
_WRAPS_RUNS = _WRAPS_BLOCKS | {
    f"{W}{name}" for name in ("hyperlink", "smartTag", "fldSimple", "r", "dir", "bdo", "ruby", "rubyBase")
}
_AS_TEXT = {f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
_BOXES = (f"{W}drawing", f"{W}pict", f"{W}object")
MOST_COLUMNS = 1000
"""Columns that a cell may span or leave out before it."""


def read_docx(content: bytes) -> PlainPaper:
    """Return the plain text of a checked Word file with its tables; raise `UnreadablePaper` if damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            names = set(package.namelist())
            parts = {
                name: parse_xml(package.read(f"word/{name}.xml")) if f"word/{name}.xml" in names else None
                for name in ("document", "numbering", "styles", "footnotes", "endnotes")
            }
    except BROKEN_ZIP as error:
        raise damaged() from error
    body = parts["document"].find(f"{W}body") if parts["document"] is not None else None
    if body is None:
        raise damaged()
    reader = _Reader(read_numbering(parts["numbering"], parts["styles"]), Letters(parts["styles"]))
    reader.blocks(body)
    reader.notes([parts["footnotes"], parts["endnotes"]])
    return reader.writer.paper()


class _Reader:
    """Walks through a document once, from its first paragraph to its last footnote."""

    def __init__(self, numbering: Numbering, letters: Letters) -> None:
        self.writer = Writer()
        self.numbering = numbering
        self.letters = letters
        self.before = ""
        """What stands in paragraphs whose end was deleted: it belongs to the next one."""
        self.cited: list[tuple[str, str]] = []

    def blocks(self, container: Any) -> None:
        for child in container:
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag in _WRAPS_BLOCKS:
                self.blocks(child)
            elif child.tag == f"{_MC}AlternateContent":
                self.blocks(_alternative(child))

    def notes(self, parts: list[Any]) -> None:
        """Write the footnotes and endnotes that the text refers to, numbered in the order it does."""
        for number, (kind, name) in enumerate(self.cited, start=1):
            root = parts[0] if kind == "footnote" else parts[1]
            for note in root.iter(f"{W}{kind}") if root is not None else ():
                if note.get(f"{W}id") == name:
                    self.before = f"[{number}] " + self.before
                    self.blocks(note)
                    break

    def _paragraph(self, paragraph: Any) -> None:
        shape = paragraph.find(f"{W}pPr")
        if shape is not None and _is_on(shape.find(f"{W}pageBreakBefore")):
            self.writer.page()
        label = self.numbering.label(paragraph)
        pieces = [self.before + label + " "] if label else [self.before]
        boxes: list[Any] = []
        pages: list[int] = []
        for piece in self._pieces(paragraph, boxes):
            if piece is None:
                pages.append(len(pieces))
            else:
                pieces.append(piece)
        for place in pages:
            self.writer.page("".join(pieces[:place]))
        text = "".join(pieces)
        ends = shape.find(f"{W}rPr") if shape is not None else None
        if ends is not None and (ends.find(f"{W}del") is not None or ends.find(f"{W}moveFrom") is not None):
            self.before = text
        else:
            self.before = ""
            self.writer.line(text.strip("\n"))
        for box in boxes:
            self.blocks(box)

    def _pieces(self, element: Any, boxes: list[Any]) -> Iterator[str | None]:
        """Yield the text of a paragraph or run, None where a page begins; collect the text boxes in it.

        What is not named here says nothing on paper: deletions, what was moved away, codes of fields.
        """
        for child in element:
            tag = child.tag
            if tag == f"{W}t":
                yield self.letters.modern(child)
            elif tag in _AS_TEXT:
                yield _AS_TEXT[tag]
            elif tag == f"{W}br":
                yield None if child.get(f"{W}type") == "page" else "\n"
            elif tag == f"{W}lastRenderedPageBreak":
                yield None
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                kind = "footnote" if "footnote" in tag else "endnote"
                self.cited.append((kind, child.get(f"{W}id", "")))
            elif tag == f"{W}r" and self.letters.is_hidden(child):
                continue
            elif tag in _WRAPS_RUNS:
                yield from self._pieces(child, boxes)
            elif tag == f"{_MC}AlternateContent":
                yield from self._pieces(_alternative(child), boxes)
            elif tag in _BOXES:
                boxes += _outermost_boxes(child)

    def _table(self, table: Any) -> None:
        number = self.writer.table()
        above: dict[int, OpenCell] = {}
        place = 0
        for row in _rows(table):
            shape = row.find(f"{W}trPr")
            if shape is not None and shape.find(f"{W}del") is not None:
                continue
            column = _span(shape, "gridBefore", 0)
            for cell in _cells(row):
                column += self._cell(number, place, column, cell, above)
            place += 1

    def _cell(self, table: int, row: int, column: int, cell: Any, above: dict[int, OpenCell]) -> int:
        shape = cell.find(f"{W}tcPr")
        columns = _span(shape, "gridSpan", 1)
        merge = shape.find(f"{W}vMerge") if shape is not None else None
        upper = above.get(column)
        if merge is not None and merge.get(f"{W}val", "continue") != "restart" and upper is not None:
            upper.rows = row - upper.row + 1
            return columns
        if shape is not None and shape.find(f"{W}cellDel") is not None:
            return columns
        with self.writer.cell(table, row, column, columns=columns) as written:
            self.blocks(cell)
            if self.before:
                self.writer.line(self.before)
                self.before = ""
        above[column] = written
        return columns


def _alternative(element: Any) -> Any:
    """Return one of the ways in which a thing is told: the first, which newer programs show."""
    return next(iter(element), element)


def _outermost_boxes(element: Any) -> list[Any]:
    """Return the text boxes of a drawing, each told once; boxes within boxes are part of the outer one."""
    return [
        box for box in element.iter(f"{W}txbxContent")
        if not any(each.tag == f"{_MC}Fallback" for each in box.iterancestors())
        and not any(each.tag == f"{W}txbxContent" for each in _ancestors_within(box, element))
    ]  # fmt: skip


def _ancestors_within(element: Any, top: Any) -> Iterator[Any]:
    for each in element.iterancestors():
        if each is top:
            return
        yield each


def _rows(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{W}tr":
            yield child
        elif child.tag in _WRAPS_BLOCKS:
            yield from _rows(child)


def _cells(element: Any) -> Iterator[Any]:
    for child in element:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag in _WRAPS_BLOCKS:
            yield from _cells(child)


def _span(shape: Any, name: str, least: int) -> int:
    element = shape.find(f"{W}{name}") if shape is not None else None
    word = element.get(f"{W}val", "") if element is not None else ""
    number = int(word) if word.isascii() and word.isdigit() and len(word) < 5 else least
    return min(max(number, least), MOST_COLUMNS)


def _is_on(element: Any) -> bool:
    return element is not None and element.get(f"{W}val") not in ("0", "false", "off")

"""Web pages, also those that Word saves: blocks become lines, tables keep their cells, lists their labels."""

from __future__ import annotations

import codecs
import re
from typing import Any

from lxml import etree

from tracker.intake.papers import damaged, document_type
from tracker.intake.papers.docx.numbering import number_in
from tracker.intake.papers.txt import BOMS, decode, plain_text
from tracker.intake.papers.writing import OpenCell, Writer
from tracker.intake.papers.xml import refuse_deep
from tracker.intake.plain import PlainPaper

_GONE = frozenset(
    ("head", "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "math", "select",
     "textarea", "button", "input", "del", "s", "strike", "title", "canvas", "audio", "video", "frameset")
)  # fmt: skip
_BLOCKS = frozenset(
    ("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "div", "dl", "dt",
     "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr",
     "html", "li", "main", "nav", "ol", "p", "pre", "section", "ul")
)  # fmt: skip
_FORMS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([a-zA-Z0-9_.:-]{1,40})""", re.IGNORECASE)
_XML_LINE = re.compile(r"^\s*<\?xml[^>]*\?>")
_INTERNAL_SUBSET = re.compile(r"<!DOCTYPE[^>]*\[|<!ENTITY", re.IGNORECASE)
_BLANKS = re.compile(r"[ \t\n\f\r\u00a0]+")
_HIDDEN = re.compile(r"(display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)", re.IGNORECASE)
MOST_SPAN = 1000
DEEPEST = 150
HEAD = 4096
"""Bytes within which a page tells its encoding."""


def read_html(content: bytes) -> PlainPaper:
    """Return what a web page shows, in its order; raise `UnreadablePaper` for what is none or is hostile."""
    text = _XML_LINE.sub("", plain_text(_decode(content)))
    if _INTERNAL_SUBSET.search(text):
        raise document_type()
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.LxmlError, ValueError) as error:
        raise damaged() from error
    if root is None:
        raise damaged()
    refuse_deep(root, DEEPEST)
    reader = _Reader()
    reader.element(root)
    reader.end_line()
    return reader.writer.paper()


def _decode(content: bytes) -> str:
    said = _CHARSET.search(content[:HEAD])
    if said and not content.startswith(tuple(BOMS)):
        try:
            name = codecs.lookup(said[1].decode()).name
            if name in ("utf-8", "iso8859-1", "cp1252", "cp1258"):
                return decode(content) if name in ("utf-8", "iso8859-1") else content.decode(name)
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(content)


class _Reader:
    """Walks through a page once and keeps the line that is being written."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.pieces: list[str] = []
        self.lists: list[tuple[str, int]] = []
        self.keeps_blanks = False

    def text(self, words: str | None) -> None:
        if words and self.keeps_blanks:
            first, *others = words.split("\n")
            self.pieces.append(first)
            for each in others:
                self.end_line(always=True)
                self.pieces.append(each)
        elif words:
            self.pieces.append(_BLANKS.sub(" ", words))

    def end_line(self, *, always: bool = False) -> None:
        line = "".join(self.pieces)
        line = line.rstrip() if self.keeps_blanks else _BLANKS.sub(" ", line).strip()
        self.pieces = []
        if line or always:
            self.writer.line(line)

    def element(self, element: Any) -> None:
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag in _GONE or element.get("hidden") is not None or _HIDDEN.search(element.get("style") or ""):
            return
        if tag == "br":
            self.end_line(always=bool("".join(self.pieces).strip()))
        elif tag == "table":
            self.end_line()
            self._table(element)
        elif tag in _BLOCKS:
            self.end_line()
            self._block(element, tag)
            self.end_line()
        else:
            self._inside(element)

    def _inside(self, element: Any) -> None:
        self.text(element.text)
        for child in element:
            self.element(child)
            self.text(child.tail)

    def _block(self, element: Any, tag: str) -> None:
        if tag in ("ol", "ul"):
            form = _FORMS.get(element.get("type") or "", "decimal") if tag == "ol" else "bullet"
            start = _whole(element.get("start"), 1, 9999)
            self.lists.append((form, start))
            self._inside(element)
            self.lists.pop()
            return
        if tag == "li" and self.lists:
            form, number = self.lists[-1]
            number = _whole(element.get("value"), number, 9999)
            self.pieces.append("- " if form == "bullet" else f"{number_in(number, form)}. ")
            self.lists[-1] = (form, number + 1)
        kept, self.keeps_blanks = self.keeps_blanks, self.keeps_blanks or tag == "pre"
        self._inside(element)
        if kept != self.keeps_blanks:
            self.end_line()
        self.keeps_blanks = kept

    def _table(self, table: Any) -> None:
        number = self.writer.table()
        taken: dict[tuple[int, int], OpenCell] = {}
        for place, row in enumerate(_rows_of(table)):
            column = 0
            for cell in row:
                while (place, column) in taken:
                    column += 1
                columns = _whole(cell.get("colspan"), 1, MOST_SPAN)
                rows = _whole(cell.get("rowspan"), 1, MOST_SPAN)
                with self.writer.cell(number, place, column, columns=columns) as written:
                    lists, self.lists = self.lists, []
                    self._inside(cell)
                    self.end_line()
                    self.lists = lists
                written.rows = rows
                if rows > 1:
                    taken.update(
                        ((place + down, column + right), written)
                        for down in range(1, rows) for right in range(columns)
                    )  # fmt: skip
                column += columns


def _rows_of(table: Any) -> list[list[Any]]:
    """Return the cells of each row of a table, not those of a table within it; a caption is a row too."""
    rows: list[list[Any]] = []
    alone: list[Any] | None = None
    for child in table:
        if child.tag in ("td", "th", "caption"):
            if alone is None:
                rows.append(alone := [])
            alone.append(child)
            continue
        alone = None
        if child.tag == "tr":
            rows.append([each for each in child if each.tag in ("td", "th")])
        elif child.tag in ("thead", "tbody", "tfoot"):
            rows += _rows_of(child)
    return rows


def _whole(word: str | None, otherwise: int, most: int) -> int:
    digits = (word or "").strip()
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 7 else otherwise
    return min(max(number, 1), most)

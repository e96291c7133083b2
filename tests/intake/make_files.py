"""Labelled papers as Word and web pages: the same words in the shapes that offices send.

    python -m tests.intake.make_files DIR      writes the papers of `SHAPES` as .docx and .html

The head and the signature stand in tables of two columns, appendices in real tables with merged rows, the
items of one paper are numbered by Word. The PDF files in `tests/intake/pdf` were printed from these by
LibreOffice: `soffice --headless --convert-to pdf DIR/*.docx`.
"""

from __future__ import annotations

import html
import re
import sys
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from docx import Document
from docx.document import Document as Paper
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.shared import Cm

PAPERS = Path(__file__).parent / "papers"
SHAPES = {
    "01-cv-huyen-chuyen-doi-so": {"numbered": True},
    "03-tb-tinh-ket-luan-hop": {},
    "07-cv-so-phu-luc-phang": {"columns": 6},
    "11-ct-huyen-phong-chay": {},
    "13-cv-tinh-dai": {},
    "26-pa-huyen-bang-phang": {"columns": 5},
}
"""Papers that are made: how many columns their table has, and whether Word numbers the items."""

RIGHT = re.compile(r"CỘNG HÒA XÃ HỘI|Độc lập|.{2,40}, ngày .*\d")
TITLES = ("CÔNG ĐIỆN", "CHỈ THỊ", "KẾ HOẠCH", "PHƯƠNG ÁN", "QUYẾT ĐỊNH", "THÔNG BÁO")
OF_LIST = re.compile(r"- ")
OF_NUMBER = re.compile(r"\d+\. ")


@dataclass(frozen=True)
class Parts:
    """The lines of a paper by where they stand on the sheet."""

    left: list[str]
    right: list[str]
    body: list[str]
    rows: list[list[str]]
    after: list[str]
    recipients: list[str]
    signature: list[str]
    at_the_end: bool
    """Whether the table stands behind the signature, as an appendix."""


def parts_of(text: str, columns: int) -> Parts:
    """Return the parts of a paper whose head, table and signature are flat lines."""
    lines = [line.strip() for line in text.split("\n")]
    first = next(n for n, line in enumerate(lines) if line.startswith("Kính gửi") or line in TITLES)
    head = [line for line in lines[:first] if line]
    recipients = next(n for n, line in enumerate(lines) if line.startswith("Nơi nhận"))
    appendix = next((n for n, line in enumerate(lines) if line == "PHỤ LỤC"), len(lines))
    ending = [line for line in lines[recipients:appendix] if line]
    signature = next(n for n, line in enumerate(ending) if not line.startswith(("Nơi nhận", "- ")))
    table = next((n for n, line in enumerate(lines) if line == "STT"), None) if columns else None
    rows, stop = _rows(lines, table, columns) if table is not None else ([], 0)
    behind = table is not None and table > recipients
    body = lines[first:recipients] if table is None or behind else lines[first:table]
    after = [] if table is None else lines[appendix:table] if behind else lines[stop:recipients]
    return Parts(
        [line for line in head if not RIGHT.match(line)], [line for line in head if RIGHT.match(line)],
        [line for line in body if line], rows, [line for line in after if line],
        ending[:signature], ending[signature:], behind,
    )  # fmt: skip


def _rows(lines: list[str], start: int, columns: int) -> tuple[list[list[str]], int]:
    """Return the rows of a flat table and the line after it; a row with a roman number has two cells."""
    rows, n = [lines[start : start + columns]], start + columns
    while n < len(lines) and re.fullmatch(r"\d+|[IVX]+", lines[n]):
        wide = 2 if not lines[n].isdigit() else columns
        row = lines[n : n + wide]
        rows.append(row + [""] * (wide - len(row)))
        n += wide
    return rows, n


def as_docx(name: str) -> bytes:
    """Return a paper of `SHAPES` as a Word file."""
    parts, numbered = _parts(name)
    paper = Document()
    _two_columns(paper, parts.left, parts.right)
    titled = parts.body[0] in TITLES
    for n, line in enumerate(parts.body):
        _paragraph(paper, line, numbered, centred=titled and n < 2)
    if not parts.at_the_end:
        _table(paper, parts.rows)
        for line in parts.after:
            _paragraph(paper, line, numbered)
    _two_columns(paper, parts.recipients, parts.signature)
    if parts.at_the_end:
        paper.add_page_break()
        for line in parts.after:
            paper.add_paragraph(line)
        _table(paper, parts.rows)
    content = BytesIO()
    paper.save(content)
    return content.getvalue()


def as_html(name: str) -> bytes:
    """Return a paper of `SHAPES` as a web page."""
    parts, _ = _parts(name)
    table = "".join(
        "<tr>" + "".join(_cell(row, n, len(parts.rows[0])) for n in range(len(row))) + "</tr>"
        for row in parts.rows
    )
    table = f"<table border=1>{table}</table>" if parts.rows else ""
    after = "".join(f"<p>{html.escape(line)}</p>" for line in parts.after)
    pieces = [
        _html_columns(parts.left, parts.right), *(f"<p>{html.escape(line)}</p>" for line in parts.body),
        "" if parts.at_the_end else table + after,
        _html_columns(parts.recipients, parts.signature),
        after + table if parts.at_the_end else "",
    ]  # fmt: skip
    return f'<!doctype html><meta charset="utf-8"><title>{name}</title>{"".join(pieces)}'.encode()


def _parts(name: str) -> tuple[Parts, bool]:
    shape = SHAPES[name]
    text = (PAPERS / f"{name}.txt").read_text(encoding="utf-8")
    return parts_of(text, int(shape.get("columns", 0))), bool(shape.get("numbered"))


def _two_columns(paper: Paper, left: list[str], right: list[str]) -> None:
    cells = paper.add_table(rows=1, cols=2).rows[0].cells
    for cell, lines in zip(cells, (left, right), strict=True):
        cell.paragraphs[0].text = lines[0] if lines else ""
        for line in lines[1:]:
            cell.add_paragraph(line)
        if not lines[0].startswith("Nơi nhận"):
            for paragraph in cell.paragraphs:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _paragraph(paper: Paper, line: str, numbered: bool, centred: bool = False) -> None:
    for pattern, style in ((OF_NUMBER, "List Number"), (OF_LIST, "List Bullet")):
        label = pattern.match(line)
        if numbered and label:
            paper.add_paragraph(line[label.end() :], style=style)
            return
    paragraph = paper.add_paragraph(line)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER


def _table(paper: Paper, rows: list[list[str]]) -> None:
    if not rows:
        return
    table = paper.add_table(rows=len(rows), cols=len(rows[0]), style="Table Grid")
    widths = [Cm(1.2), Cm(5), *(Cm(9 / (len(rows[0]) - 2)) for _ in rows[0][2:])]
    for said, row in zip(rows, table.rows, strict=True):
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        if len(said) < len(cells):
            cells[len(said) - 1].merge(cells[-1])
        for cell, text in zip(cells, said, strict=False):
            cell.paragraphs[0].text = text


def _cell(row: list[str], n: int, columns: int) -> str:
    span = columns - len(row) + 1 if n == len(row) - 1 else 1
    return f'<td colspan="{span}">{html.escape(row[n])}</td>'


def _html_columns(left: list[str], right: list[str]) -> str:
    cells = ("".join(f"<p>{html.escape(line)}</p>" for line in lines) for lines in (left, right))
    return "<table><tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr></table>"


def main() -> None:
    """Write the papers into the folder that was named."""
    folder = Path(sys.argv[1])
    for name in SHAPES:
        (folder / f"{name}.docx").write_bytes(as_docx(name))
        (folder / f"{name}.html").write_bytes(as_html(name))


if __name__ == "__main__":
    main()

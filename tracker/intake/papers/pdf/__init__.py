"""PDF files with text: lines joined to paragraphs, ruled tables with cells; scans are refused.

A PDF knows letters and their places only. Order is that in which the file draws them, which programs for
writing keep; the head of a paper and its signature are brought into columns where they are drawn by rows.
"""

from __future__ import annotations

import pypdfium2 as pdf
import pypdfium2.raw as pdfium

from tracker.intake.papers import UnreadablePaper, damaged, too_long
from tracker.intake.papers.pdf.grid import Grid, grids_of
from tracker.intake.papers.pdf.letters import pieces_of
from tracker.intake.papers.pdf.lines import (
    Page,
    page_of,
    page_text,
    part_columns,
    take_out_notes,
    take_out_running,
)
from tracker.intake.papers.pdf.paragraphs import write_pages
from tracker.intake.plain import PlainPaper
from tracker.rules.words import N_

MOST_PAGES = 500
MOST_LETTERS = 60_000
"""Letters of one page."""
LEAST_LETTERS = 40
"""Letters a page, on the whole, below which the file is a scan."""


def read_pdf(content: bytes) -> PlainPaper:
    """Return the text of a PDF file; raise `UnreadablePaper` for scans, locked and damaged files."""
    try:
        document = pdf.PdfDocument(content)
    except pdf.PdfiumError as error:
        if getattr(error, "err_code", None) in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            raise UnreadablePaper(
                N_("Tệp có mật khẩu mở nên không đọc được. Bỏ mật khẩu, lưu lại rồi thử lại.")
            ) from error
        raise damaged() from error
    if len(document) > MOST_PAGES:
        raise UnreadablePaper(
            N_("Tệp pdf có hơn %(most)s trang. Tách phần cần đọc thành tệp riêng."), most=MOST_PAGES
        )
    try:
        pages = [_read_page(document[number]) for number in range(len(document))]
    except pdf.PdfiumError as error:
        raise damaged() from error
    _refuse_scan(pages)
    take_out_running(pages)
    take_out_notes(pages)
    part_columns(pages)
    return write_pages(pages)


def _read_page(page: pdf.PdfPage) -> Page:
    width, height = page.get_size()
    text_page = page.get_textpage()
    count = text_page.count_chars()
    if count > MOST_LETTERS:
        raise too_long()
    grids = grids_of(page)
    pieces = list(pieces_of(text_page.raw, count, lambda x, y: _cell_of(grids, x, y)))
    text_page.close()
    page.close()
    return page_of(pieces, grids, width=width, height=height)


def _cell_of(grids: list[Grid], x: float, y: float) -> int | None:
    before = 0
    for grid in grids:
        if (number := grid.find(x, y)) is not None:
            return before + number
        before += len(grid.cells)
    return None


def _refuse_scan(pages: list[Page]) -> None:
    letters = sum(len(page_text(page)) for page in pages)
    letters += sum(len(line.text) for page in pages for part in page.parts if not hasattr(part, "text")
                   for lines in part.lines.values() for line in lines)  # fmt: skip
    if letters < LEAST_LETTERS * max(len(pages), 1):
        raise UnreadablePaper(
            N_("Tệp pdf là ảnh quét, không có chữ để đọc. Dùng tệp Word gốc, hoặc pdf xuất từ Word.")
        )

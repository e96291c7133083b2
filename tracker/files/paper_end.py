"""The end of a Word paper: what of it stays on one page with the signature."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

LAST_PARAGRAPHS, LAST_ROWS = 4, 2
"""What stays with the signature: paragraphs, or all of them with rows of the table above them."""
MOST_BELOW_A_TABLE = 12
"""Paragraphs below a table that may be parted so."""


def keep_company(document: Any, *, last_rows: int = LAST_ROWS) -> None:
    """Keep the last paragraphs of a document with what is added next.

    Where a table stands a little above them, all below it and its last rows are kept; where it has no more
    than these, what stands from the last heading on.
    """
    said: list[Paragraph] = []
    rows: list[Any] = []
    for element in reversed(document.element.body):
        if element.tag == qn("w:tbl"):
            rows = element.xpath("./w:tr[not(w:trPr/w:tblHeader)]")
            break
        if element.tag == qn("w:p"):
            said.append(Paragraph(element, document))
    if len(rows) > last_rows and len(said) <= MOST_BELOW_A_TABLE:
        cells = (each for row in rows[-last_rows:] for each in row.iter(qn("w:p")))
        said += [Paragraph(each, document) for each in cells]
    else:
        heading = next((n for n, each in enumerate(said) if each.paragraph_format.keep_with_next), None)
        del said[LAST_PARAGRAPHS if heading is None or heading > MOST_BELOW_A_TABLE else heading :]
    for paragraph in said:
        paragraph.paragraph_format.keep_with_next = True

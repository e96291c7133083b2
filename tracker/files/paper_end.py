"""The end of a Word paper: what of it stays on one page with the signature."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt
from docx.text.paragraph import Paragraph

LAST_PARAGRAPHS, LAST_ROWS = 4, 2
"""What stays with the signature: paragraphs, or all of them with rows of the table above them."""
MOST_BELOW_A_TABLE = 12
"""Paragraphs below a table that may be parted so."""


def keep_company(document: Any, *, last_rows: int = LAST_ROWS) -> Any:
    """Keep the last paragraphs of a document with what is added next.

    Where a table stands a little above them, all below it and its last rows are kept, and the table is
    returned; where it has no more than these, what stands from the last heading on, and None is returned.
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
        table = rows[0].getparent()
    else:
        table = None
        heading = next((n for n, each in enumerate(said) if each.paragraph_format.keep_with_next), None)
        del said[LAST_PARAGRAPHS if heading is None or heading > MOST_BELOW_A_TABLE else heading :]
    for paragraph in said:
        paragraph.paragraph_format.keep_with_next = True
    return table


def close_with_the_rest(table: Any) -> None:
    """Move all that stands below a table into a last row of it, one cell without a frame.

    Word keeps rows with rows and with paragraphs, LibreOffice with rows only.
    """
    rest = [each for each in table.itersiblings() if each.tag in (qn("w:p"), qn("w:tbl"))]
    columns = table.tblGrid.gridCol_lst
    row = table.add_tr()
    row.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    cell = row.add_tc()
    cell.width = sum(column.w for column in columns)
    cell.grid_span = len(columns)
    frame = OxmlElement("w:tcBorders")
    for side in ("left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        line.set(qn("w:val"), "nil")
        frame.append(line)
    cell.get_or_add_tcPr().append(frame)
    cell.clear_content()
    for each in rest:
        cell.append(each)
    if rest[-1].tag == qn("w:tbl"):  # a cell ends with a paragraph: one of a point, so that it takes no room
        shape = Paragraph(cell.add_p(), None).paragraph_format  # type: ignore[arg-type]
        shape.line_spacing_rule, shape.line_spacing, shape.space_after = WD_LINE_SPACING.EXACTLY, Pt(1), Pt(0)
    for paragraph in cell.iter(qn("w:p")):
        paragraph.get_or_add_pPr().keepNext_val = None

"""Lines of a Word paper: the rules that stand below names and titles, and titles of several lines."""

from __future__ import annotations

from math import ceil

from docx.enum.text import WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph


def line_below(name: str) -> float:
    """Return how long the line below an issuing body is, in millimetres: between a third and half of it."""
    return min(26.0, max(12.0, len(name) * 2.65 * 0.42))  # a capital of 12 points is some 2.65 mm wide


def draw_rule(paragraph: Paragraph, within: float, length: float) -> None:
    """Draw a line of `length` in the middle of `within` millimetres."""
    shape = paragraph.paragraph_format
    shape.left_indent = shape.right_indent = Mm((within - length) / 2 - 1.9)  # 1.9: the margin of a cell
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(4)
    shape.space_before, shape.space_after = Pt(2), Pt(0)
    borders, top = OxmlElement("w:pBdr"), OxmlElement("w:top")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        top.set(qn(f"w:{name}"), value)
    borders.append(top)
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def balance(paragraph: Paragraph, length: float, within: float) -> None:
    """Set a centred text of more than one line in, so that its lines are about as long as each other."""
    if (lines := ceil(length / within)) > 1:
        shape = paragraph.paragraph_format
        shape.left_indent = shape.right_indent = Mm(max(0.0, (within - 1.2 * length / lines) / 2))

"""Official papers as Word files, in the form of Nghị định 30/2020/NĐ-CP, annex I.

    paper = Paper("V/v đôn đốc …", made_on=today)          # the title of the file's properties
    paper.head(issuing_body(name, above), notation=notation_of(name), place=place_of([name, *above]),
               on=today, about="V/v đôn đốc …")            # a công văn; the number stays open
    paper.kind("BÁO CÁO", "Tình hình …")                   # or, without `about`, a paper of a kind
    paper.addressed_to(["UBND xã Hải Dương"])
    paper.heading("I. TÌNH HÌNH CHUNG"); paper.paragraph("…"); paper.note("Ghi chú: …")
    paper.table([Column("STT", 10, "center"), Column("Đúng hạn", 20, "right", group="Đã hoàn thành")],
                rows=[["1", "3"], Band("Phòng Nội vụ"), …], total=["Cộng", "3"])
    paper.picture(png, width=150, says="Biểu đồ …")
    paper.turn(landscape=True)                             # a section for wide tables; False turns back
    paper.sign(signing_lines(name, title), recipients=["Như trên", "Lưu: VT"])
    content = paper.as_bytes()                             # the same calls give the same bytes

Bodies, places, notations and signing lines come from `rules.papers`. Widths are millimetres; those of columns
are shares of the text's width. The paper is A4, Times New Roman 13, numbered from its second page.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Literal

from docx import Document
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from tracker.files.paper_end import LAST_ROWS, close_with_the_rest, keep_company
from tracker.files.paper_lines import balance, draw_rule, line_below
from tracker.rules.papers import IssuingBody
from tracker.rules.text import nfc

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

SHORT_SIDE, LONG_SIDE = 210, 297  # millimetres of A4
TOP, BOTTOM, LEFT, RIGHT = 20, 20, 30, 20
"""Margins in millimetres: 20–25 above and below, 30–35 left, 15–20 right (annex I, part I, 2)."""

FONT = "Times New Roman"
BODY_PT, NAMES_PT, TABLE_PT, COPIES_HEAD_PT, COPIES_PT, NOTE_PT = 13, 12, 12, 12, 11, 12
LANGUAGE = "vi-VN"
INDENT = 10  # millimetres of a paragraph's first line
EM_SPACE = "\u2003"

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
MOTTO_LINE = 56  # millimetres: as long as the words above it
NAMES_WIDTH = 66  # millimetres of the left half of the head, of the 160 between the margins
CAPITAL_MM = 3.0  # millimetres of a bold capital of 14 points and its share of blanks
OPEN_NUMBER = 8  # blanks that leave room for a number written by hand
OPEN_PLACE = "…………"

Alignment = Literal["left", "center", "right", "justify"]
_ALIGNMENTS = {
    "left": WD_ALIGN_PARAGRAPH.LEFT, "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT, "justify": WD_ALIGN_PARAGRAPH.JUSTIFY,
}  # fmt: skip
_NOT_IN_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ZIP_DAY = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Column:
    """One column of a table; neighbours of one `group` stand under a common head."""

    title: str
    width: float
    """Its share of the text's width."""
    align: Alignment = "left"
    group: str = ""


@dataclass(frozen=True)
class Band:
    """A row that is one cell across the table, in bold: the name of what follows."""

    text: str


class Paper:
    """A paper that is written from top to bottom; each method adds the next part."""

    def __init__(self, title: str, *, made_on: date, landscape: bool = False) -> None:
        """Begin an empty paper; `title` and `made_on` go into the properties of the file."""
        self._document = Document()
        _drop_thumbnail(self._document)
        properties = self._document.core_properties
        moment = datetime.combine(made_on, time(), UTC).replace(tzinfo=None)
        properties.title, properties.language = _clean(title)[:255], LANGUAGE
        properties.author = properties.last_modified_by = properties.comments = ""
        properties.created = properties.modified = moment
        properties.revision = 1
        _speak_vietnamese(self._document)
        normal = self._document.styles["Normal"]
        normal.font.name, normal.font.size = FONT, Pt(BODY_PT)
        fonts = normal.element.rPr.rFonts
        for script in ("eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
        section = self._document.sections[0]
        _lay(section, landscape)
        section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
        section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
        section.header_distance = section.footer_distance = Mm(10)
        section.different_first_page_header_footer = True
        number = section.header.paragraphs[0]
        number.alignment = WD_ALIGN_PARAGRAPH.CENTER
        field = OxmlElement("w:fldSimple")
        field.set(qn("w:instr"), "PAGE")
        number._p.append(field)

    @property
    def text_width(self) -> float:
        """Millimetres between the margins of the section that is being written."""
        section = self._document.sections[-1]
        between = (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)
        return round(between / Mm(1), 1)

    def head(
        self, body: IssuingBody, *, notation: str, place: str, on: date, about: str = "", dated: bool = False
    ) -> None:
        """Add the head: names, country and motto, open number, place and date; `about` makes a công văn.

        The day stays open for the signature, its month is that of `on`; `dated` prints the whole day.
        """
        table = self._bare_table([NAMES_WIDTH, self.text_width - NAMES_WIDTH], rows=2)
        left, right = table.rows[0].cells
        superior = [body.superior] if body.superior else []
        for position, line in enumerate([*superior, *body.lines]):
            bold = position >= len(superior)
            _write(_paragraph_of(left, position), line, size=NAMES_PT, bold=bold, align="center")
        draw_rule(left.add_paragraph(), NAMES_WIDTH, line_below(body.lines[-1]))
        _write(_paragraph_of(right, 0), COUNTRY, size=NAMES_PT, bold=True, align="center")
        _write(right.add_paragraph(), MOTTO, bold=True, align="center")
        draw_rule(right.add_paragraph(), self.text_width - NAMES_WIDTH, MOTTO_LINE)
        left, right = table.rows[1].cells
        number = f"Số:{' ' * OPEN_NUMBER}/{notation}"
        _write(_paragraph_of(left, 0), number, align="center", before=6)
        if about:
            _write(left.add_paragraph(), about, size=NAMES_PT, align="center", before=6)
        day = f"{on:%d}" if dated else "     "
        month = f"{on.month:02d}" if on.month < 3 else str(on.month)
        when = f"{place or OPEN_PLACE}, ngày {day} tháng {month} năm {on.year}"
        _write(_paragraph_of(right, 0), when, italic=True, align="center", before=6)
        self._gap(6)

    def kind(self, kind: str, about: str) -> None:
        """Add the name of a kind of paper and what it is about, with the short line below them."""
        name = self._document.add_paragraph()
        _write(name, kind.upper(), size=14, bold=True, align="center", before=6)
        balance(name, len(kind) * CAPITAL_MM, self.text_width)
        _write(self._document.add_paragraph(), about, bold=True, align="center", after=2)
        draw_rule(self._document.add_paragraph(), self.text_width, 40)
        self._gap(4)

    def addressed_to(self, names: Sequence[str]) -> None:
        """Add “Kính gửi:”; several receivers stand below each other with dashes."""
        if len(names) == 1:
            _write(
                self._document.add_paragraph(), f"Kính gửi: {names[0]}", align="center", before=6, after=12
            )
            return
        table = self._bare_table([44, self.text_width - 44], rows=1)
        left, right = table.rows[0].cells
        _write(_paragraph_of(left, 0), "Kính gửi:", align="right", before=6)
        for position, name in enumerate(names):
            end = "." if position == len(names) - 1 else ";"
            line = _paragraph_of(right, position)
            _write(line, f"- {name}{end}", align="left", before=0 if position else 6)
        self._gap(8)

    def heading(self, text: str) -> None:
        """Add the heading of a part; it stays with what follows."""
        paragraph = self._document.add_paragraph()
        _write(paragraph, text, bold=True, align="left", before=6, after=3, indent=INDENT)
        paragraph.paragraph_format.keep_with_next = True

    def paragraph(
        self, text: str, *, bold: bool = False, italic: bool = False, align: Alignment = "justify",
        close: bool = False,
    ) -> None:  # fmt: skip
        """Add a paragraph with its first line indented; each line break begins another one.

        It stands `close` to its neighbours where it is one of a list, whose lines are not stretched.
        """
        around, set_in = 0 if close else 3, INDENT if align == "justify" else 0
        aligned = "left" if close and align == "justify" else align
        for line in filter(str.strip, text.split("\n")):
            paragraph = self._document.add_paragraph()
            _write(
                paragraph, line.strip(), bold=bold, italic=italic, align=aligned, before=around,
                after=around, indent=set_in,
            )  # fmt: skip
            paragraph.paragraph_format.line_spacing = 1.0 if close else 1.15

    def note(self, text: str) -> None:
        """Add a smaller line in italics, as below a table."""
        _write(self._document.add_paragraph(), text, size=NOTE_PT, italic=True, align="left", before=3)

    def table(
        self, columns: Sequence[Column], rows: Sequence[Sequence[str] | Band], *,
        total: Sequence[str] | None = None, size: float = TABLE_PT,
    ) -> None:  # fmt: skip
        """Add a table whose head comes again on each page and whose rows are not cut in two.

        Rows hold one text a column, a `Band` goes across; `total` closes the table in bold. `size` in points.
        Em spaces at the beginning of a text set in all its lines.
        """
        share = self.text_width / sum(column.width for column in columns)
        widths = [column.width * share for column in columns]
        heads = 2 if any(column.group for column in columns) else 1
        lines = [*rows, *([total] if total is not None else [])]
        table = self._document.add_table(rows=heads, cols=len(columns), style="Table Grid")
        _fix_widths(table, widths)
        _narrow_cells(table)
        self._head_of(table, columns, heads, size)
        for line in lines:
            row = table.add_row()
            _keep_whole(row)
            cells = row.cells
            if isinstance(line, Band):
                whole = cells[0].merge(cells[-1])
                _write(whole.paragraphs[0], line.text, size=size, bold=True, align="left", around=2)
                whole.paragraphs[0].paragraph_format.keep_with_next = True
                continue
            for cell, column, width, text in zip(cells, columns, widths, line, strict=True):
                cell.width = Mm(width)
                bold = line is total
                inner = text.lstrip(EM_SPACE)
                _write(cell.paragraphs[0], inner, size=size, bold=bold, align=column.align, around=2)
                if deep := len(text) - len(inner):
                    cell.paragraphs[0].paragraph_format.left_indent = Pt(size * deep)
        self._gap(4)

    def _head_of(self, table: Table, columns: Sequence[Column], heads: int, size: float) -> None:
        for row in table.rows:
            _keep_whole(row)
            row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        position = 0
        while position < len(columns):
            column = columns[position]
            last = position
            while column.group and last + 1 < len(columns) and columns[last + 1].group == column.group:
                last += 1
            cell = table.cell(0, position)
            if column.group:
                _head_cell(cell.merge(table.cell(0, last)), column.group, size)
                for each in range(position, last + 1):
                    _head_cell(table.cell(1, each), columns[each].title, size)
            else:
                _head_cell(cell.merge(table.cell(heads - 1, position)), column.title, size)
            position = last + 1

    def picture(self, content: bytes, *, width: float, says: str) -> None:
        """Add a picture (PNG or JPEG), `width` mm wide; `says` is its caption and its alternative text."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.keep_with_next = True
        picture = paragraph.add_run().add_picture(io.BytesIO(content), width=Mm(min(width, self.text_width)))
        picture._inline.docPr.set("descr", _clean(says))
        _write(self._document.add_paragraph(), says, size=NOTE_PT, italic=True, align="center", after=6)

    def turn(self, *, landscape: bool) -> None:
        """Begin a new page that lies (for wide tables) or stands again; the margins stay."""
        section = self._document.add_section(WD_SECTION.NEW_PAGE)
        ending = self._document.element.body.xpath("./w:p[w:pPr/w:sectPr]")[-1]
        _bare(Paragraph(ending, self._document), 1)  # a whole line below a signature may be a page of its own
        section.different_first_page_header_footer = False
        _lay(section, landscape)

    def sign(
        self, lines: Sequence[str], *, recipients: Sequence[str], name: str = "", last_rows: int = LAST_ROWS,
        in_table: bool = False,
    ) -> None:  # fmt: skip
        """Add authority and title, room for the signature and the name (open when empty), and “Nơi nhận”.

        They stay on one page with what was said last, and where that follows a table closely with the
        `last_rows` of it: no page holds a signature and no more than some notes. `in_table` makes all that
        follows such a table its last row, which other programs than Word keep with the rows above too.
        """
        self._gap(10)
        above = keep_company(self._document, last_rows=last_rows)
        table = self._bare_table([self.text_width / 2] * 2, rows=1)
        left, right = table.rows[0].cells
        _write(_paragraph_of(left, 0), "Nơi nhận:", size=COPIES_HEAD_PT, bold=True, italic=True, align="left")
        for position, each in enumerate(recipients):
            end = "." if position == len(recipients) - 1 else ";"
            _write(left.add_paragraph(), f"- {each}{end}", size=COPIES_PT, align="left")
        for position, line in enumerate(lines):
            _write(_paragraph_of(right, position), line, bold=True, align="center")
        room = right.add_paragraph()
        room.paragraph_format.space_before = Mm(22)
        _write(room, name, bold=True, align="center", before=None)
        if in_table and above is not None:
            close_with_the_rest(above)

    def as_bytes(self) -> bytes:
        """Return the Word file; two papers written by the same calls are the same byte for byte."""
        for last in self._document.element.body.xpath("./w:tbl[following-sibling::*[1][self::w:sectPr]]"):
            for paragraph in last.iter(qn("w:p")) if len(last.tr_lst) == 1 else ():
                Paragraph(paragraph, self._document).paragraph_format.keep_with_next = True
            self._gap(1)
        written = io.BytesIO()
        self._document.save(written)
        again = io.BytesIO()
        with zipfile.ZipFile(written) as parts, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in parts.infolist():
                info = zipfile.ZipInfo(part.filename, _ZIP_DAY)
                info.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(info, parts.read(part))
        return again.getvalue()

    def _bare_table(self, widths: Sequence[float], *, rows: int) -> Table:
        table = self._document.add_table(rows=rows, cols=len(widths))
        _fix_widths(table, widths)
        for row in table.rows:
            _keep_whole(row)
        return table

    def _gap(self, points: float) -> None:
        """Add an empty line of so many points: tables need one between them."""
        _bare(self._document.add_paragraph(), points)


def _lay(section: Section, landscape: bool) -> None:
    section.orientation = WD_ORIENT.LANDSCAPE if landscape else WD_ORIENT.PORTRAIT
    section.page_width = Mm(LONG_SIDE if landscape else SHORT_SIDE)
    section.page_height = Mm(SHORT_SIDE if landscape else LONG_SIDE)


def _clean(text: str) -> str:
    """Return the text in NFC without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", nfc(text))


def _bare(paragraph: Paragraph, points: float) -> None:
    """Make an empty paragraph so many points high."""
    shape = paragraph.paragraph_format
    shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(points)
    shape.space_before = shape.space_after = Pt(0)


def _write(
    paragraph: Paragraph, text: str, *, size: float = BODY_PT, bold: bool = False, italic: bool = False,
    align: Alignment = "left", before: float | None = 0, after: float = 0, around: float = 0,
    indent: float = 0,
) -> None:  # fmt: skip
    """Fill a paragraph; distances in points, `indent` of the first line in millimetres."""
    run = paragraph.add_run(_clean(text))
    run.font.size, run.bold, run.italic = Pt(size), bold or None, italic or None
    paragraph.alignment = _ALIGNMENTS[align]
    shape = paragraph.paragraph_format
    if before is not None:
        shape.space_before = Pt(before + around)
    shape.space_after = Pt(after + around)
    if indent:
        shape.first_line_indent = Mm(indent)


def _paragraph_of(cell: _Cell, position: int) -> Paragraph:
    """Return the first paragraph, which every cell has, or another one."""
    return cell.paragraphs[0] if position == 0 else cell.add_paragraph()


def _head_cell(cell: _Cell, text: str, size: float) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = cell.paragraphs[0]
    for empty in cell.paragraphs[1:]:  # what merging left behind
        empty._p.getparent().remove(empty._p)
    _write(paragraph, text, size=size, bold=True, align="center", around=2)
    paragraph.paragraph_format.keep_with_next = True


def _keep_whole(row: _Row) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _fix_widths(table: Table, widths: Sequence[float]) -> None:
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Mm(width)


def _narrow_cells(table: Table) -> None:
    """Leave 1 mm beside the text of a cell: columns of numbers are narrow."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(Mm(1).twips))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.insert_element_before(margins, "w:tblLook")


def _speak_vietnamese(document: Any) -> None:
    """Set the language of every text, and Times New Roman where the defaults name a theme's font."""
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for fonts in document.styles.element.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script in ("ascii", "hAnsi", "eastAsia", "cs"):
            fonts.set(qn(f"w:{script}"), FONT)
    for language in defaults.iter(qn("w:lang")):
        for script in ("val", "eastAsia"):
            language.set(qn(f"w:{script}"), LANGUAGE)
    for language in document.settings.element.iter(qn("w:themeFontLang")):
        language.set(qn("w:val"), LANGUAGE)


def _drop_thumbnail(document: Any) -> None:
    """Take out the picture of an empty page that the template of the library brings along."""
    relations = document.part.package.rels
    for key in [key for key, each in relations.items() if each.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        relations.pop(key)

"""Official papers read back as Word reads them: margins, fonts, heads that repeat, rows that stay whole."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from datetime import date

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from PIL import Image

from tracker.files.paper import Band, Column, Paper
from tracker.rules.papers import IssuingBody, issuing_body

DAY = date(2026, 11, 21)
SCRIPTS = ("ascii", "hAnsi", "eastAsia", "cs")
COLUMNS = [Column("STT", 10, "center"), Column("Nhiệm vụ", 90), Column("Thời hạn", 30, "center")]


def make_paper():
    return Paper("V/v đôn đốc", made_on=DAY)


def written(paper):
    return Document(io.BytesIO(paper.as_bytes()))


def with_head(*, body=None, on=DAY, **values):
    paper = make_paper()
    values = {"notation": "UBND-VP", "place": "Huế", "about": "V/v đôn đốc nhiệm vụ"} | values
    paper.head(body or issuing_body("UBND thành phố Huế"), on=on, **values)
    return paper


def lines_of(document):
    """Return the texts of the head, cell by cell."""
    return [
        [p.text for p in cell.paragraphs if p.text] for row in document.tables[0].rows for cell in row.cells
    ]


def test_the_page_is_a4_with_the_margins_of_the_decree():
    section = written(make_paper()).sections[0]

    page = (section.page_width, section.page_height)
    sides = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)

    assert [round(length / Mm(1)) for length in page] == [210, 297]
    assert [round(length / Mm(1)) for length in sides] == [20, 20, 30, 20]


def test_every_script_is_set_in_times_new_roman_and_every_text_is_vietnamese():
    document = written(with_head())

    styles = document.styles.element
    fonts = {each.get(qn(f"w:{script}")) for each in styles.iter(qn("w:rFonts")) for script in SCRIPTS}
    languages = {each.get(qn("w:val")) for each in styles.iter(qn("w:lang"))}

    assert fonts == {"Times New Roman"}
    assert document.styles["Normal"].element.rPr.rFonts.get(qn("w:eastAsia")) == "Times New Roman"
    assert document.styles["Normal"].font.size == Pt(13)
    assert languages == {"vi-VN"}
    assert document.core_properties.language == "vi-VN"


def test_the_head_names_body_country_number_place_and_subject():
    superior = IssuingBody("UBND THÀNH PHỐ HUẾ", ("PHÒNG NỘI VỤ",))

    lines = lines_of(written(with_head(body=superior, notation="PNV")))

    assert lines == [
        ["UBND THÀNH PHỐ HUẾ", "PHÒNG NỘI VỤ"],
        ["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"],
        ["Số:        /PNV", "V/v đôn đốc nhiệm vụ"],
        ["Huế, ngày       tháng 11 năm 2026"],
    ]


@pytest.mark.parametrize(
    ("on", "dated", "words"),
    [
        (date(2026, 2, 3), True, "Huế, ngày 03 tháng 02 năm 2026"),
        (date(2026, 3, 31), True, "Huế, ngày 31 tháng 3 năm 2026"),
        (date(2026, 1, 9), False, "Huế, ngày       tháng 01 năm 2026"),
    ],
)
def test_days_below_ten_and_the_first_two_months_carry_a_zero(on, dated, words):
    lines = lines_of(written(with_head(on=on, dated=dated)))

    assert lines[3] == [words]


def test_an_unknown_place_is_left_open():
    lines = lines_of(written(with_head(place="")))

    assert lines[3][0].startswith("…………, ngày")


def test_several_receivers_stand_below_each_other():
    one, two = make_paper(), make_paper()
    one.addressed_to(["UBND xã Hải Dương"])
    two.addressed_to(["Phòng Nội vụ", "UBND xã Hải Dương"])

    alone, listed = written(one), written(two)

    assert alone.paragraphs[0].text == "Kính gửi: UBND xã Hải Dương"
    assert lines_of(listed) == [["Kính gửi:"], ["- Phòng Nội vụ;", "- UBND xã Hải Dương."]]


def test_a_table_repeats_its_head_and_cuts_no_row():
    paper = make_paper()
    paper.table(COLUMNS, [["1", "Rà soát", "20/11/2026"], Band("Phòng Nội vụ")], total=["", "Cộng", "1"])

    table = written(paper).tables[0]

    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True] + [False] * 3
    assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
    assert [cell.text for cell in table.rows[1].cells] == ["1", "Rà soát", "20/11/2026"]
    assert len(table.rows[2]._tr.tc_lst) == 1
    assert all(run.bold for cell in table.rows[3].cells for run in cell.paragraphs[0].runs)
    assert table.cell(1, 1).paragraphs[0].runs[0].font.size == Pt(12)


def test_neighbours_of_one_group_stand_under_a_common_head():
    paper = make_paper()
    group = "Chưa thực hiện"
    columns = [Column("Đơn vị", 40), Column("Chưa đến hạn", 20, "right", group),
               Column("Đã quá hạn", 20, "right", group), Column("Tất cả", 15, "right")]  # fmt: skip
    paper.table(columns, [["Phòng Nội vụ", "0", "1", "1"]])

    table = written(paper).tables[0]

    assert [cell.text for cell in table.rows[0].cells] == ["Đơn vị", group, group, "Tất cả"]
    assert [cell.text for cell in table.rows[1].cells] == ["Đơn vị", "Chưa đến hạn", "Đã quá hạn", "Tất cả"]
    assert [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows] == [True, True, False]


def test_the_widths_of_columns_fill_the_text():
    paper = make_paper()
    paper.table(COLUMNS, [["1", "Rà soát", "20/11/2026"]])

    widths = [cell.width for cell in written(paper).tables[0].rows[1].cells]

    assert abs(sum(widths) - Mm(160)) < Mm(0.1)


def test_pages_are_numbered_from_the_second_on():
    section = written(make_paper()).sections[0]

    assert section.different_first_page_header_footer
    assert section.header.paragraphs[0]._p.find(qn("w:fldSimple")).get(qn("w:instr")) == "PAGE"
    assert not section.first_page_header.paragraphs[0]._p.findall(qn("w:fldSimple"))


def test_a_name_set_in_is_set_in_on_all_its_lines():
    paper = make_paper()
    paper.table([Column("Đơn vị", 10)], [["Phòng Nội vụ"], ["\u2003Trung tâm Lưu trữ"]], size=12)

    cells = [row.cells[0].paragraphs[0] for row in written(paper).tables[0].rows[1:]]

    assert [cell.text for cell in cells] == ["Phòng Nội vụ", "Trung tâm Lưu trữ"]
    assert [cell.paragraph_format.left_indent for cell in cells] == [None, Pt(12)]


def test_a_section_for_wide_tables_lies_and_numbers_its_first_page_too():
    paper = make_paper()
    paper.paragraph("Phần đứng.")
    paper.turn(landscape=True)
    width = paper.text_width
    paper.turn(landscape=False)

    standing, lying, again = written(paper).sections

    assert (lying.orientation, width) == (WD_ORIENT.LANDSCAPE, 247)
    assert not lying.different_first_page_header_footer
    assert [round(each.page_width / Mm(1)) for each in (standing, lying, again)] == [210, 297, 210]


def test_the_foot_leaves_the_name_open_and_ends_the_list_of_copies_with_a_full_stop():
    paper = make_paper()
    paper.paragraph("Yêu cầu báo cáo kết quả./.")
    paper.sign(("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG"), recipients=["Như trên", "Lưu: VT, VP"])

    document = written(paper)
    left, right = document.tables[0].rows[0].cells

    assert [p.text for p in left.paragraphs] == ["Nơi nhận:", "- Như trên;", "- Lưu: VT, VP."]
    assert [p.runs[0].font.size for p in left.paragraphs] == [Pt(12), Pt(11), Pt(11)]
    assert left.paragraphs[0].runs[0].bold and left.paragraphs[0].runs[0].italic
    assert [p.text for p in right.paragraphs] == ["TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG", ""]
    assert document.paragraphs[0].paragraph_format.keep_with_next


def test_a_picture_stands_in_the_line_and_says_what_it_shows():
    paper, png = make_paper(), io.BytesIO()
    Image.new("RGB", (30, 10)).save(png, "PNG")
    paper.picture(png.getvalue(), width=500, says="Biểu đồ 12 tháng")

    (picture,) = written(paper).inline_shapes

    assert abs(picture.width - Mm(160)) < Mm(0.1)
    assert picture._inline.docPr.get("descr") == "Biểu đồ 12 tháng"


def test_texts_are_composed_and_lose_what_a_word_file_cannot_hold():
    paper = make_paper()
    paper.paragraph(unicodedata.normalize("NFD", "Đề án\x0b\x1f ưỡng\ud800 số\r\n2"))

    assert [p.text for p in written(paper).paragraphs] == ["Đề án ưỡng số", "2"]


def test_the_same_calls_give_the_same_bytes_without_a_trace_of_the_library():
    first, second = with_head(), with_head()

    properties = written(first).core_properties

    with zipfile.ZipFile(io.BytesIO(first.as_bytes())) as parts:
        written_on = {part.date_time for part in parts.infolist()}

    assert first.as_bytes() == second.as_bytes()
    assert written_on == {(1980, 1, 1, 0, 0, 0)}
    assert (properties.author, properties.comments, properties.title) == ("", "", "V/v đôn đốc")
    assert properties.created.date() == DAY
    assert b"thumbnail" not in first.as_bytes()

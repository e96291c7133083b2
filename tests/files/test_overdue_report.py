"""The monthly overdue report as Excel and Word, read back by other programs than those that wrote it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime

import pytest
from docx import Document
from openpyxl import load_workbook
from PIL import Image

from tracker.files import b4, sheet
from tracker.files.chart import Point, bars_and_rates
from tracker.files.chart_picture import bars_and_rates_png
from tracker.files.overdue_paper import as_docx
from tracker.files.overdue_sheet import as_xlsx
from tracker.files.overdue_words import Issue, repeat_words
from tracker.rules.overdue_report import (
    Extension,
    MonthCounts,
    MonthEnd,
    OverdueReport,
    OverdueTask,
    Reason,
    UnitRow,
    month_ends,
)

LAST = date(2026, 10, 31)
ISSUE = Issue(1, date(2026, 11, 2), "5e" * 32)
ROWS = (
    UnitRow(1, "noi-vu", "Phòng Nội vụ", (0, 1, 2, 3, 0, 5, 0), 1),
    UnitRow(2, "phu-an", "UBND xã Phú An", (0, 0, 1, 1, 4, 2, 3)),
)
SHEETS = ["Tóm tắt", "Biểu B.4", "Nhiệm vụ quá hạn", "Mười hai tháng"]


def task(number, unit_id, days, **values):
    values = {
        "content": f"Nhiệm vụ {number}", "item": None, "directive_kind": "CV",
        "directive_number": "254/UBND-NV", "directive_issued_on": date(2026, 8, 3),
        "original_due_on": date(2026, 9, 1), "due_on": date.fromordinal(LAST.toordinal() - days),
        "before_unit_id": None,
    } | values  # fmt: skip
    return OverdueTask(task_id=number, unit_id=unit_id, days=days, **values)


TASKS = (
    task(1, 1, 45, content="=1+1", item="3", before_unit_id=1,
         reasons=(Reason("difficulties", date(2026, 10, 12), "Thiếu kinh phí"),),
         extensions=(Extension(date(2026, 9, 1), date(2026, 9, 16), "granted", date(2026, 9, 2),
                               date(2026, 9, 16)),),
         reminded_on=(date(2026, 9, 17), date(2026, 10, 1)), urged_on=(date(2026, 10, 5),)),
    task(2, 1, 20), task(3, 1, 9), task(4, 1, 1, directive_number=None), task(5, 2, 3),
)  # fmt: skip


@pytest.fixture(autouse=True)
def words(app):
    """The words of the files are translated by an application."""
    with app.app_context():
        yield


@pytest.fixture
def report():
    """Two units: Nội vụ late at the end of each of the last months, Phú An in October alone."""
    months = [MonthEnd(on, (MonthCounts(1, 9, 2, 8, 6),)) for on in month_ends(LAST)]
    months[-1] = MonthEnd(LAST, (MonthCounts(1, 6, 4, 5, 2), MonthCounts(2, 6, 1, 4, 3)))
    months[2] = MonthEnd(months[2].on)
    return OverdueReport(
        assigner_code="hue", assigner_name="UBND thành phố Huế", above=("UBND tỉnh Thừa Thiên Huế",),
        title_of_head="Chủ tịch", first=date(2026, 10, 1), last=LAST, counted_from=date(2026, 1, 1),
        rows=ROWS, overdue=TASKS, months=tuple(months), repeat_months=3,
    )  # fmt: skip


def book_of(report, *, values=False):
    return load_workbook(io.BytesIO(as_xlsx(report, ISSUE)), data_only=values)


def texts(sheet_):
    return [str(cell.value) for row in sheet_.iter_rows() for cell in row if cell.value is not None]


def row_of(sheet_, name):
    return next(row for row in sheet_.iter_rows() if row[0].value == name)


# Excel


def test_the_sheets_are_for_a4_lying_and_one_page_wide(report):
    book = book_of(report)

    assert book.sheetnames == SHEETS
    for sheet_ in book:
        assert (sheet_.page_setup.orientation, int(sheet_.page_setup.paperSize)) == ("landscape", 9)
        assert (sheet_.page_setup.fitToWidth or 1, int(sheet_.page_setup.fitToHeight)) == (1, 0)
        assert sheet_.sheet_properties.pageSetUpPr.fitToPage


@pytest.mark.parametrize(
    ("name", "pane", "titles", "filtered"),
    [("Biểu B.4", "B5", "$3:$4", "A4:I6"), ("Nhiệm vụ quá hạn", "B4", "$3:$3", "A3:K8")],
)
def test_heads_stay_in_sight_and_are_repeated_and_rows_can_be_filtered(report, name, pane, titles, filtered):
    sheet_ = book_of(report)[name]

    assert (sheet_.freeze_panes, sheet_.print_title_rows, sheet_.auto_filter.ref) == (pane, titles, filtered)


def test_b4_has_the_heads_of_the_paper_and_sums_that_agree_with_their_formulas(report):
    formulas, values = book_of(report)["Biểu B.4"], book_of(report, values=True)["Biểu B.4"]

    heads = [cell.value for cell in values[3]], [cell.value for cell in values[4]]
    assert heads[0] == [
        "Đơn vị", "Chưa thực hiện", None, "Đang thực hiện", None, "Đã hoàn thành", None, None, "Tất cả"
    ]  # fmt: skip
    assert heads[1][1:8] == list(b4.HEADS)
    assert [cell.value for cell in row_of(values, "Phòng Nội vụ")] == ["Phòng Nội vụ", *ROWS[0].cells, 11]
    assert row_of(formulas, "Phòng Nội vụ")[8].value == "=SUM(B5:H5)"
    total = [cell.value for cell in row_of(values, "Tổng cộng")]
    assert total == ["Tổng cộng", *report.total.cells, report.total.all]
    assert total[1:] == [sum(column) for column in zip(*([*row.cells, row.all] for row in ROWS), strict=True)]
    assert [cell.value for cell in row_of(formulas, "Tổng cộng")][1] == "=SUM($B$5:$B$6)"
    assert "Kỳ từ ngày 01/01/2026 đến ngày 31/10/2026; số liệu chốt hết ngày 31/10/2026." in texts(values)


def test_a_text_that_looks_like_a_formula_stays_a_text(report):
    first = book_of(report)["Nhiệm vụ quá hạn"][4]

    assert (first[2].value, first[2].data_type, first[2].quotePrefix) == ("=1+1", "s", True)


def test_days_are_days_and_everything_known_stands_in_the_list(report):
    first = book_of(report)["Nhiệm vụ quá hạn"][4]

    assert [cell.value for cell in first] == [
        1, "Phòng Nội vụ", "=1+1", "Công văn 254/UBND-NV, mục 3", datetime(2026, 9, 1),
        datetime(2026, 9, 16), 45, None, "Khó khăn, vướng mắc (12/10/2026): Thiếu kinh phí",
        "được gia hạn đến 16/09/2026 (quyết định ngày 02/09/2026)",
        "đã nhắc 2 lần, lần cuối 01/10/2026; đôn đốc 1 lần, lần cuối 05/10/2026",
    ]  # fmt: skip
    assert first[4].number_format == first[5].number_format == "dd/mm/yyyy"
    assert [row[7].value for row in book_of(report)["Nhiệm vụ quá hạn"].iter_rows(min_row=5, max_row=8)] == [
        "mới"
    ] * 4


def test_the_chart_is_a_native_one_over_the_twelve_months(report):
    sheet_ = book_of(report, values=True)["Mười hai tháng"]

    (chart,) = sheet_._charts
    (bars,), (line,) = chart.series, chart._charts[1].series
    assert bars.val.numRef.f == "'Mười hai tháng'!$C$4:$C$15"
    assert line.val.numRef.f == "'Mười hai tháng'!$F$4:$F$15"
    october, january = row_of(sheet_, "10/2026"), row_of(sheet_, "01/2026")
    assert [cell.value for cell in october][1:5] == [7, 5, 9, 5]
    assert october[5].value == pytest.approx(5 / 9)
    assert january[5].value is None


def test_the_summary_names_who_repeats_and_prints_the_definition_and_the_checksum(report):
    found = texts(book_of(report, values=True)["Tóm tắt"])

    assert "Hết 08/2026" in found
    assert found.count("Phòng Nội vụ") == 2
    assert found.count("UBND xã Phú An") == 1
    assert repeat_words(report) in found
    assert "vào cuối cả 3 tháng liền nhau" in repeat_words(report)
    assert any(ISSUE.sha256 in text for text in found)


def test_the_part_of_a_unit_holds_nothing_of_the_others(report):
    part = book_of(report.part({2}))

    everything = [text for sheet_ in part for text in texts(sheet_)]
    assert not any("Nội vụ" in text for text in everything)
    assert any("PHẦN CỦA UBND XÃ PHÚ AN" in text for text in everything)
    assert "Tổng cộng" not in texts(part["Biểu B.4"])


def test_a_unit_below_another_is_set_in_and_in_its_own_part_no_longer(report):
    below = replace(ROWS[1], depth=1)
    whole = replace(report, rows=(ROWS[0], below))

    names = {cell.value: cell.alignment for cell in book_of(whole)["Biểu B.4"]["A"]}

    below_it = names["UBND xã Phú An"]
    assert (names["Phòng Nội vụ"].indent, below_it.indent, below_it.horizontal) == (0, 1, "left")
    assert [row.depth for row in whole.part([2]).rows] == [0]
    assert [row.depth for row in whole.part([1, 2]).rows] == [0, 1]


def test_the_same_report_gives_the_same_bytes(report):
    assert as_xlsx(report, ISSUE) == as_xlsx(replace(report), ISSUE)
    assert as_docx(report, ISSUE) == as_docx(replace(report), ISSUE)


def test_a_report_without_units_and_tasks_is_still_a_file(report):
    empty = replace(report, rows=(), overdue=(), months=tuple(MonthEnd(on) for on in month_ends(LAST)))

    assert "Không có nhiệm vụ nào quá hạn." in texts(book_of(empty)["Nhiệm vụ quá hạn"])
    assert Document(io.BytesIO(as_docx(empty, ISSUE))).tables


def test_formulas_from_outside_never_become_live(app):
    book = sheet.Book("Thử", made_on=LAST)
    page = book.sheet("Thử")
    page.title("=HYPERLINK(1)")
    page.table([sheet.Column("=A1", 9), sheet.Column("B", 9)], [["+1", "-1"], ["@x", "https://a.example"]])

    inside = load_workbook(io.BytesIO(book.as_bytes()))["Thử"]

    cells = [cell for row in inside.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)


# Word


def paper_of(report):
    return Document(io.BytesIO(as_docx(report, ISSUE)))


def rows_of(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def table_with(paper, head):
    return next(rows_of(table) for table in paper.tables if table.cell(0, 0).text == head)


def test_the_paper_is_a_report_of_the_assigner(report):
    paper = paper_of(report)

    head = rows_of(paper.tables[0])
    assert "ỦY BAN NHÂN DÂN\nTHÀNH PHỐ HUẾ" in head[0][0]
    assert head[1][0].replace(" ", "") == "Số:/BC-UBND"
    assert head[1][1].startswith("Huế, ngày")
    lines = [paragraph.text for paragraph in paper.paragraphs]
    assert "BÁO CÁO" in lines
    assert "Tình hình nhiệm vụ quá hạn tháng 10 năm 2026" in lines
    assert any("hết ngày 31/10/2026 có 5 nhiệm vụ quá hạn" in line for line in lines)
    assert any(ISSUE.sha256 in line for line in lines)
    assert any("TM. ỦY BAN NHÂN DÂN" in cell for row in rows_of(paper.tables[-3]) for cell in row)


def test_the_annexes_lie_and_hold_b4_and_the_list_by_unit(report):
    paper = paper_of(report)

    sizes = [(section.page_width > section.page_height) for section in paper.sections]
    assert sizes == [False, True, True]
    counted = next(rows_of(table) for table in paper.tables if len(table.columns) == 9)
    assert counted[2] == ["Phòng Nội vụ", "0", "1", "2", "3", "0", "5", "0", "11"]
    assert counted[-1][0] == "Tổng cộng"
    listed = table_with(paper, "STT")
    assert [row[0] for row in listed[1:]] == [
        "Phòng Nội vụ: 4 nhiệm vụ, 3 mới quá hạn", "1", "2", "3", "4",
        "UBND xã Phú An: 1 nhiệm vụ, 1 mới quá hạn", "5",
    ]  # fmt: skip
    assert listed[2][1:6] == ["=1+1", "Công văn 254/UBND-NV, mục 3", "01/09/2026", "16/09/2026", "45"]


def test_the_months_stand_in_the_paper_as_table_and_picture(report):
    content = as_docx(report, ISSUE)

    months = table_with(Document(io.BytesIO(content)), "Tháng")
    assert len(months) == 14
    assert months[-1] == ["10/2026", "7", "5", "9", "5", "55,6%"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        (name,) = [name for name in parts.namelist() if name.endswith(".png")]
        picture = Image.open(io.BytesIO(parts.read(name)))
    assert [round(each) for each in picture.info["dpi"]] == [200, 200]
    assert picture.mode == "L"


# Charts


def points(report):
    return [Point(f"{end.on:%m/%y}", end.overdue, end.rate) for end in report.months]


def test_the_drawing_on_the_page_names_every_month_and_leaves_a_gap_without_a_rate(report):
    drawn = bars_and_rates(points(report), label="Mười hai tháng <&>")

    assert drawn.count("<rect") == 1 + 11
    assert drawn.count("<title>") == 11
    assert drawn.count("M ") == 0
    assert "11/25" in drawn and "10/26" in drawn
    assert "&lt;&amp;&gt;" in drawn


def test_the_picture_has_ink_for_every_bar_and_is_made_for_paper(report):
    picture = Image.open(io.BytesIO(bars_and_rates_png(points(report))))

    assert picture.size == (1260, 488)
    histogram = picture.histogram()
    assert histogram[16] > 1_000
    assert Image.open(io.BytesIO(bars_and_rates_png([]))).size == picture.size

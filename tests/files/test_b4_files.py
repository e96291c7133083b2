"""Table B.4 in each form of file, read back by other programs than those that wrote it."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt
from openpyxl import load_workbook

from tests.sums import is_formula, worked_out
from tracker.files.b4 import Frozen
from tracker.files.b4_files import FORMS, file_of
from tracker.files.b4_template import default_template
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import Grouping, UnitOfDay, compared
from tracker.rules.status import CELLS, OVERDUE_CELLS, Cell, State
from tracker.rules.words import CHOICE_TITLES, RATE_TITLES

GOLDEN = Path(__file__).parent.parent / "golden"
MADE = date(2022, 6, 8)
ON = date(2022, 6, 7)
STATES = dict(
    zip(CELLS, [State.NOT_STARTED] * 2 + [State.IN_PROGRESS] * 2 + [State.AWAITING_CONFIRMATION]
        + [State.COMPLETED] * 2, strict=True)
)  # fmt: skip
NOT_DUE = (Cell.NOT_STARTED_NOT_DUE, Cell.IN_PROGRESS_NOT_DUE)
HAI_DUONG = (UnitOfDay("hai-duong", "UBND xã Hải Dương", None),)
FROZEN = Frozen(2, datetime(2022, 6, 8, 2, 5, tzinfo=UTC), "Lê Thị Hoa", "5e" * 32, 1)


def task(key, cell, unit="hai-duong", **values):
    due = date(2022, 6, 30) if cell in NOT_DUE else date(2022, 5, 31)
    reported = {Cell.COMPLETED_ON_TIME: date(2022, 5, 30), Cell.COMPLETED_LATE: date(2022, 6, 5)}.get(cell)
    days = 7 if cell in OVERDUE_CELLS else 5 if cell is Cell.COMPLETED_LATE else 0
    whole = {
        "key": key, "content": f"Nhiệm vụ {key}", "item": "3", "product": None, "directive_key": "vb",
        "directive_kind": "CV", "directive_number": "254/UBND-NV", "directive_issued_on": date(2022, 3, 25),
        "directive_subject": "Cải cách hành chính", "field": None, "unit": unit, "leader_login": None,
        "leader_name": None, "given_on": date(2022, 3, 25), "original_due_on": due, "due_on": due,
        "state": STATES[cell], "reported_on": reported, "closed_on": reported, "cell": cell, "days": days,
    }  # fmt: skip
    return CountedTask(**whole | values)


def report(tasks, units=HAI_DUONG):
    return B4Report(
        "huong-tra", "UBND thị xã Hương Trà", ("UBND tỉnh Thừa Thiên Huế",), None, date(2021, 12, 15),
        date(2022, 6, 14), ON, tuple(units), tuple(tasks),
    )  # fmt: skip


def published():
    """Return the report whose one row is the published one: 0, 0, 1, 3, –, 2, 3 → 9."""
    cells = [cell for cell, number in zip(CELLS, (0, 0, 1, 3, 0, 2, 3), strict=True) for _ in range(number)]
    return report([task(f"n{place}", cell) for place, cell in enumerate(cells, start=1)])


def of_units(number):
    units = [
        UnitOfDay(f"u{n}", f"UBND xã số {n}", f"u{n - 1}" if n % 8 == 1 else None) for n in range(number)
    ]
    tasks = [
        task(f"u{n}-{each}", CELLS[(3 * n + each) % 7], f"u{n}")
        for n in range(number)
        for each in range(n % 9 + 1)
    ]
    return report(tasks, units)


def written(form, asked, **options):
    return file_of(form, asked.table(), asked, made_on=MADE, **options).content


def sheets(content):
    """Return the workbook twice: with its formulas, and with the values that it holds."""
    return load_workbook(io.BytesIO(content)), load_workbook(io.BytesIO(content), data_only=True)


def words(block):
    return "".join(each.text or "" for each in block.iter(qn("w:t")))


def told(form, content):
    """Return what a file says, as text to be compared with its golden file."""
    if form == "xlsx":
        formulas, values = sheets(content)
        lines = []
        for sheet in formulas:
            lines.append(f"[{sheet.title}]")
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.value is not None:
                        value = values[sheet.title][cell.coordinate].value
                        same = value == cell.value
                        lines.append(f"{cell.coordinate}\t{cell.value}" + ("" if same else f"\t= {value}"))
        return "\n".join(lines) + "\n"
    if form == "docx":
        lines = []
        for block in Document(io.BytesIO(content)).element.body.iter(qn("w:p"), qn("w:tr")):
            if block.tag == qn("w:tr"):
                lines.append(" | ".join(map(words, block.iter(qn("w:tc")))))
            elif next(block.iterancestors(qn("w:tr")), None) is None:
                lines.append(words(block))
        return "\n".join(filter(None, lines)) + "\n"
    return content.decode()


@pytest.mark.parametrize("form", FORMS)
def test_the_published_table_reads_as_its_golden_file(app, form):
    content = written(form, published(), frozen=FROZEN)

    golden = GOLDEN / f"b4.{form}.txt"
    assert told(form, content) == golden.read_bytes().decode()


def earlier():
    """Return the table of an earlier day: two tasks of the published row less, and a unit that left it."""
    left = UnitOfDay("huong-toan", "UBND xã Hương Toàn", None)
    tasks = [task("n1", Cell.IN_PROGRESS_NOT_DUE), task("n2", Cell.NOT_STARTED_NOT_DUE)]
    tasks += [task(f"n{place}", Cell.COMPLETED_ON_TIME) for place in range(3, 8)]
    tasks.append(task("t1", Cell.IN_PROGRESS_OVERDUE, "huong-toan"))
    return replace(report(tasks, [*HAI_DUONG, left]), on=date(2022, 4, 30)).table()


@pytest.mark.parametrize("form", FORMS)
def test_a_table_beside_an_earlier_one_reads_as_its_golden_file(app, form):
    content = written(form, published(), then=earlier())

    golden = GOLDEN / f"b4.compared.{form}.txt"
    assert told(form, content) == golden.read_bytes().decode()


def test_differences_are_the_same_in_every_form_and_formulas_come_to_them(app):
    asked, then = of_units(40), replace(of_units(40), on=date(2022, 4, 30))
    then = replace(then, tasks=tuple(task for task in then.tasks if hash_of(task.key) % 3)).table()
    both = compared(asked.table(), then)
    expected = {row.key: both.changes.rows[row.key] for row in both.rows}

    formulas, values = sheets(written("xlsx", asked, then=then))
    paper = Document(io.BytesIO(written("docx", asked, then=then)))
    lines = list(csv.DictReader(io.StringIO(written("csv", asked, then=then).decode("utf-8-sig"))))
    data = json.loads(written("json", asked, then=then))["compare"]

    sheet, held = formulas["So sánh"], values["So sánh"]
    for cell in (each for row in sheet.iter_rows() for each in row if is_formula(each.value)):
        assert worked_out(values, held, cell.value) == held[cell.coordinate].value, cell.coordinate
    numbers = {key: [*change.cells, change.all] for key, change in expected.items()}
    total = [*both.changes.total.cells, both.changes.total.all]
    in_sheet = [[cell.value for cell in row][1:9] for row in held.iter_rows(min_row=5, max_row=45)]
    assert in_sheet == [*numbers.values(), total]
    assert sheet["B5"].number_format == '+#,##0;"−"#,##0;0'
    names = [f"change_{cell.value}" for cell in CELLS] + ["change_all"]
    assert [[int(line[name]) for name in names] for line in lines] == [*numbers.values(), total]
    assert {line["change_since"] for line in lines} == {"2022-04-30"}
    assert [list(row.values())[1:] for row in data["rows"]] == list(numbers.values())
    assert list(data["total"].values()) == total
    for row, key in zip(paper.tables[2].rows[2:-1], numbers, strict=True):
        assert [read_change(cell.text) for cell in row.cells[1:]] == numbers[key]


def hash_of(text):
    return sum(map(ord, text))


def read_change(text):
    """Return the difference in “12 (+3)”, 0 for a number alone."""
    found = re.fullmatch(r"[\d.]+ \(([+−])([\d.]+)\)", text)
    return int(found[2]) * (1 if found[1] == "+" else -1) if found else 0


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_gives_the_same_bytes(app, form):
    assert written(form, of_units(40)) == written(form, of_units(40))


def test_all_forms_tell_the_published_row(app):
    asked = published()

    _formulas, values = sheets(written("xlsx", asked))
    paper = Document(io.BytesIO(written("docx", asked)))
    lines = list(csv.reader(io.StringIO(written("csv", asked).decode("utf-8-sig"))))
    data = json.loads(written("json", asked))

    row = [0, 0, 1, 3, 0, 2, 3, 9]
    sheet = values["Biểu B.4"]
    assert [cell.value for cell in sheet[5]][1:9] == row
    assert [cell.text for cell in paper.tables[1].rows[2].cells][1:] == [str(each) for each in row]
    assert lines[1][-8:] == [str(each) for each in row]
    assert list(data["total"].values()) == row


def test_the_sums_of_the_workbook_cover_their_cells_and_hold_their_values(app):
    asked = of_units(40)

    formulas, values = sheets(written("xlsx", asked))

    sheet, held = formulas["Biểu B.4"], values["Biểu B.4"]
    sums = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).startswith("=SUM(")]
    for cell in sums:
        area = re.fullmatch(r"=SUM\((.+)\)", cell.value)[1].replace("$", "")
        covered = [each.value for row in held[area] for each in row]
        assert all(isinstance(each, int) for each in covered)
        assert held[cell.coordinate].value == sum(covered), cell.coordinate
    table = asked.table()
    first, total = 5, 5 + len(table.rows)
    assert [cell.coordinate for cell in sums[: len(table.rows)]] == [f"I{first + n}" for n in range(40)]
    assert [sheet.cell(total, place).value for place in range(2, 10)] == [
        f"=SUM(${letter}${first}:${letter}${total - 1})" for letter in "BCDEFGHI"
    ]
    assert [cell.value for cell in held[total]][1:9] == [*table.total.cells, table.total.all]
    assert table.total.all == len(asked.tasks)


@pytest.mark.parametrize("grouping", Grouping)
def test_rates_and_the_four_counts_are_formulas_that_come_to_the_values_they_hold(app, grouping):
    for asked in (published(), of_units(40)):
        table = asked.table(grouping)

        formulas, values = sheets(file_of("xlsx", table, asked, made_on=MADE).content)

        for name in ("Biểu B.4", "Chỉ tiêu"):
            sheet, held = formulas[name], values[name]
            for cell in (each for row in sheet.iter_rows() for each in row if is_formula(each.value)):
                assert worked_out(values, held, cell.value) == held[cell.coordinate].value, cell.coordinate
        names = {row[0].value: row[0].row for row in sheet.iter_rows() if row[0].value}
        for title, rate in zip(RATE_TITLES, table.rates, strict=True):
            parts = sheet[names[title]][1:4]
            assert all(is_formula(each.value) for each in parts)
            assert [held[each.coordinate].value for each in parts] == [
                rate.numerator, rate.denominator, pytest.approx(float(rate.ratio))
            ]  # fmt: skip
        for word, number in table.four_counts:
            cell = sheet.cell(names[CHOICE_TITLES[word]], 2)
            assert cell.value.startswith("=COUNTIFS('Nhiệm vụ'!")
            assert held[cell.coordinate].value == number


def test_a_workbook_without_tasks_counts_nought(app):
    formulas, values = sheets(written("xlsx", report([])))

    sheet = values["Chỉ tiêu"]
    told = {row[0].value: row[1].value for row in sheet.iter_rows() if row[0].value}
    assert [told[CHOICE_TITLES[word]] for word, _number in report([]).table().four_counts] == [0] * 4
    assert not any("COUNTIFS" in str(cell.value) for row in formulas["Chỉ tiêu"] for cell in row)


@pytest.mark.parametrize("form", FORMS)
def test_every_file_of_a_frozen_report_says_who_froze_it_when_by_which_rule_and_its_checksum(app, form):
    content = told(form, written(form, published(), frozen=FROZEN))

    for words_of_it in ("Lê Thị Hoa", "5e" * 32):
        assert words_of_it in content
    if form in ("xlsx", "docx"):
        assert "lần 2, 09:05 ngày 08/06/2022" in content
        assert "Quy tắc tính phiên bản 1." in content
    elif form == "json":
        assert json.loads(content)["frozen"] == {
            "edition": 2, "at": "2022-06-08T02:05:00+00:00", "by": "Lê Thị Hoa", "rule": 1,
            "sha256": "5e" * 32,
        }  # fmt: skip
    else:
        lines = list(csv.DictReader(io.StringIO(content.lstrip("\ufeff"))))
        assert {(line["frozen_edition"], line["frozen_at"], line["frozen_rule"]) for line in lines} == {
            ("2", "2022-06-08T02:05:00+00:00", "1")
        }


def test_files_of_what_is_not_frozen_name_the_rule_and_claim_no_freezing(app):
    texts = {form: told(form, written(form, published())) for form in FORMS}

    assert all("Quy tắc tính phiên bản 1." in texts[form] for form in ("xlsx", "docx"))
    assert not any("SHA-256" in text or "frozen" in text for text in texts.values())


def test_the_workbook_prints_on_a4_with_its_head_on_each_page(app):
    formulas, _values = sheets(written("xlsx", of_units(40)))

    paper, tasks = formulas["Biểu B.4"], formulas["Nhiệm vụ"]

    setups = {(int(each.page_setup.paperSize), each.page_setup.orientation) for each in formulas}
    assert setups == {(9, "landscape")}
    assert [each.page_setup.fitToWidth or 1 for each in formulas] == [1, 2, 1]
    assert all(each.sheet_properties.pageSetUpPr.fitToPage for each in formulas)
    assert int(paper.page_setup.fitToHeight) == 0
    assert sheets(written("xlsx", published()))[0]["Biểu B.4"].page_setup.fitToHeight in (None, 1)
    assert paper.print_title_rows == "$3:$4"
    assert formulas["Chỉ tiêu"].print_title_rows is None
    assert tasks.print_title_rows == "$2:$2" and tasks.print_title_cols == "$A:$C"
    assert (paper.freeze_panes, tasks.freeze_panes) == ("B5", "B3")
    assert tasks.auto_filter.ref == f"A2:P{2 + len(of_units(40).tasks)}"
    assert "B3:C3" in {str(each) for each in paper.merged_cells.ranges}


TRAPS = ["=1+1", "+84 905", "@SUM(A1)", "-2", "=HYPERLINK(\"http://a\")", "’nháy", "Nhiệm vụ\x0bdọc\x00",
         unicodedata.normalize("NFD", "Đề án Ẵ"), "việc 🚀 xong", "dài " * 1250]  # fmt: skip


def test_a_text_stays_a_text_whatever_it_begins_with(app):
    asked = report(
        [task(f"t{n}", Cell.IN_PROGRESS_OVERDUE, content=each) for n, each in enumerate(TRAPS)]
    )

    formulas, _values = sheets(written("xlsx", asked))
    paper = Document(io.BytesIO(written("docx", asked)))

    cells = [formulas["Nhiệm vụ"].cell(3 + n, 3) for n in range(len(TRAPS))]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells[:5]] == TRAPS[:5]
    assert all(cell.quotePrefix for cell in cells[:5])
    assert [cell.value for cell in cells[8:]] == TRAPS[8:]
    lines = [row.cells[1].text for row in paper.tables[-1].rows[1:]]
    assert lines[:6] == TRAPS[:6]
    assert lines[7] == "Đề án Ẵ"
    assert lines[8:] == TRAPS[8:]


def test_days_and_numbers_of_the_tasks_are_days_and_numbers(app):
    formulas, _values = sheets(written("xlsx", report([task("a", Cell.IN_PROGRESS_OVERDUE)])))

    line = formulas["Nhiệm vụ"][3]

    assert [cell.value for cell in line[8:11]] == [datetime(2022, 3, 25)] + [datetime(2022, 5, 31)] * 2
    assert {cell.number_format for cell in line[8:11]} == {"dd/mm/yyyy"}
    assert (line[0].value, line[14].value) == (1, 7)


def test_the_paper_repeats_its_head_cuts_no_row_and_keeps_company_to_its_signature(app):
    paper = Document(io.BytesIO(written("docx", of_units(40), frozen=FROZEN)))

    table = paper.tables[1]

    rows = [row._tr.trPr for row in table.rows]
    assert [row.find(qn("w:tblHeader")) is not None for row in rows] == [True] * 2 + [False] * 42
    assert all(row.find(qn("w:cantSplit")) is not None for row in rows)
    (closing,) = table.rows[-1]._tr.tc_lst
    assert closing.grid_span == 9
    assert {each.get(qn("w:val")) for each in closing.tcPr.find(qn("w:tcBorders"))} == {"nil"}
    assert all(said in words(closing) for said in ("Ghi chú:", "5e5e", "Nơi nhận:", "TM. ỦY BAN NHÂN DÂN"))
    section = paper.sections[0]
    assert (round(section.left_margin.mm), round(section.right_margin.mm)) == (30, 20)
    assert paper.styles["Normal"].font.name == "Times New Roman"


def test_a_rate_that_moves_to_the_next_line_stretches_no_words(app):
    paper = Document(io.BytesIO(written("docx", published())))

    (rate, *_rest) = [each for each in paper.paragraphs if each.text.startswith("- Hoàn thành trên tổng số")]

    assert "5\xa0÷\xa08\xa0=\xa062,5%" in rate.text
    assert rate.alignment == WD_ALIGN_PARAGRAPH.LEFT and rate.paragraph_format.first_line_indent


def kept_rows(asked):
    """Return which rows of the table of a paper stay with what follows them, its head left out."""
    paper = Document(io.BytesIO(written("docx", asked)))
    return [
        all(each.paragraph_format.keep_with_next for cell in row.cells for each in cell.paragraphs)
        for row in paper.tables[1].rows[2:]
    ]


def test_the_last_rows_of_the_table_stay_with_the_signature_and_a_small_table_stays_whole(app):
    assert kept_rows(of_units(40)) == [False] * 39 + [True] * 2 + [False]
    assert kept_rows(of_units(2)) == [False, True, True, False]
    assert kept_rows(published()) == [False]
    form = Document(io.BytesIO(default_template(MADE))).tables[1]
    kept = [row.cells[-1].paragraphs[0].paragraph_format.keep_with_next for row in form.rows[2:]]
    assert kept == [None, True]


def lies(asked, **options):
    """Return whether the first page of a paper lies across; its list of tasks always does."""
    first, *others = Document(io.BytesIO(written("docx", asked, **options))).sections
    assert all(each.page_width > each.page_height for each in others)
    return first.page_width > first.page_height


def test_a_table_that_fits_one_upright_page_with_its_signature_stands_and_is_not_broken(app):
    assert [number for number in range(1, 14) if not lies(of_units(number))] == [*range(1, 11)]
    assert not lies(report([]))
    assert lies(of_units(40))


def test_what_takes_more_lines_than_usual_leaves_less_room_for_the_table(app):
    few, name = of_units(8), "Trung tâm Dịch vụ nông nghiệp, khoáng sản và môi trường vùng cao"
    long = replace(few, units=tuple(each._replace(name=name) for each in few.units))
    named = replace(few, assigner_name="UBND quận Trung tâm phía Đông thuộc thành phố Thủ Đức mở rộng")

    assert not lies(few)
    assert not lies(of_units(7), frozen=FROZEN) and lies(of_units(10), frozen=FROZEN)
    assert lies(long)
    assert lies(replace(named, units=of_units(10).units, tasks=of_units(10).tasks))


def test_a_title_of_two_lines_has_lines_alike(app):
    def title(asked):
        paper = Document(io.BytesIO(written("docx", asked)))
        (found,) = (each for each in paper.paragraphs if each.text.startswith("B.4"))
        return found.paragraph_format

    upright, across = title(of_units(2)), title(of_units(40))

    assert upright.left_indent == upright.right_indent and 25 < upright.left_indent.mm < 35
    assert across.left_indent is None


def test_what_ends_a_section_takes_no_line_below_the_signature(app):
    body = Document(io.BytesIO(written("docx", published()))).element.body

    (ending,) = body.xpath("./w:p[w:pPr/w:sectPr]")

    assert ending.getprevious().tag == qn("w:tbl")
    assert ending.xpath("./w:pPr/w:spacing/@w:line") == [str(Pt(1).twips)]
    assert ending.xpath("./w:pPr/w:spacing/@w:lineRule") == ["exact"]


def with_field(old, new):
    """Return the form to start from with one field in place of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(default_template(MADE))) as parts, zipfile.ZipFile(out, "w") as again:
        for part in parts.infolist():
            held = parts.read(part).replace(f"MERGEFIELD {old} ".encode(), f"MERGEFIELD {new} ".encode())
            again.writestr(part, held)
    return out.getvalue()


def test_an_own_form_sets_in_all_lines_of_a_name_below_its_unit(app):
    units = [UnitOfDay("so", "Sở", None), UnitOfDay("phong", "Phòng " + "rất dài " * 9, "so")]
    asked = report([task("a", Cell.COMPLETED_LATE, "so"), task("b", Cell.COMPLETED_LATE, "phong")], units)

    paper = Document(io.BytesIO(written("docx", asked, template=default_template(MADE))))

    above, below = (paper.tables[1].rows[2 + place].cells[0].paragraphs[0] for place in (0, 1))
    assert above.text == "Sở"
    assert below.text.startswith("Phòng rất dài")
    assert [each.paragraph_format.left_indent for each in (above, below)] == [None, Pt(11)]


def test_an_own_form_says_that_a_table_is_a_part(app):
    whole = of_units(3)
    part = replace(whole.table(), part_of="Phòng Nội vụ")

    options = {"made_on": MADE, "template": default_template(MADE)}
    files = [file_of("docx", table, whole, **options).content for table in (whole.table(), part)]
    said = [words(Document(io.BytesIO(content)).element.body) for content in files]

    assert ["chỉ gồm nhiệm vụ do Phòng Nội vụ" in each for each in said] == [False, True]
    assert ["một phần của biểu" in each for each in said] == [False, True]


def test_an_own_form_that_names_differences_gets_them_and_the_rows_that_are_gone(app):
    form = with_field("dong_c7", "dong_tang_giam_tat_ca")

    paper = Document(io.BytesIO(written("docx", published(), then=earlier(), template=form)))
    alone = Document(io.BytesIO(written("docx", published(), template=form)))

    rows = [[cell.text for cell in row.cells] for row in paper.tables[1].rows[2:]]
    assert [(row[0], row[7]) for row in rows] == [
        ("UBND xã Hải Dương", "+2"), ("UBND xã Hương Toàn", "−1"), ("Tổng cộng", "3")
    ]  # fmt: skip
    assert [row.cells[7].text for row in alone.tables[1].rows[2:]] == ["", "3"]


def test_an_own_form_without_room_for_differences_says_that_they_are_elsewhere(app):
    said = [
        words(Document(io.BytesIO(written("docx", published(), then=then, template=form))).element.body)
        for form in (default_template(MADE), with_field("dong_c7", "dong_tang_giam_tat_ca"))
        for then in (None, earlier())
    ]

    assert ["không có chỗ ghi chênh lệch so với" in each for each in said] == [False, True, False, False]


def test_any_grouping_keeps_the_total(app):
    asked = of_units(40)
    for grouping in Grouping:
        table = asked.table(grouping)

        _formulas, values = sheets(file_of("xlsx", table, asked, made_on=MADE).content)

        sheet = values["Biểu B.4"]
        assert sheet.cell(4 + len(table.rows) + (len(table.rows) > 1), 9).value == len(asked.tasks)


def test_who_waits_is_told_how_far_the_tasks_are(app):
    asked = report([task(f"t{n:04}", Cell.IN_PROGRESS_OVERDUE) for n in range(1100)])
    for form in ("xlsx", "docx"):
        steps = []

        written(form, asked, wrote=steps.append)

        assert steps[:2] == [500, 1000]


def test_a_form_without_its_tasks_is_refused(app):
    asked = replace(published(), tasks=())
    with pytest.raises(ValueError, match="docx"):
        file_of("docx", asked.table(), made_on=MADE)
    with pytest.raises(ValueError, match="pdf"):
        file_of("pdf", asked.table(), asked, made_on=MADE)

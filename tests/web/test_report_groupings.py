"""The B.4 page by field, directive, leader and month, folded, compared, and its periods of one click."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from docx import Document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from tests.counting import statements
from tests.web.pages import errors, value, words
from tests.web.test_reports import links_in, listed
from tracker.models.people import Role
from tracker.operations import progress, tasks
from tracker.operations.calendar import change_settings
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.rules.b4_table import Grouping
from tracker.rules.status import CELLS, State

TODAY = date(2026, 4, 15)
YEAR = "from=2026-01-01&to=2026-12-31"
CHANGES = [f"change_{cell.value}" for cell in CELLS] + ["change_all"]
GROUPINGS = [(grouping, False) for grouping in Grouping] + [(Grouping.UNIT, True)]


@pytest.fixture(autouse=True)
def today(on_day) -> None:
    on_day(TODAY)


def varied_world(cast):
    below = cast.make_unit(parent=cast.lead, name="Tổ Cải cách hành chính")
    cast.lowest = cast.make_unit(parent=below, name="Nhóm Một cửa")
    march = cast.make_directive(field="Cải cách hành chính")
    april = cast.make_directive(field="Đất đai & nhà ở", on=date(2026, 4, 1))
    for unit in (cast.lead, below, cast.lowest, cast.commune):
        cast.make_task(directive=march, unit=unit, coordinating=[])
        cast.make_task(directive=april, unit=unit, coordinating=[], given_on=date(2026, 4, 2),
                       due_on=date(2026, 4, 20), leader=None)  # fmt: skip
    cast.make_task(state=State.COMPLETED)
    cast.make_task(due_on=None, state=State.IN_PROGRESS)


@pytest.fixture
def varied(lay):
    """Tasks of two fields and of none, of two months, with a leader and without, of units in three levels."""
    return lay(varied_world)


def words_of(grouping: Grouping, folded: bool) -> str:
    """Return the words of the address for a grouping."""
    return f"group={grouping.value}" + ("&folded=1" if folded else "")


def rows_in(page) -> list[tuple[str, list[int]]]:
    """Return each row of the table: its head and its figures."""
    body = page.text.split('id="b4"')[1].split("</table>")[0]
    rows = re.findall(r'<tr><th scope="row"[^>]*>([^<]+)</th>(.*?)</tr>', body, re.DOTALL)
    figures = r"<td[^>]*>\s*(?:<span>)?(?:<a[^>]*>)?([\d.]+)"
    return [(html.unescape(name), [int(n) for n in re.findall(figures, cells)]) for name, cells in rows]


def days_in(page) -> list[str | None]:
    """Return the days of the form: first and last of the period, and the cut-off day."""
    return [value(page, name) for name in ("from", "to", "on")]


def changes_in(page) -> list[list[str]]:
    """Return the differences of each row as a reader hears them, without the day."""
    body = page.text.split('id="b4"')[1].split("</table>")[0].split("<tbody>")[1]
    heard = [re.findall(r'<span class="visually-hidden">(.+?) so với', row) for row in body.split("<tr>")[1:]]
    return [[each.replace("không đổi", "0").replace("tăng ", "+").replace("giảm ", "−") for each in row]
            for row in heard]  # fmt: skip


@pytest.mark.parametrize(("grouping", "folded"), GROUPINGS)
def test_in_every_grouping_the_page_shows_the_query_and_each_number_opens_its_tasks(
    varied, client_of, grouping: Grouping, folded: bool
) -> None:
    client = client_of(varied.chairman)
    question = Question(
        varied.city, date(2026, 1, 1), date(2026, 12, 31), TODAY, grouping=grouping, folded=folded
    )

    page = client.get(f"/bieu-b4?{YEAR}&{words_of(grouping, folded)}")

    table = b4.table(question)
    expected = [(row.name, [*row.cells, row.all]) for row in table.rows]
    assert rows_in(page) == [*expected, ("Tổng cộng", [*table.total.cells, table.total.all])]
    links = links_in(page)
    assert len(links) == 8 * (len(table.rows) + 1) + 6 + 4
    for number, address in [link for link in links if link[0]] + links[::9]:
        ids = listed(client, address)
        assert len(ids) == len(set(ids)) == number, address


def test_sub_units_stand_under_their_unit_and_fold_into_it(varied, client_of) -> None:
    client = client_of(varied.chairman)

    listed_, folded = client.get(f"/bieu-b4?{YEAR}"), client.get(f"/bieu-b4?{YEAR}&folded=1")

    assert [name for name, _cells in rows_in(listed_)] == [
        "Phòng Nội vụ", "Tổ Cải cách hành chính", "Nhóm Một cửa", "UBND xã Phú An", "Tổng cộng",
    ]  # fmt: skip
    assert 'class="below-1">Tổ Cải cách' in listed_.text
    assert 'class="below-2">Nhóm Một cửa' in listed_.text
    assert [name for name, _cells in rows_in(folded)] == ["Phòng Nội vụ", "UBND xã Phú An", "Tổng cộng"]
    assert rows_in(folded)[-1] == rows_in(listed_)[-1]
    assert "Số liệu của đơn vị trực thuộc được gộp vào đơn vị cấp trên" in words(folded)


def test_a_field_with_odd_letters_and_none_at_all_have_rows_of_their_own(varied, client_of) -> None:
    client = client_of(varied.chairman)
    page = client.get(f"/bieu-b4?{YEAR}&group=field")

    address = f"/bieu-b4/nhiem-vu?{YEAR}&group=field&row="
    named, none = client.get(f"{address}Đất+đai+%26+nhà+ở"), client.get(address)

    assert [name for name, _cells in rows_in(page)] == [
        "Cải cách hành chính", "Đất đai & nhà ở", "Chưa ghi lĩnh vực", "Tổng cộng",
    ]  # fmt: skip
    assert "4 nhiệm vụ ở cột “Tất cả”, dòng “Đất đai & nhà ở” (lĩnh vực)" in words(named)
    assert "2 nhiệm vụ ở cột “Tất cả”, dòng “Chưa ghi lĩnh vực” (lĩnh vực)" in words(none)


@pytest.mark.parametrize(
    "query", ["group=field&row=x", "group=leader&row=x", "group=month&row=2026-13", "group=directive&row="]
)
def test_a_row_that_the_table_does_not_have_is_not_found(varied, client_of, query: str) -> None:
    assert client_of(varied.chairman).get(f"/bieu-b4/nhiem-vu?{YEAR}&{query}").status_code == 404


def test_an_unknown_grouping_is_refused_at_its_field(varied, client_of) -> None:
    page = client_of(varied.chairman).get(f"/bieu-b4?{YEAR}&group=khong-co")

    assert page.status_code == 422
    assert errors(page) == ["Chọn một mục trong danh sách."]


def test_below_each_number_stands_its_change_since_the_earlier_day(cast, client_of) -> None:
    stays = cast.make_task(due_on=date(2026, 5, 1))
    moves = cast.make_task(due_on=date(2026, 5, 1))
    cast.make_task(unit=cast.commune, due_on=date(2026, 5, 1), given_on=date(2026, 4, 10))
    tasks.accept(moves, stamp=Stamp(on=date(2026, 4, 10), by=cast.head), officer=cast.officer)
    client = client_of(cast.chairman)

    page = client.get(f"/bieu-b4?{YEAR}&compare=31/03/2026")

    assert stays.id in listed(client, f"/bieu-b4/nhiem-vu?{YEAR}&on=2026-03-31")
    assert changes_in(page) == [
        ["−1", "0", "+1", "0", "0", "0", "0", "0"],
        ["+1", "0", "0", "0", "0", "0", "0", "+1"],
        ["0", "0", "+1", "0", "0", "0", "0", "+1"],
    ]
    assert "số liệu chốt hết ngày 15/04/2026 và số liệu chốt hết ngày 31/03/2026 của cùng kỳ" in words(page)
    assert '<span aria-hidden="true">−1</span>' in page.text


def test_a_row_that_only_the_earlier_day_has_is_kept_with_noughts_that_open_nothing(cast, client_of) -> None:
    cast.make_task(unit=cast.commune, due_on=date(2026, 5, 1))
    gone = cast.make_task(due_on=date(2026, 5, 1))
    stamp = Stamp(on=date(2026, 4, 10), by=cast.tracker)
    tasks.transfer(gone, stamp=stamp, unit=cast.commune, reason="Đúng chức năng")

    page = client_of(cast.chairman).get(f"/bieu-b4?{YEAR}&compare=31/03/2026")

    assert rows_in(page)[0] == ("Phòng Nội vụ", [0] * 8)
    assert changes_in(page)[0] == ["−1", "0", "0", "0", "0", "0", "0", "−1"]
    assert changes_in(page)[-1] == ["0"] * 8
    assert "row=noi-vu" not in page.text


@pytest.mark.both_databases
def test_the_files_of_a_compared_page_tell_the_differences_that_it_shows(cast, client_of) -> None:
    cast.make_task(unit=cast.commune, due_on=date(2026, 5, 1))
    gone = cast.make_task(due_on=date(2026, 5, 1))
    stamp = Stamp(on=date(2026, 4, 10), by=cast.tracker)
    tasks.transfer(gone, stamp=stamp, unit=cast.commune, reason="Đúng chức năng")
    client, address = client_of(cast.chairman), f"/bieu-b4?{YEAR}&compare=31/03/2026"

    shown = [[int(each.replace("−", "-")) for each in row] for row in changes_in(client.get(address))]
    lines = list(csv.DictReader(io.StringIO(client.get(f"{address}&format=csv").data.decode("utf-8-sig"))))
    data = json.loads(client.get(f"{address}&format=json").data)["compare"]
    book = load_workbook(io.BytesIO(client.get(f"{address}&format=xlsx").data), data_only=True)
    paper = Document(io.BytesIO(client.get(f"{address}&format=docx").data))

    assert [[int(line[name]) for name in lines[0] if name in CHANGES] for line in lines] == shown
    assert [list(row.values())[-8:] for row in [*data["rows"], data["total"]]] == shown
    cells = book["So sánh"].iter_rows(min_row=5, max_row=4 + len(shown), min_col=2, max_col=9)
    assert [[cell.value for cell in row] for row in cells] == shown
    assert book["Ngày 31-03-2026"]["A5"].value == "Phòng Nội vụ"
    assert "SO VỚI SỐ LIỆU CHỐT HẾT NGÀY 31/03/2026" in [each.text for each in paper.paragraphs]


def test_rates_and_four_counts_are_told_for_both_days(cast, client_of) -> None:
    task = cast.make_task(state=State.AWAITING_CONFIRMATION)
    progress.confirm(task, stamp=Stamp(on=date(2026, 4, 2), by=cast.tracker))

    page = client_of(cast.chairman).get(f"/bieu-b4?{YEAR}&compare=01/04/2026")

    told = words(page)
    assert "Hoàn thành trên tổng số được giao 1 ÷ 1 100,0% 0,0%" in told
    assert "Đã hoàn thành – đúng hạn 1 0" in told


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (f"{YEAR}&compare=15/04/2026", "Ngày so sánh phải trước ngày chốt số liệu 15/04/2026."),
        (f"{YEAR}&compare=31/12/2025", "Ngày so sánh phải trùng hoặc sau ngày đầu kỳ."),
        (f"{YEAR}&compare=31/02/2026", "Ngày 31/02/2026 không có trong lịch."),
        ("from=x&to=y&compare=z", "Không đọc được ngày “z”."),
    ],
)
def test_a_day_that_cannot_be_compared_with_is_refused(cast, client_of, query: str, message: str) -> None:
    page = client_of(cast.chairman).get(f"/bieu-b4?{query}")

    assert page.status_code == 422
    assert any(error.startswith(message) for error in errors(page)), errors(page)


def test_any_quarter_of_the_last_five_years_is_two_clicks_away_and_keeps_the_question(
    varied, client_of
) -> None:
    client = client_of(varied.chairman)
    page = client.get(f"/bieu-b4?{YEAR}&group=field")

    def follow(page, name: str) -> Any:
        found = re.search(rf'<a href="([^"]+)" aria-label="{name}"', page.text)
        assert found, name
        return client.get(html.unescape(found[1]))

    quarter = follow(follow(page, "Năm 2022"), "Quý III/2022")
    before = follow(follow(page, "Năm 2022"), "CCHC quý I/2022")

    assert days_in(quarter) == ["01/07/2022", "30/09/2022", "30/09/2022"]
    assert '<option selected value="field">' in quarter.text
    assert days_in(before)[:2] == ["15/12/2021", "14/03/2022"]


def test_periods_to_come_are_named_without_a_link(cast, client_of) -> None:
    cast.make_task()

    page = client_of(cast.chairman).get(f"/bieu-b4?{YEAR}")

    assert '<span class="muted">Quý III</span>' in page.text
    assert 'aria-label="Quý II/2026"' in page.text
    assert "Năm 2027" not in page.text
    assert "‹ Năm 2025" in page.text


def test_from_15_december_the_windows_of_the_next_reform_year_can_be_chosen(cast, client_of, on_day) -> None:
    cast.make_task()
    on_day(date(2026, 12, 15))

    page = client_of(cast.chairman).get(f"/bieu-b4?{YEAR}")

    found = re.search(r'<a href="([^"]+)" aria-label="CCHC quý I/2027">2027</a>', page.text)
    assert found
    days = parse_qs(urlsplit(html.unescape(found[1])).query)
    assert (days["from"], days["to"]) == (["2026-12-15"], ["2027-03-14"])


def test_a_reform_window_is_cut_off_earlier_and_stays_the_window(cast, client_of, on_day) -> None:
    on_day(date(2026, 6, 20))
    cast.make_task(due_on=date(2026, 6, 8))
    change_settings({"cchc_offset_days": 7}, stamp=Stamp(on=date(2026, 6, 20)))
    client = client_of(cast.chairman)

    window = client.get("/bieu-b4?from=2025-12-15&to=2026-06-14")
    other = client.get("/bieu-b4?from=2026-01-01&to=2026-05-31")
    typed = client.get("/bieu-b4?from=2025-12-15&to=2026-06-14&on=14/06/2026")

    assert days_in(window) == ["15/12/2025", "14/06/2026", "07/06/2026"]
    assert "CCHC 6 tháng 2026" in words(window)
    assert days_in(other)[-1] == "31/05/2026"
    assert days_in(typed)[-1] == "14/06/2026"


def test_the_paper_lies_as_asked_and_names_who_signs(varied, client_of) -> None:
    client = client_of(varied.chairman)

    across = client.get(f"/bieu-b4/in?{YEAR}")
    upright = client.get(f"/bieu-b4/in?{YEAR}&paper=portrait&group=month")

    assert "paper-wide" in across.text
    assert "paper-wide" not in upright.text
    assert "paper=portrait" in across.text
    assert "Tháng 3/2026" in upright.text
    for page in (across, upright):
        assert "TM. ỦY BAN NHÂN DÂN CHỦ TỊCH" in words(page)
        assert "Nơi nhận:" in words(page)
        assert "/BC-UBND" in words(page)
        assert "Lưu dưới dạng PDF" in words(page)
    assert client.get(f"/bieu-b4/in?{YEAR}&paper=a3").status_code == 404


def test_a_part_is_printed_under_the_head_of_the_unit_of_who_prints_it(varied, client_of) -> None:
    page = words(client_of(varied.head).get(f"/bieu-b4/in?assigner=song-huong&{YEAR}"))

    assert "UBND THÀNH PHỐ SÔNG HƯƠNG PHÒNG NỘI VỤ" in page
    assert "Đây là một phần của biểu" in page
    assert "TM. ỦY BAN NHÂN DÂN" not in page


@pytest.mark.parametrize(("part", "expected"), [
    ("chairman", ["- Lãnh đạo UBND thành phố Sông Hương;", "- Các đơn vị được giao nhiệm vụ;"]),
    ("head", ["- UBND thành phố Sông Hương;", "- Lãnh đạo Phòng Nội vụ;"]),
])  # fmt: skip
def test_the_print_and_the_word_file_go_to_the_same_recipients(varied, client_of, part, expected) -> None:
    client, asked = client_of(getattr(varied, part)), f"assigner=song-huong&{YEAR}"

    printed = client.get(f"/bieu-b4/in?{asked}").text.split('<div class="recipients">')[1].split("</div>")[0]
    file = Document(io.BytesIO(client.get(f"/bieu-b4?{asked}&format=docx").data))
    signing = [*file.tables, *file.tables[1].rows[-1].cells[0].tables]
    (left,) = [table.cell(0, 0) for table in signing if table.cell(0, 0).text.startswith("Nơi nhận")]

    assert re.findall(r"<p>(- [^<]+)</p>", printed) == [each.text for each in left.paragraphs[1:]]
    assert [each.text for each in left.paragraphs[1:]] == [*expected, "- Lưu: VT."]


PART_OF_NOI_VU = (
    "Đây là một phần của biểu: chỉ gồm nhiệm vụ do Phòng Nội vụ và các đơn vị trực thuộc chủ trì. "
    "Toàn bộ biểu do UBND thành phố Sông Hương theo dõi."
)
FOLDED = "Số liệu của đơn vị trực thuộc được gộp vào đơn vị cấp trên của nó."


@pytest.mark.parametrize("form", ["xlsx", "docx", "csv", "json"])
def test_every_file_of_a_part_says_of_whose_and_that_it_is_a_part(varied, client_of, form) -> None:
    asked = f"/bieu-b4?assigner=song-huong&{YEAR}&format={form}"

    part, whole = (client_of(who).get(asked) for who in (varied.head, varied.chairman))

    says = {"csv": "part_of", "json": '"part_of": "Phòng Nội vụ"'}.get(form, PART_OF_NOI_VU)
    assert says in text_of(form, part.data)
    assert says not in text_of(form, whole.data)
    names = [each.headers["Content-Disposition"].split('"')[1] for each in (part, whole)]
    assert [("mot-phan" in name) for name in names] == [True, False]
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(part.data.decode("utf-8-sig"))))
        assert {line["part_of"] for line in lines} == {"Phòng Nội vụ"}


@pytest.mark.parametrize("form", ["xlsx", "docx", "in"])
def test_papers_say_that_units_below_others_are_counted_with_them(varied, client_of, form) -> None:
    client, asked = client_of(varied.chairman), f"assigner=song-huong&{YEAR}"
    way = f"/bieu-b4/in?{asked}" if form == "in" else f"/bieu-b4?format={form}&{asked}"

    folded, plain = (text_of(form, client.get(f"{way}{more}").data) for more in ("&folded=1", ""))

    assert folded.count(FOLDED) == 1 and FOLDED not in plain


def test_folding_what_are_no_units_says_why_nothing_is_folded(varied, client_of) -> None:
    client, hint = client_of(varied.chairman), "Chỉ gộp khi mỗi dòng là đơn vị chủ trì."

    said = [
        hint in words(client.get(f"/bieu-b4?{YEAR}{more}"))
        for more in ("&group=field&folded=1", "&folded=1", "&group=field")
    ]

    assert said == [True, False, False]


def test_a_pdf_of_the_print_is_called_by_its_assigner_and_day(varied, client_of) -> None:
    page = client_of(varied.chairman).get(f"/bieu-b4/in?{YEAR}&on=2026-03-31").text

    (title,) = re.findall("<title>([^<]+)</title>", page)
    assert title.startswith("Biểu B.4 UBND thành phố Sông Hương giao, số liệu hết ngày 31-03-2026")


def test_a_printed_part_names_the_unit_and_speaks_to_nobody(varied, client_of) -> None:
    page = words(client_of(varied.head).get(f"/bieu-b4/in?assigner=song-huong&{YEAR}"))

    assert PART_OF_NOI_VU in page
    assert "của bạn" not in page


def text_of(form: str, content: bytes) -> str:
    """Return all that a file or a page says, line by line."""
    if form == "xlsx":
        book = load_workbook(io.BytesIO(content))
        return "\n".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    if form == "docx":
        body = Document(io.BytesIO(content)).element.body
        lines = ([each.text or "" for each in line.iter(qn("w:t"))] for line in body.iter(qn("w:p")))
        return "\n".join("".join(line) for line in lines)
    return content.decode()


def test_papers_of_a_period_without_tasks_say_so(varied, client_of) -> None:
    client, nothing = client_of(varied.chairman), "from=2020-01-01&to=2020-12-31"

    printed = words(client.get(f"/bieu-b4/in?{nothing}"))
    file = Document(io.BytesIO(client.get(f"/bieu-b4?{nothing}&format=docx").data))

    for said in (printed, "".join(each.text for each in file.paragraphs)):
        assert "Không có nhiệm vụ nào trong kỳ." in said
        assert "không thời hạn" not in said


@pytest.mark.parametrize(("grouping", "folded"), GROUPINGS[-2:])
def test_each_role_sees_by_month_and_folded_what_it_may_open(varied, client_of, grouping, folded) -> None:
    people = varied.everybody | {"commune": varied.make_person(unit=varied.commune, role=Role.UNIT_HEAD)}
    totals = {}

    for part, user in people.items():
        client = client_of(user)
        page = client.get(f"/bieu-b4?assigner=song-huong&{YEAR}&{words_of(grouping, folded)}")
        totals[part] = page.status_code
        if page.status_code == 200 and 'id="b4"' in page.text:
            totals[part] = rows_in(page)[-1][1][-1]
            assert all(len(listed(client, address)) == number for number, address in links_in(page)[-14:-8])
        elif page.status_code == 200:
            totals[part] = "none"

    assert totals == {
        "chairman": 10, "tracker": 10, "inspector": 10, "head": 8, "officer": 8, "commune": 2,
        "coordinator": "none", "outsider": 2, "admin": 403,
    }  # fmt: skip


@pytest.mark.parametrize("more", ["", "&folded=1", *(f"&group={each.value}" for each in list(Grouping)[1:])])
def test_no_grouping_costs_more_statements_for_more_rows(cast, client_of, more: str) -> None:
    client = client_of(cast.chairman)
    addresses = [
        f"/bieu-b4{page}?{YEAR}{more}{compare}"
        for page in ("", "/in", "/nhiem-vu") for compare in ("", "&compare=2026-03-31")
    ]  # fmt: skip
    cast.make_task(given_on=date(2026, 2, 2))

    def cost() -> list[int]:
        costs = []
        for address in addresses:
            with statements() as seen:
                assert client.get(address).status_code == 200, address
            costs.append(len(seen))
        return costs

    few = cost()
    for number in range(12):
        directive = cast.make_directive(field=f"Lĩnh vực {number}")
        leader = cast.make_person(unit=cast.city, role=Role.LEADER)
        cast.make_task(directive=directive, unit=cast.make_unit(), coordinating=[], leader=leader)

    assert cost() == few
    assert max(few) <= 24

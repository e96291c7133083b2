"""Sheets on the pages: a list handed out comes back as what is there, a block is previewed."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from tests.counting import statements
from tests.web.pages import words
from tracker import clock
from tracker.intake.sheet.columns import fields_of
from tracker.intake.sheet.reading import read_block, read_sheet
from tracker.models import db
from tracker.models.people import Role
from tracker.models.sheet import ImportBatch
from tracker.models.task import Task
from tracker.operations import sheets, tasks
from tracker.operations.recording import Stamp
from tracker.rules.deadlines import WorkingCalendar

TODAY = date(2026, 3, 10)


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_a_list_handed_out_comes_back_as_tasks_that_are_there(client_of, cast, on_day, monkeypatch, form):
    on_day(TODAY)
    monkeypatch.setattr("tracker.web.tasks.listing.MOST_EXPORTED", 1)
    cast.make_task(content="=Rà soát thủ tục,\n“đợt 1”; đợt 2", coordinating=[cast.coordinating])
    cast.make_task(content="Việc sau", due_on=date(2027, 3, 1))
    content = client_of(cast.tracker).get(f"/nhiem-vu?dang={form}&state=open").data
    sheet = read_sheet(f".{form}", content)
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    batch = sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp)

    found = sheets.read(batch, today=TODAY, calendar=WorkingCalendar())

    assert (len(found.good), len(found.bad), len(found.same), found.differs) == (0, 0, 1, {})
    assert not any(row.problems for row in found.rows)
    page = words(client_of(cast.tracker).get(f"/nhap-excel/{batch.id}"))
    assert "không có gì để nhập, sổ không thay đổi" in page


def test_a_wide_sheet_shows_first_what_tells_its_tasks_and_all_columns_when_asked(client_of, cast, on_day):
    on_day(TODAY)
    task = cast.make_task(coordinating=[cast.coordinating], officer=cast.officer, product="Báo cáo", item="2")
    tasks.accept(task, stamp=Stamp(on=TODAY, by=cast.head))
    client = client_of(cast.tracker)
    sheet = read_sheet(".xlsx", client.get("/nhiem-vu?dang=xlsx&state=open").data)
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    address = f"/nhap-excel/{sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp).id}"

    page = client.get(address)
    whole = client.get(f"{address}?xem=tat-ca&cot=tat-ca")

    heads = [re.findall(r'<th scope="col"[^>]*>([^<\n]+)', each.text) for each in (page, whole)]
    short = [
        "Dòng", "Số văn bản", "Nội dung nhiệm vụ", "Đơn vị chủ trì", "Thời hạn", "Trạng thái", "Kết luận",
    ]  # fmt: skip
    assert heads[0] == short
    assert set(heads[1]) > {*short, "Người thực hiện", "Đơn vị phối hợp", "Sản phẩm"}
    assert f"Đang hiện 5 cột; còn {len(heads[1]) - 7} cột khác." in words(page)
    assert 'cot=tat-ca#dong">Hiện tất cả cột</a>' in page.text
    assert "Chỉ hiện các cột chính" in words(whole) and "cột khác" not in words(whole)
    assert f'href="{address}?xem=dung&amp;cot=tat-ca#dong"' in whole.text


def test_a_list_comes_back_with_what_others_gave_and_people_whose_names_hold_marks(client_of, cast, on_day):
    on_day(TODAY)
    cast.officer.name = "Công chức Địa chính - Xây dựng (xã)"
    parent = cast.make_task(officer=cast.officer)
    order = tasks.Order(
        unit=cast.coordinating, content="Tổng hợp số liệu", due_on=date(2026, 3, 20), parent=parent
    )
    tasks.give(parent.directive, [order], stamp=Stamp(on=TODAY, by=cast.head))
    sheet = read_sheet(".xlsx", client_of(cast.tracker).get("/nhiem-vu?dang=xlsx&state=open").data)
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    batch = sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp)

    found = sheets.read(batch, today=TODAY, calendar=WorkingCalendar())

    assert (len(found.rows), len(found.good), len(found.bad), len(found.same)) == (2, 0, 0, 2)
    assert not any(row.problems for row in found.rows)


def test_a_pasted_block_is_kept_and_nothing_of_it_is_a_task_yet(client_of, cast, on_day):
    on_day(TODAY)
    client = client_of(cast.tracker)
    client.get("/nhap-excel")
    block = "Nội dung\tChủ trì\tThời hạn\nRà soát\tPhòng Không Có\t31/02/2026"

    response = client.post("/nhap-excel", data={"unit": cast.city.id, "block": block}, follow_redirects=True)

    assert "Không rõ đơn vị “Phòng Không Có”" in words(response)
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 1


def brought(cast, *rows: str) -> ImportBatch:
    """Keep a block of rows below the usual head, as if it was pasted."""
    head = "Số văn bản\tNgày văn bản\tTrích yếu\tNội dung\tChủ trì\tThời hạn"
    paper = "12/UBND-NV\t02/03/2026\tRà soát thủ tục"
    sheet = read_block("\n".join([head, *(f"{paper}\t{row}" for row in rows)]))
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    return sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp)


def test_good_rows_become_tasks_and_the_bad_ones_come_back_as_a_sheet(client_of, cast, on_day):
    on_day(TODAY)
    client = client_of(cast.tracker)
    rows = f"Rà soát danh mục\t{cast.lead.name}\t20/03/2026", f"Lập kế hoạch\t{cast.lead.name}\t31/02/2026"
    batch = brought(cast, *rows)

    whole = client.post(f"/nhap-excel/{batch.id}/nhap", follow_redirects=True)
    nothing = db.session.scalar(select(func.count()).select_from(Task))
    client.post(f"/nhap-excel/{batch.id}/nhap", data={"rows": "good"})
    bad = read_sheet(".xlsx", client.get(f"/nhap-excel/{batch.id}/dong-loi.xlsx").data)

    assert "Còn dòng lỗi nên chưa nhập dòng nào." in words(whole) and nothing == 0
    (task,) = db.session.scalars(select(Task))
    assert (task.content, task.unit, task.due_on) == ("Rà soát danh mục", cast.lead, date(2026, 3, 20))
    assert (task.directive.number, task.directive.issued_on) == ("12/UBND-NV", date(2026, 3, 2))
    ((_number, cells),) = bad.rows
    assert "Lập kế hoạch" in cells and any("31/02/2026" in each for each in cells)
    assert "Lỗi" in bad.heads


def test_the_same_rows_brought_again_are_told_and_not_given_again(client_of, cast, on_day):
    on_day(TODAY)
    client, row = client_of(cast.tracker), f"Rà soát danh mục\t{cast.lead.name}\t20/03/2026"
    client.post(f"/nhap-excel/{brought(cast, row).id}/nhap")

    again = brought(cast, row)
    page = client.get(f"/nhap-excel/{again.id}")
    client.post(f"/nhap-excel/{again.id}/nhap", data={"rows": "good"})

    assert "Dòng đã có trong sổ" in words(page)
    assert db.session.scalar(select(func.count()).select_from(Task)) == 1


def test_sheets_are_brought_by_the_office_and_seen_by_nobody_else(client_of, cast, on_day):
    on_day(TODAY)
    batch = brought(cast, f"Rà soát\t{cast.lead.name}\t20/03/2026")

    seen = {
        person.login: client_of(person).get(f"/nhap-excel/{batch.id}").status_code
        for person in (cast.tracker, cast.chairman, cast.head, cast.officer, cast.outsider, cast.admin)
    }

    allowed = {cast.tracker.login, cast.chairman.login}
    assert {login for login, code in seen.items() if code == 200} == allowed
    assert "/nhap-excel" in client_of(cast.tracker).get("/nhiem-vu").text
    assert "/nhap-excel" not in client_of(cast.officer).get("/nhiem-vu").text


def test_a_sheet_under_way_shows_how_far_it_is_and_can_be_cancelled(client_of, cast, on_day):
    on_day(TODAY)
    client = client_of(cast.tracker)
    batch = brought(cast, f"Rà soát\t{cast.lead.name}\t20/03/2026")
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    sheets.start(batch, stamp=stamp, total=1, only_good=False)

    page = client.get(f"/nhap-excel/{batch.id}")
    ended = client.post(f"/nhap-excel/{batch.id}/huy", follow_redirects=True)

    assert "0/1 dòng" in words(page) and "Hủy phần chưa nhập" in words(page)
    assert "Đã hủy giữa chừng." in words(ended)


@pytest.mark.both_databases
def test_the_list_counts_the_rows_of_sheets_and_leaves_their_cells_where_they_are(client_of, cast, on_day):
    on_day(TODAY)
    client = client_of(cast.tracker)
    brought(cast, f"Việc một\t{cast.lead.name}\t20/4/2026", f"Việc hai\t{cast.lead.name}\t20/4/2026")

    with statements() as seen:
        page = words(client.get("/nhap-excel"))

    [asked] = [each for each in seen if "FROM import_batch" in each]
    assert f"{cast.city.name} 2 Đang xem lại" in page
    assert "json_array_length" in asked
    assert "import_batch.columns" not in asked


def test_the_list_has_the_latest_sheets_of_ones_own_units_first_without_those_put_away(
    client_of, cast, on_day, monkeypatch
):
    on_day(TODAY)
    monkeypatch.setattr("tracker.queries.sheets.MOST_BATCHES", 2)
    clerk = cast.make_person(unit=cast.commune, role=Role.OFFICE)
    sheet = read_block(f"Nội dung\tChủ trì\tThời hạn\nRà soát\t{cast.lead.name}\t20/03/2026")
    made = {}
    for name, unit, by in (
        ("cũ", cast.city, cast.tracker), ("một", cast.city, cast.tracker), ("hai", cast.city, cast.tracker),
        ("bỏ", cast.city, cast.tracker), ("của xã", cast.commune, clerk),
    ):  # fmt: skip
        stamp = Stamp(on=TODAY, by=by, at=clock.now())
        made[name] = sheets.bring(unit, sheet, fields_of(sheet.heads), stamp=stamp, filename=f"{name}.xlsx")
    sheets.drop(made["bỏ"], stamp=Stamp(on=TODAY, by=cast.tracker, at=clock.now()))

    of_city, of_commune = (client_of(who).get("/nhap-excel").text for who in (cast.tracker, clerk))

    listed = [re.findall(r'href="/nhap-excel/\d+">([^<]+)<', page) for page in (of_city, of_commune)]
    assert listed == [["hai.xlsx", "một.xlsx"], ["của xã.xlsx"]]

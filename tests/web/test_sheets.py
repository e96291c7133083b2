"""Sheets on the pages: a list handed out comes back as what is there, a block is previewed."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from tests.web.pages import words
from tracker import clock
from tracker.intake.sheet.columns import fields_of
from tracker.intake.sheet.reading import read_sheet
from tracker.models import db
from tracker.models.sheet import ImportBatch
from tracker.operations import sheets
from tracker.operations.recording import Stamp
from tracker.rules.deadlines import WorkingCalendar

TODAY = date(2026, 3, 10)


def test_a_list_handed_out_as_excel_comes_back_as_tasks_that_are_there(client_of, cast, on_day):
    on_day(TODAY)
    cast.make_task(content="=Rà soát thủ tục", coordinating=[cast.coordinating])
    content = client_of(cast.tracker).get("/nhiem-vu?dang=xlsx&state=open").data
    sheet = read_sheet(".xlsx", content)
    stamp = Stamp(on=TODAY, by=cast.tracker, at=clock.now())
    batch = sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp)

    found = sheets.read(batch, today=TODAY, calendar=WorkingCalendar())

    assert (len(found.good), len(found.bad), len(found.same)) == (0, 0, 1)


def test_a_pasted_block_is_kept_and_nothing_of_it_is_a_task_yet(client_of, cast, on_day):
    on_day(TODAY)
    client = client_of(cast.tracker)
    client.get("/nhap-excel")
    block = "Nội dung\tChủ trì\tThời hạn\nRà soát\tPhòng Không Có\t31/02/2026"

    response = client.post("/nhap-excel", data={"unit": cast.city.id, "block": block}, follow_redirects=True)

    assert "Không rõ đơn vị “Phòng Không Có”" in words(response)
    assert db.session.scalar(select(func.count()).select_from(ImportBatch)) == 1

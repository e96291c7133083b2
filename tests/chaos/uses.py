"""The uses that are cut off at every point, the small world they happen in, and what they leave behind."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.conftest import sign_in
from tracker import clock, jobs, outbox
from tracker.intake.sheet.columns import fields_of
from tracker.intake.sheet.reading import read_block
from tracker.models import db, transaction
from tracker.models.directive import Directive, Urgency
from tracker.models.people import User
from tracker.models.series import TaskSeries
from tracker.models.sheet import BatchState, ImportBatch
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import exports, progress, requests, series, sheets, tasks
from tracker.operations.recording import Stamp
from tracker.operations.sheets import work
from tracker.rules.deadlines import Pattern
from tracker.rules.status import State
from tracker.rules.workflow import NotAllowed

NOW = datetime(2026, 4, 1, 7, 30, 30, tzinfo=clock.VIETNAM)
"""A Wednesday and the first working day of its month: every job has something to do."""
TODAY = NOW.date()
FILE = {
    "what": "b4", "assigner": "song-huong", "from": "2026-03-01", "to": "2026-04-30", "on": "2026-04-01",
}  # fmt: skip
SHEET = """Nội dung\tChủ trì\tThời hạn\tSố văn bản\tNgày văn bản\tTrạng thái\tNgày hoàn thành
Việc mới\tPhòng Nội vụ\t20/4/2026\t9/UBND\t20/3/2026\t\t
Việc xong\tPhòng Tài chính\t30/3/2026\t9/UBND\t20/3/2026\tĐã hoàn thành\t27/3/2026
Việc chung\tcác phòng\t20/4/2026\t10/UBND\t20/3/2026\tĐang thực hiện\t
"""
REFUSED = {
    "cả bảng": ("""Nội dung\tChủ trì\tThời hạn\tSố văn bản\tNgày văn bản
Việc nhận được\tPhòng Nội vụ\t20/4/2026\t9/UBND\t20/3/2026
Việc trùng khóa\tPhòng Nội vụ\t20/4/2026\t9/UBND\t20/3/2026
Việc bị từ chối\tPhòng Tài chính\t21/4/2026\t9/UBND\t20/3/2026
Việc nhận sau\tPhòng Tài chính\t21/4/2026\t9/UBND\t20/3/2026
""", False),
    "dòng đúng": ("""Nội dung\tChủ trì\tThời hạn\tSố văn bản\tNgày văn bản
Việc sai đơn vị\tPhòng Không Có\t20/4/2026\t9/UBND\t20/3/2026
Việc trùng khóa\tPhòng Tài chính\t22/4/2026\t9/UBND\t20/3/2026
Việc đúng\tPhòng Nội vụ\t22/4/2026\t9/UBND\t20/3/2026
""", True),
    "có dòng sai": ("""Nội dung\tChủ trì\tThời hạn\tSố văn bản\tNgày văn bản
Việc không được giao\tPhòng Nội vụ\t23/4/2026\t9/UBND\t20/3/2026
Việc sai ngày\tPhòng Nội vụ\t31/02/2026\t9/UBND\t20/3/2026
""", False),
}  # fmt: skip
"""Sheets with rows that are refused when they are read, by the rules, or by the database, and whether only
the good ones were asked for: of the last sheet nothing is given."""
PAPER = b"%PDF-1.4\n1 0 obj << >> endobj\n%%EOF\n"


def lay_world(app: Flask) -> None:
    """Lay the world down: tasks late, due, reported and urgent, and three mails that wait."""
    with app.app_context():
        cast = factories.make_cast()
        cast.make_task(key="tre", state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
        cast.make_task(key="den-han", state=State.IN_PROGRESS, due_on=TODAY)
        cast.make_task(key="cho", state=State.AWAITING_CONFIRMATION, due_on=TODAY)
        longer = cast.make_task(key="gia-han", state=State.IN_PROGRESS, due_on=date(2026, 4, 3))
        requests.ask_extension(
            longer, stamp=Stamp(on=date(2026, 3, 31), by=cast.head), until=date(2026, 4, 30), reason="Thiếu"
        )
        urgent = cast.make_directive(on=TODAY, urgency=Urgency.URGENT)
        given = Stamp(on=TODAY, by=cast.tracker, at=NOW - timedelta(minutes=5))
        tasks.give(
            urgent, [tasks.Order(unit=cast.lead, content="Việc khẩn", due_on=date(2026, 4, 9), key="khan")],
            stamp=given,
        )  # fmt: skip
        progress.update(longer, stamp=Stamp(on=TODAY, by=cast.head), text="Đang làm")
        for form in ("csv", "json"):
            exports.order(FILE, form, stamp=Stamp(on=TODAY, by=cast.tracker, at=NOW, token=f"tep-{form}"))
        _start_a_sheet(cast)
        with transaction():
            for number in range(3):
                outbox.put(
                    key=f"thu-{number}", kind="test", address=f"nguoi-{number}@x.example", at=NOW,
                    subject=f"Thư {number}", text="Có dấu: ằẵặ\n", html="<p>ằẵặ</p>",
                )  # fmt: skip
        db.session.remove()
        db.engine.dispose()


def _start_a_sheet(cast: factories.Cast) -> None:
    """Bring a sheet and start it, so that its job has three rows to give; bring others that wait to be."""
    stamp = Stamp(on=TODAY, by=cast.tracker, at=NOW)
    for name, text in [("", SHEET), *((name, text) for name, (text, _only_good) in REFUSED.items())]:
        sheet = read_block(text)
        batch = sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp, filename=name or None)
        if not name:
            sheets.start(batch, stamp=stamp, total=len(sheet.rows), only_good=False)


def _give_sheets(app: Flask) -> None:
    """Start the sheets with refused rows beside the one that is started, and give all, two rows at once."""
    work.CHUNK, work.PAUSE, give = 2, 0, tasks.give

    def refuse(directive: Directive, orders: Sequence[tasks.Order], *, stamp: Stamp) -> list[Task]:
        if any(each.content == "Việc bị từ chối" for each in orders):
            raise NotAllowed("Đơn vị không nhận.")
        orders = [replace(each, key="tre") if each.content == "Việc trùng khóa" else each for each in orders]
        return give(directive, orders, stamp=stamp)

    with app.app_context():
        waiting = select(ImportBatch).where(ImportBatch.state == BatchState.OPEN).order_by(ImportBatch.id)
        for batch in db.session.scalars(waiting).all():
            text, only_good = REFUSED[batch.filename]
            stamp = Stamp(on=TODAY, by=batch.brought_by, at=NOW)
            sheets.start(batch, stamp=stamp, total=text.count("\n") - 1, only_good=only_good)
    tasks.give = refuse
    try:
        with suppress(jobs.JobTroubled):
            _job("sheets")(app)
    finally:
        tasks.give = give


def _job(name: str) -> Callable[[Flask], None]:
    def act(app: Flask) -> None:
        with app.app_context():
            jobs.run_job(name)

    return act


def _give_what_recurs(app: Flask) -> None:
    """Begin a recurring task of which two turns went by and one is to be given, and run its job."""
    with app.app_context():
        if db.session.scalar(select(TaskSeries.id)) is None:
            plan = series.Plan(
                key="ck", unit=db.session.scalars(select(Unit).where(Unit.code == "noi-vu")).one(),
                content="Báo cáo tháng", phrase="ngày 5 hằng tháng", pattern=Pattern.parse("monthly 5"),
                starts_on=date(2026, 2, 1),
            )  # fmt: skip
            directive = db.session.scalars(select(Directive).order_by(Directive.id).limit(1)).one()
            series.lay_out(directive, plan, stamp=Stamp(on=TODAY, at=NOW))
    _job("series")(app)


def _page(login: str, key: str, slug: str, **form: Any) -> Callable[[Flask], None]:
    """Return the sending of one form, always as the same submission."""

    def act(app: Flask) -> None:
        with app.app_context():
            user = db.session.scalar(select(User).where(User.login == login))
            task_id = db.session.scalar(select(Task.id).where(Task.key == key))
            browser = app.test_client()
            sign_in(browser, user)
        data = form | {"token": f"{key}-{slug}"}
        if form.get("papers"):
            data["papers"] = (io.BytesIO(PAPER), "ket-qua.pdf")
        answer = browser.post(f"/nhiem-vu/{task_id}/{slug}", data=data, content_type="multipart/form-data")
        assert answer.status_code == 303, answer.status

    return act


def _order_a_file(app: Flask) -> None:
    with app.app_context():
        browser = app.test_client()
        sign_in(browser, db.session.scalar(select(User).where(User.login == "hung")))
    words = urlencode(FILE | {"form": "csv"})
    answer = browser.post(f"/xuat-tep/dat?{words}", data={"token": "mot-tep"})
    assert answer.status_code == 303, answer.status


USES: Mapping[str, Callable[[Flask], None]] = {
    "overdue": _job("overdue"),
    "series": _give_what_recurs,
    "reminders": _job("reminders"),
    "prompt": _job("prompt"),
    "monthly-report": _job("monthly-report"),
    "deliver": _job("deliver"),
    "exports": _job("exports"),
    "sheets": _give_sheets,
    "order a file": _order_a_file,
    "report a task": _page("binh", "den-han", "bao-cao", result="81/BC-PNV", papers=True),
    "confirm a task": _page("mai", "cho", "xac-nhan"),
    "grant an extension": _page("mai", "gia-han", "gia-han", until="30/04/2026"),
}

JOURNALS = {"job_run", "delivery", "alembic_version", "sign_in_failure"}
"""Tables that tell of attempts: what was cut off stays on record there, as in `export.attempts`."""
NEW = {"task", "task_series", "directive", "outgoing_mail", "history", "report", "enclosure", "report_file"}
"""Tables whose numbers others name. On PostgreSQL an attempt that was rolled back may have used numbers up:
there they are not compared."""


def left_behind() -> dict[str, list[str]]:
    """Return all that is stored, by table, each row as text, the journals of attempts left out."""
    loose = db.engine.dialect.name == "postgresql"
    return {
        table.name: sorted(_row(table, row, loose) for row in db.session.execute(select(table)))
        for table in db.metadata.sorted_tables
        if table.name not in JOURNALS
    }


def _row(table: Any, row: Any, loose: bool) -> str:
    values = dict(row._mapping)
    numbered = values.get("kind") == "report" or values.get("do") == "report_made"
    for column in table.columns:
        told_by_number = any(key.column.table.name in NEW for key in column.foreign_keys)
        is_number = column.name == "id"
        speaks_of_number = numbered and column.name in ("key", "message_id", "text", "html", "payload")
        is_journal = (table.name, column.name) in (("export", "attempts"), ("import_batch", "attempts"))
        if is_journal or (loose and (told_by_number or is_number or speaks_of_number)):
            del values[column.name]
        elif isinstance(values[column.name], bytes):
            values[column.name] = sha256(values[column.name]).hexdigest()
    return json.dumps(values, default=str, ensure_ascii=False, sort_keys=True)

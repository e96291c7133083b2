"""Sheets of tasks: names understood, rows read with their errors, and given once whatever happens between."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime

import openpyxl
import pytest
from sqlalchemy import func, select

from tracker.intake.names import KnownUnit, KnownUnits
from tracker.intake.sheet.columns import fields_of
from tracker.intake.sheet.reading import read_block, read_sheet
from tracker.intake.sheet.rows import Known, read_rows
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.sheet import BatchState
from tracker.models.task import Task
from tracker.operations import history, people, requests, sheets
from tracker.operations.recording import Stamp
from tracker.operations.sheets import work
from tracker.queries.sheets import outcomes_of
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import State
from tracker.rules.unit_groups import group_of
from tracker.rules.workflow import UnitEnded

TODAY = date(2026, 4, 10)
NOW = datetime(2026, 4, 10, 2, tzinfo=UTC)
HEADS = (
    "STT\tNội dung nhiệm vụ\tĐơn vị chủ trì\tThời hạn\tSố văn bản\tNgày văn bản\tTrạng thái\t"
    "Ngày hoàn thành"
)
UNITS = KnownUnits(
    [
        KnownUnit("nv", "Phòng Nội vụ"), KnownUnit("tnmt", "Phòng Tài nguyên và Môi trường"),
        KnownUnit("vp", "Văn phòng HĐND và UBND huyện"), KnownUnit("x1", "UBND xã Liên Nghĩa", "communes"),
        KnownUnit("x2", "UBND thị trấn Văn Giang", "communes"),
    ],
    {"một cửa": "vp"}, {"Nguyễn Văn An": "nv"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("P. Nội vụ", ["nv"]), ("Phòng TN&MT", ["tnmt"]), ("VP HĐND&UBND", ["vp"]), ("Xã Liên Nghĩa", ["x1"]),
        ("TT Văn Giang", ["x2"]), ("UBND các xã, thị trấn", ["x1", "x2"]), ("Một cửa", ["vp"]),
        ("đ/c Nguyễn Văn An", ["nv"]), ("các phòng chuyên môn", ["nv", "tnmt", "vp"]),
        ("Phòng Tài nguyên & MT", ["tnmt"]), ("Công ty Bình Minh", []), ("thị trấn", []),
        ("Thủ trưởng các cơ quan chuyên môn", ["nv", "tnmt", "vp"]), ("UBND cấp xã", ["x1", "x2"]),
        ("các phòng thuộc UBND huyện", ["nv", "tnmt", "vp"]), ("các trường học trên địa bàn", []),
        ("các cơ sở y tế", []), ("các đơn vị sự nghiệp công lập", []), ("các xã ven biển", []),
        ("các phòng chuyên môn thuộc Sở Y tế", []), ("các sở, ngành, UBND các huyện", []),
    ],
)  # fmt: skip
def test_a_unit_is_known_by_the_names_that_offices_write(name, codes):
    assert list(UNITS.match(name).codes) == codes


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("UBND các huyện, thị xã, thành phố", "districts"), ("các xã, phường, đặc khu", "communes"),
        ("các sở, ban, ngành tỉnh", "divisions"), ("các ban ngành đoàn thể", "divisions"),
        ("các ban quản lý", None), ("các cơ quan quân sự", None), ("các xã Tân An, Bình Minh", None),
        ("các phòng được giao", None), ("các đơn vị xã hội", None), ("Phòng Nội vụ", None),
    ],
)  # fmt: skip
def test_a_name_is_that_of_a_group_only_when_all_of_its_nouns_are(name, key):
    group = group_of(name)

    assert (group.key if group else None) == key


def test_a_group_that_may_be_more_than_its_units_is_asked_for_in_a_sheet():
    name = "các cơ quan, đơn vị trên địa bàn"

    [row] = read_text(f"{HEADS}\n1\tViệc một\t{name}\t20/4/2026\t9/UBND\t01/4/2026\t\t")

    assert [(each.where, each.name) for each in row.problems] == [("lead", name)]


@pytest.mark.parametrize(("column", "field"), [(3, "due"), (5, "issued_on"), (7, "done_on")])
def test_an_empty_cell_is_offered_only_where_it_may_be_empty(column, field):
    cells = ["1", "Việc", "Phòng Nội vụ", "20/4/2026", "9/UBND", "01/4/2026", "Đã hoàn thành", "10/4/2026"]
    cells[column] = "01/01/1970"
    wrong = read_text(f"{HEADS}\n" + "\t".join(cells))[0].problems
    cells[column] = ""

    emptied = read_text(f"{HEADS}\n" + "\t".join(cells))[0].problems

    assert [each.where for each in wrong] == [each.where for each in emptied] == [field]
    assert "hoặc để trống" not in wrong[0].message


def test_a_list_of_units_is_split_but_not_the_name_of_one():
    found = UNITS.read("Phòng Nội vụ, Phòng Tài nguyên và Môi trường và UBND xã Liên Nghĩa")

    assert [match.codes for _name, match in found] == [("nv",), ("tnmt",), ("x1",)]


@pytest.mark.parametrize(
    ("cell", "codes"),
    [
        ("UBND các xã, thị trấn", [("x1", "x2")]),
        ("các phòng, ban, UBND các xã, thị trấn", [("nv", "tnmt", "vp"), ("x1", "x2")]),
        ("Phòng Không Có, Phòng Nội vụ", [(), ("nv",)]),
        ("Phòng Tài nguyên\nvà Môi trường", [("tnmt",)]),
        ("các xã, " * 300 + "zzz", [("x1", "x2"), ()]),
    ],
)  # fmt: skip
def test_a_cell_of_several_names_is_cut_where_names_end(cell, codes):
    assert [match.codes for _name, match in UNITS.read(cell)] == codes


def test_a_place_that_only_looks_like_one_shortens_no_name():
    units = KnownUnits([KnownUnit("tp", "Phòng Tư pháp"), KnownUnit("qldt", "Phòng Quản lý đô thị")])

    found = units.read("các Phòng: Tư pháp và Quản lý đô thị")

    assert [match.codes for _name, match in found] == [("tp",), ("qldt",)]


def read_text(text, **more):
    sheet = read_block(text)
    known = Known(units=UNITS, persons={}, calendar=WorkingCalendar(), today=TODAY, **more)
    return read_rows(sheet, fields_of(sheet.heads), known)


def test_each_error_stands_at_its_cell():
    text = f"BẢNG THEO DÕI\n{HEADS}\n" + "\n".join((
        "1\tViệc một\tPhòng X\t31/02/2026\t9/UBND\t01/4/2026\t\t",
        "2\tViệc hai\tPhòng Nội vụ; P. TNMT\t01/01/1970\t9/UBND\t01/4/2026\tĐã hoàn thành\t",
        "3\tTổng hợp kinh phí\tP. Nội vụ\t20/4/2026\t9/UBND\t01/4/2026\tĐang thực hiện\t",
        "4\tTổng hợp kinh phí\tPhòng Nội vụ\t20/4/2026\t9/UBND\t01/4/2026\t\t", "", "Tổng cộng\t4",
    ))  # fmt: skip

    rows = read_text(text)

    assert [(row.number, [each.where for each in row.problems]) for row in rows] == [
        (3, ["lead", "due"]), (4, ["lead", "due", "done_on"]), (5, []), (6, ["content"]),
    ]  # fmt: skip
    assert rows[2].state is State.IN_PROGRESS


def marks_apart(text):
    """Write each tone as a sign of its own, as old programs and code page 1258 do."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    letters = [unicodedata.normalize("NFD", letter) for letter in unicodedata.normalize("NFC", text)]
    return "".join(
        unicodedata.normalize("NFC", "".join(part for part in letter if part not in tones))
        + "".join(part for part in letter if part in tones)
        for letter in letters
    )


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1258"])
@pytest.mark.parametrize("form", [str, marks_apart], ids=["composed", "marks apart"])
def test_a_csv_reads_the_same_with_any_separator_and_encoding(separator, encoding, form):
    text = separator.join(("STT", "Nội dung", "Chủ trì", "Thời hạn")) + "\r\n"
    text += separator.join(("1", "Rà soát", "Phòng Nội vụ", "20/4/2026")) + "\r\n"

    text = marks_apart(text) if encoding == "cp1258" else form(text)

    sheet = read_sheet(".csv", text.encode(encoding))

    assert sheet.heads == ("STT", "Nội dung", "Chủ trì", "Thời hạn")
    assert [cells for _number, cells in sheet.rows] == [("1", "Rà soát", "Phòng Nội vụ", "20/4/2026")]


def test_a_workbook_with_titles_two_rows_of_heads_merged_cells_and_formulas_is_read():
    book = openpyxl.Workbook()
    page = book.active
    for row in (
        ["DANH SÁCH"], ["STT", "Nội dung", "Chủ trì", "Thời gian", None],
        [None, None, None, "Ngày giao", "Hạn xử lý"],
        [1, "Việc một", "Phòng Nội vụ", date(2026, 4, 1), date(2026, 4, 20)],
        [2, "Việc hai", None, date(2026, 4, 1), "=D5+3"], ["Tổng cộng", "=SUM(A4:A5)"],
    ):  # fmt: skip
        page.append(row)
    for area in ("D2:E2", "A2:A3", "B2:B3", "C2:C3", "C4:C5"):
        page.merge_cells(area)
    content = io.BytesIO()
    book.save(content)

    sheet = read_sheet(".xlsx", content.getvalue())

    assert fields_of(sheet.heads) == ["order", "content", "lead", "given_on", "due"]
    assert [cells for _number, cells in sheet.rows] == [
        ("1", "Việc một", "Phòng Nội vụ", "01/04/2026", "20/04/2026"),
        ("2", "Việc hai", "Phòng Nội vụ", "01/04/2026", ""),
    ]
    assert (5, 4, "missing") in sheet.marks


def bring(cast, text):
    sheet = read_block(text)
    stamp = Stamp(on=TODAY, by=cast.tracker, at=NOW)
    return sheets.bring(cast.city, sheet, fields_of(sheet.heads), stamp=stamp)


def rows_of(cast, count=3):
    lines = [
        f"{n}\tViệc số {n}\t{cast.lead.name}\t20/4/2026\t9/UBND\t02/3/2026\tĐang thực hiện\t"
        for n in range(1, count)
    ]
    done = "10/3/2026\t9/UBND\t02/3/2026\tĐã hoàn thành\t12/3/2026"
    lines.append(f"{count}\tViệc xong\t{cast.lead.name}\t{done}")
    return "\n".join((HEADS, *lines))


def begin(cast, batch, only_good=False):
    found = sheets.read(batch, today=TODAY, calendar=WorkingCalendar())
    stamp = Stamp(on=TODAY, by=cast.tracker, at=NOW)
    sheets.start(batch, stamp=stamp, total=len(found.good), only_good=only_good)


def in_twos(monkeypatch):
    monkeypatch.setattr("tracker.operations.sheets.work.CHUNK", 2)
    monkeypatch.setattr("tracker.operations.sheets.work.PAUSE", 0)


def tasks():
    return db.session.scalar(select(func.count()).select_from(Task))


@pytest.mark.both_databases
def test_rows_become_tasks_with_the_history_that_people_would_have_made(app, cast):
    batch = bring(cast, rows_of(cast))
    begin(cast, batch)

    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    db.session.expire_all()
    assert (batch.state, batch.done, batch.total) == (BatchState.DONE, 3, 3)
    done = db.session.scalars(select(Task).where(Task.content == "Việc xong")).one()
    steps = db.session.execute(
        select(History.do, History.on_day).where(History.task_id == done.id).order_by(History.id)
    ).all()
    assert [tuple(step) for step in steps] == [
        ("give", date(2026, 3, 2)), ("accept", date(2026, 3, 2)), ("report", date(2026, 3, 12)),
        ("confirm", date(2026, 3, 12)),
    ]  # fmt: skip
    assert (done.state, done.reported_on, done.directive.number) == (
        State.COMPLETED, date(2026, 3, 12), "9/UBND",
    )  # fmt: skip
    assert db.session.scalar(select(func.count()).select_from(Directive)) == 1


def test_a_sheet_that_is_brought_twice_doubles_nothing(app, cast):
    begin(cast, bring(cast, rows_of(cast)))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    again = sheets.read(bring(cast, rows_of(cast)), today=TODAY, calendar=WorkingCalendar())

    assert (len(again.good), len(again.bad), len(again.same)) == (0, 0, 3)
    assert tasks() == 3


GROUP = "1\tViệc chung\tcác phòng\t20/4/2026\t9/UBND\t02/3/2026\t\t"


def test_a_group_of_which_one_has_its_task_gives_it_to_the_others_only(app, cast):
    one = GROUP.replace("các phòng", cast.lead.name)
    begin(cast, bring(cast, f"{HEADS}\n{one}"))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")
    batch = bring(cast, f"{HEADS}\n{GROUP}")
    begin(cast, batch)

    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    units = db.session.scalars(select(Task.unit_id).order_by(Task.id)).all()
    assert units == [cast.lead.id, cast.coordinating.id]
    found = sheets.read(batch, today=TODAY, calendar=WorkingCalendar())
    assert (found.same, list(found.there[2])) == ({2}, [cast.lead.code, cast.coordinating.code])


def test_a_row_that_says_something_else_than_the_register_is_told(app, cast):
    begin(cast, bring(cast, rows_of(cast, 2)))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    text = rows_of(cast, 2).replace("Đang thực hiện\t", "Đã hoàn thành\t05/4/2026")
    again = sheets.read(bring(cast, text), today=TODAY, calendar=WorkingCalendar())

    assert (again.same, again.differs) == ({2, 3}, {2: ("state",)})


def test_a_note_is_kept_also_where_nobody_has_begun(app, cast):
    heads, row = HEADS.replace("Ngày hoàn thành", "Ghi chú"), GROUP.replace("các phòng", cast.lead.name)
    text = f"{heads}\n{row}Ưu tiên"
    begin(cast, bring(cast, text))

    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    assert db.session.scalars(select(Task.content)).all() == ["Việc chung (Ghi chú: Ưu tiên)"]
    again = sheets.read(bring(cast, text), today=TODAY, calendar=WorkingCalendar())
    assert (again.same, again.differs) == ({2}, {})


def test_a_row_without_a_state_says_nothing_else_than_a_task_that_was_taken_on(app, cast):
    text = f"{HEADS}\n1\tViệc mới\t{cast.lead.name}\t20/4/2026\t9/UBND\t02/3/2026\t\t"
    begin(cast, bring(cast, text))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")
    task = db.session.scalars(select(Task)).one()
    work.tasks.accept(task, stamp=Stamp(on=TODAY, by=cast.head))

    again = sheets.read(bring(cast, text), today=TODAY, calendar=WorkingCalendar())

    assert (again.same, again.differs) == ({2}, {})


def test_a_row_with_the_day_before_an_extension_contradicts_nothing(app, cast):
    text = f"{HEADS}\n1\tViệc mới\t{cast.lead.name}\t20/4/2026\t9/UBND\t02/3/2026\t\t"
    begin(cast, bring(cast, text))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")
    task = db.session.scalars(select(Task)).one()
    words = {"until": date(2026, 5, 20), "reason": "Khối lượng lớn"}
    requests.ask_extension(task, stamp=Stamp(on=TODAY, by=cast.head), **words)
    requests.grant_extension(task, stamp=Stamp(on=TODAY, by=cast.tracker))

    again = sheets.read(bring(cast, text), today=TODAY, calendar=WorkingCalendar())

    assert (task.due_on, again.same, again.differs) == (date(2026, 5, 20), {2}, {})


def test_a_worker_that_dies_between_chunks_is_gone_on_with(app, cast, monkeypatch):
    in_twos(monkeypatch)
    batch = bring(cast, rows_of(cast, 5))
    begin(cast, batch)
    asked = iter([False, False, True])
    sheets.work_pending(now=lambda: NOW, worker="máy:1", stop=lambda: next(asked, True))
    half = tasks()

    sheets.work_pending(now=lambda: NOW, worker="máy:2")

    db.session.expire_all()
    assert (half, tasks(), batch.state) == (2, 5, BatchState.DONE)


def key_of_another(monkeypatch, cast, content):
    """Let tasks of this content get a key that another task has, which the database refuses."""
    other, give = cast.make_task(given_on=date(2026, 3, 2), due_on=date(2026, 4, 30)), work.tasks.give

    def give_twice(directive, orders, *, stamp):
        doubled = [replace(each, key=other.key) if each.content == content else each for each in orders]
        return give(directive, doubled, stamp=stamp)

    monkeypatch.setattr(work.tasks, "give", give_twice)


@pytest.mark.both_databases
def test_a_row_that_the_database_refuses_is_told_and_the_others_go_on(app, cast, monkeypatch):
    in_twos(monkeypatch)
    text = rows_of(cast, 5)
    batch = bring(cast, text)
    key_of_another(monkeypatch, cast, "Việc số 3")
    begin(cast, batch)

    worked = sheets.work_pending(now=lambda: NOW, worker="máy:1")

    db.session.expire_all()
    told = outcomes_of(batch.id)
    assert (worked.done, batch.state, batch.done, tasks()) == (1, BatchState.DONE, 5, 1 + 4)
    assert [number for number, (task, error) in told.items() if task is None and "sửa dòng" in error] == [4]


def test_a_row_that_the_rules_refuse_keeps_the_sentence_that_says_why(app, cast, monkeypatch):
    batch, give = bring(cast, rows_of(cast, 3)), work.tasks.give

    def refuse(directive, orders, *, stamp):
        if any(each.content == "Việc số 2" for each in orders):
            raise UnitEnded("%(unit)s không còn hoạt động vào ngày này.", unit="Phòng cũ")
        return give(directive, orders, stamp=stamp)

    monkeypatch.setattr(work.tasks, "give", refuse)
    begin(cast, batch)

    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    db.session.expire_all()
    told = {number: error for number, (_task, error) in outcomes_of(batch.id).items()}
    assert told == {2: None, 3: "Phòng cũ không còn hoạt động vào ngày này.", 4: None}
    assert (tasks(), batch.state, batch.done) == (2, BatchState.DONE, 3)


def test_a_sheet_of_who_may_no_longer_give_ends_with_the_reason_and_gives_nothing(app, cast):
    batch = bring(cast, rows_of(cast, 2))
    begin(cast, batch)
    people.end_role(cast.tracker, unit=cast.city, role=Role.OFFICE, stamp=Stamp(on=TODAY))

    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    db.session.expire_all()
    assert (tasks(), batch.state, outcomes_of(batch.id)) == (0, BatchState.FAILED, {})
    assert batch.error == "Người nhập không còn quyền giao nhiệm vụ của đơn vị này."


def test_a_refused_row_is_tried_again_at_the_next_start_only(app, cast, monkeypatch):
    in_twos(monkeypatch)
    batch = bring(cast, rows_of(cast, 5))
    with monkeypatch.context() as now:
        key_of_another(now, cast, "Việc số 1")
        begin(cast, batch)
        asked = iter([False, False, True])
        sheets.work_pending(now=lambda: NOW, worker="máy:1", stop=lambda: next(asked, True))

    sheets.work_pending(now=lambda: NOW, worker="máy:2")
    left = [number for number, (task, _error) in outcomes_of(batch.id).items() if task is None]
    begin(cast, batch)
    sheets.work_pending(now=lambda: NOW, worker="máy:2")

    assert (left, batch.state, tasks()) == ([2], BatchState.DONE, 1 + 5)


def test_a_cancelled_sheet_keeps_what_was_given_and_gives_no_more(app, cast, monkeypatch):
    in_twos(monkeypatch)
    batch = bring(cast, rows_of(cast, 5))
    begin(cast, batch)
    asked = iter([False, False, True])
    sheets.work_pending(now=lambda: NOW, worker="máy:1", stop=lambda: next(asked, True))

    sheets.cancel(batch, stamp=Stamp(on=TODAY, by=cast.tracker, at=NOW))
    sheets.work_pending(now=lambda: NOW, worker="máy:2")

    assert (tasks(), batch.state) == (2, BatchState.CANCELLED)


def test_with_a_bad_row_nothing_is_given_unless_only_the_good_ones_were_asked_for(app, cast):
    text = rows_of(cast) + "\n4\tViệc sai\tPhòng Không Có\t20/4/2026\t9/UBND\t02/3/2026\t\t"
    batch = bring(cast, text)
    begin(cast, batch)
    sheets.work_pending(now=lambda: NOW, worker="máy:1")
    before = (tasks(), batch.state)

    begin(cast, batch, only_good=True)
    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    assert before == (0, BatchState.FAILED)
    assert tasks() == 3


def test_what_was_brought_can_be_dumped_in_the_order_of_its_days(app, cast):
    cast.make_task(given_on=date(2026, 3, 30), due_on=date(2026, 4, 30))
    begin(cast, bring(cast, rows_of(cast)))
    sheets.work_pending(now=lambda: NOW, worker="máy:1")

    days = [line.partition('"on": "')[2][:10] for line in history.dump()]

    assert days == sorted(days)

"""The self-check against random histories, and against one changed row after another: each is named.

`TRACKER_HISTORIES=500 pytest tests/test_recount.py` tries more histories than an ordinary run.
"""

import json
import os
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import delete, insert, select, update

from tests.changes import COMPARED, OF_PERIOD, OF_REQUEST, changed
from tests.conftest import nothing_stays
from tests.factories import GIVEN_ON
from tests.histories import histories
from tests.web.pages import words
from tracker import clock
from tracker.models.mail import OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.recount import Recount
from tracker.models.report import Report, ReportKind
from tracker.models.task import Coordination, Request, Task, TaskPeriod
from tracker.operations import history, people, progress, recounting, requests, tasks, units, watch
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.recount import check
from tracker.queries.recount.comparing import compare
from tracker.queries.recount.reading import Archive
from tracker.rules.difference import Difference, Kind, in_words
from tracker.rules.status import State

EXAMPLES = os.environ.get("TRACKER_HISTORIES")
TODAY = date(2026, 5, 15)
PAGE = "/quan-tri/he-thong/doi-soat"

many = settings(
    max_examples=int(EXAMPLES or 6),
    phases=tuple(Phase) if EXAMPLES else (Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)


def load(lines):
    history.load(json.dumps(line, ensure_ascii=False) for line in lines)


@pytest.mark.both_databases
@given(lines=histories())
@many
def test_a_random_history_has_no_difference(app, lines):
    with nothing_stays(app):
        load(lines)

        outcome = check(today=date.fromisoformat(lines[-1]["on"]) + timedelta(days=1), batch=4)

    assert outcome.differences == []
    assert outcome.tables or all(line["do"] != "give" for line in lines)


@pytest.fixture
def world(session, cast):
    """Tasks that have been through every step, a draft, a passed-down task, and a frozen B.4 of 31/3."""
    on = Stamp(on=date(2026, 3, 10), by=cast.head)
    long = cast.make_task(
        state=State.IN_PROGRESS, key="nv-dai", item="1", product="Báo cáo", due_phrase="trước 21/3"
    )
    progress.update(long, stamp=on, text="Được một nửa", percent=50)
    requests.ask_extension(long, stamp=on, until=date(2026, 3, 27), reason="Chờ số liệu")
    by_office = Stamp(on=date(2026, 3, 11), by=cast.tracker)
    requests.grant_extension(long, stamp=by_office, decision="15/UBND")
    progress.report(long, stamp=Stamp(on=date(2026, 3, 26), by=cast.head), result="9/BC-PNV")
    progress.confirm(long, stamp=Stamp(on=date(2026, 3, 30), by=cast.tracker), evaluation="Tốt")
    returned = cast.make_task(key="nv-tra")
    requests.ask_return(returned, stamp=on, reason="Không đúng chức năng")
    tasks.reassign(returned, stamp=by_office, unit=cast.coordinating, reason="Chuyển")
    requests.ask_return(accepted := cast.make_task(key="nv-nhan-roi-tra"), stamp=on, reason="Không đúng")
    tasks.accept(accepted, stamp=on, officer=cast.officer)
    tasks.reassign(accepted, stamp=by_office, unit=cast.coordinating)
    moved = cast.make_task(state=State.IN_PROGRESS, key="nv-chuyen")
    requests.ask_extension(moved, stamp=on, until=date(2026, 3, 25), reason="Chờ số liệu")
    tasks.transfer(moved, stamp=by_office, unit=cast.commune)
    tasks.edit(
        moved, stamp=by_office, content="Nội dung mới", officer=cast.outsider, coordinating=[cast.lead]
    )
    cast.make_task(key="nv-duoi", parent=moved, unit=cast.coordinating, coordinating=[])
    again = cast.make_task(state=State.COMPLETED, key="nv-lai")
    progress.reopen(again, stamp=Stamp(on=date(2026, 3, 25), by=cast.chairman), reason="Thiếu biểu")
    cast.make_task(state=State.COMPLETED, key="nv-dau-thang", closed_on=date(2026, 4, 1))
    cast.make_task(state=State.CANCELLED, key="nv-huy", closed_on=date(2026, 3, 12))
    cast.make_task(state=State.DRAFT, key="nv-thao")
    ended = cast.make_unit(code="cu")
    cast.make_task(unit=ended, key="nv-thua-ke")
    units.end(ended, stamp=Stamp(on=date(2026, 4, 1), by=cast.admin), successor=cast.lead)
    question = b4.Question(cast.city, date(2026, 1, 1), date(2026, 3, 31), date(2026, 3, 31))
    report = b4.report(question)
    late = sum(row.number_of("overdue") for row in report.table().rows)
    ids = {unit.code: unit.id for unit in (cast.city, cast.lead, cast.coordinating, cast.commune, ended)}
    session.add(Report(
        kind=ReportKind.B4, assigner=cast.city, first_on=question.first, last_on=question.last,
        on_day=question.on, edition=1, made_at=datetime(2026, 4, 1, tzinfo=clock.VIETNAM),
        data=report.to_data(), sha256=report.checksum,
        figures={str(ids[row.code]): [row.all, row.number_of("overdue")] for row in report.table().rows}
        | {"": [len(report.tasks), late]},
    ))  # fmt: skip
    session.commit()
    return cast


def found():
    return check(today=TODAY).differences


def found_of(task_id):
    """Return the differences of one task, without the tables."""
    archive = Archive()
    filed = archive.some([task_id])[task_id]
    return list(compare(filed, archive.replay(filed)))


def test_what_the_operations_make_of_every_step_has_no_difference(world):
    outcome = check(today=TODAY)

    assert outcome.differences == outcome.corrections == []
    assert (outcome.tasks, outcome.reports) == (10, 1)


def test_each_column_of_a_task_is_compared(session, world):
    missed = {}
    for key in ("nv-dai", "nv-chuyen"):
        task_id = session.scalar(select(Task.id).where(Task.key == key))
        for column, fact in COMPARED.items():
            with changed(session, Task, task_id, column):
                named = {(each.kind, each.fact) for each in found_of(task_id)}

            if (Kind.TASK, fact) not in named:
                missed[key, column] = named

    assert missed == {}
    assert found() == []


def test_each_column_of_a_stretch_is_compared(session, world):
    of_two = select(TaskPeriod.id, Task.id).join(Task).where(Task.key.in_(("nv-dai", "nv-tra")))
    missed = []
    for period_id, task_id in session.execute(of_two).all():
        for column in OF_PERIOD:
            with changed(session, TaskPeriod, period_id, column):
                if not any(each.kind is Kind.STRETCH for each in found_of(task_id)):
                    missed.append((period_id, column))

    assert missed == []
    assert found() == []


def test_a_stretch_that_is_gone_and_one_that_is_there_twice_are_named(session, world):
    task_id = session.scalar(select(Task.id).where(Task.key == "nv-dai"))
    rows = session.execute(select(TaskPeriod.__table__).where(TaskPeriod.task_id == task_id)).mappings().all()

    gone, twice = [], []
    for row in rows:
        savepoint = session.begin_nested()
        session.execute(delete(TaskPeriod).where(TaskPeriod.id == row["id"]))
        gone.append({each.fact for each in found_of(task_id)})
        savepoint.rollback()
        savepoint = session.begin_nested()
        again = {name: value for name, value in row.items() if name != "id"}
        again["valid_from"] += timedelta(days=1)
        session.execute(insert(TaskPeriod).values(again))
        twice.append({each.fact for each in found_of(task_id)})
        savepoint.rollback()

    assert len(rows) == 4
    assert all("missing" in facts for facts in gone), gone
    assert all("overlap" in facts for facts in twice), twice
    assert found() == []


def test_each_column_of_a_request_is_compared(session, world):
    missed = []
    for number, task_id in session.execute(select(Request.id, Request.task_id)).all():
        for column, fact in OF_REQUEST.items():
            with changed(session, Request, number, column):
                if not any((each.kind, each.fact) == (Kind.REQUEST, fact) for each in found_of(task_id)):
                    missed.append((number, column))

    assert missed == []


def test_a_unit_that_coordinates_otherwise_is_named(session, world):
    task_id = session.scalar(select(Task.id).where(Task.key == "nv-dai"))
    session.execute(
        update(Coordination).where(Coordination.task_id == task_id).values(unit_id=world.commune.id)
    )
    session.commit()

    (difference,) = found()

    assert (difference.kind, difference.key) == (Kind.COORDINATION, "nv-dai")
    assert (difference.stored, difference.expected) == ("phu-an", "tai-chinh")


def test_a_difference_names_what_is_stored_what_the_history_says_and_the_entry_that_decides(session, world):
    task_id = session.scalar(select(Task.id).where(Task.key == "nv-dai"))
    session.execute(update(Task).where(Task.id == task_id).values(due_on=date(2026, 3, 21)))
    session.commit()
    granting = session.scalar(
        select(History.id).where(History.do == "grant_extension", History.task_id == task_id)
    )

    (difference,) = found()

    assert (difference.stored, difference.expected) == ("2026-03-21", "2026-03-27")
    assert (difference.entry, difference.do, difference.on) == (granting, "grant_extension", "2026-03-11")


def test_a_table_that_counts_otherwise_is_named_by_unit_day_and_cell(session, world):
    periods = select(TaskPeriod.id).join(Task).where(Task.key == "nv-chuyen")
    period = session.scalar(periods.order_by(TaskPeriod.id.desc()).limit(1))

    with changed(session, TaskPeriod, period, "unit_id", world.lead.id):
        tables = {
            (each.last, each.place, each.fact, each.stored, each.expected)
            for each in found() if each.kind is Kind.TABLE
        }  # fmt: skip

    day, cell = "2026-03-31", "in_progress_overdue"
    assert {row for row in tables if row[0] == day} == {
        (day, "phu-an", cell, "0", "1"), (day, "noi-vu", cell, "2", "1")
    }  # fmt: skip


def test_one_changed_cell_of_a_frozen_report_is_found_and_its_task_named(session, world):
    report = session.scalar(select(Report))
    data = json.loads(json.dumps(report.data).replace("in_progress_overdue", "in_progress_not_due", 1))
    session.execute(update(Report).values(data=data))
    session.commit()

    named = {(each.fact, (each.place or "").rpartition(", ")[2]) for each in found()}

    assert ("sha256", "lần 1") in named
    assert {key for fact, key in named if fact == "cell"} == {"nv-chuyen"}


def test_a_task_that_a_frozen_report_lost_is_told_with_its_cell_in_words():
    lost = Difference(Kind.REPORT, "song-huong", "missing", None, "awaiting_confirmation", place="lần 1, a")

    assert in_words(lost, say=str).expected == "ô Đã hoàn thành – chờ xác nhận"


def test_what_was_entered_later_for_the_day_of_a_freezing_is_a_correction_and_no_difference(session, world):
    task = session.scalar(select(Task).where(Task.key == "nv-lai"))
    session.execute(update(Report).values(made_at=datetime(2026, 3, 31, 3, tzinfo=clock.VIETNAM)))
    tasks.cancel(task, stamp=Stamp(on=date(2026, 3, 31), by=world.tracker), reason="Không tiếp tục")

    outcome = check(today=TODAY)

    assert outcome.differences == []
    assert [(each.fact, each.stored, each.expected) for each in outcome.corrections] == [
        ("in_progress_overdue", "1", "0")
    ]


def test_a_history_that_goes_back_in_time_is_named(session, world):
    entry = session.scalar(select(History).where(History.do == "confirm", History.task.has(key="nv-dai")))
    session.execute(update(History).where(History.id == entry.id).values(on_day=GIVEN_ON))
    session.commit()

    assert (Kind.HISTORY, "on_day", entry.id) in {(each.kind, each.fact, each.entry) for each in found()}


def test_a_ledger_row_that_refers_to_nothing_is_named(session, world):
    task = session.scalar(select(Task).where(Task.key == "nv-dai"))
    mail = OutgoingMail(
        key="thu", kind="digest", user_id=world.head.id, address="a@b.example", subject="x", text="x",
        html="x", message_id="<x@y>", queued_at=datetime(2026, 3, 2, tzinfo=clock.VIETNAM),
    )  # fmt: skip
    session.add(mail)
    session.flush()
    own = session.scalar(select(History.id).where(History.do == "give", History.task_id == task.id))
    for rung in (f"given:{own}", "given:999999", "request:999999", "before-7"):
        session.add(Reminder(task=task, rung=rung, user=world.head, told_on=GIVEN_ON, mail_id=mail.id))
    session.commit()

    named = {each.stored for each in found() if each.kind is Kind.LEDGER}

    assert named == {"given:999999", "request:999999"}


def test_a_check_of_one_assigner_leaves_the_others_alone(session, world):
    with changed(session, Task, session.scalar(select(Task.id).where(Task.key == "nv-dai")), "due_on"):
        of_city = check(today=TODAY, assigner="song-huong").differences
        of_commune = check(today=TODAY, assigner="phu-an").differences

    assert [each.key for each in of_city] == ["nv-dai"]
    assert of_commune == []


def test_the_shell_prints_differences_and_fails(app, session, world, on_day):
    on_day(TODAY)
    run = app.test_cli_runner().invoke
    clean = run(args=["check"])
    with changed(session, Task, session.scalar(select(Task.id).where(Task.key == "nv-dai")), "percent", 99):
        lines, data = run(args=["check"]), run(args=["check", "--json", "--assigner", "song-huong"])
    unknown = run(args=["check", "--assigner", "khong-co"])

    assert (clean.exit_code, clean.output.count("\n")) == (0, 1)
    assert "10 nhiệm vụ" in clean.output
    assert "không lệch" in clean.output
    assert lines.exit_code == data.exit_code == unknown.exit_code == 1
    assert "LỆCH: Nhiệm vụ nv-dai · tỷ lệ hoàn thành · đang lưu: 99 · theo lịch sử: 50" in lines.output
    assert [each["fact"] for each in json.loads(data.output)["differences"]] == ["percent"]


def test_an_administrator_orders_a_check_and_the_scheduler_carries_it_out(session, world, client_of, on_day):
    on_day(TODAY)
    admin = client_of(world.admin)
    session.execute(update(Task).where(Task.key == "nv-dai").values(content="Nội dung bị sửa lén"))
    session.commit()

    first, second = (admin.post(PAGE, data={"token": token}) for token in ("a", "b"))
    waits = admin.get(PAGE)
    was_ordered = recounting.is_ordered(clock.now())
    recounting.run(today=TODAY, now=clock.now)
    page = admin.get(PAGE)

    assert first.status_code == second.status_code == 303
    assert session.query(Recount).count() == 1
    assert was_ordered
    assert not recounting.is_ordered(clock.now())
    assert "Đang chờ bộ lập lịch" in words(waits)
    assert "thấy 1 chỗ lệch" in words(page)
    assert "Nhiệm vụ nv-dai nội dung 19 ký tự" in words(page)
    assert "sửa lén" not in words(page)
    assert "recount" in {each.word for each in watch.find_now(now=clock.now())}


@pytest.mark.parametrize(("seconds", "number"), [(0, 1), (59, 1), (61, 2)])
def test_of_two_schedulers_that_wake_for_one_check_the_second_lets_it_be(session, world, seconds, number):
    begun = datetime(2026, 4, 15, 2, 30, tzinfo=clock.VIETNAM)
    session.add(Recount(ordered_at=begun, began_at=begun, found={}))
    session.commit()

    kept = recounting.run(today=TODAY, now=lambda: begun + timedelta(seconds=seconds))

    assert session.query(Recount).count() == number
    assert (kept is None) == (number == 1)


def test_a_check_that_ended_keeps_nobody_from_another(session, world):
    moment = datetime(2026, 4, 15, 2, 30, tzinfo=clock.VIETNAM)

    kept = [recounting.run(today=TODAY, now=lambda: moment) for _ in range(2)]

    assert None not in kept
    assert session.query(Recount).count() == 2


def test_a_check_that_was_killed_is_carried_out_anew_after_an_hour(session, world):
    begun = datetime(2026, 4, 15, 2, 30, tzinfo=clock.VIETNAM)
    session.add(Recount(ordered_at=begun, began_at=begun, found={}))
    session.commit()

    at_once = recounting.is_ordered(begun + timedelta(minutes=59))
    later = recounting.is_ordered(begun + timedelta(minutes=61))
    kept = recounting.run(today=TODAY, now=lambda: begun + timedelta(minutes=61))

    assert (at_once, later) == (False, True)
    assert session.query(Recount).count() == 1
    assert kept.differences == 0


def test_a_person_who_was_moved_along_is_no_difference(session, world):
    people.give_role(world.officer, stamp=Stamp(on=date(2026, 3, 3)), unit=world.commune, role=Role.OFFICER)
    task = world.make_task(state=State.IN_PROGRESS, key="nv-theo-nguoi")
    tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 10), by=world.tracker), unit=world.commune)

    assert task.officer is world.officer
    assert found() == []

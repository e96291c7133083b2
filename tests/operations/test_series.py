"""Recurring tasks as they are stored: begun, given by the job, passed over, changed, ended, checked."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.changes import changed
from tests.conftest import nothing_stays
from tests.counting import statements
from tests.factories import GIVEN_ON, days_from, make_cast
from tests.jobs.conftest import at
from tracker import clock, jobs
from tracker.models import db
from tracker.models.calendar import DayKind
from tracker.models.mail import OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.series import SeriesCoordination, SeriesOccurrence, TaskSeries
from tracker.models.task import Task
from tracker.operations import calendar, history, people, series, tasks, units
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.queries import b4
from tracker.queries.recount import check
from tracker.rules.deadlines import Pattern
from tracker.rules.difference import Kind
from tracker.rules.series import NoTurnLeft, SeriesEnded, Skipped, TurnTaken
from tracker.rules.status import State
from tracker.rules.workflow import Incomplete, NotAllowed

TEN_PAST = "00:10"


def plan(cast, pattern="monthly 24", **facts):
    values = {
        "unit": cast.lead, "content": "Báo cáo kết quả", "phrase": "trước ngày 25 hằng tháng",
        "pattern": Pattern.parse(pattern), "coordinating": [cast.coordinating], "tracker": cast.tracker,
        "leader": cast.chairman, "officer": cast.officer,
    } | facts  # fmt: skip
    return series.Plan(**values)


def begin(cast, pattern="monthly 24", *, on=GIVEN_ON, **facts):
    (begun,) = series.begin(
        cast.make_directive(), [plan(cast, pattern, **facts)], stamp=Stamp(on=on, by=cast.tracker)
    )
    return begun


def run(day, hour=TEN_PAST):
    return series.make_due(today=day, at=at(f"{day} {hour}"))


def turns():
    rows = db.session.execute(
        select(SeriesOccurrence.due_on, SeriesOccurrence.number, SeriesOccurrence.skipped, Task.given_on)
        .outerjoin(Task, Task.id == SeriesOccurrence.task_id)
        .order_by(SeriesOccurrence.day)
    )
    return [tuple(row) for row in rows]


def deeds():
    return list(db.session.scalars(select(History.do).where(History.do.like("series%")).order_by(History.id)))


@pytest.mark.both_databases
def test_a_turn_that_is_passed_down_keeps_its_child_apart_from_the_series(cast):
    begun = begin(cast)
    run(date(2026, 3, 9))
    [turn] = db.session.scalars(select(Task)).all()
    order = tasks.Order(
        unit=cast.coordinating, content="Tổng hợp số liệu", due_on=date(2026, 3, 20), parent=turn
    )

    [child] = tasks.give(turn.directive, [order], stamp=Stamp(on=date(2026, 3, 10), by=cast.head))
    for day in days_from(date(2026, 3, 10), 40):
        run(day)
    series.end(begun, stamp=Stamp(on=date(2026, 4, 20), by=cast.tracker), reason="Hết năm")

    assert (child.parent, child.assigner, child.unit) == (turn, cast.lead, cast.coordinating)
    assert (child.state, child.due_on) == (State.NOT_STARTED, date(2026, 3, 20))
    assert [row[:2] for row in turns()] == [(date(2026, 3, 24), 1), (date(2026, 4, 24), 2)]
    assert db.session.scalar(select(func.count()).select_from(Task).where(Task.parent_id.is_(None))) == 2
    assert check(today=date(2026, 4, 20)).differences == []


@pytest.mark.both_databases
def test_a_year_of_nights_gives_each_turn_once_and_ahead_of_its_deadline(cast):
    begin(cast)

    made = [run(day) for day in days_from(GIVEN_ON, 122)]

    assert sum(each.given for each in made) == 4
    assert turns() == [
        (date(2026, 3, 24), 1, None, date(2026, 3, 9)), (date(2026, 4, 24), 2, None, date(2026, 4, 9)),
        (date(2026, 5, 24), 3, None, date(2026, 5, 9)), (date(2026, 6, 24), 4, None, date(2026, 6, 9)),
    ]  # fmt: skip


def test_a_turn_is_an_ordinary_task_of_the_issuer_with_everything_that_was_asked(cast):
    begun = begin(cast, item="2", product="Báo cáo", due_time=time(14))

    run(date(2026, 3, 9))

    (task,) = db.session.scalars(select(Task))
    entry = db.session.scalar(select(History).where(History.task_id == task.id))
    assert (task.assigner, task.unit, task.parent) == (cast.city, cast.lead, None)
    assert (task.content, task.item, task.product) == ("Báo cáo kết quả", "2", "Báo cáo")
    assert (task.officer, task.tracker, task.leader) == (cast.officer, cast.tracker, cast.chairman)
    assert [each.unit for each in task.coordinations] == [cast.coordinating]
    assert (task.due_on, task.due_time) == (date(2026, 3, 24), time(14))
    assert task.due_phrase == "trước ngày 25 hằng tháng"
    assert (entry.do, entry.by) == ("give", None)
    assert (entry.payload["series"], entry.payload["occurrence"]) == (begun.key, "2026-03-24")


def test_the_turn_whose_day_has_come_is_given_with_the_series_by_the_person_who_begins_it(cast):
    begun = begin(cast, on=date(2026, 3, 20))

    (task,) = db.session.scalars(select(Task))
    entry = db.session.scalar(select(History).where(History.task_id == task.id))
    assert [each.task for each in begun.occurrences] == [task]
    assert (task.due_on, entry.by) == (date(2026, 3, 24), cast.tracker)


def test_a_turn_that_was_given_or_passed_over_is_neither_given_nor_passed_over_again(session, cast):
    begun = begin(cast, "weekly fri")
    run(date(2026, 3, 18))
    before, stamp = turns(), Stamp(on=date(2026, 3, 18))
    said = []

    for day in (date(2026, 3, 6), date(2026, 3, 13), date(2026, 3, 20), date(2026, 3, 12)):
        with pytest.raises(TurnTaken) as refusal:
            series.turn_of(begun, day=day, due_on=day, stamp=stamp)
        said.append(str(refusal.value))
        with pytest.raises(TurnTaken):
            series.skip(begun, day=day, due_on=day, why=Skipped.PAST, stamp=stamp)
    session.expire_all()

    assert [row[1:3] for row in before] == [(1, None), (None, "past"), (2, None)]
    assert said[0] == "Kỳ 06/03/2026 của chuỗi đã được giao hoặc bỏ qua."
    assert turns() == before
    assert (begun.given, begun.last_day) == (2, date(2026, 3, 20))
    assert check(today=date(2026, 3, 18)).differences == []


@pytest.mark.both_databases
def test_after_forty_days_off_what_went_by_is_passed_over_and_logged(cast):
    begin(cast, "weekly fri")

    made = run(GIVEN_ON + timedelta(days=40))

    assert (made.given, made.skipped) == (1, 5)
    assert turns()[0] == (date(2026, 3, 6), 1, None, GIVEN_ON)
    assert [row[:3] for row in turns()[1:6]] == [
        (date(2026, 3, 13) + timedelta(weeks=week), None, "past") for week in range(5)
    ]
    assert turns()[6] == (date(2026, 4, 17), 2, None, date(2026, 4, 11))
    assert deeds() == ["series"] + ["series_skip"] * 5


def test_what_went_by_is_given_where_the_setting_says_so(cast):
    calendar.change_setting("series_gives_past", True, stamp=Stamp(on=GIVEN_ON))
    begin(cast, "weekly fri")

    made = run(GIVEN_ON + timedelta(days=40))

    assert (made.given, made.skipped) == (6, 0)


@pytest.mark.parametrize(("hour", "given"), [("13:59", 1), ("14:01", 0)])
def test_a_turn_is_not_given_after_the_hour_of_its_deadline(cast, hour, given):
    calendar.change_setting("series_ahead_days", 0, stamp=Stamp(on=GIVEN_ON))
    begin(cast, due_time=time(14))

    made = run(date(2026, 3, 24), hour)

    assert (made.given, made.skipped) == (given, 1 - given)


def test_a_series_that_is_loaded_late_logs_the_turns_that_it_missed(cast):
    directive = cast.make_directive()
    series.lay_out(directive, plan(cast, starts_on=date(2026, 1, 1)), stamp=Stamp(on=GIVEN_ON))

    made = run(date(2026, 3, 20))

    assert (made.given, made.skipped) == (1, 2)


def test_a_holiday_decided_later_names_no_second_turn_of_a_week(cast):
    begin(cast, "weekly", on=date(2026, 4, 20))
    given_for = turns()
    calendar.set_day(date(2026, 4, 24), DayKind.DAY_OFF, stamp=Stamp(on=date(2026, 4, 21)), name="Bù")

    run(date(2026, 4, 23))

    assert turns() == given_for == [(date(2026, 4, 24), 1, None, date(2026, 4, 20))]


@pytest.mark.both_databases
def test_running_twice_gives_once(cast):
    begin(cast)

    first, second = run(date(2026, 3, 9)), run(date(2026, 3, 9), "00:11")

    assert (first.given, second.given) == (1, 0)
    assert len(turns()) == 1


@pytest.mark.both_databases
def test_of_many_schedulers_at_once_each_turn_is_given_by_one(own_app):
    cast = make_cast()
    directive = cast.make_directive()
    for number in range(3):
        series.lay_out(directive, plan(cast, content=f"Việc {number}", key=f"ck-{number}"),
                       stamp=Stamp(on=GIVEN_ON))  # fmt: skip
    barrier = Barrier(4)

    def schedule(_number):
        with own_app.app_context():
            barrier.wait(timeout=300)
            try:
                return run(date(2026, 5, 1))
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(schedule, range(4)))

    assert sum(each.given for each in made) == 0
    assert sum(each.skipped for each in made) == 6
    assert [each.failed for each in made] == [[]] * 4
    with ThreadPoolExecutor(4) as pool:
        barrier.reset()
        again = list(pool.map(lambda _n: run_in(own_app, barrier, date(2026, 5, 9)), range(4)))
    assert sum(each.given for each in again) == 3
    assert len(turns()) == 9


def run_in(app, barrier, day):
    with app.app_context():
        barrier.wait(timeout=300)
        try:
            return run(day)
        finally:
            db.session.remove()


def test_changing_a_series_touches_nothing_that_was_given(cast):
    begun = begin(cast, on=date(2026, 3, 20))
    (before,) = db.session.execute(select(Task.__table__)).mappings().all()

    series.change(
        begun, stamp=Stamp(on=date(2026, 3, 21), by=cast.tracker), reason="Theo công văn 40",
        content="Báo cáo nhanh", phrase="ngày 28 hằng tháng", pattern=Pattern.parse("monthly 28"),
        unit=cast.commune, coordinating=[], until=date(2026, 12, 31),
    )  # fmt: skip
    run(date(2026, 3, 27))
    run(date(2026, 4, 13))

    after, new = db.session.execute(select(Task.__table__).order_by(Task.id)).mappings().all()
    assert after == before
    assert (new["content"], new["unit_id"], new["due_on"]) == (
        "Báo cáo nhanh", cast.commune.id, date(2026, 4, 28),
    )  # fmt: skip
    assert new["officer_id"] is None
    changes = select(History.note).where(History.do == "series_change")
    assert list(db.session.scalars(changes)) == ["Theo công văn 40"]


def test_a_change_of_nothing_is_no_entry(cast):
    begun = begin(cast)

    series.change(begun, stamp=Stamp(on=GIVEN_ON, by=cast.tracker), reason="Xem lại", content=begun.content)

    assert deeds() == ["series"]
    assert begun.version == 1


def test_an_ended_series_gives_nothing_more_and_what_was_given_goes_on(cast):
    begun = begin(cast, on=date(2026, 3, 20))

    series.end(begun, stamp=Stamp(on=date(2026, 3, 21), by=cast.chairman), reason="Không cần nữa")
    made = run(date(2026, 8, 1))

    (task,) = db.session.scalars(select(Task))
    tasks.accept(task, stamp=Stamp(on=date(2026, 3, 22), by=cast.head))
    assert (made.given, made.skipped) == (0, 0)
    for operation in (series.change, series.end):
        with pytest.raises(SeriesEnded):
            operation(begun, stamp=Stamp(on=date(2026, 3, 22), by=cast.tracker), reason="Lại")


def test_a_series_that_ends_while_the_job_looks_at_it_gives_nothing_and_troubles_nobody(cast, monkeypatch):
    begun = begin(cast)
    seen = [(begun.id, begun.key)], []
    series.end(begun, stamp=Stamp(on=date(2026, 3, 8), by=cast.tracker), reason="Hết năm")
    monkeypatch.setattr(series, "due_now", lambda today: seen)

    made = run(date(2026, 3, 9))

    assert (made, turns()) == (series.Made(0, 0, []), [])


def test_who_may_not_give_tasks_may_not_begin_change_or_end_a_series(cast):
    begun, directive = begin(cast), cast.make_directive()
    stamp = Stamp(on=GIVEN_ON, by=cast.head)

    with pytest.raises(NotAllowed):
        series.begin(directive, [plan(cast)], stamp=stamp)
    with pytest.raises(NotAllowed):
        series.change(begun, stamp=stamp, reason="Thử", content="Khác")
    with pytest.raises(NotAllowed):
        series.end(begun, stamp=stamp, reason="Thử")


def test_a_double_click_begins_one_series_and_gives_what_is_beside_it_once(cast):
    directive = cast.make_directive()
    beside = [tasks.Order(unit=cast.commune, content="Một lần", due_on=date(2026, 3, 31))]
    stamp = Stamp(on=GIVEN_ON, by=cast.tracker, token="một")

    series.begin(directive, [plan(cast), plan(cast, unit=cast.commune)], stamp=stamp, beside=beside)
    with pytest.raises(AlreadyDone):
        series.begin(directive, [plan(cast)], stamp=stamp, beside=beside)

    assert db.session.scalar(select(func.count()).select_from(TaskSeries)) == 2
    assert list(db.session.scalars(select(Task.content))) == ["Một lần"]


def test_of_two_who_saw_one_version_the_second_is_told(cast):
    begun = begin(cast)
    series.change(begun, stamp=Stamp(on=GIVEN_ON, by=cast.tracker, seen=1), reason="Một", content="Việc A")

    with pytest.raises(ChangedMeanwhile):
        series.change(begun, stamp=Stamp(on=GIVEN_ON, by=cast.tracker, seen=1), reason="Hai", content="B")


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_and_an_end_need_a_reason(cast, reason):
    begun = begin(cast)
    stamp = Stamp(on=GIVEN_ON, by=cast.tracker)

    with pytest.raises(Incomplete):
        series.change(begun, stamp=stamp, reason=reason, content="Khác")
    with pytest.raises(Incomplete):
        series.end(begun, stamp=stamp, reason=reason)


def test_a_series_that_ends_before_its_first_turn_is_refused_whole(cast):
    with pytest.raises(NoTurnLeft):
        begin(cast, until=date(2026, 3, 23))

    assert db.session.scalar(select(func.count()).select_from(TaskSeries)) == 0
    assert deeds() == []


def test_the_turns_of_a_unit_that_ended_go_to_its_successor_and_without_one_are_passed_over(cast):
    old, lonely = cast.make_unit(code="cu"), cast.make_unit(code="le")
    nobody = {"officer": None, "coordinating": []}
    begin(cast, unit=old, **nobody)
    begin(cast, unit=lonely, **nobody)
    units.end(old, stamp=Stamp(on=date(2026, 3, 5)), successor=cast.commune)
    units.end(lonely, stamp=Stamp(on=date(2026, 3, 5)))

    made = run(date(2026, 3, 9))

    (task,) = db.session.scalars(select(Task))
    assert (made.given, made.skipped) == (1, 1)
    assert task.unit is cast.commune
    assert sorted(str(row[2]) for row in turns()) == ["None", "no_unit"]


def test_a_turn_is_given_without_units_and_people_that_are_gone(cast):
    begin(cast, coordinating=[cast.coordinating, cast.commune])
    units.end(cast.coordinating, stamp=Stamp(on=date(2026, 3, 5)))
    people.end_role(cast.officer, unit=cast.lead, role=Role.OFFICER, stamp=Stamp(on=date(2026, 3, 5)))
    for person in (cast.tracker, cast.chairman):
        people.correct(person, stamp=Stamp(on=date(2026, 3, 5)), active=False)

    run(date(2026, 3, 9))

    (task,) = db.session.scalars(select(Task))
    assert [each.unit for each in task.coordinations] == [cast.commune]
    assert (task.officer, task.tracker, task.leader) == (None, None, None)


def test_one_series_that_cannot_be_read_does_not_hold_up_the_others(cast):
    broken = begin(cast)
    begin(cast)
    broken.rule = "monthly 99"
    db.session.commit()

    made = run(date(2026, 3, 9))

    assert (made.given, made.failed) == (1, [broken.key])


def test_b4_counts_each_turn_once_for_the_issuer(cast):
    begin(cast)
    for day in (date(2026, 3, 9), date(2026, 4, 9)):
        run(day)

    on = date(2026, 4, 10)
    of_city = b4.table(b4.Question(cast.city, date(2026, 1, 1), on, on)).total
    of_lead = b4.table(b4.Question(cast.lead, date(2026, 1, 1), on, on))

    assert (of_city.all, of_city.number_of("not_started_overdue")) == (2, 1)
    assert list(of_lead.rows) == []


def test_the_mail_of_a_morning_after_days_off_tells_of_what_it_gives_itself(session, cast, on_day):
    begin(cast, officer=None)
    on_day(date(2026, 3, 10), "07:00")

    jobs.run_job("reminders")

    (rung,) = session.scalars(select(Reminder.rung).where(Reminder.user_id == cast.head.id))
    text = session.scalars(select(OutgoingMail.text).where(OutgoingMail.user_id == cast.head.id)).one()
    assert rung.startswith("given:")
    assert "Báo cáo kết quả" in text


def test_the_job_says_what_it_did_and_stops_when_it_is_asked_to(cast, on_day):
    begin(cast)
    on_day(date(2026, 3, 9), TEN_PAST)

    with pytest.raises(jobs.JobTroubled, match="Dừng giữa chừng"):
        jobs.run_job("series", stop=lambda: True)

    assert jobs.run_job("series") == "Giao 1 nhiệm vụ định kỳ, bỏ qua 0 kỳ đã qua."
    assert jobs.run_job("series") == "Giao 0 nhiệm vụ định kỳ, bỏ qua 0 kỳ đã qua."


def test_a_night_with_nothing_to_give_asks_the_same_however_many_series_there_are(cast):
    begin(cast)
    with statements() as of_one:
        run(GIVEN_ON)
    for _ in range(5):
        begin(cast)

    with statements() as of_six:
        run(GIVEN_ON)

    assert len(of_six) == len(of_one) <= 4


@pytest.fixture
def lived(session, cast):
    """A series that was begun, gave two turns, passed over three, was changed and ended."""
    cast.make_directive()
    begun = begin(cast, on=date(2026, 3, 20), item="2", product="Báo cáo")
    for day in (date(2026, 4, 9), date(2026, 8, 1)):
        run(day)
    stamp = Stamp(on=date(2026, 8, 2), by=cast.tracker)
    series.change(begun, stamp=stamp, reason="Đổi", coordinating=[cast.commune], until=date(2026, 12, 31),
                  pattern=Pattern.parse("weekly fri"), phrase="thứ Sáu hằng tuần", officer=None)  # fmt: skip
    series.end(begun, stamp=Stamp(on=date(2026, 8, 20), by=cast.tracker), reason="Thôi")
    session.commit()
    return begun


@pytest.mark.both_databases
def test_a_dump_loads_again_to_the_same_bytes_and_the_same_rows(app):
    with nothing_stays(app):
        cast = make_cast()
        begun = begin(cast, on=date(2026, 3, 20))
        for day in (date(2026, 4, 9), date(2026, 8, 1)):
            run(day)
        series.change(begun, stamp=Stamp(on=date(2026, 8, 2)), reason="Đổi", coordinating=[cast.commune],
                      unit=cast.commune)  # fmt: skip
        lines, stored = list(history.dump()), turns()

    with nothing_stays(app):
        history.load(lines)

        assert list(history.dump()) == lines
        assert turns() == stored
        assert check(today=date(2026, 9, 1)).differences == []
        assert run(date(2026, 8, 8)).given == 0
        assert run(date(2026, 8, 9)).given == 1


@pytest.mark.both_databases
def test_what_a_series_lived_through_has_no_difference(lived):
    assert check(today=date(2026, 9, 1)).differences == []


def found():
    return {(each.kind, each.fact) for each in check(today=date(2026, 9, 1)).differences}


def test_each_column_of_a_series_and_of_its_turns_is_compared(session, lived):
    missed = []
    facts = {
        "directive_id": "no_history", "unit_id": "unit", "officer_id": "officer", "tracker_id": "tracker",
        "leader_id": "leader",
    }  # fmt: skip
    for column in TaskSeries.__table__.columns:
        if column.name in ("id", "key"):
            continue
        value = "weekly sat" if column.name == "rule" else None
        with changed(session, TaskSeries, lived.id, column.name, value):
            if (Kind.SERIES, facts.get(column.name, column.name)) not in found():
                missed.append(column.name)
    turn = session.scalar(select(SeriesOccurrence.id).order_by(SeriesOccurrence.day.desc()).limit(1))
    for column in SeriesOccurrence.__table__.columns:
        if column.name in ("id", "series_id", "task_id"):
            continue
        with changed(session, SeriesOccurrence, turn, column.name):
            if (Kind.TURN, "missing" if column.name == "day" else column.name) not in found():
                missed.append(column.name)

    assert missed == []
    assert found() == set()


def test_rows_of_a_series_that_are_gone_are_named(session, lived):
    savepoint = session.begin_nested()
    given = session.scalar(select(SeriesOccurrence).where(SeriesOccurrence.number == 1))
    session.delete(given)
    session.flush()
    without_turn = found()
    savepoint.rollback()
    savepoint = session.begin_nested()
    for model in (SeriesCoordination, SeriesOccurrence, TaskSeries):
        for row in session.scalars(select(model)):
            session.delete(row)
        session.flush()
    without_row = found()
    savepoint.rollback()

    assert {(Kind.TASK, "series"), (Kind.TASK, "occurrence"), (Kind.SERIES, "given")} <= without_turn
    assert (Kind.SERIES, "no_series") in without_row
    assert found() == set()


def test_the_history_of_a_turn_says_its_moment_in_vietnam(cast):
    begin(cast)
    run(date(2026, 3, 9))

    line = json.loads(list(history.dump())[-1])

    assert (line["on"], line["at"]) == ("2026-03-09", "2026-03-09T00:10:00+07:00")
    assert datetime.fromisoformat(line["at"]).astimezone(clock.VIETNAM).date() == date(2026, 3, 9)

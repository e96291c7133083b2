"""The monthly overdue report: its numbers against a naive recount, whatever happens later."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy import select, update

from tests.conftest import nothing_stays
from tests.counting import statements
from tests.histories import ASSIGNERS, RUNNING, Replay, cell_at, histories, recount
from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives, history, people, progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries.reports import assigners_with_a_report, overdue_month, readers_of
from tracker.rules.overdue_report import (
    Balance,
    Extension,
    OverdueReport,
    Reason,
    checksum,
    differences,
    from_data,
    month_ends,
    to_data,
)
from tracker.rules.status import State

LAST = date(2026, 3, 31)
"""The cut-off day of most tests; the cast is given its tasks on the second of that month."""
BEFORE = date(2026, 2, 28)
FEBRUARY = date(2026, 2, 2)

EXAMPLES = os.environ.get("TRACKER_HISTORIES")
many = settings(
    max_examples=int(EXAMPLES or 6),
    phases=tuple(Phase) if EXAMPLES else (Phase.explicit, Phase.reuse, Phase.generate),
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large
    ],
)


def report_of(cast, last=LAST, *, repeat_months=3) -> OverdueReport:
    return overdue_month(cast.city, last, repeat_months=repeat_months)


# Against a naive recount


def load(lines):
    history.load(json.dumps(line, ensure_ascii=False) for line in lines)


def month_ends_of(lines):
    """Return the ends of the months over which a history runs, and of one after it."""
    first, last = (date.fromisoformat(lines[at]["on"]) for at in (0, -1))
    ends = month_ends((last + timedelta(days=32)).replace(day=1) - timedelta(days=1))
    return [end for end in ends if end >= first]


def naive_overdue(lines, assigner, on):
    """Return by task its unit, of those that are overdue at the end of a day."""
    counted = recount(lines, first=date(on.year, 1, 1), on=on)[assigner]
    return {key: unit for key, (unit, cell) in counted.items() if cell.endswith("_overdue")}


def naive_month(lines, assigner, on):
    """Return open, overdue, fallen due in the month of `on`, and reported by their deadline."""
    replay, day = Replay(), on.isoformat()
    for line in lines:
        if line["on"] <= day:
            replay.take(line)
    given = [
        task for task in replay.tasks.values()
        if task.assigner == assigner and task.state not in ("draft", "cancelled")
    ]  # fmt: skip
    due = [task for task in given if task.due and task.due[:7] == day[:7]]
    kept = [task for task in due if task.state not in RUNNING and task.reported <= task.due]
    open_now = [task for task in given if task.state != "completed"]
    late = [task for task in given if cell_at(task, day).endswith("_overdue")]
    return len(open_now), len(late), len(due), len(kept)


@pytest.mark.both_databases
@given(lines=histories())
@many
def test_the_numbers_of_every_month_end_are_a_naive_recount(app, lines):
    with nothing_stays(app) as session:
        load(lines)
        units = {unit.code: unit for unit in session.scalars(select(Unit))}
        codes = {unit.id: code for code, unit in units.items()}
        keys = {task.id: task.key for task in session.scalars(select(Task))}

        for last in month_ends_of(lines):
            for assigner in ASSIGNERS:
                report = overdue_month(units[assigner], last, repeat_months=2)

                overdue = naive_overdue(lines, assigner, last)
                before = naive_overdue(lines, assigner, report.before.on)
                assert {keys[task.task_id]: codes[task.unit_id] for task in report.overdue} == overdue
                new = {keys[task.task_id] for task in report.overdue if task.is_new}
                assert new == overdue.keys() - before.keys()
                gone = len(before.keys() - overdue.keys())
                assert report.balance == Balance(len(before), gone, 0, len(new))
                assert report.balance.now == len(overdue)
                month = report.month
                numbers = (month.open, month.overdue, month.fallen_due, month.on_time)
                assert numbers == naive_month(lines, assigner, last)
                again = set(overdue.values()) & set(before.values())
                assert {repeat.unit.code for repeat in report.repeats} == again
                for row in report.rows:
                    part = report.part({row.unit_id})
                    assert part.balance.now == len(part.overdue) == Counter(overdue.values())[row.code]
                    assert part.balance.before == Counter(before.values())[row.code]


@pytest.mark.both_databases
@given(lines=histories(most_events=40))
@many
def test_what_happens_later_changes_nothing_of_a_month(app, lines):
    last = month_ends_of(lines)[0]

    def reports(some):
        with nothing_stays(app) as session:
            load(some)
            names = {task.id: task.key for task in session.scalars(select(Task))}
            units = {unit.id: unit.code for unit in session.scalars(select(Unit))}
            found = session.scalars(select(Unit).where(Unit.code.in_(ASSIGNERS)).order_by(Unit.id))
            made = [to_data(overdue_month(unit, last, repeat_months=3)) for unit in found]
            return [named(each, names, units) for each in made]

    then = reports([line for line in lines if line["on"] <= last.isoformat()])

    assert reports(lines) == then


def named(data, tasks_by_id, units_by_id):
    """Return a report with the names of tasks and units in place of their ids."""
    if isinstance(data, dict):
        named_here = {"task_id": tasks_by_id, "unit_id": units_by_id, "before_unit_id": units_by_id}
        return {
            key: named_here[key].get(value) if key in named_here else named(value, tasks_by_id, units_by_id)
            for key, value in data.items()
        }
    if isinstance(data, list):
        return [named(each, tasks_by_id, units_by_id) for each in data]
    return data


# The boundary of the month


@pytest.mark.parametrize(
    ("due_on", "overdue"), [(date(2026, 3, 30), True), (LAST, False), (date(2026, 4, 1), False)]
)
def test_due_on_the_last_day_of_the_month_is_not_overdue(cast, due_on, overdue):
    cast.make_task(due_on=due_on)

    report = report_of(cast)

    assert bool(report.overdue) is overdue
    assert [task.days for task in report.overdue] == ([1] if overdue else [])
    assert report.month.overdue == overdue


@pytest.mark.parametrize(
    ("reported_on", "overdue"), [(date(2026, 3, 30), 0), (LAST, 0), (date(2026, 4, 1), 1)]
)
def test_reported_on_the_last_day_it_is_overdue_no_more(cast, reported_on, overdue):
    due_on = date(2026, 3, 20)
    cast.make_task(state=State.AWAITING_CONFIRMATION, due_on=due_on, reported_on=reported_on)

    report = report_of(cast)

    assert len(report.overdue) == report.month.overdue == overdue


def test_confirmed_in_the_next_month_it_was_kept_in_its_own(cast):
    cast.make_task(state=State.COMPLETED, due_on=date(2026, 3, 30), closed_on=date(2026, 4, 9))

    report = report_of(cast)

    assert report.total.cells == (0, 0, 0, 0, 1, 0, 0)
    assert (report.month.fallen_due, report.month.on_time) == (1, 1)


def test_a_deadline_of_the_last_day_that_was_not_kept_lowers_the_rate_of_its_month(cast):
    cast.make_task(due_on=LAST)
    cast.make_task(state=State.AWAITING_CONFIRMATION, due_on=LAST, reported_on=LAST)

    month = report_of(cast).month

    assert (month.fallen_due, month.on_time, month.overdue) == (2, 1, 0)


def test_b4_is_that_from_january_to_the_cut_off_day(cast):
    cast.make_task(state=State.COMPLETED, given_on=FEBRUARY, due_on=date(2026, 2, 20))
    cast.make_task(state=State.CANCELLED)
    cast.make_task(given_on=date(2026, 4, 1), due_on=date(2026, 4, 20))
    cast.make_task(due_on=None)

    report = report_of(cast)

    assert (report.counted_from, report.first, report.last) == (date(2026, 1, 1), date(2026, 3, 1), LAST)
    assert report.total.cells == (1, 0, 0, 0, 0, 1, 0)
    assert report.total.without_deadline == 1


# Newly overdue, gone, repeating


def test_the_balance_leads_from_the_month_before_to_this_one(cast):
    cast.make_task(given_on=FEBRUARY, due_on=date(2026, 2, 27))
    cast.make_task(
        state=State.AWAITING_CONFIRMATION, given_on=FEBRUARY, due_on=date(2026, 2, 20),
        reported_on=date(2026, 3, 5),
    )  # fmt: skip
    cast.make_task(given_on=FEBRUARY, due_on=BEFORE)

    report = report_of(cast)

    assert report.balance == Balance(before=2, gone=1, moved_in=0, new=1)
    assert [task.is_new for task in report.overdue] == [False, True]


def test_an_overdue_task_that_moves_leaves_one_part_and_comes_into_the_other(cast):
    task = cast.make_task(given_on=FEBRUARY, due_on=date(2026, 2, 20))
    tasks.transfer(task, stamp=Stamp(on=date(2026, 3, 9)), unit=cast.coordinating)

    report = report_of(cast)

    assert report.balance == Balance(before=1, gone=0, moved_in=0, new=0)
    assert report.part({cast.lead.id}).balance == Balance(before=1, gone=1, moved_in=0, new=0)
    assert report.part({cast.coordinating.id}).balance == Balance(before=0, gone=0, moved_in=1, new=0)


@pytest.mark.parametrize(("months", "repeats"), [(2, True), (3, True), (4, False)])
def test_a_unit_repeats_that_was_late_at_the_end_of_each_of_so_many_months(cast, months, repeats):
    cast.make_task(given_on=date(2026, 1, 5), due_on=date(2026, 1, 30))
    cast.make_task(unit=cast.commune, given_on=FEBRUARY, due_on=date(2026, 3, 13))

    report = report_of(cast, repeat_months=months)

    assert [repeat.unit.name for repeat in report.repeats] == (["Phòng Nội vụ"] if repeats else [])
    if repeats:
        assert report.repeats[0].overdue == (1,) * months


# What was known by then


def test_a_task_tells_the_last_reason_of_each_sort_known_by_the_cut_off_day(cast):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    told = [(5, "Thiếu kinh phí"), (12, "Chờ ý kiến Sở"), (40, "Đã có ý kiến")]
    for days, text in told:
        on = date(2026, 3, 2) + timedelta(days=days)
        progress.update(task, stamp=Stamp(on=on), text="Đang làm", difficulties=text)
    requests.ask_extension(task, stamp=Stamp(on=date(2026, 3, 18)), until=date(2026, 4, 9), reason="Việc khó")
    progress.report(task, stamp=Stamp(on=date(2026, 4, 12)), result="1/BC", explanation="Đã giải trình")

    (line,) = report_of(cast).overdue

    assert line.reasons == (
        Reason("extension", date(2026, 3, 18), "Việc khó"),
        Reason("difficulties", date(2026, 3, 14), "Chờ ý kiến Sở"),
    )


def test_an_extension_stands_as_on_the_cut_off_day_and_both_deadlines_are_told(cast):
    task = cast.make_task(state=State.IN_PROGRESS, given_on=FEBRUARY, due_on=date(2026, 2, 20))
    stamp = Stamp(on=date(2026, 2, 16))
    requests.ask_extension(task, stamp=stamp, until=date(2026, 3, 10), reason="Việc khó")
    requests.grant_extension(task, stamp=Stamp(on=date(2026, 2, 18)))

    (line,) = report_of(cast).overdue

    assert (line.original_due_on, line.due_on, line.days) == (date(2026, 2, 20), date(2026, 3, 10), 21)
    assert line.extensions == (
        Extension(stamp.on, date(2026, 3, 10), "granted", date(2026, 2, 18), date(2026, 3, 10)),
    )


def test_a_decision_after_the_cut_off_day_is_not_known_yet(cast):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    requests.ask_extension(task, stamp=Stamp(on=date(2026, 3, 20)), until=date(2026, 4, 9), reason="Khó")
    requests.grant_extension(task, stamp=Stamp(on=date(2026, 4, 1)))

    (line,) = report_of(cast).overdue

    assert line.extensions == (Extension(date(2026, 3, 20), date(2026, 4, 9), "pending"),)
    assert line.due_on == date(2026, 3, 20)


def test_what_was_corrected_later_is_told_as_it_stood(cast):
    task = cast.make_task(content="Báo cáo quý I", item="2")
    directive, number = task.directive, task.directive.number
    tasks.edit(task, stamp=Stamp(on=date(2026, 3, 9)), content="Báo cáo quý I năm 2026")
    tasks.edit(task, stamp=Stamp(on=date(2026, 4, 1)), content="Báo cáo 6 tháng", item="3")
    tasks.edit(task, stamp=Stamp(on=date(2026, 4, 2)), content="Báo cáo năm")
    directives.correct(
        directive, stamp=Stamp(on=date(2026, 4, 3)), number="9/UBND", issued_on=date(2026, 3, 1)
    )

    (line,) = report_of(cast).overdue

    assert (line.content, line.item) == ("Báo cáo quý I năm 2026", "2")
    assert (line.directive_number, line.directive_issued_on) == (number, date(2026, 3, 2))


def remind(cast, task, rung, told_on, *, state=MailState.SENT, user=None, ended_on=None):
    moment = datetime.combine(ended_on or told_on, datetime.min.time(), UTC)
    user = user or cast.head
    mail = OutgoingMail(
        key=f"{rung}:{told_on}:{user.id}", kind="digest", user_id=user.id, address="a@b.example",
        subject="x", text="x", html="x", message_id=f"<{rung}{told_on}{user.id}>", state=state,
        queued_at=moment, ended_at=moment,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    db.session.add(
        Reminder(task_id=task.id, rung=rung, due_on=task.due_on, user_id=user.id, told_on=told_on,
                 mail_id=mail.id)
    )  # fmt: skip
    db.session.flush()


def test_reminders_are_the_days_on_which_mails_of_the_ladder_were_sent(cast):
    task = cast.make_task(due_on=date(2026, 3, 20))
    remind(cast, task, "before-1", date(2026, 3, 19))
    remind(cast, task, "late-1", date(2026, 3, 23))
    remind(cast, task, "late-1", date(2026, 3, 23), user=cast.tracker)
    remind(cast, task, "given:7", date(2026, 3, 3))
    remind(cast, task, "late-w5", date(2026, 3, 27), state=MailState.FAILED)
    remind(cast, task, "late-w6", date(2026, 3, 30), ended_on=date(2026, 4, 1))
    remind(cast, task, "late-w10", date(2026, 4, 3))
    remind(cast, task, "urge:9", date(2026, 3, 25))

    (line,) = report_of(cast).overdue

    assert line.reminded_on == (date(2026, 3, 19), date(2026, 3, 23))
    assert line.urged_on == (date(2026, 3, 25),)


# Frozen and compared


def test_what_is_frozen_comes_back_and_has_one_checksum(cast):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    requests.ask_extension(task, stamp=Stamp(on=date(2026, 3, 20)), until=date(2026, 4, 9), reason="Khó")
    remind(cast, task, "late-1", date(2026, 3, 23))
    report = report_of(cast)

    frozen = json.loads(json.dumps(to_data(report)))

    assert from_data(frozen) == report
    assert checksum(dict(reversed(frozen.items()))) == checksum(to_data(report))
    assert checksum(frozen | {"repeat_months": 4}) != checksum(frozen)


def test_differences_name_cells_and_tasks(cast):
    cast.make_task(due_on=date(2026, 3, 20))
    first = report_of(cast)
    task = cast.make_task(unit=cast.commune, due_on=date(2026, 3, 27))
    db.session.execute(update(Task).values(original_due_on=date(2026, 3, 19)))

    found = differences(first, report_of(cast))

    assert [each.task_id for each in found.added] == [task.id]
    assert [each.original_due_on for each in found.changed] == [date(2026, 3, 19)]
    assert found.cells == (("UBND xã Phú An", 1, 0, 1), ("UBND xã Phú An", 7, 0, 1))
    assert not differences(first, first)


# Who gets one, and how much it asks of the database


def test_an_assigner_has_a_report_when_it_is_led_and_its_b4_is_not_empty(cast):
    led, unled, idle = (cast.make_unit(name=name) for name in ("Có lãnh đạo", "Không ai", "Không giao"))
    for unit in (led, idle):
        cast.make_person(unit=unit, role=Role.LEADER)
    for issuer in (led, unled):
        cast.make_task(directive=cast.make_directive(issuer=issuer), unit=cast.commune)

    found = assigners_with_a_report(LAST, today=date(2026, 4, 1))

    assert [unit.name for unit in found] == ["Có lãnh đạo"]
    assert assigners_with_a_report(BEFORE, today=date(2026, 4, 1)) == []


def test_leaders_and_office_get_the_whole_and_heads_their_part(cast):
    of_two = cast.make_person(unit=cast.lead, role=Role.UNIT_HEAD)
    people.give_role(of_two, stamp=Stamp(on=date(2026, 1, 1)), unit=cast.commune, role=Role.UNIT_HEAD)
    room = cast.make_unit()
    chief = cast.make_person(unit=room, role=Role.LEADER)

    found = readers_of(cast.city.id, [cast.lead.id, cast.commune.id, room.id], today=date(2026, 4, 1))

    assert {reader.id: reader.unit_ids for reader in found} == {
        cast.chairman.id: None, cast.tracker.id: None, cast.head.id: {cast.lead.id},
        cast.outsider.id: {cast.commune.id}, of_two.id: {cast.lead.id, cast.commune.id},
        chief.id: {room.id},
    }  # fmt: skip


def test_the_number_of_statements_does_not_grow_with_the_tasks(cast):
    def asked():
        db.session.expire_all()
        with statements() as seen:
            report_of(cast)
        return len(seen)

    cast.make_task()
    one = asked()
    for _ in range(5):
        cast.make_task(unit=cast.make_unit())

    assert asked() == one
    assert one <= 16

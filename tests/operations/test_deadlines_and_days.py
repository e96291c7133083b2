"""The boundaries: the day before the deadline, the day, the day after; midnight in Vietnam."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories import DUE_ON, GIVEN_ON
from tracker import clock
from tracker.models import FAR_FUTURE
from tracker.models.task import RequestState
from tracker.operations import calendar, progress, requests, tasks, units
from tracker.operations.recording import Stamp
from tracker.rules.settings import BadSetting
from tracker.rules.status import Cell, State, status_of
from tracker.rules.workflow import (
    AlreadyPending,
    Incomplete,
    LimitReached,
    NothingPending,
    TooLate,
    UnitEnded,
)

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("on", "cell"),
    [
        (DUE_ON - DAY, Cell.COMPLETED_ON_TIME),
        (DUE_ON, Cell.COMPLETED_ON_TIME),
        (DUE_ON + DAY, Cell.COMPLETED_LATE),
    ],
)
def test_the_day_of_the_report_decides_and_not_that_of_the_confirmation(make_task, on, cell):
    task = make_task(state=State.COMPLETED, reported_on=on, closed_on=DUE_ON + 30 * DAY)

    assert status_of(task, day=date(2026, 12, 31)) is cell


def test_a_late_report_needs_an_explanation(make_task):
    task = make_task(state=State.IN_PROGRESS)

    with pytest.raises(Incomplete):
        progress.report(task, stamp=Stamp(on=DUE_ON + DAY), result="12/BC", explanation="  ")

    assert (task.state, task.reported_on) == (State.IN_PROGRESS, None)
    progress.report(task, stamp=Stamp(on=DUE_ON + DAY), explanation="Chờ số liệu của sở")
    assert (task.state, task.reported_on) == (State.AWAITING_CONFIRMATION, DUE_ON + DAY)


def test_a_report_on_the_day_it_is_due_needs_none(make_task):
    task = make_task(state=State.IN_PROGRESS)

    progress.report(task, stamp=Stamp(on=DUE_ON))

    assert task.reported_on == DUE_ON


@pytest.mark.parametrize(
    ("moment", "day", "late"),
    [
        (datetime(2026, 3, 20, 16, 59, tzinfo=UTC), date(2026, 3, 20), False),
        (datetime(2026, 3, 20, 17, 0, tzinfo=UTC), date(2026, 3, 21), True),
    ],
)
def test_a_day_ends_at_midnight_in_vietnam(make_task, moment, day, late):
    task = make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    with clock.standing_at(moment):
        stamp = Stamp(on=clock.today(), at=clock.now())

    progress.report(task, stamp=stamp, explanation="Chậm" if late else None)

    assert task.reported_on == day
    assert (status_of(task, day=day), task.reported_on > task.due_on) == (Cell.AWAITING_CONFIRMATION, late)


def test_an_extension_is_asked_on_the_deadline_at_the_latest(make_task):
    task, late = make_task(), make_task()

    requests.ask_extension(task, stamp=Stamp(on=DUE_ON), until=DUE_ON + 5 * DAY, reason="Chờ ý kiến")
    with pytest.raises(TooLate):
        requests.ask_extension(late, stamp=Stamp(on=DUE_ON + DAY), until=DUE_ON + 5 * DAY, reason="Chờ")

    assert [request.until for request in task.requests] == [DUE_ON + 5 * DAY]
    assert late.requests == []


@pytest.mark.parametrize(("asked", "refused"), [(DUE_ON - 3 * DAY, False), (DUE_ON - 2 * DAY, True)])
def test_the_office_may_want_to_be_asked_some_days_earlier(make_task, asked, refused):
    task = make_task()
    calendar.change_setting("extension_notice_days", 3, stamp=Stamp(on=GIVEN_ON))

    if refused:
        with pytest.raises(TooLate):
            requests.ask_extension(task, stamp=Stamp(on=asked), until=DUE_ON + DAY, reason="Chờ")
    else:
        requests.ask_extension(task, stamp=Stamp(on=asked), until=DUE_ON + DAY, reason="Chờ")

    assert len(task.requests) == (not refused)


@pytest.mark.parametrize("until", [DUE_ON - DAY, DUE_ON])
def test_an_extension_is_for_a_later_day(make_task, until):
    task = make_task()

    with pytest.raises(Incomplete):
        requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=until, reason="Chờ")


def test_a_task_without_a_deadline_needs_no_extension(make_task):
    task = make_task(due_on=None)

    with pytest.raises(Incomplete):
        requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON, reason="Chờ")


def test_a_granted_extension_moves_the_deadline_and_keeps_the_original(make_task):
    task = make_task()
    requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + 5 * DAY, reason="Chờ")

    requests.grant_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + 3 * DAY, decision="9/UBND")

    assert (task.due_on, task.original_due_on) == (DUE_ON + 3 * DAY, DUE_ON)
    (request,) = task.requests
    assert (request.until, request.granted_until, request.decision) == (
        DUE_ON + 5 * DAY, DUE_ON + 3 * DAY, "9/UBND",
    )  # fmt: skip


def test_a_refused_extension_changes_no_deadline(make_task):
    task = make_task()
    requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + 5 * DAY, reason="Chờ")

    requests.refuse_extension(task, stamp=Stamp(on=DUE_ON + DAY), reason="Việc gấp")

    assert task.due_on == DUE_ON
    assert [request.state for request in task.requests] == [RequestState.REFUSED]
    assert status_of(task, day=DUE_ON + DAY) is Cell.NOT_STARTED_OVERDUE


def test_a_task_is_extended_once_unless_the_office_allows_more(make_task):
    task = make_task()
    requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + DAY, reason="Chờ")
    with pytest.raises(AlreadyPending):
        requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + DAY, reason="Chờ")
    requests.grant_extension(task, stamp=Stamp(on=GIVEN_ON))

    with pytest.raises(LimitReached):
        requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + 5 * DAY, reason="Lại chờ")
    calendar.change_setting("max_extensions", 2, stamp=Stamp(on=GIVEN_ON))
    requests.ask_extension(task, stamp=Stamp(on=GIVEN_ON), until=DUE_ON + 5 * DAY, reason="Lại chờ")
    requests.grant_extension(task, stamp=Stamp(on=GIVEN_ON))

    assert (task.due_on, task.original_due_on) == (DUE_ON + 5 * DAY, DUE_ON)


@pytest.mark.parametrize(
    "answer", [requests.grant_extension, requests.refuse_extension, requests.refuse_return]
)
def test_what_was_not_asked_is_not_answered(make_task, answer):
    task = make_task()

    with pytest.raises(NothingPending):
        answer(task, stamp=Stamp(on=GIVEN_ON))


def test_a_correction_of_the_deadline_keeps_the_original_on_record(make_task):
    task = make_task()

    tasks.set_due(task, stamp=Stamp(on=GIVEN_ON + DAY), due_on=None, reason="Không thời hạn")

    assert (task.due_on, task.original_due_on) == (None, DUE_ON)
    assert status_of(task, day=date(2027, 1, 1)) is Cell.NOT_STARTED_NOT_DUE


def test_an_odd_setting_is_refused(session):
    with pytest.raises(BadSetting):
        calendar.change_setting("max_extensions", "nhiều", stamp=Stamp(on=GIVEN_ON))


def stretches_of(task):
    return [(each.state, each.unit.code, each.valid_from, each.valid_to) for each in task.periods]


def test_each_stretch_of_days_has_one_row_and_several_events_of_a_day_leave_one(cast, make_task):
    task = make_task()
    day = GIVEN_ON + 3 * DAY

    tasks.accept(task, stamp=Stamp(on=day))
    progress.update(task, stamp=Stamp(on=day + DAY), text="Đang làm")
    progress.report(task, stamp=Stamp(on=day + 2 * DAY))
    progress.rework(task, stamp=Stamp(on=day + 2 * DAY), reason="Thiếu")
    progress.report(task, stamp=Stamp(on=day + 2 * DAY))
    progress.confirm(task, stamp=Stamp(on=day + 2 * DAY))

    assert stretches_of(task) == [
        (State.NOT_STARTED, "noi-vu", GIVEN_ON, day),
        (State.IN_PROGRESS, "noi-vu", day, day + 2 * DAY),
        (State.COMPLETED, "noi-vu", day + 2 * DAY, FAR_FUTURE),
    ]


def test_a_task_given_and_accepted_on_one_day_has_one_stretch(make_task):
    task = make_task(state=State.IN_PROGRESS)

    assert stretches_of(task) == [(State.IN_PROGRESS, "noi-vu", GIVEN_ON, FAR_FUTURE)]


def test_a_draft_has_no_stretch_until_it_is_given(make_task):
    task = make_task(state=State.DRAFT)
    assert stretches_of(task) == []

    tasks.give_draft(task, stamp=Stamp(on=GIVEN_ON + DAY))

    assert stretches_of(task) == [(State.NOT_STARTED, "noi-vu", GIVEN_ON + DAY, FAR_FUTURE)]
    assert task.given_on == GIVEN_ON + DAY


def test_what_an_ended_unit_has_not_completed_goes_to_its_successor(cast, make_task):
    states = (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION)
    open_tasks = [make_task(state=state, reported_on=GIVEN_ON) for state in states]
    closed = [make_task(state=state, reported_on=GIVEN_ON) for state in (State.COMPLETED, State.CANCELLED)]
    end = GIVEN_ON + 5 * DAY
    successor = cast.make_unit(name="Phòng Nội vụ mới", on=end)

    moved = units.end(cast.lead, stamp=Stamp(on=end), successor=successor)

    assert moved == 3
    assert [(task.state, task.unit) for task in open_tasks] == [(state, successor) for state in states]
    assert [task.unit for task in closed] == [cast.lead, cast.lead]
    for task in open_tasks:
        assert [each.unit.code for each in task.periods] == ["noi-vu", successor.code]
        assert task.periods[0].valid_to == task.periods[1].valid_from == end


def test_a_unit_gets_no_task_on_its_first_day_without_existence_nor_before_its_first(cast, make_task):
    units.end(cast.commune, stamp=Stamp(on=GIVEN_ON))
    coming = cast.make_unit(on=GIVEN_ON + DAY)

    with pytest.raises(UnitEnded):
        make_task(unit=cast.commune, given_on=GIVEN_ON)
    with pytest.raises(UnitEnded):
        make_task(unit=coming, given_on=GIVEN_ON)

    assert make_task(unit=coming, given_on=GIVEN_ON + DAY).unit is coming

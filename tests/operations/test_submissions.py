"""One submission is one entry, nobody overwrites what they have not read, and what fails leaves nothing."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event, func, select

from tests.factories import GIVEN_ON
from tracker.models import db
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.operations import progress, tasks, units
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.rules.status import State
from tracker.rules.workflow import NotAllowed, UnitEnded

pytestmark = pytest.mark.both_databases

ON = date(2026, 3, 10)


def number_of(session, model, *conditions):
    return session.scalar(select(func.count()).select_from(model).where(*conditions))


def test_a_double_click_makes_one_entry(session, cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    stamp = Stamp(on=ON, by=cast.officer, at=datetime(2026, 3, 10, 2, 0, tzinfo=UTC), token="lần-1")
    progress.update(task, stamp=stamp, text="Đã làm một nửa")

    with pytest.raises(AlreadyDone):
        progress.update(task, stamp=stamp, text="Đã làm một nửa")

    assert number_of(session, History, History.do == "progress") == 1


def test_a_double_click_on_a_step_that_changed_the_state_says_that_it_is_done(cast, make_task):
    task = make_task()
    stamp = Stamp(on=ON, by=cast.head, token="nhận-1")
    tasks.accept(task, stamp=stamp)

    with pytest.raises(AlreadyDone):
        tasks.accept(task, stamp=stamp)

    assert task.state is State.IN_PROGRESS


def test_a_group_given_twice_by_a_double_click_is_given_once(session, cast):
    directive = cast.make_directive()
    orders = [tasks.Order(unit=unit, content="Rà soát", due_on=None) for unit in (cast.lead, cast.commune)]
    stamp = Stamp(on=ON, by=cast.tracker, token="giao-1")
    tasks.give(directive, orders, stamp=stamp)

    with pytest.raises(AlreadyDone):
        tasks.give(directive, orders, stamp=stamp)

    assert number_of(session, Task) == 2
    assert number_of(session, History, History.do == "give") == 2


def test_who_saw_an_older_version_is_told_so_and_changes_nothing(cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    seen = task.version
    progress.update(task, stamp=Stamp(on=ON, by=cast.officer, seen=seen), text="Người thứ nhất")

    with pytest.raises(ChangedMeanwhile):
        progress.update(task, stamp=Stamp(on=ON, by=cast.head, seen=seen), text="Người thứ hai")

    assert task.last_word == "Người thứ nhất"
    assert task.version == seen + 1


def test_who_saw_the_present_version_goes_ahead(cast, make_task):
    task = make_task()

    tasks.accept(task, stamp=Stamp(on=ON, by=cast.head, seen=task.version))

    assert task.state is State.IN_PROGRESS


def test_who_may_not_do_it_hears_that_first_whatever_they_saw(cast, make_task):
    task = make_task()

    with pytest.raises(NotAllowed):
        tasks.accept(task, stamp=Stamp(on=ON, by=cast.outsider, seen=0))


def test_when_one_order_of_a_group_cannot_be_given_none_is(session, cast):
    directive = cast.make_directive()
    units.end(cast.commune, stamp=Stamp(on=GIVEN_ON))
    before = number_of(session, History)
    orders = [tasks.Order(unit=unit, content="Rà soát", due_on=None) for unit in (cast.lead, cast.commune)]

    with pytest.raises(UnitEnded):
        tasks.give(directive, orders, stamp=Stamp(on=ON, by=cast.tracker))

    assert (number_of(session, Task), number_of(session, TaskPeriod)) == (0, 0)
    assert number_of(session, History) == before


@pytest.mark.parametrize("table", ["task_period", "history"])
def test_when_the_database_fails_in_the_middle_nothing_is_stored(session, make_task, table):
    task = make_task(state=State.IN_PROGRESS)
    entries = number_of(session, History)

    def fail(connection, cursor, statement, *rest):
        if statement.startswith(f"INSERT INTO {table}"):
            raise OSError("disk full")

    engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        with pytest.raises(OSError, match="disk full"):
            progress.report(task, stamp=Stamp(on=ON), result="12/BC")
    finally:
        event.remove(engine, "before_cursor_execute", fail)

    session.expire_all()
    assert (task.state, task.reported_on) == (State.IN_PROGRESS, None)
    assert [each.state for each in task.periods] == [State.IN_PROGRESS]
    assert number_of(session, History) == entries


def test_an_operation_leaves_one_row_that_tells_who_when_and_what_changed(session, cast, make_task):
    task = make_task()
    moment = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)

    tasks.accept(task, stamp=Stamp(on=ON, by=cast.head, at=moment), officer=cast.officer)

    row = session.scalars(select(History).order_by(History.id.desc()).limit(1)).one()
    assert (row.do, row.by, row.on_day, row.at) == ("accept", cast.head, ON, moment)
    assert (row.from_state, row.to_state, row.task) == (State.NOT_STARTED, State.IN_PROGRESS, task)
    assert row.payload == {"task": task.key, "officer": "ha"}


def test_a_text_is_kept_in_one_normal_form(cast, make_task):
    task = make_task(state=State.IN_PROGRESS)
    decomposed = "Đề án"

    progress.update(task, stamp=Stamp(on=ON), text=decomposed)

    assert task.last_word == "Đề án"

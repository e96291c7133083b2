"""The self-check at size: it finds one changed row among 25,000 tasks, and is right while others write."""

import threading
from contextlib import ExitStack
from copy import deepcopy
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from tests.changes import COMPARED, OF_PERIOD, OF_REQUEST, changed
from tests.chaos.installation import CITY, FIRST_DAY, LAST_DAY
from tracker.models import db
from tracker.models.people import User
from tracker.models.report import Report
from tracker.models.series import SeriesOccurrence, TaskSeries
from tracker.models.task import Request, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.operations import freezing, progress, recounting, tasks
from tracker.operations.recording import Stamp
from tracker.queries.b4 import Question
from tracker.rules.b4_report import OF_TASK
from tracker.rules.difference import Kind
from tracker.rules.status import CELLS, State
from tracker.rules.workflow import DomainError

TODAY = date(2026, 10, 20)
COLUMNS = [
    *((TaskPeriod, name, None) for name in OF_PERIOD),
    *((Task, name, fact) for name, fact in COMPARED.items()),
    *((Request, name, fact) for name, fact in OF_REQUEST.items()),
    *((TaskSeries, name, name) for name in ("content", "phrase", "rule", "last_day", "given", "version")),
    *((SeriesOccurrence, name, name) for name in ("due_on", "made_on")),
]
"""Columns that the check compares, and the fact that it names; None: any."""

pytestmark = pytest.mark.both_databases


def differences():
    return recounting.check_now(today=LAST_DAY).differences


def some_row(chance, model):
    """Return the id of a random row."""
    number = chance.randrange(db.session.scalar(select(func.count()).select_from(model)))
    return db.session.scalar(select(model.id).order_by(model.id).offset(number).limit(1))


def owner_of(model, row_id):
    """Return id and key of that by which the check names a row: its task, or its series."""
    of_series = {TaskSeries: TaskSeries.id, SeriesOccurrence: SeriesOccurrence.series_id}
    of_task = {Task: Task.id, TaskPeriod: TaskPeriod.task_id, Request: Request.task_id}
    thing = TaskSeries if model in of_series else Task
    owner = select((of_series | of_task)[model]).where(model.id == row_id)
    return db.session.execute(select(thing.id, thing.key).where(thing.id == owner.scalar_subquery())).one()


def some_change(stack, chance, model, name, *, without=()):
    """Change a column of a random row until the stack ends; return id and key of its task or series.

    Rows of the tasks in `without` are left alone, and those of which the table takes no other value.
    """
    while True:
        row_id = some_row(chance, model)
        # A task whose own key is changed is named by the key that the history gives it.
        owner = owner_of(model, row_id)
        if owner.id in without:
            continue
        try:
            stack.enter_context(changed(db.session, model, row_id, name))
        except IntegrityError:
            continue
        return owner


def test_one_changed_row_among_all_is_found_and_named(filled_app, chance, size, note):
    chosen, missed = chance.sample(COLUMNS, size.pick(2, 8)), []

    for model, name, fact in chosen:
        with ExitStack() as stack:
            owner = some_change(stack, chance, model, name)
            found = differences()
        if not any(each.key == owner.key and each.fact == (fact or each.fact) for each in found):
            missed.append((model.__name__, name, owner, found))

    assert missed == []
    assert differences() == []
    note(columns=len(chosen))


def test_each_column_changed_in_a_task_of_its_own_is_found_and_named(filled_app, chance, note):
    tasks_changed, changes = set(), []
    with ExitStack() as stack:
        for model, name, fact in COLUMNS:
            is_of_task = model not in (TaskSeries, SeriesOccurrence)
            without = tasks_changed if is_of_task else ()
            owner = some_change(stack, chance, model, name, without=without)
            tasks_changed |= {owner.id} if is_of_task else set()
            changes.append((model.__name__, name, owner.key, fact))
        found = differences()
    keys, facts = {each.key for each in found}, {(each.key, each.fact) for each in found}

    assert [each for each in changes if each[2] not in keys or (each[3] and each[2:] not in facts)] == []
    assert differences() == []
    note(columns=len(changes))


def test_one_stretch_that_is_gone_or_there_twice_among_all_is_found(filled_app, chance):
    period_id = some_row(chance, TaskPeriod)
    table = TaskPeriod.__table__
    row = dict(db.session.execute(select(table).where(table.c.id == period_id)).mappings().one())
    key = db.session.scalar(select(Task.key).where(Task.id == row["task_id"]))

    db.session.execute(delete(table).where(table.c.id == period_id))
    db.session.commit()
    gone = {(each.kind, each.key) for each in differences()}
    db.session.execute(insert(table).values(row))
    another = row | {"id": row["id"] + 10**6, "valid_from": date(2024, 1, 1)}
    db.session.execute(insert(table).values(another))
    db.session.commit()
    twice = {(each.kind, each.key) for each in differences()}

    assert (Kind.STRETCH, key) in gone
    assert (Kind.STRETCH, key) in twice


def test_one_changed_task_of_a_frozen_report_of_all_is_found_and_named(filled_app, chance, note):
    city = db.session.scalar(select(Unit).where(Unit.code == CITY))
    leader = db.session.scalar(select(User).where(User.login == "lanhdao"))
    kept = freezing.freeze(
        Question(city, FIRST_DAY, LAST_DAY, LAST_DAY),
        stamp=Stamp(on=TODAY, at=datetime(2026, 10, 20, 2, tzinfo=UTC), by=leader),
    )
    before, row = kept.data, Report.id == kept.id
    place = chance.randrange(len(before["tasks"]))
    after = deepcopy(before)
    changed = after["tasks"][place]
    column = OF_TASK.index("cell")
    changed[column] = chance.choice([cell.value for cell in CELLS if cell != changed[column]])
    key, number = changed[0], len(before["tasks"])

    sound = differences()
    db.session.execute(update(Report).where(row).values(data=after))
    db.session.commit()
    damaged = differences()

    assert sound == []
    assert {(each.kind, each.fact) for each in damaged} >= {(Kind.REPORT, "sha256"), (Kind.REPORT, "cell")}
    assert [each.place for each in damaged if each.fact == "cell" and key in each.place]
    note(tasks=number)


def test_a_check_raises_no_false_alarm_while_others_write(filled_app, chance, size, note):
    done, written, broken = threading.Event(), [], []

    def write():
        with filled_app.app_context():
            try:
                ids = db.session.scalars(select(Task.id).where(Task.state != State.CANCELLED)).all()
                while not done.is_set():
                    task = db.session.get(Task, chance.choice(ids))
                    stamp = Stamp(on=TODAY)
                    try:
                        match task.state:
                            case State.NOT_STARTED:
                                tasks.accept(task, stamp=stamp)
                            case State.IN_PROGRESS:
                                progress.report(task, stamp=stamp, explanation="Chậm")
                            case State.AWAITING_CONFIRMATION:
                                progress.confirm(task, stamp=stamp)
                            case _:
                                progress.reopen(task, stamp=stamp, reason="Thiếu")
                        written.append(task.id)
                    except DomainError:
                        pass
                    db.session.rollback()
            except Exception as error:  # whatever it is, the test shall say so
                broken.append(error)

    writers = [threading.Thread(target=write) for _ in range(2)]
    for each in writers:
        each.start()
    try:
        found, during = [], []
        for _ in range(size.pick(2, 10)):
            before = len(written)
            found += recounting.check_now(today=TODAY).differences
            during.append(len(written) - before)
    finally:
        done.set()
        for each in writers:
            each.join()

    assert broken == []
    assert found == []
    assert all(during), during
    note(checks=len(during), written=len(written))

"""Several people at once, on real databases with real commits: processes on SQLite, threads on PostgreSQL."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from threading import Barrier

import pytest
from sqlalchemy import func, select

from tests.factories import make_cast
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit
from tracker.operations import progress, tasks
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.rules.status import State
from tracker.rules.workflow import WrongState

ROOT = Path(__file__).resolve().parents[2]
ON = date(2026, 3, 10)
WORKERS = 8
UPDATES = 6

WRITERS = """
import sys, json
from datetime import date
from multiprocessing import get_context
from tracker import create_app
from tracker.models import db
from tracker.models.task import Task
from tracker.operations import progress
from tracker.operations.recording import Stamp

url, writers, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])

def write(name, together, answers):
    done, failures = 0, []
    with create_app({"TESTING": True, "SQLALCHEMY_DATABASE_URI": url}).app_context():
        together.wait(300)
        for number in range(times):
            try:
                task = db.session.get(Task, 1)
                progress.update(task, stamp=Stamp(on=date(2026, 3, 10)), text=f"{name} lần {number}")
                done += 1
            except Exception as error:
                db.session.rollback()
                failures.append(repr(error))
    answers.put({"done": done, "failures": failures})

# What all of them read at their start is read once; no connection is open yet.
family = get_context("fork")
together, answers = family.Barrier(writers), family.Queue()
for number in range(writers):
    family.Process(target=write, args=(f"người {number}", together, answers), daemon=True).start()
print(json.dumps([answers.get(timeout=300) for _ in range(writers)]))
"""


@pytest.fixture
def task(own_app):
    """A task in progress, committed, with id 1."""
    task = make_cast().make_task(state=State.IN_PROGRESS)
    assert task.id == 1
    db.session.commit()
    return task


def test_eight_processes_write_to_one_task_and_none_fails(own_app, task):
    before = task.version
    db.session.commit()
    url = own_app.config["SQLALCHEMY_DATABASE_URI"]

    command = [sys.executable, "-c", WRITERS, url, str(WORKERS), str(UPDATES)]
    finished = subprocess.run(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, check=True, timeout=600)
    answers = json.loads(finished.stdout)

    assert [answer["failures"] for answer in answers] == [[]] * WORKERS
    db.session.expire_all()
    entries = select(func.count()).select_from(History).where(History.do == "progress")
    assert db.session.scalar(entries) == WORKERS * UPDATES
    assert task.version == before + WORKERS * UPDATES


def at_once(app, act):
    """Let each thread act in a session of its own at the same moment; return what each came to."""
    barrier = Barrier(WORKERS)

    def run(number):
        with app.app_context():
            try:
                barrier.wait(timeout=300)
                return act(number)
            except (AlreadyDone, ChangedMeanwhile, WrongState) as refusal:
                return type(refusal).__name__
            finally:
                db.session.remove()

    with ThreadPoolExecutor(WORKERS) as pool:
        return sorted(pool.map(run, range(WORKERS)))


@pytest.mark.both_databases
def test_of_many_who_saw_one_version_one_writes_and_the_others_are_told(own_app, task):
    seen = task.version
    db.session.commit()

    def report(number):
        progress.update(
            db.session.get(Task, 1), stamp=Stamp(on=ON, seen=seen), text=f"Người {number}"
        )
        return "written"

    came_to = at_once(own_app, report)

    assert came_to == ["ChangedMeanwhile"] * (WORKERS - 1) + ["written"]


@pytest.mark.both_databases
def test_of_many_clicks_on_one_form_one_is_an_entry(own_app, task):
    def click(_number):
        progress.update(db.session.get(Task, 1), stamp=Stamp(on=ON, token="một"), text="Một lần")
        return "written"

    came_to = at_once(own_app, click)

    assert came_to == ["AlreadyDone"] * (WORKERS - 1) + ["written"]
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).where(History.do == "progress")) == 1


@pytest.mark.both_databases
def test_of_many_clicks_that_give_a_group_one_gives_it(own_app):
    cast = make_cast()
    directive = cast.make_directive().id
    units = [cast.lead.id, cast.commune.id]
    db.session.commit()

    def give(_number):
        orders = [
            tasks.Order(unit=db.session.get(Unit, unit), content="Rà soát", due_on=None) for unit in units
        ]
        tasks.give(db.session.get(Directive, directive), orders, stamp=Stamp(on=ON, token="giao"))
        return "given"

    came_to = at_once(own_app, give)

    assert came_to == ["AlreadyDone"] * (WORKERS - 1) + ["given"]
    assert db.session.scalar(select(func.count()).select_from(Task)) == 2


@pytest.mark.both_databases
def test_of_a_report_and_a_cancelling_at_the_same_time_the_stretches_stay_whole(own_app, task):
    def act(number):
        task = db.session.get(Task, 1)
        if number % 2:
            progress.report(task, stamp=Stamp(on=ON))
            return "reported"
        tasks.cancel(task, stamp=Stamp(on=ON), reason="Không tiếp tục")
        return "cancelled"

    came_to = at_once(own_app, act)

    assert came_to.count("cancelled") == 1
    assert came_to.count("reported") <= 1
    db.session.expire_all()
    stretches = db.session.scalars(select(TaskPeriod).order_by(TaskPeriod.valid_from)).all()
    assert [each.state for each in stretches] == [State.IN_PROGRESS, State.CANCELLED]
    assert stretches[0].valid_to == stretches[1].valid_from == ON

"""Works in processes of their own, forked from one without connections and threads."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.jobs.conftest import at
from tracker import clock, forks, jobs
from tracker.jobs import scheduler
from tracker.models import db
from tracker.models.mail import JobRun

PATIENCE = 300
signed_in = ContextVar("signed_in", default="nobody")


def wait_for(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_over(pid: int) -> bool:
    """Return whether a process has ended, also where nobody has asked how."""
    try:
        return "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return True


def runs() -> list[JobRun]:
    db.session.expire_all()
    return list(db.session.scalars(select(JobRun).where(JobRun.name == "overdue")))


@pytest.fixture
def make() -> Iterator[Callable[..., forks.Forker]]:
    """Return the maker of a forker, which is ended after the test."""
    assert sys.platform == "linux", "nothing is forked elsewhere"
    made: list[forks.Forker] = []

    def maker(**works: Callable[[], None]) -> forks.Forker:
        made.append(forks.Forker("dondoc-forker", works, title="dondoc-job"))
        return made[-1]

    yield maker
    for each in made:
        each.end()


def test_each_work_has_a_process_of_its_own_and_its_exit_code_is_told(make, tmp_path):
    signed_in.set("chủ tịch")
    forker = make(
        well=lambda: (tmp_path / f"{os.getpid()}").write_text(signed_in.get()),
        badly=lambda: os._exit(7),
        killed=lambda: os.kill(os.getpid(), signal.SIGKILL),
    )

    codes = [forker.do(work) for work in ("well", "badly", "killed", "well")]

    assert codes == [0, 7, -signal.SIGKILL, 0]
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert len(written) == 2
    assert str(os.getpid()) not in written
    assert set(written.values()) == {"nobody"}, "a work knows nobody who was signed in"


def test_works_go_on_side_by_side_and_asked_to_end_they_finish(make, tmp_path):
    def until_asked() -> None:
        asked: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
        (tmp_path / f"begun-{os.getpid()}").touch()
        while not asked:
            time.sleep(0.01)
        (tmp_path / f"finished-{os.getpid()}").touch()

    forker, codes = forks.Forker("dondoc-forker", {"long": until_asked}, title="dondoc-job"), []
    threads = [threading.Thread(target=lambda: codes.append(forker.do("long"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(list(tmp_path.glob("begun-*"))) == 2)

    forker.end()
    for thread in threads:
        thread.join(PATIENCE)

    assert codes == [0, 0]
    assert len(list(tmp_path.glob("finished-*"))) == 2


def test_works_die_with_the_process_that_asked_for_them(tmp_path):
    def ask() -> None:
        works = {"long": lambda: ((tmp_path / f"{os.getpid()}").touch(), time.sleep(PATIENCE))}
        forks.Forker("dondoc-forker", works, title="dondoc-job").do("long")

    asking = forks.Fork("asking", ask)
    wait_for(lambda: list(tmp_path.iterdir()))
    (work,) = [int(path.name) for path in tmp_path.iterdir()]

    asking.send_signal(signal.SIGKILL)
    asking.wait()

    wait_for(lambda: is_over(work))


def test_who_asks_is_told_when_there_is_nothing_left_to_fork_from(make):
    forker = make(well=lambda: None)
    os.kill(forker._process.pid, signal.SIGKILL)
    wait_for(lambda: is_over(forker._process.pid))

    with pytest.raises(OSError, match=r"."):
        forker.do("well")


def test_a_large_job_runs_apart_and_goes_on_record_as_the_schedulers(office, monkeypatch):
    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "overdue": lambda _stop: f"bởi {os.getpid()}"})
    monkeypatch.setenv("TRACKER_NOW", "2026-03-21T00:05:00+07:00")
    apart = scheduler.Apart(office, lambda: False)

    apart.do("overdue")
    apart.do("overdue")
    apart.forker.end()

    (run,) = runs()
    assert (run.name, run.succeeded, run.worker) == ("overdue", True, apart.worker)
    assert run.detail != f"bởi {os.getpid()}"


def test_a_large_job_that_is_killed_is_on_record_as_failed_and_tried_again(office, monkeypatch):
    killed = {**jobs.FUNCTIONS, "overdue": lambda _stop: os.kill(os.getpid(), signal.SIGKILL)}
    monkeypatch.setattr(jobs, "FUNCTIONS", killed)
    monkeypatch.setenv("TRACKER_NOW", "2026-03-21T00:05:00+07:00")
    apart = scheduler.Apart(office, lambda: False)

    apart.do("overdue")
    apart.forker.end()

    (run,) = runs()
    assert (run.succeeded, run.detail) == (False, "Tiến trình của việc đã dừng (mã -9).")
    with clock.standing_at(at("2026-03-21 00:06")):
        assert not jobs.is_awaited("overdue")
    with clock.standing_at(at("2026-03-21 00:10")):
        assert jobs.is_awaited("overdue")


def test_the_watch_runs_apart_and_says_that_its_scheduler_lives(office, monkeypatch):
    monkeypatch.setenv("TRACKER_NOW", "2026-03-21T00:05:00+07:00")
    db.session.rollback()
    apart = scheduler.Apart(office, lambda: False)

    for _minute in range(2):
        assert jobs.takes_much("watch")
        apart.do("watch")
    apart.forker.end()

    (run,) = db.session.scalars(select(JobRun).where(JobRun.name == "watch", JobRun.detail.is_(None)))
    assert (run.worker, run.succeeded) == (apart.worker, True)


def test_the_connections_of_a_scheduler_are_not_used_by_its_jobs(office, monkeypatch):
    mine = db.session.connection().connection.dbapi_connection

    def connection_of_the_job(_stop: object) -> str:
        return str(db.session.connection().connection.dbapi_connection is mine)

    monkeypatch.setattr(jobs, "FUNCTIONS", {**jobs.FUNCTIONS, "overdue": connection_of_the_job})
    monkeypatch.setenv("TRACKER_NOW", "2026-03-21T00:05:00+07:00")
    db.session.rollback()
    apart = scheduler.Apart(office, lambda: False)

    apart.do("overdue")
    apart.forker.end()

    assert [run.detail for run in runs()] == ["False"]


def test_a_fork_lets_go_of_the_files_of_its_parent(tmp_path):
    said = tmp_path / "said"
    with (tmp_path / "held").open("w") as held:
        link = Path(f"/proc/self/fd/{held.fileno()}")

        def look() -> None:
            before = link.readlink()
            forks.let_go_of_files()
            said.write_text(f"{before} {link.readlink()}")

        code = forks.Fork("looking", look).wait()

    assert code == 0
    assert said.read_text() == f"{tmp_path / 'held'} /dev/null"

"""The scheduler: a process apart from the web that wakes the jobs of the timetable.

APScheduler only wakes functions; what is due and what is done is in our tables. A job that may take much
memory is done in a process of its own, which gives all of it back.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click
from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Flask
from flask.logging import default_handler

from tracker import clock, forks, jobs, outbox
from tracker.models import db
from tracker.operations import runs

SENDER_WAITS = timedelta(seconds=2)
CLOCK_MINDED_EVERY = timedelta(seconds=5)
THREADS = len(jobs.TIMETABLE)
"""One a job: a mail server that is slow to answer holds up no other job, least of all the watch."""

SWITCH_SECONDS = 0.0005
"""How long one thread may keep the interpreter. With Python's own 5 ms a job that writes Word files made each
statement of the others wait as long, so a transaction of some hundred held its lock for seconds."""

log = logging.getLogger(__name__)


def make_scheduler(
    app: Flask, *, stop: Callable[[], bool], do_apart: Callable[[str], None] | None = None
) -> BlockingScheduler:
    """Return the scheduler with every job of the timetable under its own name as its fixed id.

    `do_apart` does a job in a process of its own; without it all are done here.

    A daily job is looked at every minute rather than woken at its hour: so a changed setting, a machine that
    slept, and a start after the hour need no case of their own.
    """
    scheduler = BlockingScheduler(
        timezone=clock.VIETNAM,
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def in_app(name: str) -> None:
        with app.app_context():
            if do_apart is None or not jobs.takes_much(name):
                did_something = jobs.wake(name, stop=stop)
            else:
                did_something = False
                if not stop() and jobs.is_awaited(name):
                    db.session.remove()
                    do_apart(name)
        # Once a minute also what all the asking took.
        if did_something or name == "watch":
            forks.give_memory_back()

    for entry in jobs.TIMETABLE:
        if entry.every is not None:
            trigger: Any = IntervalTrigger(seconds=int(entry.every.total_seconds()), timezone=clock.VIETNAM)
        else:
            trigger = CronTrigger(day_of_week="mon-sun", minute="*", timezone=clock.VIETNAM)
        # At once, and the sender a moment later: what the others queue at the start goes out with it.
        first = datetime.now(UTC) + (SENDER_WAITS if entry.every else timedelta(0))
        scheduler.add_job(in_app, trigger, args=[entry.name], id=entry.name, next_run_time=first)
    return scheduler


@contextmanager
def asked_to_stop() -> Iterator[threading.Event]:
    """Let SIGINT and SIGTERM set an event inside the block, instead of ending the process in mid-mail.

    Only the first sets it: a second one in the middle of that would wait for a lock of its own thread.
    """
    stopping = threading.Event()
    was_asked = False

    def stop(*_: Any) -> None:
        nonlocal was_asked
        if not was_asked:
            was_asked = True
            stopping.set()

    old = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _mind_the_clock(scheduler: BlockingScheduler, stopping: threading.Event) -> None:
    """Until asked to stop, wake every job when the clock was set back.

    Each has its next moment from the clock as it was, and would sleep until that comes round again.
    """
    latest = datetime.now(UTC)
    while not stopping.wait(CLOCK_MINDED_EVERY.total_seconds()):
        now = datetime.now(UTC)
        if now < latest:
            for job in scheduler.get_jobs():
                job.modify(next_run_time=now)
        latest = now


class Apart:
    """Jobs in processes of their own, which go on record as runs of this scheduler."""

    def __init__(self, app: Flask, stop: Callable[[], bool]) -> None:
        self.app, self.stop = app, stop
        self.worker, self.is_broken = outbox.worker_name(), False
        works = {entry.name: partial(self._wake, entry.name) for entry in jobs.TIMETABLE}
        self.forker = forks.Forker("dondoc-forker", works, title="dondoc-job")

    def _wake(self, name: str) -> None:
        with asked_to_stop() as stopping, self.app.app_context():
            for engine in db.engines.values():
                # The parent's, if it has any: they are not to be used here, nor to be closed.
                engine.dispose(close=False)
            jobs.wake(name, stop=stopping.is_set, worker=self.worker)

    def do(self, name: str) -> None:
        """Do a job and wait for its end; one that died is on record as failed, and comes again."""
        try:
            code = self.forker.do(name)
        except OSError:
            if not self.stop():
                log.exception("%s: không mở được tiến trình riêng", name)
                self.is_broken = True
                signal.raise_signal(signal.SIGTERM)
            return
        if code and not self.stop():
            detail = f"Tiến trình của việc đã dừng (mã {code})."
            log.error("%s: %s", name, detail)
            with self.app.app_context():
                runs.end_for_dead(name, worker=self.worker, at=clock.now(), detail=detail)


def run_scheduler(app: Flask) -> None:
    """Do what `flask jobs run` does, with the application of this process.

    On Linux it begins before this process has a second thread. Raises `SystemExit` when the jobs cannot have
    processes of their own any more.
    """
    forks.keep_one_heap()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    app.logger.removeHandler(default_handler)
    sys.setswitchinterval(SWITCH_SECONDS)
    with asked_to_stop() as stopping:
        apart = Apart(app, stopping.is_set) if forks.ON_LINUX else None
        scheduler = make_scheduler(app, stop=stopping.is_set, do_apart=apart.do if apart else None)
        begun = threading.Event()
        scheduler.add_listener(lambda _event: begun.set(), EVENT_SCHEDULER_STARTED)

        def shut_down() -> None:
            _mind_the_clock(scheduler, stopping)
            if apart:
                apart.forker.end()
            # Asked to end before it began, it would begin all the same, and go on for ever.
            begun.wait()
            with suppress(SchedulerNotRunningError):
                scheduler.shutdown(wait=True)

        stopper = threading.Thread(target=shut_down)
        stopper.start()
        names = ", ".join(entry.name for entry in jobs.TIMETABLE)
        click.echo(f"Bộ lập lịch đang chạy: {names}. Ctrl-C để dừng.")
        try:
            scheduler.start()
        finally:
            stopping.set()
            begun.set()
            stopper.join()
    click.echo("Bộ lập lịch đã dừng.")
    if apart and apart.is_broken:
        sys.exit(1)



"""The record of the jobs: what ran, what goes on, signs of life in between, and the gaps without any."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from tracker.models import db, transaction
from tracker.models.mail import GAP, JobRun
from tracker.queries.jobs import last_sign
from tracker.rules.timetable import SILENCE, TIMETABLE

HEARTBEAT = timedelta(seconds=45)
"""How often a job that comes every few seconds, or runs for long, says that it lives."""
GIVEN_UP_AFTER = timedelta(hours=2)
"""How long a daily job that does not end is still said to be at work."""
DAILY = tuple(entry.name for entry in TIMETABLE if entry.every is None)


def write(
    run_id: int | None, name: str, *, worker: str, started_at: datetime, at: datetime, **end: Any
) -> int:
    """Record a run that began, goes on or ended at `at` (aware UTC) and return its id.

    `run_id` is None for a run without a row; `end` holds `succeeded` and `detail` of a run that ended, where
    `succeeded` is None for one that broke off because it was asked to.
    """
    with transaction():
        _note_gap(at, worker)
        run = db.session.get(JobRun, run_id) if run_id else None
        if run is None:
            run = JobRun(name=name, worker=worker, started_at=started_at)
            db.session.add(run)
        run.seen_at = at
        if end:
            run.ended_at, run.succeeded, run.detail = at, end["succeeded"], end["detail"]
        db.session.flush()
        return run.id


def beat(name: str, *, worker: str, started_at: datetime, at: datetime) -> None:
    """Say that a job had nothing to do: one row of this worker moves on, so that the table does not grow.

    The row of a worker that is gone is taken over.
    """
    idle = (
        select(JobRun)
        .where(JobRun.name == name, JobRun.succeeded.is_(True), JobRun.detail.is_(None))
        .order_by(JobRun.started_at.desc(), JobRun.id.desc())
        .limit(1)
    )
    last = db.session.scalar(idle.where(JobRun.worker == worker))
    if last is not None and last.seen_at and timedelta(0) <= at - last.seen_at < HEARTBEAT:
        return
    if last is None:
        last = db.session.scalar(idle.where(JobRun.seen_at < at - SILENCE))
    if last is None:
        write(None, name, worker=worker, started_at=started_at, at=at, succeeded=True, detail=None)
        return
    with transaction():
        _note_gap(at, worker)
        last.started_at, last.ended_at, last.seen_at, last.worker = started_at, at, at, worker


def keep_alive(*, worker: str, at: datetime) -> None:
    """Say of the daily jobs that this worker has begun and not ended that they go on."""
    going_on = update(JobRun).where(
        JobRun.worker == worker, JobRun.ended_at.is_(None), JobRun.name.in_(DAILY),
        JobRun.started_at > at - GIVEN_UP_AFTER,
    )  # fmt: skip
    with transaction():
        db.session.execute(going_on.values(seen_at=at))


def end_for_dead(name: str, *, worker: str, at: datetime, detail: str) -> None:
    """Record that the runs which a worker began of a job and did not end are dead, as `detail` says."""
    left = update(JobRun).where(JobRun.name == name, JobRun.worker == worker, JobRun.ended_at.is_(None))
    with transaction():
        db.session.execute(left.values(seen_at=at, ended_at=at, succeeded=False, detail=detail))


def _note_gap(at: datetime, worker: str) -> None:
    """Record the stretch that ends now when no job has given a sign of life for too long.

    Before the first sign of all it is a stretch of no length: the day on which the scheduler came to work.
    """
    if not _is_gap(seen := last_sign(at), at):
        return
    # Two schedulers that begin at once: the second waits here for the first, and then sees its sign.
    db.session.scalar(select(JobRun.id).where(JobRun.seen_at == seen).limit(1).with_for_update())
    if _is_gap(seen := last_sign(at), at):
        began = seen or at
        gap = JobRun(name=GAP, worker=worker, started_at=began, ended_at=at, succeeded=False, seen_at=began)
        db.session.add(gap)
        db.session.flush()


def _is_gap(seen: datetime | None, at: datetime) -> bool:
    return seen is None or at - seen > SILENCE

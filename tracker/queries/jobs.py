"""How the jobs do: the last and the next run of each, what was interrupted, and who gives signs of life."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.mail import GAP, JobRun
from tracker.models.statements import prepared
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.timetable import SILENCE, TIMETABLE, Entry

CLOCKS_AGREE_WITHIN = timedelta(minutes=1)
"""A sign of life from further in the future comes from a clock that goes wrong, and proves nothing."""


class JobStatus(NamedTuple):
    """One job: its last run, when its last good run began, when it falls due next, and whether it is late."""

    name: str
    last: JobRun | None
    last_good_at: datetime | None
    due_at: datetime | None
    """When the run that is due now fell due; None for a job that comes every so often or is not due."""
    next_at: datetime
    is_overdue: bool
    is_running: bool
    is_interrupted: bool
    """The last run never came to its end, and nobody works on it any more."""


class Worker(NamedTuple):
    """A scheduler process, and its last sign of life."""

    name: str
    seen_at: datetime


def last_run_of(name: str) -> Select[Any]:
    """Return a SELECT of the id of the latest run of a job."""
    latest = select(JobRun.id).where(JobRun.name == name)
    return latest.order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(1)


def last_good_run_of(name: Any, *, until: Any) -> ScalarSelect[Any]:
    """Return, as a scalar of SQL, when the last successful run of a job began; `name` may be a column.

    A run later than `until` (aware, or a parameter of the statement), from before the clock was set back, is
    none; what runs now may be ahead by `CLOCKS_AGREE_WITHIN`.
    """
    run = aliased(JobRun)
    good = select(run.started_at).where(run.name == name, run.succeeded.is_(True), run.started_at <= until)
    return good.order_by(run.started_at.desc()).limit(1).scalar_subquery()


def last_good_run(name: str, *, now: datetime) -> datetime | None:
    """Return when the last successful run of a job by `now` (aware) began, None when there is none."""
    began: datetime | None = _last_good_run(name=name, until=now + CLOCKS_AGREE_WITHIN).scalar()
    return began


@prepared
def _last_good_run(name: Any, until: Any) -> Any:
    return select(last_good_run_of(name, until=until))


def last_sign_of_all(*, until: Any) -> ScalarSelect[Any]:
    """Return, as a scalar of SQL, the last sign of life of any job; `until` as for `last_good_run_of`."""
    return select(func.max(JobRun.seen_at)).where(JobRun.seen_at <= until).scalar_subquery()


def last_sign(now: datetime) -> datetime | None:
    """Return the last sign of life of any job by `now` (aware), None before the first."""
    return db.session.scalar(select(last_sign_of_all(until=now + CLOCKS_AGREE_WITHIN)))


def alive_since() -> ScalarSelect[Any]:
    """Return, as a scalar of SQL, since when a scheduler works without a gap."""
    gap = aliased(JobRun)
    ends = select(gap.ended_at).where(gap.name == GAP).order_by(gap.started_at.desc(), gap.id.desc()).limit(1)
    return ends.scalar_subquery()


def statuses_from(
    runs: Mapping[str, tuple[JobRun, datetime | None]], *, now: datetime, zone: tzinfo,
    settings: Mapping[str, Any], calendar: WorkingCalendar, since: datetime | None,
    entries: Iterable[Entry] = TIMETABLE,
) -> list[JobStatus]:  # fmt: skip
    """Return how each job of the timetable stands at `now` (aware); `zone` is the wall clock it goes by.

    `runs` holds the latest run of each job and when its last good run began. `since` is when the scheduler
    came to work: from then on a job that fell due earlier has its grace to be made up for.
    """
    statuses = []
    for entry in entries:
        last, done_at = runs.get(entry.name, (None, None))
        due: dict[str, Any] = {"zone": zone, "settings": settings, "calendar": calendar}
        ended = last is None or last.succeeded is not None
        runs_on = (
            last is not None and last.ended_at is None
            and now - (last.seen_at or last.started_at) <= SILENCE
        )  # fmt: skip
        moment = done_at if entry.every is not None else entry.due_today(now, **due)
        if entry.every is None and moment and done_at and done_at >= moment:
            moment = None
        waits_since = max((each for each in (moment, since) if each is not None), default=None)
        is_due = entry.every is not None or moment is not None
        late = is_due and (waits_since is None or now - waits_since > entry.grace)
        statuses.append(JobStatus(
            entry.name, last, done_at, None if entry.every is not None else moment,
            entry.next_due(now, done_at, **due), is_overdue=late and not runs_on, is_running=runs_on,
            is_interrupted=not ended and not runs_on,
        ))  # fmt: skip
    return statuses


def job_statuses(now: datetime, *, zone: tzinfo, entries: Iterable[Entry] = TIMETABLE) -> list[JobStatus]:
    """Return how each job of the timetable stands at `now` (aware), as `statuses_from`."""
    entries = list(entries)
    latest = [last_run_of(entry.name).scalar_subquery() for entry in entries]
    good = last_good_run_of(JobRun.name, until=now + CLOCKS_AGREE_WITHIN)
    query = select(JobRun, good).where(JobRun.id.in_(latest))
    runs = {run.name: (run, done_at) for run, done_at in db.session.execute(query)}
    return statuses_from(
        runs, now=now, zone=zone, settings=all_settings(), calendar=working_calendar(),
        since=db.session.scalar(select(alive_since())), entries=entries,
    )  # fmt: skip


def workers(now: datetime) -> list[Worker]:
    """Return the scheduler processes that have given a sign of life of late, the latest first."""
    query = (
        select(JobRun.worker, func.max(JobRun.seen_at))
        .where(JobRun.seen_at.between(now - SILENCE, now + CLOCKS_AGREE_WITHIN), JobRun.name != GAP)
        .group_by(JobRun.worker)
        .order_by(func.max(JobRun.seen_at).desc())
    )
    return [Worker(name, seen_at) for name, seen_at in db.session.execute(query) if seen_at]


def recent_runs(limit: int) -> Sequence[JobRun]:
    """Return the runs that were seen last, the latest first, without the gaps between them."""
    query = select(JobRun).where(JobRun.name != GAP, JobRun.seen_at.is_not(None))
    return db.session.scalars(query.order_by(JobRun.seen_at.desc(), JobRun.id.desc()).limit(limit)).all()


def gaps(limit: int, *, ended_after: datetime | None = None) -> Sequence[JobRun]:
    """Return the last stretches without a sign of life, the latest first."""
    query = select(JobRun).where(JobRun.name == GAP, JobRun.ended_at > JobRun.started_at)
    query = query.order_by(JobRun.started_at.desc()).limit(limit)
    if ended_after is not None:
        query = query.where(JobRun.ended_at > ended_after)
    return db.session.scalars(query).all()

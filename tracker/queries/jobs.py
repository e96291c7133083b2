"""How the scheduler does: the last and the next run of each job, and whether one is overdue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from sqlalchemy import func, select

from tracker.models import db
from tracker.models.mail import JobRun
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.timetable import TIMETABLE, Entry


class JobStatus(NamedTuple):
    """One job: its last run, when its last good run began, when it falls due next, and whether it is late."""

    name: str
    last: JobRun | None
    last_good_at: datetime | None
    next_at: datetime
    is_overdue: bool


def last_good_runs() -> dict[str, datetime]:
    """Return by name when the last successful run of each job began."""
    query = select(JobRun.name, func.max(JobRun.started_at)).where(JobRun.succeeded.is_(True))
    return {row[0]: row[1] for row in db.session.execute(query.group_by(JobRun.name))}


def job_statuses(now: datetime, *, zone: tzinfo, entries: Iterable[Entry] = TIMETABLE) -> list[JobStatus]:
    """Return how each job of the timetable stands at `now` (aware); `zone` is the wall clock it goes by."""
    latest = select(func.max(JobRun.id)).group_by(JobRun.name)
    last = {run.name: run for run in db.session.scalars(select(JobRun).where(JobRun.id.in_(latest)))}
    good, settings, calendar = last_good_runs(), all_settings(), working_calendar()
    statuses = []
    for entry in entries:
        done_at = good.get(entry.name)
        due: dict[str, Any] = {"zone": zone, "settings": settings, "calendar": calendar}
        if entry.every is not None:
            late = done_at is None or now - done_at > entry.grace
        else:
            moment = entry.due_today(now, **due)
            late = moment is not None and now - moment > entry.grace and (done_at is None or done_at < moment)
        next_at = entry.next_due(now, done_at, **due)
        statuses.append(JobStatus(entry.name, last.get(entry.name), done_at, next_at, late))
    return statuses

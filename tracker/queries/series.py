"""Recurring tasks: which series have a turn to give, and what pages show of them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from tracker.models import db
from tracker.models.series import TaskSeries
from tracker.models.units import Unit
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import Pattern
from tracker.rules.series import Course

ITS_DEEDS = ("series", "series_change", "series_end", "series_skip")
"""What the history says of a series itself."""


def course_of(series: Any) -> Course:
    """Return the facts of a stored series that decide its turns; raise `ValueError` when they are no rule."""
    return Course(
        pattern=Pattern.parse(series.rule),
        starts_on=series.starts_on,
        until=series.until,
        last_day=series.last_day,
        due_time=series.due_time,
    )


_COURSE = (
    TaskSeries.id, TaskSeries.key, TaskSeries.rule, TaskSeries.starts_on, TaskSeries.until,
    TaskSeries.last_day, TaskSeries.due_time,
)  # fmt: skip


def due_now(*, today: date) -> tuple[list[tuple[int, str]], list[str]]:
    """Return id and key of the series of which something is to be given or passed over on `today`, and the
    keys of those whose rule cannot be read."""
    settings, calendar = all_settings(), working_calendar()
    due: list[tuple[int, str]] = []
    unreadable: list[str] = []
    running = select(*_COURSE).where(TaskSeries.ended_on.is_(None)).order_by(TaskSeries.id)
    for row in db.session.execute(running):
        try:
            course = course_of(row)
        except ValueError:
            unreadable.append(row.key)
            continue
        first = next(course.turns(ahead_days=settings["series_ahead_days"], calendar=calendar), None)
        if first is not None and first.give_on <= today:
            due.append((row.id, row.key))
    return due, unreadable


def heir_of(unit: Unit, day: date) -> Unit | None:
    """Return the unit itself or, once it ended, the one that follows it on `day`; None when none does."""
    seen: set[Unit] = set()
    step: Unit | None = unit
    while step is not None and step not in seen and not step.exists_on(day):
        seen.add(step)
        step = step.successor
    return step if step is not None and step not in seen else None

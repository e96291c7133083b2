"""The working calendar for its page: how far it reaches, what may be proposed, what a change touches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, extract, or_, select

from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.directive import Directive
from tracker.models.task import Task
from tracker.queries.settings import working_calendar
from tracker.rules.deadlines import WorkingCalendar, read_deadline
from tracker.rules.status import RUNNING_STATES

WARN_BEFORE = timedelta(days=60)
"""How long before the stored calendar runs out it is said (domain §5)."""


class CalendarEnd(NamedTuple):
    """How far the stored calendar reaches."""

    missing_year: int
    """The first year, this one or a later one, of which nothing is stored."""
    ends_on: date
    """The last day of the year before it."""
    is_near: bool


class Touched(NamedTuple):
    """An open task whose deadline a change of the calendar touches."""

    task_id: int
    content: str
    due_on: date | None
    would_be: date | None
    """Where its phrase would put the deadline now; None: the deadline merely falls on a day off."""
    visible: bool


def calendar_end(day: date) -> CalendarEnd:
    """Return from which year on the stored calendar says nothing; near is within 60 days."""
    return end_of(working_calendar(), day)


def end_of(calendar: WorkingCalendar, day: date) -> CalendarEnd:
    """Return from which year on a calendar says nothing, asked on a day; near is within 60 days."""
    years = {each.year for each in calendar.days_off | calendar.working_days}
    missing = day.year
    while missing in years:
        missing += 1
    ends_on = date(missing - 1, 12, 31)
    return CalendarEnd(missing, ends_on, ends_on - day <= WARN_BEFORE)


def days_of_year(year: int) -> dict[date, CalendarDay]:
    """Return what is stored of the days of a year."""
    query = select(CalendarDay).where(extract("year", CalendarDay.day) == year).order_by(CalendarDay.day)
    return {row.day: row for row in db.session.scalars(query)}


def statutory_holidays(year: int) -> dict[date, str]:
    """Return the weekdays off that the law gives in a year, as the `holidays` library knows them.

    A proposal: the government decides the swaps late, and the stored calendar alone is asked.
    """
    # Read here: no process that only looks at days needs it.
    import holidays

    found = holidays.country_holidays("VN", years=year, language="vi")
    return {day: name for day, name in sorted(found.items()) if day.weekday() < 5}


def calendar_of_papers(today: date, stored: WorkingCalendar) -> WorkingCalendar:
    """Return the stored calendar with the statutory days off of the years of which nothing is stored.

    Papers are read that were issued years ago, and before an installation has a calendar: the ten years
    before `today` and the two after it are known.
    """
    told = {day.year for day in stored.days_off | stored.working_days}
    years = [year for year in range(today.year - 10, today.year + 3) if year not in told]
    proposed = frozenset(day for year in years for day in statutory_holidays(year))
    return WorkingCalendar(days_off=stored.days_off | proposed, working_days=stored.working_days)


def touched_by(
    changes: Mapping[date, DayKind],
    *,
    calendar: WorkingCalendar,
    strict_before: bool,
    visible: ColumnElement[bool],
) -> list[Touched]:
    """Return the open tasks that changed days touch: due on a new day off, or counted in working days.

    A deadline that was extended or corrected since is not counted anew. Nothing is changed by asking.
    """
    after = WorkingCalendar(
        days_off=(calendar.days_off | {day for day, kind in changes.items() if kind is DayKind.DAY_OFF})
        - {day for day, kind in changes.items() if kind is DayKind.WORKING_DAY},
        working_days=(
            calendar.working_days | {day for day, kind in changes.items() if kind is DayKind.WORKING_DAY}
        )
        - {day for day, kind in changes.items() if kind is DayKind.DAY_OFF},
    )
    turned = {day for day in changes if calendar.is_working(day) != after.is_working(day)}
    if not turned:
        return []
    off = {day for day in turned if not after.is_working(day)}
    query = (
        select(
            Task.id, Task.content, Task.due_on, Task.original_due_on, Task.due_phrase, Task.given_on,
            Directive.issued_on, visible,
        )
        .join(Directive, Directive.id == Task.directive_id)
        .where(
            Task.state.in_(RUNNING_STATES), Task.due_on >= min(turned),
            or_(Task.due_on.in_(off), Task.due_phrase.ilike("%ngày%")),
        )
        .order_by(Task.due_on, Task.id)
    )  # fmt: skip
    found = []
    for task_id, content, due_on, original, phrase, given_on, issued_on, seen in db.session.execute(query):
        would_be = None
        if phrase and due_on == original and given_on is not None:
            before, now = (
                read_deadline(
                    phrase,
                    issued_on=issued_on,
                    received_on=given_on,
                    calendar=each,
                    strict_before=strict_before,
                ).due_on
                for each in (calendar, after)
            )
            if before == due_on and now != before:
                would_be = now
        if would_be is not None or due_on in off:
            found.append(Touched(task_id, content, due_on, would_be, seen))
    return found

"""The settings and the working calendar as they are stored."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select

from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind, Setting
from tracker.models.statements import prepared
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.settings import RULES, BadSetting, read_setting


def all_settings() -> dict[str, Any]:
    """Return every setting by name: the stored value where there is a good one, else the default."""
    values = {name: rule.default for name, rule in RULES.items()}
    for name, value in _settings():
        try:
            values[name] = read_setting(name, value)
        except BadSetting:
            continue
    return values


def working_calendar() -> WorkingCalendar:
    """Return the stored calendar: weekdays off, and the Saturdays and Sundays that are worked."""
    days: dict[DayKind, set[date]] = {DayKind.DAY_OFF: set(), DayKind.WORKING_DAY: set()}
    for day, kind in _calendar():
        days[kind].add(day)
    return WorkingCalendar(
        days_off=frozenset(days[DayKind.DAY_OFF]), working_days=frozenset(days[DayKind.WORKING_DAY])
    )


@prepared
def _settings() -> Any:
    return select(Setting.name, Setting.value)


@prepared
def _calendar() -> Any:
    return select(CalendarDay.day, CalendarDay.kind)


def calendar_ends_on() -> date | None:
    """Return the last day that the stored calendar says anything about, None while it is empty."""
    return db.session.scalar(select(func.max(CalendarDay.day)))

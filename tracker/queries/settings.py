"""The settings and the working calendar as they are stored."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Text, cast, func, select

from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind, Setting
from tracker.models.statements import prepared
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.settings import RULES, BadSetting, read_setting


def all_settings() -> dict[str, Any]:
    """Return every setting by name: the stored value where there is a good one, else the default."""
    return read_stored(_settings().scalar())


def stored_settings(dialect: str) -> Select[tuple[str | None]]:
    """Return a SELECT of what is stored of settings as one text, for `read_stored`: it fits into a statement
    that asks for something else too. `dialect` is the kind of database."""
    if dialect == "postgresql":
        return select(cast(func.json_object_agg(Setting.name, Setting.value), Text))
    return select(func.json_group_object(Setting.name, func.json(Setting.value), type_=Text))


def read_stored(stored: str | None) -> dict[str, Any]:
    """Return every setting by name, as `all_settings`, of what was found by `stored_settings`."""
    return dict(_read(stored))


@lru_cache(maxsize=4)
def _read(stored: str | None) -> dict[str, Any]:
    values = {name: rule.default for name, rule in RULES.items()}
    for name, value in json.loads(stored or "{}").items():
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
    return stored_settings(db.session.get_bind().dialect.name)


@prepared
def _calendar() -> Any:
    return select(CalendarDay.day, CalendarDay.kind)


def calendar_ends_on() -> date | None:
    """Return the last day that the stored calendar says anything about, None while it is empty."""
    return db.session.scalar(select(func.max(CalendarDay.day)))

"""The working calendar and the settings of the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind, Setting
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations.recording import (
    ChangedMeanwhile,
    Stamp,
    entry,
    optional_text,
    record,
    require_role,
)
from tracker.rules.settings import RULES, read_setting


def set_day(day: date, kind: DayKind, *, stamp: Stamp, name: str | None = None) -> None:
    """Say of one day that it is off, or that it is worked; what was said of it before is replaced."""
    set_days([(day, kind, name)], stamp=stamp)


def set_days(days: Sequence[tuple[date, DayKind, str | None]], *, stamp: Stamp) -> None:
    """Say so of several days in one transaction. Deadlines that are set already stay as they are."""
    with entry(stamp):
        require_role(None, {Role.ADMIN}, stamp)
        if stamp.seen is not None and stamp.seen != calendar_version():
            raise ChangedMeanwhile
        for part, (day, kind, name) in enumerate(days):
            row = db.session.get(CalendarDay, day)
            if row is None:
                row = CalendarDay(day=day)
                db.session.add(row)
            row.kind, row.name = kind, optional_text(name)
            db.session.flush()
            record(kind.value, stamp, {"day": day.isoformat(), "name": row.name}, part=part, note=row.name)


def change_setting(name: str, value: Any, *, stamp: Stamp) -> None:
    """Store a setting; raise `BadSetting` when the value does not fit it.

    A name that this version does not know is kept as it is, so that the history of another version loads.
    """
    change_settings({name: value}, stamp=stamp)


def change_settings(values: Mapping[str, Any], *, stamp: Stamp) -> None:
    """Store several settings in one transaction; raise `BadSetting` for the first value that does not fit."""
    with entry(stamp):
        require_role(None, {Role.ADMIN}, stamp)
        if stamp.seen is not None and stamp.seen != settings_version():
            raise ChangedMeanwhile
        for part, (name, value) in enumerate(values.items()):
            if name in RULES:
                read_setting(name, value)
            row = db.session.get(Setting, name)
            old = row.value if row else None
            if row is None:
                row = Setting(name=name)
                db.session.add(row)
            row.value = value
            db.session.flush()
            record("setting", stamp, {"name": name, "value": value}, part=part, changes=[[name, old, value]])


def settings_version() -> int:
    """Return a number that grows with every change of a setting."""
    return _last_row("setting")


def calendar_version() -> int:
    """Return a number that grows with every change of the working calendar."""
    return _last_row(*DayKind)


def _last_row(*do: str) -> int:
    return db.session.scalar(select(func.max(History.id)).where(History.do.in_(do))) or 0

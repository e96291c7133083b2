"""Changing one column of one stored row, behind the back of every operation, and putting it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Column, select, update

from tracker.models import Word
from tracker.models.task import Request, Task, TaskPeriod

COMPARED = {
    column.name: column.name.removesuffix("_id")
    for column in Task.__table__.columns if column.name not in ("id", "search_text")
}  # fmt: skip
"""The columns of a task by name, and the fact that a difference names."""
OF_PERIOD = [column.name for column in TaskPeriod.__table__.columns if column.name not in ("id", "task_id")]
OF_REQUEST = {
    column.name: column.name.removesuffix("_id")
    for column in Request.__table__.columns if column.name not in ("id", "task_id")
}  # fmt: skip

_MISSING: dict[type, Any] = {
    str: "x", int: 1, date: date(2026, 3, 3), time: time(9), datetime: datetime(2026, 3, 3)
}  # fmt: skip


def other_value(column: Column[Any], value: Any) -> Any:
    """Return another value that the column could hold."""
    if isinstance(column.type, Word):
        words: list[Enum] = list(column.type.enum)
        return words[(words.index(value) + 1) % len(words)]
    if value is None:
        return _MISSING[column.type.python_type]
    match value:
        case int():
            return value + 1
        case date():
            return value - timedelta(days=1)
        case time():
            return time((value.hour + 1) % 24)
    return f"{value}x"


@contextmanager
def changed(session: Any, model: Any, row_id: int, name: str, value: Any = None) -> Iterator[None]:
    """Let one column of one row hold another value inside the block: `value`, or any other that fits."""
    table = model.__table__
    column = table.c[name]
    before = session.scalar(select(column).where(table.c.id == row_id))
    if value is None and column.foreign_keys:
        (key,) = column.foreign_keys
        value = session.scalar(select(key.column).where(key.column != (before or 0)).limit(1))
    after = value or other_value(column, before)
    session.execute(update(table).where(table.c.id == row_id).values({name: after}))
    session.commit()
    yield
    session.execute(update(table).where(table.c.id == row_id).values({name: before}))
    session.commit()

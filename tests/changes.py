"""Changing one column of one stored row, behind the back of every operation, and putting it back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from enum import Enum
from typing import Any

from sqlalchemy import Column, select, update
from sqlalchemy.exc import IntegrityError

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


def other_values(column: Column[Any], value: Any) -> Iterator[Any]:
    """Yield other values that the column could hold."""
    if isinstance(column.type, Word):
        words: list[Enum] = list(column.type.enum)
        place = words.index(value)
        yield from (*words[place + 1 :], *words[:place])
        return
    if value is None:
        yield _MISSING[column.type.python_type]
        return
    for step in range(1, 100):
        match value:
            case int():
                yield value + step
            case date():
                yield value - timedelta(days=step)
            case time():
                yield time((value.hour + step) % 24)
            case _:
                yield value + "x" * step


@contextmanager
def changed(session: Any, model: Any, row_id: int, name: str, value: Any = None) -> Iterator[None]:
    """Let one column of one row hold another value inside the block: `value`, or any other that fits.

    A value that the table refuses, because another row holds it, makes way for the next; raises
    `IntegrityError` when none is left.
    """
    table = model.__table__
    column = table.c[name]
    before = session.scalar(select(column).where(table.c.id == row_id))
    if value is None and column.foreign_keys:
        (key,) = column.foreign_keys
        value = session.scalar(select(key.column).where(key.column != (before or 0)).limit(1))
    store = update(table).where(table.c.id == row_id)
    refused: IntegrityError | None = None
    for after in other_values(column, before) if value is None else [value]:
        try:
            with session.begin_nested():
                session.execute(store.values({name: after}))
            break
        except IntegrityError as error:
            refused = error
    else:
        assert refused is not None
        raise refused
    session.commit()
    yield
    session.execute(store.values({name: before}))
    session.commit()

"""How long stretches of days lasted at most: it leads from a past day to the stretches with that day in them.

An index by the last day alone has to pass over all that has ended since, for an old day the whole archive.
But what lasted n days at most and has a day in it ends no later than n days after that day: asked length by
length, little more is read than is found, whatever day it is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Integer,
    Join,
    and_,
    case,
    literal_column,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import Grouping

from tracker.models.days import days_after, days_between

LENGTHS = (16, 64, 256, 1_024, 73_050)
"""Days that a stretch lasted at most; the last of them, two centuries, is longer than any."""
BY_LENGTH = "ix_task_period_open_ended"
"""The index of the stretches of open tasks that have ended, by their length."""


def length_of(stretch: Any) -> ColumnElement[int]:
    """Return the SQL for the least of `LENGTHS` that a stretch (`valid_from`, `valid_to`) lasted at most."""
    *shorter, longest = map(_constant, LENGTHS)
    days = days_between(stretch.valid_from, stretch.valid_to)
    # In brackets, as PostgreSQL wants an expression in an index.
    return Grouping(case(*((days <= length, length) for length in shorter), else_=longest))


class _LengthFirst(Join):
    """A join of the lengths with the stretches that SQLite carries out as it stands, by the index for it: it
    may begin with either side of any other, and believes that an index of two more words helps little."""

    inherit_cache = True


@compiles(_LengthFirst)
def _join(element: Any, compiler: Any, **words: Any) -> str:
    sides = [compiler.process(each, **words | {"asfrom": True}) for each in (element.left, element.right)]
    return " CROSS JOIN ".join(sides)


@compiles(_LengthFirst, "sqlite")
def _join_in_sqlite(element: Any, compiler: Any, **words: Any) -> str:
    return f"{_join(element, compiler, **words)} INDEXED BY {BY_LENGTH}"


def covering(stretch: Any, day: Any) -> tuple[FromClause, ColumnElement[bool]]:
    """Return what to select from, and the SQL condition that a stretch has a day in it and ended after it."""
    last = days_after(type_coerce(day, Date()), _LENGTHS_TOLD.c.days)
    condition = and_(
        length_of(stretch) == _LENGTHS_TOLD.c.days,
        stretch.valid_from <= day, stretch.valid_to > day, stretch.valid_to <= last,
    )  # fmt: skip
    return _LengthFirst(_LENGTHS_TOLD, stretch.__table__, true()), condition


def _constant(number: int) -> ColumnElement[int]:
    # An index over an expression serves only a query with the same constants, no parameters.
    return literal_column(str(number), Integer())


_LENGTHS_TOLD = union_all(*(select(_constant(days).label("days")) for days in LENGTHS)).cte("length")
"""One and the same for all the days that a statement asks for."""

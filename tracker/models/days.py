"""Reckoning with days in SQL, in the words of each database."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class days_between(FunctionElement[int]):
    """SQL: how many days the second day is after the first."""

    type = Integer()
    inherit_cache = True


class days_after(FunctionElement[date]):
    """SQL: the day that is so many days after a day."""

    type = Date()
    inherit_cache = True


@compiles(days_between, "sqlite")
def _between_in_sqlite(element: Any, compiler: Any, **words: Any) -> str:
    first, last = (compiler.process(each, **words) for each in element.clauses)
    return f"(julianday({last}) - julianday({first}))"


@compiles(days_between, "postgresql")
def _between_in_postgresql(element: Any, compiler: Any, **words: Any) -> str:
    first, last = (compiler.process(each, **words) for each in element.clauses)
    return f"({last} - {first})"


@compiles(days_after, "sqlite")
def _after_in_sqlite(element: Any, compiler: Any, **words: Any) -> str:
    day, number = (compiler.process(each, **words) for each in element.clauses)
    return f"date({day}, {number} || ' days')"


@compiles(days_after, "postgresql")
def _after_in_postgresql(element: Any, compiler: Any, **words: Any) -> str:
    day, number = (compiler.process(each, **words) for each in element.clauses)
    return f"({day} + {number})"

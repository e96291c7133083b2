"""Statements that are made once and then only get other values.

Making a statement and finding its text in the cache takes longer than a database needs to carry out a small
one; what jobs ask every few seconds is therefore made at its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import lru_cache
from inspect import signature
from typing import Any, cast

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    ColumnElement,
    Integer,
    String,
    any_,
    bindparam,
    case,
    collate,
    func,
    select,
    type_coerce,
)
from sqlalchemy import cast as as_type
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op
from sqlalchemy.types import TypeDecorator

from tracker.models import db

MOST_SHAPES = 400
"""Shapes of one kind of statement that are kept, those used last."""


class Prepared:
    """A statement that is made once; to call it is to carry it out, and the rows come as a `CursorResult`."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make
        self._names = tuple(signature(make).parameters)
        self._made: dict[str, Any] = {}
        self.__doc__ = make.__doc__

    def __call__(self, **values: Any) -> Any:
        """Carry it out with these values; raises `TypeError` unless they are those of the parameters."""
        if values.keys() != set(self._names):
            raise TypeError(f"the statement takes {self._names}, not {tuple(values)}")
        return self._run(values)

    def with_rows(self, rows: Sequence[Mapping[str, Any]]) -> Any:
        """Carry out an INSERT without parameters of its own for all these rows; there is at least one."""
        return self._run(rows)

    def _run(self, values: Any) -> Any:
        connection = _connection()
        dialect = connection.dialect.name
        if dialect not in self._made:
            self._made[dialect] = self._make(**{name: bindparam(name) for name in self._names})
        return connection.execute(self._made[dialect], values)


def prepared(make: Callable[..., Any]) -> Prepared:
    """Turn the maker of a statement into the statement.

    The arguments of the maker are the parameters of the statement: it gets them as `bindparam`s, once for
    each kind of database, and every call gives them values by the same names. Rows come as plain columns: no
    entities are loaded, and those that the session holds are not changed. What waits in the session is
    flushed before.
    """
    return Prepared(make)


class Shaped:
    """Statements that are made once for each shape; to call it is to carry one out."""

    def __init__(self, make: Callable[..., Any]) -> None:
        self._made = lru_cache(MOST_SHAPES)(lambda _dialect, *shape: make(*shape))
        self.__doc__ = make.__doc__

    def __call__(self, *shape: Hashable, **values: Any) -> Any:
        """Carry out the statement of this shape with these values; it may ask for fewer of them."""
        connection = _connection()
        return connection.execute(self._made(connection.dialect.name, *shape), values)


def shaped(make: Callable[..., Any]) -> Shaped:
    """Turn the maker of statements that differ in shape into those statements.

    What the maker is called with is the shape: words that say which conditions stand in the statement, never
    the values in them. They are parameters (`bindparam`) that the maker names, and each call gives them.
    Rows come as plain columns, as from `prepared`.
    """
    return Shaped(make)


def among(key: Any, values: Any) -> ColumnElement[bool]:
    """Return the SQL condition that a column of ids is one of `values`, a parameter of a prepared statement.

    The database gets the list as one value, an array or a text of JSON: the words of the statement then are
    the same for any number of ids, so that it stays prepared, and are not written anew for each page.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        each = func.json_each(type_coerce(values, JSON())).table_valued("value")
        return cast("ColumnElement[bool]", key.in_(select(each.c.value)))
    return cast("ColumnElement[bool]", key == any_(as_type(type_coerce(values, _Ids()), ARRAY(Integer()))))


class _Ids(TypeDecorator[list[int]]):
    """A list of ids as PostgreSQL writes an array: psycopg looks at each element of a list twice."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: list[int] | None, dialect: Any) -> str | None:
        return None if value is None else f"{{{','.join(map(str, value))}}}"


def compared(day: Any) -> Any:
    """Return a column of days as it is compared quickest where no index is searched by it.

    To SQLite a DATE is a number that may be written as a text: it tries to read each as one, at every
    comparison, unless a sign stands before the column.
    """
    if db.session.get_bind().dialect.name == "sqlite":
        return UnaryExpression(day, operator=custom_op("+"), type_=day.type)
    return day


def by_code_points(words: Any) -> ColumnElement[str]:
    """Return a column of words as Python sorts it; PostgreSQL would sort by the rules of a language."""
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    return collate(words, "BINARY" if is_sqlite else "C")


def first_number(words: Any, *, digits: int, otherwise: int) -> ColumnElement[int]:
    """Return the number of at most so many digits that a column of words begins with."""
    if db.session.get_bind().dialect.name == "sqlite":
        begins = as_type(func.substr(words, 1, digits), BigInteger)
        return case((words.op("GLOB")("[0-9]*"), begins), else_=otherwise)
    begins = as_type(func.substring(func.left(words, digits), "^[0-9]+"), BigInteger)
    return func.coalesce(begins, otherwise)


def _connection() -> Any:
    """Return the connection of the session, with all that waits in the session flushed."""
    session = db.session
    if session.autoflush:
        session.flush()
    return session.connection()

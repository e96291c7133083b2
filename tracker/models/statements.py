"""Statements that are made once and then only get other values.

Making a statement and finding its text in the cache takes longer than a database needs to carry out a small
one; what jobs ask every few seconds is therefore made at its first call.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import signature
from typing import Any

from sqlalchemy import bindparam

from tracker.models import db


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
        session = db.session
        if session.autoflush:
            session.flush()
        connection = session.connection()
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

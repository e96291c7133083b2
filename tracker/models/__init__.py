"""What is stored, and the door to the database: `db`, `transaction()` and the column types."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, DateTime, MetaData, String, event, func, select, text
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from tracker.models.reading import ChoosingSession, ask_singly, asks_singly
from tracker.models.sqlite import journal_mode, sqlite

FAR_FUTURE = date(9999, 12, 31)
"""The open end of a stretch of days: later than any day that is asked for."""

BUSY_TIMEOUT_MS = 20_000


class UtcMoment(TypeDecorator[datetime]):
    """An aware UTC datetime, in and out, on every database (SQLite itself forgets the offset)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored moment needs its offset")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Word(TypeDecorator[Enum]):
    """A str-valued Enum stored as its value, so that the tables read without the code."""

    impl = String(32)
    cache_ok = True

    def __init__(self, enum: type[Enum]) -> None:
        super().__init__()
        self.enum = enum

    def process_bind_param(self, value: Enum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else self.enum(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> Enum | None:
        return None if value is None else self.enum(value)


Json = JSON(none_as_null=True)


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"class_": ChoosingSession})

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


@event.listens_for(db.Model, "init", propagate=True)
def _fill_defaults(row: Any, _args: Any, values: dict[str, Any]) -> None:
    """Give a new row its plain defaults at once: a whole history loads without a flush in between."""
    for attribute in row.__mapper__.column_attrs:
        default = attribute.columns[0].default
        if default is not None and default.is_scalar:
            values.setdefault(attribute.key, default.arg)


_writing: ContextVar[str | None] = ContextVar("writing", default=None)


@contextmanager
def transaction(*, bulk: bool = False) -> Iterator[None]:
    """Make everything written inside the block one transaction: all of it is stored, or nothing.

    On SQLite the block begins IMMEDIATE, so that reading before writing cannot fail as locked. A block
    inside another one joins it. `bulk=True` is for loading a whole history: rows need no locks because
    nobody else works in an empty installation, and nothing is flushed before it must be.
    """
    if _writing.get() is not None:
        yield
        return
    session = db.session
    session.commit()
    token = _writing.set("bulk" if bulk else "one")
    try:
        if bulk:
            with session.no_autoflush:
                yield
        else:
            yield
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        _writing.reset(token)


def begin_snapshot() -> None:
    """Begin a reading in which all statements see one moment, until the session's transaction ends.

    SQLite's transactions are so by themselves; PostgreSQL is asked for it. Within a transaction that somebody
    else began nothing can be asked for: the reading then is of that one.
    """
    db.session.commit()
    ask_singly(False)
    connection = db.session.connection()
    if connection.dialect.name == "postgresql" and not connection.in_nested_transaction():
        db.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def end_reading() -> None:
    """Let go of what was read, before long work on it begins; while somebody writes it does nothing.

    On SQLite without a WAL a reading that is not ended keeps writers from committing, and a writer who waits
    keeps all others from reading; with one the WAL only grows.
    """
    if _writing.get() is None:
        db.session.commit()


def let_go_of_databases() -> None:
    """Close every connection of this process."""
    db.session.remove()
    for engine in db.engines.values():
        engine.dispose()


def close_databases() -> None:
    """Close every connection at the end of the process, and leave one file where SQLite keeps a WAL beside.

    A process that was killed leaves its WAL there, and what it holds would be missing to who copies the file.
    The last connection that is closed brings it in; while others still work nothing happens.
    """
    let_go_of_databases()
    for engine in db.engines.values():
        if engine.dialect.name == "sqlite" and Path(f"{engine.url.database}-wal").is_file():
            with engine.connect() as connection:
                connection.execute(text("SELECT 1 FROM sqlite_master"))
            engine.dispose()


def lock(row: Any) -> None:
    """Read a row anew and hold it until the transaction ends, so that nobody changes it in between.

    Only the row itself is held: what it was loaded with may be the outer side of a join, which PostgreSQL
    does not lock.
    """
    if _writing.get() == "one":
        db.session.flush()
        db.session.refresh(row, with_for_update={"of": type(row)})


def next_id(model: Any) -> int:
    """Return an id that a row of `model` may be stored under, for what is written of it before it is stored.

    PostgreSQL gives it to nobody else; on SQLite another may take it first, which the insert then shows.
    """
    if db.session.get_bind().dialect.name == "postgresql":
        free = select(func.nextval(func.pg_get_serial_sequence(model.__tablename__, "id")))
    else:
        free = select(func.coalesce(func.max(model.id), 0) + 1)
    return int(db.session.scalar(free) or 0)


def insert_into(model: Any) -> Any:
    """Return an INSERT in the words of the database in use: it knows `on_conflict_do_nothing()`."""
    dialects = {"sqlite": sqlite_insert, "postgresql": postgresql_insert}
    return dialects[db.session.get_bind().dialect.name](model)


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite.Connection):
        return
    connection.isolation_level = None
    asked = os.environ.get("TRACKER_SQLITE_JOURNAL", "")
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute(f"PRAGMA journal_mode = {journal_mode(asked=asked)}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")
    else:
        singly = _writing.get() is None and asks_singly(connection)
        connection.connection.dbapi_connection.ask_singly(singly)


# The tables, imported so that `db.metadata` knows them all.
from tracker.models import (  # noqa: E402
    calendar,  # noqa: F401
    directive,  # noqa: F401
    export,  # noqa: F401
    feed,  # noqa: F401
    mail,  # noqa: F401
    people,  # noqa: F401
    postgresql,  # noqa: F401
    progress,  # noqa: F401
    recount,  # noqa: F401
    report,  # noqa: F401
    series,  # noqa: F401
    sheet,  # noqa: F401
    task,  # noqa: F401
    units,  # noqa: F401
)

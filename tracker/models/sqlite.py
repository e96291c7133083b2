"""The SQLite library in use: the one that `pysqlite3` brings, else the one of Python.

A process must know only one: two libraries that hold the same file lose each other's locks. So whoever needs
the library itself takes it from here, and the engine made of a `sqlite://` address is told to do so too.
"""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

if TYPE_CHECKING:
    import sqlite3 as sqlite
else:
    try:
        from pysqlite3 import dbapi2 as sqlite
    except ImportError:
        import sqlite3 as sqlite

__all__ = ["SAFE_WAL_VERSION", "OneLibrary", "journal_mode", "sqlite"]

SAFE_WAL_VERSION = (3, 51, 3)
"""SQLite before this version can corrupt a WAL database when two connections checkpoint together."""


def journal_mode(version: tuple[int, ...] = sqlite.sqlite_version_info, *, asked: str = "") -> str:
    """Return the journal mode that is safe with this SQLite library: DELETE before 3.51.3, then WAL.

    `asked` may choose DELETE (TRACKER_SQLITE_JOURNAL, for a disk without shared memory), never an unsafe WAL.
    """
    return "WAL" if version >= SAFE_WAL_VERSION and asked.strip().upper() != "DELETE" else "DELETE"


class OneLibrary(SQLiteDialect_pysqlite):
    """SQLite as SQLAlchemy speaks it, by the library in use."""

    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        return sqlite


# `register()` would look the class up by the name of this module, whose package is not all read yet.
registry.impls["sqlite"] = lambda: OneLibrary

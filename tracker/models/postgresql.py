"""How PostgreSQL is spoken to: a connection prepares its statements once, and nothing is compiled for them.

psycopg prepares a statement that a connection asks for the sixth time, and forgets all of them at each
ROLLBACK. A page that only read ends with one: so every page had all its statements parsed and planned anew,
which took PostgreSQL longer than to carry most of them out.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Engine, event

OPTIONS = "-c jit=off"
"""What each connection asks of the server, before what DATABASE_URL itself says in `options`: to compile the
expressions of a large statement takes longer than all statements of a page."""
MOST_PREPARED = 200
"""Statements that a connection keeps prepared, those used last; a hundred take some 13 MB of the server's
memory, and all common pages of all roles together have about 180."""


class PlainCursor(psycopg.Cursor[Any]):
    """A cursor that tells of its columns what SQLAlchemy asks for: their names and types.

    psycopg makes an object of eight facts of each, at every statement again.
    """

    @property
    def description(self) -> Any:
        """The columns of the result, None where there is none."""
        result = self.pgresult
        if result is None or not result.nfields:
            return super().description
        name, kind = result.fname, result.ftype
        return [
            ((name(at) or b"").decode(), kind(at), None, None, None, None, None)
            for at in range(result.nfields)
        ]


class KeepingConnection(psycopg.Connection[Any]):
    """A connection that keeps its prepared statements when a transaction without an error is rolled back.

    After an error they are forgotten, as psycopg does it: one that fits its tables no longer is made anew.
    """

    def rollback(self) -> None:
        """Roll back the current transaction, if there is one."""
        if self.pgconn.transaction_status == TransactionStatus.INTRANS:
            with self.lock:
                if self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _record: Any, args: Any, words: dict[str, Any]) -> Any:
    if dialect.driver != "psycopg":
        return None
    words["options"] = " ".join(filter(None, (OPTIONS, words.get("options"))))
    connection = KeepingConnection.connect(*args, **words)
    connection.prepared_max = MOST_PREPARED
    connection.cursor_factory = PlainCursor
    return connection

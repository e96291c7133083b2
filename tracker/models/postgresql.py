"""How PostgreSQL is spoken to: a connection prepares its statements once, and nothing is compiled for them.

psycopg prepares a statement that a connection asks for the sixth time, and forgets all of them at each
ROLLBACK. A page that only read ends with one: so every page had all its statements parsed and planned anew,
which took PostgreSQL longer than to carry most of them out.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event

OPTIONS = "-c jit=off"
"""What each connection asks of the server, before what DATABASE_URL itself says in `options`: to compile the
expressions of a large statement takes longer than all statements of a page."""
MOST_PREPARED = 200
"""Statements that a connection keeps prepared, those used last; a hundred take some 13 MB of the server's
memory, and all common pages of all roles together have about 180."""


@event.listens_for(Engine, "handle_error")
def _forget_prepared(context: Any) -> None:
    """Forget after an error what is prepared: it may fit its tables no longer."""
    if context.dialect.driver == "psycopg" and context.connection is not None and not context.is_disconnect:
        context.connection.connection.dbapi_connection.forget_prepared()


@event.listens_for(Engine, "do_connect")
def _connect(dialect: Any, _record: Any, args: Any, words: dict[str, Any]) -> Any:
    if dialect.driver != "psycopg":
        return None
    # Read here: an installation on SQLite has no use for the driver, which takes 8 MB.
    from tracker.models.keeping import KeepingConnection, PlainCursor

    words["options"] = " ".join(filter(None, (OPTIONS, words.get("options"))))
    connection = KeepingConnection.connect(*args, **words)
    connection.prepared_max = MOST_PREPARED
    connection.cursor_factory = PlainCursor
    return connection

"""The connection to PostgreSQL and its cursors (`postgresql.py`)."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.pq import ExecStatus, TransactionStatus


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

    _asks_singly = False

    def ask_singly(self, singly: bool) -> None:
        """Let what is asked from now on begin no transaction, or begin one again as at first."""
        if singly != self._asks_singly:
            self.autocommit = self._asks_singly = singly

    def forget_prepared(self) -> None:
        """Prepare all statements anew, unless a transaction is open, whose end sees to it."""
        if self.pgconn.transaction_status == TransactionStatus.IDLE:
            self.execute("DEALLOCATE ALL")

    def rollback(self) -> None:
        """Roll back the current transaction, if there is one."""
        status = self.pgconn.transaction_status
        if status == TransactionStatus.IDLE:
            return
        if status == TransactionStatus.INTRANS:
            with self.lock:
                if self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK:
                    return
        super().rollback()

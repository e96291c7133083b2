"""Writing the history file: the rows of the history, in the order of entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from tracker.clock import VIETNAM
from tracker.models import db
from tracker.models.people import User
from tracker.models.progress import History
from tracker.operations.history.shape import SHAPES

ROWS_AT_A_TIME = 1_000


def dump() -> Iterator[str]:
    """Yield the lines of the whole installation, without line ends.

    What follows from other rows (`SHAPES` knows no line for it) is left out: a load makes it again.
    Passwords, mails and attached files are no part of the history.
    """
    query = (
        select(History.do, History.on_day, History.at, User.login, History.payload)
        .outerjoin(User, User.id == History.by_id)
        .where(History.do.in_(SHAPES))
        .order_by(History.id)
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    for do, on_day, at, login, payload in db.session.execute(query):
        line: dict[str, Any] = {"do": do}
        if on_day is not None:
            line["on"] = on_day.isoformat()
        if at is not None:
            line["at"] = at.astimezone(VIETNAM).isoformat()
        if login is not None:
            line["by"] = login
        line |= {key: payload[key] for key in SHAPES[do].keys if key in payload}
        yield json.dumps(line, ensure_ascii=False)

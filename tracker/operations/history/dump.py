"""Writing the history file: the rows of the history, in the order of entry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select

from tracker.clock import VIETNAM
from tracker.models import db
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.report import Report, ReportKind
from tracker.models.sheet import ImportRow
from tracker.operations.history.shape import SHAPES

ROWS_AT_A_TIME = 1_000


def dump() -> Iterator[str]:
    """Yield the lines of the whole installation, without line ends.

    What follows from other rows (`SHAPES` knows no line for it) is left out: a load makes it again.
    Passwords, mails and attached files are no part of the history.
    """
    query = (
        select(History.do, History.on_day, History.at, User.login, History.payload, History.unit_id)
        .outerjoin(User, User.id == History.by_id)
        .where(History.do.in_(SHAPES))
        .order_by(*_order())
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    for do, on_day, at, login, payload, unit_id in db.session.execute(query):
        line: dict[str, Any] = {"do": do}
        if on_day is not None:
            line["on"] = on_day.isoformat()
        if at is not None:
            line["at"] = at.astimezone(VIETNAM).isoformat()
        if login is not None:
            line["by"] = login
        if do == "freeze":
            payload = payload | {"data": _frozen_data(unit_id, payload)}
        line |= {key: payload[key] for key in SHAPES[do].keys if key in payload}
        yield json.dumps(line, ensure_ascii=False)


def _order() -> tuple[ColumnElement[Any], ...]:
    """Return the order of the lines: as entered, and by day where sheets brought entries for days gone by."""
    if db.session.scalar(select(ImportRow.batch_id).limit(1)) is None:
        return (History.id.expression,)
    day = func.coalesce(History.on_day, func.max(History.on_day).over(order_by=History.id))
    return day, History.id.expression


def _frozen_data(assigner_id: int, payload: dict[str, Any]) -> dict[str, Any]:
    """Return what was frozen: a report is kept once, its entry in the history names it."""
    query = select(Report.data).where(
        Report.kind == ReportKind.B4,
        Report.assigner_id == assigner_id,
        Report.first_on == date.fromisoformat(payload["from"]),
        Report.last_on == date.fromisoformat(payload["to"]),
        Report.edition == payload["edition"],
    )
    return db.session.scalars(query).one()

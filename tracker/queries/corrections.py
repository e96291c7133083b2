"""What was corrected after a day, read back from the history as it stood at the end of that day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, literal_column, select

from tracker.models import db
from tracker.models.progress import History
from tracker.models.statements import among, prepared

Stood = dict[int, dict[str, Any]]
"""By id: the facts that were corrected since, by their names in the history, as they stood before."""

_CORRECTED = literal_column("'correct'", String())
"""Written out as a constant: a partial index of corrections serves no query that hides it in a parameter."""


def corrected_since(key: Any, day: date, *conditions: ColumnElement[bool]) -> Stood:
    """Return the facts that were corrected after a day as they stood at its end, by what `key` names.

    `key` is one of the columns of `History` that name what a row is about, `conditions` say which rows count.
    """
    return stood_before(db.session.execute(corrections(key, day, *conditions)))


def corrections(key: Any, day: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return the SELECT of what `stood_before` reads; `day` may be a parameter."""
    told: list[Any] = [History.id, key, History.changes]
    return select(*told).where(History.do == _CORRECTED, History.on_day > day, *conditions)


def stood_before(rows: Iterable[tuple[int, int, Any]]) -> Stood:
    """Return the facts as they stood before rows of the history, given in any order: its id, the id of what
    it corrected, its changes."""
    stood: Stood = defaultdict(dict)
    # Sorted here: asked for rows by id, SQLite walks the whole history instead of the corrections.
    for _id, number, changes in sorted(rows, key=itemgetter(0)):
        for fact, old, _new in changes or ():
            stood[number].setdefault(fact, old)
    return dict(stood)


def corrected_units(day: Any, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition of the rows of the history that corrected units after a day.

    That they name a unit is said apart: the index of corrections then passes over those of anything else.
    """
    return and_(
        History.do == _CORRECTED, History.on_day > day, History.task_id.is_(None),
        History.unit_id.is_not(None), *conditions,
    )  # fmt: skip


def units_since(ids: Collection[int], day: date) -> Stood:
    """Return what was corrected of these units after a day: name, title_of_head, order …"""
    return stood_before(_units_corrected(ids=list(ids), day=day))


@prepared
def _units_corrected(ids: Any, day: Any) -> Any:
    return select(History.id, History.unit_id, History.changes).where(
        corrected_units(day, among(History.unit_id, ids))
    )


def people_since(ids: Collection[int], day: date) -> Stood:
    """Return what was corrected of these persons after a day: name, title …"""
    return corrected_since(History.person_id, day, History.task_id.is_(None), History.person_id.in_(ids))


def tasks_since(day: date, condition: ColumnElement[bool]) -> Stood:
    """Return what was corrected of tasks after a day: content, item, product, leader (a login) …"""
    return stood_before(db.session.execute(corrections_of_tasks(day, condition)))


def corrections_of_tasks(day: Any, condition: ColumnElement[bool]) -> Select[Any]:
    """Return the SELECT of them; `day` may be a parameter."""
    return corrections(History.task_id, day, History.task_id.is_not(None), condition)


def directives_since(day: date, condition: ColumnElement[bool]) -> Stood:
    """Return what was corrected of directives after a day: kind, number, issued_on (as text), field …"""
    return stood_before(db.session.execute(corrections_of_directives(day, condition)))


def corrections_of_directives(day: Any, condition: ColumnElement[bool]) -> Select[Any]:
    """Return the SELECT of them; `day` may be a parameter."""
    return corrections(History.directive_id, day, History.task_id.is_(None), condition)

"""What a row of B.4 is called on the cut-off day, asked for one row without counting the table."""

from __future__ import annotations

from sqlalchemy import exists, select

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.progress import History
from tracker.models.units import Unit
from tracker.queries.b4.behind import tasks_behind
from tracker.queries.b4.grouping import leaders_of
from tracker.queries.b4.papers import directive_heads
from tracker.queries.b4.population import Question
from tracker.queries.corrections import directives_since, units_since
from tracker.rules.b4_table import Grouping, field_head, leader_head, month_head


def row_name(question: Question, key: str) -> str | None:
    """Return what the row of a key is called, None for a row that the table does not have.

    A unit is told by its name whether it has tasks in the table or not.
    """
    if question.grouping is Grouping.UNIT:
        unit = db.session.scalar(select(Unit).where(Unit.code == key))
        if unit is None:
            return None
        return str(units_since([unit.id], question.on).get(unit.id, {}).get("name", unit.name))
    if not db.session.scalar(select(exists(tasks_behind(question, row_key=key).subquery()))):
        return None
    match question.grouping:
        case Grouping.MONTH:
            return month_head(key).name
        case Grouping.FIELD:
            return field_head(key).name
        case Grouping.LEADER:
            return leader_head(key, leaders_of(question, [], [key])[key].name if key else "").name
        case _:
            return _directive_name(question, key)


def _directive_name(question: Question, key: str) -> str:
    number = db.session.scalars(select(Directive.id).where(Directive.key == key)).one()
    _keys, (head,) = directive_heads([number], directives_since(question.on, History.directive_id == number))
    return head.name

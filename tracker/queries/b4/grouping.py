"""What a row stands for: the columns to group by, and what was corrected of them since the cut-off day."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    exists,
    extract,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy import types as sql_types
from sqlalchemy.orm import aliased

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.statements import prepared
from tracker.models.task import Task, TaskPeriod
from tracker.queries.b4.population import Question
from tracker.queries.corrections import (
    Stood,
    corrections_of_directives,
    corrections_of_tasks,
    people_since,
    stood_before,
)
from tracker.rules.b4_table import Grouping


def tasks_corrected(question: Question) -> Stood:
    """Return what was corrected after the cut-off day of the tasks that the assigner gave."""
    return stood_before(_tasks_corrected(assigner=question.assigner.id, on=question.on))


@prepared
def _tasks_corrected(assigner: Any, on: Any) -> Any:
    gave = exists().where(and_(Task.id == History.task_id, Task.assigner_id == assigner))
    return corrections_of_tasks(on, gave)


def directives_corrected(question: Question) -> Stood:
    """Return what was corrected after the cut-off day of the directives of the assigner's tasks."""
    return stood_before(_directives_corrected(assigner=question.assigner.id, on=question.on))


@prepared
def _directives_corrected(assigner: Any, on: Any) -> Any:
    gave = exists().where(and_(Task.directive_id == History.directive_id, Task.assigner_id == assigner))
    return corrections_of_directives(on, gave)


class Columns(NamedTuple):
    """What to group by. A group may name a thing whose fact was corrected since: `then` has its fact."""

    of_stretch: Sequence[Any]
    """Columns of a stretch of days: what its own row has, so that an index tells all of it."""
    told_by: Callable[[Subquery], Select[Any]] | None
    """The SELECT of what tells the rows, of a table with the one column of a stretch, where a row counts
    several of those."""
    then: dict[int, Any]
    """By id of a directive or a task: the field, or the login of the leader, of the cut-off day."""

    @property
    def is_one_id(self) -> bool:
        """Whether a row is told by one id alone."""
        return len(self.of_stretch) == 1 and self.told_by is None


def facts_then(question: Question) -> dict[int, Any]:
    """Return by id of a directive the field, by id of a task the login of the leader, that it had on the
    cut-off day, where that was corrected since; nothing for other groupings."""
    match question.grouping:
        case Grouping.FIELD:
            return _fact(directives_corrected(question), "field")
        case Grouping.LEADER:
            return _fact(tasks_corrected(question), "leader")
    return {}


def columns_of(grouping: Grouping, then: dict[int, Any]) -> Columns:
    """Return what rows are grouped by; `then` is what `facts_then` says.

    Of fields and months each directive, each day of giving is counted first: a field is asked of few papers
    then, not of many tasks.
    """
    period = TaskPeriod
    match grouping:
        case Grouping.UNIT:
            return Columns([period.unit_id], None, {})
        case Grouping.DIRECTIVE:
            return Columns([period.directive_id], None, {})
        case Grouping.MONTH:
            return Columns([period.given_on], _months, {})
        case Grouping.FIELD:
            return Columns([period.directive_id], partial(_fields, then), then)
        case Grouping.LEADER:
            # Written out: to SQLite a parameter in two places is two, and what it groups by another column.
            leader = func.coalesce(period.leader_id, literal_column(str(NOBODY), sql_types.Integer))
            return Columns(_apart(leader, period.task_id, then), None, then)


NOBODY = 0
"""In place of the id of a leader where there is none."""


def _months(told: Subquery) -> Select[Any]:
    parts: list[ColumnElement[Any]] = [extract(part, told.c.given_on) for part in ("year", "month")]
    return select(*parts)


def _fields(then: dict[int, Any], told: Subquery) -> Select[Any]:
    paper = aliased(Directive)
    of_paper = paper.id == told.c.directive_id
    return select(*_apart(paper.field, paper.id, then)).join_from(told, paper, of_paper)


def _fact(stood: Stood, name: str) -> dict[int, Any]:
    return {number: facts[name] for number, facts in stood.items() if name in facts}


def _apart(column: Any, number: Any, then: Collection[int]) -> list[ColumnElement[Any]]:
    """Return a column, and beside it the id of what was corrected since, which is then counted apart; alone
    where nothing was."""
    if not then:
        return [column]
    corrected = number.in_(constants(then))
    return [case((corrected, None), else_=column), case((corrected, number), else_=None)]


def constants(numbers: Iterable[int]) -> Any:
    """Return ids for an IN, written out: a statement may hold more of them than parameters."""
    return bindparam(
        "ids", list(numbers), type_=sql_types.Integer(), expanding=True, literal_execute=True, unique=True
    )


def in_row(question: Question, key: str) -> ColumnElement[bool]:
    """Return the SQL condition over a stretch that a row of this key counts it.

    Of groupings other than by unit. A key that names nothing counts nothing.
    """
    period = TaskPeriod
    match question.grouping:
        case Grouping.DIRECTIVE:
            return period.directive_id == select(Directive.id).where(Directive.key == key).scalar_subquery()
        case Grouping.MONTH:
            try:
                first = date.fromisoformat(f"{key}-01")
            except ValueError:
                # No task was given then. A plain “false” leaves SQLite no use for its index by length.
                return period.given_on == FAR_FUTURE
            _weekday, days = monthrange(first.year, first.month)
            return period.given_on.between(first, first.replace(day=days))
        case Grouping.FIELD:
            named = Directive.field == key if key else or_(Directive.field.is_(None), Directive.field == "")
            of_field = period.directive_id.in_(select(Directive.id).where(named))
            return _stood(of_field, period.directive_id, facts_then(question), key)
        case _:
            login = select(User.id).where(User.login == key).scalar_subquery()
            led = period.leader_id == login if key else period.leader_id.is_(None)
            return _stood(led, period.task_id, facts_then(question), key)


def _stood(now: ColumnElement[bool], number: Any, then: dict[int, Any], key: str) -> ColumnElement[bool]:
    """Return the condition of today for what was not corrected since, of the rest what stood in the row."""
    if not then:
        return now
    mine = [each for each, value in then.items() if (value or "") == key]
    return or_(and_(now, number.not_in(constants(then))), number.in_(constants(mine)))


class Leader(NamedTuple):
    """A person by the name of the cut-off day."""

    login: str
    name: str


def leaders_of(question: Question, ids: Collection[int], logins: Collection[str]) -> dict[int | str, Leader]:
    """Return these persons by their ids and by their logins: two statements, none for nobody."""
    if not ids and not logins:
        return {}
    query = select(User.id, User.login, User.name).where(or_(User.id.in_(ids), User.login.in_(logins)))
    people = db.session.execute(query).all()
    then = people_since([person.id for person in people], question.on)
    found: dict[int | str, Leader] = {}
    for person in people:
        leader = Leader(person.login, then.get(person.id, {}).get("name", person.name))
        found[person.id] = found[person.login] = leader
    return found

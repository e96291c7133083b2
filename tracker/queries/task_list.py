"""The list of tasks: what it is narrowed to, in which order it stands, and what each choice would hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Date, Select, and_, exists, func, or_, select, union
from sqlalchemy.sql.elements import ColumnElement

from tracker.models import FAR_FUTURE, db
from tracker.models.directive import Directive
from tracker.models.people import Role, User
from tracker.models.task import RequestKind, Task
from tracker.models.units import Unit, subtree
from tracker.queries.directives import directives_visible_to
from tracker.queries.home import Days, asks
from tracker.queries.reach import Reach, given_by
from tracker.queries.tasks import TaskRow, read_rows, select_tasks
from tracker.queries.words import tasks_hold_words
from tracker.rules.status import (
    OPEN_STATES,
    RUNNING_STATES,
    Cell,
    State,
    cell_sql,
    due_within_sql,
    in_states,
    overdue_sql,
)

PAGE = 50
MOST_COUNTED = 1_000
"""Beyond this a list says “more than”, so that counting never walks an archive."""
MOST_CHOICES = 15
_NAMED = ("officer_id", "tracker_id", "leader_id")
"""Where a task names a person."""

OPEN, COUNTED = "open", "counted"
STATES: Mapping[str, tuple[State, ...]] = {
    OPEN: OPEN_STATES,
    COUNTED: (*OPEN_STATES, State.COMPLETED),
    **{state.value: (state,) for state in State},
}
TIMELINESS = ("overdue", "today", "soon", "late")
_OPEN_TIMELINESS = ("overdue", "today", "soon")
"""Words that only open tasks answer to."""
WAITS = ("confirmation", "extension", "return")
ROLES = ("lead", "coordinating", "mine", "given")
SORTS = ("due", "-due", "given", "-given", "last", "-last", "unit", "-unit")


@dataclass(frozen=True)
class Filter:
    """What a list is narrowed to; None and "" narrow nothing. `state` is a key of `STATES`."""

    state: str | None = None
    cell: Cell | None = None
    timeliness: str | None = None
    wait: str | None = None
    role: str | None = None
    unit: int | None = None
    assigner: tuple[int, ...] = ()
    directive: int | None = None
    field: str | None = None
    officer: int | None = None
    due_from: date | None = None
    due_to: date | None = None
    text: str = ""


class Place(NamedTuple):
    """The row after which a page begins: its value of the sort (a day or a number), and its id."""

    value: date | int
    id: int


class Choice(NamedTuple):
    """A value that the list could be narrowed to, and how many open tasks it would hold."""

    value: Any
    label: str
    tasks: int


class Scope:
    """The tasks that a person sees, today, and what each word of a filter means to them."""

    def __init__(self, user: User, *, today: date, days: Days) -> None:
        self.user, self.today, self.days = user, today, days
        self.reach = Reach(user, day=today)

    def conditions(self, chosen: Filter, *, without: Sequence[str] = ()) -> list[ColumnElement[bool]]:
        """Return the SQL conditions of a filter; `without` leaves some of its words out, to count choices.

        Without the word of the state they hold for open tasks.
        """
        states = STATES[chosen.state or COUNTED]
        if "state" in without or self._is_of_open(chosen, without):
            states = OPEN_STATES
        found = [self.reach.sees(states=states), in_states(Task, states)]
        found += self.narrowed(chosen, without=without)

        def asked(name: str) -> Any:
            return None if name in without else getattr(chosen, name) or None

        if role := asked("role"):
            found.append(self._roles()[role])
        if unit := asked("unit"):
            found.append(Task.unit_id.in_(subtree(select(Unit.id).where(Unit.id == unit))))
        if assigner := asked("assigner"):
            found.append(Task.assigner_id.in_(assigner))
        if directive := asked("directive"):
            found.append(Task.directive_id == directive)
        if field := asked("field"):
            papers = select(Directive.id).where(Directive.field == field)
            found.append(Task.directive_id.in_(papers))
        if officer := asked("officer"):
            found.append(_names(officer))
        if due_from := asked("due_from"):
            found.append(Task.due_on.between(due_from, chosen.due_to or FAR_FUTURE))
        elif due_to := asked("due_to"):
            found.append(Task.due_on.between(date.min, due_to))
        if text := asked("text"):
            found += tasks_hold_words(text)
        return found

    @staticmethod
    def _is_of_open(chosen: Filter, without: Sequence[str]) -> bool:
        """Return whether what a filter asks of time and decisions holds for open tasks only."""
        of_time = chosen.timeliness in _OPEN_TIMELINESS and "timeliness" not in without
        return of_time or bool(chosen.wait and "wait" not in without)

    def narrowed(self, chosen: Filter, *, without: Sequence[str]) -> list[ColumnElement[bool]]:
        """Return the conditions of those words of a filter that follow from state, deadline and requests."""
        found: list[ColumnElement[bool]] = []
        if chosen.state and "state" not in without:
            found.append(in_states(Task, STATES[chosen.state]))
        if chosen.cell and "cell" not in without:
            found.append(cell_sql(Task, day=self.today) == chosen.cell.value)
        if chosen.timeliness and "timeliness" not in without:
            found.append(self.timeliness()[chosen.timeliness])
        if chosen.wait and "wait" not in without:
            found.append(self.waits()[chosen.wait])
        return found

    def timeliness(self) -> dict[str, ColumnElement[bool]]:
        """Return what each word of timeliness means today."""
        today = self.today
        return {
            "overdue": overdue_sql(Task, day=today),
            "today": due_within_sql(Task, first=today, last=today),
            "soon": due_within_sql(Task, first=today + timedelta(days=1), last=self.days.soon_until),
            "late": cell_sql(Task, day=today) == Cell.COMPLETED_LATE.value,
        }

    def waits(self) -> dict[str, ColumnElement[bool]]:
        """Return what waits for what decision."""
        running = in_states(Task, RUNNING_STATES)
        return {
            "confirmation": in_states(Task, (State.AWAITING_CONFIRMATION,)),
            "extension": and_(running, asks(RequestKind.EXTENSION)),
            "return": and_(running, asks(RequestKind.RETURN)),
        }

    def _roles(self) -> dict[str, ColumnElement[bool]]:
        return {
            "lead": self.reach.leads(),
            "coordinating": self.reach.coordinates(),
            "mine": Task.officer_id == self.user.id,
            "given": given_by(self.reach.held_in(Role.LEADER, Role.OFFICE)),
        }


def page_of(
    scope: Scope, chosen: Filter, *, sort: str, after: Place | None = None, most: int = PAGE
) -> tuple[Sequence[TaskRow], Place | None]:
    """Return a page of the list and where the next one begins (None at the end); one statement.

    Tasks without the day that the list is sorted by stand after all others, whichever way it is sorted.
    """
    falls = sort.startswith("-")
    expression, read = _sort(sort.removeprefix("-"), empty=date.min if falls else FAR_FUTURE)
    query = select_tasks(*scope.conditions(chosen)).limit(most + 1)
    if sort == "due" and after is None:
        # Sorted by the bare column, the first page is read off an index.
        expression = Task.due_on.nulls_last()
    order = (expression.desc(), Task.id.desc()) if falls else (expression, Task.id)
    query = query.order_by(*order)
    if after is not None:
        value, id_ = after
        if falls:
            query = query.where(expression <= value, or_(expression < value, Task.id < id_))
        else:
            query = query.where(expression >= value, or_(expression > value, Task.id > id_))
    rows = read_rows(query)
    last = rows[most - 1] if len(rows) > most else None
    return rows[:most], Place(read(last), last.id) if last else None


def _sort(by: str, *, empty: date) -> tuple[ColumnElement[Any], Any]:
    """Return the expression of a sort, never NULL, and how its value is read off a row."""
    if by == "unit":
        return Task.unit_id.expression, lambda row: row.unit_id
    column = {"given": Task.given_on, "last": Task.last_event_on, "due": Task.due_on}[by]
    name = column.key
    return func.coalesce(column, empty, type_=Date()), lambda row: getattr(row, name) or empty


def count_of(scope: Scope, chosen: Filter) -> int:
    """Return how many tasks a list holds, at most `MOST_COUNTED` + 1."""
    few = select(Task.id).where(*scope.conditions(chosen)).limit(MOST_COUNTED + 1).subquery()
    return db.session.scalar(select(func.count()).select_from(few)) or 0


def open_counts(scope: Scope, chosen: Filter) -> dict[tuple[str, str], int]:
    """Return by (filter, word) how many open tasks a state, a timeliness or a wait holds; one statement.

    Counted is under the other words of the filter, so that each number is what its link opens.
    """
    words: dict[tuple[str, str], ColumnElement[bool]] = {("state", OPEN): in_states(Task, OPEN_STATES)}
    words |= {("state", state.value): in_states(Task, (state,)) for state in OPEN_STATES}
    words |= {("timeliness", w): c for w, c in scope.timeliness().items() if w != "late"}
    words |= {("wait", word): condition for word, condition in scope.waits().items()}
    others = {name: scope.narrowed(chosen, without=(name,)) for name in ("state", "timeliness", "wait")}
    columns = [func.count().filter(condition, *others[name]) for (name, _word), condition in words.items()]
    conditions = scope.conditions(chosen, without=("state", "cell", "timeliness", "wait"))
    row = db.session.execute(select(*columns).where(*conditions)).one()
    return dict(zip(words, row, strict=True))


def choices_of(scope: Scope, chosen: Filter, name: str) -> list[Choice]:
    """Return the units, assigners or fields that tasks of the list have, most tasks first; one statement.

    A unit counts its own tasks and those of the units below it, as its link does.
    """
    conditions = scope.conditions(chosen, without=(name,))
    if name == "unit":
        return _units_of(conditions)
    if name == "officer":
        return _people_of(conditions)
    number = func.count().label("number")
    query: Select
    match name:
        case "assigner":
            query = select(Unit.id, Unit.name, number).join(Task, Task.assigner_id == Unit.id)
            query = query.group_by(Unit.id, Unit.name)
        case _:
            query = select(Directive.field, Directive.field, number).join(
                Task, Task.directive_id == Directive.id
            )
            query = query.where(Directive.field.is_not(None)).group_by(Directive.field)
    query = query.where(*conditions).order_by(number.desc()).limit(MOST_CHOICES)
    return [Choice(*row) for row in db.session.execute(query)]


def _people_of(conditions: Sequence[ColumnElement[bool]]) -> list[Choice]:
    """Return the people whom tasks name, each task once a person, whatever they are to it."""
    columns = (Task.id, Task.officer_id, Task.tracker_id, Task.leader_id)
    listed = select(*columns).where(*conditions).cte("listed")
    named = union(*(select(listed.c.id, listed.c[which].label("person")) for which in _NAMED)).subquery()
    number = func.count()
    query = (
        select(User.id, User.name, number)
        .join(named, named.c.person == User.id)
        .group_by(User.id, User.name)
        .order_by(number.desc(), User.id)
        .limit(MOST_CHOICES)
    )
    return [Choice(*row) for row in db.session.execute(query)]


def _units_of(conditions: Sequence[ColumnElement[bool]]) -> list[Choice]:
    counted = select(Task.unit_id, func.count().label("number")).where(*conditions)
    own = counted.group_by(Task.unit_id).cte("own")
    up = select(own.c.unit_id, own.c.unit_id.label("above")).cte("up", recursive=True)
    up = up.union(
        select(up.c.unit_id, Unit.parent_id)
        .join(Unit, Unit.id == up.c.above)
        .where(Unit.parent_id.is_not(None))
    )
    number = func.sum(own.c.number)
    query = (
        select(Unit.id, Unit.name, number)
        .select_from(up)
        .join(own, own.c.unit_id == up.c.unit_id)
        .join(Unit, Unit.id == up.c.above)
        .where(Unit.id.in_(select(own.c.unit_id)))
        .group_by(Unit.id, Unit.name)
        .order_by(number.desc(), Unit.id)
        .limit(MOST_CHOICES)
    )
    return [Choice(id_, name, int(found)) for id_, name, found in db.session.execute(query)]


class Names(NamedTuple):
    """What the chosen ids of a filter are called."""

    units: dict[int, str]
    directive: tuple[str, str | None] | None
    officer: str | None


def names_of(scope: Scope, chosen: Filter) -> Names:
    """Return what a filter's ids are called; papers and people only where the person sees them named."""
    ids = {*chosen.assigner, *([chosen.unit] if chosen.unit else [])}
    units: dict[int, str] = {}
    if ids:
        rows = db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(ids)))
        units = {id_: name for id_, name in rows}  # noqa: C416 - rows are no pairs to mypy
    paper = None
    if chosen.directive:
        query = select(Directive.kind, Directive.number).where(
            Directive.id == chosen.directive, directives_visible_to(scope.user, day=scope.today)
        )
        row = db.session.execute(query).first()
        paper = (row.kind, row.number) if row else None
    officer = None
    if chosen.officer:
        named = exists().where(scope.reach.sees(), _names(chosen.officer))
        officer = db.session.scalar(select(User.name).where(User.id == chosen.officer, named))
    return Names(units, paper, officer)


def _names(person: int) -> ColumnElement[bool]:
    """Return the condition that a task names a person: its officer, tracker or directing leader."""
    return or_(Task.officer_id == person, Task.tracker_id == person, Task.leader_id == person)

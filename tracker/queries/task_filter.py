"""What a list of tasks is narrowed to: its words, and the SQL conditions that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.sql.elements import ColumnElement

from tracker.models import FAR_FUTURE
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.task import RequestKind, Task
from tracker.models.units import Unit, subtree
from tracker.queries.home import ANY_DAYS, Days, asks
from tracker.queries.reach import Kind, Reach
from tracker.queries.words import Words, any_words, tasks_hold_words, values_of, with_words, words_in_tasks
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

OPEN, COUNTED = "open", "counted"
STATES: Mapping[str, tuple[State, ...]] = {
    OPEN: OPEN_STATES,
    COUNTED: (*OPEN_STATES, State.COMPLETED),
    **{state.value: (state,) for state in State},
}
TIMELINESS = ("overdue", "today", "soon", "late")
OPEN_TIMELINESS = ("overdue", "today", "soon")
"""Words that only open tasks answer to."""
WAITS = ("confirmation", "extension", "return")
ROLES = ("lead", "coordinating", "mine", "given")


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


class Asked(NamedTuple):
    """What of a filter shows in the shape of a statement; all else in it is a parameter."""

    state: str | None
    timeliness: str | None
    wait: str | None
    role: str | None
    given: tuple[str, ...]
    """The words of the filter that have a value."""
    reads_unit: bool
    """Whether who asks sees all that the unit of the filter and those below it lead: their ids are known."""
    match: bool
    signed: int

    def words(self) -> Words:
        """Return the words that are looked for, as parameters."""
        return any_words(match=self.match, signed=self.signed)


_VALUES = ("cell", "unit", "assigner", "directive", "field", "officer", "due_from", "due_to")


class Scope:
    """The tasks that a person sees, today, and the values that narrow them."""

    def __init__(self, user: User, *, today: date, days: Days) -> None:
        self.user, self.today = user, today
        self.reach = Reach(user, day=today)
        self.values = self.reach.values | days.values()

    def asks(self, chosen: Filter) -> tuple[Kind, Asked]:
        """Return the shape of what is asked; see `values_for` for the values."""
        words = words_in_tasks(chosen.text)
        given = tuple(name for name in _VALUES if getattr(chosen, name))
        asked = Asked(
            chosen.state, chosen.timeliness, chosen.wait, chosen.role, given,
            self._read_units(chosen) is not None, words.match is not None, len(words.signed),
        )  # fmt: skip
        return self.reach.kind, asked

    def _read_units(self, chosen: Filter) -> list[int] | None:
        return self.reach.read_units(chosen.unit) if chosen.unit else None

    def values_for(self, chosen: Filter) -> dict[str, Any]:
        """Return the values of all parameters of a filter and of who asks."""
        values = {name: value for name in _VALUES if (value := getattr(chosen, name))}
        if chosen.cell:
            values["cell"] = chosen.cell.value
        values["units"] = self._read_units(chosen)
        return self.values | values | values_of(words_in_tasks(chosen.text))


def first_found(kind: Kind, asked: Asked, *columns: Any, without: Sequence[str] = ()) -> Select:
    """Return a SELECT of the tasks of a filter for who takes no more than the first of them.

    Where words alone narrow the list the newest are read off their index, until there are enough.
    """
    query = select(*columns).where(*conditions_of(kind, asked, without=(*without, "text")))
    if asked.match and kind.sees_all and not asked.given and not asked.role:
        query = with_words(query, asked.words(), newest_first=True)
    else:
        query = query.where(*tasks_hold_words(asked.words()))
    return query.limit(bindparam("most"))


def conditions_of(kind: Kind, asked: Asked, *, without: Sequence[str] = ()) -> list[ColumnElement[bool]]:
    """Return the SQL conditions of a filter; `without` leaves some of its words out, to count choices.

    Without the word of the state they hold for open tasks.
    """
    seer = kind.seer()
    states = STATES[asked.state or COUNTED]
    if "state" in without or is_of_open(asked, without):
        states = OPEN_STATES
    given = [name for name in asked.given if name not in without]
    found = [in_states(Task, states)]
    if not (asked.reads_unit and "unit" in given and State.DRAFT not in states):
        found.append(seer.sees(states=states))
    found += narrowed(asked, Task, without=without)
    if asked.role and "role" not in without:
        roles = {
            "lead": seer.leads, "coordinating": seer.coordinates, "given": seer.given,
            "mine": lambda: Task.officer_id == seer.me,
        }  # fmt: skip
        found.append(roles[asked.role]())
    if "unit" in given:
        below = subtree(select(Unit.id).where(Unit.id == bindparam("unit")))
        found.append(Task.unit_id.in_(bindparam("units", expanding=True) if asked.reads_unit else below))
    if "assigner" in given:
        found.append(Task.assigner_id.in_(bindparam("assigner")))
    if "directive" in given:
        found.append(Task.directive_id == bindparam("directive"))
    if "field" in given:
        papers = select(Directive.id).where(Directive.field == bindparam("field"))
        found.append(Task.directive_id.in_(papers))
    if "officer" in given:
        found.append(names_person(bindparam("officer")))
    if "due_from" in given:
        last: Any = bindparam("due_to") if "due_to" in given else FAR_FUTURE
        found.append(Task.due_on.between(bindparam("due_from"), last))
    elif "due_to" in given:
        found.append(Task.due_on.between(date.min, bindparam("due_to")))
    return found if "text" in without else found + tasks_hold_words(asked.words())


def is_of_open(asked: Asked | Filter, without: Sequence[str] = ()) -> bool:
    """Return whether what a filter asks of time and decisions holds for open tasks only."""
    of_time = asked.timeliness in OPEN_TIMELINESS and "timeliness" not in without
    return of_time or bool(asked.wait and "wait" not in without)


def narrowed(asked: Asked, columns: Any, *, without: Sequence[str] = ()) -> list[ColumnElement[bool]]:
    """Return the conditions of those words of a filter that follow from state, deadline and requests.

    `columns` carries the columns id, state, due_on and reported_on.
    """
    found: list[ColumnElement[bool]] = []
    if asked.state and "state" not in without:
        found.append(in_states(columns, STATES[asked.state]))
    if "cell" in asked.given and "cell" not in without:
        found.append(cell_sql(columns, day=ANY_DAYS.today) == bindparam("cell"))
    if asked.timeliness and "timeliness" not in without:
        found.append(timeliness_sql(columns)[asked.timeliness])
    if asked.wait and "wait" not in without:
        found.append(waits_sql(columns)[asked.wait])
    return found


def timeliness_sql(columns: Any) -> dict[str, ColumnElement[bool]]:
    """Return what each word of timeliness means today."""
    days = ANY_DAYS
    return {
        "overdue": overdue_sql(columns, day=days.today),
        "today": due_within_sql(columns, first=days.today, last=days.today),
        "soon": due_within_sql(columns, first=days.tomorrow, last=days.soon_until),
        "late": cell_sql(columns, day=days.today) == Cell.COMPLETED_LATE.value,
    }


def waits_sql(columns: Any) -> dict[str, ColumnElement[bool]]:
    """Return what waits for what decision."""
    running = in_states(columns, RUNNING_STATES)
    return {
        "confirmation": in_states(columns, (State.AWAITING_CONFIRMATION,)),
        "extension": and_(running, asks(RequestKind.EXTENSION, columns)),
        "return": and_(running, asks(RequestKind.RETURN, columns)),
    }


def names_person(person: Any) -> ColumnElement[bool]:
    """Return the condition that a task names a person: its officer, tracker or directing leader."""
    return or_(Task.officer_id == person, Task.tracker_id == person, Task.leader_id == person)

"""What a person finds on the first page: a constant number of statements, however many tasks and units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)

from tracker.models import FAR_FUTURE, db
from tracker.models.lengths import covering
from tracker.models.mail import MailState
from tracker.models.statements import compared, prepared, shaped
from tracker.models.task import HAS_ENDED, Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.queries.mails import count_by_state
from tracker.queries.reach import Kind, Reach
from tracker.queries.tasks import TaskRow, rows_in, select_tasks
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.status import (
    OPEN_STATES,
    RUNNING_STATES,
    State,
    due_within_sql,
    in_states,
    overdue_sql,
)

SHORT = 7
"""Rows of a short list; the whole of it is one click away."""

WORST = 10
MONTHS = 12
UNITS = 20
"""Units with a bar on the first page; the pictures of B.4 have them all."""


@dataclass(frozen=True)
class Days:
    """The days that the first page asks about, by the working calendar."""

    today: date
    tomorrow: date
    yesterday: date
    soon_until: date
    """The last day that is due soon."""
    newly_from: date
    """The latest working day before today: what was due from then on has become overdue since."""
    silent_since: date
    """What has not been heard of after this day is silent."""

    @classmethod
    def around(cls, today: date, *, calendar: WorkingCalendar, due_soon: int, silent: int) -> Days:
        """Return the days around today; `due_soon` in working days, `silent` in days."""
        return cls(
            today=today,
            tomorrow=today + timedelta(days=1),
            yesterday=today - timedelta(days=1),
            soon_until=calendar.last_within(today, due_soon),
            newly_from=calendar.add(today, -1),
            silent_since=today - timedelta(days=silent),
        )

    def values(self) -> dict[str, Any]:
        """Return the values of the parameters of `ANY_DAYS` by their names."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


ANY_DAYS: Any = SimpleNamespace(**{each.name: bindparam(each.name, type_=Date()) for each in fields(Days)})
"""The days around any day: parameters that stand for them."""


def asks(kind: RequestKind, columns: Any = Task) -> ColumnElement[bool]:
    """Return the SQL condition over columns of tasks that a request of a kind waits for its decision."""
    pending = and_(Request.kind == kind, Request.state == RequestState.PENDING)
    return columns.id.in_(select(Request.task_id).where(pending))


UNIT_LISTS = ("overdue", "today", "soon", "new", "working", "waiting")
"""What a unit has to do, the most urgent first."""
WAITING_LISTS = ("confirmation", "extension", "return")
"""What a unit waits for, and what those who gave the task have to decide."""
_DUE_LISTS = ("overdue", "today", "soon", "newly_overdue")
"""Lists of tasks that all have a deadline."""
_ONE_STATE = ("confirmation", "draft")


def _lists() -> dict[str, ColumnElement[bool]]:
    """Return what each list holds of open tasks and drafts; they may overlap."""
    days = ANY_DAYS
    running, confirmation = in_states(Task, RUNNING_STATES), in_states(Task, (State.AWAITING_CONFIRMATION,))
    extension, returning = asks(RequestKind.EXTENSION), asks(RequestKind.RETURN)
    return {
        "overdue": overdue_sql(Task, day=days.today),
        "today": due_within_sql(Task, first=days.today, last=days.today),
        "soon": due_within_sql(Task, first=days.tomorrow, last=days.soon_until),
        "new": in_states(Task, (State.NOT_STARTED,)),
        "working": in_states(Task, (State.IN_PROGRESS,)),
        "waiting": or_(confirmation, and_(running, or_(extension, returning))),
        "confirmation": confirmation,
        "extension": and_(running, extension),
        "return": and_(running, returning),
        "draft": in_states(Task, (State.DRAFT,)),
        "newly_overdue": due_within_sql(Task, first=days.newly_from, last=days.yesterday),
        "silent": and_(running, Task.last_event_on < days.silent_since),
    }


class Given(NamedTuple):
    """What units gave, or are about to give."""

    by_one: bool
    to_one: bool


class Whose(NamedTuple):
    """Whose tasks a list is about."""

    scope: Kind | Given
    """The work of a person of this kind and of their own units, or what units gave."""
    values: Mapping[str, Any]


def work_of(reach: Reach) -> Whose:
    """Return the work of a person and of their own units."""
    return Whose(reach.kind, reach.values)


def given_by(unit_ids: Collection[int], *, to: int | None = None) -> Whose:
    """Return what these units gave, or are about to give; to one unit, or to all."""
    by_one = len(unit_ids) == 1
    givers: Any = next(iter(unit_ids)) if by_one else sorted(unit_ids)
    return Whose(Given(by_one, to is not None), {"givers": givers, "to": to})


def _of(scope: Kind | Given) -> ColumnElement[bool]:
    """Return the SQL condition over open tasks, and drafts that units are about to give."""
    if isinstance(scope, Kind):
        return scope.seer().leads(states=OPEN_STATES)
    givers: Any = bindparam("givers")
    # Asked for by “=”, tasks stand in the index of their giver in the order of their deadlines.
    gave = Task.assigner_id == givers if scope.by_one else Task.assigner_id.in_(givers)
    return and_(gave, Task.unit_id == bindparam("to")) if scope.to_one else gave


def counts_of(names: Sequence[str], whose: Whose, days: Days) -> dict[str, int]:
    """Return how many tasks each of these lists holds: one statement, over open tasks or drafts alone."""
    row = _counts(whose.scope, tuple(names), **whose.values, **days.values()).one()
    return dict(zip(names, row, strict=True))


@shaped
def _counts(scope: Kind | Given, names: Sequence[str]) -> Select:
    """Select the numbers of some lists.

    The lists of somebody's work are counted in one pass: together they hold most of it. Of what units gave
    each is counted by itself, because an index that leads to the few of one list is none for another.
    """
    lists = _lists()
    if isinstance(scope, Kind):
        numbers = [func.count().filter(lists[name]) for name in names]
        return select(*numbers).select_from(Task).where(_of(scope), in_states(Task, OPEN_STATES))
    counted = select(func.count()).select_from(Task).where(_of(scope))
    return select(*(counted.where(lists[name], _states(name)).scalar_subquery() for name in names))


def _states(name: str) -> ColumnElement[bool]:
    """Return the SQL condition of a list's states: said once more, it leads to the index of open tasks.

    To the few tasks of one state leads the index of that state.
    """
    return true() if name in _ONE_STATE else in_states(Task, OPEN_STATES)


def first_rows(
    name: str, whose: Whose, days: Days, *, above: Sequence[str] = (), own_first: bool = False,
    most: int = SHORT,
) -> list[TaskRow]:  # fmt: skip
    """Return the first rows of a list by deadline; `own_first` puts those first that name the person officer.

    `above` are the lists that stand above on the page: what they hold is not shown twice.
    """
    values = {**whose.values, **days.values(), "most": most}
    return rows_in(_first_rows(whose.scope, name, tuple(above), own_first, **values))


@shaped
def _first_rows(scope: Kind | Given, name: str, above: Sequence[str], own_first: bool) -> Select:
    lists = _lists()
    query = select_tasks(_of(scope), lists[name], _states(name), *(not_(lists[each]) for each in above))
    if own_first:
        query = query.order_by(func.coalesce(Task.officer_id == bindparam("me"), false()).desc())
    due = Task.due_on if name in _DUE_LISTS else Task.due_on.nulls_last()
    return query.order_by(due, Task.id).limit(bindparam("most"))


class SilentUnit(NamedTuple):
    """A unit of whose running tasks nothing was heard for long."""

    code: str
    name: str
    number: int
    last_on: date | None


def silent_units(whose: Whose, days: Days, *, most: int = SHORT) -> list[SilentUnit]:
    """Return the units with silent tasks, the longest silent first."""
    found = _silent_units(whose.scope, most=most, **whose.values, **days.values())
    return [SilentUnit(*row) for row in found]


@shaped
def _silent_units(scope: Kind | Given) -> Select:
    silent = (
        select(Task.unit_id, func.count().label("number"), func.min(Task.last_event_on).label("last_on"))
        .where(_of(scope), in_states(Task, OPEN_STATES), _lists()["silent"])
        .group_by(Task.unit_id)
        .subquery()
    )
    return (
        select(Unit.code, Unit.name, silent.c.number, silent.c.last_on)
        .join(silent, silent.c.unit_id == Unit.id)
        .order_by(silent.c.last_on, Unit.id)
        .limit(bindparam("most"))
    )


def failed_mails(reached: ColumnElement[bool]) -> int:
    """Return how many of the mails that a condition over `OutgoingMail` reaches have failed for good."""
    return count_by_state(reached).get(MailState.FAILED, 0)


class Month(NamedTuple):
    """How many tasks of an assigner were open at the end of a day, overdue ones and the others."""

    day: date
    in_time: int
    overdue: int

    @property
    def open(self) -> int:
        return self.in_time + self.overdue


def month_ends(today: date, number: int = MONTHS) -> list[date]:
    """Return the last days of the months before this one, and today: so many days, the earliest first."""
    days, end = [today], today.replace(day=1) - timedelta(days=1)
    while len(days) < number:
        days.append(end)
        end = end.replace(day=1) - timedelta(days=1)
    return days[::-1]


def trend(assigner_id: int, *, today: date) -> list[Month]:
    """Return the open tasks of an assigner at the ends of the last twelve months: one statement."""
    ends = month_ends(today)
    values = {f"end_{place}": day for place, day in enumerate(ends)}
    is_open, is_overdue = [0] * MONTHS, [0] * MONTHS
    for first, last, overdue_from, number, overdue_at_last in _open_at(assigner=assigner_id, **values):
        for place in range(first, last + 1):
            is_open[place] += number
        for place in range(max(first, overdue_from), last + 1):
            is_overdue[place] += number
        is_overdue[last] += overdue_at_last
    return [
        Month(day, number - overdue, overdue)
        for day, number, overdue in zip(ends, is_open, is_overdue, strict=True)
    ]


@prepared
def _open_at(
    assigner: Any, end_0: Any, end_1: Any, end_2: Any, end_3: Any, end_4: Any, end_5: Any, end_6: Any,
    end_7: Any, end_8: Any, end_9: Any, end_10: Any, end_11: Any,
) -> CompoundSelect[Any]:  # fmt: skip
    """Select what was open at ends of months: the first and the last, the first at which it is overdue (one
    more than the last for none), how many there are, and how many of them are overdue at the last.

    What is still open is read once, and told from the first end to the last. Of what has ended since, each
    end counts for itself what was open then: that is little, and is not sorted.
    """
    period = TaskPeriod
    facts = SimpleNamespace(state=period.state, due_on=compared(period.due_on))
    days = [end_0, end_1, end_2, end_3, end_4, end_5, end_6, end_7, end_8, end_9, end_10, end_11]
    places, nothing = [_constant(place) for place in range(MONTHS)], _constant(0)
    never = _constant(MONTHS)

    def ended_after(place: ColumnElement[int], day: Any) -> Select[Any]:
        by_length, is_covering = covering(period, day)
        overdue = func.count().filter(overdue_sql(facts, day=day))
        told: list[Any] = [place, place, never, func.count(), overdue]
        return select(*told).select_from(by_length).where(
            period.assigner_id == assigner, in_states(period, OPEN_STATES), is_covering, HAS_ENDED
        )  # fmt: skip

    begins = compared(period.valid_from)
    first = case(*((begins <= day, place) for place, day in zip(places, days, strict=True)))
    late = case(
        *((overdue_sql(facts, day=day), place) for place, day in zip(places, days, strict=True)), else_=never
    )
    told: list[Any] = [first.label("first"), places[-1], late.label("late"), func.count(), nothing]
    still_open = select(*told).where(
        period.assigner_id == assigner, in_states(period, OPEN_STATES), period.valid_to == FAR_FUTURE,
        period.valid_from <= days[-1],
    ).group_by("first", "late")  # fmt: skip
    return union_all(still_open, *map(ended_after, places, days))


def _constant(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer())


def has_work(reach: Reach) -> bool:
    """Return whether there is, or ever was, a task that a person or one of their own units worked on."""
    return _any_work(reach.kind, **reach.values).first() is not None


@shaped
def _any_work(kind: Kind) -> Select:
    return select(Task.id).where(kind.seer().leads()).limit(1)


def units_named(unit_ids: set[int]) -> list[Any]:
    """Return these units, in their order."""
    return list(db.session.scalars(select(Unit).where(Unit.id.in_(unit_ids)).order_by(Unit.id)))

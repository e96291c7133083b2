"""Search over everything a person may see: tasks, directives and units, with or without marks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    any_,
    bindparam,
    exists,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import Role, User
from tracker.models.statements import prepared, shaped
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.directives import directives_visible_to
from tracker.queries.reach import Kind, Reach
from tracker.queries.standing import tasks_visible_to, units_reached
from tracker.queries.tasks import TaskRow, rows_in, select_tasks
from tracker.queries.words import (
    any_words,
    holds_words,
    newest_of_many,
    values_of,
    with_words,
    words_in_tasks,
)
from tracker.rules.papers import tidy_number
from tracker.rules.permissions import ADMIN, ISSUERS, READERS
from tracker.rules.status import OPEN_STATES, State, in_states
from tracker.rules.text import fold

LEAST = 2
"""Letters or digits below which a search would find almost everything."""

FIRST = 10
"""Rows shown of each group."""

MOST_COUNTED = 1_000
"""Beyond this a search says “more than”, so that a word of nearly every task costs no more than another."""

COUNTED = (*OPEN_STATES, State.COMPLETED)
"""Tasks that the first rows are of."""

_NUMBER = re.compile(r"\s*(?:số\s*[:.]?\s*)?\d+\s*/", re.IGNORECASE)


def asked_for(text: str) -> str:
    """Return what is looked for: “Số: 254 /UBND-NV” becomes the number, other text keeps its words."""
    return tidy_number(text) if _NUMBER.match(text) else " ".join(text.split())


def is_long_enough(text: str) -> bool:
    """Return whether there is enough to look for."""
    return sum(letter.isalnum() for letter in fold(text)) >= LEAST


class DirectiveRow(NamedTuple):
    """A directive that was found."""

    id: int
    kind: str
    number: str | None
    subject: str
    issued_on: date
    issuer_name: str


class UnitRow(NamedTuple):
    """A unit that was found, and the one above it."""

    id: int
    name: str
    parent_name: str | None


@dataclass(frozen=True)
class Found:
    """What was found: the first rows of each group, and how many there are in all."""

    tasks: Sequence[TaskRow]
    directives: Sequence[DirectiveRow]
    units: Sequence[UnitRow]
    task_count: int
    draft_count: int
    cancelled_count: int
    """Drafts and cancelled tasks stand apart, as they do in the list of tasks."""
    has_more_tasks: bool
    """More than `MOST_COUNTED` tasks were found, drafts and cancelled ones among them: none was counted."""
    directive_count: int
    unit_count: int

    @property
    def total(self) -> int:
        """How much was found in all; of tasks at most as many as are counted."""
        tasks = self.task_count + self.draft_count + self.cancelled_count
        return self.has_more_tasks + tasks + self.directive_count + self.unit_count


def find(reach: Reach, text: str) -> Found:
    """Return what a person may see that holds each word of `text`; four statements, or five on PostgreSQL for
    who sees every task, whatever is found.

    The newest tasks and directives come first. A unit is seen by who reaches it, and by who sees a task that
    it gave or leads.
    """
    words = words_in_tasks(text)
    shape, values = (words.match is not None, len(words.signed)), reach.values | values_of(words)
    newest = newest_of_many(words, states=COUNTED, most=MOST_COUNTED + 1) if reach.seer.sees_all else []
    states: Counter[State] = Counter()
    if not newest:
        states.update(dict(map(tuple, _states(reach.kind, *shape, most=MOST_COUNTED + 1, **values))))
    has_more = bool(newest) or states.total() > MOST_COUNTED
    if has_more:
        states.clear()
    directives, directive_count = _directives(reach, text)
    units, unit_count = _units(reach, text)
    return Found(
        tasks=rows_in(
            _named(ids=newest[:FIRST]) if newest else _newest(reach.kind, *shape, most=FIRST, **values)
        ),
        directives=directives, units=units,
        task_count=sum(states[state] for state in COUNTED),
        draft_count=states[State.DRAFT], cancelled_count=states[State.CANCELLED],
        has_more_tasks=has_more, directive_count=directive_count, unit_count=unit_count,
    )  # fmt: skip


@shaped
def _states(kind: Kind, match: bool, signed: int) -> Select:
    """Select the states of the tasks that are found, each with its number."""
    query = with_words(select(Task.state), any_words(match=match, signed=signed)).where(kind.seer().sees())
    few = query.limit(bindparam("most")).subquery()
    return select(few.c.state, func.count()).group_by(few.c.state)


@shaped
def _newest(kind: Kind, match: bool, signed: int) -> Select:
    query = select_tasks(kind.seer().sees(states=COUNTED), in_states(Task, COUNTED))
    words = any_words(match=match, signed=signed)
    return with_words(query, words, newest_first=True).limit(bindparam("most"))


@prepared
def _named(ids: Any) -> Select:
    return select_tasks(Task.id.in_(ids)).order_by(Task.id.desc())


def _directives(reach: Reach, text: str) -> tuple[list[DirectiveRow], int]:
    """Return the first directives that are found, the newest first, and how many there are."""
    is_seen = true() if reach.seer.sees_all else _sees_directive(reach)
    query = (
        select(
            Directive.id, Directive.kind, Directive.number, Directive.subject, Directive.issued_on, Unit.name,
            func.count().over(),
        )
        .join(Unit, Unit.id == Directive.issuer_id)
        .where(*holds_words(Directive.search_text, text), is_seen)
        .order_by(Directive.issued_on.desc(), Directive.id.desc())
        .limit(FIRST)
    )
    rows = db.session.execute(query).all()
    return [DirectiveRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _sees_directive(reach: Reach) -> ColumnElement[bool]:
    """Return the SQL condition over `Directive` that a person sees it.

    Who reaches few units is led to the few directives of theirs by indexes: PostgreSQL else reads the
    words of every directive of a country, where no index finds letters within a word.
    """
    seen = directives_visible_to(reach.user, day=reach.day)
    if not reach.seer.reaches_few or db.session.get_bind().dialect.name == "sqlite":
        return seen
    units = {unit_id for _role, unit_id in reach.held} | reach.of(*map(Role, ISSUERS))
    theirs = union_all(
        select(Task.directive_id).where(reach.seer.sees()).correlate(None),
        select(Directive.id).where(Directive.issuer_id.in_(units)).correlate(None),
    )
    return and_(Directive.id == any_(func.array(theirs.scalar_subquery())), seen)


def _units(reach: Reach, text: str) -> tuple[list[UnitRow], int]:
    """Return the first units that are found, and how many there are."""
    above = aliased(Unit)
    is_seen = true() if reach.seer.sees_all else _units_seen_by(reach.user, day=reach.day)
    query = (
        select(Unit.id, Unit.name, above.name, func.count().over())
        .outerjoin(above, above.id == Unit.parent_id)
        .where(*holds_words(Unit.search_text, text), is_seen)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
        .limit(FIRST)
    )
    rows = db.session.execute(query).all()
    return [UnitRow(*row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _units_seen_by(user: User, *, day: date) -> ColumnElement[bool]:
    seen = tasks_visible_to(user, day=day)
    task_of_unit = exists().where(and_(or_(Task.unit_id == Unit.id, Task.assigner_id == Unit.id), seen))
    conditions: list[ColumnElement[bool]] = [task_of_unit]
    if (reached := units_reached(user, READERS | {ADMIN}, day=day)) is not None:
        conditions.append(Unit.id.in_(reached))
    return or_(*conditions)

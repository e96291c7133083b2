"""Search over everything a person may see: tasks, directives and units, with or without marks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.directives import directives_visible_to
from tracker.queries.standing import tasks_visible_to, units_reached
from tracker.queries.tasks import TaskRow, read_rows, select_tasks
from tracker.queries.words import holds_words, tasks_hold_words, words_in_tasks
from tracker.rules.papers import tidy_number
from tracker.rules.permissions import ADMIN, READERS
from tracker.rules.status import OPEN_STATES, State, in_states
from tracker.rules.text import fold

LEAST = 2
"""Letters or digits below which a search would find almost everything."""

FIRST = 10
"""Rows shown of each group."""

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
    directive_count: int
    unit_count: int

    @property
    def total(self) -> int:
        """How much was found in all."""
        tasks = self.task_count + self.draft_count + self.cancelled_count
        return tasks + self.directive_count + self.unit_count


def find(user: User, text: str, *, day: date) -> Found:
    """Return what a person may see that holds each word of `text`; six statements, whatever is found.

    The newest tasks and directives come first. A unit is seen by who reaches it, and by who sees a task that
    it gave or leads.
    """
    seen = tasks_visible_to(user, day=day)
    in_tasks = and_(seen, *tasks_hold_words(words_in_tasks(text)))
    in_directives = and_(directives_visible_to(user, day=day), *holds_words(Directive.search_text, text))
    in_units = and_(_units_seen_by(user, seen, day=day), *holds_words(Unit.search_text, text))
    directives = (
        select(
            Directive.id, Directive.kind, Directive.number, Directive.subject, Directive.issued_on, Unit.name
        )
        .join(Unit, Unit.id == Directive.issuer_id)
        .where(in_directives)
        .order_by(Directive.issued_on.desc(), Directive.id.desc())
        .limit(FIRST)
    )
    above = aliased(Unit)
    units = (
        select(Unit.id, Unit.name, above.name)
        .outerjoin(above, above.id == Unit.parent_id)
        .where(in_units)
        .order_by(Unit.position.is_(None), Unit.position, Unit.id)
        .limit(FIRST)
    )
    apart = (State.DRAFT, State.CANCELLED)
    counted = in_states(Task, (*OPEN_STATES, State.COMPLETED))
    tasks = select_tasks(in_tasks, counted).order_by(Task.id.desc()).limit(FIRST)
    columns = [func.count().filter(counted), *(func.count().filter(Task.state == state) for state in apart)]
    numbers = list(db.session.execute(select(*columns).select_from(Task).where(in_tasks)).one())
    task_count, draft_count, cancelled_count = numbers
    return Found(
        tasks=read_rows(tasks),
        directives=[DirectiveRow(*row) for row in db.session.execute(directives)],
        units=[UnitRow(*row) for row in db.session.execute(units)],
        task_count=task_count,
        draft_count=draft_count,
        cancelled_count=cancelled_count,
        directive_count=_count(select(Directive.id).where(in_directives)),
        unit_count=_count(select(Unit.id).where(in_units)),
    )


def _units_seen_by(user: User, seen: ColumnElement[bool], *, day: date) -> ColumnElement[bool]:
    task_of_unit = exists().where(and_(or_(Task.unit_id == Unit.id, Task.assigner_id == Unit.id), seen))
    conditions: list[ColumnElement[bool]] = [task_of_unit]
    if (reached := units_reached(user, READERS | {ADMIN}, day=day)) is not None:
        conditions.append(Unit.id.in_(reached))
    return or_(*conditions)


def _count(query: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(query.subquery())) or 0

"""Papers that are being read, for the people of the unit they were read for, and the places of tasks."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, or_, select, union_all

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.intake import SENT_BACK, DraftState, IntakeDraft, SeriesPlace, TaskPlace
from tracker.models.people import User
from tracker.models.series import SeriesOccurrence, TaskSeries
from tracker.models.statements import prepared
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.directives import given_by_issuer
from tracker.queries.standing import roles_on
from tracker.rules.permissions import LEADER, OFFICE
from tracker.rules.status import State

MOST_DRAFTS = 200
"""How many papers a list of drafts shows, the latest first."""
MOST_SENT_BACK = 20


def reading_units(user: User, *, day: date) -> list[Unit]:
    """Return the units in which a person holds office or leadership on a day: for them they read papers."""
    held = [each.unit for each in roles_on(user, day) if each.role.value in (LEADER, OFFICE)]
    return list(dict.fromkeys(held))


def _own(user: User, day: date) -> ColumnElement[bool]:
    return IntakeDraft.unit_id.in_([unit.id for unit in reading_units(user, day=day)])


def draft_for(draft_id: int, user: User, *, day: date) -> IntakeDraft | None:
    """Return a draft for a person of its unit's office or leadership, None for all others."""
    return db.session.scalar(select(IntakeDraft).where(IntakeDraft.id == draft_id, _own(user, day)))


class DraftRow(NamedTuple):
    """One line of the list of papers that are being read."""

    id: int
    filename: str | None
    content: dict[str, object]
    unit_name: str
    changed_at: datetime
    changed_by: str


def open_drafts(user: User, *, day: date) -> list[DraftRow]:
    """Return the papers that are being read for a person's units, the last one touched first."""
    query = (
        select(
            IntakeDraft.id, IntakeDraft.filename, IntakeDraft.content, Unit.name, IntakeDraft.changed_at,
            User.name,
        )
        .join(Unit, Unit.id == IntakeDraft.unit_id)
        .join(User, User.id == IntakeDraft.changed_by_id)
        .where(IntakeDraft.state == DraftState.OPEN, _own(user, day))
        .order_by(IntakeDraft.changed_at.desc(), IntakeDraft.id.desc())
        .limit(MOST_DRAFTS)
    )  # fmt: skip
    return [DraftRow(*row) for row in db.session.execute(query)]


def same_file(sha256: str, user: User, *, day: date) -> int | None:
    """Return the id of the open draft of the very same file, None when it is not being read."""
    query = select(IntakeDraft.id).where(
        IntakeDraft.sha256 == sha256, IntakeDraft.state == DraftState.OPEN, _own(user, day)
    )
    return db.session.scalar(query.order_by(IntakeDraft.id.desc()).limit(1))


def in_envelope(directive_id: int, user: User, *, day: date) -> IntakeDraft | None:
    """Return the draft of a directive that came in an envelope, for the unit that read it."""
    query = select(IntakeDraft).where(
        IntakeDraft.directive_id == directive_id, IntakeDraft.envelope.is_not(None), _own(user, day)
    )
    return db.session.scalar(query.limit(1))


def sent_back(user: User, *, day: date) -> list[IntakeDraft]:
    """Return the papers of a person's units that were sent back to the exchange, the last one first."""
    query = (
        select(IntakeDraft)
        .where(
            _own(user, day), IntakeDraft.state == DraftState.DROPPED,
            IntakeDraft.envelope[SENT_BACK].as_string().is_not(None),
        )
        .order_by(IntakeDraft.changed_at.desc(), IntakeDraft.id.desc())
        .limit(MOST_SENT_BACK)
    )  # fmt: skip
    return list(db.session.scalars(query))


class Course(NamedTuple):
    """How far a directive has come: the states of the tasks its issuer gave, and whether turns follow."""

    states: frozenset[State]
    recurs: bool


def course_of(directive_id: int, *, day: date) -> Course:
    """Return how far a directive has come by now, `day` being today."""
    states = select(Task.state).join(Directive, Directive.id == Task.directive_id)
    states = states.where(Task.directive_id == directive_id, given_by_issuer()).distinct()
    running = select(TaskSeries.id).where(
        TaskSeries.directive_id == directive_id, TaskSeries.ended_on.is_(None),
        or_(TaskSeries.until.is_(None), TaskSeries.until >= day),
    )  # fmt: skip
    return Course(frozenset(db.session.scalars(states)), db.session.scalar(running.limit(1)) is not None)


class Place(NamedTuple):
    """Where in the text of which paper a task stands; characters, end exclusive."""

    draft_id: int
    start: int
    end: int


def place_of(task_id: int) -> Place | None:
    """Return where a task, or the series whose turn it is, stands in its paper."""
    row = _place_of(task_id=task_id).first()
    return Place(*row) if row else None


@prepared
def _place_of(task_id: Any) -> Any:
    own = select(TaskPlace.draft_id, TaskPlace.start, TaskPlace.end).where(TaskPlace.task_id == task_id)
    turn = (
        select(SeriesPlace.draft_id, SeriesPlace.start, SeriesPlace.end)
        .join(SeriesOccurrence, SeriesOccurrence.series_id == SeriesPlace.series_id)
        .where(SeriesOccurrence.task_id == task_id)
    )
    return union_all(own, turn).limit(1)

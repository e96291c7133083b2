"""Tasks with their present facts, the stretches of days of the facts that decide status, and requests."""

from __future__ import annotations

from datetime import date, time
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, literal_column, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from tracker.models import FAR_FUTURE, Model, Word
from tracker.models.directive import Directive
from tracker.models.lengths import BY_LENGTH, length_of
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.rules.status import OPEN_STATES, State


def _in_sql(*states: State) -> str:
    return "state IN ({})".format(", ".join(f"'{state.value}'" for state in states))


_OPEN_IN_SQL = _in_sql(*OPEN_STATES)
_GIVEN_IN_SQL = _in_sql(*OPEN_STATES, State.COMPLETED)
"""What a list of open and completed tasks shows: neither drafts nor what was cancelled."""


class Task(Model):
    """One content with exactly one lead unit: the row holds how things stand now."""

    __tablename__ = "task"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    directive_id: Mapped[int] = mapped_column(ForeignKey("directive.id"))
    item: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    product: Mapped[str | None] = mapped_column(Text)
    assigner_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The issuing unit of the directive; of a task passed down, the unit that passed it (domain §4)."""
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The lead unit."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    tracker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"))
    state: Mapped[State] = mapped_column(Word(State))
    given_on: Mapped[date | None]
    due_on: Mapped[date | None]
    original_due_on: Mapped[date | None]
    due_phrase: Mapped[str | None] = mapped_column(String(500))
    due_time: Mapped[time | None]
    accepted_on: Mapped[date | None]
    reported_on: Mapped[date | None]
    reported_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_on: Mapped[date | None]
    """The day of the confirmation or of the cancelling."""
    percent: Mapped[int] = mapped_column(default=0)
    result: Mapped[str | None] = mapped_column(String(500))
    last_word: Mapped[str | None] = mapped_column(Text)
    """The text of the latest progress, report or decision, for lists."""
    last_event_on: Mapped[date | None]
    search_text: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)

    directive: Mapped[Directive] = relationship()
    assigner: Mapped[Unit] = relationship(foreign_keys=assigner_id)
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)
    officer: Mapped[User | None] = relationship(foreign_keys=officer_id)
    tracker: Mapped[User | None] = relationship(foreign_keys=tracker_id)
    leader: Mapped[User | None] = relationship(foreign_keys=leader_id)
    reported_by: Mapped[User | None] = relationship(foreign_keys=reported_by_id)
    parent: Mapped[Task | None] = relationship(foreign_keys=parent_id, remote_side=id)
    periods: Mapped[list[TaskPeriod]] = relationship(back_populates="task", order_by="TaskPeriod.id")
    requests: Mapped[list[Request]] = relationship(back_populates="task", order_by="Request.id")
    coordinations: Mapped[list[Coordination]] = relationship(
        back_populates="task", order_by="Coordination.position"
    )

    __table_args__ = (
        Index(
            "ix_task_unit_open",
            "unit_id",
            "due_on",
            "id",
            "state",
            sqlite_where=text(_OPEN_IN_SQL),
            postgresql_where=text(_OPEN_IN_SQL),
        ),
        Index("ix_task_unit_id", "unit_id", "state"),
        Index(
            "ix_task_unit_given",
            "unit_id",
            "due_on",
            "id",
            sqlite_where=text(_GIVEN_IN_SQL),
            postgresql_where=text(_GIVEN_IN_SQL),
        ),
        Index(
            "ix_task_assigner_open",
            "assigner_id",
            "due_on",
            "id",
            "state",
            sqlite_where=text(_OPEN_IN_SQL),
            postgresql_where=text(_OPEN_IN_SQL),
        ),
        Index(
            "ix_task_heard_open",
            "assigner_id",
            "unit_id",
            "last_event_on",
            "state",
            sqlite_where=text(_OPEN_IN_SQL),
            postgresql_where=text(_OPEN_IN_SQL),
        ),
        Index(
            "ix_task_hour_open",
            "due_on",
            sqlite_where=text(f"{_OPEN_IN_SQL} AND due_time IS NOT NULL"),
            postgresql_where=text(f"{_OPEN_IN_SQL} AND due_time IS NOT NULL"),
        ),
        Index("ix_task_directive_id", "directive_id"),
        Index(
            "ix_task_parent_id",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index("ix_task_officer_id", "officer_id"),
        Index("ix_task_assigner_id", "assigner_id", "state"),
        Index(
            "ix_task_open",
            "due_on",
            "id",
            "state",
            sqlite_where=text(_OPEN_IN_SQL),
            postgresql_where=text(_OPEN_IN_SQL),
        ),
        Index(
            "ix_task_tracker_id",
            "tracker_id",
            sqlite_where=text("tracker_id IS NOT NULL"),
            postgresql_where=text("tracker_id IS NOT NULL"),
        ),
        Index(
            "ix_task_leader_id",
            "leader_id",
            sqlite_where=text("leader_id IS NOT NULL"),
            postgresql_where=text("leader_id IS NOT NULL"),
        ),
    )


class Coordination(Model):
    """A unit that contributes to a task without leading it; B.4 never counts it."""

    __tablename__ = "coordination"

    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    position: Mapped[int]

    task: Mapped[Task] = relationship(back_populates="coordinations")
    unit: Mapped[Unit] = relationship()

    __table_args__ = (Index("ix_coordination_unit_id", "unit_id"),)


TOLD_WHO_GAVE = "task_id > 0"
"""True of every stretch of days: names the index that leads from a unit to those who gave it tasks."""


COMPLETED_BY_UNIT = "state = 'completed' AND task_id > 0"
"""True of every completed stretch of days: names the index that leads from an assigner to each unit's."""


class TaskPeriod(Model):
    """The facts that decide a task's status over whole days: from `valid_from` to the day before `valid_to`.

    B.4 of any day, past or present, is one query over these rows with that day in it.
    """

    __tablename__ = "task_period"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    assigner_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    state: Mapped[State] = mapped_column(Word(State))
    due_on: Mapped[date | None]
    reported_on: Mapped[date | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date] = mapped_column(default=FAR_FUTURE)
    # What B.4 groups by besides the unit, as the task has it: read off one index with the stretches of a
    # period, where going to the row of each task costs several times as much. The task has the references.
    directive_id: Mapped[int | None]
    leader_id: Mapped[int | None]
    given_on: Mapped[date | None]

    task: Mapped[Task] = relationship(back_populates="periods")
    directive: Mapped[Directive | None] = relationship(
        primaryjoin=lambda: foreign(TaskPeriod.directive_id) == Directive.id
    )
    leader: Mapped[User | None] = relationship(primaryjoin=lambda: foreign(TaskPeriod.leader_id) == User.id)
    assigner: Mapped[Unit] = relationship(foreign_keys=assigner_id)
    unit: Mapped[Unit] = relationship(foreign_keys=unit_id)

    # A change of a stretch names its assigner too: in a table spread by assigner it touches one part.
    __mapper_args__ = {"primary_key": [id, assigner_id]}
    __table_args__ = (
        UniqueConstraint("task_id", "valid_from"),
        # Names the row by its assigner: what a table needs that is spread over several by assigner.
        Index("uq_task_period_assigner_id", "assigner_id", "task_id", "valid_from", unique=True),
        # For who says TOLD_WHO_GAVE and nobody else: SQLite would walk a whole index to group B.4 by unit.
        Index(
            "ix_task_period_gave", "unit_id", "assigner_id",
            sqlite_where=text(TOLD_WHO_GAVE), postgresql_where=text(TOLD_WHO_GAVE),
        ),
        Index(
            "ix_task_period_open",
            "assigner_id",
            "valid_to",
            "valid_from",
            "unit_id",
            "state",
            "due_on",
            "task_id",
            "directive_id",
            "leader_id",
            "given_on",
            sqlite_where=text(_OPEN_IN_SQL),
            postgresql_where=text(_OPEN_IN_SQL),
        ),
        Index(
            "ix_task_period_completed",
            "assigner_id",
            "valid_from",
            "valid_to",
            "unit_id",
            "due_on",
            "reported_on",
            "state",
            "task_id",
            sqlite_where=text("state = 'completed'"),
            postgresql_where=text("state = 'completed'"),
        ),
        # For B.4 by anything but units. Of its own: a wider one would make every table by units slower.
        Index(
            "ix_task_period_completed_of_papers",
            "assigner_id",
            "valid_from",
            "valid_to",
            "directive_id",
            "leader_id",
            "given_on",
            "due_on",
            "reported_on",
            "state",
            "task_id",
            sqlite_where=text("state = 'completed'"),
            postgresql_where=text("state = 'completed'"),
        ),
        # For who says COMPLETED_BY_UNIT and asks unit by unit; PostgreSQL groups as quickly without it.
        Index(
            "ix_task_period_completed_by_unit",
            "assigner_id",
            "unit_id",
            "valid_from",
            "valid_to",
            "due_on",
            "reported_on",
            "state",
            "task_id",
            sqlite_where=text(COMPLETED_BY_UNIT),
        ).ddl_if(dialect="sqlite"),
    )


HAS_ENDED = TaskPeriod.valid_to < literal_column(f"'{FAR_FUTURE}'")
"""The SQL condition of stretches of days that another one followed, as the index by lengths has it."""
_ENDED_OPEN = text(f"{_OPEN_IN_SQL} AND valid_to < '{FAR_FUTURE}'")
Index(
    BY_LENGTH,
    TaskPeriod.assigner_id,
    length_of(TaskPeriod),
    TaskPeriod.valid_to,
    TaskPeriod.valid_from,
    TaskPeriod.unit_id,
    TaskPeriod.state,
    TaskPeriod.due_on,
    TaskPeriod.task_id,
    TaskPeriod.directive_id,
    TaskPeriod.leader_id,
    TaskPeriod.given_on,
    sqlite_where=_ENDED_OPEN,
    postgresql_where=_ENDED_OPEN,
)


class RequestKind(StrEnum):
    """What a unit may ask of those who gave a task."""

    EXTENSION = "extension"
    RETURN = "return"


class RequestState(StrEnum):
    """A request waits, is decided, or lapses when the task is reported, cancelled or moved."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"
    LAPSED = "lapsed"


class Request(Model):
    """An extension or a return that was asked for, and what became of it."""

    __tablename__ = "request"

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    kind: Mapped[RequestKind] = mapped_column(Word(RequestKind))
    state: Mapped[RequestState] = mapped_column(Word(RequestState), default=RequestState.PENDING)
    asked_on: Mapped[date]
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    decided_on: Mapped[date | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    granted_until: Mapped[date | None]
    decision: Mapped[str | None] = mapped_column(String(255))
    decision_reason: Mapped[str | None] = mapped_column(Text)

    task: Mapped[Task] = relationship(back_populates="requests")
    asked_by: Mapped[User | None] = relationship(foreign_keys=asked_by_id)
    decided_by: Mapped[User | None] = relationship(foreign_keys=decided_by_id)

    __table_args__ = (
        Index("ix_request_task_id", "task_id"),
        Index(
            "uq_request_pending",
            "task_id",
            "kind",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

"""Recurring tasks: what a series asks of a unit each time, and the turns that were given or passed over."""

from __future__ import annotations

from datetime import date, time

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from tracker.models import Model
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.task import Task
from tracker.models.units import Unit


class TaskSeries(Model):
    """What a directive asks of one unit again and again.

    It is the parent of its turns and no task itself: each turn is a task given by the directive's issuer,
    counted once. What the row says is for turns to come; a turn that was given keeps what it was given with.
    """

    __tablename__ = "task_series"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(128), unique=True)
    directive_id: Mapped[int] = mapped_column(ForeignKey("directive.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    """The lead unit."""
    item: Mapped[str | None] = mapped_column(String(64))
    content: Mapped[str] = mapped_column(Text)
    product: Mapped[str | None] = mapped_column(Text)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    tracker_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    leader_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    phrase: Mapped[str] = mapped_column(String(500))
    """The deadline as the paper writes it."""
    rule: Mapped[str] = mapped_column(String(255))
    """How the phrase was read, as `rules.deadlines.Pattern` writes itself: "monthly 24"."""
    due_time: Mapped[time | None]
    starts_on: Mapped[date]
    """No turn is due before this day."""
    until: Mapped[date | None]
    """No turn is due after this day."""
    begun_on: Mapped[date]
    ended_on: Mapped[date | None]
    """The day on which the series was ended: from then on it gives nothing."""
    last_day: Mapped[date | None]
    """The latest turn that was given or passed over."""
    given: Mapped[int] = mapped_column(default=0)
    """How many turns were given."""
    version: Mapped[int] = mapped_column(default=1)

    directive: Mapped[Directive] = relationship()
    unit: Mapped[Unit] = relationship()
    officer: Mapped[User | None] = relationship(foreign_keys=officer_id)
    tracker: Mapped[User | None] = relationship(foreign_keys=tracker_id)
    leader: Mapped[User | None] = relationship(foreign_keys=leader_id)
    coordinations: Mapped[list[SeriesCoordination]] = relationship(
        back_populates="series", order_by="SeriesCoordination.position", cascade="all, delete-orphan"
    )
    occurrences: Mapped[list[SeriesOccurrence]] = relationship(
        back_populates="series", order_by="SeriesOccurrence.day"
    )

    __table_args__ = (Index("ix_task_series_directive_id", "directive_id"),)


class SeriesCoordination(Model):
    """A unit that contributes to each turn of a series."""

    __tablename__ = "task_series_coordination"

    series_id: Mapped[int] = mapped_column(ForeignKey("task_series.id"), primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), primary_key=True)
    position: Mapped[int]

    series: Mapped[TaskSeries] = relationship(back_populates="coordinations")
    unit: Mapped[Unit] = relationship()


class SeriesOccurrence(Model):
    """One turn of a series that was given as a task, or passed over with a reason; once, whoever made it."""

    __tablename__ = "series_occurrence"

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("task_series.id"))
    day: Mapped[date]
    """The day that names the turn; for a computed deadline it may lie after `due_on`."""
    due_on: Mapped[date]
    """The deadline by the series; that of the task may be moved later."""
    made_on: Mapped[date]
    number: Mapped[int | None]
    """The how many-th turn given this is; None for one that was passed over."""
    task_id: Mapped[int | None] = mapped_column(ForeignKey("task.id"), unique=True)
    skipped: Mapped[str | None] = mapped_column(String(32))
    """Why it was passed over: a word of `rules.series.Skipped`."""

    series: Mapped[TaskSeries] = relationship(back_populates="occurrences")
    task: Mapped[Task | None] = relationship()

    __table_args__ = (UniqueConstraint("series_id", "day"),)

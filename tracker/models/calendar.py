"""The working calendar as the office decided it, and the settings of the installation."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from tracker.models import Json, Model, Word


class DayKind(StrEnum):
    """How a day departs from the week: a weekday off, or a Saturday or Sunday that is worked."""

    DAY_OFF = "day_off"
    WORKING_DAY = "working_day"


class CalendarDay(Model):
    """One day that departs from the ordinary week of Monday to Friday."""

    __tablename__ = "calendar_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[DayKind] = mapped_column(Word(DayKind))
    name: Mapped[str | None] = mapped_column(String(255))


class Setting(Model):
    """A setting that the office changed; those it left alone have their default in `tracker/settings.py`."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(Json, nullable=True)

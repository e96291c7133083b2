"""Turns of recurring tasks that are still to be given, in the order in which they will be."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from flask import g

from tracker.language import gettext as _
from tracker.queries.series import course_of
from tracker.queries.turns import RunningRow, running_series
from tracker.rules.deadlines import Pattern
from tracker.rules.deadlines.series import HOW_OFTEN
from tracker.rules.series import Course, Turn, upcoming
from tracker.web.once import calendar_of_request, settings_of_request

SHOWN_AHEAD = 3
"""Turns to come that a page names."""


class Coming(NamedTuple):
    """The next turn of one series."""

    row: RunningRow
    how_often: str
    turn: Turn


def coming(course: Course, number: int = SHOWN_AHEAD) -> list[Turn]:
    """Return the next turns of what is or may become a series."""
    return upcoming(
        course, today=g.today, ahead_days=settings_of_request()["series_ahead_days"],
        calendar=calendar_of_request(), number=number,
    )  # fmt: skip


def ahead(series: Any, number: int) -> list[Turn]:
    """Return the next turns of a stored series, none once it ended."""
    return [] if series.ended_on else coming(course_of(series), number)


def how_often(rule: str) -> str:
    """Return how often a stored rule comes again, in words."""
    return _(HOW_OFTEN[Pattern.parse(rule).recurrence])


def coming_turns(unit_ids: Collection[int] | None = None) -> list[Coming]:
    """Return the next turn of each series that the signed-in person sees, the first to be given first.

    `unit_ids` leaves the series that these units lead.
    """
    return _next_of(running_series(g.user, day=g.today, unit_ids=unit_ids))


def _next_of(rows: Iterable[RunningRow]) -> list[Coming]:
    found = [Coming(row, how_often(row.rule), turn) for row in rows for turn in ahead(row, 1)]
    return sorted(found, key=lambda each: (each.turn.give_on, each.turn.due_on, each.row.id))

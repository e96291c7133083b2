"""Recurring tasks as they are stored against what their entries make of them: row and turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesCoordination, SeriesOccurrence, TaskSeries
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries.recount.reading import text_of
from tracker.rules.difference import Difference, Kind
from tracker.rules.recount import Entry
from tracker.rules.recount_series import (
    SERIES_FACTS,
    TURN_FACTS,
    SeriesStanding,
    TurnStanding,
    replay_series,
)

BATCH = 200
"""Series read at a time."""
_OWN = ("series", "series_change", "series_end", "series_skip")

Tell = Callable[..., Difference]


def compare_series(assigner: str | None, *, pause: Callable[[], None]) -> Iterator[Difference]:
    """Yield every difference of the series that one unit gives, or all; `pause` is called between batches."""
    after = 0
    while True:
        pause()
        rows = _rows(after, assigner)
        if not rows:
            break
        after = rows[-1]["id"]
        yield from _of_batch(rows)
    yield from _without_row(assigner)


def _rows(after: int, assigner: str | None) -> list[dict[str, Any]]:
    officer, tracker, leader, issuer = aliased(User), aliased(User), aliased(User), aliased(Unit)
    query = (
        select(
            TaskSeries.id, TaskSeries.key, Directive.key.label("directive"), TaskSeries.directive_id,
            Unit.code.label("unit"), issuer.code.label("assigner"), TaskSeries.item, TaskSeries.content,
            TaskSeries.product, officer.login.label("officer"), tracker.login.label("tracker"),
            leader.login.label("leader"), TaskSeries.phrase, TaskSeries.rule, TaskSeries.due_time,
            TaskSeries.starts_on, TaskSeries.until, TaskSeries.begun_on, TaskSeries.ended_on,
            TaskSeries.last_day, TaskSeries.given, TaskSeries.version,
        )
        .outerjoin(Directive, Directive.id == TaskSeries.directive_id)
        .outerjoin(issuer, issuer.id == Directive.issuer_id)
        .outerjoin(Unit, Unit.id == TaskSeries.unit_id)
        .outerjoin(officer, officer.id == TaskSeries.officer_id)
        .outerjoin(tracker, tracker.id == TaskSeries.tracker_id)
        .outerjoin(leader, leader.id == TaskSeries.leader_id)
        .where(TaskSeries.id > after)
        .order_by(TaskSeries.id)
        .limit(BATCH)
    )  # fmt: skip
    if assigner is not None:
        query = query.where(issuer.code == assigner)
    rows = [dict(row) for row in db.session.execute(query).mappings()]
    beside = _coordinating([row["id"] for row in rows]) if rows else {}
    for row in rows:
        row["due_time"] = row["due_time"] and f"{row['due_time']:%H:%M}"
        row["coordinating"] = ", ".join(beside.get(row["id"], [])) or None
    return rows


def _coordinating(ids: list[int]) -> dict[int, list[str]]:
    query = (
        select(SeriesCoordination.series_id, Unit.code)
        .join(Unit, Unit.id == SeriesCoordination.unit_id)
        .where(SeriesCoordination.series_id.in_(ids))
        .order_by(SeriesCoordination.series_id, SeriesCoordination.position)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for series_id, code in db.session.execute(query):
        found[series_id].append(code)
    return found


def _of_batch(rows: list[dict[str, Any]]) -> Iterator[Difference]:
    entries: dict[str, list[Entry]] = defaultdict(list)
    in_batch = SeriesOccurrence.series_id.in_([row["id"] for row in rows])
    given = select(SeriesOccurrence.task_id).where(in_batch, SeriesOccurrence.task_id.is_not(None))
    own = History.do.in_(_OWN) & History.directive_id.in_({row["directive_id"] for row in rows})
    for entry in [*_entries(own), *_entries((History.do == "give") & History.task_id.in_(given))]:
        entries[str(entry.payload.get("series"))].append(entry)
    turns: dict[int, dict[date, TurnStanding]] = defaultdict(dict)
    query = (
        select(
            SeriesOccurrence.series_id, SeriesOccurrence.day, SeriesOccurrence.due_on,
            SeriesOccurrence.made_on, SeriesOccurrence.number, Task.key, SeriesOccurrence.skipped,
        )
        .outerjoin(Task, Task.id == SeriesOccurrence.task_id)
        .where(in_batch)
    )  # fmt: skip
    for series_id, day, due_on, made_on, number, task, skipped in db.session.execute(query):
        turns[series_id][day] = TurnStanding(day, due_on, made_on, number, task, skipped)
    for row in rows:
        standing = replay_series(sorted(entries.get(row["key"], ()), key=lambda each: each.id))
        yield from _compare(row, turns[row["id"]], standing, entries.get(row["key"], []))


def _entries(condition: ColumnElement[bool]) -> Iterator[Entry]:
    query = select(History.id, History.do, History.on_day, History.payload).where(condition)
    for number, do, on_day, payload in db.session.execute(query):
        yield Entry(number, do, on_day, None, payload, None, None, None)


def _compare(
    row: dict[str, Any], turns: dict[date, TurnStanding], standing: SeriesStanding, entries: list[Entry]
) -> Iterator[Difference]:
    by_id = {each.id: each for each in entries}

    def tell(kind: Kind, fact: str, stored: Any, expected: Any, entry: int | None, place: Any = None) -> Any:
        decides = by_id.get(entry) if entry is not None else None
        return Difference(
            kind, row["key"], fact, text_of(stored), text_of(expected), place=text_of(place), entry=entry,
            do=decides.do if decides else None, on=text_of(decides.on) if decides else None,
            assigner=row["assigner"],
        )  # fmt: skip

    if standing.version == 0:
        yield tell(Kind.SERIES, "no_history", None, None, None)
        return
    for fact in SERIES_FACTS:
        if row[fact] != (expected := getattr(standing, fact)):
            yield tell(Kind.SERIES, fact, row[fact], expected, standing.decided.get(fact))
    should = {turn.day: turn for turn in standing.turns if turn.day is not None}
    for day in sorted(turns.keys() | should.keys()):
        is_, ought = turns.get(day), should.get(day)
        if is_ is None and ought is not None:
            yield tell(Kind.TURN, "missing", None, None, ought.entry, day)
        elif ought is None:
            yield tell(Kind.TURN, "extra", None, None, None, day)
        else:
            for fact in TURN_FACTS:
                if getattr(is_, fact) != getattr(ought, fact):
                    yield tell(Kind.TURN, fact, getattr(is_, fact), getattr(ought, fact), ought.entry, day)


def _without_row(assigner: str | None) -> Iterator[Difference]:
    """Yield the series that the history has and no row."""
    key = History.payload["series"].as_string()
    query = (
        select(key, History.id, History.on_day, Unit.code)
        .outerjoin(Directive, Directive.id == History.directive_id)
        .outerjoin(Unit, Unit.id == Directive.issuer_id)
        .where(History.do == "series", key.not_in(select(TaskSeries.key)))
        .order_by(History.id)
    )
    for lost, entry, on_day, code in db.session.execute(query):
        if assigner in (None, code):
            yield Difference(
                Kind.SERIES, str(lost), "no_series", entry=entry, do="series", on=text_of(on_day),
                assigner=code,
            )  # fmt: skip

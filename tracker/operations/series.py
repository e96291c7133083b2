"""Recurring tasks: beginning, changing and ending a series, and giving its turns when their day has come.

A series is no task. Each turn is a task of its own, given by the issuer of the directive as any other, so it
counts once and for the same assigner; what was given no longer depends on the series.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from tracker.clock import VIETNAM
from tracker.models import db, lock, transaction
from tracker.models.directive import Directive
from tracker.models.people import Role, User
from tracker.models.series import SeriesCoordination, SeriesOccurrence, TaskSeries
from tracker.models.units import Unit
from tracker.operations import tasks
from tracker.operations.recording import (
    ChangedMeanwhile,
    Stamp,
    entry,
    optional_text,
    record,
    require_role,
    required_text,
)
from tracker.queries.series import course_of, due_now, heir_of
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import Pattern
from tracker.rules.series import (
    NoTurnLeft,
    SeriesEnded,
    Skipped,
    Turn,
    TurnTaken,
    decide,
    starts_after,
)
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, UnitEnded

log = logging.getLogger(__name__)

LONGEST_KEY = 128


@dataclass(frozen=True)
class Plan:
    """What one unit is asked to do again and again.

    `phrase`, `pattern` and `due_time` are a deadline as written and as read (`rules.deadlines.Reading`).
    Turns are due on `starts_on` (None: the day the series begins) or later, and up to `until` where it is
    said. The `officer` stands beside turns that stay within the officer's unit.
    """

    unit: Unit
    content: str
    phrase: str
    pattern: Pattern
    due_time: time | None = None
    item: str | None = None
    product: str | None = None
    coordinating: Sequence[Unit] = ()
    officer: User | None = None
    tracker: User | None = None
    leader: User | None = None
    starts_on: date | None = None
    until: date | None = None
    key: str | None = None


def begin(
    directive: Directive, plans: Sequence[Plan], *, stamp: Stamp, beside: Sequence[tasks.Order] = ()
) -> list[TaskSeries]:
    """Begin series of a directive, and give at once the turns whose day of giving has come.

    `beside` is what the same submission gives once. Raises `NoTurnLeft` for a series that ends before its
    first turn.
    """
    with entry(stamp):
        begun = [_lay_out(directive, plan, stamp, part) for part, plan in enumerate(plans)]
        inside = replace(stamp, token=None)
        if beside:
            tasks.give(directive, beside, stamp=inside)
        for series in begun:
            _require_turns(series)
            _give_due(series, inside)
    return begun


def lay_out(directive: Directive, plan: Plan, *, stamp: Stamp) -> TaskSeries:
    """Begin a series and give nothing of it: a history that is loaded names each turn that was given."""
    with entry(stamp):
        return _lay_out(directive, plan, stamp, 0)


def _lay_out(directive: Directive, plan: Plan, stamp: Stamp, part: int) -> TaskSeries:
    require_role(directive.issuer, {Role.OFFICE, Role.LEADER}, stamp)
    if not plan.unit.exists_on(stamp.on):
        raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=plan.unit.name)
    series = TaskSeries(
        key=plan.key or f"ck-{uuid4().hex[:12]}",
        directive=directive,
        unit=plan.unit,
        item=optional_text(plan.item),
        content=required_text(plan.content, N_("Nhập nội dung nhiệm vụ.")),
        product=optional_text(plan.product),
        officer=plan.officer,
        tracker=plan.tracker,
        leader=plan.leader,
        phrase=required_text(plan.phrase, N_("Nhập thời hạn.")),
        rule=str(plan.pattern),
        due_time=plan.due_time,
        starts_on=plan.starts_on or stamp.on,
        until=plan.until,
        begun_on=stamp.on,
    )
    series.coordinations = _beside(plan.unit, plan.coordinating)
    db.session.add(series)
    record("series", stamp, _payload(series), part=part, directive=directive)
    return series


def _beside(lead: Unit, units: Sequence[Unit]) -> list[SeriesCoordination]:
    wanted = [unit for unit in dict.fromkeys(units) if unit is not lead]
    return [SeriesCoordination(unit=unit, position=place) for place, unit in enumerate(wanted)]


def _payload(series: TaskSeries) -> dict[str, Any]:
    return {
        "series": series.key,
        "directive": series.directive.key,
        "unit": series.unit.code,
        "content": series.content,
        "phrase": series.phrase,
        "pattern": series.rule,
        "item": series.item,
        "product": series.product,
        "due_time": _plain(series.due_time),
        "coordinating": [each.unit.code for each in series.coordinations],
        "officer": _plain(series.officer),
        "tracker": _plain(series.tracker),
        "leader": _plain(series.leader),
        "from": series.starts_on.isoformat(),
        "until": _plain(series.until),
    }


def _plain(value: Any) -> Any:
    match value:
        case User():
            return value.login
        case Unit():
            return value.code
        case time():
            return value.strftime("%H:%M")
        case date():
            return value.isoformat()
    return value


_WORDS = {"starts_on": "from", "rule": "pattern"}
"""Facts of a series that the history calls otherwise."""


def change(series: TaskSeries, *, stamp: Stamp, reason: str, **values: Any) -> None:
    """Change what turns to come are asked: unit, content, item, product, coordinating (a list of units),
    officer, tracker, leader, phrase with pattern and due_time, starts_on, until.

    With another pattern and without `starts_on`, the turns after the last one follow it, none before today.
    What was given stays as it is. Turns whose day of giving has come by the new facts are given at once.
    """
    with entry(stamp):
        _open(series, stamp)
        if values.get("pattern") and "starts_on" not in values and str(values["pattern"]) != series.rule:
            values["starts_on"] = _follows(series, values["pattern"], stamp.on)
        if _alter(series, stamp, reason, values):
            _require_turns(series)
            _give_due(series, replace(stamp, token=None))


def alter(series: TaskSeries, *, stamp: Stamp, reason: str, **values: Any) -> None:
    """Change a series and give nothing of it, for a history that is loaded; see `change`."""
    with entry(stamp):
        _open(series, stamp)
        _alter(series, stamp, reason, values)


def _follows(series: TaskSeries, pattern: Pattern, today: date) -> date:
    if series.last_day is None:
        return max(series.starts_on, today)
    return max(starts_after(series.last_day, Pattern.parse(series.rule), pattern), today)


def _alter(series: TaskSeries, stamp: Stamp, reason: str, values: Mapping[str, Any]) -> bool:
    reason = required_text(reason, N_("Nhập lý do thay đổi."))
    changes: list[list[Any]] = []
    for key, value in values.items():
        if key == "coordinating":
            old = [each.unit for each in series.coordinations]
            new = _beside(values.get("unit") or series.unit, value)
            if [each.unit for each in new] != old:
                # Taking away what is not stored yet would mix up the order of what is: a session numbers
                # new rows by how many it has.
                db.session.flush()
                series.coordinations = new
                changes.append([key, [unit.code for unit in old], [each.unit.code for each in new]])
            continue
        fact = "rule" if key == "pattern" else key
        if key == "pattern":
            value = str(value)
        elif isinstance(value, str):
            value = nfc(value).strip() or None
        if (before := getattr(series, fact)) != value:
            changes.append([_WORDS.get(fact, fact), _plain(before), _plain(value)])
            setattr(series, fact, value)
    if not changes:
        return False
    required_text(series.content, N_("Nhập nội dung nhiệm vụ."))
    required_text(series.phrase, N_("Nhập thời hạn."))
    series.version += 1
    payload = {"series": series.key, "set": {fact: new for fact, _old, new in changes}, "reason": reason}
    record("series_change", stamp, payload, note=reason, changes=changes, directive=series.directive)
    return True


def end(series: TaskSeries, *, stamp: Stamp, reason: str) -> None:
    """End a series: nothing more is given of it; what was given goes on as it is."""
    with entry(stamp):
        _open(series, stamp)
        reason = required_text(reason, N_("Nhập lý do kết thúc."))
        series.ended_on = stamp.on
        series.version += 1
        payload = {"series": series.key, "reason": reason}
        record("series_end", stamp, payload, note=reason, directive=series.directive)


def _open(series: TaskSeries, stamp: Stamp) -> None:
    lock(series)
    require_role(series.directive.issuer, {Role.OFFICE, Role.LEADER}, stamp)
    if stamp.seen is not None and stamp.seen != series.version:
        raise ChangedMeanwhile
    if series.ended_on is not None:
        raise SeriesEnded


def _require_turns(series: TaskSeries) -> None:
    turns = course_of(series).turns(ahead_days=0, calendar=working_calendar())
    if next(turns, None) is None:
        raise NoTurnLeft


def turn_of(series: TaskSeries, *, day: date, due_on: date, stamp: Stamp) -> SeriesOccurrence:
    """Return the turn of a series that names `day`, to be given with a task (`tasks.Order.occurrence`).

    Raises `TurnTaken` when it, or a later one, was given or passed over, `SeriesEnded` after the end.
    """
    occurrence = _next(series, day, due_on, stamp)
    series.given += 1
    occurrence.number = series.given
    return occurrence


def skip(series: TaskSeries, *, day: date, due_on: date, why: Skipped, stamp: Stamp) -> None:
    """Pass over a turn of a series, and say in the history why."""
    with entry(stamp):
        _next(series, day, due_on, stamp).skipped = why.value
        payload = {
            "series": series.key, "occurrence": day.isoformat(), "due": due_on.isoformat(),
            "skipped": why.value,
        }  # fmt: skip
        record("series_skip", stamp, payload, directive=series.directive)


def _next(series: TaskSeries, day: date, due_on: date, stamp: Stamp) -> SeriesOccurrence:
    if series.ended_on is not None:
        raise SeriesEnded
    if series.last_day is not None and day <= series.last_day:
        raise TurnTaken(day)
    series.last_day = day
    occurrence = SeriesOccurrence(series=series, day=day, due_on=due_on, made_on=stamp.on)
    db.session.add(occurrence)
    return occurrence


class Made(NamedTuple):
    """What a run of the job did."""

    given: int
    skipped: int
    failed: list[str]
    """The keys of series that could not be read or given."""
    is_stopped: bool = False


def make_due(*, today: date, at: datetime, stop: Callable[[], bool] = lambda: False) -> Made:
    """Give every turn of every series whose day has come by the moment `at`; one transaction a series.

    Turns whose deadline passed while nobody ran this are passed over and logged, unless the setting
    `series_gives_past` says otherwise. However often and in how many places it runs, a turn is given once.
    """
    due, failed = due_now(today=today)
    stamp, done = Stamp(on=today, at=at), Counter[str]()
    for series_id, key in due:
        if stop():
            return Made(done["given"], done["skipped"], failed, is_stopped=True)
        try:
            with transaction():
                series = db.session.get_one(TaskSeries, series_id)
                # Who else is giving of it now is waited for, and what they gave is seen.
                lock(series)
                done += _give_due(series, stamp)
        except (DomainError, IntegrityError):
            log.exception("%s", key)
            failed.append(key)
    return Made(done["given"], done["skipped"], failed)


def _hour(at: datetime | None) -> time:
    return at.astimezone(VIETNAM).time() if at else time()


def _give_due(series: TaskSeries, stamp: Stamp) -> Counter[str]:
    """Give or pass over the turns whose day has come; the caller holds the series in a transaction."""
    done = Counter[str]()
    if series.ended_on is not None:
        return done
    settings = all_settings()
    decision = decide(
        course_of(series), today=stamp.on, hour=_hour(stamp.at), calendar=working_calendar(),
        ahead_days=settings["series_ahead_days"], gives_past=settings["series_gives_past"],
    )  # fmt: skip
    for turn, skipped in decision.done:
        unit = heir_of(series.unit, stamp.on)
        why = skipped or (Skipped.NO_UNIT if unit is None else None)
        if unit is None or why is not None:
            skip(series, day=turn.day, due_on=turn.due_on, why=why or Skipped.NO_UNIT, stamp=stamp)
            done["skipped"] += 1
        else:
            tasks.give(series.directive, [_order(series, unit, turn, stamp)], stamp=stamp)
            done["given"] += 1
    return done


def _key(series: TaskSeries, turn: Turn) -> str | None:
    """Return the key of the task of a turn, the same whoever gives it; None where it would be too long."""
    key = f"{series.key}-{turn.day:%Y%m%d}"
    return key if len(key) <= LONGEST_KEY else None


def _order(series: TaskSeries, unit: Unit, turn: Turn, stamp: Stamp) -> tasks.Order:
    officer = series.officer
    if officer and not any(
        held.unit is unit and held.valid_from <= stamp.on < held.valid_to for held in officer.held_roles
    ):
        officer = None
    return tasks.Order(
        key=_key(series, turn),
        unit=unit,
        content=series.content,
        due_on=turn.due_on,
        item=series.item,
        due_phrase=series.phrase,
        due_time=series.due_time,
        coordinating=[each.unit for each in series.coordinations if each.unit.exists_on(stamp.on)],
        officer=officer,
        tracker=series.tracker if series.tracker and series.tracker.active else None,
        leader=series.leader if series.leader and series.leader.active else None,
        product=series.product,
        occurrence=turn_of(series, day=turn.day, due_on=turn.due_on, stamp=stamp),
    )

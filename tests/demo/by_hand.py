"""The columns of a ranking recounted by hand: plain SQL over what is stored, and a walk over the calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, text

from tracker.models import db
from tracker.rules.ranking import Measure

_COUNTED = """
    WITH moved AS (
        SELECT task_id, max(id) AS entry FROM history
        WHERE "do" IN ('reassign', 'transfer', 'inherit') AND from_state <> 'draft' GROUP BY task_id
    ), counted AS (
        SELECT p.task_id, p.unit_id, p.state, p.due_on, p.reported_on, t.given_on,
               coalesce(m.entry, 0) AS moved,
               (SELECT on_day FROM history h WHERE h.id = m.entry) AS moved_on,
               CASE WHEN p.state = 'completed' THEN p.reported_on ELSE :day END AS judged_on
        FROM task_period p JOIN task t ON t.id = p.task_id LEFT JOIN moved m ON m.task_id = p.task_id
        WHERE p.assigner_id = :assigner AND p.valid_from <= :day AND p.valid_to > :day
          AND (p.state IN ('not_started', 'in_progress', 'awaiting_confirmation')
               OR p.state = 'completed' AND p.valid_from >= :first)
    )
"""
_IS_LATE = "state <> 'awaiting_confirmation' AND due_on < judged_on"
_STATES = {
    Measure.COUNTED: "1 = 1",
    Measure.ON_TIME: "state = 'completed' AND (due_on IS NULL OR reported_on <= due_on)",
    Measure.LATE: f"state = 'completed' AND {_IS_LATE}",
    Measure.OVERDUE: f"state <> 'completed' AND {_IS_LATE}",
    Measure.LATE_DAYS: _IS_LATE,
}
_EVENTS = {
    Measure.ASKED: "h.\"do\" = 'ask_extension'",
    Measure.GRANTED: "h.\"do\" = 'grant_extension'",
    Measure.REPORTS: "h.\"do\" = 'report'",
    Measure.REWORK: """h."do" = 'rework' AND EXISTS (SELECT 1 FROM history r
        WHERE r.task_id = h.task_id AND r."do" = 'report' AND r.id > c.moved AND r.id < h.id)""",
}
_RUNGS = {
    Measure.BEFORE: "r.rung LIKE 'before-%' OR r.rung = 'due' OR r.rung LIKE 'hour%'",
    Measure.AFTER: "r.rung LIKE 'late-%'",
    Measure.URGED: "r.rung LIKE 'urge:%'",
}
COUNTED_BY_HAND = (*_STATES, *_EVENTS, *_RUNGS)


def recounted(assigner_id: int, first: date, day: date) -> dict[str, dict[Any, Any]]:
    """Return by code of the unit its numbers by measure; by "days late" and "days waited" lists."""
    found: dict[str, dict[Any, Any]] = {}

    def ask(select: str) -> Any:
        days = (bindparam(name, type_=Date) for name in ("day", "first"))
        words = text(f"{_COUNTED} {select}").bindparams(*days)
        return db.session.execute(words, {"assigner": assigner_id, "first": first, "day": day}).all()

    def tell(measure: Measure, select: str, of: str) -> None:
        grouped = f"SELECT u.code, {select} FROM {of} JOIN unit u ON u.id = c.unit_id"
        for code, number in ask(f"{grouped} GROUP BY u.code"):
            found.setdefault(code, {})[measure] = int(number)

    for measure, condition in _STATES.items():
        tell(measure, "count(*)", f"(SELECT * FROM counted WHERE {condition}) c")
    events = "counted c JOIN history h ON h.task_id = c.task_id AND h.id > c.moved AND h.on_day <= :day"
    for measure, condition in _EVENTS.items():
        tell(measure, "count(*)", f"(SELECT c.unit_id FROM {events} AND {condition}) c")
    for measure, condition in _RUNGS.items():
        told = f"""(SELECT DISTINCT c.unit_id, r.task_id, r.rung, r.due_on FROM counted c
            JOIN reminder r ON r.task_id = c.task_id AND (c.moved_on IS NULL OR r.told_on > c.moved_on)
            JOIN outgoing_mail m ON m.id = r.mail_id AND m.state = 'sent' WHERE {condition}) c"""
        tell(measure, "count(*)", told)
    for code, due_on, judged_on in ask(
        f"SELECT u.code, due_on, judged_on FROM counted c JOIN unit u ON u.id = c.unit_id WHERE {_IS_LATE}"
    ):
        found[code].setdefault("days late", []).append((_day(judged_on) - _day(due_on)).days)
    kinds = db.session.execute(text("SELECT day, kind FROM calendar_day"))
    calendar = {_day(each): kind for each, kind in kinds}
    for code, given_on, accepted_on, state in ask(
        """SELECT u.code, c.given_on, (SELECT min(h.on_day) FROM history h
                                       WHERE h.task_id = c.task_id AND h."do" = 'accept'), c.state
           FROM counted c JOIN unit u ON u.id = c.unit_id WHERE c.moved = 0"""
    ):
        if accepted_on is not None or state == "not_started":
            until = day if accepted_on is None else _day(accepted_on)
            found[code].setdefault("days waited", []).append(_worked(_day(given_on), until, calendar))
    return found


def _day(value: Any) -> date:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _worked(after: date, last: date, calendar: Mapping[date, str]) -> int:
    """Count the working days after a day up to another, one by one."""
    number, day = 0, after
    while day < last:
        day += timedelta(days=1)
        kind = calendar.get(day)
        number += kind == "working_day" or (kind != "day_off" and day.weekday() < 5)
    return number

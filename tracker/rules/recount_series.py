"""The facts that a recurring task ought to have, replayed from its entries in the history alone.

Like `recount.py` a second opinion: it shares only the words of the history with the operations.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from tracker.rules.recount import Entry, day_of

SERIES_FACTS = (
    "directive", "unit", "item", "content", "product", "officer", "tracker", "leader", "phrase", "rule",
    "due_time", "starts_on", "until", "begun_on", "ended_on", "last_day", "given", "version", "coordinating",
)  # fmt: skip
"""The facts of a series that are compared, as units' codes and persons' logins."""

TURN_FACTS = ("due_on", "made_on", "number", "task", "skipped")
"""The facts of a turn that are compared, its task by its key."""

_CALLED = {"pattern": "rule", "from": "starts_on"}
"""Words of the history and the facts that they are."""
_DAYS = ("starts_on", "until")


class TurnStanding(NamedTuple):
    """A turn that was given or passed over."""

    day: date | None
    due_on: date | None
    made_on: date | None
    number: int | None
    task: str | None
    skipped: str | None
    entry: int = 0


@dataclass
class SeriesStanding:
    """A series as its entries leave it."""

    directive: str | None = None
    unit: str | None = None
    item: str | None = None
    content: str | None = None
    product: str | None = None
    officer: str | None = None
    tracker: str | None = None
    leader: str | None = None
    phrase: str | None = None
    rule: str | None = None
    due_time: str | None = None
    starts_on: date | None = None
    until: date | None = None
    begun_on: date | None = None
    ended_on: date | None = None
    last_day: date | None = None
    given: int = 0
    version: int = 0
    coordinating: str | None = None
    turns: list[TurnStanding] = field(default_factory=list)
    decided: dict[str, int] = field(default_factory=dict)
    """By fact the entry that decides it."""


def replay_series(entries: Iterable[Entry]) -> SeriesStanding:
    """Return what the entries of a series and the givings of its turns, in the order of entry, make of it."""
    now = SeriesStanding()
    for entry in entries:
        told = entry.payload
        match entry.do:
            case "series":
                _set(now, entry, {key: told.get(key) for key in _SAID} | {"begun_on": entry.on, "version": 1})
                if now.starts_on is None:
                    now.starts_on = entry.on
            case "series_change":
                _set(now, entry, {**told.get("set", {}), "version": now.version + 1})
            case "series_end":
                _set(now, entry, {"ended_on": entry.on, "version": now.version + 1})
            case "series_skip" | "give":
                day, task = day_of(told.get("occurrence")), told.get("task")
                number = now.given + 1 if task else None
                due_on = day_of(told.get("due"))
                skipped = told.get("skipped")
                now.turns.append(TurnStanding(day, due_on, entry.on, number, task, skipped, entry.id))
                _set(now, entry, {"last_day": day, "given": number or now.given})
    return now


_SAID = (
    "directive", "unit", "item", "content", "product", "officer", "tracker", "leader", "phrase", "pattern",
    "due_time", "from", "until", "coordinating",
)  # fmt: skip


def _set(now: SeriesStanding, entry: Entry, facts: dict[str, object]) -> None:
    for word, value in facts.items():
        fact = _CALLED.get(word, word)
        if fact in _DAYS and isinstance(value, str):
            value = day_of(value)
        if fact == "coordinating":
            value = ", ".join(value) if isinstance(value, list) and value else None
        setattr(now, fact, value)
        now.decided[fact] = entry.id

"""Which turns of recurring tasks should be given by now: a second opinion that steps from day to day.

Like the rest of the oracle it knows nothing of the tracker's own rules (domain §5, the contract of series); a
comment says what the product has chosen where the domain leaves a choice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from tests.chaos.oracle import A_DAY, Oracle

LONG_BEFORE = timedelta(days=70)
"""So long before its beginning a month has a turn that the first one follows."""
MANY = 200
"""Days that are looked at ahead of today."""


PATTERNS = (
    ("daily", None), ("weekly", None), ("weekly", 0), ("weekly", 4), ("monthly", 20), ("monthly", 31),
    ("monthly", 1),
)  # fmt: skip
"""How often a series comes again, and the weekday (Monday 0) or the day of the month."""


def rule_of(how: str, day: int | None) -> str:
    """Return the rule of a series as the history keeps it."""
    if day is None:
        return how
    return f"{how} {('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')[day] if how == 'weekly' else day}"


@dataclass
class Series:
    """What a directive asks again and again; `day` is the weekday (Monday 0) or the day of the month."""

    key: str
    how: str
    day: int | None
    unit: str
    starts: date
    hour: time | None = None
    until: date | None = None
    officer: str | None = None
    tracker: str | None = None
    leader: str | None = None
    last: date | None = None
    given: int = 0
    has_ended: bool = False

    @property
    def rule(self) -> str:
        """Its rule in the words of the history."""
        return rule_of(self.how, self.day)


class Turn(NamedTuple):
    """A turn as it should have been made: number, unit and people of one that was given, None otherwise."""

    series: str
    day: date
    due: date
    skipped: str | None
    number: int | None = None
    unit: str | None = None
    officer: str | None = None
    tracker: str | None = None
    leader: str | None = None
    hour: time | None = None


class SeriesOracle:
    """Knows all series, and by the oracle of the office which days are worked and who stands where."""

    def __init__(self, office: Oracle) -> None:
        self.office = office
        self.series: dict[str, Series] = {}
        self.heirs: dict[str, str] = {}

    def running(self) -> list[Series]:
        """Return the series that were not ended."""
        return [each for each in self.series.values() if not each.has_ended]

    def take_due(self, now: datetime, only: Series | None = None) -> list[Turn]:
        """Return what is to be given or passed over now, and take it as done."""
        return [turn for each in self.running() if only in (None, each) for turn in self._due(each, now)]

    def changed(self, series: Series, how: str, day: int | None, today: date) -> None:
        """Another rule: it begins after the week or the month of the last turn, and never before today."""
        first = series.starts if series.last is None else series.last + A_DAY
        if series.last is not None and how == series.how:
            # The product: what was given stands for the whole of its week or month.
            while how != "daily" and not (first.weekday() == 0 if how == "weekly" else first.day == 1):
                first += A_DAY
        series.how, series.day, series.starts = how, day, max(first, today)

    def _due(self, series: Series, now: datetime) -> Iterator[Turn]:
        today, ahead = now.date(), timedelta(days=self.office.settings["series_ahead_days"])
        before: date | None = None
        for day, due in list(self._days(series, today)):
            if series.until is not None and due > series.until:
                return
            if due >= series.starts and (series.last is None or day > series.last):
                give = due - ahead
                if before is not None and give <= before:
                    give = before + A_DAY
                if min(give, due) > today:
                    return
                series.last = day
                yield self._made(series, day, due, now)
            before = due

    def _made(self, series: Series, day: date, due: date, now: datetime) -> Turn:
        today = now.date()
        is_past = due < today or (due == today and series.hour is not None and series.hour < now.time())
        if is_past and not self.office.settings["series_gives_past"]:
            return Turn(series.key, day, due, "past")
        series.given += 1
        unit = series.unit
        while unit in self.heirs:
            unit = self.heirs[unit]
        # The product: the officer goes along who holds a role in the unit today, others who are active.
        stays = any(
            (held.login, held.unit) == (series.officer, unit) and held.first <= today < held.until
            for held in self.office.roles
        )
        tracker, leader = (
            login if login and self.office.people[login].active else None
            for login in (series.tracker, series.leader)
        )
        officer = series.officer if stays else None
        return Turn(series.key, day, due, None, series.given, unit, officer, tracker, leader, series.hour)

    def _days(self, series: Series, today: date) -> Iterator[tuple[date, date]]:
        """Yield each day that names a turn with its deadline, from long before the beginning."""
        day = min(series.starts, today) - LONG_BEFORE
        for _step in range((today - day).days + MANY):
            day += A_DAY
            if (due := self._due_on(series, day)) is not None:
                yield day, due

    def _due_on(self, series: Series, day: date) -> date | None:
        match series.how:
            case "daily":
                return day if self.office.is_worked(day) else None
            case "monthly":
                # A month that lacks the day has its turn on its last one.
                is_last = (day + A_DAY).month != day.month
                return day if day.day == series.day or (is_last and day.day < (series.day or 0)) else None
        if series.day is not None:
            return day if day.weekday() == series.day else None
        if day.weekday() != 6:
            return None
        # The last worked day of the week, which its Sunday names.
        week = [day - timedelta(days=back) for back in range(7)]
        return next((each for each in week if self.office.is_worked(each)), None)

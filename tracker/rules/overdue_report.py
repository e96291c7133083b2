"""The monthly overdue report as data: what it holds, how it is frozen, the part of a unit, what changed.

Everything in it follows from the history up to the end of one day, so that the report of a past month, asked
for again, holds the same numbers. Sums are never stored beside what they sum.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any

FORM = 1
"""Of the frozen data; a later form of it gets the next number."""
MONTHS = 12
"""Ends of months that the chart shows, the cut-off day among them."""


@dataclass(frozen=True)
class UnitRow:
    """One row of B.4: a unit, and its seven numbers in the order of the columns.

    `depth` is how many of the units above it have a row too; data of earlier reports do not tell it.
    """

    unit_id: int
    code: str
    name: str
    cells: tuple[int, ...]
    without_deadline: int = 0
    depth: int = 0

    @property
    def unit_name(self) -> str:
        """The name as the table prints it."""
        return self.name

    @property
    def all(self) -> int:
        """“Tất cả”: the sum of the seven cells."""
        return sum(self.cells)


@dataclass(frozen=True)
class Reason:
    """What a unit gave as its reason by the cut-off day.

    `sort` is "difficulties" (of a progress), "explanation" (of a report that came back), "extension" or
    "return" (of what was asked for).
    """

    sort: str
    on: date
    text: str


@dataclass(frozen=True)
class Extension:
    """An extension that was asked for, as it stood on the cut-off day: `state` is that of a request."""

    asked_on: date
    until: date | None
    state: str
    decided_on: date | None = None
    granted_until: date | None = None


@dataclass(frozen=True)
class OverdueTask:
    """A task that was overdue at the end of the cut-off day, with what was known by then."""

    task_id: int
    unit_id: int
    content: str
    item: str | None
    directive_kind: str
    directive_number: str | None
    directive_issued_on: date
    original_due_on: date | None
    due_on: date
    days: int
    """Days past the deadline in force, as of the cut-off day."""
    before_unit_id: int | None
    """Which unit led it when it was overdue at the end of the month before, None when it was not."""
    reasons: tuple[Reason, ...] = ()
    """The last of each sort, the latest first."""
    extensions: tuple[Extension, ...] = ()
    reminded_on: tuple[date, ...] = ()
    """The days on which the ladder of reminders told somebody of it, by mails that were sent."""
    urged_on: tuple[date, ...] = ()
    """The days on which the office urged it by hand."""

    @property
    def is_new(self) -> bool:
        """Whether it was not overdue yet at the end of the month before."""
        return self.before_unit_id is None


@dataclass(frozen=True)
class MonthCounts:
    """One unit at the end of a month: what was open and overdue, and how the month's deadlines were kept."""

    unit_id: int
    open: int
    overdue: int
    fallen_due: int
    """Tasks with their deadline in that month, by the facts of its end."""
    on_time: int
    """Of these, the ones reported by their deadline, confirmed or not."""


@dataclass(frozen=True)
class MonthEnd:
    """The units at the end of a day, the last of a month."""

    on: date
    units: tuple[MonthCounts, ...] = ()

    def _sum(self, name: str) -> int:
        return sum(getattr(unit, name) for unit in self.units)

    @property
    def open(self) -> int:
        return self._sum("open")

    @property
    def overdue(self) -> int:
        return self._sum("overdue")

    @property
    def in_time(self) -> int:
        return self.open - self.overdue

    @property
    def fallen_due(self) -> int:
        return self._sum("fallen_due")

    @property
    def on_time(self) -> int:
        return self._sum("on_time")

    @property
    def rate(self) -> Fraction | None:
        """The part of the month's deadlines that were kept, None when no deadline fell in it."""
        return Fraction(self.on_time, self.fallen_due) if self.fallen_due else None

    def overdue_of(self, unit_id: int) -> int:
        """Return how many tasks of a unit were overdue."""
        return next((unit.overdue for unit in self.units if unit.unit_id == unit_id), 0)


@dataclass(frozen=True)
class Balance:
    """How the overdue tasks of the month before became those of the cut-off day."""

    before: int
    gone: int
    moved_in: int
    new: int

    @property
    def now(self) -> int:
        return self.before - self.gone + self.moved_in + self.new


@dataclass(frozen=True)
class UnitOverdue:
    """The overdue tasks of one unit, the latest first."""

    unit: UnitRow
    tasks: tuple[OverdueTask, ...]

    @property
    def new(self) -> int:
        return sum(task.is_new for task in self.tasks)

    @property
    def most_days(self) -> int:
        return max(task.days for task in self.tasks)


@dataclass(frozen=True)
class Repeat:
    """A unit with overdue tasks at the end of several months in a row, and how many at each."""

    unit: UnitRow
    overdue: tuple[int, ...]


@dataclass(frozen=True)
class OverdueReport:
    """The report of one assigner and month, as of the end of `last`; `unit_ids` only of a part."""

    assigner_code: str
    assigner_name: str
    above: tuple[str, ...]
    """The names of the units above the assigner, the nearest first."""
    title_of_head: str | None
    first: date
    last: date
    """The cut-off day: the last day of the month."""
    counted_from: date
    """The first day of the period of B.4; its last is the cut-off day."""
    rows: tuple[UnitRow, ...]
    overdue: tuple[OverdueTask, ...]
    """By unit in the order of the rows, within one the latest first."""
    months: tuple[MonthEnd, ...]
    repeat_months: int
    """At the ends of how many months in a row a unit must have had overdue tasks to be named as repeating."""
    unit_ids: frozenset[int] | None = None

    @property
    def total(self) -> UnitRow:
        """The total row: the sum of each column."""
        columns = zip(*(row.cells for row in self.rows), strict=True)
        cells = tuple(sum(column) for column in columns) if self.rows else (0,) * 7
        return UnitRow(0, "", "", cells, sum(row.without_deadline for row in self.rows))

    @property
    def part_name(self) -> str:
        """The names of the units of a part, empty for the whole."""
        return ", ".join(row.name for row in self.rows) if self.unit_ids is not None else ""

    @property
    def before(self) -> MonthEnd:
        """The end of the month before."""
        return self.months[-2]

    @property
    def month(self) -> MonthEnd:
        """The cut-off day itself, the last of the months."""
        return self.months[-1]

    @property
    def balance(self) -> Balance:
        """From the overdue tasks of the month before to those of the cut-off day."""
        stayed = [task for task in self.overdue if not task.is_new]
        mine = [task for task in stayed if self._holds(task.before_unit_id)]
        return Balance(
            before=self.before.overdue, gone=self.before.overdue - len(mine),
            moved_in=len(stayed) - len(mine), new=len(self.overdue) - len(stayed),
        )  # fmt: skip

    @property
    def by_unit(self) -> tuple[UnitOverdue, ...]:
        """The overdue list by unit, in the order of the rows."""
        tasks: dict[int, list[OverdueTask]] = {}
        for task in self.overdue:
            tasks.setdefault(task.unit_id, []).append(task)
        return tuple(UnitOverdue(row, tuple(tasks[row.unit_id])) for row in self.rows if row.unit_id in tasks)

    @property
    def worst(self) -> tuple[OverdueTask, ...]:
        """All overdue tasks, the latest first whatever their unit."""
        return tuple(sorted(self.overdue, key=lambda task: (-task.days, task.task_id)))

    @property
    def repeats(self) -> tuple[Repeat, ...]:
        """The units with overdue tasks at the end of each of the last months, the most overdue first."""
        last = self.months[-self.repeat_months :]
        found = (Repeat(row, tuple(month.overdue_of(row.unit_id) for month in last)) for row in self.rows)
        repeats = [repeat for repeat in found if all(repeat.overdue)]
        return tuple(sorted(repeats, key=lambda repeat: -repeat.overdue[-1]))

    def name_of(self, unit_id: int) -> str:
        """Return the name of the unit of a row."""
        return next(row.name for row in self.rows if row.unit_id == unit_id)

    def part(self, unit_ids: Collection[int]) -> OverdueReport:
        """Return what of it belongs to these units."""
        mine = frozenset(unit_ids)
        months = (
            replace(end, units=tuple(unit for unit in end.units if unit.unit_id in mine))
            for end in self.months
        )
        rows = [row for row in self.rows if row.unit_id in mine]
        above = min((row.depth for row in rows), default=0)
        return replace(
            self, rows=tuple(replace(row, depth=row.depth - above) for row in rows),
            overdue=tuple(task for task in self.overdue if task.unit_id in mine),
            months=tuple(months), unit_ids=mine,
        )  # fmt: skip

    def _holds(self, unit_id: int | None) -> bool:
        return self.unit_ids is None or unit_id in self.unit_ids


@dataclass(frozen=True)
class Differences:
    """What one edition says otherwise than the edition before it."""

    cells: tuple[tuple[str, int, int, int], ...]
    """Name of the unit, place of the cell (7: “Tất cả”), the number before, the number now."""
    added: tuple[OverdueTask, ...]
    removed: tuple[OverdueTask, ...]
    changed: tuple[OverdueTask, ...]
    """Overdue in both, of which something else is told now."""

    def __bool__(self) -> bool:
        return bool(self.cells or self.added or self.removed or self.changed)


def differences(before: OverdueReport, now: OverdueReport) -> Differences:
    """Return what the later of two editions says otherwise."""
    old, new = ({row.unit_id: row for row in each.rows} for each in (before, now))
    nothing = (0,) * 7
    cells = []
    for unit_id in dict.fromkeys([*old, *new]):
        was, is_now = old.get(unit_id), new.get(unit_id)
        name = (is_now or was).name  # type: ignore[union-attr]
        for place, pair in enumerate(
            zip(_with_sum(was.cells if was else nothing), _with_sum(is_now.cells if is_now else nothing),
                strict=True)
        ):  # fmt: skip
            if pair[0] != pair[1]:
                cells.append((name, place, *pair))
    then, today = ({task.task_id: task for task in each.overdue} for each in (before, now))
    return Differences(
        cells=tuple(cells),
        added=tuple(task for key, task in today.items() if key not in then),
        removed=tuple(task for key, task in then.items() if key not in today),
        changed=tuple(task for key, task in today.items() if key in then and then[key] != task),
    )


def _with_sum(cells: Iterable[int]) -> tuple[int, ...]:
    numbers = tuple(cells)
    return (*numbers, sum(numbers))


def month_before(day: date) -> date:
    """Return the last day of the month before the one of `day`."""
    return day.replace(day=1) - timedelta(days=1)


def month_ends(last: date, number: int = MONTHS) -> list[date]:
    """Return the last days of so many months, the latest of them `last`, the earliest first."""
    days = [last]
    while len(days) < number:
        days.append(month_before(days[-1]))
    return days[::-1]


def to_data(report: OverdueReport) -> dict[str, Any]:
    """Return a whole report as what JSON holds; `from_data` makes the report of it again."""
    data = {"form": FORM} | asdict(report)
    del data["unit_ids"]
    plain: dict[str, Any] = json.loads(json.dumps(data, default=date.isoformat))
    return plain


def checksum(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 of the data in its canonical JSON: UTF-8, sorted keys, no blanks."""
    text = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def from_data(data: Mapping[str, Any]) -> OverdueReport:
    """Return the report that `to_data` made plain."""
    return OverdueReport(
        assigner_code=data["assigner_code"], assigner_name=data["assigner_name"],
        above=tuple(data["above"]), title_of_head=data["title_of_head"], first=_day(data["first"]),
        last=_day(data["last"]), counted_from=_day(data["counted_from"]),
        rows=tuple(UnitRow(**row | {"cells": tuple(row["cells"])}) for row in data["rows"]),
        overdue=tuple(_task(task) for task in data["overdue"]),
        months=tuple(
            MonthEnd(_day(end["on"]), tuple(MonthCounts(**unit) for unit in end["units"]))
            for end in data["months"]
        ),
        repeat_months=data["repeat_months"],
    )  # fmt: skip


def _task(data: Mapping[str, Any]) -> OverdueTask:
    days = ("directive_issued_on", "original_due_on", "due_on")
    values = dict(data) | {name: _day_or_none(data[name]) for name in days}
    values["reasons"] = tuple(Reason(**each | {"on": _day(each["on"])}) for each in data["reasons"])
    values["extensions"] = tuple(
        Extension(
            _day(each["asked_on"]), _day_or_none(each["until"]), each["state"],
            _day_or_none(each["decided_on"]), _day_or_none(each["granted_until"]),
        )
        for each in data["extensions"]
    )  # fmt: skip
    for name in ("reminded_on", "urged_on"):
        values[name] = tuple(_day(each) for each in data[name])
    return OverdueTask(**values)


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _day_or_none(text: str | None) -> date | None:
    return None if text is None else _day(text)

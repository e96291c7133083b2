"""The ranking of lead units for “trách nhiệm người đứng đầu”: figures, the score and its parts, the places.

The score of a unit is 100 × the sum of (weight × share) over the sum of the weights, taken over those parts
for which there is something to judge; each share is from 0 to 1 and follows from counts alone, exactly. So a
unit that never had to report is not judged by its reports, neither for nor against it.

Decisions, with their reasons (those about single tasks stand in `ranking_facts.py`):

- Days late are averaged over all judged tasks, not over the late ones: averaged over the late ones, one more
  task a day late would make a unit look better.
- Extensions that were granted lower the score, asking does not: a unit is to ask in time.
- Reminders before a deadline lower nothing, since the ladder sends them to everybody; reminders after it and
  urging by hand do.
- Places go by the score as it is printed, with one decimal: units with equal scores share a place, and the
  next place is left out (1, 2, 2, 4).
- Units with few tasks, units that have ended and units with nothing to judge are listed below the others
  without a place: one late task of two is no measure of a head, and an ended unit has nobody who answers.
- Before a task was judged there is no score: a successor of twelve unfinished tasks, seven of them overdue
  when they came, would have 100 points for having asked for no extension yet.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import Any

from tracker.rules.ranking_facts import RankedTask
from tracker.rules.status import OVERDUE_CELLS, Cell


class Part(StrEnum):
    """The parts of a score; each has a weight among the settings."""

    ON_TIME = "on_time"
    LATE_DAYS = "late_days"
    EXTENSIONS = "extensions"
    REWORK = "rework"
    REMINDERS = "reminders"
    RESPONSE = "response"


@dataclass(frozen=True)
class Formula:
    """The weights of the parts, and what their shares are measured by: settings of the installation."""

    weights: Mapping[Part, int]
    late_days_worst: int
    """Days late a judged task, on average, from which that part counts 0."""
    reminders_worst: int
    """Reminders after the deadline and urgings a task, on average, from which that part counts 0."""
    response_days: int
    """Working days within which a task is to be accepted."""
    few_tasks: int
    """A unit with fewer tasks has no place."""

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Formula:
        """Return the formula in force."""
        weights = {part: settings[f"rank_weight_{part.value}"] for part in Part}
        scales = (settings["rank_late_days_worst"], settings["rank_reminders_worst"])
        return cls(weights, *scales, settings["rank_response_days"], settings["rank_few_tasks"])


class Measure(StrEnum):
    """What a number of the ranking counts; the word is also that of the list of the tasks behind it."""

    COUNTED = "counted"
    ON_TIME = "on_time"
    LATE = "late"
    OVERDUE = "overdue"
    LATE_DAYS = "late_days"
    WORST = "worst"
    ASKED = "asked"
    GRANTED = "granted"
    REPORTS = "reports"
    REWORK = "rework"
    BEFORE = "before"
    AFTER = "after"
    URGED = "urged"
    NEEDED = "needed"
    RESPONSE = "response"
    IN_RESPONSE_DAYS = "in_response_days"
    RESPONSE_JUDGED = "response_judged"
    JUDGED = "judged"
    JUDGED_DAYS = "judged_days"
    TAKEN = "taken"
    INHERITED = "inherited"
    CAME_LATE = "came_late"


def _yes(condition: Callable[[RankedTask], bool]) -> Callable[[RankedTask], int]:
    return lambda task: int(condition(task))


_TIMES: Mapping[Measure, Callable[[RankedTask], int]] = {
    Measure.COUNTED: lambda _task: 1,
    Measure.ON_TIME: _yes(lambda task: task.cell is Cell.COMPLETED_ON_TIME),
    Measure.LATE: _yes(lambda task: task.cell is Cell.COMPLETED_LATE),
    Measure.OVERDUE: _yes(lambda task: task.cell in OVERDUE_CELLS),
    Measure.LATE_DAYS: _yes(lambda task: task.is_late),
    Measure.ASKED: lambda task: task.tenure.asked,
    Measure.GRANTED: lambda task: task.tenure.granted,
    Measure.REPORTS: lambda task: task.tenure.reports,
    Measure.REWORK: lambda task: task.tenure.reworks,
    Measure.BEFORE: lambda task: task.before,
    Measure.AFTER: lambda task: task.after,
    Measure.URGED: lambda task: task.urged,
    Measure.NEEDED: lambda task: task.after + task.urged,
    Measure.RESPONSE: _yes(lambda task: task.waited is not None),
    Measure.JUDGED: _yes(lambda task: task.is_judged),
    Measure.JUDGED_DAYS: lambda task: task.days if task.is_judged and task.is_late else 0,
    Measure.TAKEN: _yes(lambda task: task.tenure.taken_on is not None),
    Measure.INHERITED: _yes(lambda task: task.tenure.is_inherited),
    Measure.CAME_LATE: _yes(lambda task: task.came_late),
}
"""How much a task counts in a measure that asks for nothing else than the task."""

PART_MEASURES: Mapping[Part, tuple[Measure, Measure]] = {
    Part.ON_TIME: (Measure.ON_TIME, Measure.JUDGED),
    Part.LATE_DAYS: (Measure.JUDGED_DAYS, Measure.JUDGED),
    Part.EXTENSIONS: (Measure.GRANTED, Measure.COUNTED),
    Part.REWORK: (Measure.REWORK, Measure.REPORTS),
    Part.REMINDERS: (Measure.NEEDED, Measure.COUNTED),
    Part.RESPONSE: (Measure.IN_RESPONSE_DAYS, Measure.RESPONSE_JUDGED),
}
"""What each part of a score puts over what."""


@dataclass(frozen=True)
class Figures:
    """The numbers of one unit, or of all of them, from its tasks."""

    tasks: tuple[RankedTask, ...]
    response_days: int

    def behind(self, measure: Measure) -> tuple[RankedTask, ...]:
        """Return exactly the tasks that a number counts, in the given order."""
        return tuple(filter(self._times(measure), self.tasks))

    def times(self, task: RankedTask, measure: Measure) -> int:
        """Return how much a task counts in a measure: 0 or 1, the number of its events, its days late."""
        return self._times(measure)(task)

    def _times(self, measure: Measure) -> Callable[[RankedTask], int]:
        match measure:
            case Measure.WORST:
                return _yes(lambda task: task.is_late and task.days == self.worst_days)
            case Measure.IN_RESPONSE_DAYS:
                return _yes(lambda task: task.is_accepted and not self._is_slow(task))
            case Measure.RESPONSE_JUDGED:
                return _yes(lambda task: task.is_accepted or self._is_slow(task))
        return _TIMES[measure]

    def _is_slow(self, task: RankedTask) -> bool:
        return task.waited is not None and task.waited > self.response_days

    @cached_property
    def _numbers(self) -> dict[Measure, int]:
        return {}

    def count(self, measure: Measure) -> int:
        """Return the number of a measure: of tasks, of their events, or of days."""
        if measure not in self._numbers:
            self._numbers[measure] = sum(map(self._times(measure), self.tasks))
        return self._numbers[measure]

    @cached_property
    def worst_days(self) -> int:
        """Days late of the latest task, 0 when none is late."""
        return max((task.days for task in self.tasks if task.is_late), default=0)

    @cached_property
    def average_days(self) -> Fraction | None:
        """Days late on average over the late tasks, None when none is late."""
        late = [task.days for task in self.tasks if task.is_late]
        return Fraction(sum(late), len(late)) if late else None

    @cached_property
    def average_response(self) -> Fraction | None:
        """Working days until acceptance (of those that still wait: so far) on average, None without any."""
        waited = [task.waited for task in self.tasks if task.waited is not None]
        return Fraction(sum(waited), len(waited)) if waited else None


@dataclass(frozen=True)
class ScorePart:
    """One part of a score: `number` over `whole` gave the share, None where there was nothing to judge."""

    part: Part
    weight: int
    number: int
    whole: int
    share: Fraction | None


@dataclass(frozen=True)
class Score:
    """The score of one unit with its parts."""

    parts: tuple[ScorePart, ...]

    @cached_property
    def judged(self) -> tuple[ScorePart, ...]:
        """The parts that count: with a weight and something to judge; none before a task was judged."""
        if any(part.part is Part.ON_TIME and part.share is None for part in self.parts):
            return ()
        return tuple(part for part in self.parts if part.share is not None and part.weight)

    def points(self, part: ScorePart) -> Fraction | None:
        """Return how many of the 100 points a part gives, None for one that does not count."""
        share, most = part.share, self.most(part)
        return None if share is None or most is None else most * share

    def most(self, part: ScorePart) -> Fraction | None:
        """Return how many points a part could give: its weight, raised by what the missing parts leave."""
        whole = sum(each.weight for each in self.judged)
        return Fraction(100 * part.weight, whole) if part in self.judged else None

    @cached_property
    def exact(self) -> Fraction | None:
        """The score, from 0 to 100; None when no part counts."""
        if not self.judged:
            return None
        return sum((self.points(part) or Fraction(0) for part in self.judged), Fraction(0))

    @cached_property
    def printed(self) -> Decimal | None:
        """The score as it is printed and ranked: one decimal, half up."""
        if self.exact is None:
            return None
        exact = Decimal(self.exact.numerator) / Decimal(self.exact.denominator)
        return exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def score_of(figures: Figures, formula: Formula) -> Score:
    """Return the score of a unit's figures."""
    shares: Mapping[Part, Callable[[Fraction], Fraction]] = {
        Part.ON_TIME: lambda rate: rate,
        Part.LATE_DAYS: lambda rate: 1 - rate / formula.late_days_worst,
        Part.EXTENSIONS: lambda rate: 1 - rate,
        Part.REWORK: lambda rate: 1 - rate,
        Part.REMINDERS: lambda rate: 1 - rate / formula.reminders_worst,
        Part.RESPONSE: lambda rate: rate,
    }
    parts = []
    for part, share in shares.items():
        number, whole = (figures.count(measure) for measure in PART_MEASURES[part])
        achieved = max(Fraction(0), share(Fraction(number, whole))) if whole else None
        parts.append(ScorePart(part, formula.weights[part], number, whole, achieved))
    return Score(tuple(parts))


class Standing(StrEnum):
    """Whether a unit has a place among the others, or why it has none."""

    RANKED = "ranked"
    FEW = "few"
    ENDED = "ended"
    UNJUDGED = "unjudged"


@dataclass(frozen=True)
class Head:
    """Somebody who led a unit: by name of that day, and by login."""

    login: str
    name: str


@dataclass(frozen=True)
class LeadUnit:
    """A unit of a ranking as it was called on the cut-off day, and who led it."""

    unit_id: int
    code: str
    name: str
    heads: tuple[Head, ...] = ()
    """Of that day; of a unit that had ended by then, those of its last day."""
    ended_on: date | None = None
    """The first day without it, when that is not after the cut-off day."""
    successor: str | None = None
    """The name of the unit that carried on after it."""


@dataclass(frozen=True)
class RankedUnit:
    """One row: a unit, its figures, its score, and its place, None without one."""

    unit: LeadUnit
    figures: Figures
    score: Score
    standing: Standing
    place: int | None = None


@dataclass(frozen=True)
class Ranking:
    """The ranking of an assigner's lead units over `[first, last]` at the end of `on`.

    `rows` begin with those that have a place, the best first; the others follow in the units' order.
    """

    assigner_code: str
    assigner_name: str
    above: tuple[str, ...]
    """The names of the units above the assigner, the nearest first."""
    title_of_head: str | None
    first: date
    last: date
    on: date
    formula: Formula
    rows: tuple[RankedUnit, ...]
    ranked: int
    """How many units have a place, also when the rows are only a part."""
    is_part: bool = False
    open_codes: frozenset[str] | None = field(default=None)
    """The units whose tasks and parts of the score a reader may open; None for all of them."""

    @property
    def with_place(self) -> tuple[RankedUnit, ...]:
        """The rows that have a place, the best first."""
        return tuple(row for row in self.rows if row.place is not None)

    @property
    def without_place(self) -> tuple[RankedUnit, ...]:
        """The rows that have none."""
        return tuple(row for row in self.rows if row.place is None)

    @cached_property
    def total(self) -> Figures:
        """The figures of all rows together."""
        return Figures(tuple(task for row in self.rows for task in row.figures.tasks),
                       self.formula.response_days)  # fmt: skip

    def row(self, code: str) -> RankedUnit | None:
        """Return the row of a unit, None when there is none."""
        return next((row for row in self.rows if row.unit.code == code), None)

    def may_open(self, row: RankedUnit) -> bool:
        """Whether the reader may see the tasks and the parts of the score of a row."""
        return self.open_codes is None or row.unit.code in self.open_codes

    def part(self, codes: Collection[str], *, all_rows: bool) -> Ranking:
        """Return what the head of some units sees: their rows and places, `all_rows` the others too."""
        mine = frozenset(codes)
        rows = tuple(row for row in self.rows if all_rows or row.unit.code in mine)
        return replace(self, rows=rows, is_part=not all_rows, open_codes=mine)

    def with_formula(self, formula: Formula) -> Ranking:
        """Return the same figures ranked by another formula."""
        units = [(row.unit, row.figures.tasks) for row in self.rows]
        rows, ranked = rank(units, formula)
        return replace(self, formula=formula, rows=rows, ranked=ranked)


def rank(
    units: Iterable[tuple[LeadUnit, Sequence[RankedTask]]], formula: Formula
) -> tuple[tuple[RankedUnit, ...], int]:
    """Return the rows of these units, best place first, and how many have a place.

    Units with equal printed scores share a place and stand in the given order.
    """
    rows = [_row(unit, tasks, formula) for unit, tasks in units]
    placed = sorted((row for row in rows if row.standing is Standing.RANKED), key=_worse)
    scores = [_worse(row) for row in placed]
    ranked = [replace(row, place=bisect_left(scores, _worse(row)) + 1) for row in placed]
    return (*ranked, *(row for row in rows if row.standing is not Standing.RANKED)), len(ranked)


def _row(unit: LeadUnit, tasks: Sequence[RankedTask], formula: Formula) -> RankedUnit:
    figures = Figures(tuple(tasks), formula.response_days)
    score = score_of(figures, formula)
    standing = Standing.RANKED
    if unit.ended_on is not None:
        standing = Standing.ENDED
    elif len(tasks) < formula.few_tasks:
        standing = Standing.FEW
    elif score.printed is None:
        standing = Standing.UNJUDGED
    return RankedUnit(unit, figures, score, standing)


def _worse(row: RankedUnit) -> Decimal:
    assert row.score.printed is not None
    return -row.score.printed

"""Table B.4 as data: its rows and numbers, what each counts, the rates, the change since an earlier day.

Pure: the same table comes from the database (`queries/b4`) and from a report that holds its tasks
(`rules/b4_report.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import NamedTuple, TypedDict

from tracker.rules.status import CELLS, COMPLETED_CELLS, OVERDUE_CELLS, Cell
from tracker.rules.text import name_order, vietnamese_order
from tracker.rules.words import B4_TITLE, KINDS_OF_DIRECTIVE, N_

NO_FIELD = N_("Chưa ghi lĩnh vực")
NO_LEADER = N_("Chưa phân công lãnh đạo")

NUMBER_DIGITS = 15
"""Digits at the beginning of a directive's number that put it in order among those of its day."""
NO_NUMBER = 10**NUMBER_DIGITS
"""The place of a directive without a number: the last of its day."""

_IN_TIME_CELLS = (Cell.NOT_STARTED_NOT_DUE, Cell.IN_PROGRESS_NOT_DUE, Cell.AWAITING_CONFIRMATION)
"""Open and not overdue: what waits for its confirmation was reported, its clock stands."""


class Grouping(StrEnum):
    """What a row of the table stands for; the word is also that of the page's address."""

    UNIT = "unit"
    FIELD = "field"
    DIRECTIVE = "directive"
    LEADER = "leader"
    MONTH = "month"


@dataclass(frozen=True)
class Choice:
    """Which of the counted tasks: those in some of the cells, of these perhaps only those fallen due."""

    cells: tuple[Cell, ...]
    fallen_due: bool = False


CHOICES: Mapping[str, Choice] = {cell.value: Choice((cell,)) for cell in CELLS} | {
    "all": Choice(CELLS),
    "completed": Choice(COMPLETED_CELLS),
    "overdue": Choice(OVERDUE_CELLS),
    "in_time": Choice(_IN_TIME_CELLS),
    "completed_or_overdue": Choice((*COMPLETED_CELLS, *OVERDUE_CELLS)),
    "fallen_due": Choice(CELLS, fallen_due=True),
    "completed_fallen_due": Choice(COMPLETED_CELLS, fallen_due=True),
}
"""What a number on the page may count, by the word that stands for it in an address."""


class Succession(NamedTuple):
    """What became of a unit by the cut-off day of a table, told beside its row."""

    ended_on: date | None = None
    """The first day without it, None while it exists."""
    into: str | None = None
    """Who got what it had not completed when it ended, by the name of the cut-off day."""
    took: tuple[tuple[str, date], ...] = ()
    """The units whose unfinished work came to it when they ended within the period, by day: name and the
    first day without each."""
    others: tuple[str, ...] = ()
    """Who else got some of its work on the day of its end: a unit that was split."""


_PLACES = {cell: place for place, cell in enumerate(CELLS)}
NO_TASKS = (0,) * len(CELLS)
"""The cells of a row that counts nothing."""
_FIRST_NUMBER = re.compile(f"[0-9]{{1,{NUMBER_DIGITS}}}")
TABLES_REMEMBERED = 32
"""Tables of units whose rows were put in order last."""


@dataclass(slots=True)
class B4Row:
    """One row and its eight numbers; a page makes hundreds, and a frozen class sets each fact by a call.

    `key` is the word of the row in an address, unique in its table: code of the unit, text of the field, key
    of the directive, login of the leader, month as "2026-03"; empty for what has no field or no leader.
    `depth` is how many of the units above it have a row too, `above` the key of the nearest of these. The
    row of a unit that ended or took over from others has its `succession`.
    """

    key: str
    code: str
    name: str
    cells: tuple[int, ...] = NO_TASKS
    """The seven numbers in the order of the columns."""
    depth: int = 0
    above: str | None = None
    without_deadline: int = 0
    succession: Succession | None = None

    @property
    def counts(self) -> dict[Cell, int]:
        """What stands in each cell that holds tasks."""
        return {cell: number for cell, number in zip(CELLS, self.cells, strict=True) if number}

    @property
    def unit_name(self) -> str:
        """The name as the table prints it."""
        return self.name

    @property
    def all(self) -> int:
        """“Tất cả”: the sum of the seven cells, by definition."""
        return sum(self.cells)

    def number_of(self, choice: str) -> int:
        """Return how many tasks one of `CHOICES` holds; those that ask for fallen due are the table's."""
        return sum(self.cells[_PLACES[cell]] for cell in CHOICES[choice].cells)


class Rate(NamedTuple):
    """A completion rate: which tasks are counted over which (words of `CHOICES`), and how many each are."""

    part: str
    whole: str
    numerator: int
    denominator: int

    @property
    def ratio(self) -> Fraction | None:
        """The rate itself, None when there is nothing to be counted over."""
        return Fraction(self.numerator, self.denominator) if self.denominator else None


class Page(NamedTuple):
    """Which rows of a long table are wanted: at most so many after those that are skipped."""

    skip: int
    most: int

    def start(self, size: int) -> int:
        """Return how many rows of a table of this size are skipped: none for a page beyond its end."""
        return self.skip if self.skip < size else 0


class Whole(NamedTuple):
    """The table of whose rows only a page is there."""

    total: B4Row
    size: int
    """How many rows it has."""
    skip: int
    """How many of them stand before those that are there."""


@dataclass(frozen=True)
class B4Table:
    """A counted B.4: who gave the tasks (by the name of the cut-off day), `[first, last]`, the cut-off day
    `on`, and a row per unit, field, directive, leader or month.

    Of a long table only a page of rows may be there; all other numbers are then still those of the `whole`.
    """

    assigner_code: str
    assigner_name: str
    first: date
    last: date
    on: date
    grouping: Grouping = Grouping.UNIT
    folded: bool = False
    rows: tuple[B4Row, ...] = ()
    without_deadline: int = 0
    fallen_due: int = 0
    """Tasks whose deadline had come by the cut-off day, that day included."""
    completed_fallen_due: int = 0
    part_of: str = ""
    """The unit whose part of the whole it is, its own and that of the units below it; "" for the whole."""
    whole: Whole | None = None
    """What a page of rows is taken from; None where all rows are there."""

    @property
    def title(self) -> str:
        """The printed title, as the published table has it."""
        return B4_TITLE % {"assigner": self.assigner_name.upper()}

    @cached_property
    def total(self) -> B4Row:
        """The total row: the sum of each column, over all rows that the table has."""
        if self.whole is not None:
            return self.whole.total
        cells = tuple(map(sum, zip(*[row.cells for row in self.rows], strict=True))) or NO_TASKS
        return B4Row("", "", "", cells, without_deadline=self.without_deadline)

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The three completion rates of published reports (domain §4); each is to be printed by name."""
        total = self.total
        completed = total.number_of("completed")
        over_overdue = total.number_of("completed_or_overdue")
        return (
            Rate("completed", "completed_or_overdue", completed, over_overdue),
            Rate("completed", "all", completed, total.all),
            Rate("completed_fallen_due", "fallen_due", self.completed_fallen_due, self.fallen_due),
        )

    @property
    def four_counts(self) -> tuple[tuple[str, int], ...]:
        """The Government Office's four counts, by their words in `CHOICES`; they sum to “Tất cả”."""
        words = ("completed_on_time", "completed_late", "in_time", "overdue")
        total = self.total
        return tuple((word, total.number_of(word)) for word in words)


def paged(table: B4Table, page: Page) -> B4Table:
    """Return a whole table with the rows of one page only; beyond its end those of the first page."""
    skip = page.start(len(table.rows))
    whole = Whole(table.total, len(table.rows), skip)
    return replace(table, rows=table.rows[skip : skip + page.most], whole=whole)


class Change(NamedTuple):
    """How many more (or, below zero, fewer) tasks stand in the cells of a row than on the earlier day."""

    cells: tuple[int, ...]
    all: int

    def __bool__(self) -> bool:
        return any(self.cells)


@dataclass(frozen=True)
class Differences:
    """What changed from an earlier table to a later one, by the key of the row."""

    rows: Mapping[str, Change]
    """Of every row of the later table, and of the rows that only the earlier one has."""
    gone: tuple[B4Row, ...]
    """The rows that only the earlier table has, as they stood in it."""
    total: Change


def differences(now: B4Table, then: B4Table) -> Differences:
    """Return what `now` counts otherwise than `then`; raise ValueError unless both are grouped alike."""
    if (now.grouping, now.folded) != (then.grouping, then.folded):
        raise ValueError("tables of different groupings cannot be compared")
    old, new = ({row.key: row for row in each.rows} for each in (then, now))
    changes = {key: _change(new.get(key), old.get(key)) for key in dict.fromkeys([*new, *old])}
    gone = tuple(row for row in then.rows if row.key not in new)
    return Differences(changes, gone, _change(now.total, then.total))


class Compared(NamedTuple):
    """A table beside an earlier one: what is shown and printed of both."""

    then: B4Table
    rows: Sequence[B4Row]
    """Those of the later table; one that only the earlier table has follows the row it followed, all
    noughts."""
    changes: Differences
    gone: frozenset[str]
    """Keys of the rows that only the earlier table has."""


def compared(now: B4Table, then: B4Table) -> Compared:
    """Return a table beside the one of an earlier day; raise ValueError unless both are grouped alike."""
    changes = differences(now, then)
    gone = frozenset(row.key for row in changes.gone)
    following: dict[str | None, list[B4Row]] = {}
    before: str | None = None
    for row in then.rows:
        if row.key in gone:
            following.setdefault(before, []).append(replace(row, cells=NO_TASKS, without_deadline=0))
        else:
            before = row.key
    rows = following.get(None, [])
    for row in now.rows:
        rows += [row, *following.get(row.key, ())]
    return Compared(then, rows, changes, gone)


def _change(now: B4Row | None, then: B4Row | None) -> Change:
    pairs = zip(now.cells if now else NO_TASKS, then.cells if then else NO_TASKS, strict=True)
    cells = tuple(a - b for a, b in pairs)
    return Change(cells, sum(cells))


Counted = tuple[str, Cell, int, int, int]
"""Some of the tasks of one row: its key, the cell in which they stand, how many they are, how many of them
have no deadline, how many have one that had come."""


class UnitOfDay(NamedTuple):
    """A unit as it was called on a day; `above` is the unit above it, None for the top of the table."""

    code: str
    name: str
    above: str | None
    succession: Succession | None = None


class Head(NamedTuple):
    """What stands in front of a row's numbers, and where the row stands among the others."""

    key: str
    code: str
    name: str
    place: tuple[object, ...] = ()
    depth: int = 0
    above: str | None = None
    succession: Succession | None = None


def tops(units: Iterable[UnitOfDay]) -> dict[str, str]:
    """Return by code of a unit the code of the one at the top of the table that it belongs to."""
    above = {unit.code: unit.above for unit in units}

    def top(code: str) -> str:
        while (higher := above.get(code)) is not None:
            code = higher
        return code

    return {code: top(code) for code in above}


@lru_cache(TABLES_REMEMBERED)
def unit_heads(units: tuple[UnitOfDay, ...], shown: frozenset[str]) -> tuple[Head, ...]:
    """Return the rows of `shown` units, in the given order but each under the unit it belongs to.

    A unit without a row keeps its place for those below it, which then stand one step less deep. The same
    units are asked for again and again: what came of them last is remembered.
    """
    below: dict[str | None, list[UnitOfDay]] = {}
    for unit in units:
        below.setdefault(unit.above, []).append(unit)
    heads: list[Head] = []
    waiting: list[tuple[UnitOfDay, int, str | None]] = [(unit, 0, None) for unit in below.get(None, ())[::-1]]
    while waiting:
        unit, depth, above = waiting.pop()
        if unit.code in shown:
            place = (len(heads),)
            heads.append(Head(unit.code, unit.code, unit.name, place, depth, above, unit.succession))
            depth, above = depth + 1, unit.code
        waiting += [(each, depth, above) for each in below.get(unit.code, ())[::-1]]
    return tuple(heads)


def field_head(name: str | None) -> Head:
    """Return the head of the row of a field; what has none comes last."""
    if not name:
        return Head("", "", NO_FIELD, (1,))
    return Head(name, "", name, (0, vietnamese_order(name), name))


def leader_head(login: str | None, name: str) -> Head:
    """Return the head of the row of a directing leader; what has none comes last."""
    if not login:
        return Head("", "", NO_LEADER, (1,))
    return Head(login, login, name, (0, name_order(name), login))


def month_head(month: str) -> Head:
    """Return the head of the row of a month, given as "2026-03"."""
    year, _dash, number = month.partition("-")
    return Head(month, month, f"Tháng {int(number)}/{year}", (month,))


def directive_head(key: str, kind: str, number: str | None, issued_on: date, subject: str) -> Head:
    """Return the head of the row of a directive: “Công văn 254/UBND-NV ngày 25/03/2020”, by day of issue and
    number.

    A directive without a number is told by its subject.
    """
    kind = KINDS_OF_DIRECTIVE.get(kind, kind)
    day = f"{issued_on.day:02}/{issued_on.month:02}/{issued_on.year:04}"
    name = f"{kind} {number} ngày {day}" if number else f"{kind} ngày {day}: {subject}"
    begins = _FIRST_NUMBER.match(number or "")
    return Head(key, number or "", name, (issued_on, int(begins[0]) if begins else NO_NUMBER, key))


def rows_of(heads: Iterable[Head], counted: Iterable[Counted]) -> tuple[B4Row, ...]:
    """Return the rows in their order, each with what was counted for its key."""
    ordered = sorted(heads, key=attrgetter("place"))
    counts = {head.key: [0] * len(CELLS) for head in ordered}
    undated = dict.fromkeys(counts, 0)
    for key, cell, number, without_deadline, _due in counted:
        counts[key][_PLACES[cell]] += number
        undated[key] += without_deadline
    return tuple([
        B4Row(key, code, name, tuple(counts[key]), depth, above, undated[key], succession)
        for key, code, name, _place, depth, above, succession in ordered
    ])


class Notes(TypedDict):
    """What a table tells below its rows, by the names of its fields."""

    without_deadline: int
    fallen_due: int
    completed_fallen_due: int


def notes_of(counted: Collection[Counted]) -> Notes:
    """Return what the table tells below its rows, by the names of its fields."""
    undated = fallen_due = completed = 0
    for _key, cell, _number, without_deadline, due in counted:
        undated += without_deadline
        fallen_due += due
        if cell in COMPLETED_CELLS:
            completed += due
    return {"without_deadline": undated, "fallen_due": fallen_due, "completed_fallen_due": completed}

"""B.4 by unit as the database counts it, against the sums of the recounted tasks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from sqlalchemy import exists, select

from tracker.models import db
from tracker.models.task import TaskPeriod
from tracker.models.units import Unit
from tracker.queries.b4 import Question, table
from tracker.queries.recount.reading import Archive
from tracker.rules.difference import Difference, Kind
from tracker.rules.recount import Standing, month_ends
from tracker.rules.status import CELLS

MONTHS = 12
"""Whole months before today for which tables are compared."""

Numbers = Counter[tuple[str, str]]
"""By unit and cell how many tasks."""


class Days(NamedTuple):
    """The period of a table, from its first day to the cut-off day."""

    first: date
    on: date


class Sums:
    """The recounted tables: by assigner and days the numbers of each unit and cell."""

    def __init__(self, *, today: date, frozen: Iterable[tuple[str, Days]]) -> None:
        """Tables of the year up to today, of the last whole months, and those of frozen reports."""
        self.always = [Days(today.replace(month=1, day=1), today)]
        self.always += [Days(on.replace(day=1), on) for on in month_ends(today, MONTHS)]
        self.frozen: dict[str, list[Days]] = defaultdict(list)
        for assigner, days in frozen:
            if days not in self.always and days not in self.frozen[assigner]:
                self.frozen[assigner].append(days)
        self.numbers: dict[tuple[str, Days], Numbers] = defaultdict(Counter)

    def days_of(self, assigner: str) -> list[Days]:
        """Return for which days tables of an assigner are compared."""
        return [*self.always, *self.frozen.get(assigner, ())]

    def add(self, standing: Standing, by: int = 1) -> None:
        """Count a task in its tables, or with `by` = -1 take it out again."""
        if standing.assigner is None or not standing.moments:
            return
        for days in self.days_of(standing.assigner):
            place = standing.place_on(first=days.first, on=days.on)
            if place is not None:
                self.numbers[standing.assigner, days][place[0], place[1].value] += by


def assigners(archive: Archive, sums: Sums, only: str | None) -> list[str]:
    """Return the codes of all units that gave a task, by what is stored or by the history."""
    stored = select(Unit.code).where(exists().where(TaskPeriod.assigner_id == Unit.id))
    codes = {*db.session.scalars(stored), *(assigner for assigner, _days in sums.numbers)}
    return sorted(codes if only is None else codes & {only})


def compare_tables(sums: Sums, assigner: str) -> Iterator[Difference]:
    """Yield each cell of a table of an assigner that the database counts otherwise than the recount."""
    unit = db.session.scalar(select(Unit).where(Unit.code == assigner))
    for days in sums.days_of(assigner):
        counted: Numbers = Counter()
        if unit is not None:
            for row in table(Question(unit, days.first, days.on, days.on)).rows:
                counted.update({(row.code, cell.value): number for cell, number in row.counts.items()})
        yield from differences(counted, sums.numbers[assigner, days], assigner, days, Kind.TABLE)


def differences(
    stored: Numbers, recounted: Numbers, assigner: str, days: Days, kind: Kind
) -> Iterator[Difference]:
    """Yield the cells in which two counts of one table differ."""
    for unit in sorted({code for code, _cell in (*stored, *recounted)}):
        for cell in CELLS:
            is_, ought = stored[unit, cell.value], recounted[unit, cell.value]
            if is_ != ought:
                yield Difference(
                    kind, assigner, cell.value, str(is_), str(ought), place=unit, assigner=assigner,
                    first=days.first.isoformat(), last=days.on.isoformat(),
                )  # fmt: skip

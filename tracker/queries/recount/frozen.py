"""Frozen reports: whether they are as they were frozen, and what a recount of today says otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from tracker.models import db
from tracker.models.report import Report, ReportKind
from tracker.models.units import Unit
from tracker.queries.recount.reading import Archive
from tracker.queries.recount.tables import Days, Numbers, Sums, differences
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.difference import Difference, Kind
from tracker.rules.overdue_report import checksum
from tracker.rules.recount import STILL_OPEN, Standing, cell_of
from tracker.rules.status import Cell, State


class Frozen(NamedTuple):
    """A frozen report by its row, without its data."""

    id: int
    kind: ReportKind
    assigner: str
    first_on: date
    last_on: date
    on_day: date | None
    edition: int
    sha256: str
    figures: dict[str, list[int]]

    @property
    def days(self) -> Days:
        """From the first day of its period to its cut-off day."""
        return Days(self.first_on, self.on_day or self.last_on)

    def differs(self, fact: str, stored: Any, expected: Any, place: str = "") -> Difference:
        """Return a difference of this report, by its edition and what in it is concerned."""
        return Difference(
            Kind.REPORT, self.assigner, fact, None if stored is None else str(stored),
            None if expected is None else str(expected),
            place=f"lần {self.edition}{f', {place}' if place else ''}", first=self.first_on.isoformat(),
            last=self.days.on.isoformat(), assigner=self.assigner,
        )  # fmt: skip


def frozen_reports(only: str | None) -> list[Frozen]:
    """Return every report that was kept, of one assigner or of all, without its data."""
    query = (
        select(
            Report.id, Report.kind, Unit.code, Report.first_on, Report.last_on, Report.on_day,
            Report.edition, Report.sha256, Report.figures,
        )
        .join(Unit, Unit.id == Report.assigner_id)
        .order_by(Report.id)
    )  # fmt: skip
    if only is not None:
        query = query.where(Unit.code == only)
    return [Frozen(*row) for row in db.session.execute(query)]


def read_data(report: Frozen) -> dict[str, Any]:
    """Return the data that a report was kept with."""
    return db.session.scalar(select(Report.data).where(Report.id == report.id)) or {}


def compare_frozen(
    report: Frozen, data: dict[str, Any], archive: Archive, sums: Sums
) -> Iterator[Difference]:
    """Yield what of a frozen report is not as it was frozen; then, as CORRECTED, what a recount says now."""
    found = checksum(data)
    if found != report.sha256:
        yield report.differs("sha256", found, report.sha256)
    if report.kind is not ReportKind.B4:
        return
    try:
        content = B4Report.from_data(data)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        yield report.differs("form", type(error).__name__, None)
        return
    if content.assigner_code != report.assigner:
        yield report.differs("assigner", content.assigner_code, report.assigner)
    if (content.first, content.last, content.on) != (report.first_on, report.last_on, report.days.on):
        yield report.differs(
            "period", _days(content.first, content.last, content.on),
            _days(report.first_on, report.last_on, report.days.on),
        )  # fmt: skip
    yield from _of_tasks(report, content)
    yield from _of_figures(report, content, archive)
    frozen: Numbers = Counter((task.unit, task.cell.value) for task in content.tasks)
    recounted = sums.numbers[report.assigner, report.days]
    yield from differences(frozen, recounted, report.assigner, report.days, Kind.CORRECTED)


def _days(first: date, last: date, on: date) -> str:
    return " – ".join(f"{day:%d/%m/%Y}" for day in (first, last, on))


def _of_tasks(report: Frozen, content: B4Report) -> Iterator[Difference]:
    """Yield the tasks whose cell or days do not follow from their own facts, and those told twice."""
    units = {unit.code for unit in content.units}
    seen: set[str] = set()
    for task in content.tasks:
        if task.key in seen:
            yield report.differs("extra", task.key, None, task.key)
        seen.add(task.key)
        cell = cell_of(task.state, task.due_on, task.reported_on, on=content.on)
        if task.cell is not cell or task.state not in (*STILL_OPEN, State.COMPLETED):
            yield report.differs("cell", task.cell, cell, task.key)
        if task.days != (days := _days_late(task, content.on)):
            yield report.differs("days", task.days, days, task.key)
        if task.unit not in units:
            yield report.differs("unit", task.unit, None, task.key)


def _days_late(task: CountedTask, on: date) -> int:
    until = on if task.state in (State.NOT_STARTED, State.IN_PROGRESS) else task.reported_on
    return max(0, (until - task.due_on).days) if until and task.due_on else 0


def _of_figures(report: Frozen, content: B4Report, archive: Archive) -> Iterator[Difference]:
    late = (Cell.NOT_STARTED_OVERDUE, Cell.IN_PROGRESS_OVERDUE)
    ids = {code: str(number) for number, code in archive.units.items()}
    counted: dict[str, list[int]] = {"": [0, 0]}
    for task in content.tasks:
        for row in ("", ids.get(task.unit, "?")):
            numbers = counted.setdefault(row, [0, 0])
            numbers[0] += 1
            numbers[1] += task.cell in late
    for row in sorted({*counted, *report.figures}):
        stored, expected = report.figures.get(row, [0, 0]), counted.get(row, [0, 0])
        if list(stored) != expected:
            place = archive.code(int(row)) if row.isdecimal() else row
            yield report.differs("figures", stored, expected, place)


def name_tasks(
    report: Frozen, data: dict[str, Any], archived: Iterator[tuple[str, Standing]]
) -> Iterator[Difference]:
    """Yield the tasks of a damaged report that the history tells otherwise: there it may be altered."""
    try:
        told = {task.key: task for task in B4Report.from_data(data).tasks}
    except (KeyError, TypeError, ValueError, IndexError):
        return
    for key, standing in archived:
        place = standing.place_on(first=report.days.first, on=report.days.on)
        task = told.pop(key, None)
        if task is None:
            if place is not None:
                yield report.differs("missing", None, place[1].value, key)
            continue
        if place is None:
            yield report.differs("extra", task.cell.value, None, key)
            continue
        facts = [each for each in standing.moments if each.day <= report.days.on][-1]
        for fact, is_, ought in (
            ("unit", task.unit, place[0]), ("cell", task.cell.value, place[1].value),
            ("state", task.state.value, facts.state), ("due_on", task.due_on, facts.due_on),
            ("reported_on", task.reported_on, facts.reported_on),
            ("given_on", task.given_on, standing.given_on),
            ("original_due_on", task.original_due_on, standing.original_due_on),
        ):  # fmt: skip
            if is_ != ought:
                yield report.differs(fact, is_, ought, key)
    for key, task in told.items():
        yield report.differs("extra", task.cell.value, None, key)

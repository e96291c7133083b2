"""The self-check: everything stored against a recount from the history alone, every difference by its name.

The history is read in batches of tasks, each with what is stored of them, so that memory holds one batch and
the sums of the tables. Whoever calls says what happens between two batches: on a database where a reader
stands in the way of writers it lets go of what it read, and what was written meanwhile is told apart by the
last entry of the history at the beginning. Every change is one transaction with its entry, so what was read
at one moment always belongs together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from tracker.models import db
from tracker.models.report import ReportKind
from tracker.models.units import Unit
from tracker.queries.recount.comparing import compare, rungs_of
from tracker.queries.recount.frozen import compare_frozen, frozen_reports, name_tasks, read_data
from tracker.queries.recount.reading import (
    BATCH,
    Archive,
    changed_since,
    existing_entries,
    last_entry,
    scope_of,
)
from tracker.queries.recount.series import compare_series
from tracker.queries.recount.tables import Sums, assigners, compare_tables
from tracker.rules.difference import Difference, Kind
from tracker.rules.recount import Standing

MOST_KEPT = 500
"""Differences that are kept; beyond them they are only counted."""

__all__ = ["BATCH", "MOST_KEPT", "Outcome", "Stopped", "check"]


class Stopped(Exception):
    """The check was asked to stop before its end."""


@dataclass
class Outcome:
    """What a check read, and what it found."""

    keep: int = MOST_KEPT
    tasks: int = 0
    entries: int = 0
    tables: int = 0
    reports: int = 0
    number: int = 0
    """Differences, also those that were too many to be kept."""
    corrected: int = 0
    """Cells in which a recount of today differs from a report that was frozen: no fault."""
    differences: list[Difference] = field(default_factory=list)
    corrections: list[Difference] = field(default_factory=list)

    def take(self, found: Iterable[Difference]) -> None:
        """Count differences and keep the first of them."""
        for each in found:
            kept = self.differences
            if each.kind is Kind.CORRECTED:
                self.corrected += 1
                kept = self.corrections
            else:
                self.number += 1
            if len(kept) < self.keep:
                kept.append(each)


def check(
    *, today: date, assigner: str | None = None, let_go: Callable[[], None] = lambda: None,
    stop: Callable[[], bool] = lambda: False, batch: int = BATCH, keep: int = MOST_KEPT,
) -> Outcome:  # fmt: skip
    """Compare everything stored with a recount from the history; nothing is written.

    `assigner` is the code of a unit, for a check of what it gave alone. `let_go` ends what was read at one
    moment; without it everything is read in the transaction of the caller. `keep` is how many differences are
    kept by name. Raises `Stopped` when `stop` says
    so between two batches.
    """
    def pause() -> None:
        let_go()
        if stop():
            raise Stopped

    outcome = Outcome(keep)
    begun = last_entry()
    reports = frozen_reports(assigner)
    sums = Sums(
        today=today, frozen=[(each.assigner, each.days) for each in reports if each.kind is ReportKind.B4]
    )
    archive = _archive(assigner)
    let_go()
    for filed in archive.batches(most=batch):
        rungs = {row: (number, rung) for task in filed.values() for row, number, rung in rungs_of(task)}
        lost = {number for number, _rung in rungs.values()}
        lost -= existing_entries(lost)
        pause()
        for task in filed.values():
            standing = archive.replay(task)
            outcome.tasks += 1
            outcome.entries += len(task.entries)
            outcome.take(compare(task, standing))
            if task.entries and task.entries[-1].id > begun:
                standing = archive.replay(task, up_to=begun)
            sums.add(standing)
        outcome.take(
            Difference(Kind.LEDGER, f"#{number}", "rung", rung, place=str(row))
            for row, (number, rung) in rungs.items()
            if number in lost
        )
    outcome.take(compare_series(assigner, pause=pause))
    for code in assigners(archive, sums, assigner):
        pause()
        taken = _take_in(archive, sums, begun)
        outcome.take(compare_tables(sums, code))
        outcome.tables += len(sums.days_of(code))
        _take_out(sums, taken)
    for report in reports:
        pause()
        data = read_data(report)
        let_go()
        found = list(compare_frozen(report, data, archive, sums))
        outcome.take(found)
        if report.kind is ReportKind.B4 and any(each.fact == "sha256" for each in found):
            named = _archive(report.assigner)
            outcome.take(name_tasks(report, data, _standings(named, report.assigner, let_go)))
        outcome.reports += 1
    let_go()
    return outcome


def _archive(assigner: str | None) -> Archive:
    if assigner is None:
        return Archive()
    unit_id = db.session.scalar(select(Unit.id).where(Unit.code == assigner))
    return Archive(scope_of(unit_id or 0))


def _take_in(archive: Archive, sums: Sums, begun: int) -> list[tuple[Standing, int]]:
    """Count what was written since the check began; return what was changed in the sums."""
    ids = changed_since(begun)
    taken: list[tuple[Standing, int]] = []
    for task in archive.some(ids).values() if ids else ():
        taken += [(archive.replay(task, up_to=begun), -1), (archive.replay(task), 1)]
    for standing, by in taken:
        sums.add(standing, by)
    return taken


def _take_out(sums: Sums, taken: list[tuple[Standing, int]]) -> None:
    for standing, by in taken:
        sums.add(standing, -by)


def _standings(
    archive: Archive, assigner: str, let_go: Callable[[], None]
) -> Iterator[tuple[str, Standing]]:
    """Yield by key the tasks that a unit gave, as the history has them."""
    for filed in archive.batches():
        let_go()
        for task in filed.values():
            standing = archive.replay(task)
            if standing.assigner == assigner and standing.key is not None:
                yield standing.key, standing

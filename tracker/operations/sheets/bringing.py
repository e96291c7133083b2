"""What people do with a brought sheet: bring it, say what its columns are, start, cancel or drop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select, update

from tracker.intake.sheet import Sheet
from tracker.models import db, lock
from tracker.models.people import Role
from tracker.models.sheet import BatchState, ImportBatch, ImportRow, SheetColumns
from tracker.models.units import Unit
from tracker.operations.recording import ChangedMeanwhile, Stamp, entry, record, require_role
from tracker.rules.text import fold
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

UNDER_WAY = (BatchState.QUEUED, BatchState.RUNNING)
_MAY = {Role.OFFICE, Role.LEADER}


class BatchEnded(DomainError):
    """The sheet is not in a state in which this can be done to it."""


def bring(
    unit: Unit, sheet: Sheet, columns: Sequence[str], *, stamp: Stamp, filename: str | None = None
) -> ImportBatch:
    """Keep a sheet that was read for a unit; nothing of it is a task yet."""
    with entry(stamp):
        require_role(unit, _MAY, stamp)
        if stamp.by is None or stamp.at is None:
            raise ValueError("a sheet is brought by somebody, at a moment")
        batch = ImportBatch(
            token=stamp.token, unit_id=unit.id, brought_by_id=stamp.by.id, brought_at=stamp.at,
            filename=filename, sheet=sheet.to_data(), columns=list(columns), paper={},
        )  # fmt: skip
        db.session.add(batch)
        record("sheet", stamp, {"rows": len(sheet.rows)}, unit=unit, note=filename)
    return batch


def brought_by(token: str | None) -> ImportBatch | None:
    """Return the sheet that a submission brought before, None when there is none."""
    return db.session.scalar(select(ImportBatch).where(ImportBatch.token == token)) if token else None


def change(
    batch: ImportBatch, *, stamp: Stamp, columns: Sequence[str] | None = None,
    paper: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Say what the columns hold, or which directive the rows have that name none."""
    with entry(stamp):
        _open(batch, stamp)
        if columns is not None:
            batch.columns = list(columns)
        if paper is not None:
            batch.paper = dict(paper)
        batch.version += 1


def remember_columns(batch: ImportBatch, *, stamp: Stamp) -> None:
    """Keep for the unit's next sheets what these heads were said to be."""
    with entry(stamp):
        require_role(batch.unit, _MAY, stamp)
        kept = db.session.get(SheetColumns, batch.unit_id)
        if kept is None:
            kept = SheetColumns(unit_id=batch.unit_id, columns={})
            db.session.add(kept)
        heads = [fold(head) for head in batch.sheet["heads"]]
        kept.columns = {**kept.columns, **{h: f for h, f in zip(heads, batch.columns, strict=True) if h}}


def start(batch: ImportBatch, *, stamp: Stamp, total: int, only_good: bool) -> None:
    """Let the job make tasks of `total` rows; with `only_good` bad rows are left out.

    Rows that were refused before are tried again, once for each start.
    """
    with entry(stamp):
        _open(batch, stamp)
        batch.state, batch.total, batch.only_good = BatchState.QUEUED, total, only_good
        batch.done, batch.attempts, batch.error = 0, 0, None
        batch.version += 1
        refused = update(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.task_id.is_(None))
        db.session.execute(refused.values(error=None))
        record("sheet_start", stamp, {"sheet": batch.id, "rows": total}, unit=batch.unit, note=batch.filename)


def cancel(batch: ImportBatch, *, stamp: Stamp) -> None:
    """Stop the job after the chunk that it is at; what was given stays given."""
    with entry(stamp):
        lock(batch)
        require_role(batch.unit, _MAY, stamp)
        if batch.state not in UNDER_WAY:
            raise BatchEnded(N_("Bảng này không còn đang nhập nên không hủy được."))
        batch.state, batch.ended_at = BatchState.CANCELLED, stamp.at
        batch.leased_by = batch.leased_until = None
        batch.version += 1
        record("sheet_cancel", stamp, {"sheet": batch.id}, unit=batch.unit, note=batch.filename)


def drop(batch: ImportBatch, *, stamp: Stamp) -> None:
    """Put a sheet away of which nothing was given."""
    with entry(stamp):
        _open(batch, stamp)
        batch.state, batch.ended_at = BatchState.DROPPED, stamp.at
        batch.version += 1
        record("sheet_drop", stamp, {"sheet": batch.id}, unit=batch.unit, note=batch.filename)


def _open(batch: ImportBatch, stamp: Stamp) -> None:
    lock(batch)
    require_role(batch.unit, _MAY, stamp)
    if batch.state not in (BatchState.OPEN, BatchState.CANCELLED, BatchState.FAILED, BatchState.DONE):
        raise BatchEnded(N_("Bảng này đang được nhập hoặc đã bỏ."))
    if stamp.seen is not None and stamp.seen != batch.version:
        raise ChangedMeanwhile

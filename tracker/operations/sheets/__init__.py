"""Sheets of tasks: brought, read again and again while people correct, then given row by row by a job.

Nothing of a sheet is a task before it is started. A chunk of rows, its outcome and the progress are one
transaction: whoever is killed leaves whole chunks, and the next run goes on with the rows without outcome.
"""

from tracker.operations.sheets.bringing import (
    BatchEnded,
    bring,
    brought_by,
    cancel,
    change,
    drop,
    remember_columns,
    start,
)
from tracker.operations.sheets.reading import ReadBatch, read
from tracker.operations.sheets.work import SMALL, are_under_way, work_now, work_pending

__all__ = [
    "SMALL", "BatchEnded", "ReadBatch", "are_under_way", "bring", "brought_by", "cancel", "change", "drop",
    "read", "remember_columns", "start", "work_now", "work_pending",
]  # fmt: skip

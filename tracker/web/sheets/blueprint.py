"""The blueprint of brought sheets, and how its pages find one for a person."""

from __future__ import annotations

from flask import Blueprint, abort, g

from tracker.language import lazy_gettext
from tracker.models.sheet import BatchState, ImportBatch
from tracker.queries.sheets import batch_for

bp = Blueprint("sheets", __name__)

STATE_WORDS = {
    BatchState.OPEN: lazy_gettext("Đang xem lại"),
    BatchState.QUEUED: lazy_gettext("Chờ nhập"),
    BatchState.RUNNING: lazy_gettext("Đang nhập"),
    BatchState.DONE: lazy_gettext("Đã nhập xong"),
    BatchState.FAILED: lazy_gettext("Không nhập được"),
    BatchState.CANCELLED: lazy_gettext("Đã hủy giữa chừng"),
    BatchState.DROPPED: lazy_gettext("Đã bỏ"),
}


def load_batch(batch_id: int, *, or_dropped: bool = False) -> ImportBatch:
    """Return a sheet for its unit's office and leaders; else 404, as for a dropped one unless asked for."""
    batch = batch_for(batch_id, g.user, day=g.today)
    if batch is None or (batch.state is BatchState.DROPPED and not or_dropped):
        abort(404)
    return batch

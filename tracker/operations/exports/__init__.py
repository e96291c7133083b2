"""Large files: ordered by a person, made by a job in their name, kept for some days.

Lease, work, finish: a job that is killed leaves its order to the next run, and whoever finishes holds the
lease, so one order is one file. What the person may see is asked when the file is ordered, when it is made
and when it is fetched.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from tracker import outbox
from tracker.clock import day_of
from tracker.models import db, lock, transaction
from tracker.models.export import Export, ExportState
from tracker.models.mail import Enclosure
from tracker.models.people import User
from tracker.models.reading import from_primary, is_failure_of_replica, reading, written_position
from tracker.operations.exports import sources
from tracker.operations.exports.file import File
from tracker.operations.exports.mail import news_of
from tracker.operations.recording import Stamp, entry, record
from tracker.queries.settings import all_settings
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, NotAllowed

LEASE = timedelta(minutes=10)
"""How long a worker holds an order without a word of it; writing renews it."""
RENEWED_EVERY = timedelta(seconds=2)
MOST_ATTEMPTS = 3
"""Workers that may die over one order before it is given up."""
MOST_WAITING = 5
"""Orders of one person that may wait at once."""
UNDER_WAY = (ExportState.QUEUED, ExportState.RUNNING)

log = logging.getLogger(__name__)


class OrderEnded(DomainError):
    """The order is no longer under way."""


class TooManyOrders(DomainError):
    """The person has as many orders waiting as one may have."""


class _LeaseLost(Exception):
    """The order was cancelled, or somebody else makes it by now."""


class _Stopped(Exception):
    """The process was asked to stop."""


@dataclass
class Made:
    """What one run of the job came to, in numbers of files."""

    ready: int = 0
    failed: int = 0
    let_go: int = 0


def order(asked: Mapping[str, Any], form: str, *, stamp: Stamp) -> Export:
    """Order a file in the name of the stamp's person (`stamp.at`: now); return the order.

    What they have under way already, asked in the same words, is returned as it is. Raises `NotAllowed`,
    `TooManyOrders`.
    """
    user = _person(stamp)
    source = sources.find(asked, user, today=stamp.on)
    if source is None or form not in source.forms:
        raise NotAllowed(N_("Không có số liệu nào như vậy để xuất tệp."))
    title, total = source.title, source.count()
    with entry(stamp):
        lock(user)
        mine = select(Export).where(Export.user_id == user.id, Export.state.in_(UNDER_WAY))
        waiting = db.session.scalars(mine.order_by(Export.id)).all()
        for each in waiting:
            if (each.asked, each.form) == (dict(asked), form):
                return each
        if len(waiting) >= MOST_WAITING:
            raise TooManyOrders(
                N_("Đang có %(most)s tệp chờ lập. Hãy đợi các tệp ấy xong, hoặc hủy bớt."), most=MOST_WAITING
            )
        key = sha256(f"{user.id} {stamp.token or uuid4().hex}".encode()).hexdigest()
        made = Export(
            key=key, user_id=user.id, asked=dict(asked), form=form, title=title[:500], total=total,
            asked_at=stamp.at,
        )  # fmt: skip
        db.session.add(made)
        record("export", stamp, {"asked": dict(asked), "form": form}, person=user, note=title)
        return made


def cancel(export: Export, *, stamp: Stamp) -> None:
    """Call back an order of the stamp's person; raises `NotAllowed`, `OrderEnded`."""
    with entry(stamp):
        lock(export)
        if export.user_id != _person(stamp).id:
            raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này."))
        if export.state not in UNDER_WAY:
            raise OrderEnded(N_("Tệp này không còn chờ lập nên không hủy được."))
        export.state, export.ended_at = ExportState.CANCELLED, stamp.at
        export.leased_by = export.leased_until = None
        record("export_cancel", stamp, {"export": export.key}, person=export.user, note=export.title)


def may_fetch(export: Export, *, stamp: Stamp) -> bool:
    """Return whether the person may still see what is in a file of theirs."""
    source = sources.find(export.asked, export.user, today=stamp.on)
    return source is not None and sources.covers(source, export.reach)


def fetched(export: Export, *, at: datetime) -> None:
    """Note when a person first took a file; like the lease of its maker this is no entry of the history."""
    if export.fetched_at is None:
        with transaction():
            _change(and_(Export.id == export.id, Export.fetched_at.is_(None)), fetched_at=at)


def are_under_way() -> bool:
    """Return whether an order waits or is being made."""
    return db.session.scalar(select(Export.id).where(Export.state.in_(UNDER_WAY)).limit(1)) is not None


def make_pending(
    *, now: Callable[[], datetime], worker: str, stop: Callable[[], bool] = lambda: False
) -> Made:
    """Make every file that waits, one after the other, and let go of old ones; return how it went.

    `now` is asked for the moment (aware) and `stop` whether to leave the rest for later. `worker` names this
    process. An order whose maker was killed is taken over: at once on the same machine, after `LEASE` else.
    """
    made = Made(let_go=let_go_of_old(now=now()))
    lease = f"{worker[:48]}/{uuid4().hex[:12]}"
    _free_leases_of_the_dead(now())
    while not stop() and (export_id := _claim(lease, now())) is not None:
        try:
            ready = _make(export_id, lease, now, stop)
        except _Stopped:
            _give_back(export_id, lease, is_counted=False)
            break
        except OperationalError:
            _give_back(export_id, lease, is_counted=True)
            raise
        except _LeaseLost:
            db.session.rollback()
            continue
        made.ready += ready
        made.failed += not ready
    return made


def let_go_of_old(*, now: datetime) -> int:
    """Let go of the bytes of files older than the setting says; the orders stay. Return how many."""
    keep = timedelta(days=all_settings()["export_keep_days"])
    old = select(Export).where(
        Export.state == ExportState.READY, Export.enclosure_id.is_not(None), Export.ended_at < now - keep
    )
    if db.session.scalar(old.with_only_columns(Export.id).limit(1)) is None:
        return 0
    with transaction():
        held = db.session.scalars(old.with_for_update(skip_locked=True)).all()
        gone = [each.enclosure_id for each in held]
        for each in held:
            each.enclosure_id, each.let_go_at = None, now
        db.session.flush()
        db.session.execute(delete(Enclosure).where(Enclosure.id.in_(gone)))
        return len(gone)


def _person(stamp: Stamp) -> User:
    if stamp.by is None or stamp.at is None:
        raise NotAllowed(N_("Bạn không có quyền thực hiện thao tác này."))
    return stamp.by


def _waits(now: datetime) -> ColumnElement[bool]:
    abandoned = and_(Export.state == ExportState.RUNNING, Export.leased_until <= now)
    return or_(Export.state == ExportState.QUEUED, abandoned)


def _held(export_id: int, lease: str) -> ColumnElement[bool]:
    return and_(Export.id == export_id, Export.leased_by == lease, Export.state == ExportState.RUNNING)


def _free_leases_of_the_dead(now: datetime) -> None:
    held = select(Export.leased_by).where(Export.state == ExportState.RUNNING, Export.leased_until > now)
    if dead := [each for each in db.session.scalars(held) if each and outbox.is_dead(each)]:
        with transaction():
            theirs = and_(Export.leased_by.in_(dead), Export.state == ExportState.RUNNING)
            _change(theirs, leased_until=now)


def _claim(lease: str, now: datetime) -> int | None:
    """Lease the oldest order that waits, never the same one as somebody else; None for none."""
    due = select(Export.id).where(_waits(now)).order_by(Export.id).limit(1)
    chosen = due.with_for_update(skip_locked=True).cte("chosen")
    claim = (
        update(Export)
        .where(Export.id.in_(select(chosen.c.id)))
        .values(
            state=ExportState.RUNNING, leased_by=lease, leased_until=now + LEASE, done=0,
            attempts=Export.attempts + 1,
        )
        .returning(Export.id)
    )  # fmt: skip
    if db.session.scalar(due) is None:
        return None
    with transaction():
        return db.session.scalar(claim, execution_options={"synchronize_session": False})


def _make(export_id: int, lease: str, now: Callable[[], datetime], stop: Callable[[], bool]) -> bool:
    """Make one leased order; return whether there is a file now. Raises `_LeaseLost`, `_Stopped`."""
    export = db.session.get_one(Export, export_id, populate_existing=True)
    if export.attempts > MOST_ATTEMPTS:
        words = N_("Đã thử %(most)s lần mà chưa lập được tệp. Hãy chọn kỳ ngắn hơn, hoặc báo quản trị.")
        return _fail(export, lease, words % {"most": MOST_ATTEMPTS}, now())
    renewed_at = now()

    def wrote(tasks: int) -> None:
        nonlocal renewed_at
        if stop():
            raise _Stopped
        if now() - renewed_at < RENEWED_EVERY:
            return
        renewed_at = now()
        with from_primary(), transaction():
            if not _change(_held(export_id, lease), done=tasks, leased_until=renewed_at + LEASE):
                raise _LeaseLost

    try:
        file, reach = _write(export, wrote, now())
    except (OperationalError, _LeaseLost, _Stopped):
        raise
    except NotAllowed as error:
        db.session.rollback()
        return _fail(export, lease, error.message, now())
    except Exception:
        db.session.rollback()
        log.exception("exports: %s", export_id)
        words = N_("Có lỗi khi lập tệp. Hãy đặt lại; nếu vẫn lỗi, báo quản trị hệ thống kèm giờ đặt.")
        return _fail(export, lease, words, now())
    _finish(export, lease, file, reach, now())
    return True


def _write(export: Export, wrote: Callable[[int], None], at: datetime) -> tuple[File, list[str] | None]:
    """Return the file and the part it holds; of the replica where that holds all written before."""
    asked, form, user = dict(export.asked), export.form, export.user
    with reading(since=written_position()) as asks_replica:
        try:
            return _write_for(user, asked, form, wrote, at)
        except SQLAlchemyError as error:
            if not asks_replica or not is_failure_of_replica(error):
                raise
    db.session.rollback()
    return _write_for(user, asked, form, wrote, at)


def _write_for(
    user: User, asked: Mapping[str, Any], form: str, wrote: Callable[[int], None], at: datetime
) -> tuple[File, list[str] | None]:
    source = sources.find(asked, user, today=day_of(at))
    if source is None:
        raise NotAllowed(N_("Không còn quyền xem số liệu này nên không lập tệp."))
    return source.write(form, wrote), source.reach


def _finish(export: Export, lease: str, file: File, reach: list[str] | None, at: datetime) -> None:
    with transaction():
        enclosure = Enclosure(filename=file.filename, media_type=file.media_type, content=file.content)
        db.session.add(enclosure)
        db.session.flush()
        is_ours = _change(
            _held(export.id, lease), state=ExportState.READY, ended_at=at, leased_by=None, leased_until=None,
            done=Export.total, enclosure_id=enclosure.id, filename=file.filename, size=len(file.content),
            sha256=sha256(file.content).hexdigest(), reach=reach,
        )  # fmt: skip
        if not is_ours:
            raise _LeaseLost
        _tell(export, at)


def _fail(export: Export, lease: str, words: str, at: datetime) -> bool:
    with transaction():
        ended = {"state": ExportState.FAILED, "ended_at": at, "leased_by": None, "leased_until": None}
        if _change(_held(export.id, lease), error=words, **ended):
            _tell(export, at)
    return False


def _tell(export: Export, at: datetime) -> None:
    """Queue the mail that says how it ended, for who has an address and an account."""
    db.session.refresh(export)
    user = export.user
    if user.active and outbox.address_of(user.email):
        outbox.put(
            key=f"export:{export.id}", kind="export", address=user.email or "", user_id=user.id, at=at,
            **news_of(export),
        )  # fmt: skip


def _give_back(export_id: int, lease: str, *, is_counted: bool) -> None:
    """Queue an order again; whether this attempt counts among the `MOST_ATTEMPTS`."""
    db.session.rollback()
    with transaction():
        attempts = Export.attempts if is_counted else Export.attempts - 1
        back = {"leased_by": None, "leased_until": None, "attempts": attempts, "done": 0}
        _change(_held(export_id, lease), state=ExportState.QUEUED, **back)


def _change(which: ColumnElement[bool], **values: Any) -> bool:
    changed: Any = db.session.execute(
        update(Export).where(which).values(**values), execution_options={"synchronize_session": False}
    )
    return bool(changed.rowcount)

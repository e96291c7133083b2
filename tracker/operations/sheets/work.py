"""The job: rows of started sheets become directives and tasks, chunk by chunk, each row once."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from tracker import outbox
from tracker.clock import day_of
from tracker.intake.sheet.rows import Row, number_key
from tracker.models import db, transaction
from tracker.models.directive import Directive, DirectiveKind
from tracker.models.people import Role, User
from tracker.models.sheet import BatchState, ImportBatch, ImportRow
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives, progress, tasks
from tracker.operations.recording import Stamp
from tracker.operations.sheets.reading import ReadBatch, read
from tracker.queries.settings import working_calendar
from tracker.queries.sheets import outcomes_of
from tracker.queries.standing import roles_above
from tracker.rules.status import State
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError, Incomplete, NotAllowed, require_report_complete

CHUNK = 20
"""Rows of one transaction: others wait for it on SQLite."""
PAUSE = 0.15
"""Seconds between two of them there: who waits looks again at most every tenth of a second."""
SMALL = 100
"""Rows that are given at once, without waiting for the job."""
LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 3
_UNSTORED = N_("Sổ không nhận dòng này vì trái với dữ liệu đã có. Hãy tìm xem nhiệm vụ đã có trong sổ chưa; "
               "nếu chưa, sửa dòng trong tệp rồi nhập lại, vẫn lỗi thì báo quản trị kèm số dòng.")
_KINDS = {kind.value.lower(): kind.value for kind in DirectiveKind}

log = logging.getLogger(__name__)


class _Ended(Exception):
    """The sheet was cancelled, or somebody else works on it by now."""


@dataclass
class Worked:
    """What one run came to, in numbers of sheets."""

    done: int = 0
    failed: int = 0

    @property
    def words(self) -> str:
        """How it went, as the journal of jobs says it; "" when there was nothing to do."""
        told = f"Đã nhập xong {self.done} bảng, không nhập được {self.failed} bảng."
        return told if self.done or self.failed else ""


def are_under_way() -> bool:
    """Return whether a started sheet waits or is worked on."""
    started = ImportBatch.state.in_((BatchState.QUEUED, BatchState.RUNNING))
    return db.session.scalar(select(ImportBatch.id).where(started).limit(1)) is not None


def work_pending(
    *, now: Callable[[], datetime], worker: str, stop: Callable[[], bool] = lambda: False
) -> Worked:
    """Work on every started sheet; one whose worker was killed is gone on with where it stopped."""
    worked, lease = Worked(), f"{worker[:48]}/{uuid4().hex[:12]}"
    _free_leases_of_the_dead(now())
    while not stop() and (batch_id := _claim(_waits(now()), lease, now())) is not None:
        _count(worked, _work(batch_id, lease, now, stop))
    return worked


def work_now(batch: ImportBatch, *, now: Callable[[], datetime]) -> None:
    """Work on one small sheet inside of a request, under a lease as the job does."""
    lease = f"{outbox.worker_name()[:48]}/{uuid4().hex[:12]}"
    waits = and_(ImportBatch.id == batch.id, ImportBatch.state == BatchState.QUEUED)
    if _claim(waits, lease, now()) is not None:
        _work(batch.id, lease, now, lambda: False)


def _count(worked: Worked, is_done: bool | None) -> None:
    if is_done is not None:
        worked.done += is_done
        worked.failed += not is_done


def _waits(now: datetime) -> ColumnElement[bool]:
    abandoned = and_(ImportBatch.state == BatchState.RUNNING, ImportBatch.leased_until <= now)
    return or_(ImportBatch.state == BatchState.QUEUED, abandoned)


def _free_leases_of_the_dead(now: datetime) -> None:
    held = select(ImportBatch.leased_by).where(ImportBatch.state == BatchState.RUNNING)
    if dead := [each for each in db.session.scalars(held) if each and outbox.is_dead(each)]:
        with transaction():
            _change(ImportBatch.leased_by.in_(dead), leased_until=now)


def _claim(waits: ColumnElement[bool], lease: str, now: datetime) -> int | None:
    due = select(ImportBatch.id).where(waits).order_by(ImportBatch.id).limit(1)
    if db.session.scalar(due) is None:
        return None
    chosen = due.with_for_update(skip_locked=True).cte("chosen")
    claim = (
        update(ImportBatch)
        .where(ImportBatch.id.in_(select(chosen.c.id)))
        .values(
            state=BatchState.RUNNING, leased_by=lease, leased_until=now + LEASE,
            attempts=ImportBatch.attempts + 1,
        )
        .returning(ImportBatch.id)
    )  # fmt: skip
    with transaction():
        return db.session.scalar(claim, execution_options={"synchronize_session": False})


def _change(which: ColumnElement[bool], **values: Any) -> bool:
    changed: Any = db.session.execute(
        update(ImportBatch).where(which).values(**values), execution_options={"synchronize_session": False}
    )
    return bool(changed.rowcount)


def _held(batch_id: int, lease: str) -> ColumnElement[bool]:
    return and_(
        ImportBatch.id == batch_id, ImportBatch.leased_by == lease, ImportBatch.state == BatchState.RUNNING
    )


def _end(batch_id: int, lease: str, state: BatchState, now: datetime, error: str | None = None) -> bool:
    with transaction():
        _change(
            _held(batch_id, lease), state=state, error=error, leased_by=None, leased_until=None, ended_at=now,
            version=ImportBatch.version + 1,
        )  # fmt: skip
    return state is BatchState.DONE


def _work(batch_id: int, lease: str, now: Callable[[], datetime], stop: Callable[[], bool]) -> bool | None:
    """Give the rows of one leased sheet; return whether it is done, None when it was left to others."""
    batch = db.session.get_one(ImportBatch, batch_id, populate_existing=True)
    if batch.attempts > MOST_ATTEMPTS:
        words = N_("Đã thử nhiều lần mà chưa nhập xong. Hãy nhập lại phần còn thiếu, hoặc báo quản trị.")
        return _end(batch_id, lease, BatchState.FAILED, now(), words)
    try:
        return _give_all(batch, lease, now, stop)
    except _Ended:
        db.session.rollback()
        return None
    except OperationalError:
        db.session.rollback()
        with transaction():
            _change(_held(batch_id, lease), state=BatchState.QUEUED, leased_by=None, leased_until=None)
        return None
    except DomainError as error:
        db.session.rollback()
        return _end(batch_id, lease, BatchState.FAILED, now(), error.message)
    except Exception:
        db.session.rollback()
        log.exception("sheets: %s", batch_id)
        words = N_("Có lỗi khi nhập. Hãy nhập lại phần còn thiếu; nếu vẫn lỗi, báo quản trị kèm giờ nhập.")
        return _end(batch_id, lease, BatchState.FAILED, now(), words)


def _give_all(
    batch: ImportBatch, lease: str, now: Callable[[], datetime], stop: Callable[[], bool]
) -> bool | None:
    batch_id, today = batch.id, day_of(now())
    found = read(batch, today=today, calendar=working_calendar())
    told = outcomes_of(batch_id)
    if found.bad and not batch.only_good and not told:
        words = N_("Từ lúc xem đến lúc nhập có dòng không còn đúng nên chưa nhập dòng nào. Hãy xem lại.")
        return _end(batch_id, lease, BatchState.FAILED, now(), words)
    giver = _Giver(batch, found, now(), today)
    left = [row for row in found.good if told.get(row.number, (None, None)) == (None, None)]
    for begin in range(0, len(left), CHUNK):
        if stop():
            with transaction():
                _change(_held(batch_id, lease), state=BatchState.QUEUED, leased_by=None, leased_until=None)
            return None
        if begin and db.engine.dialect.name == "sqlite":
            time.sleep(PAUSE)
        chunk = left[begin : begin + CHUNK]
        try:
            giver.give(chunk, lease, now())
        except (DomainError, IntegrityError, DataError):
            for row in chunk:
                giver.give_one(row, lease, now())
    return _end(batch_id, lease, BatchState.DONE, now())


class _Giver:
    """Makes the tasks of rows, in the words of `operations`, on the days that the rows name."""

    def __init__(self, batch: ImportBatch, found: ReadBatch, at: datetime, today: date) -> None:
        self.batch_id, self.paper, self.at, self.today = batch.id, dict(batch.paper), at, today
        self.unit_id, self.user_id, self.code = batch.unit_id, batch.brought_by_id, batch.unit.code
        self.first_given: dict[str, date] = {}
        for row in found.good:
            key = self._directive_key(row)
            self.first_given[key] = min(row.given_on or today, self.first_given.get(key, today))
        self.there = found.there
        self.known = found.directives
        codes = {code for row in found.good for code in (*row.leads, *row.coordinating)}
        logins = {login for row in found.good for login in (row.officer, row.leader) if login}
        self.codes, self.logins = sorted(codes), sorted(logins)

    def give(self, rows: list[Row], lease: str, now: datetime, error: str | None = None) -> None:
        """Give rows, or store why one cannot be given, as one transaction; raise `_Ended`, `DomainError`."""
        with transaction(bulk=True):
            values = {"done": ImportBatch.done + len(rows), "leased_until": now + LEASE, "attempts": 1}
            if not _change(_held(self.batch_id, lease), **values):
                raise _Ended
            self._load(rows)
            for row in rows:
                task = None if error else self._row(row)
                told = db.session.get(ImportRow, (self.batch_id, row.number))
                if told is None:
                    told = ImportRow(batch_id=self.batch_id, number=row.number)
                    db.session.add(told)
                if task is not None:
                    db.session.flush()
                    told.task_id = task.id
                told.error = error

    def give_one(self, row: Row, lease: str, now: datetime) -> None:
        """Give one row, or keep the sentence that says why it cannot be given.

        What the database refuses is tried twice: the first time another worker may have been faster, and the
        second reading sees what that one stored.
        """
        try:
            try:
                self.give([row], lease, now)
            except IntegrityError:
                self.give([row], lease, now)
        except DomainError as refusal:
            values = refusal.values
            self.give([row], lease, now, error=refusal.message % values if values else refusal.message)
        except (IntegrityError, DataError):
            log.exception("sheets: %s, row %s", self.batch_id, row.number)
            self.give([row], lease, now, error=_UNSTORED)

    def _load(self, rows: list[Row]) -> None:
        """Read what rows name, anew in each transaction."""
        self.issuer = db.session.get_one(Unit, self.unit_id)
        self.user = db.session.get_one(User, self.user_id)
        if not roles_above(self.user, self.issuer, self.today) & {Role.OFFICE.value, Role.LEADER.value}:
            raise NotAllowed(N_("Người nhập không còn quyền giao nhiệm vụ của đơn vị này."))
        self.units = {u.code: u for u in db.session.scalars(select(Unit).where(Unit.code.in_(self.codes)))}
        named = select(User).where(User.login.in_(self.logins))
        self.people = {user.login: user for user in db.session.scalars(named)} if self.logins else {}
        keys = sorted({self._directive_key(row) for row in rows} | {self.known.get(
            number_key(row.paper or ""), "") for row in rows})  # fmt: skip
        self.directives = {
            each.key: each for each in db.session.scalars(select(Directive).where(Directive.key.in_(keys)))
        }
        keys = sorted({row.task_key(self.code, lead) for row in rows for lead in row.leads})
        self.tasks: dict[str, Task] = {}
        for begin in range(0, len(keys), 500):
            there = select(Task).where(Task.key.in_(keys[begin : begin + 500]))
            self.tasks |= {each.key: each for each in db.session.scalars(there)}

    def _directive_key(self, row: Row) -> str:
        words = f"{self.code}\x1f{row.issued_on}\x1f{number_key(row.paper) if row.paper else self.paper}"
        return f"vb-bang-{hashlib.sha256(words.encode()).hexdigest()[:24]}"

    def _stamp(self, day: date, *, is_giving: bool) -> Stamp:
        """Return who did it on a day: who brought the sheet, if they might then; nobody for unit steps."""
        issues = roles_above(self.user, self.issuer, day) & {Role.OFFICE.value, Role.LEADER.value}
        return Stamp(on=day, by=self.user if is_giving and issues else None, at=self.at)

    def _directive(self, row: Row) -> Directive:
        key = self._directive_key(row)
        known = self.directives.get(self.known.get(number_key(row.paper), "")) if row.paper else None
        if known is None and (known := self.directives.get(key)) is None:
            shared = self.paper if row.paper == (self.paper.get("number") or None) else {}
            known = self.directives[key] = directives.register(
                stamp=self._stamp(self.first_given[key], is_giving=True), key=key, issuer=self.issuer,
                kind=shared.get("kind") or kind_of(row.paper), number=row.paper,
                subject=shared.get("subject") or row.subject or row.content[:300],
                issued_on=row.issued_on or self.first_given[key],
            )  # fmt: skip
        return known

    def _row(self, row: Row) -> Task | None:
        """Return the first task that was made of a row, by the steps that people would have taken."""
        first = None
        for lead in row.leads:
            if lead in self.there.get(row.number, ()):
                continue
            key = row.task_key(self.code, lead)
            if (task := self.tasks.get(key)) is None:
                task = self.tasks[key] = self._task(row, key, lead)
            first = first or task
        return first

    def _task(self, row: Row, key: str, lead: str) -> Task:
        given_on = row.given_on or self.today
        order = tasks.Order(
            key=key, unit=self.units[lead], content=row.words, due_on=row.due_on, item=row.item,
            due_phrase=row.due_phrase, due_time=row.due_time, product=row.product,
            coordinating=[self.units[code] for code in row.coordinating if code in self.units],
            officer=self.people.get(row.officer or ""), leader=self.people.get(row.leader or ""),
        )  # fmt: skip
        task = tasks.give(self._directive(row), [order], stamp=self._stamp(given_on, is_giving=True))[0]
        begun = self._stamp(given_on, is_giving=False)
        if row.state is not State.NOT_STARTED:
            tasks.accept(task, stamp=begun)
            if row.note:
                progress.update(task, stamp=begun, text=nfc(row.note))
        if row.state in (State.AWAITING_CONFIRMATION, State.COMPLETED):
            done = self._stamp(row.done_on or given_on, is_giving=False)
            explanation = None
            try:
                require_report_complete(due_on=row.due_on, on=done.on, explanation=None)
            except Incomplete:
                explanation = row.note or N_("Theo bảng theo dõi được nhập.")
            progress.report(task, stamp=done, result=row.result, explanation=explanation)
            if row.state is State.COMPLETED:
                progress.confirm(task, stamp=done)
        return task


def kind_of(number: str | None) -> str:
    """Return the kind that a number's notation names (“12/KH-UBND”), CV for a notation without one."""
    if not number:
        return DirectiveKind.Y_KIEN_CHI_DAO.value
    notation = number.partition("/")[2].partition("-")[0].strip().lower()
    return _KINDS.get(notation, DirectiveKind.CONG_VAN.value)

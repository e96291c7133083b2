"""What is wrong with the installation: one definition for monitor, page, banner and alarms."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import (
    Integer,
    ScalarSelect,
    Select,
    and_,
    bindparam,
    func,
    inspect,
    literal,
    or_,
    select,
    text,
)

from tracker.models import UtcMoment, db
from tracker.models.export import Export, ExportState
from tracker.models.mail import Delivery, JobRun, MailState, OutgoingMail
from tracker.models.people import HeldRole, Role, User
from tracker.models.reading import ReplicaState
from tracker.models.recount import Recount
from tracker.models.units import Unit
from tracker.queries.calendar import end_of
from tracker.queries.jobs import (
    CLOCKS_AGREE_WITHIN,
    JobStatus,
    alive_since,
    last_good_run_of,
    last_run_of,
    last_sign_of_all,
    statuses_from,
)
from tracker.queries.refused import refused_sql
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.timetable import JOB_WORDS, SILENCE, TIMETABLE
from tracker.rules.words import N_

START_UP = timedelta(minutes=1)
"""How long after its own start a process does not complain of a scheduler that is starting beside it."""
DUE_MAIL_WAITS = timedelta(minutes=10)
"""How long a mail that is due may wait while nothing is being sent."""
SENDER_BUSY = timedelta(minutes=3)
"""So long after the last attempt a sender is taken to be at work: a long queue is no fault."""
SLOW_ATTEMPTS = 4
"""Attempts after which a mail that was put off again and again is told of: some 20 minutes."""
EXPORT_WAITS = timedelta(minutes=10)
"""How long an ordered file may wait while nobody makes it."""
BACKUP_IS_OLD = timedelta(days=2)
DISK_IS_FULL, DISK_IS_NARROW = 200 * 1024**2, 1024**3
"""Bytes free below which nothing may be written soon, and below which it is time to act."""


class Severity(StrEnum):
    """FAULT: the product does not do its work, the monitor is red. NOTICE: somebody should see to it."""

    FAULT = "fault"
    NOTICE = "notice"


class Finding(NamedTuple):
    """One thing that is wrong. `word` names it for ever; `msgid` and `values` are its sentence.

    Sentences tell no secrets: a monitor reads them. A value named "job" is itself a msgid. `detail` is what
    a server or a program said, for administrators alone.
    """

    word: str
    msgid: str
    values: Mapping[str, Any]
    severity: Severity
    detail: str = ""


class Signs(NamedTuple):
    """What the database says of the state of the system at one moment."""

    last_sign_at: datetime | None
    """The last sign of life of a scheduler, None before the first."""
    alive_since: datetime | None
    """Since when a scheduler works without a gap."""
    ahead_at: datetime | None
    """A sign of life from the future, where clocks differ."""
    due_since: datetime | None
    """Since when the mail that has been due for longest is due."""
    attempt_at: datetime | None
    """When the last attempt to deliver a mail began."""
    oldest_queued_at: datetime | None
    """When the oldest mail that waits was queued."""
    put_off_since: datetime | None
    """When a mail was queued that attempt after attempt was put off."""
    export_waits_since: datetime | None
    """When the file was ordered that has waited longest without anybody making it."""
    checked_at: datetime | None
    """When the last self-check ended."""
    differences: int | None
    """What it found to differ from the history."""
    undelivered: int
    """Persons whose address refused the last mail."""
    version: str | None
    """The migration that the tables are at."""
    jobs: Mapping[str, tuple[JobRun, datetime | None]]
    """By name the latest run of each job, and when its last good run began."""


def has_tables() -> bool:
    """Return whether the migrations have made the tables."""
    return inspect(db.engine).has_table("job_run")


@cache
def _signs_sql() -> Select[Any]:
    """Return the question for all signs: parameters `now`, and `soon`, which a clock may be ahead.

    It is asked on every page of an administrator, so it is put together once a process.
    """
    now, soon = bindparam("now", type_=UtcMoment()), bindparam("soon", type_=UtcMoment())
    queued = select(OutgoingMail).where(OutgoingMail.state == MailState.QUEUED)
    at_once = queued.where(OutgoingMail.next_attempt_at.is_(None)).order_by(OutgoingMail.id).limit(1)
    put_off = queued.where(OutgoingMail.next_attempt_at <= now)
    abandoned = select(func.min(OutgoingMail.leased_until)).where(
        OutgoingMail.state == MailState.SENDING, OutgoingMail.leased_until < now
    )
    oldest = select(func.min(OutgoingMail.id)).where(OutgoingMail.state == MailState.QUEUED)
    attempt = select(Delivery.started_at).order_by(Delivery.id.desc()).limit(1)
    ahead = select(func.max(JobRun.seen_at)).where(JobRun.seen_at > soon)
    waits_longest = (
        select(OutgoingMail.queued_at, OutgoingMail.attempts)
        .where(OutgoingMail.state == MailState.QUEUED, OutgoingMail.next_attempt_at.is_not(None))
        .order_by(OutgoingMail.next_attempt_at.desc())
        .limit(1)
        .subquery()
    )
    nobody = select(literal(1, Integer)).subquery()
    latest = [last_run_of(entry.name).scalar_subquery() for entry in TIMETABLE]
    scalars: list[ScalarSelect[Any]] = [
        last_sign_of_all(until=soon),
        alive_since(),
        ahead.scalar_subquery(),
        at_once.with_only_columns(OutgoingMail.queued_at).scalar_subquery(),
        put_off.with_only_columns(func.min(OutgoingMail.next_attempt_at)).scalar_subquery(),
        abandoned.scalar_subquery(),
        attempt.scalar_subquery(),
        select(OutgoingMail.queued_at).where(OutgoingMail.id == oldest.scalar_subquery()).scalar_subquery(),
        select(waits_longest.c.queued_at).where(waits_longest.c.attempts >= SLOW_ATTEMPTS).scalar_subquery(),
    ]
    nobody_makes = or_(
        Export.state == ExportState.QUEUED,
        and_(Export.state == ExportState.RUNNING, Export.leased_until < now),
    )
    scalars.append(select(func.min(Export.asked_at)).where(nobody_makes).scalar_subquery())
    checked = select(Recount).where(Recount.ended_at.is_not(None))
    checked = checked.order_by(Recount.ended_at.desc(), Recount.id.desc()).limit(1)
    scalars += [
        checked.with_only_columns(column).scalar_subquery()
        for column in (Recount.ended_at, Recount.differences)
    ]
    return (
        select(
            JobRun, last_good_run_of(JobRun.name, until=soon), *scalars,
            select(func.count()).select_from(refused_sql().subquery()).scalar_subquery(),
            text("(SELECT max(version_num) FROM alembic_version)"),
        )
        .select_from(nobody)
        .outerjoin(JobRun, JobRun.id.in_(latest))
    )  # fmt: skip


def read_signs(now: datetime) -> Signs:
    """Return the signs at `now` (aware), read by one statement."""
    moments = {"now": now, "soon": now + CLOCKS_AGREE_WITHIN}
    rows = db.session.execute(_signs_sql(), moments).all()
    (
        sign, since, ahead_at, fresh, again, left, attempt_at, oldest_at, put_off_at, export_at,
        checked_at, differences, refused, version,
    ) = rows[0][2:]  # fmt: skip
    return Signs(
        last_sign_at=sign, alive_since=since, ahead_at=ahead_at,
        due_since=min((each for each in (fresh, again, left) if each is not None), default=None),
        attempt_at=attempt_at, oldest_queued_at=oldest_at, put_off_since=put_off_at,
        export_waits_since=export_at, checked_at=checked_at, differences=differences,
        undelivered=refused, version=version,
        jobs={row[0].name: (row[0], row[1]) for row in rows if row[0] is not None},
    )  # fmt: skip


def wardens(day: date) -> Sequence[User]:
    """Return who is told of faults: the active administrators of a root who have an address."""
    held = and_(HeldRole.role == Role.ADMIN, HeldRole.valid_from <= day, HeldRole.valid_to > day)
    query = (
        select(User)
        .where(
            User.active.is_(True), User.email != "",
            User.id.in_(
                select(HeldRole.user_id).join(Unit, Unit.id == HeldRole.unit_id)
                .where(held, Unit.parent_id.is_(None))
            ),
        )
        .order_by(User.id)
    )  # fmt: skip
    return db.session.scalars(query).all()


def is_silent(signs: Signs, now: datetime) -> bool:
    """Return whether no scheduler has given a sign of life of late."""
    return signs.last_sign_at is None or now - signs.last_sign_at > SILENCE


def findings_in(
    signs: Signs, *, now: datetime, zone: tzinfo, settings: Mapping[str, Any], calendar: WorkingCalendar,
    head: str | None = None, folders: Sequence[Path] = (), backs_up: bool = True,
    up_for: timedelta | None = None, replica: ReplicaState | None = None,
) -> list[Finding]:  # fmt: skip
    """Return what is wrong, the gravest first.

    `zone` is the wall clock; `head` the migration that the program needs; `folders` lie on the disks that
    must have room. Without `backs_up` backups are made elsewhere. `up_for` is how long the asking process
    runs: one that has just begun grants the scheduler the time to begin too. `replica` is how the read-only
    replica does, None where there is none.
    """
    found: list[Finding] = []
    if head is not None and signs.version != head:
        found.append(_fault(
            "version", N_("Cơ sở dữ liệu ở phiên bản %(stored)s, chương trình cần phiên bản %(needed)s."),
            stored=signs.version or "0", needed=head,
        ))  # fmt: skip
    if up_for is None or up_for > START_UP:
        found += _of_jobs(signs, now=now, zone=zone, settings=settings, calendar=calendar)
        found += _of_due_mail(signs, now=now, zone=zone)
    if signs.differences and signs.checked_at is not None:
        found.append(_fault(
            "recount", N_("Đối soát lúc %(at)s thấy %(number)s chỗ lệch giữa số liệu đang lưu và lịch sử."),
            at=told(signs.checked_at, zone), number=signs.differences,
        ))  # fmt: skip
    found += _of_disks(folders)
    found += _of_replica(replica)
    if signs.export_waits_since is not None and now - signs.export_waits_since > EXPORT_WAITS:
        found.append(_notice(
            "export", N_("Có tệp xuất đặt từ %(since)s mà chưa được lập."),
            since=told(signs.export_waits_since, zone),
        ))  # fmt: skip
    if backs_up:
        found += _of_backup(signs, now=now, zone=zone)
    if signs.ahead_at is not None:
        found.append(_notice(
            "clock", N_("Đồng hồ không khớp: có việc chạy nền ghi lúc %(at)s, sau giờ hiện tại."),
            at=told(signs.ahead_at, zone),
        ))  # fmt: skip
    if signs.put_off_since is not None:
        found.append(_notice(
            "mail-slow", N_("Có thư lập lúc %(since)s gửi nhiều lần chưa được."),
            since=told(signs.put_off_since, zone),
        ))  # fmt: skip
    if signs.undelivered:
        found.append(_notice(
            "undelivered", N_("%(number)s người có địa chỉ thư bị trả lại."), number=signs.undelivered
        ))  # fmt: skip
    end = end_of(calendar, now.astimezone(zone).date())
    if end.is_near:
        found.append(_notice(
            "calendar",
            N_("Lịch làm việc năm %(year)s chưa có ngày nghỉ nào; lịch đã lưu chỉ đến hết ngày %(day)s."),
            year=end.missing_year, day=end.ends_on.strftime("%d/%m/%Y"),
        ))  # fmt: skip
    return sorted(found, key=lambda each: each.severity is Severity.NOTICE)


def _of_jobs(
    signs: Signs, *, now: datetime, zone: tzinfo, settings: Mapping[str, Any], calendar: WorkingCalendar
) -> list[Finding]:
    if signs.last_sign_at is None:
        return [_fault("scheduler", N_("Bộ lập lịch chưa chạy lần nào."))]
    if is_silent(signs, now):
        since = told(signs.last_sign_at, zone)
        return [_fault("scheduler", N_("Bộ lập lịch đã ngừng từ %(since)s."), since=since)]
    statuses = statuses_from(
        signs.jobs, now=now, zone=zone, settings=settings, calendar=calendar, since=signs.alive_since
    )
    return [_late(each, zone) for each in statuses if each.is_overdue and each.name != "backup"]


def _late(status: JobStatus, zone: tzinfo) -> Finding:
    word, job, last = f"job:{status.name}", JOB_WORDS[status.name], status.last
    if last is not None and last.succeeded is False:
        msgid = N_("Việc “%(job)s” bị lỗi, lần gần nhất lúc %(at)s.")
        return _fault(word, msgid, last.detail or "", job=job, at=told(last.started_at, zone))
    if status.due_at is not None:
        msgid = N_("Việc “%(job)s” đến giờ từ %(due)s mà chưa chạy xong.")
        return _fault(word, msgid, job=job, due=told(status.due_at, zone))
    if last is None:
        return _fault(word, N_("Việc “%(job)s” chưa chạy lần nào."), job=job)
    msgid = N_("Việc “%(job)s” không có dấu hiệu hoạt động từ %(since)s.")
    return _fault(word, msgid, job=job, since=told(last.seen_at or last.started_at, zone))


def _of_due_mail(signs: Signs, *, now: datetime, zone: tzinfo) -> list[Finding]:
    waits_from = max((each for each in (signs.due_since, signs.alive_since) if each is not None), default=now)
    if signs.due_since is None or now - waits_from <= DUE_MAIL_WAITS:
        return []
    if signs.attempt_at is not None and now - signs.attempt_at <= SENDER_BUSY:
        return []
    since = told(signs.due_since, zone)
    return [_fault("mail", N_("Có thư đến giờ gửi từ %(since)s mà chưa được gửi."), since=since)]


def _of_disks(folders: Sequence[Path]) -> list[Finding]:
    free = min((shutil.disk_usage(each).free for each in folders if each.is_dir()), default=None)
    if free is None or free >= DISK_IS_NARROW:
        return []
    if free < DISK_IS_FULL:
        return [_fault("disk", N_("Đĩa sắp đầy: chỉ còn trống %(free)s MB."), free=free // 1024**2)]
    return [_notice("disk", N_("Đĩa chỉ còn trống %(free)s MB."), free=free // 1024**2)]


def _of_replica(replica: ReplicaState | None) -> list[Finding]:
    if replica is None:
        return []
    if not replica.is_up:
        msgid = N_("Bản sao chỉ đọc của cơ sở dữ liệu không trả lời; báo cáo đang đọc từ máy chính.")
        return [_notice("replica", msgid, replica.error)]
    if replica.is_late and replica.lag is not None:
        msgid = N_("Bản sao chỉ đọc chậm %(minutes)s phút; báo cáo đang đọc từ máy chính.")
        return [_notice("replica", msgid, minutes=round(replica.lag.total_seconds() / 60))]
    return []


def _of_backup(signs: Signs, *, now: datetime, zone: tzinfo) -> list[Finding]:
    last, done_at = signs.jobs.get("backup", (None, None))
    since = done_at or signs.alive_since
    detail = (last.detail or "") if last is not None and last.succeeded is False else ""
    if since is None or now - since <= BACKUP_IS_OLD:
        return [_notice("backup", N_("Lần sao lưu gần nhất không thành công."), detail)] if detail else []
    if done_at is None:
        return [_notice("backup", N_("Chưa có bản sao lưu nào của cơ sở dữ liệu."), detail)]
    msgid = N_("Bản sao lưu gần nhất đã cũ: %(at)s.")
    return [_notice("backup", msgid, detail, at=told(done_at, zone))]


def told(moment: datetime, zone: tzinfo) -> str:
    """Return a moment (aware) as a sentence tells it: “07:00 21/11/2026” on the wall clock of `zone`."""
    return moment.astimezone(zone).strftime("%H:%M %d/%m/%Y")


def _fault(word: str, msgid: str, detail: str = "", **values: Any) -> Finding:
    return Finding(word, msgid, values, Severity.FAULT, detail)


def _notice(word: str, msgid: str, detail: str = "", **values: Any) -> Finding:
    return Finding(word, msgid, values, Severity.NOTICE, detail)

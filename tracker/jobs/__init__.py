"""The jobs of the timetable: what each does, whether it is due, and the record of its run.

Each may run at any time, twice, and in two schedulers at once: the keys of mails, ledger and history let each
happen once. `scheduler.py` wakes them, `shell.py` is `flask jobs run | once NAME | status`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from tracker import clock, outbox
from tracker.models import db
from tracker.models.mail import JobRun
from tracker.operations import backup, exports, recounting, reminders, reports, runs, series, urging, watch
from tracker.operations.sheets import are_under_way as sheets_are_under_way
from tracker.operations.sheets import work_pending
from tracker.queries.jobs import last_good_run
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.timetable import TIMETABLE, Entry
from tracker.rules.workflow import DomainError

RETRY_AFTER = timedelta(minutes=5)
"""How long a daily job that failed waits before its next try."""

_on_record: ContextVar[str | None] = ContextVar("on_record", default=None)
"""Who is on record as the one who runs the job at hand, which may be done by a process of its own."""

log = logging.getLogger(__name__)


class JobTroubled(Exception):
    """The job ran to its end, but part of its work could not be done."""


class JobStopped(JobTroubled):
    """The job broke off because it was asked to; whoever comes next goes on with it at once."""


def run_overdue(_stop: Callable[[], bool]) -> str:
    """Record what became overdue."""
    count = reminders.mark_overdue(today=clock.today(), at=clock.now())
    return f"Ghi nhận {count} nhiệm vụ quá hạn."


def run_series(stop: Callable[[], bool]) -> str:
    """Give the turns of recurring tasks whose day has come."""
    made = series.make_due(today=clock.today(), at=clock.now(), stop=stop)
    words = f"Giao {made.given} nhiệm vụ định kỳ, bỏ qua {made.skipped} kỳ đã qua."
    if made.failed:
        raise JobTroubled(f"{words} Chưa giao được: {', '.join(made.failed)}.")
    if made.is_stopped:
        raise JobTroubled(f"{words} Dừng giữa chừng theo yêu cầu.")
    return words


def run_reminders(stop: Callable[[], bool]) -> str:
    """Queue today's digests; what is to be given today is given first, so that they tell of it."""
    series.make_due(today=clock.today(), at=clock.now(), stop=stop)
    count = reminders.queue_digests(today=clock.today(), at=clock.now())
    return f"Xếp {count} thư nhắc vào hàng đợi."


def run_monthly_report(stop: Callable[[], bool]) -> str:
    """Make last month's overdue reports, one an assigner, and queue their mails."""
    made = reports.make_last_month(today=clock.today(), at=clock.now(), stop=stop)
    words = f"Lập {made.reports} báo cáo quá hạn tháng, xếp {made.mails} thư vào hàng đợi."
    if made.failed:
        raise JobTroubled(f"{words} Chưa lập được: {', '.join(made.failed)}.")
    if made.is_stopped:
        raise JobStopped(f"{words} Dừng giữa chừng theo yêu cầu.")
    return words


def run_prompt(_stop: Callable[[], bool]) -> str:
    """Queue what does not wait for the daily mail; returns "" when there was nothing.

    When both fall due in one minute the daily mail goes first: what it says needs no mail of its own.
    """
    daily = entry_of("reminders")
    if _is_due(daily, within=daily.grace):
        return ""
    count = reminders.queue_prompts(today=clock.today(), at=clock.now())
    return f"Xếp {count} thư báo ngay vào hàng đợi." if count else ""


def run_deliver(stop: Callable[[], bool]) -> str:
    """Send what is queued; returns "" when there was nothing to send."""
    if outbox.is_empty():
        return ""
    reminders.freshen_digests(today=clock.today(), at=clock.now())
    reminders.freshen_prompts(today=clock.today(), at=clock.now())
    urging.freshen_urgings(today=clock.today(), at=clock.now())
    done = outbox.deliver_pending(now=clock.now, worker=outbox.worker_name(), stop=stop)
    if done.is_idle:
        return ""
    words = f"Đã gửi {done.sent}, giữ lại {done.kept}, chờ gửi lại {done.retrying}, "
    words += f"thất bại {done.failed} thư."
    if done.is_troubled:
        raise JobTroubled(words)
    return words


def run_exports(stop: Callable[[], bool]) -> str:
    """Make the files that people ordered and let go of old ones; returns "" when there was nothing to do."""
    made = exports.make_pending(now=clock.now, worker=outbox.worker_name(), stop=stop)
    if not (made.ready or made.failed or made.let_go):
        return ""
    words = f"Đã lập {made.ready} tệp xuất, không lập được {made.failed}, bỏ {made.let_go} tệp hết hạn giữ."
    if made.failed:
        raise JobTroubled(words)
    return words


def run_sheets(stop: Callable[[], bool]) -> str:
    """Give the rows of sheets that people started; returns "" when there was nothing to do."""
    worked = work_pending(now=clock.now, worker=outbox.worker_name(), stop=stop)
    if not worked.failed:
        return worked.words
    raise JobTroubled(worked.words)


def run_backup(_stop: Callable[[], bool]) -> str:
    """Copy the database into the folder of backups."""
    if not backup.is_made_here():
        return "Sao lưu được làm nơi khác (BACKUP_FOLDER=off)."
    try:
        copy = backup.back_up(at=clock.now())
    except DomainError as error:
        raise JobTroubled(str(error)) from error
    megabytes = f"{copy.size / 2**20:.1f}".replace(".", ",")
    return f"Đã sao lưu vào {copy.path.name}, {megabytes} MB."


def run_check(stop: Callable[[], bool]) -> str:
    """Check everything stored against the history; what it finds is kept and told by the watch."""
    try:
        kept = recounting.run(today=clock.today(), now=clock.now, stop=stop)
    except recounting.Stopped as error:
        raise JobStopped("Dừng giữa chừng theo yêu cầu.") from error
    if kept is None:
        return "Bộ lập lịch khác đang đối soát."
    words = f"Đối soát {kept.tasks} nhiệm vụ, {kept.entries} dòng lịch sử, {kept.tables} bảng B.4, "
    words += f"{kept.reports} báo cáo đã chốt: "
    return words + (f"thấy {kept.differences} chỗ lệch." if kept.differences else "không lệch.")


def run_watch(_stop: Callable[[], bool]) -> str:
    """Look for what is wrong and queue a mail about it; returns "" when there is nothing new to say."""
    now, worker = clock.now(), _on_record.get() or outbox.worker_name()
    runs.beat("watch", worker=worker, started_at=now, at=now)
    runs.keep_alive(worker=worker, at=now)
    count = watch.tell_of_gaps(now=now)
    count += watch.tell(watch.find_now(now=now), today=clock.today(), at=now)
    return f"Xếp {count} thư cảnh báo vào hàng đợi." if count else ""


FUNCTIONS: Mapping[str, Callable[[Callable[[], bool]], str]] = {
    "overdue": run_overdue,
    "series": run_series,
    "backup": run_backup,
    "check": run_check,
    "reminders": run_reminders,
    "monthly-report": run_monthly_report,
    "prompt": run_prompt,
    "deliver": run_deliver,
    "exports": run_exports,
    "sheets": run_sheets,
    "watch": run_watch,
}

ORDERED: Mapping[str, Callable[[datetime], bool]] = {"check": recounting.is_ordered}
"""Daily jobs that a person may order in between, and whether somebody did by now."""

MAKING: Mapping[str, Callable[[], bool]] = {
    "deliver": lambda: not outbox.is_empty(), "exports": exports.are_under_way,
    "sheets": sheets_are_under_way,
}  # fmt: skip
"""Jobs of every few seconds that mostly find nothing to do, and whether there is something now."""


def entry_of(name: str) -> Entry:
    """Return the line of the timetable of a job."""
    return next(each for each in TIMETABLE if each.name == name)


def run_job(name: str, *, stop: Callable[[], bool] = lambda: False, worker: str | None = None) -> str:
    """Run a job now and record the run; return what it did in words. What it raises is recorded and raised.

    A job that comes every few seconds leaves a row only when it did something or does it for long; else its
    idle row moves on. `stop` is asked between two mails: each time a long run says that it lives. `worker` is
    on record as the one who ran it, this process if none is named.
    """
    entry = entry_of(name)
    worker, started_at = worker or outbox.worker_name(), clock.now()
    write = partial(runs.write, name=name, worker=worker, started_at=started_at)
    run_id = None if entry.every else write(None, at=started_at)
    seen_at = started_at

    def asked_to_stop() -> bool:
        nonlocal run_id, seen_at
        if not timedelta(0) <= clock.now() - seen_at < runs.HEARTBEAT:
            seen_at = clock.now()
            run_id = write(run_id, at=seen_at)
        return stop()

    token = _on_record.set(worker)
    try:
        words = FUNCTIONS[name](asked_to_stop)
    except Exception as error:
        db.session.rollback()
        detail = str(error) if isinstance(error, JobTroubled) else f"{type(error).__name__}: {error}"
        failed = None if isinstance(error, JobStopped) else False
        write(run_id, at=clock.now(), succeeded=failed, detail=detail)
        raise
    finally:
        _on_record.reset(token)
    if words or run_id:
        write(run_id, at=clock.now(), succeeded=True, detail=words)
    else:
        runs.beat(name, worker=worker, started_at=started_at, at=clock.now())
    return words


def is_awaited(name: str) -> bool:
    """Return whether a job is to be woken: one of every few seconds always, a daily one until today's run
    succeeded or when somebody ordered it."""
    entry = entry_of(name)
    is_ordered = ORDERED.get(name, lambda _now: False)
    return bool(entry.every) or _is_due(entry) or is_ordered(clock.now())


def takes_much(name: str) -> bool:
    """Return whether a job that is awaited may take much memory now: each but those that look every few
    seconds for mails to send or something to make of what people ordered, and find nothing."""
    return name not in MAKING or MAKING[name]()


def wake(name: str, *, stop: Callable[[], bool], worker: str | None = None) -> bool:
    """Run a job if it is awaited (`run_job`), and return whether it did something."""
    if stop() or not is_awaited(name):
        return False
    try:
        words = run_job(name, stop=stop, worker=worker)
    except JobTroubled as error:
        log.warning("%s: %s", name, error)
    except Exception:
        log.exception("%s: không chạy được", name)
    else:
        if not words:
            return False
        log.info("%s: %s", name, words)
    return True


def _is_due(entry: Entry, *, within: timedelta = timedelta.max) -> bool:
    now = clock.now()
    moment = entry.due_today(now, zone=clock.VIETNAM, settings=all_settings(), calendar=working_calendar())
    done_at = last_good_run(entry.name, now=now)
    if moment is None or now - moment > within or (done_at is not None and done_at >= moment):
        return False
    tried = select(JobRun.started_at).where(JobRun.name == entry.name, JobRun.succeeded.is_(False))
    failed_at = db.session.scalar(tried.order_by(JobRun.id.desc()).limit(1))
    return failed_at is None or not timedelta(0) <= now - failed_at < RETRY_AFTER

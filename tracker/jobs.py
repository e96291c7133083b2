"""The jobs of the timetable: `flask jobs run`, one process apart from the web, `once NAME` and `status`.

APScheduler only wakes functions; what is due and what is done is in our tables. Each job may run at any
time, twice, and in two schedulers at once: the keys of mails, ledger and history let each happen once.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import click
from apscheduler.events import EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers import SchedulerNotRunningError
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger
from flask import Blueprint, Flask, current_app
from flask.logging import default_handler
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock, outbox, processes
from tracker.models import db
from tracker.models.mail import JobRun, OutgoingMail
from tracker.operations import backup, exports, recounting, reminders, reports, runs, series, urging, watch
from tracker.operations.sheets import work_pending
from tracker.queries.health import Severity, has_tables
from tracker.queries.jobs import job_statuses, last_good_run
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.timetable import TIMETABLE, Entry
from tracker.rules.workflow import DomainError

RETRY_AFTER = timedelta(minutes=5)
"""How long a daily job that failed waits before its next try."""
SENDER_WAITS = timedelta(seconds=2)
CLOCK_MINDED_EVERY = timedelta(seconds=5)
THREADS = len(TIMETABLE)
"""One a job: a mail server that is slow to answer holds up no other job, least of all the watch."""

SWITCH_SECONDS = 0.0005
"""How long one thread may keep the interpreter. With Python's own 5 ms a job that writes Word files made each
statement of the others wait as long, so a transaction of some hundred held its lock for seconds."""

bp = Blueprint("jobs", __name__, cli_group=None)
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
    daily = next(each for each in TIMETABLE if each.name == "reminders")
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
    words = f"Đối soát {kept.tasks} nhiệm vụ, {kept.entries} dòng lịch sử, {kept.tables} bảng B.4, "
    words += f"{kept.reports} báo cáo đã chốt: "
    return words + (f"thấy {kept.differences} chỗ lệch." if kept.differences else "không lệch.")


def run_watch(_stop: Callable[[], bool]) -> str:
    """Look for what is wrong and queue a mail about it; returns "" when there is nothing new to say."""
    now, worker = clock.now(), outbox.worker_name()
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


def run_job(name: str, *, stop: Callable[[], bool] = lambda: False) -> str:
    """Run a job now and record the run; return what it did in words. What it raises is recorded and raised.

    A job that comes every few seconds leaves a row only when it did something or does it for long; else its
    idle row moves on. `stop` is asked between two mails: each time a long run says that it lives.
    """
    entry = next(each for each in TIMETABLE if each.name == name)
    worker, started_at = outbox.worker_name(), clock.now()
    write = partial(runs.write, name=name, worker=worker, started_at=started_at)
    run_id = None if entry.every else write(None, at=started_at)
    seen_at = started_at

    def asked_to_stop() -> bool:
        nonlocal run_id, seen_at
        if not timedelta(0) <= clock.now() - seen_at < runs.HEARTBEAT:
            seen_at = clock.now()
            run_id = write(run_id, at=seen_at)
        return stop()

    try:
        words = FUNCTIONS[name](asked_to_stop)
    except Exception as error:
        db.session.rollback()
        detail = str(error) if isinstance(error, JobTroubled) else f"{type(error).__name__}: {error}"
        failed = None if isinstance(error, JobStopped) else False
        write(run_id, at=clock.now(), succeeded=failed, detail=detail)
        raise
    if words or run_id:
        write(run_id, at=clock.now(), succeeded=True, detail=words)
    else:
        runs.beat(name, worker=worker, started_at=started_at, at=clock.now())
    return words


def wake(name: str, *, stop: Callable[[], bool]) -> bool:
    """Run a job if it is due, and return whether it did something: one of every few seconds always, a daily
    one until today's run succeeded or when somebody ordered it."""
    entry = next(each for each in TIMETABLE if each.name == name)
    is_ordered = ORDERED.get(name, lambda _now: False)
    if stop() or not (entry.every or _is_due(entry) or is_ordered(clock.now())):
        return False
    try:
        words = run_job(name, stop=stop)
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


def make_scheduler(app: Flask, *, stop: Callable[[], bool]) -> BlockingScheduler:
    """Return the scheduler with every job of the timetable under its own name as its fixed id.

    A daily job is looked at every minute rather than woken at its hour: so a changed setting, a machine that
    slept, and a start after the hour need no case of their own.
    """
    scheduler = BlockingScheduler(
        timezone=clock.VIETNAM,
        executors={"default": ThreadPoolExecutor(THREADS)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )

    def in_app(name: str) -> None:
        with app.app_context():
            did_something = wake(name, stop=stop)
        if did_something:
            processes.give_memory_back()

    for entry in TIMETABLE:
        if entry.every is not None:
            trigger: Any = IntervalTrigger(seconds=int(entry.every.total_seconds()), timezone=clock.VIETNAM)
        else:
            trigger = CronTrigger(day_of_week="mon-sun", minute="*", timezone=clock.VIETNAM)
        # At once, and the sender a moment later: what the others queue at the start goes out with it.
        first = datetime.now(UTC) + (SENDER_WAITS if entry.every else timedelta(0))
        scheduler.add_job(in_app, trigger, args=[entry.name], id=entry.name, next_run_time=first)
    return scheduler


@contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Let SIGINT and SIGTERM set an event inside the block, instead of ending the process in mid-mail."""
    stopping = threading.Event()
    old = {each: signal.signal(each, lambda *_: stopping.set()) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopping
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)


def _mind_the_clock(scheduler: BlockingScheduler, stopping: threading.Event) -> None:
    """Until asked to stop, wake every job when the clock was set back.

    Each has its next moment from the clock as it was, and would sleep until that comes round again.
    """
    latest = datetime.now(UTC)
    while not stopping.wait(CLOCK_MINDED_EVERY.total_seconds()):
        now = datetime.now(UTC)
        if now < latest:
            for job in scheduler.get_jobs():
                job.modify(next_run_time=now)
        latest = now


@bp.cli.group("jobs")
def jobs_group() -> None:
    """Run the jobs of the timetable: overdue, reminders, prompt, deliver."""


@jobs_group.command("run")
def run_command() -> None:
    """Run the scheduler until Ctrl-C or SIGTERM; the mail being sent is finished first."""
    run_scheduler(current_app._get_current_object())  # type: ignore[attr-defined]


def run_scheduler(app: Flask) -> None:
    """Do what `flask jobs run` does, with the application of this process."""
    processes.keep_one_heap()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    app.logger.removeHandler(default_handler)
    sys.setswitchinterval(SWITCH_SECONDS)
    with _asked_to_stop() as stopping:
        scheduler = make_scheduler(app, stop=stopping.is_set)
        begun = threading.Event()
        scheduler.add_listener(lambda _event: begun.set(), EVENT_SCHEDULER_STARTED)

        def shut_down() -> None:
            _mind_the_clock(scheduler, stopping)
            # Asked to end before it began, it would begin all the same, and go on for ever.
            begun.wait()
            with suppress(SchedulerNotRunningError):
                scheduler.shutdown(wait=True)

        stopper = threading.Thread(target=shut_down)
        stopper.start()
        click.echo(f"Bộ lập lịch đang chạy: {', '.join(entry.name for entry in TIMETABLE)}. Ctrl-C để dừng.")
        try:
            scheduler.start()
        finally:
            stopping.set()
            begun.set()
            stopper.join()
    click.echo("Bộ lập lịch đã dừng.")


def _moment(_context: Any, _parameter: Any, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        words = f"“{text}” không phải thời điểm ISO 8601, ví dụ 2026-11-21T07:00:00+07:00."
        raise click.BadParameter(words) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=clock.VIETNAM)


@jobs_group.command("once")
@click.argument("name", metavar="NAME")
@click.option("--now", callback=_moment, metavar="MOMENT", help="Stands in for the clock (ISO 8601).")
def once_command(name: str, now: datetime | None) -> None:
    """Run the job NAME (overdue, reminders, deliver) once, whether it is due or not."""
    if name not in FUNCTIONS:
        raise click.BadParameter(f"Không có việc “{name}”. Chọn: {', '.join(FUNCTIONS)}.", param_hint="NAME")
    _require_tables()
    with clock.standing_at(now) if now else nullcontext(), _asked_to_stop() as stopping:
        try:
            words = run_job(name, stop=stopping.is_set)
        except JobTroubled as error:
            raise click.ClickException(str(error)) from error
        except Exception as error:
            log.exception("%s: không chạy được", name)
            reason = f"{type(error).__name__}: {error}"
            raise click.ClickException(f"Việc “{name}” không chạy được: {reason}") from error
    click.echo(words or _why_nothing_was_sent())


def _why_nothing_was_sent() -> str:
    if oldest := outbox.oldest_waiting():
        return f"Chưa đến giờ gửi lại thư nào; thư chờ lâu nhất từ {_local(oldest)}."
    return "Không có thư nào chờ gửi."


@jobs_group.command("status")
def status_command() -> None:
    """Print the last and next run of every job, and what is wrong; fail when there is a fault.

    A scheduler that is dead tells nobody: the mail about it is queued and sent from here.
    """
    _require_tables()
    now = clock.now()
    for status in job_statuses(now, zone=clock.VIETNAM):
        last = "chưa chạy"
        if status.last is not None:
            how = {True: "xong", False: "lỗi", None: "đang chạy"}[status.last.succeeded]
            how = "bị ngắt" if status.is_interrupted else how
            last = f"{_local(status.last.started_at)} {how}"
            if status.last.detail:
                last += f" ({status.last.detail})"
        late = "  QUÁ HẠN" if status.is_overdue else ""
        click.echo(f"{status.name:<14} lần cuối: {last}; lần tới: {_local(status.next_at)}{late}")
    oldest = outbox.oldest_waiting()
    click.echo(f"Thư chờ lâu nhất: {_local(oldest) if oldest else 'không có'}")
    findings = watch.find_now(now=now)
    for each in findings:
        sign = "LỖI" if each.severity is Severity.FAULT else "CHÚ Ý"
        click.echo(f"{sign}: {watch.sentence(each)}{f' ({each.detail})' if each.detail else ''}")
    if dead := [each for each in findings if each.word == "scheduler"]:
        watch.tell(dead, today=clock.today(), at=now)
        alarms = [OutgoingMail.kind == watch.ALARM]
        outbox.deliver_pending(now=clock.now, worker=outbox.worker_name(), only=alarms)
    if any(each.severity is Severity.FAULT for each in findings):
        raise click.ClickException("Hệ thống có lỗi nêu trên. Kiểm tra tiến trình “flask jobs run”.")


@bp.cli.command("backup")
def backup_command() -> None:
    """Back up the database now, beside the backup of every night."""
    _require_tables()
    try:
        click.echo(run_job("backup"))
    except JobTroubled as error:
        raise click.ClickException(str(error)) from error


def _require_tables() -> None:
    try:
        if has_tables():
            return
    except SQLAlchemyError as error:
        raise click.ClickException("Không kết nối được cơ sở dữ liệu.") from error
    raise click.ClickException("Cơ sở dữ liệu chưa có bảng. Chạy “flask --app wsgi db upgrade” trước.")


def _local(moment: datetime) -> str:
    return moment.astimezone(clock.VIETNAM).strftime("%H:%M:%S %d/%m/%Y")

"""`flask jobs run`, `once NAME` and `status`, and `flask backup`."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import datetime
from typing import Any

import click
from flask import Blueprint, current_app
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock, outbox
from tracker.jobs import FUNCTIONS, JobTroubled, run_job
from tracker.jobs.scheduler import asked_to_stop, run_scheduler
from tracker.models.mail import OutgoingMail
from tracker.operations import watch
from tracker.queries.health import Severity, has_tables
from tracker.queries.jobs import job_statuses

bp = Blueprint("jobs", __name__, cli_group=None)
log = logging.getLogger(__name__)


@bp.cli.group("jobs")
def jobs_group() -> None:
    """Run the jobs of the timetable: overdue, reminders, prompt, deliver."""


@jobs_group.command("run")
def run_command() -> None:
    """Run the scheduler until Ctrl-C or SIGTERM; the mail being sent is finished first."""
    run_scheduler(current_app._get_current_object())  # type: ignore[attr-defined]


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
    with clock.standing_at(now) if now else nullcontext(), asked_to_stop() as stopping:
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

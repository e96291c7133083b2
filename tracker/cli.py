"""What an administrator does from a shell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import click
from flask import Blueprint
from sqlalchemy import inspect, select
from sqlalchemy.exc import SQLAlchemyError

from tracker import clock
from tracker.files.b4 import as_csv, as_json, as_text
from tracker.files.b4_files import FORMS, NEEDS_TASKS, file_of
from tracker.intake.checks import LARGEST
from tracker.intake.limited import read_file_safely
from tracker.intake.proposal_text import as_text as as_proposal_text
from tracker.language import gettext as _
from tracker.models import db
from tracker.models.units import Unit
from tracker.operations import history, recounting
from tracker.operations.history import BadLine, NotEmpty
from tracker.queries import b4
from tracker.queries.calendar import calendar_of_papers
from tracker.queries.paper_templates import template_of
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.b4_table import Grouping, compared
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.difference import in_words
from tracker.rules.settings import RULES
from tracker.rules.workflow import DomainError
from tracker.start import migrate_if_blank

bp = Blueprint("cli", __name__, cli_group=None)

MOST_PRINTED = 100_000
"""Differences that a check prints one by one; the others are counted."""
READ = ("tasks", "entries", "tables", "reports")
DAY = click.DateTime(formats=["%Y-%m-%d"])


@bp.cli.group("history")
def history_group() -> None:
    """Load and dump everything an installation holds."""


@history_group.command("load")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def load_history(file: Any) -> None:
    """Load FILE (- for standard input) into an empty installation: all of it or nothing."""
    migrate_if_blank()
    try:
        count = history.load(file)
    except UnicodeDecodeError as error:
        raise click.ClickException(f"Tệp không phải UTF-8: {error}") from error
    except (BadLine, NotEmpty) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã nạp {count} dòng.")


@history_group.command("dump")
@click.argument("file", type=click.File("w", encoding="utf-8"), default="-")
def dump_history(file: Any) -> None:
    """Write the whole installation to FILE, or to standard output."""
    _require_tables()
    for line in history.dump():
        file.write(line + "\n")


@bp.cli.command("b4")
@click.option("--assigner", required=True, help="Code of the unit that gave the tasks.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the period.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the period.")
@click.option("--on", type=DAY, help="Cut-off day; the last day of the period when not said.")
@click.option("--format", "form", type=click.Choice(["table", *FORMS]), default="table")
@click.option("--group", type=click.Choice([each.value for each in Grouping]), default="unit")
@click.option("--folded", is_flag=True, help="Count sub-units in the row of the unit above them.")
@click.option("--all-units", is_flag=True, help="Give units without a task a row too.")
@click.option("--compare", type=DAY, help="Earlier cut-off day; files tell the differences since.")
@click.option("--output", type=click.Path(dir_okay=False), help="File to write instead of standard output.")
def print_b4(
    assigner: str,
    first: datetime,
    last: datetime,
    on: datetime | None,
    form: str,
    group: str,
    folded: bool,
    all_units: bool,
    compare: datetime | None,
    output: str | None,
) -> None:
    """Print table B.4."""
    _require_tables()
    unit = db.session.scalar(select(Unit).where(Unit.code == assigner))
    if unit is None:
        raise click.ClickException(f"Không có đơn vị mã “{assigner}”.")
    days = (first.date(), last.date(), (on or last).date())
    if days[0] > days[1]:
        raise click.ClickException("Ngày đầu kỳ phải trước hoặc trùng ngày cuối kỳ.")
    if days[2] < days[0]:
        raise click.ClickException("Ngày chốt số liệu không được trước ngày đầu kỳ.")
    question = b4.Question(unit, *days, grouping=Grouping(group), folded=folded)
    then = compare.date() if compare else None
    if then is not None and (form == "table" or not days[0] <= then < days[2]):
        raise click.ClickException(
            "Ngày so sánh phải trong kỳ, trước ngày chốt số liệu; chọn --format khác “table”."
        )
    if question.on > clock.today():
        ahead = f"Ngày {question.on:%d/%m/%Y} chưa tới: số liệu tính theo những gì đã ghi đến nay."
        click.echo(ahead, err=True)
    content = _b4_in(form, question, all_units=all_units, compare=then)
    if not output:
        click.echo(content, nl=False)
        return
    try:
        Path(output).write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"Không ghi được tệp “{output}”: {error.strerror}") from error


def _b4_in(form: str, question: b4.Question, *, all_units: bool, compare: date | None) -> bytes:
    """Return a B.4 in one of the formats of `flask b4`."""
    table = b4.table(question, all_units=all_units)
    then = None if compare is None else b4.table(replace(question, on=compare), all_units=all_units)
    if form in NEEDS_TASKS:
        template = template_of(question.assigner) if form == "docx" else None
        report, made_on = b4.report(question), clock.today()
        moves = b4.moves_of(report)
        return file_of(
            form, table, report, made_on=made_on, then=then, template=template, moves=moves
        ).content
    if form == "table":
        return as_text(table).encode()
    both = None if then is None else compared(table, then)
    return {"json": as_json, "csv": as_csv}[form](table, None, both).encode()


@bp.cli.command("check")
@click.option("--assigner", help="Check only what this unit gave (its code).")
@click.option("--json", "as_data", is_flag=True, help="Print one JSON object instead of lines.")
def check_history(assigner: str | None, as_data: bool) -> None:
    """Recount everything from the history alone and name each difference; fail when there is one."""
    _require_tables()
    if assigner is not None and db.session.scalar(select(Unit.id).where(Unit.code == assigner)) is None:
        raise click.ClickException(f"Không có đơn vị mã “{assigner}”.")
    outcome = recounting.check_now(today=clock.today(), assigner=assigner, keep=MOST_PRINTED)
    lines = {each: in_words(each, say=_).line for each in (*outcome.differences, *outcome.corrections)}
    if as_data:
        read = {name: getattr(outcome, name) for name in (*READ, "number", "corrected")}
        found = {
            name: [each.to_data() | {"line": lines[each]} for each in getattr(outcome, name)]
            for name in ("differences", "corrections")
        }
        click.echo(json.dumps(read | found, ensure_ascii=False, indent=1))
    else:
        for each in outcome.differences:
            click.echo(f"LỆCH: {lines[each]}")
        for each in outcome.corrections:
            click.echo(f"Sau khi chốt: {lines[each]}")
        words = f"thấy {outcome.number} chỗ lệch" if outcome.number else "không lệch"
        click.echo(
            f"Đã đối soát {outcome.tasks} nhiệm vụ, {outcome.entries} dòng lịch sử, "
            f"{outcome.tables} bảng B.4, {outcome.reports} báo cáo đã chốt: {words}."
        )
    if outcome.number:
        raise click.exceptions.Exit(1)


class Unreadable(click.ClickException):
    """The file cannot be read; said as the plain sentence that it is."""

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=file is None)


@bp.cli.command("read-directive")
@click.argument("file")
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="text")
def print_proposal(file: str, form: str) -> None:
    """Print what the paper FILE (docx, pdf, txt, html) asks for; nothing is stored, no database is needed."""
    path, today = Path(file), clock.today()
    try:
        if not path.is_file():
            raise Unreadable(f"Không có tệp “{file}”.")
        with path.open("rb") as stream:
            content = stream.read(LARGEST + 1)
        calendar, strict_before = _words_of_installation(today)
        _paper, proposal = read_file_safely(
            path.name, content, calendar=calendar, today=today, strict_before=strict_before
        )
    except OSError as error:
        raise Unreadable(f"Không mở được tệp “{file}”: {error.strerror}.") from error
    except DomainError as error:
        raise Unreadable(str(error)) from error
    data = json.dumps(proposal.to_data(), ensure_ascii=False, indent=1) + "\n"
    click.echo((data if form == "json" else as_proposal_text(proposal)).encode(), nl=False)


def _words_of_installation(today: date) -> tuple[WorkingCalendar, bool]:
    """Return calendar and reading of “trước ngày”; what the law says where nothing is set up."""
    url = db.engine.url
    blank = url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()
    try:
        if not blank and inspect(db.engine).has_table("history"):
            return calendar_of_papers(today, working_calendar()), all_settings()["strict_before"]
    except SQLAlchemyError as error:
        why = type(error).__name__
        click.echo(f"Không hỏi được cơ sở dữ liệu ({why}); đọc theo lịch nghỉ của luật.", err=True)
    return calendar_of_papers(today, WorkingCalendar()), RULES["strict_before"].default


def _require_tables() -> None:
    if not inspect(db.engine).has_table("history"):
        raise click.ClickException("Cơ sở dữ liệu chưa có bảng. Chạy “flask --app wsgi db upgrade” trước.")

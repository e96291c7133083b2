"""What an administrator does from a shell."""

from __future__ import annotations

import csv
import io
import json
import sys
from datetime import date, datetime
from typing import Any

import click
from flask import Blueprint
from sqlalchemy import select

from tracker.models import db
from tracker.models.units import Unit
from tracker.operations import history
from tracker.operations.history import BadLine, NotEmpty
from tracker.queries import b4
from tracker.rules.status import CELLS

bp = Blueprint("cli", __name__, cli_group=None)

DAY = click.DateTime(formats=["%Y-%m-%d"])


@bp.cli.group("history")
def history_group() -> None:
    """Load and dump everything an installation holds."""


@history_group.command("load")
@click.argument("file", type=click.File("r", encoding="utf-8"))
def load_history(file: Any) -> None:
    """Load FILE (- for standard input) into an empty installation: all of it or nothing."""
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
    for line in history.dump():
        file.write(line + "\n")


@bp.cli.command("b4")
@click.option("--assigner", required=True, help="Code of the unit that gave the tasks.")
@click.option("--from", "first", type=DAY, required=True, help="First day of the period.")
@click.option("--to", "last", type=DAY, required=True, help="Last day of the period.")
@click.option("--on", type=DAY, help="Cut-off day; the last day of the period when not said.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@click.option("--all-units", is_flag=True, help="Give units without a task a row too.")
@click.option("--output", type=click.Path(dir_okay=False), help="File to write instead of standard output.")
def print_b4(
    assigner: str, first: datetime, last: datetime, on: datetime | None, form: str, all_units: bool,
    output: str | None,
) -> None:
    """Print table B.4."""
    unit = db.session.scalar(select(Unit).where(Unit.code == assigner))
    if unit is None:
        raise click.ClickException(f"Không có đơn vị mã “{assigner}”.")
    days = [moment.date() for moment in (first, last, on or last)]
    if days[0] > days[1]:
        raise click.ClickException("Ngày đầu kỳ phải trước hoặc trùng ngày cuối kỳ.")
    if days[2] < days[0]:
        raise click.ClickException("Ngày chốt số liệu không được trước ngày đầu kỳ.")
    table = b4.table(b4.Question(unit, *days), all_units=all_units)
    text = {"json": as_json, "csv": as_csv, "table": as_text}[form](table)
    if output:
        with open(output, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    else:
        sys.stdout.write(text)


def numbers_of(row: b4.B4Row) -> dict[str, int]:
    """Return the eight numbers of a row by their names in the published format."""
    return {cell.value: row.counts.get(cell, 0) for cell in CELLS} | {"all": row.all}


def as_json(table: b4.B4Table) -> str:
    """Return a B.4 as the one JSON object that the history format describes."""
    question = table.question

    def iso(day: date) -> str:
        return day.isoformat()

    answer = {
        "assigner": {"code": question.assigner.code, "name": question.assigner.name},
        "from": iso(question.first),
        "to": iso(question.last),
        "on": iso(question.on),
        "rows": [{"unit": {"code": row.code, "name": row.name}} | numbers_of(row) for row in table.rows],
        "total": numbers_of(table.total),
        "without_deadline": table.without_deadline,
    }
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def as_csv(table: b4.B4Table) -> str:
    """Return a B.4 as CSV: code and name of the unit, then the eight numbers; the total row is last."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["unit_code", "unit_name", *(cell.value for cell in CELLS), "all"])
    for row in table.rows:
        writer.writerow([row.code, row.name, *row.cells, row.all])
    writer.writerow(["", "Tổng cộng", *table.total.cells, table.total.all])
    return out.getvalue()


def as_text(table: b4.B4Table) -> str:
    """Return a B.4 as a table for a terminal, with its title, period and note."""
    question = table.question
    heads = ["Đơn vị", "CTH chưa hạn", "CTH quá hạn", "ĐTH chưa hạn", "ĐTH quá hạn", "Chờ XN", "Đúng hạn",
             "Quá hạn", "Tất cả"]  # fmt: skip
    lines = [[row.name, *map(str, row.cells), str(row.all)] for row in table.rows]
    if len(table.rows) != 1:
        lines.append(["Tổng cộng", *map(str, table.total.cells), str(table.total.all)])
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]

    def set_line(line: list[str]) -> str:
        first, rest = line[0].ljust(widths[0]), line[1:]
        return "  ".join([first, *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))])

    period = "Từ {:%d/%m/%Y} đến {:%d/%m/%Y}, chốt số liệu ngày {:%d/%m/%Y}".format(
        question.first, question.last, question.on
    )
    note = f"Nhiệm vụ không thời hạn: {table.without_deadline}"
    return "\n".join([table.title, period, "", set_line(heads), *map(set_line, lines), "", note]) + "\n"

"""The big agreement: page, shell, workbook, frozen report, self-check and naive recount agree on every cell.

Of a random installation of 25,000 tasks (small: 1,000), on random days, on both databases. Nothing here
counts but the oracle, which knows only the lines that were loaded.
"""

import json
import re
from collections import Counter
from datetime import UTC, date, datetime
from html import unescape
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from tests.chaos.installation import LAST_DAY, Oracle, Question, questions
from tests.conftest import sign_in
from tests.sums import is_formula, worked_out
from tracker.files.b4 import Frozen
from tracker.files.b4_files import file_of
from tracker.models import db
from tracker.models.people import User
from tracker.models.report import Report
from tracker.models.units import Unit
from tracker.operations import freezing, recounting
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.frozen import open_frozen
from tracker.rules.status import CELLS

TODAY = date(2026, 10, 20)
NOW = datetime(2026, 10, 20, 2, tzinfo=UTC)

pytestmark = pytest.mark.both_databases


def test_all_ways_to_a_number_agree_on_every_cell(
    filled_app, installations, on_day, chance, size, note
):
    on_day(TODAY)
    lines = installations.lines
    oracle = Oracle(lines)
    before = db.session.scalar(select(func.count()).select_from(Report))
    client = filled_app.test_client()
    leader_id = db.session.scalar(select(User.id).where(User.login == "lanhdao"))
    sign_in(client, db.session.get_one(User, leader_id))
    shell = filled_app.test_cli_runner()

    asked = questions(chance, lines, number=size.pick(6, 50))
    cells = frozen = 0
    for question in asked:
        expected = oracle.numbers(question)
        cells += len(expected)
        counted = counted_now(question)

        assert on_page(client, "/bieu-b4", words(question)) == expected, question
        assert in_shell(shell, question) == expected, question
        assert of_rows(counted.table().rows) == expected, question
        assert in_workbook(counted) == expected, question
        assert tasks_of(counted) == oracle.tasks(question)
        number = freeze(question, leader_id)
        assert (number is None) == (not expected), question
        if number is None:
            continue
        frozen += 1
        leader = db.session.get_one(User, leader_id)
        opened = open_frozen(number, leader, day=TODAY)
        assert opened.is_intact
        assert opened.report.checksum == opened.kept.sha256 == counted.checksum
        assert on_page(client, f"/bieu-b4/da-chot/{number}", {}) == expected, question
        assert of_rows(opened.report.table().rows) == expected, question
        if frozen % 5 == 1:
            assert in_workbook(opened.report, Frozen(*opened.stamp_line)) == expected, question
        assert tasks_of(opened.report) == oracle.tasks(question)
    outcome = recounting.check_now(today=LAST_DAY)
    assert outcome.differences == outcome.corrections == []
    assert outcome.tasks == len(oracle.assigners)
    assert outcome.reports == before + frozen

    note(
        tasks=outcome.tasks, entries=outcome.entries, tables=outcome.tables, days=len(asked), frozen=frozen,
        cells=cells,
    )  # fmt: skip


def question_of(question: Question):
    """Return what is asked, of the unit that stands in the database."""
    assigner = db.session.scalar(select(Unit).where(Unit.code == question.assigner))
    return b4.Question(assigner, question.first, question.on, question.on)


def counted_now(question: Question):
    """Return the B.4 with its tasks as it is counted now."""
    return b4.report(question_of(question))


def freeze(question: Question, user_id: int) -> int | None:
    """Freeze it as the office does; return the number of the frozen report, None of an empty one."""
    db.session.remove()
    by = db.session.get_one(User, user_id)
    try:
        number = freezing.freeze(question_of(question), stamp=Stamp(on=TODAY, at=NOW, by=by)).id
    except freezing.CannotFreeze:
        number = None
    db.session.remove()
    return number


def tasks_of(report):
    """Return unit and cell of each task of a report, by key."""
    return {task.key: (task.unit, task.cell.value) for task in report.tasks}


def of_rows(rows):
    """Return the cells of rows that are not nought; their sums must be their own."""
    assert all(sum(row.cells) == row.all for row in rows)
    return Counter(
        {(row.key, cell.value): number for row in rows for cell, number in row.counts.items() if number}
    )


def on_page(client, path, asked):
    """Return the cells of a page, read from its HTML by the links of its rows; the sums must be right."""
    page = client.get(path, query_string=asked)
    assert page.status_code == 200, (path, asked)
    text = page.get_data(as_text=True)
    found, columns, total = Counter(), Counter(), None
    for line in re.findall(r"<tr><th scope=\"row\".*?</tr>", text, re.DOTALL):
        cells = re.findall(r"<td class=\"numeric.*?</td>", line, re.DOTALL)
        if len(cells) != len(CELLS) + 1:
            continue
        numbers = [int(re.sub(r"<[^>]*>|\D", "", cell)) for cell in cells]
        assert sum(numbers[:-1]) == numbers[-1], line
        link = urlsplit(unescape(re.search(r'href="([^"]*)"', cells[-1])[1]))
        key = dict(parse_qsl(link.query)).get("row")
        if key is None:
            total = numbers
            continue
        columns.update(dict(enumerate(numbers)))
        found.update({(key, cell.value): n for cell, n in zip(CELLS, numbers, strict=False) if n})
    rows = {unit for unit, _cell in found}
    assert total is None if len(rows) < 2 else [columns[place] for place in range(len(CELLS) + 1)] == total
    return found


def in_shell(shell, question: Question):
    """Return the cells that `flask b4 --format json` prints; the sums must be right."""
    said = {"assigner": question.assigner, "from": question.first, "to": question.on, "format": "json"}
    printed = shell.invoke(args=["b4", *(f"--{word}={value}" for word, value in said.items())])
    assert printed.exit_code == 0, printed.output
    data = json.loads(printed.output)
    for word in (*(cell.value for cell in CELLS), "all"):
        assert sum(row[word] for row in data["rows"]) == data["total"][word]
    return Counter({
        (row["unit"]["code"], cell.value): row[cell.value]
        for row in data["rows"] for cell in CELLS if row[cell.value]
    })  # fmt: skip


def in_workbook(report, frozen=None):
    """Return the cells of the Excel file; its formulas, worked out here, must agree with their values."""
    content = file_of("xlsx", report.table(), report, made_on=TODAY, frozen=frozen).content
    book = load_workbook(BytesIO(content), data_only=True)
    # The sheet of the tasks has no formulas; reading it twice would be most of this test.
    table, _tasks, measures = load_workbook(BytesIO(content), read_only=True).worksheets
    for sheet in (table, measures):
        shown = book[sheet.title]
        for cell in (each for row in sheet.iter_rows() for each in row if is_formula(each.value)):
            come_to = worked_out(book, shown, cell.value) or 0
            assert come_to == (shown[cell.coordinate].value or 0), cell.coordinate
    formulas, values = table, book.worksheets[0]
    lines = [row[0].row for row in formulas.iter_rows(max_col=9) if is_formula(row[8].value)]
    rows = report.table().rows
    assert len(lines) == len(rows) + (len(rows) > 1)
    if len(rows) > 1:
        assert all(is_formula(formulas.cell(lines[-1], column).value) for column in range(2, 10))
    found = {
        (row.key, cell.value): values.cell(line, column).value or 0
        for row, line in zip(rows, lines, strict=False) for column, cell in enumerate(CELLS, start=2)
    }  # fmt: skip
    return Counter({place: number for place, number in found.items() if number})


def words(question: Question):
    """Return the words of an address that ask this."""
    return {
        "assigner": question.assigner, "from": question.first.isoformat(), "to": question.on.isoformat(),
        "on": question.on.isoformat(),
    }  # fmt: skip

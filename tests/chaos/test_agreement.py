"""The big agreement: page, shell, workbook, kept report, self-check and naive recount agree on every cell.

Of a random installation of 25,000 tasks (small: 2,000), on random days, on both databases. Nothing here
counts but the oracle, which knows only the lines that were loaded.
"""

import json
import re
from collections import Counter
from datetime import date
from html import unescape
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from tests.chaos.installation import LAST_DAY, Oracle, Question, lines_of, questions
from tests.conftest import sign_in
from tracker.files.b4_files import file_of
from tracker.models import db
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import history, recounting
from tracker.queries import b4
from tracker.rules.b4_report import B4Report
from tracker.rules.status import CELLS

TODAY = date(2026, 10, 20)

pytestmark = pytest.mark.both_databases


@pytest.fixture
def installation(own_app, chance, size, on_day):
    """The lines of a random installation, loaded, and an oracle that has read them."""
    on_day(TODAY)
    lines = lines_of(chance, tasks=size.pick(2_000, 25_000))
    history.load(json.dumps(line, ensure_ascii=False) for line in lines)
    db.session.remove()
    return lines, Oracle(lines)


def test_all_ways_to_a_number_agree_on_every_cell(own_app, installation, chance, size, note):
    lines, oracle = installation
    client = own_app.test_client()
    sign_in(client, db.session.scalar(select(User).where(User.login == "lanhdao")))
    shell = own_app.test_cli_runner()

    asked = questions(chance, lines, number=size.pick(6, 50))
    cells = 0
    for question in asked:
        expected = oracle.numbers(question)
        cells += len(expected)
        of_unit = db.session.scalar(select(Unit).where(Unit.code == question.assigner))
        report = b4.report(b4.Question(of_unit, question.first, question.on, question.on))
        kept = B4Report.from_data(json.loads(json.dumps(report.to_data())))

        assert on_page(client, question) == expected, question
        assert in_shell(shell, question) == expected, question
        assert of_rows(kept.table().rows) == expected, question
        assert in_workbook(kept) == expected, question
        assert kept.checksum == report.checksum
        assert {task.key: (task.unit, task.cell.value) for task in kept.tasks} == oracle.tasks(question)
    outcome = recounting.check_now(today=LAST_DAY)
    assert outcome.differences == []
    assert outcome.tasks == len(oracle.assigners)

    note(tasks=outcome.tasks, entries=outcome.entries, tables=outcome.tables, days=len(asked), cells=cells)


def of_rows(rows):
    """Return the cells of rows that are not nought; their sums must be their own."""
    assert all(sum(row.cells) == row.all for row in rows)
    return Counter(
        {(row.key, cell.value): number for row in rows for cell, number in row.counts.items() if number}
    )


def on_page(client, question: Question):
    """Return the cells of the page, read from its HTML by the links of its rows; the sums must be right."""
    page = client.get("/bieu-b4", query_string=words(question))
    assert page.status_code == 200, question
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


def in_workbook(report):
    """Return the cells of the Excel file; its formulas, worked out here, must agree with their values."""
    content = file_of("xlsx", report.table(), report, made_on=TODAY).content
    sheets = [load_workbook(BytesIO(content), data_only=plain).worksheets[0] for plain in (False, True)]
    formulas, values = sheets
    lines = [row[0].row for row in formulas.iter_rows(max_col=9) if is_formula(row[8].value)]
    for line in lines:
        for column in range(2, 10):
            formula, shown = formulas.cell(line, column).value, values.cell(line, column).value
            assert not is_formula(formula) or worked_out(values, formula) == shown, (line, column)
    rows = report.table().rows
    assert len(lines) == len(rows) + (len(rows) > 1)
    if len(rows) > 1:
        assert all(is_formula(formulas.cell(lines[-1], column).value) for column in range(2, 10))
    found = {
        (row.key, cell.value): values.cell(line, column).value or 0
        for row, line in zip(rows, lines, strict=False) for column, cell in enumerate(CELLS, start=2)
    }  # fmt: skip
    return Counter({place: number for place, number in found.items() if number})


def is_formula(value):
    """Return whether a cell holds a sum."""
    return isinstance(value, str) and value.startswith("=SUM(")


def worked_out(sheet, formula):
    """Return what a sum over one stretch of cells comes to."""
    return sum(cell.value or 0 for row in sheet[formula[5:-1]] for cell in row)


def words(question: Question):
    """Return the words of an address that ask this."""
    return {
        "assigner": question.assigner, "from": question.first.isoformat(), "to": question.on.isoformat(),
        "on": question.on.isoformat(),
    }  # fmt: skip

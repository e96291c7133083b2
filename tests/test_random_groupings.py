"""B.4 grouped in any way, folded or not, whole or in part: the database, the report and the lines agree."""

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from sqlalchemy import select, true

from tests.b4_histories import Words, carried_on, corrected_histories, expected_of, top_of
from tests.conftest import nothing_stays
from tests.histories import ASSIGNERS
from tests.test_random_histories import EXAMPLES, load, many
from tracker.models import db
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.queries import b4
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import CHOICES, Grouping, Page
from tracker.rules.status import CELLS

pytestmark = pytest.mark.both_databases

some = settings(many, max_examples=int(EXAMPLES or 3))
"""Each history is asked in six ways on several days, so an ordinary run tries few."""

WAYS = [(grouping, False) for grouping in Grouping] + [(Grouping.UNIT, True)]


def key_of(facts, grouping, assigner, ended, folded):
    return {
        Grouping.UNIT: top_of(facts["unit"], assigner, ended) if folded else facts["unit"],
        Grouping.FIELD: facts["field"] or "",
        Grouping.DIRECTIVE: facts["directive_key"],
        Grouping.LEADER: facts["leader_login"] or "",
        Grouping.MONTH: f"{facts['given_on']:%Y-%m}",
    }[grouping]


def questions_of(lines, session):
    """Return some days of a history, each asked of every assigner: the day, the first day, the unit."""
    days = sorted({date.fromisoformat(line["on"]) for line in lines})
    for on in {days[len(days) // 2], max(days[0], days[-1] - timedelta(days=1)), days[-1]}:
        for unit in session.scalars(select(Unit).where(Unit.code.in_(ASSIGNERS)).order_by(Unit.code)):
            yield unit, on - timedelta(days=9), on


def in_pages(question, *, most):
    """Return the rows of all pages of a table, whose sums and notes must be those of the whole."""
    table, rows = b4.table(question), ()
    for skip in range(0, max(len(table.rows), 1), most):
        page = b4.page_of(question, Page(skip, most))
        assert len(page.rows) == min(most, len(table.rows) - skip)
        assert replace(page, rows=table.rows, whole=None) == table
        assert page.whole == (table.total, len(table.rows), skip)
        rows += page.rows
    return rows


@given(lines=corrected_histories())
@some
def test_every_grouping_counts_what_the_lines_say(app, lines):
    with nothing_stays(app) as session:
        load(lines)

        for unit, first, on in questions_of(lines, session):
            expected = expected_of(lines, unit.code, first=first, on=on)
            names = Words.on(lines, on).of["unit"]
            report = b4.report(b4.Question(unit, first, on, on))
            assert {
                task.key: {name: getattr(task, name) for name in expected[task.key]} for task in report.tasks
            } == expected
            assert report.assigner_name == names[unit.code]["name"]
            ended = carried_on(lines, on)
            for grouping, folded in WAYS:
                question = b4.Question(unit, first, on, on, grouping=grouping, folded=folded)
                table = b4.table(question)
                by_key = Counter(
                    (key_of(facts, grouping, unit.code, ended, folded), facts["cell"])
                    for facts in expected.values()
                )
                shown = {
                    (row.key, cell.value): number for row in table.rows for cell, number in row.counts.items()
                }

                assert shown == by_key, (unit.code, first, on, grouping, folded)
                assert table == report.table(grouping, folded=folded)
                assert table.total.all == len(expected) == sum(row.all for row in table.rows)
                assert table.total.cells == tuple(
                    sum(row.cells[at] for row in table.rows) for at in range(len(CELLS))
                )
                assert in_pages(question, most=2) == table.rows
                if grouping is Grouping.UNIT:
                    assert [row.name for row in table.rows] == [names[row.key]["name"] for row in table.rows]
                    assert all(row.depth == 0 for row in table.rows) or not folded


@given(lines=corrected_histories(most_events=25))
@some
def test_every_number_of_every_grouping_opens_exactly_its_tasks(app, lines):
    with nothing_stays(app) as session:
        load(lines)
        keys = {task.id: task.key for task in session.scalars(select(Task))}

        for unit, first, on in questions_of(lines, session):
            report = b4.report(b4.Question(unit, first, on, on))
            for grouping, folded in WAYS:
                question = b4.Question(unit, first, on, on, grouping=grouping, folded=folded)
                for row in b4.table(question).rows:
                    for word in ("all", "fallen_due", *(cell.value for cell in CELLS)):
                        behind = b4.tasks_behind(question, row_key=row.key, cell=word)
                        opened = {keys[task.task_id] for task in db.session.execute(behind)}
                        twin = report.behind(row.key, word, grouping=grouping, folded=folded)

                        assert opened == {task.key for task in twin}, (unit.code, on, grouping, row.key, word)
                        assert b4.count(behind) == len(opened)
                        if not CHOICES[word].fallen_due:
                            assert len(opened) == row.number_of(word)


@given(lines=corrected_histories(most_events=30))
@some
def test_a_part_counts_its_units_in_every_grouping(app, lines):
    mine = {"xa-1", "to-1", "phong-a"}
    with nothing_stays(app) as session:
        load(lines)
        part = b4.Part(units=select(Unit.id).where(Unit.code.in_(mine)), tasks=true())

        for unit, first, on in questions_of(lines, session):
            whole = b4.report(b4.Question(unit, first, on, on))
            report = b4.report(b4.Question(unit, first, on, on, part=part))
            assert report.tasks == whole.part(mine).tasks
            for grouping, folded in WAYS:
                asked = b4.Question(unit, first, on, on, part=part, grouping=grouping, folded=folded)
                assert b4.table(asked) == report.table(grouping, folded=folded)


@given(lines=corrected_histories(most_events=25))
@some
def test_a_report_comes_back_from_its_plain_data_with_the_same_checksum(app, lines):
    with nothing_stays(app) as session:
        load(lines)

        for unit, first, on in questions_of(lines, session):
            report = b4.report(b4.Question(unit, first, on, on))
            again = B4Report.from_data(json.loads(json.dumps(report.to_data(), ensure_ascii=False)))

            assert again == report
            assert again.checksum == report.checksum
            assert again.table(Grouping.FIELD) == report.table(Grouping.FIELD)

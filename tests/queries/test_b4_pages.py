"""A page of B.4 by directive is a piece of the whole table, in its order, with the sums of the whole."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from tests.counting import statements
from tracker.models import db
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import directives
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.rules.b4_table import Grouping, Page
from tracker.rules.status import State

pytestmark = pytest.mark.both_databases

ON, LATER = date(2026, 3, 25), date(2026, 4, 10)
ISSUED = (9, 3, 3, 27, 3, 12)
"""Days of February on which the directives of the fixture were issued, in the order of their ids."""


def asked(cast, on=ON, **values) -> b4.Question:
    return b4.Question(cast.city, date(2026, 1, 1), on, on, grouping=Grouping.DIRECTIVE, **values)


@pytest.fixture
def papers(cast):
    """Directives issued in another order than registered, three on one day, each with tasks in two states."""
    made = []
    for number, day in enumerate(ISSUED):
        paper = cast.make_directive(key="dBabCe"[number], issued_on=date(2026, 2, day))
        cast.make_task(directive=paper, due_on=date(2026, 3, 20))
        cast.make_task(directive=paper, unit=cast.commune, due_on=None, state=State.COMPLETED)
        made.append(paper)
    return made


def pages(question, most):
    whole = b4.table(question)
    return [b4.page_of(question, Page(skip, most)) for skip in range(0, len(whole.rows), most)]


@pytest.mark.parametrize("most", [1, 4, 6, 7])
def test_the_pages_together_are_the_table_and_each_knows_the_whole(cast, papers, most):
    whole = b4.table(asked(cast))

    found = pages(asked(cast), most)

    assert len(whole.rows) == len(papers)
    assert tuple(row for page in found for row in page.rows) == whole.rows
    for number, page in enumerate(found):
        assert replace(page, rows=whole.rows, whole=None) == whole
        assert page.whole == (whole.total, len(papers), number * most)
        assert (page.total, page.rates, page.four_counts) == (whole.total, whole.rates, whole.four_counts)


def test_beyond_the_end_stands_the_first_page_and_of_nothing_an_empty_one(cast, papers):
    first = b4.page_of(asked(cast), Page(0, 4))

    assert b4.page_of(asked(cast), Page(40, 4)) == first
    empty = b4.page_of(asked(cast, on=date(2026, 2, 1)), Page(40, 4))
    assert (empty.rows, empty.total.all, empty.whole.size) == ((), 0, 0)


def test_a_day_of_issue_that_was_corrected_later_sorts_by_what_it_was(cast, papers):
    before = pages(asked(cast), 2)

    directives.correct(papers[3], stamp=Stamp(on=LATER), issued_on=date(2026, 2, 1))

    assert pages(asked(cast), 2) == before
    assert pages(asked(cast, on=LATER), 2)[0].rows[0].key == papers[3].key


NUMBERS = (
    "0999/UBND", "1000/UBND", "1234567890123456789/A", "1234567890123456/B", "12a", "2e3", "2.9",
    "-5/UBND", " 7/UBND", "Số 3", "٣/UBND", "12/UBND", None,
)  # fmt: skip
"""Numbers of one day, as people write them and otherwise."""


def test_papers_of_one_day_stand_by_number_and_those_without_one_last(cast):
    for number in ("1000/UBND-NV", None, "99/UBND-NV", "254/UBND-NV", "Số 3"):
        cast.make_task(directive=cast.make_directive(number=number, subject="a"))

    names = [row.code for page in pages(asked(cast), 2) for row in page.rows]

    assert names[:3] == ["99/UBND-NV", "254/UBND-NV", "1000/UBND-NV"]
    assert sorted(names[3:]) == ["", "Số 3"]


@pytest.mark.parametrize("keys", ["abcdefghijklm", "mlkjihgfedcba"])
def test_whatever_stands_as_a_number_the_database_sorts_as_python_does(cast, keys):
    for key, number in zip(keys, NUMBERS, strict=True):
        cast.make_task(directive=cast.make_directive(number=number, key=key, subject="a"))

    found = pages(asked(cast), 1)

    assert [page.rows[0] for page in found] == list(b4.table(asked(cast)).rows)


def test_a_number_that_was_corrected_later_sorts_by_what_it_was(cast):
    papers = [cast.make_directive(number=number) for number in ("1/UBND", "2/UBND", "3/UBND")]
    for paper in papers:
        cast.make_task(directive=paper)
    before = pages(asked(cast), 1)

    directives.correct(papers[0], stamp=Stamp(on=LATER), number="9/UBND")

    assert pages(asked(cast), 1) == before
    assert pages(asked(cast, on=LATER), 3)[0].rows[-1].key == papers[0].key


def test_a_part_has_the_pages_of_its_own_papers(cast, papers):
    lead = Unit.id == cast.lead.id
    part = b4.Part(units=select(Unit.id).where(lead), tasks=Task.unit_id == cast.lead.id)
    cast.make_task(directive=cast.make_directive(), unit=cast.commune)
    db.session.commit()

    found = pages(asked(cast, part=part), 4)

    assert [row.all for page in found for row in page.rows] == [1] * len(papers)
    assert found[0].total.all == len(papers)


def test_a_page_asks_a_few_statements_however_many_papers_there_are(cast, papers):
    def asks(most):
        question, page = asked(cast), Page(0, most)
        assert question.assigner.code
        with statements() as seen:
            b4.page_of(question, page)
        return len(seen)

    few = asks(2)
    for more in range(5):
        cast.make_task(directive=cast.make_directive(issued_on=date(2026, 2, 1) + timedelta(days=more)))

    assert asks(100) == asks(2) == few <= 4

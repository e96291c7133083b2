"""A page of a long table: by directive one may have more rows than anybody reads on a screen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, Integer, cast, func, literal_column, select, union_all

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.statements import by_code_points, first_number, prepared
from tracker.queries.b4.counting import (
    apart,
    by_cell,
    counting_sql,
    id_and_place,
    number_of,
    table,
    whole_asked,
)
from tracker.queries.b4.grouping import columns_of, directives_corrected
from tracker.queries.b4.papers import directive_heads
from tracker.queries.b4.population import Question
from tracker.queries.b4.units import read_units
from tracker.rules.b4_table import (
    NO_NUMBER,
    NUMBER_DIGITS,
    B4Table,
    Grouping,
    Head,
    Page,
    Whole,
    notes_of,
    paged,
    rows_of,
)

_ORDER = {"issued_on", "number"}
"""The facts of a directive that its place among the rows follows from."""
_TOTAL, _SIZE = 0, -1
"""In place of the id of a directive: the sums over all of them, and how many there are."""


def page_of(question: Question, page: Page) -> B4Table:
    """Return the `table` of a question with the rows of one page only; beyond its end those of the first.

    By directive the database counts all and tells this page and the sums of all. It sorts by the days of
    issue and numbers of today: where one was corrected after the cut-off day, the whole table is read.
    """
    then = directives_corrected(question)
    if question.grouping is not Grouping.DIRECTIVE or any(_ORDER & facts.keys() for facts in then.values()):
        return paged(table(question), page)
    told = _count(question, page)
    size = sum(tasks for (number,), _place, tasks, *_rest in told if number == _SIZE)
    if page.start(size) != page.skip:
        return page_of(question, page._replace(skip=0))
    ids = dict.fromkeys([number for (number,), *_counted in told if number > _TOTAL])
    names, heads = directive_heads(list(ids), then)
    in_all = by_cell([row for row in told if row[0] == (_TOTAL,)], {(_TOTAL,): ""})
    counted = by_cell(
        [row for row in told if row[0][0] > _TOTAL], {(number,): key for number, key in names.items()}
    )
    (total,) = rows_of([Head("", "", "")], in_all)
    return B4Table(
        question.assigner.code, read_units(question, [], all_below=False).assigner_name,
        question.first, question.last, question.on, question.grouping, rows=rows_of(heads, counted),
        **notes_of(in_all), whole=Whole(total, size, page.skip),
    )  # fmt: skip


def _count(question: Question, page: Page) -> list[tuple[Any, ...]]:
    """Return what is counted of each directive of the page; of `_TOTAL`, the sums over all directives; and
    of `_SIZE` how many there are. One statement."""
    if question.part is None:
        asked = {"assigner": question.assigner.id, "first": question.first, "on": question.on}
        return apart(_page_of_any(**asked, skip=page.skip, most=page.most))
    return apart(db.session.execute(_page_sql(question, page.skip, page.most)))


@prepared
def _page_of_any(assigner: Any, first: Any, on: Any, skip: Any, most: Any) -> CompoundSelect[Any]:
    return _page_sql(whole_asked(Grouping.DIRECTIVE, assigner, first, on), skip, most)


def _page_sql(question: Question, skip: Any, most: Any) -> CompoundSelect[Any]:
    counting = counting_sql(question, columns_of(Grouping.DIRECTIVE, {}))
    told = counting.cte("told").prefix_with("MATERIALIZED")
    both, *numbers = told.c
    one_id, place = id_and_place(both)
    papers = select(Directive.id).where(Directive.id.in_(select(one_id)))
    number = first_number(Directive.number, digits=NUMBER_DIGITS, otherwise=NO_NUMBER)
    in_order = papers.order_by(Directive.issued_on, number, by_code_points(Directive.key))
    nothing = literal_column("0", Integer())
    return union_all(
        select(both, *numbers).where(one_id.in_(in_order.limit(most).offset(skip))),
        select(place, *(cast(func.sum(each), Integer()) for each in numbers)).group_by(place),
        select(
            number_of(literal_column(str(_SIZE)), nothing), func.count(one_id.distinct()),
            *[nothing] * (len(numbers) - 1),
        ),
    )  # fmt: skip

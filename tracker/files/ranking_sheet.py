"""The ranking as an Excel workbook: the table, the parts of each score, the formula."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tracker.files.overdue_words import day_words
from tracker.files.ranking_words import (
    FIGURES,
    HEAD_OF_UNIT,
    PART_WORDS,
    figure_of,
    formula_words,
    heads_words,
    marks_of,
    period_words,
    place_words,
    reason_words,
    title_words,
)
from tracker.files.sheet import Book, Cell, Column, Kind, Sheet
from tracker.language import gettext as _
from tracker.rules.ranking import Measure, RankedUnit, Ranking

SUMMED = frozenset({
    Measure.COUNTED, Measure.ON_TIME, Measure.LATE, Measure.OVERDUE, Measure.ASKED, Measure.GRANTED,
    Measure.REWORK, Measure.BEFORE, Measure.AFTER, Measure.URGED,
})  # fmt: skip
"""The columns that a total row sums; averages and the worst are no sums."""
MOST_ON_A_PAGE = 24
"""Units that are still easy to read when they stand on one page with the formula below them."""


def as_xlsx(ranking: Ranking, *, made_on: date) -> bytes:
    """Return the workbook of a ranking, whole or a part; the same ranking and day give the same bytes."""
    book = Book(title_words(ranking), made_on=made_on)
    _table(book.sheet(_("Xếp hạng")), ranking, made_on)
    _parts(book.sheet(_("Vì sao")), ranking)
    return book.as_bytes()


def _table(sheet: Sheet, ranking: Ranking, made_on: date) -> None:
    sheet.title(title_words(ranking).upper())
    sheet.line(period_words(ranking))
    columns = [
        Column(_("Hạng"), 13), Column(_("Đơn vị"), 28), Column(_(HEAD_OF_UNIT), 24),
        *(Column(_(head), 8, _kind_of(measure), _(group) if group else "")
          for measure, group, head in FIGURES),
        Column(_("Điểm"), 8, "decimal"), Column(_("Ghi chú"), 22),
    ]  # fmt: skip
    if len(ranking.rows) <= MOST_ON_A_PAGE:
        sheet.on_one_page()
    total = _("Cộng") if len(ranking.rows) > 1 and not ranking.is_part else None
    sheet.table(columns, [_row(row) for row in ranking.rows], total=total)
    sheet.gap()
    sheet.line(_("Cách tính điểm"), bold=True)
    for line in formula_words(ranking.formula):
        sheet.line(line)
    sheet.line(_("Lập ngày %(day)s.", day=day_words(made_on)))


def _kind_of(measure: Measure) -> Kind:
    if measure in (Measure.LATE_DAYS, Measure.RESPONSE):
        return "decimal"
    return "number" if measure in SUMMED else "figure"


def _row(row: RankedUnit) -> list[Cell]:
    place: Cell = row.place if row.place is not None else place_words(row)
    notes = "\n".join(words for _measure, words in marks_of(row))
    figures = (figure_of(row.figures, measure) for measure, _group, _head in FIGURES)
    return [
        place, row.unit.name, heads_words(row), *figures,
        Fraction(row.score.printed) if row.score.printed is not None else None, notes,
    ]  # fmt: skip


def _parts(sheet: Sheet, ranking: Ranking) -> None:
    sheet.title(_("Vì sao được số điểm này"))
    sheet.line(period_words(ranking))
    columns = [
        Column(_("Đơn vị"), 30), Column(_("Phần"), 38), Column(_("Trọng số"), 10, "figure"),
        Column(_("Số liệu"), 60), Column(_("Kết quả"), 10, "percent"),
        Column(_("Điểm tối đa"), 12, "decimal"), Column(_("Điểm"), 10, "decimal"),
    ]  # fmt: skip
    rows: list[list[Cell]] = [
        [
            row.unit.name, _(PART_WORDS[part.part]), part.weight, reason_words(part, ranking.formula),
            part.share, row.score.most(part), row.score.points(part),
        ]
        for row in ranking.rows
        if ranking.may_open(row)
        for part in row.score.parts
        if part.weight
    ]  # fmt: skip
    sheet.table(columns, rows)

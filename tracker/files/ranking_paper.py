"""The ranking as a Word paper of the kind “báo cáo” (Nghị định 30/2020): table, formula, parts."""

from __future__ import annotations

from datetime import date

from tracker.files.overdue_words import number_words, rate_words
from tracker.files.paper import Band, Column, Paper
from tracker.files.ranking_words import (
    FIGURES,
    PART_WORDS,
    decimal_words,
    figure_words,
    formula_words,
    heads_words,
    marks_of,
    period_words,
    place_words,
    reason_words,
)
from tracker.language import gettext as _
from tracker.rules.papers import Issuer, issuing_body, notation_of, place_of, signing_lines
from tracker.rules.ranking import RankedUnit, Ranking

TABLE_PT = 10


def as_docx(ranking: Ranking, *, made_on: date, issuer: Issuer | None = None) -> bytes:
    """Return the paper of a ranking, by default issued by the assigner; the same facts give the same bytes.

    A part is issued by the unit whose part it is.
    """
    assigner = Issuer(ranking.assigner_name, ranking.above, ranking.title_of_head)
    name, above, title = issuer or assigner
    about = _("Xếp hạng trách nhiệm người đứng đầu\ntrong thực hiện nhiệm vụ do %(name)s giao",
              name=assigner.name)  # fmt: skip
    paper = Paper(about.replace("\n", " "), made_on=made_on)
    paper.head(
        issuing_body(name, above), notation=notation_of(name, "BC"), place=place_of([name, *above]),
        on=made_on,
    )  # fmt: skip
    paper.kind(_("Báo cáo"), about)
    paper.paragraph(period_words(ranking), italic=True, align="center")
    paper.paragraph(_situation(ranking))
    paper.paragraph(_("Bảng xếp hạng và điểm từng phần của mỗi đơn vị ở Phụ lục I, Phụ lục II kèm theo."))
    paper.heading(_("CÁCH TÍNH ĐIỂM"))
    for line in formula_words(ranking.formula):
        paper.paragraph(f"- {line}")
    copies = [_("Lãnh đạo %(name)s", name=name), _("Các đơn vị có tên trong bảng"), _("Lưu: VT")]
    paper.sign(signing_lines(name, title), recipients=copies)
    paper.turn(landscape=True)
    _table(paper, ranking)
    paper.turn(landscape=True)
    _parts(paper, ranking)
    return paper.as_bytes()


def _situation(ranking: Ranking) -> str:
    if ranking.is_part:
        return _("Phần của đơn vị, trong số %(n)s đơn vị được xếp hạng.", n=number_words(ranking.ranked))
    return _(
        "Có %(n)s đơn vị được xếp hạng và %(others)s đơn vị không xếp hạng.", n=number_words(ranking.ranked),
        others=number_words(len(ranking.without_place)),
    )  # fmt: skip


def _table(paper: Paper, ranking: Ranking) -> None:
    paper.paragraph(_("Phụ lục I"), bold=True, align="center")
    paper.paragraph(_("BẢNG XẾP HẠNG"), bold=True, align="center")
    paper.paragraph(period_words(ranking), italic=True, align="center")
    columns = [
        Column(_("Hạng"), 20, "center"), Column(_("Đơn vị, thủ trưởng"), 58),
        *(Column(_(head), 15, "right", _(group) if group else "") for _measure, group, head in FIGURES),
        Column(_("Điểm"), 15, "right"),
    ]  # fmt: skip
    total = None
    if len(ranking.rows) > 1 and not ranking.is_part:
        figures = [figure_words(ranking.total, measure) for measure, _group, _head in FIGURES]
        total = ["", _("Cộng"), *figures, ""]
    paper.table(columns, [_row(row) for row in ranking.rows], total=total, size=TABLE_PT)


def _row(row: RankedUnit) -> list[str]:
    unit = [row.unit.name, heads_words(row), *(f"({words})" for _measure, words in marks_of(row))]
    figures = (figure_words(row.figures, measure) for measure, _group, _head in FIGURES)
    return [place_words(row), "\n".join(unit), *figures, decimal_words(row.score.printed)]


def _named(row: RankedUnit) -> str:
    name, score = row.unit.name, decimal_words(row.score.printed)
    if row.place is None:
        why = place_words(row)
        return _("%(name)s: %(score)s điểm, không xếp hạng (%(why)s)", name=name, score=score, why=why)
    return _("%(name)s: %(score)s điểm, hạng %(place)s", name=name, score=score, place=row.place)


def _parts(paper: Paper, ranking: Ranking) -> None:
    paper.paragraph(_("Phụ lục II"), bold=True, align="center")
    paper.paragraph(_("ĐIỂM TỪNG PHẦN CỦA MỖI ĐƠN VỊ"), bold=True, align="center")
    columns = [
        Column(_("Phần"), 60), Column(_("Số liệu"), 110), Column(_("Kết quả"), 22, "right"),
        Column(_("Điểm tối đa"), 22, "right"), Column(_("Điểm"), 22, "right"),
    ]  # fmt: skip
    lines: list[list[str] | Band] = []
    for row in ranking.rows:
        if not ranking.may_open(row):
            continue
        lines.append(Band(_named(row)))
        lines += [
            [
                _(PART_WORDS[part.part]), reason_words(part, ranking.formula), rate_words(part.share),
                decimal_words(row.score.most(part)), decimal_words(row.score.points(part)),
            ]
            for part in row.score.parts
            if part.weight
        ]  # fmt: skip
    paper.table(columns, lines, size=TABLE_PT)

"""Table B.4 as a Word paper in the form of Nghị định 30/2020: head, title, table, rates, signature, tasks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from textwrap import wrap
from typing import NamedTuple

from tracker.files import b4
from tracker.files.b4 import Frozen
from tracker.files.b4_words import (
    HEADS,
    cell_words,
    change_words,
    frozen_words,
    move_words,
    name_words,
    paper_words,
    period_words,
    reading_words,
    rule_words,
    scope_words,
    undated_words,
    with_change,
)
from tracker.files.overdue_words import day_words, number_words, rate_words
from tracker.files.paper import Column, Paper
from tracker.language import gettext as _
from tracker.rules.b4_report import B4Report, Move
from tracker.rules.b4_table import B4Row, B4Table, Change, Compared
from tracker.rules.papers import Issuer, IssuingBody, issuing_body, notation_of, place_of, signing_lines
from tracker.rules.words import CHOICE_TITLES, RATE_TITLES

LIST_PT = 10
MOST_LISTED = 2_000
"""Tasks that a paper lists: more would be hundreds of pages, and are in the workbook."""
A_STEP = 500
"""Tasks between two words to who waits."""


class Lay(NamedTuple):
    """How the table lies on the paper: shares of the width of its columns, and its letters in points."""

    name: float
    cell: float
    all: float
    size: float


ACROSS, UPRIGHT = Lay(80, 20, 18, 12), Lay(40, 16, 14, 11)
UPRIGHT_LINES = 11
"""Lines of a table that fill one upright page with the usual lines around it."""
USUAL_LINES = 6
"""Two for the issuing body, one for its leaders among the receivers, three for notes."""
ROW_LETTERS, BODY_LETTERS, COPY_LETTERS, NOTE_LETTERS = 20, 24, 38, 84
"""Letters of a line, on an upright page, of the first column, the issuing body, the receivers and a note."""


def as_docx(
    table: B4Table, report: B4Report, *, made_on: date, both: Compared | None = None,
    frozen: Frozen | None = None, issuer: Issuer | None = None, appendix: bool = True,
    moves: Mapping[str, Move] | None = None, wrote: Callable[[int], None] | None = None,
) -> bytes:  # fmt: skip
    """Return the paper of a B.4, issued by the assigner; a part is issued by the unit (`issuer`) it is of.

    Beside an earlier table (`both`) an annex tells what changed since. `appendix` adds the list of tasks,
    unless there are more than `MOST_LISTED`; beside the unit of a task that
    `moves` names stands from which one it came. `wrote` is told how many of them are written; what it raises
    passes. The same arguments give the same bytes.
    """
    who = issuer or Issuer(report.assigner_name, report.above, report.title_of_head)
    ends = [frozen_words(frozen) if frozen else rule_words(report.rule)]
    if appendix and len(report.tasks) > MOST_LISTED:
        count = number_words(len(report.tasks))
        ends.insert(0, _("Danh sách %(count)s nhiệm vụ được đếm trong biểu có trong tệp Excel.", count=count))
    body = issuing_body(who.name, who.above)
    lay = UPRIGHT if _is_short(table, body, who.name, ends) else ACROSS
    paper = Paper(table.title, made_on=made_on, landscape=lay is ACROSS)
    place = place_of([who.name, *who.above])
    paper.head(body, notation=notation_of(who.name, "BC"), place=place, on=made_on)
    paper.kind(table.title, period_words(table))
    _table(paper, table, lay)
    _rates(paper, table)
    for each in ends:
        paper.note(each)
    copies = [who.above[0]] if body.superior else []
    receivers = [] if table.part_of else [_("Các đơn vị được giao nhiệm vụ")]
    copies += [_leaders(who.name), *receivers, _("Lưu: VT")]
    paper.sign(signing_lines(who.name, who.title_of_head), recipients=copies, in_table=True)
    has_list = appendix and 0 < len(report.tasks) <= MOST_LISTED
    if both is not None:
        paper.turn(landscape=True)
        _changes(paper, table, both, _("Phụ lục I") if has_list else _("Phụ lục"))
    if has_list:
        paper.turn(landscape=True)
        _tasks(paper, table, report, _("Phụ lục II") if both else _("Phụ lục"), moves or {}, wrote)
    return paper.as_bytes()


def _is_short(table: B4Table, body: IssuingBody, name: str, ends: Sequence[str]) -> bool:
    """Return whether all up to the signature has room on one upright page; what has not lies across, where
    names and numbers have more of it."""
    if len(table.rows) >= UPRIGHT_LINES:
        return False
    names = [name_words(row) for row in table.rows] + ([b4.TOTAL] if len(table.rows) > 1 else [])
    superior = [body.superior] if body.superior else []
    lines = (
        _lines(names, ROW_LETTERS) + _lines([*superior, *body.lines], BODY_LETTERS)
        + _lines([_leaders(name)], COPY_LETTERS) + _lines([_note(table), *ends], NOTE_LETTERS)
    )  # fmt: skip
    return lines <= UPRIGHT_LINES + USUAL_LINES


def _lines(texts: Sequence[str], letters: int) -> int:
    return sum(len(wrap(text, letters)) for text in texts)


def _leaders(name: str) -> str:
    return _("Lãnh đạo %(name)s", name=name)


def _columns(table: B4Table, lay: Lay) -> list[Column]:
    return [
        Column(_(HEADS[table.grouping]), lay.name),
        *(Column(head, lay.cell, "right", group) for group, head in b4.COLUMNS),
        Column(b4.ALL, lay.all, "right"),
    ]  # fmt: skip


def _note(table: B4Table) -> str:
    said = [reading_words(), *scope_words(table)]
    return _("Ghi chú: %(undated)s %(reading)s", undated=undated_words(table), reading=" ".join(said))


def _table(paper: Paper, table: B4Table, lay: Lay) -> None:
    rows = [
        [name_words(row), *map(number_words, (*row.cells, row.all))] for row in table.rows
    ]
    total = [b4.TOTAL, *map(number_words, (*table.total.cells, table.total.all))]
    paper.table(_columns(table, lay), rows, total=total if len(rows) > 1 else None, size=lay.size)
    paper.note(_note(table))


def _rates(paper: Paper, table: B4Table) -> None:
    paper.heading(_("Tỷ lệ hoàn thành"))
    for title, rate in zip(RATE_TITLES, table.rates, strict=True):
        divided = f"{number_words(rate.numerator)} ÷ {number_words(rate.denominator)}"
        whole = f"{divided} = {rate_words(rate.ratio)}".replace(" ", "\u00a0")  # never parted by a line's end
        paper.paragraph(_("- %(title)s: %(rate)s.", title=_(title), rate=whole), close=True)
    counts = ", ".join(
        f"{_(CHOICE_TITLES[word]).lower()} {number_words(number)}" for word, number in table.four_counts
    )
    words = _("Theo bốn chỉ tiêu của Văn phòng Chính phủ: %(counts)s nhiệm vụ.", counts=counts)
    paper.paragraph(words, close=True)


def _changes(paper: Paper, table: B4Table, both: Compared, name: str) -> None:
    then = both.then
    paper.paragraph(name, bold=True, align="center")
    paper.paragraph(
        _("SO VỚI SỐ LIỆU CHỐT HẾT NGÀY %(day)s", day=day_words(then.on)), bold=True, align="center"
    )
    paper.paragraph(change_words(table, then), italic=True, align="center")

    def line(name: str, row: B4Row, change: Change) -> list[str]:
        numbers = zip((*row.cells, row.all), (*change.cells, change.all), strict=True)
        return [name, *(with_change(number, changed) for number, changed in numbers)]

    rows = [
        line(name_words(row), row, both.changes.rows[row.key]) for row in both.rows
    ]
    total = line(b4.TOTAL, table.total, both.changes.total)
    columns = _columns(table, ACROSS)
    paper.table(columns, rows, total=total if len(rows) > 1 else None, size=ACROSS.size)
    paper.note(_("Trong ngoặc là số tăng (+) hoặc giảm (−); số không có ngoặc là không đổi."))
    paper.heading(_("Tỷ lệ hoàn thành"))
    for title, before, now in zip(RATE_TITLES, then.rates, table.rates, strict=True):
        paper.paragraph(
            _("- %(title)s: %(rate)s; ngày %(day)s: %(before)s.", title=_(title), rate=rate_words(now.ratio),
              day=day_words(then.on), before=rate_words(before.ratio))
        )  # fmt: skip


def _tasks(
    paper: Paper, table: B4Table, report: B4Report, name: str, moves: Mapping[str, Move],
    wrote: Callable[[int], None] | None,
) -> None:  # fmt: skip
    paper.paragraph(name, bold=True, align="center")
    paper.paragraph(_("DANH SÁCH NHIỆM VỤ ĐƯỢC ĐẾM TRONG BIỂU"), bold=True, align="center")
    paper.paragraph(period_words(table), italic=True, align="center")
    columns = [
        Column(_("STT"), 10, "center"), Column(_("Nội dung nhiệm vụ"), 82), Column(_("Đơn vị chủ trì"), 36),
        Column(_("Văn bản"), 46), Column(_("Hạn"), 20, "center"), Column(_("Báo cáo"), 20, "center"),
        Column(_("Được đếm ở cột"), 34), Column(_("Quá hạn (ngày)"), 17, "right"),
    ]  # fmt: skip
    names = {unit.code: unit.name for unit in report.units}
    lines = []
    for place, task in enumerate(report.tasks, start=1):
        unit_name, move = names[task.unit], moves.get(task.key)
        lines.append([
            str(place), task.content, f"{unit_name} ({move_words(move)})" if move else unit_name,
            paper_words(task),
            day_words(task.due_on) if task.due_on else _("không thời hạn"), day_words(task.reported_on),
            cell_words(task.cell), number_words(task.days) if task.days else "",
        ])  # fmt: skip
        if wrote is not None and place % A_STEP == 0:
            wrote(place)
    paper.table(columns, lines, size=LIST_PT)

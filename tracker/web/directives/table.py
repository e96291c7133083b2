"""Giving many items of a directive at once: a table to type in, or rows pasted from a sheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField, FieldList, FormField
from wtforms import Form as PlainForm

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import series, tasks
from tracker.queries.giving import GROUPS, Recipient, recipients, unit_named
from tracker.rules.permissions import Permission
from tracker.rules.unit_groups import CERTAIN, group_of
from tracker.web.access import requires
from tracker.web.deadlines import Deadline, read_phrase
from tracker.web.directives.blueprint import bp, load_directive
from tracker.web.directives.giving import WithPersons, must_be_confirmed, refusal_of
from tracker.web.directives.recurring import plan_of
from tracker.web.forms import PARAGRAPHS, line, paragraphs

ROWS = 5
"""Empty rows of a new table, and how many each further step adds."""
MOST_ROWS = 100
COLUMNS = ("item", "content", "lead", "due_phrase", "product")
"""The columns, in the order in which a sheet is pasted."""


class RowForm(PlainForm):
    """One row: one item, its lead units, its deadline."""

    item = line(lazy_gettext("Mục"), most=64)
    content = paragraphs(lazy_gettext("Nội dung"))
    lead = line(lazy_gettext("Chủ trì"), most=2_000)
    due_phrase = line(lazy_gettext("Thời hạn"), most=500)
    product = line(lazy_gettext("Sản phẩm"), most=1_000)

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed in this row."""
        return not any(self[name].data for name in COLUMNS)


@dataclass
class Row:
    """What a row of the table asks for, as far as it could be read."""

    form: RowForm
    unit_ids: list[int] = field(default_factory=list)
    deadline: Deadline | None = None

    @property
    def recurs(self) -> bool:
        """Whether its deadline comes again: it is given as a series."""
        return self.deadline is not None and self.deadline.reading.pattern is not None


class TableForm(WithPersons):
    """Many items at once; `pasted` holds tab-separated text from a sheet."""

    rows = FieldList(FormField(RowForm), min_entries=ROWS, max_entries=MOST_ROWS)
    pasted = paragraphs(lazy_gettext("Dán từ Excel"), most=20 * PARAGRAPHS)
    confirmed = BooleanField(lazy_gettext("Tôi đã kiểm tra, vẫn giao với các thời hạn này"))

    def add_rows(self, values: Sequence[dict[str, str]]) -> int:
        """Put these rows in the place of empty ones, then below; return how many found no room."""
        blank = [entry for entry in self.rows if entry.form.is_blank]
        left = list(values)
        while left and blank:
            entry, value = blank.pop(0), left.pop(0)
            for name, text in value.items():
                entry.form[name].data = text
        while left and len(self.rows) < MOST_ROWS:
            self.rows.append_entry(left.pop(0))
        return len(left)

    def number_rows(self) -> None:
        """Let each label say its row, so that a message about a field says where it is."""
        for number, entry in enumerate(self.rows, start=1):
            for name in COLUMNS:
                label = entry.form[name].label
                label.text = _("%(field)s, dòng %(number)s", field=label.text, number=number)

    def add_blank_rows(self) -> None:
        """Add some empty rows below."""
        for _number in range(min(ROWS, MOST_ROWS - len(self.rows))):
            self.rows.append_entry()


def read_rows(form: TableForm, directive: Directive, units: Sequence[Recipient], *, draft: bool) -> list[Row]:
    """Read every row that is not blank; what is missing or cannot be read becomes an error of its field."""
    found = []
    for entry in form.rows:
        row = Row(entry.form)
        if row.form.is_blank:
            continue
        found.append(row)
        _need(row.form.content, _("Nhập nội dung nhiệm vụ."))
        _need(row.form.lead, _("Nhập đơn vị chủ trì."))
        row.unit_ids, unknown = _units_named(row.form.lead.data or "", units)
        if unknown:
            _add_error(
                row.form.lead,
                _("Không rõ đơn vị “%(name)s”. Chọn tên trong danh sách gợi ý.", name=unknown[0]),
            )
        phrase = row.form.due_phrase.data or ""
        row.deadline = read_phrase(phrase, issued_on=directive.issued_on)
        if message := refusal_of(phrase, directive.issued_on, draft=draft):
            _add_error(row.form.due_phrase, message)
    form.rows.errors = [entry.errors for entry in form.rows if entry.errors]
    return found


def _need(field_: Any, message: str) -> None:
    if not field_.data:
        _add_error(field_, message)


def _add_error(field_: Any, message: str) -> None:
    field_.errors = [*field_.errors, message]


def _units_named(words: str, units: Sequence[Recipient]) -> tuple[list[int], list[str]]:
    """Return the units that a field names, separated by semicolons, and the words that name none."""
    chosen: set[int] = set()
    unknown = []
    for name in (part.strip() for part in words.split(";")):
        if not name:
            continue
        unit, group = unit_named(name, units), group_of(name)
        key = group.key if group and group.sure >= CERTAIN and not group.body else None
        members = {unit.id} if unit else {each.id for each in units if each.group == key}
        if members:
            chosen |= members
        else:
            unknown.append(name)
    return [unit.id for unit in units if unit.id in chosen], unknown


def read_pasted(text: str) -> list[dict[str, str]]:
    """Return the rows of tab-separated text as a sheet copies it: item, content, lead, deadline, product.

    A cell with line breaks stands in quotes. A first row of column names is left out.
    """
    found = []
    for cells in csv.reader(io.StringIO(text), delimiter="\t"):
        values = {name: cell.strip() for name, cell in zip(COLUMNS, cells, strict=False)}
        if any(values.values()):
            found.append(values)
    heads = ("mục", "stt", "tt", "nội dung")
    if found and any(found[0].get(name, "").lower() in heads for name in ("item", "content")):
        found = found[1:]
    return found


@bp.route("/van-ban/<id:directive_id>/giao-nhieu", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def give_table(directive_id: int) -> ResponseReturnValue:
    """Give many items of a directive at once, as tasks or as drafts, all of them or none."""
    directive = load_directive(directive_id, to_write=True)
    units = recipients(directive.issuer, day=g.today)
    form, step = TableForm(), request.form.get("step", "")
    form.offer_persons(directive)
    if not form.is_submitted():
        return _page(form, directive, units, [])
    if step == "rows":
        form.add_blank_rows()
        return _page(form, directive, units, [])
    if step == "paste":
        left = form.add_rows(read_pasted(form.pasted.data or ""))
        if left:
            told = _(
                "Chỉ nhận %(most)s dòng một lần; còn %(left)s dòng chưa vào bảng.", most=MOST_ROWS, left=left
            )
            flash(told, "warning")
        form.pasted.data = ""
    is_whole = form.validate()
    rows = read_rows(form, directive, units, draft=step == "draft")
    number = sum(len(row.unit_ids) for row in rows)
    recurring = 0 if step == "draft" else sum(len(row.unit_ids) for row in rows if row.recurs)
    asks = must_be_confirmed([row.deadline for row in rows if row.deadline], directive)
    if step in ("review", "paste"):
        return _page(form, directive, units, rows, asks=asks, number=number, recurring=recurring)
    if not rows:
        form.form_errors = [*form.form_errors, _("Nhập ít nhất một dòng.")]
    elif asks and step != "draft" and not form.confirmed.data:
        form.confirmed.errors = [_("Đánh dấu để xác nhận, hoặc sửa thời hạn.")]
    if not is_whole or form.errors:
        return _page(form, directive, units, rows, asks=asks, number=number, recurring=recurring)
    with form.refusals():
        orders = _orders(rows, form)
        if recurring:
            plans = [
                plan_of(order, row.deadline.reading) for row, order in orders if row.deadline and row.recurs
            ]
            once = [order for row, order in orders if not row.recurs]
            series.begin(directive, plans, stamp=form.stamp(), beside=once)
        else:
            every = [order for _row, order in orders]
            tasks.give(directive, every, stamp=form.stamp(), draft=step == "draft")
    if form.was_refused:
        return _page(form, directive, units, rows, asks=asks, number=number, recurring=recurring)
    if step == "draft":
        flash(_("Đã lưu %(count)s dự thảo, chưa giao.", count=number), "success")
    if recurring:
        flash(_("Đã lập %(count)s nhiệm vụ định kỳ; mỗi kỳ được giao tự động trước thời hạn.",
                count=recurring), "success")  # fmt: skip
    if step != "draft" and number > recurring:
        flash(_("Đã giao %(count)s nhiệm vụ.", count=number - recurring), "success")
    return redirect(url_for("directives.show", directive_id=directive_id), 303)


def _orders(rows: Sequence[Row], form: TableForm) -> list[tuple[Row, tasks.Order]]:
    ids = {unit_id for row in rows for unit_id in row.unit_ids}
    known = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}
    tracker, leader = form.beside()
    return [
        (row, _order(row, known[unit_id], tracker, leader)) for row in rows for unit_id in row.unit_ids
    ]


def _order(row: Row, unit: Unit, tracker: User | None, leader: User | None) -> tasks.Order:
    return tasks.Order(
        unit=unit,
        content=row.form.content.data,
        due_on=row.deadline.reading.due_on if row.deadline else None,
        item=row.form.item.data,
        due_phrase=row.form.due_phrase.data,
        due_time=row.deadline.reading.due_time if row.deadline else None,
        product=row.form.product.data,
        tracker=tracker,
        leader=leader,
    )


def _page(
    form: TableForm, directive: Directive, units: Sequence[Recipient], rows: Sequence[Row], *,
    asks: bool = False, number: int = 0, recurring: int = 0,
) -> ResponseReturnValue:  # fmt: skip
    form.number_rows()
    groups = [_(words) for key, (words, _kinds) in GROUPS.items() if any(unit.group == key for unit in units)]
    page = render_template(
        "directives/table.html",
        form=form,
        directive=directive,
        names=[*groups, *(unit.name for unit in units)],
        readings={row.form.due_phrase.id: row.deadline.words for row in rows if row.deadline},
        counts={row.form.lead.id: len(row.unit_ids) for row in rows},
        asks=asks,
        number=number - recurring,
        recurring=recurring,
        reading_url=url_for("directives.read_deadline", directive=directive.id),
    )
    return page, 422 if form.errors else 200

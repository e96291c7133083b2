"""Units as a tree: founding, correcting, and ending with a successor."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select
from wtforms import ValidationError
from wtforms.validators import Optional, Regexp

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import FAR_FUTURE, db
from tracker.models.units import Unit, UnitKind
from tracker.operations import units
from tracker.outbox import address_of
from tracker.queries.units import (
    administered,
    administers_a_root,
    roles_in_unit,
    tree_of,
    unit_choices,
    unit_rows,
)
from tracker.rules.permissions import Permission
from tracker.web.access import requires
from tracker.web.forms import ChoiceField, Form, as_choices, line, required
from tracker.web.words import ROLE_WORDS, UNIT_KIND_WORDS

bp = Blueprint("units", __name__)

HIGHEST_ORDER = 100_000


def is_address(_form: Any, field: Any) -> None:
    """Refuse what is not one mail address."""
    if address_of(field.data) is None:
        raise ValidationError(_("Không phải địa chỉ thư điện tử. Ví dụ: ten@tinh.gov.vn."))


def is_order(_form: Any, field: Any) -> None:
    """Refuse what is not a whole number from 0."""
    text = field.data
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_ORDER):
        raise ValidationError(_("Nhập một số nguyên từ 0 đến 100.000."))


class UnitForm(Form):
    """What is corrected of a unit."""

    name = line(lazy_gettext("Tên đơn vị"), required())
    kind = ChoiceField(
        lazy_gettext("Loại đơn vị"), choices=as_choices(UNIT_KIND_WORDS.items())
    )
    title_of_head = line(
        lazy_gettext("Chức danh người đứng đầu"),
        description=lazy_gettext("Ví dụ: Trưởng phòng, Chủ tịch UBND xã."),
    )
    email = line(lazy_gettext("Thư điện tử của đơn vị"), Optional(), is_address)
    org_code = line(
        lazy_gettext("Mã định danh điện tử"), most=64,
        description=lazy_gettext("Mã trên trục liên thông văn bản, nếu có."),
    )
    order = line(
        lazy_gettext("Thứ tự trong Biểu B.4"), Optional(), is_order, most=6,
        description=lazy_gettext("Số nhỏ đứng trước. Để trống thì xếp sau, theo thứ tự nhập."),
    )

    def facts(self) -> dict[str, Any]:
        """Return what was typed as the operations take it."""
        values = {
            name: self[name].data or None
            for name in ("name", "kind", "title_of_head", "email", "org_code", "order")
        }
        values["order"] = int(values["order"]) if values["order"] else None
        return values


class NewUnitForm(UnitForm):
    """What is entered of a new unit."""

    parent = ChoiceField(lazy_gettext("Thuộc đơn vị"))
    code = line(
        lazy_gettext("Mã đơn vị"), required(),
        Regexp(
            r"^[\w.\-/]+$", message=lazy_gettext("Mã gồm chữ, số, dấu chấm, gạch nối, không có dấu cách.")
        ),
        most=64, description=lazy_gettext("Viết liền, không đổi được về sau. Ví dụ: phong-noi-vu."),
    )  # fmt: skip


class EndForm(Form):
    """Which unit carries on after one that ends."""

    successor = ChoiceField(lazy_gettext("Đơn vị kế thừa"))


@bp.get("/quan-tri/don-vi")
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show the units that the person administers, as a tree."""
    rows = unit_rows(administered(g.user, day=g.today), day=g.today)
    show_ended = request.args.get("da-ket-thuc") == "1"
    shown = rows if show_ended else [row for row in rows if row.valid_to > g.today]
    return render_template(
        "units/index.html", tree=tree_of(shown), show_ended=show_ended, number=len(shown),
        ended=sum(row.valid_to <= g.today for row in rows), kinds=UNIT_KIND_WORDS, far_future=FAR_FUTURE,
    )  # fmt: skip


@bp.route("/quan-tri/don-vi/moi", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def new() -> ResponseReturnValue:
    """Found a unit."""
    form = NewUnitForm(parent=request.args.get("parent", ""), kind=UnitKind.DIVISION.value)
    choices = unit_choices(administered(g.user, day=g.today), day=g.today)
    if administers_a_root(g.user, day=g.today):
        choices = [*choices, ("", _("(không thuộc đơn vị nào: một cây đơn vị riêng)"))]
    form.parent.choices = as_choices(choices)
    if form.validate_on_submit():
        parent = db.session.get(Unit, int(form.parent.data)) if form.parent.data else None
        with form.refusals():
            unit = units.found(stamp=form.stamp(), code=form.code.data, parent=parent, **form.facts())
            flash(_("Đã thêm %(unit)s.", unit=unit.name), "success")
            return redirect(url_for("units.show", unit_id=unit.id), 303)
        if not form.was_refused:
            return redirect(url_for("units.index"), 303)
    return render_template("units/new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/quan-tri/don-vi/<id:unit_id>")
@requires(Permission.ADMINISTER)
def show(unit_id: int) -> ResponseReturnValue:
    """Show one unit: what it is, who holds a role in it, what it has to do."""
    unit = load_unit(unit_id)
    rows = {row.id: row for row in unit_rows(administered(g.user, day=g.today), day=g.today)}
    return render_template(
        "units/show.html", unit=unit, row=rows[unit.id],
        below=[row for row in rows.values() if row.parent_id == unit.id],
        parent=rows.get(unit.parent_id or 0), roles=roles_in_unit(unit.id, day=g.today),
        role_words=ROLE_WORDS, kinds=UNIT_KIND_WORDS, far_future=FAR_FUTURE,
    )  # fmt: skip


@bp.route("/quan-tri/don-vi/<id:unit_id>/sua", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def edit(unit_id: int) -> ResponseReturnValue:
    """Correct what was entered of a unit."""
    unit = load_unit(unit_id)
    stored = {
        "name": unit.name, "kind": unit.kind.value, "title_of_head": unit.title_of_head, "email": unit.email,
        "org_code": unit.org_code, "order": None if unit.position is None else str(unit.position),
    }  # fmt: skip
    form = UnitForm(data=stored, seen=unit.version)
    if form.validate_on_submit():
        with form.refusals():
            units.correct(unit, stamp=form.stamp(), **form.facts())
            flash(_("Đã lưu %(unit)s.", unit=unit.name), "success")
        if not form.was_refused:
            return redirect(url_for("units.show", unit_id=unit.id), 303)
    differing = []
    if form.is_conflict:
        form.renew(unit.version)
        differing = [
            (form[name].label.text, _as_read(name, form[name].data), _as_read(name, value))
            for name, value in stored.items()
            if (form[name].data or None) != value
        ]
    status = 422 if form.is_submitted() else 200
    return render_template("units/edit.html", form=form, unit=unit, differing=differing), status


@bp.route("/quan-tri/don-vi/<id:unit_id>/ket-thuc", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def end(unit_id: int) -> ResponseReturnValue:
    """Ask before a unit ends, and say what will happen."""
    unit = load_unit(unit_id)
    form = EndForm(successor="", seen=unit.version)
    reach = administered(g.user, day=g.today)
    others = [choice for choice in unit_choices(reach, day=g.today) if choice[0] != str(unit.id)]
    form.successor.choices = as_choices([("", _("(không có đơn vị kế thừa)")), *others])
    if form.validate_on_submit():
        successor = db.session.get(Unit, int(form.successor.data)) if form.successor.data else None
        with form.refusals():
            moved = units.end(unit, stamp=form.stamp(), successor=successor)
            if moved:
                flash(_("Đã kết thúc %(unit)s; %(number)s nhiệm vụ đã chuyển sang đơn vị kế thừa.",
                        unit=unit.name, number=moved), "success")  # fmt: skip
            else:
                flash(_("Đã kết thúc %(unit)s.", unit=unit.name), "success")
        if not form.was_refused:
            return redirect(url_for("units.show", unit_id=unit.id), 303)
        if form.is_conflict:
            form.renew(unit.version)
    below = db.session.scalar(
        select(func.count()).where(Unit.parent_id == unit.id, Unit.valid_to > g.today)
    )
    page = render_template(
        "units/end.html", form=form, unit=unit, unfinished=units.unfinished_tasks_of(unit), below=below,
        roles=roles_in_unit(unit.id, day=g.today), role_words=ROLE_WORDS, is_over=unit.valid_to <= g.today,
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def load_unit(unit_id: int) -> Unit:
    """Return a unit that the person administers; 404 for any other."""
    reach = administered(g.user, day=g.today)
    unit = db.session.scalar(select(Unit).where(Unit.id == unit_id, Unit.id.in_(reach)))
    if unit is None:
        abort(404)
    return unit


def _as_read(name: str, value: str | None) -> str | None:
    return str(UNIT_KIND_WORDS[UnitKind(value)]) if name == "kind" and value else value

"""The Word forms of B.4 that an office brings: start from the default, bring, look at, take into use."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.file import FileField
from sqlalchemy import select

from tracker.files.b4_template import FIELDS, check_template, default_template, fill_template, missing_in
from tracker.files.paper import MEDIA_TYPE
from tracker.files.papers import UnfitPaper, clean_name
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.paper_template import PaperTemplate
from tracker.models.units import Unit
from tracker.operations import paper_templates as operations
from tracker.queries.paper_templates import in_use, templates_in
from tracker.queries.units import administered
from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import UnitOfDay
from tracker.rules.papers import Issuer
from tracker.rules.permissions import Permission
from tracker.rules.status import CELLS, State
from tracker.rules.words import CHOICE_TITLES
from tracker.web.access import requires
from tracker.web.forms import ChoiceField, Form, as_choices, required, say

bp = Blueprint("paper_templates", __name__)


class TemplateForm(Form):
    """A form that is brought, and the unit that it is for."""

    unit = ChoiceField(lazy_gettext("Đơn vị dùng mẫu"))
    file = FileField(lazy_gettext("Tệp mẫu (.docx)"), [required()])


class ChooseForm(Form):
    """The decision that a form is used from now on."""


@bp.route("/quan-tri/mau-van-ban", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show the forms of the person's units, and take in a new one after its checks."""
    units = _units()
    form = TemplateForm()
    form.unit.choices = as_choices((unit.code, unit.name) for unit in units)
    if form.validate_on_submit():
        unit = next(each for each in units if each.code == form.unit.data)
        upload = form.file.data
        name = clean_name(upload.filename or "")
        try:
            content = check_template(name, upload.stream)
            _sample(content)
        except UnfitPaper as error:
            form.file.errors = [say(error)]
        else:
            with form.refusals():
                operations.add(unit, name, content, stamp=form.stamp())
                flash(_("Mẫu đọc được. Tải bản xem thử, rồi đưa vào sử dụng."), "success")
                if missing := missing_in(content):
                    flash(_missing_words(missing), "warning")
            if not form.was_refused:
                return redirect(url_for("paper_templates.index"), 303)
    rows = [row for row in templates_in(administered(g.user, day=g.today)) if row.sha256]
    used = {row.unit_id: in_use(row.unit_id) for row in rows}
    doubts = {row.id: _doubt(row) for row in used.values() if row is not None and row.sha256}
    page = render_template(
        "settings/templates.html", form=form, choose=ChooseForm(), rows=rows, used=used, doubts=doubts,
        fields=[(name, _(words, place=_column_words(name))) for name, words in FIELDS.items()],
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _doubt(template: PaperTemplate) -> str:
    """Return what is wrong with a form that is in use by the checks of today, "" for nothing: it was taken
    in by those of an earlier version."""
    content = template.content or b""
    try:
        check_template(template.filename or "", io.BytesIO(content))
    except UnfitPaper as error:
        return say(error)
    missing = missing_in(content)
    return _missing_words(missing) if missing else ""


def _missing_words(names: Sequence[str]) -> str:
    return _("Mẫu không có trường: %(names)s. Bản lập theo mẫu này sẽ thiếu các nội dung đó.",
             names=", ".join(names))  # fmt: skip


def _column_words(field: str) -> str:
    """Return the column of the table that the number at the end of a field's name stands for."""
    number = field[-1]
    if not number.isdecimal():
        return ""
    return f"{number} ({_(CHOICE_TITLES[CELLS[int(number) - 1].value])})"


@bp.get("/quan-tri/mau-van-ban/co-san")
@requires(Permission.ADMINISTER)
def built_in() -> ResponseReturnValue:
    """Give the form to start from."""
    return _file(default_template(g.today), "mau-b4.docx")


@bp.get("/quan-tri/mau-van-ban/<id:template_id>/xem-thu")
@requires(Permission.ADMINISTER)
def preview(template_id: int) -> ResponseReturnValue:
    """Give a form filled with sample data."""
    return _file(_sample(_load(template_id).content or b""), "xem-thu-b4.docx")


@bp.post("/quan-tri/mau-van-ban/<id:template_id>/su-dung")
@requires(Permission.ADMINISTER)
def choose(template_id: int) -> ResponseReturnValue:
    """Take a form into use, or leave it for the built-in one when it is in use already."""
    template, form = _load(template_id), ChooseForm()
    if not form.validate_on_submit():
        abort(400)
    chosen = in_use(template.unit_id)
    with form.refusals():
        if chosen is not None and chosen.id == template.id:
            operations.choose_built_in(template.unit, stamp=form.stamp())
            flash(_("%(unit)s dùng mẫu có sẵn.", unit=template.unit.name), "success")
        else:
            check_template(template.filename or "", io.BytesIO(template.content or b""))
            operations.choose(template, stamp=form.stamp())
            flash(_("%(unit)s dùng mẫu “%(name)s”.", unit=template.unit.name, name=template.filename),
                  "success")  # fmt: skip
    for message in form.form_errors:
        flash(message, "error")
    return redirect(url_for("paper_templates.index"), 303)


def _units() -> list[Unit]:
    reach = administered(g.user, day=g.today)
    query = select(Unit).where(Unit.id.in_(reach), Unit.valid_to > g.today)
    return list(db.session.scalars(query.order_by(Unit.position.is_(None), Unit.position, Unit.id)))


def _load(template_id: int) -> PaperTemplate:
    reach = administered(g.user, day=g.today)
    query = select(PaperTemplate).where(
        PaperTemplate.id == template_id, PaperTemplate.unit_id.in_(reach), PaperTemplate.sha256.is_not(None)
    )
    return db.session.scalar(query) or abort(404)


def _file(content: bytes, name: str) -> ResponseReturnValue:
    headers = {"Content-Type": MEDIA_TYPE, "Content-Disposition": f'attachment; filename="{name}"'}
    return content, headers


def _sample(content: bytes) -> bytes:
    """Return a form filled with a small B.4 that was made up."""
    first, last, day = date(2026, 1, 1), date(2026, 12, 31), date(2026, 3, 31)
    units = tuple(UnitOfDay(code, name, None) for code, name in _SAMPLE_UNITS)
    tasks = tuple(
        CountedTask(
            f"{unit.code}-{place}", "Nội dung", None, None, "vb", "CV", "1/UBND-VP", first, "Trích yếu", None,
            unit.code, None, None, first, day, day, State.IN_PROGRESS, None, None, cell, 0,
        )
        for unit in units
        for place, cell in enumerate(CELLS)
    )  # fmt: skip
    issuer = Issuer("UBND thành phố Huế", (), None)
    report = B4Report("mau", *issuer, first, last, day, units, tasks)
    return fill_template(content, report.table(), issuer, made_on=g.today)


_SAMPLE_UNITS = (("a", "Phòng Nội vụ"), ("b", "Phòng Văn hóa và Thông tin"), ("c", "UBND xã Hải Dương"))

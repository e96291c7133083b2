"""Bringing a sheet as a file or a pasted block, the empty sheet, and the list of brought ones."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from wtforms import FileField
from wtforms.validators import Optional

from tracker.files.papers import clean_name
from tracker.files.sheet import MEDIA_TYPE
from tracker.files.task_sheet import empty_sheet
from tracker.intake.checks import SHEETS, check_file
from tracker.intake.limited import Limits, in_limits
from tracker.intake.sheet import Sheet
from tracker.intake.sheet.columns import fields_of
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db, end_reading
from tracker.models.sheet import ImportBatch
from tracker.models.units import Unit
from tracker.operations import sheets
from tracker.operations.recording import AlreadyDone
from tracker.queries.intake import reading_units
from tracker.queries.sheets import batches_of, learnt_columns
from tracker.rules.permissions import Permission
from tracker.rules.workflow import DomainError
from tracker.web.access import requires
from tracker.web.forms import ChoiceField, Form, paragraphs, say
from tracker.web.sheets.blueprint import STATE_WORDS, bp

MOST_PASTED = 2_000_000
LIMITS = Limits(seconds=40.0, memory=1536 * 1024 * 1024)


class BringForm(Form):
    """A file, or a block of cells in its place."""

    unit = ChoiceField(lazy_gettext("Nhập cho đơn vị"))
    file = FileField(lazy_gettext("Tệp Excel hoặc CSV"), [Optional()])
    block = paragraphs(lazy_gettext("Hoặc dán các ô sao chép từ Excel"), most=MOST_PASTED)

    def __init__(self, units: list[Unit], **options: Any) -> None:
        super().__init__(**options)
        self.unit.choices = [(str(unit.id), unit.name) for unit in units]
        if len(units) == 1:
            self.unit.data = str(units[0].id)

    @property
    def upload(self) -> FileStorage | None:
        """The file that was chosen."""
        found = self.file.data
        return found if isinstance(found, FileStorage) and found.filename else None


@bp.route("/nhap-excel", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def index() -> ResponseReturnValue:
    """Bring a sheet, or go on with one that was brought before."""
    units = reading_units(g.user, day=g.today)
    form = BringForm(units)
    if form.is_submitted() and form.validate() and (batch := _bring(form)) is not None:
        return redirect(url_for("sheets.show", batch_id=batch.id), 303)
    page = render_template(
        "sheets/index.html", form=form, several=len(units) > 1, accepts=",".join(SHEETS),
        batches=batches_of(g.user, day=g.today), state_words=STATE_WORDS,
    )  # fmt: skip
    return page, 422 if form.errors else 200


@bp.get("/nhap-excel/mau.xlsx")
@requires(Permission.REGISTER_DIRECTIVE)
def template() -> ResponseReturnValue:
    """Hand out the empty sheet."""
    return workbook(empty_sheet(made_on=g.today), "mau-nhap-nhiem-vu.xlsx")


def workbook(content: bytes, filename: str) -> Response:
    """Return a workbook as a download."""
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(content, mimetype=MEDIA_TYPE, headers=headers)


def _bring(form: BringForm) -> ImportBatch | None:
    """Read what was brought in limits and keep it; None when the form tells why not."""
    upload, text = form.upload, form.block.data or ""
    if upload is None and not text:
        form.file.errors = [_("Chọn một tệp, hoặc dán các ô vào ô bên dưới.")]
        return None
    stamp = form.stamp()
    if done := sheets.brought_by(stamp.token):
        return done
    unit = db.session.get_one(Unit, int(form.unit.data))
    learnt = learnt_columns(unit.id)
    end_reading()
    try:
        sheet = _read(upload, text)
        name = clean_name(upload.filename or "") if upload else None
        return sheets.bring(unit, sheet, fields_of(sheet.heads, learnt), stamp=stamp, filename=name)
    except AlreadyDone:
        return sheets.brought_by(stamp.token)
    except DomainError as error:
        (form.block if upload is None else form.file).errors = [say(error)]
        return None


def _read(upload: FileStorage | None, text: str) -> Sheet:
    if upload is None:
        return cast(Sheet, in_limits("tracker.intake.sheet.reading:read_block", text, limits=LIMITS))
    content = upload.stream.read()
    extension = check_file(upload.filename or "", content, SHEETS)
    reader = "tracker.intake.sheet.reading:read_sheet"
    return cast(Sheet, in_limits(reader, extension, content, limits=LIMITS))

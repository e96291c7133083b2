"""Bringing a paper to be read, the list of papers that are being read, and putting one away."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from wtforms import FileField
from wtforms.validators import Optional

from tracker.files.papers import keep
from tracker.intake.draft import from_data
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db, end_reading
from tracker.models.intake import IntakeDraft
from tracker.models.units import Unit
from tracker.operations import reading
from tracker.operations.recording import AlreadyDone
from tracker.queries.calendar import calendar_of_papers
from tracker.queries.intake import open_drafts, reading_units, same_file, sent_back
from tracker.rules.permissions import Permission
from tracker.rules.workflow import DomainError
from tracker.web.access import requires
from tracker.web.forms import ChoiceField, Form, paragraphs, say
from tracker.web.intake.blueprint import bp, closed, load_draft
from tracker.web.intake.show import name_of
from tracker.web.intake.sources import ACCEPTED, Brought, read_file, read_words
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.uploads import files_folder

MOST_TYPED = 300_000
"""Characters of a pasted paper: some hundred pages."""
_TOLD_TWICE = Markup('%s <a href="%s">%s</a>')


class BringForm(Form):
    """A file, or text in its place."""

    unit = ChoiceField(lazy_gettext("Đọc cho đơn vị"))
    paper = FileField(lazy_gettext("Tệp văn bản"), [Optional()])
    text = paragraphs(lazy_gettext("Hoặc dán nội dung văn bản"), most=MOST_TYPED)

    def __init__(self, units: list[Unit], **options: Any) -> None:
        super().__init__(**options)
        self.unit.choices = [(str(unit.id), unit.name) for unit in units]
        if len(units) == 1:
            self.unit.data = str(units[0].id)

    @property
    def upload(self) -> FileStorage | None:
        """The file that was chosen."""
        found = self.paper.data
        return found if isinstance(found, FileStorage) and found.filename else None


@bp.route("/doc-van-ban", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def index() -> ResponseReturnValue:
    """Bring a paper to be read, or go on with one that was brought before."""
    units = reading_units(g.user, day=g.today)
    form = BringForm(units)
    if form.is_submitted() and form.validate():
        row = _bring(form)
        if row is not None:
            return redirect(url_for("intake.show", draft_id=row.id), 303)
    page = render_template(
        "intake/index.html",
        form=form,
        several=len(units) > 1,
        accepts=",".join(ACCEPTED),
        drafts=[(each, *_named(each)) for each in open_drafts(g.user, day=g.today)],
        sent_back=sent_back(g.user, day=g.today),
    )
    return page, 422 if form.errors else 200


def _named(row: Any) -> tuple[str, str, int]:
    """Return how a list names a paper that is being read: its name, its subject, its number of tasks."""
    draft = from_data(row.content)
    subject = draft.header.get("subject")
    return name_of(draft, filename=row.filename), subject.value if subject else "", len(draft.to_give)


def _bring(form: BringForm) -> IntakeDraft | None:
    """Read what was brought and keep it as a draft; None when the form tells why not."""
    upload, text = form.upload, form.text.data or ""
    if upload is None and not text:
        form.paper.errors = [_("Chọn một tệp, hoặc dán nội dung văn bản vào ô bên dưới.")]
        return None
    if done := reading.drafted_by(form.stamp().token):
        return done
    words: dict[str, Any] = {
        "calendar": calendar_of_papers(g.today, calendar_of_request()),
        "today": g.today,
        "strict_before": settings_of_request()["strict_before"],
    }
    unit = db.session.get_one(Unit, int(form.unit.data))
    end_reading()
    try:
        if upload is not None:
            brought = read_file(upload.filename or "", upload.stream.read(), words)
        else:
            brought = read_words(text, words)
    except DomainError as error:
        (form.text if upload is None else form.paper).errors = [say(error)]
        return None
    for paper, content in brought.files:
        keep(io.BytesIO(content), paper, folder=files_folder())
    _tell_twice(brought)
    stamp, row = form.stamp(), None
    papers = [paper for paper, _content in brought.files]
    try:
        row = reading.start(
            unit, brought.plain, brought.draft, stamp=stamp, papers=papers, asked=brought.asked
        )
    except AlreadyDone:
        row = reading.drafted_by(stamp.token)
    except DomainError as error:
        form.form_errors = [say(error)]
    return row


def _tell_twice(brought: Brought) -> None:
    """Tell that the very same file is being read already: two people may have been sent it."""
    for paper, _content in brought.files[:1]:
        if (other := same_file(paper.sha256, g.user, day=g.today)) is not None:
            url = url_for("intake.show", draft_id=other)
            told = _("Tệp này đang có một bản đọc dở khác:")
            flash(_TOLD_TWICE % (told, url, _("mở bản đọc đó")), "warning")


class DropForm(Form):
    """Why a paper that came in an envelope is sent back; nothing else need be said."""

    sent_back = paragraphs(lazy_gettext("Lý do từ chối tiếp nhận, trả lại nơi gửi"), most=1_000)


@bp.route("/doc-van-ban/<id:draft_id>/bo", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def drop(draft_id: int) -> ResponseReturnValue:
    """Ask, then put a paper away without giving anything."""
    row = load_draft(draft_id)
    if (elsewhere := closed(row)) is not None:
        return elsewhere
    form = DropForm(seen=row.version)
    if form.is_submitted() and form.validate():
        with form.refusals():
            reading.drop(row, stamp=form.stamp(), sent_back=form.sent_back.data)
        if not form.was_refused:
            flash(_("Đã bỏ bản đọc, không giao nhiệm vụ nào."), "success")
            has_reply = row.envelope is not None and form.sent_back.data
            return redirect(url_for("intake.index", _anchor="da-tra-lai" if has_reply else None), 303)
        form.renew(row.version)
    page = render_template("intake/drop.html", form=form, row=row, named=_named(row))
    return page, 422 if request.method == "POST" else 200

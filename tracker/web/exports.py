"""Files that are made apart: ordering one, my files with their progress, fetching and calling back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.export import Export, ExportState
from tracker.operations import exports
from tracker.operations.exports import sources, task_list
from tracker.operations.exports.mail import kept_until
from tracker.operations.recording import Stamp
from tracker.queries.exports import content_of, export_of, exports_of
from tracker.rules.permissions import Permission
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.forms import Form

bp = Blueprint("exports", __name__)

PAGE = 30
ASKED = ("what", "report", "assigner", "from", "to", "on", "group", "folded", "compare", *task_list.ASKED)
"""The words of an address that say what a file is of."""
MOST_LETTERS = {"q": 200, "field": 255, "assigners": 500}
"""Characters of a word of an address; 100 of any other."""
STATE_WORDS = {
    ExportState.QUEUED: lazy_gettext("Chờ lập"),
    ExportState.RUNNING: lazy_gettext("Đang lập"),
    ExportState.READY: lazy_gettext("Đã xong"),
    ExportState.FAILED: lazy_gettext("Không lập được"),
    ExportState.CANCELLED: lazy_gettext("Đã hủy"),
}
FORM_WORDS = {
    "xlsx": lazy_gettext("Excel"), "docx": lazy_gettext("Word"), "csv": lazy_gettext("CSV"),
    "json": lazy_gettext("JSON"),
}  # fmt: skip


class OrderForm(Form):
    """The page that asks before a file is ordered."""


@bp.get("/xuat-tep")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List my files, the latest first; the page looks again by itself while one is under way."""
    before = request.args.get("truoc", "")
    place = int(before) if before.isascii() and before.isdecimal() and int(before) <= LARGEST_ID else None
    rows, following = exports_of(me(), before=place, most=PAGE)
    return render_template(
        "exports/index.html", rows=rows, state_words=STATE_WORDS, form_words=FORM_WORDS, form=OrderForm(),
        is_under_way=any(each.state in exports.UNDER_WAY for each in rows), kept_until=kept_until,
        under_way=exports.UNDER_WAY,
        next_url=following and url_for("exports.index", truoc=following),
        first_url=before and url_for("exports.index"),
    )  # fmt: skip


@bp.route("/xuat-tep/dat", methods=["GET", "POST"])
@requires(Permission.SEE_REPORTS)
def new() -> ResponseReturnValue:
    """Say how large a file will be, and order it."""
    asked: dict[str, Any] = {name: request.args[name] for name in ASKED if request.args.get(name)}
    kind = request.args.get("form", "")
    source = sources.find(asked, me(), today=g.today)
    too_long = any(len(each) > MOST_LETTERS.get(name, 100) for name, each in asked.items())
    if source is None and asked.get("what") == "b4" and not too_long and kind in FORM_WORDS:
        return redirect(_page_of(asked))
    if source is None or too_long or kind not in source.forms:
        abort(404)
    form = OrderForm()
    if form.validate_on_submit():
        with form.refusals():
            exports.order(asked, kind, stamp=form.stamp())
        if not form.was_refused:
            flash(_("Đã nhận. Tệp được lập trong nền; xong sẽ có thư báo."), "success")
            return redirect(url_for("exports.index"), 303)
    page = render_template(
        "exports/new.html", form=form, title=source.title, count=source.count(), form_words=FORM_WORDS[kind],
        has_address=bool(me().email), back_url=_page_of(asked),
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/xuat-tep/<id:export_id>/huy")
@requires(Permission.SIGNED_IN)
def cancel(export_id: int) -> ResponseReturnValue:
    """Call back a file that is not made yet."""
    export, form = _load(export_id), OrderForm()
    if form.validate_on_submit():
        with form.refusals():
            exports.cancel(export, stamp=form.stamp())
        flash(form.form_errors[0] if form.was_refused else _("Đã hủy lập tệp."), "warning")
    return redirect(url_for("exports.index"), 303)


@bp.get("/xuat-tep/<id:export_id>/tep")
@requires(Permission.SIGNED_IN)
def file(export_id: int) -> ResponseReturnValue:
    """Give a file to who ordered it, if they may still see what is in it."""
    export = _load(export_id)
    content = content_of(export)
    if content is None:
        flash(_("Tệp này hiện không có để tải. Xem tình trạng bên dưới, hoặc đặt lại."), "warning")
        return redirect(url_for("exports.index"), 303)
    if not exports.may_fetch(export, stamp=Stamp(on=g.today, by=me(), at=g.now)):
        flash(
            _("Bạn không còn quyền xem số liệu trong tệp này nên không tải được. "
              "Nếu vẫn phụ trách, báo quản trị hệ thống."), "error",
        )  # fmt: skip
        return redirect(url_for("exports.index"), 303)
    if request.method == "GET":
        exports.fetched(export, at=g.now)
    headers = {
        "Content-Type": content.media_type,
        "Content-Disposition": f'attachment; filename="{content.filename}"',
    }
    return content.content, headers


def _page_of(asked: dict[str, Any]) -> str:
    """Return the page on which a file was asked for."""
    words = {name: value for name, value in asked.items() if name not in ("what", "report")}
    if asked["what"] == "tasks":
        words["assigner"] = words.pop("assigners", "").split(".")
        return url_for("tasks.index", **words)
    return url_for("reports.b4", **words)


def _load(export_id: int) -> Export:
    """Return an order of the person; 404 for any other."""
    export = export_of(me(), export_id)
    if export is None:
        abort(404)
    return export

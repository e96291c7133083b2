"""Calendar links: what programs read, and the pages on which a person makes and revokes them."""

from __future__ import annotations

import hashlib
import logging
import re
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from sqlalchemy import select

from tracker.clock import VIETNAM
from tracker.files import feed
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.feed import FeedLink
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import feeds
from tracker.queries.feeds import MOST_OPEN, FeedTask, deadlines_of, find_link, links_of, may_be_read
from tracker.queries.standing import units_reached
from tracker.queries.units import administered, unit_choices
from tracker.rules.permissions import READERS, Permission
from tracker.rules.status import OVERDUE_CELLS, RUNNING_STATES, State, status_of
from tracker.web.access import requires
from tracker.web.filters import cell_words, day
from tracker.web.forms import ChoiceField, Form, as_choices
from tracker.web.once import settings_of_request
from tracker.web.sharing import deadline_words, full_address, one_line, paper_words
from tracker.web.signin import WINDOW

bp = Blueprint("feeds", __name__)

SUMMARY_LETTERS = 120
SECRET_IN_PATH = re.compile(r"(/lich/)[^\s/?]+")


class NewLinkForm(Form):
    """Whose deadlines a new link shows."""

    of = ChoiceField(lazy_gettext("Lịch gồm"), default="")


class ActForm(Form):
    """A page that asks before a link ends."""


class HideSecrets(logging.Filter):
    """Takes the secret of a calendar link out of what is logged."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = SECRET_IN_PATH.sub(r"\1…", record.getMessage()), ()
        return True


def init_app(app: Flask) -> None:
    """Let nobody guess secrets without end, and keep them out of the log."""

    def most() -> str:
        failures = current_app.config["SIGN_IN_FAILURES_PER_ADDRESS"]
        return f"{failures} per {int(WINDOW.total_seconds())} seconds"

    limit = app.extensions["sign_in_limiter"].shared_limit(
        most, "calendar by address", key_func=get_remote_address, methods=["GET", "HEAD"],
        deduct_when=lambda response: response.status_code == 404,
    )  # fmt: skip
    app.view_functions["feeds.read"] = limit(app.view_functions["feeds.read"])
    app.logger.addFilter(HideSecrets())


@bp.get("/lich/<secret>.ics")
def read(secret: str) -> ResponseReturnValue:
    """Answer with the calendar of a link; an unknown, a revoked and a useless link are all not found."""
    link = find_link(secret)
    if link is None or not may_be_read(link, day=g.today):
        words = _("Đường dẫn lịch này không dùng được nữa. Hãy tạo đường dẫn mới ở trang Tài khoản.")
        return words + "\n", 404, {"Content-Type": "text/plain; charset=utf-8"}
    content = _calendar_of(link)
    content_sha256 = hashlib.sha256(content).hexdigest()
    feeds.note_reading(link, content_sha256=content_sha256, at=g.now)
    response = make_response(content)
    response.headers["Content-Type"] = feed.MEDIA_TYPE
    response.headers["Content-Disposition"] = 'inline; filename="thoi-han.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["X-Robots-Tag"] = "noindex"
    response.set_etag(content_sha256)
    response.last_modified = link.changed_at
    return response.make_conditional(request)


@bp.route("/tai-khoan/lich/moi", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def new() -> ResponseReturnValue:
    """Make a link; `?don-vi=` proposes a unit."""
    form = NewLinkForm(of=request.args.get("don-vi", ""))
    reach = units_reached(g.user, READERS, day=g.today)
    units = unit_choices(reach, day=g.today) if reach is not None else []
    form.of.choices = as_choices([("", _("Việc của tôi")), *units])
    if form.of.data not in {"", *dict(units)} and not form.is_submitted():
        form.of.data = ""
    if form.validate_on_submit():
        with form.refusals():
            unit = db.session.get_one(Unit, int(form.of.data)) if form.of.data else None
            return _show_once(*feeds.make(g.user, stamp=form.stamp(), unit=unit))
        if not form.was_refused:
            return redirect(url_for("account.show", _anchor="lich"), 303)
    return render_template("feeds/new.html", form=form), 422 if form.errors else 200


@bp.get("/tai-khoan/lich/<id:link_id>")
@requires(Permission.SIGNED_IN)
def show(link_id: int) -> ResponseReturnValue:
    """Show the address of a new link this once, with what to do with it."""
    link = _load(link_id)
    told = session.pop("calendar_secret", None)
    address = None
    if told and told[0] == link.id:
        address = full_address(url_for("feeds.read", secret=told[1]))
    return render_template("feeds/show.html", link=link, name=_name_of(link), address=address)


@bp.route("/tai-khoan/lich/<id:link_id>/cap-lai", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def renew(link_id: int) -> ResponseReturnValue:
    """Ask before a link gets a new address."""
    link, form = _load(link_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            return _show_once(*feeds.renew(link, stamp=form.stamp()))
        if not form.was_refused:
            return redirect(url_for("account.show", _anchor="lich"), 303)
    lines = [
        _("Đường dẫn cũ của lịch “%(name)s” hết hiệu lực ngay; chương trình đang dùng nó không cập nhật nữa.",
          name=_name_of(link)),
        _("Trang sau hiện đường dẫn mới, đúng một lần; hãy đăng ký lại lịch bằng đường dẫn đó."),
    ]  # fmt: skip
    return _ask(form, _("Cấp đường dẫn mới"), lines)


@bp.route("/tai-khoan/lich/<id:link_id>/thu-hoi", methods=["GET", "POST"])
@requires(Permission.SIGNED_IN)
def revoke(link_id: int) -> ResponseReturnValue:
    """Ask before a link ends."""
    link, form = _load(link_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            feeds.revoke(link, stamp=form.stamp())
            flash(_("Đã thu hồi đường dẫn lịch."), "success")
        if not form.was_refused:
            return redirect(url_for("account.show", _anchor="lich"), 303)
    lines = [
        _("Đường dẫn của lịch “%(name)s” hết hiệu lực ngay.", name=_name_of(link)),
        _("Những thời hạn mà chương trình lịch đã tải về có thể còn hiện cho đến khi bạn xóa lịch ở đó."),
    ]
    return _ask(form, _("Thu hồi đường dẫn"), lines)


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/thu-hoi-lich", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def revoke_of_person(user_id: int) -> ResponseReturnValue:
    """Ask before all links of a person end."""
    reach = administered(g.user, day=g.today)
    user = db.session.scalar(select(User).where(User.id == user_id, User.unit_id.in_(reach)))
    if user is None:
        abort(404)
    form, back = ActForm(), url_for("people.show", user_id=user.id)
    if form.validate_on_submit():
        with form.refusals():
            feeds.revoke_all(user, stamp=form.stamp())
            flash(_("Đã thu hồi các đường dẫn lịch của người này."), "success")
        if not form.was_refused:
            return redirect(back, 303)
    lines = [
        _("%(count)s đường dẫn lịch của %(name)s hết hiệu lực ngay.",
          count=len(links_of(user)), name=user.name),
        _("Người này tạo được đường dẫn mới ở trang Tài khoản nếu tài khoản còn hoạt động."),
    ]  # fmt: skip
    page = render_template(
        "people/ask.html", user=user, form=form, action=_("Thu hồi đường dẫn lịch"), lines=lines
    )
    return page, 422 if form.errors else 200


def _load(link_id: int) -> FeedLink:
    """Return a link in force of the signed-in person; 404 for any other."""
    link = db.session.get(FeedLink, link_id)
    if link is None or link.user_id != g.user.id or link.revoked_at is not None:
        abort(404)
    return link


def _show_once(link: FeedLink, secret: str) -> ResponseReturnValue:
    session["calendar_secret"] = [link.id, secret]
    return redirect(url_for("feeds.show", link_id=link.id), 303)


def _ask(form: Form, action: str, lines: list[str]) -> ResponseReturnValue:
    page = render_template("feeds/ask.html", form=form, action=action, lines=lines)
    return page, 422 if form.errors else 200


def _name_of(link: FeedLink) -> str:
    return link.unit.name if link.unit else _("Việc của tôi")


def _calendar_of(link: FeedLink) -> bytes:
    tasks = deadlines_of(link, day=g.today)
    host = urlsplit(current_app.config["BASE_URL"]).hostname
    whose = link.unit.name if link.unit else link.user.name
    about = _("Thời hạn các nhiệm vụ có tên %(name)s hoặc do đơn vị của người này chủ trì.", name=whose)
    if link.unit:
        about = _("Thời hạn các nhiệm vụ do %(unit)s chủ trì.", unit=whose)
    if sum(task.state not in (State.COMPLETED, State.CANCELLED) for task in tasks) >= MOST_OPEN:
        about += " " + _("Lịch chỉ gồm %(most)s thời hạn gần nhất.", most=MOST_OPEN)
    return feed.calendar_of(
        [_deadline(task, host) for task in tasks], uid=f"lich-{link.id}@{host}",
        name=_("Thời hạn: %(name)s", name=one_line(whose)), description=one_line(about),
        alarm_hour=time.fromisoformat(settings_of_request()["reminder_time"]),
    )  # fmt: skip


def _deadline(task: FeedTask, host: str | None) -> feed.Deadline:
    url = full_address(url_for("tasks.show", task_id=task.id))
    content = one_line(task.content, most=SUMMARY_LETTERS)
    cell = status_of(task, day=g.today)
    runs = task.state in RUNNING_STATES
    is_late = cell in OVERDUE_CELLS
    return feed.Deadline(
        uid=f"nhiem-vu-{task.id}@{host}",
        revision=task.version,
        changed_at=_changed_at(task, is_late=is_late),
        on=task.due_on,
        hour=task.due_time,
        summary=_summary(task.state, content, is_late=is_late),
        description="\n".join(_about(task, cell_words(cell.value if cell else task.state.value), url)),
        url=url,
        alarm=_("Ngày mai đến hạn: %(content)s", content=content) if runs and not is_late else None,
        is_off=task.state in (State.COMPLETED, State.CANCELLED),
    )


def _changed_at(task: FeedTask, *, is_late: bool) -> datetime:
    """Return when the entry last changed: by what was entered, or by the day becoming the first one late."""
    known = [task.moved_at] if task.moved_at else [_midnight(task.last_event_on or task.given_on)]
    return max([*known, _midnight(task.due_on + timedelta(days=1))] if is_late else known)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)


def _summary(state: State, content: str, *, is_late: bool) -> str:
    match state:
        case State.CANCELLED:
            return _("Đã thu hồi: %(content)s", content=content)
        case State.COMPLETED:
            return _("Đã hoàn thành: %(content)s", content=content)
        case State.AWAITING_CONFIRMATION:
            return _("Hạn: %(content)s (chờ xác nhận)", content=content)
    if is_late:
        return _("Hạn: %(content)s (quá hạn)", content=content)
    return _("Hạn: %(content)s", content=content)


def _about(task: FeedTask, status: str, url: str) -> list[str]:
    """Return the lines below an entry; no number in them changes from day to day."""
    lead: dict[str, Any] = {"unit": one_line(task.unit_name)}
    lines = [
        one_line(task.content),
        _("Thời hạn: %(deadline)s", deadline=deadline_words(task.due_on, task.due_time)),
        _("Trạng thái: %(status)s", status=status),
        _("Chủ trì: %(unit)s", **lead)
        if task.officer_name is None
        else _("Chủ trì: %(unit)s (%(officer)s)", officer=one_line(task.officer_name), **lead),
        _("Theo: %(paper)s", paper=one_line(
            paper_words(task.directive_kind, task.directive_number, task.directive_issued_on, task.item)
        )),
    ]  # fmt: skip
    if task.reported_on:
        lines.append(_("Báo cáo hoàn thành: %(day)s", day=day(task.reported_on)))
    return [*lines, url]

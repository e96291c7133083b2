"""Mails: what was told to me, and for administrators what went out to their people and whether it arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select
from wtforms import HiddenField

from tracker.clock import VIETNAM
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.people import User
from tracker.operations import mails
from tracker.operations.mails import MOST_AT_ONCE
from tracker.outbox import address_of
from tracker.queries.mails import (
    count_by_state,
    deliveries_of,
    ids_of,
    mail_page,
    mails_found_by,
    mails_of,
    mails_reached,
    reminders_in,
)
from tracker.queries.refused import refused_addresses
from tracker.queries.standing import has, tasks_visible_to
from tracker.queries.units import administered, administers_a_root
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.permissions import Permission
from tracker.web.access import LARGEST_ID, requires
from tracker.web.forms import Form, clean, line, required
from tracker.web.told import rung_words
from tracker.web.words import MAIL_KIND_WORDS, MAIL_STATE_WORDS, OUTCOME_WORDS

bp = Blueprint("mails", __name__)

REFUSED_SHOWN = 50
"""Persons in the list of addresses that refuse mail."""
AGAIN = (MailState.FAILED, MailState.KEPT)
"""Mails that may be sent once more; kept ones when there is a mail server by now."""


class ActForm(Form):
    """A page that asks before something is done to mails. `until` is the newest mail that it spoke of."""

    reason = line(
        lazy_gettext("Lý do"), required(lazy_gettext("Nhập lý do.")),
        description=lazy_gettext("Ghi vào lịch sử. Ví dụ: đã sửa địa chỉ; máy chủ thư đã chạy lại."),
    )  # fmt: skip
    until = HiddenField()


class Search(NamedTuple):
    """What the list of outgoing mails is narrowed to; `chosen` is its address."""

    conditions: list[ColumnElement[bool]]
    state: MailState | None
    person: User | None
    chosen: dict[str, Any]
    day: date | None

    @property
    def with_state(self) -> list[ColumnElement[bool]]:
        return [*self.conditions, OutgoingMail.state == self.state] if self.state else self.conditions


@bp.get("/thu-nhac")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List my mails; what administrators knew as `?pham-vi=tat-ca` is a page of its own now."""
    may_administer = has(g.user, Permission.ADMINISTER, g.today)
    if may_administer and request.args.get("pham-vi") == "tat-ca":
        kept: dict[str, Any] = {name: value for name, value in request.args.items() if name != "pham-vi"}
        return redirect(url_for("mails.outgoing", **kept))
    scope = mails_of(g.user)
    counts = count_by_state(scope)
    state = _state_in(request.args.get("trang-thai", ""))
    before = request.args.get("truoc", "")
    conditions = [scope, OutgoingMail.state == state] if state else [scope]
    rows, next_before = mail_page(*conditions, before=_id_in(before))
    chosen: dict[str, Any] = {"trang-thai": state.value} if state else {}
    return render_template(
        "mails/index.html", rows=rows, may_administer=may_administer, state_words=MAIL_STATE_WORDS,
        total=sum(counts.values()), options=_states("mails.index", {}, counts, state),
        next_url=url_for("mails.index", **chosen, truoc=next_before) if next_before else None,
        first_url=url_for("mails.index", **chosen) if before else None,
    )  # fmt: skip


@bp.get("/thu-di")
@requires(Permission.ADMINISTER)
def outgoing() -> ResponseReturnValue:
    """List the mails to everybody whom the person administers, and the addresses that refuse mail."""
    search = _search()
    counts = count_by_state(*search.conditions)
    before = request.args.get("truoc", "")
    rows, next_before = mail_page(*search.with_state, before=_id_in(before))
    kinds = [("", _("Tất cả")), *((kind, str(words)) for kind, words in MAIL_KIND_WORDS.items())]
    people = select(User.id).where(User.unit_id.in_(administered(g.user, day=g.today)))
    in_state = counts.get(search.state, 0) if search.state else 0
    return render_template(
        "mails/outgoing.html", rows=rows, search=search, kinds=kinds, kind_words=MAIL_KIND_WORDS,
        state_words=MAIL_STATE_WORDS, total=sum(counts.values()), in_state=in_state,
        options=_states("mails.outgoing", _without(search, "trang-thai"), counts, search.state),
        refused=refused_addresses(OutgoingMail.user_id.in_(people), limit=REFUSED_SHOWN),
        without=lambda name: url_for("mails.outgoing", **_without(search, name)),
        again_url=_url_for_all("mails.outgoing_again", search) if _may_send_again(search.state) else None,
        cancel_url=(
            _url_for_all("mails.outgoing_cancel", search) if search.state is MailState.QUEUED else None
        ),
        next_url=url_for("mails.outgoing", **search.chosen, truoc=next_before) if next_before else None,
        first_url=url_for("mails.outgoing", **search.chosen) if before else None,
    )  # fmt: skip


@bp.get("/thu-nhac/<id:mail_id>")
@requires(Permission.SIGNED_IN)
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail as text, which tasks it spoke of, and how its delivery went."""
    mail = load_mail(mail_id)
    return render_template(
        "mails/show.html", mail=mail, administers=_administers(mail), state_words=MAIL_STATE_WORDS,
        kind_words=MAIL_KIND_WORDS, outcome_words=OUTCOME_WORDS, deliveries=deliveries_of(mail.id),
        rung_words=rung_words, may_cancel=mail.state is MailState.QUEUED,
        reminders=reminders_in(mail.id, visible=tasks_visible_to(g.user, day=g.today)),
        may_send_again=_may_send_again(mail.state),
    )  # fmt: skip


@bp.route("/thu-nhac/<id:mail_id>/gui-lai", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def send_again(mail_id: int) -> ResponseReturnValue:
    """Ask before a mail that failed or was kept goes out once more."""
    mail, form = _load_to_change(mail_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            mails.send_again([mail.id], stamp=form.stamp(), reason=form.reason.data)
            flash(_("Thư đã vào hàng chờ gửi."), "success")
        if not form.was_refused:
            return redirect(url_for("mails.show", mail_id=mail.id), 303)
    address = (address_of(mail.user.email) if mail.user else None) or mail.address
    words = _("Thư được gửi lại nguyên văn, như ngày lập thư, đến %(address)s.", address=address)
    return _ask(mail, form, _("Gửi lại"), [words])


@bp.route("/thu-nhac/<id:mail_id>/huy", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def cancel(mail_id: int) -> ResponseReturnValue:
    """Ask before a mail that waits is called back."""
    mail, form = _load_to_change(mail_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            mails.cancel([mail.id], stamp=form.stamp(), reason=form.reason.data)
            flash(_("Đã hủy thư."), "success")
        if not form.was_refused:
            return redirect(url_for("mails.show", mail_id=mail.id), 303)
    lines = [_("Thư không được gửi nữa; người nhận không biết những việc nêu trong thư này qua thư.")]
    return _ask(mail, form, _("Hủy thư"), lines)


@bp.route("/thu-di/gui-lai", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def outgoing_again() -> ResponseReturnValue:
    """Ask before all failed (or kept) mails of a search go out once more."""
    search = _search()
    if not _may_send_again(search.state):
        return redirect(url_for("mails.outgoing", **search.chosen))
    lines = [_("Mỗi thư được gửi lại nguyên văn, như ngày lập thư, đến địa chỉ hiện nay của người nhận.")]
    return _do_to_all(search, mails.send_again, _("Gửi lại"), lines)


@bp.route("/thu-di/huy", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def outgoing_cancel() -> ResponseReturnValue:
    """Ask before all waiting mails of a search are called back."""
    search = _search()
    if search.state is not MailState.QUEUED:
        return redirect(url_for("mails.outgoing", **search.chosen))
    lines = [_("Thư không được gửi nữa; người nhận không biết những việc nêu trong thư qua thư.")]
    return _do_to_all(search, mails.cancel, _("Hủy thư"), lines)


def _do_to_all(
    search: Search, operation: Callable[..., int], action: str, lines: list[str]
) -> ResponseReturnValue:
    form = ActForm()
    conditions = list(search.with_state)
    if form.is_submitted():
        # What came to the list after the page was shown was not agreed to.
        conditions.append(OutgoingMail.id <= (_id_in(form.until.data or "") or 0))
    ids = ids_of(*conditions, limit=MOST_AT_ONCE)
    back = url_for("mails.outgoing", **search.chosen)
    if form.validate_on_submit():
        with form.refusals():
            count = operation(ids, stamp=form.stamp(), reason=form.reason.data)
            flash(_("%(action)s: %(count)s thư.", action=action, count=count), "success")
        if not form.was_refused:
            return redirect(back, 303)
    if not form.is_submitted():
        form.until.data = str(ids[-1]) if ids else "0"
    rows = mail_page(OutgoingMail.id.in_(ids[-10:]))[0] if ids else []
    if len(ids) == MOST_AT_ONCE:
        lines = [*lines, _("Mỗi lần nhiều nhất %(most)s thư; làm lại với phần còn lại.", most=MOST_AT_ONCE)]
    page = render_template(
        "mails/ask_all.html", form=form, action=action, lines=lines, rows=rows, back=back, count=len(ids)
    )
    return page, 422 if form.is_submitted() else 200


def load_mail(mail_id: int) -> OutgoingMail:
    """Return a mail to me, or to a person whom I administer; 404 for any other."""
    mail = db.session.get(OutgoingMail, mail_id)
    if mail is None or (mail.user_id != g.user.id and not _administers(mail)):
        abort(404)
    return mail


def _load_to_change(mail_id: int) -> OutgoingMail:
    mail = load_mail(mail_id)
    if not _administers(mail):
        abort(403)
    return mail


def _administers(mail: OutgoingMail) -> bool:
    if not has(g.user, Permission.ADMINISTER, g.today):
        return False
    found = select(OutgoingMail.id).where(OutgoingMail.id == mail.id, _reached())
    return db.session.scalar(found) is not None


def _reached() -> ColumnElement[bool]:
    reach = administered(g.user, day=g.today)
    return mails_reached(reach, is_root=administers_a_root(g.user, day=g.today))


def _may_send_again(state: MailState | None) -> bool:
    return state is MailState.FAILED or (state is MailState.KEPT and bool(current_app.config["MAIL_SERVER"]))


def _search() -> Search:
    """Return what the address of the page asks for; what makes no sense is left out."""
    args = request.args
    text, kind = (clean(args.get("q", "")) or "")[:200], args.get("loai", "")
    state, day, person = _state_in(args.get("trang-thai", "")), _day_in(args.get("ngay", "")), None
    if person_id := _id_in(args.get("nguoi", "")):
        reach = administered(g.user, day=g.today)
        person = db.session.scalar(select(User).where(User.id == person_id, User.unit_id.in_(reach)))
    kind = kind if kind in MAIL_KIND_WORDS else ""
    start = datetime.combine(day, time(), VIETNAM) if day else None
    found = mails_found_by(
        text=text, kind=kind, user_id=person.id if person else None,
        queued=(start, start + timedelta(days=1)) if start else None,
    )  # fmt: skip
    chosen: dict[str, Any] = {
        "q": text, "loai": kind, "ngay": day.strftime("%d/%m/%Y") if day else "",
        "nguoi": person.id if person else "", "trang-thai": state.value if state else "",
    }  # fmt: skip
    kept = {name: value for name, value in chosen.items() if value != ""}
    return Search([_reached(), *found], state, person, kept, day)


def _without(search: Search, name: str) -> dict[str, Any]:
    return {key: value for key, value in search.chosen.items() if key != name}


def _url_for_all(endpoint: str, search: Search) -> str:
    return url_for(endpoint, **search.chosen)


def _states(
    endpoint: str, chosen: dict[str, Any], counts: dict[MailState, int], state: MailState | None
) -> Sequence[dict[str, Any]]:
    """Return the states as links with their numbers."""
    every = {"label": _("Tất cả"), "url": url_for(endpoint, **chosen), "count": sum(counts.values()),
             "current": state is None}  # fmt: skip
    return [every] + [
        {"label": str(words), "url": url_for(endpoint, **{**chosen, "trang-thai": each.value}),
         "count": counts.get(each, 0), "current": each is state}
        for each, words in MAIL_STATE_WORDS.items()
        if counts.get(each) or each is state
    ]  # fmt: skip


def _ask(mail: OutgoingMail, form: Form, action: str, lines: list[str]) -> ResponseReturnValue:
    page = render_template("mails/ask.html", mail=mail, form=form, action=action, lines=lines)
    return page, 422 if form.is_submitted() else 200


def _state_in(text: str) -> MailState | None:
    return MailState(text) if text in set(MailState) else None


def _day_in(text: str) -> date | None:
    try:
        return read_day(text, near=g.today) if text else None
    except UnreadableDay:
        return None


def _id_in(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return number if 0 < number <= LARGEST_ID else None

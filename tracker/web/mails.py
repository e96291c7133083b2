"""Mails: what was told to me, and for administrators what was told to their people and whether it arrived."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, select

from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.people import User
from tracker.operations import mails
from tracker.queries.mails import (
    count_by_state,
    deliveries_of,
    mail_page,
    mails_of,
    mails_reached,
    reminders_in,
)
from tracker.queries.standing import has, tasks_visible_to
from tracker.queries.units import administered, administers_a_root
from tracker.rules.permissions import Permission
from tracker.web.access import LARGEST_ID, requires
from tracker.web.forms import Form
from tracker.web.told import rung_words
from tracker.web.words import MAIL_STATE_WORDS, OUTCOME_WORDS

bp = Blueprint("mails", __name__)

class ActForm(Form):
    """A page that asks before something is done to a mail."""


@bp.get("/thu-nhac")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """List my mails; `?pham-vi=tat-ca` those of everybody whom an administrator reaches."""
    may_administer = has(g.user, Permission.ADMINISTER, g.today)
    of_all = may_administer and request.args.get("pham-vi") == "tat-ca"
    scope = [_reached() if of_all else mails_of(g.user)]
    state, person, before = (request.args.get(name, "") for name in ("trang-thai", "nguoi", "truoc"))
    chosen: dict[str, Any] = {}
    if of_all:
        chosen["pham-vi"] = "tat-ca"
    about = None
    if of_all and (person_id := _id_in(person)):
        reach = administered(g.user, day=g.today)
        about = db.session.scalar(select(User).where(User.id == person_id, User.unit_id.in_(reach)))
        if about is not None:
            scope.append(mails_of(about))
            chosen["nguoi"] = str(about.id)
    counts = count_by_state(*scope)
    conditions = list(scope)
    if state in set(MailState):
        conditions.append(OutgoingMail.state == MailState(state))
    else:
        state = ""
    rows, next_before = mail_page(*conditions, before=_id_in(before))
    kept: dict[str, Any] = {**chosen, **({"trang-thai": state} if state else {})}
    options = [(_("Tất cả"), url_for("mails.index", **chosen), sum(counts.values()), not state)] + [
        (str(word), url_for("mails.index", **{**chosen, "trang-thai": each.value}), counts.get(each, 0),
         state == each.value)
        for each, word in MAIL_STATE_WORDS.items()
        if counts.get(each) or state == each.value
    ]  # fmt: skip
    return render_template(
        "mails/index.html", rows=rows, may_administer=may_administer, of_all=of_all, about=about,
        state_words=MAIL_STATE_WORDS, total=sum(counts.values()),
        options=[{"label": label, "url": url, "count": n, "current": now} for label, url, n, now in options],
        next_url=url_for("mails.index", **kept, truoc=next_before) if next_before else None,
        first_url=url_for("mails.index", **kept) if before else None,
    )  # fmt: skip


@bp.get("/thu-nhac/<id:mail_id>")
@requires(Permission.SIGNED_IN)
def show(mail_id: int) -> ResponseReturnValue:
    """Show one mail as text, which tasks it spoke of, and how its delivery went."""
    mail = load_mail(mail_id)
    return render_template(
        "mails/show.html", mail=mail, administers=_administers(mail), state_words=MAIL_STATE_WORDS,
        outcome_words=OUTCOME_WORDS, deliveries=deliveries_of(mail.id), rung_words=rung_words,
        reminders=reminders_in(mail.id, visible=tasks_visible_to(g.user, day=g.today)),
        may_cancel=mail.state is MailState.QUEUED,
        may_send_again=mail.state is MailState.FAILED
        or (mail.state is MailState.KEPT and bool(current_app.config["MAIL_SERVER"])),
    )  # fmt: skip


@bp.route("/thu-nhac/<id:mail_id>/gui-lai", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def send_again(mail_id: int) -> ResponseReturnValue:
    """Ask before a mail that failed or was kept goes out once more."""
    mail, form = _load_to_change(mail_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            mails.send_again(mail, stamp=form.stamp())
            flash(_("Thư đã vào hàng chờ gửi."), "success")
        if not form.was_refused:
            return redirect(url_for("mails.show", mail_id=mail.id), 303)
    words = _("Thư được gửi lại nguyên văn, như ngày lập thư, đến %(address)s.", address=mail.address)
    return _ask(mail, form, _("Gửi lại"), [words])


@bp.route("/thu-nhac/<id:mail_id>/huy", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def cancel(mail_id: int) -> ResponseReturnValue:
    """Ask before a mail that waits is called back."""
    mail, form = _load_to_change(mail_id), ActForm()
    if form.validate_on_submit():
        with form.refusals():
            mails.cancel(mail, stamp=form.stamp())
            flash(_("Đã hủy thư."), "success")
        if not form.was_refused:
            return redirect(url_for("mails.show", mail_id=mail.id), 303)
    lines = [_("Thư không được gửi nữa; người nhận không biết những việc nêu trong thư này qua thư.")]
    return _ask(mail, form, _("Hủy thư"), lines)


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


def _ask(mail: OutgoingMail, form: Form, action: str, lines: list[str]) -> ResponseReturnValue:
    page = render_template("mails/ask.html", mail=mail, form=form, action=action, lines=lines)
    return page, 422 if form.is_submitted() else 200


def _id_in(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 11 else 0
    return number if 0 < number <= LARGEST_ID else None

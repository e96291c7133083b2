"""One's own account: who I am here, my roles, my mails, my password and second step."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectChoice

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.people import Digest
from tracker.operations import people
from tracker.queries.feeds import links_of
from tracker.queries.standing import roles_on
from tracker.rules.permissions import Permission
from tracker.web.access import me, requires
from tracker.web.forms import Form, required
from tracker.web.words import ROLE_WORDS

bp = Blueprint("account", __name__)

class HeldRoleRow(NamedTuple):
    """One role that the person holds today, as the page says it."""

    words: str
    unit: str
    since: date


class DigestForm(Form):
    """How often one wants to hear of work that is not overdue."""

    digest = RadioField(
        lazy_gettext("Nhận thư nhắc"),
        [required()],
        choices=[
            SelectChoice(Digest.DAILY.value, lazy_gettext("Hằng ngày làm việc")),
            SelectChoice(Digest.WEEKLY.value, lazy_gettext("Mỗi tuần một lần, vào ngày làm việc đầu tuần")),
        ],
    )


@bp.get("/tai-khoan")
@requires(Permission.SIGNED_IN)
def show() -> ResponseReturnValue:
    """Show a person their own account."""
    return _page(DigestForm(digest=me().digest.value))


@bp.post("/tai-khoan/thu-nhac")
@requires(Permission.SIGNED_IN)
def choose_digest() -> ResponseReturnValue:
    """Keep how often the person wants reminders."""
    form = DigestForm()
    if form.validate_on_submit():
        with form.refusals():
            people.choose_digest(me(), Digest(form.digest.data), stamp=form.stamp())
        if not form.was_refused:
            flash(_("Đã lưu cách nhận thư nhắc."), "success")
            return redirect(url_for("account.show"), 303)
    return _page(form), 422


def _page(form: DigestForm) -> str:
    held = roles_on(me(), g.today)
    roles = [HeldRoleRow(_(ROLE_WORDS[each.role]), each.unit.name, each.valid_from) for each in held]
    codes_left = len(me().mf_recovery_codes or [])
    return render_template(
        "account/show.html", me=me(), form=form, roles=roles, codes_left=codes_left, feeds=links_of(me())
    )

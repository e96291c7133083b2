"""The self-check: what the last one found, the ones before it, and ordering another."""

from __future__ import annotations

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.operations import recounting
from tracker.queries.recount.kept import last_kept, names_of, recent
from tracker.queries.units import administers_a_root
from tracker.rules.difference import Difference, codes_in, in_words
from tracker.rules.permissions import Permission
from tracker.web.access import requires
from tracker.web.forms import Form

bp = Blueprint("recount", __name__)

SHOWN = 200
"""Differences on the page; a shell has them all."""
CHECKS_SHOWN = 15


class OrderForm(Form):
    """The button that orders a check."""


@bp.get("/quan-tri/he-thong/doi-soat")
@requires(Permission.ADMINISTER)
def show() -> ResponseReturnValue:
    """Show what the last check found to differ from the history, and the checks before it."""
    return _page(OrderForm()), 200


@bp.post("/quan-tri/he-thong/doi-soat")
@requires(Permission.ADMINISTER)
def order() -> ResponseReturnValue:
    """Order a check: the scheduler begins it within a minute."""
    _require_a_root()
    form = OrderForm()
    if form.validate_on_submit():
        with form.refusals():
            recounting.order(stamp=form.stamp())
        if not form.was_refused:
            flash(_("Đã nhận. Bộ lập lịch bắt đầu đối soát trong vòng một phút."), "success")
            return redirect(url_for("recount.show"), 303)
    return _page(form), 422


def _page(form: OrderForm) -> str:
    _require_a_root()
    last, checks = last_kept(), recent(CHECKS_SHOWN)
    found = {
        name: [Difference.from_data(each) for each in (last.found.get(name, ()) if last else ())][:SHOWN]
        for name in ("differences", "corrections")
    }
    names = names_of(codes_in([*found["differences"], *found["corrections"]]))
    said = {
        name: [in_words(each, say=_, names=names, shows_texts=False) for each in differences]
        for name, differences in found.items()
    }
    return render_template(
        "system/recount.html", form=form, last=last, checks=checks, differences=said["differences"],
        corrections=said["corrections"], waits=recounting.is_ordered(g.now),
        is_running=bool(checks and checks[0].began_at and not checks[0].ended_at),
        given_up_after=recounting.GIVEN_UP_AFTER,
    )  # fmt: skip


def _require_a_root() -> None:
    if not administers_a_root(g.user, day=g.today):
        abort(403)

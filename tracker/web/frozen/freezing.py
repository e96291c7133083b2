"""Freezing a B.4: the page that asks before, and the act."""

from __future__ import annotations

from flask import abort, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.operations import freezing
from tracker.queries import b4 as queries
from tracker.queries.frozen import may_freeze
from tracker.rules.permissions import Permission
from tracker.web.access import me, requires
from tracker.web.b4_links import address_of
from tracker.web.b4_question import read_question
from tracker.web.forms import Form, paragraphs
from tracker.web.frozen.opening import bp


class FreezeForm(Form):
    """What is said about a report that is frozen."""

    note = paragraphs(lazy_gettext("Ghi chú"))


@bp.route("/bieu-b4/chot", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def freeze() -> ResponseReturnValue:
    """Say what freezing the B.4 of the address will do, and do it."""
    asked = read_question()
    question, assigner = asked.question, asked.assigner.unit
    if not asked.assigner.in_full or not may_freeze(me(), assigner, day=g.today):
        abort(403)
    form = FreezeForm()
    if form.validate_on_submit():
        with form.refusals():
            kept = freezing.freeze(question, stamp=form.stamp(), note=form.note.data)
            flash(_("Đã chốt số liệu, lần %(n)s.", n=kept.edition), "success")
            return redirect(url_for("frozen.show", frozen_id=kept.id), 303)
        if not form.was_refused:
            return redirect(url_for("frozen.index"), 303)
    page = render_template(
        "frozen/freeze.html", form=form, question=question, table=queries.table(question),
        is_today=question.on == g.today, back_url=address_of(question),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200

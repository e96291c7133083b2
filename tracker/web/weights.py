"""The weights of the ranking of units, and who sees it: settings with a page of their own."""

from __future__ import annotations

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.files.ranking_words import formula_words
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.operations import calendar as operations
from tracker.queries.ranking import may_see_some
from tracker.queries.settings import all_settings
from tracker.rules.permissions import Permission
from tracker.rules.ranking import Formula
from tracker.rules.settings import OF_RANKING
from tracker.web.access import me, requires
from tracker.web.settings_form import hint_of, require_root, settings_form

bp = Blueprint("weights", __name__)

GROUPS = (
    (lazy_gettext("Trọng số của từng phần"),
     tuple(name for name in OF_RANKING if name.startswith("rank_weight_"))),
    (lazy_gettext("Thang của từng phần"),
     ("rank_late_days_worst", "rank_reminders_worst", "rank_response_days")),
    (lazy_gettext("Xếp hạng và người xem"), ("rank_few_tasks", "rank_visible_to_units")),
)  # fmt: skip


@bp.route("/quan-tri/xep-hang", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show and change the weights; the formula in force stands below in words."""
    require_root()
    stored = all_settings()
    form = settings_form(OF_RANKING, stored=stored, seen=operations.settings_version())
    if form.validate_on_submit():
        with form.refusals():
            changed = form.changed(stored)
            if changed:
                operations.change_settings(changed, stamp=form.stamp())
            flash(_("Đã lưu cách xếp hạng.") if changed else _("Không có gì thay đổi."), "success")
        if not form.was_refused:
            return redirect(url_for("weights.index"), 303)
    differing = []
    if form.is_conflict:
        form.renew(operations.settings_version())
        differing = form.differing(stored)
    page = render_template(
        "settings/ranking.html", form=form, groups=GROUPS, hint_of=hint_of, differing=differing,
        lines=formula_words(Formula.from_settings(stored)), may_try=may_see_some(me(), day=g.today),
    )  # fmt: skip
    return page, 422 if form.errors else 200

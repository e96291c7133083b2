"""The list of the B.4 that were frozen."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.queries.frozen import choices_of, frozen_open_to
from tracker.rules.permissions import Permission
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.forms import ChoiceField, as_choices
from tracker.web.frozen.opening import bp
from tracker.web.reading import reads_reports


class FilterForm(FlaskForm):
    """What the list is narrowed to. It is sent by GET and changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    assigner = ChoiceField(lazy_gettext("Đơn vị giao nhiệm vụ"))
    year = ChoiceField(lazy_gettext("Năm"))


@bp.get("/bieu-b4/da-chot")
@requires(Permission.SEE_REPORTS)
@reads_reports
def index() -> ResponseReturnValue:
    """List the frozen B.4 that the person may see, the newest first; `assigner` and `year` narrow it."""
    choices = choices_of(me(), day=g.today)
    form = FilterForm(request.args)
    form.assigner.choices = as_choices([("", _("Tất cả")), *choices.assigners])
    form.year.choices = as_choices([("", _("Tất cả")), *((str(year), str(year)) for year in choices.years)])
    assigner, year = form.assigner.data or "", form.year.data or ""
    if assigner not in dict(choices.assigners):
        assigner = form.assigner.data = ""
    if year not in {str(each) for each in choices.years}:
        year = form.year.data = ""
    before = _read_place()
    rows, following = frozen_open_to(
        me(), day=g.today, assigner=assigner or None, year=int(year) if year else None, before=before
    )
    words: dict[str, Any] = {"assigner": assigner or None, "year": year or None}
    return render_template(
        "frozen/index.html", rows=rows, form=form, is_narrowed=bool(assigner or year),
        next_url=following and url_for("frozen.index", before=following, **words),
        first_url=before and url_for("frozen.index", **words),
    )  # fmt: skip


def _read_place() -> int | None:
    word = request.args.get("before", "")
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 12 else 0
    return number if 0 < number <= LARGEST_ID else None

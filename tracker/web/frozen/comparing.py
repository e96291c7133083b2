"""Two frozen B.4 of an assigner, or one and the count of today: the difference per cell, and its tasks."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.queries.frozen import Opened, counted_now
from tracker.rules.b4_changes import came_and_left, changes_between
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import CHOICES
from tracker.rules.permissions import Permission
from tracker.rules.words import B4_TITLE
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.b4_links import Addresses
from tracker.web.b4_rows import read_page, shown_of
from tracker.web.frozen.changed import MOST, facts_words
from tracker.web.frozen.opening import address, bp, lines_of, load, read_view
from tracker.web.reading import reads_reports
from tracker.web.reasons import CHOICE_WORDS

NOW = "nay"
"""The word of the address that stands for the count of today."""


class Pair(NamedTuple):
    """Two reports by the day of their numbers, what each is called, and the address's word for the other."""

    then: B4Report
    now: B4Report
    then_name: str
    now_name: str
    word: str


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/so-sanh")
@requires(Permission.SEE_REPORTS)
@reads_reports
def compare(frozen_id: int) -> ResponseReturnValue:
    """Show this report and `voi` (another frozen B.4, or today's count): the later, and the difference."""
    opened, view = load(frozen_id), read_view()
    pair = _pair(opened)
    then, now = (each.table(view.grouping, folded=view.folded) for each in (pair.then, pair.now))
    here = partial(address, opened=opened, view=view, voi=pair.word)
    shown = shown_of(now, then, page=read_page(view.grouping), url=lambda n: here("compare", page=n))
    behind = Addresses(here("differing"))
    return render_template(
        "frozen/compare.html", kept=opened.kept, report=opened.report, pair=pair, view=view,
        shown=shown, behind=behind, title=_(B4_TITLE, assigner=now.assigner_name.upper()),
        back_url=address("show", opened, view), all_url=behind(None, "all"),
    )  # fmt: skip


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/so-sanh/nhiem-vu")
@requires(Permission.SEE_REPORTS)
@reads_reports
def differing(frozen_id: int) -> ResponseReturnValue:
    """Show the tasks behind one difference: which came to the number, which left it, and why."""
    opened, view = load(frozen_id), read_view()
    pair = _pair(opened)
    cell, key = request.args.get("cell", "all"), request.args.get("row")
    if cell not in CHOICES:
        abort(404)
    words: dict[str, Any] = {"grouping": view.grouping, "folded": view.folded}
    came, left = came_and_left(pair.then, pair.now, key, cell, **words)
    names = {
        row.key: row.name
        for each in (pair.then, pair.now)
        for row in each.table(view.grouping, folded=view.folded).rows
    }
    if key is not None and key not in names:
        abort(404)
    shown = [*came[:MOST], *left[:MOST]]
    changes = {change.key: change for change in changes_between(pair.then, pair.now)}
    facts = {task.key: facts_words(changes[task.key]) for task in shown if task.key in changes}
    return render_template(
        "frozen/differing.html", kept=opened.kept, report=opened.report, pair=pair, facts=facts,
        row_name=names[key] if key is not None else None, choice=CHOICE_WORDS[cell], count_came=len(came),
        count_left=len(left), came=lines_of(pair.now, came[:MOST]),
        left=lines_of(pair.then, left[:MOST]),
        back_url=address("compare", opened, view, voi=pair.word),
    )  # fmt: skip


def _pair(opened: Opened) -> Pair:
    """Return this report and the one that it is compared with; of two of one day the one frozen first."""
    word, this = request.args.get("voi", NOW), _("bản đã chốt này")
    if word == NOW:
        on = max(g.today, opened.report.on)
        name = _("số liệu hiện nay, hết ngày %(day)s", day=f"{on:%d/%m/%Y}")
        return Pair(opened.report, counted_now(opened, me(), day=g.today, on=on), this, name, word)
    if not (word.isascii() and word.isdecimal() and len(word) < 12 and int(word) <= LARGEST_ID):
        abort(404)
    other = load(int(word))
    if other.kept.assigner_id != opened.kept.assigner_id:
        abort(404)
    name = _(
        "bản chốt lần %(n)s, kỳ %(first)s – %(last)s, số liệu hết ngày %(day)s", n=other.kept.edition,
        first=f"{other.report.first:%d/%m/%Y}", last=f"{other.report.last:%d/%m/%Y}",
        day=f"{other.report.on:%d/%m/%Y}",
    )  # fmt: skip
    if (other.report.on, other.kept.made_at) < (opened.report.on, opened.kept.made_at):
        return Pair(other.report, opened.report, name, this, word)
    return Pair(opened.report, other.report, this, name, word)

"""One frozen B.4: its table in every grouping, the tasks behind each number, its paper and its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue

from tracker.clock import day_of
from tracker.files.b4 import Frozen
from tracker.files.b4_files import FORMS, NEEDS_TASKS, file_of
from tracker.files.b4_words import frozen_words
from tracker.language import gettext as _
from tracker.queries.b4 import moves_of
from tracker.queries.frozen import Opened, others_of
from tracker.queries.paper_templates import template_of
from tracker.queries.units import issuer_of
from tracker.rules.b4_deadlines import is_due_in, waits_in
from tracker.rules.b4_table import CHOICES, B4Table, Grouping, Page
from tracker.rules.papers import Issuer, issuing_body, notation_of, place_of, signing_lines
from tracker.rules.permissions import Permission
from tracker.rules.waiting import LIMITS
from tracker.rules.words import B4_TITLE
from tracker.web.access import me, requires
from tracker.web.b4_links import Addresses
from tracker.web.b4_pictures import month_words
from tracker.web.b4_question import GROUPING_WORDS
from tracker.web.b4_rows import read_page, shown_of
from tracker.web.frozen.changed import changed_lines
from tracker.web.frozen.opening import PAGE, View, address, bp, days_of, lines_of, load, read_start, read_view
from tracker.web.large import order_instead
from tracker.web.reading import reads_reports
from tracker.web.reasons import CHOICE_WORDS, stretch_words


@bp.get("/bieu-b4/da-chot/<id:frozen_id>")
@requires(Permission.SEE_REPORTS)
@reads_reports
def show(frozen_id: int) -> ResponseReturnValue:
    """Show a frozen B.4 from its data alone, and how many of its tasks changed since."""
    opened, view = load(frozen_id), read_view()
    groupings = [
        (words, address("show", opened, each), each == view)
        for each, words in [(View(grouping, False), words) for grouping, words in GROUPING_WORDS.items()]
        + [(View(Grouping.UNIT, True), _("Gộp đơn vị trực thuộc"))]
    ]
    return render_template(
        "frozen/show.html", opened=opened, kept=opened.kept, report=opened.report, groupings=groupings,
        others=others_of(opened.kept, me(), day=g.today), forms=FORMS, view=view,
        changed=len(changed_lines(opened)), stamp=Frozen(*opened.stamp_line),
        **_shown(opened, view, read_page(view.grouping)),
    )  # fmt: skip


def _part_of(opened: Opened, view: View) -> B4Table:
    """Return the table, on paper a part by the name of the unit that it is of."""
    part_of = me().unit.name if opened.is_part else ""
    return replace(opened.report.table(view.grouping, folded=view.folded), part_of=part_of)


def _shown(opened: Opened, view: View, page: Page | None = None) -> dict[str, Any]:
    """Return what the page and the paper both show."""
    table = opened.report.table(view.grouping, folded=view.folded)
    return {
        "table": table, "then": None, "compare": None, "question": days_of(opened.report, view),
        "shown": shown_of(table, page=page, url=lambda n: address("show", opened, view, page=n)),
        "assigner": SimpleNamespace(in_full=not opened.is_part), "row_head": view.head,
        "behind": Addresses(address("tasks", opened, view)),
        "title": _(B4_TITLE, assigner=table.assigner_name.upper()),
    }  # fmt: skip


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/nhiem-vu")
@requires(Permission.SEE_REPORTS)
@reads_reports
def tasks(frozen_id: int) -> ResponseReturnValue:
    """Show the frozen tasks that a number counts: `row` (all rows without it), `cell`, `undated`.

    `due` (a month as "2026-03") and `waiting` (a stretch, from 0) leave those of a number of the pictures.
    """
    opened, view = load(frozen_id), read_view()
    cell, key = request.args.get("cell", "all"), request.args.get("row")
    undated = request.args.get("undated") == "1"
    report = opened.report
    rows = {row.key: row for row in report.table(view.grouping, folded=view.folded).rows}
    if cell not in CHOICES or (key is not None and key not in rows):
        abort(404)
    found = report.behind(
        key, cell, grouping=view.grouping, folded=view.folded, without_deadline=undated
    )
    due, stretch = _read_month(), _read_stretch()
    if due is not None:
        found = tuple(task for task in found if is_due_in(task, due, day=report.on))
    if stretch is not None:
        found = tuple(task for task in found if waits_in(task, stretch, day=report.on))
    start = read_start()
    chosen = found[start : start + PAGE]
    here: dict[str, Any] = {"cell": cell, "row": key, "undated": 1 if undated else None,
                            "due": due and f"{due:%Y-%m}", "waiting": stretch}  # fmt: skip

    def place(**values: Any) -> str:
        return address("tasks", opened, view, **here, **values)

    return render_template(
        "frozen/tasks.html", kept=opened.kept, report=report, row=rows.get(key) if key is not None else None,
        choice=_("Không thời hạn") if undated else CHOICE_WORDS[cell], count=len(found), view=view,
        month=due and month_words(due), stretch=None if stretch is None else stretch_words()[stretch],
        lines=lines_of(report, chosen), back_url=address("show", opened, view),
        next_url=place(after=start + PAGE) if len(found) > start + PAGE else None,
        first_url=place() if start else None,
    )  # fmt: skip


def _read_month() -> date | None:
    word = request.args.get("due")
    if word is None:
        return None
    try:
        return date.fromisoformat(f"{word}-01")
    except ValueError:
        abort(404)


def _read_stretch() -> int | None:
    word = request.args.get("waiting")
    if word is None:
        return None
    return int(word) if word in map(str, range(len(LIMITS) + 1)) else abort(404)


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/in")
@requires(Permission.SEE_REPORTS)
@reads_reports
def paper(frozen_id: int) -> ResponseReturnValue:
    """Show a frozen B.4 on A4 paper with who froze it, when, and its SHA-256; dated that day."""
    opened, view = load(frozen_id), read_view()
    way = request.args.get("paper", "landscape")
    if way not in ("portrait", "landscape"):
        abort(404)
    other = "portrait" if way == "landscape" else "landscape"
    issuer = _issuer(opened)

    def there(endpoint: str, **values: Any) -> str:
        return address("show" if endpoint == "reports.b4" else "paper", opened, view, **values)

    return render_template(
        "reports/b4_print.html", body=issuing_body(issuer.name, issuer.above), issuer=issuer,
        notation=notation_of(issuer.name, "BC"), place=place_of([issuer.name, *issuer.above]),
        day=day_of(opened.kept.made_at), signing=signing_lines(issuer.name, issuer.title_of_head),
        landscape=way == "landscape", other_paper=other, address=there, is_intact=opened.is_intact,
        frozen_line=frozen_words(Frozen(*opened.stamp_line)),
        **_shown(opened, view) | {"table": _part_of(opened, view)},
    )  # fmt: skip


def _issuer(opened: Opened) -> Issuer:
    """Return under whose head it is printed: the assigner as it was called, of a part the person's unit."""
    if opened.is_part:
        return issuer_of(me().unit)
    report = opened.report
    return Issuer(report.assigner_name, report.above, report.title_of_head)


@bp.get("/bieu-b4/da-chot/<id:frozen_id>/tep/<form>")
@requires(Permission.SEE_REPORTS)
@reads_reports
def file(frozen_id: int, form: str) -> ResponseReturnValue:
    """Give a frozen B.4 as a file, from its data; one that would hold too many tasks is ordered instead."""
    opened, view = load(frozen_id), read_view()
    if form not in FORMS or not opened.is_intact:
        abort(404)
    report, moves = opened.report, None
    if form in NEEDS_TASKS:
        way = order_instead("frozen", form, tasks=len(report.tasks), report=opened.kept.id, **view.words)
        if way is not None:
            return way
        moves = moves_of(report)
    issuing = me().unit if opened.is_part else opened.kept.assigner
    made = file_of(
        form, _part_of(opened, view), report, made_on=day_of(opened.kept.made_at),
        frozen=Frozen(*opened.stamp_line), issuer=_issuer(opened),
        template=template_of(issuing) if form == "docx" else None, moves=moves,
    )  # fmt: skip
    named = f'attachment; filename="{made.filename}"'
    return made.content, {"Content-Type": made.media_type, "Content-Disposition": named}



"""B.4 on the screen, on A4 paper, and as a small file; compared with an earlier day where that is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, g, render_template, request
from flask.typing import ResponseReturnValue

from tracker.files.b4_files import FORMS, NEEDS_TASKS, file_of
from tracker.language import gettext as _
from tracker.models import end_reading
from tracker.queries import b4 as queries
from tracker.queries.frozen import may_freeze
from tracker.queries.paper_templates import template_of
from tracker.queries.ranking import may_see_some
from tracker.queries.units import issuer_of
from tracker.rules.b4_table import B4Table, Grouping, Page
from tracker.rules.papers import issuing_body, notation_of, place_of, signing_lines
from tracker.rules.permissions import Permission
from tracker.rules.words import B4_TITLE
from tracker.web.access import me, requires
from tracker.web.b4_chooser import compare_lines, period_lines, steps
from tracker.web.b4_links import B4, addresses_behind, addresses_of
from tracker.web.b4_question import GROUPING_WORDS, Asked, NothingToAsk, Unanswerable, read_question
from tracker.web.b4_rows import read_page, shown_of
from tracker.web.large import order_instead
from tracker.web.reading import reads_reports
from tracker.web.reports.blueprint import bp

PORTRAIT, LANDSCAPE = "portrait", "landscape"
"""How the paper lies, by the word `paper` of the address; the table is broad, so across unless asked."""


@bp.get("/bieu-b4")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4() -> ResponseReturnValue:
    """Show B.4, or give it as a file with `format=` one of xlsx, docx, csv and json."""
    asked = read_question()
    if (form := request.args.get("format")) is not None:
        return _file(asked, queries.table(asked.question), form)
    page = read_page(asked.question.grouping)
    if page is None or asked.earlier is not None:
        table = queries.table(asked.question)
    else:
        table = queries.page_of(asked.question, page)
    return render_template(
        "reports/b4.html",
        form=asked.form,
        lines=(*period_lines(asked.question), *compare_lines(asked.question, asked.compare)),
        steps=steps(asked.question),
        may_rank=may_see_some(me(), day=g.today),
        may_freeze=asked.assigner.in_full and may_freeze(me(), asked.assigner.unit, day=g.today),
        **_shown(asked, table, page),
    )


@bp.app_errorhandler(NothingToAsk)
def say_nothing_to_ask(_error: NothingToAsk) -> ResponseReturnValue:
    """Say to a person without any B.4 why there is none."""
    return render_template("reports/nothing.html")


@bp.app_errorhandler(Unanswerable)
def say_unanswerable(error: Unanswerable) -> ResponseReturnValue:
    """Show, whatever page or file of a B.4 was asked for, the form with what is wrong and what to type."""
    return render_template("reports/b4.html", form=error.form, table=None, assigner=error.assigner), 422


def _shown(asked: Asked, table: B4Table, page: Page | None = None) -> dict[str, Any]:
    """Return what the page and the paper both show."""
    question, earlier = asked.question, asked.earlier
    then = queries.table(earlier) if earlier is not None else None
    address = addresses_of(question, compare=asked.compare)
    shown = shown_of(table, then, page=page, url=lambda number: address(B4, page=number))
    behind = addresses_behind(question, gone=shown.gone, compare=asked.compare)
    return {
        "table": table, "then": then, "shown": shown, "question": question, "compare": asked.compare,
        "assigner": asked.assigner, "title": _(B4_TITLE, assigner=table.assigner_name.upper()),
        "row_head": _row_head(question.grouping), "behind": behind, "address": address,
    }  # fmt: skip


def _row_head(grouping: Grouping) -> str:
    return _("Đơn vị") if grouping is Grouping.UNIT else str(GROUPING_WORDS[grouping])


def _file(asked: Asked, table: B4Table, form: str) -> ResponseReturnValue:
    """Return the table as a file; one that would hold too many tasks is ordered instead."""
    question = asked.question
    if form not in FORMS:
        abort(404)
    report, moves = None, None
    if form in NEEDS_TASKS:
        words = {"assigner": question.assigner.code, "from": question.first, "to": question.last,
                 "on": question.on, "group": question.grouping.value, "compare": asked.compare}  # fmt: skip
        folded = "1" if question.folded else None
        if (way := order_instead("b4", form, tasks=table.total.all, folded=folded, **words)) is not None:
            return way
        report = queries.report(question)
        moves = queries.moves_of(report)
    then = queries.table(asked.earlier) if asked.earlier is not None else None
    issuer = None if asked.assigner.in_full else issuer_of(me().unit)
    if issuer is not None:
        table = replace(table, part_of=issuer.name)
    template = template_of(asked.assigner.unit if issuer is None else me().unit) if form == "docx" else None
    end_reading()
    file = file_of(
        form, table, report, made_on=g.today, then=then, issuer=issuer, template=template, moves=moves
    )
    named = f'attachment; filename="{file.filename}"'
    return file.content, {"Content-Type": file.media_type, "Content-Disposition": named}


@bp.get("/bieu-b4/in")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4_print() -> ResponseReturnValue:
    """Show B.4 on A4 paper, under the head of the assigner; a part of it under that of the person's unit."""
    asked = read_question()
    paper = request.args.get("paper", LANDSCAPE)
    if paper not in (PORTRAIT, LANDSCAPE):
        abort(404)
    table = queries.table(asked.question)
    issuer = issuer_of(asked.assigner.unit if asked.assigner.in_full else me().unit)
    above = issuer.above
    return render_template(
        "reports/b4_print.html", body=issuing_body(issuer.name, above), issuer=issuer,
        notation=notation_of(issuer.name, "BC"), place=place_of([issuer.name, *above]), day=g.today,
        signing=signing_lines(issuer.name, issuer.title_of_head), landscape=paper == LANDSCAPE,
        other_paper=PORTRAIT if paper == LANDSCAPE else LANDSCAPE,
        **_shown(asked, replace(table, part_of="" if asked.assigner.in_full else issuer.name)),
    )  # fmt: skip

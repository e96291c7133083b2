"""The ranking of lead units: the table, on paper, as files, and the tasks and reasons behind its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.files import ranking_words as words
from tracker.files.paper import MEDIA_TYPE as DOCX
from tracker.files.ranking_paper import as_docx
from tracker.files.ranking_sheet import as_xlsx
from tracker.files.score_bar import score_bar
from tracker.files.sheet import MEDIA_TYPE as XLSX
from tracker.language import gettext as _
from tracker.models import db
from tracker.models.units import Unit
from tracker.queries import ranking as queries
from tracker.queries.b4 import Behind, Question, assigners_open_to
from tracker.queries.corrections import units_since
from tracker.queries.units import issuer_of
from tracker.rules.papers import Issuer, issuing_body, notation_of, place_of, signing_lines
from tracker.rules.permissions import Permission
from tracker.rules.ranking import PART_MEASURES, Figures, Formula, Measure, RankedUnit, Ranking
from tracker.rules.ranking_facts import RankedTask
from tracker.rules.settings import OF_RANKING
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.b4_chooser import period_lines, steps
from tracker.web.b4_links import address_of
from tracker.web.b4_question import Asked, NothingToAsk, Unanswerable, read_question
from tracker.web.filters import day as day_words
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.reading import reads_reports
from tracker.web.reasons import why_there
from tracker.web.settings_form import SettingsForm, hint_of, settings_form

bp = Blueprint("ranking", __name__)

ASKED = ("assigner", "from", "to", "on")
"""The words of an address of B.4 that ask a ranking too."""

PAGE = 100
"""Tasks on one page behind a number."""

TRIED = tuple(name for name in OF_RANKING if name != "rank_visible_to_units")
"""The settings that the score follows from, and that may be tried with other values."""

EVENTS = frozenset({
    Measure.ASKED, Measure.GRANTED, Measure.REPORTS, Measure.REWORK, Measure.BEFORE, Measure.AFTER,
    Measure.URGED, Measure.NEEDED,
})  # fmt: skip
"""Measures that count what happened to tasks: one task may count several times."""
OF_RESPONSE = frozenset({Measure.RESPONSE, Measure.IN_RESPONSE_DAYS, Measure.RESPONSE_JUDGED})


class Opened(NamedTuple):
    """A question that a person may ask of the ranking."""

    asked: Asked
    question: Question
    in_full: bool


def _load() -> Opened:
    """Read the question from the address, as for B.4; 403 for who neither heads nor oversees any unit."""
    if not queries.may_see_some(me(), day=g.today):
        abort(403)
    asked = read_question(assigners_open_to(me(), day=g.today), words=ASKED)
    question = replace(asked.question, part=None)
    return Opened(asked, question, asked.assigner.in_full)


@bp.errorhandler(NothingToAsk)
def say_nothing_to_ask(_error: NothingToAsk) -> ResponseReturnValue:
    """Say to a person without any ranking why there is none."""
    return render_template("ranking/nothing.html")


@bp.errorhandler(Unanswerable)
def say_unanswerable(error: Unanswerable) -> ResponseReturnValue:
    """Show, whatever page or file of a ranking was asked for, the form with what is wrong."""
    page = render_template("ranking/show.html", form=error.form, ranking=None, assigner=error.assigner)
    return page, 422


def _ranking_of(opened: Opened) -> Ranking:
    """Return what the person sees of the ranking: all of it, or the rows of their own units."""
    settings = settings_of_request()
    whole = queries.ranking(
        opened.question, formula=Formula.from_settings(settings), calendar=calendar_of_request()
    )
    if opened.in_full:
        return whole
    mine = queries.own_codes(me(), [row.unit.code for row in whole.rows], day=g.today)
    return whole.part(mine, all_rows=settings["rank_visible_to_units"])


@bp.get("/xep-hang")
@requires(Permission.SEE_REPORTS)
@reads_reports
def index() -> ResponseReturnValue:
    """Show the ranking, or give it as a file with `format=xlsx` or `format=docx`."""
    opened = _load()
    asked = opened.asked
    ranking = _ranking_of(opened)
    if (form := request.args.get("format")) is not None:
        return _file(ranking, form)
    return render_template(
        "ranking/show.html", form=asked.form, assigner=asked.assigner,
        lines=period_lines(opened.question, endpoint="ranking.index"),
        steps=steps(opened.question, endpoint="ranking.index"), **_shown(opened, ranking),
    )  # fmt: skip


def _shown(opened: Opened, ranking: Ranking) -> dict[str, Any]:
    """Return what the page and the paper both show."""
    question = opened.question

    def address(endpoint: str = "ranking.index", **values: Any) -> str:
        return address_of(question, endpoint, **values)

    def behind(row: RankedUnit | None, measure: Measure) -> str | None:
        """Return where the tasks of a number are, None for a number that the person may not open."""
        if row is None:
            return address("ranking.behind", measure=measure.value) if opened.in_full else None
        if not ranking.may_open(row):
            return None
        return address("ranking.behind", row=row.unit.code, measure=measure.value)

    return {
        "ranking": ranking, "question": question, "words": words, "address": address, "behind": behind,
        "bar": score_bar, "total": len(ranking.rows) > 1 and opened.in_full, "in_full": opened.in_full,
    }  # fmt: skip


def _file(ranking: Ranking, form: str) -> ResponseReturnValue:
    match form:
        case "xlsx":
            content, media_type = as_xlsx(ranking, made_on=g.today), XLSX
        case "docx":
            content, media_type = as_docx(ranking, made_on=g.today, issuer=_issuer_of(ranking)), DOCX
        case _:
            abort(404)
    name = f"xep-hang-{ranking.assigner_code}-{ranking.on.isoformat()}.{form}"
    return content, {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}


def _issuer_of(ranking: Ranking) -> Issuer:
    """Return under whose name the ranking is printed: the assigner's, the person's unit's of a part."""
    if ranking.open_codes is None:
        return Issuer(ranking.assigner_name, ranking.above, ranking.title_of_head)
    return issuer_of(me().unit)


@bp.get("/xep-hang/in")
@requires(Permission.SEE_REPORTS)
@reads_reports
def paper() -> ResponseReturnValue:
    """Show the ranking on A4 paper, across."""
    opened = _load()
    ranking = _ranking_of(opened)
    issuer = _issuer_of(ranking)
    return render_template(
        "ranking/print.html", body=issuing_body(issuer.name, issuer.above), issuer=issuer,
        notation=notation_of(issuer.name, "BC"), place=place_of([issuer.name, *issuer.above]), day=g.today,
        signing=signing_lines(issuer.name, issuer.title_of_head), landscape=True, **_shown(opened, ranking),
    )  # fmt: skip


@bp.get("/xep-hang/vi-sao")
@requires(Permission.SEE_REPORTS)
@reads_reports
def why() -> ResponseReturnValue:
    """Show the parts of the score of one unit (`row`), each with the numbers that it follows from."""
    opened = _load()
    ranking = _ranking_of(opened)
    row = ranking.row(request.args.get("row", ""))
    if row is None or not ranking.may_open(row):
        abort(404)
    return render_template(
        "ranking/why.html", row=row, part_measures=PART_MEASURES, **_shown(opened, ranking)
    )


class Line(NamedTuple):
    """A task behind a number: the facts that it counts by; without address it may not be opened."""

    task: Behind
    url: str
    facts: str


@bp.get("/xep-hang/nhiem-vu")
@requires(Permission.SEE_REPORTS)
@reads_reports
def behind() -> ResponseReturnValue:
    """Show the tasks that a number counts: `measure`, and `row` (the code of a unit; all without it)."""
    opened = _load()
    code, measure = request.args.get("row"), _read_measure()
    if not opened.in_full and not queries.own_codes(me(), [code or ""], day=g.today):
        abort(404)
    question = opened.question
    unit_name = _unit_name(code, question.on) if code is not None else None
    response_days = Formula.from_settings(settings_of_request()).response_days
    tasks = queries.read_tasks(question, calendar=calendar_of_request(), unit_code=code)
    figures = Figures(tuple(tasks), response_days)
    counted = figures.behind(measure)
    seen = counted
    if not opened.in_full:
        open_ids = queries.open_tasks(question, me(), day=g.today)
        seen = tuple(task for task in counted if task.task_id in open_ids)
    after = _read_place()
    ahead = [task for task in seen if after is None or queries.place_of(task) > after]
    page, following = ahead[:PAGE], len(ahead) > PAGE
    here: dict[str, Any] = {"measure": measure.value} | ({"row": code} if code is not None else {})

    def address(**values: Any) -> str:
        return address_of(question, "ranking.behind", **here, **values)

    place = f"{queries.place_of(page[-1])[0].isoformat()}.{page[-1].task_id}" if following else ""
    return render_template(
        "ranking/behind.html", question=question, unit_name=unit_name, measure=measure, words=words,
        lines=_lines(page, measure, question), count=len(counted), times=figures.count(measure),
        is_of_events=measure in EVENTS, figures=figures, hidden=len(counted) - len(seen),
        response_days=response_days, back_url=address_of(question, "ranking.index"),
        next_url=place and address(after=place), first_url=after and address(),
    )  # fmt: skip


def _read_measure() -> Measure:
    try:
        return Measure(request.args.get("measure", Measure.COUNTED.value))
    except ValueError:
        abort(404)


def _read_place() -> tuple[date, int] | None:
    """Return the place in the list that the address names, None for its beginning or a place that is none."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        place = date.fromisoformat(day), int(number)
    except ValueError:
        return None
    return place if 0 < place[1] <= LARGEST_ID else None


def _unit_name(code: str, on: date) -> str:
    unit = db.one_or_404(db.select(Unit).where(Unit.code == code))
    return units_since([unit.id], on).get(unit.id, {}).get("name", unit.name)


def _lines(page: Sequence[RankedTask], measure: Measure, question: Question) -> list[Line]:
    told = queries.read_words(question, [task.task_id for task in page])
    return [_line(task, told[task.task_id], measure, question.on) for task in page]


def _line(task: RankedTask, told: Behind, measure: Measure, on: date) -> Line:
    if measure in OF_RESPONSE:
        facts = words.response_words(task, on)
    elif measure in EVENTS:
        facts = words.events_words(task, measure)
    else:
        facts = _("giao %(day)s, %(why)s", day=day_words(task.given_on),
                  why=why_there(told, cell=told.cell, day=on))  # fmt: skip
    taken = "" if measure in OF_RESPONSE else words.taken_words(task)
    return Line(told, url_for("tasks.show", task_id=task.task_id), "; ".join(filter(None, (facts, taken))))


class TriedForm(SettingsForm):
    """Other weights to look at; sent by GET, stores nothing, so it carries no token."""

    class Meta:
        csrf = False


@bp.get("/xep-hang/thu-trong-so")
@requires(Permission.SEE_REPORTS)
@reads_reports
def tried() -> ResponseReturnValue:
    """Show how the ranking would be with other weights, beside the places in force; nothing is stored."""
    opened = _load()
    if not opened.in_full:
        abort(403)
    settings = settings_of_request()
    given = request.args if any(name in request.args for name in TRIED) else None
    form = settings_form(TRIED, stored=settings, base=TriedForm, formdata=given)
    is_good = given is None or form.validate()
    in_force = _ranking_of(opened)
    ranking = in_force.with_formula(Formula.from_settings(settings | form.typed)) if is_good else in_force
    page = render_template(
        "ranking/tried.html", form=form, names=TRIED, hint_of=hint_of, in_force=in_force,
        assigner=opened.asked.assigner, **_shown(opened, ranking),
    )  # fmt: skip
    return page, 200 if is_good else 422

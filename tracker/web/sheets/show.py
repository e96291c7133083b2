"""One brought sheet: its columns, its rows with errors beside their cells, and giving it out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField

from tracker import clock
from tracker.files.task_sheet import bad_rows
from tracker.intake.sheet.rows import Problem, Row
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.sheet import BatchState, ImportBatch
from tracker.operations import sheets
from tracker.operations.aliases import learn
from tracker.operations.sheets import ReadBatch
from tracker.queries.calendar import calendar_of_papers
from tracker.queries.sheets import outcomes_of, unit_coded
from tracker.rules.permissions import Permission
from tracker.rules.task_fields import FIELDS
from tracker.rules.words import KINDS_OF_DIRECTIVE
from tracker.web.access import requires
from tracker.web.forms import ChoiceField, DayField, Form, as_choices, field_of_name, line
from tracker.web.once import calendar_of_request
from tracker.web.sheets.blueprint import STATE_WORDS, bp, load_batch
from tracker.web.sheets.bringing import workbook

PAGE = 50
MOST_ASKED = 20
"""Unknown names that are asked at once."""
MOST_COLUMNS = 7
"""Columns that fit a screen beside what became of a row; of more only those that tell a task are shown."""
TELLING = ("number", "content", "lead", "due")
"""The fields that say which task a row is."""
ALL_COLUMNS = "tat-ca"
UNDER_WAY = (BatchState.QUEUED, BatchState.RUNNING)
SHOWS = {
    "loi": lazy_gettext("Dòng có lỗi"), "dung": lazy_gettext("Dòng đúng"),
    "da-co": lazy_gettext("Dòng đã có trong sổ"), "tat-ca": lazy_gettext("Tất cả"),
}  # fmt: skip


class Line(NamedTuple):
    """One row as the page shows it: its cells, errors by column, and what became of it."""

    row: Row
    cells: Sequence[str]
    errors: dict[int, list[str]]
    others: list[str]
    """Errors of fields that no column holds."""
    tasks: list[tuple[int, str]]
    """Ids of the tasks that the row is by now, and their lead units."""
    differs: list[str]
    """Columns in which it says something else than they do."""
    refused: str | None


def _read(batch: ImportBatch) -> ReadBatch:
    calendar = calendar_of_papers(g.today, calendar_of_request())
    return sheets.read(batch, today=g.today, calendar=calendar)


def _form(batch: ImportBatch, found: ReadBatch) -> Any:
    """Return the form of a sheet: what each column is, the directive of the others, names to be explained."""
    fields: dict[str, Any] = {}
    choices = [("", _("(không đọc)")), *((key, _(words)) for key, words in FIELDS.items())]
    for at, head in enumerate(found.sheet.heads):
        label = head or _("Cột %(number)s", number=at + 1)
        fields[f"column_{at}"] = ChoiceField(
            label, choices=as_choices(choices), default=batch.columns[at]
        )
    units = [("", _("(để lỗi, sửa trong tệp)")), *found.known.units.names.items()]
    for name, _rows in found.unknown.most_common(MOST_ASKED):
        near = next(
            (each.suggestions for row in found.bad for each in row.problems if each.name == name), ()
        )
        first = [each for each in units if each[0] in near or not each[0]]
        others = [each for each in units if each not in first]
        fields[field_of_name(name)] = ChoiceField(name, choices=as_choices([*first, *others]), default="")
    paper = batch.paper
    fields |= {
        "number": line(lazy_gettext("Số văn bản chung"), most=64, default=paper.get("number", "")),
        "kind": ChoiceField(
            lazy_gettext("Loại văn bản"),
            choices=as_choices((key, _(words)) for key, words in KINDS_OF_DIRECTIVE.items()),
            default=paper.get("kind") or "CV",
        ),
        "issued_on": DayField(
            lazy_gettext("Ngày văn bản"),
            default=date.fromisoformat(paper["issued_on"]) if paper.get("issued_on") else None,
        ),
        "subject": line(lazy_gettext("Trích yếu"), most=500, default=paper.get("subject", "")),
        "remember": BooleanField(lazy_gettext("Nhớ các cột này cho lần sau"), default=True),
    }  # fmt: skip
    return type("ReadForm", (Form,), fields)(seen=batch.version)


@bp.route("/nhap-excel/<id:batch_id>", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def show(batch_id: int) -> ResponseReturnValue:
    """Show what was understood of a sheet, and read it again with what the person says about it."""
    batch = load_batch(batch_id)
    if batch.state in UNDER_WAY:
        return render_template("sheets/under_way.html", batch=batch, form=Form(), state_words=STATE_WORDS)
    found = _read(batch)
    form = _form(batch, found)
    if form.is_submitted() and form.validate() and _correct(batch, found, form):
        flash(_("Đã đọc lại bảng."), "success")
        return redirect(url_for("sheets.show", batch_id=batch.id), 303)
    told = outcomes_of(batch.id)
    chosen = request.args.get("xem", "")
    kinds = {"loi": found.bad, "dung": found.good, "tat-ca": found.rows}
    kinds["da-co"] = [row for row in found.rows if row.number in found.same]
    chosen = chosen if chosen in SHOWS else "loi" if found.bad else "dung" if found.good else "da-co"
    begin = _begin(len(kinds[chosen]))
    cells = dict(found.sheet.rows)
    lines = [_line(row, cells[row.number], batch, found, told) for row in kinds[chosen][begin:][:PAGE]]
    filled = {
        at for line in lines for at, cell in enumerate(line.cells)
        if (cell and batch.columns[at] not in ("order", "key")) or at in line.errors
    }  # fmt: skip
    in_full = request.args.get("cot") == ALL_COLUMNS
    shown = filled if in_full else _shown(filled, lines, batch, chosen)
    page = render_template(
        "sheets/show.html", batch=batch, form=form, found=found, fields=FIELDS, state_words=STATE_WORDS,
        lines=lines, filled=sorted(shown), columns_left=len(filled) - len(shown),
        columns_word=ALL_COLUMNS if in_full else None,
        shows=[(key, words, len(kinds[key]), key == chosen) for key, words in SHOWS.items()], chosen=chosen,
        begin=begin, following=begin + PAGE if begin + PAGE < len(kinds[chosen]) else None, page=PAGE,
        columns=[form[f"column_{at}"] for at in range(len(batch.columns))],
        names=[form[field_of_name(name)] for name, _n in found.unknown.most_common(MOST_ASKED)],
        refused=sum(1 for task_id, error in told.values() if task_id is None and error),
        given=sum(1 for task_id, _error in told.values() if task_id is not None),
        counts=(len(found.good), len(found.bad), len(found.same)),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _shown(filled: set[int], lines: Sequence[Line], batch: ImportBatch, chosen: str) -> set[int]:
    """Return the columns that are shown at first.

    Of bad rows, and of a wide sheet, these say which task it is, how it stands and where something is wrong.
    """
    if chosen != "loi" and len(filled) <= MOST_COLUMNS:
        return filled
    wrong = {at for line in lines for at in line.errors}
    telling = TELLING if chosen == "loi" else (*TELLING, "state")
    return {at for at in filled if batch.columns[at] in telling or at in wrong}


def _begin(total: int) -> int:
    asked = request.args.get("tu", "")
    return min(int(asked), total) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0


def _line(
    row: Row, cells: Sequence[str], batch: ImportBatch, found: ReadBatch,
    told: dict[int, tuple[int | None, str | None]],
) -> Line:  # fmt: skip
    errors: dict[int, list[str]] = {}
    others = []
    for problem in () if row.number in found.same else row.problems:
        if problem.where in batch.columns:
            errors.setdefault(batch.columns.index(problem.where), []).append(_said(problem, found))
        else:
            others.append(f"{_(FIELDS[problem.where])}: {_said(problem, found)}")
    task_id, refused = told.get(row.number, (None, None))
    names = found.known.units.names
    tasks = [(each, names.get(lead, "")) for lead, each in found.there.get(row.number, {}).items()]
    if not tasks and task_id is not None:
        tasks = [(task_id, "")]
    differs = [_(FIELDS[field]) for field in found.differs.get(row.number, ())]
    return Line(row, cells, errors, others, tasks, differs, refused)


def _said(problem: Problem, found: ReadBatch) -> str:
    sentence = _(problem.message)
    sentence = sentence % problem.values if problem.values else sentence
    if near := [found.known.units.names[code] for code in problem.suggestions[:3]]:
        sentence += " " + _("Có phải: %(names)s?", names="; ".join(near))
    return sentence


def _correct(batch: ImportBatch, found: ReadBatch, form: Any) -> bool:
    columns = [form[f"column_{at}"].data for at in range(len(batch.columns))]
    doubled = {field for field in columns if field and columns.count(field) > 1}
    for at, field in enumerate(columns):
        if field in doubled:
            words = _("Hai cột cùng là “%(field)s”. Chọn một.", field=_(FIELDS[field]))
            form[f"column_{at}"].errors = [words]
    if doubled:
        return False
    paper = {
        "number": form["number"].data or "", "kind": form["kind"].data, "subject": form["subject"].data or "",
        "issued_on": form["issued_on"].data.isoformat() if form["issued_on"].data else "",
    }  # fmt: skip
    if any((paper["number"], paper["subject"], paper["issued_on"])) and not paper["issued_on"]:
        form["issued_on"].errors = [_("Văn bản chung cần ngày văn bản.")]
        return False
    named = {name: form[field_of_name(name)].data for name, _n in found.unknown.most_common(MOST_ASKED)}
    meant = {name: unit for name, code in named.items() if code and (unit := unit_coded(code))}
    with form.refusals():
        sheets.change(batch, stamp=form.stamp(), columns=columns, paper=paper)
        learn(batch.unit, meant, stamp=form.stamp())
        if form["remember"].data:
            sheets.remember_columns(batch, stamp=form.stamp())
    return not form.was_refused


@bp.post("/nhap-excel/<id:batch_id>/nhap")
@requires(Permission.REGISTER_DIRECTIVE)
def start(batch_id: int) -> ResponseReturnValue:
    """Make tasks of the rows: of all when none is bad, else of the good ones when that was asked for."""
    batch = load_batch(batch_id)
    form = Form()
    only_good = request.form.get("rows") == "good"
    if form.validate():
        found = _read(batch)
        if not found.good or (found.bad and not only_good):
            flash(_("Còn dòng lỗi nên chưa nhập dòng nào. Sửa, hoặc chọn chỉ nhập dòng đúng."), "danger")
            return redirect(url_for("sheets.show", batch_id=batch.id), 303)
        with form.refusals():
            sheets.start(batch, stamp=form.stamp(), total=len(found.good), only_good=only_good)
            if len(found.good) <= sheets.SMALL:
                sheets.work_now(batch, now=clock.now)
        _tell(form)
    return redirect(url_for("sheets.show", batch_id=batch_id), 303)


@bp.post("/nhap-excel/<id:batch_id>/huy")
@requires(Permission.REGISTER_DIRECTIVE)
def cancel(batch_id: int) -> ResponseReturnValue:
    """Stop the job; what was given stays."""
    batch, form = load_batch(batch_id), Form()
    if form.validate():
        with form.refusals():
            sheets.cancel(batch, stamp=form.stamp())
        _tell(form)
    return redirect(url_for("sheets.show", batch_id=batch_id), 303)


@bp.post("/nhap-excel/<id:batch_id>/bo")
@requires(Permission.REGISTER_DIRECTIVE)
def drop(batch_id: int) -> ResponseReturnValue:
    """Put a sheet away."""
    batch, form = load_batch(batch_id, or_dropped=True), Form()
    if batch.state is BatchState.DROPPED:
        return redirect(url_for("sheets.index"), 303)
    if form.validate():
        with form.refusals():
            sheets.drop(batch, stamp=form.stamp())
        if not form.was_refused:
            flash(_("Đã bỏ bảng khỏi danh sách."), "success")
            return redirect(url_for("sheets.index"), 303)
        _tell(form)
    return redirect(url_for("sheets.show", batch_id=batch_id), 303)


def _tell(form: Form) -> None:
    for message in form.form_errors:
        flash(message, "danger")


@bp.get("/nhap-excel/<id:batch_id>/dong-loi.xlsx")
@requires(Permission.REGISTER_DIRECTIVE)
def bad(batch_id: int) -> ResponseReturnValue:
    """Hand out the rows that cannot be taken, to be corrected and brought again."""
    batch = load_batch(batch_id)
    found = _read(batch)
    cells, told, rows = dict(found.sheet.rows), outcomes_of(batch.id), []
    for row in found.rows:
        problems = [] if row.number in found.same else [
            f"{_(FIELDS[each.where])}: {_said(each, found)}" for each in row.problems
        ]  # fmt: skip
        if refused := told.get(row.number, (None, None))[1]:
            problems.append(refused)
        if problems:
            rows.append(["\n".join(problems), *cells[row.number]])
    content = bad_rows(found.sheet.heads, batch.columns, rows, made_on=g.today)
    return workbook(content, f"dong-loi-{batch.id}.xlsx")

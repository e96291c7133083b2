"""Table B.4 of an assigner, a period and a cut-off day; the tasks behind each number; the table on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, cast

from flask import Blueprint, abort, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, ValidationError
from wtforms.validators import InputRequired

from tracker.files.b4 import as_csv, as_json
from tracker.models import db
from tracker.models.units import Unit
from tracker.queries import b4 as queries
from tracker.queries.b4 import Assigner, Behind, Question
from tracker.rules.b4_table import CHOICES, B4Table
from tracker.rules.permissions import Permission
from tracker.rules.reporting import Period, calendar_periods, reform_periods
from tracker.rules.words import B4_TITLE
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.b4_links import address_behind, address_of
from tracker.web.forms import DayField
from tracker.web.reading import reads_reports
from tracker.web.reasons import why_there

bp = Blueprint("reports", __name__)

PAGE = 100
"""Tasks on one page behind a number."""

CHOICE_WORDS = {
    "not_started_not_due": lazy_gettext("Chưa thực hiện – chưa đến hạn"),
    "not_started_overdue": lazy_gettext("Chưa thực hiện – đã quá hạn"),
    "in_progress_not_due": lazy_gettext("Đang thực hiện – chưa đến hạn"),
    "in_progress_overdue": lazy_gettext("Đang thực hiện – đã quá hạn"),
    "awaiting_confirmation": lazy_gettext("Đã hoàn thành – chờ xác nhận"),
    "completed_on_time": lazy_gettext("Đã hoàn thành – đúng hạn"),
    "completed_late": lazy_gettext("Đã hoàn thành – quá hạn"),
    "all": lazy_gettext("Tất cả"),
    "completed": lazy_gettext("Đã hoàn thành"),
    "overdue": lazy_gettext("Chưa hoàn thành – quá hạn"),
    "in_time": lazy_gettext("Chưa hoàn thành – trong hạn"),
    "completed_or_overdue": lazy_gettext("Đã hoàn thành hoặc quá hạn chưa hoàn thành"),
    "fallen_due": lazy_gettext("Đã đến hạn"),
    "completed_fallen_due": lazy_gettext("Đã hoàn thành trong số đã đến hạn"),
}
"""What a number counts, by its word in the address."""

RATE_WORDS = (
    lazy_gettext("Hoàn thành trên tổng số đã hoàn thành và quá hạn chưa hoàn thành"),
    lazy_gettext("Hoàn thành trên tổng số được giao"),
    lazy_gettext("Hoàn thành trên số đã đến hạn"),
)


class QuestionForm(FlaskForm):
    """What a B.4 is asked for. It is read from the address, so that a table can be sent as a link."""

    class Meta:
        csrf = False

    assigner = SelectField(lazy_gettext("Đơn vị giao nhiệm vụ"), validate_choice=False)
    first = DayField(lazy_gettext("Từ ngày"), [InputRequired(lazy_gettext("Chưa nhập ngày."))], name="from")
    last = DayField(lazy_gettext("Đến ngày"), [InputRequired(lazy_gettext("Chưa nhập ngày."))], name="to")
    on = DayField(lazy_gettext("Ngày chốt số liệu"))

    def validate_last(self, field: DayField) -> None:
        """The period has its ends in order."""
        self._refuse_before_first(field, _("Ngày cuối kỳ phải trùng hoặc sau ngày đầu kỳ."))

    def validate_first(self, field: DayField) -> None:
        """A period that has not begun has no numbers."""
        self._refuse_tomorrow(field, _("Kỳ báo cáo chưa bắt đầu."))

    def validate_on(self, field: DayField) -> None:
        """Numbers are known from the first day of the period to today."""
        self._refuse_tomorrow(field, _("Ngày chốt số liệu chưa tới."))
        self._refuse_before_first(field, _("Ngày chốt số liệu phải trùng hoặc sau ngày đầu kỳ."))

    def _refuse_before_first(self, field: DayField, sentence: str) -> None:
        if field.data and self.first.data and field.data < self.first.data:
            first = _typed(self.first.data)
            raise ValidationError(f"{sentence} " + _("Nhập ngày từ %(first)s.", first=first))

    @staticmethod
    def _refuse_tomorrow(field: DayField, sentence: str) -> None:
        if field.data and field.data > g.today:
            today = _typed(g.today)
            raise ValidationError(f"{sentence} " + _("Nhập ngày không sau hôm nay, %(today)s.", today=today))


class Asked(NamedTuple):
    """What the address asks for: the form that shows it, and the question when it can be answered."""

    form: QuestionForm
    choices: Sequence[Assigner]
    question: Question | None

    @property
    def assigner(self) -> Assigner:
        """The chosen unit."""
        return next(each for each in self.choices if each.unit.code == self.form.assigner.data)


def _typed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _read_question() -> Asked | None:
    """Read the question from the address; None when there is no B.4 that the person may ask for.

    Without a period it is this year, without an assigner the person's own; of an assigner that is not open
    to the person nothing is told (404).
    """
    choices = queries.assigners_open_to(me(), day=g.today)
    if not choices:
        return None
    given = request.args
    values = MultiDict({name: given[name] for name in ("assigner", "from", "to", "on") if given.get(name)})
    values.setdefault("assigner", choices[0].unit.code)
    if "from" not in given and "to" not in given:
        values["from"], values["to"] = f"01/01/{g.today.year}", f"31/12/{g.today.year}"
    form = QuestionForm(values)
    form.assigner.choices = [(each.unit.code, _choice_label(each)) for each in choices]
    asked = Asked(form, choices, None)
    if form.assigner.data not in {each.unit.code for each in choices}:
        abort(404)
    if not form.validate():
        return asked
    first, last = cast(date, form.first.data), cast(date, form.last.data)
    on = form.on.data or min(last, g.today)
    for field, day in ((form.first, first), (form.last, last), (form.on, on)):
        field.raw_data, field.data = [_typed(day)], day
    part = None if asked.assigner.in_full else queries.part_open_to(me(), day=g.today)
    return asked._replace(question=Question(asked.assigner.unit, first, last, on, part=part))


def _choice_label(choice: Assigner) -> str:
    if choice.in_full:
        return choice.unit.name
    return _("%(name)s – phần giao cho đơn vị của tôi", name=choice.unit.name)


@dataclass(frozen=True)
class PeriodLink:
    """A period that is chosen with one click."""

    label: str
    url: str
    current: bool


def _period_links(asked: Asked, periods: Sequence[Period]) -> list[PeriodLink]:
    question, links = asked.question, []
    for period in periods:
        if period.first > g.today:
            continue
        days: dict[str, Any] = {"from": period.first, "to": period.last}
        address = url_for("reports.b4", assigner=asked.form.assigner.data, **days)
        current = question is not None and (question.first, question.last) == (period.first, period.last)
        links.append(PeriodLink(_(period.msgid) % period.values, address, current))
    return links


@bp.get("/bieu-b4")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4() -> ResponseReturnValue:
    """Show B.4, or give it as a file with `format=csv` or `format=json`."""
    asked = _read_question()
    if asked is None:
        return render_template("reports/nothing.html")
    links = _period_links(asked, calendar_periods(g.today)), _period_links(asked, reform_periods(g.today))
    if asked.question is None:
        page = render_template(
            "reports/b4.html", form=asked.form, table=None, period_links=links, assigner=asked.assigner
        )
        return page, 422
    table = queries.table(asked.question)
    if (form := request.args.get("format")) is not None:
        return _file(table, form)
    return render_template(
        "reports/b4.html", form=asked.form, period_links=links, **_shown(asked, asked.question, table)
    )


def _shown(asked: Asked, question: Question, table: B4Table) -> dict[str, Any]:
    """Return what the page and the paper both show."""
    return {
        "table": table,
        "question": question,
        "assigner": asked.assigner,
        "title": _(B4_TITLE, assigner=table.assigner_name.upper()),
        "shown": {"rows": table.rows, "total": table.total if len(table.rows) > 1 else None},
        "behind": lambda row, cell, **values: address_behind(question, row, cell, **values),
        "address": lambda endpoint, **values: address_of(question, endpoint, **values),
        "rate_words": RATE_WORDS,
        "choice_words": CHOICE_WORDS,
    }


def _file(table: B4Table, form: str) -> ResponseReturnValue:
    """Return the table as a file; CSV begins with a byte-order mark, without which Excel loses the marks."""
    kinds = {
        "csv": (as_csv, "utf-8-sig", "text/csv; charset=utf-8"),
        "json": (as_json, "utf-8", "application/json"),
    }
    if form not in kinds:
        abort(404)
    write, encoding, media_type = kinds[form]
    name = f"bieu-b4-{table.assigner_code}-{table.on.isoformat()}.{form}"
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="{name}"'}
    return write(table).encode(encoding), headers


@bp.get("/bieu-b4/in")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4_print() -> ResponseReturnValue:
    """Show B.4 on A4 paper, under the head of the assigner; a part of it under that of the person's unit."""
    asked = _read_question()
    if asked is None or asked.question is None:
        abort(404)
    table = queries.table(asked.question)
    issuer = asked.assigner.unit if asked.assigner.in_full else me().unit
    return render_template(
        "reports/b4_print.html", issuer=issuer.name, paper_number=None, place="", day=g.today,
        issuer_superior=issuer.parent.name if issuer.parent is not None else None,
        landscape=True, back_url=address_of(asked.question),
        **_shown(asked, asked.question, table),
    )  # fmt: skip


class BehindLine(NamedTuple):
    """A task behind a number, with the sentence that says why it is counted there."""

    task: Behind
    url: str
    why: str


@bp.get("/bieu-b4/nhiem-vu")
@requires(Permission.SEE_REPORTS)
@reads_reports
def b4_tasks() -> ResponseReturnValue:
    """Show the tasks that a number of B.4 counts, each with the facts of the cut-off day."""
    asked = _read_question()
    if asked is None or asked.question is None:
        abort(404)
    question, cell = asked.question, request.args.get("cell", "all")
    if cell not in CHOICES:
        abort(404)
    unit, undated = None, request.args.get("undated") == "1"
    if code := request.args.get("row"):
        unit = db.one_or_404(db.select(Unit).where(Unit.code == code))
    behind = queries.tasks_behind(
        question, row_key=unit.code if unit else None, cell=cell, without_deadline=undated
    )
    tasks, following = queries.read_behind(behind, on=question.on, after=_read_place(), most=PAGE)
    here = {name: request.args[name] for name in ("row", "undated") if request.args.get(name)}
    here["cell"] = cell
    after = following and f"{following[0].isoformat()}.{following[1]}"
    return render_template(
        "reports/b4_tasks.html", question=question, unit=unit, undated=undated, assigner=asked.assigner,
        choice=_("Không thời hạn") if undated else CHOICE_WORDS[cell], count=queries.count(behind),
        lines=[_line(task, question) for task in tasks], back_url=address_of(question),
        next_url=after and address_of(question, "reports.b4_tasks", after=after, **here),
        first_url=request.args.get("after") and address_of(question, "reports.b4_tasks", **here),
    )  # fmt: skip


def _read_place() -> tuple[date, int] | None:
    """Return the place in the list that the address names, None for its beginning or a place that is none."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        place = date.fromisoformat(day), int(number)
    except ValueError:
        return None
    return place if 0 < place[1] <= LARGEST_ID else None


def _line(task: Behind, question: Question) -> BehindLine:
    address = url_for("tasks.show", task_id=task.task_id)
    return BehindLine(task, address, why_there(task, cell=task.cell, day=question.on))

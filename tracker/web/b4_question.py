"""What a B.4 is asked for, read from the address, so that a table can be sent as a link."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple, cast

from flask import abort, g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectField, ValidationError
from wtforms.validators import InputRequired

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.queries import b4 as queries
from tracker.queries.b4 import Assigner, Question
from tracker.rules.b4_table import Grouping
from tracker.rules.reporting import cut_off_of
from tracker.rules.words import GROUPING_TITLES
from tracker.web.access import me
from tracker.web.forms import ChoiceField, DayField, Options, as_choices
from tracker.web.once import settings_of_request

WORDS = ("assigner", "from", "to", "on", "group", "folded", "compare")
"""The words of a question in an address."""

GROUPING_WORDS = {each: lazy_gettext(GROUPING_TITLES[each.value]) for each in Grouping}


class QuestionForm(FlaskForm):
    """The form that asks for a B.4. It is sent by GET and changes nothing, so it carries no token."""

    class Meta:
        csrf = False

    assigner = SelectField(lazy_gettext("Đơn vị giao nhiệm vụ"), validate_choice=False, widget=Options())
    first = DayField(lazy_gettext("Từ ngày"), [InputRequired(lazy_gettext("Chưa nhập ngày."))], name="from")
    last = DayField(lazy_gettext("Đến ngày"), [InputRequired(lazy_gettext("Chưa nhập ngày."))], name="to")
    on = DayField(lazy_gettext("Ngày chốt số liệu"))
    group = ChoiceField(
        lazy_gettext("Mỗi dòng là"), choices=as_choices(GROUPING_WORDS.items()),
        default=Grouping.UNIT.value,
    )  # fmt: skip
    compare = DayField(lazy_gettext("So với ngày chốt trước"))
    folded = BooleanField(lazy_gettext("Gộp đơn vị trực thuộc"))

    @property
    def cut_off(self) -> date:
        """The cut-off day: as typed, else the one that is proposed for the period. The ends must be days."""
        first, last = cast(date, self.first.data), cast(date, self.last.data)
        offset = settings_of_request()["cchc_offset_days"]
        return self.on.data or max(first, cut_off_of(first, last, today=g.today, reform_offset_days=offset))

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

    def validate_compare(self, field: DayField) -> None:
        """A table is compared with an earlier day of its period."""
        if not (field.data and self.first.data and self.last.data):
            return
        self._refuse_before_first(field, _("Ngày so sánh phải trùng hoặc sau ngày đầu kỳ."))
        if field.data >= self.cut_off:
            cut_off = _typed(self.cut_off)
            raise ValidationError(_("Ngày so sánh phải trước ngày chốt số liệu %(day)s.", day=cut_off))

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
    """What the address asks for: the form that shows it, and the question."""

    form: QuestionForm
    choices: Sequence[Assigner]
    question: Question
    compare: date | None = None
    """The earlier cut-off day that the numbers are compared with."""

    @property
    def assigner(self) -> Assigner:
        """The chosen unit."""
        return _chosen(self.form, self.choices)

    @property
    def earlier(self) -> Question | None:
        """The same question of the day that the numbers are compared with, None without one."""
        return replace(self.question, on=self.compare) if self.compare is not None else None


class NothingToAsk(Exception):
    """There is no B.4 that the person may ask for."""


class Unanswerable(Exception):
    """The address asks for what no B.4 can tell; the form has the refusals and what was asked for."""

    def __init__(self, form: QuestionForm, assigner: Assigner) -> None:
        super().__init__(form.errors)
        self.form, self.assigner = form, assigner


def _chosen(form: QuestionForm, choices: Sequence[Assigner]) -> Assigner:
    return next(each for each in choices if each.unit.code == form.assigner.data)


def _typed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def read_question(
    choices: Sequence[Assigner] | None = None, *, words: Collection[str] = WORDS
) -> Asked:
    """Read the question from the address.

    Without a period it is this year, without an assigner the person's own, without a cut-off day the one that
    is proposed. Of an assigner that is not open to the person nothing is told (404). What cannot be answered
    is raised, and every page says it in the same way (`NothingToAsk`, `Unanswerable`). `choices` are the
    assigners to choose from: all that are open to the person when left out. Of the address only these `words`
    are read.
    """
    if choices is None:
        choices = queries.assigners_open_to(me(), day=g.today)
    if not choices:
        raise NothingToAsk
    given = request.args
    values = MultiDict({name: given[name] for name in words if given.get(name)})
    values.setdefault("assigner", choices[0].unit.code)
    values.setdefault("group", Grouping.UNIT.value)
    if "from" not in given and "to" not in given:
        values["from"], values["to"] = f"01/01/{g.today.year}", f"31/12/{g.today.year}"
    form = QuestionForm(values)
    form.assigner.choices = as_choices((each.unit.code, _choice_label(each)) for each in choices)
    if form.assigner.data not in {each.unit.code for each in choices}:
        abort(404)
    is_answered = form.validate()
    if is_answered:
        form.on.data = form.cut_off
    for field in (form.first, form.last, form.on, form.compare):
        of_link = field.data is not None and field.raw_data == [field.data.isoformat()]
        if field.data is not None and (is_answered or of_link):
            field.raw_data = [_typed(field.data)]
    assigner = _chosen(form, choices)
    if not is_answered:
        raise Unanswerable(form, assigner)
    first, last, on = cast(date, form.first.data), cast(date, form.last.data), cast(date, form.on.data)
    part = None if assigner.in_full else queries.part_open_to(me(), day=g.today)
    grouping = Grouping(form.group.data)
    question = Question(
        assigner.unit, first, last, on, part=part, grouping=grouping,
        folded=form.folded.data and grouping is Grouping.UNIT,
    )  # fmt: skip
    return Asked(form, choices, question, form.compare.data)


def _choice_label(choice: Assigner) -> str:
    if choice.in_full:
        return choice.unit.name
    return _("%(name)s – phần của đơn vị tôi", name=choice.unit.name)

"""Giving what comes again: the question whether a deadline that recurs is given again and again, or once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms.validators import ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.units import Unit
from tracker.operations import tasks
from tracker.operations.series import Plan
from tracker.rules.deadlines import Reading
from tracker.rules.deadlines.series import HOW_OFTEN
from tracker.rules.series import Course, Turn
from tracker.rules.text import nfc
from tracker.web.forms import DayField, Form
from tracker.web.turns import coming

_OWN = frozenset({"csrf_token", "token", "seen", "step", "repeat", "until"})
"""What the page of the question asks itself; all else that was typed is carried along."""


class RepeatForm(Form):
    """The answer: again and again (until a day, where it is said) or once."""

    until = DayField(lazy_gettext("Giao định kỳ đến hết ngày"))

    def __init__(self, readings: Sequence[Reading], **options: Any) -> None:
        super().__init__(**options)
        self.readings = readings
        self.recurs = request.form.get("repeat") == "series"

    def is_answered(self) -> bool:
        """Return whether the question was answered, and so that it can be done."""
        return request.form.get("repeat") == "once" or (self.recurs and bool(self.validate()))

    def validate_until(self, field: Any) -> None:
        """At least one turn must come before the end."""
        if field.data and not all(coming(_course(each, field.data), 1) for each in self.readings):
            raise ValidationError(_("Ngày này đứng trước kỳ đầu tiên. Nhập ngày sau, hoặc để trống."))


def _course(reading: Reading, until: date | None = None) -> Course:
    assert reading.pattern is not None
    return Course(pattern=reading.pattern, starts_on=g.today, until=until, due_time=reading.due_time)


def plans_of(
    orders: Sequence[tasks.Order], readings: Mapping[int, Reading], *, until: date | None
) -> list[Plan]:
    """Return the orders whose unit has a deadline that recurs as plans of series."""
    return [
        plan_of(order, reading, until=until)
        for order in orders
        if (reading := readings.get(order.unit.id)) and reading.pattern
    ]


def plan_of(order: tasks.Order, reading: Reading, *, until: date | None = None) -> Plan:
    """Return what would be given once as what is given again and again, by a deadline that recurs."""
    assert reading.pattern is not None
    return Plan(
        unit=order.unit, content=order.content, phrase=reading.phrase, pattern=reading.pattern,
        due_time=reading.due_time, item=order.item, product=order.product,
        coordinating=order.coordinating, officer=order.officer, tracker=order.tracker,
        leader=order.leader, until=until,
    )  # fmt: skip


@dataclass(frozen=True)
class Recurring:
    """One deadline that recurs: who gets it, and its first turns."""

    phrase: str
    how_often: str
    unit_names: list[str]
    turns: list[Turn]


def ask_whether_it_recurs(
    form: RepeatForm, directive: Directive, readings: Mapping[int, Reading], *, content: str | None, step: str
) -> ResponseReturnValue:
    """Return the page that shows when each turn would be given and due, and asks for a decision."""
    names = dict(db.session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(readings))).all())
    by_phrase: dict[str, list[int]] = {}
    for unit_id, reading in readings.items():
        by_phrase.setdefault(reading.phrase, []).append(unit_id)
    found = [
        Recurring(
            phrase,
            _(HOW_OFTEN[reading.pattern.recurrence]),
            [names[unit_id] for unit_id in ids],
            coming(_course(reading)),
        )
        for phrase, ids in by_phrase.items()
        if (reading := readings[ids[0]]).pattern
    ]
    page = render_template(
        "directives/recurring.html",
        form=form,
        directive=directive,
        content=content,
        recurring=found,
        step=step,
        carried=[
            (name, nfc(value)) for name, value in request.form.items(multi=True) if name not in _OWN
        ],
    )
    return page, 422 if form.errors else 200

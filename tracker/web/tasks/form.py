"""The base of the forms of actions on a task: what is asked, what will happen, the operation it calls."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import g
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.people import User
from tracker.models.task import RequestKind, Task
from tracker.models.units import Unit
from tracker.operations import tasks
from tracker.operations.recording import Stamp
from tracker.queries.giving import GROUPS, recipients
from tracker.rules.workflow import Action
from tracker.web.deadlines import NO_DEADLINE, read_phrase
from tracker.web.filters import day
from tracker.web.forms import Form, line, paragraphs, required

NOBODY = ("", lazy_gettext("– chưa chọn –"))


class ActionForm(Form):
    """The base: which action this is, its words, and `perform()`, which calls the operation."""

    action: ClassVar[Action]
    slug: ClassVar[str]
    title: ClassVar[Any]
    button: ClassVar[Any]
    done: ClassVar[Any]
    is_grave: ClassVar[bool] = False
    decides: ClassVar[RequestKind | None] = None
    """The request that must wait for a decision, for an action that decides one."""
    asks: ClassVar[RequestKind | None] = None
    """The request that the action makes; only one of a kind may wait."""
    hints: ClassVar[dict[str, Any]] = {}
    reads_deadline: ClassVar[str | None] = None

    def __init__(self, task: Task, **options: Any) -> None:
        super().__init__(seen=task.version, **options)
        self.task = task
        self.prepare()

    @classmethod
    def refusal(cls, task: Task) -> str | None:
        """Return why sending the form would be of no use now whatever is typed, None where it may be."""
        return None

    def prepare(self) -> None:
        """Offer the choices, and fill in what is likely when the page opens."""

    def notes(self) -> list[str]:
        """Return what a person should know before they send the form."""
        return []

    def perform(self, stamp: Stamp) -> None:
        """Do it; refusals are `DomainError`s."""
        raise NotImplementedError

    @property
    def fields(self) -> list[Any]:
        """The fields that are shown, in the order of the form."""
        return [field for field in self if field.type not in ("HiddenField", "CSRFTokenField")]


def checked_by_form(_form: Any, _field: Any) -> None:
    """Keep a field from being called one that may stay empty: the form itself says what it needs."""


class WithDeadline(ActionForm):
    """A form with a deadline as people write it, or the explicit lack of one."""

    reads_deadline = "due_phrase"
    due_phrase = line(lazy_gettext("Thời hạn"), checked_by_form, most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    hints = {
        "due_phrase": lazy_gettext(
            "Gõ như trong văn bản: “trước ngày 25/6”, “trong 5 ngày làm việc”, hoặc dd/mm/yyyy."
        )
    }

    @property
    def deadline(self) -> Any:
        """The reading of what was typed."""
        phrase = NO_DEADLINE if self.no_deadline.data else self.due_phrase.data or ""
        return read_phrase(phrase, issued_on=self.task.directive.issued_on)

    def validate_due_phrase(self, field: Any) -> None:
        """Ask for a day that can be read, or for none in so many words."""
        if self.no_deadline.data and field.data and field.data.lower() != NO_DEADLINE:
            raise ValidationError(_("Đã nhập thời hạn: bỏ dấu chọn “Không thời hạn”, hoặc xóa thời hạn."))
        if not self.deadline.is_given:
            raise ValidationError(self.deadline.words)


def reason(label: Any = None) -> Any:
    """Return the field of a reason that must be given."""
    return paragraphs(label or lazy_gettext("Lý do"), required(lazy_gettext("Nhập lý do.")))


def chosen_unit(word: str) -> Unit:
    """Return the unit of a choice that the form has checked."""
    unit = db.session.get(Unit, int(word))
    assert unit is not None
    return unit


def chosen_person(word: str | None) -> User | None:
    """Return the person of a choice that the form has checked, None for the empty one."""
    return db.session.get(User, int(word)) if word else None


def offer_units(field: Any, task: Task) -> None:
    """Offer the units below the assigner that could lead the task instead, by groups."""
    offered = recipients(task.assigner, day=g.today)
    field.choices = [
        NOBODY,
        *(
            SelectChoice(str(unit.id), unit.name, optgroup=_(GROUPS[unit.group][0]))
            for unit in offered
            if unit.id != task.unit_id
        ),
    ]


def must_choose_unit(_form: Any, field: Any) -> None:
    """Ask for a unit in words that say what to do."""
    if not field.data:
        raise ValidationError(_("Chọn một đơn vị."))


def asked(task: Task, kind: RequestKind) -> list[str]:
    """Return in words what a unit asked for and still waits for."""
    request = tasks.pending(task, kind)
    if request is None:
        return []
    if kind is RequestKind.EXTENSION:
        words = _("%(unit)s xin gia hạn từ %(due)s đến %(until)s (đề nghị ngày %(day)s).",
                  unit=task.unit.name, due=day(task.due_on), until=day(request.until),
                  day=day(request.asked_on))  # fmt: skip
    else:
        words = _("%(unit)s xin trả lại (đề nghị ngày %(day)s).", unit=task.unit.name,
                  day=day(request.asked_on))  # fmt: skip
    return [words, _("Lý do: %(reason)s", reason=request.reason)]

"""Giving a task of a directive to one unit or to many: one form, and a second look at the deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import abort, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import series, tasks
from tracker.queries.giving import GROUPS, Recipient, persons, recipients
from tracker.rules.permissions import Permission
from tracker.rules.text import nfc
from tracker.web.access import LARGEST_ID, requires
from tracker.web.deadlines import NO_DEADLINE, Deadline, read_phrase
from tracker.web.directives.blueprint import bp, load_directive
from tracker.web.directives.recurring import RepeatForm, ask_whether_it_recurs, plans_of
from tracker.web.forms import ChoiceField, ChoicesField, Form, line, paragraphs, required

OWN = "own"
"""The group of the issuer itself: work for persons within it."""


class WithPersons(Form):
    """The persons who stand beside tasks on the side of those who give them."""

    tracker = ChoiceField(lazy_gettext("Người theo dõi"), [Optional()], default="")
    leader = ChoiceField(lazy_gettext("Lãnh đạo chỉ đạo"), [Optional()], default="")

    def offer_persons(self, directive: Directive) -> None:
        """Offer the office people and the leaders of the issuer; those most likely are chosen already."""
        self.known = persons(directive.issuer, day=g.today)
        for field, found in ((self.tracker, self.known.trackers), (self.leader, self.known.leaders)):
            field.choices = [("", _("– chưa chọn –")), *((str(id_), words) for id_, words in found)]
        if not self.is_submitted():
            self.tracker.data = next(
                (str(id_) for id_, _words in self.known.trackers if id_ == g.user.id), ""
            )
            signer = directive.signer or ""
            likely = [str(id_) for id_, words in self.known.leaders if signer and words.startswith(signer)]
            alone = [str(self.known.leaders[0][0])] if len(self.known.leaders) == 1 else []
            self.leader.data = next(iter(likely or alone), "")

    def beside(self) -> tuple[User | None, User | None]:
        """Return the chosen tracker and the directing leader."""
        return person_of(self.tracker.data), person_of(self.leader.data)


def person_of(word: str | None) -> User | None:
    """Return the person of a choice, None for the empty one."""
    return db.session.get(User, int(word)) if word else None


def _any_text(_form: Any, _field: Any) -> None:
    """Take what is there: a deadline is read apart, and the field is not marked as optional."""


def _deadline_given(form: Any, field: Any) -> None:
    """Ask for a deadline that can be read, or for none in so many words; a draft may wait for it."""
    issued_on = form.directive.issued_on
    if form.no_deadline.data:
        if field.data and read_phrase(field.data, issued_on=issued_on).reading.due_on:
            raise ValidationError(_("Đã nhập thời hạn: bỏ dấu chọn “Không thời hạn”, hoặc xóa thời hạn."))
    elif message := refusal_of(field.data or "", issued_on, draft=form.step == "draft"):
        raise ValidationError(message)


class GiveForm(WithPersons):
    """One piece of work, and who is to do it until when."""

    item = line(lazy_gettext("Mục của văn bản"), most=64)
    content = paragraphs(lazy_gettext("Nội dung"), required(lazy_gettext("Nhập nội dung nhiệm vụ.")))
    groups = ChoicesField(lazy_gettext("Giao cho cả nhóm đơn vị"))
    lead = ChoicesField(lazy_gettext("Đơn vị chủ trì"))
    officer = ChoiceField(lazy_gettext("Người thực hiện"), [Optional()], default="")
    coordinating = ChoicesField(lazy_gettext("Đơn vị phối hợp"), [Optional()])
    due_phrase = line(lazy_gettext("Thời hạn"), _deadline_given, most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    product = paragraphs(lazy_gettext("Sản phẩm"), most=1_000)

    def __init__(self, directive: Directive, units: Sequence[Recipient], **options: Any) -> None:
        super().__init__(**options)
        self.directive, self.units = directive, units
        self.step = request.form.get("step", "")
        self.offer_persons(directive)
        offered = [SelectChoice(str(unit.id), unit.name, optgroup=_(GROUPS[unit.group][0])) for unit in units]
        self.coordinating.choices = offered
        self.lead.choices = list(offered)
        if self.known.officers:
            own = _("%(unit)s (giao cho người trong cơ quan)", unit=directive.issuer.name)
            self.lead.choices.append(SelectChoice(str(directive.issuer_id), own, optgroup=_("Trong cơ quan")))
        self.groups.choices = group_choices(units)
        self.officer.choices = [
            ("", _("– chưa chọn –")), *((str(id_), words) for id_, words in self.known.officers),
        ]  # fmt: skip

    def chosen(self) -> list[int]:
        """Return the ids of the units that shall lead, in the units' order, each once."""
        wanted = {int(word) for word in self.lead.data or []}
        wanted |= {unit.id for unit in self.units if unit.group in (self.groups.data or [])}
        ids = [unit.id for unit in self.units if unit.id in wanted]
        return [*ids, self.directive.issuer_id] if self.directive.issuer_id in wanted else ids

    def phrase(self) -> str:
        """Return the deadline as written; the ticked box is written out."""
        return NO_DEADLINE if self.no_deadline.data else self.due_phrase.data or ""

    def validate_lead(self, field: Any) -> None:
        """Somebody must lead."""
        if not field.errors and not self.groups.errors and not self.chosen():
            raise ValidationError(_("Chọn ít nhất một đơn vị hoặc một nhóm đơn vị."))

    def validate_officer(self, field: Any) -> None:
        """Officers of other units are named by their heads."""
        if field.data and str(self.directive.issuer_id) not in (self.lead.data or []):
            raise ValidationError(
                _("Chỉ chọn người khi giao trong cơ quan; đơn vị khác tự phân công khi tiếp nhận.")
            )


def group_choices(units: Sequence[Recipient]) -> list[tuple[str, str]]:
    """Return the groups of two units and more as choices, each with its count."""
    counts = {key: sum(1 for unit in units if unit.group == key) for key in GROUPS}
    return [
        (key, _("%(group)s (%(count)s đơn vị)", group=_(GROUPS[key][0]), count=count))
        for key, count in counts.items()
        if count > 1
    ]


def refusal_of(phrase: str, issued_on: date, *, draft: bool) -> str | None:
    """Return what is wrong with a typed deadline and what to do, None when it can be given."""
    if draft and not phrase:
        return None
    deadline = read_phrase(phrase, issued_on=issued_on)
    return None if deadline.is_given else deadline.words


def must_be_confirmed(deadlines: Sequence[Deadline], directive: Directive) -> bool:
    """Return whether a deadline has passed already, or lies before the paper itself."""
    return any(deadline.lies_before(g.today, directive.issued_on) for deadline in deadlines)


@bp.route("/van-ban/<id:directive_id>/giao", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def give(directive_id: int) -> ResponseReturnValue:
    """Give a task of a directive: at once, as a draft, or after a second look at each unit's deadline."""
    directive = load_directive(directive_id, to_write=True)
    units = recipients(directive.issuer, day=g.today)
    form = GiveForm(directive, units)
    if not form.is_submitted() or form.step == "back" or not form.validate():
        return _page(form, directive)
    review, is_reviewed = _review(form, directive)
    deadlines = _deadlines(review, form, directive)
    asks = must_be_confirmed(list(deadlines.values()), directive)
    is_whole = review.validate() if is_reviewed else True
    if form.step == "review" or (asks and not is_reviewed and form.step != "draft") or not is_whole:
        return _review_page(form, review, directive, deadlines, asks=asks)
    if asks and form.step != "draft" and not review.confirmed.data:
        review.confirmed.errors = [_("Đánh dấu để xác nhận, hoặc sửa thời hạn.")]
        return _review_page(form, review, directive, deadlines, asks=asks)
    again = {id_: each.reading for id_, each in deadlines.items() if each.reading.pattern}
    repeat = RepeatForm(list(again.values()))
    if again and form.step in ("give", "more") and not repeat.is_answered():
        return ask_whether_it_recurs(repeat, directive, again, content=form.content.data, step=form.step)
    if not repeat.recurs or form.step == "draft":
        again = {}
    orders = _orders(form, deadlines)
    once = [order for order in orders if order.unit.id not in again]
    with form.refusals():
        if again:
            plans = plans_of(orders, again, until=repeat.until.data)
            series.begin(directive, plans, stamp=form.stamp(), beside=once)
        else:
            tasks.give(directive, once, stamp=form.stamp(), draft=form.step == "draft")
    if form.was_refused:
        return _page(form, directive)
    return _given(form, directive, len(once), recurring=len(again))


def _orders(form: GiveForm, deadlines: dict[int, Deadline]) -> list[tasks.Order]:
    wanted = {int(word) for word in form.coordinating.data or []}
    known = {
        unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_({*deadlines, *wanted})))
    }
    coordinating = [known[unit.id] for unit in form.units if unit.id in wanted]
    officer, (tracker, leader) = person_of(form.officer.data), form.beside()
    return [
        tasks.Order(
            unit=known[unit_id],
            content=form.content.data,
            due_on=deadline.reading.due_on,
            item=form.item.data,
            due_phrase=deadline.reading.phrase or None,
            due_time=deadline.reading.due_time,
            coordinating=coordinating,
            officer=officer if unit_id == form.directive.issuer_id else None,
            product=form.product.data,
            tracker=tracker,
            leader=leader,
        )
        for unit_id, deadline in deadlines.items()
    ]


def _given(form: GiveForm, directive: Directive, number: int, *, recurring: int = 0) -> ResponseReturnValue:
    if form.step == "draft":
        flash(_("Đã lưu %(count)s dự thảo, chưa giao.", count=number), "success")
    if recurring:
        flash(_("Đã lập %(count)s nhiệm vụ định kỳ; mỗi kỳ được giao tự động trước thời hạn.",
                count=recurring), "success")  # fmt: skip
    if number and form.step != "draft":
        flash(_("Đã giao %(count)s nhiệm vụ.", count=number), "success")
    follows = "directives.give" if form.step == "more" else "directives.show"
    return redirect(url_for(follows, directive_id=directive.id), 303)


def _review(form: GiveForm, directive: Directive) -> tuple[Any, bool]:
    """Return the form of the second step, one deadline a unit, and whether it is what was submitted."""
    names = {unit.id: unit.name for unit in form.units} | {directive.issuer_id: directive.issuer.name}
    fields: dict[str, Any] = {
        f"due_{unit_id}": line(names[unit_id], _any_text, most=500) for unit_id in form.chosen()
    }
    fields["confirmed"] = BooleanField(lazy_gettext("Tôi đã kiểm tra, vẫn giao với các thời hạn này"))
    is_reviewed = "reviewed" in request.form
    made = type("ReviewForm", (Form,), fields)
    if is_reviewed:
        review = made()
        for unit_id in form.chosen():
            if f"due_{unit_id}" not in request.form:
                review[f"due_{unit_id}"].data = form.phrase()
        return review, True
    review = made(formdata=None, data=dict.fromkeys(fields, form.phrase()) | {"confirmed": False})
    review.token.data = form.token.data
    return review, False


def _deadlines(review: Any, form: GiveForm, directive: Directive) -> dict[int, Deadline]:
    """Read each unit's deadline; what cannot be read becomes an error of its field."""
    found = {}
    for unit_id in form.chosen():
        field = review[f"due_{unit_id}"]
        found[unit_id] = read_phrase(field.data or "", issued_on=directive.issued_on)
        if refusal_of(field.data or "", directive.issued_on, draft=form.step == "draft"):
            field.process_errors = [found[unit_id].words]
    return found


def _page(form: GiveForm, directive: Directive) -> ResponseReturnValue:
    typed = form.due_phrase.data
    reading = read_phrase(typed, issued_on=directive.issued_on).words if typed else None
    page = render_template(
        "directives/give.html",
        form=form,
        directive=directive,
        reading=None if form.due_phrase.errors else reading,
        reading_url=url_for("directives.read_deadline", directive=directive.id),
    )
    return page, 422 if form.errors else 200


def _review_page(
    form: GiveForm, review: Any, directive: Directive, deadlines: dict[int, Deadline], *, asks: bool
) -> ResponseReturnValue:
    own = {"csrf_token", "token", "seen", "step", "confirmed", "reviewed"}
    page = render_template(
        "directives/review.html",
        form=review,
        given=form,
        directive=directive,
        deadlines=deadlines,
        asks=asks,
        carried=[
            (name, nfc(value))
            for name, value in request.form.items(multi=True)
            if name not in own and not name.startswith("due_")
        ]
        + [("due_phrase", form.due_phrase.data or "")],
        reading_url=url_for("directives.read_deadline", directive=directive.id),
    )
    return page, 422 if review.errors else 200


@bp.get("/nhiem-vu/doc-thoi-han")
@requires(Permission.SIGNED_IN)
def read_deadline() -> ResponseReturnValue:
    """Answer how a typed deadline is read, as JSON: `text` for the page, `ok` False when it needs a look.

    `directive` names the paper whose day of issue counts; without it the day is today.
    """
    phrase, directive_id = request.args.get("q", ""), request.args.get("directive", "")
    issued_on = g.today
    if directive_id:
        if not directive_id.isdecimal() or len(directive_id) > 10 or int(directive_id) > LARGEST_ID:
            abort(404)
        issued_on = load_directive(int(directive_id)).issued_on
    deadline = read_phrase(phrase, issued_on=issued_on)
    return jsonify(text=deadline.words, ok=deadline.is_sure)

"""Giving out a paper that was read: a page that says what will happen, then all of it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.validators import Optional

from tracker.intake.draft import Draft, from_data
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive, Urgency
from tracker.models.intake import IntakeDraft
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import reading, series, tasks
from tracker.queries.giving import issuers_for, persons
from tracker.rules.papers import odd_things
from tracker.rules.permissions import Permission
from tracker.web.access import requires
from tracker.web.filters import day as day_words
from tracker.web.forms import ChoiceField, Form
from tracker.web.intake.blueprint import bp, closed, load_draft
from tracker.web.intake.form import issued_on_of, issuer_in, issuer_of, names_of
from tracker.web.intake.show import Card, Look, cards_of, doubles_of, name_of, named_of, runs


class Line(NamedTuple):
    """One task of the summary with all units that will get it."""

    card: Card
    unit_ids: list[int]
    coordinating_ids: list[int]


class Summary(NamedTuple):
    """What giving a draft would do, what keeps it from being given, and what must be meant."""

    issuer: Unit
    issued_on: date | None
    lines: list[Line]
    missing: list[Look]
    asks: list[str]
    doubles: list[Directive]
    is_decided: bool
    """Whether it is known which unit issues the paper."""

    @property
    def number(self) -> int:
        """How many tasks and series will be given."""
        return sum(len(line.unit_ids) for line in self.lines)

    @property
    def units(self) -> int:
        """How many units will get any."""
        return len({unit_id for line in self.lines for unit_id in line.unit_ids})


class GiveForm(Form):
    """Who stands beside the tasks, and that what is odd is meant."""

    tracker = ChoiceField(lazy_gettext("Người theo dõi"), [Optional()], default="")
    leader = ChoiceField(lazy_gettext("Lãnh đạo chỉ đạo"), [Optional()], default="")
    confirmed = BooleanField(lazy_gettext("Tôi đã kiểm tra các điểm trên, vẫn giao"))

    def offer_persons(self, issuer: Unit, signer: str) -> None:
        """Offer the office people and the leaders of the issuer; those most likely are chosen already."""
        known = persons(issuer, day=g.today)
        for field, found in ((self.tracker, known.trackers), (self.leader, known.leaders)):
            field.choices = [("", _("– chưa chọn –")), *((str(id_), words) for id_, words in found)]
        if not self.is_submitted():
            self.tracker.data = next((str(id_) for id_, _words in known.trackers if id_ == g.user.id), "")
            likely = [str(id_) for id_, words in known.leaders if signer and words.startswith(signer)]
            alone = [str(known.leaders[0][0])] if len(known.leaders) == 1 else []
            self.leader.data = next(iter(likely or alone), "")


def summary_of(row: IntakeDraft, draft: Draft) -> Summary:
    """Return what giving a draft today would do."""
    issuers = issuers_for(g.user, day=g.today)
    issuer = issuer_of(row, draft, issuers)
    names = names_of(row, draft, issuer)
    order = {unit_id: place for place, unit_id in enumerate([*(u.id for u in names.units), issuer.id])}
    decided = issuer_in(row, draft, issuers)
    lines, missing = [], _missing_head(draft, decided)
    alone: list[Card] = []
    unknown: dict[str, list[int]] = {}
    for card in cards_of(draft, names):
        ids = sorted({id_ for each in card.lead for id_ in each.ids}, key=lambda id_: order.get(id_, 0))
        beside = [id_ for each in card.coordinating for id_ in each.ids]
        lines.append(Line(card, ids, list(dict.fromkeys(beside))))
        part = f"viec-{card.task.key}"
        if not card.task.content:
            missing.append(Look(_("Nhiệm vụ %(number)s chưa có nội dung", number=card.number), part))
        strangers = [each.name for each in (*card.lead, *card.coordinating) if not each.is_known]
        for name in strangers:
            unknown.setdefault(name, []).append(card.number)
        if not ids and all(each.is_known for each in card.lead):
            alone.append(card)
    for name, numbers in unknown.items():
        words = _("Chưa rõ “%(name)s” là đơn vị nào (nhiệm vụ %(numbers)s)", name=name, numbers=runs(numbers))
        missing.append(Look(words, "ten-chua-ro"))
    if alone:
        words = _("Chưa có đơn vị chủ trì: nhiệm vụ %(numbers)s", numbers=runs(card.number for card in alone))
        missing.append(Look(words, f"viec-{alone[0].task.key}"))
    issued_on = issued_on_of(draft)
    doubles = doubles_of(draft, issuer)
    asks = _asks(lines, issued_on, draft, issuer, is_own=names.is_own)
    return Summary(issuer, issued_on, lines, missing, asks, doubles, decided is not None)


def _missing_head(draft: Draft, issuer: Unit | None) -> list[Look]:
    words = {
        "subject": _("Chưa có trích yếu"),
        "issued_on": _("Chưa có ngày ban hành"),
    }
    found = [
        Look(said, name)
        for name, said in words.items()
        if name not in draft.header or not draft.header[name].value
    ]
    if issuer is None:
        named = draft.header["issuer"].value
        said = _("Chưa chọn cơ quan ban hành: “%(name)s” không có trong danh mục đơn vị của bạn", name=named)
        found.insert(0, Look(said, "issuer"))
    return found


def _asks(
    lines: Sequence[Line], issued_on: date | None, draft: Draft, issuer: Unit, *, is_own: bool
) -> list[str]:
    found: list[str] = []
    read = draft.header.get("issuer")
    if read and read.value and not is_own:
        found.append(_("Văn bản ghi cơ quan ban hành là %(named)s; sổ sẽ ghi %(issuer)s.",
                       named=read.value, issuer=issuer.name))  # fmt: skip
    number = draft.header.get("number")
    if issued_on:
        said = number.value if number else None
        odd = odd_things(number=said, issued_on=issued_on, bases=(), today=g.today)
        found += [_(message) % values for message, values in odd]
    none = runs(line.card.number for line in lines if line.card.due.is_open and not is_continuous(line.card))
    if none:
        found.append(_("Nhiệm vụ %(numbers)s không có ngày hạn, sẽ giao là không thời hạn.", numbers=none))
    days_asked = (g.today, issued_on or g.today)
    past = [
        line.card for line in lines
        if line.card.due.deadline and not line.card.due.pattern
        and line.card.due.deadline.lies_before(*days_asked)
    ]  # fmt: skip
    if past:
        days = ", ".join(f"{card.number} ({day_words(card.due.due_on)})" for card in past)
        found.append(_("Nhiệm vụ có thời hạn đã qua hoặc trước ngày văn bản: %(days)s.", days=days))
    return found


def is_continuous(card: Card) -> bool:
    """Return whether a task is to be done at all times: it has no day, and nobody forgot one."""
    return card.task.recurrence.value == "continuous" and card.due.is_open


@bp.route("/doc-van-ban/<id:draft_id>/giao", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def give(draft_id: int) -> ResponseReturnValue:
    """Say what will be given and ask; then register the paper and give its tasks, all or nothing."""
    row = load_draft(draft_id)
    if (elsewhere := closed(row)) is not None:
        return elsewhere
    draft = from_data(row.content)
    summary = summary_of(row, draft)
    form = GiveForm(seen=row.version)
    signer = draft.header.get("signer")
    form.offer_persons(summary.issuer, signer.value if signer else "")
    if form.is_submitted() and form.validate() and not summary.missing:
        if (summary.asks or summary.doubles) and not form.confirmed.data:
            form.confirmed.errors = [_("Đánh dấu để xác nhận, hoặc quay lại sửa.")]
        else:
            with form.refusals():
                _give(row, draft, summary, form)
            if not form.was_refused:
                return _given(row, summary)
            form.renew(row.version)
    units = _units({id_ for line in summary.lines for id_ in (*line.unit_ids, *line.coordinating_ids)})
    page = render_template(
        "intake/give.html", row=row, draft=draft, form=form, summary=summary,
        name=name_of(draft), is_continuous=is_continuous,
        unit_names={id_: unit.name for id_, unit in units.items()}, named=named_of(draft),
    )  # fmt: skip
    return page, 422 if form.is_submitted() else 200


def _units(ids: set[int]) -> dict[int, Unit]:
    return {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(ids)))}


def _give(row: IntakeDraft, draft: Draft, summary: Summary, form: Any) -> Directive:
    head = {name: each.value or None for name, each in draft.header.items()}
    named = named_of(draft)
    cited = sorted(draft.cited, key=lambda each: not each.is_basis)
    return reading.give(
        row,
        _parts(summary, form),
        stamp=form.stamp(),
        issuer=summary.issuer,
        kind=head.get("kind") or "CV",
        number=head.get("number"),
        issued_on=summary.issued_on,
        subject=head.get("subject"),
        signer=head.get("signer"),
        signer_title=head.get("signer_title"),
        field=draft.values.get("field"),
        urgency=draft.values.get("urgency", Urgency.NORMAL.value),
        based_on=[named[each.key].directive or each.words for each in cited if each.key in named],
    )


def _parts(summary: Summary, form: Any) -> list[reading.Part]:
    ids = {id_ for line in summary.lines for id_ in (*line.unit_ids, *line.coordinating_ids)}
    known = _units(ids)
    beside: dict[str, Any] = {"tracker": _person(form.tracker.data), "leader": _person(form.leader.data)}
    found = []
    for line in summary.lines:
        task, due = line.card.task, line.card.due
        same: dict[str, Any] = beside | {
            "content": task.content,
            "item": task.item,
            "product": task.product.value,
            "coordinating": [known[id_] for id_ in line.coordinating_ids],
            "due_time": due.due_time,
        }
        place = (task.start, task.end) if task.start is not None and task.end is not None else None
        if due.pattern is not None:
            plans = [
                series.Plan(unit=known[id_], phrase=due.phrase, pattern=due.pattern, **same)
                for id_ in line.unit_ids
            ]
            found.append(reading.Part(plans=plans, place=place))
        else:
            orders = [
                tasks.Order(unit=known[id_], due_on=due.due_on, due_phrase=due.phrase or None, **same)
                for id_ in line.unit_ids
            ]
            found.append(reading.Part(orders=orders, place=place))
    return found


def _person(word: str | None) -> User | None:
    return db.session.get(User, int(word)) if word else None


def _given(row: IntakeDraft, summary: Summary) -> ResponseReturnValue:
    if summary.number:
        flash(
            _("Đã đăng ký văn bản và giao %(count)s nhiệm vụ cho %(units)s đơn vị.",
              count=summary.number, units=summary.units),
            "success",
        )  # fmt: skip
    else:
        flash(_("Đã đăng ký văn bản, không có nhiệm vụ nào."), "success")
    db.session.refresh(row)
    return redirect(url_for("directives.show", directive_id=row.directive_id), 303)

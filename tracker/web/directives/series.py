"""Recurring tasks of a directive: their list there, the page of one, changing and ending it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.series import TaskSeries
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import series as operations
from tracker.queries.giving import GROUPS, persons, recipients
from tracker.queries.series import (
    TURNS,
    Deed,
    SeriesRow,
    deeds_of,
    heir_of,
    series_of,
    turns_of,
    visible_series,
)
from tracker.queries.standing import tasks_visible_to
from tracker.queries.tasks import StatusView, read_rows, select_tasks, status_view
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.permissions import Permission
from tracker.rules.series import SKIPPED_WORDS, Skipped, Turn
from tracker.web.access import requires
from tracker.web.deadlines import read_phrase
from tracker.web.directives.blueprint import bp, may_write
from tracker.web.filters import day as day_words
from tracker.web.forms import ChoiceField, ChoicesField, DayField, Form, line, paragraphs, required
from tracker.web.once import calendar_of_request, settings_of_request
from tracker.web.turns import SHOWN_AHEAD, ahead, how_often


class Listed(NamedTuple):
    """One series in the list of its directive."""

    row: SeriesRow
    how_often: str
    following: Turn | None


def listed(directive: Directive) -> list[Listed]:
    """Return the series of a directive that the signed-in person sees, each with the turn that follows."""
    rows = series_of(directive.id, user=g.user, day=g.today)
    return [Listed(row, how_often(row.rule), next(iter(ahead(row, 1)), None)) for row in rows]


def load_series(series_id: int, *, to_write: bool = False) -> TaskSeries:
    """Return a series for a person who sees it; 404 for outsiders, 403 for who may not write."""
    series = visible_series(series_id, user=g.user, day=g.today)
    if series is None:
        abort(404)
    if to_write and not may_write(series.directive):
        abort(403)
    return series


class TurnLine(NamedTuple):
    """A turn that was given or passed over; `status` only of a task that the person sees."""

    number: int | None
    due_on: date
    made_on: date
    task_id: int | None
    status: StatusView | None
    skipped: str | None


@bp.get("/dinh-ky/<id:series_id>")
@requires(Permission.SIGNED_IN)
def series(series_id: int) -> ResponseReturnValue:
    """Show a series: what it asks, what it gave, what comes next. `?truoc=` shows the turns before a day."""
    found = load_series(series_id)
    before = _before()
    rows, has_older = turns_of(series_id, before=before)
    ids = [row.task_id for row in rows if row.task_id]
    visible = tasks_visible_to(g.user, day=g.today)
    calendar = calendar_of_request()
    views = {
        task.id: status_view(task, day=g.today, calendar=calendar)
        for task in (read_rows(select_tasks(Task.id.in_(ids), visible)) if ids else ())
    }
    lines = [
        TurnLine(
            row.number, row.due_on, row.made_on, row.task_id, views.get(row.task_id or 0),
            _(SKIPPED_WORDS[Skipped(row.skipped)]) if row.skipped else None,
        )
        for row in rows
    ]  # fmt: skip
    heir = heir_of(found.unit, g.today)
    return render_template(
        "directives/series.html",
        series=found,
        directive=found.directive,
        how_often=how_often(found.rule),
        heir=heir if heir is not found.unit else None,
        is_without_unit=heir is None,
        ahead=ahead(found, SHOWN_AHEAD),
        lines=lines,
        soon=settings_of_request()["due_soon_days"],
        may_write=may_write(found.directive),
        first_url=url_for("directives.series", series_id=series_id) if before else None,
        next_url=url_for("directives.series", series_id=series_id, truoc=day_words(rows[-1].day))
        if has_older
        else None,
        count_text=_("%(count)s kỳ mỗi trang", count=TURNS) if has_older or before else None,
        entries=[_entry(deed) for deed in deeds_of(found)],
    )


def _before() -> date | None:
    try:
        return read_day(request.args["truoc"][:20], near=g.today) if "truoc" in request.args else None
    except UnreadableDay:
        return None


FACT_WORDS = {
    "unit": lazy_gettext("Đơn vị chủ trì"),
    "content": lazy_gettext("Nội dung"),
    "item": lazy_gettext("Mục của văn bản"),
    "product": lazy_gettext("Sản phẩm"),
    "coordinating": lazy_gettext("Đơn vị phối hợp"),
    "officer": lazy_gettext("Người thực hiện"),
    "tracker": lazy_gettext("Người theo dõi"),
    "leader": lazy_gettext("Lãnh đạo chỉ đạo"),
    "phrase": lazy_gettext("Thời hạn"),
    "pattern": lazy_gettext("Lặp lại"),
    "due_time": lazy_gettext("Giờ"),
    "from": lazy_gettext("Các kỳ có hạn từ ngày"),
    "until": lazy_gettext("Đến hết ngày"),
}


class Entry(NamedTuple):
    """One line of what happened to a series itself."""

    on_day: Any
    at: Any
    who: str | None
    what: str
    note: str | None
    changes: list[tuple[str, str, str]]


def _entry(deed: Deed) -> Entry:
    words = {
        "series": _("Lập nhiệm vụ định kỳ"),
        "series_change": _("Thay đổi cho các kỳ sau"),
        "series_end": _("Kết thúc"),
    }
    names = _names(deed.changes or [])
    changes = [
        (str(FACT_WORDS[fact]), _value(fact, old, names), _value(fact, new, names))
        for fact, old, new in deed.changes or []
    ]
    return Entry(deed.on_day, deed.at, deed.who, words[deed.do], deed.note, changes)


def _names(changes: Iterable[list[Any]]) -> Mapping[str, str]:
    codes: set[str] = set()
    logins: set[str] = set()
    for fact, old, new in changes:
        if fact in ("unit", "coordinating"):
            for value in (old, new):
                codes.update(value if isinstance(value, list) else [value] if value else [])
        elif fact in ("officer", "tracker", "leader"):
            logins |= {value for value in (old, new) if value}
    found: dict[str, str] = {}
    if codes:
        units = select(Unit.code, Unit.name).where(Unit.code.in_(codes))
        found |= dict(db.session.execute(units).all())
    if logins:
        people = select(User.login, User.name).where(User.login.in_(logins))
        found |= dict(db.session.execute(people).all())
    return found


def _value(fact: str, value: Any, names: Mapping[str, str]) -> str:
    if not value:
        return ""
    if fact == "pattern":
        return how_often(value)
    if fact in ("from", "until"):
        return day_words(date.fromisoformat(value))
    if isinstance(value, list):
        return ", ".join(names.get(each, each) for each in value)
    return names.get(value, value)


class ChangeForm(Form):
    """What the turns to come shall be."""

    content = paragraphs(lazy_gettext("Nội dung"), required(lazy_gettext("Nhập nội dung nhiệm vụ.")))
    product = paragraphs(lazy_gettext("Sản phẩm"), most=1_000)
    unit = ChoiceField(lazy_gettext("Đơn vị chủ trì"))
    phrase = line(lazy_gettext("Thời hạn"), required(lazy_gettext("Nhập thời hạn.")), most=500)
    starts_on = DayField(lazy_gettext("Áp dụng thời hạn mới cho các kỳ có hạn từ ngày"))
    until = DayField(lazy_gettext("Đến hết ngày"))
    coordinating = ChoicesField(lazy_gettext("Đơn vị phối hợp"), [Optional()])
    tracker = ChoiceField(lazy_gettext("Người theo dõi"), [Optional()], default="")
    leader = ChoiceField(lazy_gettext("Lãnh đạo chỉ đạo"), [Optional()], default="")
    reason = paragraphs(lazy_gettext("Lý do"), required(lazy_gettext("Nhập lý do thay đổi.")))

    def __init__(self, series: TaskSeries, **options: Any) -> None:
        super().__init__(**options)
        self.series = series
        self.reading = read_phrase(self.phrase.data or "", issued_on=series.directive.issued_on)
        units = [
            SelectChoice(str(unit.id), unit.name, optgroup=_(GROUPS[unit.group][0]))
            for unit in recipients(series.directive.issuer, day=g.today)
        ]
        known = {choice.value for choice in units}
        kept = [series.unit, *(each.unit for each in series.coordinations)]
        others = [
            SelectChoice(str(unit.id), unit.name, optgroup=_("Đang ghi"))
            for unit in dict.fromkeys(kept)
            if str(unit.id) not in known
        ]
        self.unit.choices = [*others, *units]
        self.coordinating.choices = [*others, *units]
        beside = persons(series.directive.issuer, day=g.today)
        self.tracker.choices = _with(series.tracker, beside.trackers)
        self.leader.choices = _with(series.leader, beside.leaders)

    def validate_phrase(self, field: Any) -> None:
        """A series needs a deadline that comes again."""
        if not field.errors and self.reading.reading.pattern is None:
            raise ValidationError(
                _("Thời hạn này không lặp lại. Ghi như “trước ngày 25 hằng tháng”, “thứ Sáu hằng tuần”, "
                  "“chậm nhất ngày 20 của tháng cuối quý”, hoặc kết thúc chuỗi.")
            )  # fmt: skip

    def validate_starts_on(self, field: Any) -> None:
        """What was given stays: nothing starts anew in the past."""
        if field.data and field.data < g.today:
            raise ValidationError(_("Nhập một ngày từ hôm nay trở đi."))

    def values(self) -> dict[str, Any]:
        """Return what was typed, in the words of the operation."""
        reading = self.reading.reading
        values: dict[str, Any] = {
            "content": self.content.data,
            "product": self.product.data,
            "unit": db.session.get_one(Unit, int(self.unit.data)),
            "until": self.until.data,
            "tracker": _person(self.tracker.data),
            "leader": _person(self.leader.data),
        }
        if set(self.coordinating.data or []) != {str(each.unit_id) for each in self.series.coordinations}:
            values["coordinating"] = _units(self.coordinating.data or [])
        if reading.phrase != self.series.phrase:
            values |= {"phrase": reading.phrase, "pattern": reading.pattern, "due_time": reading.due_time}
        if self.starts_on.data:
            values["starts_on"] = self.starts_on.data
        return values


def _with(person: User | None, known: Sequence[tuple[int, str]]) -> list[tuple[str, str]]:
    found = [("", _("– chưa chọn –")), *((str(id_), words) for id_, words in known)]
    if person is not None and str(person.id) not in dict(found):
        found.append((str(person.id), person.name))
    return found


def _person(word: str | None) -> User | None:
    return db.session.get(User, int(word)) if word else None


def _units(words: Sequence[str]) -> list[Unit]:
    chosen = db.session.scalars(select(Unit).where(Unit.id.in_({int(word) for word in words})))
    found = {str(unit.id): unit for unit in chosen}
    return [found[word] for word in words]


@bp.route("/dinh-ky/<id:series_id>/sua", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def change_series(series_id: int) -> ResponseReturnValue:
    """Change the turns to come of a series; what was given stays."""
    found = load_series(series_id, to_write=True)
    if found.ended_on:
        return _over(found)
    stored = {
        "content": found.content,
        "product": found.product,
        "unit": str(found.unit_id),
        "phrase": found.phrase,
        "until": found.until,
        "coordinating": [str(each.unit_id) for each in found.coordinations],
        "tracker": str(found.tracker_id or ""),
        "leader": str(found.leader_id or ""),
    }
    form = ChangeForm(found, data=stored, seen=found.version)
    if form.validate_on_submit():
        with form.refusals():
            operations.change(found, stamp=form.stamp(), reason=form.reason.data, **form.values())
            flash(_("Đã thay đổi nhiệm vụ định kỳ; những kỳ đã giao giữ nguyên."), "success")
        if not form.was_refused:
            return redirect(url_for("directives.series", series_id=series_id), 303)
    differing = []
    if form.is_conflict:
        form.renew(found.version)
        differing = [
            (form[name].label.text, str(form[name].data or ""), str(stored[name] or ""))
            for name in ("content", "product", "phrase")
            if (form[name].data or None) != stored[name]
        ]
    page = render_template(
        "directives/series_change.html",
        form=form,
        series=found,
        directive=found.directive,
        differing=differing,
        reading=form.reading.words if form.phrase.data and not form.phrase.errors else None,
        reading_url=url_for("directives.read_deadline", directive=found.directive_id),
    )
    return page, 422 if form.is_submitted() else 200


class EndForm(Form):
    """Why a series ends."""

    reason = paragraphs(
        lazy_gettext("Lý do hoặc số văn bản"), required(lazy_gettext("Nhập lý do kết thúc."))
    )


@bp.route("/dinh-ky/<id:series_id>/ket-thuc", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def end_series(series_id: int) -> ResponseReturnValue:
    """Ask before a series ends, and say what will happen."""
    found = load_series(series_id, to_write=True)
    if found.ended_on:
        return _over(found)
    form = EndForm(seen=found.version)
    if form.validate_on_submit():
        with form.refusals():
            operations.end(found, stamp=form.stamp(), reason=form.reason.data)
            flash(_("Đã kết thúc nhiệm vụ định kỳ."), "success")
        if not form.was_refused:
            return redirect(url_for("directives.series", series_id=series_id), 303)
        if form.is_conflict:
            form.renew(found.version)
    page = render_template(
        "directives/series_end.html",
        form=form,
        series=found,
        directive=found.directive,
        following=next(iter(ahead(found, 1)), None),
    )
    return page, 422 if form.is_submitted() else 200


def _over(series: TaskSeries) -> ResponseReturnValue:
    flash(_("Nhiệm vụ định kỳ này đã kết thúc ngày %(day)s.", day=day_words(series.ended_on)), "warning")
    return redirect(url_for("directives.series", series_id=series.id), 303)

"""The door of the administration, the settings of the installation, and its working calendar."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import HiddenField

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.mail import MailState
from tracker.models.progress import History
from tracker.operations import calendar as operations
from tracker.queries.calendar import Touched, calendar_end, days_of_year, statutory_holidays, touched_by
from tracker.queries.mails import count_by_state, mails_reached
from tracker.queries.people import found_by, people_page
from tracker.queries.settings import all_settings, working_calendar
from tracker.queries.standing import tasks_visible_to
from tracker.queries.units import administered, administers_a_root, unit_rows
from tracker.rules.permissions import Permission
from tracker.rules.settings import OF_LADDER, OF_RANKING, RULES
from tracker.web.access import requires
from tracker.web.alerts import alerts_of_request
from tracker.web.forms import (
    ChoiceField,
    ChoicesField,
    DayField,
    Form,
    as_choices,
    line,
    required,
)
from tracker.web.settings_form import as_read, hint_of, require_root, settings_form

bp = Blueprint("settings", __name__)

FIRST_YEAR, LAST_YEAR = 2000, 2100
HISTORY_SHOWN = 50
GENERAL = tuple(name for name in RULES if name not in (*OF_LADDER, *OF_RANKING))
"""The settings that have no page of their own."""
DAY_KIND_WORDS = {
    DayKind.DAY_OFF: lazy_gettext("Ngày nghỉ"),
    DayKind.WORKING_DAY: lazy_gettext("Ngày làm việc"),
}


class Matter(NamedTuple):
    """Something that needs an administrator's attention, and where to see to it."""

    words: str
    url: str


class CalendarDayForm(Form):
    """One day that departs from the ordinary week."""

    day = DayField(lazy_gettext("Ngày"), [required()])
    kind = ChoiceField(
        lazy_gettext("Ngày này là"), choices=as_choices(DAY_KIND_WORDS.items())
    )
    name = line(
        lazy_gettext("Tên, lý do"), description=lazy_gettext("Ví dụ: Quốc khánh; làm bù cho ngày 29/4.")
    )
    agreed = HiddenField()


class ProposalForm(Form):
    """The days off of a year that are chosen from the proposed ones."""

    days = ChoicesField(lazy_gettext("Ngày nghỉ"))
    agreed = HiddenField()


@bp.get("/quan-tri")
@requires(Permission.ADMINISTER)
def door() -> ResponseReturnValue:
    """Show what can be administered, and what needs attention."""
    is_root = administers_a_root(g.user, day=g.today)
    return render_template("settings/door.html", is_root=is_root, matters=_matters(is_root))


@bp.route("/quan-tri/cai-dat", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show and change the settings of the installation, but for those of the ladder of reminders."""
    require_root()
    stored = all_settings()
    version = operations.settings_version()
    form = settings_form(GENERAL, stored=stored, seen=version)
    if form.validate_on_submit():
        with form.refusals():
            changed = form.changed(stored)
            if changed:
                operations.change_settings(changed, stamp=form.stamp())
            flash(_("Đã lưu cài đặt.") if changed else _("Không có cài đặt nào thay đổi."), "success")
        if not form.was_refused:
            return redirect(url_for("settings.index"), 303)
    differing = []
    if form.is_conflict:
        form.renew(operations.settings_version())
        differing = form.differing(stored)
    page = render_template(
        "settings/index.html", form=form, differing=differing, hint_of=hint_of, entries=_changes_of_settings()
    )
    return page, 422 if form.is_submitted() else 200


@bp.get("/quan-tri/lich")
@requires(Permission.ADMINISTER)
def calendar() -> ResponseReturnValue:
    """Show the working calendar of a year."""
    require_root()
    year = _year_in(request.args.get("nam", ""), g.today.year)
    stored = days_of_year(year)
    return render_template(
        "settings/calendar.html", year=year, months=[_month(year, number, stored) for number in range(1, 13)],
        stored=stored.values(), kinds=DAY_KIND_WORDS, end=calendar_end(g.today),
        working_days=sum(_is_working(_day, stored) for _day in _days(year)),
        first_year=FIRST_YEAR, last_year=LAST_YEAR,
    )  # fmt: skip


@bp.route("/quan-tri/lich/ngay", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def day() -> ResponseReturnValue:
    """Say of one day that it is off, or worked; what it touches is shown before it is stored."""
    require_root()
    asked = _day_in(request.args.get("ngay", ""))
    row = db.session.get(CalendarDay, asked) if asked else None
    kind = row.kind if row else DayKind.WORKING_DAY if asked and asked.weekday() > 4 else DayKind.DAY_OFF
    form = CalendarDayForm(
        day=asked, kind=kind.value, name=row.name if row else None, seen=operations.calendar_version()
    )
    touched: list[Touched] = []
    if form.validate_on_submit() and form.day.data:
        changes = {form.day.data: DayKind(form.kind.data)}
        touched = _touched(form, changes)
        if not touched or form.is_agreed:
            with form.refusals():
                days = [(each, each_kind, form.name.data) for each, each_kind in changes.items()]
                operations.set_days(days, stamp=form.stamp())
                flash(_("Đã lưu ngày %(day)s.", day=form.day.data.strftime("%d/%m/%Y")), "success")
            if not form.was_refused:
                return redirect(url_for("settings.calendar", nam=form.day.data.year), 303)
    differing = _differing_days(form, [(form.day.data, form.kind.data, form.name.data)])
    page = render_template("settings/day.html", form=form, touched=touched, row=row, asked=asked,
                           differing=differing, kinds=DAY_KIND_WORDS)  # fmt: skip
    return page, 422 if form.errors else 200


@bp.route("/quan-tri/lich/de-xuat", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def proposal() -> ResponseReturnValue:
    """Propose the statutory days off of a year, and store the chosen ones under the names given to them."""
    require_root()
    year = _year_in(request.args.get("nam", ""), calendar_end(g.today).missing_year)
    proposed, stored = statutory_holidays(year), days_of_year(year)
    form = ProposalForm(seen=operations.calendar_version())
    form.days.choices = as_choices((each.isoformat(), each.strftime("%d/%m/%Y")) for each in proposed)
    names = {
        each: request.form.get(f"name-{each.isoformat()}", name)[:255] for each, name in proposed.items()
    }
    if not form.is_submitted():
        form.days.data = [each.isoformat() for each in proposed if each not in stored]
    touched: list[Touched] = []
    if form.validate_on_submit():
        chosen = [date.fromisoformat(text) for text in form.days.data or []]
        touched = _touched(form, dict.fromkeys(chosen, DayKind.DAY_OFF))
        if not chosen:
            form.days.errors = [_("Chọn ít nhất một ngày.")]
        elif not touched or form.is_agreed:
            with form.refusals():
                days = [(each, DayKind.DAY_OFF, names[each]) for each in chosen]
                operations.set_days(days, stamp=form.stamp())
                flash(
                    _("Đã lưu %(number)s ngày nghỉ của năm %(year)s.", number=len(days), year=year), "success"
                )
            if not form.was_refused:
                return redirect(url_for("settings.calendar", nam=year), 303)
    differing = _differing_days(form, [(each, DayKind.DAY_OFF, names[each]) for each in proposed
                                       if each.isoformat() in (form.days.data or [])])  # fmt: skip
    page = render_template(
        "settings/proposal.html", form=form, year=year, proposed=proposed, names=names, stored=stored,
        touched=touched, kinds=DAY_KIND_WORDS, differing=differing,
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _matters(is_root: bool) -> list[Matter]:
    reach = administered(g.user, day=g.today)
    matters = [Matter(each.words, each.url) for each in alerts_of_request()] if is_root else []
    if failed := count_by_state(mails_reached(reach, is_root=is_root)).get(MailState.FAILED):
        url = url_for("mails.outgoing", **{"trang-thai": "failed"})  # type: ignore[arg-type]
        matters.append(Matter(_("%(number)s thư gửi lỗi.", number=failed), url))
    headless = [row for row in unit_rows(reach, day=g.today) if row.exists and not row.heads]
    matters += [
        Matter(_("%(unit)s chưa có người đứng đầu.", unit=row.name), url_for("units.show", unit_id=row.id))
        for row in headless[:5]
    ]
    if len(headless) > 5:
        words = _("Còn %(number)s đơn vị khác chưa có người đứng đầu.", number=len(headless) - 5)
        matters.append(Matter(words, url_for("units.index")))
    silent = people_page(reach, found_by(day=g.today, state="no_email"), day=g.today).total
    if silent:
        words = _("%(number)s tài khoản chưa có thư điện tử nên không nhận thư nhắc.", number=silent)
        matters.append(Matter(words, url_for("people.index", state="no_email")))
    return matters


def _touched(form: Any, changes: Mapping[date, DayKind]) -> list[Touched]:
    """Return what the changes touch, and let the form know whether just these were agreed to."""
    signature = " ".join(f"{each.isoformat()}{kind.value}" for each, kind in sorted(changes.items()))
    form.is_agreed = form.agreed.data == signature
    form.agreed.data = signature
    return touched_by(
        changes, calendar=working_calendar(), strict_before=all_settings()["strict_before"],
        visible=tasks_visible_to(g.user, day=g.today),
    )  # fmt: skip


def _differing_days(form: Form, typed: list[tuple[Any, Any, str | None]]) -> list[tuple[str, str, str]]:
    if not form.is_conflict:
        return []
    form.renew(operations.calendar_version())
    rows = []
    for each, kind, name in typed:
        row = db.session.get(CalendarDay, each)
        mine = _day_as_read(DayKind(kind), name)
        theirs = _day_as_read(row.kind, row.name) if row else ""
        if mine != theirs:
            rows.append((each.strftime("%d/%m/%Y"), mine, theirs))
    return rows


def _day_as_read(kind: DayKind, name: str | None) -> str:
    return f"{DAY_KIND_WORDS[kind]}: {name}" if name else str(DAY_KIND_WORDS[kind])


def _changes_of_settings() -> list[dict[str, Any]]:
    query = (
        select(History)
        .where(History.do == "setting")
        .options(joinedload(History.by))
        .order_by(History.id.desc())
        .limit(HISTORY_SHOWN)
    )
    entries = []
    for row in db.session.scalars(query):
        name, old, new = row.changes[0] if row.changes else (row.payload["name"], None, row.payload["value"])
        label = _(RULES[name].label) if name in RULES else name
        old = RULES[name].default if old is None and name in RULES else old
        entries.append({
            "at": row.at, "on_day": row.on_day, "who": row.by.name if row.by else None, "note": None,
            "what": _("Đổi cài đặt"), "changes": [(label, as_read(old), as_read(new))], "files": [],
        })  # fmt: skip
    return entries


def _year_in(text: str, otherwise: int) -> int:
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else otherwise
    return year if FIRST_YEAR <= year <= LAST_YEAR else otherwise


def _day_in(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _days(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=step) for step in range((date(year + 1, 1, 1) - first).days)]


def _is_working(each: date, stored: Mapping[date, CalendarDay]) -> bool:
    row = stored.get(each)
    return each.weekday() < 5 if row is None else row.kind is DayKind.WORKING_DAY


def _month(year: int, number: int, stored: Mapping[date, CalendarDay]) -> dict[str, Any]:
    """Return a month as weeks of seven cells from Monday; a cell outside the month is None."""
    days = [each for each in _days(year) if each.month == number]
    cells: list[dict[str, Any] | None] = [None] * days[0].weekday()
    for each in days:
        row = stored.get(each)
        is_weekend = each.weekday() > 4
        kind = ""
        if row is not None and row.kind is DayKind.DAY_OFF and not is_weekend:
            kind = "day-off"
        elif row is not None and row.kind is DayKind.WORKING_DAY and is_weekend:
            kind = "working-day"
        elif is_weekend:
            kind = "weekend"
        cells.append({"day": each, "kind": kind, "name": row.name if row else None})
    cells += [None] * (-len(cells) % 7)
    return {"number": number, "weeks": [cells[start : start + 7] for start in range(0, len(cells), 7)]}

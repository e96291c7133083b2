"""The ladder of reminders: its numbers, drawn on real days, and the mails that they would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.clock import VIETNAM
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.operations import calendar as operations
from tracker.operations.reminders import preview_digests
from tracker.operations.reminders.digest import Digest
from tracker.queries.reminders import units_of_people
from tracker.queries.settings import all_settings, working_calendar
from tracker.queries.units import administered
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.ladder import LEADER, OFFICE, UNIT, Ladder, Step, steps_between
from tracker.rules.permissions import Permission
from tracker.rules.rungs import words_of_rung
from tracker.rules.settings import OF_LADDER
from tracker.rules.text import name_order
from tracker.rules.timetable import TIMETABLE
from tracker.web.access import requires
from tracker.web.forms import DayField
from tracker.web.settings_form import SettingsForm, hint_of, require_root, settings_form

bp = Blueprint("ladder", __name__)

PEOPLE_A_PAGE = 50
LATE_STEPS_DRAWN = 3
LONGEST_EXAMPLE = timedelta(days=366)
GROUPS = (
    (lazy_gettext("Các mốc nhắc"),
     ("reminder_before", "reminder_on_day", "reminder_late_first", "reminder_late_every")),
    (lazy_gettext("Báo cấp trên khi quá hạn"), ("escalate_office_from", "escalate_leader_from")),
    (lazy_gettext("Hạn theo giờ và việc báo ngay"), ("reminder_hours_before", "prompt_gap_minutes")),
    (lazy_gettext("Giờ gửi"), ("reminder_time", "report_time")),
)  # fmt: skip
AUDIENCES = (
    (UNIT, lazy_gettext("người thực hiện, thủ trưởng đơn vị")),
    (OFFICE, lazy_gettext("Văn phòng")),
    (LEADER, lazy_gettext("lãnh đạo phụ trách")),
)


class LadderForm(SettingsForm):
    """The numbers of the ladder, and the task on which they are drawn."""

    given_on = DayField(lazy_gettext("Ngày giao"))
    due_on = DayField(lazy_gettext("Thời hạn"))


class Drawn(NamedTuple):
    """One rung as it is drawn: on which day what is told to whom."""

    step: Step
    words: str
    told: str
    tone: str


class Preview(NamedTuple):
    """The mails of one morning as the typed settings would make them; of the people one page is shown.

    Lines are shown of people whose mails the administrator may read; of the others there is the number.
    """

    at: datetime
    digests: Sequence[Digest]
    total: int
    elsewhere: int
    late: int
    without_address: int
    page: int
    pages: int
    units: Mapping[int, str]


@bp.route("/quan-tri/nhac-viec", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """Show, try and change the ladder of reminders."""
    require_root()
    stored, calendar = all_settings(), working_calendar()
    form = settings_form(
        OF_LADDER, stored=stored, base=LadderForm, seen=operations.settings_version(),
        data={"given_on": g.today, "due_on": _example_due(Ladder.from_settings(stored), calendar)},
    )  # fmt: skip
    tried, preview = stored, None
    if form.validate_on_submit():
        tried = stored | form.typed
        if "trang" in request.form:
            preview = _preview(tried, calendar)
        else:
            with form.refusals():
                changed = form.changed(stored)
                if changed:
                    operations.change_settings(changed, stamp=form.stamp())
                flash(_("Đã lưu thang nhắc việc.") if changed else _("Không có gì thay đổi."), "success")
            if not form.was_refused:
                return redirect(url_for("ladder.index"), 303)
    differing = []
    if form.is_conflict:
        form.renew(operations.settings_version())
        differing = form.differing(stored)
    page = render_template(
        "settings/ladder.html", form=form, groups=GROUPS, hint_of=hint_of, differing=differing,
        preview=preview, settings=tried, steps=_draw(form, Ladder.from_settings(tried), calendar),
    )  # fmt: skip
    return page, 422 if form.errors else 200


def _example_due(ladder: Ladder, calendar: WorkingCalendar) -> date:
    """Return a deadline that leaves room for every rung before it."""
    return calendar.add(g.today, max(ladder.before, default=0) + 3)


def _draw(form: Any, ladder: Ladder, calendar: WorkingCalendar) -> list[Drawn]:
    """Return the rungs of the example task, up to the third repeated one after its deadline."""
    given_on = form.given_on.data or g.today
    due_on = form.due_on.data or _example_due(ladder, calendar)
    if not timedelta(0) <= due_on - given_on <= LONGEST_EXAMPLE:
        return []
    last = max(
        due_on + timedelta(days=ladder.late_first),
        calendar.add(due_on, ladder.late_every * LATE_STEPS_DRAWN),
    )
    steps = steps_between(
        due_on=due_on, given_on=given_on, first=given_on, last=last, calendar=calendar, ladder=ladder
    )
    return [_drawn(step, due_on) for step in steps]


def _drawn(step: Step, due_on: date) -> Drawn:
    words, values = words_of_rung(step.rung.key)
    told = ", ".join(str(name) for audience, name in AUDIENCES if audience in step.rung.audience)
    tone = "due" if step.rung.key == "due" else "before" if step.rung.key.startswith("before") else "late"
    return Drawn(step, _("ngày đến hạn") if tone == "due" else _(words) % values, told, tone)


def _preview(settings: Mapping[str, Any], calendar: WorkingCalendar) -> Preview:
    """Return the mails of the next morning on which daily mails fall due, and store nothing."""
    daily = next(entry for entry in TIMETABLE if entry.name == "reminders")
    moment = daily.next_due(g.now, None, zone=VIETNAM, settings=settings, calendar=calendar)
    made = preview_digests(day=moment.date(), settings=settings)
    units = units_of_people(administered(g.user, day=g.today))
    digests = [digest for digest in made if digest.person.id in units]
    digests.sort(key=lambda digest: (name_order(digest.person.name), digest.person.id))
    pages = max(1, -(-len(digests) // PEOPLE_A_PAGE))
    asked = request.form["trang"]
    page = min(int(asked), pages) if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 else 1
    shown = digests[(max(page, 1) - 1) * PEOPLE_A_PAGE : max(page, 1) * PEOPLE_A_PAGE]
    return Preview(
        at=moment, digests=shown, total=len(digests), elsewhere=len(made) - len(digests),
        late=sum(each.is_of_overdue for each in digests),
        without_address=sum(not each.has_address for each in digests), page=max(page, 1), pages=pages,
        units=units,
    )  # fmt: skip

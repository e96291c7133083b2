"""The kept reports: the list, one report from its frozen data, its files, sending and making it again."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectChoice, StringField

from tracker.files import b4 as heads
from tracker.files import overdue_words
from tracker.files.chart import bars_and_rates
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.report import Report
from tracker.models.units import Unit
from tracker.operations import reports
from tracker.outbox import address_of
from tracker.queries import archive
from tracker.queries.archive import Opened, Place
from tracker.queries.ranking import may_see_some
from tracker.queries.reports import Reader
from tracker.queries.standing import roles_above
from tracker.rules.overdue_report import OverdueReport, checksum, differences, from_data, month_before
from tracker.rules.permissions import LEADER, OFFICE, Permission
from tracker.rules.words import B4_TITLE
from tracker.web.access import LARGEST_ID, me, requires
from tracker.web.forms import ChoiceField, ChoicesField, Form, as_choices, clean, paragraphs, required
from tracker.web.once import settings_of_request
from tracker.web.words import MAIL_STATE_WORDS

bp = Blueprint("archive", __name__)

_MONTH = re.compile(
    r"(?:tháng\s*)?(?P<month>[0-9]{1,2})\s*[/.-]\s*(?P<year>[0-9]{4})|(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})", re.I
)
YEARS = range(1976, 9999)


class MonthField(StringField):
    """A month as people type it: 10/2026, 2026-10. `data` is its last day; what was typed is kept."""

    data: date | None

    def _value(self) -> str:
        if self.raw_data:
            return self.raw_data[0]
        return f"{self.data:%m}/{self.data.year}" if self.data else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = clean(valuelist[0]) if valuelist else ""
        self.data = None
        if not text:
            return
        found = _MONTH.fullmatch(text)
        year = int(found["year"] or found["y"]) if found else 0
        month = int(found["month"] or found["m"]) if found else 0
        if not (1 <= month <= 12 and year in YEARS):
            raise ValueError(_("Không đọc được tháng. Nhập dạng mm/yyyy, ví dụ 10/2026."))
        self.data = month_before(date(year, month, 1) + timedelta(days=32))


class MakeForm(Form):
    """Which report is made again, and why."""

    assigner = ChoiceField(lazy_gettext("Đơn vị giao nhiệm vụ"))
    month = MonthField(lazy_gettext("Tháng"), [required(lazy_gettext("Nhập tháng cần lập báo cáo."))])
    reason = paragraphs(lazy_gettext("Lý do lập lại"), required(lazy_gettext("Nhập lý do lập lại báo cáo.")))


class SendForm(Form):
    """To whom a report is sent again, and why."""

    people = ChoicesField(
        lazy_gettext("Người nhận"), [required(lazy_gettext("Chọn ít nhất một người nhận."))]
    )
    reason = paragraphs(lazy_gettext("Lý do gửi lại"), required(lazy_gettext("Nhập lý do gửi lại.")))


@bp.get("/bao-cao")
@requires(Permission.SEE_REPORTS)
def index() -> ResponseReturnValue:
    """List the kept reports that the person may see, the latest month first."""
    rows, following = archive.reports_open_to(me(), day=g.today, after=_read_place())
    next_place = following and f"{following[0].isoformat()}.{following[1]}"
    return render_template(
        "archive/index.html", rows=rows, may_make=bool(archive.assigners_decided_by(me(), day=g.today)),
        may_rank=may_see_some(me(), day=g.today),
        hour=settings_of_request()["report_time"],
        next_url=next_place and url_for("archive.index", after=next_place),
        first_url=request.args.get("after") and url_for("archive.index"),
    )  # fmt: skip


@bp.get("/bao-cao/<id:report_id>")
@requires(Permission.SEE_REPORTS)
def show(report_id: int) -> ResponseReturnValue:
    """Show a report from its frozen data, whole or the part of the person's units."""
    opened = _load(report_id)
    kept, report = opened.report, _seen_of(opened)
    editions = archive.editions_of(kept)
    before = next((each for each in editions if each.edition == kept.edition - 1), None)
    task_ids = [task.task_id for task in report.overdue]
    total = report.total if len(report.rows) > 1 else None
    return render_template(
        "archive/show.html", kept=kept, report=report, words=overdue_words,
        shown={"rows": report.rows, "total": total},
        b4_title=_(B4_TITLE, assigner=report.assigner_name.upper()),
        chart=bars_and_rates(
            overdue_words.points_of(report),
            label=_("Mười hai tháng: nhiệm vụ quá hạn cuối tháng và tỷ lệ đúng hạn; số liệu trong bảng."),
        ),
        is_intact=checksum(kept.data) == kept.sha256,
        editions=[each for each in editions if each.id != kept.id],
        changed=differences(_part_of(before, opened), report) if before is not None else None, before=before,
        cell_names=[f"{group} – {head.lower()}" for group, head in heads.COLUMNS] + [heads.ALL],
        files=archive.files_of(opened), receivers=archive.receivers_of(opened),
        state_words=MAIL_STATE_WORDS, is_part=opened.unit_ids is not None,
        may_decide=_may_decide(kept.assigner),
        visible=archive.tasks_open_to(me(), task_ids, day=g.today),
        without_address=_without_address(opened),
    )  # fmt: skip


@bp.get("/bao-cao/<id:report_id>/tep/<id:file_id>")
@requires(Permission.SEE_REPORTS)
def file(report_id: int, file_id: int) -> ResponseReturnValue:
    """Give a file of a report as it was made and sent."""
    found = archive.file_of(_load(report_id), file_id)
    if found is None:
        abort(404)
    headers = {
        "Content-Type": found.media_type,
        "Content-Disposition": f'attachment; filename="{found.filename}"',
    }
    return found.content, headers


@bp.route("/bao-cao/<id:report_id>/gui-lai", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def send_again(report_id: int) -> ResponseReturnValue:
    """Ask to whom and why a report is sent again."""
    kept = _load_to_decide(report_id)
    report, form = from_data(kept.data), SendForm()
    readers = reports.people_to_send(kept, today=g.today)
    form.people.choices = [
        SelectChoice(str(each.id), _reader_words(each, report), optgroup=group)
        for group, is_whole in ((_("Nhận toàn bộ báo cáo"), True), (_("Nhận phần của đơn vị"), False))
        for each in readers
        if address_of(each.email) and (each.unit_ids is None) is is_whole
    ]
    if form.validate_on_submit():
        with form.refusals():
            chosen = {int(each) for each in form.people.data or []}
            number = reports.send_again(
                kept, user_ids=chosen, reason=form.reason.data or "", stamp=form.stamp()
            )
            flash(_("Đã xếp %(n)s thư vào hàng chờ gửi.", n=number), "success")
        if not form.was_refused:
            return redirect(url_for("archive.show", report_id=kept.id), 303)
    nameless = [each.name for each in readers if not address_of(each.email)]
    page = render_template(
        "archive/send.html", kept=kept, title=overdue_words.title_words(report), form=form, nameless=nameless
    )
    return page, 422 if form.is_submitted() else 200


@bp.route("/bao-cao/lap-lai", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def make_again() -> ResponseReturnValue:
    """Ask which report of a past month is made again, and why."""
    assigners = archive.assigners_decided_by(me(), day=g.today)
    form = MakeForm(data={"assigner": request.args.get("assigner"), "month": _asked_month()})
    form.assigner.choices = as_choices((unit.code, unit.name) for unit in assigners)
    if form.validate_on_submit():
        assigner = next(unit for unit in assigners if unit.code == form.assigner.data)
        last = form.month.data
        assert last is not None
        with form.refusals():
            made = reports.make_again(assigner, last, reason=form.reason.data or "", stamp=form.stamp())
            flash(_("Đã lập báo cáo, lần %(n)s. Chưa gửi cho ai.", n=made.edition), "success")
            return redirect(url_for("archive.show", report_id=made.id), 303)
        if not form.was_refused:
            return redirect(url_for("archive.index"), 303)
    page = render_template("archive/make.html", form=form, assigners=assigners)
    return page, 422 if form.is_submitted() else 200


def _load(report_id: int) -> Opened:
    """Return a report of which the person may see at least a part; 404 for any other."""
    opened = archive.open_report(report_id, me(), day=g.today)
    if opened is None:
        abort(404)
    return opened


def _load_to_decide(report_id: int) -> Report:
    """Return a report that the person may send again; 403 for who may only see it."""
    kept = _load(report_id).report
    if not _may_decide(kept.assigner):
        abort(403)
    return kept


def _may_decide(assigner: Unit) -> bool:
    return bool(roles_above(me(), assigner, g.today) & {LEADER, OFFICE})


def _seen_of(opened: Opened) -> OverdueReport:
    return _part_of(opened.report, opened)


def _part_of(kept: Report, opened: Opened) -> OverdueReport:
    report = from_data(kept.data)
    return report if opened.unit_ids is None else report.part(opened.unit_ids)


def _reader_words(reader: Reader, report: OverdueReport) -> str:
    units = ", ".join(report.name_of(each) for each in sorted(reader.unit_ids or ()))
    return f"{reader.name} – {units}" if units else reader.name


def _without_address(opened: Opened) -> list[str]:
    """Return who should have got the report but had no address; told to who sees it whole."""
    return archive.without_address(opened.report) if opened.unit_ids is None else []


def _read_place() -> Place | None:
    """Return the place in the list that the address names, None for its beginning or a place that is none."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        place = date.fromisoformat(day), int(number)
    except ValueError:
        return None
    return place if 0 < place[1] <= LARGEST_ID else None


def _asked_month() -> date:
    """Return the last day of the month that the address names, by default the month before this one."""
    asked: Any = re.fullmatch(r"([0-9]{4})-([0-9]{2})", request.args.get("month", ""), re.ASCII)
    if asked and 1 <= int(asked[2]) <= 12 and int(asked[1]) in YEARS:
        return month_before(date(int(asked[1]), int(asked[2]), 1) + timedelta(days=32))
    return month_before(g.today)

"""“Vì sao?”: in which cell of which B.4 a task stands at the end of a day, and which entries put it there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.models.task import Task
from tracker.queries.b4 import assigners_open_to
from tracker.queries.passage import DeedRow, StretchRow, deeds_of, stretches_of
from tracker.rules.deadlines import UnreadableDay, read_day
from tracker.rules.passage import Fact, Outside, Stay, maker_of, mover_to, outside, stays
from tracker.rules.permissions import Permission
from tracker.rules.status import RUNNING_STATES, State
from tracker.rules.text import nfc
from tracker.web.access import load_task, requires
from tracker.web.filters import day
from tracker.web.reasons import CHOICE_WORDS, STATE_WORDS, why_there
from tracker.web.task_history import DEEDS
from tracker.web.tasks.blueprint import bp

MOST_TYPED = 40
"""Letters of a day that are read and shown again."""


class Period(NamedTuple):
    """The period of the B.4 that is asked about, both ends included."""

    first: date
    last: date


class FactLine(NamedTuple):
    """A fact of the day, and the entry that made it so."""

    label: str
    value: str
    made: str


class StayLine(NamedTuple):
    """Some days in one cell: what the table of changes shows."""

    first: date
    until: date | None
    """None while it stands there still."""
    unit_name: str
    cell: str | None
    words: str
    why: str
    url: str
    is_asked: bool
    is_ahead: bool


@bp.get("/nhiem-vu/<id:task_id>/vi-sao")
@requires(Permission.SIGNED_IN)
def why(task_id: int) -> ResponseReturnValue:
    """Answer for the day `ngay` and the B.4 of the period `tu` to `den`: this year's where none is named.

    In place of a day that cannot be read stands today, and why it cannot.
    """
    task = load_task(task_id)
    typed, on, message = _read("ngay", g.today)
    period = _period(on)
    stretches, deeds = stretches_of(task_id), deeds_of(task_id)
    stretch = next((each for each in stretches if each.valid_from <= on < each.valid_to), None)
    left_out = outside(stretch, first=period.first)
    found = stays(stretches)
    here = next((each for each in found if each.first <= on <= each.last), None)
    counted = here is not None and left_out is None
    page = render_template(
        "tasks/why.html",
        task=task,
        on=on,
        period=period,
        typed=typed,
        message=message,
        is_ahead=on > g.today,
        stretch=stretch,
        cell=here.cell if here is not None else None,
        column=CHOICE_WORDS[here.cell.value] if here is not None and here.cell is not None else None,
        sentence=why_there(stretch, cell=here.cell, day=on) if here is not None and here.cell else None,
        left_out=left_out and _words_outside(left_out, task, stretch, period),
        facts=_facts(stretch, deeds, on) if stretch is not None else [],
        following=_following(found, here if counted else None, deeds, on),
        lines=[_line(each, task_id, deeds, on, period) for each in found],
        b4_url=_b4_address(stretch, here, on, period) if counted and on <= g.today else None,
    )
    return page, 422 if message else 200


def _read(name: str, otherwise: date) -> tuple[str, date, str | None]:
    """Return what was typed for a day, the day, and why it is none where it is none."""
    typed = nfc(request.args.get(name, ""))[:MOST_TYPED].strip()
    if not typed:
        return "", otherwise, None
    try:
        return typed, read_day(typed, near=g.today), None
    except UnreadableDay as error:
        return typed, otherwise, _(error.msgid) % error.values


def _period(on: date) -> Period:
    """Return the period that the address names, the year of the day asked where it names none that fits."""
    year = Period(date(on.year, 1, 1), date(on.year, 12, 31))
    _typed, first, _message = _read("tu", year.first)
    _typed, last, _message = _read("den", year.last)
    return Period(first, last) if first <= min(on, last) else year


def _words_outside(left_out: Outside, task: Task, stretch: StretchRow | None, period: Period) -> str:
    match left_out:
        case Outside.NOT_GIVEN if task.given_on is None:
            return _("nhiệm vụ còn là dự thảo, chưa giao")
        case Outside.NOT_GIVEN:
            return _("đến hết ngày này nhiệm vụ chưa được giao (giao ngày %(day)s)", day=day(task.given_on))
        case Outside.CANCELLED:
            return _("nhiệm vụ đã thu hồi ngày %(day)s", day=day(stretch.valid_from if stretch else None))
    return _(
        "nhiệm vụ đã được xác nhận hoàn thành ngày %(day)s, trước ngày đầu kỳ %(first)s",
        day=day(stretch.valid_from if stretch else None), first=day(period.first),
    )  # fmt: skip


def _facts(stretch: StretchRow, deeds: Sequence[DeedRow], on: date) -> list[FactLine]:
    """Return the facts that decide row and cell, in the order in which one reads a row of the table."""
    due = day(stretch.due_on) or _("không thời hạn")
    values = [
        (Fact.ASSIGNER, _("Đơn vị giao"), stretch.assigner_name),
        (Fact.UNIT, _("Đơn vị chủ trì"), stretch.unit_name),
        (Fact.STATE, _("Tình trạng"), str(STATE_WORDS[stretch.state])),
        (Fact.DUE, _("Thời hạn có hiệu lực"), due),
    ]
    if stretch.reported_on is not None:
        values.append((Fact.REPORTED, _("Ngày báo cáo hoàn thành"), day(stretch.reported_on)))
    return [
        FactLine(label, value, _deed_words(maker_of(fact, deeds, day=on))) for fact, label, value in values
    ]


def _deed_words(deed: DeedRow | None) -> str:
    """Return what was done, when and by whom: “Giao nhiệm vụ ngày 02/03/2026 – Trần Thị B, Văn phòng”."""
    if deed is None:
        return ""
    words = _("%(what)s ngày %(day)s", what=DEEDS.get(deed.do, deed.do), day=day(deed.on_day))
    if deed.who:
        who = f"{deed.who}, {deed.who_unit}" if deed.who_unit else deed.who
        words = _("%(words)s – %(who)s", words=words, who=who)
    return f"{words}: {deed.note}" if deed.note and deed.do != "give" else words


def _moved_words(stay: Stay, deeds: Sequence[DeedRow]) -> str:
    if stay.by_itself:
        return _("Tự chuyển: hạn %(day)s, hết ngày đó chưa báo cáo hoàn thành", day=day(stay.stretch.due_on))
    return _deed_words(mover_to(stay, deeds))


def _cell_words(stay: Stay) -> str:
    if stay.cell is not None:
        return str(CHOICE_WORDS[stay.cell.value])
    return _("Không tính (đã thu hồi)")


def _following(found: Sequence[Stay], here: Stay | None, deeds: Sequence[DeedRow], on: date) -> str:
    """Return where the task went or goes next: by a deed that is known, by itself, or only by a deed."""
    after = next((each for each in found if each.first > on), None)
    if after is not None and after.first > g.today:
        return _(
            "Từ %(day)s sẽ sang ô “%(cell)s”, nếu đến hết ngày %(due)s chưa báo cáo hoàn thành và thời hạn"
            " không đổi.",
            day=day(after.first), cell=_cell_words(after), due=day(after.stretch.due_on),
        )  # fmt: skip
    if after is not None:
        moved = _moved_words(after, deeds)
        why = (moved[:1].lower() + moved[1:]).rstrip(".")
        if here is not None and here.stretch.unit_id != after.stretch.unit_id:
            return _("Từ %(day)s chuyển sang dòng “%(unit)s”, ô “%(cell)s”: %(why)s.", day=day(after.first),
                     unit=after.stretch.unit_name, cell=_cell_words(after), why=why)  # fmt: skip
        return _("Từ %(day)s chuyển sang ô “%(cell)s”: %(why)s.", day=day(after.first),
                 cell=_cell_words(after), why=why)  # fmt: skip
    if here is None or here.cell is None:
        return ""
    state = here.stretch.state
    if state is State.COMPLETED:
        return _("Ô này không tự thay đổi: chỉ đổi khi nhiệm vụ được mở lại.")
    if state is State.AWAITING_CONFIRMATION:
        return _("Ô này không tự thay đổi: chỉ đổi khi được xác nhận hoàn thành hoặc yêu cầu làm lại.")
    if state in RUNNING_STATES and here.stretch.due_on is None:
        return _("Không thời hạn nên không tự chuyển sang quá hạn.")
    return _("Ô này không tự thay đổi: chỉ đổi khi đơn vị báo cáo hoàn thành hoặc thời hạn thay đổi.")


def _line(stay: Stay, task_id: int, deeds: Sequence[DeedRow], on: date, period: Period) -> StayLine:
    days: dict[str, Any] = {"ngay": day(stay.first)}
    if period.first <= stay.first:
        days |= {"tu": day(period.first), "den": day(period.last)}
    return StayLine(
        first=stay.first,
        until=stay.last if stay.last < g.today else None,
        unit_name=stay.stretch.unit_name,
        cell=stay.cell.value if stay.cell else None,
        words=_cell_words(stay),
        why=_moved_words(stay, deeds),
        url=url_for("tasks.why", task_id=task_id, **days),
        is_asked=stay.first <= on <= stay.last,
        is_ahead=stay.first > g.today,
    )


def _b4_address(stretch: Any, here: Stay | None, on: date, period: Period) -> str | None:
    """Return the address of the B.4 that counts the task, None where that one is not open to the person."""
    codes = {each.unit.code for each in assigners_open_to(g.user, day=g.today)}
    if stretch.assigner_code not in codes:
        return None
    days: dict[str, Any] = {"from": period.first, "to": period.last}
    return url_for("reports.b4", assigner=stretch.assigner_code, on=on, **days)

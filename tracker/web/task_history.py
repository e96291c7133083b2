"""The history of a task in Vietnamese: what was done, and what changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from flask import url_for

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.queries.task_page import Event, names_in
from tracker.web.filters import day

DEEDS = {
    "draft": lazy_gettext("Lập dự thảo nhiệm vụ"),
    "give": lazy_gettext("Giao nhiệm vụ"),
    "accept": lazy_gettext("Tiếp nhận"),
    "ask_return": lazy_gettext("Đề nghị trả lại"),
    "refuse_return": lazy_gettext("Không đồng ý cho trả lại"),
    "reassign": lazy_gettext("Giao lại cho đơn vị khác"),
    "progress": lazy_gettext("Cập nhật tiến độ"),
    "contribute": lazy_gettext("Phối hợp"),
    "ask_extension": lazy_gettext("Xin gia hạn"),
    "grant_extension": lazy_gettext("Đồng ý gia hạn"),
    "refuse_extension": lazy_gettext("Không đồng ý gia hạn"),
    "set_due": lazy_gettext("Sửa thời hạn"),
    "report": lazy_gettext("Báo cáo hoàn thành"),
    "confirm": lazy_gettext("Xác nhận hoàn thành"),
    "rework": lazy_gettext("Yêu cầu làm lại"),
    "reopen": lazy_gettext("Mở lại nhiệm vụ"),
    "cancel": lazy_gettext("Thu hồi nhiệm vụ"),
    "transfer": lazy_gettext("Chuyển sang đơn vị khác"),
    "inherit": lazy_gettext("Đơn vị kế thừa nhận nhiệm vụ"),
    "correct": lazy_gettext("Sửa thông tin nhiệm vụ"),
    "urge": lazy_gettext("Đôn đốc"),
    "became_overdue": lazy_gettext("Nhiệm vụ quá hạn"),
}

FACTS = {
    "content": lazy_gettext("Nội dung"),
    "item": lazy_gettext("Mục"),
    "product": lazy_gettext("Sản phẩm"),
    "officer": lazy_gettext("Người thực hiện"),
    "tracker": lazy_gettext("Người theo dõi"),
    "leader": lazy_gettext("Lãnh đạo chỉ đạo"),
    "coordinating": lazy_gettext("Đơn vị phối hợp"),
    "unit": lazy_gettext("Đơn vị chủ trì"),
    "due_on": lazy_gettext("Thời hạn"),
    "due_phrase": lazy_gettext("Thời hạn như văn bản"),
    "due_time": lazy_gettext("Giờ"),
    "percent": lazy_gettext("Tỷ lệ hoàn thành"),
}


Names = dict[str, dict[str, str]]


class File(NamedTuple):
    """An attached paper, as the timeline shows it."""

    name: str
    url: str
    size: int


class Entry(NamedTuple):
    """One line of the timeline."""

    at: Any
    on_day: Any
    who: str | None
    what: str
    note: str | None
    changes: list[tuple[str, str, str]]
    files: list[File]


def entries_of(events: Iterable[Event]) -> list[Entry]:
    """Return the lines of the timeline."""
    events = list(events)
    names = names_in(events)
    return [_entry(event, names) for event in events]


def _entry(event: Event, names: Names) -> Entry:
    told = event.payload
    is_said_below = event.note in (told.get("explanation"), told.get("result"))
    parts = [None if event.do == "give" or is_said_below else event.note]
    if (event.do == "give" and "due" in told) or (event.do == "draft" and told.get("due")):
        due = told["due"]
        parts.append(_("Thời hạn: %(day)s.", day=_day(due)) if due else _("Không thời hạn."))
    if event.do == "accept" and (officer := told.get("officer")):
        parts.append(_("Người thực hiện: %(name)s.", name=names["people"].get(officer, officer)))
    if until := told.get("until"):
        parts.append(_("Đến ngày %(day)s.", day=_day(until)))
    if reply_by := told.get("reply_by"):
        parts.append(_("Đề nghị báo cáo chậm nhất ngày %(day)s (không phải gia hạn).", day=_day(reply_by)))
    if again := told.get("again"):
        parts.append(_("Lý do đôn đốc lại trong ngày: %(text)s", text=again))
    if decision := told.get("decision"):
        parts.append(_("Văn bản: %(number)s.", number=decision))
    if result := told.get("result"):
        parts.append(_("Văn bản kết quả: %(result)s.", result=result))
    if explanation := told.get("explanation"):
        parts.append(_("Giải trình: %(text)s", text=explanation))
    if difficulties := told.get("difficulties"):
        parts.append(_("Khó khăn, vướng mắc: %(text)s", text=difficulties))
    if event.do == "became_overdue" and told.get("due"):
        parts.append(_("Thời hạn: %(day)s.", day=_day(told["due"])))
    who = event.who or (_("Hệ thống") if event.do == "became_overdue" else None)
    what = str(DEEDS.get(event.do, event.do))
    if event.do == "contribute" and event.unit:
        what = _("Phối hợp: %(unit)s", unit=event.unit)
    changes = [(str(FACTS.get(fact, fact)), _value(fact, old, names), _value(fact, new, names))
               for fact, old, new in event.changes or []]  # fmt: skip
    files = [File(f.filename, url_for("papers.show", attachment_id=f.id), f.size) for f in event.files]
    # It became overdue on its day, whenever a job wrote that down.
    at = None if event.do == "became_overdue" else event.at
    return Entry(at, event.on_day, who, what, "\n".join(p for p in parts if p) or None, changes, files)


def _day(text: str) -> str:
    return day(date.fromisoformat(text))


def _value(fact: str, value: Any, names: Names) -> str:
    match fact:
        case "officer" | "tracker" | "leader" if value:
            return names["people"].get(value, value)
        case "due_on":
            return _day(value) if value else _("không thời hạn")
        case "percent":
            return f"{value} %"
        case "coordinating":
            return ", ".join(names["units"].get(code, code) for code in value or [])
    return "" if value is None else str(value)

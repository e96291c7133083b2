"""A difference between what is stored and what the history says, and how it is named in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from tracker.rules.words import N_


class Kind(StrEnum):
    """Where a difference was found."""

    TASK = "task"
    STRETCH = "stretch"
    REQUEST = "request"
    COORDINATION = "coordination"
    HISTORY = "history"
    LEDGER = "ledger"
    SERIES = "series"
    TURN = "turn"
    TABLE = "table"
    REPORT = "report"
    CORRECTED = "corrected"
    """A frozen report counts otherwise than a recount of today: no fault, but to be told beside it."""


@dataclass(frozen=True)
class Difference:
    """One place where the stored and the recounted differ.

    `key` names what is concerned: the key of a task, or for a table or report the code of its assigner.
    `place` is where in it: the first day of a stretch, the number of a request or ledger row, the code of a
    unit. `fact` is what differs; `stored` and `expected` are its values as text, None for nothing (days as
    YYYY-MM-DD). `entry` is the history entry that decides, `do` and `on` what it did and its day. `first` and
    `last` are the period and cut-off day of a table.
    """

    kind: Kind
    key: str
    fact: str
    stored: str | None = None
    expected: str | None = None
    place: str | None = None
    entry: int | None = None
    do: str | None = None
    on: str | None = None
    first: str | None = None
    last: str | None = None
    assigner: str | None = None
    """The code of the unit that gave the task, where it is known: a check may be of one assigner."""

    def to_data(self) -> dict[str, Any]:
        """Return it as what JSON holds, without what is not there."""
        return {name: value for name, value in asdict(self).items() if value is not None}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Difference:
        """Return the difference that `to_data` made plain."""
        return cls(**{**data, "kind": Kind(data["kind"])})


class Said(NamedTuple):
    """A difference in words for a reader."""

    where: str
    what: str
    stored: str
    expected: str
    because: str
    """The entry of the history that decides."""
    line: str
    """All of it in one line."""


TEXTS = frozenset({
    "content", "product", "item", "result", "last_word", "reason", "decision", "decision_reason",
})  # fmt: skip
"""Facts in somebody's own words: not for everybody who may read that they differ."""

_WHERE = {
    Kind.TASK: N_("Nhiệm vụ %(key)s"),
    Kind.STRETCH: N_("Nhiệm vụ %(key)s, chặng từ ngày %(place)s"),
    Kind.REQUEST: N_("Nhiệm vụ %(key)s, đề nghị thứ %(place)s"),
    Kind.COORDINATION: N_("Nhiệm vụ %(key)s, đơn vị phối hợp"),
    Kind.HISTORY: N_("Nhiệm vụ %(key)s, lịch sử"),
    Kind.LEDGER: N_("Nhiệm vụ %(key)s, sổ nhắc việc dòng số %(place)s"),
    Kind.SERIES: N_("Chuỗi định kỳ %(key)s"),
    Kind.TURN: N_("Chuỗi định kỳ %(key)s, kỳ %(place)s"),
    Kind.TABLE: N_("B.4 do %(key)s giao, kỳ từ %(first)s, chốt %(last)s, đơn vị %(place)s"),
    Kind.REPORT: N_("Báo cáo đã chốt của %(key)s, kỳ từ %(first)s, chốt %(last)s, %(place)s"),
    Kind.CORRECTED: N_("Báo cáo của %(key)s, kỳ từ %(first)s, chốt %(last)s, đơn vị %(place)s"),
}
_OF_UNITS = frozenset({Kind.TABLE, Kind.REPORT, Kind.CORRECTED})
"""Differences whose key is an assigner, and whose place may be a unit."""
_FACTS = {
    "key": N_("khóa"), "directive": N_("văn bản"), "item": N_("mục"), "content": N_("nội dung"),
    "product": N_("sản phẩm"), "assigner": N_("đơn vị giao"), "unit": N_("đơn vị chủ trì"),
    "officer": N_("người thực hiện"), "tracker": N_("người theo dõi"), "leader": N_("lãnh đạo chỉ đạo"),
    "parent": N_("nhiệm vụ cấp trên"), "state": N_("trạng thái"), "given_on": N_("ngày giao"),
    "due_on": N_("thời hạn"), "original_due_on": N_("hạn gốc"), "due_phrase": N_("thời hạn như văn bản"),
    "due_time": N_("giờ"), "accepted_on": N_("ngày tiếp nhận"), "reported_on": N_("ngày báo cáo"),
    "reported_by": N_("người báo cáo"), "closed_on": N_("ngày kết thúc"), "percent": N_("tỷ lệ hoàn thành"),
    "result": N_("văn bản kết quả"), "last_word": N_("ý kiến gần nhất"),
    "last_event_on": N_("ngày có việc gần nhất"), "version": N_("số lần ghi"),
    "missing": N_("thiếu, không có trong bảng"), "extra": N_("thừa, lịch sử không có"),
    "first": N_("ngày bắt đầu chặng"), "end": N_("ngày kết thúc chặng"), "gap": N_("hở ngày giữa hai chặng"),
    "overlap": N_("hai chặng chồng nhau"), "empty": N_("chặng không có ngày nào"),
    "not_open": N_("chặng cuối không để ngỏ"), "kind": N_("loại đề nghị"), "asked_on": N_("ngày đề nghị"),
    "asked_by": N_("người đề nghị"), "reason": N_("lý do"), "until": N_("hạn đề nghị"),
    "decided_on": N_("ngày quyết định"), "decided_by": N_("người quyết định"),
    "granted_until": N_("hạn được đồng ý"), "decision": N_("văn bản quyết định"),
    "decision_reason": N_("ý kiến quyết định"), "coordinating": N_("danh sách"),
    "on_day": N_("ngày lùi lại so với dòng trước"), "do": N_("bước không có trong quy trình"),
    "begin": N_("bắt đầu không phải bằng việc giao"), "from_state": N_("trạng thái trước bước này"),
    "to_state": N_("trạng thái sau bước này"), "request": N_("quyết định khi không có đề nghị chờ"),
    "giver": N_("không rõ đơn vị giao"), "no_task": N_("không có nhiệm vụ trong bảng"),
    "no_history": N_("không có dòng lịch sử nào"), "mail": N_("thư không còn"),
    "user": N_("người nhận không còn"), "rung": N_("mốc nhắc trỏ đến chỗ không có"),
    "sha256": N_("mã SHA-256 không khớp số liệu"),
    "form": N_("số liệu không đọc được"), "figures": N_("số tổng hợp của báo cáo"),
    "cell": N_("ô của nhiệm vụ"), "days": N_("số ngày quá hạn"), "last": N_("ngày cuối kỳ"),
    "period": N_("kỳ báo cáo"), "series": N_("chuỗi định kỳ"), "occurrence": N_("kỳ của chuỗi"),
    "phrase": N_("thời hạn như văn bản"), "rule": N_("quy tắc lặp"), "starts_on": N_("bắt đầu từ ngày"),
    "begun_on": N_("ngày lập"), "ended_on": N_("ngày kết thúc"), "last_day": N_("kỳ gần nhất"),
    "given": N_("số kỳ đã giao"), "number": N_("số thứ tự của kỳ"), "skipped": N_("lý do bỏ qua"),
    "made_on": N_("ngày giao hoặc bỏ qua"), "task": N_("nhiệm vụ của kỳ"),
    "no_series": N_("không có chuỗi trong bảng"),
    "not_started_not_due": N_("ô Chưa thực hiện – chưa đến hạn"),
    "not_started_overdue": N_("ô Chưa thực hiện – đã quá hạn"),
    "in_progress_not_due": N_("ô Đang thực hiện – chưa đến hạn"),
    "in_progress_overdue": N_("ô Đang thực hiện – đã quá hạn"),
    "awaiting_confirmation": N_("ô Đã hoàn thành – chờ xác nhận"),
    "completed_on_time": N_("ô Đã hoàn thành – đúng hạn"),
    "completed_late": N_("ô Đã hoàn thành – quá hạn"),
}  # fmt: skip
_VALUES = {
    "draft": N_("dự thảo"), "not_started": N_("chưa thực hiện"), "in_progress": N_("đang thực hiện"),
    "awaiting_confirmation": N_("chờ xác nhận"), "completed": N_("đã hoàn thành"),
    "cancelled": N_("đã thu hồi"), "extension": N_("xin gia hạn"), "return": N_("đề nghị trả lại"),
    "pending": N_("đang chờ"), "granted": N_("đồng ý"), "refused": N_("không đồng ý"),
    "lapsed": N_("hết hiệu lực"),
}  # fmt: skip
_WORDED = frozenset({"state", "kind", "from_state", "to_state", "missing", "extra"})
_DEEDS = {
    "draft": N_("lập dự thảo"), "give": N_("giao"), "accept": N_("tiếp nhận"), "correct": N_("sửa thông tin"),
    "transfer": N_("chuyển đơn vị"), "inherit": N_("đơn vị kế thừa nhận"), "reassign": N_("giao lại"),
    "ask_return": N_("đề nghị trả lại"), "refuse_return": N_("không cho trả lại"),
    "ask_extension": N_("xin gia hạn"), "grant_extension": N_("đồng ý gia hạn"),
    "refuse_extension": N_("không đồng ý gia hạn"), "set_due": N_("sửa thời hạn"),
    "progress": N_("cập nhật tiến độ"), "contribute": N_("phối hợp"), "report": N_("báo cáo hoàn thành"),
    "confirm": N_("xác nhận"), "rework": N_("yêu cầu làm lại"), "reopen": N_("mở lại"),
    "cancel": N_("thu hồi"), "series": N_("lập chuỗi định kỳ"), "series_change": N_("thay đổi chuỗi"),
    "series_end": N_("kết thúc chuỗi"), "series_skip": N_("bỏ qua một kỳ"),
}  # fmt: skip
_NO_VALUE = frozenset({"missing", "extra", "no_task", "no_series", "no_history", "form"})


def codes_in(differences: Iterable[Difference]) -> set[str]:
    """Return the codes of units that differences name."""
    codes: set[str] = set()
    for each in differences:
        if each.kind in _OF_UNITS:
            codes |= {each.key, each.place or ""}
        if each.fact in ("unit", "assigner"):
            codes |= {each.stored or "", each.expected or ""}
    return codes - {""}


def in_words(
    difference: Difference, *, say: Callable[[str], str], names: Mapping[str, str] = MappingProxyType({}),
    shows_texts: bool = True,
) -> Said:  # fmt: skip
    """Return a difference in words; `say` translates a msgid, `names` are those of units by their codes.

    Without `shows_texts`, what persons wrote of a task is told by its length alone.
    """
    each = difference

    def value(text: str | None) -> str:
        if text is None:
            return say(N_("trống"))
        if not shows_texts and each.fact in TEXTS:
            return say(N_("%(n)s ký tự")) % {"n": len(text)}
        is_cell = each.fact == "cell" or (each.kind is Kind.REPORT and each.fact in ("missing", "extra"))
        if is_cell and text in _FACTS:
            return say(_FACTS[text])
        if each.fact in _WORDED and text in _VALUES:
            return say(_VALUES[text])
        if each.fact in ("unit", "assigner"):
            return names.get(text, text)
        return _day(text)

    key, place = each.key, each.place or ""
    if each.kind in _OF_UNITS:
        key, place = names.get(key, key), names.get(place, place)
    where = {"key": key, "place": _day(place), "first": _day(each.first or ""), "last": _day(each.last or "")}
    has_values = each.fact not in _NO_VALUE or each.stored is not None or each.expected is not None
    should = N_("tính lại: %(value)s") if each.kind is Kind.CORRECTED else N_("theo lịch sử: %(value)s")
    because = ""
    if each.entry is not None:
        because = say(N_("căn cứ dòng lịch sử số %(entry)s")) % {"entry": each.entry}
        if each.do in _DEEDS:
            because += f", {say(_DEEDS[each.do])}"
        if each.on:
            because += f", {_day(each.on)}"
    stored, expected = (value(each.stored), value(each.expected)) if has_values else ("", "")
    parts = [
        say(_WHERE[each.kind]) % where, say(_FACTS.get(each.fact, each.fact)),
        *([say(N_("đang lưu: %(value)s")) % {"value": stored}, say(should) % {"value": expected}]
          if has_values else []), because,
    ]  # fmt: skip
    return Said(parts[0], parts[1], stored, expected, because, " · ".join(part for part in parts if part))


def _day(text: str) -> str:
    """Return a text with a day written YYYY-MM-DD as dd/mm/yyyy, any other as it is."""
    try:
        return f"{date.fromisoformat(text):%d/%m/%Y}" if len(text) == 10 else text
    except ValueError:
        return text

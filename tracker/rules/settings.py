"""The settings of an installation: the decisions marked [D] in the domain, with their defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tracker.rules.words import N_
from tracker.rules.workflow import DomainError


class BadSetting(DomainError):
    """The value does not fit the setting."""


def _whole(least: int, most: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        try:
            number = int(str(value).strip())
        except ValueError:
            number = least - 1
        if not least <= number <= most:
            raise BadSetting(N_("Nhập một số nguyên từ %(least)s đến %(most)s."), least=least, most=most)
        return number

    return read


def _yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    words = {
        "1": True,
        "true": True,
        "y": True,
        "có": True,
        "0": False,
        "false": False,
        "": False,
        "không": False,
    }
    try:
        return words[str(value).strip().lower()]
    except KeyError as error:
        raise BadSetting(N_("Nhập “có” hoặc “không”.")) from error


def _days(value: Any) -> tuple[int, ...]:
    words = re.split(r"[\s,;]+", value.strip()) if isinstance(value, str) else list(value)
    try:
        days = tuple(sorted({int(word) for word in words if word != ""}, reverse=True))
    except (TypeError, ValueError) as error:
        raise BadSetting(N_("Nhập các số ngày cách nhau bằng dấu phẩy, ví dụ: 7, 3, 1.")) from error
    if any(not 1 <= day <= 60 for day in days):
        raise BadSetting(N_("Mỗi số ngày phải từ 1 đến 60."))
    return days


def _clock(value: Any) -> str:
    match = re.fullmatch(r"\s*([01]?\d|2[0-3])[:h]([0-5]\d)\s*", str(value))
    if not match:
        raise BadSetting(N_("Nhập giờ theo dạng 07:00."))
    return f"{int(match[1]):02d}:{match[2]}"


def _text(value: Any) -> str:
    return str(value).strip()[:255]


@dataclass(frozen=True)
class SettingRule:
    """One setting: its default, how a typed value is read, and the words on the page."""

    default: Any
    read: Callable[[Any], Any]
    label: str
    hint: str = ""


RULES: Mapping[str, SettingRule] = {
    "body_name": SettingRule("", _text, N_("Tên cơ quan hiển thị ở đầu trang")),
    "strict_before": SettingRule(
        True,
        _yes_no,
        N_("“Trước ngày D” là đến hết ngày liền trước D"),
        N_("Bỏ chọn thì “trước ngày D” tính cả ngày D."),
    ),
    "max_extensions": SettingRule(1, _whole(0, 20), N_("Số lần gia hạn tối đa cho một nhiệm vụ")),
    "extension_notice_days": SettingRule(
        0,
        _whole(0, 30),
        N_("Phải xin gia hạn trước thời hạn ít nhất (ngày)"),
        N_("0: chậm nhất trong ngày đến hạn."),
    ),
    "due_soon_days": SettingRule(3, _whole(1, 30), N_("“Sắp đến hạn” là còn bao nhiêu ngày làm việc")),
    "silent_days": SettingRule(10, _whole(1, 365), N_("Nhắc khi nhiệm vụ không có cập nhật quá (ngày)")),
    "reminder_before": SettingRule((7, 3, 1), _days, N_("Nhắc trước thời hạn (ngày làm việc)")),
    "reminder_on_day": SettingRule(True, _yes_no, N_("Nhắc trong ngày đến hạn")),
    "reminder_late_first": SettingRule(1, _whole(1, 60), N_("Nhắc lần đầu khi quá hạn (ngày)")),
    "reminder_late_every": SettingRule(5, _whole(1, 60), N_("Sau đó nhắc lại mỗi (ngày làm việc)")),
    "escalate_office_from": SettingRule(1, _whole(1, 365), N_("Báo Văn phòng khi quá hạn từ (ngày)")),
    "escalate_leader_from": SettingRule(
        5, _whole(1, 365), N_("Báo lãnh đạo phụ trách khi quá hạn từ (ngày làm việc)")
    ),
    "reminder_hours_before": SettingRule(
        2,
        _whole(0, 24),
        N_("Nhắc trước giờ hạn (giờ), với việc có hạn theo giờ"),
        N_("0: không nhắc theo giờ."),
    ),
    "prompt_gap_minutes": SettingRule(
        15,
        _whole(1, 1440),
        N_("Mỗi người nhận nhiều nhất một thư báo ngay trong (phút)"),
        N_("Báo ngay: việc khẩn mới giao, gia hạn, yêu cầu làm lại, hạn theo giờ."),
    ),
    "reminder_time": SettingRule("07:00", _clock, N_("Giờ gửi thư nhắc hằng ngày")),
    "report_time": SettingRule(
        "07:30", _clock, N_("Giờ gửi báo cáo quá hạn tháng (ngày làm việc đầu tiên của tháng)")
    ),
    "repeat_months": SettingRule(
        3, _whole(2, 12), N_("“Lặp lại” là có nhiệm vụ quá hạn vào cuối bao nhiêu tháng liền nhau")
    ),
    "cchc_offset_days": SettingRule(
        0,
        _whole(0, 60),
        N_("Kỳ báo cáo CCHC chốt số liệu sớm hơn ngày cuối kỳ (ngày)"),
        N_("Cho cấp phải gửi báo cáo sớm hơn. Ví dụ 7: kỳ 6 tháng đến 14/6 chốt số liệu ngày 07/6."),
    ),
    "series_ahead_days": SettingRule(
        15,
        _whole(0, 366),
        N_("Giao mỗi kỳ của nhiệm vụ định kỳ trước thời hạn (ngày)"),
        N_("Không sớm hơn ngày liền sau thời hạn của kỳ trước. 0: giao trong ngày đến hạn."),
    ),
    "series_gives_past": SettingRule(
        False,
        _yes_no,
        N_("Giao cả những kỳ đã qua thời hạn của nhiệm vụ định kỳ"),
        N_("Bỏ chọn thì kỳ đã qua, ví dụ khi máy chủ nghỉ nhiều ngày, chỉ được ghi là bỏ qua."),
    ),
    "export_at_once": SettingRule(
        2_000,
        _whole(1, 100_000),
        N_("Tệp xuất tải về ngay khi có nhiều nhất (nhiệm vụ)"),
        N_("Tệp lớn hơn được lập riêng, xong thì có thư báo."),
    ),
    "export_keep_days": SettingRule(30, _whole(1, 3650), N_("Giữ tệp xuất lập riêng trong (ngày)")),
    "rank_weight_on_time": SettingRule(50, _whole(0, 1000), N_("Trọng số: hoàn thành đúng hạn")),
    "rank_weight_late_days": SettingRule(15, _whole(0, 1000), N_("Trọng số: số ngày chậm")),
    "rank_weight_extensions": SettingRule(10, _whole(0, 1000), N_("Trọng số: được gia hạn")),
    "rank_weight_rework": SettingRule(10, _whole(0, 1000), N_("Trọng số: bị yêu cầu làm lại")),
    "rank_weight_reminders": SettingRule(
        10, _whole(0, 1000), N_("Trọng số: phải nhắc khi quá hạn, phải đôn đốc")
    ),
    "rank_weight_response": SettingRule(
        5, _whole(0, 1000), N_("Trọng số: tiếp nhận kịp thời"), N_("Trọng số 0: phần này không tính điểm.")
    ),
    "rank_late_days_worst": SettingRule(
        10, _whole(1, 365), N_("Phần “số ngày chậm” được 0 điểm khi bình quân mỗi nhiệm vụ chậm từ (ngày)")
    ),
    "rank_reminders_worst": SettingRule(
        2, _whole(1, 100), N_("Phần “phải nhắc, đôn đốc” được 0 điểm khi bình quân mỗi nhiệm vụ từ (lượt)")
    ),
    "rank_response_days": SettingRule(
        2, _whole(0, 30), N_("Tiếp nhận kịp thời là trong bao nhiêu ngày làm việc từ ngày giao")
    ),
    "rank_few_tasks": SettingRule(
        5,
        _whole(1, 1000),
        N_("Không xếp hạng đơn vị có ít hơn (nhiệm vụ)"),
        N_("Đơn vị như vậy vẫn có tên, ghi “ít nhiệm vụ”."),
    ),
    "rank_visible_to_units": SettingRule(
        False,
        _yes_no,
        N_("Thủ trưởng đơn vị xem được cả bảng xếp hạng"),
        N_("Bỏ chọn thì mỗi thủ trưởng chỉ xem dòng của đơn vị mình và hạng của đơn vị mình."),
    ),
}

OF_LADDER = (
    "reminder_before", "reminder_on_day", "reminder_late_first", "reminder_late_every",
    "escalate_office_from", "escalate_leader_from", "reminder_hours_before", "prompt_gap_minutes",
    "reminder_time", "report_time",
)  # fmt: skip
"""The settings of the ladder of reminders, which have a page of their own."""

OF_RANKING = tuple(name for name in RULES if name.startswith("rank_"))
"""The settings of the ranking of units, which have a page of their own."""


def read_setting(name: str, value: Any) -> Any:
    """Return the value of a setting as the rules want it; raise `BadSetting` when it does not fit."""
    if name not in RULES:
        raise BadSetting(N_("Không có cài đặt tên “%(name)s”."), name=name)
    return RULES[name].read(value)

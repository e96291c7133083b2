"""Vietnamese words for what is stored as a code: roles, kinds of units, states of mails, jobs."""

from __future__ import annotations

from tracker.language import lazy_gettext
from tracker.models.mail import DeliveryOutcome, MailState
from tracker.models.people import Role
from tracker.models.units import UnitKind

ROLE_WORDS = {
    Role.LEADER: lazy_gettext("Lãnh đạo UBND"),
    Role.OFFICE: lazy_gettext("Văn phòng, theo dõi nhiệm vụ"),
    Role.UNIT_HEAD: lazy_gettext("Thủ trưởng đơn vị"),
    Role.OFFICER: lazy_gettext("Chuyên viên, công chức"),
    Role.INSPECTOR: lazy_gettext("Thanh tra, tổ công tác"),
    Role.ADMIN: lazy_gettext("Quản trị"),
}

UNIT_KIND_WORDS = {
    UnitKind.PROVINCE: lazy_gettext("Cấp tỉnh, thành phố"),
    UnitKind.DISTRICT: lazy_gettext("Cấp huyện (đến 30/6/2025)"),
    UnitKind.COMMUNE: lazy_gettext("Cấp xã, phường, đặc khu"),
    UnitKind.DIVISION: lazy_gettext("Phòng, ban chuyên môn"),
    UnitKind.AGENCY: lazy_gettext("Cơ quan, đơn vị sự nghiệp"),
    UnitKind.EXTERNAL: lazy_gettext("Cơ quan ngoài hệ thống"),
}

MAIL_STATE_WORDS = {
    MailState.QUEUED: lazy_gettext("Chờ gửi"),
    MailState.SENDING: lazy_gettext("Đang gửi"),
    MailState.SENT: lazy_gettext("Đã gửi"),
    MailState.KEPT: lazy_gettext("Lưu lại, không gửi"),
    MailState.FAILED: lazy_gettext("Gửi lỗi"),
    MailState.CANCELLED: lazy_gettext("Đã hủy"),
}

MAIL_KIND_WORDS = {
    "digest": lazy_gettext("Nhắc việc hằng ngày"),
    "prompt": lazy_gettext("Báo ngay"),
    "urge": lazy_gettext("Đôn đốc"),
    "report": lazy_gettext("Báo cáo tháng"),
    "export": lazy_gettext("Tệp xuất"),
    "alarm": lazy_gettext("Cảnh báo hệ thống"),
}

OUTCOME_WORDS = {
    DeliveryOutcome.STARTED: lazy_gettext("Bắt đầu, chưa rõ kết quả"),
    DeliveryOutcome.ACCEPTED: lazy_gettext("Máy chủ thư đã nhận"),
    DeliveryOutcome.IN_DOUBT: lazy_gettext("Đã chuyển hết thư, máy chủ không trả lời: có thể thư đã đến"),
    DeliveryOutcome.REFUSED: lazy_gettext("Máy chủ thư từ chối"),
    DeliveryOutcome.FAILED: lazy_gettext("Không gửi được"),
}

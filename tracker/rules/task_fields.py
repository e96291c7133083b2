"""The fields of a task as a sheet holds them: what is read from one, and written into one, by one name."""

from __future__ import annotations

from collections.abc import Mapping

from tracker.rules.status import State
from tracker.rules.words import N_

FIELDS: Mapping[str, str] = {
    "key": N_("Mã nhiệm vụ"),
    "order": N_("STT"),
    "number": N_("Số văn bản"),
    "issued_on": N_("Ngày văn bản"),
    "subject": N_("Trích yếu văn bản"),
    "item": N_("Mục"),
    "content": N_("Nội dung nhiệm vụ"),
    "lead": N_("Đơn vị chủ trì"),
    "coordinating": N_("Đơn vị phối hợp"),
    "officer": N_("Người thực hiện"),
    "leader": N_("Lãnh đạo chỉ đạo"),
    "given_on": N_("Ngày giao"),
    "due": N_("Thời hạn"),
    "product": N_("Sản phẩm"),
    "state": N_("Trạng thái"),
    "done_on": N_("Ngày hoàn thành"),
    "result": N_("Văn bản kết quả"),
    "note": N_("Ghi chú"),
}
"""Fields of a row and their heads, in the order of the template and of an export."""

STATE_WORDS: Mapping[State, str] = {
    State.DRAFT: N_("Dự thảo"),
    State.NOT_STARTED: N_("Chưa thực hiện"),
    State.IN_PROGRESS: N_("Đang thực hiện"),
    State.AWAITING_CONFIRMATION: N_("Chờ xác nhận"),
    State.COMPLETED: N_("Đã hoàn thành"),
    State.CANCELLED: N_("Đã thu hồi"),
}
"""The states of a task as a sheet holds them."""

LIKE_FORMULAS = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet takes for a formula; a CSV file has an apostrophe before such a text."""

ERRORS = N_("Lỗi")
"""The head of the column that a file of bad rows has beside the others; brought again it is not read."""

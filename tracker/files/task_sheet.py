"""Sheets of tasks to be brought: the empty one, the rows that could not be taken, and a list of tasks."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date

from tracker.files.sheet import Book, Cell, Column
from tracker.language import gettext as _
from tracker.rules.task_fields import ERRORS, FIELDS, LIKE_FORMULAS
from tracker.rules.words import N_

_WIDTHS = {
    "content": 36, "subject": 22, "product": 14, "lead": 19, "coordinating": 19, "note": 14, "order": 5,
    "item": 7, "key": 14, "state": 14, "result": 14, "officer": 15, "leader": 15, "number": 14, "due": 13,
}  # fmt: skip
_DAYS = ("issued_on", "given_on", "done_on")
_ERRORS_WIDTH = 40
TEMPLATE = (
    "order", "number", "issued_on", "content", "lead", "coordinating", "due", "product", "state", "done_on",
    "note",
)  # fmt: skip
"""The columns of the empty sheet: what offices keep, and no more than fits a page that one can read."""

_HOW: Mapping[str, tuple[str, str]] = {
    "number": (N_("Nếu có"), N_("Số, ký hiệu của văn bản giao: 12/KH-UBND. Ý kiến bằng lời thì để trống.")),
    "issued_on": (N_("Nếu có số"), N_("Ngày ký văn bản: 05/03/2026.")),
    "content": (N_("Có"), N_("Mỗi dòng một nhiệm vụ.")),
    "lead": (
        N_("Có"), N_("Một đơn vị: Phòng Nội vụ. Hoặc một nhóm: UBND các xã, khi đó mỗi xã một nhiệm vụ.")
    ),
    "coordinating": (N_("Không"), N_("Nhiều đơn vị thì cách nhau bằng dấu chấm phẩy.")),
    "due": (N_("Có"), N_("25/06/2026, hoặc: trước ngày 25/6, trong 10 ngày làm việc, không thời hạn.")),
    "product": (N_("Không"), N_("Việc phải ra được gì: báo cáo, kế hoạch, tờ trình.")),
    "state": (N_("Không"), N_("Chưa thực hiện, Đang thực hiện, Chờ xác nhận hoặc Đã hoàn thành.")),
    "done_on": (N_("Khi đã xong"), N_("Ngày đơn vị báo cáo hoàn thành.")),
    "note": (N_("Không"), N_("Ghi vào tiến độ; nhiệm vụ chưa thực hiện thì vào nội dung.")),
    "subject": (N_("Thêm nếu cần"), N_("Trích yếu của văn bản giao.")),
    "item": (N_("Thêm nếu cần"), N_("Mục trong văn bản: 2.a.")),
    "officer": (N_("Thêm nếu cần"), N_("Họ tên người có tài khoản.")),
    "leader": (N_("Thêm nếu cần"), N_("Họ tên lãnh đạo có tài khoản.")),
    "given_on": (N_("Thêm nếu cần"), N_("Để trống thì lấy ngày văn bản.")),
    "result": (N_("Thêm nếu cần"), N_("Số, ngày của văn bản báo cáo kết quả.")),
}
"""Whether a column must be filled in, and how."""


def _columns(fields: Sequence[str]) -> list[Column]:
    return [
        Column(_(FIELDS[field]), _WIDTHS.get(field, 12), "day" if field in _DAYS else "text")
        for field in fields
    ]


def empty_sheet(*, made_on: date) -> bytes:
    """Return the workbook that an office fills in; its second sheet says how each column is written."""
    book = Book(_("Mẫu nhập nhiệm vụ"), made_on=made_on)
    sheet = book.sheet(_("Nhiệm vụ"))
    sheet.title(_("DANH SÁCH NHIỆM VỤ"))
    sheet.line(_("Bắt buộc: nội dung, đơn vị chủ trì, thời hạn. Cách ghi từng cột ở trang “Hướng dẫn”."))
    sheet.table(_columns(TEMPLATE), [])
    guide = book.sheet(_("Hướng dẫn"))
    guide.title(_("CÁCH GHI TỪNG CỘT"))
    rows = [(_(FIELDS[field]), _(needed), _(how)) for field, (needed, how) in _HOW.items()]
    guide.table([Column(_("Cột"), 26), Column(_("Phải ghi"), 16), Column(_("Cách ghi"), 80)], rows)
    return book.as_bytes()


def bad_rows(
    heads: Sequence[str], fields: Sequence[str], rows: Sequence[Sequence[str]], *, made_on: date
) -> bytes:
    """Return rows that could not be taken: what is wrong, then their own columns, which hold `fields`."""
    book = Book(_("Dòng lỗi"), made_on=made_on)
    sheet = book.sheet(_("Dòng lỗi"))
    own = [Column(head, _WIDTHS.get(field, 12)) for head, field in zip(heads, fields, strict=True)]
    sheet.table([Column(_(ERRORS), _ERRORS_WIDTH), *own], rows)
    return book.as_bytes()


def task_list(rows: Sequence[Sequence[Cell]], *, made_on: date, note: str | None = None) -> bytes:
    """Return tasks in the columns of `FIELDS`, so that the file can be brought back."""
    book = Book(_("Danh sách nhiệm vụ"), made_on=made_on)
    sheet = book.sheet(_("Nhiệm vụ"))
    sheet.title(_("DANH SÁCH NHIỆM VỤ"))
    if note:
        sheet.line(note)
    sheet.table(_columns(tuple(FIELDS)), rows)
    return book.as_bytes()


def task_list_csv(rows: Sequence[Sequence[Cell]], *, note: str | None = None) -> bytes:
    """Return the same list as CSV for a spreadsheet: UTF-8 with its mark, no text taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_(head) for head in FIELDS.values()])
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    if note:
        writer.writerow([note])
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(LIKE_FORMULAS) else text

"""Sheets of tasks to be brought: the empty one, the rows that could not be taken, and a list of tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _

from tracker.files.sheet import Book, Cell, Column
from tracker.rules.task_fields import ERRORS, FIELDS

_WIDTHS = {
    "content": 50, "subject": 30, "product": 22, "lead": 26, "coordinating": 26, "note": 24, "order": 6,
    "item": 8, "key": 22, "state": 18, "result": 22, "officer": 20, "leader": 20, "number": 18,
}  # fmt: skip
_DAYS = ("issued_on", "given_on", "done_on")
TEMPLATE = tuple(field for field in FIELDS if field != "key")


def _columns(fields: Sequence[str]) -> list[Column]:
    return [
        Column(_(FIELDS[field]), _WIDTHS.get(field, 14), "day" if field in _DAYS else "text")
        for field in fields
    ]


def empty_sheet(*, made_on: date) -> bytes:
    """Return the workbook that an office fills in: every column that is read, and a line that says how."""
    book = Book(_("Mẫu nhập nhiệm vụ"), made_on=made_on)
    sheet = book.sheet(_("Nhiệm vụ"))
    sheet.title(_("DANH SÁCH NHIỆM VỤ"))
    sheet.line(
        _("Mỗi dòng một nhiệm vụ, một đơn vị chủ trì. Ngày ghi dd/mm/yyyy; không hạn: ghi “không thời hạn”.")
    )
    sheet.table(_columns(TEMPLATE), [])
    return book.as_bytes()


def bad_rows(heads: Sequence[str], rows: Sequence[Sequence[str]], *, made_on: date) -> bytes:
    """Return the rows that could not be taken, in their own columns with what is wrong beside them."""
    book = Book(_("Dòng lỗi"), made_on=made_on)
    sheet = book.sheet(_("Dòng lỗi"))
    sheet.table([*(Column(head, 22) for head in heads), Column(_(ERRORS), 50)], rows)
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

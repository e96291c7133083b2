"""What the pictures of a B.4 share, whether it is counted now or was frozen: their findings and bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from tracker.files.chart import CellBar, HeatCell, HeatRow, ages_bars, cells_bars, heat_map
from tracker.language import gettext as _
from tracker.language import ngettext
from tracker.rules.b4_table import B4Row, B4Table, Grouping
from tracker.rules.status import CELLS
from tracker.rules.waiting import Ages
from tracker.web.b4_question import GROUPING_WORDS
from tracker.web.filters import cell_words, number
from tracker.web.reasons import stretch_words

MOST_ROWS = 40
"""Rows in one picture; the others are one bar together, and stand in the table."""
BY_OVERDUE, BY_RATE = "overdue", "rate"
"""The words of the switches: `sort=overdue` for the bars, `heat=rate` for the map."""


class HeatLine(NamedTuple):
    """One unit in the table below the heat map."""

    name: str
    cells: Sequence[HeatCell]


def row_head(grouping: Grouping) -> str:
    """Return what a row of a table stands for."""
    return _("Đơn vị") if grouping is Grouping.UNIT else str(GROUPING_WORDS[grouping])


def month_words(day: date) -> str:
    """Return a month as "3/26"."""
    return f"{day.month}/{day.year % 100:02d}"


def rows_in_order(table: B4Table, *, by_overdue: bool) -> list[B4Row]:
    """Return the rows as the table has them, or those with the most overdue tasks first: below no other."""
    if not by_overdue:
        return list(table.rows)
    rows = sorted(table.rows, key=lambda row: -row.number_of("overdue"))
    return [replace(row, depth=0) if row.depth else row for row in rows]


def cells_finding(table: B4Table) -> str:
    """Return what the seven columns say, in words."""
    total = table.total
    says = _("%(all)s nhiệm vụ: %(parts)s.", all=number(total.all), parts=_parts(total.cells))
    worst = max(table.rows, key=lambda row: row.number_of("overdue"), default=None)
    if worst is not None and len(table.rows) > 1 and worst.number_of("overdue"):
        says += " " + _("Nhiều nhiệm vụ quá hạn chưa hoàn thành nhất: %(name)s (%(count)s).",
                        name=worst.name, count=number(worst.number_of("overdue")))  # fmt: skip
    return says


def _parts(cells: Sequence[int]) -> str:
    told = [
        _("%(count)s %(cell)s", count=number(count), cell=cell_words(cell).lower())
        for cell, count in zip(CELLS, cells, strict=True) if count
    ]  # fmt: skip
    return ", ".join(told) or _("chưa có nhiệm vụ")


def cells_picture(rows: Sequence[B4Row], table: B4Table, *, most: int | None = None) -> Markup:
    """Return the seven columns as stacked bars, one a row; rows beyond `most` are one bar together."""
    most = MOST_ROWS if most is None else most
    shown, others = rows[:most], rows[most:]
    bars = [CellBar(row.name, row.cells, f"{row.name}: {_parts(row.cells)}") for row in shown]
    if others:
        sums = [sum(column) for column in zip(*(row.cells for row in others), strict=True)]
        name = ngettext("%(num)s dòng khác, cộng lại", "%(num)s dòng khác, cộng lại", len(others))
        bars.append(CellBar(name, sums, f"{name}: {_parts(sums)}"))
    return cells_bars(bars, label=cells_finding(table), cell_words=[cell_words(cell) for cell in CELLS])


def heat_picture(lines: Sequence[HeatLine], months: Sequence[str], *, label: str) -> Markup:
    """Return the lines as a heat map; those beyond `MOST_ROWS` stand in the table alone."""
    return heat_map(months, [HeatRow(line.name, line.cells) for line in lines[:MOST_ROWS]], label=label)


def ages_words(by_days: Mapping[int, int]) -> dict[str, Any]:
    """Return what waits, by days of waiting: its ages, what they say, and their picture."""
    ages = Ages(by_days)
    finding = _("Không có nhiệm vụ nào chờ xác nhận.")
    if ages.all:
        finding = _("%(count)s nhiệm vụ đã báo cáo, chờ văn phòng xác nhận: một nửa chờ không quá %(median)s "
                    "ngày, lâu nhất %(oldest)s ngày.", count=number(ages.all), median=number(ages.median),
                    oldest=number(ages.oldest))  # fmt: skip
    bars = list(zip(stretch_words(), ages.stretches, strict=True))
    return {"ages": ages, "ages_finding": finding, "ages_picture": ages_bars(bars, label=finding)}

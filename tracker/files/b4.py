"""Table B.4 as text: JSON and CSV for other programs, a readable table for a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol

from tracker.rules.b4_table import Grouping
from tracker.rules.status import CELLS

GROUPS = (("Chưa thực hiện", 2), ("Đang thực hiện", 2), ("Đã hoàn thành", 3))
"""The common heads of the seven columns, each with how many stand under it."""
HEADS = (
    "Chưa đến hạn", "Đã quá hạn", "Chưa đến hạn", "Đã quá hạn", "Chờ xác nhận", "Đúng hạn", "Quá hạn",
)  # fmt: skip
COLUMNS = tuple(zip((name for name, span in GROUPS for _place in range(span)), HEADS, strict=True))
"""The seven columns on paper as (common head, head), in the order of `CELLS`."""
UNIT, ALL, TOTAL = "Đơn vị", "Tất cả", "Tổng cộng"
ROW_HEADS: Mapping[Grouping, str] = {
    Grouping.UNIT: UNIT, Grouping.FIELD: "Lĩnh vực", Grouping.DIRECTIVE: "Văn bản chỉ đạo",
    Grouping.LEADER: "Lãnh đạo chỉ đạo", Grouping.MONTH: "Tháng giao",
}  # fmt: skip
"""The head above the names of the rows."""


class Frozen(NamedTuple):
    """When a report was frozen, for the how-manieth time, by whom, by which rule, and its checksum."""

    edition: int
    at: datetime
    by: str
    sha256: str
    rule: int


class Row(Protocol):
    """One row with its numbers, in the order of the columns."""

    @property
    def key(self) -> str: ...
    @property
    def depth(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def cells(self) -> list[int]: ...
    @property
    def all(self) -> int: ...


class Table(Protocol):
    """A counted B.4: what was asked, and what came of it."""

    @property
    def assigner_code(self) -> str: ...
    @property
    def assigner_name(self) -> str: ...
    @property
    def first(self) -> date: ...
    @property
    def last(self) -> date: ...
    @property
    def on(self) -> date: ...
    @property
    def grouping(self) -> Grouping: ...
    @property
    def folded(self) -> bool: ...
    @property
    def title(self) -> str: ...
    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def total(self) -> Row: ...
    @property
    def without_deadline(self) -> int: ...


def numbers_of(row: Row) -> dict[str, int]:
    """Return the eight numbers of a row by their names in the published format."""
    return {cell.value: number for cell, number in zip(CELLS, row.cells, strict=True)} | {"all": row.all}


def _told(frozen: Frozen) -> dict[str, Any]:
    """Return what JSON and CSV say of a freezing, by the names that they use; the moment is UTC."""
    at = frozen.at.astimezone(UTC).isoformat(timespec="seconds")
    return {"edition": frozen.edition, "at": at, "by": frozen.by, "rule": frozen.rule,
            "sha256": frozen.sha256}  # fmt: skip


def as_json(table: Table, frozen: Frozen | None = None) -> str:
    """Return a B.4 as the one JSON object that the history format describes.

    Rows by something else than units name that in place of “unit”, and the object then says "group"; where
    sub-units are counted with the unit above them it says "folded"; one that was frozen says "frozen".
    """
    group = table.grouping.value
    def iso(day: date) -> str:
        return day.isoformat()

    answer = {
        "assigner": {"code": table.assigner_code, "name": table.assigner_name},
        "from": iso(table.first),
        "to": iso(table.last),
        "on": iso(table.on),
        **({"group": group} if table.grouping is not Grouping.UNIT else {}),
        **({"folded": True} if table.folded else {}),
        "rows": [{group: {"code": row.key, "name": row.name}} | numbers_of(row) for row in table.rows],
        "total": numbers_of(table.total),
        "without_deadline": table.without_deadline,
        **({"frozen": _told(frozen)} if frozen else {}),
    }
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def as_csv(table: Table, frozen: Frozen | None = None) -> str:
    """Return a B.4 as CSV: code and name of the row, then the eight numbers; the total row is last.

    Each line of one that was frozen says so after the numbers, so that the file stays one plain table.
    """
    out, group = io.StringIO(), table.grouping.value
    told = _told(frozen) if frozen else {}
    writer = csv.writer(out)
    heads = (f"frozen_{name}" for name in told)
    writer.writerow([f"{group}_code", f"{group}_name", *(cell.value for cell in CELLS), "all", *heads])
    for row in table.rows:
        writer.writerow([row.key, row.name, *row.cells, row.all, *told.values()])
    writer.writerow(["", TOTAL, *table.total.cells, table.total.all, *told.values()])
    return out.getvalue()


def as_text(table: Table) -> str:
    """Return a B.4 as a table for a terminal: title, period, the paper's two-row header, rows, note.

    A sub-unit is indented under the unit that it belongs to.
    """
    lines = [["  " * row.depth + row.name, *map(str, row.cells), str(row.all)] for row in table.rows]
    if len(table.rows) != 1:
        lines.append([TOTAL, *map(str, table.total.cells), str(table.total.all)])
    heads = [ROW_HEADS[table.grouping], *HEADS, ALL]
    widths = [max(len(line[i]) for line in [heads, *lines]) for i in range(len(heads))]
    gap = " | "

    def set_line(line: Sequence[str]) -> str:
        first, rest = line[0].ljust(widths[0]), line[1:]
        return gap.join([first, *(text.rjust(width) for text, width in zip(rest, widths[1:], strict=True))])

    above, column = [" " * widths[0]], 1
    for name, span in GROUPS:
        width = sum(widths[column : column + span]) + len(gap) * (span - 1)
        above.append(name.center(width))
        column += span
    above.append(" " * widths[-1])
    first, last, on = (f"{day:%d/%m/%Y}" for day in (table.first, table.last, table.on))
    period = f"Từ {first} đến {last}, chốt số liệu ngày {on}"
    rule = "-+-".join("-" * width for width in widths)
    note = f"Nhiệm vụ không thời hạn: {table.without_deadline}"
    table_lines = [gap.join(above).rstrip(), set_line(heads), rule, *map(set_line, lines)]
    return "\n".join([table.title, period, "", *table_lines, "", note]) + "\n"

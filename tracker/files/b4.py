"""Table B.4 as text: JSON and CSV for other programs, a readable table for a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, Protocol

from tracker.rules.b4_table import Compared, Grouping, Succession
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
    def cells(self) -> tuple[int, ...]: ...
    @property
    def all(self) -> int: ...
    @property
    def succession(self) -> Succession | None: ...


class Change(Protocol):
    """How many more tasks (below zero: fewer) stand in the cells of a row than on an earlier day."""

    @property
    def cells(self) -> Sequence[int]: ...
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
    def part_of(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def rows(self) -> Sequence[Row]: ...
    @property
    def total(self) -> Row: ...
    @property
    def without_deadline(self) -> int: ...


def numbers_of(row: Row | Change) -> dict[str, int]:
    """Return the eight numbers of a row, or their differences, by their names in the published format."""
    return {cell.value: number for cell, number in zip(CELLS, row.cells, strict=True)} | {"all": row.all}


def _told(frozen: Frozen) -> dict[str, Any]:
    """Return what JSON and CSV say of a freezing, by the names that they use; the moment is UTC."""
    at = frozen.at.astimezone(UTC).isoformat(timespec="seconds")
    return {"edition": frozen.edition, "at": at, "by": frozen.by, "rule": frozen.rule,
            "sha256": frozen.sha256}  # fmt: skip


def as_json(table: Table, frozen: Frozen | None = None, both: Compared | None = None) -> str:
    """Return a B.4 as the one JSON object that the history format describes.

    Rows by something else than units name that in place of “unit”, and the object then says "group"; where
    sub-units are counted with the unit above them it says "folded"; one that is the part of a unit and of
    those below it says "part_of"; one that was frozen says "frozen". One
    that is compared says "compare": the earlier day, and by row how many more tasks each number counts (below
    zero: fewer); rows that only the earlier day has are among them. A unit that has ended says "ended_on" and
    "successor", one that was split "split_to" too, one that got the work of such units "took_over".
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
        **({"part_of": table.part_of} if table.part_of else {}),
        "rows": [
            {group: {"code": row.key, "name": row.name} | _became(row)} | numbers_of(row)
            for row in table.rows
        ],
        "total": numbers_of(table.total),
        "without_deadline": table.without_deadline,
        **({"compare": _compared(both, group)} if both else {}),
        **({"frozen": _told(frozen)} if frozen else {}),
    }
    return json.dumps(answer, ensure_ascii=False, indent=2) + "\n"


def _became(row: Row) -> dict[str, Any]:
    """Return what became of the unit of a row, nothing where nothing did."""
    if row.succession is None:
        return {}
    ended_on, into, took, others = row.succession
    return {
        **({"ended_on": ended_on.isoformat(), "successor": into} if ended_on else {}),
        **({"split_to": list(others)} if others else {}),
        **({"took_over": [{"name": name, "ended_on": day.isoformat()} for name, day in took]}
           if took else {}),
    }  # fmt: skip


def _compared(both: Compared, group: str) -> dict[str, Any]:
    changes = both.changes
    return {
        "on": both.then.on.isoformat(),
        "rows": [
            {group: {"code": row.key, "name": row.name}} | numbers_of(changes.rows[row.key])
            for row in both.rows
        ],
        "total": numbers_of(changes.total),
    }


def as_csv(table: Table, frozen: Frozen | None = None, both: Compared | None = None) -> str:
    """Return a B.4 as CSV: code and name of the row, then the eight numbers; the total row is last.

    Each line of one that is compared tells the eight differences and the earlier day after the numbers, and
    rows that only the earlier day has are among them; each line of one that was frozen, or is a part, says
    so. Where units
    ended within the period, columns say when, into which, and which ones another took over. So the file stays
    one plain table.
    """
    out, group = io.StringIO(), table.grouping.value
    part = {"part_of": table.part_of} if table.part_of else {}
    told = part | ({f"frozen_{name}": value for name, value in _told(frozen).items()} if frozen else {})
    names = [*(cell.value for cell in CELLS), "all"]
    rows = both.rows if both else table.rows
    ended = ["ended_on", "successor", "took_over"] if any(row.succession for row in rows) else []
    changed = [*(f"change_{name}" for name in names), "change_since"] if both else []
    writer = csv.writer(out)
    writer.writerow(
        [f"{group}_code", f"{group}_name", *names, *changed, *ended, *told]
    )

    def line(key: str, name: str, row: Row, *changes: Change) -> None:
        since: list[Any] = []
        if both:
            (change,) = changes
            since = [*change.cells, change.all, both.then.on.isoformat()]
        became = _became(row) if ended else {}
        took = "; ".join(each["name"] for each in became.get("took_over", ()))
        into = "; ".join(filter(None, (became.get("successor"), *became.get("split_to", ()))))
        fate = [became.get("ended_on"), into, took] if ended else []
        writer.writerow([key, name, *row.cells, row.all, *since, *fate, *told.values()])

    if both:
        for each in both.rows:
            line(each.key, each.name, each, both.changes.rows[each.key])
        line("", TOTAL, table.total, both.changes.total)
    else:
        for row in table.rows:
            line(row.key, row.name, row)
        line("", TOTAL, table.total)
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

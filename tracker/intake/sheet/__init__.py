"""Sheets of tasks as offices keep them: a file or a pasted block in, heads and rows of texts out.

`read_sheet` runs in limits (`tracker.intake.limited.in_limits`); what it returns is plain texts, so that
columns and rows can be read again with other words (`tracker.intake.sheet.rows`) without the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

MOST_ROWS, MOST_COLUMNS = 20_000, 60
LONGEST_CELL = 5_000
"""Characters of a cell; what is longer is cut, and the row says so."""


@dataclass(frozen=True)
class Sheet:
    """A table as it was found: `rows` are (number in the sheet, cells), all as long as `heads`.

    `marks` are (number of the row, column, what): `formula`, `merged`, `cut`, or `missing` (a formula whose
    result is not stored).
    """

    name: str
    heads: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    marks: tuple[tuple[int, int, str], ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return the sheet as plain JSON."""
        return {
            "name": self.name, "heads": list(self.heads), "marks": [list(each) for each in self.marks],
            "rows": [[number, list(cells)] for number, cells in self.rows],
        }  # fmt: skip


def sheet_of(data: dict[str, Any]) -> Sheet:
    """Return what `Sheet.to_data` wrote."""
    return Sheet(
        data["name"], tuple(data["heads"]), tuple((number, tuple(cells)) for number, cells in data["rows"]),
        tuple((number, column, what) for number, column, what in data["marks"]),
    )  # fmt: skip

"""Table B.4 in each form of file that it is handed out in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from tracker.files import b4, b4_paper, b4_sheet, paper, sheet
from tracker.files.b4 import Frozen
from tracker.files.b4_template import fill_template
from tracker.rules.b4_report import B4Report, Move
from tracker.rules.b4_table import B4Table, Grouping, compared
from tracker.rules.papers import Issuer

FORMS = ("xlsx", "docx", "csv", "json")
NEEDS_TASKS = ("xlsx", "docx")
"""Forms that hold the tasks too, and are written from the report."""
_NAMED_BY = {
    Grouping.FIELD: "-linh-vuc", Grouping.DIRECTIVE: "-van-ban", Grouping.LEADER: "-lanh-dao",
    Grouping.MONTH: "-thang-giao",
}  # fmt: skip
"""What the name of a file says of its rows, of which each is a unit else."""


class B4File(NamedTuple):
    """A file, and what it is called."""

    content: bytes
    media_type: str
    filename: str


def file_of(
    form: str, table: B4Table, report: B4Report | None = None, *, made_on: date, then: B4Table | None = None,
    frozen: Frozen | None = None, issuer: Issuer | None = None, template: bytes | None = None,
    moves: Mapping[str, Move] | None = None, wrote: Callable[[int], None] | None = None,
) -> B4File:  # fmt: skip
    """Return a B.4 as a file of one of `FORMS`; those of `NEEDS_TASKS` need the `report` of its question.

    `table` decides what the rows stand for. With `then`, the table of an earlier day grouped alike, the file
    tells the difference of each number too. CSV begins with a byte-order mark, without which Excel loses the
    marks. `template` is the office's own Word form, checked, which has no list of tasks. `moves` says by
    key how tasks came to their lead units. `wrote` is told how many tasks are written so far; what it raises
    passes. ValueError: no such form.
    """
    name = f"bieu-b4-{table.assigner_code}-{table.on.isoformat()}"
    name += _NAMED_BY.get(table.grouping, "-gop" if table.folded else "")
    if then is not None:
        name += f"-so-voi-{then.on.isoformat()}"
    if table.part_of:
        name += "-mot-phan"
    if frozen is not None:
        name += f"-chot-lan-{frozen.edition}"
    both = compared(table, then) if then is not None else None
    match form:
        case "csv":
            made = b4.as_csv(table, frozen, both).encode("utf-8-sig")
            return B4File(made, "text/csv; charset=utf-8", f"{name}.csv")
        case "json":
            return B4File(b4.as_json(table, frozen, both).encode(), "application/json", f"{name}.json")
        case "xlsx" if report is not None:
            made = b4_sheet.as_xlsx(
                table, report, made_on=made_on, both=both, frozen=frozen, moves=moves, wrote=wrote
            )
            return B4File(made, sheet.MEDIA_TYPE, f"{name}.xlsx")
        case "docx" if report is not None and template is not None:
            who = issuer or Issuer(report.assigner_name, report.above, report.title_of_head)
            made = fill_template(template, table, who, made_on=made_on, both=both, frozen=frozen)
            return B4File(made, paper.MEDIA_TYPE, f"{name}.docx")
        case "docx" if report is not None:
            made = b4_paper.as_docx(
                table, report, made_on=made_on, both=both, frozen=frozen, issuer=issuer, moves=moves,
                wrote=wrote,
            )
            return B4File(made, paper.MEDIA_TYPE, f"{name}.docx")
    raise ValueError(f"B.4 is no file of the form {form!r}, or its tasks are missing")

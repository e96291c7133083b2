"""The rows of a B.4 as a page shows them: beside an earlier table if that is asked, a long table in leaves.

Paper and files have all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flask import request

from tracker.rules.b4_table import B4Row, B4Table, Differences, Grouping, Page, compared, paged

ROWS_A_LEAF = 100
LONG = frozenset({Grouping.DIRECTIVE})
"""What a table is grouped by that grows with the work of an office, not with its size."""


class Leaf(NamedTuple):
    """Where a leaf of a long table stands in it: its first and its last row, counted from 1, and the leaves
    that can be turned to."""

    first: int
    last: int
    rows: int
    leaves: int
    number: int
    url: Callable[[int], str]
    """The address of a leaf by its number, from 1."""


class Shown(NamedTuple):
    """The rows as they are shown, and what changed since the earlier day."""

    rows: Sequence[B4Row]
    total: B4Row | None
    """None while there is one row, which is its own total."""
    changes: Differences | None = None
    gone: frozenset[str] = frozenset()
    """Keys of rows that only the earlier table has: shown with noughts, they have no tasks to open."""
    leaf: Leaf | None = None
    """None where all rows are shown."""


def read_page(grouping: Grouping) -> Page | None:
    """Return which rows of a long table the address asks for (`page`, from 1), None for a short one."""
    if grouping not in LONG:
        return None
    word = request.args.get("page", "")
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 7 else 1
    return Page((max(number, 1) - 1) * ROWS_A_LEAF, ROWS_A_LEAF)


def shown_of(
    table: B4Table, then: B4Table | None = None, *,
    page: Page | None = None, url: Callable[[int], str] | None = None,
) -> Shown:  # fmt: skip
    """Return the rows of a table, or of both tables with what changed; with a `page` those of its leaf.

    `url` knows the addresses of the leaves. A leaf that the table does not have is its first.
    """
    if then is None:
        if page is not None and table.whole is None:
            table = paged(table, page)
        whole = table.whole
        size, skip = (whole.size, whole.skip) if whole is not None else (len(table.rows), 0)
        shown = Shown(table.rows, None)
    else:
        both = compared(table, then)
        size = len(both.rows)
        skip = page.start(size) if page is not None else 0
        rows = both.rows[skip : skip + page.most] if page is not None else both.rows
        shown = Shown(rows, None, both.changes, both.gone)
    return shown._replace(
        total=table.total if size > 1 else None,
        leaf=_leaf(skip, len(shown.rows), size, page, url) if page is not None and url is not None else None,
    )


def _leaf(skip: int, rows: int, size: int, page: Page, url: Callable[[int], str]) -> Leaf | None:
    if size <= page.most:
        return None
    return Leaf(skip + 1, skip + rows, size, -(-size // page.most), skip // page.most + 1, url)

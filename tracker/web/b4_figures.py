"""The rows of table B.4 as HTML.

A page has dozens of them with hundreds of figures. In a template each passes through some ten calls that
escape what was escaped before; here what a table shares is escaped once, a figure is one text, and a row that
was written before is remembered by all that stands in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Protocol

from flask import Flask
from markupsafe import Markup, escape

from tracker.files.b4_words import scope_words, succession_words
from tracker.language import gettext as _
from tracker.rules.b4_table import Change, Differences
from tracker.web.b4_rows import ROWS_A_LEAF
from tracker.web.filters import B4_CELLS, day, number
from tracker.web.reasons import CHOICE_WORDS, RATE_WORDS

COLUMNS = (*B4_CELLS, "all")
THOUSAND = 1_000
"""From here on a number has signs between its digits."""
DEEPEST = 4
"""Steps below the first row that are still shown by an indentation of their own."""
MOST_REMEMBERED = 512
"""Rows of about two kilobytes that a process keeps."""


class Behind(Protocol):
    """Knows the addresses of the tasks behind the numbers of a row, None for the total row."""

    def start(self, row: Any, /) -> str | None:
        """Return their address up to the word of the cell, None for a row without tasks to open."""


class Figures:
    """Writes the rows of one table.

    `labels` are the names of the eight columns; `behind` knows the addresses of the tasks counted, without
    it (or where it knows none) a figure is no link; `since` is the day since which changes are shown.
    """

    def __init__(
        self, labels: Sequence[str], behind: Behind | None = None, since: date | None = None
    ) -> None:
        self._labels = tuple(labels)
        self._behind = behind
        self._since = since

    def rows(self, rows: Iterable[Any], changes: Differences | None = None) -> Markup:
        """Return these rows; with `changes` what changed stands below each figure.

        Each has `.unit_name`, `.cells` and `.all`, and perhaps `.depth` and `.succession` as a `B4Row` has.
        """
        written = []
        for row in rows:
            became = succession_words(row) if getattr(row, "succession", None) else ""
            head = (row.unit_name, getattr(row, "depth", 0), became)
            written.append(self._row(row, head, row, changes.rows[row.key] if changes else None))
        return Markup("\n        ".join(written))  # noqa: S704 - rows are markup already

    def total(self, total: Any, changes: Differences | None = None) -> Markup:
        """Return the total row."""
        return self._row(total, (_("Tổng cộng"), 0, ""), None, changes.total if changes else None)

    def _row(self, numbers: Any, head: Head, row: Any, change: Change | None) -> Markup:
        start = None if self._behind is None else self._behind.start(row)
        changes = None
        if change is not None and self._since is not None:
            changes = ((*change.cells, change.all), self._since)
        return _written(self._labels, head, (*numbers.cells, numbers.all), start, changes)


Head = tuple[str, int, str]
"""What stands before the figures: the name, how many rows it lies below, what became of the unit."""


@lru_cache(MOST_REMEMBERED)
def _written(
    labels: tuple[str, ...], head: Head, counts: tuple[int, ...], start: str | None,
    changes: tuple[tuple[int, ...], date] | None,
) -> Markup:
    name, depth, became = head
    below = f' class="below-{min(depth, DEEPEST)}"' if depth else ""
    became = f'<span class="became">({escape(became)})</span>' if became else ""
    name = escape(name)
    parts = [f'<tr><th scope="row"{below}>{name}{became}</th>']
    link = None if start is None else escape(start)
    told: Sequence[Any] = [None] * len(COLUMNS)
    if changes is not None:
        told = [_change(each, changes[1]) for each in changes[0]]
    for (cell, label, some, none), count, change in zip(_columns(labels), counts, told, strict=True):
        figure = digits = str(count) if count < THOUSAND else number(count)
        if link is not None:
            figure = f'<a href="{link}{cell}" aria-label="{digits} – {name}, {label}">{digits}</a>'
        if change is not None:
            figure = f"<span>{figure}{change}</span>"
        parts.append(f"{some if count else none}{figure}</td>")
    parts.append("</tr>")
    return Markup("".join(parts))  # noqa: S704 - names, labels and addresses are escaped above


@lru_cache(4)
def _columns(labels: tuple[str, ...]) -> list[tuple[str, Markup, str, str]]:
    return [
        (cell, label, _start(cell, label), _start(cell, label, " zero"))
        for cell, label in zip(COLUMNS, map(escape, labels), strict=True)
    ]


def _start(cell: str, label: Markup, zero: str = "") -> str:
    return f'\n    <td class="numeric{" all" if cell == "all" else ""}{zero}" data-label="{label}">'


def _change(change: int, since: date) -> Markup:
    """Return a difference since a day as “+3”, “−2” or “0”, and in words for who does not see it."""
    sign, words = "", _("không đổi so với ngày %(day)s", day=day(since))
    size = number(abs(change))
    if change > 0:
        sign, words = "+", _("tăng %(n)s so với ngày %(day)s", n=size, day=day(since))
    elif change < 0:
        sign, words = "−", _("giảm %(n)s so với ngày %(day)s", n=size, day=day(since))
    return Markup(
        '<span class="change{}"><span aria-hidden="true">{}{}</span>'
        '<span class="visually-hidden">{}</span></span>'
    ).format("" if change else " none", sign, size, words)


def register(app: Flask) -> None:
    """Give the templates of `app` the writer of rows as `b4_figures`, and words for numbers and tables."""
    app.jinja_env.globals.update(
        b4_figures=Figures, scope_words=scope_words, CHOICE_WORDS=CHOICE_WORDS, RATE_WORDS=RATE_WORDS,
        ROWS_A_LEAF=ROWS_A_LEAF,
    )

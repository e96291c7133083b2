"""The figures of one row of table B.4 as HTML.

A page has hundreds of them. In a template each passes through some ten calls that escape what was escaped
before; here what a row shares is escaped once, and a figure is one text.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from tracker.files.b4_words import succession_words
from tracker.rules.b4_table import B4Row, Change
from tracker.web.filters import B4_CELLS, day, number

COLUMNS = (*B4_CELLS, "all")
THOUSAND = 1_000
"""From here on a number has signs between its digits."""


class Behind(Protocol):
    """Knows the addresses of the tasks behind the numbers of a row, None for the total row."""

    def start(self, row: Any, /) -> str | None:
        """Return their address up to the word of the cell, None for a row without tasks to open."""


class Figures:
    """Writes the rows of one table; call it once a row.

    `labels` are the names of the eight columns; `behind` knows the addresses of the tasks counted, without
    it (or where it knows none) a figure is no link; `since` is the day since which changes are shown.
    """

    def __init__(
        self, labels: Sequence[str], behind: Behind | None = None, since: date | None = None
    ) -> None:
        self._columns = [
            (cell, label, _start(cell, label), _start(cell, label, " zero"))
            for cell, label in zip(COLUMNS, map(escape, labels), strict=True)
        ]
        self._behind = behind
        self._since = since

    def __call__(self, numbers: Any, name: str, row: B4Row | None, change: Change | None = None) -> Markup:
        """Return the eight `td` of a row: its seven cells in B.4 order, then all.

        `numbers` has `.cells` and `.all`, `name` is what the row is called, `row` what `behind` is asked
        with. With `change` what changed stands below each figure.
        """
        name = escape(name)
        start = None if self._behind is None else self._behind.start(row)
        link = None if start is None else escape(start)
        changed: list[Any] = [None] * len(COLUMNS)
        if change is not None and self._since is not None:
            changed = [_change(each, self._since) for each in (*change.cells, change.all)]
        parts = []
        counts = (*numbers.cells, numbers.all)
        for (cell, label, some, none), count, told in zip(self._columns, counts, changed, strict=True):
            figure = digits = str(count) if count < THOUSAND else number(count)
            if link is not None:
                figure = f'<a href="{link}{cell}" aria-label="{digits} – {name}, {label}">{digits}</a>'
            if told is not None:
                figure = f"<span>{figure}{told}</span>"
            parts.append(f"{some if count else none}{figure}</td>")
        return Markup("".join(parts))  # noqa: S704 - names, labels and addresses are escaped above


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
    """Give the templates of `app` the writer of rows as `b4_figures`, and `b4_succession(row)`."""
    app.jinja_env.globals["b4_figures"] = Figures
    app.jinja_env.globals["b4_succession"] = succession_words

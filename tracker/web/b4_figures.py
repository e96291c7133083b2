"""The figures of one row of table B.4 as HTML.

A page has hundreds of them. In a template each passes through some ten calls that escape what was escaped
before; here what a row shares is escaped once, and a figure is one text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask import Flask
from flask_babel import gettext as _
from markupsafe import Markup, escape

from tracker.rules.b4_table import B4Row, Change
from tracker.web.filters import B4_CELLS, day, number

COLUMNS = (*B4_CELLS, "all")


class Figures:
    """Writes the rows of one table; call it once a row.

    `labels` are the names of the eight columns; `url(row, cell)` is the address of the tasks counted, without
    it or where it is None a figure is no link; `since` is the day since which changes are shown.
    """

    def __init__(
        self, labels: Sequence[str], url: Callable[[B4Row | None, str], str | None] | None = None,
        since: date | None = None,
    ) -> None:  # fmt: skip
        self._labels = [escape(label) for label in labels]
        self._url = url
        self._since = since

    def __call__(self, numbers: Any, name: str, row: B4Row | None, change: Change | None = None) -> Markup:
        """Return the eight `td` of a row: its seven cells in B.4 order, then all.

        `numbers` has `.cells` and `.all`, `name` is what the row is called, `row` what `url` is asked with.
        With `change` what changed stands below each figure.
        """
        name = escape(name)
        changes = None if change is None or self._since is None else [*change.cells, change.all]
        parts = []
        for column, (cell, count) in enumerate(zip(COLUMNS, (*numbers.cells, numbers.all), strict=True)):
            label, figure = self._labels[column], number(count)
            href = self._url(row, cell) if self._url is not None else None
            if href is not None:
                link = f'<a href="{escape(href)}" aria-label="{figure} – {name}, {label}">'
                figure = f"{link}{figure}</a>"
            if changes is not None and self._since is not None:
                figure = f"<span>{figure}{_change(changes[column], self._since)}</span>"
            kind = f"numeric{' all' if cell == 'all' else ''}{'' if count else ' zero'}"
            parts.append(f'\n    <td class="{kind}" data-label="{label}">{figure}</td>')
        return Markup("".join(parts))  # noqa: S704 - names, labels and addresses are escaped above


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
    """Give the templates of `app` the writer of rows as `b4_figures`."""
    app.jinja_env.globals["b4_figures"] = Figures

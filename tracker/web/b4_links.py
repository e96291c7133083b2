"""The addresses of table B.4 and of the tasks that its numbers count."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote_plus, urlencode

from flask import url_for

from tracker.queries.b4 import Question
from tracker.rules.b4_table import B4Row, Grouping

B4 = "reports.b4"
"""The endpoint of the table itself."""


def address_of(question: Question, endpoint: str = B4, **values: Any) -> str:
    """Return the address of a page of this question; `values` go into it too, None leaves a word out.

    `compare=<day>` names the earlier cut-off day that the numbers are compared with.
    """
    words: dict[str, Any] = {"from": question.first, "to": question.last, "on": question.on}
    return url_for(endpoint, assigner=question.assigner.code, **words | _form_of(question), **values)


def _form_of(question: Question) -> dict[str, Any]:
    """Return the words that say what a row stands for; the usual form needs none."""
    words: dict[str, Any] = {}
    if question.grouping is not Grouping.UNIT:
        words["group"] = question.grouping.value
    if question.folded:
        words["folded"] = 1
    return words


def addresses_of_periods(question: Question, endpoint: str = B4) -> Callable[[date, date], str]:
    """Return the function that names the same page of another period, cut off as is proposed for it.

    What all periods share is built once: a chooser has dozens of them.
    """
    start = url_for(endpoint, assigner=question.assigner.code)
    form = _form_of(question)
    end = f"&{urlencode(form)}" if form else ""
    return lambda first, last: f"{start}&from={first}&to={last}{end}"


def addresses_behind(question: Question, **values: Any) -> Callable[..., str]:
    """Return the function that names the tasks behind a number: `address(row, cell, **more)`.

    Without a row it is the total. `values` go into each address, None leaves a word out. What all numbers
    share is built once: a page has hundreds of them.
    """
    total = address_of(question, "reports.b4_tasks", **values)
    starts: dict[str, str] = {}

    def address(row: B4Row | None, cell: str, **more: Any) -> str:
        start = total
        if row is not None and (start := starts.get(row.key, "")) == "":
            start = starts[row.key] = f"{total}&row={quote_plus(row.key)}"
        return f"{start}&cell={cell}&{urlencode(more)}" if more else f"{start}&cell={cell}"

    return address

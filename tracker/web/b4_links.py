"""The addresses of table B.4 and of the tasks that its numbers count."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for

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


def address_of_period(question: Question, first: date, last: date, endpoint: str = B4) -> str:
    """Return the address of the same page of another period, cut off as is proposed for it."""
    words: dict[str, Any] = {"from": first, "to": last}
    return url_for(endpoint, assigner=question.assigner.code, **words | _form_of(question))


def address_behind(question: Question, row: B4Row | None, cell: str, **values: Any) -> str:
    """Return the address of the tasks that a number counts; without a row it is that of the total.

    What all numbers of a question share is built once a request: a page has hundreds of them.
    """
    starts: dict[Any, str] = g.setdefault("b4_addresses", {})
    form = (question.assigner.code, question.first, question.last, question.on, *_form_of(question).items())
    start = starts.get(form) or starts.setdefault(form, address_of(question, "reports.b4_tasks"))
    words = {"row": None if row is None else row.key, "cell": cell} | values
    return f"{start}&{urlencode({name: word for name, word in words.items() if word is not None})}"

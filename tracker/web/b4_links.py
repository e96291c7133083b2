"""The addresses of table B.4 and of the tasks that its numbers count."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
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
    return addresses_of(question, **values)(endpoint)


def addresses_of(question: Question, **values: Any) -> Callable[..., str]:
    """Return the function that knows the addresses of this question's pages: `address(endpoint, **more)`.

    What they share is written once; `values` are as for `address_of`.
    """
    words: dict[str, Any] = {
        "assigner": question.assigner.code, "from": question.first, "to": question.last, "on": question.on,
        **_form_of(question), **values,
    }  # fmt: skip
    shared = _written(tuple([(word, str(value)) for word, value in words.items() if value is not None]))

    def address(endpoint: str, **more: str) -> str:
        return f"{url_for(endpoint)}?{shared}{f'&{_written(tuple(more.items()))}' if more else ''}"

    return address


_written = lru_cache(1_024)(urlencode)
"""Writes pairs of words and values as the end of an address; a question's are asked for again and again."""


_quoted = lru_cache(4_096)(quote_plus)
"""Writes the key of a row into an address."""


def _form_of(question: Question) -> dict[str, Any]:
    """Return the words that say what a row stands for; the usual form needs none."""
    words: dict[str, Any] = {}
    if question.grouping is not Grouping.UNIT:
        words["group"] = question.grouping.value
    if question.folded:
        words["folded"] = 1
    return words


class PeriodAddresses(NamedTuple):
    """The addresses of the same page of other periods, cut off as is proposed for each.

    What all periods share is built once: a chooser has dozens of them.
    """

    start: str
    end: str

    def of(self, first: date, last: date) -> str:
        """Return the address of the period from a day to a day."""
        return f"{self.start}&from={first}&to={last}{self.end}"


def addresses_of_periods(question: Question, endpoint: str = B4) -> PeriodAddresses:
    """Return the addresses of a question's page in other periods."""
    form = _form_of(question)
    start = url_for(endpoint, assigner=question.assigner.code)
    return PeriodAddresses(start, f"&{urlencode(form)}" if form else "")


class Addresses:
    """The addresses of the tasks behind the numbers of a table: `behind(row, cell, **more)`.

    Without a row it is the total. What all numbers share is built once, what those of a row share once a row:
    a page has hundreds of them. Rows whose keys are `gone` have no tasks to open, their address is None.
    """

    def __init__(self, total: str, *, gone: Collection[str] = ()) -> None:
        self._total = f"{total}{'&' if '?' in total else '?'}"
        self._gone = gone

    def start(self, row: B4Row | None) -> str | None:
        """Return the address of the numbers of a row up to the word of the cell, which stands last."""
        if row is None:
            return f"{self._total}cell="
        return None if row.key in self._gone else f"{self._total}row={_quoted(row.key)}&cell="

    def __call__(self, row: B4Row | None, cell: str, **more: Any) -> str | None:
        """Return the address of one number."""
        start = self.start(row)
        if start is None:
            return None
        return f"{start}{cell}&{urlencode(more)}" if more else f"{start}{cell}"


def addresses_behind(question: Question, *, gone: Collection[str] = (), **values: Any) -> Addresses:
    """Return the addresses of the tasks behind the numbers of a question's table.

    `values` go into each address, None leaves a word out.
    """
    return Addresses(address_of(question, "reports.b4_tasks", **values), gone=gone)

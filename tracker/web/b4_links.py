"""The addresses of table B.4 and of the tasks that its numbers count."""

from __future__ import annotations

from typing import Any

from flask import url_for

from tracker.queries.b4 import Question
from tracker.rules.b4_table import B4Row


def address_of(question: Question, endpoint: str = "reports.b4", **values: Any) -> str:
    """Return the address of a page of this question; `values` go into it too."""
    days: dict[str, Any] = {"from": question.first, "to": question.last, "on": question.on}
    return url_for(endpoint, assigner=question.assigner.code, **days, **values)


def address_behind(question: Question, row: B4Row | None, cell: str, **values: Any) -> str:
    """Return the address of the tasks that a number counts; without a row it is that of the total."""
    if row is not None:
        values["row"] = row.key
    return address_of(question, "reports.b4_tasks", cell=cell, **values)

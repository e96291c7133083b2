"""The directives that rows of a B.4 stand for, and those of its tasks, as they were on the cut-off day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import select

from tracker.models.directive import Directive
from tracker.models.statements import among, prepared
from tracker.queries.corrections import Stood
from tracker.rules.b4_table import Head, directive_head

PAPER = ("kind", "number", "issued_on", "subject", "field")


def paper_then(row: Any, stood: dict[str, Any]) -> dict[str, Any]:
    """Return kind, number, issued_on, subject and field of a directive, what was corrected since set back."""
    facts = {name: stood.get(name, getattr(row, name)) for name in PAPER}
    if isinstance(facts["issued_on"], str):
        facts["issued_on"] = date.fromisoformat(facts["issued_on"])
    return facts


def directive_heads(ids: Collection[int], then: Stood) -> tuple[dict[int, str], list[Head]]:
    """Return of directives, given by id, the keys of their rows by id, and the heads of the rows; `then` is
    what was corrected of them since the cut-off day."""
    keys, heads = {}, []
    for row in _papers(ids=list(ids)).all():
        number, key, *facts = row
        keys[number] = key
        words: list[Any] = list(paper_then(row, then[number]).values()) if number in then else facts
        kind, sign, issued_on, subject, _field = words
        heads.append(directive_head(key, kind, sign, issued_on, subject))
    return keys, heads


@prepared
def _papers(ids: Any) -> Any:
    return select(
        Directive.id, Directive.key, Directive.kind, Directive.number, Directive.issued_on,
        Directive.subject, Directive.field,
    ).where(among(Directive.id, ids))  # fmt: skip

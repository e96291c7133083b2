"""One task as it is stored against what its entries make of it: row, stretches, requests, ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import pairwise
from typing import Any

from tracker.queries.recount.reading import Filed, text_of
from tracker.rules.difference import Difference, Kind
from tracker.rules.recount import END, FACTS, Asked, Entry, Standing, Stretch, joined

Tell = Callable[..., Difference]

OF_REQUEST = tuple(each.name for each in fields(Asked) if each.name not in ("entry", "ended_by"))
AS_ASKED = ("kind", "asked_on", "asked_by", "reason", "until")
OF_STRETCH = ("assigner", "unit", "state", "due_on", "reported_on")
OF_ITS_TASK = ("directive", "leader", "given_on")
"""Facts of a task that each of its stretches has too."""
OF_NEWS = ("given", "report", "decided", "urge")
"""Rungs that name an entry of the history."""


def compare(filed: Filed, standing: Standing) -> Iterator[Difference]:
    """Yield every difference of one task; the entries that a rung of its ledger names are `rungs_of`."""
    entries = {each.id: each for each in filed.entries}
    stored_key = filed.facts["key"] if filed.facts else None
    key = standing.key or stored_key or f"#{filed.id}"

    def tell(
        kind: Kind, fact: str, stored: Any, expected: Any, entry: int | None = None, **more: Any
    ) -> Difference:
        decides: Entry | None = entries.get(entry) if entry is not None else None
        return Difference(
            kind, key, fact, text_of(stored), text_of(expected), entry=entry,
            do=decides.do if decides else None, on=text_of(decides.on) if decides else None,
            assigner=standing.assigner or (filed.facts or {}).get("assigner"), **more,
        )  # fmt: skip

    for odd in standing.oddities:
        yield tell(Kind.HISTORY, odd.what, odd.stored, odd.expected, odd.entry)
    if not filed.entries:
        yield tell(Kind.HISTORY, "no_history", None, None)
    if filed.facts is None:
        yield tell(Kind.TASK, "no_task", None, None, filed.entries[0].id if filed.entries else None)
    elif filed.entries:
        for fact in FACTS:
            if filed.facts[fact] != getattr(standing, fact):
                yield tell(
                    Kind.TASK, fact, filed.facts[fact], getattr(standing, fact), standing.decided.get(fact)
                )
    yield from _of_stretches(filed.stretches, standing.stretches(), tell)
    for each in filed.stretches:
        for fact, is_ in zip(OF_ITS_TASK, each.of_task, strict=True):
            if is_ != (ought := getattr(standing, fact)):
                yield tell(
                    Kind.STRETCH, fact, is_, ought, standing.decided.get(fact), place=text_of(each.first)
                )
    yield from _of_requests(filed.requests, standing.requests, tell)
    if filed.coordinating != standing.coordinating:
        yield tell(
            Kind.COORDINATION, "coordinating", ", ".join(filed.coordinating) or None,
            ", ".join(standing.coordinating) or None, standing.decided.get("coordinating"),
        )  # fmt: skip
    for row in filed.ledger:
        if not row.has_user:
            yield tell(Kind.LEDGER, "user", row.rung, None, place=str(row.id))
        if not row.has_mail:
            yield tell(Kind.LEDGER, "mail", row.rung, None, place=str(row.id))
        sort, _colon, number = row.rung.partition(":")
        if sort == "request" and int(number) not in filed.request_ids:
            yield tell(Kind.LEDGER, "rung", row.rung, None, place=str(row.id))


def rungs_of(filed: Filed) -> Iterator[tuple[int, int, str]]:
    """Yield ledger row, entry and rung of the rungs that name an entry of another task, or of none."""
    own = {each.id for each in filed.entries}
    for row in filed.ledger:
        sort, _colon, number = row.rung.partition(":")
        if sort in OF_NEWS and number.isdecimal() and int(number) not in own:
            yield row.id, int(number), row.rung


def _of_stretches(stored: list[Stretch], expected: list[Stretch], tell: Tell) -> Iterator[Difference]:
    for each in stored:
        if each.first >= each.end:
            yield tell(Kind.STRETCH, "empty", each.end, None, place=text_of(each.first))
    for before, after in pairwise(stored):
        if before.end < after.first:
            yield tell(Kind.STRETCH, "gap", before.end, after.first, place=text_of(before.first))
        elif before.end > after.first:
            yield tell(Kind.STRETCH, "overlap", before.end, after.first, place=text_of(before.first))
    if stored and stored[-1].end != END:
        yield tell(Kind.STRETCH, "not_open", stored[-1].end, END, place=text_of(stored[-1].first))
    should = {each.first: each for each in expected}
    is_there = {each.first: each for each in joined(stored)}
    for first, each in is_there.items():
        if first not in should:
            yield tell(Kind.STRETCH, "extra", each.facts[2], None, place=text_of(first))
    for first, each in should.items():
        place, found = text_of(first), is_there.get(first)
        if found is None:
            yield tell(Kind.STRETCH, "missing", None, each.facts[2], each.entry, place=place)
            continue
        for fact, is_, ought in zip(OF_STRETCH, found.facts, each.facts, strict=True):
            if is_ != ought:
                yield tell(Kind.STRETCH, fact, is_, ought, each.entry, place=place)
        if found.end != each.end:
            following = should.get(each.end)
            entry = following.entry if following else each.entry
            yield tell(Kind.STRETCH, "end", found.end, each.end, entry, place=place)


def _of_requests(stored: list[Asked], expected: list[Asked], tell: Tell) -> Iterator[Difference]:
    for number in range(max(len(stored), len(expected))):
        place = str(number + 1)
        if number >= len(stored):
            asked = expected[number]
            yield tell(Kind.REQUEST, "missing", None, asked.kind, asked.entry, place=place)
        elif number >= len(expected):
            yield tell(Kind.REQUEST, "extra", stored[number].kind, None, place=place)
        else:
            is_, ought = stored[number], expected[number]
            for fact in OF_REQUEST:
                if (now := getattr(is_, fact)) != (should := getattr(ought, fact)):
                    entry = ought.entry if fact in AS_ASKED else ought.ended_by or ought.entry
                    yield tell(Kind.REQUEST, fact, now, should, entry, place=place)

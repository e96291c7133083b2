"""The text of a paper cut into stretches: tasks with their numbers, and what was read in them and beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tracker.intake.draft import Draft


class Mark(NamedTuple):
    """Something that was read in the paper: where, what it is, and which part of the page it leads to."""

    start: int
    end: int
    kind: str
    """header, citation, lead, coordinating, due or product."""
    part: str = ""
    """The id of the part of the page, empty for what stands within its task."""


class Piece(NamedTuple):
    """A run of the text under one mark, or under none."""

    text: str
    kind: str = ""
    part: str = ""


class Stretch(NamedTuple):
    """A run of the text: the whole of one task (`key` and its number), or what stands between tasks."""

    pieces: list[Piece]
    key: int | None = None
    number: int | None = None


def stretches_of(plain: str, draft: Draft) -> list[Stretch]:
    """Return the whole text in stretches, tasks numbered as on the page; of two that overlap the first."""
    spans = [
        (task.start, task.end, task.key, number)
        for number, task in enumerate(draft.to_give, start=1)
        if task.start is not None and task.end is not None
    ]
    marks = _disjoint(_marks_of(draft))
    found: list[Stretch] = []
    at = 0
    for start, end, key, number in sorted(spans):
        if start < at or end <= start or end > len(plain):
            continue
        found.append(Stretch(_pieces(plain, at, start, marks)))
        found.append(Stretch(_pieces(plain, start, end, marks), key, number))
        at = end
    found.append(Stretch(_pieces(plain, at, len(plain), marks)))
    return [each for each in found if each.pieces]


def one_place(plain: str, start: int, end: int) -> list[Stretch]:
    """Return the text with one task in it, for the page that shows where a task came from."""
    parts = ((0, start, None), (start, end, 1), (end, len(plain), None))
    return [Stretch([Piece(plain[a:b])], key, key) for a, b, key in parts if plain[a:b]]


def _marks_of(draft: Draft) -> list[Mark]:
    found = []
    for name, read in draft.header.items():
        if read.start is not None and read.end is not None:
            found.append(Mark(read.start, read.end, "header", f"dau-{name}"))
    for each in draft.citations:
        if each.start is not None and each.end is not None and not each.is_dropped:
            found.append(Mark(each.start, each.end, "citation", f"can-cu-{each.key}"))
    for task in draft.to_give:
        kinds = (("lead", task.lead), ("coordinating", task.coordinating), ("due", (task.due,)),
                 ("product", (task.product,)))  # fmt: skip
        found += [
            Mark(read.start, read.end, kind)
            for kind, reads in kinds
            for read in reads
            if read.start is not None and read.end is not None and read.value
        ]
    return found


def _disjoint(marks: Iterable[Mark]) -> list[Mark]:
    """Return marks in order, those that begin within another left out."""
    found: list[Mark] = []
    for mark in sorted(set(marks), key=lambda each: (each.start, -each.end)):
        if mark.end > mark.start and (not found or mark.start >= found[-1].end):
            found.append(mark)
    return found


def _pieces(plain: str, start: int, end: int, marks: Sequence[Mark]) -> list[Piece]:
    found, at = [], start
    for mark in marks:
        first, last = max(mark.start, at), min(mark.end, end)
        if first >= last:
            continue
        if first > at:
            found.append(Piece(plain[at:first]))
        begins = first == mark.start
        found.append(Piece(plain[first:last], mark.kind, mark.part if begins else ""))
        at = last
    if at < end:
        found.append(Piece(plain[at:end]))
    return found

"""The units of a table: their order, the names that they had on the cut-off day, which stands under which."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    case,
    cast,
    literal_column,
    null,
    or_,
    select,
    union_all,
)

from tracker.models import db
from tracker.models.progress import History
from tracker.models.statements import among, prepared
from tracker.models.units import Unit, subtree
from tracker.queries.b4.moves import moved_on_days
from tracker.queries.b4.population import Question, population
from tracker.queries.corrections import corrected_units, stood_before
from tracker.rules.b4_table import Succession, UnitOfDay, tops


def in_order() -> tuple[Any, ...]:
    """Return the order of units in every table: by their given place, then as they were entered."""
    return (Unit.position.is_(None), Unit.position, Unit.id)


class Units(NamedTuple):
    """The units of a table as they were called on the cut-off day, and the assigner among them."""

    assigner_name: str
    title_of_head: str | None
    above_assigner: tuple[str, ...]
    """The names of the units above the assigner, the nearest first."""
    rows: tuple[UnitOfDay, ...]
    """In the units' order: the wanted units, and what lies between them and the top of the table."""
    codes: dict[int, str]
    """The codes of these rows by the ids of their units."""
    existing: frozenset[str] = frozenset()
    """Of the units that every one below the assigner was asked for: those that existed on the day."""


def read_units(question: Question, wanted: Collection[int], *, all_below: bool = False) -> Units:
    """Return the units that a table needs: one statement, whatever their number; another one where some of
    them ended within the period.

    A unit that has ended says so, and who got its unfinished work; so does one that got some of it. `wanted`
    are the ids of lead units. What stands above the assigner is no row above its units: a table begins below
    the assigner, and a lead unit from elsewhere begins one of its own top rows. What is below a unit that has
    ended by the cut-off day stands under its successor.
    """
    assigner = question.assigner
    given = [assigner.id, *wanted]
    if all_below:
        read = _chains_with_all_below(
            wanted=given, assigner=assigner.id, first=question.first, on=question.on
        ).all()
    else:
        read = _chains(wanted=given, first=question.first, on=question.on).all()
    found = {row.id: row for row in read if row.what == _FOUND}
    before = {row.id: row for row in read if row.what == _BEFORE}
    then = stood_before((row.parent_id, row.id, row.changes) for row in read if row.what == _CORRECTION)
    orders = {unit_id: row.position for unit_id, row in found.items()}
    names = {row.id: row.name for row in (*before.values(), *found.values())}
    for unit_id, stood in then.items():
        names[unit_id] = stood.get("name", names[unit_id])
        if unit_id in orders:
            orders[unit_id] = stood.get("order", orders[unit_id])
    parents = {unit_id: row.parent_id for unit_id, row in found.items()}
    line = list(_line(parents, assigner.id))
    own = found[assigner.id]
    above = _above(parents, {unit_id: row.successor_id for unit_id, row in found.items()}, frozenset(line))
    shown = {*wanted, *(found if all_below else ())}
    needed: set[int] = set()
    for unit_id in shown:
        step: int | None = unit_id
        while step is not None and step not in needed:
            needed.add(step)
            step = above[step]
    places = sorted((orders[unit_id] is None, orders[unit_id] or 0, unit_id) for unit_id in needed)
    heirs = {(row.id, row.successor_id) for row in before.values()}
    ended = {
        row.id: row for row in (*before.values(), *found.values())
        if question.first < row.valid_to <= question.on
    }  # fmt: skip
    moved = moved_on_days(assigner.id, {unit_id: row.valid_to for unit_id, row in ended.items()})
    split = {(old, new) for old, new in moved if new in found and new != ended[old].successor_id}
    took: dict[int, list[tuple[str, date]]] = {}
    for old, new in sorted(heirs | split, key=lambda pair: (ended[pair[0]].valid_to, pair[0])):
        took.setdefault(new, []).append((names[old], ended[old].valid_to))
    successions = {
        row.id: Succession(
            row.valid_to if row.valid_to <= question.on else None, names.get(row.successor_id),
            tuple(took.get(row.id, ())),
            tuple(names[new] for new in sorted(orders) if (row.id, new) in split),
        )
        for row in found.values() if row.valid_to <= question.on or row.id in took
    }  # fmt: skip
    rows, codes = [], {}
    for _unplaced, _order, unit_id in places:
        row = found[unit_id]
        if unit_id in line and unit_id not in wanted:
            continue
        higher = above[unit_id]
        over = None if higher is None else found[higher].code
        rows.append(UnitOfDay(row.code, names[unit_id], over, successions.get(unit_id)))
        codes[unit_id] = row.code
    existing = {
        row.code for row in found.values()
        if row.id not in line and row.valid_from <= question.on < row.valid_to
    } if all_below else ()  # fmt: skip
    return Units(
        names[assigner.id], then.get(assigner.id, {}).get("title_of_head", own.title_of_head),
        tuple(names[unit_id] for unit_id in line[1:]), tuple(rows), codes, frozenset(existing),
    )  # fmt: skip


@prepared
def _chains(wanted: Any, first: Any, on: Any) -> Any:
    return _chains_from(among(Unit.id, wanted), among(Unit.successor_id, wanted), first, on)


@prepared
def _chains_with_all_below(wanted: Any, assigner: Any, first: Any, on: Any) -> Any:
    below = subtree(select(Unit.id).where(Unit.parent_id == assigner))
    into = or_(among(Unit.successor_id, wanted), Unit.successor_id.in_(below))
    return _chains_from(or_(among(Unit.id, wanted), Unit.id.in_(below)), into, first, on)


_FOUND, _BEFORE, _CORRECTION = range(3)
"""What a row of `_chains_from` is."""


def _chains_from(
    start: ColumnElement[bool], into: ColumnElement[bool], first: Any, on: Any
) -> CompoundSelect[Any]:
    """Return the SELECT of the units to `start` from, of those above them and of those that carry on after
    them by the day `on`; further of those that ended `into` them after the day `first`, and of what was
    corrected of any of these after the day `on`: under the id of the unit, in place of its parent the id of
    the row of the history. It carries all columns along the way: joined to the units once more, PostgreSQL
    reads every one of them."""
    successor = case((Unit.valid_to <= on, Unit.successor_id)).label("successor_id")
    further = (Unit.code, Unit.name, Unit.title_of_head, Unit.position, Unit.valid_from, Unit.valid_to)
    step = select(Unit.id, Unit.parent_id, successor, *further)
    up = step.where(start).cte(recursive=True)
    up = up.union(step.join(up, or_(Unit.id == up.c.parent_id, Unit.id == up.c.successor_id)))
    ended = select(Unit.id, Unit.parent_id, Unit.successor_id, *further).where(
        into, Unit.valid_to > first, Unit.valid_to <= on
    ).cte()  # fmt: skip
    nothing = cast(null(), History.changes.type)
    of_these = or_(History.unit_id.in_(select(up.c.id)), History.unit_id.in_(select(ended.c.id)))
    corrected = select(
        History.unit_id, History.id, *(cast(null(), each.type) for each in (Unit.successor_id, *further)),
        _told(_CORRECTION), History.changes,
    ).where(corrected_units(on, of_these))  # fmt: skip
    return union_all(
        select(up, _told(_FOUND).label("what"), nothing.label("changes")),
        select(ended, _told(_BEFORE), nothing), corrected,
    )  # fmt: skip


def _told(what: int) -> ColumnElement[int]:
    return literal_column(str(what), Integer())


def _line(parents: dict[int, int | None], unit_id: int) -> Iterator[int]:
    """Yield a unit and those above it, the nearest first."""
    seen: set[int] = set()
    step: int | None = unit_id
    while step is not None and step not in seen:
        seen.add(step)
        yield step
        step = parents[step]


def _above(
    parents: dict[int, int | None], successors: dict[int, int | None], line: frozenset[int]
) -> dict[int, int | None]:
    """Return which unit each stands under in a table, None for those at its top.

    `successors` are those of the units that have ended, `line` are the assigner and the units above it.
    """
    above: dict[int, int | None] = {
        unit_id: None if unit_id in line or parent in line else parent for unit_id, parent in parents.items()
    }
    for unit_id in sorted(above):
        ended = parent = above[unit_id]
        seen: set[int] = set()
        while parent is not None and parent not in seen and (successor := successors[parent]) is not None:
            seen.add(parent)
            parent = None if successor in line else successor
        if ended is not None and parent is not None and unit_id in _line(above, parent):
            parent = above[ended]  # it carries on itself what it stood under
        above[unit_id] = None if parent is not None and unit_id in _line(above, parent) else parent
    return above


def folded_into(question: Question, code: str) -> list[int]:
    """Return the ids of the lead units that a folded table counts in the row of this code."""
    counted = population(question).subquery("counted")
    units = read_units(question, set(db.session.scalars(select(counted.c.unit_id).distinct())))
    top = tops(units.rows)
    return [unit_id for unit_id, own in units.codes.items() if top[own] == code]

"""The units of a table: their order, the names that they had on the cut-off day, which stands under which."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType
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
from tracker.rules.b4_table import TABLES_REMEMBERED, Succession, UnitOfDay, tops


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
    codes: Mapping[int, str]
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
    assigner, first, on = question.assigner.id, question.first, question.on
    given = [assigner, *wanted]
    if all_below:
        read = _chains_with_all_below(wanted=given, assigner=assigner, first=first, on=on).all()
    else:
        read = _chains(wanted=given, first=first, on=on).all()
    facts: dict[int, list[Any]] = {what: [] for what in (_FOUND, _BEFORE, _CORRECTION)}
    for *unit, what, changes in read:
        facts[what].append((unit[1], unit[0], changes) if what == _CORRECTION else tuple(unit))
    corrected = frozenset(
        (unit_id, fact, value)
        for unit_id, stood in stood_before(facts[_CORRECTION]).items()
        for fact, value in stood.items() if fact in _PRINTED
    )  # fmt: skip
    ended = {unit[0]: unit[-1] for unit in (*facts[_BEFORE], *facts[_FOUND]) if first < unit[-1] <= on}
    return _arranged(
        tuple(facts[_FOUND]), tuple(facts[_BEFORE]), corrected, frozenset(moved_on_days(assigner, ended)),
        assigner, first, on, frozenset(wanted), all_below,
    )  # fmt: skip


class _Told(NamedTuple):
    """What `_chains_from` tells of a unit."""

    id: int
    parent_id: int | None
    successor_id: int | None
    code: str
    name: str
    title_of_head: str | None
    position: int | None
    valid_from: date
    valid_to: date


_PRINTED = frozenset({"name", "title_of_head", "order"})
"""The facts of a unit that are printed as they stood on the cut-off day, by their names in the history."""


@lru_cache(TABLES_REMEMBERED)
def _arranged(
    found_facts: tuple[tuple[Any, ...], ...], before_facts: tuple[tuple[Any, ...], ...],
    corrected: frozenset[tuple[int, str, Any]], moved: frozenset[tuple[int, int]],
    assigner: int, first: date, on: date, wanted: frozenset[int], all_below: bool,
) -> Units:  # fmt: skip
    """Return the units of a table from what was read of them: the same is read again and again.

    `found_facts` and `before_facts` are those of `_Told`, `corrected` are facts as they stood on the day,
    `moved` are the pairs of units between which tasks moved on the day when the first of them ended.
    """
    found = {unit.id: unit for unit in map(_Told._make, found_facts)}
    before = {unit.id: unit for unit in map(_Told._make, before_facts)}
    then = {(unit_id, fact): value for unit_id, fact, value in corrected}
    orders = {unit.id: then.get((unit.id, "order"), unit.position) for unit in found.values()}
    names: dict[int | None, str] = {
        unit.id: then.get((unit.id, "name"), unit.name) for unit in (*before.values(), *found.values())
    }
    parents = {unit_id: unit.parent_id for unit_id, unit in found.items()}
    line = list(_line(parents, assigner))
    above = _above(parents, {unit_id: unit.successor_id for unit_id, unit in found.items()}, frozenset(line))
    shown = {*wanted, *(found if all_below else ())}
    needed: set[int] = set()
    for unit_id in shown:
        step: int | None = unit_id
        while step is not None and step not in needed:
            needed.add(step)
            step = above[step]
    places = sorted((orders[unit_id] is None, orders[unit_id] or 0, unit_id) for unit_id in needed)
    heirs = {(unit.id, unit.successor_id) for unit in before.values()}
    ended = {
        unit.id: unit for unit in (*before.values(), *found.values()) if first < unit.valid_to <= on
    }
    split = {(old, new) for old, new in moved if new in found and new != ended[old].successor_id}
    took: dict[int | None, list[tuple[str, date]]] = {}
    for old, new in sorted(heirs | split, key=lambda pair: (ended[pair[0]].valid_to, pair[0])):
        took.setdefault(new, []).append((names[old], ended[old].valid_to))
    successions = {
        unit.id: Succession(
            unit.valid_to if unit.valid_to <= on else None, names.get(unit.successor_id),
            tuple(took.get(unit.id, ())),
            tuple(names[new] for new in sorted(orders) if (unit.id, new) in split),
        )
        for unit in found.values() if unit.valid_to <= on or unit.id in took
    }  # fmt: skip
    rows, codes = [], {}
    for _unplaced, _order, unit_id in places:
        unit = found[unit_id]
        if unit_id in line and unit_id not in wanted:
            continue
        higher = above[unit_id]
        over = None if higher is None else found[higher].code
        rows.append(UnitOfDay(unit.code, names[unit_id], over, successions.get(unit_id)))
        codes[unit_id] = unit.code
    existing = {
        unit.code for unit in found.values()
        if unit.id not in line and unit.valid_from <= on < unit.valid_to
    } if all_below else ()  # fmt: skip
    return Units(
        names[assigner], then.get((assigner, "title_of_head"), found[assigner].title_of_head),
        tuple(names[unit_id] for unit_id in line[1:]), tuple(rows), MappingProxyType(codes),
        frozenset(existing),
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

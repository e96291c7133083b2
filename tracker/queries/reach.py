"""How far a person reaches: the units, the standing towards a row, and conditions that indexes answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, any_, bindparam, false, func, or_, select, true, union_all

from tracker.models import db
from tracker.models.people import Role, User
from tracker.models.statements import among, prepared
from tracker.models.task import Coordination, Task
from tracker.models.units import Unit, subtree
from tracker.queries.standing import roles_on
from tracker.queries.tasks import TaskRow
from tracker.rules.permissions import ISSUERS, READERS, Standing, visible_sql
from tracker.rules.status import OPEN_STATES, State, in_states

FEW_UNITS = 20
"""Who reaches no more units than this is looked up unit by unit; for others most tasks are theirs anyway."""
ALL_STATES = tuple(State)


class Seer(NamedTuple):
    """A person as the conditions over tasks take them: ids, or parameters that stand for ids.

    None names no unit. Of who reaches few units the sets hold every unit that is reached, of others those
    where the roles are held.
    """

    sees_all: bool
    """Whether they see every task that is given."""
    reaches_few: bool
    works_for_few: bool
    me: Any
    gives: Any
    """By the roles of leader and office."""
    heads: Any
    issues: Any
    reads: Any
    own: Any
    """Where an administrator's role is held."""
    works: Any
    """Every unit whose work is theirs."""
    serves: Any
    """Where a leader's or an office's role is held."""

    def sees(self, *, states: tuple[State, ...] = ALL_STATES) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` that the person sees it, true for tasks of these states.

        It says what `tasks_visible_to` says, and leads the database by its indexes to the tasks of few
        units; who sees every unit is asked for nothing.
        """
        if self.sees_all and State.DRAFT not in states:
            return true()
        reach = {name: self._units(ids) for name, ids in (
            ("givers", self.gives), ("heads", self.heads), ("issuers", self.issues), ("readers", self.reads),
        )}  # fmt: skip
        visible = visible_sql(
            task=Task, coordination=Coordination, user_id=self.me, reach=reach, own_units=self.own
        )
        if not self.reaches_few:
            return visible
        found = [Task.officer_id == self.me, Task.tracker_id == self.me, Task.leader_id == self.me]
        found += [Task.unit_id.in_(ids) for ids in (self.reads, self.own) if ids is not None]
        given = (self.issues, self.heads, self.own)
        found += [Task.assigner_id.in_(ids) for ids in given if ids is not None]
        for ids in (self.reads, self.own):
            if ids is not None:
                helps = select(Coordination.task_id).where(Coordination.unit_id.in_(ids))
                found.append(Task.id.in_(helps))
        return and_(_either(*found, states=states), visible)

    def leads(self, *, states: Collection[State] = ALL_STATES) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` of the work of a person and of their own units.

        It is what their unit's or officer's role reaches, what a unit leads in which they are its leader or
        office, and what names them its officer. Of tasks in other states than `states` it says nothing.
        """
        parts: list[ColumnElement[bool]] = [Task.officer_id == self.me]
        if self.works is not None:
            parts.append(Task.unit_id.in_(self.works))
        theirs = _either(*parts, states=states) if self.works_for_few else or_(*parts)
        return and_(theirs, Task.state != State.DRAFT)

    def coordinates(self) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` that a unit coordinates it which the person reads for."""
        if self.reads is None:
            return false()
        reads = self._units(self.reads)
        return Task.id.in_(select(Coordination.task_id).where(Coordination.unit_id.in_(reads)))

    def given(self) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` that a unit which the person serves gave it."""
        return false() if self.serves is None else Task.assigner_id.in_(self.serves)

    def _units(self, ids: Any) -> Any:
        if ids is None or self.reaches_few:
            return ids
        return subtree(select(Unit.id).where(Unit.id.in_(ids)))


class Kind(NamedTuple):
    """What of a person shows in the shape of a statement: people of one kind are asked for by the same."""

    sees_all: bool
    reaches_few: bool
    works_for_few: bool
    sets: tuple[str, ...]
    """The sets of a `Seer` that are not empty."""

    def seer(self) -> Seer:
        """Return anybody of this kind, with parameters for all ids."""
        ids: dict[str, Any] = {name: bindparam(name) if name in self.sets else None for name in SETS}
        return Seer(self.sees_all, self.reaches_few, self.works_for_few, bindparam("me"), **ids)


SETS = Seer._fields[4:]


@prepared
def _units_below(roots: Any) -> Any:
    """Select the units of these roots as (id, the unit above, root), and how many units there are.

    No more are counted than tell whether these are all: a country has 30,000.
    """
    above = select(Unit.id, Unit.parent_id, Unit.id.label("root")).where(among(Unit.id, roots))
    tree = above.cte("reach", recursive=True)
    tree = tree.union(select(Unit.id, Unit.parent_id, tree.c.root).where(Unit.parent_id == tree.c.id))
    one_more = select(func.count() + 1).select_from(tree).scalar_subquery()
    all_units = select(func.count()).select_from(select(Unit.id).limit(one_more).subquery()).scalar_subquery()
    return select(tree.c.id, tree.c.parent_id, tree.c.root, all_units)


class Reach:
    """Which units each role of a person reaches: the standing towards a row without asking the database."""

    def __init__(self, user: User, *, day: date) -> None:
        self.user, self.user_id, self.day = user, user.id, day
        self.held = {(held.role, held.unit_id) for held in roles_on(user, day)}
        self.below: dict[int, set[int]] = {}
        self._parts: dict[int | None, set[int]] = {}
        rows = _units_below(roots=sorted({unit_id for _role, unit_id in self.held})).all()
        for unit_id, parent_id, root, _all_units in rows:
            self.below.setdefault(root, set()).add(unit_id)
            self._parts.setdefault(parent_id, set()).add(unit_id)
        self.seer = self._seer(rows[0][3] if rows else 0)
        self.values = {name: ids for name in SETS if (ids := getattr(self.seer, name)) is not None}
        """By the names of their parameters the ids that a statement of this kind asks for."""
        self.kind = Kind(*self.seer[:3], tuple(self.values))
        self.values["me"] = self.user_id

    def _seer(self, all_units: int) -> Seer:
        roles = {
            "gives": (Role.LEADER, Role.OFFICE), "heads": (Role.UNIT_HEAD,),
            "issues": tuple(map(Role, ISSUERS)), "reads": tuple(map(Role, READERS)),
        }  # fmt: skip
        reached = {name: self.of(*asked) for name, asked in roles.items()}
        own = self.held_in(Role.ADMIN)
        few = len(reached["reads"] | reached["issues"] | reached["heads"] | own) <= FEW_UNITS
        sets = reached if few else {name: self.held_in(*asked) for name, asked in roles.items()}
        serves = self.held_in(Role.LEADER, Role.OFFICE)
        works = self.of(Role.UNIT_HEAD, Role.OFFICER) | serves
        sets |= {"own": own, "works": works, "serves": serves}
        ids = {name: sorted(units) or None for name, units in sets.items()}
        sees_all = 0 < all_units == len(reached["issues"])
        return Seer(sees_all, few, len(works) <= FEW_UNITS, self.user_id, **ids)

    def of(self, *roles: Role) -> set[int]:
        """Return the ids of the units that these roles reach."""
        return {unit for role, root in self.held if role in roles for unit in self.below.get(root, set())}

    def read_units(self, unit_id: int) -> list[int] | None:
        """Return the ids of a unit and of all below it where the person sees every task that they lead.

        None where they do not (domain §2), or where there are more than `FEW_UNITS`.
        """
        if unit_id not in self.of(*map(Role, READERS)):
            return None
        found = [unit_id]
        for each in found:
            found.extend(sorted(self._parts.get(each, ())))
        return found if len(found) <= FEW_UNITS else None

    def held_in(self, *roles: Role) -> set[int]:
        """Return the ids of the units in which these roles are held."""
        return {unit_id for role, unit_id in self.held if role in roles}

    def towards(self, row: TaskRow) -> Standing:
        """Return how the person stands towards a task of a list; coordinating and naming are left out."""

        def above(unit_id: int) -> frozenset[str]:
            return frozenset(role.value for role, root in self.held if unit_id in self.below.get(root, set()))

        def within(unit_id: int) -> frozenset[str]:
            return frozenset(role.value for role, root in self.held if root == unit_id)

        return Standing(
            above_assigner=above(row.assigner_id), above_lead=above(row.unit_id),
            in_assigner=within(row.assigner_id), in_lead=within(row.unit_id),
            is_officer=row.officer_id == self.user_id, is_reporter=row.reported_by_id == self.user_id,
            is_passed_down=row.parent_id is not None,
            is_within_unit=row.unit_id == row.assigner_id,
        )  # fmt: skip


def _either(*conditions: ColumnElement[bool], states: Collection[State]) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that one of these holds, each of them found by its own index.

    Databases answer a plain OR over several columns by reading every open task. PostgreSQL does so for an IN
    as well, when other conditions stand beside it; an array it looks up.
    """
    are_open = [in_states(Task, OPEN_STATES)] if set(states) <= set(OPEN_STATES) else []
    ids = union_all(*(select(Task.id).where(each, *are_open).correlate(None) for each in conditions))
    if db.session.get_bind().dialect.name == "sqlite":
        return Task.id.in_(ids)
    return Task.id == any_(func.array(ids.scalar_subquery()))

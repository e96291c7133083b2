"""How far a person reaches: the units, the standing towards a row, and conditions that indexes answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, and_, false, func, or_, select, true, union_all

from tracker.models import db
from tracker.models.people import Role, User
from tracker.models.task import Coordination, Task
from tracker.models.units import Unit
from tracker.queries.standing import roles_on, tasks_visible_to
from tracker.queries.tasks import TaskRow
from tracker.rules.permissions import ISSUERS, READERS, Standing, visible_sql
from tracker.rules.status import OPEN_STATES, State, in_states

FEW_UNITS = 20
"""Who reaches no more units than this is looked up unit by unit; for others most tasks are theirs anyway."""
ALL_STATES = tuple(State)


class Reach:
    """Which units each role of a person reaches: the standing towards a row without asking the database."""

    def __init__(self, user: User, *, day: date) -> None:
        self.user, self.user_id, self.day = user, user.id, day
        self.held = {(held.role, held.unit_id) for held in roles_on(user, day)}
        roots = {unit_id for _role, unit_id in self.held}
        tree = select(Unit.id, Unit.id.label("root")).where(Unit.id.in_(roots)).cte("reach", recursive=True)
        tree = tree.union(select(Unit.id, tree.c.root).where(Unit.parent_id == tree.c.id))
        all_units = select(func.count()).select_from(Unit).scalar_subquery()
        self.below: dict[int, set[int]] = {}
        self._all_units = 0
        self._seen: dict[tuple[State, ...], ColumnElement[bool]] = {}
        for unit_id, root, self._all_units in db.session.execute(select(tree.c.id, tree.c.root, all_units)):
            self.below.setdefault(root, set()).add(unit_id)

    def of(self, *roles: Role) -> set[int]:
        """Return the ids of the units that these roles reach."""
        return {unit for role, root in self.held if role in roles for unit in self.below.get(root, set())}

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

    def sees(self, *, states: tuple[State, ...] = ALL_STATES) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` that the person sees it, true for tasks of these states.

        It says what `tasks_visible_to` says, and leads the database by its indexes to the tasks of few
        units; who sees every unit is asked for nothing.
        """
        if states not in self._seen:
            self._seen[states] = self._sees(states)
        return self._seen[states]

    def _sees(self, states: tuple[State, ...]) -> ColumnElement[bool]:
        reads, issues = self.of(*map(Role, READERS)), self.of(*map(Role, ISSUERS))
        heads, own = self.of(Role.UNIT_HEAD), self.held_in(Role.ADMIN)
        if 0 < self._all_units == len(issues) and State.DRAFT not in states:
            return true()
        if len(reads | issues | heads | own) > FEW_UNITS:
            return tasks_visible_to(self.user, day=self.day)
        gives = self.of(Role.LEADER, Role.OFFICE)
        reach = {"givers": gives, "heads": heads, "issuers": issues, "readers": reads}
        visible = visible_sql(
            task=Task, coordination=Coordination, user_id=self.user_id, reach=reach, own_units=own
        )
        helps = select(Coordination.task_id).where(Coordination.unit_id.in_(reads | own))
        found = _either(
            Task.officer_id == self.user_id, Task.tracker_id == self.user_id, Task.leader_id == self.user_id,
            Task.unit_id.in_(reads | own), Task.assigner_id.in_(issues | heads | own), Task.id.in_(helps),
            states=states,
        )  # fmt: skip
        return and_(found, visible)

    def leads(self, *, states: Collection[State] = ALL_STATES) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` of the work of a person and of their own units.

        It is what their unit's or officer's role reaches, what a unit leads in which they are its leader or
        office, and what names them its officer. Of tasks in other states than `states` it says nothing.
        """
        units = self.of(Role.UNIT_HEAD, Role.OFFICER) | self.held_in(Role.LEADER, Role.OFFICE)
        parts = Task.unit_id.in_(units), Task.officer_id == self.user_id
        theirs = or_(*parts) if len(units) > FEW_UNITS else _either(*parts, states=states)
        return and_(theirs, Task.state != State.DRAFT)

    def coordinates(self) -> ColumnElement[bool]:
        """Return the SQL condition over `Task` that a unit coordinates it which the person reads for."""
        reads = self.of(*map(Role, READERS))
        return Task.id.in_(select(Coordination.task_id).where(Coordination.unit_id.in_(reads)))


def _either(*conditions: ColumnElement[bool], states: Collection[State]) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that one of these holds, each of them found by its own index.

    Databases answer a plain OR over several columns by reading every open task.
    """
    are_open = [in_states(Task, OPEN_STATES)] if set(states) <= set(OPEN_STATES) else []
    return Task.id.in_(
        union_all(*(select(Task.id).where(each, *are_open).correlate(None) for each in conditions))
    )


def given_by(unit_ids: set[int]) -> ColumnElement[bool]:
    """Return the SQL condition over `Task` that one of these units gave it, or is about to."""
    return Task.assigner_id.in_(unit_ids) if unit_ids else false()

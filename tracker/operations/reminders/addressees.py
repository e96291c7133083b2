"""Who stands for a task: its officer and the heads of its unit, those who gave it, its directing leader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tracker.models.people import Role
from tracker.queries.reminders import Person, TaskFacts


@dataclass(frozen=True)
class Addressees:
    """The people with an account by id, and who holds a role in exactly which unit that day."""

    people: Mapping[int, Person]
    holders: Mapping[tuple[int, Role], list[int]]

    def unit_people(self, task: TaskFacts) -> set[int]:
        """Return the officer and the head of the lead unit (its leaders where it has no head)."""
        heads = self._holding(task.unit_id, Role.UNIT_HEAD, Role.LEADER)
        return {*heads, *self._named(task.officer_id)}

    def givers(self, task: TaskFacts) -> set[int]:
        """Return the named tracker and the office of the assigner, or who leads one without an office."""
        office = self._holding(task.assigner_id, Role.OFFICE, Role.LEADER, Role.UNIT_HEAD)
        return {*office, *self._named(task.tracker_id)}

    def leaders(self, task: TaskFacts) -> set[int]:
        """Return the directing leader; where none is named, the leaders of the assigner."""
        named = self._named(task.leader_id)
        return set(named or self._holding(task.assigner_id, Role.LEADER, Role.UNIT_HEAD))

    def _holding(self, unit_id: int, *roles: Role) -> list[int]:
        """Return those who hold, in exactly this unit, the first of these roles that anybody holds there."""
        return next((found for role in roles if (found := self.holders.get((unit_id, role)))), [])

    def _named(self, user_id: int | None) -> list[int]:
        return [user_id] if user_id is not None and user_id in self.people else []

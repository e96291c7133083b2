"""What differs between two B.4 that hold their tasks: what came, left or stands otherwise, fact by fact."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from tracker.rules.b4_report import B4Report, CountedTask
from tracker.rules.b4_table import Grouping

Fact = tuple[str, Any, Any]
"""Name of a fact of `CountedTask`, how it stood then, how it stands now."""

_TOLD_OTHERWISE = frozenset({"key", "directive_key", "leader_login"})
"""The leader is told by name, the directive by its number; keys are for machines."""


@dataclass(frozen=True)
class TaskChange:
    """A task that two B.4 count differently; it came where `then` is None, and left where `now` is None."""

    key: str
    then: CountedTask | None
    now: CountedTask | None
    facts: tuple[Fact, ...] = ()

    @property
    def task(self) -> CountedTask:
        """The task as it stands now; one that left as it stood."""
        found = self.now or self.then
        assert found is not None
        return found


def changes_between(then: B4Report, now: B4Report) -> list[TaskChange]:
    """Return the tasks that differ, in the order of the later report; those that left come last."""
    old = {task.key: task for task in then.tasks}
    new = {task.key: task for task in now.tasks}
    found = []
    for key, task in new.items():
        before = old.get(key)
        if before is None:
            found.append(TaskChange(key, None, task))
        elif facts := _facts(then, before, now, task):
            found.append(TaskChange(key, before, task, facts))
    return found + [TaskChange(key, task, None) for key, task in old.items() if key not in new]


def _facts(then: B4Report, before: CountedTask, now: B4Report, task: CountedTask) -> tuple[Fact, ...]:
    names = (each.name for each in fields(CountedTask) if each.name not in _TOLD_OTHERWISE | {"unit"})
    pairs = [(name, getattr(before, name), getattr(task, name)) for name in names]
    pairs.append(("unit", then.unit_name(before.unit), now.unit_name(task.unit)))
    moved = before.unit != task.unit or before.directive_key != task.directive_key
    changed = tuple(pair for pair in pairs if pair[1] != pair[2])
    return changed or ((("unit", before.unit, task.unit),) if moved else ())


def came_and_left(
    then: B4Report, now: B4Report, row_key: str | None, choice: str, *, grouping: Grouping, folded: bool
) -> tuple[list[CountedTask], list[CountedTask]]:
    """Return the tasks that only `now`, and those that only `then`, counts in one number of the table."""
    words = {"grouping": grouping, "folded": folded}
    old = then.behind(row_key, choice, **words)  # type: ignore[arg-type]
    new = now.behind(row_key, choice, **words)  # type: ignore[arg-type]
    old_keys, new_keys = {task.key for task in old}, {task.key for task in new}
    came = [task for task in new if task.key not in old_keys]
    return came, [task for task in old if task.key not in new_keys]

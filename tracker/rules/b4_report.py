"""A B.4 with the tasks behind it: enough to print, group, freeze and compare it without the database.

Everything in it stood so at the end of its cut-off day; nothing of it is an id of the database.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from tracker.rules.b4_table import (
    CHOICES,
    B4Table,
    Counted,
    Grouping,
    Head,
    Succession,
    UnitOfDay,
    directive_head,
    field_head,
    leader_head,
    month_head,
    notes_of,
    rows_of,
    tops,
    unit_heads,
)
from tracker.rules.overdue_report import checksum as checksum_of
from tracker.rules.status import Cell, State

FORM = 1
"""Of the plain data; a later form of it gets the next number."""
RULE_VERSION = 1
"""Of the rule that counts: to be raised whenever the status rule or the population of B.4 changes."""


@dataclass(frozen=True, slots=True)
class CountedTask:
    """A task that a B.4 counts, with the facts of the end of its cut-off day."""

    key: str
    content: str
    item: str | None
    product: str | None
    directive_key: str
    directive_kind: str
    directive_number: str | None
    directive_issued_on: date
    directive_subject: str
    field: str | None
    unit: str
    """Code of the lead unit."""
    leader_login: str | None
    leader_name: str | None
    given_on: date
    original_due_on: date | None
    due_on: date | None
    state: State
    reported_on: date | None
    closed_on: date | None
    cell: Cell
    days: int
    """Days past the deadline: of an open task on the cut-off day, of a reported one when it was reported."""

    @property
    def month(self) -> str:
        """The month in which it was given, as "2026-03"."""
        return f"{self.given_on:%Y-%m}"


class Move(NamedTuple):
    """The last change of a task's lead unit within a period, which no report holds: queries tell it."""

    on: date
    """The first day of the present lead unit."""
    unit_name: str
    """The lead unit before, by its name of the cut-off day."""


DAYS = frozenset({
    "directive_issued_on", "given_on", "original_due_on", "due_on", "reported_on", "closed_on"
})  # fmt: skip
OF_DIRECTIVE = (
    "directive_key", "directive_kind", "directive_number", "directive_issued_on", "directive_subject",
    "field",
)  # fmt: skip
"""Facts of a task's directive: the plain data holds them once for all tasks of it."""
OF_TASK = tuple(each.name for each in fields(CountedTask) if each.name not in OF_DIRECTIVE[1:])
_KEYS: Mapping[Grouping, Callable[[CountedTask], str]] = {
    Grouping.UNIT: lambda task: task.unit,
    Grouping.FIELD: lambda task: task.field or "",
    Grouping.DIRECTIVE: lambda task: task.directive_key,
    Grouping.LEADER: lambda task: task.leader_login or "",
    Grouping.MONTH: lambda task: task.month,
}


@dataclass(frozen=True)
class B4Report:
    """A B.4 of one assigner over `[first, last]` at the end of `on`, with all its tasks."""

    assigner_code: str
    assigner_name: str
    above: tuple[str, ...]
    """The names of the units above the assigner, the nearest first."""
    title_of_head: str | None
    first: date
    last: date
    on: date
    units: tuple[UnitOfDay, ...]
    """The lead units and what lies between them and the assigner, in the units' order."""
    tasks: tuple[CountedTask, ...]
    """By deadline, those without one last, then by key."""
    rule: int = RULE_VERSION

    @cached_property
    def _tops(self) -> dict[str, str]:
        return tops(self.units)

    def unit_name(self, code: str) -> str:
        """Return the name that a unit had on the cut-off day."""
        return next(unit.name for unit in self.units if unit.code == code)

    def table(self, grouping: Grouping = Grouping.UNIT, *, folded: bool = False) -> B4Table:
        """Return the table of its tasks: the twin of the one that the database counts.

        `folded` counts a unit in the row of the one at the top of the table that it belongs to; it means
        nothing to other groupings.
        """
        key_of, numbers = self._key_of(grouping, folded), dict[tuple[str, Cell], list[int]]()
        for task in self.tasks:
            tally = numbers.setdefault((key_of(task), task.cell), [0, 0, 0])
            tally[0] += 1
            tally[1] += task.due_on is None
            tally[2] += task.due_on is not None and task.due_on <= self.on
        counted: list[Counted] = [
            (*place, tally[0], tally[1], tally[2]) for place, tally in numbers.items()
        ]
        return B4Table(
            self.assigner_code, self.assigner_name, self.first, self.last, self.on, grouping,
            folded and grouping is Grouping.UNIT, rows_of(self._heads(grouping, folded), counted),
            **notes_of(counted),
        )  # fmt: skip

    def behind(
        self, row_key: str | None = None, choice: str = "all", *, grouping: Grouping = Grouping.UNIT,
        folded: bool = False, without_deadline: bool = False,
    ) -> tuple[CountedTask, ...]:
        """Return the tasks that a number counts: of one row or all, of one of `CHOICES`."""
        chosen, key_of = CHOICES[choice], self._key_of(grouping, folded)
        return tuple(
            task
            for task in self.tasks
            if (row_key is None or key_of(task) == row_key)
            and task.cell in chosen.cells
            and (not chosen.fallen_due or (task.due_on is not None and task.due_on <= self.on))
            and (not without_deadline or task.due_on is None)
        )

    def by_row(
        self, grouping: Grouping = Grouping.UNIT, *, folded: bool = False
    ) -> dict[str, list[CountedTask]]:
        """Return its tasks by the key of the row that they stand in."""
        key_of, found = self._key_of(grouping, folded), dict[str, list[CountedTask]]()
        for task in self.tasks:
            found.setdefault(key_of(task), []).append(task)
        return found

    def part(self, units: Collection[str]) -> B4Report:
        """Return what of it belongs to the units of these codes."""
        return replace(self, tasks=tuple(task for task in self.tasks if task.unit in units))

    def _key_of(self, grouping: Grouping, folded: bool) -> Callable[[CountedTask], str]:
        if folded and grouping is Grouping.UNIT:
            return lambda task: self._tops[task.unit]
        return _KEYS[grouping]

    def _heads(self, grouping: Grouping, folded: bool) -> Collection[Head]:
        key_of = self._key_of(grouping, folded)
        one_each = {key_of(task): task for task in self.tasks}
        match grouping:
            case Grouping.UNIT:
                return unit_heads(tuple(self.units), frozenset(one_each))
            case Grouping.FIELD:
                return [field_head(key) for key in one_each]
            case Grouping.LEADER:
                return [leader_head(task.leader_login, task.leader_name or "") for task in one_each.values()]
            case Grouping.MONTH:
                return [month_head(key) for key in one_each]
            case Grouping.DIRECTIVE:
                return [
                    directive_head(
                        key, task.directive_kind, task.directive_number, task.directive_issued_on,
                        task.directive_subject,
                    )
                    for key, task in one_each.items()
                ]  # fmt: skip

    def to_data(self) -> dict[str, Any]:
        """Return the report as what JSON holds; `from_data` makes the report of it again."""
        directives = {task.directive_key: _plain(task, OF_DIRECTIVE) for task in self.tasks}
        return {
            "form": FORM, "rule": self.rule, "assigner_code": self.assigner_code,
            "assigner_name": self.assigner_name, "above": list(self.above),
            "title_of_head": self.title_of_head, "first": self.first.isoformat(),
            "last": self.last.isoformat(), "on": self.on.isoformat(),
            "units": [_plain_unit(unit) for unit in self.units],
            "directives": [directives[key] for key in sorted(directives)],
            "tasks": [_plain(task, OF_TASK) for task in self.tasks],
        }  # fmt: skip

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> B4Report:
        """Return the report that `to_data` made plain."""
        papers = {paper[0]: _read(paper, OF_DIRECTIVE) for paper in data["directives"]}
        found = (_read(task, OF_TASK) for task in data["tasks"])
        return cls(
            assigner_code=data["assigner_code"], assigner_name=data["assigner_name"],
            above=tuple(data["above"]), title_of_head=data["title_of_head"],
            first=date.fromisoformat(data["first"]), last=date.fromisoformat(data["last"]),
            on=date.fromisoformat(data["on"]), units=tuple(map(_read_unit, data["units"])),
            tasks=tuple(CountedTask(**papers[task["directive_key"]] | task) for task in found),
            rule=data["rule"],
        )  # fmt: skip

    @property
    def checksum(self) -> str:
        """The SHA-256 of its plain data in canonical JSON."""
        return checksum_of(self.to_data())


def _plain_unit(unit: UnitOfDay) -> list[Any]:
    """Return code, name and unit above; of a unit that ended or took over from others that too."""
    if unit.succession is None:
        return list(unit[:3])
    ended_on, into, took, others = unit.succession
    day = ended_on.isoformat() if ended_on else None
    told = [day, into, [[name, since.isoformat()] for name, since in took]]
    return [*unit[:3], [*told, list(others)] if others else told]


def _read_unit(values: list[Any]) -> UnitOfDay:
    code, name, above, *further = values
    if not further:
        return UnitOfDay(code, name, above)
    day, into, took, *others = further[0]
    ended_on = date.fromisoformat(day) if day else None
    told = tuple((each, date.fromisoformat(since)) for each, since in took)
    return UnitOfDay(code, name, above, Succession(ended_on, into, told, *map(tuple, others)))


def _plain(task: CountedTask, names: tuple[str, ...]) -> list[Any]:
    values = (getattr(task, name) for name in names)
    return [value.isoformat() if isinstance(value, date) else value for value in values]


def _read(values: list[Any], names: tuple[str, ...]) -> dict[str, Any]:
    read = dict(zip(names, values, strict=True))
    for name in DAYS & read.keys():
        read[name] = None if read[name] is None else date.fromisoformat(read[name])
    if "cell" in read:
        read |= {"cell": Cell(read["cell"]), "state": State(read["state"])}
    return read

"""What a check reads: the tasks in batches, each with its history and everything stored of it.

Only columns, no objects; states and kinds as they are stored, so that a word that no state has is read too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, String, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import OutgoingMail, Reminder
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesOccurrence, TaskSeries
from tracker.models.task import Coordination, Request, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.rules.recount import Asked, Entry, Standing, Stretch, replay

BATCH = 500
"""Tasks read at a time."""
OF_PEOPLE = ("person", "role")


class LedgerRow(NamedTuple):
    """A row of the ledger of reminders, and whether what it refers to is there."""

    id: int
    rung: str
    has_user: bool
    has_mail: bool


@dataclass
class Filed:
    """One task as it is stored, in the words of the history."""

    id: int
    entries: list[Entry] = field(default_factory=list)
    facts: dict[str, Any] | None = None
    stretches: list[Stretch] = field(default_factory=list)
    requests: list[Asked] = field(default_factory=list)
    request_ids: list[int] = field(default_factory=list)
    coordinating: list[str] = field(default_factory=list)
    ledger: list[LedgerRow] = field(default_factory=list)


class Archive:
    """Reads tasks, and remembers of units and people what every batch needs."""

    def __init__(self, scope: ColumnElement[bool] | None = None) -> None:
        """`scope` over `Task` narrows what is read; None reads every task."""
        self.scope = None if scope is None else select(Task.id).where(scope)
        self.units: dict[int, str] = {}
        self.people: dict[tuple[str, str], int] = {}
        """By login and unit the first entry that gave the person a role there."""
        self.people_up_to = 0
        self.issuers: dict[str, str | None] = {}
        self.moves: dict[str, list[tuple[int, str | None]]] = {}
        """By key the lead units, from entry to entry, of the tasks of this batch and of those above them."""

    def batches(self, *, most: int = BATCH) -> Iterator[dict[int, Filed]]:
        """Yield all tasks by their ids, some at a time, read by one set of statements each."""
        after = 0
        while True:
            ids = select(Task.id).where(Task.id > after).order_by(Task.id).limit(most)
            if self.scope is not None:
                ids = ids.where(Task.id.in_(self.scope))
            upper = db.session.scalar(select(func.max(ids.subquery().c.id)))
            filed = self.read(lambda column, low=after, high=upper: self._between(column, low, high))
            if filed:
                yield filed
            if upper is None:
                return
            after = upper

    def some(self, ids: Collection[int]) -> dict[int, Filed]:
        """Return these tasks."""
        return self.read(lambda column: column.in_(list(ids)))

    def _between(self, column: Any, low: int, high: int | None) -> ColumnElement[bool]:
        """Return the condition for ids above one and up to another; without one, everything above."""
        within = column > low if high is None else column.between(low + 1, high)
        return within if self.scope is None else within & column.in_(self.scope)

    def read(self, chosen: Any) -> dict[int, Filed]:
        """Return the tasks for which `chosen(column of task ids)` is true, by id."""
        filed: dict[int, Filed] = {}

        def of(task_id: int) -> Filed:
            return filed.setdefault(task_id, Filed(task_id))

        self._read_units()
        for task_id, entry in _entries(chosen(History.task_id)):
            of(task_id).entries.append(entry)
        self._read_people()
        self._read_elsewhere(filed)
        for task_id, facts in self._facts(chosen(Task.id)):
            of(task_id).facts = facts
        for task_id, stretch in self._stretches(chosen(TaskPeriod.task_id)):
            of(task_id).stretches.append(stretch)
        for task_id, number, asked in _requests(chosen(Request.task_id)):
            of(task_id).requests.append(asked)
            of(task_id).request_ids.append(number)
        for task_id, unit_id in _coordinating(chosen(Coordination.task_id)):
            of(task_id).coordinating.append(self.code(unit_id))
        for task_id, row in _ledger(chosen(Reminder.task_id)):
            of(task_id).ledger.append(row)
        return filed

    def replay(self, filed: Filed, *, up_to: int | None = None) -> Standing:
        """Return what the entries of a task make of it; `up_to` leaves out those after an entry."""
        return replay((each for each in filed.entries if up_to is None or each.id <= up_to), self)

    def issuer(self, directive: str) -> str | None:
        """Return the code of the unit that issued a directive, by the history."""
        return self.issuers.get(directive)

    def unit_of(self, task: str, *, before: int) -> str | None:
        """Return the code of the lead unit that a task had before an entry."""
        units = [unit for entry, unit in self.moves.get(task, ()) if entry < before]
        return units[-1] if units else None

    def is_of_unit(self, login: str, unit: str, *, before: int) -> bool:
        """Return whether a person had been given a role in a unit before an entry."""
        since = self.people.get((login, unit))
        return since is not None and since < before

    def code(self, unit_id: int | None) -> str:
        """Return the code of a unit by its id."""
        return "" if unit_id is None else self.units.get(unit_id, f"#{unit_id}")

    def _read_units(self) -> None:
        if len(self.units) != db.session.scalar(select(func.count()).select_from(Unit)):
            self.units = {unit.id: unit.code for unit in db.session.execute(select(Unit.id, Unit.code))}

    def _read_people(self) -> None:
        query = select(History.id, History.payload).where(
            History.do.in_(OF_PEOPLE), History.id > self.people_up_to
        )
        for number, told in db.session.execute(query.order_by(History.id)):
            self.people.setdefault((told["login"], told["unit"]), number)
            self.people_up_to = number

    def _read_elsewhere(self, filed: dict[int, Filed]) -> None:
        """Read who issued the directives of a batch, and the moves of the tasks that others came from."""
        given = [
            each.payload for task in filed.values() for each in task.entries if each.do in ("give", "draft")
        ]
        papers = {told["directive"] for told in given if "directive" in told}
        self.issuers = {}
        query = (
            select(History.payload)
            .join(Directive, Directive.id == History.directive_id)
            .where(Directive.key.in_(papers), History.do == "directive")
        )
        for (told,) in db.session.execute(query) if papers else ():
            self.issuers[told["directive"]] = told.get("issuer")
        above = {told["parent"] for told in given if told.get("parent")}
        here = {task.entries[0].payload.get("task"): task.entries for task in filed.values() if task.entries}
        self.moves = {key: _moves(here[key]) for key in above & here.keys()}
        if missing := above - self.moves.keys():
            entries: dict[int, list[Entry]] = defaultdict(list)
            of_missing = select(Task.id).where(Task.key.in_(missing))
            for task_id, entry in _entries(History.task_id.in_(of_missing)):
                entries[task_id].append(entry)
            for each in entries.values():
                self.moves[str(each[0].payload.get("task"))] = _moves(each)

    def _facts(self, condition: ColumnElement[bool]) -> Iterator[tuple[int, dict[str, Any]]]:
        above, officer, tracker, leader, reporter = (
            aliased(Task), aliased(User), aliased(User), aliased(User), aliased(User)
        )  # fmt: skip
        query = (
            select(
                Task.id, Task.key, Directive.key.label("directive"), Task.item, Task.content, Task.product,
                Task.assigner_id, Task.unit_id, officer.login.label("officer"),
                tracker.login.label("tracker"), leader.login.label("leader"), above.key.label("parent"),
                type_coerce(Task.state, String).label("state"), Task.given_on, Task.due_on,
                Task.original_due_on, Task.due_phrase, Task.due_time, Task.accepted_on, Task.reported_on,
                reporter.login.label("reported_by"), Task.closed_on, Task.percent, Task.result,
                Task.last_word, Task.last_event_on, Task.version, TaskSeries.key.label("series"),
                SeriesOccurrence.day.label("occurrence"),
            )
            .outerjoin(Directive, Directive.id == Task.directive_id)
            .outerjoin(officer, officer.id == Task.officer_id)
            .outerjoin(tracker, tracker.id == Task.tracker_id)
            .outerjoin(leader, leader.id == Task.leader_id)
            .outerjoin(reporter, reporter.id == Task.reported_by_id)
            .outerjoin(above, above.id == Task.parent_id)
            .outerjoin(SeriesOccurrence, SeriesOccurrence.task_id == Task.id)
            .outerjoin(TaskSeries, TaskSeries.id == SeriesOccurrence.series_id)
            .where(condition)
        )  # fmt: skip
        for row in db.session.execute(query).mappings():
            facts = dict(row)
            facts["assigner"], facts["unit"] = self.code(row["assigner_id"]), self.code(row["unit_id"])
            facts["due_time"] = row["due_time"] and f"{row['due_time']:%H:%M}"
            yield row["id"], facts

    def _stretches(self, condition: ColumnElement[bool]) -> Iterator[tuple[int, Stretch]]:
        period = TaskPeriod
        query = (
            select(
                period.task_id, period.assigner_id, period.unit_id, type_coerce(period.state, String),
                period.due_on, period.reported_on, period.valid_from, period.valid_to,
                Directive.key, User.login, period.given_on,
            )
            .outerjoin(Directive, Directive.id == period.directive_id)
            .outerjoin(User, User.id == period.leader_id)
            .where(condition)
            .order_by(period.task_id, period.valid_from, period.valid_to, period.id)
        )  # fmt: skip
        for row in db.session.execute(query):
            task_id, assigner_id, unit_id, state, due_on, reported_on, first, end, *of_task = row
            facts = (self.code(assigner_id), self.code(unit_id), state, due_on, reported_on)
            yield task_id, Stretch(first, end, facts, of_task=tuple(of_task))


def _moves(entries: Iterable[Entry]) -> list[tuple[int, str | None]]:
    """Return the lead units that entries name: a draft's may be corrected, a given task's is moved."""
    moves = []
    for each in entries:
        if each.do in ("give", "draft", "transfer", "inherit", "reassign"):
            moves.append((each.id, each.payload.get("unit")))
        elif each.do == "correct" and "unit" in (each.payload.get("set") or {}):
            moves.append((each.id, each.payload["set"]["unit"]))
    return moves


def _entries(condition: ColumnElement[bool]) -> Iterator[tuple[int, Entry]]:
    by = aliased(User)
    query = (
        select(
            History.task_id, History.id, History.do, History.on_day, by.login, History.payload, History.note,
            type_coerce(History.from_state, String), type_coerce(History.to_state, String),
        )
        .outerjoin(by, by.id == History.by_id)
        .where(condition)
        .order_by(History.task_id, History.id)
    )  # fmt: skip
    for row in db.session.execute(query):
        yield row[0], Entry(*row[1:])


def _requests(condition: ColumnElement[bool]) -> Iterator[tuple[int, int, Asked]]:
    asker, decider = aliased(User), aliased(User)
    query = (
        select(
            Request.task_id, Request.id, type_coerce(Request.kind, String), Request.asked_on, asker.login,
            Request.reason, Request.until, type_coerce(Request.state, String), Request.decided_on,
            decider.login, Request.granted_until, Request.decision, Request.decision_reason,
        )
        .outerjoin(asker, asker.id == Request.asked_by_id)
        .outerjoin(decider, decider.id == Request.decided_by_id)
        .where(condition)
        .order_by(Request.task_id, Request.id)
    )  # fmt: skip
    for row in db.session.execute(query):
        yield row[0], row[1], Asked(*row[2:])


def _coordinating(condition: ColumnElement[bool]) -> Iterable[Any]:
    query = select(Coordination.task_id, Coordination.unit_id).where(condition)
    return db.session.execute(query.order_by(Coordination.task_id, Coordination.position))


def _ledger(condition: ColumnElement[bool]) -> Iterator[tuple[int, LedgerRow]]:
    query = (
        select(Reminder.task_id, Reminder.id, Reminder.rung, User.id, OutgoingMail.id)
        .outerjoin(User, User.id == Reminder.user_id)
        .outerjoin(OutgoingMail, OutgoingMail.id == Reminder.mail_id)
        .where(condition)
        .order_by(Reminder.task_id, Reminder.id)
    )
    for task_id, number, rung, user_id, mail_id in db.session.execute(query):
        yield task_id, LedgerRow(number, rung, user_id is not None, mail_id is not None)


def scope_of(assigner_id: int) -> ColumnElement[bool]:
    """Return the condition over `Task` for whatever a unit gave, or is stored as having given."""
    issued = select(Directive.id).where(Directive.issuer_id == assigner_id)
    stretched = select(TaskPeriod.task_id).where(TaskPeriod.assigner_id == assigner_id)
    return or_(Task.assigner_id == assigner_id, Task.directive_id.in_(issued), Task.id.in_(stretched))


def last_entry() -> int:
    """Return the id of the last entry of the history, 0 before the first."""
    return db.session.scalar(select(func.max(History.id))) or 0


def changed_since(entry: int) -> list[int]:
    """Return the ids of the tasks that have entries after this one."""
    query = select(History.task_id).where(History.id > entry, History.task_id.is_not(None)).distinct()
    return [number for number in db.session.scalars(query) if number is not None]


def existing_entries(ids: Collection[int]) -> set[int]:
    """Return which of these entries the history has."""
    return set(db.session.scalars(select(History.id).where(History.id.in_(ids)))) if ids else set()


def text_of(value: Any) -> str | None:
    """Return a fact as text, a day as YYYY-MM-DD."""
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)

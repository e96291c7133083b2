"""Who is told what today: the facts that were read, laid out as lines for each person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from tracker.models.people import Role
from tracker.models.task import RequestKind, Task
from tracker.operations.reminders.digest import Digest, Line, short_day
from tracker.outbox import address_of
from tracker.queries import reminders as facts
from tracker.queries.reminders import DECIDED, GIVEN, REPORTED, Event, Person, TaskFacts
from tracker.queries.settings import all_settings
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.digest import ORDER, Section, may_be_told_sql, section_by_deadline
from tracker.rules.ladder import LEADER, OFFICE, Ladder, Rung, rung_reached
from tracker.rules.status import RUNNING_STATES, State, days_overdue
from tracker.rules.words import N_

DECISIONS_TOLD_FOR = timedelta(days=30)
"""A decision older than this is no news any more."""

_DECISION_WORDS = {
    "rework": N_("được yêu cầu làm lại"),
    "reopen": N_("được mở lại"),
    "refuse_return": N_("không đồng ý cho trả lại"),
    "grant_extension": N_("được gia hạn"),
    "refuse_extension": N_("không đồng ý gia hạn"),
}


@dataclass
class _Desk:
    """Everything read for the digests of one day, and the lines that come of it, by person and task."""

    today: date
    calendar: WorkingCalendar
    ladder: Ladder
    due_soon_days: int
    people: Mapping[int, Person]
    holders: Mapping[tuple[int, Role], list[int]]
    told: set[tuple[int, str, date | None, int]]
    told_news: set[tuple[int, str, int]] = field(init=False)
    lines: dict[int, dict[int, Line]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told_news = {(task_id, rung, user_id) for task_id, rung, _due, user_id in self.told}

    def holding(self, unit_id: int, *roles: Role) -> list[int]:
        """Return those who hold, in exactly this unit, the first of these roles that anybody holds there."""
        return next((found for role in roles if (found := self.holders.get((unit_id, role)))), [])

    def unit_people(self, task: TaskFacts) -> set[int]:
        """Return the officer and the head of the lead unit (its leaders where it has no head)."""
        heads = self.holding(task.unit_id, Role.UNIT_HEAD, Role.LEADER)
        return {*heads, *self.named(task.officer_id)}

    def givers(self, task: TaskFacts) -> set[int]:
        """Return the named tracker and the office of the assigner, or who leads one without an office."""
        office = self.holding(task.assigner_id, Role.OFFICE, Role.LEADER, Role.UNIT_HEAD)
        return {*office, *self.named(task.tracker_id)}

    def leaders(self, task: TaskFacts) -> set[int]:
        """Return the directing leader; where none is named, the leaders of the assigner."""
        named = self.named(task.leader_id)
        return set(named or self.holding(task.assigner_id, Role.LEADER, Role.UNIT_HEAD))

    def named(self, user_id: int | None) -> list[int]:
        return [user_id] if user_id is not None and user_id in self.people else []

    def add(
        self, user_ids: Iterable[int], task: TaskFacts, section: Section, *, days: int = 0, note: str = "",
        rung: tuple[str, date | None] | None = None,
    ) -> None:  # fmt: skip
        """Say a thing of a task to these people; `rung` names it in the ledger when it is news."""
        for user_id in user_ids:
            tells = () if rung is None or self.was_told(task.id, *rung, user_id) else (rung,)
            mine = self.lines.setdefault(user_id, {})
            before = mine.get(task.id)
            if before is None:
                mine[task.id] = Line(task, section, days, note, tells)
            else:
                # The earlier section stands: one task is one line.
                notes = "; ".join(dict.fromkeys(part for part in (before.note, note) if part))
                mine[task.id] = Line(task, before.section, before.days, notes, before.tells + tells)

    def was_told(self, task_id: int, rung: str, due_on: date | None, user_id: int) -> bool:
        """Whether the ledger holds it: a rung of the ladder with this deadline, news with whichever."""
        if ":" in rung:
            return (task_id, rung, user_id) in self.told_news
        return (task_id, rung, due_on, user_id) in self.told


def digests_of(*, today: date, calendar: WorkingCalendar, besides: Sequence[int]) -> list[Digest]:
    """Return the digests of all who have something new to be told; mails in `besides` count as not told."""
    settings = all_settings()
    ladder = Ladder.from_settings(settings)
    desk = _Desk(
        today=today, calendar=calendar, ladder=ladder, due_soon_days=settings["due_soon_days"],
        people=facts.active_people(), holders=facts.holders_on(today),
        told=facts.told_of_open_tasks(besides=besides),
    )  # fmt: skip
    since = today - DECISIONS_TOLD_FOR
    may_be_told = may_be_told_sql(
        Task, day=today, calendar=calendar, ladder=ladder, due_soon_days=desk.due_soon_days
    )
    events, asked = facts.last_events(decided_since=since), facts.requests_waiting()
    for task in facts.tasks_to_tell(may_be_told, decided_since=since):
        _add_deadline(desk, task)
        _add_confirmation(desk, task, events.get((task.id, REPORTED)))
        for request in asked.get(task.id, ()):
            if request.kind is RequestKind.EXTENSION:
                note = _("xin gia hạn")
                if request.until:
                    note = _("xin gia hạn đến %(day)s", day=short_day(request.until))
            else:
                note = _("xin trả lại")
            desk.add(desk.givers(task), task, Section.WAITING, note=note,
                     rung=(f"request:{request.id}", task.due_on))  # fmt: skip
        _add_news(desk, task, events.get((task.id, DECIDED)), Section.DECIDED, DECIDED)
        _add_news(desk, task, events.get((task.id, GIVEN)), Section.NEW, GIVEN)
    return [digest for user_id in sorted(desk.lines) if (digest := _digest_of(desk, user_id))]


def _add_deadline(desk: _Desk, task: Any) -> None:
    if task.state not in RUNNING_STATES:
        return
    section = section_by_deadline(
        task, day=desk.today, calendar=desk.calendar, due_soon_days=desk.due_soon_days
    )
    rung = rung_reached(
        due_on=task.due_on, given_on=task.given_on, day=desk.today, calendar=desk.calendar, ladder=desk.ladder
    )
    told = (rung.key, task.due_on) if rung else None
    if section is None:
        # Too far to be “due soon”, but a rung such as 7 working days before may be reached just now.
        unit = {u for u in desk.unit_people(task) if told and not desk.was_told(task.id, *told, u)}
        section = Section.DUE_SOON
    else:
        unit = desk.unit_people(task)
    late = section is Section.OVERDUE
    days = days_overdue(task, day=desk.today) if late else _days_left(desk, task)
    desk.add(unit, task, section, days=days, rung=told)
    if rung is not None and late:
        desk.add(_told_above(desk, task, rung) - unit, task, section, days=days, rung=told)


def _told_above(desk: _Desk, task: TaskFacts, rung: Rung) -> set[int]:
    """Return those above the unit whom a rung tells too: the office first, later the directing leader."""
    above: dict[str, Callable[[TaskFacts], set[int]]] = {OFFICE: desk.givers, LEADER: desk.leaders}
    return {user_id for word, people in above.items() if word in rung.audience for user_id in people(task)}


def _days_left(desk: _Desk, task: TaskFacts) -> int:
    return desk.calendar.between(desk.today, task.due_on) if task.due_on else 0


def _add_confirmation(desk: _Desk, task: TaskFacts, event: Event | None) -> None:
    if task.state is not State.AWAITING_CONFIRMATION:
        return
    days = (desk.today - task.reported_on).days if task.reported_on else 0
    rung = (f"{REPORTED}:{event.id}", task.due_on) if event else None
    # Nobody confirms a report of their own.
    desk.add(desk.givers(task) - {task.reported_by_id}, task, Section.WAITING, days=days, rung=rung)


def _add_news(desk: _Desk, task: TaskFacts, event: Event | None, section: Section, sort: str) -> None:
    """Tell the unit of what was decided or given, once; who did it knows."""
    if event is None:
        return
    rung = (f"{sort}:{event.id}", task.due_on)
    people = {
        user_id for user_id in desk.unit_people(task)
        if user_id != event.by_id and not desk.was_told(task.id, *rung, user_id)
    }  # fmt: skip
    note = _(_DECISION_WORDS[event.do]) if sort == DECIDED else _("mới giao")
    desk.add(people, task, section, note=note, rung=rung)


def _digest_of(desk: _Desk, user_id: int) -> Digest | None:
    person = desk.people.get(user_id)
    if person is None or address_of(person.email) is None:
        return None
    lines = sorted(desk.lines[user_id].values(), key=_order)
    if person.is_weekly and not _is_weeklyshort_day(desk):
        lines = [line for line in lines if line.section is Section.OVERDUE]
    if not any(line.is_new for line in lines):
        return None
    return Digest(person=person, day=desk.today, lines=lines)


def _order(line: Line) -> tuple[int, bool, int, date, int]:
    """Sections in their order; within one what is new first, then what is latest, then what is due first."""
    late = line.days if line.section in (Section.OVERDUE, Section.WAITING) else 0
    due_on = line.task.due_on or date.max
    return (ORDER.index(line.section), not line.is_new, -late, due_on, line.task.id)


def _is_weeklyshort_day(desk: _Desk) -> bool:
    monday = desk.today - timedelta(days=desk.today.weekday())
    return desk.calendar.next_working(monday) == desk.today

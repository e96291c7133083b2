"""Who is told what today: the facts that were read, laid out as lines for each person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from tracker.language import gettext as _
from tracker.models import end_reading
from tracker.models.task import RequestKind
from tracker.operations.reminders.addressees import Addressees
from tracker.operations.reminders.digest import Digest, Line
from tracker.operations.reminders.lines import short_day
from tracker.queries import reminders as facts
from tracker.queries.reminders import DECIDED, GIVEN, REPORTED, Event, TaskFacts, Told
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.digest import ORDER, Section, horizon_of, section_by_deadline
from tracker.rules.ladder import LEADER, OFFICE, Ladder, Rung, rung_reached
from tracker.rules.status import RUNNING_STATES, State, days_overdue
from tracker.rules.words import N_

NEWS_TOLD_FOR = timedelta(days=30)
"""A decision or a move older than this is no news any more."""

_NEWS_WORDS = {
    "give": N_("mới giao"),
    "reassign": N_("mới giao"),
    "transfer": N_("mới chuyển đến"),
    "inherit": N_("mới chuyển đến"),
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
    addressees: Addressees
    told: Told
    lines: dict[int, dict[int, Line]] = field(default_factory=dict)

    def add(
        self, user_ids: Iterable[int], task: TaskFacts, section: Section, *, days: int = 0, note: str = "",
        rung: tuple[str, date | None] | None = None,
    ) -> None:  # fmt: skip
        """Say a thing of a task to these people; `rung` names it in the ledger when it is news."""
        for user_id in user_ids:
            tells = () if rung is None or self.told.holds(task.id, *rung, user_id) else (rung,)
            mine = self.lines.setdefault(user_id, {})
            before = mine.get(task.id)
            if before is None:
                mine[task.id] = Line(task, section, days, note, tells)
            else:
                # The earlier section stands: one task is one line.
                notes = "; ".join(dict.fromkeys(part for part in (before.note, note) if part))
                mine[task.id] = Line(task, before.section, before.days, notes, before.tells + tells)


def digests_of(
    *, today: date, calendar: WorkingCalendar, settings: Mapping[str, Any], besides: Collection[int]
) -> list[Digest]:
    """Return the digests of all who have something new to be told on `today`, by person.

    Those of people without an address are among them. `settings` decide, stored or only tried; what the
    mails in `besides` tell counts as not told.
    """
    ladder = Ladder.from_settings(settings)
    desk = _Desk(
        today=today, calendar=calendar, ladder=ladder, due_soon_days=settings["due_soon_days"],
        addressees=Addressees(facts.active_people(), facts.holders_on(today)),
        told=facts.told_of_open_tasks(besides=besides),
    )  # fmt: skip
    since = today - NEWS_TOLD_FOR
    horizon = horizon_of(today, calendar=calendar, ladder=ladder, due_soon_days=desk.due_soon_days)
    events, asked = facts.last_events(since=since), facts.requests_waiting()
    tasks = facts.tasks_to_tell(horizon=horizon, since=since)
    end_reading()
    for task in tasks:
        _add_deadline(desk, task)
        _add_confirmation(desk, task, events.get((task.id, REPORTED)))
        for request in asked.get(task.id, ()):
            if request.kind is RequestKind.EXTENSION:
                note = _("xin gia hạn")
                if request.until:
                    note = _("xin gia hạn đến %(day)s", day=short_day(request.until))
            else:
                note = _("xin trả lại")
            desk.add(desk.addressees.givers(task), task, Section.WAITING, note=note,
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
    unit = desk.addressees.unit_people(task)
    if section is None:
        # Too far to be “due soon”, but a rung such as 7 working days before may be reached just now.
        unit = {user_id for user_id in unit if told and not desk.told.holds(task.id, *told, user_id)}
        section = Section.DUE_SOON
    late = section is Section.OVERDUE
    days = days_overdue(task, day=desk.today) if late else _days_left(desk, task)
    desk.add(unit, task, section, days=days, rung=told)
    if rung is not None and late:
        desk.add(_told_above(desk, task, rung) - unit, task, section, days=days, rung=told)


def _told_above(desk: _Desk, task: TaskFacts, rung: Rung) -> set[int]:
    """Return those above the unit whom a rung tells too: the office first, later the directing leader."""
    office = desk.addressees.givers(task) if OFFICE in rung.audience else set()
    return office | (desk.addressees.leaders(task) if LEADER in rung.audience else set())


def _days_left(desk: _Desk, task: TaskFacts) -> int:
    return desk.calendar.between(desk.today, task.due_on) if task.due_on else 0


def _add_confirmation(desk: _Desk, task: TaskFacts, event: Event | None) -> None:
    if task.state is not State.AWAITING_CONFIRMATION:
        return
    days = (desk.today - task.reported_on).days if task.reported_on else 0
    rung = (f"{REPORTED}:{event.id}", task.due_on) if event else None
    # Nobody confirms a report of their own.
    others = desk.addressees.givers(task) - {task.reported_by_id}
    desk.add(others, task, Section.WAITING, days=days, rung=rung)


def _add_news(desk: _Desk, task: TaskFacts, event: Event | None, section: Section, sort: str) -> None:
    """Tell the unit of what was decided or given, once; who did it knows."""
    if event is None:
        return
    rung = (f"{sort}:{event.id}", task.due_on)
    people = {
        user_id for user_id in desk.addressees.unit_people(task)
        if user_id != event.by_id and not desk.told.holds(task.id, *rung, user_id)
    }  # fmt: skip
    desk.add(people, task, section, note=_(_NEWS_WORDS[event.do]), rung=rung)


def _digest_of(desk: _Desk, user_id: int) -> Digest | None:
    person = desk.addressees.people.get(user_id)
    if person is None:
        return None
    lines = sorted(desk.lines[user_id].values(), key=_order)
    if person.is_weekly and not _opens_the_week(desk):
        lines = [line for line in lines if line.section is Section.OVERDUE]
    if not any(line.is_new for line in lines):
        return None
    return Digest(person=person, day=desk.today, lines=lines)


def _order(line: Line) -> tuple[int, bool, int, date, int]:
    """Sections in their order; within one what is new first, then what is latest, then what is due first."""
    late = line.days if line.section in (Section.OVERDUE, Section.WAITING) else 0
    due_on = line.task.due_on or date.max
    return (ORDER.index(line.section), not line.is_new, -late, due_on, line.task.id)


def _opens_the_week(desk: _Desk) -> bool:
    monday = desk.today - timedelta(days=desk.today.weekday())
    return desk.calendar.next_working(monday) == desk.today

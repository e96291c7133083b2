"""What is true, and who has to be told of it: a second opinion, worked out from a list of events alone.

Written from domain §3, §5 and §6, and as naive as it can be: it steps from day to day and counts on its
fingers. It knows nothing of the tracker's own rules, queries and operations; where the domain leaves a
choice, a comment says what the product has chosen. `tests/chaos/mail_oracle.py` adds which mails come of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

RUNNING = ("not_started", "in_progress")
OPEN = (*RUNNING, "awaiting_confirmation")
DECISIONS = ("rework", "reopen", "refuse_return", "grant_extension", "refuse_extension")
GIVINGS = ("give", "reassign", "transfer", "inherit")
A_DAY = timedelta(days=1)

SETTINGS: dict[str, Any] = {
    "reminder_before": [7, 3, 1], "reminder_on_day": True, "reminder_late_first": 1,
    "reminder_late_every": 5, "escalate_office_from": 1, "escalate_leader_from": 5, "due_soon_days": 3,
    "reminder_time": "07:00", "reminder_hours_before": 2, "prompt_gap_minutes": 15,
    "series_ahead_days": 15, "series_gives_past": False,
}  # fmt: skip
"""The decisions marked [D], with their defaults."""


@dataclass
class Entry:
    """One line of the history of a task; `number` is all that is taken over from the product's own book."""

    number: int
    do: str
    at: datetime
    by: str | None
    state_after: str


@dataclass
class Asked:
    """A request that waits for its decision."""

    number: int
    kind: str
    until: date | None = None


@dataclass
class Task:
    """What is known of a task now."""

    name: str
    assigner: str
    unit: str
    urgent: bool
    due: date | None
    hour: time | None
    given_at: datetime
    officer: str | None = None
    tracker: str | None = None
    leader: str | None = None
    state: str = "not_started"
    reported_on: date | None = None
    reported_by: str | None = None
    asked: list[Asked] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)

    def last(self, *do: str) -> Entry | None:
        """Return the last entry of one of these sorts."""
        return next((each for each in reversed(self.entries) if each.do in do), None)


@dataclass
class Person:
    """Somebody with an account."""

    login: str
    has_address: bool = True
    active: bool = True
    weekly: bool = False


@dataclass
class Held:
    """A role in a unit, from one day to before another."""

    login: str
    unit: str
    role: str
    first: date
    until: date = date.max


@dataclass(frozen=True)
class Rung:
    """A reminder of the ladder and the day on which it is reached."""

    day: date
    name: str


class Oracle:
    """Takes the events one after the other; moments are of the wall clock in Vietnam."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.roles: list[Held] = []
        self.tasks: dict[str, Task] = {}
        self.settings = dict(SETTINGS)
        self.days: dict[date, bool] = {}
        self.became_overdue: dict[tuple[str, date], date] = {}
        self.recorded: dict[tuple[str, date], date] = {}
        self.today: date | None = None

    # What happens.

    def take(self, do: str, at: datetime, **facts: Any) -> None:
        """Let something happen; `facts` are those of the event."""
        self.turn_to(at.date())
        match do:
            case "person":
                self.people[facts["login"]] = Person(facts["login"], has_address=facts["has_address"])
            case "person_is":
                for name, value in facts["now"].items():
                    setattr(self.people[facts["login"]], name, value)
            case "role":
                self.roles.append(Held(facts["login"], facts["unit"], facts["role"], at.date()))
            case "role_end":
                for held in self.roles:
                    named = {"login": held.login, "unit": held.unit, "role": held.role}
                    if named == facts and held.until > at.date():
                        held.until = max(at.date(), held.first)
                        break
            case "unit_end":
                for held in self.roles:
                    if held.unit == facts["unit"] and held.until > at.date():
                        held.until = max(at.date(), held.first)
            case "setting":
                self.settings[facts["name"]] = facts["value"]
            case "calendar":
                self.days[facts["day"]] = facts["worked"]
            case "give":
                task = Task(**facts["task"], given_at=at)
                self.tasks[task.name] = task
                self._enter(task, do, at, facts)
            case _:
                task = self.tasks[facts["task"]]
                self._step(task, do, at, facts)
                self._enter(task, do, at, facts)

    def _enter(self, task: Task, do: str, at: datetime, facts: dict[str, Any]) -> None:
        task.entries.append(Entry(facts["number"], do, at, facts.get("by"), task.state))

    def _step(self, task: Task, do: str, at: datetime, facts: dict[str, Any]) -> None:
        match do:
            case "accept":
                task.state, task.officer = "in_progress", facts.get("officer") or task.officer
            case "ask_return" | "ask_extension":
                task.asked.append(Asked(facts["request"], do.removeprefix("ask_"), facts.get("until")))
            case "refuse_return" | "refuse_extension" | "grant_extension":
                kind = do.partition("_")[2]
                (asked,) = [each for each in task.asked if each.kind == kind]
                task.asked.remove(asked)
                if do == "grant_extension":
                    task.due = asked.until
            case "set_due":
                task.due = facts["due"]
            case "report":
                task.state = "awaiting_confirmation"
                task.reported_on, task.reported_by = at.date(), facts["by"]
                task.asked.clear()
            case "confirm":
                task.state = "completed"
            case "rework" | "reopen":
                task.state, task.reported_on, task.reported_by = "in_progress", None, None
            case "cancel":
                task.state = "cancelled"
                task.asked.clear()
            case "reassign" | "transfer" | "inherit":
                if do == "reassign":
                    task.state = "not_started"
                task.unit = facts["unit"]
                task.asked.clear()
                # The product lets an officer go along who holds, or ever held, a role in the new unit.
                if not any(held.login == task.officer and held.unit == task.unit for held in self.roles):
                    task.officer = None
            case _:
                raise AssertionError(f"what is {do}?")

    # Days.

    def is_worked(self, day: date) -> bool:
        """Monday to Friday, but for what the calendar says of the day."""
        return self.days.get(day, day.weekday() < 5)

    def worked_day_from(self, day: date, count: int) -> date:
        """Return the so-manieth worked day after `day`, before it when negative."""
        step = A_DAY if count > 0 else -A_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_worked(day)
        return day

    def worked_between(self, first: date, last: date) -> int:
        """Count the worked days after `first`, up to and with `last`."""
        count = 0
        while first < last:
            first += A_DAY
            count += self.is_worked(first)
        return count

    def opens_week(self, day: date) -> bool:
        """Whether this is the first worked day of its week."""
        monday = day - timedelta(days=day.weekday())
        return next((each for each in _days(monday, 7) if self.is_worked(each)), None) == day

    # What became overdue.

    def turn_to(self, today: date) -> None:
        """Let the days go by until this one: what runs at midnight with its deadline behind it is overdue."""
        while self.today is not None and self.today < today:
            self._look_for_overdue(self.today)
            self.today += A_DAY
            self._look_for_overdue(self.today)
        self.today = self.today or today

    def record_overdue(self, today: date) -> None:
        """The job that records what became overdue has run."""
        self.turn_to(today)
        self._look_for_overdue(today)
        self.recorded = dict(self.became_overdue)

    def _look_for_overdue(self, day: date) -> None:
        for task in self.tasks.values():
            if task.state in RUNNING and task.due is not None and task.due < day:
                self.became_overdue.setdefault((task.name, task.due), day)

    # The ladder.

    def rung_of(self, task: Task, today: date) -> Rung | None:
        """Return the latest rung that was reached since the day after the task was given."""
        if task.due is None:
            return None
        # The product skips a rung of the very day of the assignment too: that day's news is the giving.
        reached = [each for each in self._rungs(task.due, today) if task.given_at.date() < each.day <= today]
        return max(reached, key=lambda rung: rung.day, default=None)

    def _rungs(self, due: date, today: date) -> Iterator[Rung]:
        for count in self.settings["reminder_before"]:
            yield Rung(self.worked_day_from(due, -count), f"before-{count}")
        if self.settings["reminder_on_day"]:
            yield Rung(due, "due")
        first_late = due + timedelta(days=self.settings["reminder_late_first"])
        yield Rung(first_late, f"late-{self.settings['reminder_late_first']}")
        every = self.settings["reminder_late_every"]
        day, worked = due, 0
        while day < today:
            day += A_DAY
            if not self.is_worked(day):
                continue
            worked += 1
            # “Then every 5 working days”: those up to the first late day are not told apart from it.
            if worked % every == 0 and day > first_late:
                yield Rung(day, f"late-w{worked}")

    def reaches_office(self, task: Task, rung: Rung) -> bool:
        """Whether a rung is late enough for those who gave the task: by the day of the rung."""
        return task.due is not None and (rung.day - task.due).days >= self.settings["escalate_office_from"]

    def reaches_leader(self, task: Task, rung: Rung) -> bool:
        """Whether it is late enough for the directing leader."""
        if task.due is None or rung.day <= task.due:
            return False
        return self.worked_between(task.due, rung.day) >= self.settings["escalate_leader_from"]

    # Who stands for a task.

    def unit_people(self, task: Task, day: date) -> set[str]:
        """The officer and the heads of the lead unit; the product: its leaders where nobody is its head."""
        return self._active(task.officer) | self._holders(task.unit, day, "unit_head", "leader")

    def givers(self, task: Task, day: date) -> set[str]:
        """The office, and the person named as tracker; the product: who leads the assigner without one."""
        return self._active(task.tracker) | self._holders(task.assigner, day, "office", "leader", "unit_head")

    def leaders(self, task: Task, day: date) -> set[str]:
        """The directing leader; the product: the leaders of the assigner where none is named."""
        return self._active(task.leader) or self._holders(task.assigner, day, "leader", "unit_head")

    def _active(self, login: str | None) -> set[str]:
        return {login} if login is not None and self.people[login].active else set()

    def _holders(self, unit: str, day: date, *roles: str) -> set[str]:
        for role in roles:
            found = {
                held.login for held in self.roles
                if (held.unit, held.role) == (unit, role) and held.first <= day < held.until
                and self.people[held.login].active
            }  # fmt: skip
            if found:
                return found
        return set()


def _days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=step) for step in range(count)]

"""Which mails come of what is true: the second opinion on digests, on prompts, and on what waits to be sent.

The rules are those of domain §6 and of the contract of the prompts. A mail is told when it is queued and the
ledger says so; one that waits says, when it is sent, what is true then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from tests.chaos.oracle import DECISIONS, GIVINGS, OPEN, RUNNING, Entry, Oracle, Task

RETRIES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720, 1440))
LEASE = timedelta(minutes=10)
NEWS_OF_DIGEST, NEWS_OF_PROMPT = timedelta(days=30), timedelta(hours=24)
ORDER = ("overdue", "due_today", "due_soon", "waiting", "new", "decided")
ROOM = 20
"""So many lines a daily mail has room for; the others it only counts, and they stay untold."""
QUEUED, SENDING, SENT, FAILED, CANCELLED = "queued", "sending", "sent", "failed", "cancelled"

Tell = tuple[str, str, date | None]
"""A task, the rung or news of it, the deadline in force."""
Line = tuple[str, str, int]
"""A task, the section in which a mail names it, and the days that it says there."""


@dataclass
class Saying:
    """What a mail says, and what the ledger keeps of it."""

    lines: set[Line]
    tells: set[Tell]


@dataclass
class Mail:
    """One mail in the outbox."""

    kind: str
    to: str
    day: date
    at: datetime
    saying: Saying
    state: str = QUEUED
    attempts: int = 0
    again: datetime | None = None
    leased_until: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Whether a sender may take it now."""
        if self.state == QUEUED:
            return self.again is None or self.again <= now
        return self.state == SENDING and self.leased_until is not None and self.leased_until <= now

    def waits(self, now: datetime) -> bool:
        """Whether it may still be written anew."""
        return self.state == QUEUED or self.is_due(now)


@dataclass
class _Item:
    """One task in one person's digest, while it is put together."""

    section: str
    days: int
    tells: set[tuple[str, date | None]] = field(default_factory=set)


class MailOracle(Oracle):
    """Knows the outbox too."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox: list[Mail] = []
        self.reminders_done_at: datetime | None = None

    # The ledger.

    def ledger(self) -> set[tuple[str, str, date | None, str]]:
        """Return (task, rung, deadline, person) of all that was told, or is about to be."""
        return {
            (task, rung, due, mail.to)
            for mail in self.outbox if mail.state != CANCELLED for task, rung, due in mail.saying.tells
        }  # fmt: skip

    def _told(self, to: str, besides: Iterable[Mail] = ()) -> set[Tell]:
        skipped = {id(mail) for mail in besides}
        told: set[Tell] = set()
        for mail in self.outbox:
            if mail.to == to and mail.state != CANCELLED and id(mail) not in skipped:
                told |= mail.saying.tells
        return told

    @staticmethod
    def _is_told(told: set[Tell], task: str, rung: str, due: date | None) -> bool:
        """Whether a rung was told with this deadline, or a news with whichever."""
        if ":" in rung:
            return any((task, rung) == each[:2] for each in told)
        return (task, rung, due) in told

    # The daily mail.

    def is_time_for_digests(self, now: datetime) -> bool:
        """Whether digests may be queued: from their hour on, on a worked day."""
        hour = time.fromisoformat(self.settings["reminder_time"])
        return self.is_worked(now.date()) and now.time() >= hour

    def digest_of(self, to: str, today: date, waiting: list[Mail]) -> Saying | None:
        """Return what this person's daily mail says today, None when it has nothing new to say."""
        person = self.people[to]
        told = self._told(to, besides=waiting)
        mine: dict[str, _Item] = {}
        for task in self.tasks.values():
            if task.state in OPEN:
                self._add_task(mine, task, to, today, told)
        if person.weekly and not self.opens_week(today):
            mine = {name: item for name, item in mine.items() if item.section == "overdue"}
        tells = {
            (name, rung, due) for name in sorted(mine, key=self._weight_of(mine))[:ROOM]
            for rung, due in mine[name].tells
        }  # fmt: skip
        if not (tells and person.active and person.has_address):
            return None
        return Saying({(name, item.section, item.days) for name, item in mine.items()}, tells)

    def _weight_of(self, mine: dict[str, _Item]) -> Callable[[str], tuple[object, ...]]:
        """Return by what lines get their room: news first, by section; the latest, what is due first, the
        earlier given."""
        given = {name: number for number, name in enumerate(self.tasks)}

        def weight(name: str) -> tuple[object, ...]:
            item, task = mine[name], self.tasks[name]
            late = item.days if item.section in ("overdue", "waiting") else 0
            return (not item.tells, ORDER.index(item.section), -late, task.due or date.max, given[name])

        return weight

    def _add_task(
        self, mine: dict[str, _Item], task: Task, to: str, today: date, told: set[Tell]
    ) -> None:

        def say(section: str, days: int, rung: str | None) -> None:
            # One task is one line, in the first section that names it; the product's order puts what was
            # decided before what was given.
            item = mine.setdefault(task.name, _Item(section, days))
            if rung is not None and not self._is_told(told, task.name, rung, task.due):
                item.tells.add((rung, task.due))

        in_unit = to in self.unit_people(task, today)
        gives = to in self.givers(task, today)
        if task.state in RUNNING and task.due is not None:
            rung = self.rung_of(task, today)
            name = rung.name if rung else None
            untold = name is not None and not self._is_told(told, task.name, name, task.due)
            left = self.worked_between(today, task.due)
            if task.due < today:
                late = (today - task.due).days
                above = rung is not None and (
                    (gives and self.reaches_office(task, rung))
                    or (to in self.leaders(task, today) and self.reaches_leader(task, rung))
                )
                if in_unit or above:
                    say("overdue", late, name)
            elif in_unit and task.due == today:
                say("due_today", 0, name)
            elif in_unit and (left <= self.settings["due_soon_days"] or untold):
                say("due_soon", left, name)
        if task.state == "awaiting_confirmation" and gives and task.reported_by != to:
            report = task.last("report")
            assert report is not None and task.reported_on is not None
            say("waiting", (today - task.reported_on).days, f"report:{report.number}")
        if gives:
            for asked in task.asked:
                say("waiting", 0, f"request:{asked.number}")
        if in_unit:
            decided, given = self._decided(task, today), self._came(task, today)
            for news, section, sort in ((decided, "decided", "decided"), (given, "new", "given")):
                if news is not None and news.by != to:
                    rung_name = f"{sort}:{news.number}"
                    if not self._is_told(told, task.name, rung_name, task.due):
                        say(section, 0, rung_name)

    @staticmethod
    def _decided(task: Task, today: date) -> Entry | None:
        """Return the last decision on a task, for 30 days."""
        last = task.last(*DECISIONS)
        return last if last and last.at.date() >= today - NEWS_OF_DIGEST else None

    @staticmethod
    def _came(task: Task, today: date) -> Entry | None:
        """Return how a task came to its unit: until accepted, or moved there in progress, for 30 days."""
        if task.state == "not_started":
            return task.last(*GIVINGS)
        moves = [
            each for each in task.entries
            if each.do in ("transfer", "inherit") and each.state_after == "in_progress"
            and each.at.date() >= today - NEWS_OF_DIGEST
        ]  # fmt: skip
        return moves[-1] if moves and task.state == "in_progress" else None

    def run_reminders(self, now: datetime) -> None:
        """The daily job looks whether it is due, and queues."""
        if self.is_reminding(now):
            self.queue_digests(now)
            self.reminders_done_at = now

    def is_reminding(self, now: datetime) -> bool:
        """Return whether the daily job, when it looks now, is due."""
        moment = datetime.combine(now.date(), time.fromisoformat(self.settings["reminder_time"]), now.tzinfo)
        return self._daily_is_due(now, moment)

    def queue_digests(self, now: datetime) -> None:
        """Queue the daily mails; what a prompt that waits has no right to say any more, they say."""
        if self.is_time_for_digests(now):
            self.freshen_prompts(now)
            self._tell(now, only=None)

    def _daily_is_due(self, now: datetime, moment: datetime) -> bool:
        done = self.reminders_done_at is not None and self.reminders_done_at >= moment
        return self.is_time_for_digests(now) and not done

    def freshen_digests(self, now: datetime) -> None:
        """Before a sender takes one, all digests that wait say what is true now."""
        if any(mail.kind == "digest" and mail.is_due(now) for mail in self.outbox):
            waiting = {mail.to for mail in self.outbox if mail.kind == "digest" and mail.waits(now)}
            self._tell(now, only=waiting)

    def _tell(self, now: datetime, only: set[str] | None) -> None:
        today = now.date()
        digests = [mail for mail in self.outbox if mail.kind == "digest"]
        all_waiting = [mail for mail in digests if mail.waits(now)]
        for to in self.people:
            waiting = [mail for mail in all_waiting if mail.to == to]
            # One mail a person a day, whatever became of it: one that was called back is not made again.
            had_one = any(mail.to == to and mail.day == today and not mail.waits(now) for mail in digests)
            if only is not None and to not in only:
                continue
            saying = None if had_one else self.digest_of(to, today, waiting)
            todays = [mail for mail in waiting if mail.day == today]
            if saying and todays:
                todays[0].saying = saying
            elif saying and self.is_time_for_digests(now):
                self.outbox.append(Mail("digest", to, today, now, saying))
            for mail in waiting:
                if mail.day != today or saying is None:
                    mail.state = CANCELLED

    # What does not wait for the daily mail.

    def run_prompt(self, now: datetime) -> None:
        """The job of every minute; for a quarter of an hour the daily mail goes first."""
        moment = datetime.combine(now.date(), time.fromisoformat(self.settings["reminder_time"]), now.tzinfo)
        if self._daily_is_due(now, moment) and now - moment <= timedelta(minutes=15):
            return
        gap = timedelta(minutes=self.settings["prompt_gap_minutes"])
        for to, person in self.people.items():
            told = self._told(to)
            saying = self._prompt_of(to, now, lambda tell, told=told: not self._is_told(told, *tell))
            before = [mail.at for mail in self.outbox if mail.kind == "prompt" and mail.to == to]
            too_soon = bool(before) and timedelta(0) <= now - before[-1] < gap
            if saying and person.active and person.has_address and not too_soon:
                self.outbox.append(Mail("prompt", to, now.date(), now, saying))

    def freshen_prompts(self, now: datetime) -> None:
        """A prompt that waits keeps what is still true of it; nothing left, nothing sent."""
        for mail in self.outbox:
            if mail.kind == "prompt" and mail.waits(now):
                said, person = mail.saying.tells, self.people[mail.to]
                still = self._prompt_of(mail.to, now, lambda tell, said=said: tell in said)
                if still and person.active and person.has_address:
                    mail.saying = still
                else:
                    mail.state = CANCELLED

    def _prompt_of(self, to: str, now: datetime, wanted) -> Saying | None:
        lines, tells = set(), set()
        for task in self.tasks.values():
            if task.state not in RUNNING or to not in self.unit_people(task, now.date()):
                continue
            for section, rungs, by in self._news(task, now):
                new = {(task.name, rung, task.due) for rung in rungs if wanted((task.name, rung, task.due))}
                if by != to and new:
                    lines.add((task.name, section, 0))
                    tells |= new
        return Saying(lines, tells) if tells else None

    def _news(self, task: Task, now: datetime) -> Iterable[tuple[str, list[str], str | None]]:
        recent = [each for each in task.entries if now - each.at <= NEWS_OF_PROMPT]
        came = [each for each in recent if each.do in GIVINGS]
        since = [each for each in recent if not came or each.number > came[-1].number]
        if came and task.urgent:
            yield "given", [f"given:{came[-1].number}"], came[-1].by
        extension = ("grant_extension", "refuse_extension")
        for section, sorts in (("rework", ("rework",)), ("extension", extension)):
            decided = [each for each in since if each.do in sorts]
            if decided:
                yield section, [f"decided:{decided[-1].number}"], decided[-1].by
        if rungs := self._hour_rungs(task, now):
            yield "deadline", rungs, None

    def _hour_rungs(self, task: Task, now: datetime) -> list[str]:
        if task.due is None or task.hour is None:
            return []
        rungs, hours = [], self.settings["reminder_hours_before"]
        hour_of_mails = time.fromisoformat(self.settings["reminder_time"])
        on_the_day = now.date() == task.due and now.time() >= hour_of_mails
        if on_the_day and self.settings["reminder_on_day"] and task.given_at.date() < task.due:
            rungs.append("due")
        deadline = datetime.combine(task.due, task.hour, now.tzinfo)
        begins = deadline - timedelta(hours=hours)
        if hours and begins <= now < deadline and task.given_at < begins:
            rungs.append(f"hour-{hours}")
        return rungs

    # The way of a mail.

    def due_mails(self, now: datetime) -> list[Mail]:
        """Return what a sender takes now, in the order of the outbox."""
        return [mail for mail in self.outbox if mail.is_due(now)]

    def attempted(self, mail: Mail, fate: str, now: datetime) -> None:
        """A sender tried a mail, and wrote down what came of it."""
        mail.attempts, mail.leased_until = mail.attempts + 1, None
        if fate == "sent":
            mail.state = SENT
        elif fate == "refused" or mail.attempts > len(RETRIES):
            mail.state = FAILED
        else:
            mail.state, mail.again = QUEUED, now + RETRIES[mail.attempts - 1]

    def held(self, mail: Mail, now: datetime) -> None:
        """A sender ended with this mail in its hand: until the lease has run out nobody touches it."""
        mail.state, mail.leased_until = SENDING, now + LEASE

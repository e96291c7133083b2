"""One simulated office: the real product and the oracle beside each other, held together after each job.

Everything that is done to the product is told to the oracle as an event; after each job both must agree on
the whole outbox, the whole ledger, the marks of overdue, and the text of every mail that was handed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from tests.chaos.mail_oracle import ROOM, Mail, MailOracle
from tests.chaos.series_oracle import Series, SeriesOracle, Turn
from tests.chaos.stage import (
    BEGIN,
    FOUNDED,
    FRESHENING,
    PEOPLE,
    WEEKLY,
    WITHOUT_ADDRESS,
    Died,
    FakePost,
    Stage,
)
from tracker import clock, jobs
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import OutgoingMail, Reminder
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesOccurrence, TaskSeries
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations.recording import Stamp
from tracker.rules.workflow import DomainError

SECTIONS = {
    "QUÁ HẠN": "overdue", "HẠN HÔM NAY": "due_today", "SẮP ĐẾN HẠN": "due_soon",
    "CHỜ ÔNG/BÀ XÁC NHẬN, QUYẾT ĐỊNH": "waiting", "MỚI GIAO, MỚI CHUYỂN ĐẾN": "new",
    "VỪA CÓ QUYẾT ĐỊNH": "decided", "VIỆC KHẨN MỚI GIAO": "given", "YÊU CẦU LÀM LẠI": "rework",
    "QUYẾT ĐỊNH GIA HẠN": "extension", "ĐẾN HẠN THEO GIỜ": "deadline",
}  # fmt: skip
# Made once: what is asked after every job.
MAILS = select(
    OutgoingMail.id, OutgoingMail.kind, OutgoingMail.user_id, OutgoingMail.key, OutgoingMail.state,
    OutgoingMail.attempts, OutgoingMail.next_attempt_at, OutgoingMail.leased_until,
).order_by(OutgoingMail.id)  # fmt: skip
LEDGER = select(Reminder.task_id, Reminder.rung, Reminder.due_on, Reminder.mail_id)
MARKS = select(History.task_id, History.on_day, History.payload).where(History.do == "became_overdue")
ADDRESSES = select(User.login, User.email)
NEW_HISTORY = (
    select(History.id, History.do, History.task_id)
    .where(History.id > bindparam("last"), History.do != "became_overdue")
    .order_by(History.id)
)
_OFFICER, _TRACKER, _LEADER = aliased(User), aliased(User), aliased(User)
NEW_TURNS = (
    select(
        TaskSeries.key, SeriesOccurrence.day, SeriesOccurrence.due_on, SeriesOccurrence.skipped,
        SeriesOccurrence.number, Unit.code, _OFFICER.login, _TRACKER.login, _LEADER.login, Task.due_time,
        SeriesOccurrence.id, Task.id,
    )
    .join(TaskSeries, TaskSeries.id == SeriesOccurrence.series_id)
    .outerjoin(Task, Task.id == SeriesOccurrence.task_id)
    .outerjoin(Unit, Unit.id == Task.unit_id)
    .outerjoin(_OFFICER, _OFFICER.id == Task.officer_id)
    .outerjoin(_TRACKER, _TRACKER.id == Task.tracker_id)
    .outerjoin(_LEADER, _LEADER.id == Task.leader_id)
    .where(SeriesOccurrence.id > bindparam("last"))
    .order_by(SeriesOccurrence.id)
)  # fmt: skip
DAYS_SAID = re.compile(r"· (?:quá hạn|còn|chờ xác nhận) (\d+) ngày")
CUT_OFF = re.compile(r"^và (\d+) việc khác", re.M)


class World:
    """One simulation: the product and the oracle, and what the post and the machine are up to."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.now, self.oracle = stage, BEGIN, MailOracle()
        FakePost.fate_of = self.fate_of  # type: ignore[assignment]
        self.fates: dict[str, str] = {}
        self.is_down = self.has_failed = False
        self.dies: tuple[int, str] | None = None
        self.crashes: dict[str, int] = {}
        self.log: list[str] = []
        self.handed: list[tuple[Any, str]] = []
        self.arrived: dict[str, int] = {}
        self.doubted: set[str] = set()
        self.ids: dict[str, dict[str, int]] = {}
        for kind, model, name in (
            ("unit", Unit, Unit.code), ("person", User, User.login), ("directive", Directive, Directive.key),
        ):  # fmt: skip
            self.ids[kind] = {row[0]: row[1] for row in db.session.execute(select(name, model.id))}
        self.ids["task"] = {}
        self.logins = {number: login for login, number in self.ids["person"].items()}
        self.task_names: dict[int, str] = {}
        self._tell_the_oracle_of_the_beginning()
        self.last_history, self.last_turn = self._newest_history(), 0
        self.series = SeriesOracle(self.oracle)
        self.urgent: dict[str, bool] = {}

    def _tell_the_oracle_of_the_beginning(self) -> None:
        first = datetime.combine(FOUNDED, time(8), clock.VIETNAM)
        for login, (unit, role) in PEOPLE.items():
            self.oracle.take("person", first, login=login, has_address=login not in WITHOUT_ADDRESS)
            self.oracle.take("role", first, login=login, unit=unit, role=role)
            if login in WEEKLY:
                self.oracle.take("person_is", first, login=login, now={"weekly": True})
        self.oracle.turn_to(self.now.date())

    def _newest_history(self) -> int:
        return db.session.scalar(select(History.id).order_by(History.id.desc()).limit(1)) or 0

    # Doing something.

    def unit(self, code: str) -> Unit:
        return db.session.get(Unit, self.ids["unit"][code])  # type: ignore[return-value]

    def person(self, login: str | None) -> User | None:
        return db.session.get(User, self.ids["person"][login]) if login else None

    def task(self, name: str) -> Task:
        return db.session.get(Task, self.ids["task"][name])  # type: ignore[return-value]

    def directive(self, key: str) -> Directive:
        return db.session.get(Directive, self.ids["directive"][key])  # type: ignore[return-value]

    def name_task(self, name: str, task_id: int) -> None:
        self.ids["task"][name], self.task_names[task_id] = task_id, name

    def stamp(self, by: str | None = None) -> Stamp:
        return Stamp(on=self.now.date(), by=self.person(by), at=self.now.astimezone(UTC))

    def do(self, change: Callable[[], Any]) -> list[tuple[int, str, int | None]] | None:
        """Let somebody do something; return the new lines of the history, None when it was refused."""
        try:
            change()
        except DomainError:
            return None
        return self._new_rows()

    def _new_rows(self) -> list[tuple[int, str, int | None]]:
        rows = [tuple(row) for row in _ask(NEW_HISTORY, last=self.last_history)]
        if rows:
            self.last_history = rows[-1][0]
        return rows

    def do_with_series(self, change: Callable[[], Any], by: str | None, told: Callable[[], Series]) -> None:
        """Let somebody begin, change or end a series; `told` tells the oracle, what is due is given now.

        What is changed to what it was leaves no line, and gives nothing before the job does.
        """
        if rows := self.do(change):
            series = told()
            expected = self.series.take_due(self.now, series) if not series.has_ended else []
            self._take_turns(expected, rows, by)

    def _take_turns(
        self, expected: list[Turn], rows: list[tuple[int, str, int | None]], by: str | None = None
    ) -> None:
        """Hold the turns that were just made to those expected, and tell the oracle of those given."""
        found = [tuple(row) for row in _ask(NEW_TURNS, last=self.last_turn)]
        made = [Turn(*row[:10]) for row in found]
        assert made == expected, _differences(set(made), set(expected))
        numbers = {task_id: number for number, do, task_id in rows if do == "give"}
        for turn, (*_facts, turn_id, task_id) in zip(made, found, strict=True):
            self.last_turn = turn_id
            self.stage.seen["turns passed over" if turn.skipped else "turns given"] += 1
            if turn.skipped:
                continue
            name = f"{turn.series}-{turn.day:%d%m}"
            self.name_task(name, task_id)
            self.tell("give", number=numbers[task_id], by=by, task={
                "name": name, "assigner": "tp", "unit": turn.unit, "urgent": self.urgent[turn.series],
                "due": turn.due, "hour": turn.hour, "officer": turn.officer, "tracker": turn.tracker,
                "leader": turn.leader,
            })  # fmt: skip

    def tell(self, do: str, **facts: Any) -> None:
        """Tell the oracle what happened just now."""
        self.log.append(f"{self.now:%d/%m %H:%M} {do} {facts}")
        self.oracle.take(do, self.now, **facts)

    # Time.

    def let_pass(self, until: datetime) -> None:
        """Let the scheduler work each morning until a moment."""
        while (morning := self._next_morning()) <= until:
            self.now = morning
            is_worked = self.oracle.is_worked(morning.date())
            self.tick(("overdue", "digests", "deliver") if is_worked else ("overdue", "deliver"))
        self.now = max(self.now, until)

    def _next_morning(self) -> datetime:
        hour = time.fromisoformat(self.oracle.settings["reminder_time"])
        today = datetime.combine(self.now.date(), hour, clock.VIETNAM)
        return today if today > self.now else today + timedelta(days=1)

    def tick(self, names: tuple[str, ...]) -> None:
        """Run jobs now, and hold the product to the oracle."""
        self.has_failed = True
        self.log.append(f"{self.now:%d/%m %H:%M} {', '.join(names)}")
        for name in names:
            self._run(name)
        self._compare()
        self.has_failed = False

    def _run(self, name: str) -> None:
        self.stage.countdown = self.crashes.pop(name, None)
        gives = name in ("series", "digests") or (name == "reminders" and self.oracle.is_reminding(self.now))
        while True:
            self.stage.phases.clear()
            self.handed.clear()
            died = self._run_once(name)
            if name == "deliver":
                self._tell_of_deliveries(died)
            if not died:
                break
        if gives and self.series.series:
            self._take_turns(self.series.take_due(self.now), self._new_rows())
        match name:
            case "overdue":
                self.oracle.record_overdue(self.now.date())
            case "reminders":
                self.oracle.run_reminders(self.now)
            case "digests":
                self.oracle.queue_digests(self.now)
            case "prompt":
                self.oracle.run_prompt(self.now)

    def _run_once(self, name: str) -> bool:
        """Run a job once; return whether the process died in it."""
        with clock.standing_at(self.now):
            try:
                match name:
                    case "reminders":
                        jobs.wake(name, stop=lambda: False)
                    case "digests":
                        jobs.run_reminders(lambda: False)
                    case _:
                        jobs.FUNCTIONS[name](lambda: False)
            except jobs.JobTroubled:
                pass
            except Died:
                self.stage.is_dead = True
        self.stage.seen["deaths"] += self.stage.is_dead
        died, self.stage.countdown, self.stage.is_dead = self.stage.is_dead, None, False
        db.session.rollback()
        return died

    # The post.

    def fate_of(self, letter: Any) -> str:
        fate = "down" if self.is_down else self.fates.get(letter.address.partition("@")[0], "sent")
        if self.dies is not None and len(self.handed) + 1 >= self.dies[0]:
            fate, self.dies = f"dies {self.dies[1]} the dot", None
        self.handed.append((letter, fate))
        self.log.append(f"    {letter.address} {letter.subject}: {fate}")
        if fate in ("sent", "doubt", "dies after the dot"):
            assert letter.message_id not in self.arrived or letter.message_id in self.doubted, "sent twice"
            self.stage.seen["copies"] += letter.message_id in self.arrived
            self.arrived[letter.message_id] = self.arrived.get(letter.message_id, 0) + 1
        if fate in ("doubt", "dies after the dot"):
            self.doubted.add(letter.message_id)
        return fate

    def _tell_of_deliveries(self, died: bool) -> None:
        oracle, now = self.oracle, self.now
        phases = self.stage.phases if died and not self.handed else FRESHENING
        if "freshen_digests" in phases:
            oracle.freshen_digests(now)
        if "freshen_prompts" in phases:
            oracle.freshen_prompts(now)
        if len(phases) < len(FRESHENING):
            return
        due = oracle.due_mails(now)
        if not (due or self.handed):
            return
        rows = self._outbox()
        addresses = dict(tuple(row) for row in _ask(ADDRESSES))
        by_id = {row.id: mail for row, mail in rows}
        is_held = {id(mail): bool(row.leased_until and row.leased_until > now) for row, mail in rows}
        handed = {id(by_id[letter.id]): (letter, fate) for letter, fate in self.handed}
        assert set(handed) <= {id(mail) for mail in due}, "a mail was handed over that should not have been"
        last = id(by_id[self.handed[-1][0].id]) if self.handed else None
        for mail in due:
            letter, fate = handed.get(id(mail), (None, "down" if self.is_down else ""))
            if letter is not None:
                self._compare_letter(letter, mail, addresses[mail.to])
            if died and is_held[id(mail)]:
                # Nobody wrote down what became of the last one, nor of those behind it.
                assert letter is None or id(mail) == last or fate == "down", "a mark was lost"
                if letter is not None and fate in ("sent", "doubt"):
                    self.doubted.add(letter.message_id)
                oracle.held(mail, now)
            elif letter is not None or (fate == "down" and not died):
                oracle.attempted(mail, "retry" if fate in ("down", "doubt") else fate, now)
            else:
                assert died, f"a mail was left: {mail}"

    # Comparing.

    def _outbox(self) -> list[tuple[Any, Mail]]:
        """Return the mails of the product with those of the oracle: the n-th of each person and kind."""
        theirs: dict[tuple[str, str], list[Mail]] = {}
        for mail in self.oracle.outbox:
            theirs.setdefault((mail.kind, mail.to), []).append(mail)
        pairs = []
        for row in _ask(MAILS):
            expected = theirs.get((row.kind, self.logins[row.user_id]), [])
            assert expected, f"a mail that the oracle does not know: {row.key} for {self.logins[row.user_id]}"
            pairs.append((row, expected.pop(0)))
        left = [mail for mails in theirs.values() for mail in mails]
        assert not left, f"mails are missing: {left}"
        return pairs

    def _compare(self) -> None:
        """Hold outbox, ledger and marks of overdue to what the oracle says of them."""
        product, expected = {}, {}
        for row, mail in self._outbox():
            if row.kind == "digest":
                assert row.key == f"digest:{mail.day}:{row.user_id}"
            waits = row.state == "queued"
            product[row.id] = (row.state.value, row.attempts, row.next_attempt_at if waits else None)
            expected[row.id] = (mail.state, mail.attempts, mail.again if waits else None)
            mail.number = row.id
        assert product == expected, _differences(product, expected)
        ledger = {(self.task_names[row[0]], *row[1:]) for row in _ask(LEDGER)}
        wanted = {
            (*tell, mail.number)
            for mail in self.oracle.outbox if mail.state != "cancelled" for tell in mail.saying.tells
        }  # fmt: skip
        assert ledger == wanted, _differences(ledger, wanted)
        recorded = {
            (self.task_names[row.task_id], date.fromisoformat(row.payload["due"])): row.on_day
            for row in _ask(MARKS)
        }
        assert recorded == self.oracle.recorded, _differences(recorded, self.oracle.recorded)

    def _compare_letter(self, letter: Any, mail: Mail, address: str | None) -> None:
        said = self._lines_of(letter.text)
        self.stage.seen.update([f"{mail.kind}s", *(f"lines {section}" for _task, section, _days in said)])
        self.stage.seen.update(f"told {tell[1].partition(':')[0]}" for tell in mail.saying.tells)
        if cut_off := CUT_OFF.search(letter.text):
            assert said < mail.saying.lines, (mail.kind, mail.to, _differences(said, mail.saying.lines))
            assert (len(said), len(said) + int(cut_off[1])) == (ROOM, len(mail.saying.lines))
        else:
            assert said == mail.saying.lines, (mail.kind, mail.to, _differences(said, mail.saying.lines))
        assert letter.address == address, "sent to another address than the person has now"

    def _lines_of(self, text: str) -> set[tuple[str, str, int]]:
        section, days, lines = "", 0, set()
        for line in text.splitlines():
            if heading := re.fullmatch(r"(\D+) \(\d+\)", line):
                section = SECTIONS[heading[1]]
            elif line.startswith(("  Hạn ", "  Không thời hạn")):
                found = DAYS_SAID.search(line)
                days = int(found[1]) if found else 0
            elif link := re.search(r"/nhiem-vu/(\d+)$", line):
                lines.add((self.task_names[int(link[1])], section, days))
        return lines


def _ask(statement: Any, **values: Any) -> Any:
    return db.session.connection().execute(statement, values)


def _differences(product: Any, expected: Any) -> str:
    if isinstance(product, dict):
        product, expected = set(product.items()), set(expected.items())
    more, fewer = sorted(product - expected, key=str), sorted(expected - product, key=str)
    return f"only the product: {more}; only the oracle: {fewer}"


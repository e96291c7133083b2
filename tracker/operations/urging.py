"""Urging by hand (đôn đốc): a mail at once to the officer and the heads of a unit, an entry in each history.

An urging names a day for the answer in words only: it is no extension, the deadlines stay (domain §3).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from flask import current_app

from tracker.language import gettext as _
from tracker.models import db, end_reading, transaction
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.operations.recording import Stamp, entry, open_task, optional_text, record
from tracker.operations.reminders import writing
from tracker.operations.reminders.lines import Rendered, TaskLine, short_day
from tracker.outbox import address_of, one_line
from tracker.queries.ledger import times_reminded
from tracker.queries.reminders import Person
from tracker.queries.urging import (
    URGE,
    Recipient,
    UrgedTask,
    Urging,
    key_of,
    recipients_of,
    urged_on,
    urged_tasks,
    urging,
    waiting_mails,
)
from tracker.rules.digest import MOST_LINES
from tracker.rules.rungs import urging_rung
from tracker.rules.status import RUNNING_STATES, days_overdue, in_states
from tracker.rules.words import N_
from tracker.rules.workflow import Action, DomainError, Incomplete

MOST_TASKS = 200
"""Tasks in one urging."""


class UrgedAlready(DomainError):
    """The unit was urged on this day; once more needs a reason."""


class NobodyToTell(DomainError):
    """No head of the unit and no officer has an account with a mail address."""


@dataclass(frozen=True)
class Line(TaskLine):
    """One task in a mail that urges."""

    task: UrgedTask  # type: ignore[assignment]
    days: int
    """Days overdue, 0 where the deadline has not passed."""
    times: int
    """How many times the unit was reminded before."""

    @property
    def standing(self) -> str:
        """How late it is, and how many reminders came before."""
        words = [_("quá hạn %(days)s ngày", days=self.days)] if self.days else []
        words += [_("đã nhắc %(n)s lần", n=self.times)] if self.times else []
        return "; ".join(words)


@dataclass(frozen=True)
class Mail:
    """What one mail that urges says to a person: who urges, their words, and the tasks it has room for."""

    urging: Urging
    person: Person
    lines: Sequence[Line]
    kind: str = URGE

    @property
    def day(self) -> date:
        return self.urging.on

    @property
    def by(self) -> str:
        """Who urges, with their title."""
        return ", ".join(part for part in (self.urging.by_name, self.urging.by_title) if part)

    @property
    def shown(self) -> Sequence[Line]:
        """The lines that the mail has room for, the longest overdue first."""
        return self.lines[:MOST_LINES]

    @property
    def more(self) -> int:
        return len(self.lines) - len(self.shown)

    @property
    def figures(self) -> str:
        """The numbers that the subject begins with."""
        late = sum(1 for line in self.lines if line.days)
        words = [(late, N_("%(n)s quá hạn")), (len(self.lines) - late, N_("%(n)s đang thực hiện"))]
        return ", ".join(_(text, n=number) for number, text in words if number)

    @property
    def tells(self) -> list[tuple[int, str, date | None]]:
        """What the ledger keeps: (task, rung, due date) of the tasks that the mail names."""
        rung = urging_rung(self.urging.id)
        return [(line.task.id, rung, line.task.due_on) for line in self.shown]

    @property
    def fingerprint(self) -> str:
        """Of the facts that may change while the mail waits."""
        said = [self.person, [(line.task, line.days, line.times) for line in self.lines]]
        return sha256(json.dumps(said, default=str, ensure_ascii=False).encode()).hexdigest()

    def render(self) -> Rendered:
        """Return the mail as text."""
        return {
            "subject": self._render("subject.txt"), "text": self._render("body.txt"),
            "html": self._render("body.html"),
        }  # fmt: skip

    def _render(self, name: str) -> str:
        base_url = current_app.config["BASE_URL"]
        reply_by = self.urging.reply_by
        return current_app.jinja_env.get_template(f"emails/urge/{name}").render(
            mail=self, words=self.urging.words, name=one_line(self.person.name), day=short_day(self.day),
            assigner=one_line(self.lines[0].task.assigner_name), unit=self.lines[0].unit,
            reply_by=short_day(reply_by) if reply_by else None,
            urging_url=f"{base_url}/don-doc/{self.urging.id}",
        )  # fmt: skip


def urge(
    tasks: Sequence[Task], *, stamp: Stamp, words: str | None = None, reply_by: date | None = None,
    again: str | None = None,
) -> History:  # fmt: skip
    """Urge a unit to do what it was given: tell its heads and each officer at once; return the first entry.

    The tasks are those of one assigner and one lead unit; they run, overdue or not. `words` are those of the
    person, `reply_by` a day named in the mail. A task that was urged on the same day asks for `again`, the
    reason for doing it once more. `stamp.at` must be known: the mails are of that moment. Each entry holds
    the deadline of its task; the later ones name the first.
    """
    if stamp.at is None:
        raise ValueError("an urging is of a moment")
    with entry(stamp):
        _require_one_unit(tasks)
        if reply_by is not None and reply_by < stamp.on:
            raise Incomplete(N_("Ngày đề nghị báo cáo phải từ hôm nay trở đi."))
        for task in tasks:
            open_task(task, Action.URGE, stamp)
        reason = optional_text(again)
        ids = [task.id for task in tasks]
        repeated = urged_on(ids, stamp.on)
        if repeated and reason is None:
            raise UrgedAlready(
                N_("%(n)s nhiệm vụ đã được đôn đốc hôm nay. Nêu lý do đôn đốc lại, hoặc bỏ chọn."),
                n=len(repeated),
            )
        people = recipients(tasks[0].unit_id, tasks, day=stamp.on, besides=stamp.by.id if stamp.by else None)
        if not people:
            raise NobodyToTell(
                N_("%(unit)s chưa có người nhận thư: thủ trưởng và người thực hiện chưa có địa chỉ thư."),
                unit=tasks[0].unit.name,
            )
        first = _record(
            tasks, stamp, words=optional_text(words), reply_by=reply_by, again=reason if repeated else None,
            told=[person.id for person in people],
        )  # fmt: skip
        found = urging(first.id)
        assert found is not None
        mails = _mails(found, urged_tasks(Task.id.in_(ids)), people)
        written = [writing.Written.of(key_of(found.id, mail.person.id), mail) for mail in mails.values()]
        writing.queue(written, at=stamp.at)
        return first


def freshen_urgings(*, today: date, at: datetime) -> None:
    """Bring the mails that urge and that a sender is about to take to what is true now.

    What was reported, closed or moved meanwhile is no longer named, nor is it to a person who no longer
    stands for it; a mail with nothing left to say is cancelled.
    """
    for urging_id, waiting in waiting_mails(at).items():
        found = urging(urging_id)
        if found is None:
            continue
        in_force = (in_states(Task, RUNNING_STATES), Task.unit_id == found.unit_id)
        tasks = urged_tasks(Task.id.in_(list(found.due)), *in_force)
        people = recipients(found.unit_id, tasks, day=today, besides=found.by_id)
        mails = _mails(found, tasks, people) if tasks else {}
        end_reading()
        emptied = [each.id for each in waiting if each.user_id not in mails]
        changed = [
            (each.id, mails[each.user_id], mails[each.user_id].render()) for each in waiting
            if each.user_id in mails and mails[each.user_id].fingerprint != each.fingerprint
        ]  # fmt: skip
        with transaction():
            writing.call_back(emptied, reason=_("Không còn việc để đôn đốc."), at=at)
            for mail_id, mail, rendered in changed:
                writing.rewrite(mail_id, mail, rendered, at=at)


def recipients(
    unit_id: int, tasks: Collection[Task] | Collection[UrgedTask], *, day: date, besides: int | None
) -> list[Recipient]:
    """Return who would be told of an urging of these tasks of a unit; `besides` is the id of who urges."""
    officers = {task.officer_id for task in tasks if task.officer_id is not None}
    found = recipients_of(unit_id, officers, day=day)
    return [each for each in found if each.id != besides and address_of(each.email) is not None]


def _require_one_unit(tasks: Sequence[Task]) -> None:
    if not tasks:
        raise Incomplete(N_("Chọn ít nhất một nhiệm vụ."))
    if len(tasks) > MOST_TASKS:
        raise Incomplete(N_("Mỗi lần đôn đốc nhiều nhất %(most)s nhiệm vụ."), most=MOST_TASKS)
    if len({(task.assigner_id, task.unit_id) for task in tasks}) > 1:
        raise Incomplete(N_("Mỗi lần chỉ đôn đốc một đơn vị về nhiệm vụ do một cơ quan giao."))


def _record(
    tasks: Sequence[Task], stamp: Stamp, *, words: str | None, reply_by: date | None, again: str | None,
    told: list[int],
) -> History:  # fmt: skip
    first: History | None = None
    for part, task in enumerate(tasks):
        payload = {
            "task": task.key,
            "due": task.due_on.isoformat() if task.due_on else None,
            "reply_by": reply_by.isoformat() if reply_by else None,
            "again": again,
            **({"first": first.id} if first else {"told": told}),
        }
        row = record(
            URGE, stamp, payload, part=part, note=words, task=task, directive=task.directive, unit=task.unit
        )
        if first is None:
            db.session.flush()
            first = row
    assert first is not None
    db.session.flush()
    return first


def _mails(found: Urging, tasks: Sequence[UrgedTask], people: Sequence[Recipient]) -> dict[int, Mail]:
    """Return by person the mail that urges them: a head about all tasks, an officer about their own."""
    times = times_reminded([task.id for task in tasks], before=found.at)
    lines = [Line(task, days_overdue(task, day=found.on), len(times.get(task.id, ()))) for task in tasks]
    mails = {}
    for each in people:
        mine = [line for line in lines if each.is_head or line.task.officer_id == each.id]
        mails[each.id] = Mail(found, Person(each.id, each.name, each.email, is_weekly=False), mine)
    return mails

"""The digest of one person on one day: its lines, and the mail that says them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import groupby

from flask import current_app

from tracker.language import gettext as _
from tracker.operations.reminders.lines import Rendered, TaskLine, short_day
from tracker.outbox import address_of, one_line
from tracker.queries.reminders import DIGEST, Person
from tracker.rules.deadlines import weekday_name
from tracker.rules.digest import Section, lines_shown
from tracker.rules.status import State
from tracker.rules.words import N_

_SECTION_WORDS = {
    Section.OVERDUE: N_("Quá hạn"),
    Section.DUE_TODAY: N_("Hạn hôm nay"),
    Section.DUE_SOON: N_("Sắp đến hạn"),
    Section.WAITING: N_("Chờ ông/bà xác nhận, quyết định"),
    Section.NEW: N_("Mới giao, mới chuyển đến"),
    Section.DECIDED: N_("Vừa có quyết định"),
}


@dataclass(frozen=True)
class Line(TaskLine):
    """One task in one person's digest; `tells` are the rungs and news of it that this person was not told."""

    section: Section
    days: int
    """Days overdue, of waiting for a confirmation, or working days left, by the section."""
    note: str
    tells: tuple[tuple[str, date | None], ...]

    @property
    def is_new(self) -> bool:
        return bool(self.tells)

    @cached_property
    def standing(self) -> str:
        """How many days late, left or waiting, and what was decided or asked."""
        match self.section:
            case Section.OVERDUE:
                words = _("quá hạn %(days)s ngày", days=self.days)
            case Section.DUE_TODAY:
                words = _("hạn %(hour)shôm nay", hour=self.hour)
            case Section.DUE_SOON:
                words = _("còn %(days)s ngày làm việc", days=self.days)
            case Section.WAITING if self.task.state is State.AWAITING_CONFIRMATION:
                words = _("chờ xác nhận %(days)s ngày", days=self.days)
            case _other:
                words = ""
        return "; ".join(part for part in (words, self.note) if part)


@dataclass(frozen=True)
class Digest:
    """Everything that is true for a person on a day, of which the mail shows the lines it has room for."""

    person: Person
    day: date
    lines: Sequence[Line]
    kind = DIGEST

    @cached_property
    def has_address(self) -> bool:
        """Whether the person can be written to at all."""
        return address_of(self.person.email) is not None

    @cached_property
    def is_of_overdue(self) -> bool:
        """Whether something in it is overdue."""
        return any(line.section is Section.OVERDUE for line in self.lines)

    @cached_property
    def shown(self) -> list[Line]:
        return lines_shown(self.lines)

    @cached_property
    def sections(self) -> list[tuple[str, int, list[Line]]]:
        """Title, number of all lines, and the lines shown, of each section that shows any."""
        counts = Counter(line.section for line in self.lines)
        return [
            (_(_SECTION_WORDS[section]), counts[section], list(lines))
            for section, lines in groupby(self.shown, key=lambda line: line.section)
        ]

    @cached_property
    def more(self) -> int:
        return len(self.lines) - len(self.shown)

    @cached_property
    def figures(self) -> str:
        """The numbers that the subject begins with, of all lines."""
        counts = Counter(line.section for line in self.lines)
        words = [
            (counts[Section.OVERDUE], N_("%(n)s quá hạn")),
            (counts[Section.DUE_TODAY] + counts[Section.DUE_SOON], N_("%(n)s đến hạn")),
            (counts[Section.WAITING], N_("%(n)s chờ xác nhận, quyết định")),
            (counts[Section.NEW], N_("%(n)s mới giao")),
            (counts[Section.DECIDED], N_("%(n)s vừa có quyết định")),
        ]
        return ", ".join(_(text, n=number) for number, text in words if number)

    @cached_property
    def tells(self) -> set[tuple[int, str, date | None]]:
        """What the ledger keeps: (task, rung, due date) of the lines shown."""
        return {(line.task.id, rung, due_on) for line in self.shown for rung, due_on in line.tells}

    @cached_property
    def fingerprint(self) -> str:
        """Of all that the mail says and the ledger keeps of it: equal facts give equal mails."""
        said = [self.person, self.day, len(self.lines)]
        said += [(line.task, line.section, line.days, line.note, line.tells) for line in self.lines]
        return sha256(json.dumps(said, default=str, ensure_ascii=False).encode()).hexdigest()

    def render(self) -> Rendered:
        """Return the mail that says it."""
        return {
            "subject": self._render("subject.txt"), "text": self._render("body.txt"),
            "html": self._render("body.html"),
        }  # fmt: skip

    def _render(self, name: str) -> str:
        base_url = current_app.config["BASE_URL"]
        return current_app.jinja_env.get_template(f"emails/digest/{name}").render(
            digest=self, name=one_line(self.person.name), day=short_day(self.day),
            weekday=_(weekday_name(self.day)), list_url=f"{base_url}/nhiem-vu",
            account_url=f"{base_url}/tai-khoan",
        )  # fmt: skip

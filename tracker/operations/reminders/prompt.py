"""The mail that does not wait: what one person has to know before the next daily mail."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from hashlib import sha256
from itertools import groupby

from flask import current_app

from tracker.language import gettext as _
from tracker.operations.reminders.lines import CONTENT_BYTES, Rendered, TaskLine, short_day, shortened
from tracker.outbox import one_line
from tracker.queries.prompts import PROMPT
from tracker.queries.reminders import Person
from tracker.rules.digest import MOST_LINES
from tracker.rules.prompt import ORDER, News
from tracker.rules.words import N_

REASON_BYTES = 150
ROOMY_LINES = 10
"""Of more lines than these each is brief, so that the mail stays below 30 KB."""
BRIEF_CONTENT_BYTES, BRIEF_REASON_BYTES = 140, 75
SUBJECT_BYTES = 130

_URGENCIES = {"urgent": N_("khẩn"), "very_urgent": N_("thượng khẩn"), "express": N_("hỏa tốc")}
_SECTION_WORDS = {
    News.GIVEN: N_("Việc khẩn mới giao"),
    News.REWORK: N_("Yêu cầu làm lại"),
    News.EXTENSION: N_("Quyết định gia hạn"),
    News.DEADLINE: N_("Đến hạn theo giờ"),
}
_WHAT_HAPPENED = {
    "transfer": N_("mới chuyển đến"),
    "inherit": N_("mới chuyển đến"),
    "rework": N_("được yêu cầu làm lại"),
    "grant_extension": N_("được gia hạn"),
    "refuse_extension": N_("không đồng ý gia hạn"),
}


@dataclass(frozen=True)
class PromptLine(TaskLine):
    """One news of one task; `do` is the entry of the history, "" for a deadline that comes near."""

    news: News
    do: str
    reason: str
    day: date
    """On which it is told."""
    tells: tuple[tuple[str, date | None], ...]
    """The rungs of the ledger."""
    is_brief: bool = False
    """Among many lines: less of the content and of the reason."""

    @property
    def content_bytes(self) -> int:
        return BRIEF_CONTENT_BYTES if self.is_brief else CONTENT_BYTES

    @cached_property
    def urgency(self) -> str:
        return _(_URGENCIES.get(self.task.urgency, _URGENCIES["urgent"]))

    @cached_property
    def standing(self) -> str:
        """What happened, and why."""
        match self.news:
            case News.GIVEN:
                return f"{_(_WHAT_HAPPENED.get(self.do, N_('mới giao')))} – {self.urgency}"
            case News.DEADLINE:
                return _("hạn %(moment)s", moment=self.moment)
        words = _(_WHAT_HAPPENED[self.do])
        reason = shortened(one_line(self.reason), BRIEF_REASON_BYTES if self.is_brief else REASON_BYTES)
        return f"{words}: {reason}" if reason else words

    @cached_property
    def moment(self) -> str:
        """The hour of the deadline and its day as one says it today."""
        assert self.task.due_on is not None
        return self.hour + (_("hôm nay") if self.task.due_on == self.day else short_day(self.task.due_on))

    @cached_property
    def subject(self) -> str:
        """The news first, then the task."""
        match self.news:
            case News.GIVEN:
                words = _("[Việc mới – %(urgency)s] %(task)s", urgency=self.urgency, task=self.content)
            case News.REWORK:
                words = _("[Làm lại] %(task)s", task=self.content)
            case News.DEADLINE:
                words = _("[Hạn %(moment)s] %(task)s", moment=self.moment, task=self.content)
            case News.EXTENSION if self.do == "grant_extension":
                words = _("[Gia hạn] %(deadline)s – %(task)s", deadline=self.deadline, task=self.content)
            case _other:
                words = _("[Gia hạn] Không đồng ý gia hạn – %(task)s", task=self.content)
        return shortened(words, SUBJECT_BYTES)


@dataclass(frozen=True)
class Prompt:
    """What one person is told at once; the mail shows the lines it has room for, the next mail the others."""

    person: Person
    day: date
    lines: Sequence[PromptLine]
    kind = PROMPT

    @cached_property
    def shown(self) -> list[PromptLine]:
        due = date.max
        lines = sorted(self.lines, key=lambda x: (ORDER.index(x.news), x.task.due_on or due, x.task.id))
        if len(lines) > ROOMY_LINES:
            lines = [replace(line, is_brief=True) for line in lines[:MOST_LINES]]
        return lines

    @cached_property
    def sections(self) -> list[tuple[str, int, list[PromptLine]]]:
        """Title, number of all lines, and the lines shown, of each section that shows any."""
        counts = Counter(line.news for line in self.lines)
        return [
            (_(_SECTION_WORDS[news]), counts[news], list(lines))
            for news, lines in groupby(self.shown, key=lambda line: line.news)
        ]

    @cached_property
    def more(self) -> int:
        return len(self.lines) - len(self.shown)

    @cached_property
    def subject(self) -> str:
        """The news of the only line, else figures: what and how many."""
        if len(self.lines) == 1:
            return self.lines[0].subject
        counts = Counter(line.news for line in self.lines)
        words = {
            News.GIVEN: N_("%(n)s việc khẩn mới giao"),
            News.REWORK: N_("%(n)s yêu cầu làm lại"),
            News.EXTENSION: N_("%(n)s quyết định gia hạn"),
            News.DEADLINE: N_("%(n)s đến hạn theo giờ"),
        }
        figures = ", ".join(_(words[news], n=counts[news]) for news in ORDER if counts[news])
        return _("[Báo ngay] %(figures)s", figures=figures)

    @cached_property
    def tells(self) -> set[tuple[int, str, date | None]]:
        """What the ledger keeps: (task, rung, due date) of the lines shown."""
        return {(line.task.id, rung, due_on) for line in self.shown for rung, due_on in line.tells}

    @cached_property
    def fingerprint(self) -> str:
        """Of all that the mail says: equal facts give equal mails."""
        lines = [(line.task, line.news, line.do, line.reason, line.tells) for line in self.lines]
        said = [self.person, self.day, lines]
        return sha256(json.dumps(said, default=str, ensure_ascii=False).encode()).hexdigest()

    def render(self) -> Rendered:
        """Return the mail that says it."""
        return {
            "subject": self._render("subject.txt"), "text": self._render("body.txt"),
            "html": self._render("body.html"),
        }  # fmt: skip

    def _render(self, name: str) -> str:
        base_url = current_app.config["BASE_URL"]
        return current_app.jinja_env.get_template(f"emails/prompt/{name}").render(
            prompt=self, name=one_line(self.person.name), list_url=f"{base_url}/nhiem-vu",
            account_url=f"{base_url}/tai-khoan",
        )  # fmt: skip

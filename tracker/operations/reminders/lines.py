"""How a mail writes of one task, whatever it has to say of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypedDict

from flask import current_app

from tracker.language import gettext as _
from tracker.outbox import one_line
from tracker.queries.reminders import TaskFacts
from tracker.rules.words import KINDS_OF_DIRECTIVE

CONTENT_BYTES = 210
"""Of a task's content in a mail, some 150 letters: with this a mail of any content stays below 30 KB."""
NAME_BYTES = 75


class Rendered(TypedDict):
    """A mail as text."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class TaskLine:
    """A task in somebody's mail: its content, its directive, its deadline and where it is found."""

    task: TaskFacts

    @property
    def content_bytes(self) -> int:
        """How much room the content has."""
        return CONTENT_BYTES

    @cached_property
    def content(self) -> str:
        return shortened(one_line(self.task.content), self.content_bytes)

    @cached_property
    def directive(self) -> str:
        """Kind and number, or kind and day where the paper has no number."""
        kind = _(KINDS_OF_DIRECTIVE.get(self.task.directive_kind, self.task.directive_kind))
        if self.task.directive_number:
            return f"{kind} {shortened(one_line(self.task.directive_number), NAME_BYTES)}"
        return _("%(kind)s ngày %(day)s", kind=kind, day=short_day(self.task.directive_issued_on))

    @cached_property
    def unit(self) -> str:
        return shortened(one_line(self.task.unit_name), NAME_BYTES)

    @cached_property
    def lead(self) -> str:
        """The lead unit, named as such."""
        return _("chủ trì: %(unit)s", unit=self.unit)

    @cached_property
    def deadline(self) -> str:
        if self.task.due_on is None:
            return _("Không thời hạn")
        return _("Hạn %(moment)s", moment=f"{self.hour}{short_day(self.task.due_on)}")

    @cached_property
    def hour(self) -> str:
        """The hour of the deadline with a blank after it, "" where it has none."""
        return f"{self.task.due_time:%H:%M} " if self.task.due_time else ""

    @cached_property
    def url(self) -> str:
        return f"{current_app.config['BASE_URL']}/nhiem-vu/{self.task.id}"


def shortened(text: str, most: int) -> str:
    """Return `text` in at most so many bytes of UTF-8, ending in “…” where some is left out."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len("…".encode())].decode(errors="ignore").rstrip() + "…"


def short_day(day: date) -> str:
    """Return a day as a mail writes it."""
    return f"{day:%d/%m}/{day.year:04}"

"""What a file may be ordered of: found anew for its person when it is asked for, made and fetched."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from sqlalchemy import select

from tracker.clock import day_of
from tracker.files.b4 import Frozen
from tracker.files.b4_files import FORMS, NEEDS_TASKS, file_of
from tracker.language import gettext as _
from tracker.models import db, end_reading
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations.exports import task_list
from tracker.operations.exports.file import File
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.queries.frozen import Opened, Unreadable, open_frozen
from tracker.queries.paper_templates import template_of
from tracker.queries.units import issuer_of
from tracker.rules.b4_table import Grouping
from tracker.rules.words import GROUPING_TITLES

Wrote = Callable[[int], None]
"""Is told how many tasks are written so far; what it raises ends the making."""


class Source(Protocol):
    """What a person may have a file of on a day."""

    @property
    def forms(self) -> Sequence[str]:
        """The kinds of files that there are of it."""

    @property
    def title(self) -> str:
        """What the file is of, for people."""

    @property
    def reach(self) -> list[str] | None:
        """What the person sees it by, as the codes of units whose part it is; None for who sees all."""

    def count(self) -> int:
        """Return how many tasks the file will hold."""

    def write(self, form: str, wrote: Wrote) -> File:
        """Return the file in a form, one of `forms`."""


@dataclass(frozen=True)
class B4Source:
    """A B.4 with the tasks behind it."""

    question: Question
    reach: list[str] | None
    made_on: date
    issuing: Unit | None = None
    """Of a part, which its own unit issues."""
    compare: date | None = None
    """The earlier cut-off day that the numbers are compared with."""
    forms = FORMS

    @property
    def title(self) -> str:
        question = self.question
        words = _(
            "B.4 %(assigner)s, từ %(first)s đến %(last)s, chốt số liệu %(on)s",
            assigner=question.assigner.name, first=_typed(question.first), last=_typed(question.last),
            on=_typed(question.on),
        )  # fmt: skip
        words = _with_rows(words, question.grouping, folded=question.folded)
        if self.compare is not None:
            words = _("%(words)s, so với %(day)s", words=words, day=_typed(self.compare))
        return words

    def count(self) -> int:
        """Return how many tasks the table counts."""
        return b4.table(self.question).total.all

    def write(self, form: str, wrote: Wrote) -> File:
        """Return the table as a file; numbers and tasks of one file are read at one moment."""
        question, report, moves = self.question, None, None
        if form in NEEDS_TASKS:
            report = b4.report(question)
            moves = b4.moves_of(report)
            table = report.table(question.grouping, folded=question.folded)
        else:
            table = b4.table(question)
        then = b4.table(replace(question, on=self.compare)) if self.compare is not None else None
        issuer = issuer_of(self.issuing) if self.issuing else None
        table = replace(table, part_of=issuer.name if issuer else "")
        template = template_of(self.issuing or question.assigner) if form == "docx" else None
        end_reading()
        made = file_of(
            form, table, report, made_on=self.made_on, then=then, issuer=issuer, template=template,
            moves=moves, wrote=wrote,
        )  # fmt: skip
        wrote(table.total.all)
        return File(made.filename, made.media_type, made.content)


@dataclass(frozen=True)
class FrozenSource:
    """A B.4 as it was frozen, as far as the person may see it."""

    opened: Opened
    grouping: Grouping
    folded: bool
    issuing: Unit | None = None
    """Of a part, which its own unit issues."""
    forms = FORMS

    @property
    def title(self) -> str:
        report = self.opened.report
        words = _(
            "B.4 %(assigner)s, từ %(first)s đến %(last)s, đã chốt số liệu %(on)s, lần %(n)s",
            assigner=report.assigner_name, first=_typed(report.first), last=_typed(report.last),
            on=_typed(report.on), n=self.opened.kept.edition,
        )  # fmt: skip
        return _with_rows(words, self.grouping, folded=self.folded)

    @property
    def reach(self) -> list[str] | None:
        """Codes of the units of the part, None for the whole."""
        return sorted(self.opened.codes) if self.opened.codes is not None else None

    def count(self) -> int:
        """Return how many tasks were frozen."""
        return len(self.opened.report.tasks)

    def write(self, form: str, wrote: Wrote) -> File:
        """Return the frozen table and its tasks as a file that says when and by whom it was frozen."""
        report, kept = self.opened.report, self.opened.kept
        template = template_of(self.issuing or kept.assigner) if form == "docx" else None
        issuer = issuer_of(self.issuing) if self.issuing else None
        frozen, made_on = Frozen(*self.opened.stamp_line), day_of(kept.made_at)
        moves = b4.moves_of(report) if form in NEEDS_TASKS else None
        end_reading()
        table = report.table(self.grouping, folded=self.folded)
        made = file_of(
            form, replace(table, part_of=issuer.name if issuer else ""), report, made_on=made_on,
            frozen=frozen, issuer=issuer, template=template, moves=moves, wrote=wrote,
        )  # fmt: skip
        return File(made.filename, made.media_type, made.content)


def find(asked: Mapping[str, Any], user: User, *, today: date) -> Source | None:
    """Return what is asked for, as far as the person may see it today; None for what is not theirs to see.

    `asked` is what an order keeps: plain words, days as YYYY-MM-DD. What cannot be read is None too.
    """
    if not user.active or asked.get("what") not in _FINDERS:
        return None
    return _FINDERS[asked["what"]](asked, user, today)


def covers(now: Source, made_of: list[str] | None) -> bool:
    """Return whether who sees `now` may have a file that was made of the part `made_of` (None: of all)."""
    return now.reach is None or (made_of is not None and set(made_of) <= set(now.reach))


def _with_rows(words: str, grouping: Grouping, *, folded: bool) -> str:
    """Return the title of a table with what its rows are, unless each is a unit."""
    if grouping is not Grouping.UNIT:
        return _("%(words)s, theo %(rows)s", words=words, rows=_(GROUPING_TITLES[grouping.value]).lower())
    return _("%(words)s, gộp đơn vị trực thuộc", words=words) if folded else words


def _find_b4(asked: Mapping[str, Any], user: User, today: date) -> Source | None:
    open_to_them = b4.assigners_open_to(user, day=today)
    assigner = next((each for each in open_to_them if each.unit.code == asked.get("assigner")), None)
    try:
        first, last, on = (date.fromisoformat(str(asked.get(name))) for name in ("from", "to", "on"))
        compare = date.fromisoformat(str(asked["compare"])) if asked.get("compare") else None
    except ValueError:
        return None
    grouping = str(asked.get("group") or Grouping.UNIT)
    if compare is not None and not first <= compare < on:
        return None
    if assigner is None or not first <= last or not first <= on <= today or grouping not in set(Grouping):
        return None
    part = None if assigner.in_full else b4.part_open_to(user, day=today)
    reach = None
    if part is not None:
        reach = sorted(db.session.scalars(select(Unit.code).where(Unit.id.in_(part.units))))
    folded = asked.get("folded") == "1"
    question = Question(
        assigner.unit, first, last, on, part=part, grouping=Grouping(grouping), folded=folded
    )
    return B4Source(question, reach, today, user.unit if part is not None else None, compare)


def _find_frozen(asked: Mapping[str, Any], user: User, today: date) -> Source | None:
    number, group = str(asked.get("report")), str(asked.get("group") or Grouping.UNIT)
    if not (number.isascii() and number.isdecimal() and len(number) < 10) or group not in set(Grouping):
        return None
    try:
        opened = open_frozen(int(number), user, day=today)
    except Unreadable:
        return None
    if opened is None or not opened.is_intact:
        return None
    issuing = user.unit if opened.is_part else None
    return FrozenSource(opened, Grouping(group), asked.get("folded") == "1", issuing)


_FINDERS: Mapping[str, Callable[[Mapping[str, Any], User, date], Source | None]] = {
    "b4": _find_b4, "frozen": _find_frozen, "tasks": task_list.find,
}  # fmt: skip


def _typed(day: date) -> str:
    return f"{day:%d/%m/%Y}"

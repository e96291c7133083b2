"""The mail that brings a monthly overdue report: the figures and the worst of it, the rest in its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app

from tracker.files import overdue_words as words
from tracker.files.b4 import COLUMNS
from tracker.language import gettext as _
from tracker.operations.reminders.lines import Rendered, shortened
from tracker.outbox import one_line
from tracker.rules.overdue_report import OverdueReport, OverdueTask, UnitOverdue

WORST = 10
"""Tasks in the mail, the latest first."""
UNITS = 15
"""Units in the mail, those with the most overdue tasks."""
CONTENT_BYTES = 210
NAME_BYTES = 120
REASON_BYTES = 600
"""With these a mail of any report stays below 30 KB."""


@dataclass(frozen=True)
class ReportMailText:
    """One report, whole or a part, as it is told to one person."""

    report: OverdueReport
    edition: int
    name: str
    """Of the person."""
    url: str
    filenames: Sequence[str]
    sent_by: str | None = None
    """Who sends it again, None for the first time."""
    reason: str | None = None

    @property
    def why(self) -> str:
        """The first line: why this person gets it."""
        name, assigner = one_line(self.name), self._short(self.report.assigner_name)
        if self.report.part_name:
            return _(
                "Ông/bà %(name)s nhận thư này vì phụ trách %(units)s, đơn vị chủ trì nhiệm vụ do %(assigner)s"
                " giao.",
                name=name, units=self._short(self.report.part_name), assigner=assigner,
            )  # fmt: skip
        return _(
            "Ông/bà %(name)s nhận thư này vì chỉ đạo, theo dõi hoặc giám sát nhiệm vụ do %(assigner)s giao.",
            name=name, assigner=assigner,
        )  # fmt: skip

    @property
    def again(self) -> str:
        """Who sent it again and why, empty for the first time."""
        if self.sent_by is None:
            return ""
        reason = self._short(self.reason or "", REASON_BYTES)
        return _("%(who)s gửi lại báo cáo này. Lý do: %(reason)s", who=one_line(self.sent_by), reason=reason)

    @property
    def title(self) -> str:
        return self._short(words.title_words(self.report), 2 * NAME_BYTES)

    @property
    def figures(self) -> list[str]:
        """The sentences with the numbers of the month."""
        return [words.balance_words(self.report), words.month_rate_words(self.report)]

    @property
    def cells(self) -> list[tuple[str, str]]:
        """The seven numbers of B.4 and their sum, each with its words."""
        total = self.report.total
        named = [f"{group} – {head.lower()}" for group, head in COLUMNS]
        numbers = [words.number_words(number) for number in (*total.cells, total.all)]
        return list(zip([*named, _("Tất cả")], numbers, strict=True))

    @property
    def period(self) -> str:
        return words.period_words(self.report)

    @property
    def units(self) -> list[str]:
        """The units with the most overdue tasks, one line each; none in the part of one unit."""
        units = sorted(self.report.by_unit, key=lambda unit: (-len(unit.tasks), -unit.most_days))
        return [self._unit(unit) for unit in units[:UNITS]] if len(self.report.rows) > 1 else []

    @property
    def more_units(self) -> int:
        return max(0, len(self.report.by_unit) - UNITS)

    @property
    def repeats(self) -> str:
        """The units that repeat, in one line, empty for none."""
        names = [self._short(repeat.unit.name) for repeat in self.report.repeats[:UNITS]]
        return ", ".join(names)

    @property
    def repeat_words(self) -> str:
        return words.repeat_words(self.report)

    @property
    def worst(self) -> list[tuple[str, str, str, str]]:
        """Content, unit and directive, deadline and days, and the address, of the latest tasks."""
        base_url = current_app.config["BASE_URL"]
        return [
            (self._short(task.content, CONTENT_BYTES), self._of(task), self._late(task),
             f"{base_url}/nhiem-vu/{task.task_id}")
            for task in self.report.worst[:WORST]
        ]  # fmt: skip

    @property
    def more(self) -> int:
        return max(0, len(self.report.overdue) - WORST)

    def render(self) -> Rendered:
        """Return subject, text and HTML."""
        return {
            "subject": self._render("subject.txt").strip(), "text": self._render("body.txt"),
            "html": self._render("body.html"),
        }  # fmt: skip

    def _render(self, name: str) -> str:
        template = current_app.jinja_env.get_template(f"emails/report/{name}")
        number = words.number_words
        return template.render(
            mail=self, report=self.report, month=words.month_name(self.report.month), number=number
        )

    def _unit(self, unit: UnitOverdue) -> str:
        return _(
            "%(unit)s: %(count)s nhiệm vụ (%(new)s mới), lâu nhất %(days)s ngày",
            unit=self._short(unit.unit.name), count=words.number_words(len(unit.tasks)),
            new=words.number_words(unit.new), days=words.number_words(unit.most_days),
        )  # fmt: skip

    def _of(self, task: OverdueTask) -> str:
        unit = self._short(self.report.name_of(task.unit_id))
        return _("%(paper)s · chủ trì: %(unit)s", paper=self._short(words.paper_words(task)), unit=unit)

    @staticmethod
    def _late(task: OverdueTask) -> str:
        return _(
            "Hạn %(due)s · quá hạn %(days)s ngày%(new)s", due=words.day_words(task.due_on),
            days=words.number_words(task.days), new=_(" · mới quá hạn") if task.is_new else "",
        )  # fmt: skip

    @staticmethod
    def _short(text: str, most: int = NAME_BYTES) -> str:
        return shortened(one_line(text), most)

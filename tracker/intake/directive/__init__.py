"""Reading a directive: from its plain text to what its header says, what it cites and what it asks for."""

from __future__ import annotations

from datetime import date

from tracker.intake.directive.citations import read_citations
from tracker.intake.directive.header import read_header
from tracker.intake.directive.lines import lay_out
from tracker.intake.directive.tasks import read_tasks
from tracker.intake.plain import PlainPaper
from tracker.intake.proposal import Proposal
from tracker.rules.deadlines import WorkingCalendar

__all__ = ["read_directive"]


def read_directive(
    paper: PlainPaper, *, calendar: WorkingCalendar, today: date, strict_before: bool = True
) -> Proposal:
    """Return what is understood of a paper: header, citations and tasks, each with its place in `paper.text`.

    Deadlines are read against the paper's own date, `today` (a day in Vietnam) where it has none;
    `strict_before` says whether “trước ngày D” leaves D out. Nothing is refused: what is odd is warned of.
    """
    layout = lay_out(paper)
    header = read_header(layout)
    citations = read_citations(layout, header=header)
    tasks, warnings = read_tasks(
        layout,
        plain=paper.text,
        header=header,
        calendar=calendar,
        today=today,
        strict_before=strict_before,
    )
    return Proposal(paper.text, header=header, citations=citations, tasks=tasks, warnings=warnings)

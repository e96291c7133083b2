"""A file becomes a proposal in one go; runs in the process of `tracker.intake.limited`."""

from __future__ import annotations

from datetime import date
from typing import Any

from tracker.intake.directive import read_directive
from tracker.intake.paper import read_paper
from tracker.intake.papers.txt import plain_text
from tracker.intake.plain import PlainPaper
from tracker.intake.proposal import Proposal
from tracker.rules.deadlines import WorkingCalendar


def read_file(
    filename: str, content: bytes, *, calendar: WorkingCalendar, today: date, **words: Any
) -> tuple[PlainPaper, Proposal]:
    """Return the plain text of a paper and what it asks for; `words` are those of `read_directive`."""
    paper = read_paper(filename, content)
    return paper, read_directive(paper, calendar=calendar, today=today, **words)


def read_words(
    text: str, *, calendar: WorkingCalendar, today: date, **words: Any
) -> tuple[PlainPaper, Proposal]:
    """Return the same of text that somebody pasted."""
    paper = PlainPaper(plain_text(text))
    return paper, read_directive(paper, calendar=calendar, today=today, **words)

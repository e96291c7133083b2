"""A file becomes a proposal in one go; runs in the process of `tracker.intake.limited`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tracker.intake.directive import read_directive
from tracker.intake.paper import read_paper
from tracker.intake.papers.piped import with_piped_tables
from tracker.intake.papers.txt import plain_text
from tracker.intake.plain import Cell, PlainPaper
from tracker.intake.proposal import Proposal
from tracker.rules.deadlines import WorkingCalendar


def read_file(
    filename: str, content: bytes, *, calendar: WorkingCalendar, today: date, **words: Any
) -> tuple[PlainPaper, Proposal]:
    """Return the plain text of a paper and what it asks for; `words` are those of `read_directive`."""
    paper = read_paper(filename, content)
    return paper, read_directive(paper, calendar=calendar, today=today, **words)


def read_papers(
    papers: Sequence[tuple[str, bytes]], otherwise: str, *, calendar: WorkingCalendar, today: date,
    **words: Any,
) -> tuple[PlainPaper, Proposal]:  # fmt: skip
    """Return the same of several papers as one text, appendices after it; of `otherwise` without any."""
    whole = joined([read_paper(filename, content) for filename, content in papers])
    if not whole.text.strip():
        whole = PlainPaper(plain_text(otherwise))
    return whole, read_directive(whole, calendar=calendar, today=today, **words)


def joined(papers: Sequence[PlainPaper]) -> PlainPaper:
    """Return several papers as one text, their tables numbered on."""
    text = ""
    cells: list[Cell] = []
    for paper in papers:
        text += "\n\n" if text else ""
        tables = max((cell.table for cell in cells), default=-1) + 1
        cells += [
            replace(each, table=each.table + tables, start=each.start + len(text), end=each.end + len(text))
            for each in paper.cells
        ]
        text += paper.text
    return PlainPaper(text, tuple(cells))


def read_words(
    text: str, *, calendar: WorkingCalendar, today: date, **words: Any
) -> tuple[PlainPaper, Proposal]:
    """Return the same of text that somebody pasted."""
    paper = with_piped_tables(plain_text(text))
    return paper, read_directive(paper, calendar=calendar, today=today, **words)

"""Appendix tables that share out work: real ones by their cells, flattened ones by one cell a line."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.intake.directive.draw import Draw
from tracker.intake.directive.lines import Paragraph
from tracker.intake.proposal import ProposedTask


def read_tables(draw: Draw, paragraphs: Sequence[Paragraph]) -> tuple[list[ProposedTask], list[Paragraph]]:
    """Return the tasks of the tables, and the paragraphs that stand in none."""
    return [], list(paragraphs)

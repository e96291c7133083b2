"""The documents that a paper cites."""

from __future__ import annotations

from tracker.intake.directive.lines import Layout
from tracker.intake.proposal import Citation, Header


def read_citations(layout: Layout, *, header: Header) -> tuple[Citation, ...]:
    """Return each document that a paper cites, once, in the order of naming."""
    return ()

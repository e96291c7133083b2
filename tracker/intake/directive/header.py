"""The head, the signature and the places of a paper."""

from __future__ import annotations

from tracker.intake.directive.lines import Layout
from tracker.intake.proposal import Header


def read_header(layout: Layout) -> Header:
    """Return what the head and the foot of a paper say."""
    return Header()

"""The score of a unit as a small bar: drawn on the server, readable on grey paper, its text beside it."""

from __future__ import annotations

from decimal import Decimal

from markupsafe import Markup

WIDTH, HEIGHT = 100, 12
"""One unit of length is one point of the score."""

_BAR = Markup(
    '<svg class="score-bar" width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    ' aria-hidden="true" focusable="false">'
    '<rect x="0.5" y="0.5" width="99" height="11" fill="#ffffff" stroke="#5a6472"/>'
    '<rect x="0.5" y="0.5" width="{score}" height="11" fill="{fill}" stroke="#16191d"/>'
    '<path d="M50 0.5v11" stroke="#5a6472" stroke-dasharray="2 2"/></svg>'
)
RANKED_FILL, UNRANKED_FILL = "#1f3a5f", "#c3cad4"


def score_bar(score: Decimal | None, *, is_ranked: bool) -> Markup:
    """Return the bar of a score from 0 to 100, pale for a unit without a place; nothing without a score."""
    if score is None:
        return Markup("")
    length = f"{score * 99 / 100:.1f}"
    fill = RANKED_FILL if is_ranked else UNRANKED_FILL
    return _BAR.format(width=WIDTH, height=HEIGHT, score=length, fill=fill)

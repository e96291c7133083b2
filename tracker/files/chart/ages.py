"""How long something has waited: a bar for each stretch of days."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from tracker.files.chart.drawing import NORMAL, WIDTH, frame, rect, text, width_of

ROW, BAR_HEIGHT = 28, 20
GAP, TOTAL = 8, 46
FILLS = ("#efe8fa", "#d9caf0", "#b9a1de", "#8a69bd", "#6a469f", "#43237a")
"""The longer the wait, the darker; the number stands beside the bar, never on it."""


def ages_bars(bars: Sequence[tuple[str, int]], *, label: str) -> Markup:
    """Return an SVG of at most six bars under each other, each with its name before and its number behind."""
    most = max((number for _name, number in bars), default=0) or 1
    names = max((width_of(name) for name, _number in bars), default=0) + 2 * GAP
    drawn = Markup("")
    for place, ((name, number), fill) in enumerate(zip(bars, FILLS, strict=False)):
        y = place * ROW
        drawn += text(names - GAP, y + 17, name, size=NORMAL, anchor="end")
        length = number * (WIDTH - names - TOTAL) / most
        if number:
            drawn += rect(x=names, y=y + 2, width=length, height=BAR_HEIGHT, fill=fill)
        drawn += text(names + length + 6, y + 17, number)
    return frame(drawn, height=len(bars) * ROW + 2, label=label)

"""The seven cells of B.4 as stacked bars, one for each row of the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

from tracker.files.chart.drawing import (
    NORMAL,
    SMALL,
    WIDTH,
    frame,
    ink_on,
    rect,
    shortened,
    text,
    width_of,
)
from tracker.rules.status import CELLS, OVERDUE_CELLS, Cell

ROW = 44
BAR_TOP, BAR_HEIGHT = 19, 19
TOTAL = 46
"""Room at the end of a bar for its sum."""
LENGTH = WIDTH - TOTAL - 1
KEY_LINE = 21

GROUNDS = {
    Cell.NOT_STARTED_NOT_DUE: "#ffffff",
    Cell.NOT_STARTED_OVERDUE: "#991b1b",
    Cell.IN_PROGRESS_NOT_DUE: "#c9daf0",
    Cell.IN_PROGRESS_OVERDUE: "#7a1212",
    Cell.AWAITING_CONFIRMATION: "#e6dbf7",
    Cell.COMPLETED_ON_TIME: "#2b6b45",
    Cell.COMPLETED_LATE: "#dcd59a",
}
"""Each neighbour is much lighter or darker than the one before: the seven read on grey paper too."""

_LINES = {
    Cell.NOT_STARTED_NOT_DUE: Markup(),
    Cell.NOT_STARTED_OVERDUE: Markup(
        '<path d="M-2 2l4-4M0 8l8-8M6 10l4-4" stroke="#f3b4b4" stroke-width="1.4"/>'
    ),
    Cell.IN_PROGRESS_NOT_DUE: Markup('<path d="M0 2h8M0 6h8" stroke="#5f83b5" stroke-width="0.8"/>'),
    Cell.IN_PROGRESS_OVERDUE: Markup('<path d="M0 0l8 8M8 0L0 8" stroke="#f3b4b4" stroke-width="1"/>'),
    Cell.AWAITING_CONFIRMATION: Markup('<path d="M2 0v8M6 0v8" stroke="#8a69bd" stroke-width="0.8"/>'),
    Cell.COMPLETED_ON_TIME: Markup(),
    Cell.COMPLETED_LATE: Markup('<path d="M-2 6l4 4M0 0l8 8M6-2l4 4" stroke="#77702b" stroke-width="1"/>'),
}
_PATTERN = Markup(
    '<pattern id="cells-{cell}" width="8" height="8" patternUnits="userSpaceOnUse">'
    '<rect width="8" height="8" fill="{ground}"/>{lines}</pattern>'
)
_LABEL = Markup(
    '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size}" font-weight="{weight}"'
    ' fill="{ink}" stroke="{ground}" stroke-width="4" paint-order="stroke">{number}</text>'
)
_GROUP = Markup("<g><title>{says}</title>{inside}</g>")


class CellBar(NamedTuple):
    """One bar: its name, seven numbers in the order of the columns, and a sentence that says them."""

    name: str
    cells: Sequence[int]
    says: str


def cells_bars(bars: Sequence[CellBar], *, label: str, cell_words: Sequence[str]) -> Markup:
    """Return an SVG of stacked bars, the longest as long as the picture is wide; `cell_words` name the seven.

    Each part is as long as its number; the numbers stand in the parts that have room for them.
    """
    most = max((sum(bar.cells) for bar in bars), default=0) or 1
    patterns = [
        _PATTERN.format(cell=cell.value, ground=GROUNDS[cell], lines=_LINES[cell]) for cell in CELLS
    ]
    drawn = Markup("<defs>{}</defs>").format(Markup().join(patterns))
    key, top = _key(cell_words)
    drawn += key
    for place, bar in enumerate(bars):
        drawn += _bar(bar, y=top + place * ROW, unit=LENGTH / most)
    return frame(drawn, height=top + len(bars) * ROW + 4, label=label)


def _key(words: Sequence[str]) -> tuple[Markup, float]:
    """Return the names of the seven fills, in two columns, and where the bars begin below them."""
    drawn = Markup("")
    for number, (cell, name) in enumerate(zip(CELLS, words, strict=True)):
        x, y = (0.5 if number < 4 else WIDTH / 2), 1 + (number % 4) * KEY_LINE
        drawn += rect(x=x, y=y, width=24, height=14, fill=f"url(#cells-{cell.value})")
        drawn += text(x + 30, y + 12, shortened(name, room=WIDTH / 2 - 34, size=SMALL), size=SMALL)
    return drawn, 4 * KEY_LINE + 8


def _bar(bar: CellBar, *, y: float, unit: float) -> Markup:
    inside = text(0, y + 14, shortened(bar.name, room=WIDTH))
    x = 0.5
    for cell, number in zip(CELLS, bar.cells, strict=True):
        if not number:
            continue
        width = number * unit
        inside += rect(x=x, y=y + BAR_TOP, width=width, height=BAR_HEIGHT, fill=f"url(#cells-{cell.value})")
        if width >= width_of(number) + 6:
            inside += _LABEL.format(
                x=x + width / 2, y=y + BAR_TOP + 14.5, size=NORMAL, ink=ink_on(GROUNDS[cell]),
                ground=GROUNDS[cell], number=number, weight="bold" if cell in OVERDUE_CELLS else "normal",
            )  # fmt: skip
        x += width
    inside += text(x + 6, y + BAR_TOP + 14.5, sum(bar.cells))
    return _GROUP.format(says=bar.says, inside=inside)

"""A heat map: rows by months, each cell holding its number on a shade."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from markupsafe import Markup

from tracker.files.chart.drawing import SMALL, WIDTH, frame, ink_on, rect, shortened, text

HEAD = 18
ROW = 42
CELL_TOP, CELL_HEIGHT = 17, 22

SHADES = ("#ffffff", "#dbe5f1", "#a9bfdb", "#5677a6", "#1f3a5f")
"""From nothing to the most, each darker than the one before."""

_LINK = Markup('<a href="{url}" aria-label="{says}">{inside}</a>')
_PLAIN = Markup("<g><title>{says}</title>{inside}</g>")


class HeatCell(NamedTuple):
    """One cell: what it prints, how dark it is (0 to 1, None for nothing to tell), its words and address."""

    shown: str
    weight: Fraction | None
    says: str
    url: str | None = None


class HeatRow(NamedTuple):
    """One row: its name and a cell for each month."""

    name: str
    cells: Sequence[HeatCell]


def shade_of(weight: Fraction | None) -> str:
    """Return the shade of a weight: white for nothing, the darkest for the whole."""
    if not weight:
        return SHADES[0]
    steps = len(SHADES) - 1
    return SHADES[min(steps, int(weight * steps) + 1)]


def heat_map(months: Sequence[str], rows: Sequence[HeatRow], *, label: str) -> Markup:
    """Return an SVG of the rows under the names of the months; a cell with an address is a link."""
    place = (WIDTH - 1) / max(1, len(months))
    drawn = Markup("")
    for number, name in enumerate(months):
        drawn += text(place * (number + 0.5), 13, name, size=SMALL, anchor="middle")
    for at, row in enumerate(rows):
        y = HEAD + at * ROW
        drawn += text(0, y + 13, shortened(row.name, room=WIDTH, size=SMALL), size=SMALL)
        for number, cell in enumerate(row.cells):
            shade = shade_of(cell.weight)
            x = 0.5 + place * number
            inside = rect(x=x, y=y + CELL_TOP, width=place, height=CELL_HEIGHT, fill=shade)
            inside += text(
                x + place / 2, y + CELL_TOP + 15.5, cell.shown, size=SMALL, anchor="middle",
                fill=ink_on(shade),
            )  # fmt: skip
            whole = _LINK if cell.url else _PLAIN
            drawn += whole.format(url=cell.url, says=cell.says, inside=inside)
    return frame(drawn, height=HEAD + len(rows) * ROW + 2, label=label, has_links=True)

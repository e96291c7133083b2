"""Charts as SVG, drawn on the server: they need no script, and read on grey paper too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from markupsafe import Markup

WIDTH, HEIGHT = 640, 240
TOP, BOTTOM, LEFT = 26, 34, 8
BAR = 0.62
"""Width of a bar as a part of its place."""

_FRAME = Markup(
    '<svg class="trend" viewBox="0 0 {width} {height}" role="img" aria-label="{label}" focusable="false">'
    '<defs><pattern id="trend-overdue" width="6" height="6" patternUnits="userSpaceOnUse">'
    '<rect width="6" height="6" fill="#991b1b"/>'
    '<path d="M-1 1l2-2M0 6l6-6M5 7l2-2" stroke="#fff" stroke-width="1.2"/></pattern></defs>'
    '{bars}<path d="M0 {floor}H{width}" stroke="#16191d"/></svg>'
)
_PART = Markup(
    '<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" stroke="#16191d"/>'
)
_TEXT = Markup(
    '<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" font-size="{size}" fill="#16191d">{text}</text>'
)


class Bar(NamedTuple):
    """One bar: its name, the light lower part, and the dark hatched part on top of it."""

    name: str
    light: int
    dark: int


def stacked_bars(bars: Sequence[Bar], *, label: str) -> Markup:
    """Return an SVG of bars in a row, each under the number of its dark part; `label` says it in words."""
    most = max((bar.light + bar.dark for bar in bars), default=0) or 1
    place = (WIDTH - 2 * LEFT) / max(1, len(bars))
    floor = HEIGHT - BOTTOM
    scale = (floor - TOP) / most
    drawn = Markup("")
    for number, bar in enumerate(bars):
        middle = LEFT + place * (number + 0.5)
        low, high = bar.light * scale, bar.dark * scale
        frame = {"x": middle - place * BAR / 2, "width": place * BAR}
        if bar.light:
            drawn += _PART.format(y=floor - low, height=low, fill="#dfe7f2", **frame)
        if bar.dark:
            drawn += _PART.format(y=floor - low - high, height=high, fill="url(#trend-overdue)", **frame)
            drawn += _TEXT.format(x=middle, y=floor - low - high - 6, size=17, text=bar.dark)
        drawn += _TEXT.format(x=middle, y=HEIGHT - 10, size=16, text=bar.name)
    return _FRAME.format(width=WIDTH, height=HEIGHT, label=label, bars=drawn, floor=floor)

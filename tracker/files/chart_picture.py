"""The chart of twelve months as a picture for Word: grey, 200 dots an inch, legible on a black print.

Only figures stand in it, so that the typeface that Pillow brings along is enough on every machine.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import pairwise
from math import dist

from PIL import Image, ImageDraw, ImageFont

from tracker.files.chart import Point

DPI = 200
WIDTH_MM, HEIGHT_MM = 160, 62
FINE = 2
"""The picture is drawn so many times larger and made small again: smooth lines at the size of paper."""
INK, HATCH, PALE, PAPER = 16, 70, 190, 255
BAR = 0.58
"""Width of a bar as a part of its place."""


def _dots(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI * FINE)


def bars_and_rates_png(points: Sequence[Point]) -> bytes:
    """Return a PNG of hatched bars under their numbers and a broken line of rates (scale 0 to 100%)."""
    width, height = _dots(WIDTH_MM), _dots(HEIGHT_MM)
    picture = Image.new("L", (width, height), PAPER)
    draw = ImageDraw.Draw(picture)
    large, small = (ImageFont.load_default(size=_dots(size)) for size in (3.4, 2.9))
    left, right, top, floor = _dots(2), width - _dots(12), _dots(7), height - _dots(7)
    place, most = (
        (right - left) / max(1, len(points)),
        max((point.number for point in points), default=0) or 1,
    )
    for rate in (0, 0.25, 0.5, 0.75, 1):
        y = floor - rate * (floor - top)
        draw.line([(left, y), (right, y)], fill=PALE, width=_dots(0.15))
        draw.text((width - _dots(0.5), y), f"{rate:.0%}", fill=INK, font=small, anchor="rm")
    marks: list[tuple[float, float] | None] = []
    for number, point in enumerate(points):
        middle = left + place * (number + 0.5)
        bar_top = floor - point.number * (floor - top) / most
        box = (round(middle - place * BAR / 2), round(bar_top), round(middle + place * BAR / 2), floor)
        if point.number:
            _hatch(picture, box)
        draw.text((middle, bar_top - _dots(0.6)), str(point.number), fill=INK, font=large, anchor="mb")
        draw.text((middle, floor + _dots(1.2)), point.name, fill=INK, font=small, anchor="mt")
        has_rate = point.rate is not None
        marks.append((middle, floor - float(point.rate or 0) * (floor - top)) if has_rate else None)
    draw.line([(left, floor), (right, floor)], fill=INK, width=_dots(0.3))
    _line(draw, marks)
    out = io.BytesIO()
    picture.reduce(FINE).save(out, "PNG", dpi=(DPI, DPI))
    return out.getvalue()


def _hatch(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Fill a bar with slanting lines on white, in a frame: it reads in grey and on a faint copy."""
    left, top, right, floor = box
    bar = Image.new("L", (right - left, max(1, floor - top)), PAPER)
    draw = ImageDraw.Draw(bar)
    for start in range(-bar.height, bar.width, _dots(1)):
        draw.line([(start, bar.height), (start + bar.height, 0)], fill=HATCH, width=_dots(0.45))
    draw.rectangle([(0, 0), (bar.width - 1, bar.height - 1)], outline=INK, width=_dots(0.3))
    picture.paste(bar, (left, top))


def _line(draw: ImageDraw.ImageDraw, marks: Sequence[tuple[float, float] | None]) -> None:
    """Join the marks of neighbouring months by broken lines, and draw each as a diamond."""
    for before, after in pairwise(marks):
        if before and after:
            steps = max(1, round(dist(before, after) / _dots(1.6)))
            for step in range(0, steps, 2):
                ends = [
                    (
                        before[0] + (after[0] - before[0]) * part / steps,
                        before[1] + (after[1] - before[1]) * part / steps,
                    )
                    for part in (step, min(step + 1, steps))
                ]
                draw.line(ends, fill=INK, width=_dots(0.5))
    size = _dots(1.2)
    for mark in filter(None, marks):
        x, y = mark
        corners = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
        draw.polygon(corners, fill=PAPER, outline=INK, width=_dots(0.35))

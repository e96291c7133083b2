"""Tables of a page as their ruled lines tell them: cells between lines, merged where a line is missing."""

from __future__ import annotations

import ctypes
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pypdfium2 as pdf
import pypdfium2.raw as pdfium

NEAR = 2.5
"""Points within which two lines are one, or touch."""
SHORTEST = 6.0
"""Points of the shortest line that may bound a cell."""
MOST_RULES, MOST_SEGMENTS, MOST_BOXES = 2_000, 40_000, 20_000
"""Lines, drawn segments and places of a grid of one page; a page with more is a drawing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line: where it lies across its direction, and from where to where it goes."""

    at: float
    first: float
    last: float


@dataclass(slots=True)
class GridCell:
    """A cell: its place in the table and how many rows and columns it covers."""

    row: int
    column: int
    rows: int
    columns: int


@dataclass(slots=True)
class Grid:
    """One ruled table: its lines from left to right and from the top down, and which cell each place is."""

    lefts: list[float]
    tops: list[float]
    cells: list[GridCell] = field(default_factory=list)
    cell_at: dict[tuple[int, int], int] = field(default_factory=dict)

    def find(self, x: float, y: float) -> int | None:
        """Return the number of the cell in which a point lies, None outside of the table."""
        column = bisect_right(self.lefts, x) - 1
        row = bisect_right([-top for top in self.tops], -y) - 1
        return self.cell_at.get((row, column))


def grids_of(page: pdf.PdfPage) -> list[Grid]:
    """Return the ruled tables of a page, from the top down; a frame without a line inside is none."""
    across, down = _rules(page)
    found = []
    for some_across, some_down in _connected(across, down):
        tops = sorted(_places(some_across), reverse=True)
        lefts = sorted(_places(some_down))
        if len(tops) < 2 or len(lefts) < 3 or len(tops) * len(lefts) > MOST_BOXES:
            continue
        grid = Grid(lefts, tops)
        _fill(grid, some_across, some_down)
        if len(grid.cells) > 1:
            found.append(grid)
    return sorted(found, key=lambda grid: -grid.tops[0])


def _rules(page: pdf.PdfPage) -> tuple[list[Rule], list[Rule]]:
    across: set[Rule] = set()
    down: set[Rule] = set()
    segments = 0
    for thing in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH], max_depth=4):
        for (x0, y0), (x1, y1) in _segments(thing):
            segments += 1
            if abs(y0 - y1) < 1 and abs(x0 - x1) > SHORTEST:
                across.add(Rule(round(y0, 1), min(x0, x1), max(x0, x1)))
            elif abs(x0 - x1) < 1 and abs(y0 - y1) > SHORTEST:
                down.add(Rule(round(x0, 1), min(y0, y1), max(y0, y1)))
        if segments > MOST_SEGMENTS:
            return [], []
    whole_across, whole_down = _joined(across), _joined(down)
    return ([], []) if len(whole_across) + len(whole_down) > MOST_RULES else (whole_across, whole_down)


def _joined(rules: set[Rule]) -> list[Rule]:
    """Return lines on one height that follow each other as one: most programs draw each cell by itself."""
    whole: list[Rule] = []
    for rule in sorted(rules, key=lambda each: (round(each.at), each.first)):
        last = whole[-1] if whole else None
        if last is not None and round(last.at) == round(rule.at) and rule.first <= last.last + NEAR:
            whole[-1] = Rule(last.at, last.first, max(last.last, rule.last))
        else:
            whole.append(rule)
    return whole


def _segments(thing: pdf.PdfObject) -> Iterator[tuple[tuple[float, float], tuple[float, float]]]:
    matrix = thing.get_matrix()
    x, y = ctypes.c_float(), ctypes.c_float()
    first: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    for index in range(min(pdfium.FPDFPath_CountSegments(thing), MOST_SEGMENTS)):
        segment = pdfium.FPDFPath_GetPathSegment(thing, index)
        if not segment or not pdfium.FPDFPathSegment_GetPoint(segment, x, y):
            continue
        point = matrix.on_point(x.value, y.value)
        kind = pdfium.FPDFPathSegment_GetType(segment)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            first = point
        elif kind == pdfium.FPDF_SEGMENT_LINETO and last is not None:
            yield last, point
        last = point
        if pdfium.FPDFPathSegment_GetClose(segment) and first is not None:
            yield point, first
            last = first


def _connected(across: list[Rule], down: list[Rule]) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the lines that touch each other, directly or by others, as the lines of one table."""
    left_across, left_down = set(across), set(down)
    while left_across:
        some_across, some_down = {left_across.pop()}, set()
        fresh_across: Iterable[Rule] = set(some_across)
        while fresh_across:
            fresh_down = {each for each in left_down if any(_touch(rule, each) for rule in fresh_across)}
            left_down -= fresh_down
            some_down |= fresh_down
            fresh_across = {each for each in left_across if any(_touch(each, rule) for rule in fresh_down)}
            left_across -= fresh_across
            some_across |= fresh_across
        if some_down:
            yield list(some_across), list(some_down)


def _touch(across: Rule, down: Rule) -> bool:
    return (
        across.first - NEAR <= down.at <= across.last + NEAR
        and down.first - NEAR <= across.at <= down.last + NEAR
    )


def _places(rules: list[Rule]) -> list[float]:
    """Return where the lines lie; lines that lie next to each other are one."""
    places: list[float] = []
    for at in sorted(rule.at for rule in rules):
        if not places or at - places[-1] > NEAR:
            places.append(at)
    return places


def _fill(grid: Grid, across: list[Rule], down: list[Rule]) -> None:
    """Find the cells: places between which no line lies are one."""
    rows, columns = len(grid.tops) - 1, len(grid.lefts) - 1
    walls = _by_place(down, grid.lefts)
    floors = _by_place(across, grid.tops)
    for row in range(rows):
        for column in range(columns):
            if (row, column) in grid.cell_at:
                continue
            middle_y = (grid.tops[row] + grid.tops[row + 1]) / 2
            right = column + 1
            while right < columns and (row, right) not in grid.cell_at and not _covers(
                walls[right], middle_y
            ):
                right += 1
            bottom = row + 1
            middle_x = (grid.lefts[column] + grid.lefts[column + 1]) / 2
            while bottom < rows and not _covers(floors[bottom], middle_x):
                bottom += 1
            number = len(grid.cells)
            grid.cells.append(GridCell(row, column, bottom - row, right - column))
            for each in range(row, bottom):
                for other in range(column, right):
                    grid.cell_at[each, other] = number


def _by_place(rules: list[Rule], places: list[float]) -> dict[int, list[tuple[float, float]]]:
    found: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for rule in rules:
        for number, place in enumerate(places):
            if abs(rule.at - place) <= NEAR:
                found[number].append((rule.first, rule.last))
    return found


def _covers(stretches: list[tuple[float, float]], point: float) -> bool:
    return any(first - NEAR <= point <= last + NEAR for first, last in stretches)

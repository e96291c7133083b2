"""Appendix tables that share out work: real ones by their cells, flattened ones by one cell a line."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tracker.intake.directive import shapes
from tracker.intake.directive.columns import fitted, kind_of, shares_out_work
from tracker.intake.directive.draw import FROM_COLUMN, SURE, Draw
from tracker.intake.directive.lines import Paragraph, Role
from tracker.intake.directive.units import read_names
from tracker.intake.proposal import Found, PaperKind, ProposedTask

MOST_COLUMNS = 12
_FIRST_HEAD = re.compile(r"(?:stt|tt|so tt|so thu tu|s ?tt)\.?$")
_NUMBER = re.compile(r"(?:\d{1,3}|\d{1,2}(?:\.\d{1,2}){1,3}|[IVX]{1,6}|[A-Za-zđ])[.)]?$")
_SECTION_NUMBER = re.compile(r"(?:[IVX]{1,6}|[A-ZĐ])[.)]?$")
_COUNTED_COLUMN = re.compile(r"\(\d{1,2}\)$")
_TOTAL = re.compile(r"(?:tong cong|tong so|cong)[ :.]*$")


@dataclass(slots=True)
class Row:
    """One row: the stretches of the text in each of its columns, by the kind of column."""

    number: str = ""
    cells: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, start: int, end: int) -> None:
        """Put a stretch into a column."""
        self.cells[kind].append((start, end))


def read_tables(draw: Draw, paragraphs: Sequence[Paragraph]) -> tuple[list[ProposedTask], list[Paragraph]]:
    """Return the tasks of the tables, and the paragraphs that stand in none."""
    tables: dict[int, list[Paragraph]] = defaultdict(list)
    rest: list[Paragraph] = []
    for paragraph in paragraphs:
        if paragraph.cell and paragraph.role in (Role.TABLE, Role.APPENDIX, Role.BODY):
            tables[paragraph.cell.table].append(paragraph)
        else:
            rest.append(paragraph)
    reports = draw.header.kind is not None and draw.header.kind.value is PaperKind.BAO_CAO
    tasks: list[ProposedTask] = []
    for cells in tables.values():
        rows = _real_rows(draw, cells)
        if rows is None:
            rest += [] if len(cells) > 6 else cells
        elif not reports:
            tasks += _tasks(draw, rows)
    rest.sort(key=lambda each: each.start)
    kept: list[Paragraph] = []
    at = 0
    while at < len(rest):
        flat = _flat_rows(draw, rest, at)
        if flat is None:
            kept.append(rest[at])
            at += 1
            continue
        rows, at = flat
        if not reports:
            tasks += _tasks(draw, rows)
    return tasks, kept


def _tasks(draw: Draw, rows: Sequence[Row]) -> Iterator[ProposedTask]:
    section = ""
    handed: tuple[Found[str], ...] = ()
    for row in rows:
        content = row.cells.get("content")
        if not content:
            continue
        start, end = content[0][0], content[-1][1]
        told = [kind for kind in ("lead", "with", "time", "product") if row.cells.get(kind)]
        if _TOTAL.match(draw.folded, start, end):
            continue
        if not told and (_SECTION_NUMBER.match(row.number) or not row.number):
            section = row.number.strip(".)")
            names = read_names(draw.text, start, end)
            whole = names and not draw.text[names.end : end].strip(" .:")
            handed = draw.found(names.names, SURE, FROM_COLUMN) if names and whole else ()
            continue
        if end - start < 6:
            continue
        lead, coordinating = _named(draw, row, "lead"), _named(draw, row, "with")
        time = row.cells.get("time")
        due = None
        if time:
            dues = draw.dues(time[0][0], time[-1][1], whole=True)
            due = dues[0] if dues else draw.continuous(time[0][0], time[-1][1])
        else:
            dues = draw.dues(start, end)
            due = dues[0] if dues else None
        product = None
        if made := row.cells.get("product"):
            value = draw.text[made[0][0] : made[-1][1]].strip(" .;")
            product = (
                Found(value, *draw.normal.place(made[0][0], made[-1][1]), SURE, FROM_COLUMN)
                if value
                else None
            )
        number = row.number.strip(".)")
        yield draw.task(
            start, end, lead=lead or handed, coordinating=coordinating, due=due, product=product,
            item=f"{section}.{number}".strip(".") or None,
        )  # fmt: skip


def _named(draw: Draw, row: Row, kind: str) -> tuple[Found[str], ...]:
    found: dict[str, Found[str]] = {}
    cells = row.cells.get(kind, [])
    pieces = [(cells[0][0], cells[-1][1])] if cells and _goes_on(draw, cells) else cells
    for start, end in pieces:
        for each in draw.all_names(start, end, FROM_COLUMN):
            found.setdefault(each.value, each)
    return tuple(found.values())


def _goes_on(draw: Draw, cells: Sequence[tuple[int, int]]) -> bool:
    """Tell whether the lines of a cell are one list that goes on from line to line."""
    return all(draw.text[end - 1] in ",;" or draw.text[end + 1].islower() for _, end in cells[:-1])


def _real_rows(draw: Draw, paragraphs: Sequence[Paragraph]) -> list[Row] | None:
    """Return the rows of a real table below its head, None where it shares out no work."""
    grid: dict[int, dict[int, list[Paragraph]]] = defaultdict(lambda: defaultdict(list))
    for paragraph in paragraphs:
        cell = paragraph.cell
        assert cell is not None
        grid[cell.row][cell.column].append(paragraph)
    kinds: dict[int, str] = {}
    body_from = 0
    for row in sorted(grid)[:4]:
        found = {
            column: kind_of(" ".join(draw.folded[each.start : each.end] for each in cells))
            for column, cells in grid[row].items()
        }
        heads = [kind for kind in found.values() if kind]
        numbers = any(_NUMBER.match(draw.text[cells[0].start : cells[0].end]) for cells in grid[row].values())
        long = any(sum(each.end - each.start for each in cells) > 90 for cells in grid[row].values())
        if kinds and (long or numbers or len(heads) < len(found) / 2):
            if not all(
                _COUNTED_COLUMN.match(draw.text[cells[0].start : cells[0].end])
                for cells in grid[row].values()
            ):
                break
            body_from = row + 1
            continue
        if len(heads) < 2 and not kinds:
            continue
        for column, kind in found.items():
            cell = grid[row][column][0].cell
            width = cell.columns if cell else 1
            for covered in range(column, column + width):
                if kind:
                    kinds[covered] = kind
        body_from = row + 1
    if not shares_out_work(list(kinds.values())):
        return None
    reaching: dict[int, tuple[int, list[Paragraph]]] = {}
    rows = []
    for row in sorted(grid):
        if row < body_from:
            continue
        made = Row()
        for column in sorted(set(kinds) | set(grid[row])):
            cells = grid[row].get(column, [])
            if cells and cells[0].cell and cells[0].cell.rows > 1:
                reaching[column] = (row + cells[0].cell.rows, cells)
            if not cells and column in reaching and row < reaching[column][0]:
                cells = reaching[column][1]
            for each in cells:
                kind = kinds.get(column, "other")
                wide = each.cell is not None and each.cell.columns > 2
                if kind == "number" and not wide:
                    made.number = draw.text[each.start : each.end]
                else:
                    made.add("content" if wide else kind, each.start, each.end)
        if not kinds or "number" not in kinds.values():
            made.number = made.number or "·"
        rows.append(made)
    return rows


def _flat_rows(draw: Draw, paragraphs: Sequence[Paragraph], at: int) -> tuple[list[Row], int] | None:
    """Return the rows of a table of one cell a line that begins at `at`, and where the text goes on."""
    first = paragraphs[at]
    if not _FIRST_HEAD.match(draw.folded[first.start : first.end]):
        return None
    heads: list[str] = []
    index = at + 1
    while index < len(paragraphs) and len(heads) <= MOST_COLUMNS:
        paragraph = paragraphs[index]
        text = draw.text[paragraph.start : paragraph.end]
        if _NUMBER.match(text) or len(text) > 90:
            break
        if not _COUNTED_COLUMN.match(text):
            heads.append(kind_of(draw.folded[paragraph.start : paragraph.end]) or "other")
        index += 1
    kinds = _without_roofs(["number", *heads])
    if not shares_out_work(kinds) or index >= len(paragraphs):
        return None
    rows: list[Row] = []
    while index < len(paragraphs):
        paragraph = paragraphs[index]
        number = draw.text[paragraph.start : paragraph.end]
        if _COUNTED_COLUMN.match(number):
            index += 1
            continue
        if not _NUMBER.match(number) or paragraph.role is not first.role:
            break
        stop = index + 1
        while (
            stop < len(paragraphs)
            and stop - index <= 4 * len(kinds)
            and not _ends_row(draw, paragraphs[stop], first)
        ):
            stop += 1
        cells = [(each.start, each.end) for each in paragraphs[index + 1 : stop]]
        last = stop >= len(paragraphs) or not _NUMBER.match(
            draw.text[paragraphs[stop].start : paragraphs[stop].end]
        )
        if last and not _SECTION_NUMBER.match(number):
            cells = _of_last_row(draw, cells, kinds)
        if not cells:
            break
        row = Row(number)
        if len(cells) == 1:
            row.add("content", *cells[0])
        else:
            for kind, cell in zip(fitted(draw, kinds[1:], cells), cells, strict=True):
                row.add(kind, *cell)
        rows.append(row)
        index += 1 + len(cells)
        if last:
            break
    return rows, index


def _without_roofs(kinds: list[str]) -> list[str]:
    """Drop the head over “Chủ trì” and “Phối hợp”: of two columns of leads the first is the roof."""
    leads = [index for index, kind in enumerate(kinds) if kind == "lead"]
    if len(leads) > 1 and "with" in kinds:
        roof, low = leads[0], leads[1]
        below = kinds[low : low + 2]
        rest = [kind for index, kind in enumerate(kinds) if index not in (roof, low, low + 1)]
        if below == ["lead", "with"]:
            place = len([index for index in range(roof) if index < low])
            return rest[:place] + below + rest[place:]
        del kinds[roof]
    return kinds


def _ends_row(draw: Draw, paragraph: Paragraph, first: Paragraph) -> bool:
    text = draw.text[paragraph.start : paragraph.end]
    folded = draw.folded[paragraph.start : paragraph.end]
    return (
        bool(_NUMBER.match(text)) or paragraph.role is not first.role
        or bool(shapes.APPENDIX_LINE.match(folded) and text.isupper())
        or bool(_FIRST_HEAD.match(folded)) or bool(re.match(r"(?:ghi chu|noi nhan|luu y) ?:", folded))
        or (shapes.is_capitals(text) and len(text) > 25)
    )  # fmt: skip


def _of_last_row(draw: Draw, cells: list[tuple[int, int]], kinds: Sequence[str]) -> list[tuple[int, int]]:
    """Cut what follows a table off its last row: more lines than columns, or running text."""
    most = len(kinds) - 1
    kept: list[tuple[int, int]] = []
    for start, end in cells:
        text = draw.text[start:end]
        if kept and (len(kept) >= most or re.match(r"(?:[IVX]+|\d{1,2})\. \w", text)):
            break
        kept.append((start, end))
    return kept

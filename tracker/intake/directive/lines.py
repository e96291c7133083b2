"""The paragraphs of a paper with their roles: where its head ends, where it is signed, what hangs on it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tracker.intake.directive import shapes
from tracker.intake.directive.normal import Normal
from tracker.intake.directive.raw import (
    Line,
    Role,
    columns_of,
    lines_of,
    mark_footnotes,
    without_page_numbers,
)
from tracker.intake.directive.regions import foot_of, head_end, mark_foot
from tracker.intake.plain import Cell, PlainPaper

__all__ = ["Layout", "Paragraph", "Role", "lay_out"]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its role and its place in the normalised text (not in the plain text)."""

    role: Role
    start: int
    end: int
    cell: Cell | None = None
    """The real table cell that it stands in, whatever its role."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A paper laid out: the normalised text, and its paragraphs in order of their beginning."""

    normal: Normal
    paragraphs: tuple[Paragraph, ...]

    def of(self, *roles: Role) -> tuple[Paragraph, ...]:
        """Return the paragraphs of these roles, in order."""
        return tuple(each for each in self.paragraphs if each.role in roles)

    def text(self, paragraph: Paragraph) -> str:
        """Return the clean text of a paragraph."""
        return self.normal.text[paragraph.start : paragraph.end]

    def folded(self, paragraph: Paragraph) -> str:
        """Return the folded text of a paragraph, as long as its clean text."""
        return self.normal.folded[paragraph.start : paragraph.end]


LONGEST_HEAD = 150
"""Within how many lines a head ends."""


def lay_out(paper: PlainPaper) -> Layout:
    """Return the paragraphs of a paper with their roles, over its normalised text.

    It looks at each line a fixed number of times, so a hostile text costs no more than a long one.
    """
    lines = without_page_numbers(list(lines_of(paper)))
    mark_footnotes(lines)
    columns = [column for line in lines[:LONGEST_HEAD] for column in columns_of(paper.text, line)]
    top = columns[: head_end(columns)]
    head = sum(line.number <= top[-1].number for line in lines[:LONGEST_HEAD]) if top else 0
    top = [column for column in columns if top and column.number <= top[-1].number]
    for line in top:
        line.role = Role.HEAD
    rest = lines[head:]
    foot, after = foot_of(rest)
    bottom = [column for line in rest[foot:after] for column in columns_of(paper.text, line)]
    mark_foot(bottom)
    for line in rest[:foot] + rest[after:]:
        if line.role is Role.BODY and line.cell:
            line.role = Role.TABLE
    for line in rest[after:]:
        if line.role is Role.BODY:
            line.role = Role.APPENDIX
    groups = [[line] for line in top]
    groups += _joined(rest[:foot], signed=foot < len(rest))
    groups += [[line] for line in bottom]
    groups += _joined(rest[after:], signed=False)
    return _layout(groups)


def _layout(groups: Sequence[Sequence[Line]]) -> Layout:
    pieces, paragraphs, at = [], [], 0
    for group in groups:
        start = at
        for line in group:
            pieces.append(("\n" if line is group[0] else " ", line.piece))
            at += len(line.text) + 1
        paragraphs.append(Paragraph(group[0].role, start, at - 1, group[0].cell))
    return Layout(Normal(pieces), tuple(paragraphs))


_CLOSING = re.compile(
    r"tren day (?:la|,)|yeu cau |de nghi |nhan duoc |trong qua trinh |quyet dinh nay co hieu luc"
)
_ENDS = ("./.", "/.", "./")


def _joined(lines: Sequence[Line], *, signed: bool) -> list[list[Line]]:
    """Return paragraphs: lines that one sentence runs through belong together; footnotes step behind them."""
    wrapped = _wrapped_at(lines)
    groups: list[list[Line]] = []
    notes: list[list[Line]] = []
    open_group: list[Line] | None = None
    flat = False
    for line in lines:
        if line.role is Role.FOOTNOTE:
            if line.note or not notes or line.gap:
                notes.append([])
            notes[-1].append(line)
            continue
        flat = _is_flat_table(flat, line)
        if open_group and not flat and _continues(open_group[-1], line, wrapped, interrupted=bool(notes)):
            open_group.append(line)
            continue
        if open_group:
            groups.append(open_group)
        groups += notes
        notes = []
        open_group = [line]
    groups += [open_group] if open_group else []
    groups += notes
    body = [group for group in groups if group[0].role is Role.BODY]
    for last in body[-1:]:
        if last[-1].folded.endswith(_ENDS) or (signed and _CLOSING.match(last[0].folded)):
            for line in last:
                line.role = Role.CLOSING
    return groups


_AFTER_FLAT = re.compile(r"[ivx]{1,5}\. |phu luc|noi nhan|dieu \d")


def _is_flat_table(flat: bool, line: Line) -> bool:
    """Tell whether a line stands in a table that was flattened to one cell a line."""
    if re.match(r"(?:stt|tt|so tt|so thu tu)$", line.folded):
        return True
    return flat and len(line.text) < 250 and not _AFTER_FLAT.match(line.folded)


def _wrapped_at(lines: Sequence[Line]) -> int | None:
    """Return how many characters a line of hard-wrapped text holds, None where a line is a paragraph."""
    lengths = sorted(len(line.text) for line in lines if line.role is Role.BODY)
    if len(lengths) < 4:
        return None
    width = lengths[int(len(lengths) * 0.9)]
    if width > 140:
        return None
    broken = sum(
        after.text[0].islower() and before.text[-1] not in ".;:" and not shapes.LABEL.match(after.folded)
        for before, after in pairwise(lines)
    )
    return width if broken >= max(2, len(lines) // 12) else None


def _continues(before: Line, line: Line, wrapped: int | None, *, interrupted: bool) -> bool:
    """Tell whether a line goes on with the sentence of the line before it."""
    if before.cell != line.cell:
        return False
    low, end, first = line.folded, before.text[-1], line.text[0]
    if shapes.LABEL.match(low):
        return False
    if shapes.BULLET.match(low):
        return bool(re.search(r"/[a-z0-9]{2,}$", before.folded) and re.match(r"- ?[A-ZĐ]{2,}\b", line.text))
    gap = line.gap or interrupted
    full = wrapped is not None and len(before.text) + len(line.text.split(" ", 1)[0]) + 1 > 0.85 * wrapped
    if end in ":;!?" or before.folded.endswith("/."):
        return False
    if end == ".":
        return full and not gap and not line.piece.text[0].isdigit()
    if shapes.is_capitals(before.text) != shapes.is_capitals(line.text):
        return False
    if first.islower():
        return True
    if shapes.LABEL.match(before.folded) and len(before.text) < 60 and first.isupper() and not full:
        return False
    prose = len(before.text) >= 40 or full or bool(shapes.CONNECTS.search(before.text[-20:]))
    if shapes.CONNECTS.search(before.text[-20:]):
        return True
    if first.isdigit() or first in "(\"“'‘":
        return prose and (len(line.text) > 6 or not gap)
    return full

"""The tasks that a paper asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from tracker.intake.directive import shapes
from tracker.intake.directive.draw import Draw
from tracker.intake.directive.lines import Layout, Paragraph, Role
from tracker.intake.directive.tables import read_tables
from tracker.intake.directive.walk import Walk
from tracker.intake.proposal import Header, PaperKind, ProposedTask, Warned
from tracker.rules.deadlines import WorkingCalendar


def read_tasks(
    layout: Layout,
    *,
    plain: str,
    header: Header,
    calendar: WorkingCalendar,
    today: date,
    strict_before: bool,
) -> tuple[tuple[ProposedTask, ...], tuple[Warned, ...]]:
    """Return the tasks of a paper in their order, and what is odd about them.

    `plain` is the plain text that all places count. Deadlines are read against the day of the paper, or what
    its head tells of it, `today` where it tells nothing. What is a task and what is none: docs/reading.md.
    """
    draw = Draw(layout, header, plain=plain, calendar=calendar, today=today, strict_before=strict_before)
    tasks, rest = read_tables(draw, layout.of(Role.BODY, Role.CLOSING, Role.TABLE, Role.APPENDIX))
    kind = header.kind.value if header.kind else None
    tasks += Walk(draw, kind).tasks_of(layout, [each for each in rest if each.role is not Role.APPENDIX])
    for piece in _pieces(layout, [each for each in rest if each.role is Role.APPENDIX]):
        tasks += Walk(draw, _kind_of_piece(layout, piece)).tasks_of(layout, piece)
    tasks.sort(key=lambda task: (task.start, task.end))
    return tuple(tasks), draw.warnings()


def _pieces(layout: Layout, appendix: Sequence[Paragraph]) -> Iterator[list[Paragraph]]:
    """Yield the papers that hang on a paper, each from its title on."""
    piece: list[Paragraph] = []
    for paragraph in appendix:
        if piece and (_title(layout, paragraph) or _begins_appendix(layout, paragraph)):
            yield piece
            piece = []
        piece.append(paragraph)
    if piece:
        yield piece


def _begins_appendix(layout: Layout, paragraph: Paragraph) -> bool:
    return shapes.is_capitals(layout.text(paragraph)) and bool(
        shapes.APPENDIX_LINE.match(layout.folded(paragraph))
    )


def _title(layout: Layout, paragraph: Paragraph) -> PaperKind | None:
    text = layout.text(paragraph)
    if not shapes.is_capitals(text) or len(text) > 160:
        return None
    folded = layout.folded(paragraph).strip(" .:")
    titles = (title for title in shapes.TITLES if folded.startswith(title))
    longest = max(titles, key=len, default=None)
    return PaperKind(shapes.TITLES[longest]) if longest else None


def _kind_of_piece(layout: Layout, piece: Sequence[Paragraph]) -> PaperKind:
    """Return what hangs on a paper: a plan gives tasks, a list, a form or a regulation does not."""
    for paragraph in piece[:6]:
        if title := _title(layout, paragraph):
            return title
        folded = layout.folded(paragraph)
        if layout.text(paragraph).isupper() and ("phan cong" in folded or "nhiem vu" in folded):
            return PaperKind.KE_HOACH
    return PaperKind.TO_TRINH

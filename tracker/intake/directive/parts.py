"""The parts of an item that are tasks of their own (docs/reading.md): by who is named, by deadlines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from tracker.intake.directive import sense
from tracker.intake.directive.draw import Draw
from tracker.intake.directive.due import Words
from tracker.intake.directive.leads import COMMAND, SENTENCE, Given, attributes, read_lead
from tracker.intake.directive.units import begins_name, read_names
from tracker.intake.directive.verbs import STARTS_WORK

_HOW_OFTEN = re.compile(r"(?:dinh ky )?(?:hang|moi) (?:thang|quy|nam)")
_DAY_AND_MONTH = re.compile(r"(?:ngay )?\d{1,2}(?:/\d{1,2}| thang \d{1,2})?$")
_INTRO = re.compile(
    r"(?:can cu|thuc hien|theo|tiep theo|trien khai|xet|phuc dap|sau khi|ngay \d|de |"
    r"nham |qua |tiep tuc)\b"
)
_SUBJECT = re.compile(r"(?<=[,;:] )(?=[^,;:]{0,90}$)")
_HELPS = re.compile(r",? (?:cùng |có trách nhiệm )?phối hợp")
_ANSWERS = re.compile(r" ?(?:phai |hoan toan )*chiu trach nhiem (?:ve|truoc|toan dien|hoan toan)\b")


@dataclass(slots=True)
class Part:
    """A stretch of an item that is one task, with who it names itself."""

    start: int
    end: int
    given: Given | None = None
    dues: list[Words] | None = None


def parts_of(draw: Draw, start: int, end: int, *, alone: bool = False) -> list[Part]:
    """Return the parts of an item that are tasks of their own (docs/reading.md): by lead, by deadline.

    `alone` tells that nobody above hands it a lead: then a first clause that names neither unit nor day goes
    with the second, which does.
    """
    parts: list[Part] = []
    for first, last in _clauses(draw, start, end):
        told = attributes(draw.text, first, last) if parts else []
        if told and told[0].begins <= first:
            parts[-1].end = last
            continue
        given = read_lead(draw.text, first, last)
        dues = draw.dues(first, last)
        after = behind_names(given, first)
        if sense.is_formula(draw.folded[first:last], after, dated=bool(dues)):
            continue
        current = parts[-1] if parts else None
        if alone and current and given and not given.by_command and not current.given and not current.dues:
            parts[-1] = Part(current.start, last, given, dues)
        elif current is None or (
            given and not _same(given, current.given) and not _only_answers(draw, given, last)
        ):
            parts.append(Part(first, last, given, dues))
        elif dues and current.dues:
            parts.append(Part(first, last, given or current.given, dues))
        else:
            current.end = last
            current.dues = (current.dues or []) + dues
    return [each for part in parts for split in _by_name(draw, part) for each in _by_due(draw, split)]


def behind_names(given: Given | None, start: int) -> int | None:
    """Return where a clause that begins at `start` goes on behind the units it names, counted from there."""
    return max(0, given.after - start) if given and not given.is_behind else None


def asking_begins(draw: Draw, part: Part) -> int:
    """Return where a sentence begins to ask, behind “Thực hiện Công văn số …,” and such words."""
    is_intro = _INTRO.match(draw.folded, part.start) and not draw.folded.startswith("de ", part.start)
    if not part.given or not is_intro:
        return part.start
    before = draw.text[part.start : part.given.at]
    subject = _SUBJECT.search(before)
    if subject:
        return part.start + subject.start()
    return part.given.at if before.rstrip().endswith((",", ";")) else part.start


def _by_name(draw: Draw, part: Part) -> Iterator[Part]:
    """Split “giao Ban A lập hồ sơ, Phòng B thẩm định giá” before the second unit."""
    given = part.given
    if not given or given.after >= part.end:
        yield part
        return
    start, chunk = part.start, given.after
    for comma in re.finditer(r", ", draw.text[given.after : part.end]):
        at = given.after + comma.end()
        said, chunk = draw.text[chunk : at - 2], at
        names = read_names(draw.text, at, part.end)
        if not names or _HELPS.match(draw.text, names.end) or not STARTS_WORK.match(draw.text, names.end + 1):
            continue
        begins = (word.start() for word in re.finditer(r"\S+", said))
        if not STARTS_WORK.match(said.lstrip()) or any(begins_name(said, each, len(said)) for each in begins):
            continue
        yield Part(start, at - 1, given, [words for words in part.dues or [] if start <= words.start < at])
        start, given = at, Given(names.names, False, at, names.end)
    yield Part(start, part.end, given, [words for words in part.dues or [] if words.start >= start])


def _only_answers(draw: Draw, given: Given, last: int) -> bool:
    """Tell whether a clause only says who answers for what the clause before asks."""
    return bool(_ANSWERS.match(draw.folded, given.after, last))


def _by_due(draw: Draw, part: Part) -> Iterator[Part]:
    """Split a part that names several deadlines at the verbs between them."""
    dues = _each_time(draw, part)
    part.dues = dues
    start = part.start
    for before, after in pairwise(dues):
        cut = _cut_between(draw, before.end, after.start)
        if cut is None:
            continue
        inside = [words for words in dues if start <= words.start < cut[0]]
        yield Part(start, cut[0], part.given, inside)
        start = cut[1]
    yield Part(start, part.end, part.given, [words for words in dues if words.start >= start])


def _each_time(draw: Draw, part: Part) -> list[Words]:
    """Return the deadlines of a part, “Hằng năm, …, gửi trước ngày 10/12” as one that comes again."""
    dues = part.dues or []
    if len(dues) != 2 or dues[0].start != part.start or not _HOW_OFTEN.fullmatch(
        draw.folded, dues[0].start, dues[0].end
    ):
        return dues
    often, day = dues
    if day.returns or not _DAY_AND_MONTH.search(draw.folded[day.start : day.end]):
        return dues
    return [replace(day, returns=True, often=(often.start, often.end))]


def _cut_between(draw: Draw, start: int, end: int) -> tuple[int, int] | None:
    """Return where one part ends and the next begins between two deadlines."""
    for mark in re.finditer(r"[,;.)] (?:và |đồng thời,? )?| và ", draw.text[start:end]):
        if STARTS_WORK.match(draw.text, start + mark.end()):
            closed = mark[0].startswith((".", ")"))
            return start + mark.start() + closed, start + mark.end()
    return None


def _clauses(draw: Draw, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield sentences and the clauses between semicolons; what stands in brackets stays together."""
    at, depth, done = start, 0, start
    for mark in SENTENCE.finditer(draw.text, start, end):
        depth += draw.text.count("(", done, mark.start()) - draw.text.count(")", done, mark.start())
        done = mark.start()
        if depth > 0 and mark.start() - at < 400:
            continue
        depth = 0
        if draw.text[mark.start()] == ";" and _lists_names(draw, at, mark.start()):
            continue
        yield at, mark.start() + (0 if draw.text[mark.start()] == "\n" else 1)
        at = mark.end()
    if at < end:
        yield at, end


def _lists_names(draw: Draw, start: int, end: int) -> bool:
    """Tell whether nothing but names stands before a semicolon: “Các sở, ngành; UBND các xã căn cứ …”."""
    asked = COMMAND.match(draw.text, start, end)
    names = read_names(draw.text, asked.end() if asked else start, end)
    return names is not None and names.end >= end


def _same(one: Given, other: Given | None) -> bool:
    return other is not None and [name.value for name in one.leads] == [name.value for name in other.leads]

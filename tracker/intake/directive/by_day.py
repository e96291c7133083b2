"""What a day alone tells: whose deadline a line such as “Thời hạn báo cáo: …” is, and which sentence asks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.intake.directive import sense
from tracker.intake.directive.draw import Draw
from tracker.intake.directive.leads import SENTENCE, Attribute, is_past
from tracker.intake.directive.parts import Part
from tracker.intake.directive.verbs import STARTS_WORK

UNSURE = 0.5
"""How sure a task is that nothing but its day tells of."""

REPORTS = re.compile(
    r"(?:ket qua|bao cao|danh sach|van ban|y kien|ho so|noi dung bao cao|"
    r"ke hoach)[^.;]{0,60}?(?:bao cao|gui|ve|nop|xin)\b"
    r"|(?:thoi gian|thoi han)[^.;:]{0,30}(?:bao cao|gui|hoan thanh)"
)
"""A sentence about the report itself: “Kết quả thực hiện gửi về Sở …”."""
_SENDS = re.compile(r"(?<![a-z])(?:bao cao|gui|nop|trinh|dang ky|tong hop)(?![a-z])")
_OF_ALL = re.compile(r"(?<![a-z])(?:tat ca|chung|(?:cac|nhung) (?:noi dung|nhiem vu|muc|viec))(?![a-z])")
_TELLS_OF_PAPER = re.compile(
    r"(?:theo|can cu) (?:quy dinh|luat|nghi dinh|nghi quyet|quyet dinh|thong tu|chi thi|ke hoach|cong van|"
    r"thong bao|van ban|dieu|khoan)(?![a-z])"
)
"""“Theo Quyết định số …, các cơ sở phải …” tells what that paper lays down."""
_MUST_BE = re.compile(r"(?<![a-z])(?:phai|can)(?: duoc)? (?:hoan thanh|xong|gui|nop|bao cao|trinh)(?![a-z])")


def is_of_some(draw: Draw, said: Attribute) -> bool:
    """Tell whether a line gives a deadline to those that report, send or hand in, and not to all."""
    label, value = draw.folded[said.begins : said.start], draw.folded[said.start : said.end]
    return said.kind == "time" and bool(_SENDS.search(label)) and not _OF_ALL.search(label + value)


def asks_itself(draw: Draw, said: Sequence[Attribute], start: int, end: int) -> bool:
    """Tell whether a line gives a day to reports, below an item that states a day of its own."""
    return all(is_of_some(draw, each) for each in said) and bool(draw.dues(start, end))


def those_that_do(draw: Draw, said: Attribute, places: Sequence[tuple[int, int]]) -> list[int]:
    """Return which of some stretches of text do what the label of such a line names, by their numbers."""
    verbs = "|".join(_SENDS.findall(draw.folded[said.begins : said.start]))
    does = re.compile(rf"(?<![a-z])(?:{verbs})(?![a-z])")
    return [number for number, (start, end) in enumerate(places) if does.search(draw.folded, start, end)]


def reports_by_day(draw: Draw, start: int, end: int) -> bool:
    """Tell whether a paragraph says by when a report has to be there: “Báo cáo gửi về Bộ trước ngày …”."""
    return bool(REPORTS.match(draw.folded, start, end) and draw.dues(start, end))


def sentence_by_day(draw: Draw, part: Part) -> Part | None:
    """Return the sentence of a part that names nobody and asks by its day: “Hoàn thành … trước ngày …”."""
    if not part.dues or draw.text[part.end - 1] == ":":
        return None
    start = part.start
    for mark in SENTENCE.finditer(draw.text, part.start, part.dues[0].start):
        start = mark.end()
    said = draw.folded[start : part.end]
    begins = bool(STARTS_WORK.match(draw.text, start))
    if not begins and (not _MUST_BE.search(said) or _TELLS_OF_PAPER.match(draw.folded, start)):
        return None
    if sense.is_formula(said, None, dated=True) or is_past(draw.text, start, part.end):
        return None
    if sense.is_statement(said, begins_with_work=begins):
        return None
    return Part(start, part.end, None, part.dues)

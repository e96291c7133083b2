"""Where the head of a paper ends, and where it is signed and sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.intake.directive import shapes
from tracker.intake.directive.normal import folded
from tracker.intake.directive.raw import Line, Role


def head_end(lines: Sequence[Line]) -> int:
    """Return how many lines make the head; 0 where the paper begins with its running text."""
    state, end = "top", 0
    for index, line in enumerate(lines):
        if line.role is Role.FOOTNOTE:
            continue
        text, low = line.text, line.folded
        told = _head_state(text, low)
        if told:
            if told == "title" and state in ("title", "address"):
                break
            if not (told == "caps" and state != "top"):
                state = told if told != "caps" else state
            end = index + 1
            continue
        if state == "address" and _goes_on_addressing(lines[index - 1], line):
            end = index + 1
            continue
        if state == "title" and end == index and _is_subject(lines, index):
            end = index + 1
            continue
        if state == "about" and _goes_on_about(lines[index - 1], line):
            end = index + 1
            continue
        if state == "top" and len(text) < 80 and text[-1] not in ".;:," and _head_follows(lines, index):
            end = index + 1
            continue
        break
    return end


def _head_state(text: str, low: str) -> str | None:
    """Return what a line of a head begins, None where it can be running text by its looks."""
    if len(text) > 300:
        return None
    if shapes.ADDRESS_LINE.match(low):
        return "address"
    if len(text) > 160:
        return None
    if shapes.title_of(text, low):
        return "title"
    if shapes.MOTTO.search(low) or (shapes.DAY_LINE.search(low) and len(text) < 110 and "," in text):
        return "top"
    if shapes.NUMBER_LINE.match(low) and len(text) < 60:
        return "top"
    if shapes.ABOUT_LINE.match(low) and not low.startswith("ve viec"):
        return "about"
    if low.startswith("ve viec") and len(text) < 120:
        return "about"
    if shapes.LABEL.match(low):
        return None
    if shapes.URGENCY.match(low) or shapes.OF_NO_ACCOUNT.match(low):
        return "caps"
    if shapes.is_capitals(text) and len(text) < 120:
        return "caps"
    return None


def _goes_on_addressing(before: Line, line: Line) -> bool:
    if shapes.LABEL.match(line.folded):
        return False
    if shapes.BULLET.match(line.folded):
        return not line.folded.rstrip().endswith(("./.",)) and len(line.text) < 250
    ends = before.folded.rstrip()
    if ends.endswith((".", "./.")):
        return False
    if ends.endswith((":", ";", ",", " va")):
        return len(line.text) < 200
    return line.text[0].islower() and len(line.text) < 160 and not line.gap


def _goes_on_about(before: Line, line: Line) -> bool:
    low = line.folded
    if shapes.LABEL.match(low) or shapes.BULLET.match(low):
        return False
    if shapes.is_capitals(before.text) and not shapes.is_capitals(line.text) and len(line.text) > 60:
        return False
    if shapes.BODY_WORDS.match(low) and line.text[0].isupper() and (line.gap or len(line.text) > 60):
        return False
    return len(line.text) < 100 and line.text[-1] not in ".;:"


def _is_subject(lines: Sequence[Line], index: int) -> bool:
    line, before = lines[index], lines[index - 1]
    low = line.folded
    if shapes.LABEL.match(low) or low.startswith("can cu") or len(line.text) > 400:
        return False
    bare = before.folded.rstrip(" :.")
    first = bare in shapes.TITLES
    if first:
        whole = not line.text.endswith((".", ";", ":"))
        return whole and (len(line.text) <= 250 or not shapes.BODY_WORDS.match(low))
    if before.text[-1] in ".;:" or line.text[-1] in ".;:" or len(line.text) > 130:
        return False
    if line.text[0].islower() or line.text[0] in "(“\"":
        return True
    if shapes.is_capitals(before.text) and not shapes.is_capitals(line.text):
        return low.startswith(("ve ", "tai ", "cua "))
    if shapes.CONNECTS.search(before.text[-20:]) and not shapes.BODY_WORDS.match(low):
        return True
    return not line.gap and not shapes.BODY_WORDS.match(low) and len(line.text) < 90


def _head_follows(lines: Sequence[Line], index: int) -> bool:
    for line in lines[index + 1 : index + 8]:
        if len(line.text) > 200:
            return False
        if _head_state(line.text, line.folded) in ("top", "title", "about", "address"):
            return True
    return False


def foot_of(lines: Sequence[Line]) -> tuple[int, int]:
    """Return where signature and recipients begin and end among the lines after the head."""
    at = next((i for i, line in enumerate(lines) if shapes.RECIPIENTS_LINE.match(line.folded)), None)
    if at is None:
        at = next((i for i, line in enumerate(lines) if _signs(lines, i)), None)
    if at is None:
        return len(lines), len(lines)
    start = at
    while start and at - start < 12 and _belongs_to_signature(lines[start - 1]):
        start -= 1
    if not any(shapes.is_authority(line.text, line.folded) for line in lines[start:at]):
        start = at
    end, signed, filed = at, False, False
    while end < len(lines):
        line = lines[end]
        low = line.folded
        if end > at and shapes.APPENDIX_LINE.match(low) and not shapes.BULLET.match(low):
            break
        if len(line.text) > 150 or (shapes.LABEL.match(low) and not shapes.SIGNS_FOR.match(low)):
            break
        listed = shapes.BULLET.match(low) or low.endswith((";", ",")) or shapes.RECIPIENTS_LINE.match(low)
        sign = any(shapes.is_authority(part, folded(part)) for part in re.split(r"\s{2,}", line.text))
        named = shapes.is_name(line.text) or bool(shapes.SIGNED.match(low))
        if not (listed or sign or named) and filed and signed:
            break
        filed = filed or bool(shapes.FILED.search(low))
        signed = signed or sign
        end += 1
        if filed and signed and named and not listed:
            while end < len(lines) and shapes.SIGNED.match(lines[end].folded):
                end += 1
            if end < len(lines) and not _belongs_to_signature(lines[end]):
                break
    return start, end


def _signs(lines: Sequence[Line], index: int) -> bool:
    """Tell whether a signature begins here: an authority in capitals, a name some lines below it."""
    line = lines[index]
    if not shapes.is_authority(line.text, line.folded) or (line.cell and len(line.text) < 4):
        return False
    if shapes.SIGNS_FOR.match(line.folded):
        return True
    below = [after.text for after in lines[index + 1 : index + 5]]
    return any(shapes.is_name(text) and not shapes.is_capitals(text) for text in below)


def _belongs_to_signature(line: Line) -> bool:
    if shapes.LABEL.match(line.folded) or shapes.APPENDIX_LINE.match(line.folded):
        return False
    if shapes.is_authority(line.text, line.folded) or shapes.SIGNED.match(line.folded):
        return True
    return len(line.text) < 50 and (shapes.is_name(line.text) or shapes.is_capitals(line.text))


def mark_foot(lines: Sequence[Line]) -> None:
    """Tell recipients from the signature, also where their columns interleave."""
    signing = False
    for line in lines:
        low = line.folded
        line.role = Role.RECIPIENTS
        if shapes.RECIPIENTS_LINE.match(low) or shapes.BULLET.match(low) or shapes.FILED.match(low):
            continue
        if shapes.is_authority(line.text, low) or shapes.SIGNED.match(low):
            line.role, signing = Role.SIGNATURE, True
        elif signing and low[-1] not in ";," and (
            shapes.is_name(line.text) or shapes.is_capitals(line.text)
        ):
            line.role = Role.SIGNATURE

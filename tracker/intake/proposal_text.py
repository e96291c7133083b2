"""A proposal as text in columns, for the shell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from textwrap import wrap
from typing import Any

from tracker.intake.proposal import Found, Proposal, ProposedTask
from tracker.rules.deadlines import day_text

LABEL, WIDTH = 16, 100
"""Characters of a label, and of a line with its label."""


def as_text(proposal: Proposal) -> str:
    """Return what was understood of a paper, one field a line, doubtful ones marked with “(?)”."""
    parts = [_header(proposal), _citations(proposal), _tasks(proposal), _warnings(proposal)]
    return "\n\n".join(filter(None, ("\n".join(part) for part in parts))) + "\n"


def _header(proposal: Proposal) -> Iterator[str]:
    head = proposal.header
    yield "VĂN BẢN"
    for label, found in (
        ("Số, ký hiệu", head.number), ("Ngày", head.issued_on), ("Cơ quan", head.issuer), ("Loại", head.kind),
        ("Trích yếu", head.subject), ("Người ký", head.signer), ("Chức vụ", head.signer_title),
    ):  # fmt: skip
        yield from _line(label, _words(found))
    yield from _line("Kính gửi", _list(head.addressees))
    yield from _line("Nơi nhận", _list(head.recipients))


def _citations(proposal: Proposal) -> Iterator[str]:
    yield f"VĂN BẢN ĐƯỢC DẪN ({len(proposal.citations)})"
    for each in proposal.citations:
        day = day_text(each.issued_on) if each.issued_on else "–"
        yield f"  {each.kind.value:<5} {each.number or '–':<22} {day:<10}  {each.issuer or '–'}"


def _tasks(proposal: Proposal) -> Iterator[str]:
    yield f"NHIỆM VỤ ({len(proposal.tasks)})"
    for number, task in enumerate(proposal.tasks, start=1):
        yield ""
        yield from _line(f"{number}.", " ".join(task.text.split()))
        for label, words in _facts(task):
            if words:
                yield from _line(label, words)


def _facts(task: ProposedTask) -> Iterator[tuple[str, str]]:
    yield "Chủ trì", _list(task.lead) or "– (?)"
    yield "Phối hợp", _list(task.coordinating)
    due = [f"{task.due_time:%H:%M}"] if task.due_time else []
    due += [day_text(task.due_on)] if task.due_on else []
    yield "Thời hạn", " → ".join(filter(None, [_words(task.due_phrase), " ".join(due)]))
    yield "Định kỳ", _words(task.recurrence)
    yield "Kết quả", _words(task.product)
    yield "Vị trí", f"{task.start}–{task.end}" + (f", mục {task.item}" if task.item else "")
    yield "Độ chắc", f"{task.sure:.0%}"
    for warned in task.warnings:
        yield "Lưu ý", warned.message % warned.values


def _warnings(proposal: Proposal) -> Iterator[str]:
    for number, warned in enumerate(proposal.warnings):
        if not number:
            yield "LƯU Ý"
        yield f"  - {warned.message % warned.values}"


def _line(label: str, words: str) -> Iterator[str]:
    lines = wrap(words, WIDTH - LABEL, break_long_words=False, break_on_hyphens=False) or ["–"]
    for number, line in enumerate(lines):
        yield f"  {'' if number else label:<{LABEL - 2}}{line}"


def _words(found: Found[Any] | None) -> str:
    if found is None:
        return ""
    words = day_text(found.value) if isinstance(found.value, date) else " ".join(str(found.value).split())
    return f"{words} (?)" if found.is_doubtful else words


def _list(found: Sequence[Found[str]]) -> str:
    return "; ".join(map(_words, found))

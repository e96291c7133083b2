"""The “5 rõ” of a task: person, work, time, product and responsibility are clear (domain §2).

A task that lacks one is flagged, never refused.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Protocol

from tracker.rules.words import N_

FEWEST_WORDS = 4
"""A content of fewer words names a matter, not the work to be done: “Báo cáo quý” is none."""


class Clear(StrEnum):
    """What must be clear of a task, in the order in which offices name it."""

    PERSON = "person"
    WORK = "work"
    TIME = "time"
    PRODUCT = "product"
    RESPONSIBILITY = "responsibility"


WORDS = {
    Clear.PERSON: N_("người"),
    Clear.WORK: N_("việc"),
    Clear.TIME: N_("thời gian"),
    Clear.PRODUCT: N_("sản phẩm"),
    Clear.RESPONSIBILITY: N_("trách nhiệm"),
}


class TaskFacts(Protocol):
    """What clarity is judged by. `lead_exists`: the lead unit exists today, so somebody answers for it."""

    content: Any
    product: Any
    due_on: Any
    due_phrase: Any
    officer_id: Any
    lead_exists: Any


def unclear(task: TaskFacts) -> tuple[Clear, ...]:
    """Return what is not clear of a task, none when all five are.

    An officer makes the person clear. A deadline or words in its place (“không thời hạn”, “thường xuyên”)
    make the time clear; a lead unit that has ended leaves nobody responsible.
    """
    is_clear = {
        Clear.PERSON: task.officer_id is not None,
        Clear.WORK: len((task.content or "").split()) >= FEWEST_WORDS,
        Clear.TIME: task.due_on is not None or bool(task.due_phrase),
        Clear.PRODUCT: bool(task.product),
        Clear.RESPONSIBILITY: bool(task.lead_exists),
    }
    return tuple(each for each in Clear if not is_clear[each])

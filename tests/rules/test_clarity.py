"""The “5 rõ” of a task: what is missing is flagged."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from tracker.rules.clarity import Clear, unclear


def make(**values):
    whole = {
        "content": "Lập kế hoạch cải cách hành chính", "product": "Kế hoạch", "due_on": date(2026, 3, 20),
        "due_phrase": None, "officer_id": 1, "lead_exists": True,
    }  # fmt: skip
    return SimpleNamespace(**whole | values)


def test_a_whole_task_is_clear():
    assert unclear(make()) == ()


@pytest.mark.parametrize(
    ("missing", "flag"),
    [
        ({"officer_id": None}, Clear.PERSON),
        ({"content": "Báo cáo quý"}, Clear.WORK),
        ({"due_on": None}, Clear.TIME),
        ({"product": None}, Clear.PRODUCT),
        ({"product": ""}, Clear.PRODUCT),
        ({"lead_exists": False}, Clear.RESPONSIBILITY),
    ],
)
def test_what_is_missing_is_flagged(missing, flag):
    assert unclear(make(**missing)) == (flag,)


def test_words_in_place_of_a_deadline_are_clear():
    assert unclear(make(due_on=None, due_phrase="không thời hạn")) == ()


def test_flags_stand_in_the_order_of_the_five():
    bare = make(content="Họp", product=None, due_on=None, officer_id=None, lead_exists=False)

    assert unclear(bare) == tuple(Clear)

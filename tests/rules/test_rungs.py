"""Why somebody was told, in words."""

from __future__ import annotations

import pytest

from tracker.rules.rungs import is_reminding, urging_rung, words_of_rung


@pytest.mark.parametrize(
    ("rung", "words"),
    [
        ("before-7", "trước hạn 7 ngày làm việc"),
        ("due", "đến hạn hôm nay"),
        ("late-1", "quá hạn 1 ngày"),
        ("late-w10", "quá hạn 10 ngày làm việc"),
        ("hour-2", "trước hạn 2 giờ"),
        ("given:17", "mới giao"),
        ("report:17", "chờ xác nhận"),
        ("request:4", "chờ quyết định"),
        ("decided:17", "đã có quyết định"),
        ("urge:17", "đôn đốc"),
        ("khac:1", ""),
    ],
)
def test_every_rung_has_its_words(rung, words):
    msgid, values = words_of_rung(rung)

    assert msgid % values == words


def test_news_is_no_reminder_and_an_urging_is_one():
    reminding = [rung for rung in ("before-3", "due", "late-1", "late-w5", "hour-2") if is_reminding(rung)]

    assert len(reminding) == 5
    assert is_reminding(urging_rung(17))
    assert not any(is_reminding(f"{news}:17") for news in ("given", "report", "request", "decided"))

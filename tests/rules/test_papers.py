"""Numbers as people type them, and oddities of real papers."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from tracker.rules.papers import odd_things, tidy_number

DAY = date(2021, 4, 12)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("254/UBND-NV", "254/UBND-NV"),
        ("Số: 254 /UBND-NV", "254/UBND-NV"),
        ("số 254/ UBND - NV ", "254/UBND-NV"),
        ("Số: /BC-UBND", "/BC-UBND"),
        (unicodedata.normalize("NFD", "12/QĐ-UBND"), "12/QĐ-UBND"),
        ("Sốt rét 12", "Sốt rét 12"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_is_kept_without_its_blanks(typed, number):
    assert tidy_number(typed) == number


def odd(number="254/UBND-NV", issued_on=DAY, bases=(), today=DAY):
    return [
        message % values
        for message, values in odd_things(number=number, issued_on=issued_on, bases=bases, today=today)
    ]


def test_an_ordinary_paper_is_not_odd():
    assert odd(bases=[("28/KH-UBND", date(2021, 4, 12))]) == []


def test_a_missing_number_is_told():
    assert "chưa có số ký hiệu" in odd(number=None)[0]


def test_a_notation_without_its_serial_number_is_told():
    assert "“/BC-UBND” thiếu số thứ tự" in odd(number="/BC-UBND")[0]


def test_a_paper_of_tomorrow_is_told_and_one_of_today_is_not():
    assert "13/04/2021 ở sau hôm nay" in odd(issued_on=date(2021, 4, 13))[0]
    assert odd(issued_on=DAY) == []


def test_a_basis_dated_after_the_paper_is_told():
    assert "217/KH-UBND ban hành ngày 22/12/2021" in odd(bases=[("217/KH-UBND", date(2021, 12, 22))])[0]

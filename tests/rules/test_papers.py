"""Numbers as people type them, and oddities of real papers."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest

from tracker.rules.papers import (
    issuing_body,
    notation_of,
    odd_things,
    place_of,
    signing_lines,
    tidy_number,
)

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


@pytest.mark.parametrize(
    ("names", "place"),
    [
        (["UBND thành phố Huế"], "Huế"),
        (["UBND xã Hải Dương", "UBND thành phố Huế"], "Hải Dương"),
        (["Phòng Nội vụ", "UBND thành phố Huế"], "Huế"),
        (["Tổ Một cửa", "Văn phòng", "Ủy ban nhân dân xã Phú An"], "Phú An"),
        (["UBND TP. Huế"], "Huế"),
        (["UBND TX Hương Trà"], "Hương Trà"),
        ([unicodedata.normalize("NFD", "UBND  tỉnh Đồng Tháp")], "Đồng Tháp"),
        (["UBND phường 5"], "Phường 5"),
        (["UBND Thành phố Hồ Chí Minh"], "Thành phố Hồ Chí Minh"),
        (["Sở Nội vụ"], ""),
        ([], ""),
    ],
)
def test_a_place_comes_from_the_nearest_committee(names, place):
    assert place_of(names) == place


def test_a_committee_stands_alone_and_a_division_below_its_superior():
    city = issuing_body("UBND thành phố Huế", ["UBND tỉnh Hưng Yên"])
    division = issuing_body("Phòng Nội vụ", ["UBND thành phố Huế", "UBND tỉnh Hưng Yên"])

    assert city == ("", ("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HUẾ"))
    assert division == ("UBND THÀNH PHỐ HUẾ", ("PHÒNG NỘI VỤ",))


@pytest.mark.parametrize(
    ("name", "kind", "notation"),
    [
        ("UBND thành phố Huế", "", "UBND-VP"),
        ("UBND thành phố Huế", "BC", "BC-UBND"),
        ("Phòng Nội vụ", "", "PNV"),
        ("Phòng Văn hóa và Xã hội", "BC", "BC-PVHXH"),
    ],
)
def test_a_notation_names_the_kind_and_the_body(name, kind, notation):
    assert notation_of(name, kind) == notation


def test_who_signs_follows_from_the_body():
    assert signing_lines("UBND xã Phú An") == ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH")
    assert signing_lines("UBND xã Phú An", by_order=True) == ("TL. CHỦ TỊCH", "CHÁNH VĂN PHÒNG")
    assert signing_lines("Phòng Nội vụ", "Trưởng phòng", by_order=True) == ("TRƯỞNG PHÒNG",)
    assert signing_lines("Phòng Nội vụ") == ("THỦ TRƯỞNG ĐƠN VỊ",)

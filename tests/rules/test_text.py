"""Vietnamese text: one normal form, the folded form for search, and the order of a dictionary."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from tracker.rules.text import fold, name_order, nfc, vietnamese_order


def test_search_finds_a_word_without_its_marks():
    assert fold("Đề án") == fold("de  AN") == "de an"
    assert fold("Nghị quyết Ưu đãi Ở Ỷ") == "nghi quyet uu dai o y"


def test_decomposed_text_becomes_the_same_as_composed():
    composed = "Thủ tướng Chính phủ"

    assert nfc(unicodedata.normalize("NFD", composed)) == composed
    assert fold(unicodedata.normalize("NFD", composed)) == fold(composed)


@given(st.text())
def test_a_folded_text_is_what_unicode_leaves_without_marks(text):
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))

    plain = "".join(part for part in parts if not unicodedata.combining(part))

    assert fold(text) == " ".join(plain.split())


def test_text_loses_nul_and_windows_line_ends_only():
    assert nfc("a\x00b\r\nc\td") == "ab\nc\td"


@given(st.text())
def test_bringing_text_to_its_form_twice_changes_nothing_more(text):
    assert nfc(nfc(text)) == nfc(text)
    assert fold(fold(text)) == fold(text)


def test_words_stand_in_the_order_of_the_alphabet_then_of_the_tones():
    words = ["đa", "da", "ba", "ăn", "an", "ân", "mà", "ma", "má", "mả", "mã", "mạ", "ô", "o", "ơ", "ư", "u"]

    assert sorted(words, key=vietnamese_order) == [
        "an", "ăn", "ân", "ba", "da", "đa", "ma", "mà", "mả", "mã", "má", "mạ", "o", "ô", "ơ", "u", "ư",
    ]  # fmt: skip


def test_people_stand_by_the_last_word_of_their_name():
    people = ["Trần Quốc Hùng", "Lê Thị Mai", "Nguyễn Văn Ân", "Phạm Thu Ánh", "Lê Văn Hùng"]

    assert sorted(people, key=name_order) == [
        "Phạm Thu Ánh", "Nguyễn Văn Ân", "Lê Văn Hùng", "Trần Quốc Hùng", "Lê Thị Mai",
    ]  # fmt: skip

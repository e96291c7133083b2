"""The pictures as SVG: lengths equal numbers, words are escaped, shades read on grey paper."""

import re
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from tracker.files.chart import CellBar, HeatCell, HeatRow, ages_bars, cells_bars, heat_map
from tracker.files.chart.cells import GROUNDS, LENGTH
from tracker.files.chart.drawing import contrast, ink_on, luminance, width_of
from tracker.files.chart.heat import SHADES, shade_of
from tracker.rules.status import CELLS, OVERDUE_CELLS
from tracker.rules.waiting import Ages

WORDS = [cell.value for cell in CELLS]
NASTY = '<script>"&'
SVG = "{http://www.w3.org/2000/svg}"


def parsed(picture):
    named = str(picture).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return ElementTree.fromstring(named)


def parts_of(group) -> list[tuple[str, float]]:
    return [(part.get("fill"), float(part.get("width"))) for part in group.findall(f"{SVG}rect")]


def test_each_part_of_a_bar_is_as_long_as_its_number() -> None:
    bars = [CellBar("Nội vụ", [4, 3, 2, 1, 5, 20, 5], "a"), CellBar("Phú An", [0, 0, 1, 3, 0, 2, 3], "b")]

    picture = parsed(cells_bars(bars, label="…", cell_words=WORDS))

    for bar, group in zip(bars, picture.findall(f"{SVG}g"), strict=True):
        expected = [
            (f"url(#cells-{cell.value})", number)
            for cell, number in zip(CELLS, bar.cells, strict=True)
            if number
        ]
        parts = parts_of(group)
        assert [fill for fill, _width in parts] == [fill for fill, _number in expected]
        for (_fill, width), (_same, number) in zip(parts, expected, strict=True):
            assert width == pytest.approx(number * LENGTH / 40, abs=0.01)


def test_the_sum_stands_at_the_end_of_each_bar() -> None:
    picture = parsed(cells_bars([CellBar("Phú An", [0, 0, 1, 3, 0, 2, 3], "b")], label="…", cell_words=WORDS))

    assert picture.find(f"{SVG}g").findall(f"{SVG}text")[-1].text == "9"


def test_no_rows_and_noughts_are_drawn_too() -> None:
    for bars in ([], [CellBar("Phú An", [0] * 7, "không")]):
        picture = parsed(cells_bars(bars, label="…", cell_words=WORDS))

        assert all(not parts_of(group) for group in picture.findall(f"{SVG}g"))


@pytest.mark.parametrize(
    "picture",
    [
        cells_bars([CellBar(NASTY, [1] * 7, NASTY)], label=NASTY, cell_words=[NASTY] * 7),
        heat_map([NASTY], [HeatRow(NASTY, [HeatCell(NASTY, None, NASTY, NASTY)])], label=NASTY),
        ages_bars([(NASTY, 1)], label=NASTY),
    ],
    ids=["cells", "heat", "ages"],
)
def test_everything_is_escaped_and_nothing_is_styled_inline(picture) -> None:
    root = parsed(picture)

    assert root.get("aria-label") == NASTY
    assert "<script" not in picture and not re.search(r"\sstyle=|\son\w+=", picture)


def test_neighbouring_parts_read_on_grey_paper() -> None:
    for one, other in pairwise(CELLS):
        assert contrast(GROUNDS[one], GROUNDS[other]) >= 3, (one, other)
    assert all(luminance(GROUNDS[cell]) < 0.15 for cell in OVERDUE_CELLS)
    steps = [luminance(shade) for shade in SHADES]
    assert steps == sorted(steps, reverse=True)
    assert all(contrast(one, other) >= 1.25 for one, other in pairwise(SHADES))


def test_numbers_are_legible_on_every_ground() -> None:
    for ground in (*GROUNDS.values(), *SHADES):
        assert contrast(ink_on(ground), ground) >= 4.5, ground


def test_white_is_nothing_and_the_darkest_shade_is_the_most() -> None:
    assert [shade_of(weight) for weight in (None, Fraction(0))] == [SHADES[0]] * 2
    assert shade_of(Fraction(1, 1000)) == SHADES[1]
    assert shade_of(Fraction(1)) == SHADES[-1]


def test_bars_of_ages_are_as_long_as_their_numbers() -> None:
    root = parsed(ages_bars([("0 – 1", 2), ("2 – 3", 0), ("4 – 7", 8)], label="…"))

    short, long = (float(bar.get("width")) for bar in root.findall(f"{SVG}rect"))
    assert long == pytest.approx(4 * short, abs=0.05)


def test_the_names_of_ages_begin_within_the_picture() -> None:
    names = ["hôm nay – 1 ngày", "từ ba mươi mốt ngày trở lên", "2"]

    root = parsed(ages_bars([(name, 3) for name in names], label="…"))

    texts = {each.text: float(each.get("x")) for each in root.findall(f"{SVG}text")}
    assert all(texts[name] - width_of(name) > 4 for name in names), texts
    bars = [float(bar.get("x")) + float(bar.get("width")) for bar in root.findall(f"{SVG}rect")]
    assert all(end < float(root.get("viewBox").split()[2]) - 30 for end in bars)


def test_the_stretches_of_waiting_hold_everything_that_waits() -> None:
    ages = Ages({0: 1, 1: 1, 2: 1, 3: 1, 4: 1, 7: 1, 8: 1, 14: 1, 15: 1, 30: 1, 31: 1, 200: 1})

    assert ages.stretches == [2] * 6
    assert (ages.all, ages.median, ages.oldest) == (12, 7, 200)
    assert (Ages({}).median, Ages({}).oldest) == (None, None)

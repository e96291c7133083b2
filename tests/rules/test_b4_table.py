"""Rows of table B.4 in their order, and what changed since an earlier table."""

from datetime import date

import pytest

from tracker.rules.b4_table import (
    B4Row,
    B4Table,
    Grouping,
    UnitOfDay,
    differences,
    directive_head,
    field_head,
    leader_head,
    month_head,
    rows_of,
    tops,
    unit_heads,
)
from tracker.rules.status import CELLS, Cell

UNITS = (
    UnitOfDay("doi", "Đội của phường", "phuong"), UnitOfDay("so", "Sở", None),
    UnitOfDay("phuong", "Phường", None),
    UnitOfDay("to", "Tổ của đội", "doi"), UnitOfDay("phong", "Phòng của sở", "so"),
)  # fmt: skip
LATE, OPEN = Cell.IN_PROGRESS_OVERDUE, Cell.IN_PROGRESS_NOT_DUE


def row(letter, counts):
    return B4Row(letter, letter, letter.upper(), tuple(counts.get(cell, 0) for cell in CELLS))


def table(*rows, **values):
    day = date(2026, 3, 31)
    return B4Table("tp", "UBND thành phố", date(2026, 1, 1), day, day, rows=rows, **values)


def test_a_sub_unit_stands_right_under_the_unit_it_belongs_to():
    heads = unit_heads(UNITS, frozenset(unit.code for unit in UNITS))

    assert [(head.key, head.depth, head.above) for head in heads] == [
        ("so", 0, None), ("phong", 1, "so"), ("phuong", 0, None), ("doi", 1, "phuong"), ("to", 2, "doi"),
    ]  # fmt: skip


def test_a_unit_without_a_row_keeps_its_place_for_those_below_it():
    heads = unit_heads(UNITS, frozenset({"phong", "to", "phuong"}))

    assert [(head.key, head.depth, head.above) for head in heads] == [
        ("phong", 0, None), ("phuong", 0, None), ("to", 1, "phuong"),
    ]  # fmt: skip


def test_each_unit_folds_into_the_one_at_the_top_of_the_table():
    assert tops(UNITS) == {"doi": "phuong", "so": "so", "phuong": "phuong", "to": "phuong", "phong": "so"}


def test_fields_and_leaders_stand_in_vietnamese_order_and_those_without_one_last():
    fields = rows_of([field_head(name) for name in (None, "Y tế", "Đất đai", "Dân số", "Ẩm thực")], [])
    people = {"a": "Trần Văn Ước", "b": "Lê Thị Ánh", "c": "Nguyễn Đạt"}
    leaders = rows_of([leader_head(None, ""), *(leader_head(*person) for person in people.items())], [])

    assert [row.name for row in fields] == ["Ẩm thực", "Dân số", "Đất đai", "Y tế", "Chưa ghi lĩnh vực"]
    assert [row.key for row in leaders] == ["b", "c", "a", ""]
    assert leaders[-1].name == "Chưa phân công lãnh đạo"


def test_months_and_directives_stand_by_their_days():
    months = rows_of([month_head("2026-10"), month_head("2025-12"), month_head("2026-09")], [])
    papers = rows_of(
        [
            directive_head("b", "CV", "9/UBND-NV", date(2026, 3, 2), "Rà soát"),
            directive_head("a", "YKCĐ", None, date(2026, 1, 5), "Kết luận cuộc họp"),
        ],
        [],
    )

    assert [row.name for row in months] == ["Tháng 12/2025", "Tháng 9/2026", "Tháng 10/2026"]
    assert [row.name for row in papers] == [
        "Ý kiến chỉ đạo ngày 05/01/2026: Kết luận cuộc họp", "Công văn 9/UBND-NV ngày 02/03/2026",
    ]  # fmt: skip


def test_a_row_adds_up_what_was_counted_apart():
    counted = [("Y tế", LATE, 2, 0, 2), ("Y tế", LATE, 1, 0, 1), ("Y tế", OPEN, 4, 3, 0)]

    (row,) = rows_of([field_head("Y tế")], counted)

    assert (row.counts, row.all, row.without_deadline) == ({LATE: 3, OPEN: 4}, 7, 3)


def test_differences_are_told_by_row_and_cell_also_for_rows_that_are_new_or_gone():
    now = table(row("a", {LATE: 3, OPEN: 1}), row("b", {OPEN: 2}))
    then = table(row("a", {LATE: 1, OPEN: 2}), row("c", {LATE: 5}))

    changed = differences(now, then)

    assert changed.rows["a"].cells == (0, 0, -1, 2, 0, 0, 0) and changed.rows["a"].all == 1
    assert changed.rows["b"].all == 2 and changed.rows["c"].all == -5
    assert [row.key for row in changed.gone] == ["c"]
    assert changed.total.all == now.total.all - then.total.all == -2


def test_tables_grouped_otherwise_are_not_compared():
    with pytest.raises(ValueError):
        differences(table(), table(grouping=Grouping.MONTH))
    with pytest.raises(ValueError):
        differences(table(), table(folded=True))

"""Units that merge, split or end: B.4 of a day prints the units of that day and loses or doubles nothing."""

import csv
import io
import json
import random
from datetime import date, timedelta

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from tests.factories import FOUNDED_ON, days_from
from tracker.files.b4_files import FORMS, file_of
from tracker.models import db
from tracker.models.task import Task
from tracker.operations import directives, progress, tasks, units
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.recount import check
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import Grouping, Succession
from tracker.rules.status import State

GIVEN, ENDS = date(2026, 3, 2), date(2026, 7, 1)
"""The day on which tasks are given, and the first day without the old units."""
BEFORE, AFTER = ENDS - timedelta(days=1), ENDS + timedelta(days=1)

pytestmark = pytest.mark.both_databases


def b4_of(assigner, on, **words):
    return b4.table(b4.Question(assigner, date(2026, 1, 1), on, on, **words))


def rows(assigner, on, **words):
    """Return the tables of a day as {code: all}."""
    return {row.code: row.all for row in b4_of(assigner, on, **words).rows}


def end(unit, successor=None, on=ENDS):
    return units.end(unit, stamp=Stamp(on=on), successor=successor)


def complete(task, *, reported, confirmed):
    progress.report(task, stamp=Stamp(on=reported), explanation="Chậm")
    progress.confirm(task, stamp=Stamp(on=confirmed))


def tasks_of(unit):
    return db.session.scalars(select(Task).where(Task.unit_id == unit.id)).all()


def give_within(commune, below):
    """Give a task of a directive of the commune to the unit below it."""
    paper = directives.register(
        stamp=Stamp(on=GIVEN), kind="CV", subject="Việc của xã", issuer=commune, issued_on=GIVEN
    )
    order = tasks.Order(unit=below, content="Việc của xã", due_on=None)
    return tasks.give(paper, [order], stamp=Stamp(on=GIVEN))


@pytest.fixture
def old(cast):
    """A unit with a task of each open state, and one completed."""
    unit = cast.make_unit(code="cu", name="Phòng Cũ")
    for state in (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION, State.COMPLETED):
        cast.make_task(unit=unit, given_on=GIVEN, state=state)
    return unit


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (BEFORE, {"cu": 4}),
        (ENDS, {"cu": 1, "noi-vu": 3}),
        (AFTER, {"cu": 1, "noi-vu": 3}),
        (GIVEN - timedelta(days=1), {}),
    ],
)
def test_a_cut_off_day_prints_the_units_of_that_day(cast, old, on, expected):
    moved = end(old, cast.lead)

    assert moved == 3
    assert rows(cast.city, on) == expected


@pytest.mark.parametrize("ends_on", [BEFORE, ENDS, AFTER])
def test_a_unit_that_ends_around_the_cut_off_day_has_its_tasks_up_to_the_day_before_its_end(
    cast, old, ends_on
):
    end(old, cast.lead, on=ends_on)

    for on in days_from(BEFORE - timedelta(days=2), 6):
        open_in_old = 3 if on < ends_on else 0
        assert rows(cast.city, on) == {"cu": 1 + open_in_old} | ({"noi-vu": 3} if not open_in_old else {}), on


def test_a_successor_of_the_same_day_has_no_row_before_it(cast, old):
    new = units.found(stamp=Stamp(on=ENDS), code="moi", name="Phòng Mới", parent=cast.city)
    end(old, new)

    day_before = b4.table(b4.Question(cast.city, GIVEN, BEFORE, BEFORE), all_units=True)
    that_day = b4.table(b4.Question(cast.city, GIVEN, ENDS, ENDS), all_units=True)

    assert "moi" not in {row.code for row in day_before.rows}
    assert {row.code: row.all for row in that_day.rows if row.all} == {"cu": 1, "moi": 3}


def became(assigner, on, **words):
    """Return what the rows of a day say became of their units: {code: succession}, of those that say it."""
    question = b4.Question(assigner, date(2026, 1, 1), on, on, **words)
    table = b4.table(question)
    assert b4.report(question).table(question.grouping, folded=question.folded).rows == table.rows
    return {row.code: row.succession for row in table.rows if row.succession}


def test_from_the_day_of_the_end_on_both_rows_say_what_became_of_the_unit(cast, old):
    units.correct(cast.lead, stamp=Stamp(on=GIVEN), name="Phòng Nội vụ và Lao động")
    end(old, cast.lead)
    units.correct(old, stamp=Stamp(on=AFTER + timedelta(days=9)), name="Phòng Cũ, viết lại")

    assert became(cast.city, BEFORE) == {}
    for on in (ENDS, AFTER):
        assert became(cast.city, on) == {
            "cu": Succession(ENDS, "Phòng Nội vụ và Lao động"),
            "noi-vu": Succession(took=(("Phòng Cũ", ENDS),)),
        }
    late = b4.Question(cast.city, ENDS, AFTER, AFTER)
    assert not any(row.succession and row.succession.took for row in b4.table(late).rows)


def test_the_row_of_a_successor_names_units_that_have_no_row_any_more_in_the_order_of_their_ends(cast, old):
    other = cast.make_unit(code="cu-2", name="Phòng Cũ hai")
    cast.make_task(unit=other, given_on=GIVEN)
    end(old, cast.lead)
    end(other, cast.lead, on=AFTER)

    assert became(cast.city, AFTER)["noi-vu"].took == (("Phòng Cũ", ENDS), ("Phòng Cũ hai", AFTER))
    assert "cu-2" not in rows(cast.city, AFTER)
    assert became(cast.city, AFTER, folded=True) == became(cast.city, AFTER)
    assert became(cast.city, AFTER, grouping=Grouping.MONTH) == {}


def test_files_and_frozen_data_carry_what_became_of_a_unit(cast, old, app):
    end(old, cast.lead)
    question = b4.Question(cast.city, date(2026, 1, 1), AFTER, AFTER)
    table, report = b4.table(question), b4.report(question)

    files = {form: file_of(form, table, report, made_on=AFTER).content for form in FORMS}

    ended = "(kết thúc từ ngày 01/07/2026, việc chưa xong chuyển về Phòng Nội vụ)"
    took = "(từ ngày 01/07/2026 nhận việc chưa xong của Phòng Cũ)"
    sheet = load_workbook(io.BytesIO(files["xlsx"]))["Biểu B.4"]
    paper = Document(io.BytesIO(files["docx"])).tables[1]
    assert {sheet["A5"].value, sheet["A6"].value} == {f"Phòng Cũ {ended}", f"Phòng Nội vụ {took}"}
    assert {paper.cell(line, 0).text for line in (2, 3)} == {f"Phòng Cũ {ended}", f"Phòng Nội vụ {took}"}
    told = {line["unit_code"]: line for line in csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))}
    assert (told["cu"]["ended_on"], told["cu"]["successor"]) == ("2026-07-01", "Phòng Nội vụ")
    assert told["noi-vu"]["took_over"] == "Phòng Cũ"
    named = {row["unit"]["code"]: row["unit"] for row in json.loads(files["json"])["rows"]}
    assert named["cu"]["successor"] == "Phòng Nội vụ"
    assert named["noi-vu"]["took_over"] == [{"name": "Phòng Cũ", "ended_on": "2026-07-01"}]
    again = B4Report.from_data(json.loads(json.dumps(report.to_data())))
    assert again.table().rows == table.rows
    assert again.checksum == report.checksum


def test_the_page_and_its_paper_say_what_became_of_a_unit(cast, old, client_of, on_day):
    end(old, cast.lead)
    on_day(AFTER)
    client = client_of(cast.chairman)

    for page in ("/bieu-b4", "/bieu-b4/in"):
        text = client.get(f"{page}?from=2026-01-01&to=2026-12-31").text
        assert "việc chưa xong chuyển về Phòng Nội vụ)" in text
        assert "(từ ngày 01/07/2026 nhận việc chưa xong của Phòng Cũ)" in text
        earlier = client.get(f"{page}?from=2026-01-01&to=2026-12-31&on=2026-06-30").text
        assert "việc chưa xong" not in earlier


def test_an_ended_unit_that_completed_nothing_in_the_period_has_no_row_of_its_own(cast):
    unit = cast.make_unit(code="trong")
    cast.make_task(unit=unit, given_on=GIVEN)
    end(unit, cast.lead)

    every = b4.table(b4.Question(cast.city, GIVEN, ENDS, ENDS), all_units=True)

    assert "trong" not in {row.code for row in every.rows}
    assert rows(cast.city, ENDS) == {"noi-vu": 1}


def test_two_units_that_merge_into_a_new_one_leave_their_sums_to_it(cast, old):
    other = cast.make_unit(code="cu-2")
    cast.make_task(unit=other, given_on=GIVEN)
    new = units.found(stamp=Stamp(on=ENDS), code="moi", name="Phòng Mới", parent=cast.city)
    end(old, new)
    end(other, new)

    assert rows(cast.city, BEFORE) == {"cu": 4, "cu-2": 1}
    assert rows(cast.city, ENDS) == {"cu": 1, "moi": 4}


def test_a_unit_that_is_split_by_transfers_and_then_ends_leaves_each_part_its_tasks(cast):
    unit = cast.make_unit(code="chia")
    mine = [cast.make_task(unit=unit, given_on=GIVEN) for _ in range(5)]
    first, second = cast.make_unit(code="phan-1"), cast.make_unit(code="phan-2")
    for task in mine[:2]:
        tasks.transfer(task, stamp=Stamp(on=ENDS), unit=first)
    for task in mine[2:4]:
        tasks.transfer(task, stamp=Stamp(on=ENDS), unit=second)
    end(unit, second)

    assert rows(cast.city, BEFORE) == {"chia": 5}
    assert rows(cast.city, ENDS) == {"phan-1": 2, "phan-2": 3}


def test_a_task_moved_twice_on_one_day_stands_where_it_is_at_the_end_of_the_day(cast, old):
    task = cast.make_task(unit=old, given_on=GIVEN)
    tasks.transfer(task, stamp=Stamp(on=ENDS), unit=cast.commune)
    tasks.transfer(task, stamp=Stamp(on=ENDS), unit=cast.coordinating)

    assert rows(cast.city, BEFORE) == {"cu": 5}
    assert rows(cast.city, ENDS) == {"cu": 4, "tai-chinh": 1}


def test_what_was_awaiting_confirmation_is_confirmed_for_the_successor(cast, old):
    (waiting,) = [task for task in tasks_of(old) if task.state is State.AWAITING_CONFIRMATION]
    end(old, cast.lead)
    progress.confirm(waiting, stamp=Stamp(on=AFTER))

    assert rows(cast.city, ENDS)["noi-vu"] == 3
    (row,) = [row for row in b4_of(cast.city, AFTER).rows if row.code == "noi-vu"]
    assert row.counts["completed_on_time"] == 1


def test_a_completed_task_that_is_opened_again_after_the_end_stays_with_the_ended_unit(cast, old):
    (done,) = [task for task in tasks_of(old) if task.state is State.COMPLETED]
    end(old, cast.lead)
    progress.reopen(done, stamp=Stamp(on=AFTER), reason="Thiếu biểu")

    assert rows(cast.city, AFTER) == {"cu": 1, "noi-vu": 3}
    tasks.transfer(done, stamp=Stamp(on=AFTER), unit=cast.lead)
    assert rows(cast.city, AFTER) == {"noi-vu": 4}


def test_two_communes_that_merge_keep_their_own_b4_and_leave_the_citys_to_the_new_one(cast):
    old_ones = []
    for number in (1, 2):
        commune = cast.make_unit(code=f"xa-{number}", kind="commune")
        below = cast.make_unit(code=f"xa-{number}-to", parent=commune)
        cast.make_task(unit=commune, given_on=GIVEN)
        give_within(commune, below)
        old_ones.append((commune, below))
    new = units.found(
        stamp=Stamp(on=ENDS), code="xa-moi", name="UBND xã Mới", parent=cast.city, kind="commune"
    )
    for commune, _below in old_ones:
        end(commune, new)

    assert rows(cast.city, BEFORE) == {"xa-1": 1, "xa-2": 1}
    assert rows(cast.city, ENDS) == {"xa-moi": 2}
    for commune, below in old_ones:
        assert rows(commune, BEFORE) == rows(commune, ENDS) == {below.code: 1}


def test_the_units_below_an_ended_one_stand_under_its_successor_from_that_day_on(cast):
    old, new = cast.make_unit(code="so-cu", name="Sở Cũ"), cast.make_unit(code="so-moi", name="Sở Mới")
    below = cast.make_unit(code="phong-duoi", parent=old)
    cast.make_task(unit=below, given_on=GIVEN)
    cast.make_task(unit=old, given_on=GIVEN)
    end(old, new)

    assert rows(cast.city, BEFORE, folded=True) == {"so-cu": 2}
    assert rows(cast.city, ENDS, folded=True) == {"so-moi": 2}
    (above,) = [row.above for row in b4_of(cast.city, ENDS).rows if row.code == "phong-duoi"]
    assert above == "so-moi"
    question = b4.Question(cast.city, GIVEN, ENDS, ENDS, folded=True)
    behind = b4.tasks_behind(question, row_key="so-moi")
    assert len(b4.read_behind(behind, first=ENDS, on=ENDS, after=None, most=9)) == 2
    assert b4.report(question).table(folded=True).rows == b4.table(question).rows


def test_a_unit_that_carries_on_the_one_above_it_takes_its_place(cast):
    old = cast.make_unit(code="so-cu")
    promoted, beside = cast.make_unit(code="len-cap", parent=old), cast.make_unit(code="ben-canh", parent=old)
    team = cast.make_unit(code="to", parent=promoted)
    for unit in (old, promoted, beside, team):
        cast.make_task(unit=unit, given_on=GIVEN)
    end(old, promoted)

    assert rows(cast.city, BEFORE, folded=True) == {"so-cu": 4}
    assert rows(cast.city, ENDS, folded=True) == {"len-cap": 4}
    assert {row.code: row.above for row in b4_of(cast.city, ENDS).rows} == {
        "len-cap": None, "to": "len-cap", "ben-canh": "len-cap"
    }  # fmt: skip


def test_a_unit_that_is_carried_on_by_one_two_steps_below_it_makes_no_circle(cast):
    old = cast.make_unit(code="so-cu")
    below = cast.make_unit(code="phong", parent=old)
    team = cast.make_unit(code="to", parent=below)
    for unit in (old, below, team):
        cast.make_task(unit=unit, given_on=GIVEN)
    end(old, team)

    assert sum(rows(cast.city, ENDS, folded=True).values()) == 3


def test_what_a_unit_completed_before_it_ended_stays_in_its_own_row_of_a_folded_table(cast, old):
    end(old, cast.lead)

    assert rows(cast.city, ENDS, folded=True) == {"cu": 1, "noi-vu": 3}


@pytest.mark.parametrize("seed", range(2))
def test_no_task_is_lost_or_doubled_on_any_day_around_endings(cast, seed):
    chance = random.Random(seed)
    everything = [cast.make_unit(code=f"x-{n}", on=FOUNDED_ON) for n in range(4)]
    everything += [cast.make_unit(code=f"y-{n}", parent=everything[n]) for n in range(2)]
    given = [cast.make_task(unit=chance.choice(everything), given_on=GIVEN, due_on=BEFORE) for _ in range(12)]
    for day in days_from(ENDS - timedelta(days=3), 7):
        living = [unit for unit in everything if unit.exists_on(day)]
        if len(living) > 2 and chance.random() < 0.5:
            gone = chance.choice(living)
            successor = chance.choice([unit for unit in living if unit is not gone])
            if chance.random() < 0.4:
                code = f"moi-{day.day}"
                successor = units.found(stamp=Stamp(on=day), code=code, name=code, parent=cast.city)
                everything.append(successor)
            end(gone, successor, on=day)
        for task in chance.sample(given, 3):
            where = chance.choice([unit for unit in everything if unit.exists_on(day)])
            if task.state in (State.NOT_STARTED, State.IN_PROGRESS):
                tasks.transfer(task, stamp=Stamp(on=day), unit=where)
            if task.state is State.NOT_STARTED:
                tasks.accept(task, stamp=Stamp(on=day))
            elif task.state is State.IN_PROGRESS:
                complete(task, reported=day, confirmed=day)

    for on in days_from(ENDS - timedelta(days=5), 12):
        tables = [b4_of(cast.city, on), b4_of(cast.city, on, folded=True)]
        tables += [b4_of(cast.city, on, grouping=grouping) for grouping in (Grouping.LEADER, Grouping.MONTH)]
        behind = b4.report(b4.Question(cast.city, date(2026, 1, 1), on, on)).tasks
        assert {table.total.all for table in tables} == {12}, on
        assert sorted(task.key for task in behind) == sorted(task.key for task in given)
    assert check(today=ENDS + timedelta(days=9)).differences == []

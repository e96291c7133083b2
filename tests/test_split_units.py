"""Tasks that move to other units, and units that are split: each list and row says from where work came."""

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import select

from tests.test_merged_units import AFTER, BEFORE, ENDS, GIVEN, b4_of, became, end, old
from tracker.files.b4_files import FORMS, file_of
from tracker.files.b4_words import succession_words
from tracker.models import db
from tracker.models.task import Task
from tracker.operations import freezing, tasks
from tracker.operations.exports import sources
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import Succession
from tracker.rules.status import State

__all__ = ["old"]

pytestmark = pytest.mark.both_databases


def came(assigner, on, first=GIVEN):
    """Return from where the tasks of a report came, as lists and files tell it: {key: (day, name)}."""
    question = b4.Question(assigner, first, on, on)
    report = b4.report(question)
    told = {key: tuple(move) for key, move in b4.moves_of(report).items()}
    assert told == {
        key: tuple(move) for key, move in b4.moves_of(report, [task.key for task in report.tasks]).items()
    }
    listed, _following = b4.read_behind(b4.tasks_behind(question), first=first, on=on, most=99)
    keys = dict(map(tuple, db.session.execute(select(Task.id, Task.key))))
    assert told == {keys[task.task_id]: tuple(task.moved) for task in listed if task.moved}
    return told


def test_a_move_is_told_of_a_period_within_which_it_was_and_of_several_the_last(cast):
    def moved(*steps):
        task = cast.make_task(unit=cast.lead, given_on=GIVEN)
        for day, unit in steps:
            tasks.transfer(task, stamp=Stamp(on=day), unit=unit)
        return task.key

    next_day = GIVEN + timedelta(days=1)
    of_first_day = moved((GIVEN, cast.commune))
    once, back = moved((next_day, cast.commune)), moved((next_day, cast.commune), (ENDS, cast.lead))
    twice_a_day = moved((ENDS, cast.commune), (ENDS, cast.coordinating))
    there_and_back = moved((ENDS, cast.commune), (ENDS, cast.lead))
    later = moved((AFTER, cast.commune))

    from_lead = (next_day, "Phòng Nội vụ")
    assert came(cast.city, GIVEN) == {}
    assert came(cast.city, BEFORE) == {once: from_lead, back: from_lead}
    assert came(cast.city, ENDS) == {
        once: from_lead, back: (ENDS, cast.commune.name), twice_a_day: (ENDS, "Phòng Nội vụ")
    }  # fmt: skip
    assert came(cast.city, AFTER, first=ENDS) == {later: (AFTER, "Phòng Nội vụ")}
    assert not {of_first_day, there_and_back} & came(cast.city, AFTER).keys()


def test_the_lists_of_tasks_in_files_say_from_which_unit_a_task_came(cast, old, app):
    task = db.session.scalars(select(Task).where(Task.unit_id == old.id).order_by(Task.id)).first()
    end(old, cast.lead)
    question = b4.Question(cast.city, date(2026, 1, 1), AFTER, AFTER)
    report = b4.report(question)

    def written(form, moves):
        made = file_of(form, report.table(), report, made_on=AFTER, moves=moves).content
        if form == "docx":
            return Document(io.BytesIO(made)).tables[-1].rows
        return list(load_workbook(io.BytesIO(made))["Nhiệm vụ"].iter_rows(min_row=2, values_only=True))

    heads, *lines = written("xlsx", b4.moves_of(report))
    told = {line[15]: (line[16], line[17] and line[17].date()) for line in lines}
    names = [row.cells[2].text for row in written("docx", b4.moves_of(report))[1:]]

    assert heads[15:] == ("Mã nhiệm vụ", "Nhận chuyển từ", "Ngày nhận chuyển")
    assert told[task.key] == ("Phòng Cũ", ENDS)
    assert sorted(map(str, told.values())) == sorted([str(told[task.key])] * 3 + ["(None, None)"])
    assert sorted(names) == ["Phòng Cũ"] + ["Phòng Nội vụ (từ ngày 01/07/2026 nhận chuyển từ Phòng Cũ)"] * 3
    assert written("xlsx", {})[0][-1] == "Mã nhiệm vụ"


def test_every_file_that_is_handed_out_says_it(cast, client_of, on_day, app):
    task = cast.make_task(unit=cast.lead, given_on=GIVEN)
    tasks.transfer(task, stamp=Stamp(on=BEFORE), unit=cast.commune)
    on_day(AFTER)
    question = b4.Question(cast.city, GIVEN, ENDS, ENDS)
    at = datetime(2026, 7, 2, 3, tzinfo=UTC)
    kept = freezing.freeze(question, stamp=Stamp(on=AFTER, at=at, by=cast.chairman))
    tasks.transfer(task, stamp=Stamp(on=AFTER), unit=cast.coordinating)
    client = client_of(cast.chairman)
    words = {"from": GIVEN.isoformat(), "to": ENDS.isoformat(), "on": ENDS.isoformat()}

    def ordered(**asked):
        source = sources.find({"assigner": "song-huong"} | words | asked, cast.chairman, today=AFTER)
        return source.write("xlsx", lambda _count: None).content

    files = [
        client.get("/bieu-b4", query_string=words | {"format": "xlsx"}).data,
        client.get(f"/bieu-b4/da-chot/{kept.id}/tep/xlsx").data,
        ordered(what="b4"), ordered(what="frozen", report=kept.id),
        app.test_cli_runner().invoke(
            args=["b4", "--assigner", "song-huong", "--from", words["from"], "--to", words["to"],
                  "--format", "xlsx"]
        ).stdout_bytes,
    ]  # fmt: skip

    for content in files:
        sheet = load_workbook(io.BytesIO(content))["Nhiệm vụ"]
        assert (sheet["Q3"].value, sheet["R3"].value.date()) == ("Phòng Nội vụ", BEFORE)
    assert freezing.checksum(kept.data) == kept.sha256


@pytest.fixture
def split(cast):
    """A unit that ends with two of its tasks in each of two others, and one in the heir; one is completed."""
    unit = cast.make_unit(code="chia", name="Phòng Chia")
    parts = [cast.make_unit(code=f"phan-{n}", name=f"Phòng Phần {n}") for n in (1, 2)]
    mine = [cast.make_task(unit=unit, given_on=GIVEN) for _ in range(5)]
    cast.make_task(unit=unit, given_on=GIVEN, state=State.COMPLETED)
    for number, task in enumerate(mine[:4]):
        tasks.transfer(task, stamp=Stamp(on=ENDS), unit=parts[number % 2])
    end(unit, cast.lead)
    return unit


def test_the_rows_of_a_split_say_who_got_its_work_and_from_whom(cast, split):
    took = (("Phòng Chia", ENDS),)

    assert became(cast.city, BEFORE) == {}
    for on in (ENDS, AFTER):
        assert became(cast.city, on) == {
            "chia": Succession(ENDS, "Phòng Nội vụ", others=("Phòng Phần 1", "Phòng Phần 2")),
            "noi-vu": Succession(took=took), "phan-1": Succession(took=took), "phan-2": Succession(took=took),
        }  # fmt: skip
    (row,) = [row for row in b4_of(cast.city, ENDS).rows if row.key == "chia"]
    assert succession_words(row) == (
        "kết thúc từ ngày 01/07/2026, việc chưa xong chuyển về Phòng Nội vụ, Phòng Phần 1, Phòng Phần 2"
    )


def test_a_split_stays_in_what_is_frozen_and_is_told_to_other_programs(cast, split):
    report = b4.report(b4.Question(cast.city, date(2026, 1, 1), AFTER, AFTER))
    table = report.table()

    files = {form: file_of(form, table, report, made_on=AFTER).content for form in FORMS}

    again = B4Report.from_data(json.loads(json.dumps(report.to_data())))
    assert (again, again.checksum) == (report, report.checksum)
    named = {row["unit"]["code"]: row["unit"] for row in json.loads(files["json"])["rows"]}
    assert named["chia"]["successor"] == "Phòng Nội vụ"
    assert named["chia"]["split_to"] == ["Phòng Phần 1", "Phòng Phần 2"]
    told = {line["unit_code"]: line for line in csv.DictReader(io.StringIO(files["csv"].decode("utf-8-sig")))}
    assert told["chia"]["successor"] == "Phòng Nội vụ; Phòng Phần 1; Phòng Phần 2"
    assert told["phan-2"]["took_over"] == "Phòng Chia"


def test_what_is_frozen_of_a_unit_that_was_not_split_is_as_it_was_before_splits_were_told(cast, old):
    end(old, cast.lead)

    data = b4.report(b4.Question(cast.city, date(2026, 1, 1), AFTER, AFTER)).to_data()

    (unit,) = [unit for unit in data["units"] if unit[0] == "cu"]
    assert unit[3] == ["2026-07-01", "Phòng Nội vụ", []]


def test_a_unit_that_ends_with_all_its_work_handed_on_that_day_names_who_has_it(cast):
    unit = cast.make_unit(code="chia", name="Phòng Chia")
    cast.make_task(unit=unit, given_on=GIVEN, state=State.COMPLETED)
    task = cast.make_task(unit=unit, given_on=GIVEN)
    tasks.transfer(task, stamp=Stamp(on=ENDS), unit=cast.commune)
    end(unit)

    assert became(cast.city, ENDS)["chia"] == Succession(ENDS, None, others=(cast.commune.name,))


def test_what_went_on_before_the_end_or_to_a_unit_without_a_row_is_no_split(cast, old):
    first, second = db.session.scalars(select(Task).where(Task.unit_id == old.id).order_by(Task.id)).all()[:2]
    tasks.transfer(first, stamp=Stamp(on=BEFORE), unit=cast.commune)
    tasks.transfer(second, stamp=Stamp(on=ENDS), unit=cast.coordinating)
    end(old, cast.lead)
    tasks.transfer(second, stamp=Stamp(on=AFTER), unit=cast.lead)

    told = became(cast.city, AFTER)

    assert told["cu"] == Succession(ENDS, "Phòng Nội vụ")
    assert told.keys() == {"cu", "noi-vu"}

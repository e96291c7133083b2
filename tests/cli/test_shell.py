"""`flask history` and `flask b4`, as an administrator runs them."""

import csv
import io
import json
import re
from datetime import date

import pytest

from tests.factories import GIVEN_ON, make_cast
from tests.test_history import EVERY_KIND
from tracker.models import db
from tracker.rules.status import State

pytestmark = pytest.mark.both_databases


@pytest.fixture
def shell(own_app):
    """Return the runner of commands on an installation of its own."""
    runner = own_app.test_cli_runner()

    def run(*arguments, **options):
        return runner.invoke(args=[str(argument) for argument in arguments], **options)

    return run


@pytest.fixture
def published(own_app):
    """A unit with the numbers 0, 0, 1, 3, 0, 2, 3 of the published row, for 15/12/2021 to 07/6/2022."""
    cast = make_cast(date(2021, 1, 1))
    given = {"given_on": date(2022, 1, 10), "unit": cast.commune}
    early, late = date(2022, 3, 1), date(2022, 12, 1)
    cast.make_task(state=State.IN_PROGRESS, due_on=late, **given)
    for _ in range(3):
        cast.make_task(state=State.IN_PROGRESS, due_on=early, **given)
        cast.make_task(state=State.COMPLETED, due_on=early, reported_on=date(2022, 3, 2), **given)
    for _ in range(2):
        cast.make_task(state=State.COMPLETED, due_on=early, reported_on=early, **given)
    cast.make_task(state=State.NOT_STARTED, due_on=None, given_on=date(2022, 6, 8), unit=cast.lead)
    return cast


PERIOD = ("--assigner", "song-huong", "--from", "2021-12-15", "--to", "2022-06-07")


def test_a_file_loads_and_dumps_to_the_same_bytes(shell, tmp_path):
    file, copy = tmp_path / "vào.jsonl", tmp_path / "ra.jsonl"
    file.write_text("\n".join(EVERY_KIND) + "\n", encoding="utf-8")

    loaded = shell("history", "load", file)
    shown = shell("history", "dump")
    written = shell("history", "dump", copy)

    assert (loaded.exit_code, shown.exit_code, written.exit_code) == (0, 0, 0)
    assert str(len(EVERY_KIND)) in loaded.output
    assert shown.output.encode() == copy.read_bytes()
    assert list(map(json.loads, shown.output.splitlines())) == list(map(json.loads, EVERY_KIND))


def test_a_history_loads_from_standard_input(shell):
    loaded = shell("history", "load", "-", input="\n".join(EVERY_KIND))

    assert loaded.exit_code == 0


def test_a_bad_line_is_named_and_the_command_fails(shell):
    loaded = shell("history", "load", "-", input=EVERY_KIND[0] + '\n{"do": "nhảy", "on": "2026-01-01"}\n')

    assert loaded.exit_code != 0
    assert "Dòng 2" in loaded.output
    assert shell("history", "dump").output == ""


def test_a_file_in_another_encoding_is_refused(shell, tmp_path):
    file = tmp_path / "vào.jsonl"
    file.write_bytes(EVERY_KIND[0].encode("utf-16"))

    loaded = shell("history", "load", file)

    assert loaded.exit_code != 0
    assert "UTF-8" in loaded.output


def test_a_second_load_is_refused(shell):
    shell("history", "load", "-", input="\n".join(EVERY_KIND))

    again = shell("history", "load", "-", input="\n".join(EVERY_KIND))

    assert again.exit_code != 0
    assert "Error" in again.output


def test_b4_in_json_is_the_object_of_the_format(shell, published):
    answer = shell("b4", *PERIOD, "--format", "json")

    numbers = {
        "not_started_not_due": 0, "not_started_overdue": 0, "in_progress_not_due": 1,
        "in_progress_overdue": 3, "awaiting_confirmation": 0, "completed_on_time": 2, "completed_late": 3,
        "all": 9,
    }  # fmt: skip
    assert answer.exit_code == 0
    assert json.loads(answer.output) == {
        "assigner": {"code": "song-huong", "name": "UBND thành phố Sông Hương"},
        "from": "2021-12-15", "to": "2022-06-07", "on": "2022-06-07",
        "rows": [{"unit": {"code": "phu-an", "name": "UBND xã Phú An"}} | numbers],
        "total": numbers,
        "without_deadline": 0,
    }  # fmt: skip


def test_b4_on_a_later_cut_off_day_counts_what_was_given_by_then(shell, published):
    answer = json.loads(shell("b4", *PERIOD, "--on", "2022-06-08", "--format", "json").output)

    assert answer["on"] == "2022-06-08"
    assert [row["unit"]["code"] for row in answer["rows"]] == ["noi-vu", "phu-an"]
    assert (answer["total"]["all"], answer["without_deadline"]) == (10, 1)


def test_b4_of_a_day_to_come_says_so_beside_the_table(shell, published):
    ahead = shell("b4", *PERIOD, "--on", "2999-06-08", "--format", "json")
    known = shell("b4", *PERIOD, "--format", "json")

    assert ahead.stderr == "Ngày 08/06/2999 chưa tới: số liệu tính theo những gì đã ghi đến nay.\n"
    assert json.loads(ahead.stdout)["on"] == "2999-06-08"
    assert known.stderr == ""


def test_b4_gives_every_unit_a_row_when_asked(shell, published):
    answer = json.loads(shell("b4", *PERIOD, "--all-units", "--format", "json").output)

    assert [row["unit"]["code"] for row in answer["rows"]] == ["noi-vu", "tai-chinh", "phu-an"]
    assert [row["all"] for row in answer["rows"]] == [0, 0, 9]


def test_b4_in_csv_has_a_row_a_unit_and_the_total(shell, published, tmp_path):
    file = tmp_path / "b4.csv"

    answer = shell("b4", *PERIOD, "--format", "csv", "--output", file)

    rows = list(csv.reader(io.StringIO(file.read_text(encoding="utf-8-sig"))))
    assert answer.exit_code == 0
    assert rows[1][:2] == ["phu-an", "UBND xã Phú An"]
    assert rows[1][2:] == rows[2][2:] == ["0", "0", "1", "3", "0", "2", "3", "9"]


def test_b4_beside_an_earlier_day_tells_the_differences(shell, published, tmp_path):
    answer = json.loads(shell("b4", *PERIOD, "--compare", "2022-04-30", "--format", "json").output)
    lines = shell("b4", *PERIOD, "--compare", "2022-04-30", "--format", "csv").output.splitlines()
    refused = shell("b4", *PERIOD, "--compare", "2022-04-30")

    then = json.loads(shell("b4", *PERIOD, "--on", "2022-04-30", "--format", "json").output)
    assert answer["compare"]["on"] == "2022-04-30"
    assert answer["compare"]["total"]["all"] == answer["total"]["all"] - then["total"]["all"]
    assert lines[0].endswith("change_all,change_since")
    assert refused.exit_code != 0


def test_b4_as_a_table_has_its_title_and_its_numbers(shell, published):
    answer = shell("b4", *PERIOD)

    assert answer.exit_code == 0
    assert "B.4 TÌNH HÌNH THỰC HIỆN YKCĐ DO UBND THÀNH PHỐ SÔNG HƯƠNG GIAO" in answer.output
    line = next(line for line in answer.output.splitlines() if line.startswith("UBND xã Phú An"))
    assert re.findall(r"\d+", line) == ["0", "0", "1", "3", "0", "2", "3", "9"]


def test_b4_by_something_else_than_units_names_it_in_each_row(shell, published):
    answers = {
        group: json.loads(shell("b4", *PERIOD, "--group", group, "--format", "json").output)
        for group in ("unit", "field", "directive", "leader", "month")
    }

    assert "group" not in answers["unit"]
    assert {group: answer.get("group", "unit") for group, answer in answers.items()} == {
        group: group for group in answers
    }
    assert all(answer["total"] == answers["unit"]["total"] for answer in answers.values())
    assert answers["leader"]["rows"][0]["leader"]["name"] == "Trần Quốc Hùng"
    assert answers["month"]["rows"][0]["month"] == {"code": "2022-01", "name": "Tháng 1/2022"}
    assert answers["field"]["rows"][0]["field"] == {"code": "", "name": "Chưa ghi lĩnh vực"}


def test_b4_by_months_heads_its_rows_so(shell, published):
    table = shell("b4", *PERIOD, "--group", "month").output
    sheet = shell("b4", *PERIOD, "--group", "month", "--format", "csv").output

    assert "Tháng giao" in table
    assert sheet.startswith("month_code,month_name,")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--assigner", "không-có", "--from", "2022-01-01", "--to", "2022-02-01"),
        ("--assigner", "song-huong", "--from", "2022-02-01", "--to", "2022-01-01"),
        ("--assigner", "song-huong", "--from", "2022-02-30", "--to", "2022-03-01"),
        ("--assigner", "song-huong", "--from", "2022-02-01", "--to", "2022-03-01", "--on", "2022-01-31"),
        ("--assigner", "song-huong", "--from", "2022-02-01"),
        ("--assigner", "song-huong", "--from", "2022-02-01", "--to", "2022-03-01", "--format", "pdf"),
    ],
)
def test_b4_says_what_is_wrong_and_fails(shell, own_app, arguments):
    make_cast(GIVEN_ON)

    answer = shell("b4", *arguments)

    assert answer.exit_code != 0
    assert "Traceback" not in answer.output
    assert "{" not in answer.output


def test_a_database_without_tables_is_said_so(shell, own_app):
    with own_app.app_context():
        db.session.remove()
        db.drop_all()

    answers = [shell("b4", *PERIOD), shell("history", "dump")]

    for answer in answers:
        assert answer.exit_code == 1
        assert "db upgrade" in answer.output


def test_a_file_that_cannot_be_written_is_said_so(shell, published, tmp_path):
    answer = shell("b4", *PERIOD, "--output", tmp_path / "không có" / "b4.json")

    assert answer.exit_code == 1
    assert "Không ghi được" in answer.output

"""The history file: every kind of line, the round trip byte for byte, and what a bad line brings."""

import json
import unicodedata

import pytest
from sqlalchemy import func, select

from tests.conftest import make_app, nothing_stays
from tracker.models import db
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import history
from tracker.operations.history import BadLine, NotEmpty
from tracker.operations.history.shape import SHAPES
from tracker.rules.status import State

EVERY_KIND = """
{"do": "unit", "on": "2026-01-01", "code": "tp", "name": "UBND thành phố", "kind": "province", "title_of_head": "Chủ tịch", "email": "tp@vi-du.example", "org_code": "H59", "order": 1}
{"do": "unit", "on": "2026-01-01", "code": "nv", "name": "Phòng Nội vụ", "parent": "tp"}
{"do": "unit", "on": "2026-01-01", "code": "tc", "name": "Phòng Tài chính", "parent": "tp", "kind": "division"}
{"do": "unit", "on": "2026-01-01", "code": "xa", "name": "UBND xã Phú An", "parent": "tp", "kind": "commune"}
{"do": "person", "on": "2026-01-01", "login": "hung", "name": "Trần Quốc Hùng", "unit": "tp", "role": "leader", "title": "Chủ tịch", "email": "hung@vi-du.example"}
{"do": "person", "on": "2026-01-01", "login": "mai", "name": "Lê Thị Mai", "unit": "tp", "role": "office"}
{"do": "person", "on": "2026-01-01", "login": "binh", "name": "Nguyễn Văn Bình", "unit": "nv", "role": "unit_head"}
{"do": "person", "on": "2026-01-01", "login": "ha", "name": "Phạm Thu Hà", "unit": "nv", "role": "officer"}
{"do": "person", "on": "2026-01-01", "login": "long", "name": "Hoàng Đức Long", "unit": "tc", "role": "unit_head"}
{"do": "role", "on": "2026-01-02", "login": "long", "unit": "nv", "role": "officer"}
{"do": "role_end", "on": "2026-01-03", "login": "long", "unit": "nv", "role": "officer"}
{"do": "day_off", "day": "2026-04-30", "name": "Ngày Chiến thắng"}
{"do": "working_day", "day": "2026-05-09", "name": "Làm bù"}
{"do": "day_off", "on": "2026-01-04", "day": "2026-05-01"}
{"do": "setting", "name": "max_extensions", "value": 2}
{"do": "setting", "on": "2026-01-05", "name": "strict_before", "value": false}
{"do": "directive", "on": "2026-03-02", "directive": "kh-1", "kind": "KH", "subject": "Kế hoạch năm", "issuer": "tp", "issued_on": "2026-02-27"}
{"do": "directive", "on": "2026-03-02", "at": "2026-03-02T08:30:00+07:00", "by": "mai", "directive": "cv-254", "kind": "CV", "subject": "V/v rà soát", "issuer": "tp", "issued_on": "2026-03-01", "number": "254/UBND-NV", "signer": "Trần Quốc Hùng", "signer_title": "Chủ tịch", "field": "Nội vụ", "urgency": "urgent", "based_on": ["kh-1", "12/CT-TTg"], "meeting": "Họp giao ban", "replaces": "kh-1"}
{"do": "correct", "on": "2026-03-02", "by": "mai", "what": "directive", "key": "cv-254", "set": {"subject": "V/v rà soát hồ sơ"}}
{"do": "give", "on": "2026-03-02", "at": "2026-03-02T09:00:00+07:00", "by": "mai", "task": "nv-1", "directive": "cv-254", "unit": "nv", "content": "Rà soát hồ sơ", "item": "1.a", "due": "2026-03-20", "due_phrase": "trước 14 giờ ngày 20/3/2026", "due_time": "14:00", "coordinating": ["tc"], "officer": "ha", "tracker": "mai", "leader": "hung", "product": "Báo cáo"}
{"do": "give", "on": "2026-03-02", "task": "nv-2", "directive": "cv-254", "unit": "nv", "content": "Thường xuyên theo dõi", "due": null}
{"do": "give", "on": "2026-03-02", "task": "nv-3", "directive": "cv-254", "unit": "nv", "content": "Việc trả lại", "due": "2026-03-25"}
{"do": "draft", "on": "2026-03-02", "by": "mai", "task": "nv-4", "directive": "cv-254", "unit": "xa", "content": "Dự thảo", "due": "2026-03-31"}
{"do": "correct", "on": "2026-03-03", "by": "mai", "what": "task", "key": "nv-4", "set": {"content": "Dự thảo đã sửa"}}
{"do": "give", "on": "2026-03-03", "by": "mai", "task": "nv-4", "directive": "cv-254", "unit": "xa", "content": "Dự thảo đã sửa", "due": "2026-03-31"}
{"do": "accept", "on": "2026-03-03", "at": "2026-03-03T07:59:59.123456+07:00", "by": "binh", "task": "nv-1", "officer": "ha"}
{"do": "ask_return", "on": "2026-03-03", "by": "binh", "task": "nv-3", "reason": "Không thuộc chức năng"}
{"do": "refuse_return", "on": "2026-03-04", "by": "mai", "task": "nv-3", "reason": "Đúng chức năng"}
{"do": "ask_return", "on": "2026-03-04", "by": "binh", "task": "nv-3", "reason": "Đề nghị xem lại"}
{"do": "reassign", "on": "2026-03-05", "by": "mai", "task": "nv-3", "unit": "xa", "reason": "Đồng ý"}
{"do": "give", "on": "2026-03-05", "by": "binh", "task": "nv-1.1", "directive": "cv-254", "unit": "nv", "content": "Lập danh sách", "due": "2026-03-15", "officer": "ha", "parent": "nv-1"}
{"do": "progress", "on": "2026-03-06", "by": "ha", "task": "nv-1", "text": "Đã được một nửa", "percent": 50, "difficulties": "Thiếu người"}
{"do": "contribute", "on": "2026-03-06", "by": "long", "task": "nv-1", "unit": "tc", "text": "Đã gửi số liệu"}
{"do": "ask_extension", "on": "2026-03-18", "by": "binh", "task": "nv-1", "until": "2026-03-27", "reason": "Chờ số liệu"}
{"do": "refuse_extension", "on": "2026-03-18", "by": "mai", "task": "nv-1", "decision": "30/UBND-VP", "reason": "Việc gấp"}
{"do": "ask_extension", "on": "2026-03-19", "by": "binh", "task": "nv-1", "until": "2026-03-27", "reason": "Mưa lũ"}
{"do": "grant_extension", "on": "2026-03-19", "by": "hung", "task": "nv-1", "until": "2026-03-25", "decision": "31/UBND-VP", "reason": "Đồng ý đến 25/3"}
{"do": "set_due", "on": "2026-03-20", "by": "mai", "task": "nv-2", "due": "2026-06-30", "reason": "Văn bản có ghi"}
{"do": "set_due", "on": "2026-03-20", "by": "mai", "task": "nv-2", "due": null, "reason": "Ghi nhầm"}
{"do": "report", "on": "2026-03-26", "by": "binh", "task": "nv-1", "result": "12/BC-PNV ngày 26/3/2026", "text": "Đã xong", "explanation": "Số liệu về muộn"}
{"do": "rework", "on": "2026-03-27", "by": "mai", "task": "nv-1", "reason": "Thiếu phụ lục", "evaluation": "Chưa đạt"}
{"do": "report", "on": "2026-03-28", "by": "binh", "task": "nv-1", "explanation": "Bổ sung phụ lục"}
{"do": "confirm", "on": "2026-03-30", "by": "mai", "task": "nv-1", "evaluation": "Đạt"}
{"do": "reopen", "on": "2026-04-01", "by": "mai", "task": "nv-1", "reason": "Số liệu sai", "evaluation": "Không đạt"}
{"do": "transfer", "on": "2026-04-02", "by": "mai", "task": "nv-1", "unit": "tc", "reason": "Đổi phân công"}
{"do": "cancel", "on": "2026-04-03", "by": "hung", "task": "nv-2", "reason": "Không tiếp tục", "evaluation": "Không đánh giá"}
{"do": "series", "on": "2026-05-04", "at": "2026-05-04T09:00:00+07:00", "by": "mai", "series": "ck-1", "directive": "kh-1", "unit": "nv", "content": "Báo cáo kết quả", "phrase": "trước 14 giờ ngày 25 hằng tháng", "pattern": "monthly 25", "item": "2", "product": "Báo cáo", "due_time": "14:00", "coordinating": ["tc"], "officer": "ha", "tracker": "mai", "leader": "hung", "from": "2026-05-04", "until": "2026-12-31"}
{"do": "give", "on": "2026-05-10", "at": "2026-05-10T00:10:00+07:00", "task": "nv-k1", "directive": "kh-1", "unit": "nv", "content": "Báo cáo kết quả", "item": "2", "due": "2026-05-25", "due_phrase": "trước 14 giờ ngày 25 hằng tháng", "due_time": "14:00", "coordinating": ["tc"], "officer": "ha", "tracker": "mai", "leader": "hung", "product": "Báo cáo", "series": "ck-1", "occurrence": "2026-05-25"}
{"do": "series_change", "on": "2026-05-11", "by": "mai", "series": "ck-1", "set": {"phrase": "Chủ nhật hằng tuần", "pattern": "weekly sun", "from": "2026-06-01", "until": null, "due_time": null, "coordinating": ["xa"], "officer": null}, "reason": "Theo công văn 40/UBND-VP"}
{"do": "series_skip", "on": "2026-06-15", "series": "ck-1", "occurrence": "2026-06-07", "due": "2026-06-07", "skipped": "past"}
{"do": "series_end", "on": "2026-06-16", "by": "hung", "series": "ck-1", "reason": "Không cần nữa"}
{"do": "unit", "on": "2026-07-01", "code": "phuong", "name": "UBND phường Phú An", "parent": "tp", "kind": "commune"}
{"do": "unit_end", "on": "2026-07-01", "code": "xa", "successor": "phuong"}
{"do": "correct", "on": "2026-07-02", "what": "unit", "key": "phuong", "set": {"name": "UBND phường Phú An Đông"}}
{"do": "correct", "on": "2026-07-02", "what": "person", "key": "ha", "set": {"title": "Chuyên viên chính"}}
{"do": "unit_end", "on": "2026-07-03", "code": "tc"}
{"do": "freeze", "on": "2026-07-03", "at": "2026-07-03T08:00:00+07:00", "by": "mai", "assigner": "tp", "from": "2026-01-01", "to": "2026-03-31", "cut_off": "2026-03-31", "rule": 1, "sha256": "a44c807eb6028e71f2c30f9fd7d41ac53eeaf9d7c39828272bba1ae356556a80", "data": {"form": 1, "rule": 1, "assigner_code": "tp", "assigner_name": "UBND thành phố", "above": [], "title_of_head": "Chủ tịch", "first": "2026-01-01", "last": "2026-03-31", "on": "2026-03-31", "units": [["nv", "Phòng Nội vụ", null], ["xa", "UBND xã Phú An", null]], "directives": [["cv-254", "CV", "254/UBND-NV", "2026-03-01", "V/v rà soát hồ sơ", "Nội vụ"]], "tasks": [["nv-1", "Rà soát hồ sơ", "1.a", "Báo cáo", "cv-254", "nv", "hung", "Trần Quốc Hùng", "2026-03-02", "2026-03-20", "2026-03-25", "completed", "2026-03-28", "2026-03-30", "completed_late", 3], ["nv-3", "Việc trả lại", null, null, "cv-254", "xa", null, null, "2026-03-02", "2026-03-25", "2026-03-25", "not_started", null, null, "not_started_overdue", 6], ["nv-4", "Dự thảo đã sửa", null, null, "cv-254", "xa", null, null, "2026-03-03", "2026-03-31", "2026-03-31", "not_started", null, null, "not_started_not_due", 0], ["nv-2", "Thường xuyên theo dõi", null, null, "cv-254", "nv", null, null, "2026-03-02", null, null, "not_started", null, null, "not_started_not_due", 0]]}, "note": "Gửi tỉnh"}
""".strip().splitlines()  # noqa: E501


NOT_KEPT = {"refuse_extension": {"until"}, "ask_extension": {"decision"}}
"""Keys that the format allows and that say nothing: a refusal grants no day, a request has no decision."""


def test_the_example_has_every_kind_of_line_with_every_key():
    lines = [json.loads(line) for line in EVERY_KIND]

    kinds = {line["do"] for line in lines}
    said = {do: set().union(*(line for line in lines if line["do"] == do)) for do in kinds}

    assert kinds == set(SHAPES)
    for do, shape in SHAPES.items():
        missing = set(shape.keys) - said[do]
        if do == "draft":
            missing -= set(SHAPES["give"].optional)
        missing -= NOT_KEPT.get(do, set())
        assert not missing, do


@pytest.mark.both_databases
def test_the_round_trip_gives_the_same_bytes(app):
    with nothing_stays(app):
        assert history.load(EVERY_KIND) == len(EVERY_KIND)
        first = list(history.dump())

    with nothing_stays(app):
        history.load(first)
        second = list(history.dump())

    assert second == first
    assert [json.loads(line) for line in first] == [json.loads(line) for line in EVERY_KIND]


@pytest.mark.both_databases
def test_every_kind_of_line_does_what_it_says(session):
    history.load(EVERY_KIND)

    tasks = {task.key: task for task in session.scalars(select(Task))}

    assert {key: (task.state, task.unit.code) for key, task in tasks.items()} == {
        "nv-1": (State.IN_PROGRESS, "tc"),
        "nv-2": (State.CANCELLED, "nv"),
        "nv-3": (State.NOT_STARTED, "phuong"),
        "nv-4": (State.NOT_STARTED, "phuong"),
        "nv-1.1": (State.NOT_STARTED, "nv"),
        "nv-k1": (State.NOT_STARTED, "nv"),
    }
    assert tasks["nv-1"].due_on.isoformat() == "2026-03-25"
    assert tasks["nv-1.1"].assigner.code == "nv"
    assert [basis.printed or basis.based_on.key for basis in tasks["nv-1"].directive.bases] == [
        "kh-1", "12/CT-TTg",
    ]  # fmt: skip
    assert session.scalars(select(Unit.name).where(Unit.code == "phuong")).one() == "UBND phường Phú An Đông"


def test_a_dump_of_sqlite_loads_into_postgresql_and_comes_back_the_same(databases):
    dumps = []
    lines = EVERY_KIND
    for kind in ("sqlite", "postgresql", "sqlite"):
        app = make_app(databases.fresh(kind))
        with app.app_context():
            history.load(lines)
            lines = list(history.dump())
            db.session.remove()
            db.engine.dispose()
        dumps.append("\n".join(lines).encode())

    assert dumps[0] == dumps[1] == dumps[2]


def with_line(line, at=None):
    at = len(EVERY_KIND) if at is None else at
    return [*EVERY_KIND[:at], line if isinstance(line, str) else json.dumps(line), *EVERY_KIND[at:]]


DAY = {"on": "2026-07-04"}
SERIES = {"do": "series", "series": "ck-2", "directive": "kh-1", "unit": "nv", "content": "c",
          "phrase": "ngày 24 hằng tháng", "pattern": "monthly 24"}  # fmt: skip
TURN = {"do": "give", "task": "n", "directive": "kh-1", "unit": "nv", "content": "c", "due": "2026-07-24",
        "series": "ck-2", "occurrence": "2026-07-24"}  # fmt: skip
BAD = {
    "not JSON": '{"do": "unit", ',
    "not an object": '["unit"]',
    "a key twice": '{"do": "unit", "do": "unit", "on": "2026-07-04", "code": "z", "name": "Z"}',
    "an unknown do": DAY | {"do": "explode", "task": "nv-1"},
    "no do": DAY | {"task": "nv-1"},
    "a do that is no text": DAY | {"do": ["unit"]},
    "an unknown key": DAY | {"do": "unit", "code": "z", "name": "Z", "colour": "đỏ"},
    "a missing key": DAY | {"do": "unit", "code": "z"},
    "no day": {"do": "accept", "task": "nv-3"},
    "a day that does not exist": {"on": "2026-02-30", "do": "accept", "task": "nv-3"},
    "a day in another form": {"on": "04/07/2026", "do": "accept", "task": "nv-3"},
    "a day before that of the line before": {"on": "2026-07-02", "do": "accept", "task": "nv-3"},
    "a moment without offset": DAY | {"do": "accept", "task": "nv-3", "at": "2026-07-04T08:00:00"},
    "an unknown task": DAY | {"do": "accept", "task": "nv-99"},
    "an unknown unit": DAY | {"do": "transfer", "task": "nv-3", "unit": "zz"},
    "an unknown person": DAY | {"do": "accept", "task": "nv-3", "officer": "ai-do"},
    "an unknown by": DAY | {"do": "accept", "task": "nv-3", "by": "ai-do"},
    "an unknown directive": DAY | {"do": "give", "task": "n", "directive": "x", "unit": "nv", "content": "c",
                                   "due": None},
    "an unknown role": DAY | {"do": "person", "login": "z", "name": "Z", "unit": "nv", "role": "vua"},
    "an unknown kind of unit": DAY | {"do": "unit", "code": "z", "name": "Z", "kind": "planet"},
    "a by without permission": DAY | {"do": "accept", "task": "nv-1.1", "by": "long"},
    "a step from the wrong state": DAY | {"do": "confirm", "task": "nv-3"},
    "a reason of blanks": DAY | {"do": "cancel", "task": "nv-3", "reason": "  "},
    "a late report without explanation": DAY | {"do": "report", "task": "nv-1"},
    "a code that is taken": DAY | {"do": "unit", "code": "nv", "name": "Phòng khác"},
    "a login that is taken": DAY | {"do": "person", "login": "ha", "name": "X", "unit": "nv",
                                     "role": "officer"},
    "a task key that is taken": DAY | {"do": "give", "task": "nv-1", "directive": "kh-1", "unit": "nv",
                                       "content": "c", "due": None},
    "a directive key that is taken": DAY | {"do": "directive", "directive": "kh-1", "kind": "KH",
                                            "subject": "s", "issuer": "tp", "issued_on": "2026-07-04"},
    "a give without due": DAY | {"do": "give", "task": "n", "directive": "kh-1", "unit": "nv",
                                 "content": "c"},
    "a unit that has ended": DAY | {"do": "give", "task": "n", "directive": "kh-1", "unit": "xa",
                                    "content": "c", "due": None},
    "a number for a text": DAY | {"do": "unit", "code": 5, "name": "Z"},
    "a text for a number": DAY | {"do": "progress", "task": "nv-1", "text": "x", "percent": "50"},
    "a percent over 100": DAY | {"do": "progress", "task": "nv-1", "text": "x", "percent": 101},
    "a list that is none": DAY | {"do": "directive", "directive": "d", "kind": "KH", "subject": "s",
                                  "issuer": "tp", "issued_on": "2026-07-04", "based_on": "kh-1"},
    "a setting that does not fit": DAY | {"do": "setting", "name": "max_extensions", "value": "nhiều"},
    "a day of a week": {"on": "2026-W28-1", "do": "accept", "task": "nv-3"},
    "a moment outside of all calendars": DAY | {"do": "accept", "task": "nv-3",
                                                "at": "0001-01-01T00:00:00+14:00"},
    "a moment past the last year": DAY | {"do": "accept", "task": "nv-3", "at": "9999-12-31T23:00:00Z"},
    "lists in lists without end": "[" * 100_000,
    "a number that JSON does not know": '{"do": "setting", "name": "x", "value": NaN}',
    "half of a letter": '{"do": "unit", "on": "2026-07-04", "code": "z", "name": "\\ud800"}',
    "a name that no column holds": DAY | {"do": "unit", "code": "z", "name": "Z" * 256},
    "a code that no column holds": DAY | {"do": "unit", "code": "z" * 65, "name": "Z"},
    "a number and notation that no column holds": DAY | {"do": "directive", "directive": "d", "kind": "KH",
                                                        "subject": "s", "issuer": "tp",
                                                        "issued_on": "2026-07-04", "number": "9" * 65},
    "a basis that no column holds": DAY | {"do": "directive", "directive": "d", "kind": "KH", "subject": "s",
                                           "issuer": "tp", "issued_on": "2026-07-04",
                                           "based_on": ["9" * 501]},
    "a place that no column holds": DAY | {"do": "unit", "code": "z", "name": "Z", "order": 2**31},
    "a correction that no column holds": DAY | {"do": "correct", "what": "unit", "key": "nv",
                                                "set": {"name": "Z" * 256}},
    "a null where a value must be": DAY | {"do": "unit", "code": "z", "name": None},
    "a secret paper": DAY | {"do": "directive", "directive": "m", "kind": "CV", "subject": "Văn bản tối mật",
                             "issuer": "tp", "issued_on": "2026-07-04"},
    "a secret paper by its urgency": DAY | {"do": "directive", "directive": "m", "kind": "CV", "subject": "S",
                                            "issuer": "tp", "issued_on": "2026-07-04", "urgency": "Mật"},
    "a correction of nothing": DAY | {"do": "correct", "what": "moon", "key": "nv-1", "set": {}},
    "a correction with an unknown field": DAY | {"do": "correct", "what": "task", "key": "nv-3",
                                                 "set": {"colour": "đỏ"}},
    "a correction of the state": DAY | {"do": "correct", "what": "task", "key": "nv-3",
                                        "set": {"state": "completed"}},
    "a correction of the id of a unit": DAY | {"do": "correct", "what": "unit", "key": "nv",
                                              "set": {"id": 9}},
    "a pattern that is none": DAY | SERIES | {"pattern": "monthly 32"},
    "a pattern in other words": DAY | SERIES | {"pattern": "monthly  24"},
    "a series of an unknown directive": DAY | SERIES | {"directive": "x"},
    "a series key that is taken": DAY | SERIES | {"series": "ck-1"},
    "a turn of a series that ended": DAY | TURN | {"series": "ck-1"},
    "a turn of an unknown series": DAY | TURN | {"series": "ck-9"},
    "a turn without its day": DAY | {key: TURN[key] for key in TURN if key != "occurrence"},
    "a change of a series to nothing": DAY | {"do": "series_change", "series": "ck-1", "reason": "r",
                                              "set": {"pattern": None}},
    "a change of a series that ended": DAY | {"do": "series_change", "series": "ck-1", "reason": "r",
                                              "set": {"content": "Việc khác"}},
    "an unknown reason for passing over": DAY | {"do": "series_skip", "series": "ck-1", "due": "2026-07-25",
                                                 "occurrence": "2026-07-25", "skipped": "lười"},
    "a correction of a directive's issuer": DAY | {"do": "correct", "what": "directive", "key": "kh-1",
                                                   "set": {"issuer": "xa"}},
}  # fmt: skip


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
def test_a_bad_line_is_named_with_its_number_and_nothing_is_stored(session, line):
    with pytest.raises(BadLine) as refusal:
        history.load(with_line(line))

    assert refusal.value.values["number"] == len(EVERY_KIND) + 1
    assert len(str(refusal.value)) > len(f"Dòng {len(EVERY_KIND) + 1}: ") + 5
    for model in (History, Unit, Task):
        assert session.scalar(select(func.count()).select_from(model)) == 0


@pytest.mark.both_databases
def test_a_bad_line_in_the_middle_leaves_nothing(session):
    with pytest.raises(BadLine, match="Dòng 21"):
        history.load(with_line({"do": "accept", "task": "nv-9", "on": "2026-03-02"}, at=20))

    assert list(history.dump()) == []


def test_blank_lines_and_a_byte_order_mark_are_passed_over_but_counted(session):
    lines = ["\ufeff" + EVERY_KIND[0], "", "   ", '{"do": "nothing"}']

    with pytest.raises(BadLine, match="Dòng 4"):
        history.load(lines)

    assert history.load(lines[:3]) == 1


def test_a_history_loads_into_an_empty_installation_only(session):
    history.load(EVERY_KIND[:1])

    with pytest.raises(NotEmpty):
        history.load(EVERY_KIND)

    assert len(list(history.dump())) == 1


def test_text_comes_out_in_one_normal_form(session):
    decomposed = {"do": "unit", "on": "2026-01-01", "code": "z", "name": "Huyện Ủy"}

    history.load([json.dumps(decomposed)])

    assert json.loads(next(iter(history.dump())))["name"] == "Huyện Ủy"


def test_keys_are_the_same_however_their_marks_were_written(session):
    composed, decomposed = "Huyện", unicodedata.normalize("NFD", "Huyện")
    lines = [
        json.dumps({"do": "unit", "on": "2026-01-01", "code": composed, "name": "Z"}),
        json.dumps({"do": "unit", "on": "2026-01-01", "code": "y", "name": "Y", "parent": decomposed}),
    ]

    assert "\\u" in lines[1]
    assert history.load(lines) == 2


@pytest.mark.both_databases
def test_the_longest_texts_of_a_person_are_kept_on_every_database(session):
    person = DAY | {"do": "person", "login": "z" * 64, "name": "Đ" * 255, "unit": "tp", "role": "officer",
                    "title": "T" * 255, "email": "a" * 243 + "@vi-du.vn"}  # fmt: skip

    assert history.load(with_line(person)) == len(EVERY_KIND) + 1


def test_a_role_ends_or_serves_right_after_the_line_that_gave_it(session):
    given = DAY | {"do": "role", "login": "ha", "unit": "tp", "role": "office"}
    used = DAY | {"do": "cancel", "task": "nv-3", "reason": "Thôi", "by": "ha"}
    ended = given | {"do": "role_end"}

    assert history.load([*EVERY_KIND, *map(json.dumps, (given, used, ended))]) == len(EVERY_KIND) + 3


def test_a_deadline_may_be_given_as_its_phrase_alone(session):
    line = {"do": "give", "on": "2026-07-04", "task": "n", "directive": "kh-1", "unit": "nv", "content": "c",
            "due_phrase": "trong tháng 8"}  # fmt: skip

    history.load(with_line(line))

    due = session.scalars(select(Task.due_on).where(Task.key == "n")).one()
    assert due.isoformat() == "2026-08-31"

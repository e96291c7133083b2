"""Freezing a B.4: what is kept, what never changes it, two at once, and its line in the history file."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from sqlalchemy import select, update

from tests.conftest import make_app, nothing_stays
from tests.factories import make_cast
from tracker.models import db
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.report import Report, ReportKind
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import freezing, history, tasks
from tracker.operations.freezing import CannotFreeze
from tracker.operations.history import BadLine
from tracker.operations.recording import AlreadyDone, Stamp
from tracker.queries import b4
from tracker.queries.b4 import Part, Question
from tracker.queries.frozen import counted_now, open_frozen
from tracker.rules.b4_changes import changes_between
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import Grouping
from tracker.rules.overdue_report import checksum
from tracker.rules.status import State
from tracker.rules.workflow import NotAllowed

TODAY = date(2026, 4, 15)
AT = datetime(2026, 4, 15, 3, tzinfo=UTC)
FIRST, LAST, ON = date(2026, 1, 1), date(2026, 3, 31), date(2026, 3, 31)


def question(assigner, **values):
    return replace(Question(assigner, FIRST, LAST, ON), **values)


def stamp(by=None, **values):
    return Stamp(on=TODAY, at=AT, by=by, **values)


@pytest.fixture
def world(cast):
    """Three tasks of two units, given on 2 March."""
    cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20), content="Đề án của Nội vụ")
    cast.make_task(unit=cast.commune, due_on=date(2026, 3, 27), content="Đề án của Phú An")
    cast.make_task(due_on=None)
    return cast


# What is kept


@pytest.mark.both_databases
def test_a_frozen_report_holds_who_when_the_rule_and_every_task(world):
    kept = freezing.freeze(question(world.city), stamp=stamp(world.tracker), note="  Gửi UBND tỉnh ")

    read = B4Report.from_data(kept.data)
    assert (kept.kind, kept.edition, kept.on_day, kept.made_by.login) == (
        ReportKind.B4, 1, ON, world.tracker.login,
    )  # fmt: skip
    assert kept.made_at == AT and kept.reason == "Gửi UBND tỉnh"
    assert kept.sha256 == checksum(kept.data) == b4.report(question(world.city)).checksum
    for grouping in Grouping:
        assert read.table(grouping) == b4.table(question(world.city, grouping=grouping))
    assert kept.figures[""] == [3, 2]


@pytest.mark.both_databases
def test_the_entry_of_the_history_names_what_was_frozen(world):
    kept = freezing.freeze(question(world.city), stamp=stamp(world.tracker))

    row = db.session.scalars(select(History).where(History.do == "freeze")).one()
    assert (row.unit, row.by, row.on_day) == (world.city, world.tracker, TODAY)
    assert row.payload == {
        "assigner": "song-huong", "from": "2026-01-01", "to": "2026-03-31", "cut_off": "2026-03-31",
        "rule": 1, "sha256": kept.sha256, "edition": 1,
    }  # fmt: skip


def test_frozen_again_it_is_the_next_edition_of_the_period(world):
    freezing.freeze(question(world.city), stamp=stamp())
    second = freezing.freeze(question(world.city, on=TODAY), stamp=stamp())
    other = freezing.freeze(question(world.city, last=date(2026, 12, 31)), stamp=stamp())

    assert (second.edition, other.edition) == (2, 1)


@pytest.mark.both_databases
def test_later_work_of_the_same_day_changes_nothing_that_was_frozen(world):
    kept = freezing.freeze(question(world.city, on=TODAY), stamp=stamp(world.tracker))
    before = json.dumps(kept.data)
    task = db.session.scalars(select(Task).where(Task.content == "Đề án của Nội vụ")).one()
    tasks.cancel(task, stamp=stamp(world.chairman), reason="Không tiếp tục")

    opened = open_frozen(kept.id, world.tracker, day=TODAY)

    assert json.dumps(opened.kept.data) == before and opened.is_intact
    (left,) = changes_between(opened.report, counted_now(opened, world.tracker, day=TODAY))
    assert (left.key, left.now) == (task.key, None)


def test_a_changed_figure_in_the_data_is_no_longer_intact(world):
    kept = freezing.freeze(question(world.city), stamp=stamp())
    data = json.loads(json.dumps(kept.data))
    data["tasks"][0][1] = "Nội dung khác"
    db.session.execute(update(Report).where(Report.id == kept.id).values(data=data, sha256=checksum(data)))
    db.session.expire_all()

    assert not open_frozen(kept.id, world.tracker, day=TODAY).is_intact


# What is refused


def test_a_day_to_come_is_refused_and_today_is_not(world):
    with pytest.raises(CannotFreeze):
        freezing.freeze(question(world.city, on=date(2026, 4, 16)), stamp=stamp())

    assert freezing.freeze(question(world.city, on=TODAY), stamp=stamp()).on_day == TODAY


def test_a_part_and_an_empty_table_are_refused(world):
    part = Part(units=select(Unit.id), tasks=Task.id > 0)

    for asked in (question(world.city, part=part), question(world.lead)):
        with pytest.raises(CannotFreeze):
            freezing.freeze(asked, stamp=stamp())
    assert db.session.scalar(select(Report.id)) is None


@pytest.mark.parametrize("who", ["head", "officer", "inspector", "admin", "coordinator", "outsider"])
def test_only_leader_and_office_of_the_assigner_may_freeze(world, who):
    with pytest.raises(NotAllowed):
        freezing.freeze(question(world.city), stamp=stamp(world.everybody[who]))


@pytest.mark.both_databases
def test_a_double_click_freezes_once(world):
    freezing.freeze(question(world.city), stamp=stamp(world.tracker, token="t1"))

    with pytest.raises(AlreadyDone):
        freezing.freeze(question(world.city), stamp=stamp(world.tracker, token="t1"))

    assert len(db.session.scalars(select(Report)).all()) == 1


@pytest.mark.both_databases
def test_several_at_once_make_an_edition_each(own_app):
    cast = make_cast()
    cast.make_task()
    db.session.commit()
    city, person = cast.city.id, cast.tracker.id
    db.session.commit()
    barrier = Barrier(4)

    def freeze(_number):
        with own_app.app_context():
            by = db.session.get_one(User, person)
            asked = question(db.session.get_one(Unit, city), on=TODAY)
            barrier.wait(timeout=300)
            edition = freezing.freeze(asked, stamp=stamp(by)).edition
            db.session.remove()
            return edition

    with ThreadPoolExecutor(4) as pool:
        editions = sorted(pool.map(freeze, range(4)))

    assert editions == [1, 2, 3, 4]
    kept = db.session.scalars(select(Report)).all()
    assert all(checksum(each.data) == each.sha256 for each in kept)
    assert len({each.sha256 for each in kept}) == 1


# The history file


def lines_with_two_frozen(cast):
    freezing.freeze(question(cast.city), stamp=stamp(cast.tracker), note="Gửi tỉnh")
    task = db.session.scalars(select(Task).where(Task.content == "Đề án của Nội vụ")).one()
    tasks.cancel(task, stamp=stamp(cast.chairman), reason="Không tiếp tục")
    freezing.freeze(question(cast.city, on=TODAY), stamp=stamp(cast.tracker))
    return list(history.dump())


def test_a_dump_carries_frozen_reports_from_sqlite_to_postgresql_and_back(app, databases):
    with nothing_stays(app):
        cast = make_cast()
        cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20), content="Đề án của Nội vụ")
        cast.make_task(unit=cast.commune, due_on=None)
        lines = lines_with_two_frozen(cast)
        frozen = facts_of_kept()
        table = b4.table(question(cast.city))
    assert [json.loads(line)["do"] for line in lines].count("freeze") == 2

    for kind in ("postgresql", "sqlite"):
        other = make_app(databases.fresh(kind))
        with other.app_context():
            assert history.load(lines) == len(lines)
            assert list(history.dump()) == lines
            assert facts_of_kept() == frozen
            city = db.session.scalars(select(Unit).where(Unit.code == "song-huong")).one()
            assert b4.table(question(city)) == table
            assert all(checksum(each.data) == each.sha256 for each in kept_in_order())
            db.session.remove()
            db.engine.dispose()


def facts_of_kept():
    return [(each.sha256, each.edition, each.made_at, each.data) for each in kept_in_order()]


def kept_in_order():
    return db.session.scalars(select(Report).order_by(Report.id)).all()


@pytest.fixture
def lines(app):
    """The lines of a world with two frozen reports, which is empty again."""
    with nothing_stays(app):
        cast = make_cast()
        cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20), content="Đề án của Nội vụ")
        cast.make_task(due_on=None)
        return lines_with_two_frozen(cast)


def changed(lines, change):
    """Return the lines with the first frozen one changed."""
    place = next(n for n, line in enumerate(lines) if json.loads(line)["do"] == "freeze")
    event = json.loads(lines[place])
    change(event)
    return [*lines[:place], json.dumps(event, ensure_ascii=False), *lines[place + 1 :]], place + 1


def forged(event):
    event["data"]["tasks"][0][1] = "Nội dung khác"


def of_an_unknown_unit(event):
    data = event["data"] = json.loads(json.dumps(event["data"]).replace('"noi-vu"', '"khong-co"'))
    event["sha256"] = checksum(data)


def without_tasks(event):
    del event["data"]["tasks"]
    event["sha256"] = checksum(event["data"])


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (forged, "mã kiểm tra của số liệu đã chốt là"),
        (lambda event: event.update(cut_off="2026-03-30"), "không khớp với số liệu đã chốt"),
        (lambda event: event.update(rule=7), "không khớp với số liệu đã chốt"),
        (of_an_unknown_unit, "đơn vị chưa có: khong-co"),
        (without_tasks, "không đọc được"),
        (lambda event: event.update(data=[]), "cần một đối tượng"),
    ],
)
def test_a_frozen_line_that_does_not_hold_is_refused_by_its_number(app, lines, change, reason):
    bad, number = changed(lines, change)

    with nothing_stays(app), pytest.raises(BadLine) as refusal:
        history.load(bad)

    assert f"Dòng {number}:" in str(refusal.value) and reason in str(refusal.value)


def test_a_report_of_an_older_rule_loads_and_stays_as_it_was(app, lines):
    def older(event):
        event["rule"] = event["data"]["rule"] = 0
        event["sha256"] = checksum(event["data"])

    old, _number = changed(lines, older)

    with nothing_stays(app):
        history.load(old)
        assert list(history.dump()) == old
        first = kept_in_order()[0]
        assert B4Report.from_data(first.data).rule == 0

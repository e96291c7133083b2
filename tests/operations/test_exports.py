"""Large files: ordered once, made once whoever dies, in the name of their person, kept for a while."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from tests.factories import FOUNDED_ON
from tracker import outbox
from tracker.intake.sheet.columns import fields_of
from tracker.intake.sheet.reading import read_sheet
from tracker.models import db, transaction
from tracker.models.export import Export, ExportState
from tracker.models.mail import Enclosure, OutgoingMail
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import exports, people, watch
from tracker.operations.exports import sources
from tracker.operations.exports.task_list import filter_of, words_of
from tracker.operations.recording import AlreadyDone, Stamp
from tracker.queries.task_filter import Filter
from tracker.rules.workflow import NotAllowed

TODAY = date(2026, 3, 10)
AT = datetime(2026, 3, 10, 2, 0, tzinfo=UTC)
B4 = {"what": "b4", "assigner": "song-huong", "from": "2026-03-01", "to": "2026-03-31", "on": "2026-03-10"}

@pytest.fixture(autouse=True)
def world(cast):
    cast.make_task()
    cast.make_task(unit=cast.coordinating, coordinating=[])


def stamp_of(user, at=AT, token=None):
    return Stamp(on=TODAY, by=user, at=at, token=token)


def order(user, token=None, **asked):
    return exports.order(B4 | asked, "csv", stamp=stamp_of(user, token=token))


def make(at=AT, stop=lambda: False, worker="may-1:0:1"):
    return exports.make_pending(now=lambda: at, worker=worker, stop=stop)


def mails():
    return db.session.scalars(select(OutgoingMail).where(OutgoingMail.kind == "export")).all()


@pytest.mark.both_databases
def test_an_order_becomes_a_file_and_a_mail(cast):
    asked = order(cast.tracker)

    made = make()

    (mail,) = mails()
    assert (made.ready, made.failed) == (1, 0)
    assert (asked.state, asked.total, asked.done) == (ExportState.READY, 2, 2)
    assert asked.filename == "bieu-b4-song-huong-2026-03-10.csv"
    assert "Phòng Nội vụ" in asked.enclosure.content.decode("utf-8-sig")
    assert asked.size == len(asked.enclosure.content)
    assert mail.subject.startswith("Tệp đã xong: B.4 UBND thành phố Sông Hương")
    assert "09/04/2026" in mail.text and "/xuat-tep" in mail.text
    assert make().ready == 0


@pytest.mark.parametrize(
    "more, title, name",
    [
        ({"group": "field"}, "chốt số liệu 10/03/2026, theo lĩnh vực", "-linh-vuc"),
        ({"group": "directive"}, "chốt số liệu 10/03/2026, theo văn bản chỉ đạo", "-van-ban"),
        ({"group": "leader"}, "chốt số liệu 10/03/2026, theo lãnh đạo chỉ đạo", "-lanh-dao"),
        ({"group": "month"}, "chốt số liệu 10/03/2026, theo tháng giao", "-thang-giao"),
        ({"folded": "1"}, "chốt số liệu 10/03/2026, gộp đơn vị trực thuộc", "-gop"),
        ({"folded": "1", "compare": "2026-03-05"}, "gộp đơn vị trực thuộc, so với 05/03/2026",
         "-gop-so-voi-2026-03-05"),
    ],
)  # fmt: skip
def test_two_tables_of_one_day_can_be_told_apart_by_title_and_by_name(cast, more, title, name):
    asked = order(cast.tracker, **more)

    make()

    assert asked.title.endswith(title)
    assert asked.filename == f"bieu-b4-song-huong-2026-03-10{name}.csv"


def test_an_ordered_table_is_compared_with_the_earlier_day_that_was_asked_for(cast):
    asked = order(cast.tracker, compare="2026-03-04")

    make()

    assert "so với 04/03/2026" in asked.title
    head, *lines = asked.enclosure.content.decode("utf-8-sig").splitlines()
    assert head.endswith("change_all,change_since")
    assert all(line.endswith(",2026-03-04") for line in lines)


def test_two_submissions_of_one_form_are_one_order_and_so_is_the_same_file_asked_twice(cast):
    first = order(cast.tracker, token="mot")

    with pytest.raises(AlreadyDone):
        order(cast.tracker, token="mot")
    again = order(cast.tracker, token="hai")

    assert again.id == first.id
    entries = db.session.scalars(select(History).where(History.do == "export")).all()
    assert [(each.by.login, each.payload["form"]) for each in entries] == [("mai", "csv")]


def test_nobody_has_more_than_a_few_orders_waiting(cast):
    for day in range(1, exports.MOST_WAITING + 1):
        order(cast.tracker, **{"from": f"2026-02-0{day}"})

    with pytest.raises(exports.TooManyOrders):
        order(cast.tracker, **{"from": "2026-02-20"})

    assert order(cast.chairman).state is ExportState.QUEUED


@pytest.mark.parametrize(
    "asked",
    [{"assigner": "noi-vu-khac"}, {"what": "tat-ca"}, {"from": "hôm qua"}, {"to": "2026-02-01"},
     {"on": "2026-03-11"}, {"group": "mau-sac"}, {"compare": "2026-03-10"}],
    ids=lambda each: next(iter(each)),
)  # fmt: skip
def test_what_is_not_there_or_not_theirs_is_not_ordered(cast, asked):
    with pytest.raises(NotAllowed):
        order(cast.tracker, **asked)


@pytest.mark.both_databases
def test_a_file_is_made_of_what_its_person_sees_and_no_more(cast):
    whole, part = order(cast.tracker), order(cast.head)

    make()

    text = part.enclosure.content.decode("utf-8-sig")
    assert "Phòng Nội vụ" in text
    assert "Phòng Tài chính" not in text
    assert "Phòng Tài chính" in whole.enclosure.content.decode("utf-8-sig")
    assert (whole.reach, part.reach) == (None, ["noi-vu"])


def test_who_lost_the_right_meanwhile_gets_no_file_and_is_told_why(cast):
    asked = order(cast.tracker)
    people.end_role(cast.tracker, unit=cast.city, role=Role.OFFICE, stamp=Stamp(on=TODAY))

    made = make()

    (mail,) = mails()
    assert made.failed == 1
    assert (asked.state, asked.enclosure_id) == (ExportState.FAILED, None)
    assert asked.error == "Không còn quyền xem số liệu này nên không lập tệp."
    assert mail.subject.startswith("Không lập được tệp")


def test_who_loses_the_right_later_may_not_fetch_it(cast):
    whole, part = order(cast.tracker), order(cast.head)
    make()
    before = exports.may_fetch(whole, stamp=stamp_of(cast.tracker))

    people.end_role(cast.tracker, unit=cast.city, role=Role.OFFICE, stamp=Stamp(on=TODAY))
    people.give_role(cast.tracker, unit=cast.lead, role=Role.UNIT_HEAD, stamp=Stamp(on=TODAY))

    assert before
    assert not exports.may_fetch(whole, stamp=stamp_of(cast.tracker)), "a part now, the file is of the whole"
    assert exports.may_fetch(part, stamp=stamp_of(cast.head))


@pytest.mark.both_databases
def test_an_order_that_is_called_back_while_it_is_made_leaves_no_file(cast, monkeypatch):
    asked = order(cast.tracker)
    real = sources.B4Source.write

    def write(source, form, wrote):
        exports.cancel(asked, stamp=stamp_of(cast.tracker))
        return real(source, form, wrote)

    monkeypatch.setattr(sources.B4Source, "write", write)

    made = make()

    assert (made.ready, made.failed) == (0, 0)
    assert asked.state is ExportState.CANCELLED
    assert db.session.scalars(select(Enclosure)).all() == []
    assert mails() == []
    with pytest.raises(exports.OrderEnded):
        exports.cancel(asked, stamp=stamp_of(cast.tracker))


def test_only_who_ordered_it_calls_it_back(cast):
    asked = order(cast.tracker)

    with pytest.raises(NotAllowed):
        exports.cancel(asked, stamp=stamp_of(cast.chairman))


def leave_half_made(asked, attempts=1, worker="may-khac:0:1"):
    with transaction():
        db.session.execute(update(Export).where(Export.id == asked.id).values(
            state=ExportState.RUNNING, leased_by=f"{worker}/x", leased_until=AT + exports.LEASE,
            attempts=attempts,
        ))  # fmt: skip
    db.session.expire_all()


@pytest.mark.both_databases
def test_what_a_dead_worker_elsewhere_left_is_taken_over_after_its_lease_and_not_before(cast):
    asked = order(cast.tracker)
    leave_half_made(asked)

    during = make(at=AT + exports.LEASE - timedelta(seconds=1))
    after = make(at=AT + exports.LEASE)

    assert (during.ready, after.ready) == (0, 1)
    assert asked.attempts == 2


def test_what_a_dead_worker_of_this_machine_left_is_taken_over_at_once(cast):
    asked = order(cast.tracker)
    home = outbox.worker_name().rpartition(":")[0]
    leave_half_made(asked, worker=f"{home}:999999999"[:48])

    assert make().ready == 1


def test_an_order_over_which_workers_die_again_and_again_is_given_up(cast):
    asked = order(cast.tracker)
    leave_half_made(asked, attempts=exports.MOST_ATTEMPTS)

    made = make(at=AT + exports.LEASE)

    assert made.failed == 1
    assert "Đã thử 3 lần" in asked.error


def test_whoever_lost_the_lease_meanwhile_stores_nothing(cast, monkeypatch):
    asked = order(cast.tracker)
    real = sources.B4Source.write

    def write(source, form, wrote):
        leave_half_made(asked)
        return real(source, form, wrote)

    monkeypatch.setattr(sources.B4Source, "write", write)

    assert make().ready == 0
    assert db.session.scalars(select(Enclosure)).all() == []


def test_a_process_that_is_asked_to_stop_gives_its_order_back(cast):
    asked = order(cast.tracker)
    answers = iter([False, True])

    made = make(stop=lambda: next(answers))

    assert (made.ready, made.failed) == (0, 0)
    assert (asked.state, asked.attempts, asked.leased_by) == (ExportState.QUEUED, 0, None)


@pytest.mark.both_databases
def test_a_fault_of_the_program_is_told_in_plain_words_and_a_fault_of_the_database_tried_again(
    cast, monkeypatch
):
    broken, unlucky = order(cast.tracker), order(cast.chairman)
    errors = iter([ValueError("x"), OperationalError("", {}, Exception("database is locked"))])

    def write(_source, _form, _wrote):
        raise next(errors)

    with monkeypatch.context() as patch:
        patch.setattr(sources.B4Source, "write", write)
        with pytest.raises(OperationalError):
            make()
    again = make()

    assert broken.state is ExportState.FAILED
    assert broken.error.startswith("Có lỗi khi lập tệp. Hãy đặt lại")
    assert again.ready == 1
    assert unlucky.state is ExportState.READY


def test_writing_tells_how_far_it_is_and_renews_the_lease(cast, monkeypatch):
    asked, seen = order(cast.tracker), []
    moments = iter(AT + timedelta(seconds=3 * step) for step in range(1_000))
    real = sources.B4Source.write

    def write(source, form, wrote):
        wrote(1)
        db.session.expire_all()
        seen.append((asked.done, asked.state))
        return real(source, form, wrote)

    monkeypatch.setattr(sources.B4Source, "write", write)

    exports.make_pending(now=lambda: next(moments), worker="may-1:0:1")

    assert seen == [(1, ExportState.RUNNING)]


@pytest.mark.both_databases
def test_old_files_are_let_go_and_the_order_says_so(cast):
    asked = order(cast.tracker)
    make()
    digest = asked.sha256

    early = exports.let_go_of_old(now=AT + timedelta(days=30))
    late = exports.let_go_of_old(now=AT + timedelta(days=30, seconds=1))

    assert (early, late) == (0, 1)
    assert (asked.state, asked.enclosure_id, asked.sha256) == (ExportState.READY, None, digest)
    assert asked.let_go_at == AT + timedelta(days=30, seconds=1)
    assert db.session.scalars(select(Enclosure)).all() == []


def test_an_order_that_nobody_makes_is_a_notice_to_administrators_and_no_fault(cast):
    order(cast.tracker)

    early, late = (
        [each for each in watch.find_now(now=AT + timedelta(minutes=minutes)) if each.word == "export"]
        for minutes in (10, 11)
    )

    assert early == []
    assert [each.severity for each in late] == ["notice"]
    assert watch.sentence(late[0]) == "Có tệp xuất đặt từ 09:00 10/03/2026 mà chưa được lập."


def test_a_person_without_an_address_gets_the_file_and_no_mail(cast):
    silent = cast.make_person(unit=cast.city, role=Role.OFFICE, email=None, on=FOUNDED_ON)
    asked = order(silent)

    make()

    assert asked.state is ExportState.READY
    assert mails() == []


@pytest.mark.both_databases
def test_a_long_list_of_tasks_is_ordered_as_a_workbook_that_can_come_back(cast):
    cast.make_task(content="Lập sổ", unit=cast.coordinating, coordinating=[])
    unit, giver = cast.coordinating.id, cast.city.id
    chosen = Filter(state="open", unit=unit, assigner=(giver,), due_to=date(2030, 1, 1))
    asked = {"what": "tasks"} | words_of(chosen, "-given")

    ordered = exports.order(asked, "xlsx", stamp=stamp_of(cast.tracker))
    made = make()

    sheet = read_sheet(".xlsx", ordered.enclosure.content)
    at = fields_of(sheet.heads).index("lead")
    assert filter_of(asked) == chosen
    assert (made.ready, ordered.total, ordered.state) == (1, 2, ExportState.READY)
    assert {cells[at] for _number, cells in sheet.rows} == {cast.coordinating.name}
    assert len(sheet.rows) == 2
    assert exports.may_fetch(ordered, stamp=stamp_of(cast.tracker))


def test_an_ordered_list_that_is_cut_says_so(cast, monkeypatch):
    cast.make_task(content="Lập sổ")
    monkeypatch.setattr("tracker.operations.exports.task_list.MOST", 1)

    ordered = exports.order({"what": "tasks"}, "csv", stamp=stamp_of(cast.tracker))
    make()

    lines = ordered.enclosure.content.decode().splitlines()
    assert lines[-1] == "Tệp chỉ có 1 nhiệm vụ đầu tiên. Hãy lọc hẹp hơn."
    assert len(lines) == 3


def test_a_list_is_not_fetched_by_who_lost_the_role_they_saw_it_by(cast):
    ordered = exports.order({"what": "tasks"}, "xlsx", stamp=stamp_of(cast.tracker))
    make()
    [held] = [each for each in cast.tracker.held_roles if each.role is Role.OFFICE]
    with transaction():
        held.valid_to = TODAY

    assert not exports.may_fetch(ordered, stamp=stamp_of(cast.tracker))


@pytest.mark.parametrize(
    "words", [{"state": "x"}, {"unit": "1; drop"}, {"due_from": "31/02"}, {"cell": "?"}, {"sort": "name"},
              {"assigners": "1.a"}],
)  # fmt: skip
def test_a_list_asked_for_in_odd_words_is_not_ordered(cast, words):
    with pytest.raises(NotAllowed):
        exports.order({"what": "tasks"} | words, "xlsx", stamp=stamp_of(cast.tracker))
    with pytest.raises(NotAllowed):
        exports.order({"what": "tasks"}, "docx", stamp=stamp_of(cast.tracker))

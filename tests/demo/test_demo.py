"""The demonstration: the published row, the chain of plans, and living tasks whatever the day."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import POSTGRESQL, SQLITE, Databases, make_app
from tests.demo.by_hand import COUNTED_BY_HAND, recounted
from tracker import demo
from tracker.clock import VIETNAM
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.report import Report, ReportKind
from tracker.models.task import Coordination, Request, RequestKind, RequestState, Task
from tracker.models.units import Unit, subtree
from tracker.operations import history, reminders
from tracker.queries import b4
from tracker.queries.ranking import ranking
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.b4_changes import changes_between
from tracker.rules.b4_report import B4Report
from tracker.rules.b4_table import B4Table
from tracker.rules.overdue_report import checksum, from_data
from tracker.rules.ranking import Formula, Measure
from tracker.rules.status import CELLS, OVERDUE_CELLS, Cell, State, status_of
from tracker.rules.text import fold

A_SATURDAY = date(2026, 11, 21)

TODAYS = [
    date(2024, 2, 29),
    date(2026, 1, 1),
    date(2026, 2, 16),
    date(2026, 2, 18),
    date(2026, 2, 23),
    date(2026, 5, 1),
    date(2026, 8, 22),
    date(2026, 11, 20),
    A_SATURDAY,
    date(2026, 11, 22),
    date(2026, 12, 31),
    date(2027, 2, 6),
    date(2027, 9, 3),
    date(2028, 2, 29),
]
"""Leap days, Tết and the day after it, a worked Saturday, a weekend, ends of years, National Day."""


@pytest.fixture(scope="module")
def loaded(database: str, databases: Databases) -> Iterator[Any]:
    """The demonstration as it was first started on a Saturday, for tests that only look."""
    app = make_app(databases.fresh(database))
    with app.app_context():
        demo.load(today=A_SATURDAY, now=datetime(2026, 11, 21, 3, tzinfo=UTC))
        yield app
        db.session.remove()
        db.engine.dispose()


def unit(code: str) -> Unit:
    return db.session.scalars(select(Unit).where(Unit.code == code)).one()


def row_of(assigner: str, first: date, last: date, on: date | None = None) -> B4Table:
    return b4.table(b4.Question(unit(assigner), first, last, on or last))


def test_hai_duong_has_the_published_row(loaded: Any) -> None:
    table = row_of("hue", date(2021, 12, 15), date(2022, 6, 7))

    assert [row.name for row in table.rows] == ["UBND xã Hải Dương"]
    assert table.rows[0].cells == (0, 0, 1, 3, 0, 2, 3)
    assert table.rows[0].all == 9


def test_the_table_of_the_year_folds_sub_units_keeps_an_ended_one_and_counts_what_has_no_deadline(
    loaded: Any,
) -> None:
    year = b4.Question(unit("hue"), date(2026, 1, 1), date(2026, 12, 31), A_SATURDAY)

    table = b4.table(year)
    folded = b4.table(replace(year, folded=True))

    names = {row.name for row in table.rows}
    below = {
        "Đội Quy tắc đô thị", "Đội Quản lý trật tự đô thị", "Trung tâm Phát triển quỹ đất",
        "Trung tâm Văn hóa - Thông tin và Thể thao",
    }  # fmt: skip
    assert names - {row.name for row in folded.rows} == below
    assert folded.total.cells == table.total.cells
    assert table.total.without_deadline == 4


def test_each_field_has_one_name(loaded: Any) -> None:
    names = {name for name in db.session.scalars(select(Directive.field).distinct()) if name}

    assert len({fold(name).replace(",", "") for name in names}) == len(names), sorted(names)


def test_the_history_file_is_valid_by_itself_and_is_what_a_dump_writes(session: Any) -> None:
    written = (demo.FOLDER / "history.jsonl").read_text(encoding="utf-8")

    history.load(written.splitlines())

    assert "".join(line + "\n" for line in history.dump()) == written


def test_the_report_of_van_giang_rests_on_the_plans_of_district_and_province(loaded: Any) -> None:
    def paper(number: str, issuer: str) -> Directive:
        query = select(Directive).where(Directive.number == number, Directive.issuer_id == unit(issuer).id)
        return db.session.scalars(query).one()

    report = paper("81/BC-UBND", "van-giang")

    district, province = paper("21/KH-UBND", "van-giang"), paper("28/KH-UBND", "hung-yen")
    assert [basis.based_on for basis in report.bases] == [district, province]
    assert district.bases[0].based_on is province
    task = db.session.scalars(select(Task).where(Task.directive_id == province.id)).one()
    assert (task.state, task.result) == (State.COMPLETED, "Báo cáo số 81/BC-UBND ngày 09/4/2020")


def test_the_seven_items_of_254_go_to_twelve_agencies_and_eleven_communes(loaded: Any) -> None:
    paper = db.session.scalars(select(Directive).where(Directive.number == "254/UBND-NV")).one()

    query = select(Task.item, func.count()).where(Task.directive_id == paper.id).group_by(Task.item)
    items = dict(db.session.execute(query).all())

    assert paper.issued_on == date(2021, 4, 12)
    assert items == {str(number): 23 for number in range(1, 8)}


def test_hong_ngu_has_inspected_ten_communes_and_twelve_agencies_are_to_come(loaded: Any) -> None:
    paper = db.session.scalars(select(Directive).where(Directive.number == "218/KH-UBND")).one()

    query = select(Task.item, Task.state).where(Task.directive_id == paper.id)
    states = db.session.execute(query).all()

    assert [state for item, state in states if item == "1"] == [State.COMPLETED] * 10
    to_come = [state for item, state in states if item == "2"]
    assert len(to_come) == 12
    assert set(to_come) == {State.NOT_STARTED, State.IN_PROGRESS}


def test_the_plan_of_quang_cong_goes_to_persons_inside_the_commune(loaded: Any) -> None:
    commune = unit("quang-cong")
    tasks = db.session.scalars(select(Task).where(Task.assigner_id == commune.id)).all()

    parents = {task.parent.directive.number for task in tasks if task.parent}

    assert parents == {"67/KH-UBND", "133/KH-UBND"}
    assert all(task.officer is not None and task.unit.parent is commune for task in tasks)


@pytest.mark.parametrize("code", ["hue", "hai-duong", "van-giang"])
def test_every_role_is_held(loaded: Any, code: str) -> None:
    below = subtree(select(Unit.id).where(Unit.code == code))

    held = set(db.session.scalars(select(HeldRole.role).where(HeldRole.unit_id.in_(below))))

    assert held == set(Role)


def test_every_account_that_is_shown_exists(loaded: Any) -> None:
    known = set(db.session.scalars(select(User.login)))

    assert {visit.login for visit in demo.VISITS} <= known


def test_each_column_of_the_ranking_is_what_plain_sql_recounts(loaded: Any) -> None:
    first, city = date(2026, 1, 1), unit("hue")
    formula = Formula.from_settings(all_settings())

    found = ranking(
        b4.Question(city, first, A_SATURDAY, A_SATURDAY), formula=formula, calendar=working_calendar()
    )

    expected = recounted(city.id, first, A_SATURDAY)
    for measure in COUNTED_BY_HAND:
        figures = {row.unit.code: row.figures.count(measure) for row in found.rows}
        assert figures == {code: expected[code].get(measure, 0) for code in figures}, measure
        assert sum(figures.values()), f"nobody has {measure}"
    assert {row.unit.code for row in found.rows} == expected.keys()
    for row in found.rows:
        numbers, figures = expected[row.unit.code], row.figures
        late = numbers.get("days late", [])
        assert figures.worst_days == max(late, default=0)
        assert figures.average_days == (Fraction(sum(late), len(late)) if late else None)
        needed = numbers.get(Measure.AFTER, 0) + numbers.get(Measure.URGED, 0)
        assert figures.count(Measure.NEEDED) == needed
        if not figures.count(Measure.TAKEN):
            waited = numbers.get("days waited", [])
            assert figures.average_response == (Fraction(sum(waited), len(waited)) if waited else None)


def test_what_is_overdue_is_recorded_and_the_last_working_day_was_told(loaded: Any) -> None:
    overdue = db.session.scalar(select(func.count()).where(History.do == "became_overdue"))
    told_on = set(db.session.scalars(select(Reminder.told_on)))

    assert overdue and overdue > 20
    calendar = working_calendar()
    assert max(told_on) == date(2026, 11, 20)
    assert min(told_on) >= calendar.add(max(told_on), -demo.TOLD_DAYS)
    assert len(told_on) > demo.TOLD_DAYS // 2
    assert all(calendar.is_working(day) for day in told_on)
    days = select(OutgoingMail.queued_at, OutgoingMail.state).where(OutgoingMail.kind == "digest")
    states = {(each.astimezone(VIETNAM).date() < max(told_on), state)
              for each, state in db.session.execute(days)}  # fmt: skip
    assert states == {(True, MailState.SENT), (False, MailState.KEPT)}


def test_the_report_of_last_month_was_made_on_its_first_working_day(loaded: Any) -> None:
    report = db.session.scalars(select(Report).where(Report.kind == ReportKind.OVERDUE_MONTH)).one()

    assert (report.assigner.code, report.last_on) == ("hue", date(2026, 10, 31))
    assert report.made_at == datetime(2026, 11, 2, 7, 30, tzinfo=VIETNAM)
    content = from_data(report.data)
    assert content.overdue and content.repeats and content.before.overdue
    assert len(report.mailings) > 10
    assert len({month.overdue for month in content.months}) > 2


def test_one_table_was_frozen_and_changed_since(loaded: Any) -> None:
    kept = db.session.scalars(select(Report).where(Report.kind == ReportKind.B4)).one()
    frozen = B4Report.from_data(kept.data)

    now = b4.report(b4.Question(kept.assigner, kept.first_on, kept.last_on, kept.on_day))

    assert (kept.assigner.code, kept.on_day) == ("hue", date(2026, 11, 13))
    assert checksum(kept.data) == kept.sha256
    assert {change.key for change in changes_between(frozen, now)} == {
        "s-hue-ct-phu-thanh", "s-hue-hs-vanhoa", "s-hue-sh-taichinh",
    }  # fmt: skip


def test_a_dump_moves_the_demonstration_with_what_it_froze_into_the_other_database(
    loaded: Any, databases: Databases
) -> None:
    lines = list(history.dump())
    other = make_app(databases.fresh(SQLITE if db.engine.dialect.name == POSTGRESQL else POSTGRESQL))

    with other.app_context():
        history.load(lines)
        again = list(history.dump())
        db.session.remove()
        db.engine.dispose()

    assert again == lines
    assert sum(json.loads(line)["do"] == "freeze" for line in lines) == 1


def test_the_password_is_kept_for_its_owner_alone_and_stays(loaded: Any, tmp_path: Any) -> None:
    password = demo.password_in(tmp_path)

    assert len(password) >= 12
    assert demo.password_in(tmp_path) == password
    assert (tmp_path / demo.PASSWORD_FILE).stat().st_mode & 0o777 == 0o600
    without = select(func.count()).where(User.password.is_(None))
    assert db.session.scalar(without) == 0


def only_living(today: date) -> Iterator[str]:
    """Yield the lines of the demonstration without the tasks of the past: quick to load."""
    for line in demo.lines_on(today):
        event = json.loads(line)
        if event["do"] in ("freeze", "urge"):
            continue
        key = event.get("task") or event.get("directive")
        if key is None or key.startswith("s-"):
            yield line


@pytest.mark.parametrize("today", TODAYS, ids=str)
def test_no_list_is_empty_whatever_the_day(session: Any, today: date) -> None:
    history.load(only_living(today))

    calendar = working_calendar()
    for code in ("hue", "van-giang"):
        tasks = db.session.scalars(select(Task).where(Task.assigner_id == unit(code).id)).all()
        cells = {cell: [t for t in tasks if status_of(t, day=today) is cell] for cell in CELLS}
        running = [t for t in tasks if t.state in (State.NOT_STARTED, State.IN_PROGRESS) and t.due_on]
        assert all(cells.values()), f"{code}: {[cell for cell in CELLS if not cells[cell]]}"
        assert len({t.due_on for cell in OVERDUE_CELLS for t in cells[cell]}) >= 3
        assert any(t.due_on == today for t in running)
        assert any(t.due_on > today and calendar.between(today, t.due_on) <= 3 for t in running)
        assert any(t.percent and t.last_word for t in cells[Cell.IN_PROGRESS_NOT_DUE])
        waiting = select(Request.kind).join(Task, Task.id == Request.task_id)
        waiting = waiting.where(Task.assigner_id == unit(code).id, Request.state == RequestState.PENDING)
        assert set(db.session.scalars(waiting)) == {RequestKind.EXTENSION, RequestKind.RETURN}
    assert db.session.scalar(select(func.count(Task.id)).where(Task.parent_id.is_not(None))) >= 5
    assert db.session.scalar(select(func.count()).select_from(Coordination)) > 20
    assert all(row.on_day <= today for row in db.session.scalars(select(History)))


@pytest.mark.parametrize("today", [date(2026, 2, 18), A_SATURDAY, date(2026, 11, 23)], ids=str)
def test_the_next_morning_tells_somebody(session: Any, today: date) -> None:
    history.load(only_living(today))
    day = working_calendar().next_working(today)

    queued = reminders.queue_digests(today=day, at=datetime.combine(day, time(7), VIETNAM))

    assert queued > 20


def test_days_are_written_relative_to_today() -> None:
    calendar = demo._calendar_of([], [(date(2026, 11, 24), "day_off", "Ngày Văn hóa Việt Nam")])
    events = [{"on": "@-12", "due": "@w+2", "text": "Báo cáo ngày {@w-1}", "percent": 40}]

    (event,) = demo.resolve(events, today=A_SATURDAY, calendar=calendar)

    assert event == {
        "on": "2026-11-09", "due": "2026-11-25", "text": "Báo cáo ngày 20/11/2026", "percent": 40
    }  # fmt: skip


def test_a_swapped_day_brings_its_working_saturday() -> None:
    proposed = list(demo._proposed_days(date(2026, 8, 22)))

    assert (date(2026, 8, 31), "day_off") in [(day, do) for day, do, _name in proposed]
    assert (date(2026, 8, 22), "working_day") in [(day, do) for day, do, _name in proposed]


def test_the_demonstration_loads_into_an_empty_installation_only(loaded: Any) -> None:
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)

    with pytest.raises(history.NotEmpty):
        demo.load(today=A_SATURDAY, now=now)

    assert not demo.is_empty()

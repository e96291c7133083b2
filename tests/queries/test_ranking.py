"""The ranking of lead units: its figures against a naive recount, as of any day, whatever happens later."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from sqlalchemy import select, update

from tests.conftest import nothing_stays
from tests.counting import statements
from tests.histories import ASSIGNERS, Replay, histories, recount
from tests.test_random_histories import EXAMPLES, days_around, load, many
from tracker.models import db
from tracker.models.mail import MailState, OutgoingMail, Reminder
from tracker.models.people import Role
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import people, progress, requests, tasks, units
from tracker.operations.recording import Stamp
from tracker.operations.urging import urge
from tracker.queries import b4
from tracker.queries.b4 import Question
from tracker.queries.ranking import own_codes, ranking, read_tasks, read_words
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.ranking import Formula, Measure, Standing
from tracker.rules.settings import RULES
from tracker.rules.status import State

FORMULA = Formula.from_settings({name: rule.default for name, rule in RULES.items()})
CALENDAR = WorkingCalendar(frozenset(), frozenset())
FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
few = settings(many, max_examples=int(EXAMPLES or 3))


def ranking_of(cast, on=LAST, *, formula=FORMULA):
    return ranking(Question(cast.city, FIRST, on, on), formula=formula, calendar=CALENDAR)


def figures_of(cast, on=LAST, unit=None):
    return ranking_of(cast, on).row((unit or cast.lead).code).figures


# Against a naive recount


def working_days(first, last):
    """Count the days after `first` up to `last` that are no Saturday or Sunday."""
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return sum(day.weekday() < 5 for day in days)


def naive_story(lines, key, on):
    """Tell a task's story from the lines up to the end of a day, looking at each line of it again."""
    replay, mine, moved_at, since = Replay(), [], None, None
    inherited = False
    for line in lines:
        if line["on"] > on.isoformat():
            break
        before = replay.tasks.get(key)
        was = (before.unit, before.state) if before else None
        replay.take(line)
        is_mine = line.get("task") == key
        if is_mine:
            mine.append(line)
        if is_mine and line["do"] == "give":
            since = date.fromisoformat(line["on"])
        if was is None or was[1] == "draft":
            continue
        follows = line["do"] == "unit_end" and replay.tasks[key].unit != was[0]
        if follows or (is_mine and line["do"] in ("reassign", "transfer")):
            moved_at, inherited = (len(mine), line["on"]), follows
            begins_anew = was[1] == "not_started" or line["do"] == "reassign"
            since = date.fromisoformat(line["on"]) if begins_anew else None
    here = mine[moved_at[0] :] if moved_at else mine
    done = Counter(line["do"] for line in here)
    reported = [place for place, line in enumerate(here) if line["do"] == "report"]
    reworks = sum(
        line["do"] == "rework" and any(at < place for at in reported) for place, line in enumerate(here)
    )
    accepted = next((date.fromisoformat(line["on"]) for line in here if line["do"] == "accept"), None)
    waited = None
    if since is not None and (accepted or replay.tasks[key].state == "not_started"):
        waited = working_days(since, accepted or on)
    due = replay.tasks[key].due
    return {
        "asked": done["ask_extension"], "granted": done["grant_extension"], "reports": done["report"],
        "rework": reworks, "waited": waited, "accepted": accepted, "inherited": inherited,
        "taken": moved_at[1] if moved_at else None, "due": due, "reported": replay.tasks[key].reported,
    }  # fmt: skip


def naive_figures(lines, counted, on):
    """Return by unit the numbers of its tasks, from the cells of the naive B.4 and the stories."""
    found = {}
    for key, (unit, cell) in counted.items():
        story = naive_story(lines, key, on)
        numbers = found.setdefault(unit, Counter())
        late = cell == "completed_late" or cell.endswith("_overdue")
        end = date.fromisoformat(story["reported"]) if cell.startswith("completed") else on
        days = (end - date.fromisoformat(story["due"])).days if late else 0
        came_late = late and story["taken"] is not None and story["due"] < story["taken"]
        numbers += Counter(
            {
                "counted": 1, "on_time": cell == "completed_on_time", "late": cell == "completed_late",
                "overdue": cell.endswith("_overdue"), "late_days": late, "asked": story["asked"],
                "granted": story["granted"], "reports": story["reports"], "rework": story["rework"],
                "response": story["waited"] is not None,
                "in_response_days": story["accepted"] is not None and (story["waited"] or 0) <= 2,
                "response_judged": story["accepted"] is not None or (story["waited"] or 0) > 2,
                "judged": cell == "completed_on_time" or (late and not came_late),
                "judged_days": 0 if came_late else days, "taken": story["taken"] is not None,
                "inherited": story["inherited"], "came_late": came_late,
            }
        )
        found[unit] = Counter({name: number for name, number in numbers.items() if number})
        found[unit]["worst"] = max(days, found[unit]["worst"]) if late else numbers["worst"]
    return found


MEASURES = [measure for measure in Measure if measure not in (Measure.WORST, Measure.BEFORE, Measure.AFTER,
                                                              Measure.URGED, Measure.NEEDED)]  # fmt: skip


@pytest.mark.both_databases
@given(lines=histories())
@few
def test_the_figures_of_every_day_are_a_naive_recount(app, lines):
    with nothing_stays(app) as session:
        load(lines)
        found = {unit.code: unit for unit in session.scalars(select(Unit))}
        days = days_around(lines)

        for on in days[::3]:
            for first in {on, days[0]}:
                expected = recount(lines, first=first, on=on)
                for assigner in ASSIGNERS:
                    question = Question(found[assigner], first, on, on)
                    whole = ranking(question, formula=FORMULA, calendar=CALENDAR)

                    shown = {}
                    for row in whole.rows:
                        numbers = {measure.value: row.figures.count(measure) for measure in MEASURES}
                        shown[row.unit.code] = Counter(numbers | {"worst": row.figures.worst_days})
                    naive = naive_figures(lines, expected[assigner], on)
                    assert shown == naive, (assigner, first, on)
                    table = b4.table(question)
                    assert {row.unit.code: row.figures.count(Measure.COUNTED) for row in whole.rows} == {
                        row.code: row.all for row in table.rows
                    }


# As of a day, whatever happens later


def test_what_happens_after_the_cut_off_day_changes_nothing(cast):
    for _ in range(3):
        cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    done = cast.make_task(state=State.COMPLETED, reported_on=date(2026, 3, 24), closed_on=date(2026, 3, 25))
    before = ranking_of(cast)

    later = Stamp(on=date(2026, 4, 2))
    progress.reopen(done, stamp=later, reason="Chưa đạt")
    for task in db.session.scalars(select(Task).where(Task.state == State.IN_PROGRESS)):
        progress.report(task, stamp=later, explanation="Chậm")
        progress.rework(task, stamp=later, reason="Chưa đạt")
        tasks.transfer(task, stamp=later, unit=cast.commune)
    people.end_role(cast.head, stamp=later, unit=cast.lead, role=Role.UNIT_HEAD)
    people.correct(cast.head, stamp=later, name="Nguyễn Văn Bình (nghỉ hưu)")
    units.correct(cast.lead, stamp=later, name="Phòng Nội vụ và Tôn giáo")

    assert ranking_of(cast) == before
    assert before.rows[0].unit.name == "Phòng Nội vụ"
    assert [head.name for head in before.rows[0].unit.heads] == ["Nguyễn Văn Bình"]


def test_a_late_confirmation_makes_nobody_late(cast):
    cast.make_task(
        state=State.COMPLETED, due_on=date(2026, 3, 20), reported_on=date(2026, 3, 20),
        closed_on=date(2026, 3, 31),
    )  # fmt: skip
    cast.make_task(state=State.AWAITING_CONFIRMATION, due_on=date(2026, 3, 10), reported_on=date(2026, 3, 10))

    figures = figures_of(cast)

    assert [figures.count(each) for each in (Measure.ON_TIME, Measure.LATE, Measure.OVERDUE)] == [1, 0, 0]
    assert figures.count(Measure.JUDGED) == 1


def test_extensions_reworks_and_acceptance_count_until_the_cut_off_day(cast):
    task = cast.make_task(state=State.IN_PROGRESS, accepted_on=date(2026, 3, 9), due_on=date(2026, 3, 20))
    requests.ask_extension(task, stamp=Stamp(on=date(2026, 3, 16)), until=date(2026, 3, 27), reason="Khó")
    requests.grant_extension(task, stamp=Stamp(on=date(2026, 3, 18)))
    progress.report(task, stamp=Stamp(on=date(2026, 3, 24)))
    progress.rework(task, stamp=Stamp(on=date(2026, 3, 26)), reason="Thiếu")

    def numbers(on):
        figures = figures_of(cast, on)
        counts = (Measure.ASKED, Measure.GRANTED, Measure.REPORTS, Measure.REWORK)
        return [*(figures.count(each) for each in counts), figures.average_response]

    assert numbers(date(2026, 3, 8)) == [0, 0, 0, 0, 4]
    assert numbers(date(2026, 3, 17)) == [1, 0, 0, 0, 5]
    assert numbers(date(2026, 3, 24)) == [1, 1, 1, 0, 5]
    assert numbers(date(2026, 3, 26)) == [1, 1, 1, 1, 5]


def remind(task, user, rung, told_on, *, state=MailState.SENT, ended_on=None):
    moment = datetime.combine(ended_on or told_on, datetime.min.time(), UTC)
    mail = OutgoingMail(
        key=f"{task.id}{rung}{told_on}{user.id}", kind="digest", user_id=user.id, address="a@b.example",
        subject="x", text="x", html="x", message_id=f"<{task.id}{rung}{told_on}{user.id}>", state=state,
        queued_at=moment, ended_at=moment,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    db.session.add(Reminder(task_id=task.id, rung=rung, due_on=task.due_on, user_id=user.id, told_on=told_on,
                            mail_id=mail.id))  # fmt: skip
    db.session.flush()


def test_a_reminder_counts_once_however_many_were_told_and_only_when_a_mail_was_sent(cast):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 20))
    for user in (cast.head, cast.officer, cast.tracker):
        remind(task, user, "late-1", date(2026, 3, 23))
    remind(task, cast.head, "before-3", date(2026, 3, 17))
    remind(task, cast.head, "due", date(2026, 3, 20))
    remind(task, cast.head, "given:1", date(2026, 3, 2))
    remind(task, cast.head, "late-w5", date(2026, 3, 30), state=MailState.FAILED)
    remind(task, cast.officer, "late-w10", date(2026, 3, 30), ended_on=date(2026, 4, 1))
    urge([task], stamp=Stamp(on=date(2026, 3, 24), by=cast.tracker, at=datetime(2026, 3, 24, 2, tzinfo=UTC)))
    mails = select(Reminder.mail_id).where(Reminder.rung.startswith("urge"))
    sent = {"state": MailState.SENT, "ended_at": datetime(2026, 3, 24, 3, tzinfo=UTC)}
    db.session.execute(update(OutgoingMail).where(OutgoingMail.id.in_(mails)).values(sent))

    figures = figures_of(cast)

    counts = (Measure.BEFORE, Measure.AFTER, Measure.URGED, Measure.NEEDED)
    assert [figures.count(each) for each in counts] == [2, 1, 1, 2]
    assert figures_of(cast, date(2026, 3, 22)).count(Measure.NEEDED) == 0


# Units that end


def test_an_ended_unit_keeps_what_it_completed_and_the_rest_is_marked_with_its_successor(cast):
    for _ in range(5):
        cast.make_task(state=State.COMPLETED, reported_on=date(2026, 3, 6), due_on=date(2026, 3, 9))
    overdue = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 9))
    cast.make_task(due_on=date(2026, 3, 25))
    units.end(cast.lead, stamp=Stamp(on=date(2026, 3, 16)), successor=cast.commune)

    before, after = ranking_of(cast, date(2026, 3, 15)), ranking_of(cast)

    assert [row.unit.code for row in before.rows] == ["noi-vu"]
    assert before.rows[0].unit.ended_on is None
    ended, successor = after.row("noi-vu"), after.row("phu-an")
    assert (ended.standing, ended.place) == (Standing.ENDED, None)
    assert (ended.unit.ended_on, ended.unit.successor) == (date(2026, 3, 16), "UBND xã Phú An")
    assert [head.login for head in ended.unit.heads] == ["binh"]
    assert [ended.figures.count(each) for each in (Measure.COUNTED, Measure.ON_TIME)] == [5, 5]
    counts = (Measure.COUNTED, Measure.OVERDUE, Measure.INHERITED, Measure.CAME_LATE, Measure.JUDGED)
    assert [successor.figures.count(each) for each in counts] == [2, 2, 2, 1, 1]
    assert [task.task_id for task in successor.figures.behind(Measure.CAME_LATE)] == [overdue.id]
    assert [head.login for head in successor.unit.heads] == ["lan"]


def test_a_draft_that_moved_before_it_was_given_was_not_taken_over(cast):
    draft = cast.make_task(state=State.DRAFT, unit=cast.commune)
    tasks.transfer(draft, stamp=Stamp(on=date(2026, 3, 3)), unit=cast.lead)
    tasks.give_draft(draft, stamp=Stamp(on=date(2026, 3, 4)))

    (task,) = read_tasks(Question(cast.city, FIRST, LAST, LAST), calendar=CALENDAR)

    assert (task.tenure.taken_on, task.tenure.since) == (None, date(2026, 3, 4))


# Who led a unit


def heads(cast, unit, on=LAST):
    return [head.login for head in ranking_of(cast, on).row(unit.code).unit.heads]


def test_the_head_is_who_held_the_role_on_the_cut_off_day(cast):
    cast.make_task()
    people.end_role(cast.head, stamp=Stamp(on=date(2026, 3, 16)), unit=cast.lead, role=Role.UNIT_HEAD)
    people.give_role(cast.officer, stamp=Stamp(on=date(2026, 3, 16)), unit=cast.lead, role=Role.UNIT_HEAD)

    assert heads(cast, cast.lead, date(2026, 3, 15)) == ["binh"]
    assert heads(cast, cast.lead, date(2026, 3, 16)) == ["ha"]


def test_where_nobody_heads_a_unit_its_leader_answers_and_where_neither_does_nobody(cast):
    agency, empty = cast.make_unit(), cast.make_unit()
    leader = cast.make_person(unit=agency, role=Role.LEADER)
    for unit in (agency, empty):
        cast.make_task(unit=unit)

    assert heads(cast, agency) == [leader.login]
    assert heads(cast, empty) == []


def test_of_several_heads_the_one_with_the_title_of_the_head_answers(cast):
    commune = cast.make_unit(title_of_head="Chủ tịch UBND xã")
    cast.make_person(unit=commune, role=Role.UNIT_HEAD, title="Phó Chủ tịch UBND xã")
    chairman = cast.make_person(unit=commune, role=Role.UNIT_HEAD, title="Chủ tịch UBND xã Tân An")
    cast.make_task(unit=commune)

    assert heads(cast, commune) == [chairman.login]


# Sets of rows


def test_the_number_of_statements_does_not_grow_with_units_and_tasks(cast):
    def asked():
        db.session.expire_all()
        question = Question(db.session.get(Unit, cast.city.id), FIRST, LAST, LAST)
        assert question.assigner.code
        with statements() as seen:
            ranking(question, formula=FORMULA, calendar=CALENDAR)
        return len(seen)

    cast.make_task()
    one = asked()
    for _ in range(5):
        cast.make_task(unit=cast.make_unit(), state=State.COMPLETED)

    assert asked() == one == 9


def test_the_tasks_of_one_unit_are_those_of_the_whole(cast):
    for unit in (cast.lead, cast.commune):
        cast.make_task(unit=unit, state=State.COMPLETED)
    question = Question(cast.city, FIRST, LAST, LAST)

    whole = read_tasks(question, calendar=CALENDAR)
    part = read_tasks(question, calendar=CALENDAR, unit_code="noi-vu")

    assert part == [task for task in whole if task.unit_id == cast.lead.id]
    assert len(part) == 1
    told = read_words(question, [part[0].task_id])
    assert [each.unit_name for each in told.values()] == ["Phòng Nội vụ"]


def test_a_head_owns_their_units_and_those_below_and_an_officer_none(cast):
    team = cast.make_unit(parent=cast.lead)
    codes = ["noi-vu", "phu-an", team.code]

    assert own_codes(cast.head, codes, day=LAST) == {"noi-vu", team.code}
    assert own_codes(cast.officer, codes, day=LAST) == frozenset()
    assert own_codes(cast.inspector, codes, day=LAST) == set(codes)

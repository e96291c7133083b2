"""Thirty days of an office at random, and after each job its mails are those of the oracle.

They are played in batches, with a seed each; the sizes differ in the number of batches. `make chaos` plays
the 2,000 offices of the full size beside each other (`-n 2 --maxschedchunk 1`): ten minutes on two cores.
Any batch is played again by `CHAOS_SEED=… pytest tests/chaos/test_simulation.py -k 'sqlite-batch-7-'`, and
tells what happened in the office that failed, line by line; with `CHAOS_SHRINK=1` in as few steps as can be,
which takes minutes.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from tests.chaos.conftest import SEED, SIZE
from tests.chaos.series_oracle import PATTERNS, Series, rule_of
from tests.chaos.simulation import World
from tests.chaos.stage import DAYS_OFF, END, JOBS, PEOPLE, WORKED, Stage
from tests.conftest import POSTGRESQL, SQLITE, Databases
from tracker import clock
from tracker.models import db
from tracker.models.calendar import DayKind
from tracker.models.people import Role
from tracker.models.series import TaskSeries
from tracker.operations import calendar, people, progress, requests, series, tasks, units
from tracker.rules.deadlines import Pattern

A_BATCH = 20
BATCHES = {"small": {SQLITE: 1, POSTGRESQL: 1}, "full": {SQLITE: 95, POSTGRESQL: 5}}
STEPS = 30
MOST_TASKS = 12
SHRINKS = bool(os.environ.get("CHAOS_SHRINK"))
RUNNING = ("not_started", "in_progress")
OPEN = (*RUNNING, "awaiting_confirmation")

number = st.integers(0, 255)
after = st.sampled_from(("", "", "", "1", "7", "16", "130", "400", "night", "night"))
"""Minutes that go by before something happens, or the night."""
order = st.fixed_dictionaries({
    "directive": st.sampled_from(("thuong", "thuong", "khan", "xa-khan")), "unit": number,
    "due": st.integers(-2, 14), "hour": st.sampled_from((None, None, 1, 9, 14)), "who": number,
})  # fmt: skip
MOST_SERIES = 2
recurring = st.tuples(order, st.sampled_from(PATTERNS), st.integers(3, 60))
"""What a series asks, how often, and in how many days it ends: from 30 on it does not."""
TICKS = (
    ("reminders", "deliver"), ("deliver",), ("prompt", "deliver"), ("prompt",), ("overdue",), ("reminders",),
    ("series",), ("series", "deliver"),
    ("deliver", "prompt", "reminders", "overdue"), JOBS,
)  # fmt: skip
LADDERS = (
    ("reminder_before", [7, 3, 1]), ("reminder_before", [5, 2]), ("reminder_before", []),
    ("reminder_on_day", False), ("reminder_on_day", True), ("reminder_late_first", 2),
    ("reminder_late_first", 1), ("reminder_late_every", 2), ("reminder_late_every", 5),
    ("escalate_office_from", 3), ("escalate_office_from", 1), ("escalate_leader_from", 2),
    ("escalate_leader_from", 5), ("due_soon_days", 1), ("due_soon_days", 6), ("reminder_time", "09:30"),
    ("reminder_time", "06:00"), ("reminder_hours_before", 5), ("reminder_hours_before", 0),
    ("prompt_gap_minutes", 5), ("prompt_gap_minutes", 240), ("series_ahead_days", 3),
    ("series_ahead_days", 0), ("series_gives_past", True),
)  # fmt: skip
CHANGES = (
    ("active", False), ("active", True), ("email", None), ("email", "moi"), ("digest", "weekly"),
    ("digest", "daily"),
)  # fmt: skip
REASON = "Lý do"


class Office(RuleBasedStateMachine):
    """What people do in thirty days, while the scheduler works, dies and sleeps.

    Who and what is chosen by numbers, among what the oracle says is there.
    """

    stage: Stage
    played = 0

    def __init__(self) -> None:
        super().__init__()
        self.playing = self.stage.play()
        self.playing.__enter__()
        self.world = World(self.stage)
        self.oracle = self.world.oracle
        self.units = ["pa", "pb", "xa"]
        for days, kind in ((DAYS_OFF, DayKind.DAY_OFF), (WORKED, DayKind.WORKING_DAY)):
            for day in days:
                self._set_day(day, kind)

    def teardown(self) -> None:
        """Let the thirty days come to their end, or tell what led to the failure."""
        try:
            if not self.world.has_failed:
                self.world.let_pass(END)
                type(self).played += 1
        finally:
            if self.world.has_failed:
                print("\n".join(self.world.log))
            self.playing.__exit__(None, None, None)

    @property
    def today(self) -> date:
        return self.world.now.date()

    def wait(self, after: str) -> bool:
        """Let time go by; return whether the thirty days still run."""
        if after == "night":
            self.world.let_pass(datetime.combine(self.today + timedelta(days=1), time(8), clock.VIETNAM))
        elif after:
            self.world.let_pass(self.world.now + timedelta(minutes=int(after)))
            self.world.tick(("prompt", "deliver"))
        return self.world.now < END

    def tasks_in(self, *states: str, asks: str = "") -> list[str]:
        """Return the tasks in these states; with `asks` those of which a request of this kind waits."""
        return [
            task.name for task in self.oracle.tasks.values()
            if task.state in states and (not asks or any(each.kind == asks for each in task.asked))
        ]  # fmt: skip

    @staticmethod
    def one_of(found: Any, which: int) -> Any:
        """Return one of these, None when there is none."""
        return list(found)[which % len(found)] if found else None

    def of_unit(self, name: str, which: int) -> str | None:
        """Return somebody who stands for the unit of a task; sometimes nobody is named."""
        people_of_unit = self.oracle.unit_people(self.oracle.tasks[name], self.today)
        return self.one_of([*sorted(people_of_unit), None], which)

    def giver(self, name: str, which: int) -> str | None:
        """Return somebody who stands for those who gave a task; sometimes nobody is named."""
        return self.one_of([*sorted(self.oracle.givers(self.oracle.tasks[name], self.today)), None], which)

    def step(
        self, name: str, do: str, operation: Callable[..., Any], by: str | None, told: Any = None,
        **words: Any,
    ) -> None:  # fmt: skip
        """Take one step of a task in the product, and tell the oracle of it."""
        world, told = self.world, dict(told or {})

        def take() -> None:
            task = world.task(name)
            operation(task, stamp=world.stamp(by), **words)
            if do.startswith("ask_"):
                told["request"] = task.requests[-1].id

        if rows := world.do(take):
            world.tell(do, task=name, number=rows[0][0], by=by, **told)

    def _set_day(self, day: date, kind: DayKind) -> None:
        if self.world.do(lambda: calendar.set_day(day, kind, stamp=self.world.stamp())):
            self.world.tell("calendar", day=day, worked=kind is DayKind.WORKING_DAY)

    # Tasks.

    @initialize(orders=st.lists(order, min_size=2, max_size=6), which=number,
                series=st.lists(recurring, max_size=MOST_SERIES))  # fmt: skip
    def begin(self, orders, which, series) -> None:
        for each in orders:
            self.give("", each)
        for each in series:
            self.begin_a_series("", each)
        for position, name in enumerate(self.tasks_in("not_started")):
            if which >> position & 1:
                self.step(name, "accept", tasks.accept, None)
            if which >> position & 3 == 3:
                self.step(name, "report", progress.report, self.of_unit(name, which), explanation=REASON)

    @rule(after=after, order=order)
    def give(self, after, order) -> None:
        if not self.wait(after) or len(self.oracle.tasks) >= MOST_TASKS:
            return
        world, name, who = self.world, f"nv-{len(self.oracle.tasks) + 1}", order["who"]
        key, unit = order["directive"], self.one_of(self.units, order["unit"])
        by = (None, "mai", "hung")[who // 30 % 3] if key != "xa-khan" else None
        named = {
            "officer": (None, "ha", "minh", "an", by)[who % 5],
            "tracker": (None, "mai", "dung")[who // 5 % 3], "leader": (None, "hung")[who // 15 % 2],
        }  # fmt: skip
        due = self.today + timedelta(days=order["due"]) if order["due"] < 13 else None
        hour = time(order["hour"]) if order["hour"] is not None and due else None
        wanted = tasks.Order(
            unit=world.unit(unit), content=name, due_on=due, due_time=hour, key=name,
            **{part: world.person(login) for part, login in named.items()},
        )  # fmt: skip
        if rows := world.do(lambda: tasks.give(world.directive(key), [wanted], stamp=world.stamp(by))):
            world.name_task(name, rows[0][2])
            world.tell("give", number=rows[0][0], by=by, task={
                "name": name, "assigner": "xa" if key == "xa-khan" else "tp", "unit": unit,
                "urgent": key != "thuong", "due": due, "hour": hour, **named,
            })  # fmt: skip

    @rule(after=after, which=number, who=number, later=st.integers(1, 9))
    def unit_does(self, after, which, who, later) -> None:
        """Accept, report, ask for an extension or to return a task."""
        if not self.wait(after):
            return
        choices = [("accept", each) for each in self.tasks_in("not_started")]
        choices += [("report", each) for each in self.tasks_in("in_progress")]
        choices += [("ask_return", each) for each in self.tasks_in("not_started")]
        choices += [
            ("ask_extension", each) for each in self.tasks_in(*RUNNING)
            if self.oracle.tasks[each].due and self.oracle.tasks[each].due >= self.today
        ]  # fmt: skip
        match self.one_of(choices, which):
            case "accept", name:
                told = {"officer": (None, "ha", "minh")[later % 3]}
                officer = self.world.person(told["officer"])
                self.step(name, "accept", tasks.accept, self.of_unit(name, who), told, officer=officer)
            case "report", name:
                by = self.of_unit(name, who)
                self.step(name, "report", progress.report, by, explanation="Giải trình")
            case "ask_return", name:
                self.step(name, "ask_return", requests.ask_return, self.of_unit(name, who), reason=REASON)
            case "ask_extension", name:
                words = {"until": self.oracle.tasks[name].due + timedelta(days=later)}
                by = self.of_unit(name, who)
                self.step(name, "ask_extension", requests.ask_extension, by, words, **words, reason=REASON)

    @rule(after=after, which=number, who=number, to=number)
    def office_decides(self, after, which, who, to) -> None:
        """Confirm or ask for rework, grant or refuse what was asked."""
        if not self.wait(after):
            return
        reported, asked = self.tasks_in("awaiting_confirmation"), self.tasks_in(*RUNNING, asks="extension")
        choices = [(do, each) for each in reported for do in ("confirm", "rework")]
        choices += [(do, each) for each in asked for do in ("grant_extension", "refuse_extension")]
        back = self.tasks_in(*RUNNING, asks="return")
        choices += [(do, each) for each in back for do in ("reassign", "refuse_return")]
        if not choices:
            return
        do, name = self.one_of(choices, which)
        by, unit = self.giver(name, who), self.one_of(self.units, to)
        match do:
            case "confirm":
                self.step(name, do, progress.confirm, by)
            case "rework":
                self.step(name, do, progress.rework, by, reason=REASON)
            case "reassign":
                self.step(name, do, tasks.reassign, by, {"unit": unit}, unit=self.world.unit(unit))
            case _:
                self.step(name, do, getattr(requests, do), by)

    @rule(after=after, which=number, who=number, due=st.integers(-4, 12))
    def set_due(self, after, which, who, due) -> None:
        if self.wait(after) and (name := self.one_of(self.tasks_in(*RUNNING), which)):
            by, due_on = self.giver(name, who), self.today + timedelta(days=due) if due < 12 else None
            self.step(name, "set_due", tasks.set_due, by, {"due": due_on}, due_on=due_on, reason=REASON)

    @rule(after=after, which=number, who=number)
    def cancel(self, after, which, who) -> None:
        if self.wait(after) and (name := self.one_of(self.tasks_in(*OPEN), which)):
            self.step(name, "cancel", tasks.cancel, self.giver(name, who), reason=REASON)

    @rule(after=after, which=number, who=number)
    def reopen(self, after, which, who) -> None:
        if self.wait(after) and (name := self.one_of(self.tasks_in("completed"), which)):
            self.step(name, "reopen", progress.reopen, self.giver(name, who), reason=REASON)

    @rule(after=after, which=number, who=number, to=number)
    def transfer(self, after, which, who, to) -> None:
        if self.wait(after) and (name := self.one_of(self.tasks_in(*OPEN), which)):
            by, unit = self.giver(name, who), self.one_of(self.units, to)
            self.step(name, "transfer", tasks.transfer, by, {"unit": unit}, unit=self.world.unit(unit))

    # Recurring tasks.

    @rule(after=after, words=recurring)
    def begin_a_series(self, after, words) -> None:
        world, (order, pattern, lasts) = self.world, words
        if not self.wait(after) or len(world.series.series) >= MOST_SERIES:
            return
        who, key = order["who"], f"ck-{len(world.series.series) + 1}"
        urgent, by = order["directive"] == "khan", (None, "mai", "hung")[who // 30 % 3]
        named = {
            "officer": (None, "ha", "minh", "an")[who % 4],
            "tracker": (None, "mai", "dung")[who // 5 % 3], "leader": (None, "hung")[who // 15 % 2],
        }  # fmt: skip
        told = Series(
            key, *pattern, self.one_of(self.units, order["unit"]), self.today + timedelta(days=order["due"]),
            hour=time(order["hour"]) if order["hour"] is not None else None,
            until=self.today + timedelta(days=lasts) if lasts < 30 else None, **named,
        )  # fmt: skip
        plan = series.Plan(
            unit=world.unit(told.unit), content=key, phrase=key, key=key, pattern=Pattern.parse(told.rule),
            due_time=told.hour, starts_on=told.starts, until=told.until,
            **{part: world.person(login) for part, login in named.items()},
        )  # fmt: skip
        world.urgent[key], paper = urgent, "khan" if urgent else "thuong"
        world.do_with_series(
            lambda: series.begin(world.directive(paper), [plan], stamp=world.stamp(by)), by,
            lambda: world.series.series.setdefault(key, told),
        )  # fmt: skip

    @rule(after=after, which=number, who=number, pattern=st.sampled_from(PATTERNS),
          what=st.sampled_from(("unit", "pattern", "until", "has_ended")))  # fmt: skip
    def change_a_series(self, after, which, who, pattern, what) -> None:
        """Ask another unit for the turns to come, or on other days, or until another day; or end it."""
        world = self.world
        if not self.wait(after) or (told := self.one_of(world.series.running(), which)) is None:
            return
        until = self.today + timedelta(days=who % 30)
        said = {"unit": self.one_of(self.units, who), "until": until, "has_ended": True}
        values = {
            "unit": {"unit": world.unit(said["unit"])}, "until": {"until": until}, "has_ended": {},
            "pattern": {"pattern": Pattern.parse(rule_of(*pattern)), "phrase": rule_of(*pattern)},
        }[what]  # fmt: skip

        def change() -> None:
            found = db.session.scalars(select(TaskSeries).where(TaskSeries.key == told.key)).one()
            operation = series.end if what == "has_ended" else series.change
            operation(found, stamp=world.stamp(), reason=REASON, **values)

        def tell() -> Series:
            if what in said:
                setattr(told, what, said[what])
            elif pattern != (told.how, told.day):
                world.series.changed(told, *pattern, self.today)
            return told

        world.do_with_series(change, None, tell)

    # People, units, settings.

    @rule(after=after, who=number, change=st.sampled_from(CHANGES))
    def change_person(self, after, who, change) -> None:
        """Close or open an account, change an address or take it away, choose daily or weekly mails."""
        if not self.wait(after):
            return
        world, login, (field, value) = self.world, self.one_of(PEOPLE, who), change
        stored = f"{login}@moi-{world.now:%d%H}.example" if value == "moi" else value
        if world.do(lambda: people.correct(world.person(login), stamp=world.stamp(), **{field: stored})):
            now = {"email": {"has_address": bool(value)}, "digest": {"weekly": value == "weekly"}}
            world.tell("person_is", login=login, now=now.get(field, {field: value}))

    @rule(after=after, who=number, to=number, role=st.sampled_from(("unit_head", "leader", "office")),
          ends=st.booleans())  # fmt: skip
    def change_role(self, after, who, to, role, ends) -> None:
        if not self.wait(after):
            return
        world, login, unit = self.world, self.one_of(PEOPLE, who), self.one_of(["tp", *self.units], to)
        held = self.one_of([each for each in self.oracle.roles if each.until > self.today], who)
        if ends and held:
            login, unit, role = held.login, held.unit, held.role
        change = people.end_role if ends and held else people.give_role
        words = {"unit": world.unit(unit), "role": Role(role)}
        if world.do(lambda: change(world.person(login), stamp=world.stamp(), **words)):
            world.tell("role_end" if ends and held else "role", login=login, unit=unit, role=role)

    @rule(after=after, which=number, to=number)
    def end_unit(self, after, which, to) -> None:
        if not self.wait(after) or len(self.units) < 3:
            return
        world, unit = self.world, self.one_of(self.units, which)
        heir = self.one_of([each for each in self.units if each != unit], to)
        rows = world.do(lambda: units.end(world.unit(unit), stamp=world.stamp(), successor=world.unit(heir)))
        if rows:
            self.units.remove(unit)
            world.series.heirs[unit] = heir
            world.tell("unit_end", unit=unit)
        for entry, do, task_id in rows or ():
            if do == "inherit":
                world.tell("inherit", task=world.task_names[task_id], number=entry, by=None, unit=heir)

    @rule(after=after, ahead=st.integers(0, 9), worked=st.booleans())
    def change_calendar(self, after, ahead, worked) -> None:
        if self.wait(after):
            kind = DayKind.WORKING_DAY if worked else DayKind.DAY_OFF
            self._set_day(self.today + timedelta(days=ahead), kind)

    @rule(after=after, change=st.sampled_from(LADDERS))
    def change_setting(self, after, change) -> None:
        if self.wait(after):
            name, value = change
            if self.world.do(lambda: calendar.change_setting(name, value, stamp=self.world.stamp())):
                self.world.tell("setting", name=name, value=value)

    # Jobs, the post and crashes.

    @rule(after=after, names=st.sampled_from(TICKS))
    def tick(self, after, names) -> None:
        if self.wait(after):
            self.world.tick(names)

    @rule(days=st.integers(1, 6), hour=st.integers(0, 23))
    def sleep(self, days, hour) -> None:
        """The machine is off for days, and does everything when it is back."""
        if self.wait(""):
            self.world.now = datetime.combine(self.today + timedelta(days=days), time(hour), clock.VIETNAM)
            self.world.tick(JOBS)

    @rule(who=number, fate=st.sampled_from(("retry", "refused", "doubt", "sent")))
    def post_says(self, who, fate) -> None:
        self.world.fates[self.one_of(PEOPLE, who)] = fate

    @rule(is_down=st.booleans())
    def post_is(self, is_down) -> None:
        self.world.is_down = is_down

    @rule(at=st.integers(1, 4), dot=st.sampled_from(("before", "after")))
    def sender_dies(self, at, dot) -> None:
        self.world.dies = (at, dot)

    @rule(name=st.sampled_from((*JOBS, "series")), at=st.integers(1, 40))
    def job_dies(self, name, at) -> None:
        self.world.crashes[name] = at


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "batch" in metafunc.fixturenames:
        batches = BATCHES[os.environ[SIZE]]
        # The long ones first, so that no worker ends with them while the others have nothing left.
        cases = [(kind, batch) for kind in (POSTGRESQL, SQLITE) for batch in range(batches[kind])]
        metafunc.parametrize("kind, batch", cases, ids=[f"{kind}-batch-{batch}-" for kind, batch in cases])


@pytest.fixture(scope="module")
def stages(databases: Databases) -> Callable[[str], Stage]:
    """Return the stage of this process on a kind of database, made when first asked for."""
    made: dict[str, Stage] = {}

    def of(kind: str) -> Stage:
        if kind not in made:
            made[kind] = Stage(databases.fresh(kind))
        return made[kind]

    return of


def test_the_mails_of_thirty_days_are_those_of_the_oracle(kind, batch, stages, note):
    class Played(Office):
        stage = stages(kind)

    seed(random.Random(f"{os.environ[SEED]}:{kind}:{batch}").getrandbits(32))(Played)
    options = settings(
        max_examples=A_BATCH, stateful_step_count=STEPS, deadline=None, database=None, print_blob=True,
        phases=tuple(Phase) if SHRINKS else (Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    with Played.stage.open() as stage:
        run_state_machine_as_test(Played, settings=options)
    note(offices=Played.played, saw=dict(sorted(stage.seen.items())))

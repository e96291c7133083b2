"""The issue tracker Roundup beside ours: the same tasks, machine, server and client, asked in turn.

    python -m venv VENV && VENV/bin/pip install roundup==2.6.0 granian==2.8.7
    python -m benchmarks.roundup --roundup VENV [--tasks 100000] [--keep FOLDER]

Roundup is asked for what its users would ask for, by an ordinary user who has signed in, over SQLite and with
the indexes that it makes itself. It has no roll-up; an extension adds one, by SQL written for it and by its
API. Both run under granian with two processes of one thread, which Roundup answered through more quickly than
through its own forking server. Where its shape could be chosen the cheaper was taken: no messages in the
archive, nobody to send mail to, a roll-up of four statuses where ours tells late from in time.

One request of theirs, one of ours and so on, each over a connection of its own; then eight clients at once,
seconds of theirs, seconds of ours. Every answer is read for what must be in it: all fifty tasks and the
numbers of all units as plain SQL finds them; what was saved is counted in both databases. `--keep` leaves
both installations in a folder, as `benchmarks.b4` does: filling Roundup takes minutes.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

from benchmarks.memory import cookie_of
from benchmarks.roundup_tracker import LOGIN, PASSWORD, make
from benchmarks.served import HEADINGS, RUNS, Ask, Work, free_port, measure, send, served
from benchmarks.world import TODAY, fill, installation, is_filled
from tracker import ROOT
from tracker.models import db
from tracker.models.sqlite import sqlite

YEAR = TODAY.replace(month=1, day=1)
ROWS = 50
NOTE = "Đã thực hiện xong bước một, đang chờ ý kiến."

OPEN_OF_UNIT = """
SELECT id, content FROM task WHERE unit_id = {unit} AND state <> 'completed'
 ORDER BY {without_deadline}, due_on, id LIMIT 50"""
ORDERS = ("due_on IS NOT NULL", "due_on IS NULL")
"""Tasks without a deadline stand first in their list, last in ours."""
BUSY_HEAD = """
SELECT person.login, person.name, held_role.unit_id
  FROM held_role JOIN person ON person.id = user_id JOIN task ON task.unit_id = held_role.unit_id
 WHERE role = 'unit_head' AND state <> 'completed' GROUP BY person.id ORDER BY count(*) DESC LIMIT 1"""
IN_PROGRESS = "SELECT id FROM task WHERE unit_id = {unit} AND state = 'in_progress' ORDER BY id DESC"
OF_STATUSES = """
SELECT unit.name, sum(state = 'not_started'), sum(state = 'in_progress'),
       sum(state = 'awaiting_confirmation'), sum(state = 'completed'), count(*)
  FROM task JOIN unit ON unit.id = unit_id WHERE state <> 'completed' OR closed_on >= '{first}'
 GROUP BY unit_id ORDER BY unit_id"""


class Session(NamedTuple):
    """Somebody who has signed in: the cookie, and the token that their forms carry."""

    cookie: str
    token: str


def main() -> None:
    """Print a line for each work with one client and with eight: theirs, ours, and the ratio."""
    raw = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    options.add_argument("--roundup", metavar="VENV", type=Path, required=True)
    options.add_argument("--tasks", type=int, default=100_000)
    options.add_argument("--keep", metavar="FOLDER")
    chosen = options.parse_args()
    ports = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(chosen.keep or f"{folder}/kept").absolute()
        world, tracker = keep / f"sqlite-{chosen.tasks}", keep / f"roundup-{chosen.tasks}"
        with installation("sqlite", keep=str(world)) as app:
            if not is_filled():
                fill(chosen.tasks)
            head, name, unit = db.session.execute(db.text(BUSY_HEAD)).one()
            cookies = [cookie_of(app, login) for login in (head, "p1")]
            facts = Facts.read(unit, name)
            db.session.rollback()
            if not tracker.exists():
                half = tracker.with_suffix(".new")
                shutil.rmtree(half, ignore_errors=True)
                make(chosen.roundup.absolute(), half, world / "bench.sqlite3", first=YEAR)
                half.rename(tracker)
        instance = shutil.copytree(world, f"{folder}/ours")
        home = shutil.copytree(tracker, f"{folder}/theirs")
        environ = os.environ | {
            "TRACKER_INSTANCE": instance, "DATABASE_URL": f"sqlite:///{instance}/bench.sqlite3",
            "TRACKER_NOW": f"{TODAY}T09:00:00+07:00", "TRACKER_MODE": "demo",
        }  # fmt: skip
        roundup = f"{chosen.roundup.absolute()}/bin/python"
        with (
            served(sys.executable, "wsgi:app", ROOT, ports[1], "/healthz/web", environ),
            served(roundup, "wsgi:app", Path(home), ports[0], "/", dict(os.environ)),
        ):
            theirs = signed_in_to_roundup(ports[0])
            ours = [session_of(ports[1], each) for each in cookies]
            print(f"{chosen.tasks:,} tasks; load {os.getloadavg()[0]:.1f}", flush=True)
            print(HEADINGS)
            saved = [0, 0]
            for work in works(facts, theirs, ours):
                asked = measure(work, ports)
                if work.name.startswith("saving"):
                    saved = [sum(each) for each in zip(saved, asked, strict=True)]
        kept = (
            count_in(f"{home}/db/db", "SELECT count(*) FROM issue_messages"),
            count_in(f"{instance}/bench.sqlite3", f"SELECT count(*) FROM history WHERE note = '{NOTE}'"),
        )
        if kept != tuple(saved):
            raise SystemExit(f"{saved} were saved, {kept} are there")


class Facts(NamedTuple):
    """What plain SQL finds in our database: what pages must say."""

    unit: int
    head: str
    lists: list[list[tuple[str, ...]]]
    saved: list[int]
    year: list[tuple[str, ...]]
    always: list[tuple[str, ...]]

    @staticmethod
    def read(unit: int, head: str) -> Facts:
        """Read them for a unit with many open tasks and the name of its head."""

        def rows(question: str) -> list[tuple[str, ...]]:
            return [tuple(row) for row in db.session.execute(db.text(question))]

        found = [rows(OPEN_OF_UNIT.format(unit=unit, without_deadline=order)) for order in ORDERS]
        if len(found[0]) < ROWS:
            raise SystemExit("too few tasks: no unit has fifty open ones; 70,000 are enough")
        saved = [int(id_) for (id_,) in rows(IN_PROGRESS.format(unit=unit))]
        first = OF_STATUSES.format(first=YEAR), OF_STATUSES.format(first="")
        return Facts(unit, head, found, saved, *map(rows, first))


def signed_in_to_roundup(port: int) -> Session:
    """Sign in at Roundup's own page."""
    form = {"__login_name": LOGIN, "__login_password": PASSWORD, "@action": "Login"}
    answer, page = send(port, Ask("/", "", (), form))
    if f"Hello, {LOGIN}".encode() not in page:
        raise SystemExit(f"Roundup answered {answer.status} and does not know who signed in")
    return Session(answer.headers["Set-Cookie"].partition(";")[0], "")


def session_of(port: int, signed_in: str) -> Session:
    """Return the session with the token that its forms carry."""
    answer, page = send(port, Ask("/", signed_in, ()))
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        raise SystemExit(f"our home page answered {answer.status} without a form")
    return Session((answer.headers["Set-Cookie"] or signed_in).partition(";")[0], token[1].decode())


def works(facts: Facts, theirs: Session, ours: Sequence[Session]) -> Iterator[Work]:
    """Yield what is measured; saving comes last, since it moves tasks between the statuses."""
    head, office = ours
    hello, me = f"Hello, {LOGIN}<".encode(), facts.head.encode()
    lists = [[f">{content}<".encode() for _, content in rows] for rows in facts.lists]

    def asks(ask: Ask) -> Callable[[int], Ask]:
        return lambda _number: ask

    columns = "@columns=id,title,unit,due,status&@filter=unit,status&status=1,2,3&@sort=due,id&@pagesize=50"
    yield Work(
        "a unit's open tasks by due date, 50",
        asks(Ask(f"/issue?{columns}&unit={facts.unit}", theirs.cookie, [hello, *lists[0]])),
        asks(Ask(f"/nhiem-vu?unit={facts.unit}&state=open&sort=due", head.cookie, [me, *lists[1]])),
    )
    for name, by, first, rows in (
        ("roll-up of the year, by SQL", "year", YEAR, facts.year),
        ("roll-up of all years, by SQL", "all", "2020-01-01", facts.always),
        ("roll-up of all years, by its API", "api", "2020-01-01", facts.always),
    ):
        lines = ["<td>" + "</td><td>".join(map(str, row)) + "</td>" for row in rows]
        total = sum(int(row[-1]) for row in rows)
        sums = [f'"{_dotted(row[-1])} – {row[0]}, ' for row in rows] + [f">{_dotted(total)}<"]
        yield Work(
            name,
            asks(Ask(f"/issue?@template=rollup&by={by}", theirs.cookie,
                     [hello, *(line.encode() for line in lines), f"<td>{total}</td>".encode()])),
            asks(Ask(f"/bieu-b4?assigner=tinh&from={first}&to={TODAY}&on={TODAY}", office.cookie,
                     [text.encode() for text in sums])),
            runs=2 if by == "api" else RUNS,
            crowd=by != "api",
        )  # fmt: skip
    task, content = facts.lists[1][-1]
    yield Work(
        "one task",
        asks(Ask(f"/issue{task}", theirs.cookie, [hello, content.encode()])),
        asks(Ask(f"/nhiem-vu/{task}", head.cookie, [me, content.encode()])),
    )
    for name, theirs_of, ours_of in (
        ("saving a note", [{}], [("tien-do", "text", head)]),
        ("saving a status and a note", [{"status": "3"}, {"status": "2"}],
         [("bao-cao", "explanation", head), ("lam-lai", "reason", office)]),
    ):  # fmt: skip
        yield Work(name, _edits(facts.saved, theirs, theirs_of), _actions(facts.saved, ours_of))


def _dotted(number: object) -> str:
    return f"{number:,}".replace(",", ".")


def _edits(tasks: Sequence[int], user: Session, turns: Sequence[dict[str, str]]) -> Callable[[int], Ask]:
    """Return the saving of Roundup: each task in one turn, then each in the next."""

    def ask(number: int) -> Ask:
        turn, place = divmod(number, len(tasks))
        form = {"@action": "edit", "@note": NOTE, **turns[turn % len(turns)]}
        return Ask(f"/issue{tasks[place]}", user.cookie, (), form, 302)

    return ask


def _actions(tasks: Sequence[int], turns: Sequence[tuple[str, str, Session]]) -> Callable[[int], Ask]:
    """Return our saving in the same way: which form, which field of it holds the note, and who sends it."""

    def ask(number: int) -> Ask:
        turn, place = divmod(number, len(tasks))
        slug, field, user = turns[turn % len(turns)]
        form = {field: NOTE, "csrf_token": user.token, "token": uuid4().hex}
        return Ask(f"/nhiem-vu/{tasks[place]}/{slug}", user.cookie, (), form, 303)

    return ask


def count_in(path: str, question: str) -> int:
    """Return the number that a database answers."""
    with closing(sqlite.connect(path)) as connection:
        return int(connection.execute(question).fetchone()[0])


if __name__ == "__main__":
    main()

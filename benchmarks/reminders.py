"""Deciding, queueing and delivering the daily mails, against the raw work of database and mail server.

python -m benchmarks.reminders [--database sqlite|postgresql] [--tasks 25000] [--persons 5000] [--mails 10000]

Deciding and queueing is compared with the INSERT … SELECT of the same mails and ledger rows, delivering
with bare smtplib sending the same bytes over one connection; the floors are measured in the same run.

Each mail is on record before it is handed over: on a disk the line of the transactions tells most of what
delivering takes. `TMPDIR=/dev/shm` keeps the databases in memory, and the ratio is that of the program.
"""

from __future__ import annotations

import argparse
import random
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask, current_app
from sqlalchemy import func, insert, select, text

from benchmarks.world import TODAY, installation
from tracker import clock, outbox
from tracker.models import db, transaction
from tracker.models.directive import Directive
from tracker.models.mail import Delivery, MailState, OutgoingMail, Reminder
from tracker.models.people import HeldRole, Role, User
from tracker.models.progress import History
from tracker.models.task import Task, TaskPeriod
from tracker.models.units import Unit, UnitKind
from tracker.operations import reminders
from tracker.operations.reminders import writing
from tracker.outbox.post import Letter, OutboxMessage
from tracker.queries.settings import all_settings
from tracker.rules.status import State

SEVEN = datetime(TODAY.year, TODAY.month, TODAY.day, 7, tzinfo=clock.VIETNAM)
FOUNDED = date(2020, 1, 1)
RUNS = 3
SMALL = 200
"""Digests of the small office whose morning is measured end to end."""
GOAL_SECONDS = 1.0
FILLED = (Unit, User, HeldRole, Directive, Task, TaskPeriod, History)
MOST_COMMITS = 1_000
"""Transactions of one row that are measured; what more would take is reckoned from them."""


def main() -> None:
    """Print the lines of the benchmark."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--database", choices=["sqlite", "postgresql"], nargs="+", default=["sqlite"])
    options.add_argument("--tasks", type=int, default=25_000)
    options.add_argument("--persons", type=int, default=5_000)
    options.add_argument("--mails", type=int, default=10_000)
    chosen = options.parse_args()
    for database in chosen.database:
        with installation(database) as app, sink(app):
            fill(chosen.tasks, chosen.persons)
            print(f"\n{database}: {chosen.tasks:,} open tasks, {chosen.persons:,} persons")
            queueing()
            delivering(chosen.mails)
        with installation(database) as app, sink(app):
            fill(SMALL * 5, SMALL)
            print(f"\n{database}: {SMALL * 5:,} open tasks, {SMALL} persons")
            end_to_end()


@contextmanager
def sink(app: Flask) -> Iterator[None]:
    """Run a mail server in a process of its own, and point the application to it."""
    command = [sys.executable, "-m", "benchmarks.sink"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    port = int(process.stdout.readline())
    app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=port)
    app.extensions["mail"].server, app.extensions["mail"].port = "127.0.0.1", port
    try:
        yield
    finally:
        process.stdin.close()
        process.wait(10)


def fill(tasks: int, persons: int, *, seed: int = 1) -> None:
    """Lay down open tasks of one assigner over units of two persons each, due from long ago to far ahead."""
    dice, units = random.Random(seed), persons // 2
    with db.engine.begin() as connection:
        connection.execute(insert(Unit), [_unit(number) for number in range(units + 1)])
        connection.execute(insert(User), [_user(number) for number in range(persons)])
        connection.execute(insert(HeldRole), [_held_role(number) for number in range(persons)])
        connection.execute(insert(Directive), [_directive(number) for number in range(tasks // 20 + 1)])
        rows = [_task(number, units, dice) for number in range(tasks)]
        connection.execute(insert(Task), rows)
        connection.execute(insert(TaskPeriod), [_period(row) for row in rows])
        connection.execute(insert(History), [_giving(row) for row in rows])
        if connection.dialect.name == "postgresql":
            for model in FILLED:
                name = model.__tablename__
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    with db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            # Of these alone: a plan made for a table known to be empty goes on reading the whole of it.
            filled = ", ".join(model.__tablename__ for model in FILLED)
            own = connection.execution_options(isolation_level="AUTOCOMMIT")
            own.execute(text(f"VACUUM ANALYZE {filled}"))


def _unit(number: int) -> dict[str, Any]:
    kind, parent = (UnitKind.COMMUNE, 1) if number else (UnitKind.PROVINCE, None)
    return {
        "id": number + 1, "code": f"u{number}", "name": f"UBND xã số {number}", "kind": kind,
        "parent_id": parent, "valid_from": FOUNDED, "position": None, "search_text": f"ubnd xa so {number}",
    }  # fmt: skip


def _user(number: int) -> dict[str, Any]:
    return {
        "id": number + 1, "login": f"p{number}", "name": f"Nguyễn Văn Số {number}",
        "unit_id": 2 + number // 2, "email": f"p{number}@bench.example",
    }  # fmt: skip


def _held_role(number: int) -> dict[str, Any]:
    role = Role.OFFICER if number % 2 else Role.UNIT_HEAD
    return {
        "id": number + 1, "user_id": number + 1, "unit_id": 2 + number // 2, "role": role,
        "valid_from": FOUNDED,
    }  # fmt: skip


def _directive(number: int) -> dict[str, Any]:
    day = TODAY - timedelta(days=60)
    return {
        "id": number + 1, "key": f"d{number}", "kind": "KH", "number": f"{number}/KH-UBND", "issuer_id": 1,
        "subject": f"Kế hoạch số {number}", "issued_on": day, "registered_on": day, "search_text": "ke hoach",
        "urgency": "normal",
    }  # fmt: skip


def _task(number: int, units: int, dice: random.Random) -> dict[str, Any]:
    unit = 2 + number % units
    return {
        "id": number + 1, "key": f"t{number}", "directive_id": 1 + number // 20, "assigner_id": 1,
        "unit_id": unit, "officer_id": 2 * (unit - 1),
        "content": f"Nhiệm vụ số {number}: rà soát thủ tục, báo cáo kết quả thực hiện đề án về UBND tỉnh",
        "search_text": f"nhiem vu so {number}", "state": State.IN_PROGRESS,
        "given_on": TODAY - timedelta(days=60), "due_on": TODAY + timedelta(days=dice.randint(-30, 20)),
        "percent": 0,
    }  # fmt: skip


def _period(task: dict[str, Any]) -> dict[str, Any]:
    return {
        "task_id": task["id"], "assigner_id": 1, "unit_id": task["unit_id"], "state": task["state"],
        "due_on": task["due_on"], "valid_from": task["given_on"],
    }  # fmt: skip


def _giving(task: dict[str, Any]) -> dict[str, Any]:
    day = task["given_on"]
    return {
        "do": "give", "on_day": day, "at": datetime(day.year, day.month, day.day, 2, tzinfo=UTC),
        "task_id": task["id"], "payload": {"task": task["key"]}, "to_state": State.NOT_STARTED,
    }  # fmt: skip


def queueing() -> None:
    """Print what deciding and queueing takes, in its parts, and again when all is told."""
    parts: list[tuple[float, float, float]] = []
    whole, floors, again = [], [], []
    for _ in range(RUNS):
        _forget_everything()
        parts.append(_in_parts())
        _forget_everything()
        whole.append(_seconds(_queue))
        again.append(_seconds(_queue))
        floors.append(_floor_of_queueing())
    mails, rows = _count(OutgoingMail), _count(Reminder)
    floor, ours = statistics.median(floors), statistics.median(whole)
    print(f"{mails:,} mails with {rows:,} rows of the ledger; seconds, and the ratio to INSERT … SELECT")
    _line("the floor: INSERT … SELECT of the same rows", floor, floor)
    _line("deciding and queueing", ours, floor)
    for name, numbers in zip(("deciding", "writing", "storing"), zip(*parts, strict=True), strict=True):
        _line(f"  {name}", statistics.median(numbers), floor)
    _line("again, when everything was told", statistics.median(again), floor)


def _queue() -> None:
    reminders.queue_digests(today=TODAY, at=SEVEN)


def _in_parts() -> tuple[float, float, float]:
    """Do what `queue_digests` does, and time deciding, writing the mails, and storing apart."""
    start = time.perf_counter()
    digests = reminders.preview_digests(day=TODAY, settings=all_settings())
    decided = time.perf_counter()
    written = [writing.Written.of(f"digest:{TODAY}:{each.person.id}", each) for each in digests]
    rendered = time.perf_counter()
    for first in range(0, len(written), writing.PEOPLE_AT_A_TIME):
        with transaction():
            writing.queue(written[first : first + writing.PEOPLE_AT_A_TIME], at=SEVEN)
    return decided - start, rendered - decided, time.perf_counter() - rendered


def _floor_of_queueing() -> float:
    """Return how long the database takes to insert the rows that are there, from copies of them."""
    names = (OutgoingMail.__tablename__, Reminder.__tablename__)
    with db.engine.begin() as connection:
        for name in names:
            connection.execute(text(f"CREATE TABLE copy_of_{name} AS SELECT * FROM {name}"))
    _forget_everything()

    def insert_all() -> None:
        with db.engine.begin() as connection:
            for name in names:
                source = f"SELECT * FROM copy_of_{name} WHERE true"
                connection.execute(text(f"INSERT INTO {name} {source} ON CONFLICT DO NOTHING"))

    seconds = _seconds(insert_all)
    with db.engine.begin() as connection:
        for name in names:
            connection.execute(text(f"DROP TABLE copy_of_{name}"))
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"))
    return seconds


def delivering(mails: int) -> None:
    """Print what delivering takes against bare smtplib, which sends the same bytes and keeps no journal."""
    _have_mails(mails)
    letters = db.session.execute(
        select(
            OutgoingMail.id, OutgoingMail.address, OutgoingMail.subject, OutgoingMail.text, OutgoingMail.html,
            OutgoingMail.message_id, OutgoingMail.attempts,
        ).where(OutgoingMail.state == MailState.QUEUED)
    ).all()
    db.session.rollback()
    written = [(row.address, OutboxMessage(Letter(*row), at=SEVEN).as_bytes()) for row in letters]
    sender = current_app.config["MAIL_DEFAULT_SENDER"]
    floor = _seconds(lambda: _send_bare(sender, written))
    ours = _seconds(_deliver)
    size = sum(len(content) for _address, content in written) // len(written)
    print(f"{len(written):,} mails of {size:,} bytes; seconds, and the ratio to bare smtplib")
    _line("the floor: smtplib over one connection", floor, floor)
    _line("beside it: as many transactions of one row", _seconds_of_commits(len(written)), floor)
    _line("delivering: lease, journal, send, mark", ours, floor)
    print(f"{'':<44} {len(written) / ours:>9,.0f} mails a second")


def _have_mails(number: int) -> None:
    """Leave exactly so many mails in the queue: copies of the digests, each under a key of its own."""
    there = _count(OutgoingMail)
    columns = "kind, user_id, address, subject, text, html, state, queued_at, attempts"
    with db.engine.begin() as connection:
        while there < number:
            copies = (
                f"INSERT INTO outgoing_mail (key, message_id, {columns}) SELECT 'copy:{there}:' || id, "
                f"'<{there}.' || id || '@bench.example>', {columns} FROM outgoing_mail "
                f"ORDER BY id LIMIT {min(there, number - there)}"
            )
            there += connection.execute(text(copies)).rowcount
        connection.execute(
            text("UPDATE outgoing_mail SET state = 'cancelled' WHERE id NOT IN "
                 f"(SELECT id FROM outgoing_mail ORDER BY id LIMIT {number})")
        )  # fmt: skip


def _send_bare(sender: str, written: list[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", current_app.config["MAIL_PORT"], "bench") as host:
        for address, content in written:
            host.sendmail(sender, [address], content)


def _seconds_of_commits(number: int) -> float:
    """Return what the disk needs so that each mail is on record before and after it is sent, from a part."""
    with db.engine.begin() as connection:
        connection.execute(text("CREATE TABLE one_row (n integer)"))
        connection.execute(text("INSERT INTO one_row VALUES (0)"))
    done = min(number, MOST_COMMITS)
    seconds = _seconds(lambda: _commit_often(done))
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE one_row"))
    return seconds * number / done


def _commit_often(times: int) -> None:
    for _ in range(times):
        with transaction():
            db.session.execute(text("UPDATE one_row SET n = n + 1"))


def _deliver() -> None:
    done = outbox.deliver_pending(now=lambda: SEVEN, worker=outbox.worker_name())
    if done.is_troubled:
        raise SystemExit(f"not everything was delivered: {done}")


def end_to_end() -> None:
    """Print what the morning of a small office takes, from deciding to the last mail."""
    queue, deliver = [], []
    for _ in range(RUNS):
        _forget_everything()
        queue.append(_seconds(_queue))
        deliver.append(_seconds(_deliver))
    mails = _count(OutgoingMail)
    both = statistics.median(queue) + statistics.median(deliver)
    print(f"{mails} digests end to end: {both:.2f} s, of which queueing {statistics.median(queue):.2f} s and")
    print(f"delivering {statistics.median(deliver):.2f} s; the goal is {GOAL_SECONDS:.1f} s")
    print(f"as many transactions of one row took the disk {_seconds_of_commits(mails):.2f} s")


def _forget_everything() -> None:
    db.session.rollback()
    with db.engine.begin() as connection:
        for model in (Reminder, Delivery, OutgoingMail):
            connection.execute(text(f"DELETE FROM {model.__tablename__}"))


def _count(model: Any) -> int:
    count = db.session.scalar(select(func.count()).select_from(model)) or 0
    db.session.rollback()
    return count


def _seconds(act: Callable[[], Any]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _line(name: str, seconds: float, floor: float) -> None:
    print(f"{name:<44} {seconds:>9.2f} s  × {seconds / floor:>6.1f}")


if __name__ == "__main__":
    main()

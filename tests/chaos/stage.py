"""The office in which simulations play: founded once, with a post of ours, and mortal at any statement."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import scoped_session, sessionmaker

from tests.conftest import make_app
from tracker import clock, outbox
from tracker.models import db
from tracker.models.mail import DeliveryOutcome
from tracker.models.people import Role
from tracker.models.sqlite import sqlite
from tracker.operations import directives, people, reminders, units
from tracker.operations.recording import Stamp

FOUNDED = date(2026, 1, 1)
BEGIN = datetime(2026, 4, 10, 8, 0, tzinfo=clock.VIETNAM)
"""A Friday: the thirty days after it hold the feasts of 27 April, 30 April and 1 May."""
END = BEGIN + timedelta(days=30)
DAYS_OFF = (date(2026, 4, 27), date(2026, 4, 30), date(2026, 5, 1))
WORKED = (date(2026, 4, 18),)
UNITS = ("tp", "pa", "pb", "xa")
PEOPLE = {
    "hung": ("tp", "leader"), "mai": ("tp", "office"), "dung": ("tp", "office"), "binh": ("pa", "unit_head"),
    "ha": ("pa", "officer"), "ly": ("pb", "unit_head"), "minh": ("pb", "officer"), "lan": ("xa", "unit_head"),
    "an": ("xa", "officer"),
}  # fmt: skip
WEEKLY, WITHOUT_ADDRESS = ("dung", "ly"), ("an",)
DIRECTIVES = {"thuong": ("tp", "normal"), "khan": ("tp", "urgent"), "xa-khan": ("xa", "express")}
"""Issuer and urgency."""
JOBS = ("overdue", "reminders", "prompt", "deliver")
FRESHENING = ("freshen_digests", "freshen_prompts")
"""What a sender does before it sends."""


class Died(Exception):
    """The process ended here: nothing after this point happened."""


class FakePost:
    """Takes the place of the way to the mail server; the simulation decides the fate of each mail."""

    fate_of: Callable[[Any], str]

    def __init__(self) -> None:
        self.trouble = ""

    def __enter__(self) -> FakePost:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass

    @property
    def is_unreachable(self) -> bool:
        return bool(self.trouble)

    def deliver(self, letter: Any, _at: datetime) -> tuple[DeliveryOutcome, str]:
        fate = type(self).fate_of(letter)
        match fate:
            case "down":
                self.trouble = "máy chủ thư không trả lời"
                return DeliveryOutcome.FAILED, self.trouble
            case "refused":
                return DeliveryOutcome.REFUSED, "550 không có người này"
            case "retry":
                return DeliveryOutcome.FAILED, "451 thử lại sau"
            case "doubt":
                return DeliveryOutcome.IN_DOUBT, "mất kết nối sau dấu chấm"
            case "dies before the dot" | "dies after the dot":
                raise Died
        return DeliveryOutcome.ACCEPTED, "250 đã nhận"


@contextmanager
def _litter_left_for_longer() -> Iterator[None]:
    """Let Python look for rings of dead objects seldom, and never among what stays: an eighth of the time."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


class Stage:
    """The database of all simulations of one process: founded once, and as it was founded for each of them.

    On SQLite it lives in memory and is copied back; elsewhere all happens in a transaction that is never
    kept, where savepoints stand in for transactions.
    """

    def __init__(self, url: str) -> None:
        is_file = url.startswith("sqlite:///")
        post = {"MAIL_SERVER": "post.example", "BASE_URL": "http://don-doc.example"}
        self.app = make_app("sqlite://" if is_file else url, **post)
        self.file = url.removeprefix("sqlite:///") if is_file else ""
        self.founded = sqlite.connect(":memory:")
        self.countdown: int | None = None
        self.is_dead = False
        self.phases: list[str] = []
        self.seen: Counter[str] = Counter()

    @contextmanager
    def open(self) -> Iterator[Stage]:
        """Found the office, and let the post be ours inside the block."""
        self.seen.clear()
        real = {name: getattr(reminders, name) for name in FRESHENING}
        real_post = outbox.Post
        for name, function in real.items():
            setattr(reminders, name, self._noting(name, function))
        outbox.Post = FakePost  # type: ignore[assignment, misc]
        count_down = self._count_down
        with self.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count_down)
        try:
            ground = self._in_memory() if self.file else self._in_a_transaction()
            with self.app.app_context(), ground, _litter_left_for_longer():
                yield self
        finally:
            event.remove(engine, "before_cursor_execute", count_down)
            outbox.Post = real_post
            for name, function in real.items():
                setattr(reminders, name, function)

    @contextmanager
    def _in_memory(self) -> Iterator[None]:
        memory: Any = db.engine.raw_connection().driver_connection
        with closing(sqlite.connect(self.file)) as empty:
            empty.backup(memory)
        self._found()
        memory.backup(self.founded)

        @contextmanager
        def put_back() -> Iterator[None]:
            self.founded.backup(memory)
            try:
                yield
            finally:
                db.session.remove()

        self._ground = put_back
        yield
        db.engine.dispose()

    @contextmanager
    def _in_a_transaction(self) -> Iterator[None]:
        real_session = db.session
        with db.engine.connect() as connection:
            outer = connection.begin()

            @contextmanager
            def never_kept() -> Iterator[None]:
                mode: Any = "create_savepoint"
                maker = sessionmaker(bind=connection, join_transaction_mode=mode, query_cls=db.Query)
                db.session = scoped_session(maker)  # type: ignore[assignment]
                savepoint = connection.begin_nested()
                try:
                    yield
                finally:
                    db.session.remove()
                    if self._is_founded:
                        savepoint.rollback()

            self._ground, self._is_founded = never_kept, False
            try:
                with never_kept():
                    self._found()
                self._is_founded = True
                yield
            finally:
                db.session = real_session
                outer.rollback()
        db.engine.dispose()

    def _noting(self, name: str, function: Callable[..., None]) -> Callable[..., None]:
        def freshen(**words: Any) -> None:
            function(**words)
            self.phases.append(name)

        return freshen

    def _count_down(self, _connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        """End the process before the statement that was chosen; a dead one carries out nothing more."""
        if statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK")):
            return
        if self.countdown is not None:
            self.countdown -= 1
            self.is_dead = self.is_dead or self.countdown == 0
        if self.is_dead:
            raise Died

    def _found(self) -> None:
        stamp, made = Stamp(on=FOUNDED), {}
        for code in UNITS:
            made[code] = units.found(stamp=stamp, code=code, name=f"Đơn vị {code}", parent=made.get("tp"))
        for login, (unit, role) in PEOPLE.items():
            email = None if login in WITHOUT_ADDRESS else f"{login}@don-doc.example"
            words = {"login": login, "name": login, "unit": made[unit], "role": Role(role), "email": email}
            who = people.add(stamp=stamp, **words)
            if login in WEEKLY:
                people.correct(who, stamp=stamp, digest="weekly")
        for key, (issuer, urgency) in DIRECTIVES.items():
            directives.register(
                stamp=stamp, key=key, kind="CV", subject="Chỉ đạo", issuer=made[issuer], issued_on=FOUNDED,
                urgency=urgency,
            )  # fmt: skip

    @contextmanager
    def play(self) -> Iterator[None]:
        """Give one simulation the office as it was founded."""
        self.countdown, self.is_dead = None, False
        with self._ground():
            yield

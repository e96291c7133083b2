"""All routes × all roles × own, foreign, missing and malformed objects.

`ROUTES` says for every endpoint who may open it (GET) and who may send to it (POST); a route that is not
listed fails. Who may not know of an object gets 404, who may not do this with it 403, nobody ever 500.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_security import hash_password

from tests.conftest import make_app
from tests.factories import FOUNDED_ON, make_cast
from tracker.files.b4_template import default_template
from tracker.files.edxml_reply import Asked
from tracker.intake.draft import Draft, DraftTask, to_data
from tracker.intake.sheet import Sheet
from tracker.models import db
from tracker.models.directive import Attachment
from tracker.models.export import Export, ExportState
from tracker.models.intake import IntakeDraft, TaskPlace
from tracker.models.mail import OutgoingMail
from tracker.models.paper_template import PaperTemplate
from tracker.models.people import Role, User
from tracker.models.report import Report
from tracker.models.series import TaskSeries
from tracker.models.sheet import ImportBatch
from tracker.models.units import Unit
from tracker.operations import directives, feeds, freezing, paper_templates, reports, series, tasks, units
from tracker.operations.recording import Stamp
from tracker.operations.urging import urge
from tracker.queries.b4 import Question
from tracker.rules.deadlines import Pattern
from tracker.rules.status import State
from tracker.web.access import LARGEST_ID, PUBLIC, SIGNED_IN

TODAY = date(2026, 3, 10)
PASSWORD = "thuyền giấy bốn mùa"

CAST = frozenset({"chairman", "tracker", "head", "officer", "coordinator", "outsider", "inspector", "admin"})
ALL = CAST | {"stranger"}
"""`stranger` administers another tree of units in the same installation."""

NOBODY: frozenset[str] = frozenset()
GIVERS = frozenset({"chairman", "tracker"})
READERS = CAST - {"admin"}
HEADS = frozenset({"head"})
WORKERS = frozenset({"head", "officer"})
"""The head of the lead unit, and the officer named for the task."""
WITHOUT_B4 = frozenset({"coordinator", "outsider"})
"""Who reads reports and may ask for the B.4 of no assigner: every page of it says so."""
TOLD = frozenset({"head", "admin"})
"""The person a mail went to, and their administrator."""
OVERSEERS = frozenset({"chairman", "tracker", "inspector"})
"""Who has in full what the city gave."""
PART = OVERSEERS | WORKERS
"""Who has at least a part of it: those above, and the lead unit."""
ADMINS = frozenset({"admin", "stranger"})
OWNER = frozenset({"head"})
"""Whose calendar link it is."""
INVOLVED = CAST - {"outsider"}
"""Who sees the task: its assigner, its lead, its coordinating unit, and the administrator of the assigner."""


@dataclass(frozen=True)
class Route:
    """Who may open (`get`) and send (`post`) a route; None where it has no such method.

    `passes`: whose roles carry its permission (others get 403 whatever the object); `sees`: who may know of
    the object (others get 404); `on`: which object of the world stands for its own one.
    """

    get: frozenset[str] | None = None
    post: frozenset[str] | None = None
    sees: frozenset[str] = ALL
    passes: frozenset[str] = ALL
    on: str = "own"


def on_task(may: frozenset[str], *, post: bool = True, on: str = "own") -> Route:
    """Return the rule of a page that does something to a task."""
    return Route(get=may, post=may if post else None, sees=GIVERS if on == "draft" else INVOLVED, on=on)


def of_registrars(*, get: bool = True, post: bool = True) -> Route:
    """Return the rule of a page that writes on a directive."""
    may = GIVERS
    return Route(may if get else None, may if post else None, sees=INVOLVED, passes=may)


def on_draft_paper(*, post: bool = True) -> Route:
    """Return the rule of a page about a paper that the city is reading: nobody else knows of it."""
    return Route(get=GIVERS, post=GIVERS if post else None, sees=GIVERS, passes=GIVERS)


def of_admins(*, post: bool = True) -> Route:
    """Return the rule of a page about one unit, person or mail that an administrator reaches."""
    may = frozenset({"admin"})
    return Route(get=may, post=may if post else None, sees=may, passes=ADMINS)


ROUTES = {
    "static": Route(get=ALL),
    "health.check": Route(get=ALL),
    "health.alive": Route(get=ALL),
    "system.show": Route(get=ADMINS, passes=ADMINS),
    "recount.show": Route(get=ADMINS, passes=ADMINS),
    "recount.order": Route(post=ADMINS, passes=ADMINS),
    "home.today": Route(get=ALL),
    "home.search": Route(get=ALL),
    "home.silent": Route(get=GIVERS, passes=GIVERS),
    "account.show": Route(get=ALL),
    "account.choose_digest": Route(post=ALL),
    "feeds.read": Route(get=ALL),
    "feeds.new": Route(get=ALL, post=ALL),
    "feeds.show": Route(get=OWNER, sees=OWNER),
    "feeds.renew": Route(get=OWNER, post=OWNER, sees=OWNER),
    "feeds.revoke": Route(get=OWNER, post=OWNER, sees=OWNER),
    "feeds.revoke_of_person": of_admins(),
    "security.login": Route(get=ALL, post=ALL),
    "security.logout": Route(post=ALL),
    "security.change_password": Route(get=ALL, post=ALL),
    "security.verify": Route(get=ALL, post=ALL),
    "security.two_factor_setup": Route(get=ALL, post=ALL),
    "security.two_factor_setup_validate": Route(post=ALL),
    "security.two_factor_token_validation": Route(get=ALL, post=ALL),
    "security.mf_recovery": Route(get=ALL, post=ALL),
    "security.mf_recovery_codes": Route(get=ALL, post=ALL),
    # The library brings these along; with one kind of second step and no rescue by mail nobody needs them.
    "security.tf_select": Route(get=NOBODY, post=NOBODY),
    "security.two_factor_rescue": Route(get=NOBODY, post=NOBODY),
    "directives.index": Route(get=ALL),
    "directives.new": Route(get=GIVERS, post=GIVERS, passes=GIVERS),
    "directives.show": Route(get=INVOLVED, sees=INVOLVED),
    "directives.edit": of_registrars(),
    "directives.attach": of_registrars(),
    "directives.give": of_registrars(),
    "directives.give_table": of_registrars(),
    "directives.drafts": of_registrars(get=False),
    "directives.read_deadline": Route(get=ALL),
    "directives.all_series": Route(get=ALL),
    "directives.series": Route(get=INVOLVED, sees=INVOLVED),
    "directives.change_series": of_registrars(),
    "directives.end_series": of_registrars(),
    "intake.index": Route(get=GIVERS, post=GIVERS, passes=GIVERS),
    "intake.show": on_draft_paper(),
    "intake.split": on_draft_paper(),
    "intake.drop": on_draft_paper(),
    "intake.give": on_draft_paper(),
    "intake.read_deadline": on_draft_paper(post=False),
    "intake.reply": on_draft_paper(post=False),
    "intake.place": on_task(INVOLVED, post=False),
    "sheets.index": Route(get=GIVERS, post=GIVERS, passes=GIVERS),
    "sheets.template": Route(get=GIVERS, passes=GIVERS),
    "sheets.show": on_draft_paper(),
    "sheets.start": Route(post=GIVERS, sees=GIVERS, passes=GIVERS),
    "sheets.cancel": Route(post=GIVERS, sees=GIVERS, passes=GIVERS),
    "sheets.drop": Route(post=GIVERS, sees=GIVERS, passes=GIVERS),
    "sheets.bad": on_draft_paper(post=False),
    "papers.show": Route(get=INVOLVED, sees=INVOLVED),
    "tasks.index": Route(get=ALL),
    "reports.b4": Route(get=READERS, passes=READERS),
    "reports.b4_tasks": Route(get=READERS, passes=READERS),
    "exports.index": Route(get=ALL),
    # A file is ordered of what an address names; without its words there is nothing to order.
    "exports.new": Route(get=NOBODY, post=NOBODY, sees=NOBODY, passes=READERS),
    "exports.cancel": Route(post=OWNER, sees=OWNER),
    "exports.file": Route(get=OWNER, sees=OWNER),
    "frozen.freeze": Route(get=GIVERS, post=GIVERS, passes=GIVERS),
    "frozen.index": Route(get=READERS, passes=READERS),
    "frozen.show": Route(get=PART, sees=PART, passes=READERS),
    "frozen.tasks": Route(get=PART, sees=PART, passes=READERS),
    "frozen.pictures": Route(get=PART, sees=PART, passes=READERS),
    "frozen.paper": Route(get=PART, sees=PART, passes=READERS),
    "frozen.file": Route(get=PART, sees=PART, passes=READERS),
    "frozen.after": Route(get=PART, sees=PART, passes=READERS),
    "frozen.compare": Route(get=PART, sees=PART, passes=READERS),
    "frozen.differing": Route(get=PART, sees=PART, passes=READERS),
    "archive.index": Route(get=READERS, passes=READERS),
    "archive.show": Route(get=PART, sees=PART, passes=READERS),
    "archive.file": Route(get=OVERSEERS, sees=OVERSEERS, passes=READERS),
    "archive.send_again": Route(get=GIVERS, post=GIVERS, passes=GIVERS, sees=PART),
    "archive.make_again": Route(get=GIVERS, post=GIVERS, passes=GIVERS),
    "reports.b4_print": Route(get=READERS, passes=READERS),
    "pictures.index": Route(get=READERS, passes=READERS),
    # An officer leads no unit; a number or a score needs its row.
    "ranking.index": Route(get=READERS - {"officer"}, passes=READERS),
    "ranking.paper": Route(get=READERS - {"officer"}, passes=READERS),
    "ranking.behind": Route(get=OVERSEERS | WITHOUT_B4, sees=READERS - HEADS, passes=READERS),
    "ranking.why": Route(get=WITHOUT_B4, sees=WITHOUT_B4 | {"officer"}, passes=READERS),
    "ranking.tried": Route(get=OVERSEERS | WITHOUT_B4, passes=READERS),
    "mails.index": Route(get=ALL),
    "mails.outgoing": Route(get=ADMINS, passes=ADMINS),
    "mails.outgoing_again": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "mails.outgoing_cancel": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "mails.show": Route(get=TOLD, sees=TOLD),
    "mails.send_again": of_admins(),
    "mails.cancel": of_admins(),
    "units.index": Route(get=ADMINS, passes=ADMINS),
    "units.new": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "units.show": of_admins(post=False),
    "units.edit": of_admins(),
    "units.end": of_admins(),
    "people.index": Route(get=ADMINS, passes=ADMINS),
    "people.new": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "people.show": of_admins(post=False),
    "people.edit": of_admins(),
    "people.activate": of_admins(),
    "people.deactivate": of_admins(),
    "people.give_role": of_admins(),
    "people.end_role": of_admins(),
    "people.reset_password": of_admins(),
    "people.password": of_admins(post=False),
    "people.second_step_off": of_admins(),
    "settings.door": Route(get=ADMINS, passes=ADMINS),
    "settings.index": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "ladder.index": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "weights.index": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "paper_templates.index": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "paper_templates.built_in": Route(get=ADMINS, passes=ADMINS),
    "paper_templates.preview": Route(get=frozenset({"admin"}), sees=frozenset({"admin"}), passes=ADMINS),
    "paper_templates.choose": Route(post=frozenset({"admin"}), sees=frozenset({"admin"}), passes=ADMINS),
    "settings.calendar": Route(get=ADMINS, passes=ADMINS),
    "settings.day": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "settings.proposal": Route(get=ADMINS, post=ADMINS, passes=ADMINS),
    "urging.index": Route(get=ALL),
    "urging.unit": Route(get=GIVERS, post=GIVERS, sees=GIVERS),
    "urging.one": on_task(GIVERS),
    "urging.show": Route(get=INVOLVED, sees=INVOLVED),
    "urging.letter": Route(get=GIVERS, sees=INVOLVED),
    "ledger.task": on_task(INVOLVED, post=False),
    "ledger.task_print": on_task(INVOLVED, post=False),
    "ledger.unit": Route(get=INVOLVED, sees=INVOLVED),
    "ledger.unit_print": Route(get=INVOLVED, sees=INVOLVED),
    "ledger.person": Route(get=INVOLVED, sees=INVOLVED),
    "ledger.person_print": Route(get=INVOLVED, sees=INVOLVED),
    "tasks.read_deadline": on_task(INVOLVED, post=False),
    "tasks.show": on_task(INVOLVED, post=False),
    "tasks.why": on_task(INVOLVED, post=False),
    "tasks.accept": on_task(WORKERS),
    "tasks.ask_return": on_task(HEADS),
    "tasks.refuse_return": on_task(GIVERS),
    "tasks.reassign": on_task(GIVERS),
    "tasks.progress": on_task(WORKERS),
    "tasks.contribute": on_task(frozenset({"coordinator"})),
    "tasks.ask_extension": on_task(HEADS),
    "tasks.grant_extension": on_task(GIVERS),
    "tasks.refuse_extension": on_task(GIVERS),
    "tasks.set_due": on_task(GIVERS),
    "tasks.report": on_task(HEADS),
    "tasks.confirm": on_task(GIVERS),
    "tasks.rework": on_task(GIVERS),
    "tasks.reopen": on_task(GIVERS),
    "tasks.cancel": on_task(GIVERS),
    "tasks.transfer": on_task(GIVERS),
    "tasks.edit": on_task(GIVERS),
    "tasks.pass_down": on_task(HEADS),
    "tasks.give": on_task(GIVERS, on="draft"),
}

ABOUT_OBJECTS = sorted(name for name, route in ROUTES.items() if route.sees != ALL)
OPENED = sorted(name for name, route in ROUTES.items() if route.get)
SENT = sorted(name for name, route in ROUTES.items() if route.post is not None)

CLOSED = {"security.tf_select", "security.two_factor_rescue"}

ANSWERED = {200, 302, 303, 409, 422}
"""What somebody who may do this can get: the page, a way onward, a conflict or a form with its errors."""

JUNK = {
    "marks and tags": "<script>alert(1)</script>",
    "quotes": "' OR 1=1 -- \" ;",
    "NUL": "a\x00b",
    "10,000 characters": "ệ" * 10_000,
    "decomposed": unicodedata.normalize("NFD", "Đề án cải cách"),
    "negative": "-1",
    "too large": "99999999999999999999",
    "no day": "31/02/2026",
    "wildcards": "%_\\*",
    "digits of another script": "٣",
    "half a surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
}
READ_ALONE = {"NUL", "too large", "no day", "digits of another script"}
"""Junk that each parameter is also given alone, so that the refusal of one hides no other."""
ONLY_WHERE_READ = {"10,000 characters"}
"""Junk that costs more to send than it tells where nobody looks at it."""

MALFORMED = ("0", "-1", "99999999999999999999", "abc", "1.5", "1%00", "%20", "%C3%A9", "٣", "1e3")
PARAMETERS = (
    "q", "unit", "state", "cell", "timeliness", "directive", "field", "assigner", "officer", "due_from",
    "due_to", "sort", "role", "wait", "after", "before", "page", "from", "to", "on", "day", "period", "kind",
    "issuer", "year", "group", "by", "show", "all", "next", "number", "item", "parent", "task", "person",
    "rung", "failed", "month", "issued_from", "issued_to", "urgency", "text", "phrase", "all_units", "row",
)  # fmt: skip
ENGLISH = re.compile(
    r"\b(This field|Not a valid|[Rr]equired|[Ii]nvalid|must be|Field|[Ee]rror|Please|None|null|NaN|undefined"
    r"|Traceback|[Tt]oken|Sorry|not found|Forbidden|characters?|already|Submit|Password|Username)\b"
)


@dataclass
class World:
    """The people by their parts, and for each argument of a route an object of its kind."""

    people: dict[str, Any]
    own: dict[str, Any]
    draft: dict[str, Any]
    foreign: dict[str, Any]


def make_attachment(directive: Any) -> Attachment:
    paper = Attachment(
        directive_id=directive.id, filename="tep.txt", media_type="text/plain", size=3,
        sha256=hashlib.sha256(b"abc").hexdigest(), added_at=datetime(2026, 3, 2, tzinfo=UTC),
    )  # fmt: skip
    db.session.add(paper)
    db.session.flush()
    return paper


def make_mail(user: Any) -> OutgoingMail:
    mail = OutgoingMail(
        key=f"thu-{user.login}", kind="digest", user_id=user.id, address=user.email, subject="Nhắc việc",
        text="Việc cần làm", html="<p>Việc cần làm</p>", message_id=f"<{user.login}@song-huong.example>",
        queued_at=datetime(2026, 3, 9, tzinfo=UTC),
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    return mail


def make_export(user: Any, assigner: Any) -> Export:
    export = Export(
        key=f"tep-{user.login}", user_id=user.id, form="csv", title="B.4", state=ExportState.QUEUED,
        asked={"what": "b4", "assigner": assigner.code, "from": "2026-01-01", "to": "2026-02-28"},
        asked_at=datetime(2026, 3, 9, tzinfo=UTC),
    )  # fmt: skip
    db.session.add(export)
    db.session.flush()
    return export


def make_report(cast: Any, assigner: Any, lead: Any) -> Report:
    """Keep the report of February of an assigner, for which the lead unit completed a task in that month."""
    stamp, on = Stamp(on=date(2026, 3, 9), at=datetime(2026, 3, 9, tzinfo=UTC)), date(2026, 2, 2)
    paper = cast.make_directive(issuer=assigner, on=on) if assigner is cast.city else None
    if paper is None:
        paper = directives.register(
            stamp=Stamp(on=on), issuer=assigner, kind="CV", number="9/UBND", subject="Việc cũ", issued_on=on
        )
    nobody = {"tracker": None, "leader": None, "coordinating": []}
    cast.make_task(directive=paper, unit=lead, given_on=on, due_on=on, state=State.COMPLETED, **nobody)
    return reports.make_again(assigner, date(2026, 2, 28), reason="Đối chiếu", stamp=stamp)


def make_series(of: Any) -> TaskSeries:
    """Begin a series of the directive of a task, with its people and units; it gives nothing yet."""
    plan = series.Plan(
        unit=of.unit, content="Báo cáo năm", phrase="31/12 hằng năm", pattern=Pattern.parse("annual 31/12"),
        coordinating=[each.unit for each in of.coordinations], tracker=of.tracker, leader=of.leader,
    )  # fmt: skip
    (begun,) = series.begin(of.directive, [plan], stamp=Stamp(on=date(2026, 3, 9)))
    return begun


def make_frozen(assigner: Any) -> Report:
    """Freeze the B.4 of an assigner as of the day before the visits."""
    stamp = Stamp(on=date(2026, 3, 9), at=datetime(2026, 3, 9, tzinfo=UTC))
    return freezing.freeze(Question(assigner, date(2026, 1, 1), date(2026, 12, 31), stamp.on), stamp=stamp)


@dataclass
class Stage:
    """An application with everything that the tests visit, by id; each test leaves it as it found it."""

    app: Flask
    people: dict[str, int]
    objects: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def stage(databases: Any, database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The city with a task, a paper and a mail; beside it another tree with the same."""
    folder = tmp_path_factory.mktemp("papers")
    app = make_app(databases.fresh(database), FILES_FOLDER=str(folder))
    digest = hashlib.sha256(b"abc").hexdigest()
    (folder / digest[:2]).mkdir()
    (folder / digest[:2] / digest).write_bytes(b"abc")
    with app.app_context():
        people, objects = build()
        db.session.commit()
        db.session.remove()
    yield Stage(app, people, objects)
    with app.app_context():
        db.engine.dispose()


def build() -> tuple[dict[str, int], dict[str, dict[str, Any]]]:
    """Store the two trees; return the ids of the people and of the objects."""
    cast = make_cast()
    other = units.found(stamp=Stamp(on=FOUNDED_ON), code="song-day", name="UBND tỉnh Sông Đáy")
    room = cast.make_unit(parent=other)
    stranger = cast.make_person(unit=other, role=Role.ADMIN)
    somebody = cast.make_person(unit=room, role=Role.UNIT_HEAD)
    task = cast.make_task(state=State.IN_PROGRESS)
    draft = cast.make_task(state=State.DRAFT)
    far = foreign_task(cast, other, room)
    common = {"filename": "app.css", "token": "khong-phai-ma", "form": "csv"}

    def objects(of: Any, unit: Any, person: Any) -> dict[str, Any]:
        report = make_report(cast, of.assigner, unit)
        link, secret = feeds.make(person, stamp=Stamp(on=date(2026, 3, 9), by=person))
        return common | {
            "task_id": of.id, "directive_id": of.directive_id, "unit_id": unit.id, "user_id": person.id,
            "held_id": person.held_roles[0].id, "attachment_id": make_attachment(of.directive).id,
            "report_id": report.id, "file_id": report.files[0].id, "mail_id": make_mail(person).id,
            "frozen_id": make_frozen(of.assigner).id, "series_id": make_series(of).id,
            "link_id": link.id, "secret": secret, "export_id": make_export(person, of.assigner).id,
            "template_id": make_template(unit).id,
            "draft_id": make_draft(of.assigner, person, of).id,
            "batch_id": make_batch(of.assigner, person).id, "key": 1,
            "urging_id": urge([of], stamp=Stamp(on=date(2026, 3, 9), at=datetime(2026, 3, 9, tzinfo=UTC))).id,
        }  # fmt: skip

    parts = cast.everybody | {"stranger": stranger}
    for person in parts.values():
        person.password = hash_password(PASSWORD)
    return {part: person.id for part, person in parts.items()}, {
        "own": objects(task, cast.lead, cast.head),
        "draft": common | {"task_id": draft.id, "directive_id": draft.directive_id},
        "foreign": objects(far, room, somebody),
    }


@pytest.fixture
def app(stage: Stage) -> Iterator[Flask]:
    """The application of the stage, in place of the one without data."""
    before = dict(stage.app.config)
    yield stage.app
    stage.app.config.clear()
    stage.app.config.update(before)


@pytest.fixture
def world(stage: Stage, session: Any, on_day: Any) -> World:
    """What stands on the stage, on a day on which the task runs."""
    on_day(TODAY)
    people = {part: session.get_one(User, id) for part, id in stage.people.items()}
    return World(people, **stage.objects)


def make_draft(unit: Unit, person: Any, task: Any) -> IntakeDraft:
    """Keep a paper that is read for a unit; a task is said to come from it."""
    at, words = datetime(2026, 3, 9, tzinfo=UTC), "Phòng Nội vụ lập danh sách; gửi trước ngày 20/3/2026."
    draft = IntakeDraft(
        unit_id=unit.id, started_by_id=person.id, started_at=at, changed_by_id=person.id, changed_at=at,
        plain=words, files=[], content=to_data(Draft(tasks=(DraftTask(1, words, 0, len(words)),))),
        envelope=asdict(Asked("000.00.12.H45", "UBND huyện", "a,b", "3/UBND", "", [])),
    )  # fmt: skip
    db.session.add(draft)
    db.session.flush()
    db.session.add(TaskPlace(task_id=task.id, draft_id=draft.id, start=0, end=13))
    return draft


def make_batch(unit: Unit, person: Any) -> ImportBatch:
    """Keep a sheet of one row that was brought for a unit."""
    sheet = Sheet("", ("Nội dung", "Chủ trì"), ((2, ("Rà soát thủ tục", "Phòng Nội vụ")),))
    batch = ImportBatch(
        unit_id=unit.id, brought_by_id=person.id, brought_at=datetime(2026, 3, 9, tzinfo=UTC),
        sheet=sheet.to_data(), columns=["content", "lead"], paper={},
    )  # fmt: skip
    db.session.add(batch)
    db.session.flush()
    return batch


def make_template(unit: Unit) -> PaperTemplate:
    """Store a Word form of a unit, not in use yet."""
    stamp = Stamp(on=date(2026, 3, 9), at=datetime(2026, 3, 9, tzinfo=UTC))
    return paper_templates.add(unit, "mau.docx", default_template(stamp.on), stamp=stamp)


def foreign_task(cast: Any, assigner: Any, lead: Any) -> Any:
    """Give a task in the other tree, where nobody of the city has a part."""
    stamp = Stamp(on=date(2026, 3, 2))
    paper = {"kind": "CV", "number": "7/UBND", "subject": "Việc của tỉnh khác", "issued_on": stamp.on}
    directive = directives.register(stamp=stamp, issuer=assigner, **paper)
    order = tasks.Order(unit=lead, content="Việc của nơi khác", due_on=date(2026, 3, 20))
    (task,) = tasks.give(directive, [order], stamp=stamp)
    return task


def rules_of(app: Flask, endpoint: str) -> list[Any]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint == endpoint]


def methods_of(app: Flask, endpoint: str) -> set[str]:
    return set().union(*(rule.methods for rule in rules_of(app, endpoint))) - {"HEAD", "OPTIONS"}


def path_of(app: Flask, endpoint: str, objects: Any, *, method: str = "GET", id_as: str | None = None) -> str:
    """Return an address of the route, with objects of a world, or with `id_as` in place of each id."""
    rule = next(rule for rule in rules_of(app, endpoint) if method in rule.methods)
    path = rule.rule
    for name in rule.arguments:
        is_id = isinstance(rule._converters[name], app.url_map.converters["id"])
        assert name in objects, f"no object for <{name}> of {endpoint}: add it to the world"
        value = id_as if id_as is not None and is_id else str(objects[name])
        path = re.sub(rf"<(?:\w+:)?{name}>", lambda _m, value=value: value, path)
    return path


def takes_id(app: Flask, endpoint: str) -> bool:
    converter = app.url_map.converters["id"]
    converters = [each for rule in rules_of(app, endpoint) for each in rule._converters.values()]
    return any(isinstance(each, converter) for each in converters)


def send(client: Any, method: str, path: str, **more: Any) -> Any:
    return client.get(path, **more) if method == "GET" else client.post(path, **more)


def words_of(response: Any) -> str:
    page = re.sub(r"(?s)<(script|style)[^>]*>.*?</\1>", " ", response.get_data(as_text=True))
    return re.sub(r"<[^>]*>", " ", page)


def allowed(route: Route, method: str) -> frozenset[str]:
    return (route.get if method == "GET" else route.post) or NOBODY


def expected(route: Route, who: str, method: str) -> set[int]:
    """Return the statuses that a person may get at the route's own object."""
    if who not in route.passes:
        return {403}
    if who not in route.sees:
        return {404}
    if who not in allowed(route, method):
        return {403}
    return ANSWERED if method == "GET" else ANSWERED | {400}


@pytest.fixture(scope="module")
def routes_app(databases: Any) -> Flask:
    return make_app(databases.blank("sqlite"))


def test_every_route_is_listed_and_every_listed_route_exists(routes_app):
    there = {rule.endpoint for rule in routes_app.url_map.iter_rules()}

    assert sorted(there - ROUTES.keys()) == []
    assert sorted(ROUTES.keys() - there) == []


def test_the_methods_of_every_route_are_those_of_the_list(routes_app):
    wrong = {}
    for endpoint in ROUTES.keys() & {rule.endpoint for rule in routes_app.url_map.iter_rules()}:
        route = ROUTES[endpoint]
        listed = {name for name, who in (("GET", route.get), ("POST", route.post)) if who is not None}
        if methods_of(routes_app, endpoint) != listed:
            wrong[endpoint] = methods_of(routes_app, endpoint)

    assert wrong == {}


def test_every_route_has_a_permission_or_a_reason_to_be_public(routes_app):
    bare = {
        endpoint for endpoint, view in routes_app.view_functions.items()
        if getattr(view, "permission", None) is None and not PUBLIC.get(endpoint)
        and endpoint not in SIGNED_IN
    }  # fmt: skip

    assert bare == CLOSED


def test_no_view_is_exempt_from_the_form_token(routes_app):
    guard = routes_app.extensions["csrf"]

    assert (guard._exempt_views, guard._exempt_blueprints) == (set(), set())
    assert routes_app.config["WTF_CSRF_METHODS"] >= {"POST", "PUT", "PATCH", "DELETE"}


@pytest.mark.parametrize("endpoint", sorted(ROUTES))
def test_each_person_gets_what_the_list_says(app, world, client_of, endpoint):
    route, got = ROUTES[endpoint], {}

    for method in sorted(methods_of(app, endpoint)):
        path = path_of(app, endpoint, getattr(world, route.on), method=method)
        may = allowed(route, method) & route.sees & route.passes
        for who in sorted(ALL - may) + sorted(may):
            response = send(client_of(world.people[who]), method, path)
            onward = response.headers.get("Location", "")
            if response.status_code not in expected(route, who, method):
                got[who, method] = response.status_code
            elif onward.startswith("/dang-nhap") and endpoint != "security.logout":
                got[who, method] = onward

    assert got == {}


@pytest.mark.parametrize("endpoint", sorted(ROUTES))
def test_without_signing_in_only_public_pages_answer(app, world, client, endpoint):
    for method in sorted(methods_of(app, endpoint)):
        path = path_of(app, endpoint, world.own, method=method)

        response = send(client, method, path)

        if endpoint in PUBLIC:
            assert response.status_code in ANSWERED
        else:
            assert response.status_code == 302
            assert response.headers["Location"].startswith("/dang-nhap")


@pytest.mark.parametrize("endpoint", ABOUT_OBJECTS)
def test_what_belongs_to_others_or_is_nowhere_is_not_found(app, world, client_of, endpoint):
    route, got = ROUTES[endpoint], {}
    if not takes_id(app, endpoint):
        return

    for method in sorted(methods_of(app, endpoint)):
        foreign = path_of(app, endpoint, world.foreign, method=method)
        nowhere = path_of(app, endpoint, world.own, method=method, id_as=str(LARGEST_ID))
        for who in sorted(CAST):
            client, wanted = client_of(world.people[who]), 404 if who in route.passes else 403
            for path in (foreign, nowhere):
                status = send(client, method, path).status_code
                if status != wanted:
                    got[who, method, path] = status

    assert got == {}


@pytest.mark.parametrize("endpoint", ABOUT_OBJECTS)
def test_a_malformed_id_is_not_found(app, world, client_of, endpoint):
    route, got = ROUTES[endpoint], {}
    if not takes_id(app, endpoint):
        return
    client = client_of(world.people[sorted(route.passes)[0]])

    for method in sorted(methods_of(app, endpoint)):
        for bad in MALFORMED:
            path = path_of(app, endpoint, world.own, method=method, id_as=bad)
            response = send(client, method, path)
            if response.status_code not in (404, 405):
                got[method, bad] = response.status_code

    assert got == {}


def one_who_may(world: World, route: Route, method: str) -> Any:
    may = allowed(route, method) & route.sees & route.passes
    return world.people[sorted(may)[0]] if may else None


@pytest.mark.parametrize("endpoint", OPENED)
def test_junk_in_the_query_never_breaks_a_page(app, world, client_of, endpoint):
    route, got = ROUTES[endpoint], {}
    person = one_who_may(world, route, "GET")
    if person is None or "GET" not in methods_of(app, endpoint):
        return
    path, client = path_of(app, endpoint, getattr(world, route.on)), client_of(person)
    source = Path(inspect.getfile(inspect.unwrap(app.view_functions[endpoint]))).read_text(encoding="utf-8")
    read_here = [name for name in PARAMETERS if f'"{name}"' in source]

    for kind, junk in JUNK.items():
        alone = read_here if kind in READ_ALONE else []
        together = read_here if kind in ONLY_WHERE_READ else PARAMETERS
        for query in (dict.fromkeys(together, junk), *({name: junk} for name in alone)):
            response = client.get(path, query_string=query)
            if response.status_code not in ANSWERED | {400, 404}:
                got[kind, tuple(query)[:2]] = response.status_code
            if response.mimetype == "text/html" and b"<script>alert" in response.data:
                got[kind, tuple(query)[:2]] = "script"

    assert got == {}


@pytest.mark.parametrize("endpoint", SENT)
def test_junk_in_a_form_is_refused_in_vietnamese(app, world, client_of, endpoint):
    route, got = ROUTES[endpoint], {}
    person = one_who_may(world, route, "POST")
    if person is None or "POST" not in methods_of(app, endpoint):
        return
    objects = getattr(world, route.on)
    path = path_of(app, endpoint, objects, method="POST")
    names = {"login", "password", "code", "setup", "digest", "token", "seen"}
    if "GET" in methods_of(app, endpoint):
        page = client_of(person).get(path_of(app, endpoint, objects)).get_data(as_text=True)
        names |= set(re.findall(r'<(?:input|select|textarea)[^>]* name="([^"]+)"', page))

    for kind, junk in {"nothing": "", **JUNK}.items():
        values = {name: junk for name in names if name not in ("next", "csrf_token")}
        response = client_of(person).post(path, data=values)
        if response.status_code not in ANSWERED | {400, 404, 413}:
            got[kind] = response.status_code
        elif response.mimetype == "text/html" and (english := ENGLISH.search(words_of(response))):
            got[kind] = english[0]
        elif b"<script>alert" in response.data:
            got[kind] = "script"

    assert got == {}


@pytest.mark.parametrize("endpoint", SENT)
def test_no_change_is_taken_without_the_form_token(app, world, client_of, csrf_on, endpoint):
    route = ROUTES[endpoint]
    if "POST" not in methods_of(app, endpoint):
        return
    path = path_of(app, endpoint, getattr(world, route.on), method="POST")

    answers = {who: client_of(world.people[who]).post(path).status_code for who in sorted(ALL)}

    assert set(answers.values()) == {400}


def test_an_unknown_address_is_not_found_for_anybody(world, client, client_of):
    assert client.get("/khong-co").status_code == 404
    assert client_of(world.people["officer"]).get("/khong-co").status_code == 404


def test_the_world_and_the_list_speak_of_the_same_people(world):
    assert world.people.keys() == ALL

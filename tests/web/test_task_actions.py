"""What may be done to a task: every action by every person in every state, and what its form asks."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest

from tests.web.pages import checked, errors, statements, value, words
from tracker.models import db
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.task import RequestKind, RequestState, Task
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State

TODAY = date(2026, 3, 10)
"""A Tuesday; the tasks of the cast are given on 02/03 and due on 20/03."""

GIVEN = (State.NOT_STARTED, State.IN_PROGRESS, State.AWAITING_CONFIRMATION)
RUNNING = (State.NOT_STARTED, State.IN_PROGRESS)
GIVERS = {"chairman", "tracker"}
HEAD = {"head"}
WORKERS = {"head", "officer"}

ACTIONS = {
    "accept": ("tiep-nhan", WORKERS, (State.NOT_STARTED,), {}),
    "ask_return": ("tra-lai", HEAD, (State.NOT_STARTED,), {"reason": "Không thuộc chức năng"}),
    "refuse_return": ("khong-nhan-tra-lai", GIVERS, RUNNING, {"reason": "Đúng chức năng của phòng"}),
    "reassign": ("giao-lai", GIVERS, RUNNING, {"unit": "other"}),
    "progress": ("tien-do", WORKERS, (State.IN_PROGRESS,), {"text": "Đã họp lấy ý kiến"}),
    "contribute": ("phoi-hop", {"coordinator"}, GIVEN, {"text": "Đã gửi số liệu", "unit": "coordinating"}),
    "ask_extension": ("xin-gia-han", HEAD, RUNNING, {"until": "27/3/2026", "reason": "Chờ số liệu"}),
    "grant_extension": ("gia-han", GIVERS, RUNNING, {"until": "25/3/2026"}),
    "refuse_extension": ("tu-choi-gia-han", GIVERS, RUNNING, {"reason": "Việc gấp"}),
    "set_due": ("sua-han", GIVERS, RUNNING, {"due_phrase": "30/3/2026", "reason": "Ghi nhầm"}),
    "report": ("bao-cao", HEAD, (State.IN_PROGRESS,), {"result": "12/BC-PNV ngày 10/3/2026"}),
    "confirm": ("xac-nhan", GIVERS, (State.AWAITING_CONFIRMATION,), {}),
    "rework": ("lam-lai", GIVERS, (State.AWAITING_CONFIRMATION,), {"reason": "Thiếu phụ lục"}),
    "reopen": ("mo-lai", GIVERS, (State.COMPLETED,), {"reason": "Còn thiếu", "agreed_by": "chairman"}),
    "cancel": ("thu-hoi", GIVERS, (State.DRAFT, *GIVEN), {"reason": "Đã có văn bản thay thế"}),
    "transfer": ("chuyen", GIVERS, (State.DRAFT, *GIVEN), {"unit": "other", "reason": "Đổi đầu mối"}),
    "edit": ("sua", GIVERS, (State.DRAFT, *GIVEN), {"content": "Xây dựng kế hoạch tuyển dụng năm 2026"}),
    "pass_down": ("giao-xuong", HEAD, GIVEN, {"content": "Tổng hợp số liệu của phòng", "people": "officer",
                                             "due_phrase": "18/3/2026"}),
    "give": ("giao", GIVERS, (State.DRAFT,), {}),
}  # fmt: skip
"""Each action: its address, who may do it, from which states, and a good submission of its form."""

ON_DRAFTS = {"cancel", "transfer", "edit", "give"}

STATES = tuple(State)

AFTER = {
    "accept": State.IN_PROGRESS, "reassign": State.NOT_STARTED, "report": State.AWAITING_CONFIRMATION,
    "confirm": State.COMPLETED, "rework": State.IN_PROGRESS, "reopen": State.IN_PROGRESS,
    "cancel": State.CANCELLED, "give": State.NOT_STARTED,
}  # fmt: skip
"""Where an action leads; the others leave the state as it is."""


@pytest.fixture(autouse=True)
def today(on_day, app, tmp_path):
    on_day(TODAY)
    app.config["FILES_FOLDER"] = str(tmp_path / "files")


def make(cast, state: State, action: str = "") -> Task:
    """Return a task in a state, with the request that waits where the action decides one."""
    days = {"reported_on": date(2026, 3, 9), "closed_on": date(2026, 3, 9)}
    task = cast.make_task(state=state, officer=cast.officer, **(days if state is not State.CANCELLED else {}))
    if state in RUNNING and action in ("grant_extension", "refuse_extension"):
        ask_extension(cast, task)
    if state in RUNNING and action in ("reassign", "refuse_return"):
        ask_return(cast, task)
    return task


def ask_extension(cast, task: Task, until: date = date(2026, 3, 27)) -> None:
    stamp = Stamp(on=date(2026, 3, 9), by=cast.head)
    requests.ask_extension(task, stamp=stamp, until=until, reason="Chờ số liệu của Sở")


def ask_return(cast, task: Task) -> None:
    """Ask for a return before the task is accepted; it still waits when the task is accepted after it."""
    if task.state is State.NOT_STARTED:
        stamp = Stamp(on=date(2026, 3, 9), by=cast.head)
        requests.ask_return(task, stamp=stamp, reason="Không thuộc chức năng")
    else:
        task.requests.append(_return_request(cast))
        db.session.commit()


def _return_request(cast):
    from tracker.models.task import Request

    return Request(
        kind=RequestKind.RETURN, asked_on=date(2026, 3, 9), asked_by=cast.head, reason="Không thuộc chức năng",
        state=RequestState.PENDING,
    )  # fmt: skip


def good(cast, action: str, task: Task, **changes) -> dict[str, str]:
    """Return a good submission of the form of an action, `changes` above it."""
    ids = {
        "other": cast.coordinating.id if task.unit is not cast.coordinating else cast.lead.id,
        "coordinating": cast.coordinating.id, "chairman": cast.chairman.id, "officer": cast.officer.id,
    }  # fmt: skip
    body = {name: str(ids.get(word, word)) for name, word in ACTIONS[action][3].items()}
    return {"token": f"{action}-{task.id}", "seen": str(task.version)} | body | changes


def address(action: str, task: Task) -> str:
    return f"/nhiem-vu/{task.id}/{ACTIONS[action][0]}"


def send(client, action: str, task: Task, body: dict[str, str]):
    return client.post(address(action, task), data=body)


def rows(task: Task, do: str | None = None) -> list[History]:
    query = db.session.query(History).filter_by(task_id=task.id).order_by(History.id)
    return query.filter_by(do=do).all() if do else query.all()


def expected(action: str, who: str, state: State) -> int:
    """Return the status of opening the page of an action."""
    if who == "outsider" or (state is State.DRAFT and who not in GIVERS):
        return 404
    may = who in ACTIONS[action][1] and (state is not State.DRAFT or action in ON_DRAFTS)
    if not may:
        return 403
    return 200 if state in ACTIONS[action][2] else 303


@pytest.mark.parametrize("action", ACTIONS)
def test_each_person_opens_the_actions_that_are_theirs_in_each_state(cast, client_of, action):
    made = {state: make(cast, state, action) for state in STATES}

    seen = {
        (who, state): client.get(address(action, made[state])).status_code
        for who, client in ((who, client_of(user)) for who, user in cast.everybody.items())
        for state in STATES
    }

    assert seen == {(who, state): expected(action, who, state) for who in cast.everybody for state in STATES}


@pytest.mark.parametrize("action", ACTIONS)
def test_nobody_does_what_is_not_theirs(cast, client_of, action):
    state = ACTIONS[action][2][0]
    task = make(cast, state, action)
    before = (task.version, len(rows(task)))

    statuses = {
        who: send(client_of(user), action, task, good(cast, action, task)).status_code
        for who, user in cast.everybody.items()
        if who not in ACTIONS[action][1]
    }

    assert statuses == {who: expected(action, who, state) for who in statuses}
    assert (task.version, len(rows(task))) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_starts_from_its_states_alone(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    client = client_of(cast.everybody[sorted(may)[-1]])
    made = {state: make(cast, state, action) for state in STATES}
    versions = {state: task.version for state, task in made.items()}

    for state, task in made.items():
        answer = send(client, action, task, good(cast, action, task))

        if state in starts:
            assert answer.status_code == 303, (state, words(answer))
            assert task.state is AFTER.get(action, state)
        else:
            assert answer.status_code in (403, 404, 422), state
            assert (task.state, task.version) == (state, versions[state])


@pytest.mark.parametrize("action", ACTIONS)
def test_success_leads_back_to_the_task_and_says_what_happened(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    client = client_of(cast.everybody[sorted(may)[0]])
    task = make(cast, starts[0], action)

    answer = send(client, action, task, good(cast, action, task))

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/nhiem-vu/{task.id}")
    page = client.get(answer.headers["Location"])
    assert 'class="message message-success"' in page.get_data(as_text=True)


@pytest.mark.parametrize("action", ACTIONS)
def test_a_double_click_makes_one_entry_and_says_no_refusal(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    client = client_of(cast.everybody[sorted(may)[0]])
    task = make(cast, starts[0], action)
    body = good(cast, action, task)
    send(client, action, task, body)
    entries, children = len(rows(task)), db.session.query(Task).count()

    second = send(client, action, task, body)

    assert second.status_code == 303
    assert (len(rows(task)), db.session.query(Task).count()) == (entries, children)


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"contribute"}))
def test_who_acts_on_an_old_page_sees_what_happened_meanwhile_and_loses_nothing(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    who = sorted(may)[0]
    task = make(cast, starts[0], action)
    body = good(cast, action, task, seen=str(task.version - 1 if task.version > 1 else 0))
    if task.state is State.DRAFT:
        tasks.edit(task, stamp=Stamp(on=TODAY, by=cast.tracker), product="Kế hoạch")
        body["seen"] = "1"
    entries = len(rows(task))

    answer = send(client_of(cast.everybody[who]), action, task, body)

    assert answer.status_code == 422
    page = words(answer)
    assert "Có người vừa thay đổi nhiệm vụ này trước bạn" in page
    assert len(rows(task)) == entries
    for name in ("reason", "text", "result", "content", "due_phrase", "until"):
        if name in body:
            assert value(answer, name) == body[name]
    assert value(answer, "seen") == str(task.version)


@pytest.mark.parametrize("action", sorted(set(ACTIONS) - {"contribute"}))
def test_what_was_a_conflict_can_be_sent_again(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    client = client_of(cast.everybody[sorted(may)[0]])
    task = make(cast, starts[0], action)
    first = send(client, action, task, good(cast, action, task, seen="0"))

    body = good(cast, action, task, seen=value(first, "seen"), token=value(first, "token"))
    second = send(client, action, task, body)

    assert second.status_code == 303


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("id_", ["0", "999999", "99999999999999999999", "abc", "-1", "1.5"])
def test_an_unknown_or_malformed_task_is_not_found(cast, client_of, action, id_):
    slug = ACTIONS[action][0]

    answers = [getattr(client_of(cast.tracker), how)(f"/nhiem-vu/{id_}/{slug}") for how in ("get", "post")]

    assert [answer.status_code for answer in answers] == [404, 404]

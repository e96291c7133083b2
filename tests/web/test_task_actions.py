"""What may be done to a task: every action by every person in every state, and what its form asks."""

from __future__ import annotations

import io
import re
from datetime import date

import pytest

from tests.web.pages import checked, errors, value, words
from tracker.models import db
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.models.task import Request, RequestKind, RequestState, Task
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


def _return_request(cast) -> Request:
    return Request(
        kind=RequestKind.RETURN, state=RequestState.PENDING, asked_on=date(2026, 3, 9), asked_by=cast.head,
        reason="Không thuộc chức năng",
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


# What the forms ask


NO_DAY = "Chưa ghi thời hạn. Nhập dd/mm/yyyy, ví dụ 10/03/2026, hoặc chọn “không thời hạn”."
MUST = {
    "ask_return": [("reason", "Nhập lý do.")],
    "refuse_return": [("reason", "Nhập lý do.")],
    "reassign": [("unit", "Chọn một đơn vị.")],
    "progress": [("text", "Nhập tình hình thực hiện.")],
    "contribute": [("text", "Nhập nội dung phối hợp.")],
    "ask_extension": [("until", "Nhập ngày mới."), ("reason", "Nhập lý do.")],
    "grant_extension": [("until", "Nhập ngày mới.")],
    "refuse_extension": [("reason", "Nhập lý do.")],
    "set_due": [("due_phrase", NO_DAY), ("reason", "Nhập lý do.")],
    "report": [("result", "Nhập số, ngày của văn bản kết quả, hoặc mô tả kết quả bên dưới.")],
    "rework": [("reason", "Nhập lý do.")],
    "cancel": [("reason", "Nhập lý do.")],
    "transfer": [("unit", "Chọn một đơn vị."), ("reason", "Nhập lý do.")],
    "edit": [("content", "Nhập nội dung nhiệm vụ.")],
    "pass_down": [
        ("content", "Nhập nội dung việc cần làm."), ("people", "Chọn ít nhất một bộ phận hoặc một người."),
        ("due_phrase", NO_DAY),
    ],
}  # fmt: skip
"""What is missed in an empty submission, at its field."""


@pytest.mark.parametrize("action", MUST)
def test_an_empty_form_says_at_each_field_what_is_missing(cast, client_of, action):
    _slug, may, starts, body = ACTIONS[action]
    task = make(cast, starts[-1] if action in ("cancel", "transfer", "edit") else starts[0], action)
    entries = len(rows(task))
    empty = {"token": "x", "seen": str(task.version)} | {name: "" for name in body if name != "people"}
    if action == "contribute":
        empty["unit"] = str(cast.coordinating.id)

    answer = send(client_of(cast.everybody[sorted(may)[0]]), action, task, empty)

    assert answer.status_code == 422
    assert sorted(errors(answer)) == sorted(message for _name, message in MUST[action])
    assert "<title>Lỗi:" in answer.text
    assert len(rows(task)) == entries


@pytest.mark.parametrize("action", sorted(set(MUST) - {"reassign", "grant_extension"}))
def test_a_text_that_is_too_long_is_refused_and_kept(cast, client_of, action):
    _slug, may, starts, _body = ACTIONS[action]
    task = make(cast, starts[-1] if action in ("cancel", "transfer", "edit") else starts[0], action)
    body = good(cast, action, task)
    name = next(name for name in ("reason", "text", "content", "result") if name in body)

    answer = send(
        client_of(cast.everybody[sorted(may)[0]]), action, task, body | {name: "ệ" * 10_000}
    )

    assert answer.status_code == 422
    assert any(re.search(r"Dài quá [\d.]+ ký tự", message) for message in errors(answer))
    assert value(answer, name) == "ệ" * 10_000


@pytest.mark.parametrize(
    ("action", "name", "typed"),
    [("ask_extension", "until", "31/02/2026"), ("grant_extension", "until", "hôm nào đó"),
     ("set_due", "due_phrase", "thường xuyên"), ("set_due", "due_phrase", "32/13/2026"),
     ("pass_down", "due_phrase", "khẩn trương"), ("progress", "percent", "101"),
     ("progress", "percent", "-1"), ("progress", "percent", "nửa"), ("transfer", "unit", "999999"),
     ("reassign", "unit", "abc"),
     ("contribute", "unit", "1"), ("accept", "officer", "999999"), ("reopen", "agreed_by", "1x"),
     ("pass_down", "people", "999999"),
     ("edit", "coordinating", "1000000")],
)  # fmt: skip
def test_bad_input_is_refused_at_its_field_and_the_rest_stays(cast, client_of, action, name, typed):
    _slug, may, starts, _body = ACTIONS[action]
    task = make(cast, starts[-1] if action in ("transfer", "edit") else starts[0], action)
    entries = len(rows(task))
    who = {"accept": "head", "reopen": "tracker"}.get(action, sorted(may)[0])
    body = good(cast, action, task, **{name: typed})

    answer = send(client_of(cast.everybody[who]), action, task, body)

    assert answer.status_code == 422
    assert errors(answer)
    assert not re.search(r"\b(Not|Invalid|None|null|choice|integer)\b", words(answer))
    assert len(rows(task)) == entries
    for kept in ("reason", "text", "content", "due_phrase", "until", "percent"):
        if kept in body:
            assert value(answer, kept) == body[kept]


def test_accepting_names_an_officer_of_the_unit(cast, client_of):
    task = cast.make_task()
    page = client_of(cast.head).get(address("accept", task))

    body = good(cast, "accept", task, officer=str(cast.officer.id))
    answer = send(client_of(cast.head), "accept", task, body)

    assert cast.officer.name in words(page)
    assert cast.coordinator.name not in words(page)
    assert answer.status_code == 303
    assert (task.officer, task.state, task.accepted_on) == (cast.officer, State.IN_PROGRESS, TODAY)


def test_progress_keeps_text_percent_difficulties_and_files(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    body = good(cast, "progress", task, percent="60", difficulties="Thiếu người")
    body["papers"] = (io.BytesIO(b"%PDF-1.4\n%%EOF\n"), "bien-ban.pdf")

    client_of(cast.officer).post(address("progress", task), data=body, content_type="multipart/form-data")

    (row,) = rows(task, "progress")
    assert (task.percent, row.payload["difficulties"], row.by) == (60, "Thiếu người", cast.officer)
    assert [paper.filename for paper in row.evidence] == ["bien-ban.pdf"]
    page = words(client_of(cast.coordinator).get(f"/nhiem-vu/{task.id}"))
    assert "bien-ban.pdf" in page
    assert "Khó khăn, vướng mắc: Thiếu người" in page


def test_a_program_that_calls_itself_a_paper_is_refused_and_the_text_stays(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    body = good(cast, "progress", task)
    body["papers"] = (io.BytesIO(b"MZ\x90\x00" + b"\x00" * 100), "bao-cao.pdf")

    answer = client_of(cast.head).post(
        address("progress", task), data=body, content_type="multipart/form-data"
    )

    assert answer.status_code == 422
    assert errors(answer)
    assert value(answer, "text") == body["text"]
    assert rows(task, "progress") == []


def test_a_late_report_says_before_that_it_needs_an_explanation(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=date(2026, 3, 9))
    client = client_of(cast.head)

    page = client.get(address("report", task))
    refused = send(client, "report", task, good(cast, "report", task))
    body = good(cast, "report", task, explanation="Chờ số liệu", token="b")
    sent = send(client, "report", task, body)

    assert "Đã quá hạn 1 ngày: phải kèm giải trình lý do chậm." in words(page)
    assert "Giải trình (không bắt buộc)" not in words(page)
    assert errors(refused) == ["Báo cáo sau thời hạn phải kèm giải trình lý do chậm."]
    assert sent.status_code == 303
    assert task.reported_on == TODAY


def test_a_report_on_the_last_day_needs_no_explanation(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=TODAY)

    answer = send(client_of(cast.head), "report", task, good(cast, "report", task))

    assert answer.status_code == 303
    assert rows(task, "report")[0].payload["result"] == "12/BC-PNV ngày 10/3/2026"


def test_nobody_confirms_their_own_report(cast, client_of):
    """A leader of the lead unit's own body may report for it, but then another one confirms."""
    division = cast.make_unit(parent=cast.city)
    both = cast.make_person(unit=cast.city, role=Role.OFFICE)
    task = cast.make_task(unit=division, coordinating=[], state=State.IN_PROGRESS)
    progress.report(task, stamp=Stamp(on=TODAY), result="1/BC")
    task.reported_by = both
    db.session.commit()

    assert client_of(both).get(address("confirm", task)).status_code == 403
    assert client_of(cast.tracker).get(address("confirm", task)).status_code == 200


def test_an_extension_can_be_granted_to_another_day_and_both_deadlines_stay(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    ask_extension(cast, task)
    client = client_of(cast.chairman)
    page = client.get(address("grant_extension", task))

    body = good(cast, "grant_extension", task, until="24/3", decision="88/UBND-NV")
    send(client, "grant_extension", task, body)

    assert value(page, "until") == "27/03/2026"
    assert "Lý do: Chờ số liệu của Sở" in words(page)
    assert (task.due_on, task.original_due_on) == (date(2026, 3, 24), date(2026, 3, 20))
    shown = words(client.get(f"/nhiem-vu/{task.id}"))
    assert "Hạn gốc: 20/03/2026" in shown
    assert "Gia hạn đến 24/03/2026, quyết định ngày 10/03/2026 (88/UBND-NV)" in shown


@pytest.mark.parametrize(
    ("due_on", "until", "message"),
    [
        (date(2026, 3, 9), "27/3/2026", "Phải xin gia hạn trước khi hết thời hạn (09/03/2026)."),
        (date(2026, 3, 20), "20/3/2026", "Thời hạn mới phải sau thời hạn hiện tại (20/03/2026)."),
        (None, "27/3/2026", "Nhiệm vụ không có thời hạn nên không cần gia hạn."),
    ],
)
def test_an_extension_is_asked_in_time_and_for_a_later_day(cast, client_of, due_on, until, message):
    task = cast.make_task(state=State.IN_PROGRESS, due_on=due_on)

    answer = send(client_of(cast.head), "ask_extension", task, good(cast, "ask_extension", task, until=until))

    assert answer.status_code == 422
    assert message in words(answer)
    assert value(answer, "until") == until
    assert value(answer, "reason") == "Chờ số liệu"


@pytest.mark.parametrize("action", ["grant_extension", "refuse_extension", "reassign", "refuse_return"])
def test_there_is_no_page_to_decide_what_nobody_asked(cast, client_of, action):
    task = cast.make_task()

    answer = client_of(cast.tracker).get(address(action, task), follow_redirects=True)

    assert "Không có đề nghị nào đang chờ quyết định." in words(answer)


def test_a_deadline_is_corrected_as_people_write_it(cast, client_of):
    task = cast.make_task()

    send(client_of(cast.tracker), "set_due", task, good(cast, "set_due", task, due_phrase="trước ngày 25/6"))

    assert task.due_on == date(2026, 6, 24)


def test_no_deadline_must_be_meant(cast, client_of):
    task = cast.make_task()
    body = good(cast, "set_due", task, due_phrase="", no_deadline="y")

    answer = send(client_of(cast.tracker), "set_due", task, body)

    assert answer.status_code == 303
    assert task.due_on is None


def test_the_office_reopens_with_a_leader_and_the_history_says_with_whom(cast, client_of):
    task = make(cast, State.COMPLETED)
    body = good(cast, "reopen", task)

    refused = send(client_of(cast.tracker), "reopen", task, body | {"agreed_by": ""})
    send(client_of(cast.tracker), "reopen", task, body | {"token": "b"})

    assert errors(refused) == ["Chọn lãnh đạo đã đồng ý cho mở lại."]
    assert task.state is State.IN_PROGRESS
    assert "Trần Quốc Hùng" in rows(task, "reopen")[0].note


def test_a_leader_reopens_without_naming_one(cast, client_of):
    task = make(cast, State.COMPLETED)

    answer = send(client_of(cast.chairman), "reopen", task, good(cast, "reopen", task, agreed_by=""))

    assert answer.status_code == 303


def test_cancelling_says_what_will_happen(cast, client_of):
    page = words(client_of(cast.tracker).get(address("cancel", cast.make_task())))

    assert "không còn trong Biểu B.4 từ hôm nay" in page
    assert "Phòng Nội vụ không còn phải thực hiện và không nhận thư nhắc." in page
    assert "Không có thao tác khôi phục" in page


def test_a_correction_names_people_and_units_not_their_codes(cast, client_of):
    task = cast.make_task()
    body = good(cast, "edit", task, officer=str(cast.officer.id), coordinating=str(cast.commune.id))

    send(client_of(cast.tracker), "edit", task, body)

    assert [each.unit for each in task.coordinations] == [cast.commune]
    page = words(client_of(cast.tracker).get(f"/nhiem-vu/{task.id}"))
    assert "Phạm Thu Hà" in page
    assert "phu-an" not in page and "tai-chinh" not in page


def test_saving_what_was_not_changed_records_nothing(cast, client_of):
    task = cast.make_task(coordinating=[cast.commune, cast.coordinating])
    client = client_of(cast.tracker)
    page = client.get(address("edit", task))
    entries = len(rows(task))
    body = {
        "content": task.content, "tracker": str(cast.tracker.id), "leader": str(cast.chairman.id),
        "coordinating": checked(page, "coordinating"), "token": "x", "seen": str(task.version),
    }  # fmt: skip

    answer = send(client, "edit", task, body)

    assert answer.status_code == 303
    assert len(rows(task)) == entries


def test_a_task_is_passed_down_to_several_divisions_and_persons_at_once(cast, client_of):
    division = cast.make_unit(parent=cast.lead, name="Tổ Cải cách hành chính")
    task = cast.make_task(state=State.IN_PROGRESS)
    body = good(cast, "pass_down", task, units=str(division.id))

    answer = send(client_of(cast.head), "pass_down", task, body)

    assert answer.status_code == 303
    children = db.session.query(Task).filter_by(parent_id=task.id).order_by(Task.id).all()
    assert [(each.unit, each.officer, each.assigner) for each in children] == [
        (division, None, cast.lead), (cast.lead, cast.officer, cast.lead),
    ]  # fmt: skip
    assert {each.due_on for each in children} == {date(2026, 3, 18)}
    page = words(client_of(cast.head).get(f"/nhiem-vu/{task.id}"))
    assert "Việc đã giao trong đơn vị (2)" in page
    child = words(client_of(cast.officer).get(f"/nhiem-vu/{children[1].id}"))
    assert f"Thuộc nhiệm vụ {task.content}" in child


@pytest.mark.parametrize(("phrase", "is_late"), [("20/3/2026", False), ("21/3/2026", True), ("", True)])
def test_a_part_that_ends_after_the_whole_must_be_meant(cast, client_of, phrase, is_late):
    task = cast.make_task(due_on=date(2026, 3, 20))
    more = {"due_phrase": phrase} | ({} if phrase else {"no_deadline": "y"})
    body = good(cast, "pass_down", task, **more)
    client = client_of(cast.head)

    first = send(client, "pass_down", task, body)

    assert first.status_code == (422 if is_late else 303)
    if is_late:
        assert "Thời hạn sau thời hạn của nhiệm vụ (20/03/2026)" in " ".join(errors(first))
        assert send(client, "pass_down", task, body | {"later": "y"}).status_code == 303


def test_a_unit_passes_nothing_to_others_than_its_own(cast, client_of):
    cast.make_unit(parent=cast.lead)
    task = cast.make_task()

    answers = [
        send(client_of(cast.head), "pass_down", task, good(cast, "pass_down", task, **{name: str(id_)}))
        for name, id_ in (("units", cast.coordinating.id), ("people", cast.coordinator.id))
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert db.session.query(Task).filter_by(parent_id=task.id).count() == 0


def test_a_draft_without_a_deadline_is_not_given(cast, client_of):
    task = cast.make_task(state=State.DRAFT, due_on=None)

    answer = send(client_of(cast.tracker), "give", task, good(cast, "give", task))

    assert answer.status_code == 422
    assert "Dự thảo chưa có thời hạn" in words(answer)
    assert task.state is State.DRAFT


def test_a_conflict_shows_what_the_other_did_and_what_one_typed(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    body = good(cast, "progress", task, text="Tôi đã gửi dự thảo")
    progress.update(task, stamp=Stamp(on=TODAY, by=cast.head), text="Đơn vị đã họp")

    answer = send(client_of(cast.officer), "progress", task, body)

    page = words(answer)
    assert "Đơn vị đã họp" in page and "Nguyễn Văn Bình" in page
    assert "Nội dung của bạn" in page
    assert value(answer, "text") == "Tôi đã gửi dự thảo"


def test_a_contribution_never_conflicts(cast, client_of):
    task = cast.make_task(state=State.IN_PROGRESS)
    body = good(cast, "contribute", task)
    progress.update(task, stamp=Stamp(on=TODAY, by=cast.head), text="Đơn vị đã họp")

    assert send(client_of(cast.coordinator), "contribute", task, body).status_code == 303


@pytest.mark.parametrize("seen", ["²", "9" * 5_000, "-1", "abc", ""])
@pytest.mark.parametrize("token", ["", "a" * 10_000])
def test_an_odd_version_or_token_breaks_nothing(cast, client_of, seen, token):
    task = cast.make_task()

    answer = send(client_of(cast.head), "accept", task, {"seen": seen, "token": token})

    assert answer.status_code in (303, 422)

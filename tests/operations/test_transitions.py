"""Every transition of domain §3: from which states it starts, who may take it, where it leads."""

from datetime import date

import pytest

from tests.factories import DUE_ON, GIVEN_ON
from tracker.models.progress import History
from tracker.models.task import RequestKind, RequestState
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.rules.status import State
from tracker.rules.workflow import Action, DomainError, NotAllowed, WrongState

ON = date(2026, 3, 10)
LATER = date(2026, 4, 10)

DRAFT, NOT_STARTED, IN_PROGRESS, AWAITING, COMPLETED, CANCELLED = State


def act(action, task, cast, stamp):
    """Take one step with everything it needs, so that only state and person decide."""
    match action:
        case Action.GIVE:
            tasks.give_draft(task, stamp=stamp)
        case Action.ACCEPT:
            tasks.accept(task, stamp=stamp, officer=cast.officer)
        case Action.ASK_RETURN:
            requests.ask_return(task, stamp=stamp, reason="Không thuộc chức năng")
        case Action.REFUSE_RETURN:
            requests.refuse_return(task, stamp=stamp, reason="Đúng chức năng")
        case Action.REASSIGN:
            tasks.reassign(task, stamp=stamp, unit=cast.commune)
        case Action.PROGRESS:
            progress.update(task, stamp=stamp, text="Đã làm một nửa", percent=50)
        case Action.CONTRIBUTE:
            progress.contribute(task, stamp=stamp, unit=cast.coordinating, text="Đã góp ý")
        case Action.ASK_EXTENSION:
            requests.ask_extension(task, stamp=stamp, until=LATER, reason="Chờ số liệu")
        case Action.GRANT_EXTENSION:
            requests.grant_extension(task, stamp=stamp, decision="9/UBND-VP")
        case Action.REFUSE_EXTENSION:
            requests.refuse_extension(task, stamp=stamp, reason="Việc gấp")
        case Action.SET_DUE:
            tasks.set_due(task, stamp=stamp, due_on=LATER, reason="Nhập nhầm")
        case Action.REPORT:
            progress.report(task, stamp=stamp, result="12/BC-PNV")
        case Action.CONFIRM:
            progress.confirm(task, stamp=stamp)
        case Action.REWORK:
            progress.rework(task, stamp=stamp, reason="Thiếu phụ lục")
        case Action.REOPEN:
            progress.reopen(task, stamp=stamp, reason="Kết quả chưa đúng")
        case Action.CANCEL:
            tasks.cancel(task, stamp=stamp, reason="Không tiếp tục")
        case Action.TRANSFER:
            tasks.transfer(task, stamp=stamp, unit=cast.commune)
        case Action.EDIT:
            tasks.edit(task, stamp=stamp, content="Nội dung đã sửa")


OPEN = (NOT_STARTED, IN_PROGRESS, AWAITING)
RUNNING = (NOT_STARTED, IN_PROGRESS)
KEPT = None
TABLE = {
    Action.GIVE: ((DRAFT,), NOT_STARTED, {"chairman", "tracker"}),
    Action.ACCEPT: ((NOT_STARTED,), IN_PROGRESS, {"head"}),
    Action.ASK_RETURN: ((NOT_STARTED,), KEPT, {"head"}),
    Action.REFUSE_RETURN: (RUNNING, KEPT, {"chairman", "tracker"}),
    Action.REASSIGN: (RUNNING, NOT_STARTED, {"chairman", "tracker"}),
    Action.PROGRESS: ((IN_PROGRESS,), KEPT, {"head", "officer"}),
    Action.CONTRIBUTE: (OPEN, KEPT, {"coordinator"}),
    Action.ASK_EXTENSION: (RUNNING, KEPT, {"head"}),
    Action.GRANT_EXTENSION: (RUNNING, KEPT, {"chairman", "tracker"}),
    Action.REFUSE_EXTENSION: (RUNNING, KEPT, {"chairman", "tracker"}),
    Action.SET_DUE: (RUNNING, KEPT, {"chairman", "tracker"}),
    Action.REPORT: ((IN_PROGRESS,), AWAITING, {"head"}),
    Action.CONFIRM: ((AWAITING,), COMPLETED, {"chairman", "tracker"}),
    Action.REWORK: ((AWAITING,), IN_PROGRESS, {"chairman", "tracker"}),
    Action.REOPEN: ((COMPLETED,), IN_PROGRESS, {"chairman", "tracker"}),
    Action.CANCEL: ((DRAFT, *OPEN), CANCELLED, {"chairman", "tracker"}),
    Action.TRANSFER: ((DRAFT, *OPEN), KEPT, {"chairman", "tracker"}),
    Action.EDIT: ((DRAFT, *OPEN), KEPT, {"chairman", "tracker"}),
}
"""From which states, to which (None: kept), and by whom of the cast, as domain §3 says it."""

WAITING = {
    Action.REFUSE_RETURN: Action.ASK_RETURN, Action.REASSIGN: Action.ASK_RETURN,
    Action.GRANT_EXTENSION: Action.ASK_EXTENSION, Action.REFUSE_EXTENSION: Action.ASK_EXTENSION,
}  # fmt: skip


def a_task_for(action, state, cast, **facts):
    """Return a task in `state` in which the request waits that the action answers, where one can."""
    asking = WAITING.get(action)
    if asking is Action.ASK_RETURN and state is IN_PROGRESS:
        task = cast.make_task(state=NOT_STARTED, **facts)
        act(asking, task, cast, Stamp(on=GIVEN_ON))
        tasks.accept(task, stamp=Stamp(on=GIVEN_ON), officer=cast.officer)
        return task
    facts = {"reported_on": GIVEN_ON, "officer": cast.officer} | facts
    task = cast.make_task(state=state, **facts)
    if asking is not None and state in RUNNING:
        act(asking, task, cast, Stamp(on=GIVEN_ON))
    return task


def everything_stored(session, task):
    """Return the facts, the stretches, the requests and the history of a task, as they are stored."""
    session.expire_all()
    facts = {column.key: getattr(task, column.key) for column in task.__table__.columns}
    stretches = [
        (each.state, each.unit_id, each.due_on, each.reported_on, each.valid_from, each.valid_to)
        for each in task.periods
    ]
    asked = [(each.kind, each.state, each.until, each.granted_until) for each in task.requests]
    return facts, stretches, asked, session.query(History).count()


def test_the_table_above_knows_every_action_that_changes_a_task():
    assert set(TABLE) == set(Action) - {Action.SEE, Action.PASS_DOWN, Action.URGE}


@pytest.mark.parametrize(("action", "state"), [(a, s) for a, row in TABLE.items() for s in row[0]])
def test_an_action_leads_where_the_table_says(session, cast, action, state):
    task = a_task_for(action, state, cast)
    before = session.query(History).count()

    act(action, task, cast, Stamp(on=ON))

    assert task.state is (TABLE[action][1] or state)
    assert session.query(History).count() == before + 1


@pytest.mark.parametrize(
    ("action", "state"), [(a, s) for a, row in TABLE.items() for s in State if s not in row[0]]
)
def test_an_action_is_refused_from_any_other_state_and_changes_nothing(session, cast, action, state):
    task = a_task_for(action, state, cast)
    before = everything_stored(session, task)

    with pytest.raises(WrongState):
        act(action, task, cast, Stamp(on=ON))

    assert everything_stored(session, task) == before


@pytest.mark.both_databases
@pytest.mark.parametrize("action", TABLE)
def test_only_those_may_act_whom_the_table_names(session, cast, action):
    states, _, allowed = TABLE[action]
    state = states[0]
    task = a_task_for(action, state, cast, officer=None)
    before = everything_stored(session, task)

    for part in sorted(cast.everybody.keys() - set(allowed)):
        with pytest.raises(NotAllowed):
            act(action, task, cast, Stamp(on=ON, by=cast.everybody[part]))
        assert everything_stored(session, task) == before, part

    for part in sorted(allowed):
        task = a_task_for(action, state, cast, officer=None)
        if part == "officer" and action is Action.PROGRESS:
            tasks.edit(task, stamp=Stamp(on=GIVEN_ON), officer=cast.officer)
        act(action, task, cast, Stamp(on=ON, by=cast.everybody[part]))


def test_a_unit_never_confirms_its_own_work(cast, make_task):
    task = make_task(state=IN_PROGRESS)
    progress.report(task, stamp=Stamp(on=ON, by=cast.head), result="12/BC")

    for person in (cast.head, cast.officer):
        with pytest.raises(NotAllowed):
            progress.confirm(task, stamp=Stamp(on=ON, by=person))

    progress.confirm(task, stamp=Stamp(on=ON, by=cast.tracker))
    assert task.state is COMPLETED


@pytest.mark.both_databases
@pytest.mark.parametrize("lapsing", [Action.REPORT, Action.CANCEL, Action.TRANSFER])
def test_what_still_waits_lapses_when_the_task_is_reported_cancelled_or_moved(cast, make_task, lapsing):
    task = make_task(state=IN_PROGRESS)
    act(Action.ASK_EXTENSION, task, cast, Stamp(on=ON))

    act(lapsing, task, cast, Stamp(on=ON))

    assert [request.state for request in task.requests] == [RequestState.LAPSED]
    assert task.due_on == DUE_ON
    if lapsing is Action.TRANSFER:
        with pytest.raises(DomainError):
            act(Action.GRANT_EXTENSION, task, cast, Stamp(on=ON))


def test_a_refused_return_leaves_the_task_and_its_clock_as_they_were(cast, make_task):
    task = make_task()
    act(Action.ASK_RETURN, task, cast, Stamp(on=ON, by=cast.head))

    act(Action.REFUSE_RETURN, task, cast, Stamp(on=ON, by=cast.tracker))

    assert (task.state, task.unit, task.due_on) == (NOT_STARTED, cast.lead, DUE_ON)
    (request,) = task.requests
    assert (request.kind, request.state) == (RequestKind.RETURN, RequestState.REFUSED)


@pytest.mark.both_databases
def test_a_reassigned_task_is_not_started_in_its_new_unit(cast, make_task):
    task = make_task()
    act(Action.ASK_RETURN, task, cast, Stamp(on=ON, by=cast.head))

    act(Action.REASSIGN, task, cast, Stamp(on=ON, by=cast.tracker))

    assert (task.state, task.unit, task.due_on) == (NOT_STARTED, cast.commune, DUE_ON)
    assert (task.accepted_on, task.officer) == (None, None)


@pytest.mark.parametrize("state", [NOT_STARTED, IN_PROGRESS, AWAITING])
def test_a_transfer_keeps_state_and_deadline(cast, make_task, state):
    task = make_task(state=state, reported_on=GIVEN_ON)

    act(Action.TRANSFER, task, cast, Stamp(on=ON, by=cast.tracker))

    assert (task.state, task.unit, task.due_on) == (state, cast.commune, DUE_ON)


@pytest.mark.both_databases
@pytest.mark.parametrize("action", [Action.REWORK, Action.REOPEN])
def test_after_rework_or_reopening_the_earlier_report_no_longer_counts(cast, make_task, action):
    (state,) = TABLE[action][0]
    task = make_task(state=state, reported_on=GIVEN_ON)

    act(action, task, cast, Stamp(on=ON, by=cast.tracker))

    assert (task.state, task.reported_on, task.reported_by, task.closed_on) == (IN_PROGRESS, None, None, None)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Action.ASK_RETURN, {"reason": "  "}), (Action.ASK_EXTENSION, {"reason": "", "until": LATER}),
        (Action.SET_DUE, {"reason": "\n", "due_on": LATER}), (Action.PROGRESS, {"text": " "}),
        (Action.CANCEL, {"reason": ""}), (Action.REWORK, {"reason": ""}), (Action.REOPEN, {"reason": " "}),
    ],
)  # fmt: skip
def test_what_needs_a_reason_is_refused_without_one(session, cast, action, words):
    operations = {
        Action.ASK_RETURN: requests.ask_return, Action.ASK_EXTENSION: requests.ask_extension,
        Action.SET_DUE: tasks.set_due, Action.PROGRESS: progress.update, Action.CANCEL: tasks.cancel,
        Action.REWORK: progress.rework, Action.REOPEN: progress.reopen,
    }  # fmt: skip
    task = a_task_for(action, TABLE[action][0][0], cast)
    before = everything_stored(session, task)

    with pytest.raises(DomainError):
        operations[action](task, stamp=Stamp(on=ON), **words)

    assert everything_stored(session, task) == before

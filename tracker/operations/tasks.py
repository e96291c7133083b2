"""Tasks: giving them out, moving them, their deadlines, and calling them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import uuid4

from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.series import SeriesOccurrence
from tracker.models.task import Coordination, Request, RequestKind, RequestState, Task, TaskPeriod
from tracker.models.units import Unit
from tracker.operations.recording import (
    Stamp,
    entry,
    open_task,
    optional_text,
    record,
    require_may,
    required_text,
)
from tracker.rules.status import State
from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import Action, Incomplete, NothingPending, UnitEnded, state_after


@dataclass(frozen=True)
class Order:
    """What one unit is asked to do. `due_on=None` means “không thời hạn”, and must be meant."""

    unit: Unit
    content: str
    due_on: date | None
    item: str | None = None
    due_phrase: str | None = None
    due_time: time | None = None
    coordinating: Sequence[Unit] = ()
    officer: User | None = None
    tracker: User | None = None
    leader: User | None = None
    product: str | None = None
    parent: Task | None = None
    key: str | None = None
    occurrence: SeriesOccurrence | None = None
    """The turn of a series that this task is (`operations.series`)."""


def give(directive: Directive, orders: Sequence[Order], *, stamp: Stamp, draft: bool = False) -> list[Task]:
    """Give tasks of a directive to units, all in one transaction; with `draft`, only lay them out.

    An order with a `parent` passes part of a task down: its assigner is the parent's lead unit.
    """
    with entry(stamp):
        given = []
        for part, order in enumerate(orders):
            task = _lay_out(directive, order, stamp)
            require_may(task, Action.GIVE, stamp)
            if draft:
                record(
                    "draft",
                    stamp,
                    _payload(task),
                    part=part,
                    task=task,
                    directive=directive,
                    to_state=State.DRAFT,
                )
            else:
                task.given_on = stamp.on
                payload = _payload(task) | _turn(order.occurrence)
                take_step(task, Action.GIVE, stamp, payload, part=part, note=task.content)
            given.append(task)
    return given


def give_draft(task: Task, *, stamp: Stamp) -> None:
    """Give out a task that was laid out as a draft; its content is what the draft says now."""
    with entry(stamp):
        open_task(task, Action.GIVE, stamp)
        _require_unit(task.unit, stamp.on)
        task.given_on = stamp.on
        task.original_due_on = task.due_on
        take_step(task, Action.GIVE, stamp, _payload(task), note=task.content)


def _lay_out(directive: Directive, order: Order, stamp: Stamp) -> Task:
    if order.parent is not None and stamp.by is not None:
        open_task(order.parent, Action.PASS_DOWN, stamp)
    _require_unit(order.unit, stamp.on)
    task = Task(
        key=order.key or f"nv-{uuid4().hex[:12]}",
        directive=directive,
        item=optional_text(order.item),
        content=required_text(order.content, N_("Nhập nội dung nhiệm vụ.")),
        product=optional_text(order.product),
        assigner=order.parent.unit if order.parent else directive.issuer,
        unit=order.unit,
        officer=order.officer,
        tracker=order.tracker,
        leader=order.leader,
        parent=order.parent,
        state=State.DRAFT,
        due_on=order.due_on,
        original_due_on=order.due_on,
        due_phrase=optional_text(order.due_phrase),
        due_time=order.due_time,
        percent=0,
        version=1,
    )
    task.coordinations = [
        Coordination(unit=unit, position=position)
        for position, unit in enumerate(dict.fromkeys(order.coordinating))
        if unit is not order.unit
    ]
    task.search_text = fold(f"{task.content} {task.product or ''} {directive.number or ''}")
    db.session.add(task)
    if order.occurrence is not None:
        order.occurrence.task = task
    return task


def _require_unit(unit: Unit, day: date) -> None:
    if not unit.exists_on(day):
        raise UnitEnded(N_("%(unit)s không còn hoạt động vào ngày này."), unit=unit.name)


def _payload(task: Task) -> dict[str, Any]:
    return {
        "task": task.key,
        "directive": task.directive.key,
        "unit": task.unit.code,
        "content": task.content,
        "item": task.item,
        "due": task.due_on.isoformat() if task.due_on else None,
        "due_phrase": task.due_phrase,
        "due_time": task.due_time.strftime("%H:%M") if task.due_time else None,
        "coordinating": [each.unit.code for each in task.coordinations],
        "officer": task.officer.login if task.officer else None,
        "tracker": task.tracker.login if task.tracker else None,
        "leader": task.leader.login if task.leader else None,
        "product": task.product,
        "parent": task.parent.key if task.parent else None,
    }


def _turn(occurrence: SeriesOccurrence | None) -> dict[str, Any]:
    if occurrence is None:
        return {}
    return {"series": occurrence.series.key, "occurrence": occurrence.day.isoformat()}


def take_step(
    task: Task,
    action: Action,
    stamp: Stamp,
    payload: dict[str, Any],
    *,
    part: int = 0,
    note: str | None = None,
    changes: list[list[Any]] | None = None,
    do: str | None = None,
) -> History:
    """Take one step of the workflow: the new state, the stretch of days of the new facts, the history row.

    The caller has opened the transaction, checked the rules and changed the other facts of the task.
    """
    before = task.state
    task.state = state_after(action, before)
    task.version += 1
    task.last_event_on = stamp.on
    if note is not None and action is not Action.GIVE:
        task.last_word = note
    _keep_period(task, stamp.on)
    return record(
        do or action.value,
        stamp,
        payload,
        part=part,
        note=note,
        changes=changes,
        task=task,
        directive=task.directive,
        from_state=before,
        to_state=task.state,
    )


def _keep_period(task: Task, day: date) -> None:
    """Close the stretch of days of the old facts and open one for the new, from the start of `day`.

    Several events of one day leave one stretch: the facts at the end of the day (domain §4).
    """
    if task.state is State.DRAFT:
        return
    current = task.periods[-1] if task.periods else None
    facts = (task.assigner, task.unit, task.state, task.due_on, task.reported_on)
    if current is not None:
        if facts == (current.assigner, current.unit, current.state, current.due_on, current.reported_on):
            return
        if current.valid_from >= day:
            current.assigner, current.unit, current.state, current.due_on, current.reported_on = facts
            return
        current.valid_to = day
    elif task.given_on is None:
        return
    task.periods.append(
        TaskPeriod(
            assigner=task.assigner,
            unit=task.unit,
            state=task.state,
            due_on=task.due_on,
            reported_on=task.reported_on,
            valid_from=day,
            directive=task.directive,
            leader=task.leader,
            given_on=task.given_on,
        )
    )


def pending(task: Task, kind: RequestKind) -> Request | None:
    """Return the request of this kind that waits for a decision, None when there is none."""
    waiting = (each for each in task.requests if each.kind is kind and each.state is RequestState.PENDING)
    return next(waiting, None)


def lapse_requests(task: Task, stamp: Stamp) -> None:
    """Let what still waits lapse: the task was reported, cancelled or moved (domain §3)."""
    for each in task.requests:
        if each.state is RequestState.PENDING:
            each.state = RequestState.LAPSED
            each.decided_on = stamp.on


def accept(task: Task, *, stamp: Stamp, officer: User | None = None) -> None:
    """Accept a task for its lead unit, naming an officer where there is one."""
    with entry(stamp):
        open_task(task, Action.ACCEPT, stamp)
        task.officer = officer or task.officer
        task.accepted_on = stamp.on
        payload = {"task": task.key, "officer": officer.login if officer else None}
        take_step(task, Action.ACCEPT, stamp, payload)


def edit(task: Task, *, stamp: Stamp, coordinating: Sequence[Unit] | None = None, **values: Any) -> None:
    """Correct what was entered of a task: content, item, product, officer, tracker, leader, coordinating.

    Of a draft also unit, due_on, due_phrase and due_time; of a given task these have operations of their own.
    """
    with entry(stamp):
        open_task(task, Action.EDIT, stamp)
        if task.state is not State.DRAFT and values.keys() & {"unit", "due_on", "due_phrase", "due_time"}:
            raise Incomplete(N_("Nhiệm vụ đã giao: sửa thời hạn hoặc chuyển đơn vị bằng thao tác riêng."))
        changes: list[list[Any]] = []
        for key, value in values.items():
            value = nfc(value).strip() or None if isinstance(value, str) else value
            if (old := getattr(task, key)) != value:
                changes.append([key, _plain(old), _plain(value)])
                setattr(task, key, value)
        if "leader" in values:
            for stretch in task.periods:
                stretch.leader = task.leader
        if coordinating is not None:
            wanted = [unit for unit in dict.fromkeys(coordinating) if unit is not task.unit]
            old_units = [each.unit for each in task.coordinations]
            if wanted != old_units:
                db.session.flush()  # of a history being loaded they may not be stored yet
                for each in list(task.coordinations):
                    db.session.delete(each)
                db.session.flush()
                db.session.expire(task, ["coordinations"])
                task.coordinations = [Coordination(unit=u, position=i) for i, u in enumerate(wanted)]
                changes.append(["coordinating", [u.code for u in old_units], [u.code for u in wanted]])
        if not changes:
            return
        if not task.content:
            raise Incomplete(N_("Nhập nội dung nhiệm vụ."))
        task.search_text = fold(f"{task.content} {task.product or ''} {task.directive.number or ''}")
        payload = {"what": "task", "key": task.key, "set": {k: v for k, _, v in changes}}
        take_step(task, Action.EDIT, stamp, payload, changes=changes, do="correct")


def _plain(value: Any) -> Any:
    match value:
        case User():
            return value.login
        case Unit():
            return value.code
        case date() | time():
            return value.isoformat()
    return value


def reassign(task: Task, *, stamp: Stamp, unit: Unit, reason: str | None = None) -> None:
    """Grant a return: give the task to another unit, which finds it not started; the deadline stands."""
    with entry(stamp):
        open_task(task, Action.REASSIGN, stamp)
        request = pending(task, RequestKind.RETURN)
        if request is None:
            raise NothingPending(N_("Không có đề nghị trả lại nào đang chờ quyết định."))
        request.state, request.decided_on, request.decided_by = RequestState.GRANTED, stamp.on, stamp.by
        request.decision_reason = optional_text(reason)
        task.accepted_on = None
        _move(task, unit, stamp, Action.REASSIGN, reason)


def transfer(task: Task, *, stamp: Stamp, unit: Unit, reason: str | None = None) -> None:
    """Move a task that is not completed to another unit; its state and its deadline are kept."""
    with entry(stamp):
        open_task(task, Action.TRANSFER, stamp)
        _move(task, unit, stamp, Action.TRANSFER, reason)


def inherit(task: Task, successor: Unit, *, stamp: Stamp, part: int) -> None:
    """Hand a task of a unit that ends to its successor, within the transaction that ends the unit."""
    _move(task, successor, stamp, Action.TRANSFER, None, part=part, do="inherit")


def _move(
    task: Task,
    unit: Unit,
    stamp: Stamp,
    action: Action,
    reason: str | None,
    *,
    part: int = 0,
    do: str | None = None,
) -> None:
    _require_unit(unit, stamp.on)
    old = task.unit
    task.unit = unit
    if task.officer is not None and not any(held.unit is unit for held in task.officer.held_roles):
        task.officer = None
    lapse_requests(task, stamp)
    payload = {"task": task.key, "unit": unit.code, "reason": optional_text(reason)}
    take_step(
        task,
        action,
        stamp,
        payload,
        part=part,
        do=do,
        note=optional_text(reason),
        changes=[["unit", old.name, unit.name]],
    )


def set_due(task: Task, *, stamp: Stamp, due_on: date | None, reason: str) -> None:
    """Correct the deadline in force (None: “không thời hạn”); the original one stays on record."""
    with entry(stamp):
        open_task(task, Action.SET_DUE, stamp)
        reason = required_text(reason, N_("Nhập lý do sửa thời hạn."))
        old, task.due_on = task.due_on, due_on
        payload = {"task": task.key, "due": due_on.isoformat() if due_on else None, "reason": reason}
        take_step(
            task,
            Action.SET_DUE,
            stamp,
            payload,
            note=reason,
            changes=[["due_on", _plain(old), _plain(due_on)]],
        )


def cancel(task: Task, *, stamp: Stamp, reason: str, evaluation: str | None = None) -> None:
    """Call an open task back (thu hồi, không tiếp tục): it leaves B.4 from that day on."""
    with entry(stamp):
        open_task(task, Action.CANCEL, stamp)
        reason = required_text(reason, N_("Nhập lý do thu hồi hoặc số văn bản thay thế."))
        task.closed_on = stamp.on
        lapse_requests(task, stamp)
        payload = {"task": task.key, "reason": reason, "evaluation": optional_text(evaluation)}
        take_step(task, Action.CANCEL, stamp, payload, note=reason)

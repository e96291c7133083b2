"""Requests of a unit to those who gave a task: to return it, or to extend its deadline."""

from __future__ import annotations

from datetime import date

from tracker.models.task import Request, RequestKind, RequestState, Task
from tracker.operations.recording import Stamp, entry, open_task, optional_text, required_text
from tracker.operations.tasks import pending, take_step
from tracker.queries.settings import all_settings
from tracker.rules.words import N_
from tracker.rules.workflow import Action, AlreadyPending, NothingPending, require_extension_may_be_asked


def ask_return(task: Task, *, stamp: Stamp, reason: str) -> None:
    """Ask to give a task back, before accepting it; it counts as not started and its clock runs on."""
    with entry(stamp):
        open_task(task, Action.ASK_RETURN, stamp)
        if pending(task, RequestKind.RETURN):
            raise AlreadyPending(N_("Đã có một đề nghị trả lại đang chờ quyết định."))
        reason = required_text(reason, N_("Nhập lý do trả lại nhiệm vụ."))
        task.requests.append(
            Request(
                kind=RequestKind.RETURN,
                asked_on=stamp.on,
                asked_by=stamp.by,
                reason=reason,
                state=RequestState.PENDING,
            )
        )
        take_step(task, Action.ASK_RETURN, stamp, {"task": task.key, "reason": reason}, note=reason)


def refuse_return(task: Task, *, stamp: Stamp, reason: str | None = None) -> None:
    """Refuse a return: the task stays where it is."""
    with entry(stamp):
        open_task(task, Action.REFUSE_RETURN, stamp)
        request = _waiting(task, RequestKind.RETURN)
        _decide(request, RequestState.REFUSED, stamp, reason)
        payload = {"task": task.key, "reason": optional_text(reason)}
        take_step(task, Action.REFUSE_RETURN, stamp, payload, note=optional_text(reason))


def ask_extension(task: Task, *, stamp: Stamp, until: date, reason: str) -> None:
    """Ask for a later deadline, before the present one has passed, at most as often as the settings allow."""
    with entry(stamp):
        open_task(task, Action.ASK_EXTENSION, stamp)
        reason = required_text(reason, N_("Nhập lý do xin gia hạn."))
        settings = all_settings()
        granted = sum(
            each.kind is RequestKind.EXTENSION and each.state is RequestState.GRANTED
            for each in task.requests
        )
        require_extension_may_be_asked(
            due_on=task.due_on,
            until=until,
            on=stamp.on,
            granted=granted,
            pending=pending(task, RequestKind.EXTENSION) is not None,
            most=settings["max_extensions"],
            notice_days=settings["extension_notice_days"],
        )
        task.requests.append(
            Request(
                kind=RequestKind.EXTENSION,
                asked_on=stamp.on,
                asked_by=stamp.by,
                reason=reason,
                until=until,
                state=RequestState.PENDING,
            )
        )
        payload = {"task": task.key, "until": until.isoformat(), "reason": reason}
        take_step(task, Action.ASK_EXTENSION, stamp, payload, note=reason)


def grant_extension(
    task: Task,
    *,
    stamp: Stamp,
    until: date | None = None,
    decision: str | None = None,
    reason: str | None = None,
) -> None:
    """Grant an extension, until the day asked for or another; the original deadline stays on record."""
    with entry(stamp):
        open_task(task, Action.GRANT_EXTENSION, stamp)
        request = _waiting(task, RequestKind.EXTENSION)
        granted_until = until or request.until
        assert granted_until is not None
        request.granted_until = granted_until
        request.decision = optional_text(decision)
        _decide(request, RequestState.GRANTED, stamp, reason)
        old, task.due_on = task.due_on, granted_until
        payload = {
            "task": task.key,
            "until": until.isoformat() if until else None,
            "decision": request.decision,
            "reason": request.decision_reason,
        }
        changes = [["due_on", old.isoformat() if old else None, granted_until.isoformat()]]
        take_step(task, Action.GRANT_EXTENSION, stamp, payload, note=request.decision_reason, changes=changes)


def refuse_extension(
    task: Task, *, stamp: Stamp, decision: str | None = None, reason: str | None = None
) -> None:
    """Refuse an extension: nothing changes."""
    with entry(stamp):
        open_task(task, Action.REFUSE_EXTENSION, stamp)
        request = _waiting(task, RequestKind.EXTENSION)
        request.decision = optional_text(decision)
        _decide(request, RequestState.REFUSED, stamp, reason)
        payload = {"task": task.key, "decision": request.decision, "reason": request.decision_reason}
        take_step(task, Action.REFUSE_EXTENSION, stamp, payload, note=request.decision_reason)


def _waiting(task: Task, kind: RequestKind) -> Request:
    request = pending(task, kind)
    if request is None:
        raise NothingPending(
            N_("Không có đề nghị gia hạn nào đang chờ quyết định.") if kind is RequestKind.EXTENSION
            else N_("Không có đề nghị trả lại nào đang chờ quyết định.")
        )  # fmt: skip
    return request


def _decide(request: Request, state: RequestState, stamp: Stamp, reason: str | None) -> None:
    request.state = state
    request.decided_on = stamp.on
    request.decided_by = stamp.by
    request.decision_reason = optional_text(reason)

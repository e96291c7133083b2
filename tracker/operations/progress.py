"""Progress: what units tell of a task, its completion report, and what those who gave it answer."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.models.directive import Attachment
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations.recording import Stamp, entry, open_task, optional_text, required_text
from tracker.operations.tasks import lapse_requests, take_step
from tracker.rules.words import N_
from tracker.rules.workflow import Action, Incomplete, NotAllowed, require_report_complete


def update(
    task: Task,
    *,
    stamp: Stamp,
    text: str,
    percent: int | None = None,
    difficulties: str | None = None,
    evidence: Sequence[Attachment] = (),
) -> History:
    """Tell how far a task has come; `percent` is 0 to 100, None leaves it as it was."""
    with entry(stamp):
        open_task(task, Action.PROGRESS, stamp)
        text = required_text(text, N_("Nhập nội dung cập nhật tiến độ."))
        if percent is not None and not 0 <= percent <= 100:
            raise Incomplete(N_("Tỷ lệ hoàn thành phải từ 0 đến 100."))
        changes = None
        if percent is not None and percent != task.percent:
            changes = [["percent", task.percent, percent]]
            task.percent = percent
        payload = {
            "task": task.key,
            "text": text,
            "percent": percent,
            "difficulties": optional_text(difficulties),
        }
        row = take_step(task, Action.PROGRESS, stamp, payload, note=text, changes=changes)
        row.evidence.extend(evidence)
    return row


def contribute(
    task: Task, *, stamp: Stamp, unit: Unit, text: str, evidence: Sequence[Attachment] = ()
) -> History:
    """Add the contribution of a coordinating unit."""
    with entry(stamp):
        open_task(task, Action.CONTRIBUTE, stamp)
        text = required_text(text, N_("Nhập nội dung phối hợp."))
        if all(each.unit is not unit for each in task.coordinations):
            raise NotAllowed(N_("%(unit)s không phải đơn vị phối hợp của nhiệm vụ này."), unit=unit.name)
        payload = {"task": task.key, "unit": unit.code, "text": text}
        row = take_step(task, Action.CONTRIBUTE, stamp, payload, note=text)
        row.unit = unit
        row.evidence.extend(evidence)
    return row


def report(
    task: Task,
    *,
    stamp: Stamp,
    result: str | None = None,
    text: str | None = None,
    explanation: str | None = None,
    evidence: Sequence[Attachment] = (),
) -> History:
    """Report completion: the day is frozen and decides on time or late; requests that wait lapse.

    `result` is the result document (number, date); `explanation` (giải trình) is required after the deadline.
    """
    with entry(stamp):
        open_task(task, Action.REPORT, stamp)
        explanation = optional_text(explanation)
        require_report_complete(due_on=task.due_on, on=stamp.on, explanation=explanation)
        task.reported_on = stamp.on
        task.reported_by = stamp.by
        task.result = optional_text(result)
        lapse_requests(task, stamp)
        payload = {
            "task": task.key,
            "result": task.result,
            "text": optional_text(text),
            "explanation": explanation,
        }
        row = take_step(
            task, Action.REPORT, stamp, payload, note=optional_text(text) or explanation or task.result
        )
        row.evidence.extend(evidence)
    return row


def confirm(task: Task, *, stamp: Stamp, evaluation: str | None = None) -> None:
    """Confirm a completion; on time or late stays as it was on the day of the report."""
    with entry(stamp):
        open_task(task, Action.CONFIRM, stamp)
        task.closed_on = stamp.on
        payload = {"task": task.key, "evaluation": optional_text(evaluation)}
        take_step(task, Action.CONFIRM, stamp, payload, note=optional_text(evaluation))


def rework(task: Task, *, stamp: Stamp, reason: str, evaluation: str | None = None) -> None:
    """Ask for rework: the report no longer counts, and the task is in progress again."""
    with entry(stamp):
        open_task(task, Action.REWORK, stamp)
        _take_back_report(task, Action.REWORK, stamp, reason, evaluation)


def reopen(task: Task, *, stamp: Stamp, reason: str, evaluation: str | None = None) -> None:
    """Open a completed task again; its report no longer counts."""
    with entry(stamp):
        open_task(task, Action.REOPEN, stamp)
        _take_back_report(task, Action.REOPEN, stamp, reason, evaluation)


def _take_back_report(task: Task, action: Action, stamp: Stamp, reason: str, evaluation: str | None) -> None:
    reason = required_text(reason, N_("Nhập lý do."))
    task.reported_on = None
    task.reported_by = None
    task.closed_on = None
    payload = {"task": task.key, "reason": reason, "evaluation": optional_text(evaluation)}
    take_step(task, action, stamp, payload, note=reason)

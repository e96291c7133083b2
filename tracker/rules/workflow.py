"""The transition table of a task (domain §3): from which states an action starts, and where it leads.

Who may do it stands in `permissions.py`; both are asked by each operation before it changes anything.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from tracker.rules.status import OPEN_STATES, RUNNING_STATES, State
from tracker.rules.words import N_


class Action(StrEnum):
    """What may be done to a task; most are also the `do` of a line of the history file."""

    SEE = "see"
    GIVE = "give"
    EDIT = "edit"
    PASS_DOWN = "pass_down"  # noqa: S105
    ACCEPT = "accept"
    ASK_RETURN = "ask_return"
    REFUSE_RETURN = "refuse_return"
    REASSIGN = "reassign"
    PROGRESS = "progress"
    CONTRIBUTE = "contribute"
    ASK_EXTENSION = "ask_extension"
    GRANT_EXTENSION = "grant_extension"
    REFUSE_EXTENSION = "refuse_extension"
    SET_DUE = "set_due"
    REPORT = "report"
    CONFIRM = "confirm"
    REWORK = "rework"
    REOPEN = "reopen"
    CANCEL = "cancel"
    TRANSFER = "transfer"
    URGE = "urge"


STARTS_FROM: dict[Action, tuple[State, ...]] = {
    Action.GIVE: (State.DRAFT,),
    Action.EDIT: (State.DRAFT, *OPEN_STATES),
    Action.PASS_DOWN: OPEN_STATES,
    Action.ACCEPT: (State.NOT_STARTED,),
    Action.ASK_RETURN: (State.NOT_STARTED,),
    Action.REFUSE_RETURN: RUNNING_STATES,
    Action.REASSIGN: RUNNING_STATES,
    Action.PROGRESS: (State.IN_PROGRESS,),
    Action.CONTRIBUTE: OPEN_STATES,
    Action.ASK_EXTENSION: RUNNING_STATES,
    Action.GRANT_EXTENSION: RUNNING_STATES,
    Action.REFUSE_EXTENSION: RUNNING_STATES,
    Action.SET_DUE: RUNNING_STATES,
    Action.REPORT: (State.IN_PROGRESS,),
    Action.CONFIRM: (State.AWAITING_CONFIRMATION,),
    Action.REWORK: (State.AWAITING_CONFIRMATION,),
    Action.REOPEN: (State.COMPLETED,),
    Action.CANCEL: (State.DRAFT, *OPEN_STATES),
    Action.TRANSFER: (State.DRAFT, *OPEN_STATES),
    Action.URGE: RUNNING_STATES,
}

LEADS_TO: dict[Action, State] = {
    Action.GIVE: State.NOT_STARTED,
    Action.ACCEPT: State.IN_PROGRESS,
    Action.REASSIGN: State.NOT_STARTED,
    Action.REPORT: State.AWAITING_CONFIRMATION,
    Action.CONFIRM: State.COMPLETED,
    Action.REWORK: State.IN_PROGRESS,
    Action.REOPEN: State.IN_PROGRESS,
    Action.CANCEL: State.CANCELLED,
}
"""Actions that are not named here leave the state as it is."""


class DomainError(Exception):
    """A refusal with a sentence for the person who asked: a msgid and the values that go into it."""

    def __init__(self, message: str, **values: Any) -> None:
        self.message = message
        self.values = values
        super().__init__(message % values if values else message)


class NotAllowed(DomainError):
    """The person's roles do not reach this action on this object."""


class WrongState(DomainError):
    """The task is not in a state from which the action starts."""


class Incomplete(DomainError):
    """Something that the action needs was not given."""


class TooLate(DomainError):
    """The action had to be done before the deadline."""


class NothingPending(DomainError):
    """There is no request to decide."""


class AlreadyPending(DomainError):
    """The same request waits for a decision already."""


class LimitReached(DomainError):
    """The task has had as many extensions as the settings allow."""


class UnitEnded(DomainError):
    """The unit does not exist on that day."""


_REFUSALS = {
    Action.ACCEPT: N_("Chỉ tiếp nhận được nhiệm vụ chưa thực hiện."),
    Action.ASK_RETURN: N_("Chỉ trả lại được nhiệm vụ chưa tiếp nhận."),
    Action.PROGRESS: N_("Chỉ cập nhật tiến độ khi nhiệm vụ đang thực hiện. Hãy tiếp nhận nhiệm vụ trước."),
    Action.REPORT: N_("Chỉ báo cáo hoàn thành khi nhiệm vụ đang thực hiện."),
    Action.CONFIRM: N_("Chỉ xác nhận được nhiệm vụ đang chờ xác nhận."),
    Action.REWORK: N_("Chỉ yêu cầu làm lại khi nhiệm vụ đang chờ xác nhận."),
    Action.REOPEN: N_("Chỉ mở lại được nhiệm vụ đã hoàn thành."),
    Action.CANCEL: N_("Nhiệm vụ đã kết thúc, không thể thu hồi."),
    Action.ASK_EXTENSION: N_("Chỉ xin gia hạn khi nhiệm vụ chưa báo cáo hoàn thành."),
    Action.URGE: N_("Chỉ đôn đốc khi nhiệm vụ chưa báo cáo hoàn thành."),
    Action.SET_DUE: N_("Chỉ sửa thời hạn khi nhiệm vụ chưa thực hiện hoặc đang thực hiện."),
}
_REFUSAL = N_("Trạng thái hiện tại của nhiệm vụ không cho phép thao tác này.")


def may_start(action: Action, state: State) -> bool:
    """Return whether the action starts from this state."""
    return action not in STARTS_FROM or state in STARTS_FROM[action]


def require_state(action: Action, state: State) -> None:
    """Raise `WrongState` when the action does not start from this state."""
    if not may_start(action, state):
        raise WrongState(_REFUSALS.get(action, _REFUSAL))


def state_after(action: Action, state: State) -> State:
    """Return the state that the action leads to from `state`."""
    return LEADS_TO.get(action, state)


def require_extension_may_be_asked(
    *, due_on: date | None, until: date, on: date, granted: int, pending: bool, most: int, notice_days: int
) -> None:
    """Check the rules of asking for an extension: before the deadline, later than it, not once too often.

    `most` (extensions granted to one task) and `notice_days` (days before the deadline by which one must
    ask; 0 allows the deadline day itself) are settings [D].
    """
    if due_on is None:
        raise Incomplete(N_("Nhiệm vụ không có thời hạn nên không cần gia hạn."))
    if pending:
        raise AlreadyPending(N_("Đã có một đề nghị gia hạn đang chờ quyết định."))
    if granted >= most:
        raise LimitReached(
            N_("Nhiệm vụ đã được gia hạn %(times)s lần, không gia hạn thêm được."), times=granted
        )
    if on > due_on - timedelta(days=notice_days):
        raise TooLate(
            N_("Phải xin gia hạn trước khi hết thời hạn (%(due)s)."), due=due_on.strftime("%d/%m/%Y")
        )
    if until <= due_on:
        raise Incomplete(
            N_("Thời hạn mới phải sau thời hạn hiện tại (%(due)s)."), due=due_on.strftime("%d/%m/%Y")
        )


def require_report_complete(*, due_on: date | None, on: date, explanation: str | None) -> None:
    """A report after the deadline needs an explanation (giải trình)."""
    if due_on is not None and on > due_on and not explanation:
        raise Incomplete(
            N_("Báo cáo sau thời hạn %(due)s phải kèm giải trình lý do chậm."),
            due=due_on.strftime("%d/%m/%Y"),
        )

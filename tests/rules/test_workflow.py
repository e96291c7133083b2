"""The transition table and the refusals, without a database."""

from datetime import date, timedelta

import pytest

from tracker.rules.status import State
from tracker.rules.workflow import (
    LEADS_TO,
    STARTS_FROM,
    Action,
    DomainError,
    Incomplete,
    WrongState,
    may_start,
    require_extension_may_be_asked,
    require_report_complete,
    require_state,
    state_after,
)

DUE = date(2026, 6, 24)
DAY = timedelta(days=1)


def test_every_state_but_the_cancelled_one_has_a_way_on():
    ways = {state: [action for action in Action if may_start(action, state)] for state in State}

    assert all(
        any(state_after(action, state) is not state for action in ways[state])
        for state in State if state is not State.CANCELLED
    )  # fmt: skip
    assert {state_after(action, State.CANCELLED) for action in ways[State.CANCELLED]} == {State.CANCELLED}


def test_a_completed_task_can_only_be_opened_again():
    assert [action for action, states in STARTS_FROM.items() if State.COMPLETED in states] == [Action.REOPEN]


def test_every_action_that_leads_somewhere_says_from_where():
    assert LEADS_TO.keys() <= STARTS_FROM.keys()


@pytest.mark.parametrize(
    ("action", "state"), [(a, s) for a in STARTS_FROM for s in State if s not in STARTS_FROM[a]]
)
def test_a_refusal_is_a_sentence(action, state):
    with pytest.raises(WrongState) as refusal:
        require_state(action, state)

    assert str(refusal.value).endswith(".")
    assert str(refusal.value)[0].isupper()


def test_a_refusal_carries_its_sentence_and_its_values_apart():
    refusal = DomainError("Thời hạn là %(due)s.", due="24/06/2026")

    assert (refusal.message, refusal.values) == ("Thời hạn là %(due)s.", {"due": "24/06/2026"})
    assert str(refusal) == "Thời hạn là 24/06/2026."


def test_a_percent_sign_in_a_sentence_without_values_is_no_placeholder():
    assert str(DomainError("Tỷ lệ từ 0% đến 100%.")) == "Tỷ lệ từ 0% đến 100%."


@pytest.mark.parametrize(("on", "needs"), [(DUE - DAY, False), (DUE, False), (DUE + DAY, True)])
def test_only_a_report_after_the_deadline_needs_an_explanation(on, needs):
    if not needs:
        require_report_complete(due_on=DUE, on=on, explanation=None)
        return

    with pytest.raises(Incomplete, match="24/06/2026"):
        require_report_complete(due_on=DUE, on=on, explanation=None)
    require_report_complete(due_on=DUE, on=on, explanation="Mưa lũ")
    require_report_complete(due_on=None, on=on, explanation=None)


def ask(**facts):
    asked = {
        "due_on": DUE, "until": DUE + DAY, "on": DUE, "granted": 0, "pending": False, "most": 1,
        "notice_days": 0,
    }  # fmt: skip
    require_extension_may_be_asked(**asked | facts)


@pytest.mark.parametrize(
    "facts",
    [
        {"on": DUE + DAY}, {"until": DUE}, {"until": DUE - DAY}, {"granted": 1}, {"pending": True},
        {"due_on": None}, {"most": 0}, {"notice_days": 1}, {"notice_days": 3, "on": DUE - 2 * DAY},
    ],
)  # fmt: skip
def test_an_extension_that_breaks_one_rule_is_refused(facts):
    ask()

    with pytest.raises(DomainError):
        ask(**facts)

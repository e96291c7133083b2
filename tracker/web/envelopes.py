"""The status reply to a paper of the document exchange: where the paper stands, and the file."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from tracker.files.edxml_reply import STATUS_WORDS, Asked, Reply, Status, as_edxml, standing
from tracker.language import gettext as _
from tracker.models.intake import SENT_BACK, DraftState, IntakeDraft
from tracker.queries.intake import course_of


class Answer(NamedTuple):
    """What may be answered to the sender of an envelope, and where the paper stands."""

    draft_id: int
    asked: Asked
    status: Status
    words: str
    description: str
    is_possible: bool
    """Whether the unit that answers has an identifier of its own on the exchange."""


def answer_to(row: IntakeDraft, *, day: date) -> Answer | None:
    """Return what may be answered of a paper today; None where nobody waits for an answer.

    A paper that is still being read has arrived; one that was put away without a word to the sender gets no
    answer; of a directive its tasks say how far it is.
    """
    if row.envelope is None:
        return None
    told = dict(row.envelope)
    description = told.pop(SENT_BACK, "")
    if row.state is DraftState.OPEN:
        status = Status.ARRIVED
    elif row.directive_id is not None:
        course = course_of(row.directive_id, day=day)
        status = standing(course.states, recurs=course.recurs)
        if status is Status.REFUSED:
            description = _("Các nhiệm vụ của văn bản đã được thu hồi, không tiếp tục thực hiện.")
    elif description:
        status = Status.REFUSED
    else:
        return None
    words = _(STATUS_WORDS[status])
    return Answer(row.id, Asked(**told), status, words, description or words, bool(row.unit.org_code))


def reply_file(row: IntakeDraft, answer: Answer, *, at: datetime) -> bytes:
    """Return the status reply as an edXML file, as of the moment `at`."""
    return as_edxml(
        Reply(
            answer.asked, by_organ_id=row.unit.org_code or "", by_name=row.unit.name, status=answer.status,
            at=at, description=answer.description, staff=row.changed_by.name,
        )
    )  # fmt: skip

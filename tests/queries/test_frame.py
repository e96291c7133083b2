"""Who asks for a page, the settings and what they are told, by one statement."""

from datetime import UTC, datetime

import pytest

from tests.counting import statements
from tracker.models.calendar import Setting
from tracker.models.export import Export, ExportState
from tracker.models.mail import Enclosure, MailState, OutgoingMail
from tracker.models.people import HeldRole, Role
from tracker.queries.frame import Told, frame_of
from tracker.queries.settings import all_settings

pytestmark = pytest.mark.both_databases

AT = datetime(2026, 4, 13, 2, tzinfo=UTC)


def mail_to(user, number, state):
    return OutgoingMail(
        key=f"thu-{number}", kind="digest", user_id=user.id, address="a@donvi.example", subject="Thư nhắc",
        text="", html="", message_id=f"<{number}@donvi.example>", state=state, queued_at=AT,
    )  # fmt: skip


def file_of(user, number, **facts):
    return Export(
        key=f"tep-{number}", user_id=user.id, asked={"what": "b4"}, form="csv", title="B.4", asked_at=AT,
        **{"state": ExportState.READY, **facts},
    )  # fmt: skip


def test_a_person_comes_with_unit_roles_settings_and_what_they_are_told_by_one_statement(session, cast):
    user = cast.tracker
    file = Enclosure(filename="b4.csv", media_type="text/csv", content=b"x")
    session.add_all([file, HeldRole(user=user, unit=cast.lead, role=Role.INSPECTOR, valid_from=AT.date())])
    session.flush()
    session.add_all([
        mail_to(user, 1, MailState.FAILED), mail_to(cast.head, 2, MailState.SENT),
        file_of(user, 1, enclosure_id=file.id), file_of(user, 2, enclosure_id=file.id),
        file_of(user, 3, enclosure_id=file.id, fetched_at=AT), file_of(user, 4, state=ExportState.QUEUED),
        file_of(cast.head, 5, enclosure_id=file.id),
        Setting(name="body_name", value="UBND xã “Đông”"), Setting(name="reminder_before", value=[9, 2]),
        Setting(name="silent_days", value="no number"), Setting(name="report_time", value=None),
    ])  # fmt: skip
    session.commit()
    theirs = user.fs_uniquifier
    session.expire_all()

    with statements() as asked:
        frame = frame_of(theirs)
        shown = (frame.user.unit.name, {(each.role, each.unit_id) for each in frame.user.held_roles})

    assert len(asked) == 1
    assert shown == (cast.city.name, {(Role.OFFICE, cast.city.id), (Role.INSPECTOR, cast.lead.id)})
    assert frame.told == Told(has_failed=True, files=2)
    assert frame.settings == all_settings()
    assert frame.settings["body_name"] == "UBND xã “Đông”"
    assert frame.settings["reminder_before"] == (9, 2)
    assert frame.settings["silent_days"] == 10
    assert frame_of(cast.head.fs_uniquifier).told == Told(has_failed=False, files=1)


def test_nobody_has_a_frame_and_settings_are_those_of_now(session, cast):
    before = frame_of(cast.head.fs_uniquifier).settings
    session.add(Setting(name="silent_days", value=20))

    now = frame_of(cast.head.fs_uniquifier).settings

    assert frame_of("nobody") is None
    assert (before["silent_days"], now["silent_days"]) == (10, 20)
    assert now | {"silent_days": 10} == before

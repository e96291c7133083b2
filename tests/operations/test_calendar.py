"""The working calendar and the settings: who may change them, in one go or not at all."""

from datetime import date

import pytest
from sqlalchemy import select

from tracker.models.calendar import CalendarDay, DayKind, Setting
from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import calendar
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.queries.settings import all_settings
from tracker.rules.settings import BadSetting
from tracker.rules.workflow import NotAllowed

TODAY = date(2026, 6, 1)


def test_settings_are_stored_together_each_with_its_old_and_new_value(cast, session):
    changed = {"silent_days": 20, "reminder_before": [5, 2]}

    calendar.change_settings(changed, stamp=Stamp(on=TODAY, by=cast.admin))

    settings = all_settings()
    assert (settings["silent_days"], settings["reminder_before"]) == (20, (5, 2))
    rows = session.scalars(select(History).where(History.do == "setting").order_by(History.id))
    assert [row.changes for row in rows] == [[["silent_days", None, 20]], [["reminder_before", None, [5, 2]]]]


def test_one_bad_value_leaves_all_settings_as_they_were(cast, session):
    with pytest.raises(BadSetting):
        calendar.change_settings(
            {"silent_days": 20, "max_extensions": "nhiều"}, stamp=Stamp(on=TODAY, by=cast.admin)
        )

    assert session.scalar(select(Setting.name)) is None


def test_settings_changed_meanwhile_are_not_overwritten(cast):
    seen = calendar.settings_version()
    calendar.change_setting("silent_days", 20, stamp=Stamp(on=TODAY, by=cast.admin))

    with pytest.raises(ChangedMeanwhile):
        calendar.change_setting("silent_days", 30, stamp=Stamp(on=TODAY, by=cast.admin, seen=seen))


def test_a_day_said_anew_replaces_what_was_said(cast, session):
    stamp = Stamp(on=TODAY, by=cast.admin)
    calendar.set_day(date(2026, 9, 2), DayKind.DAY_OFF, stamp=stamp, name="Quốc khánh")

    calendar.set_day(date(2026, 9, 2), DayKind.WORKING_DAY, stamp=stamp)

    row = session.get(CalendarDay, date(2026, 9, 2))
    assert (row.kind, row.name) == (DayKind.WORKING_DAY, None)


def test_a_double_click_stores_the_days_once(cast):
    stamp = Stamp(on=TODAY, by=cast.admin, token="mot-lan")
    days = [(date(2026, 9, 1), DayKind.DAY_OFF, None), (date(2026, 9, 2), DayKind.DAY_OFF, None)]
    calendar.set_days(days, stamp=stamp)

    with pytest.raises(AlreadyDone):
        calendar.set_days(days, stamp=stamp)


def test_an_administrator_below_the_root_changes_neither(cast):
    small = Stamp(on=TODAY, by=cast.make_person(unit=cast.commune, role=Role.ADMIN))

    with pytest.raises(NotAllowed):
        calendar.change_setting("silent_days", 20, stamp=small)
    with pytest.raises(NotAllowed):
        calendar.set_day(date(2026, 9, 2), DayKind.DAY_OFF, stamp=small)

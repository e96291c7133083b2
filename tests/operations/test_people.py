"""Accounts: who may touch which, and what never happens to one's own."""

from datetime import date

import pytest
from flask_security.utils import verify_password
from sqlalchemy import select

from tracker.models.people import Role
from tracker.models.progress import History
from tracker.operations import people, units
from tracker.operations.history import dump
from tracker.operations.recording import AlreadyDone, ChangedMeanwhile, Stamp
from tracker.queries.standing import roles_in
from tracker.rules.workflow import DomainError, NotAllowed, UnitEnded

TODAY = date(2026, 6, 1)


def test_an_administrator_of_a_division_cannot_take_over_the_account_of_one_above(cast):
    small = cast.make_person(unit=cast.lead, role=Role.ADMIN)
    great = cast.make_person(unit=cast.lead)
    people.give_role(great, stamp=Stamp(on=TODAY, by=cast.admin), unit=cast.city, role=Role.ADMIN)

    with pytest.raises(NotAllowed):
        people.set_password(great, "mat-khau-moi-1", stamp=Stamp(on=TODAY, by=small))

    assert great.password is None


def test_a_new_password_must_be_changed_ends_every_session_and_is_told_by_the_history(cast, session):
    before = cast.head.fs_uniquifier

    people.set_password(cast.head, "mat-khau-moi-1", stamp=Stamp(on=TODAY, by=cast.admin))

    assert verify_password("mat-khau-moi-1", cast.head.password)
    assert cast.head.must_change_password
    assert cast.head.fs_uniquifier != before
    row = session.scalar(select(History).where(History.do == "password"))
    assert (row.by, row.person, row.payload) == (cast.admin, cast.head, {"login": "binh"})
    assert not [text for text in dump() if '"password"' in text]


def test_switching_off_the_second_step_forgets_all_of_it(cast):
    cast.head.tf_primary_method = "authenticator"
    cast.head.tf_totp_secret = "bi-mat"
    cast.head.mf_recovery_codes = ["1"]

    people.switch_off_second_step(cast.head, stamp=Stamp(on=TODAY, by=cast.admin))

    facts = (cast.head.tf_primary_method, cast.head.tf_totp_secret, cast.head.mf_recovery_codes)
    assert facts == (None, None, None)


def test_there_is_no_second_step_to_switch_off_where_there_is_none(cast):
    with pytest.raises(DomainError, match="không bật"):
        people.switch_off_second_step(cast.head, stamp=Stamp(on=TODAY, by=cast.admin))


def test_nobody_closes_their_own_account_or_ends_their_own_administration(cast):
    stamp = Stamp(on=TODAY, by=cast.admin)

    with pytest.raises(DomainError, match="tự khóa"):
        people.correct(cast.admin, stamp=stamp, active=False)
    with pytest.raises(DomainError, match="tự bỏ"):
        people.end_role(cast.admin, stamp=stamp, unit=cast.city, role=Role.ADMIN)

    assert cast.admin.active


def test_a_role_given_ended_and_given_again_on_one_day_is_held(cast, session):
    stamp = Stamp(on=TODAY, by=cast.admin)
    for change in (people.give_role, people.end_role):
        change(cast.officer, stamp=stamp, unit=cast.lead, role=Role.UNIT_HEAD)

    people.give_role(cast.officer, stamp=stamp, unit=cast.lead, role=Role.UNIT_HEAD)

    session.expire_all()
    assert roles_in(cast.officer, cast.lead, TODAY) == {"officer", "unit_head"}


def test_no_role_is_given_in_a_unit_that_has_ended(cast):
    units.end(cast.commune, stamp=Stamp(on=TODAY))

    with pytest.raises(UnitEnded):
        people.give_role(
            cast.head, stamp=Stamp(on=TODAY, by=cast.admin), unit=cast.commune, role=Role.UNIT_HEAD
        )


def test_a_double_click_adds_one_person(cast):
    stamp = Stamp(on=TODAY, by=cast.admin, token="mot-lan")
    person = {"name": "Trần Văn Mới", "unit": cast.lead, "role": Role.OFFICER}
    people.add_with_password("mat-khau-1", stamp=stamp, login="moi", **person)

    with pytest.raises(AlreadyDone):
        people.add_with_password("mat-khau-2", stamp=stamp, login="moi", **person)


def test_a_person_corrected_meanwhile_is_not_overwritten(cast):
    seen = cast.head.version
    people.correct(cast.head, stamp=Stamp(on=TODAY, by=cast.admin), title="Quyền Trưởng phòng")

    with pytest.raises(ChangedMeanwhile):
        people.correct(cast.head, stamp=Stamp(on=TODAY, by=cast.admin, seen=seen), title="Trưởng phòng")

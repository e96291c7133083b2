"""Addresses that refuse mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from tracker.models import db
from tracker.models.mail import HAS_FAILED, Delivery, DeliveryOutcome, MailState, OutgoingMail
from tracker.models.people import User
from tracker.models.units import Unit


def refused_sql(*conditions: ColumnElement[bool]) -> Select[int]:
    """Return a SELECT of the ids of mails that say: this person's present address refuses mail.

    Of each person the last mail that came to an end, when the server refused it for good and the address is
    still theirs; `conditions` over `OutgoingMail` narrow it. It goes away by a later mail or another address.
    """
    latest = (
        select(func.max(OutgoingMail.id).label("id"))
        .where(HAS_FAILED, OutgoingMail.user_id.is_not(None), *conditions)
        .group_by(OutgoingMail.user_id)
    )
    last, later = latest.subquery(), aliased(OutgoingMail)
    ended = later.state.in_((MailState.SENT, MailState.FAILED))
    refused = select(Delivery.id).where(
        Delivery.mail_id == OutgoingMail.id, Delivery.outcome == DeliveryOutcome.REFUSED
    )
    return (
        select(OutgoingMail.id)
        .join(last, last.c.id == OutgoingMail.id)
        .join(User, User.id == OutgoingMail.user_id)
        .where(
            func.lower(User.email) == func.lower(OutgoingMail.address),
            refused.exists(),
            ~select(later.id)
            .where(later.user_id == OutgoingMail.user_id, later.id > OutgoingMail.id, ended)
            .exists(),
        )
    )


class Refused(NamedTuple):
    """A person whose present address refused the last mail, with the server's words."""

    mail_id: int
    user_id: int
    name: str
    unit_name: str
    address: str
    reply: str | None
    since: datetime | None
    """When the first of the mails came back that were refused since one arrived."""


def refused_addresses(*conditions: ColumnElement[bool], limit: int | None = None) -> Sequence[Refused]:
    """Return whose mail comes back, the latest first; `conditions` over `OutgoingMail` say among whom."""
    refused = refused_sql(*conditions).subquery()
    before, arrived = aliased(OutgoingMail), aliased(OutgoingMail)
    last_arrived = select(func.max(arrived.id)).where(
        arrived.user_id == OutgoingMail.user_id, arrived.state == MailState.SENT
    )
    since = select(func.min(before.ended_at)).where(
        before.user_id == OutgoingMail.user_id, before.state == MailState.FAILED,
        before.address == OutgoingMail.address, before.id > func.coalesce(last_arrived.scalar_subquery(), 0),
    )  # fmt: skip
    query = (
        select(
            OutgoingMail.id, User.id, User.name, Unit.name, OutgoingMail.address,
            OutgoingMail.last_error, since.scalar_subquery(),
        )
        .join(refused, refused.c.id == OutgoingMail.id)
        .join(User, User.id == OutgoingMail.user_id)
        .join(Unit, Unit.id == User.unit_id)
        .order_by(refused.c.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [Refused(*row) for row in db.session.execute(query)]


def refused_of(user_id: int) -> Refused | None:
    """Return the mail that the person's present address refused, None when mail arrives."""
    return next(iter(refused_addresses(OutgoingMail.user_id == user_id, limit=1)), None)

"""Keeping watch: what is wrong is found in one way for all, and told to the administrators of a root."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import make_url

from tracker import outbox
from tracker.clock import VIETNAM, day_of
from tracker.language import gettext as _
from tracker.models import transaction
from tracker.models.migrating import head_of
from tracker.models.people import User
from tracker.models.reading import replica_state
from tracker.operations import backup
from tracker.outbox import NewMail, address_of
from tracker.queries.health import (
    Finding,
    Severity,
    Signs,
    findings_in,
    read_signs,
    told,
    wardens,
)
from tracker.queries.jobs import gaps
from tracker.queries.settings import all_settings, working_calendar
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.words import N_

ALARM = "alarm"
"""The kind of these mails."""
GAP_IS_NEWS = timedelta(days=1)
GAPS_TOLD = 5
MOST_DETAIL = 300
"""Characters of what a program said that a mail repeats: the rest may be data."""


def find(
    signs: Signs, *, now: datetime, settings: Mapping[str, Any], calendar: WorkingCalendar,
    up_for: timedelta | None = None,
) -> list[Finding]:  # fmt: skip
    """Return what is wrong with this installation at `now` (aware), the gravest first (`findings_in`)."""
    return findings_in(
        signs, now=now, zone=VIETNAM, settings=settings, calendar=calendar, up_for=up_for,
        head=needed_version(), folders=folders(), backs_up=backup.is_made_here(), replica=replica_state(),
    )  # fmt: skip


def find_now(*, now: datetime) -> list[Finding]:
    """Return what is wrong, everything read anew."""
    return find(read_signs(now), now=now, settings=all_settings(), calendar=working_calendar())


def needed_version() -> str | None:
    """Return the migration that this program needs its tables to be at."""
    return head_of(current_app.extensions["migrate"].directory)


def folders() -> list[Path]:
    """Return the folders on whose disks this installation writes."""
    written = [Path(current_app.config[name]) for name in ("INSTANCE_FOLDER", "FILES_FOLDER")]
    url = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"])
    if url.get_backend_name() == "sqlite" and url.database:
        written.append(Path(url.database).parent)
    if backup.is_made_here():
        written.append(Path(current_app.config["BACKUP_FOLDER"]))
    return written


def sentence(finding: Finding) -> str:
    """Return what is wrong, in the language of the reader."""
    values = {key: _(value) if key == "job" else value for key, value in finding.values.items()}
    return _(finding.msgid) % values


def tell(findings: Sequence[Finding], *, today: date, at: datetime) -> int:
    """Queue a mail for each finding to each administrator of a root; return how many are new.

    A fault is told once a day, what is to be seen to once a week, to everybody who has an address.
    """
    monday = today - timedelta(days=today.weekday())
    mails = []
    for user in _told_people(today):
        for each in findings:
            day = today if each.severity is Severity.FAULT else monday
            others = [other for other in findings if other is not each]
            words, lines = sentence(each), [sentence(other) for other in others]
            key = f"{ALARM}:{each.word}:{day.isoformat()}:{user.id}"
            mails.append(_alarm(user, key, words, detail=each.detail, others=lines))
    return _put(mails, at=at)


def tell_of_gaps(*, now: datetime) -> int:
    """Queue a mail on each gap of the scheduler that is over since yesterday; return how many are new."""
    over = gaps(GAPS_TOLD, ended_after=now - GAP_IS_NEWS)
    people = _told_people(day_of(now)) if over else []
    mails = []
    for user in people:
        for gap in over:
            words = _(
                N_("Bộ lập lịch đã ngừng từ %(first)s đến %(last)s và nay chạy lại."),
                first=told(gap.started_at, VIETNAM), last=told(gap.ended_at or now, VIETNAM),
            )  # fmt: skip
            key = f"{ALARM}:gap:{gap.started_at.isoformat(timespec='seconds')}:{user.id}"
            explained = _("Thư nhắc và việc đến giờ trong lúc ngừng được làm bù ngay khi chạy lại.")
            mails.append(_alarm(user, key, words, detail=explained, others=[]))
    return _put(mails, at=now)


def _told_people(day: date) -> list[User]:
    return [user for user in wardens(day) if address_of(user.email)]


def _put(mails: Sequence[NewMail], *, at: datetime) -> int:
    if not mails:
        return 0
    with transaction():
        return len(outbox.put_all(mails, at=at))


def _alarm(user: User, key: str, words: str, *, detail: str, others: Sequence[str]) -> NewMail:
    values = {
        "name": user.name, "words": words, "detail": outbox.one_line(detail)[:MOST_DETAIL], "others": others,
        "url": f"{current_app.config['BASE_URL']}/quan-tri/he-thong",
    }  # fmt: skip
    subject, text, html = (
        current_app.jinja_env.get_template(f"emails/alarm/{part}").render(values)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return NewMail(key, ALARM, user.email or "", subject.strip(), text, html, user.id)

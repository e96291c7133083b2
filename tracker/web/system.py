"""The state of the system: jobs, mails, calendar, disks, database and backups, for who administers a root."""

from __future__ import annotations

import platform
import shutil
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import Blueprint, abort, current_app, g, render_template
from flask.typing import ResponseReturnValue

from tracker.clock import VIETNAM
from tracker.language import gettext as _
from tracker.models.mail import JobRun
from tracker.models.reading import replica_state
from tracker.operations import backup, watch
from tracker.outbox import address_of
from tracker.queries.calendar import end_of
from tracker.queries.database import database_facts, queued_since
from tracker.queries.health import wardens
from tracker.queries.jobs import gaps, job_statuses, recent_runs, workers
from tracker.queries.units import administers_a_root
from tracker.rules.permissions import Permission
from tracker.rules.timetable import JOB_WORDS, SILENCE
from tracker.web.access import requires
from tracker.web.alerts import alerts_of_request, signs_of_request
from tracker.web.once import calendar_of_request
from tracker.web.words import MAIL_STATE_WORDS

bp = Blueprint("system", __name__)

RUNS_SHOWN = 50
GAPS_SHOWN = 5
CLOCKS_DIFFER = timedelta(seconds=2)


class Disk(NamedTuple):
    """A disk on which the installation writes, by the first of its folders there."""

    folder: str
    free: int
    total: int


@bp.get("/quan-tri/he-thong")
@requires(Permission.ADMINISTER)
def show() -> ResponseReturnValue:
    """Show how everything stands that runs without people."""
    if not administers_a_root(g.user, day=g.today):
        abort(403)
    database = database_facts()
    start_of_day = datetime.combine(g.today, time(), VIETNAM)
    return render_template(
        "system/show.html", alerts=[], alerts_here=alerts_of_request(), signs=signs_of_request(),
        jobs=job_statuses(g.now, zone=VIETNAM),
        job_words={name: _(words) for name, words in JOB_WORDS.items()}, workers=workers(g.now),
        gaps=gaps(GAPS_SHOWN), runs=recent_runs(RUNS_SHOWN), is_cut_off=_is_cut_off, took=_took,
        today_by_state=queued_since(start_of_day), state_words=MAIL_STATE_WORDS,
        has_mail_server=bool(current_app.config["MAIL_SERVER"]),
        end=end_of(calendar_of_request(), g.today), disks=_disks(), database=database,
        replica=replica_state(), clock_difference=_difference(database.now), needed=watch.needed_version(),
        backs_up=backup.is_made_here(), copies=backup.copies()[:3],
        told=[user for user in wardens(g.today) if address_of(user.email)], python=platform.python_version(),
    )  # fmt: skip


def _is_cut_off(run: JobRun) -> bool:
    """Return whether a run broke off: when asked to, or without a sign of life of late."""
    silent = g.now - (run.seen_at or run.started_at) > SILENCE
    return run.succeeded is None and (run.ended_at is not None or silent)


def _took(run: JobRun) -> str:
    """Return how long a run took in words, "" while it goes on."""
    if run.ended_at is None:
        return ""
    seconds = (run.ended_at - run.started_at).total_seconds()
    if seconds < 1:
        return _("dưới 1 giây")
    if seconds < 120:
        return _("%(n)s giây", n=round(seconds))
    return _("%(n)s phút", n=round(seconds / 60))


def _disks() -> list[Disk]:
    disks: dict[int, Disk] = {}
    for folder in watch.folders():
        existing = next((each for each in (folder, *folder.parents) if each.is_dir()), Path("/"))
        usage = shutil.disk_usage(existing)
        disks.setdefault(existing.stat().st_dev, Disk(str(existing), usage.free, usage.total))
    return list(disks.values())


def _difference(now: datetime | None) -> int | None:
    """Return by how many seconds the clock of the database is ahead of ours; None when they agree."""
    if now is None or abs(now - g.now) <= CLOCKS_DIFFER:
        return None
    return round((now - g.now).total_seconds())

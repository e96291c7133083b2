"""The timetable of the jobs as data: when each is due, on the wall clock of Vietnam."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.words import N_

SILENCE = timedelta(seconds=150)
"""After so long without a sign of life of any job the scheduler is taken for dead: it gives one every minute,
and a monitor that asks every half minute then knows within three."""


@dataclass(frozen=True)
class Entry:
    """One job: `every` so often, or once a day `at` a wall time ("00:05") or at that of a setting.

    `first_of_month` holds it to the first working day of each month; that run stays due until it is done.
    `grace` is how late a job may be before people should look at the scheduler.
    """

    name: str
    every: timedelta | None = None
    at: str | None = None
    setting: str | None = None
    working_days_only: bool = False
    first_of_month: bool = False
    grace: timedelta = timedelta(minutes=15)

    def wall_time(self, settings: Mapping[str, Any]) -> time | None:
        """Return the hour of day in Vietnam, None for a job that comes every so often."""
        text = settings[self.setting] if self.setting else self.at
        return time.fromisoformat(text) if text else None

    def due_today(
        self, now: datetime, *, zone: tzinfo, settings: Mapping[str, Any], calendar: WorkingCalendar
    ) -> datetime | None:
        """Return the moment at which today's run fell due, None when it is not due yet or not today at all.

        A missed day is not made up for: the next run says what is true by then. A missed month is: its run
        stays due until the next month's.
        """
        hour, local = self.wall_time(settings), now.astimezone(zone)
        if hour is None:
            return None
        day = _first_working_day(local.date(), calendar) if self.first_of_month else local.date()
        moment = datetime.combine(day, hour, zone)
        return moment if moment <= now and self._runs_on(day, calendar) else None

    def next_due(
        self, now: datetime, last: datetime | None, *, zone: tzinfo, settings: Mapping[str, Any],
        calendar: WorkingCalendar,
    ) -> datetime:  # fmt: skip
        """Return the next moment after `now` at which the job falls due; `last` is its last run, if any."""
        if self.every is not None:
            return max(now, last + self.every) if last else now
        hour, day = self.wall_time(settings) or time(), now.astimezone(zone).date()
        while datetime.combine(day, hour, zone) <= now or not self._runs_on(day, calendar):
            day += timedelta(days=1)
        return datetime.combine(day, hour, zone)

    def _runs_on(self, day: date, calendar: WorkingCalendar) -> bool:
        if self.first_of_month:
            return day == _first_working_day(day, calendar)
        return calendar.is_working(day) or not self.working_days_only


def _first_working_day(day: date, calendar: WorkingCalendar) -> date:
    """Return the first working day of the month of `day`."""
    return calendar.next_working(day.replace(day=1))


TIMETABLE = (
    Entry("overdue", at="00:05"),
    Entry("series", at="00:10"),
    Entry("backup", at="01:30"),
    Entry("check", at="02:30"),
    Entry("reminders", setting="reminder_time", working_days_only=True),
    Entry("monthly-report", setting="report_time", first_of_month=True),
    Entry("prompt", every=timedelta(minutes=1), grace=timedelta(minutes=3)),
    Entry("deliver", every=timedelta(seconds=15), grace=timedelta(minutes=5)),
    Entry("exports", every=timedelta(seconds=15), grace=timedelta(minutes=5)),
    Entry("sheets", every=timedelta(seconds=15), grace=timedelta(minutes=5)),
    Entry("watch", every=timedelta(minutes=1), grace=timedelta(minutes=5)),
)

JOB_WORDS: Mapping[str, str] = {
    "overdue": N_("Ghi nhận nhiệm vụ quá hạn"),
    "series": N_("Giao nhiệm vụ định kỳ"),
    "backup": N_("Sao lưu cơ sở dữ liệu"),
    "check": N_("Đối soát số liệu với lịch sử"),
    "reminders": N_("Lập thư nhắc hằng ngày"),
    "monthly-report": N_("Lập báo cáo quá hạn tháng"),
    "prompt": N_("Báo ngay việc gấp"),
    "deliver": N_("Gửi thư"),
    "exports": N_("Lập tệp xuất"),
    "sheets": N_("Nhập bảng nhiệm vụ"),
    "watch": N_("Tự kiểm tra hệ thống"),
}
"""What each job is called on pages and in mails."""

"""The demonstration: a history file, and living tasks laid around the day on which it is loaded.

`history.jsonl` is a history file like any other. What it tells of Hải Dương, Văn Giang, Hồng Ngự and
Quảng Công follows published papers; its accounts are roles, not persons. `living.jsonl` has the same lines
with days that are relative to today. Only a demonstration loads them.

One of its lines freezes a B.4: what is frozen is counted while the lines before it are loaded, because it
depends on today. Lines of the same day that come after it change what was frozen, as in an office.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask_security.utils import hash_password
from sqlalchemy import select, update

from tracker import outbox
from tracker.clock import VIETNAM
from tracker.models import db, transaction
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.people import User
from tracker.models.progress import History
from tracker.models.task import Task
from tracker.models.units import Unit
from tracker.operations import history, reminders, reports, urging
from tracker.operations.recording import Stamp
from tracker.queries import b4
from tracker.queries.calendar import statutory_holidays
from tracker.queries.settings import working_calendar
from tracker.rules.deadlines import WorkingCalendar
from tracker.rules.overdue_report import checksum, month_before
from tracker.rules.words import N_

FOLDER = Path(__file__).parent
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file
MORNING = time(7)
"""When the reminders of the last working day were told, Vietnam time."""
TOLD_DAYS = 40
"""Working days before the latest one on which reminders went out: what units get some of is ranked."""
URGING_TIME = time(9)
SENDING_TOOK = timedelta(minutes=2)
REPORT_TIME = time(7, 30)
"""When the monthly report was made, on the first working day."""
FREEZING_TIME = time(11, 15)
"""When the office froze its B.4: units that reported in the afternoon of that day changed it."""
REPORTS_OF = "hue"
"""The one unit whose report the demonstration begins with: the scheduler makes those of the others."""

_RELATIVE = re.compile(r"@(?P<working>w?)(?P<distance>[+-]?\d+)")
_SWAPPED = re.compile(r"thay cho ngày (\d\d)/(\d\d)/(\d{4})")


class Visit(NamedTuple):
    """An account that is worth trying, and what to see there."""

    login: str
    sight: str


VISITS = (
    Visit("hue.chutich", N_("toàn cảnh thành phố: bảy số, B.4, việc chờ quyết định")),
    Visit("hue.vanphong", N_("Văn phòng: vào sổ, giao việc, xác nhận, đôn đốc")),
    Visit("hue.noivu", N_("trưởng phòng: việc hôm nay, báo cáo hoàn thành")),
    Visit("hue.noivu.cv", N_("chuyên viên: cập nhật tiến độ việc được phân công")),
    Visit("haiduong.chutich", N_("Chủ tịch xã: việc thành phố giao và việc xã giao tiếp")),
    Visit("haiduong.diachinh", N_("công chức xã: việc sắp đến hạn, đã quá hạn")),
    Visit("hue.thanhtra", N_("tổ công tác: xem tất cả, không thay đổi gì")),
    Visit("hue.quantri", N_("quản trị: đơn vị, tài khoản, lịch làm việc, thư nhắc")),
    Visit("vangiang.vanphong", N_("Công văn 254/UBND-NV: bảy mục, 23 đơn vị")),
    Visit("hongngu.vanphong", N_("kiểm tra 10 xã, thị trấn đã xong, 12 cơ quan sắp tới")),
    Visit("quangcong.chutich", N_("kế hoạch của xã giao đến từng công chức")),
)


def is_empty() -> bool:
    """Return whether the installation holds nothing yet."""
    return db.session.scalar(select(History.id).limit(1)) is None


def load(*, today: date, now: datetime) -> int:
    """Load the demonstration as it stands on `today` into an empty installation; return the number of lines.

    On each of the last `TOLD_DAYS` working days the scheduler reminds as it does anywhere, after the lines of
    the days before and ahead of those of the day. The mails of the latest one up to `now` (aware) are kept
    for reading, so that no page is empty and nothing is mailed. Raises `history.NotEmpty` where there is
    something already.
    """
    told_on = _latest_working_day(today, now)
    count = history.load(with_told(with_frozen(lines_on(today)), before=told_on))
    told_at = min(now, datetime.combine(told_on, MORNING, VIETNAM))
    reminders.mark_overdue(today=today, at=now)
    reminders.queue_digests(today=told_on, at=told_at)
    _make_report(today, now)
    outbox.keep_pending(told_at)
    return count


def with_told(lines: Iterable[str], *, before: date) -> Iterator[str]:
    """Yield the lines while they are loaded, and remind on the working days before a day as they come.

    Lines that urge are carried out here: a history file has none. What was queued on a day went out on it.
    """
    days: list[date] | None = None
    for line in lines:
        event = json.loads(line)
        on = event["on"]
        if days is None and on >= (before - timedelta(days=2 * TOLD_DAYS)).isoformat():
            days = list(_days_told(before))
        while days and days[0].isoformat() <= on:
            _tell(days.pop(0))
        if event["do"] == "urge":
            _urge(event)
        else:
            yield line
    for day in days or ():
        _tell(day)


def _days_told(before: date) -> list[date]:
    db.session.flush()
    calendar = working_calendar()
    return [calendar.add(before, -distance) for distance in range(TOLD_DAYS, 0, -1)]


def _tell(day: date) -> None:
    """Remind on a day as the scheduler did in the morning, before anything else happened on it."""
    db.session.flush()
    at = datetime.combine(day, MORNING, VIETNAM)
    reminders.mark_overdue(today=day, at=at)
    reminders.queue_digests(today=day, at=at)
    _went_out(at)


def _urge(event: dict[str, Any]) -> None:
    db.session.flush()
    on = date.fromisoformat(event["on"])
    at = datetime.combine(on, URGING_TIME, VIETNAM)
    task = db.session.scalars(select(Task).where(Task.key == event["task"])).one()
    by = db.session.scalars(select(User).where(User.login == event["by"])).one()
    urging.urge([task], stamp=Stamp(on=on, by=by, at=at), words=event["words"])
    _went_out(at)


def _went_out(at: datetime) -> None:
    sent = {"state": MailState.SENT, "ended_at": at + SENDING_TOOK, "attempts": 1}
    db.session.execute(update(OutgoingMail).where(OutgoingMail.state == MailState.QUEUED).values(sent))


def with_frozen(lines: Iterable[str]) -> Iterator[str]:
    """Yield the lines of `lines_on` while they are loaded, a line that freezes with what it freezes.

    That is the B.4 of its assigner from 1 January to its own day, as the lines before it tell it.
    """
    for line in lines:
        event = json.loads(line)
        yield json.dumps(_frozen(event), ensure_ascii=False) if event["do"] == "freeze" else line


def _frozen(event: dict[str, Any]) -> dict[str, Any]:
    db.session.flush()
    assigner = db.session.scalars(select(Unit).where(Unit.code == event["assigner"])).one()
    on = date.fromisoformat(event["on"])
    report = b4.report(b4.Question(assigner, on.replace(month=1, day=1), on, on))
    data = report.to_data()
    return event | {
        "at": datetime.combine(on, FREEZING_TIME, VIETNAM).isoformat(), "from": report.first.isoformat(),
        "to": report.last.isoformat(), "cut_off": report.on.isoformat(), "rule": report.rule,
        "sha256": checksum(data), "data": data,
    }  # fmt: skip


def _make_report(today: date, now: datetime) -> None:
    """Make the latest monthly report of one unit as the job did; early in a month that before it."""
    calendar = working_calendar()
    for month in (today, month_before(today)):
        made_on = calendar.next_working(month.replace(day=1))
        at = datetime.combine(made_on, REPORT_TIME, VIETNAM)
        if at <= now:
            unit = db.session.scalars(select(Unit).where(Unit.code == REPORTS_OF)).one()
            reports.make_once(unit, month_before(made_on), today=made_on, at=at)
            return


def _latest_working_day(today: date, now: datetime) -> date:
    calendar = working_calendar()
    early = now < datetime.combine(today, MORNING, VIETNAM)
    return today if calendar.is_working(today) and not early else calendar.add(today, -1)


def password_in(folder: Path) -> str:
    """Return the one password of all demo accounts, kept in `folder` for its owner alone.

    Where there is none yet, a random one is made and given to every account of the demonstration.
    """
    path = folder / PASSWORD_FILE
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    password = secrets.token_urlsafe(9)
    hashed = hash_password(password)
    with transaction():
        for user in db.session.scalars(select(User).where(User.login.in_(_logins()))):
            user.password = hashed
            user.must_change_password = False
    with os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(password + "\n")
    return password


def _logins() -> set[str]:
    events = [*_events("history.jsonl"), *_events("living.jsonl")]
    return {event["login"] for event in events if event["do"] == "person"}


def lines_on(today: date) -> Iterator[str]:
    """Yield the lines of one history: what happened up to `today`, and the tasks that live around it.

    A line that freezes does not say yet what it freezes: see `with_frozen`. Lines that urge are for
    `with_told`.
    """
    past = [event for event in _events("history.jsonl") if event["on"] <= today.isoformat()]
    proposed = list(_proposed_days(today))
    calendar = _calendar_of(past, proposed)
    living = list(resolve(_events("living.jsonl"), today=today, calendar=calendar))
    first = min(event["on"] for event in living)
    days = [{"do": do, "on": first, "day": day.isoformat(), "name": name} for day, do, name in proposed]
    for event in sorted([*past, *days, *living], key=lambda event: event["on"]):
        yield json.dumps(event, ensure_ascii=False)


def resolve(
    events: Iterable[dict[str, Any]], *, today: date, calendar: WorkingCalendar
) -> Iterator[dict[str, Any]]:
    """Yield the events with their relative days put in place of today.

    "@-12" is twelve calendar days ago, "@w+3" the third working day from today; within a text such a day
    stands in braces and is written dd/mm/yyyy.
    """

    def day_of(match: re.Match[str]) -> date:
        distance = int(match["distance"])
        return calendar.add(today, distance) if match["working"] else today + timedelta(days=distance)

    def put(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if match := _RELATIVE.fullmatch(value):
            return day_of(match).isoformat()
        return re.sub(rf"{{{_RELATIVE.pattern}}}", lambda match: f"{day_of(match):%d/%m/%Y}", value)

    for event in events:
        yield {key: put(value) for key, value in event.items()}


def _events(name: str) -> list[dict[str, Any]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _proposed_days(today: date) -> Iterator[tuple[date, str, str]]:
    """Propose the calendar of the years around today that the history file does not hold.

    Where the library names the day for which a day off was swapped, that day is worked.
    """
    held = {event["day"][:4] for event in _events("history.jsonl") if event["do"] == "day_off"}
    for year in range(today.year - 1, today.year + 2):
        if str(year) in held:
            continue
        for day, name in statutory_holidays(year).items():
            yield day, "day_off", name
            if swapped := _SWAPPED.search(name):
                worked = date(int(swapped[3]), int(swapped[2]), int(swapped[1]))
                yield worked, "working_day", f"Làm bù cho ngày {day:%d/%m/%Y}"


def _calendar_of(
    past: Iterable[dict[str, Any]], proposed: Iterable[tuple[date, str, str]]
) -> WorkingCalendar:
    days: dict[str, set[date]] = {"day_off": set(), "working_day": set()}
    for event in past:
        if event["do"] in days:
            days[event["do"]].add(date.fromisoformat(event["day"]))
    for day, do, _name in proposed:
        days[do].add(day)
    return WorkingCalendar(days_off=frozenset(days["day_off"]), working_days=frozenset(days["working_day"]))

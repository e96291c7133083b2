"""Deadlines as a calendar that other programs subscribe to (iCalendar, RFC 5545 and RFC 7986)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from icalendar import Event

MEDIA_TYPE = "text/calendar; charset=utf-8"
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
PRODID = "-//Don Doc//Lich thoi han//VI"
READ_AGAIN_AFTER = timedelta(hours=1)
"""What programs are asked to wait between two readings; some take it as a wish only."""
ZONE_FROM, ZONE_TO = date(2000, 1, 1), date(2038, 1, 1)
"""Vietnam has kept one offset since 1975, so the zone needs no rule that ends."""
A_DAY = timedelta(days=1)


class Deadline(NamedTuple):
    """One deadline as the calendar shows it; all texts are ready to be read."""

    uid: str
    revision: int
    """Grows whenever the task changes."""
    changed_at: datetime
    """Aware."""
    on: date
    hour: time | None
    """In Vietnam; None: the whole day."""
    summary: str
    description: str
    url: str
    alarm: str | None
    """What is said the day before; None where nothing need be said."""
    is_off: bool
    """Done or called back: programs take it out."""


def calendar_of(
    deadlines: Iterable[Deadline], *, uid: str, name: str, description: str, alarm_hour: time
) -> bytes:
    """Return a calendar of these deadlines as the bytes of an .ics file: UTF-8, CRLF, lines of 75 octets.

    Deadlines of a whole day are told at `alarm_hour` (in the reader's zone) of the day before, those with an
    hour a day before that hour. Equal deadlines give equal bytes, whenever they are asked for.
    """
    # Read here: most installations have no calendar that asks for it.
    from icalendar import Calendar, vDuration

    calendar = Calendar.new(prodid=PRODID, uid=uid, name=name, description=description)
    calendar.add("REFRESH-INTERVAL", READ_AGAIN_AFTER, {"VALUE": "DURATION"})
    calendar.add("X-PUBLISHED-TTL", vDuration(READ_AGAIN_AFTER))
    calendar.add("X-WR-TIMEZONE", VIETNAM.key)
    before_midnight = A_DAY - timedelta(hours=alarm_hour.hour, minutes=alarm_hour.minute)
    for deadline in deadlines:
        calendar.add_component(_event(deadline, before_midnight))
    calendar.add_missing_timezones(first_date=ZONE_FROM, last_date=ZONE_TO)
    for zone in calendar.timezones:
        zone.pop("COMMENT", None)
    return calendar.to_ical()


def _event(deadline: Deadline, before_midnight: timedelta) -> Event:
    from icalendar import Alarm, Event
    from icalendar.enums import CLASS, STATUS, TRANSP

    start = deadline.on if deadline.hour is None else datetime.combine(deadline.on, deadline.hour, VIETNAM)
    changed_at = deadline.changed_at.astimezone(UTC).replace(microsecond=0)
    event = Event.new(
        uid=deadline.uid, sequence=deadline.revision, stamp=changed_at, last_modified=changed_at, start=start,
        summary=deadline.summary, description=deadline.description, url=deadline.url,
        status=STATUS.CANCELLED if deadline.is_off else STATUS.CONFIRMED,
        transparency=TRANSP.TRANSPARENT, classification=CLASS.PRIVATE,
    )  # fmt: skip
    if deadline.alarm is not None:
        alarm = Alarm.new(description=deadline.alarm)
        alarm.add("ACTION", "DISPLAY")
        alarm.add("TRIGGER", -(before_midnight if deadline.hour is None else A_DAY))
        event.add_component(alarm)
    return event

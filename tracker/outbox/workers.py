"""Who sends: the name of a process, and the leases of those that were killed."""

from __future__ import annotations

import os
import re
import socket
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import and_, select, update

from tracker.models import db, transaction
from tracker.models.mail import MailState, OutgoingMail
from tracker.models.statements import prepared


def worker_name() -> str:
    """Return the name of this process, from which another one on this machine can tell whether it lives."""
    return f"{_home_of_processes()}:{os.getpid()}"


@cache
def _home_of_processes() -> str:
    """Return where process numbers mean the same: this host and, in a container, its own numbering."""
    try:
        numbering = re.sub(r"\D", "", str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        numbering = "0"
    return f"{socket.gethostname()[:24]}:{numbering}"


def free_leases_of_the_dead(now: datetime) -> None:
    """End the leases of workers of this machine that were killed, so that their mails need not wait.

    Elsewhere the lease runs out by itself.
    """
    dead = [lease for lease in _leases(now=now).scalars() if lease and is_dead(lease)]
    if dead:
        with transaction():
            theirs = and_(OutgoingMail.leased_by.in_(dead), OutgoingMail.state == MailState.SENDING)
            ended = update(OutgoingMail).where(theirs).values(leased_until=now)
            db.session.execute(ended, execution_options={"synchronize_session": False})


@prepared
def _leases(now: Any) -> Any:
    held = and_(OutgoingMail.state == MailState.SENDING, OutgoingMail.leased_until > now)
    return select(OutgoingMail.leased_by).where(held).distinct()


def is_dead(lease: str) -> bool:
    """Return whether the process is known to be gone that took a lease: its name, a slash, anything.

    Signal 0 asks whether a process lives; only POSIX systems know it.
    """
    if os.name != "posix":
        return False
    home, _, number = lease.partition("/")[0].rpartition(":")
    if home != _home_of_processes() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False

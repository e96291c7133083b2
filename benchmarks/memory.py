"""Memory of the whole product, proportional (PSS), once it has served pages and made all that was due.

python -m benchmarks.memory [--tasks 100000] [--rounds 20] [--keep FOLDER]

It lays down the tasks, runs `flask start` on them, reads each page as four persons, waits until no job is due
any more and adds up what /proc says of every process. Linux only.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from flask import Flask
from sqlalchemy import select

from benchmarks.world import TODAY, fill, installation, is_filled, person
from tracker import ROOT, processes
from tracker.models import db
from tracker.models.sqlite import sqlite
from tracker.models.task import Task
from tracker.rules.timetable import TIMETABLE

PERSONS = ("p0", "p1", "p3", "p5")
PAGES = (
    "/", "/nhiem-vu", "/nhiem-vu?unit=7&state=open&sort=due", "/van-ban", "/bao-cao", "/bieu-b4",
    "/tim?q=thu+tuc", "/quan-tri/he-thong", "/thu-di", "/van-ban/3",
)  # fmt: skip
PATIENCE = 1200


def main() -> None:
    """Print a line for each process and the sums."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--tasks", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--keep")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        with installation("sqlite", keep=chosen.keep or f"{folder}/world") as app:
            if not is_filled():
                fill(chosen.tasks)
            cookies = [cookie_of(app, login) for login in PERSONS]
            tasks = list(db.session.scalars(select(Task.id).order_by(Task.id.desc()).limit(100)))
        world = Path(chosen.keep or f"{folder}/world")
        instance = Path(folder, "instance")
        shutil.copytree(world, instance)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environ = os.environ | {
            "TRACKER_INSTANCE": str(instance), "DATABASE_URL": f"sqlite:///{instance}/bench.sqlite3",
            "TRACKER_NOW": f"{TODAY}T09:00:00+07:00", "TRACKER_MODE": "demo", "PORT": str(port),
        }  # fmt: skip
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "start"]
        with (instance / "log").open("w") as log:
            product = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log)
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz/web", product)
            _show("begun", product.pid)
            for turn in range(chosen.rounds):
                for cookie in cookies:
                    for page in (*PAGES, *(f"/nhiem-vu/{task}" for task in tasks[turn::20])):
                        _read(f"http://127.0.0.1:{port}{page}", cookie)
            _wait_for_jobs(instance / "bench.sqlite3")
            _show(f"after {chosen.rounds} rounds of pages and all daily jobs", product.pid)
        finally:
            product.send_signal(signal.SIGTERM)
            product.wait()


def cookie_of(app: Flask, login: str) -> str:
    """Return the cookie of somebody who has signed in."""
    with app.app_context():
        values = {"_user_id": person(login).fs_uniquifier, "_fresh": True}
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return f"session={serializer.dumps(values)}"


def _read(url: str, cookie: str = "") -> int:
    try:
        with urlopen(Request(url, headers={"Cookie": cookie}), timeout=300) as page:
            page.read()
            return int(page.status)
    except HTTPError as error:
        return error.code


def wait_for(url: str, product: subprocess.Popen[bytes]) -> None:
    """Return once the address answers with 200; raise `SystemExit` when the process ends instead."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and product.poll() is None:
        try:
            if _read(url) == 200:
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the product did not start")


def _wait_for_jobs(path: Path) -> None:
    daily = {entry.name for entry in TIMETABLE if not entry.every}
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with sqlite.connect(path, timeout=60) as connection:
            done = connection.execute("SELECT DISTINCT name FROM job_run WHERE succeeded").fetchall()
        if daily <= {name for (name,) in done}:
            time.sleep(processes.LOOK_EVERY)
            return
        time.sleep(2)
    print(f"not done in {PATIENCE} s: {sorted(daily - {name for (name,) in done})}")


def _show(when: str, root: int) -> None:
    print(f"\n{when}; MB: proportional, of its own")
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family = [root]
    for each in family:
        family += [pid for pid, parent in parents.items() if parent == each]
    whole = 0.0
    for pid in family:
        # The forks of jobs come and go meanwhile.
        with suppress(FileNotFoundError, ProcessLookupError):
            share, own = _memory(pid)
            print(f"{Path(f'/proc/{pid}/comm').read_text().strip():<16} {share:7.0f} {own:7.0f}")
            whole += share
    print(f"{'all':<16} {whole:7.0f}")


def _memory(pid: int) -> tuple[float, float]:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    values = {name: int(rest[0]) / 1024 for name, *rest in map(str.split, lines[1:])}
    return values["Pss:"], values["Private_Dirty:"] + values["Private_Clean:"]


if __name__ == "__main__":
    main()

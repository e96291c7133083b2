"""Start the product as a user does, look at it from outside, stop it, and see that nothing remains."""

# ruff: noqa: S603, S607 - it runs the commands that the README names

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
PUBLISHED = [0, 0, 1, 3, 0, 2, 3, 9]
"""The row of UBND xã Hải Dương, 15/12/2021 to 07/6/2022."""
PATIENCE = 300
"""Seconds from a machine without anything to the first page."""


def main() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {"TRACKER_INSTANCE": folder}
        for name in ("DATABASE_URL", "TRACKER_MODE", "TRACKER_NOW", "PORT"):
            environ.pop(name, None)
        run = subprocess.Popen(
            ["make", "run", f"PORT={port}"], cwd=ROOT, env=environ, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        )  # fmt: skip
        try:
            wait_until_ready(run)
            with urlopen(f"http://127.0.0.1:{port}/dang-nhap", timeout=10) as page:
                assert page.status == 200 and "Đôn Đốc" in page.read().decode(), "the sign-in page"
            assert b4(environ) == PUBLISHED, "the published row"
            family = descendants(run.pid)
            assert len(family) >= 4, f"web, its workers and the scheduler run: {family}"
            os.killpg(run.pid, signal.SIGINT)
            said = run.communicate(timeout=60)[0]
            print(said, end="")
            time.sleep(0.5)
            left = [pid for pid in family if Path(f"/proc/{pid}").exists()]
            assert not left, f"still there after Ctrl-C: {left}"
            assert said.count("make: ***") <= 1, "make ends in one line"
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGTERM)
                run.wait(60)
    print("make run: the page, the published B.4 row, Ctrl-C, nothing left")


def wait_until_ready(run: subprocess.Popen[str]) -> None:
    assert run.stdout is not None
    started = time.monotonic()
    for line in run.stdout:
        print(re.sub(r"(mật khẩu chung: ).*", r"\1…", line), end="")
        if "sẵn sàng" in line:
            return
        assert time.monotonic() - started < PATIENCE, "not ready in time"
    raise AssertionError(f"ended before it was ready, code {run.wait()}")


def b4(environ: dict[str, str]) -> list[int]:
    command = [
        str(ROOT / ".venv" / "bin" / "python"), "-m", "flask", "--app", "wsgi", "b4", "--assigner", "hue",
        "--from", "2021-12-15", "--to", "2022-06-07", "--format", "json",
    ]  # fmt: skip
    said = subprocess.run(command, cwd=ROOT, env=environ, check=True, capture_output=True, encoding="utf-8")
    (row,) = json.loads(said.stdout)["rows"]
    assert row.pop("unit")["code"] == "hai-duong"
    return list(row.values())


def descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found, todo = [], [pid]
    while todo:
        for child in children.get(todo.pop(), []):
            found.append(child)
            todo.append(child)
    return found


if __name__ == "__main__":
    main()

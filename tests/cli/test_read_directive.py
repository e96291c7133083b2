"""`flask read-directive`, on an installation that nobody has set up, and on one that holds tasks."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAPER = """UBND HUYỆN ĐÔNG SƠN
Số: 318 /UBND-NV

Đông Sơn, ngày 12 tháng 5 năm 2026

Kính gửi: Phòng Nội vụ

1. Giao Phòng Nội vụ rà soát nhiệm vụ quá hạn, báo cáo trước ngày 20/6/2026.
"""
KEYS = {"header", "citations", "tasks"}


@pytest.fixture
def paper(tmp_path):
    path = tmp_path / "công văn.txt"
    path.write_text(PAPER, encoding="utf-8")
    return path


def run(folder, *arguments):
    """Run the command as an administrator does, in an installation that is not there yet."""
    environment = {"PATH": os.environ["PATH"], "TRACKER_INSTANCE": str(folder / "instance")}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "read-directive", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, encoding="utf-8")


def test_a_paper_is_printed_before_anything_was_set_up(paper, tmp_path):
    answer = run(tmp_path, paper, "--format", "json")

    told = json.loads(answer.stdout)
    assert (answer.returncode, set(told)) == (0, KEYS)
    assert all(PAPER[each["start"] : each["end"]] == each["text"] for each in told["tasks"])
    assert not (tmp_path / "instance" / "tracker.sqlite3").exists()


@pytest.mark.both_databases
def test_an_installation_prints_the_same_and_stores_nothing(own_app, paper):
    runner = own_app.test_cli_runner()

    as_data = runner.invoke(args=["read-directive", str(paper), "--format", "json"])
    as_text = runner.invoke(args=["read-directive", str(paper)])

    assert (as_data.exit_code, as_text.exit_code) == (0, 0)
    assert set(json.loads(as_data.output)) == KEYS
    assert as_text.output.startswith("VĂN BẢN\n  Số, ký hiệu   ")
    assert "NHIỆM VỤ" in as_text.output


@pytest.mark.parametrize("name, content, words", [
    ("không có.txt", None, "Không có tệp"), ("a.doc", b"a", "docx, pdf, txt"),
    ("a.txt", b"", "không có nội dung"), ("a.pdf", b"%PDF-1.4\n", "hỏng"),
])  # fmt: skip
def test_a_file_that_cannot_be_read_is_said_on_the_error_line(own_app, tmp_path, name, content, words):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)

    answer = own_app.test_cli_runner().invoke(args=["read-directive", str(path), "--format", "json"])

    assert (answer.exit_code, answer.stdout) == (1, "")
    assert words in answer.stderr
    assert "Error" not in answer.stderr

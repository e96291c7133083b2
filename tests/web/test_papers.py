"""Attached papers: sending them in, and who gets them out again."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from urllib.parse import unquote

import pytest

from tests.web.pages import errors, words
from tracker.models import db
from tracker.models.directive import Attachment
from tracker.operations import papers, progress
from tracker.operations.recording import Stamp
from tracker.rules.status import State

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n%%EOF\n"
EXE = b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 400
TODAY = date(2026, 3, 3)
NOW = datetime(2026, 3, 3, 2, tzinfo=UTC)


@pytest.fixture(autouse=True)
def today(on_day, app, tmp_path):
    on_day(TODAY)
    app.config["FILES_FOLDER"] = str(tmp_path / "files")


def upload(content: bytes, name: str):
    return (io.BytesIO(content), name)


def send(client, directive, *files, **more):
    return client.post(
        f"/van-ban/{directive.id}/tep",
        data={"papers": list(files), "token": "t1"} | more,
        content_type="multipart/form-data",
    )


def kept(response) -> list[str]:
    return re.findall(r'name="papers-kept"[^>]*value="([^"]*)"', response.get_data(as_text=True))


@pytest.fixture
def attach(client_of, cast):
    """Return a function that attaches a file to a directive as the tracker and returns its row."""

    def do(directive, name="công văn.pdf"):
        answer = send(client_of(cast.tracker), directive, upload(PDF, name))
        assert answer.status_code == 303
        return db.session.query(Attachment).order_by(Attachment.id.desc()).first()

    return do


def test_a_paper_of_a_directive_comes_out_as_it_went_in(cast, client_of, make_directive, attach):
    paper = attach(make_directive(), "Công văn số 254.pdf")

    answer = client_of(cast.tracker).get(f"/tep/{paper.id}")

    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "Công văn số 254.pdf" in unquote(answer.headers["Content-Disposition"])
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_who_sees_the_directive_gets_its_papers_and_nobody_else(
    cast, client_of, make_directive, make_task, attach
):
    directive = make_directive()
    make_task(directive=directive)
    paper = attach(directive)

    got = {part: client_of(user).get(f"/tep/{paper.id}").status_code for part, user in cast.everybody.items()}

    assert got == {
        "chairman": 200, "tracker": 200, "head": 200, "officer": 200, "coordinator": 200, "outsider": 404,
        "inspector": 200, "admin": 200,
    }  # fmt: skip


def test_evidence_of_a_task_goes_to_who_sees_the_task(cast, client_of, make_task, attach, make_directive):
    task = make_task(state=State.IN_PROGRESS)
    stamp = Stamp(on=TODAY, by=cast.head, at=NOW)
    known = attach(make_directive())
    evidence = papers.attachments_of(
        [papers.Paper("minh chứng.pdf", "application/pdf", known.size, known.sha256)], stamp=stamp
    )
    progress.update(task, stamp=stamp, text="Đã xong dự thảo", evidence=evidence)

    got = {
        part: client_of(user).get(f"/tep/{evidence[0].id}").status_code
        for part, user in cast.everybody.items()
    }

    assert got["head"] == got["coordinator"] == got["tracker"] == 200
    assert got["outsider"] == 404


@pytest.mark.parametrize("id_", ["999999", "0", "-1", "abc", "99999999999999999999"])
def test_an_unknown_or_malformed_id_is_not_found(cast, client_of, id_):
    assert client_of(cast.tracker).get(f"/tep/{id_}").status_code == 404


def test_nobody_gets_a_paper_without_signing_in(client, make_directive, attach):
    paper = attach(make_directive())

    assert client.get(f"/tep/{paper.id}").status_code == 302


def test_a_row_whose_file_is_gone_is_not_found(app, cast, client_of, make_directive, attach, tmp_path):
    paper = attach(make_directive())
    app.config["FILES_FOLDER"] = str(tmp_path / "elsewhere")

    assert client_of(cast.tracker).get(f"/tep/{paper.id}").status_code == 404


@pytest.mark.parametrize(
    ("part", "status"),
    [
        ("chairman", 303),
        ("head", 403),
        ("officer", 403),
        ("inspector", 403),
        ("admin", 403),
        ("outsider", 403),
    ],
)
def test_only_who_registers_directives_attaches_papers(cast, client_of, make_directive, part, status):
    directive = make_directive()

    answer = send(client_of(cast.everybody[part]), directive, upload(PDF, "a.pdf"))

    assert answer.status_code == status


def test_a_program_under_the_name_of_a_paper_is_refused_and_the_good_papers_stay(
    cast, client_of, make_directive
):
    directive, client = make_directive(), client_of(cast.tracker)

    refused = send(client, directive, upload(PDF, "tốt.pdf"), upload(EXE, "báo cáo.pdf"))
    again = send(client, directive, **{"papers-kept": kept(refused)})

    assert refused.status_code == 422
    assert "“báo cáo.pdf” không phải tệp pdf" in errors(refused)[0]
    assert "tốt.pdf" in words(refused)
    assert again.status_code == 303
    assert [paper.filename for paper in db.session.query(Attachment)] == ["tốt.pdf"]


def test_a_paper_that_was_unticked_is_not_attached(cast, client_of, make_directive):
    directive, client = make_directive(), client_of(cast.tracker)
    send(client, directive, upload(PDF, "tốt.pdf"), upload(EXE, "báo cáo.pdf"))

    again = send(client, directive)

    assert again.status_code == 422
    assert errors(again) == ["Chọn ít nhất một tệp."]


@pytest.mark.parametrize("forged", ["abc", "eyJhIjoxfQ.x.y", ""])
def test_nobody_names_a_kept_paper_by_hand(cast, client_of, make_directive, forged):
    answer = send(client_of(cast.tracker), make_directive(), **{"papers-kept": [forged]})

    assert answer.status_code == 422


def test_the_paper_that_one_person_sent_is_not_attached_by_another(cast, client_of, make_directive):
    directive = make_directive()
    refused = send(client_of(cast.tracker), directive, upload(PDF, "tốt.pdf"), upload(EXE, "báo cáo.pdf"))

    answer = send(client_of(cast.chairman), directive, **{"papers-kept": kept(refused)})

    assert answer.status_code == 422


@pytest.mark.parametrize("size", [26, 50])
def test_a_file_that_is_too_large_is_told_at_the_field(cast, client_of, make_directive, size):
    answer = send(client_of(cast.tracker), make_directive(), upload(b"a" * (size * 1024 * 1024), "a.txt"))

    assert answer.status_code == 422
    assert f"có {size},0 MB, lớn hơn 25 MB" in errors(answer)[0]


def test_a_submission_beyond_every_measure_gets_a_page_that_says_so(app, cast, client_of, make_directive):
    app.config["MAX_CONTENT_LENGTH"] = 1024

    answer = send(client_of(cast.tracker), make_directive(), upload(b"a" * 2048, "a.txt"))

    assert answer.status_code == 413
    assert "quá lớn" in words(answer)


def test_more_than_ten_files_are_too_many(cast, client_of, make_directive):
    files = [upload(b"so %d" % number, f"{number}.txt") for number in range(11)]

    answer = send(client_of(cast.tracker), make_directive(), *files)

    assert "nhiều nhất 10 tệp" in errors(answer)[0]
    assert len(kept(answer)) == 10


def test_a_double_click_attaches_once(cast, client_of, make_directive):
    directive, client = make_directive(), client_of(cast.tracker)

    first = send(client, directive, upload(PDF, "a.pdf"))
    second = send(client, directive, upload(PDF, "a.pdf"))

    assert (first.status_code, second.status_code) == (303, 303)
    assert db.session.query(Attachment).count() == 1

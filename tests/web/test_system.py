"""The page of the state of the system, and the banner that its findings are on every page."""

import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from tests.counting import statements
from tests.web.pages import words
from tracker import clock
from tracker.models import db
from tracker.models.calendar import CalendarDay, DayKind
from tracker.models.mail import GAP, Delivery, DeliveryOutcome, JobRun, MailState, OutgoingMail
from tracker.models.people import Role
from tracker.queries import health
from tracker.queries.refused import refused_sql
from tracker.rules.timetable import TIMETABLE

PAGE = "/quan-tri/he-thong"
NOON = datetime(2026, 3, 20, 12, 0, tzinfo=clock.VIETNAM)


@pytest.fixture(autouse=True)
def at_noon(session, app, on_day, monkeypatch):
    """Friday 20/3/2026 at noon, with a calendar that goes on; the web server has run for an hour."""
    on_day(NOON.date(), "12:00")
    monkeypatch.setitem(app.extensions, "began", time.monotonic() - 3600)
    for year in (2026, 2027):
        session.add(CalendarDay(day=datetime(year, 9, 2, tzinfo=clock.VIETNAM).date(), kind=DayKind.DAY_OFF))
    session.commit()


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def run(name, moment, *, succeeded=True, detail=None, worker="máy:1:2", ended=True):
    """Store a run of a job."""
    db.session.add(JobRun(
        name=name, worker=worker, started_at=moment, ended_at=moment if ended else None, detail=detail,
        succeeded=succeeded, seen_at=moment,
    ))  # fmt: skip
    db.session.commit()


def make_well(moment=NOON):
    """Let every job have run at a moment."""
    for entry in TIMETABLE:
        run(entry.name, moment)


def make_mail(user, state, *, at=NOON, outcome=None):
    """Store a mail to somebody, as the outbox left it."""
    number = db.session.query(OutgoingMail).count()
    mail = OutgoingMail(
        key=f"thu-{number}", kind="digest", user_id=user.id, address=user.email, subject="Nhắc việc",
        text="x", html="x", message_id=f"<{number}@x>", state=state, queued_at=at, ended_at=at,
        last_error="550 5.1.1 Khong co nguoi nay" if state is MailState.FAILED else None,
    )  # fmt: skip
    db.session.add(mail)
    db.session.flush()
    outcome = outcome or (DeliveryOutcome.REFUSED if state is MailState.FAILED else DeliveryOutcome.ACCEPTED)
    db.session.add(Delivery(mail_id=mail.id, worker="máy:1:2", started_at=at, ended_at=at, outcome=outcome))
    db.session.commit()
    return mail


@pytest.mark.parametrize("part", ["chairman", "tracker", "head", "officer", "outsider", "inspector"])
def test_nobody_but_an_administrator_sees_the_state_of_the_system(cast, client_of, part):
    assert client_of(cast.everybody[part]).get(PAGE).status_code == 403


def test_an_administrator_below_the_root_neither_sees_it_nor_the_banner(cast, client_of):
    client = client_of(cast.make_person(unit=cast.commune, role=Role.ADMIN))

    assert client.get(PAGE).status_code == 403
    assert "Bộ lập lịch" not in words(client.get("/quan-tri"))


def test_when_all_is_well_the_page_says_so_and_no_page_has_a_banner(admin):
    make_well()

    page = words(admin.get(PAGE))

    assert "Mọi việc chạy đúng" in page
    assert "tình trạng hệ thống" not in words(admin.get("/")).replace("Tình trạng", "")
    assert "thư cảnh báo gửi tới: Bùi Anh Kiệt" in page
    assert "máy máy, tiến trình số 2" in page


def test_the_page_tells_of_jobs_database_disks_and_backups(admin):
    make_well()
    run("backup", NOON, detail="Đã sao lưu vào tracker-2026-03-20-013000.sqlite3, 1,8 MB.")

    page = words(admin.get(PAGE))

    kind = {"sqlite": "nhật ký WAL", "postgresql": "Đồng hồ cơ sở dữ liệu lệch"}[db.engine.dialect.name]
    for said in (kind, "Phiên bản bảng", "còn trống", "tracker-2026-03-20-013000.sqlite3",
                 "lần cuối thành công 12:00 20/03/2026", "đã lưu đến hết ngày 31/12/2027"):  # fmt: skip
        assert said in page


def test_a_dead_scheduler_is_said_on_every_page_of_administrators_and_of_nobody_else(cast, admin, client_of):
    make_well(NOON - timedelta(minutes=5))
    said = "Bộ lập lịch đã ngừng từ 11:55 20/03/2026."

    pages = [words(admin.get(path)) for path in ("/", "/nhiem-vu", "/quan-tri", "/thu-di", PAGE)]
    others = [words(client_of(user).get("/")) for user in (cast.chairman, cast.tracker, cast.head)]

    assert all(said in page for page in pages)
    assert not any(said in page for page in others)


def test_what_is_merely_to_be_seen_to_takes_one_line(admin):
    make_well()
    db.session.query(CalendarDay).delete()
    db.session.commit()

    one = words(admin.get("/nhiem-vu"))
    make_mail_slow()
    two = words(admin.get("/nhiem-vu"))

    assert "Lịch làm việc năm 2026 chưa có ngày nghỉ nào" in one
    assert "Hệ thống có 2 điều cần chú ý." in two
    assert "Lịch làm việc" not in two


def make_mail_slow():
    """Store a mail that was put off again and again."""
    db.session.add(OutgoingMail(
        key="cham", kind="digest", address="x@song-huong.example", subject="Nhắc", text="x", html="x",
        message_id="<cham@x>", state=MailState.QUEUED, queued_at=NOON - timedelta(hours=2), attempts=4,
        next_attempt_at=NOON + timedelta(minutes=30),
    ))  # fmt: skip
    db.session.commit()


def test_each_way_to_stand_has_its_word_and_its_shape(admin):
    make_well()
    run("deliver", NOON, succeeded=None, ended=False)
    run("prompt", NOON - timedelta(hours=1), succeeded=None, ended=False)
    run("watch", NOON, succeeded=False, detail="RuntimeError: đĩa đầy")

    answer = admin.get(PAGE)

    page = words(answer)
    assert all(word in page for word in ("đang chạy", "bị ngắt", "lỗi", "RuntimeError: đĩa đầy"))
    for shape in ("completed", "in_progress", "cancelled"):
        assert f'href="#shape-{shape}"' in answer.text


def test_the_last_gaps_are_told(admin):
    make_well()
    db.session.add(JobRun(name=GAP, worker="m", started_at=NOON - timedelta(hours=9), succeeded=False,
                          ended_at=NOON - timedelta(hours=1), seen_at=NOON - timedelta(hours=9)))  # fmt: skip
    db.session.commit()

    assert "từ 03:00 20/03/2026 đến 11:00 20/03/2026" in words(admin.get(PAGE))


def test_the_mails_of_the_day_are_counted_by_state(cast, admin):
    make_well()
    make_mail(cast.head, MailState.SENT, at=datetime(2026, 3, 19, 23, 59, tzinfo=clock.VIETNAM))
    for _each in range(3):
        make_mail(cast.head, MailState.SENT, at=datetime(2026, 3, 20, 0, 0, tzinfo=clock.VIETNAM))
    make_mail(cast.officer, MailState.FAILED)

    page = words(admin.get(PAGE))

    assert "Đã gửi: 3 · Gửi lỗi: 1" in page
    assert "Địa chỉ bị trả lại 1 người" in page


@pytest.mark.parametrize(
    ("free", "words_said", "is_fault"),
    [
        (199, "Đĩa sắp đầy: chỉ còn trống 199 MB.", True),
        (201, "Đĩa chỉ còn trống 201 MB.", False),
        (1025, None, False),
    ],
)
def test_a_full_disk_is_told_of(admin, client, monkeypatch, free, words_said, is_fault):
    make_well()
    usage = SimpleNamespace(total=10**12, used=0, free=free * 1024**2)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _folder: usage)

    page, monitor = words(admin.get(PAGE)), client.get("/healthz").status_code

    assert (words_said in page) if words_said else ("Đĩa" not in page.split("Dữ liệu")[0])
    assert monitor == (503 if is_fault else 200)


def test_when_no_administrator_has_an_address_that_is_said(cast, admin):
    make_well()
    cast.admin.email = None
    db.session.commit()

    assert "khi có lỗi không ai được báo qua thư" in words(admin.get(PAGE))


REFUSED = "bị trả lại, nên ông/bà không nhận được thư nhắc"


def test_a_person_whose_mail_comes_back_is_told_on_their_pages_until_it_is_mended(cast, client_of, session):
    client = client_of(cast.head)
    make_mail(cast.head, MailState.SENT, at=NOON - timedelta(days=2))
    seen = [REFUSED in words(client.get("/"))]
    make_mail(cast.head, MailState.FAILED, at=NOON - timedelta(days=1))
    page = words(client.get("/"))
    seen.append(REFUSED in page)
    make_mail(cast.head, MailState.QUEUED)
    seen.append(REFUSED in words(client.get("/")))
    seen.append(REFUSED in words(client_of(cast.officer).get("/")))

    cast.head.email = "binh.moi@song-huong.example"
    session.commit()
    by_address = REFUSED in words(client.get("/"))
    cast.head.email = "BINH@song-huong.example"
    make_mail(cast.head, MailState.SENT)
    by_arrival = REFUSED in words(client.get("/"))

    assert seen == [False, True, True, False]
    assert "Máy chủ thư trả lời: 550 5.1.1 Khong co nguoi nay" in page
    assert "Hãy báo quản trị" in page
    assert (by_address, by_arrival) == (False, False)


def test_a_mail_that_failed_for_want_of_a_server_blames_no_address(cast, client_of):
    make_mail(cast.head, MailState.FAILED, outcome=DeliveryOutcome.FAILED)

    assert REFUSED not in words(client_of(cast.head).get("/"))


def test_the_pages_of_people_mark_whose_mail_comes_back(cast, admin):
    make_mail(cast.head, MailState.FAILED, at=NOON - timedelta(days=3))
    make_mail(cast.head, MailState.FAILED)

    people = admin.get("/quan-tri/nguoi-dung")
    person = words(admin.get(f"/quan-tri/nguoi-dung/{cast.head.id}"))

    assert people.text.count("Thư bị trả lại") == 1
    assert "Nguyễn Văn Bình" in people.text.split("Thư bị trả lại")[0].rsplit("<tr>", 1)[1]
    assert "Thư bị trả lại từ 12:00 17/03/2026: 550 5.1.1" in person


def test_more_runs_mails_and_people_take_no_more_statements(cast, admin):
    make_well()
    make_mail(cast.head, MailState.FAILED)
    paths = (PAGE, "/thu-di", "/quan-tri/nguoi-dung", "/nhiem-vu")
    few = []
    for path in paths:
        with statements() as seen:
            admin.get(path)
        few.append(len(seen))
    for number in range(10):
        run("deliver", NOON, detail=f"Đã gửi {number}")
        make_mail(cast.make_person(unit=cast.lead), MailState.FAILED)

    many = []
    for path in paths:
        with statements() as seen:
            admin.get(path)
        many.append(len(seen))

    assert many == few


def test_the_banners_cost_an_administrator_two_statements_and_others_one(cast, client_of):
    make_well()

    def cost(user):
        client = client_of(user)
        with statements() as seen:
            client.get("/tai-khoan")
        return len([each for each in seen if "job_run" in each or "outgoing_mail" in each])

    assert (cost(cast.admin), cost(cast.head)) == (2, 1)


@pytest.mark.about_sqlite
def test_the_question_on_every_page_walks_no_whole_table(session):
    query = str(
        refused_sql(OutgoingMail.user_id == 1).compile(
            session.get_bind(), compile_kwargs={"literal_binds": True}
        )
    )

    plan = " ".join(row[3] for row in session.execute(db.text(f"EXPLAIN QUERY PLAN {query}")))

    assert "ix_outgoing_mail_failed" in plan
    assert "SCAN outgoing_mail" not in plan.replace("SCAN outgoing_mail USING COVERING INDEX", "")

"""The office's own Word form of B.4: checked, looked at, taken into use, and left again."""

import io
import zipfile
from datetime import UTC, date, datetime

import docx
import pytest

from tests.web.pages import value, words
from tracker.files.b4_template import check_template, default_template
from tracker.files.papers import UnfitPaper
from tracker.models import db
from tracker.models.paper_template import PaperTemplate
from tracker.operations import paper_templates
from tracker.operations.recording import Stamp
from tracker.queries.paper_templates import template_of
from tracker.rules.status import State

PAGE = "/quan-tri/mau-van-ban"
TODAY = date(2026, 3, 10)


@pytest.fixture(autouse=True)
def today(on_day):
    on_day(TODAY)


@pytest.fixture
def admin(cast, client_of):
    return client_of(cast.admin)


def changed(old, new):
    """Return the form to start from with another text in its body."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(default_template(TODAY))) as parts, zipfile.ZipFile(out, "w") as again:
        for part in parts.infolist():
            held = parts.read(part)
            if part.filename == "word/document.xml":
                assert old.encode() in held
                held = held.replace(old.encode(), new.encode())
            again.writestr(part, held)
    return out.getvalue()


def send(admin, unit, content):
    page = admin.get(PAGE)
    data = {"unit": unit.code, "file": (io.BytesIO(content), "mau.docx"), "token": value(page, "token"),
            "csrf_token": value(page, "csrf_token")}  # fmt: skip
    return admin.post(PAGE, data=data, content_type="multipart/form-data")


def test_a_form_is_taken_into_use_and_left_again_and_nothing_is_lost(cast, admin):
    content = default_template(TODAY)
    assert send(admin, cast.city, content).status_code == 303
    row = db.session.scalar(db.select(PaperTemplate))
    assert template_of(cast.city) is None

    for number, in_use in ((1, content), (2, None), (3, content)):
        page = admin.get(PAGE)
        data = {"csrf_token": value(page, "csrf_token"), "token": f"submission-{number}"}
        answer = admin.post(f"{PAGE}/{row.id}/su-dung", data=data)

        assert answer.status_code == 303
        assert template_of(cast.city) == in_use
    assert db.session.get(PaperTemplate, row.id).content == content


def kept_before(cast, content, *, is_used):
    """Keep a form as a version with fewer checks did."""
    stamp = Stamp(on=TODAY, at=datetime(2026, 3, 10, 2, tzinfo=UTC), by=cast.admin)
    row = paper_templates.add(cast.city, "mau-cu.docx", content, stamp=stamp)
    if is_used:
        paper_templates.choose(row, stamp=stamp)
    db.session.commit()
    return row


def test_of_a_form_in_use_that_earlier_checks_let_pass_the_page_says_what_is_wrong(cast, admin):
    kept_before(cast, twice(), is_used=True)

    assert "đang dùng Cần sửa mẫu: Mẫu có nhiều dòng có trường dong_ten." in words(admin.get(PAGE))


def test_of_a_form_in_use_the_page_says_what_it_lacks(cast, admin):
    kept_before(cast, changed("MERGEFIELD pham_vi ", "MERGEFIELD don_vi_giao "), is_used=True)

    assert "Cần sửa mẫu: Mẫu không có trường: pham_vi." in words(admin.get(PAGE))


def test_a_form_that_no_longer_passes_is_not_taken_into_use(cast, admin):
    row = kept_before(cast, moved("dong_c1"), is_used=False)
    page = admin.get(PAGE)
    data = {"csrf_token": value(page, "csrf_token"), "token": "submission-1"}

    admin.post(f"{PAGE}/{row.id}/su-dung", data=data)

    assert "Cần sửa mẫu" not in words(page)
    assert "phải nằm cùng dòng với dong_ten trong bảng: dong_c1" in words(admin.get(PAGE))
    assert template_of(cast.city) is None


def test_a_preview_is_filled_and_shows_no_field(cast, admin):
    send(admin, cast.city, default_template(TODAY))
    row = db.session.scalar(db.select(PaperTemplate))

    paper = docx.Document(io.BytesIO(admin.get(f"{PAGE}/{row.id}/xem-thu").data))

    lines = [[cell.text for cell in line.cells] for line in paper.tables[1].rows]
    assert [line[0] for line in lines[2:]] == [
        "Phòng Nội vụ", "Phòng Văn hóa và Thông tin", "UBND xã Hải Dương", "Tổng cộng",
    ]  # fmt: skip
    assert lines[-1][1:] == ["3"] * 7 + ["21"]
    assert "«" not in "".join(each.text for each in paper.paragraphs) + str(lines)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("MERGEFIELD dong_c1 ", "MERGEFIELD dong_c11 ", "không biết"),
        ("MERGEFIELD dong_ten ", "MERGEFIELD don_vi_giao ", "dòng lặp lại"),
        ("MERGEFIELD dong_c1 ", "INCLUDETEXT /etc/passwd ", "không được nhận"),
        ("MERGEFIELD dong_c1 ", "IF 1 = 1 a b ", "không được nhận"),
        ("MERGEFIELD dong_c1 ", "MERGEFIELD dong_c1 \\# N999999999 ", "không được nhận"),
    ],
)
def test_a_form_that_does_more_than_name_fields_is_refused(old, new, reason):
    with pytest.raises(UnfitPaper, match=reason):
        check_template("mau.docx", io.BytesIO(changed(old, new)))


def moved(field):
    """Return the form to start from with a field of a row put below the title too."""
    title = "MERGEFIELD tieu_de "
    return changed(title, f"MERGEFIELD {field} ")


def twice():
    """Return the form to start from with two rows that are to be repeated."""
    return changed("MERGEFIELD tong_c1 ", "MERGEFIELD dong_ten ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (moved("dong_ten"), "phải nằm trong một dòng của bảng"),
        (twice(), "nhiều dòng có trường dong_ten"),
        (moved("dong_c3"), "phải nằm cùng dòng với dong_ten trong bảng: dong_c3"),
        (changed("MERGEFIELD tong_c2 ", "MERGEFIELD dong_c2 "), "cùng dòng với dong_ten trong bảng: dong_c2"),
    ],
)
def test_a_field_of_a_row_outside_the_repeated_row_would_stay_empty_and_is_refused(content, reason):
    with pytest.raises(UnfitPaper, match=reason):
        check_template("mau.docx", io.BytesIO(content))


def test_a_field_that_word_split_over_runs_is_one_field(cast, admin):
    runs = ' MERGE</w:instrText></w:r><w:r><w:instrText xml:space="preserve">FIELD dong</w:instrText></w:r>'
    runs += '<w:proofErr w:type="spellStart"/><w:r><w:instrText xml:space="preserve">_ten '

    assert send(admin, cast.city, changed(" MERGEFIELD dong_ten ", runs)).status_code == 303

    row = db.session.scalar(db.select(PaperTemplate))
    paper = docx.Document(io.BytesIO(admin.get(f"{PAGE}/{row.id}/xem-thu").data))
    assert [line.cells[0].text for line in paper.tables[1].rows[2:]][:2] == [
        "Phòng Nội vụ", "Phòng Văn hóa và Thông tin",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("mau.doc", b"x", "“mau.doc” không phải tệp Word (.docx). Mở tệp bằng Word, chọn Lưu thành"),
        ("mau.pdf", b"%PDF-1.7", "“mau.pdf” không phải tệp Word (.docx)."),
        ("mau.docx", bytes.fromhex("D0CF11E0A1B11AE1") + bytes(5000), "Bỏ mật khẩu, lưu lại thành .docx."),
        ("mau.docx", b"PK" + bytes(30_000_000), "Mẫu lớn hơn 2 MB. Bớt hình ảnh trong mẫu."),
        ("mau.docm", b"PK" + bytes(500), "có macro nên không được nhận"),
    ],
)
def test_a_file_that_is_no_form_is_refused_with_what_to_do(name, content, says):
    with pytest.raises(UnfitPaper) as refused:
        check_template(name, io.BytesIO(content))

    assert says in refused.value.message % refused.value.values


def test_the_list_of_fields_names_the_column_of_each_number(admin):
    page = words(admin.get(PAGE))

    assert "dong_c4 Số của một dòng ở cột 4 (Đang thực hiện – đã quá hạn)" in page
    assert "tong_c7 Tổng cộng ở cột 7 (Đã hoàn thành – quá hạn)" in page
    assert "ty_le_3 Tỷ lệ hoàn thành trên số đã đến hạn" in page


def test_an_unknown_field_is_named_with_the_nearest_known_one(cast, admin):
    content = changed("MERGEFIELD tieu_de ", "MERGEFIELD tieude ")

    answer = send(admin, cast.city, content)

    assert answer.status_code == 422
    assert "tieude (có phải tieu_de?)" in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(PaperTemplate)) is None


@pytest.mark.parametrize("typed", ["«khong_thoi_han»", "« so_luong »"])
def test_a_field_that_is_mere_letters_is_named_and_refused(cast, admin, typed):
    paper = docx.Document(io.BytesIO(default_template(TODAY)))
    line = paper.add_paragraph("Có ")
    for part in (typed[:4], typed[4:], " nhiệm vụ."):
        line.add_run(part)
    written = io.BytesIO()
    paper.save(written)

    answer = send(admin, cast.city, written.getvalue())

    assert answer.status_code == 422
    told = typed.replace(" ", "")
    assert f"Chữ gõ tay không phải là trường: {told}." in answer.get_data(as_text=True)
    assert db.session.scalar(db.select(PaperTemplate)) is None


def test_words_in_angle_quotes_are_no_fields(cast, admin):
    assert send(admin, cast.city, changed("Nơi nhận:", "Phong trào «xanh» gửi:")).status_code == 303


def test_a_form_without_some_numbers_is_kept_and_says_which(cast, admin):
    answer = send(admin, cast.city, changed("MERGEFIELD dong_tat_ca ", "MERGEFIELD dong_stt "))

    page = admin.get(answer.headers["Location"]).get_data(as_text=True)
    assert "Mẫu không có trường: dong_tat_ca." in page
    whole = send(admin, cast.city, default_template(TODAY))
    assert "Mẫu không có trường" not in admin.get(whole.headers["Location"]).get_data(as_text=True)


def test_a_form_of_another_tree_is_not_told_of(cast, admin):
    assert admin.get(f"{PAGE}/999/xem-thu").status_code == 404


def test_word_of_the_page_is_written_on_the_form_and_units_below_inherit_it(cast, client_of, admin):
    cast.make_task(state=State.IN_PROGRESS)
    content = changed("Nơi nhận:", "Nơi gửi đến:")
    send(admin, cast.city, content)
    row = db.session.scalar(db.select(PaperTemplate))
    paper_templates.choose(row, stamp=Stamp(on=TODAY, at=datetime(2026, 3, 10, tzinfo=UTC)))

    address = f"/bieu-b4?assigner={cast.city.code}&from=01/01/2026&to=31/12/2026&format=docx"
    answer = client_of(cast.tracker).get(address)

    tables = docx.Document(io.BytesIO(answer.data)).tables
    assert tables[-1].rows[0].cells[0].text.startswith("Nơi gửi đến:")
    assert tables[1].rows[2].cells[0].text == cast.lead.name
    assert tables[1].rows[2].cells[-1].text == "1"
    assert template_of(cast.lead) == content


def test_a_form_from_outside_or_with_other_files_in_it_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(default_template(TODAY))) as parts, zipfile.ZipFile(out, "w") as again:
        for part in parts.infolist():
            held = parts.read(part)
            if part.filename == "word/_rels/document.xml.rels":
                link = b'<Relationship Id="x" Type="a/image" Target="http://a" TargetMode="External"/>'
                held = held.replace(b"</Relationships>", link + b"</Relationships>")
            again.writestr(part, held)

    with pytest.raises(UnfitPaper, match="nối ra ngoài"):
        check_template("mau.docx", io.BytesIO(out.getvalue()))


def damaged():
    """Return a Word file of which some bytes in the middle were lost."""
    whole = bytearray(default_template(TODAY))
    whole[2000:4000] = bytes(2000)
    return bytes(whole)


@pytest.mark.parametrize("content", [b"khong phai Word", b"PK\x03\x04hong", b"", damaged()])
def test_what_is_no_word_file_is_refused(content):
    with pytest.raises(UnfitPaper):
        check_template("mau.docx", io.BytesIO(content))

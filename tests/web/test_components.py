"""Frames, components and filters, rendered without database or signed-in person."""

import itertools
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, render_template, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect, FlaskForm
from jinja2 import StrictUndefined
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectChoice, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional
from wtforms.widgets.core import html_params

from tracker.queries.tasks import StatusView
from tracker.web import NavItem, b4_figures, cells_bar, faces, filters, templating
from tracker.web.forms import attributes

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STYLES = (ROOT / "static" / "app.css").read_text(encoding="utf-8")


@pytest.fixture
def app():
    app = Flask("components", template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.config.update(SECRET_KEY="components", BABEL_DEFAULT_LOCALE="vi")
    app.jinja_env.undefined = StrictUndefined
    Babel(app)
    CSRFProtect(app)
    filters.register(app)
    b4_figures.register(app)
    templating.register(app)
    faces.register(app)
    cells_bar.register(app)
    with app.test_request_context("/"):
        yield app


class GiveForm(FlaskForm):
    content = TextAreaField("Nội dung", [InputRequired("Nhập nội dung nhiệm vụ.")])
    lead = SelectField(
        "Chủ trì",
        choices=[SelectChoice("", "Chọn đơn vị"), SelectChoice("1", "Phòng Nội vụ")],
        validators=[InputRequired("Chọn.")],
    )
    units = SelectMultipleField(
        "Nhóm đơn vị",
        choices=[
            SelectChoice("2", "UBND xã Mễ Sở", optgroup="UBND các xã"),
            SelectChoice("3", "UBND xã Thắng Lợi", optgroup="UBND các xã"),
            SelectChoice("1", "Phòng Nội vụ", optgroup="Các phòng"),
        ],
        validators=[Optional()],
    )
    urgency = RadioField(
        "Độ khẩn",
        choices=[SelectChoice("a", "Thường"), SelectChoice("b", "Khẩn")],
        validators=[InputRequired("Chọn độ khẩn.")],
    )
    note = StringField("Ghi chú", [Optional()])


def view(cell, *, days=None, left=None, due_on=date(2026, 6, 24), today=False):
    return SimpleNamespace(cell=cell, days=days, working_days_left=left, due_on=due_on, due_today=today)


def words_of(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()


def render(source, **context):
    return render_template_string(source, **context)


def component(call, file=None, **context):
    """Render one macro call; `file` is the component's file where it is not named like the macro."""
    name = call.partition("(")[0]
    return render(f"{{% from 'components/{file or name}.html' import {name} %}}{{{{ {call} }}}}", **context)


# Filters


def test_a_day_prints_with_two_figures_for_day_and_month():
    assert filters.day(date(2026, 6, 5)) == "05/06/2026"
    assert filters.day(None) == ""


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 6, 23, 16, 59, tzinfo=UTC), "23:59 23/06/2026"),
        (datetime(2026, 6, 23, 17, 0, tzinfo=UTC), "00:00 24/06/2026"),
    ],
)
def test_a_moment_prints_in_vietnamese_time(at, shown):
    assert filters.moment(at) == shown
    assert filters.day(at) == shown[6:]


def test_a_moment_without_time_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        filters.moment(datetime(2026, 6, 23, 17, 0))


def test_the_week_begins_with_thu_hai(app):
    monday = date(2026, 6, 22)

    names = [filters.weekday(monday + timedelta(days=n)) for n in range(7)]

    assert names == ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.000"),
        (1234567, "1.234.567"),
        (Decimal("1234.5"), "1.234,5"),
        (None, ""),
    ],
)
def test_numbers_have_a_point_between_thousands(value, shown):
    assert filters.number(value) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"),
    [
        (0, "0,0%"),
        (1, "100,0%"),
        (0.4567, "45,7%"),
        (Decimal("0.1225"), "12,3%"),
        (Fraction(1, 3), "33,3%"),
        (None, "–"),
    ],
)
def test_percentages_have_one_decimal_rounded_half_up(ratio, shown):
    assert filters.percent(ratio) == shown


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (0, "0 byte"),
        (1023, "1023 byte"),
        (1024, "1 KB"),
        (1536, "1,5 KB"),
        (1024**2 - 1, "1 MB"),
        (50 * 1024**2, "50 MB"),
        (None, ""),
    ],
)
def test_file_sizes_read_as_in_a_file_manager(size, shown):
    assert filters.filesize(size) == shown


def test_a_status_cell_that_does_not_exist_is_an_error(app):
    with pytest.raises(KeyError):
        filters.cell_words("overdue")


# Status


@pytest.mark.parametrize(
    ("status", "words", "shape", "tone"),
    [
        (view("not_started_not_due", left=4), "Chưa thực hiện", "not_started", "grey"),
        (view("not_started_not_due", left=3), "Chưa thực hiện còn 3 ngày làm việc", "not_started", "grey"),
        (
            view("not_started_not_due", left=0, today=True),
            "Chưa thực hiện hạn hôm nay",
            "not_started",
            "grey",
        ),
        (view("not_started_overdue", days=1), "Chưa thực hiện · quá hạn 1 ngày", "not_started", "red"),
        (view("in_progress_not_due", left=9), "Đang thực hiện", "in_progress", "blue"),
        (view("in_progress_not_due", due_on=None), "Đang thực hiện không thời hạn", "in_progress", "blue"),
        (view("in_progress_overdue", days=1234), "Đang thực hiện · quá hạn 1.234 ngày", "in_progress", "red"),
        (view("awaiting_confirmation", days=2), "Chờ xác nhận (2 ngày)", "awaiting", "violet"),
        (view("awaiting_confirmation", days=0), "Chờ xác nhận", "awaiting", "violet"),
        (view("completed_on_time"), "Hoàn thành đúng hạn", "completed", "green"),
        (view("completed_late", days=3), "Hoàn thành quá hạn (muộn 3 ngày)", "completed", "olive"),
        (view("cancelled"), "Đã thu hồi", "cancelled", "grey"),
    ],
)
def test_a_status_is_a_word_a_shape_and_a_colour(app, status, words, shape, tone):
    html = component("status(view)", view=status)

    assert words_of(html) == words
    assert f'href="#shape-{shape}"' in html
    assert f"tone-{tone}" in html
    assert ("shape-mark" in html) == (status.cell.endswith("_overdue") or status.cell == "completed_late")


def test_the_status_of_a_row_is_that_of_the_component_for_each_view_and_setting(app):
    rows = [
        (StatusView("in_progress_not_due", 0, left, date(2026, 6, 25), False), soon)
        for left, soon in ((4, 3), (4, 5), (2, 3), (4, 3))
    ]

    marks = [render("{{ v|status_mark(soon) }}", v=view, soon=soon) for view, soon in rows]

    assert marks == [component("status(v, soon)", v=view, soon=soon) for view, soon in rows]
    assert [words_of(mark) for mark in marks[:3]] == [
        "Đang thực hiện", "Đang thực hiện còn 4 ngày làm việc", "Đang thực hiện còn 2 ngày làm việc",
    ]  # fmt: skip


def test_a_status_in_a_matrix_has_its_words_as_text_alternative(app):
    html = component("mark(v)", "status", v=view("in_progress_overdue", days=4))

    assert words_of(html) == ""
    assert 'role="img" aria-label="Đang thực hiện · quá hạn 4 ngày"' in html


def test_every_status_shape_and_bar_pattern_is_drawn_in_the_frame(app):
    frame = render_template("errors/404.html")
    statuses = component("legend()", "status") + "".join(
        component("status(view)", view=view(cell)) for cell in ("draft", "cancelled")
    )
    bar = component("cells_bar([1, 1, 1, 1, 1, 1, 1])")

    used = set(re.findall(r'href="#([\w-]+)"', statuses)) | set(re.findall(r"url\(#([\w-]+)\)", bar))

    assert len(used) == 14
    assert used <= set(re.findall(r'id="([\w-]+)"', frame))


@pytest.mark.parametrize("tone", ["grey", "red", "blue", "violet", "green", "olive", "amber"])
def test_ink_on_tint_has_a_contrast_of_4_5(tone):
    ink, tint = (luminance(token(f"{tone}-{part}")) for part in ("ink", "tint"))

    assert (tint + 0.05) / (ink + 0.05) >= 4.5


def test_muted_text_is_readable_on_white_and_on_the_accent_tint():
    for ground in ("paper", "accent-tint"):
        assert (luminance(token(ground)) + 0.05) / (luminance(token("muted")) + 0.05) >= 4.5


def token(name):
    return re.search(rf"--{name}: #([0-9a-f]{{6}});", STYLES)[1]


def luminance(colour):
    """Return the relative luminance of "rrggbb" (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


# Bars, figures, tables


def test_a_bar_is_as_wide_as_its_counts_and_says_them(app):
    html = component("cells_bar([0, 0, 1, 3, 0, 2, 3], label='254/UBND-NV')")

    widths = [float(width) for width in re.findall(r'class="bar-cell"[^>]*width="([\d.]+)%"', html)]
    assert sum(widths) == pytest.approx(100, abs=0.01)
    assert widths == pytest.approx([100 / 9, 300 / 9, 200 / 9, 300 / 9], abs=0.01)
    assert (
        'aria-label="254/UBND-NV: 9 nhiệm vụ: 1 Đang thực hiện, 3 Đang thực hiện · quá hạn, '
        '2 Hoàn thành đúng hạn, 3 Hoàn thành quá hạn"'
    ) in html


def test_a_bar_of_nothing_says_so(app):
    html = component("cells_bar({})")

    assert 'aria-label="chưa có nhiệm vụ"' in html
    assert "bar-cell" not in html


def test_the_seven_counts_open_their_lists(app):
    html = component("counts({'completed_late': 1234}, url, 1234)", url=lambda cell: f"/nhiem-vu?o={cell}")

    assert re.findall(r'href="/nhiem-vu\?o=(\w+)"', html) == [*filters.B4_CELLS, "all"]
    assert "1.234 Hoàn thành quá hạn" in words_of(html)


B4 = SimpleNamespace(
    rows=[SimpleNamespace(unit_name="UBND xã Hải Dương", cells=[0, 0, 1, 3, 0, 2, 3], all=9)],
    total=SimpleNamespace(cells=[0, 0, 1, 3, 0, 2, 3], all=9),
)


def test_table_b4_stands_as_on_paper(app):
    html = component("b4_table(table, 'B.4')", table=B4)

    assert [words_of(head) for head in re.findall(r"<th scope=\"col.*?</th>", html)] == [
        "Đơn vị",
        "Chưa thực hiện",
        "Đang thực hiện",
        "Đã hoàn thành",
        "Tất cả",
        "Chưa đến hạn",
        "Đã quá hạn",
        "Chưa đến hạn",
        "Đã quá hạn",
        "Chờ xác nhận",
        "Đúng hạn",
        "Quá hạn",
    ]
    rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", html, re.S)
    assert [words_of(row) for row in rows] == [
        "UBND xã Hải Dương 0 0 1 3 0 2 3 9",
        "Tổng cộng 0 0 1 3 0 2 3 9",
    ]


def test_each_figure_of_b4_opens_its_own_list(app):
    behind = SimpleNamespace(start=lambda row: f"/{'r' if row else 'total'}/")
    html = component("b4_table(table, 'B.4', behind)", table=B4, behind=behind)

    each = itertools.product(("r", "total"), [*filters.B4_CELLS, "all"])
    assert re.findall(r'href="(.*?)"', html) == [f"/{row}/{cell}" for row, cell in each]
    assert 'aria-label="3 – UBND xã Hải Dương, Đang thực hiện – đã quá hạn"' in html


def test_one_row_of_b4_needs_no_total(app):
    one = SimpleNamespace(rows=B4.rows, total=None)

    html = component("b4_table(table, 'B.4')", table=one)

    assert "Tổng cộng" not in html


@pytest.mark.parametrize(
    ("sort", "leads_to", "says"),
    [("due", "-due", "ascending"), ("-due", "due", "descending"), ("name", "due", None)],
)
def test_a_column_head_sorts_and_turns_round(app, sort, leads_to, says):
    html = component(
        "sort_header('Thời hạn', 'due', sort, url)", "table", sort=sort, url=lambda key: f"?s={key}"
    )

    assert f'href="?s={leads_to}"' in html
    assert (f'aria-sort="{says}"' in html) if says else ("aria-sort" not in html)


# Forms


def refused_form():
    form = GiveForm(
        formdata=MultiDict({"content": "", "note": '"><script>', "units": ["3"]}), meta={"csrf": False}
    )
    assert not form.validate()
    form.form_errors.append("Nhiệm vụ đã được thu hồi.")
    return form


FORM_PAGE = """{% from "components/form.html" import error_summary, field, hidden %}{{ error_summary(form) }}
{{ field(form.content, hint="Một nội dung.") }}{{ field(form.lead, find=True) }}
{{ field(form.units) }}{{ field(form.urgency) }}
{{ field(form.note, reading_url="/doc-thoi-han", autocomplete="off") }}"""


def test_the_summary_of_errors_takes_the_focus_and_links_to_the_fields(app):
    html = render(FORM_PAGE, form=refused_form())

    links = re.findall(r'<a href="#([\w-]+)">(.*?)</a>', html)
    assert links == [
        ("content", "Nội dung: Nhập nội dung nhiệm vụ."),
        ("lead", "Chủ trì: Chọn."),
        ("urgency-0", "Độ khẩn: Chọn độ khẩn."),
    ]
    assert all(f'id="{target}"' in html for target, _ in links)
    assert "Nhiệm vụ đã được thu hồi." in html
    assert re.search(r'<div class="error-summary"[^>]* tabindex="-1" autofocus', html)


def test_a_wrong_field_is_tied_to_its_hint_and_its_message(app):
    html = render(FORM_PAGE, form=refused_form())

    area = re.search(r"<textarea[^>]*>", html)[0]
    assert 'aria-describedby="content-hint content-error"' in area
    assert 'aria-invalid="true"' in area
    assert 'id="content-hint"' in html
    assert 'id="content-error"' in html


def test_what_was_typed_is_kept_and_escaped(app):
    html = render(FORM_PAGE, form=refused_form())

    assert "<script>" not in html
    assert 'value="&#34;&gt;&lt;script&gt;"' in html
    assert re.search(r'value="3" checked', html)


def test_a_field_without_fault_carries_no_error(app):
    html = render(FORM_PAGE, form=GiveForm(meta={"csrf": False}))

    assert "aria-invalid" not in html
    assert "error-summary" not in html
    assert "field-wrong" not in html


def test_groups_of_units_fold_with_their_number_and_open_when_one_is_ticked(app):
    html = render(FORM_PAGE, form=refused_form())

    groups = re.findall(r"<details class=\"choice-group\"[^>]*?( open)?>\s*<summary>(.*?)</summary>", html)
    assert groups == [(" open", "UBND các xã (2)"), ("", "Các phòng (1)")]


def test_choices_outside_any_group_stand_open(app):
    form = GiveForm(meta={"csrf": False})
    form.units.choices = [
        SelectChoice("1", "Phòng Nội vụ"),
        SelectChoice("2", "Mễ Sở", optgroup="UBND các xã"),
    ]

    html = render(FORM_PAGE, form=form)

    assert "None" not in html
    assert re.findall(r"<summary>(.*?)</summary>", html) == ["UBND các xã (1)"]


def test_each_label_belongs_to_one_control(app):
    html = render(FORM_PAGE, form=refused_form())

    ids = re.findall(r' id="([\w-]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'<label for="([\w-]+)"', html)) <= set(ids)


def test_the_title_of_a_refused_form_begins_with_loi(app):
    page = "{% extends 'layouts/public.html' %}{% block title %}Giao nhiệm vụ{% endblock %}"

    assert "<title>Lỗi: Giao nhiệm vụ – Đôn Đốc</title>" in render(page, form=refused_form())
    assert "<title>Giao nhiệm vụ – Đôn Đốc</title>" in render(page, form=GiveForm(meta={"csrf": False}))
    assert "<title>Giao nhiệm vụ – Đôn Đốc</title>" in render(page)


def test_a_page_that_asks_first_says_what_will_happen_and_carries_the_token(app):
    html = component("confirm('Thu hồi nhiệm vụ', '/ve', ['Việc ra khỏi Biểu B.4.'])")

    assert 'name="csrf_token" value="' in html
    assert words_of(html) == "Điều sẽ xảy ra: Việc ra khỏi Biểu B.4. Thu hồi nhiệm vụ Bỏ qua"


# Lists


def test_a_timeline_shows_old_and_new_values_and_escapes_notes(app):
    entry = SimpleNamespace(
        at=datetime(2026, 6, 20, 1, 5, tzinfo=UTC),
        on_day=None,
        who="Trần Văn Hậu",
        what="Gia hạn",
        note="<b>đậm</b>",
        changes=[("Thời hạn", "20/6/2026", "24/6/2026"), ("Khó khăn", None, "")],
        files=[SimpleNamespace(name="a.pdf", url="/tep/1", size=1536)],
    )

    html = component("timeline([entry])", entry=entry)

    assert "&lt;b&gt;đậm&lt;/b&gt;" in html
    assert words_of(html) == (
        "08:05 20/06/2026 Gia hạn Trần Văn Hậu &lt;b&gt;đậm&lt;/b&gt; Thời hạn "
        "trước: 20/6/2026 → nay: 24/6/2026 Khó khăn (trống) a.pdf (1,5 KB)"
    )


def test_both_texts_stand_side_by_side_when_two_people_edit(app):
    html = component(
        "conflict(rows, 'Lê Thị Ệ', at)",
        rows=[("Nội dung", "của tôi", "đang lưu")],
        at=datetime(2026, 6, 20, 1, 5, tzinfo=UTC),
    )

    assert "Lê Thị Ệ đã lưu lúc 08:05 20/06/2026." in words_of(html)
    assert "Nội dung của bạn Nội dung đang lưu Nội dung của tôi đang lưu" in words_of(html)


def test_filters_show_what_is_chosen_and_how_to_remove_it(app):
    options = [
        SimpleNamespace(label="Quá hạn", url="?q", count=1234, current=True),
        SimpleNamespace(label="Khác", url="?k", count=None, current=False),
    ]
    tags = [SimpleNamespace(label="Quá hạn", remove_url="?bo")]

    html = component("filter_group('Hạn', o)", "filters", o=options)
    html += component("filter_tags(t, '?')", "filters", t=tags)

    assert words_of(html) == "Hạn Quá hạn 1.234 Khác Bỏ lọc: Quá hạn × Bỏ hết bộ lọc"
    assert re.findall(r'href="(.*?)" aria-current="true"', html) == ["?q"]


def test_the_last_page_offers_no_next_page(app):
    assert "Trang sau" in component("pagination('2 nhiệm vụ', next_url='?sau=2')")
    assert "Trang sau" not in component("pagination('2 nhiệm vụ')")


# Frames and all templates


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 429, 500])
def test_error_pages_need_nobody_signed_in_and_name_a_next_step(app, code):
    html = render_template(f"errors/{code}.html")

    assert len(re.findall(r"<h1", html)) == 1
    assert '<html lang="vi">' in html
    assert str(code) not in words_of(html)
    assert re.search(r"[Hh]ãy|Quay lại", words_of(html))


def test_the_frame_shows_the_body_the_person_and_the_current_place(app):
    nav = (NavItem("Hôm nay", "/", True), NavItem("Biểu B.4", "/bieu-b4", False))
    page = "{% extends 'layouts/signed_in.html' %}{% block title %}Hôm nay{% endblock %}"

    html = render(
        page, nav=nav, body_name="UBND xã Hải Dương", person_name="Nguyễn Thị Ẵm", person_unit="Văn phòng"
    )

    assert "UBND xã Hải Dương" in html
    assert "Nguyễn Thị Ẵm" in html
    assert re.findall(r'href="(/[^"]*)" aria-current="page"', html) == ["/", "/"]
    leave = re.search(r'<form method="post" action="/dang-xuat">(.*?)</form>', html)[1]
    assert 'name="csrf_token" value="' in leave
    assert "page-aside" not in html
    assert len(re.findall(r"<h1", html)) == 1


def test_official_paper_carries_the_state_heading_and_the_day_in_full(app):
    page = "{% extends 'layouts/print.html' %}{% block title %}Biểu B.4{% endblock %}"

    html = render(
        page,
        issuer="UBND xã Hải Dương",
        issuer_superior="UBND thành phố Huế",
        place="Hải Dương",
        day=date(2022, 6, 7),
    )

    text = words_of(html)
    assert "UBND THÀNH PHỐ HUẾ UBND XÃ HẢI DƯƠNG" in text
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc" in text
    assert "Hải Dương, ngày 07 tháng 6 năm 2022" in text


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_template_carries_inline_style_or_script(path):
    if "emails" in path.parts:
        return
    source = path.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|javascript:|\|\s*safe\b", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "https://" not in source


def test_the_style_sheet_asks_nothing_of_other_hosts():
    assert not re.search(r"url\(|@import|data:", STYLES)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "q", "id": "q", "class_": "form-control", "value": 'Đề án "số" <1> & \'2\''},
        {"required": True, "readonly": False, "rows": 4, "data_day": "Chọn ngày", "aria_describedby": "a b"},
        {"data-find": Markup("Gõ &amp; tìm"), "for_": "x", "value": "", "placeholder": None},
        {},
    ],
)
def test_attributes_are_written_as_the_library_writes_them(values):
    written = attributes(**values)

    assert written == html_params(**values)
    assert isinstance(written, Markup)

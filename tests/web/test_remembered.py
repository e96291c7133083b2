"""What pages write once a process: what is remembered must be what would be written anew."""

from datetime import date
from pathlib import Path

import pytest
from flask import Flask, g, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectChoice,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired

from tracker import language
from tracker.web import NavItem, faces, templating
from tracker.web.forms import ChoiceField, DayField

ROOT = Path(__file__).resolve().parents[2]
UNITS = [SelectChoice("", "Chọn đơn vị"), SelectChoice("1", "Phòng Nội vụ"), SelectChoice("2", "Sở <Y tế>")]


@pytest.fixture
def components():
    app = Flask("remembered", template_folder=ROOT / "templates", static_folder=ROOT / "static")
    language.init_app(app)
    templating.register(app)
    faces.register(app)
    faces._drawn.clear()
    with app.test_request_context("/"):
        g.today = date(2026, 11, 22)
        yield app


class Asked(Form):
    unit = ChoiceField("Đơn vị")
    kind = SelectField("Loại", choices=[SelectChoice("a", "Kế hoạch"), SelectChoice("b", "Công văn")])
    urgency = RadioField("Độ khẩn", choices=[SelectChoice("a", "Thường")])
    several = SelectMultipleField("Nhóm", choices=UNITS)
    on = DayField("Ngày chốt")
    needed = DayField("Từ ngày", [InputRequired("Chưa nhập ngày.")])
    folded = BooleanField("Gộp", description="Cộng đơn vị trực thuộc.")
    text = StringField("Nội dung")


class Strict(Asked):
    on = DayField("Ngày chốt", [InputRequired("Chưa nhập ngày.")])


def asked(values=(), units=UNITS, kind=Asked, **data):
    form = kind(MultiDict(values) if values else None, data=data)
    form.unit.choices = units
    return form


def page(form, call="field(form[name])"):
    each = "{% for name in form._fields %}{{ " + call + " }}{% endfor %}"
    return render_template_string("{% from 'components/form.html' import field %}" + each, form=form)


FORMS = [
    lambda: asked(),
    lambda: asked(unit="1"),
    lambda: asked(unit="2", folded=True, several=["1"]),
    lambda: asked(units=UNITS[:2], unit="1"),
    lambda: asked(units=[*UNITS[:2], SelectChoice("2", "Sở <Y tế>", {"disabled": True})]),
    lambda: asked(units=[SelectChoice("1", "Phòng Nội vụ", optgroup="Các phòng")]),
    lambda: asked(units=[SelectChoice("1", "Phòng Nội vụ")]),
    lambda: asked(kind=Strict),
    lambda: asked(on=date(2026, 11, 22), folded=True, text="<b>"),
    lambda: asked({"on": "22/11/2026", "kind": "b", "text": "hai", "unit": "1"}),
]  # fmt: skip


def test_a_field_is_written_as_it_would_be_anew_whatever_was_drawn_before(components, monkeypatch):
    calls = ("field(form[name])", "field(form[name], width='medium')", "field(form[name], hint='Xem <đây>')")
    remembered = [page(make(), call) for make in FORMS * 2 for call in calls]
    monkeypatch.setattr(faces, "face_of", lambda field: None)

    assert remembered == [page(make(), call) for make in FORMS * 2 for call in calls]
    assert len(set(remembered)) == len(FORMS) * len(calls)


def test_a_closed_field_is_drawn_once(components):
    page(asked(unit="1"))
    first = len(faces._drawn)
    page(asked(unit="1"))

    assert first == len(faces._drawn) == 6  # all but the text and the radios


def test_a_text_and_a_refused_field_are_never_remembered(components):
    form = asked({"needed": "", "text": "mật", "unit": "1", "kind": "a", "urgency": "a"})
    assert not form.validate() and set(form.errors) == {"needed"}

    assert faces.face_of(form.needed) is faces.face_of(form.text) is faces.face_of(form.urgency) is None
    assert "Chưa nhập ngày." in page(form) and "Chưa nhập ngày." not in page(asked())


def test_more_fields_than_are_kept_begin_anew(components, monkeypatch):
    monkeypatch.setattr(faces, "MOST_KEPT", 3)

    pages = [page(make()) for make in FORMS]

    assert len(faces._drawn) <= 3 and pages == [page(make()) for make in FORMS]


def test_a_long_list_is_written_anew(components):
    units = [SelectChoice(str(number), f"Xã {number}") for number in range(faces.MOST_CHOICES + 1)]

    assert faces.face_of(asked(units=units).unit) is None
    assert faces.face_of(asked(units=units[1:]).unit) is not None


def test_a_macro_is_remembered_by_what_it_is_given_and_still_escapes(components):
    source = "{% from 'components/menu.html' import menu %}{{ remembered(menu, (item,)) }}"

    def menu(label, current):
        return render_template_string(source, item=NavItem(label, "/", current))

    assert "&lt;i&gt;" in menu("<i>", False) and "aria-current" in menu("<i>", True)
    assert "aria-current" not in menu("<i>", False) and "&lt;i&gt;" in menu("<i>", True)


def test_pages_find_again_what_they_wrote(cast, client_of):
    client = client_of(cast.chairman)
    client.get("/bieu-b4")
    before = templating.remembered.cache_info()
    client.get("/bieu-b4")
    after = templating.remembered.cache_info()

    assert after.misses == before.misses
    assert after.hits - before.hits >= 2

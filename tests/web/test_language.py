"""Texts of the interface, as Python and templates say them."""

from babel.messages import Catalog
from babel.messages.mofile import write_mo
from flask import Flask, render_template_string
from markupsafe import Markup

from tracker import language
from tracker.language import gettext, lazy_gettext


def app_with(**settings):
    app = Flask("language")
    app.config.update(settings)
    language.init_app(app)
    return app


def test_a_text_of_a_template_is_printed_as_written_and_its_values_are_escaped():
    template = "{{ _('Tỷ lệ <b>%(name)s</b>: %(n)s%%', name=name, n=5) }}|{{ _('Quá 50%%') }}|{{ _(word) }}"
    word = lazy_gettext("Chờ")

    with app_with().test_request_context("/"):
        pages = [render_template_string(template, name=name, word=word) for name in ("<i>", Markup("<u>"))]

    assert pages == ["Tỷ lệ <b>&lt;i&gt;</b>: 5%|Quá 50%|Chờ", "Tỷ lệ <b><u></b>: 5%|Quá 50%|Chờ"]


def test_a_catalogue_is_said_by_templates_and_by_python(tmp_path):
    catalog = Catalog(locale="vi")
    catalog.add("Quá hạn", "Trễ hạn")
    catalog.add("%(n)s việc", "%(n)s nhiệm vụ")
    (tmp_path / "vi" / "LC_MESSAGES").mkdir(parents=True)
    with (tmp_path / "vi" / "LC_MESSAGES" / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    template = "{{ _('Quá hạn') }}, {{ _('%(n)s việc', n=2) }}, {% trans %}Quá hạn{% endtrans %}"

    app = app_with(BABEL_TRANSLATION_DIRECTORIES=str(tmp_path), BABEL_DEFAULT_LOCALE="vi")
    with app.test_request_context("/"):
        page, said = render_template_string(template), gettext("%(n)s việc", n=3)

    assert page == "Trễ hạn, 2 nhiệm vụ, Trễ hạn"
    assert said == "3 nhiệm vụ"

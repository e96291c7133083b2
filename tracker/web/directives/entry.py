"""Registering a directive, and correcting what was entered of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import FieldList
from wtforms.validators import ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Directive, Urgency
from tracker.models.progress import History
from tracker.models.units import Unit
from tracker.operations import directives, papers
from tracker.queries.directives import OF_SERIES
from tracker.queries.giving import issuers_for
from tracker.rules.papers import odd_things, tidy_number
from tracker.rules.permissions import Permission
from tracker.rules.words import KINDS_OF_DIRECTIVE
from tracker.web.access import requires
from tracker.web.citing import Named, citation, find_named, suggestions
from tracker.web.directives.blueprint import bp, load_directive
from tracker.web.filters import day as day_words
from tracker.web.forms import ChoiceField, DayField, Form, line, paragraphs, required
from tracker.web.uploads import PapersField

URGENCY_WORDS = {
    Urgency.NORMAL.value: lazy_gettext("Thường"),
    Urgency.URGENT.value: lazy_gettext("Khẩn"),
    Urgency.VERY_URGENT.value: lazy_gettext("Thượng khẩn"),
    Urgency.EXPRESS.value: lazy_gettext("Hỏa tốc"),
}
SPARE_BASES = 3
MOST_BASES = 40


def _day_given(_form: Any, field: Any) -> None:
    if field.data is None and not field.errors:
        raise ValidationError(
            _("Nhập ngày ban hành, dạng dd/mm/yyyy, ví dụ %(day)s.", day=day_words(g.today))
        )


class DirectiveForm(Form):
    """What the register keeps of a directive."""

    kind = ChoiceField(lazy_gettext("Loại văn bản"))
    number = line(lazy_gettext("Số ký hiệu"), most=64)
    issued_on = DayField(lazy_gettext("Ngày ban hành"), [_day_given])
    issuer = ChoiceField(lazy_gettext("Cơ quan ban hành"))
    subject = paragraphs(
        lazy_gettext("Trích yếu"), required(lazy_gettext("Nhập trích yếu nội dung.")), most=2_000
    )
    signer = line(lazy_gettext("Người ký"))
    signer_title = line(lazy_gettext("Chức vụ người ký"))
    field = line(lazy_gettext("Lĩnh vực"))
    urgency = ChoiceField(lazy_gettext("Độ khẩn"))
    meeting = line(lazy_gettext("Cuộc họp"), most=500)
    bases = FieldList(
        line(lazy_gettext("Căn cứ"), most=500), label=lazy_gettext("Căn cứ"), max_entries=MOST_BASES
    )
    replaces = line(lazy_gettext("Thay thế văn bản"), most=500)
    papers = PapersField(lazy_gettext("Tệp đính kèm"))

    def __init__(
        self, issuers: Sequence[tuple[int, str]], directive: Directive | None = None, **options: Any
    ):
        super().__init__(**options)
        self.directive = directive
        self.kind.choices = [(code, _(words)) for code, words in KINDS_OF_DIRECTIVE.items()]
        if self.kind.data and self.kind.data not in KINDS_OF_DIRECTIVE and directive is not None:
            self.kind.choices.append((directive.kind, directive.kind))
        self.issuer.choices = [(str(id_), name) for id_, name in issuers]
        self.urgency.choices = list(URGENCY_WORDS.items())
        if directive is not None and directive.urgency not in URGENCY_WORDS:
            self.urgency.choices.append((directive.urgency, directive.urgency))
        self.known_bases = (
            {_words_of(each): each.based_on for each in directive.bases if each.based_on} if directive else {}
        )
        self.named: list[Named] = []
        self.replaced: Directive | None = None

    def read_names(self) -> None:
        """Find in the register what the lines of căn cứ and of the replaced paper name."""
        lines = [entry.data or "" for entry in self.bases]
        self.named = find_named(lines, kept=self.known_bases, other_than=self.directive)

    def validate_replaces(self, field: Any) -> None:
        """A replaced paper must be one of the register."""
        if not field.data:
            return
        old = self.directive.replaces if self.directive else None
        kept = {_cite(old): old} if old else {}
        (named,) = find_named([field.data], kept=kept, other_than=self.directive)
        if named.several:
            raise ValidationError(
                _("Sổ có nhiều văn bản mang số này. Ghi thêm ngày, ví dụ “12/KH-UBND ngày 05/01/2026”.")
            )
        if named.directive is None:
            raise ValidationError(
                _("Chưa có văn bản này trong sổ. Đăng ký văn bản đó trước, hoặc ghi vào căn cứ.")
            )
        self.replaced = named.directive

    def add_spare_bases(self) -> None:
        """Leave some empty lines for căn cứ."""
        filled = sum(1 for entry in self.bases if entry.data)
        while len(self.bases) < min(filled + SPARE_BASES, MOST_BASES):
            self.bases.append_entry()

    def based_on(self) -> list[Directive | str]:
        """Return what the paper is based on: papers of the register, and words for the others."""
        return [named.directive or named.words for named in self.named]

    def values(self) -> dict[str, Any]:
        """Return what was typed, but for the issuer, the papers and what it is based on."""
        return {
            "kind": self.kind.data,
            "number": tidy_number(self.number.data) or None,
            "issued_on": self.issued_on.data,
            "subject": self.subject.data,
            "signer": self.signer.data or None,
            "signer_title": self.signer_title.data or None,
            "field": self.field.data or None,
            "urgency": self.urgency.data,
            "meeting": self.meeting.data or None,
            "replaces": self.replaced,
        }

    def tell_oddities(self) -> None:
        """Tell what is odd about the paper after it was stored: warned, never refused."""
        bases = [
            (named.directive.number or named.words, named.directive.issued_on)
            for named in self.named
            if named.directive
        ]
        number = tidy_number(self.number.data)
        assert self.issued_on.data is not None
        for message, values in odd_things(
            number=number, issued_on=self.issued_on.data, bases=bases, today=g.today
        ):
            flash(_(message) % values, "warning")
        for named in self.named:
            if named.several:
                flash(
                    _("Căn cứ “%(words)s”: sổ có nhiều văn bản mang số này nên được giữ nguyên văn. "
                      "Ghi thêm ngày để nối.", words=named.words),
                    "warning",
                )  # fmt: skip


def _cite(directive: Directive) -> str:
    return citation(directive.kind, directive.number, directive.issued_on)


def _words_of(basis: Any) -> str:
    return _cite(basis.based_on) if basis.based_on else basis.printed or ""


@bp.route("/van-ban/moi", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def new() -> ResponseReturnValue:
    """Register a directive; a number that the register has already is announced first."""
    issuers = issuers_for(g.user, day=g.today)
    form = DirectiveForm(issuers, data={"urgency": Urgency.NORMAL.value, "kind": "CV"})
    form.read_names()
    doubles: list[Directive] = []
    if form.is_submitted() and "more" not in request.form and form.validate():
        issuer = db.session.get_one(Unit, int(form.issuer.data))
        doubles = _doubles(form, issuer)
        if not doubles or request.form.get("sure"):
            stamp, directive = form.stamp(), None
            with form.refusals():
                directive = directives.register(
                    stamp=stamp, issuer=issuer, based_on=form.based_on(),
                    attachments=papers.attachments_of(form.papers.data or [], stamp=stamp), **form.values(),
                )  # fmt: skip
            if not form.was_refused:
                return _registered(form, directive)
    form.add_spare_bases()
    return _page(form, doubles=doubles)


def _doubles(form: DirectiveForm, issuer: Unit) -> list[Directive]:
    number = tidy_number(form.number.data)
    assert form.issued_on.data is not None
    return directives.same_number(number, issuer, form.issued_on.data.year) if number else []


def _registered(form: DirectiveForm, directive: Directive | None) -> ResponseReturnValue:
    if directive is None:
        row = db.session.scalar(select(History).where(History.token == form.stamp().token))
        directive = row.directive if row else None
    if directive is None:
        return redirect(url_for("directives.index"), 303)
    form.tell_oddities()
    flash(_("Đã đăng ký văn bản. Bước tiếp theo: giao nhiệm vụ."), "success")
    return redirect(url_for("directives.show", directive_id=directive.id), 303)


@bp.route("/van-ban/<id:directive_id>/sua", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def edit(directive_id: int) -> ResponseReturnValue:
    """Correct what was entered of a directive; its issuer stays, for its tasks are counted there."""
    directive = load_directive(directive_id, to_write=True)
    issuers = [(directive.issuer_id, directive.issuer.name)]
    form = DirectiveForm(issuers, directive, data=_stored(directive), seen=directive.version)
    del form.papers
    form.issuer.data = str(directive.issuer_id)
    form.read_names()
    if form.is_submitted() and "more" not in request.form and form.validate():
        with form.refusals():
            directives.correct(directive, stamp=form.stamp(), based_on=form.based_on(), **form.values())
        if not form.was_refused:
            form.tell_oddities()
            flash(_("Đã lưu thay đổi của văn bản."), "success")
            return redirect(url_for("directives.show", directive_id=directive_id), 303)
    form.add_spare_bases()
    return _page(form, directive=directive, **_conflict(form, directive))


def _stored(directive: Directive) -> dict[str, Any]:
    return {
        "kind": directive.kind,
        "number": directive.number,
        "issued_on": directive.issued_on,
        "subject": directive.subject,
        "signer": directive.signer,
        "signer_title": directive.signer_title,
        "field": directive.field,
        "urgency": directive.urgency,
        "meeting": directive.meeting,
        "bases": [_words_of(each) for each in directive.bases],
        "replaces": _cite(directive.replaces) if directive.replaces else "",
    }


def _conflict(form: DirectiveForm, directive: Directive) -> dict[str, Any]:
    """Return what the page shows when somebody else saved first: both texts of each field that differs."""
    if not form.is_conflict:
        return {}
    stored = _stored(directive)
    mine = {name: form[name].data for name in stored}
    mine["bases"] = [words for words in mine["bases"] if words]
    rows = [
        (form[name].label.text, _plain(name, mine[name]), _plain(name, stored[name]))
        for name in stored
        if (mine[name] or None) != (stored[name] or None)
    ]
    last = db.session.scalar(
        select(History)
        .where(
            History.directive_id == directive.id, History.task_id.is_(None), History.do.not_in(OF_SERIES)
        )
        .order_by(History.id.desc())
        .limit(1)
    )
    form.renew(directive.version)
    return {
        "conflict_rows": rows,
        "saved_by": last.by.name if last and last.by else None,
        "saved_at": last.at if last else None,
    }


def _plain(name: str, value: Any) -> str:
    match name:
        case "kind":
            return _(KINDS_OF_DIRECTIVE.get(value, value))
        case "urgency":
            return str(URGENCY_WORDS.get(value, value))
        case "issued_on":
            return day_words(value)
        case "bases":
            return "\n".join(value)
    return value or ""


def _page(form: DirectiveForm, **values: Any) -> ResponseReturnValue:
    page = render_template("directives/form.html", form=form, suggestions=suggestions(), **values)
    asks_again = form.errors or values.get("doubles")
    return page, 422 if asks_again else 200

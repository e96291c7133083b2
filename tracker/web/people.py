"""People: the list, their accounts, and the roles they hold."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import SelectChoice, ValidationError
from wtforms.validators import Optional, Regexp

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import FAR_FUTURE, db
from tracker.models.people import HeldRole, Role, User
from tracker.models.units import Unit
from tracker.operations import people
from tracker.outbox import address_of
from tracker.queries.feeds import links_of
from tracker.queries.people import found_by, history_of_person, open_tasks_naming, people_page
from tracker.queries.refused import refused_of
from tracker.queries.units import administered, unit_choices
from tracker.rules.permissions import Permission
from tracker.web.access import requires
from tracker.web.alerts import refused_among
from tracker.web.forms import ChoiceField, Form, as_choices, line, required
from tracker.web.words import ROLE_WORDS

bp = Blueprint("people", __name__)

PASSWORD_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105
"""No letters and figures that look alike on paper: l and 1, o and 0, i."""
PASSWORD_LENGTH = 12
"""Letters of a one-time password: some 59 bits."""
STATES = ("active", "inactive", "no_email")
LAST_PAGE = 10_000
WHAT_HAPPENED = {
    "person": lazy_gettext("Thêm tài khoản"),
    "correct": lazy_gettext("Sửa"),
    "role": lazy_gettext("Giao vai trò"),
    "role_end": lazy_gettext("Thôi vai trò"),
    "password": lazy_gettext("Cấp mật khẩu mới"),
    "second_step_off": lazy_gettext("Tắt xác thực hai bước"),
    "feed_make": lazy_gettext("Tạo đường dẫn lịch"),
    "feed_revoke": lazy_gettext("Thu hồi đường dẫn lịch"),
    "mail_again": lazy_gettext("Gửi lại thư"),
    "mail_cancel": lazy_gettext("Hủy thư"),
    "export": lazy_gettext("Đặt lập tệp xuất"),
    "export_cancel": lazy_gettext("Hủy lập tệp xuất"),
}
FACT_WORDS = {
    "name": lazy_gettext("Họ và tên"),
    "title": lazy_gettext("Chức vụ"),
    "email": lazy_gettext("Thư điện tử"),
    "active": lazy_gettext("Tài khoản hoạt động"),
}


def one_time_password() -> str:
    """Return a new random password in groups of four, easy to read out and to type."""
    letters = [secrets.choice(PASSWORD_LETTERS) for _each in range(PASSWORD_LENGTH)]
    return "-".join("".join(letters[start : start + 4]) for start in range(0, PASSWORD_LENGTH, 4))


def is_address(_form: Any, field: Any) -> None:
    """Refuse what is not one mail address."""
    if address_of(field.data) is None:
        raise ValidationError(_("Không phải địa chỉ thư điện tử. Ví dụ: ten@tinh.gov.vn."))


class PersonForm(Form):
    """What is corrected of a person."""

    name = line(lazy_gettext("Họ và tên"), required())
    title = line(lazy_gettext("Chức vụ"))
    email = line(
        lazy_gettext("Thư điện tử"), Optional(), is_address,
        description=lazy_gettext("Thư nhắc gửi đến đây. Để trống thì người này không nhận thư."),
    )  # fmt: skip


class RoleForm(Form):
    """A role in a unit."""

    unit = ChoiceField(lazy_gettext("Đơn vị"), [required(lazy_gettext("Chọn đơn vị."))])
    role = ChoiceField(
        lazy_gettext("Vai trò"), choices=as_choices(ROLE_WORDS.items())
    )


class NewPersonForm(PersonForm, RoleForm):
    """What is entered of a new person."""

    login = line(
        lazy_gettext("Tên đăng nhập"), required(),
        Regexp(
            r"^[\w.\-@]+$", message=lazy_gettext("Tên gồm chữ, số, dấu chấm, gạch nối, không có dấu cách.")
        ),
        most=64, description=lazy_gettext("Viết liền, không đổi được về sau. Ví dụ: nguyenvanan."),
    )  # fmt: skip


class ActForm(Form):
    """A page that asks before something is done to an account."""


@bp.get("/quan-tri/nguoi-dung")
@requires(Permission.ADMINISTER)
def index() -> ResponseReturnValue:
    """List the people of the units that the person administers, in Vietnamese order."""
    reach = administered(g.user, day=g.today)
    text = request.args.get("q", "")[:200]
    unit = request.args.get("unit", "")
    role = request.args.get("role", "")
    state = request.args.get("state", "")
    page = request.args.get("page", "1")
    units = unit_choices(reach, day=g.today)
    conditions = found_by(
        day=g.today, text=text, unit_id=int(unit) if unit in dict(units) else None,
        role=Role(role) if role in set(Role) else None, state=state,
    )  # fmt: skip
    number = min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    found = people_page(reach, conditions, day=g.today, page=number)
    typed = {"q": text, "unit": unit, "role": role, "state": state}
    chosen: dict[str, Any] = {key: value for key, value in typed.items() if value}
    return render_template(
        "people/index.html", found=found, units=units, roles=ROLE_WORDS, text=text, unit=unit, role=role,
        state=state, chosen=chosen, page=number, refused=refused_among([row.id for row in found.rows]),
        next_url=url_for("people.index", **chosen, page=number + 1) if found.has_more else None,
        first_url=url_for("people.index", **chosen) if number > 1 else None,
    )  # fmt: skip


@bp.route("/quan-tri/nguoi-dung/moi", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def new() -> ResponseReturnValue:
    """Add a person with an account, a first role and a one-time password."""
    form = NewPersonForm(unit=request.args.get("unit", ""), role=Role.OFFICER.value)
    form.unit.choices = _choices_of_units()
    if form.validate_on_submit():
        with form.refusals():
            password = one_time_password()
            user = people.add_with_password(
                password, stamp=form.stamp(), login=form.login.data, name=form.name.data,
                title=form.title.data, email=form.email.data, role=Role(form.role.data),
                unit=db.session.get_one(Unit, int(form.unit.data)),
            )  # fmt: skip
            return _show_password_once(user, password)
        if not form.was_refused:
            return redirect(url_for("people.index"), 303)
    return render_template("people/new.html", form=form), 422 if form.is_submitted() else 200


@bp.get("/quan-tri/nguoi-dung/<id:user_id>")
@requires(Permission.ADMINISTER)
def show(user_id: int) -> ResponseReturnValue:
    """Show one account: the person, their roles, what was done to it."""
    user = load_person(user_id)
    held = db.session.execute(
        select(HeldRole.id, HeldRole.role, HeldRole.valid_from, HeldRole.valid_to, Unit.name)
        .join(Unit, Unit.id == HeldRole.unit_id)
        .where(HeldRole.user_id == user.id)
        .order_by(HeldRole.valid_to.desc(), HeldRole.id)
    ).all()
    return render_template(
        "people/show.html", user=user, held=held, role_words=ROLE_WORDS, far_future=FAR_FUTURE,
        entries=[_entry(row) for row in history_of_person(user)], named=open_tasks_naming(user),
        refused=refused_of(user.id),
        feeds=len(links_of(user)),
    )  # fmt: skip


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/sua", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def edit(user_id: int) -> ResponseReturnValue:
    """Correct a person's name, title and address."""
    user = load_person(user_id)
    stored = {"name": user.name, "title": user.title, "email": user.email}
    form = PersonForm(data=stored, seen=user.version)
    if form.validate_on_submit():
        with form.refusals():
            people.correct(user, stamp=form.stamp(), **{name: form[name].data or None for name in stored})
            flash(_("Đã lưu."), "success")
        if not form.was_refused:
            return redirect(url_for("people.show", user_id=user.id), 303)
    differing = []
    if form.is_conflict:
        form.renew(user.version)
        differing = [
            (form[name].label.text, form[name].data, value)
            for name, value in stored.items()
            if (form[name].data or None) != value
        ]
    status = 422 if form.is_submitted() else 200
    return render_template("people/edit.html", form=form, user=user, differing=differing), status


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/khoa", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def deactivate(user_id: int) -> ResponseReturnValue:
    """Ask before an account is closed, and say what becomes of the work that names the person."""
    return _turn(user_id, active=False)


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/mo-khoa", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def activate(user_id: int) -> ResponseReturnValue:
    """Ask before a closed account is opened again."""
    return _turn(user_id, active=True)


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/vai-tro", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def give_role(user_id: int) -> ResponseReturnValue:
    """Give a person one more role."""
    user = load_person(user_id)
    form = RoleForm(unit=str(user.unit_id), role=Role.OFFICER.value)
    form.unit.choices = _choices_of_units()
    if form.validate_on_submit():
        with form.refusals():
            unit = db.session.get_one(Unit, int(form.unit.data))
            people.give_role(user, stamp=form.stamp(), unit=unit, role=Role(form.role.data))
            flash(_("Đã giao vai trò."), "success")
        if not form.was_refused:
            return redirect(url_for("people.show", user_id=user.id), 303)
    return render_template("people/give_role.html", form=form, user=user), 422 if form.is_submitted() else 200


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/vai-tro/<id:held_id>/thoi", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def end_role(user_id: int, held_id: int) -> ResponseReturnValue:
    """Ask before a role ends."""
    user = load_person(user_id)
    held = db.session.get(HeldRole, held_id)
    if held is None or held.user_id != user.id:
        abort(404)
    form = ActForm()
    if form.validate_on_submit():
        with form.refusals():
            people.end_role(user, stamp=form.stamp(), unit=held.unit, role=held.role)
            flash(_("Đã thôi vai trò."), "success")
        if not form.was_refused:
            return redirect(url_for("people.show", user_id=user.id), 303)
    lines = [
        _("%(name)s thôi vai trò “%(role)s” ở %(unit)s từ hôm nay.",
          name=user.name, role=ROLE_WORDS[held.role], unit=held.unit.name),
        _("Nhiệm vụ đang giao cho người này vẫn ghi tên người này cho đến khi đơn vị đổi người."),
    ]  # fmt: skip
    return _ask(user, form, _("Thôi vai trò"), lines)


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/mat-khau", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def reset_password(user_id: int) -> ResponseReturnValue:
    """Ask before a person gets a new one-time password."""
    user = load_person(user_id)
    form = ActForm()
    if form.validate_on_submit():
        with form.refusals():
            password = one_time_password()
            people.set_password(user, password, stamp=form.stamp())
            return _show_password_once(user, password)
        if not form.was_refused:
            return redirect(url_for("people.password", user_id=user.id), 303)
    lines = [
        _("Mật khẩu cũ không dùng được nữa và mọi phiên đăng nhập của người này kết thúc."),
        _("Các đường dẫn lịch của người này hết hiệu lực."),
        _("Trang sau hiện mật khẩu dùng một lần, đúng một lần; người này phải đổi ngay khi đăng nhập."),
    ]
    return _ask(user, form, _("Cấp mật khẩu mới"), lines)


@bp.get("/quan-tri/nguoi-dung/<id:user_id>/mat-khau-moi")
@requires(Permission.ADMINISTER)
def password(user_id: int) -> ResponseReturnValue:
    """Show a one-time password this once, fit for print."""
    user = load_person(user_id)
    told = session.pop("one_time_password", None)
    secret = told[1] if told and told[0] == user.id else None
    return render_template("people/password.html", user=user, secret=secret)


@bp.route("/quan-tri/nguoi-dung/<id:user_id>/tat-hai-buoc", methods=["GET", "POST"])
@requires(Permission.ADMINISTER)
def second_step_off(user_id: int) -> ResponseReturnValue:
    """Ask before the second step is switched off for a person who lost their phone."""
    user = load_person(user_id)
    form = ActForm()
    if form.validate_on_submit():
        with form.refusals():
            people.switch_off_second_step(user, stamp=form.stamp())
            flash(_("Đã tắt xác thực hai bước."), "success")
        if not form.was_refused:
            return redirect(url_for("people.show", user_id=user.id), 303)
    lines = [
        _("%(name)s đăng nhập chỉ bằng mật khẩu cho đến khi bật lại xác thực hai bước.", name=user.name),
        _("Mọi phiên đăng nhập của người này kết thúc; mã khôi phục cũ không dùng được nữa."),
    ]
    return _ask(user, form, _("Tắt xác thực hai bước"), lines)


def _choices_of_units() -> list[SelectChoice]:
    units = unit_choices(administered(g.user, day=g.today), day=g.today)
    return as_choices([("", _("Chọn đơn vị")), *units])


def load_person(user_id: int) -> User:
    """Return a person whose unit the signed-in person administers; 404 for any other."""
    reach = administered(g.user, day=g.today)
    user = db.session.scalar(select(User).where(User.id == user_id, User.unit_id.in_(reach)))
    if user is None:
        abort(404)
    return user


def _turn(user_id: int, *, active: bool) -> ResponseReturnValue:
    user = load_person(user_id)
    form = ActForm(seen=user.version)
    if form.validate_on_submit():
        with form.refusals():
            people.correct(user, stamp=form.stamp(), active=active)
            flash(_("Đã mở khóa tài khoản.") if active else _("Đã khóa tài khoản."), "success")
        if not form.was_refused:
            return redirect(url_for("people.show", user_id=user.id), 303)
        if form.is_conflict:
            form.renew(user.version)
    if active:
        return _ask(user, form, _("Mở khóa tài khoản"), [_("%(name)s đăng nhập lại được.", name=user.name)])
    named = open_tasks_naming(user)
    lines = [
        _("%(name)s không đăng nhập được nữa và không nhận thư nhắc.", name=user.name),
        _("Các đường dẫn lịch của người này hết hiệu lực."),
    ]
    if named["officer"]:
        lines.append(
            _("%(number)s nhiệm vụ đang mở giao cho người này làm: thủ trưởng đơn vị cần cử người khác.",
              number=named["officer"])
        )  # fmt: skip
    if named["tracker"]:
        lines.append(_("%(number)s nhiệm vụ đang mở do người này theo dõi: Văn phòng cần giao người khác.",
                       number=named["tracker"]))  # fmt: skip
    if named["leader"]:
        lines.append(_("%(number)s nhiệm vụ đang mở do người này chỉ đạo.", number=named["leader"]))
    lines.append(_("Nhiệm vụ và lịch sử vẫn ghi tên người này. Có thể mở khóa lại."))
    return _ask(user, form, _("Khóa tài khoản"), lines)


def _ask(user: User, form: Form, action: str, lines: list[str]) -> ResponseReturnValue:
    page = render_template("people/ask.html", user=user, form=form, action=action, lines=lines)
    return page, 422 if form.is_submitted() else 200


def _show_password_once(user: User, password: str) -> ResponseReturnValue:
    session["one_time_password"] = [user.id, password]
    return redirect(url_for("people.password", user_id=user.id), 303)


def _as_read(value: Any) -> Any:
    if isinstance(value, bool):
        return _("có") if value else _("không")
    return value


def _entry(row: Any) -> dict[str, Any]:
    changes = []
    for fact, old, new in row.changes or []:
        changes.append((FACT_WORDS.get(fact, fact), *(_as_read(value) for value in (old, new))))
    note = row.note
    if row.do in ("role", "role_end"):
        note = f"{ROLE_WORDS[Role(row.payload['role'])]}, {row.unit.name}"
    return {
        "at": row.at, "on_day": row.on_day, "who": row.by.name if row.by else None, "note": note,
        "what": WHAT_HAPPENED.get(row.do, row.do), "changes": changes, "files": [],
    }  # fmt: skip

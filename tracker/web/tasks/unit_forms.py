"""What a unit may do to a task that it leads or contributes to: one form each."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import g
from wtforms import BooleanField, IntegerField
from wtforms.validators import NumberRange, Optional, ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.task import RequestKind, RequestState, Task
from tracker.models.units import Unit
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries.standing import roles_above
from tracker.queries.task_page import Colleague, colleagues_of, open_children, units_below
from tracker.rules.status import State, days_overdue
from tracker.rules.workflow import Action, DomainError, require_extension_may_be_asked
from tracker.web.deadlines import NO_DEADLINE
from tracker.web.filters import day
from tracker.web.forms import (
    ChoiceField,
    ChoicesField,
    DayField,
    Voluntary,
    line,
    paragraphs,
    required,
    say,
)
from tracker.web.once import settings_of_request
from tracker.web.tasks.form import (
    NOBODY,
    ActionForm,
    WithDeadline,
    checked_by_form,
    chosen_person,
    chosen_unit,
    must_choose_unit,
    reason,
)
from tracker.web.uploads import PapersField


class AcceptForm(ActionForm):
    """Tiếp nhận."""

    action, slug = Action.ACCEPT, "tiep-nhan"
    title = button = lazy_gettext("Tiếp nhận")
    done = lazy_gettext("Đã tiếp nhận. Cập nhật tiến độ khi có kết quả từng bước.")
    officer = ChoiceField(lazy_gettext("Người thực hiện"), [Optional()], default="")
    hints = {"officer": lazy_gettext("Người được phân công cũng nhận thư nhắc việc.")}

    def prepare(self) -> None:
        found = colleagues_of(self.task.unit_id, day=g.today)
        if not roles_above(g.user, self.task.unit, g.today) - {"officer"}:
            found = [each for each in found if each.id == g.user.id]
        self.officer.choices = [NOBODY, *((str(each.id), each.words) for each in found)]
        if not self.is_submitted() and self.task.officer_id in {each.id for each in found}:
            self.officer.data = str(self.task.officer_id)

    def perform(self, stamp: Stamp) -> None:
        tasks.accept(self.task, stamp=stamp, officer=chosen_person(self.officer.data))


class AskReturnForm(ActionForm):
    """Trả lại."""

    action, slug = Action.ASK_RETURN, "tra-lai"
    asks = RequestKind.RETURN
    title = button = lazy_gettext("Trả lại nhiệm vụ")
    done = lazy_gettext("Đã gửi đề nghị trả lại; thời hạn vẫn tính cho đến khi có quyết định.")
    reason = reason()
    hints = {"reason": lazy_gettext("Ví dụ: không thuộc chức năng, nhiệm vụ; nêu đơn vị phù hợp nếu biết.")}

    def notes(self) -> list[str]:
        return [_("Nhiệm vụ vẫn thuộc đơn vị bạn và thời hạn vẫn tính cho đến khi Văn phòng quyết định.")]

    def perform(self, stamp: Stamp) -> None:
        requests.ask_return(self.task, stamp=stamp, reason=self.reason.data)


class ProgressForm(ActionForm):
    """Cập nhật tiến độ."""

    action, slug = Action.PROGRESS, "tien-do"
    title = button = lazy_gettext("Cập nhật tiến độ")
    done = lazy_gettext("Đã cập nhật tiến độ.")
    text = paragraphs(
        lazy_gettext("Tình hình thực hiện"), required(lazy_gettext("Nhập tình hình thực hiện."))
    )
    percent = IntegerField(
        lazy_gettext("Tỷ lệ hoàn thành, phần trăm"),
        [Optional(), NumberRange(0, 100, lazy_gettext("Nhập một số nguyên từ 0 đến 100."))],
    )
    difficulties = paragraphs(lazy_gettext("Khó khăn, vướng mắc"))
    papers = PapersField(lazy_gettext("Minh chứng"))

    def prepare(self) -> None:
        if not self.is_submitted():
            self.percent.data = self.task.percent

    def validate_percent(self, field: Any) -> None:
        """Say in Vietnamese that a number is wanted."""
        if field.process_errors:
            field.process_errors[:] = [_("Nhập một số nguyên từ 0 đến 100.")]

    def perform(self, stamp: Stamp) -> None:
        progress.update(
            self.task, stamp=stamp, text=self.text.data, percent=self.percent.data,
            difficulties=self.difficulties.data, evidence=self.papers.attachments(stamp),
        )  # fmt: skip


class ContributeForm(ActionForm):
    """Phối hợp."""

    action, slug = Action.CONTRIBUTE, "phoi-hop"
    title = lazy_gettext("Gửi ý kiến phối hợp")
    button = lazy_gettext("Gửi")
    done = lazy_gettext("Đã gửi nội dung phối hợp.")
    unit = ChoiceField(lazy_gettext("Thay mặt đơn vị"), [must_choose_unit], default="")
    text = paragraphs(lazy_gettext("Nội dung phối hợp"), required(lazy_gettext("Nhập nội dung phối hợp.")))
    papers = PapersField(lazy_gettext("Tài liệu kèm theo"))

    def prepare(self) -> None:
        mine = [each.unit for each in self.task.coordinations if roles_above(g.user, each.unit, g.today)]
        self.unit.choices = [(str(unit.id), unit.name) for unit in mine]
        if not self.is_submitted() and mine:
            self.unit.data = str(mine[0].id)

    def stamp(self) -> Stamp:
        """Contributions only add to a task, so what others did meanwhile is no conflict."""
        stamp = super().stamp()
        return Stamp(on=stamp.on, by=stamp.by, at=stamp.at, token=stamp.token)

    def perform(self, stamp: Stamp) -> None:
        progress.contribute(
            self.task, stamp=stamp, unit=chosen_unit(self.unit.data), text=self.text.data,
            evidence=self.papers.attachments(stamp),
        )  # fmt: skip


class AskExtensionForm(ActionForm):
    """Xin gia hạn."""

    action, slug = Action.ASK_EXTENSION, "xin-gia-han"
    asks = RequestKind.EXTENSION
    title = button = lazy_gettext("Xin gia hạn")
    done = lazy_gettext("Đã gửi đề nghị gia hạn; thời hạn hiện tại vẫn có hiệu lực cho đến khi được đồng ý.")
    until = DayField(lazy_gettext("Xin gia hạn đến ngày"), [required(lazy_gettext("Nhập ngày mới."))])
    reason = reason()

    @classmethod
    def refusal(cls, task: Task) -> str | None:
        """No extension without a deadline, after it, or once too often."""
        settings = settings_of_request()
        granted = sum(
            each.kind is RequestKind.EXTENSION and each.state is RequestState.GRANTED
            for each in task.requests
        )
        try:
            require_extension_may_be_asked(
                due_on=task.due_on, until=date.max, on=g.today, granted=granted, pending=False,
                most=settings["max_extensions"], notice_days=settings["extension_notice_days"],
            )  # fmt: skip
        except DomainError as refused:
            return say(refused)
        return None

    def notes(self) -> list[str]:
        return [_("Thời hạn hiện tại: %(day)s.", day=day(self.task.due_on) or NO_DEADLINE)]

    def perform(self, stamp: Stamp) -> None:
        assert self.until.data is not None
        requests.ask_extension(self.task, stamp=stamp, until=self.until.data, reason=self.reason.data)


class ReportForm(ActionForm):
    """Báo cáo hoàn thành."""

    action, slug = Action.REPORT, "bao-cao"
    title = button = lazy_gettext("Báo cáo hoàn thành")
    done = lazy_gettext("Đã báo cáo hoàn thành; ngày báo cáo được giữ cố định, đang chờ xác nhận.")
    result = line(lazy_gettext("Văn bản kết quả (số, ngày)"), checked_by_form, most=500)
    text = paragraphs(lazy_gettext("Kết quả thực hiện"))
    explanation = paragraphs(lazy_gettext("Giải trình"))
    papers = PapersField(lazy_gettext("Minh chứng"))
    hints = {
        "result": lazy_gettext(
            "Ví dụ: 81/BC-UBND ngày 09/4/2020. Chưa có văn bản thì mô tả kết quả bên dưới."
        )
    }

    def prepare(self) -> None:
        if self.late:
            self.explanation.flags.optional = False

    @property
    def late(self) -> int:
        """By how many days the report would be late."""
        return days_overdue(self.task, day=g.today) if self.task.state is not State.COMPLETED else 0

    def notes(self) -> list[str]:
        told = [_("Ngày báo cáo là hôm nay, %(day)s, và quyết định đúng hạn hay quá hạn.", day=day(g.today))]
        if self.late:
            told = [_("Đã quá hạn %(days)s ngày: phải kèm giải trình lý do chậm.", days=self.late)]
        if number := open_children(self.task.id):
            told.append(_("Còn %(number)s việc giao trong đơn vị chưa hoàn thành.", number=number))
        return told

    def validate_result(self, field: Any) -> None:
        """Something must show the completion."""
        if not (field.data or (self.text.data or "").strip() or (self.explanation.data or "").strip()):
            raise ValidationError(_("Nhập số, ngày của văn bản kết quả, hoặc mô tả kết quả bên dưới."))

    def validate_explanation(self, field: Any) -> None:
        """A late report says why."""
        if self.late and not (field.data or "").strip():
            raise ValidationError(_("Báo cáo sau thời hạn phải kèm giải trình lý do chậm."))

    def perform(self, stamp: Stamp) -> None:
        progress.report(
            self.task, stamp=stamp, result=self.result.data, text=self.text.data,
            explanation=self.explanation.data, evidence=self.papers.attachments(stamp),
        )  # fmt: skip


class PassDownForm(WithDeadline):
    """Giao xuống."""

    action, slug = Action.PASS_DOWN, "giao-xuong"
    title = lazy_gettext("Giao việc cho bộ phận, cá nhân trong đơn vị")
    button = lazy_gettext("Giao")
    done = lazy_gettext("Đã giao việc trong đơn vị; nhiệm vụ này cho thấy tình trạng của từng việc.")
    content = paragraphs(lazy_gettext("Nội dung"), required(lazy_gettext("Nhập nội dung việc cần làm.")))
    units = ChoicesField(lazy_gettext("Bộ phận, đơn vị trực thuộc"), [Voluntary()])
    people = ChoicesField(lazy_gettext("Cá nhân trong đơn vị"), [Voluntary()])
    product = paragraphs(lazy_gettext("Sản phẩm"), most=1_000)
    due_phrase = line(lazy_gettext("Thời hạn"), checked_by_form, most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    later = BooleanField(lazy_gettext("Vẫn giao với thời hạn sau thời hạn của nhiệm vụ"))

    def prepare(self) -> None:
        self.units.choices = [(str(id_), name) for id_, name in units_below(self.task.unit_id, day=g.today)]
        self.known: list[Colleague] = colleagues_of(self.task.unit_id, day=g.today, exactly=True)
        self.people.choices = [(str(each.id), each.words) for each in self.known]
        if not self.units.choices:
            del self.units
        if not self.is_submitted():
            self.content.data = self.task.content
            self.due_phrase.data = day(self.task.due_on)
            self.no_deadline.data = self.task.due_on is None

    def chosen_units(self) -> list[Unit]:
        """Return the divisions that were ticked."""
        return [chosen_unit(word) for word in self.units.data or []] if "units" in self else []

    def notes(self) -> list[str]:
        return [_("Thời hạn của nhiệm vụ: %(day)s.", day=day(self.task.due_on) or NO_DEADLINE)]

    def validate_people(self, field: Any) -> None:
        """Somebody must get it."""
        if not field.data and not self.chosen_units():
            raise ValidationError(_("Chọn ít nhất một bộ phận hoặc một người."))

    def validate_later(self, field: Any) -> None:
        """A part that ends after the whole must be meant."""
        due_on = self.deadline.reading.due_on if self.deadline.is_given else None
        ends_later = self.task.due_on is not None and (due_on is None or due_on > self.task.due_on)
        if self.deadline.is_given and ends_later and not field.data:
            raise ValidationError(
                _("Thời hạn sau thời hạn của nhiệm vụ (%(day)s). Sửa thời hạn, hoặc đánh dấu để xác nhận.",
                  day=day(self.task.due_on))
            )  # fmt: skip

    def perform(self, stamp: Stamp) -> None:
        reading, task = self.deadline.reading, self.task
        units = [(unit, None) for unit in self.chosen_units()]
        persons_ = [(task.unit, chosen_person(word)) for word in self.people.data or []]
        orders = [
            tasks.Order(
                unit=unit, officer=officer, content=self.content.data, product=self.product.data,
                due_on=reading.due_on, due_phrase=reading.phrase, due_time=reading.due_time, parent=task,
            )
            for unit, officer in [*units, *persons_]
        ]  # fmt: skip
        tasks.give(task.directive, orders, stamp=stamp)

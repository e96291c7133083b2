"""What those who gave a task may do to it: one form each."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models.task import RequestKind
from tracker.models.units import Unit
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries.giving import GROUPS, persons, recipients
from tracker.queries.standing import roles_above
from tracker.queries.task_page import colleagues_of, open_children
from tracker.rules.permissions import LEADER
from tracker.rules.status import State, days_overdue
from tracker.rules.workflow import Action
from tracker.web.deadlines import NO_DEADLINE
from tracker.web.filters import day
from tracker.web.forms import ChoiceField, ChoicesField, DayField, line, paragraphs, required
from tracker.web.tasks.form import (
    NOBODY,
    ActionForm,
    WithDeadline,
    asked,
    chosen_person,
    chosen_unit,
    must_choose_unit,
    offer_units,
    reason,
)


class RefuseReturnForm(ActionForm):
    """Không nhận trả lại."""

    action, slug = Action.REFUSE_RETURN, "khong-nhan-tra-lai"
    decides = RequestKind.RETURN
    title = lazy_gettext("Không đồng ý cho trả lại")
    button = lazy_gettext("Không đồng ý")
    done = lazy_gettext("Đã trả lời đề nghị trả lại: nhiệm vụ vẫn thuộc đơn vị được giao.")
    reason = reason()

    def notes(self) -> list[str]:
        return asked(self.task, RequestKind.RETURN)

    def perform(self, stamp: Stamp) -> None:
        requests.refuse_return(self.task, stamp=stamp, reason=self.reason.data)


class ReassignForm(ActionForm):
    """Giao lại."""

    action, slug = Action.REASSIGN, "giao-lai"
    decides = RequestKind.RETURN
    title = lazy_gettext("Giao lại cho đơn vị khác")
    button = lazy_gettext("Giao lại")
    done = lazy_gettext("Đã giao lại nhiệm vụ.")
    unit = ChoiceField(lazy_gettext("Đơn vị chủ trì mới"), [must_choose_unit], default="")
    reason = paragraphs(lazy_gettext("Lý do"))

    def prepare(self) -> None:
        offer_units(self.unit, self.task)

    def notes(self) -> list[str]:
        return [
            *asked(self.task, RequestKind.RETURN),
            _("Đơn vị mới nhận nhiệm vụ ở trạng thái chưa thực hiện; thời hạn giữ nguyên."),
        ]

    def perform(self, stamp: Stamp) -> None:
        unit = chosen_unit(self.unit.data)
        tasks.reassign(self.task, stamp=stamp, unit=unit, reason=self.reason.data)


class GrantExtensionForm(ActionForm):
    """Gia hạn."""

    action, slug = Action.GRANT_EXTENSION, "gia-han"
    decides = RequestKind.EXTENSION
    title = lazy_gettext("Đồng ý gia hạn")
    button = lazy_gettext("Đồng ý gia hạn")
    done = lazy_gettext("Đã gia hạn nhiệm vụ; hạn gốc vẫn được lưu.")
    until = DayField(lazy_gettext("Thời hạn mới"), [required(lazy_gettext("Nhập ngày mới."))])
    decision = line(lazy_gettext("Số văn bản đồng ý"))
    reason = paragraphs(lazy_gettext("Ghi chú"))

    def prepare(self) -> None:
        request = tasks.pending(self.task, RequestKind.EXTENSION)
        if not self.is_submitted() and request is not None:
            self.until.data = request.until

    def notes(self) -> list[str]:
        return asked(self.task, RequestKind.EXTENSION)

    def validate_until(self, field: Any) -> None:
        """An extension leads to a later day."""
        if field.data and self.task.due_on and field.data <= self.task.due_on:
            raise ValidationError(
                _("Thời hạn mới phải sau thời hạn hiện tại (%(day)s).", day=day(self.task.due_on))
            )

    def perform(self, stamp: Stamp) -> None:
        requests.grant_extension(
            self.task,
            stamp=stamp,
            until=self.until.data,
            decision=self.decision.data,
            reason=self.reason.data,
        )


class RefuseExtensionForm(ActionForm):
    """Từ chối gia hạn."""

    action, slug = Action.REFUSE_EXTENSION, "tu-choi-gia-han"
    decides = RequestKind.EXTENSION
    title = lazy_gettext("Không đồng ý gia hạn")
    button = lazy_gettext("Không đồng ý")
    done = lazy_gettext("Đã trả lời đề nghị gia hạn: thời hạn giữ nguyên.")
    reason = reason()
    decision = line(lazy_gettext("Số văn bản trả lời"))

    def notes(self) -> list[str]:
        return asked(self.task, RequestKind.EXTENSION)

    def perform(self, stamp: Stamp) -> None:
        requests.refuse_extension(
            self.task, stamp=stamp, decision=self.decision.data, reason=self.reason.data
        )


class SetDueForm(WithDeadline):
    """Sửa thời hạn."""

    action, slug = Action.SET_DUE, "sua-han"
    title = button = lazy_gettext("Sửa thời hạn")
    done = lazy_gettext("Đã sửa thời hạn; hạn gốc vẫn được lưu.")
    reason = reason()

    def notes(self) -> list[str]:
        return [
            _("Thời hạn hiện tại: %(day)s.", day=day(self.task.due_on) or NO_DEADLINE),
            _("Sửa thời hạn là đính chính của Văn phòng, được ghi vào lịch sử, không tính là gia hạn."),
        ]

    def perform(self, stamp: Stamp) -> None:
        tasks.set_due(self.task, stamp=stamp, due_on=self.deadline.reading.due_on, reason=self.reason.data)


class ConfirmForm(ActionForm):
    """Xác nhận."""

    action, slug = Action.CONFIRM, "xac-nhan"
    title = lazy_gettext("Xác nhận hoàn thành")
    button = lazy_gettext("Xác nhận")
    done = lazy_gettext("Đã xác nhận hoàn thành.")
    evaluation = paragraphs(lazy_gettext("Đánh giá"))

    def notes(self) -> list[str]:
        late = days_overdue(self.task, day=g.today)
        told = _("Báo cáo ngày %(day)s", day=day(self.task.reported_on))
        timely = _("quá hạn %(days)s ngày", days=late) if late else _("đúng hạn")
        return [f"{told}: {timely}.", *([self.task.result] if self.task.result else [])]

    def perform(self, stamp: Stamp) -> None:
        progress.confirm(self.task, stamp=stamp, evaluation=self.evaluation.data)


class ReworkForm(ActionForm):
    """Yêu cầu làm lại."""

    action, slug = Action.REWORK, "lam-lai"
    title = button = lazy_gettext("Yêu cầu làm lại")
    done = lazy_gettext("Đã yêu cầu làm lại; báo cáo trước không còn được tính.")
    reason = reason(lazy_gettext("Nội dung cần làm lại"))

    def perform(self, stamp: Stamp) -> None:
        progress.rework(self.task, stamp=stamp, reason=self.reason.data)


class ReopenForm(ActionForm):
    """Mở lại."""

    action, slug = Action.REOPEN, "mo-lai"
    title = button = lazy_gettext("Mở lại nhiệm vụ")
    done = lazy_gettext("Đã mở lại nhiệm vụ.")
    is_grave = True
    reason = reason()
    agreed_by = ChoiceField(lazy_gettext("Lãnh đạo đồng ý"), default="")

    def prepare(self) -> None:
        leaders = persons(self.task.assigner, day=g.today).leaders
        self.agreed_by.choices = [NOBODY, *((str(id_), words) for id_, words in leaders)]
        if LEADER in roles_above(g.user, self.task.assigner, g.today):
            del self.agreed_by

    def notes(self) -> list[str]:
        return [_("Báo cáo và xác nhận trước không còn được tính; nhiệm vụ trở về đang thực hiện.")]

    def validate_agreed_by(self, field: Any) -> None:
        """The office opens a task again only with a leader."""
        if not field.data:
            raise ValidationError(_("Chọn lãnh đạo đã đồng ý cho mở lại."))

    def perform(self, stamp: Stamp) -> None:
        leader = chosen_person(self.agreed_by.data) if "agreed_by" in self else None
        agreed = _(" (%(leader)s đồng ý)", leader=leader.name) if leader else ""
        progress.reopen(self.task, stamp=stamp, reason=f"{self.reason.data}{agreed}")


class CancelForm(ActionForm):
    """Thu hồi."""

    action, slug = Action.CANCEL, "thu-hoi"
    title = button = lazy_gettext("Thu hồi nhiệm vụ")
    done = lazy_gettext("Đã thu hồi nhiệm vụ.")
    is_grave = True
    reason = reason(lazy_gettext("Lý do hoặc số văn bản thay thế"))

    def notes(self) -> list[str]:
        return [
            _("Nhiệm vụ không còn trong Biểu B.4 từ hôm nay; lịch sử vẫn được giữ."),
            _("%(unit)s không còn phải thực hiện và không nhận thư nhắc.", unit=self.task.unit.name),
            _("Không có thao tác khôi phục: cần làm tiếp thì giao nhiệm vụ mới."),
            *self._parts(),
        ]

    def _parts(self) -> list[str]:
        number = open_children(self.task.id)
        words = _("%(count)s việc đã giao xuống từ nhiệm vụ này vẫn mở; đơn vị tự thu hồi nếu không cần.",
                  count=number)  # fmt: skip
        return [words] if number else []

    def perform(self, stamp: Stamp) -> None:
        tasks.cancel(self.task, stamp=stamp, reason=self.reason.data)


class TransferForm(ActionForm):
    """Chuyển đơn vị."""

    action, slug = Action.TRANSFER, "chuyen"
    title = lazy_gettext("Chuyển sang đơn vị khác")
    button = lazy_gettext("Chuyển")
    done = lazy_gettext("Đã chuyển nhiệm vụ; trạng thái và thời hạn giữ nguyên.")
    unit = ChoiceField(lazy_gettext("Đơn vị chủ trì mới"), [must_choose_unit], default="")
    reason = reason()

    def prepare(self) -> None:
        offer_units(self.unit, self.task)

    def notes(self) -> list[str]:
        return [_("Trạng thái và thời hạn giữ nguyên; đề nghị đang chờ (nếu có) không còn hiệu lực.")]

    def perform(self, stamp: Stamp) -> None:
        tasks.transfer(self.task, stamp=stamp, unit=chosen_unit(self.unit.data), reason=self.reason.data)


class EditForm(ActionForm):
    """Sửa."""

    action, slug = Action.EDIT, "sua"
    title = lazy_gettext("Sửa thông tin nhiệm vụ")
    button = lazy_gettext("Lưu")
    done = lazy_gettext("Đã lưu thông tin nhiệm vụ.")
    item = line(lazy_gettext("Mục của văn bản"), most=64)
    content = paragraphs(lazy_gettext("Nội dung"), required(lazy_gettext("Nhập nội dung nhiệm vụ.")))
    product = paragraphs(lazy_gettext("Sản phẩm"), most=1_000)
    due_phrase = line(lazy_gettext("Thời hạn"), most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    tracker = ChoiceField(lazy_gettext("Người theo dõi"), [Optional()], default="")
    leader = ChoiceField(lazy_gettext("Lãnh đạo chỉ đạo"), [Optional()], default="")
    officer = ChoiceField(lazy_gettext("Người thực hiện"), [Optional()], default="")
    coordinating = ChoicesField(lazy_gettext("Đơn vị phối hợp"), [Optional()])
    hints = WithDeadline.hints

    deadline = WithDeadline.deadline

    def prepare(self) -> None:
        task = self.task
        known = persons(task.assigner, day=g.today)
        for field, found, now in (
            (self.tracker, known.trackers, task.tracker),
            (self.leader, known.leaders, task.leader),
            (self.officer, [(c.id, c.words) for c in colleagues_of(task.unit_id, day=g.today)], task.officer),
        ):
            offered = [(str(id_), words) for id_, words in found]
            if now is not None and str(now.id) not in dict(offered):
                offered.append((str(now.id), now.name))
            field.choices = [NOBODY, *offered]
            if not self.is_submitted():
                field.data = str(now.id) if now else ""
        units = recipients(task.assigner, day=g.today)
        self.coordinating.choices = [
            SelectChoice(str(unit.id), unit.name, optgroup=_(GROUPS[unit.group][0]))
            for unit in units
            if unit.id != task.unit_id
        ]
        offered_ids = {str(unit.id) for unit in units}
        for each in task.coordinations:
            if str(each.unit_id) not in offered_ids:
                self.coordinating.choices.append(SelectChoice(str(each.unit_id), each.unit.name))
        if task.state is not State.DRAFT:
            del self.due_phrase
            del self.no_deadline
        if not self.is_submitted():
            self.item.data, self.content.data, self.product.data = task.item, task.content, task.product
            self.coordinating.data = [str(each.unit_id) for each in task.coordinations]
            if task.state is State.DRAFT:
                self.no_deadline.data = task.due_on is None and task.due_phrase == NO_DEADLINE
                self.due_phrase.data = "" if self.no_deadline.data else task.due_phrase or day(task.due_on)

    @property
    def reads_deadline(self) -> str | None:  # type: ignore[override]
        """The field beside which a reading stands: only of a draft."""
        return "due_phrase" if "due_phrase" in self else None

    def validate_due_phrase(self, field: Any) -> None:
        """A draft may still wait for its deadline."""
        if field.data and not self.deadline.is_given:
            raise ValidationError(self.deadline.words)

    def perform(self, stamp: Stamp) -> None:
        values: dict[str, Any] = {
            "item": self.item.data, "content": self.content.data, "product": self.product.data,
            "tracker": chosen_person(self.tracker.data), "leader": chosen_person(self.leader.data),
            "officer": chosen_person(self.officer.data),
            "coordinating": self.chosen_coordinating(),
        }  # fmt: skip
        if "due_phrase" in self and (self.due_phrase.data or self.no_deadline.data):
            reading = self.deadline.reading
            values |= {
                "due_on": reading.due_on, "due_phrase": reading.phrase, "due_time": reading.due_time,
            }  # fmt: skip
        tasks.edit(self.task, stamp=stamp, **values)

    def chosen_coordinating(self) -> list[Unit]:
        """Return the ticked units: those of before in their order, then the new ones."""
        ticked = set(self.coordinating.data or [])
        before = [each.unit for each in self.task.coordinations if str(each.unit_id) in ticked]
        new = ticked - {str(unit.id) for unit in before}
        return [*before, *(chosen_unit(word) for word in self.coordinating.data or [] if word in new)]


class GiveDraftForm(ActionForm):
    """Giao dự thảo."""

    action, slug = Action.GIVE, "giao"
    title = button = lazy_gettext("Giao nhiệm vụ")
    done = lazy_gettext("Đã giao nhiệm vụ.")

    def notes(self) -> list[str]:
        due = day(self.task.due_on) or self.task.due_phrase or ""
        return [
            _("%(unit)s nhận nhiệm vụ ngay sau khi giao.", unit=self.task.unit.name),
            _("Thời hạn: %(day)s.", day=due)
            if due
            else _("Dự thảo chưa có thời hạn: hãy sửa dự thảo trước."),
        ]

    def validate_token(self, _field: Any) -> None:
        """What is given has a deadline, or “không thời hạn” in so many words."""
        if self.task.due_on is None and self.task.due_phrase is None:
            raise ValidationError(
                _("Dự thảo chưa có thời hạn. Sửa dự thảo: nhập thời hạn hoặc “không thời hạn”.")
            )

    def perform(self, stamp: Stamp) -> None:
        tasks.give_draft(self.task, stamp=stamp)

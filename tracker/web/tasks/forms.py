"""The form of each action on a task: what is asked, what will happen, and the one operation it calls."""

from __future__ import annotations

from typing import Any, ClassVar

from flask import g
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, IntegerField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from tracker.models import db
from tracker.models.people import User
from tracker.models.task import RequestKind, Task
from tracker.models.units import Unit
from tracker.operations import progress, requests, tasks
from tracker.operations.recording import Stamp
from tracker.queries.giving import GROUPS, persons, recipients
from tracker.queries.standing import roles_above
from tracker.queries.task_page import Colleague, colleagues_of, units_below
from tracker.rules.permissions import LEADER
from tracker.rules.status import State, days_overdue
from tracker.rules.workflow import Action
from tracker.web.deadlines import NO_DEADLINE, read_phrase
from tracker.web.filters import day
from tracker.web.forms import ChoiceField, ChoicesField, DayField, Form, line, paragraphs, required
from tracker.web.uploads import PapersField

NOBODY = ("", lazy_gettext("– chưa chọn –"))


class ActionForm(Form):
    """The base: which action this is, its words, and `perform()`, which calls the operation."""

    action: ClassVar[Action]
    slug: ClassVar[str]
    title: ClassVar[Any]
    button: ClassVar[Any]
    done: ClassVar[Any]
    is_grave: ClassVar[bool] = False
    hints: ClassVar[dict[str, Any]] = {}
    reads_deadline: ClassVar[str | None] = None

    def __init__(self, task: Task, **options: Any) -> None:
        super().__init__(seen=task.version, **options)
        self.task = task
        self.prepare()

    def prepare(self) -> None:
        """Offer the choices, and fill in what is likely when the page opens."""

    def notes(self) -> list[str]:
        """Return what a person should know before they send the form."""
        return []

    def perform(self, stamp: Stamp) -> None:
        """Do it; refusals are `DomainError`s."""
        raise NotImplementedError

    @property
    def fields(self) -> list[Any]:
        """The fields that are shown, in the order of the form."""
        return [field for field in self if field.type not in ("HiddenField", "CSRFTokenField")]


def reason(label: Any = None) -> Any:
    """Return the field of a reason that must be given."""
    return paragraphs(label or lazy_gettext("Lý do"), required(lazy_gettext("Nhập lý do.")))


def _chosen_unit(word: str) -> Unit:
    unit = db.session.get(Unit, int(word))
    assert unit is not None
    return unit


def _chosen_person(word: str | None) -> User | None:
    return db.session.get(User, int(word)) if word else None


def _offer_units(field: Any, task: Task) -> None:
    offered = recipients(task.assigner, day=g.today)
    field.choices = [
        NOBODY,
        *(
            SelectChoice(str(unit.id), unit.name, optgroup=_(GROUPS[unit.group][0]))
            for unit in offered
            if unit.id != task.unit_id
        ),
    ]


def _must_choose_unit(_form: Any, field: Any) -> None:
    if not field.data:
        raise ValidationError(_("Chọn một đơn vị."))


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
        tasks.accept(self.task, stamp=stamp, officer=_chosen_person(self.officer.data))


class AskReturnForm(ActionForm):
    """Trả lại."""

    action, slug = Action.ASK_RETURN, "tra-lai"
    title = button = lazy_gettext("Trả lại nhiệm vụ")
    done = lazy_gettext("Đã gửi đề nghị trả lại; thời hạn vẫn tính cho đến khi có quyết định.")
    reason = reason()
    hints = {"reason": lazy_gettext("Ví dụ: không thuộc chức năng, nhiệm vụ; nêu đơn vị phù hợp nếu biết.")}

    def notes(self) -> list[str]:
        return [_("Nhiệm vụ vẫn thuộc đơn vị bạn và thời hạn vẫn tính cho đến khi Văn phòng quyết định.")]

    def perform(self, stamp: Stamp) -> None:
        requests.ask_return(self.task, stamp=stamp, reason=self.reason.data)


class RefuseReturnForm(ActionForm):
    """Không nhận trả lại."""

    action, slug = Action.REFUSE_RETURN, "khong-nhan-tra-lai"
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
    title = lazy_gettext("Giao lại cho đơn vị khác")
    button = lazy_gettext("Giao lại")
    done = lazy_gettext("Đã giao lại nhiệm vụ.")
    unit = ChoiceField(lazy_gettext("Đơn vị chủ trì mới"), [_must_choose_unit], default="")
    reason = paragraphs(lazy_gettext("Lý do"))

    def prepare(self) -> None:
        _offer_units(self.unit, self.task)

    def notes(self) -> list[str]:
        return [
            *asked(self.task, RequestKind.RETURN),
            _("Đơn vị mới nhận nhiệm vụ ở trạng thái chưa thực hiện; thời hạn giữ nguyên."),
        ]

    def perform(self, stamp: Stamp) -> None:
        unit = _chosen_unit(self.unit.data)
        tasks.reassign(self.task, stamp=stamp, unit=unit, reason=self.reason.data)


class ProgressForm(ActionForm):
    """Cập nhật tiến độ."""

    action, slug = Action.PROGRESS, "tien-do"
    title = button = lazy_gettext("Cập nhật tiến độ")
    done = lazy_gettext("Đã cập nhật tiến độ.")
    text = paragraphs(
        lazy_gettext("Tình hình thực hiện"), required(lazy_gettext("Nhập tình hình thực hiện."))
    )
    percent = IntegerField(
        lazy_gettext("Tỷ lệ hoàn thành (%%)"),
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
    unit = ChoiceField(lazy_gettext("Thay mặt đơn vị"), [_must_choose_unit], default="")
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
            self.task, stamp=stamp, unit=_chosen_unit(self.unit.data), text=self.text.data,
            evidence=self.papers.attachments(stamp),
        )  # fmt: skip


class AskExtensionForm(ActionForm):
    """Xin gia hạn."""

    action, slug = Action.ASK_EXTENSION, "xin-gia-han"
    title = button = lazy_gettext("Xin gia hạn")
    done = lazy_gettext("Đã gửi đề nghị gia hạn; thời hạn hiện tại vẫn có hiệu lực cho đến khi được đồng ý.")
    until = DayField(lazy_gettext("Xin gia hạn đến ngày"), [required(lazy_gettext("Nhập ngày mới."))])
    reason = reason()

    def notes(self) -> list[str]:
        return [_("Thời hạn hiện tại: %(day)s.", day=day(self.task.due_on) or NO_DEADLINE)]

    def perform(self, stamp: Stamp) -> None:
        requests.ask_extension(self.task, stamp=stamp, until=self.until.data, reason=self.reason.data)


class GrantExtensionForm(ActionForm):
    """Gia hạn."""

    action, slug = Action.GRANT_EXTENSION, "gia-han"
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


class WithDeadline(ActionForm):
    """A form with a deadline as people write it, or the explicit lack of one."""

    reads_deadline = "due_phrase"
    due_phrase = line(lazy_gettext("Thời hạn"), most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    hints = {
        "due_phrase": lazy_gettext(
            "Gõ như trong văn bản: “trước ngày 25/6”, “trong 5 ngày làm việc”, hoặc dd/mm/yyyy."
        )
    }

    @property
    def deadline(self) -> Any:
        """The reading of what was typed."""
        phrase = NO_DEADLINE if self.no_deadline.data else self.due_phrase.data or ""
        return read_phrase(phrase, issued_on=self.task.directive.issued_on)

    def validate_due_phrase(self, field: Any) -> None:
        """Ask for a day that can be read, or for none in so many words."""
        if self.no_deadline.data and field.data and field.data.lower() != NO_DEADLINE:
            raise ValidationError(_("Đã nhập thời hạn: bỏ dấu chọn “Không thời hạn”, hoặc xóa thời hạn."))
        if not self.deadline.is_given:
            raise ValidationError(self.deadline.words)


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


class ReportForm(ActionForm):
    """Báo cáo hoàn thành."""

    action, slug = Action.REPORT, "bao-cao"
    title = button = lazy_gettext("Báo cáo hoàn thành")
    done = lazy_gettext("Đã báo cáo hoàn thành; ngày báo cáo được giữ cố định, đang chờ xác nhận.")
    result = line(lazy_gettext("Văn bản kết quả (số, ngày)"), most=500)
    text = paragraphs(lazy_gettext("Kết quả thực hiện"))
    explanation = paragraphs(lazy_gettext("Giải trình"))
    papers = PapersField(lazy_gettext("Minh chứng"))
    hints = {"result": lazy_gettext("Ví dụ: 81/BC-UBND ngày 09/4/2020")}

    @property
    def late(self) -> int:
        """By how many days the report would be late."""
        return days_overdue(self.task, day=g.today) if self.task.state is not State.COMPLETED else 0

    def notes(self) -> list[str]:
        if self.late:
            return [_("Đã quá hạn %(days)s ngày: phải kèm giải trình lý do chậm.", days=self.late)]
        return [_("Ngày báo cáo là hôm nay, %(day)s, và quyết định đúng hạn hay quá hạn.", day=day(g.today))]

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
        leader = _chosen_person(self.agreed_by.data) if "agreed_by" in self else None
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
        ]

    def perform(self, stamp: Stamp) -> None:
        tasks.cancel(self.task, stamp=stamp, reason=self.reason.data)


class TransferForm(ActionForm):
    """Chuyển đơn vị."""

    action, slug = Action.TRANSFER, "chuyen"
    title = lazy_gettext("Chuyển sang đơn vị khác")
    button = lazy_gettext("Chuyển")
    done = lazy_gettext("Đã chuyển nhiệm vụ; trạng thái và thời hạn giữ nguyên.")
    unit = ChoiceField(lazy_gettext("Đơn vị chủ trì mới"), [_must_choose_unit], default="")
    reason = reason()

    def prepare(self) -> None:
        _offer_units(self.unit, self.task)

    def notes(self) -> list[str]:
        return [_("Trạng thái và thời hạn giữ nguyên; đề nghị đang chờ (nếu có) không còn hiệu lực.")]

    def perform(self, stamp: Stamp) -> None:
        tasks.transfer(self.task, stamp=stamp, unit=_chosen_unit(self.unit.data), reason=self.reason.data)


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
            "tracker": _chosen_person(self.tracker.data), "leader": _chosen_person(self.leader.data),
            "officer": _chosen_person(self.officer.data),
            "coordinating": [_chosen_unit(word) for word in self.coordinating.data or []],
        }  # fmt: skip
        if "due_phrase" in self and (self.due_phrase.data or self.no_deadline.data):
            reading = self.deadline.reading
            values |= {
                "due_on": reading.due_on, "due_phrase": reading.phrase, "due_time": reading.due_time,
            }  # fmt: skip
        tasks.edit(self.task, stamp=stamp, **values)


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
            self.form_errors.append(
                _("Dự thảo chưa có thời hạn. Sửa dự thảo: nhập thời hạn hoặc “không thời hạn”.")
            )
            raise ValidationError(_("Chưa có thời hạn."))

    def perform(self, stamp: Stamp) -> None:
        tasks.give_draft(self.task, stamp=stamp)


class PassDownForm(WithDeadline):
    """Giao xuống."""

    action, slug = Action.PASS_DOWN, "giao-xuong"
    title = lazy_gettext("Giao việc cho bộ phận, cá nhân trong đơn vị")
    button = lazy_gettext("Giao")
    done = lazy_gettext("Đã giao việc trong đơn vị; nhiệm vụ này cho thấy tình trạng của từng việc.")
    content = paragraphs(lazy_gettext("Nội dung"), required(lazy_gettext("Nhập nội dung việc cần làm.")))
    units = ChoicesField(lazy_gettext("Bộ phận, đơn vị trực thuộc"), [Optional()])
    people = ChoicesField(lazy_gettext("Cá nhân trong đơn vị"), [Optional()])
    product = paragraphs(lazy_gettext("Sản phẩm"), most=1_000)
    due_phrase = line(lazy_gettext("Thời hạn"), most=500)
    no_deadline = BooleanField(lazy_gettext("Không thời hạn"))
    later = BooleanField(lazy_gettext("Vẫn giao với thời hạn sau thời hạn của nhiệm vụ"))

    def prepare(self) -> None:
        self.units.choices = [(str(id_), name) for id_, name in units_below(self.task.unit_id, day=g.today)]
        self.known: list[Colleague] = colleagues_of(self.task.unit_id, day=g.today, exactly=True)
        self.people.choices = [(str(each.id), each.words) for each in self.known]
        if not self.is_submitted():
            self.content.data = self.task.content
            self.due_phrase.data = day(self.task.due_on)
            self.no_deadline.data = self.task.due_on is None

    def notes(self) -> list[str]:
        return [_("Thời hạn của nhiệm vụ: %(day)s.", day=day(self.task.due_on) or NO_DEADLINE)]

    def validate_units(self, _field: Any) -> None:
        """Somebody must get it."""
        if not self.units.data and not self.people.data:
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
        units = [(_chosen_unit(word), None) for word in self.units.data or []]
        persons_ = [(task.unit, _chosen_person(word)) for word in self.people.data or []]
        orders = [
            tasks.Order(
                unit=unit, officer=officer, content=self.content.data, product=self.product.data,
                due_on=reading.due_on, due_phrase=reading.phrase, due_time=reading.due_time, parent=task,
            )
            for unit, officer in [*units, *persons_]
        ]  # fmt: skip
        tasks.give(task.directive, orders, stamp=stamp)


def asked(task: Task, kind: RequestKind) -> list[str]:
    """Return in words what a unit asked for and still waits for."""
    request = tasks.pending(task, kind)
    if request is None:
        return []
    if kind is RequestKind.EXTENSION:
        words = _("%(unit)s xin gia hạn từ %(due)s đến %(until)s (đề nghị ngày %(day)s).",
                  unit=task.unit.name, due=day(task.due_on), until=day(request.until),
                  day=day(request.asked_on))  # fmt: skip
    else:
        words = _("%(unit)s xin trả lại (đề nghị ngày %(day)s).", unit=task.unit.name,
                  day=day(request.asked_on))  # fmt: skip
    return [words, _("Lý do: %(reason)s", reason=request.reason)]


FORMS: tuple[type[ActionForm], ...] = (
    AcceptForm, ProgressForm, ReportForm, ConfirmForm, ReworkForm, GrantExtensionForm, RefuseExtensionForm,
    ReassignForm, RefuseReturnForm, GiveDraftForm, ContributeForm, PassDownForm, AskExtensionForm,
    AskReturnForm, SetDueForm, EditForm, TransferForm, ReopenForm, CancelForm,
)  # fmt: skip
"""Every action, in the order in which a page offers it: the next step first, what ends things last."""

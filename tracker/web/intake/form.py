"""The form of one paper that was read: its head, its căn cứ, the names nobody knows, and its tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from flask import g, request
from sqlalchemy import select

from tracker.intake.draft import Draft, DraftTask, Read, corrected, renamed
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.models import db
from tracker.models.directive import Urgency
from tracker.models.intake import IntakeDraft
from tracker.models.units import Unit
from tracker.queries.giving import issuers_for
from tracker.rules.papers import tidy_number
from tracker.rules.text import fold
from tracker.web.forms import ChoiceField, DayField, Form, field_of_name, line, paragraphs
from tracker.web.intake.blueprint import KINDS
from tracker.web.intake.citations import citation_data, citation_fields, typed_citations
from tracker.web.intake.names import Meant, Names, names_in

URGENCY_WORDS = {
    Urgency.NORMAL.value: lazy_gettext("Thường"),
    Urgency.URGENT.value: lazy_gettext("Khẩn"),
    Urgency.VERY_URGENT.value: lazy_gettext("Thượng khẩn"),
    Urgency.EXPRESS.value: lazy_gettext("Hỏa tốc"),
}
MOST_NAMES = 4_000
"""Characters of a list of units: some hundred names."""


class DraftForm(Form):
    """The head of a paper; `form_of` adds the fields of its căn cứ, names and tasks."""

    number = line(lazy_gettext("Số ký hiệu"), most=64)
    kind = ChoiceField(lazy_gettext("Loại văn bản"))
    issued_on = DayField(lazy_gettext("Ngày ban hành"))
    issuer = ChoiceField(lazy_gettext("Cơ quan ban hành"))
    subject = paragraphs(lazy_gettext("Trích yếu"), most=2_000)
    signer = line(lazy_gettext("Người ký"))
    signer_title = line(lazy_gettext("Chức vụ người ký"))
    urgency = ChoiceField(lazy_gettext("Độ khẩn"))
    field = line(lazy_gettext("Lĩnh vực"))
    lead_for_all = line(lazy_gettext("Đơn vị chủ trì cho mọi nhiệm vụ chưa có"), most=MOST_NAMES)
    add_words = paragraphs(lazy_gettext("Thêm nhiệm vụ"))


def issuer_in(row: IntakeDraft, draft: Draft, issuers: Iterable[tuple[int, str]]) -> Unit | None:
    """Return the unit that issues the paper: the one chosen, the one its head names, or the reading unit.

    None when the head names a body for which the person may not write: that must be decided.
    """
    offered = {id_: name for id_, name in issuers}  # noqa: C416
    chosen = draft.values.get("issuer", "")
    if chosen.isdecimal() and int(chosen) in offered:
        return db.session.get_one(Unit, int(chosen))
    named = _plain_name(draft.header["issuer"].value) if "issuer" in draft.header else ""
    for id_, name in offered.items():
        if named and _plain_name(name) == named:
            return db.session.get_one(Unit, id_)
    return None if named else row.unit


def issuer_of(row: IntakeDraft, draft: Draft, issuers: Iterable[tuple[int, str]]) -> Unit:
    """Return the unit that issues the paper, the reading unit while that is not decided."""
    return issuer_in(row, draft, issuers) or row.unit


def names_of(row: IntakeDraft, draft: Draft, issuer: Unit) -> Names:
    """Return the names of units as the paper of this issuer means them."""
    read = draft.header.get("issuer")
    is_own = not (read and read.value) or _plain_name(read.value) == _plain_name(issuer.name)
    return Names(issuer, draft.names, reader=row.unit, day=g.today, is_own=is_own)


def is_named(issuer: Unit, draft: Draft) -> bool:
    """Return whether the head of the paper names this unit, or a person has chosen it."""
    read = draft.header.get("issuer")
    return bool(draft.values.get("issuer") or (read and _plain_name(read.value) == _plain_name(issuer.name)))


def _plain_name(name: str) -> str:
    return fold(name).replace("uy ban nhan dan", "ubnd").replace("tp.", "thanh pho")


def form_of(
    row: IntakeDraft, draft: Draft, *, as_stored: bool = False
) -> tuple[Any, Names, dict[str, Meant]]:
    """Return the form of a draft as it is stored, or as it was typed; the names, and those that are unknown.

    A field that the submission lacks, because it came of another page, keeps what is stored. `as_stored`
    leaves out what was typed.
    """
    issuers = issuers_for(g.user, day=g.today)
    issuer = issuer_of(row, draft, issuers)
    is_decided = issuer_in(row, draft, issuers) is not None
    names = names_of(row, draft, issuer)
    unknown = unknown_names(draft, names)
    data: dict[str, Any] = {
        name: each.value for name, each in draft.header.items() if name not in ("issued_on", "issuer")
    }
    data |= {
        "kind": data.get("kind", "CV"), "issued_on": issued_on_of(draft),
        "issuer": str(issuer.id) if is_decided else "",
        "urgency": draft.values.get("urgency", Urgency.NORMAL.value), "field": draft.values.get("field", ""),
    }  # fmt: skip
    fields: dict[str, Any] = {}
    shown = [each for each in draft.citations if not each.is_dropped]
    for number, each in enumerate(shown, start=1):
        fields |= citation_fields(each, number)
        data |= citation_data(each)
    for name in unknown:
        fields[field_of_name(name)] = ChoiceField(name)
    for number, task in enumerate(draft.to_give, start=1):
        data |= _task_data(task)
        fields |= _task_fields(task, number)
    own = type("OwnDraftForm", (DraftForm,), fields)
    form = own(formdata=None, data=data) if as_stored else own(data=data, seen=row.version)
    form.kind.choices = [(code, _(words)) for code, words in KINDS.items()]
    form.issuer.choices = [(str(id_), name) for id_, name in issuers]
    if not is_decided:
        form.issuer.choices.insert(0, ("", _("– chọn cơ quan ban hành –")))
    form.urgency.choices = list(URGENCY_WORDS.items())
    for each in shown:
        form[f"cite_kind_{each.key}"].choices = [("", _("– chưa rõ –")), *form.kind.choices]
    for name, meant in unknown.items():
        empty = ("", _("– chọn đơn vị hoặc nhóm –"))
        form[field_of_name(name)].choices = [empty, *names.choices(meant.suggestions)]
        form[field_of_name(name)].data = form[field_of_name(name)].data or ""
    if form.is_submitted() and not as_stored:
        _keep_what_was_not_sent(form, data)
    return form, names, unknown


def _task_fields(task: DraftTask, number: int) -> dict[str, Any]:
    def label(words: Any) -> Any:
        return lazy_gettext("%(field)s, nhiệm vụ %(number)s", field=words, number=number)

    return {
        f"content_{task.key}": paragraphs(label(lazy_gettext("Nội dung"))),
        f"lead_{task.key}": line(label(lazy_gettext("Đơn vị chủ trì")), most=MOST_NAMES),
        f"coordinating_{task.key}": line(label(lazy_gettext("Đơn vị phối hợp")), most=MOST_NAMES),
        f"due_{task.key}": line(label(lazy_gettext("Thời hạn")), most=500),
        f"item_{task.key}": line(label(lazy_gettext("Mục của văn bản")), most=64),
        f"product_{task.key}": line(label(lazy_gettext("Sản phẩm")), most=1_000),
    }


def _task_data(task: DraftTask) -> dict[str, Any]:
    return {
        f"content_{task.key}": task.content,
        f"lead_{task.key}": "; ".join(each.value for each in task.lead),
        f"coordinating_{task.key}": "; ".join(each.value for each in task.coordinating),
        f"due_{task.key}": task.due.value,
        f"item_{task.key}": task.item,
        f"product_{task.key}": task.product.value,
    }


def _keep_what_was_not_sent(form: Any, data: dict[str, Any]) -> None:
    for name, value in data.items():
        if name not in request.form:
            form[name].data = value


def issued_on_of(draft: Draft) -> date | None:
    """Return the day of issue, None when it is not known."""
    read = draft.header.get("issued_on")
    return date.fromisoformat(read.value) if read and read.value else None


def unknown_names(draft: Draft, names: Names) -> dict[str, Meant]:
    """Return the names of lead and coordinating units that mean no unit, each once, in the paper's order."""
    found: dict[str, Meant] = {}
    for task in draft.to_give:
        for read in (*task.lead, *task.coordinating):
            meant = names.mean(read.value)
            if not meant.is_known and fold(meant.name) not in map(fold, found):
                found[meant.name] = meant
    return found


def typed(form: Any, draft: Draft, unknown: Iterable[str]) -> Draft:
    """Return the draft with what the person typed; what they left as it was keeps its place and certainty."""
    header = dict(draft.header)
    said = {
        "number": tidy_number(form.number.data),
        "kind": form.kind.data,
        "issued_on": form.issued_on.data.isoformat() if form.issued_on.data else "",
        "subject": form.subject.data or "",
        "signer": form.signer.data or "",
        "signer_title": form.signer_title.data or "",
    }
    for name, value in said.items():
        if name in header or value:
            header[name] = corrected(header.get(name, Read()), value)
    values = {"urgency": form.urgency.data, "field": form.field.data or ""}
    if draft.values.get("issuer") or form.issuer.data != form.issuer.object_data:
        values["issuer"] = form.issuer.data
    for_all = names_in(form.lead_for_all.data or "")
    said = {fold(name): form[field_of_name(name)].data for name in unknown}
    chosen = {name: choice for name, choice in said.items() if choice}
    return replace(
        draft,
        header=header,
        values={name: value for name, value in (draft.values | values).items() if value},
        names=draft.names | chosen,
        citations=typed_citations(form, draft),
        tasks=tuple(each if each.is_dropped else _task(form, each, for_all) for each in draft.tasks),
    )


def taught(before: Draft, after: Draft, names: Names, unknown: Iterable[str]) -> dict[str, Unit]:
    """Return the units that the person said an unknown name means, to be known from now on."""
    found = {
        name: id_
        for name in unknown
        if (choice := after.names.get(fold(name), "")) != before.names.get(fold(name), "")
        and (id_ := names.unit_of(choice)) is not None
    }
    known = {unit.id: unit for unit in db.session.scalars(select(Unit).where(Unit.id.in_(found.values())))}
    return {name: known[id_] for name, id_ in found.items()}


def _task(form: Any, task: DraftTask, lead_for_all: list[str]) -> DraftTask:
    phrase = form[f"due_{task.key}"].data or ""
    is_same = phrase == task.due.value
    return replace(
        task,
        content=form[f"content_{task.key}"].data or "",
        item=form[f"item_{task.key}"].data or "",
        lead=renamed(task.lead, names_in(form[f"lead_{task.key}"].data or "") or lead_for_all),
        coordinating=renamed(task.coordinating, names_in(form[f"coordinating_{task.key}"].data or "")),
        due=corrected(task.due, phrase),
        due_on=task.due_on if is_same else None,
        due_time=task.due_time if is_same else None,
        recurrence=task.recurrence if is_same else Read(),
        product=corrected(task.product, form[f"product_{task.key}"].data or ""),
    )

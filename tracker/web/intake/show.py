"""One paper that is being read: the text beside what was understood, and every way to correct it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import RadioField

from tracker.intake import draft as drafts
from tracker.intake.draft import Draft, DraftCitation, DraftTask, NoSuchPart, Read, from_data
from tracker.language import gettext as _
from tracker.models import db
from tracker.models.directive import Directive
from tracker.models.intake import IntakeDraft
from tracker.models.people import User
from tracker.models.units import Unit
from tracker.operations import directives, reading
from tracker.rules.deadlines.answer import BEFORE_PAPER, BEFORE_RECEIPT, DAY_OFF, PASSED
from tracker.rules.permissions import Permission
from tracker.rules.text import nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError
from tracker.web.access import requires
from tracker.web.citing import Named, find_named
from tracker.web.deadlines import read_phrase
from tracker.web.envelopes import answer_to
from tracker.web.filters import cut, paper_name
from tracker.web.forms import Form, as_choices, field_of_name, say
from tracker.web.intake.blueprint import KINDS, bp, closed, load_draft
from tracker.web.intake.due import RECURRENCE_WORDS, Due, due_of
from tracker.web.intake.form import form_of, is_named, issued_on_of, taught, typed
from tracker.web.intake.marks import stretches_of
from tracker.web.intake.names import Meant, Names

_FULL_STOP = re.compile(r"\.\s+")
_OVER = (BEFORE_PAPER, BEFORE_RECEIPT, PASSED)
"""Warnings of a deadline that lies behind: beside them nobody asks which day of the week it was."""
HEADER_ORDER = ("number", "kind", "issued_on", "issuer", "subject", "signer", "signer_title")


class Card(NamedTuple):
    """One task as the page shows it."""

    task: DraftTask
    number: int
    lead: list[Meant]
    coordinating: list[Meant]
    due: Due
    how_often: str
    """How often it comes again, in words; "" for a task that is done once."""
    doubts: list[str]
    is_last: bool


class Look(NamedTuple):
    """Something a person should look at first: what it is, and where it stands on the page."""

    words: str
    part: str


@bp.route("/doc-van-ban/<id:draft_id>", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def show(draft_id: int) -> ResponseReturnValue:
    """Show a paper and its proposal; every button keeps first what was typed, then does what it says."""
    row = load_draft(draft_id)
    if (elsewhere := closed(row)) is not None:
        return elsewhere
    draft = from_data(row.content)
    form, names, unknown = form_of(row, draft)
    if not form.is_submitted() or not form.validate():
        return _page(row, draft, form, names, unknown)
    mine = typed(form, draft, unknown)
    step, part = request.form.get("step", ""), ""
    with form.refusals():
        mine, part = _take(step, mine, form.add_words.data or "", row)
        reading.correct(row, mine, stamp=form.stamp(), taught=taught(draft, mine, names, unknown))
    if form.was_refused:
        conflict = _conflict(form, draft, row) if form.is_conflict else {}
        return _page(row, draft, form, names, unknown, **conflict)
    if step == "give":
        return redirect(url_for("intake.give", draft_id=draft_id), 303)
    if step.startswith("split-"):
        return redirect(url_for("intake.split", draft_id=draft_id, key=part), 303)
    if step == "save":
        flash(_("Đã lưu bản đọc. Chưa giao nhiệm vụ nào."), "success")
    return redirect(url_for("intake.show", draft_id=draft_id, _anchor=part or None), 303)


def _take(step: str, draft: Draft, words: str, row: IntakeDraft) -> tuple[Draft, str]:
    """Do what the pressed button says to the draft; return it with the part of the page to come back to."""
    name, _dash, key = step.partition("-")
    number = int(key) if key.isdecimal() and len(key) < 10 else 0
    match name:
        case "join":
            return drafts.join(draft, number), f"viec-{number}"
        case "drop":
            return drafts.drop(draft, number), f"bo-{number}"
        case "back":
            return drafts.drop(draft, number, back=True), f"viec-{number}"
        case "split":
            return draft, str(draft.task(number).key)
        case "cite" if key == "add":
            draft, cited = drafts.add_citation(draft)
            return draft, f"can-cu-{cited.key}"
        case "uncite":
            return drafts.drop_citation(draft, number), "can-cu"
        case "recite":
            return drafts.drop_citation(draft, number, back=True), f"can-cu-{number}"
        case "add" if words:
            draft, task = drafts.add(draft, words, row.plain)
            if task.start is None:
                flash(
                    _("Không thấy những chữ này trong văn bản nên nhiệm vụ được thêm bằng tay, "
                      "không gắn với chỗ nào."),
                    "warning",
                )  # fmt: skip
            return draft, f"viec-{task.key}"
        case "add":
            raise DomainError(N_("Dán một đoạn của văn bản, hoặc gõ nội dung nhiệm vụ cần thêm."))
    return draft, ""


def cards_of(draft: Draft, names: Names) -> list[Card]:
    """Return the tasks that were not dropped with what their names and deadlines mean."""
    issued_on = issued_on_of(draft)
    left = draft.to_give
    found = []
    for number, task in enumerate(left, start=1):
        lead = [names.mean(each.value) for each in task.lead]
        coordinating = [names.mean(each.value) for each in task.coordinating]
        due = due_of(task, issued_on)
        recurrence = due.pattern.recurrence if due.pattern else task.recurrence.value
        how_often = str(RECURRENCE_WORDS.get(recurrence, ""))
        doubts = _doubts(task, lead, coordinating, due)
        found.append(Card(task, number, lead, coordinating, due, how_often, doubts, number == len(left)))
    return found


def _doubts(
    task: DraftTask, lead: Sequence[Meant], coordinating: Sequence[Meant], due: Due
) -> list[str]:
    """Return what a person should look at in a task, and why, one clause each."""
    found = []
    if not lead:
        found.append(_("chưa có đơn vị chủ trì"))
    if due.phrase and due.is_open and task.recurrence.value != "continuous":
        found.append(_("thời hạn chưa đọc được thành ngày"))
    elif task.due.is_doubtful and task.due.why:
        found.append(clause(_(task.due.why) % task.due.values))
    if due.deadline is not None:
        warnings = due.deadline.reading.warnings
        is_over = any(message in _OVER for message, _values in warnings)
        found += [
            clause(_(message) % values) for message, values in warnings
            if not (is_over and message == DAY_OFF)
        ]  # fmt: skip
    if task.sure < drafts.DOUBTFUL and task.sure < min(each.sure for each in task.reads):
        is_by_day = task.due.value and not task.lead
        found.append(
            _("chưa chắc là nhiệm vụ vì câu chỉ nêu thời hạn, không có lời giao") if is_by_day
            else _("chưa chắc là nhiệm vụ vì lời giao không rõ")
        )  # fmt: skip
    for reads, names, label in (
        (task.lead, lead, _("đơn vị chủ trì")), (task.coordinating, coordinating, _("đơn vị phối hợp")),
        ((task.product,), (), _("sản phẩm")),
    ):  # fmt: skip
        whys = [_why(each) for each in reads if each.is_doubtful]
        whys += [each.why for each in names if each.is_doubtful and each.why]
        found += [_("chưa chắc %(field)s vì %(why)s", field=label, why=why) for why in whys]
    return list(dict.fromkeys(found))


def _why(read: Read) -> str:
    """Return why a field is doubtful, as a clause."""
    return clause(_(read.why) % read.values) if read.why else _("chữ trong văn bản không rõ")


def _why_cited(cited: DraftCitation) -> str:
    if not cited.number:
        return _("chỉ có tên, không có số ký hiệu")
    return _("chữ trong văn bản không rõ") if "/" in cited.number else _("chỉ có số, không có ký hiệu")


def clause(sentences: str) -> str:
    """Return the first of some sentences as it goes on behind a colon: small first letter, no full stop."""
    first = _FULL_STOP.split(sentences.strip(), maxsplit=1)[0].rstrip(".")
    return first[:1].lower() + first[1:] if first[1:2].islower() else first


def doubles_of(draft: Draft, issuer: Unit) -> list[Directive]:
    """Return the papers of the register that have this number, issuer and year already."""
    number, issued_on = draft.header.get("number"), issued_on_of(draft)
    if number is None or not number.value or issued_on is None:
        return []
    return directives.same_number(number.value, issuer, issued_on.year)


def named_of(draft: Draft) -> Mapping[int, Named]:
    """Return what each căn cứ that was kept names in the register, by its key."""
    kept = draft.cited
    named = {each.words: each for each in find_named([each.words for each in kept])}
    return {each.key: named[each.words] for each in kept if each.words in named}


def _looks(
    draft: Draft, form: Any, cards: Sequence[Card], unknown: Sequence[str], issuer: Unit
) -> list[Look]:
    found = []
    for name in HEADER_ORDER:
        read = draft.header.get(name)
        if name == "issuer":
            if not is_named(issuer, draft):
                found.append(Look(_issuer_words(read, form), "issuer"))
        elif name == "number" and read is not None and read.value.startswith("/"):
            found.append(Look(_("Số ký hiệu: văn bản chưa ghi số"), name))
        elif read is None or not read.value:
            words = _("%(field)s: văn bản không ghi hoặc chưa đọc được", field=form[name].label.text)
            found.append(Look(words, name))
        elif read.is_doubtful:
            words = _("%(field)s: %(why)s", field=form[name].label.text, why=_why(read))
            found.append(Look(words, name))
    for number, cited in enumerate((each for each in draft.citations if not each.is_dropped), start=1):
        if cited.is_doubtful:
            words = _("Văn bản được dẫn %(number)s: %(why)s", number=number, why=_why_cited(cited))
            found.append(Look(words, f"can-cu-{cited.key}"))
    if unknown:
        found.append(Look(_("Tên đơn vị: %(count)s tên chưa rõ", count=len(unknown)), "ten-chua-ro"))
    doubts: dict[str, list[Card]] = {}
    for card in cards:
        for words in card.doubts:
            doubts.setdefault(words, []).append(card)
    for words, doubtful in doubts.items():
        numbers = runs(card.number for card in doubtful)
        said = _("Nhiệm vụ %(numbers)s: %(doubts)s", numbers=numbers, doubts=words)
        found.append(Look(said, f"viec-{doubtful[0].task.key}"))
    return found


def _issuer_words(read: Read | None, form: Any) -> str:
    if read is None or not read.value:
        return _("Cơ quan ban hành: văn bản không ghi hoặc chưa đọc được")
    if form.issuer.data:
        return _("Cơ quan ban hành: văn bản ghi “%(name)s”", name=read.value)
    return _("Cơ quan ban hành: “%(name)s” không có trong danh mục đơn vị của bạn", name=read.value)


def runs(numbers: Iterable[int]) -> str:
    """Return numbers in order, neighbours as one: 1, 2, 3, 5 are “1–3, 5”."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][-1] + 1 == number:
            found[-1][1:] = [number]
        else:
            found.append([number])
    return ", ".join("–".join(map(str, each)) for each in found)


def name_of(draft: Draft, *, filename: str | None = None) -> str:
    """Return how pages call a paper that is being read: kind and number, else kind, else its file."""
    read = {name: each.value for name, each in draft.header.items()}
    kind, number = read.get("kind", ""), read.get("number", "")
    if number.startswith("/") and kind:
        return _("%(kind)s (chưa có số)", kind=_(KINDS.get(kind, kind)))
    if number:
        return paper_name(kind, number) if kind in KINDS else number
    return _(KINDS[kind]) if kind in KINDS else filename or _("Văn bản chưa rõ số")


def _conflict(form: Any, draft: Draft, row: IntakeDraft) -> dict[str, Any]:
    """Return both texts of each field that differs, and let the next submission stand on what is stored."""
    stored, _names, _unknown = form_of(row, draft, as_stored=True)
    skip = {"csrf_token", "token", "seen", "add_words"}
    pairs = [(each, stored[each.name]) for each in form if each.name in stored and each.name not in skip]
    rows = [
        (mine.label.text, _words_of(mine), _words_of(kept))
        for mine, kept in pairs
        if _words_of(mine) != _words_of(kept)
    ]
    form.renew(row.version)
    who = db.session.scalar(select(User.name).where(User.id == row.changed_by_id))
    return {"conflict_rows": rows, "saved_by": who, "saved_at": row.changed_at}


def _words_of(field: Any) -> str:
    if choices := getattr(field, "choices", None):
        return str(dict(choices).get(field.data, field.data or ""))
    value = field._value() if field.type == "DayField" else field.data
    return str(value or "")


def _page(
    row: IntakeDraft, draft: Draft, form: Any, names: Names, unknown: dict[str, Meant], **conflict: Any
) -> ResponseReturnValue:
    cards = cards_of(draft, names)
    issuer = names.issuer
    header = sorted(HEADER_ORDER, key=lambda name: not _is_doubtful(name, draft, issuer))
    page = render_template(
        "intake/show.html",
        row=row,
        draft=draft,
        form=form,
        cards=cards,
        header=header,
        issuer=issuer,
        issuer_is_named=is_named(issuer, draft),
        names=names,
        unknown=unknown,
        named=named_of(draft),
        doubles=doubles_of(draft, issuer),
        dropped=[each for each in draft.tasks if each.is_dropped],
        citations=[each for each in draft.citations if not each.is_dropped],
        uncited=[each for each in draft.citations if each.is_dropped],
        looks=_looks(draft, form, cards, list(unknown), issuer),
        stretches=stretches_of(row.plain, draft),
        why_cited=_why_cited,
        reading_url=url_for("intake.read_deadline", draft_id=row.id),
        name_field=field_of_name,
        answer=answer_to(row, day=g.today),
        name=name_of(draft, filename=row.filename),
        without_lead=sum(not card.task.lead for card in cards),
        **conflict,
    )
    return page, 422 if form.errors else 200


def _is_doubtful(name: str, draft: Draft, issuer: Unit) -> bool:
    if name == "issuer":
        return not is_named(issuer, draft)
    read = draft.header.get(name)
    return read is None or not read.value or read.is_doubtful


@bp.get("/doc-van-ban/<id:draft_id>/doc-thoi-han")
@requires(Permission.REGISTER_DIRECTIVE)
def read_deadline(draft_id: int) -> ResponseReturnValue:
    """Answer how a typed deadline of this paper is read, as JSON: `text`, and `ok` False for a look."""
    draft = from_data(load_draft(draft_id).content)
    phrase = nfc(request.args.get("q", ""))[:500]
    deadline = read_phrase(phrase, issued_on=issued_on_of(draft))
    return jsonify(text=deadline.words, ok=deadline.is_sure)


@bp.route("/doc-van-ban/<id:draft_id>/tach/<id:key>", methods=["GET", "POST"])
@requires(Permission.REGISTER_DIRECTIVE)
def split(draft_id: int, key: int) -> ResponseReturnValue:
    """Offer the places at which a task may be split, and split it there."""
    row = load_draft(draft_id)
    if (elsewhere := closed(row)) is not None:
        return elsewhere
    draft = from_data(row.content)
    try:
        task, cuts = draft.task(key), drafts.cuts_of(draft, key, row.plain)
    except NoSuchPart as error:
        flash(say(error), "warning")
        return redirect(url_for("intake.show", draft_id=draft_id), 303)
    form = _split_form(cuts, row)
    if form.is_submitted() and form.validate():
        with form.refusals():
            mine = drafts.split(draft, key, int(form.at.data), row.plain)
            reading.correct(row, mine, stamp=form.stamp())
        if not form.was_refused:
            return redirect(url_for("intake.show", draft_id=draft_id, _anchor=f"viec-{key}"), 303)
        form.renew(row.version)
    page = render_template("intake/split.html", row=row, task=task, form=form, cuts=cuts)
    return page, 422 if form.errors else 200


def _split_form(cuts: Sequence[drafts.Cut], row: IntakeDraft) -> Any:
    choices = as_choices((str(each.at), "… " + cut(each.after, 160)) for each in cuts)
    field = RadioField(_("Phần sau bắt đầu từ"), choices=choices)
    return type("SplitForm", (Form,), {"at": field})(seen=row.version)

"""The field of a form through which papers come in; what was taken once need not be chosen again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from flask import current_app, g
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup, escape
from werkzeug.datastructures import FileStorage
from wtforms import MultipleFileField
from wtforms.validators import Optional
from wtforms.widgets import FileInput, html_params

from tracker.files.papers import (
    LARGEST,
    MEGABYTE,
    MOST,
    Paper,
    UnfitPaper,
    check_paper,
    extensions,
    keep,
    kinds_in_words,
    place_of,
)
from tracker.language import gettext as _
from tracker.models.directive import Attachment
from tracker.operations import papers
from tracker.operations.recording import Stamp
from tracker.web.filters import filesize

KEPT_FOR = 12 * 60 * 60
"""Seconds for which a refused form remembers the papers that it took: as long as a session lives."""


_KEPT_LINE = Markup(
    '<li class="choice"><input %s> <label for="%s">%s <span class="muted">(%s)</span></label></li>'
)
_KEPT_LIST = Markup('<div class="w-100"><p class="hint">%s</p><ul class="list-unstyled">%s</ul></div>')


def files_folder() -> Path:
    """Return where the bytes of papers lie."""
    return Path(current_app.config["FILES_FOLDER"])


class PapersInput(FileInput):
    """The file input, and under it the papers that were taken before, ticked; unticking one lets it go."""

    def __init__(self) -> None:
        super().__init__(multiple=True)

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        """Return the input with the papers of `field` below it."""
        attributes.setdefault("accept", ",".join(extensions()))
        picker = super().__call__(field, **attributes)
        lines = [
            _KEPT_LINE
            % (
                Markup(html_params(  # noqa: S704 - html_params escapes
                    type="checkbox", class_="form-check-input", id=f"{field.id}-kept-{number}",
                    name=field.kept_name, value=_signed(paper), checked=True,
                )),
                f"{field.id}-kept-{number}", paper.filename, filesize(paper.size),
            )
            for number, paper in enumerate(field.data or ())
        ]  # fmt: skip
        if not lines:
            return picker
        told = escape(_("Các tệp đã nhận, không cần chọn lại; bỏ dấu chọn để không gửi tệp:"))
        return picker + _KEPT_LIST % (told, Markup("").join(lines))


class PapersField(MultipleFileField):
    """Papers that a person attaches: each checked, its bytes kept at once, `data` a list of `Paper`.

    A form needs `enctype="multipart/form-data"`. When anything in the form is refused, the good papers stay
    with it; the bad ones are named in the messages of the field. `attachments()` makes rows for an operation.
    """

    widget = PapersInput()
    process_errors: list[str]

    def __init__(self, label: Any = None, validators: Any = None, **options: Any) -> None:
        options.setdefault("description", _(
            "Nhiều nhất %(most)s tệp, mỗi tệp không quá %(size)s MB: %(kinds)s. Không gửi văn bản mật.",
            most=MOST, size=LARGEST // MEGABYTE, kinds=kinds_in_words(),
        ))  # fmt: skip
        super().__init__(label, validators or [Optional()], **options)

    @property
    def kept_name(self) -> str:
        """The name of the inputs that hold the papers taken before."""
        return f"{self.name}-kept"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Read the new files and those that were taken with an earlier submission of the same form."""
        self.before = formdata.getlist(self.kept_name) if formdata else []
        super().process(formdata, extra_filters=extra_filters)

    def process_formdata(self, valuelist: Iterable[Any]) -> None:
        """Check and keep what was sent; every bad file gives a message of its own."""
        found = {paper.sha256: paper for word in self.before[:MOST] if (paper := _unsigned(word))}
        refused: list[str] = []
        for upload in valuelist:
            if not isinstance(upload, FileStorage) or not upload.filename:
                continue
            if len(found) >= MOST:
                refused.append(
                    _("Mỗi lần gửi nhiều nhất %(most)s tệp. Gửi phần còn lại ở lần sau.", most=MOST)
                )
                break
            try:
                paper = check_paper(upload.filename, upload.stream)
            except UnfitPaper as error:
                refused.append(_(error.message) % error.values)
                continue
            keep(upload.stream, paper, folder=files_folder())
            found[paper.sha256] = paper
        self.data = list(found.values())
        self.process_errors.extend(refused)

    def attachments(self, stamp: Stamp) -> list[Attachment]:
        """Return the rows of these papers, to be handed to an operation as `evidence`."""
        return papers.attachments_of(self.data or [], stamp=stamp)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="papers")


def _signed(paper: Paper) -> str:
    words = [g.user.id, paper.filename, paper.media_type, paper.size, paper.sha256]
    return _signer().dumps(words)


def _unsigned(word: str) -> Paper | None:
    try:
        user_id, *words = _signer().loads(word, max_age=KEPT_FOR)
    except BadSignature:
        return None
    paper = Paper(*words)
    if user_id != g.user.id or not place_of(paper.sha256, folder=files_folder()).exists():
        return None
    return paper

"""The documents that a paper cites, each a row whose parts can be corrected: kind, number, day, issuer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from tracker.intake.draft import LONGEST_CITATION, Draft, DraftCitation, named_by
from tracker.language import gettext as _
from tracker.language import lazy_gettext
from tracker.rules.papers import tidy_number
from tracker.web.forms import ChoiceField, DayField, line
from tracker.web.intake.blueprint import KINDS


def citation_fields(cited: DraftCitation, number: int) -> dict[str, Any]:
    """Return the fields of one cited document, the `number`th of the page, by their names."""

    def label(words: Any) -> Any:
        return lazy_gettext("%(field)s, văn bản được dẫn %(number)s", field=words, number=number)

    key = cited.key
    return {
        f"cite_kind_{key}": ChoiceField(label(lazy_gettext("Loại"))),
        f"cite_number_{key}": line(label(lazy_gettext("Số ký hiệu")), most=64),
        f"cite_on_{key}": DayField(label(lazy_gettext("Ngày"))),
        f"cite_issuer_{key}": line(label(lazy_gettext("Cơ quan ban hành")), most=200),
        f"cite_words_{key}": line(label(lazy_gettext("Tên văn bản")), most=LONGEST_CITATION),
    }


def citation_data(cited: DraftCitation) -> dict[str, Any]:
    """Return what stands in the fields of one cited document."""
    key = cited.key
    return {
        f"cite_kind_{key}": cited.kind,
        f"cite_number_{key}": cited.number,
        f"cite_on_{key}": date.fromisoformat(cited.issued_on) if cited.issued_on else None,
        f"cite_issuer_{key}": cited.issuer,
        f"cite_words_{key}": "" if cited.number else cited.words,
    }


def typed_citations(form: Any, draft: Draft) -> tuple[DraftCitation, ...]:
    """Return the cited documents with what the person typed; one without number goes by its words."""
    return tuple(each if each.is_dropped else _typed(form, each) for each in draft.citations)


def _typed(form: Any, cited: DraftCitation) -> DraftCitation:
    kind, number, on, issuer, words = (
        form[f"cite_{part}_{cited.key}"].data for part in ("kind", "number", "on", "issuer", "words")
    )
    number, day = tidy_number(number), on.isoformat() if on else ""
    mine = replace(cited, kind=kind or "", number=number, issued_on=day, issuer=issuer or "")
    if mine == cited and (number or (words or "") == cited.words):
        return cited
    said = named_by(_(KINDS[kind]) if kind else "", number, on, issuer or "") if number else words or ""
    return replace(mine, words=said[:LONGEST_CITATION], sure=1.0)

"""The register of directives, kept like the paper book."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.queries.directives import Choice, Filter, Place, choices, register_count, register_page
from tracker.rules.permissions import Permission
from tracker.rules.text import nfc
from tracker.web.access import LARGEST_ID, requires
from tracker.web.directives.blueprint import bp
from tracker.web.filters import number, paper_name

LONGEST_SEARCH = 200


@bp.get("/van-ban")
@requires(Permission.SIGNED_IN)
def index() -> ResponseReturnValue:
    """Show a page of the register, narrowed as the address says; odd words in it narrow nothing."""
    chosen, after = _filter(), _place(request.args.get("after", ""))
    rows, following = register_page(chosen, user=g.user, day=g.today, after=after)
    offered = choices(chosen, user=g.user, day=g.today)
    total = register_count(chosen, user=g.user, day=g.today)
    return render_template(
        "directives/index.html",
        rows=rows,
        chosen=chosen,
        groups=_groups(chosen, offered),
        tags=_tags(chosen, offered),
        count_text=_("%(shown)s trên %(total)s văn bản", shown=number(len(rows)), total=number(total)),
        next_url=_url(after=f"{following.issued_on}.{following.id}") if following else None,
        first_url=_url() if after else None,
        clear_url=url_for("directives.index"),
    )


def _filter() -> Filter:
    year, issuer = request.args.get("year", ""), request.args.get("issuer", "")
    return Filter(
        year=int(year) if year.isdecimal() and 1900 <= int(year[:9]) <= 9999 else None,
        kind=nfc(request.args.get("kind", "")) or None,
        field=nfc(request.args.get("field", "")) or None,
        issuer=int(issuer) if issuer.isdecimal() and int(issuer[:12]) <= LARGEST_ID else None,
        text=nfc(request.args.get("q", "")).strip()[:LONGEST_SEARCH],
    )


def _place(word: str) -> Place | None:
    day, _dot, id_ = word.partition(".")
    try:
        return Place(date.fromisoformat(day), min(int(id_), LARGEST_ID))
    except ValueError:
        return None


def _url(**changes: Any) -> str:
    """Return the address of the register with these parameters changed; a page always begins anew."""
    kept = {
        key: request.args[key] for key in ("q", "year", "kind", "field", "issuer") if request.args.get(key)
    }
    return url_for("directives.index", **{key: value for key, value in (kept | changes).items() if value})


@dataclass(frozen=True)
class Option:
    """A link that narrows the register."""

    label: str
    url: str
    count: int
    current: bool


def _label(name: str, choice: Choice) -> str:
    return paper_name(choice.value) if name == "kind" else choice.label


def _groups(chosen: Filter, offered: dict[str, list[Choice]]) -> list[tuple[str, list[Option]]]:
    titles = {
        "year": _("Năm ban hành"), "kind": _("Loại văn bản"), "issuer": _("Cơ quan ban hành"),
        "field": _("Lĩnh vực"),
    }  # fmt: skip
    found = []
    for name, title in titles.items():
        now = getattr(chosen, name)
        options = [
            Option(
                _label(name, choice),
                _url(**{name: None if choice.value == now else choice.value}),
                choice.papers,
                choice.value == now,
            )
            for choice in offered[name]
        ]
        if len(options) > 1 or now is not None:
            found.append((title, options))
    return found


class Tag(NamedTuple):
    """One chosen filter, and the address without it."""

    label: str
    remove_url: str


def _tags(chosen: Filter, offered: dict[str, list[Choice]]) -> list[Tag]:
    found = []
    for name in ("year", "kind", "issuer", "field"):
        value = getattr(chosen, name)
        if value is not None:
            known = [choice for choice in offered[name] if choice.value == value]
            found.append(Tag(_label(name, known[0]) if known else str(value), _url(**{name: None})))
    if chosen.text:
        found.append(Tag(f"“{chosen.text}”", _url(q=None)))
    return found

"""The list of recurring tasks that still run: searched, narrowed, and ordered as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker.language import gettext as _
from tracker.queries.series import course_of
from tracker.queries.turns import CourseRow, courses_of_all, running_rows, unit_names
from tracker.rules.deadlines.series import HOW_OFTEN
from tracker.rules.permissions import Permission
from tracker.rules.series import Turn
from tracker.rules.text import nfc, vietnamese_order
from tracker.web.access import LARGEST_ID, requires
from tracker.web.directives.blueprint import bp
from tracker.web.filters import number
from tracker.web.turns import Coming, coming, how_often

PAGE = 100
"""Series on one page."""
MOST = 10_000
"""Series among which the list is ordered; who sees more is asked to narrow it."""
MOST_CHOICES = 15
"""Choices of one filter, those with most series first."""
LONGEST_SEARCH = 200
NAMES = ("lap-lai", "don-vi", "giao-boi")
"""The filters in the address."""


class Due(NamedTuple):
    """A series with the turn that comes next."""

    row: CourseRow
    turn: Turn


@dataclass(frozen=True)
class Option:
    """A link that narrows the list."""

    label: str
    url: str
    count: int
    current: bool


class Tag(NamedTuple):
    """One chosen filter, and the address without it."""

    label: str
    remove_url: str


@dataclass(frozen=True)
class Chosen:
    """What the address asks for; None and "" narrow nothing."""

    filters: Mapping[str, str]
    text: str
    sort: str
    page: int

    def holds(self, row: CourseRow, *, without: str = "") -> bool:
        """Return whether a series is in the list; `without` leaves one filter out, to count its choices."""
        return all(_FACTS[name](row) == value for name, value in self.filters.items() if name != without)


_FACTS: Mapping[str, Callable[[CourseRow], str]] = {
    "lap-lai": lambda row: row.rule.partition(" ")[0],
    "don-vi": lambda row: str(row.unit_id),
    "giao-boi": lambda row: str(row.assigner_id),
}
SORTS = ("give", "due", "unit")


@bp.get("/dinh-ky")
@requires(Permission.SIGNED_IN)
def all_series() -> ResponseReturnValue:
    """List the series that the person sees and that still run, by the turn that comes next.

    Odd words in the address narrow nothing.
    """
    chosen = _chosen()
    rows = courses_of_all(g.user, day=g.today, most=MOST + 1, text=chosen.text)
    found = _with_turns(rows[:MOST])
    names = unit_names({id_ for each in found for id_ in (each.row.unit_id, each.row.assigner_id)})
    listed = _sorted([each for each in found if chosen.holds(each.row)], chosen.sort, names)
    begin = min(chosen.page - 1, max(len(listed) - 1, 0) // PAGE) * PAGE
    shown = listed[begin : begin + PAGE]
    turns = [
        Coming(row, how_often(row.rule), each.turn)
        for row, each in zip(running_rows([each.row.id for each in shown]), shown, strict=True)
    ]
    return render_template(
        "directives/series_index.html",
        turns=turns,
        chosen=chosen,
        groups=_groups(chosen, found, names),
        tags=_tags(chosen, names),
        sort_url=lambda key: _url(chosen, sap=key),
        count_text=_("%(shown)s trên %(total)s nhiệm vụ định kỳ", shown=number(len(shown)),
                     total=number(len(listed))),
        total=len(listed),
        is_cut=len(rows) > MOST and MOST,
        next_url=_url(chosen, trang=begin // PAGE + 2) if begin + PAGE < len(listed) else None,
        first_url=_url(chosen) if begin else None,
        clear_url=url_for("directives.all_series"),
    )  # fmt: skip


def _chosen() -> Chosen:
    filters = {name: value for name in NAMES if (value := request.args.get(name, ""))}
    for name, value in list(filters.items()):
        known = value in HOW_OFTEN if name == "lap-lai" else _number(value) is not None
        if not known:
            del filters[name]
    sort = request.args.get("sap", "")
    return Chosen(
        filters, nfc(request.args.get("q", "")).strip()[:LONGEST_SEARCH],
        sort if sort.removeprefix("-") in SORTS else SORTS[0], _number(request.args.get("trang", "")) or 1,
    )  # fmt: skip


def _number(word: str) -> int | None:
    is_one = word.isascii() and word.isdecimal() and 0 < int(word[:12]) <= LARGEST_ID
    return int(word) if is_one else None


def _with_turns(rows: Sequence[CourseRow]) -> list[Due]:
    """Return the series of which a turn comes; that of equal courses (one item, many units) is told once."""
    told: dict[tuple[Any, ...], Turn | None] = {}
    found = []
    for row in rows:
        course = (row.rule, row.starts_on, row.until, row.last_day, row.due_time)
        if course not in told:
            told[course] = next(iter(coming(course_of(row), 1)), None)
        if (turn := told[course]) is not None:
            found.append(Due(row, turn))
    return found


def _sorted(found: list[Due], sort: str, names: Mapping[int, str]) -> list[Due]:
    """Return series in an order over all pages; of equal ones the one begun first stands first."""
    places = {id_: vietnamese_order(name) for id_, name in names.items()}
    keys: Mapping[str, Callable[[Due], Any]] = {
        "give": lambda each: (each.turn.give_on, each.turn.due_on),
        "due": lambda each: (each.turn.due_on, each.turn.give_on),
        "unit": lambda each: (places[each.row.unit_id], each.turn.give_on, each.turn.due_on),
    }
    found = sorted(found, key=lambda each: each.row.id)
    return sorted(found, key=keys[sort.removeprefix("-")], reverse=sort.startswith("-"))


def _url(chosen: Chosen, **changes: Any) -> str:
    """Return the address of the list with these words changed; it begins at its first page."""
    words: dict[str, Any] = {"q": chosen.text, **chosen.filters}
    words["sap"] = chosen.sort if chosen.sort != SORTS[0] else None
    words |= {name.replace("_", "-"): value for name, value in changes.items()}
    return url_for("directives.all_series", **{name: value for name, value in words.items() if value})


def _groups(
    chosen: Chosen, due: Sequence[Due], names: Mapping[int, str]
) -> list[tuple[str, list[Option]]]:
    titles = {"lap-lai": _("Lặp lại"), "don-vi": _("Đơn vị chủ trì"), "giao-boi": _("Đơn vị giao")}
    found = []
    for name, title in titles.items():
        now = chosen.filters.get(name)
        counts = Counter(_FACTS[name](each.row) for each in due if chosen.holds(each.row, without=name))
        if name == "lap-lai":
            most = [value for value in HOW_OFTEN if value in counts]
        else:
            order = {value: (-counts[value], vietnamese_order(names[int(value)])) for value in counts}
            most = sorted(order, key=order.__getitem__)[:MOST_CHOICES]
        if now and now not in most:
            most.append(now)
        options = [
            Option(_label(name, value, names), _url(chosen, **{name: None if value == now else value}),
                   counts[value], value == now)
            for value in most
        ]  # fmt: skip
        if len(options) > 1 or now:
            found.append((title, options))
    return found


def _label(name: str, value: str, names: Mapping[int, str]) -> str:
    return _(HOW_OFTEN[value]).capitalize() if name == "lap-lai" else names.get(int(value), "–")


def _tags(chosen: Chosen, names: Mapping[int, str]) -> list[Tag]:
    found = [
        Tag(_label(name, value, names), _url(chosen, **{name: None}))
        for name, value in chosen.filters.items()
    ]  # fmt: skip
    if chosen.text:
        found.append(Tag(f"“{chosen.text}”", _url(chosen, q=None)))
    return found

"""The rungs of the ledger in words: why somebody was told of a task."""

from __future__ import annotations

from tracker.rules.words import N_

URGED = "urge"

_REMINDING = frozenset({"before", "due", "late", "hour", URGED})
"""The sorts of rungs that hold a unit to its deadline; the others are news."""

_WORDS = {
    "due": N_("đến hạn hôm nay"),
    "given": N_("mới giao"),
    "report": N_("chờ xác nhận"),
    "request": N_("chờ quyết định"),
    "decided": N_("đã có quyết định"),
    URGED: N_("đôn đốc"),
}
_COUNTED = {
    "before": N_("trước hạn %(n)s ngày làm việc"),
    "late": N_("quá hạn %(n)s ngày"),
    "late-w": N_("quá hạn %(n)s ngày làm việc"),
    "hour": N_("trước hạn %(n)s giờ"),
}


def urging_rung(urging_id: int) -> str:
    """Return the rung of an urging by hand: the id of its (first) entry in the history."""
    return f"{URGED}:{urging_id}"


def is_reminding(rung: str) -> bool:
    """Return whether telling this counts as a reminder: a rung of the ladder, or an urging by hand."""
    return sort_of(rung) in _REMINDING


def words_of_rung(rung: str) -> tuple[str, dict[str, str]]:
    """Return why somebody was told, as a msgid and its values; empty for a rung that has no words."""
    sort, number = sort_of(rung), rung.replace(":", "-").partition("-")[2]
    if sort == "late" and number.startswith("w"):
        return _COUNTED["late-w"], {"n": number[1:]}
    if sort in _COUNTED:
        return _COUNTED[sort], {"n": number}
    return _WORDS.get(sort, ""), {}


def sort_of(rung: str) -> str:
    """Return of which sort a rung is: "before", "due", "late", "hour", "urge", or news such as "given"."""
    return rung.replace(":", "-").partition("-")[0]

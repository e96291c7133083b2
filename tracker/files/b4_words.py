"""What the Excel and the Word of table B.4 say alike: heads, period, notes, the facts of a task."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from tracker.files.b4 import UNIT, Frozen
from tracker.files.overdue_words import day_words, number_words
from tracker.language import gettext as _
from tracker.rules.b4_report import CountedTask, Move
from tracker.rules.b4_table import B4Row, B4Table, Grouping
from tracker.rules.status import Cell
from tracker.rules.words import CHOICE_TITLES, GROUPING_TITLES, KINDS_OF_DIRECTIVE

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
HEADS = {each: GROUPING_TITLES[each.value] for each in Grouping} | {Grouping.UNIT: UNIT}
"""What stands above the first column."""
MOST_NAMED = 4
"""Units that are named when they ended into one on the same day; of more it is said how many."""
INDENT = "\u2003"
"""Set before the name of a unit for each unit above it in the table."""


def period_words(table: B4Table) -> str:
    """Return the period of B.4 and the cut-off day."""
    return _(
        "Kỳ từ ngày %(first)s đến ngày %(last)s; số liệu chốt hết ngày %(on)s.", first=day_words(table.first),
        last=day_words(table.last), on=day_words(table.on),
    )  # fmt: skip


def change_words(table: B4Table, then: B4Table) -> str:
    """Return between which days the differences are."""
    return _(
        "Tăng, giảm của số liệu chốt hết ngày %(on)s so với số liệu chốt hết ngày %(then)s của cùng kỳ từ"
        " ngày %(first)s đến ngày %(last)s.",
        on=day_words(table.on), then=day_words(then.on), first=day_words(table.first),
        last=day_words(table.last),
    )  # fmt: skip


def signed_words(change: int) -> str:
    """Return a difference with its sign: “+3”, “−1.200”, “0”."""
    sign = "+" if change > 0 else "−" if change else ""
    return sign + number_words(abs(change))


def with_change(number: int, change: int) -> str:
    """Return a number with its difference in brackets: “12 (+3)”, “12” where nothing changed."""
    return f"{number_words(number)} ({signed_words(change)})" if change else number_words(number)


def set_in(name: str, depth: int) -> str:
    """Return a name as it stands below so many units that it belongs to."""
    return INDENT * depth + _(name)


def name_words(row: B4Row) -> str:
    """Return the name of a row as it stands in its table, and what became of the unit."""
    name = set_in(row.name, row.depth)
    return f"{name} ({told})" if (told := succession_words(row)) else name


def succession_words(row: B4Row) -> str:
    """Return what became of the unit of a row: “kết thúc từ ngày 01/07/2026, việc chưa xong chuyển về …” or
    “từ ngày 01/07/2026 nhận việc của …”; "" for one to which nothing happened."""
    if row.succession is None:
        return ""
    ended_on, into, took, others = row.succession
    told = [
        _("từ ngày %(day)s nhận việc chưa xong của %(names)s", day=day_words(day),
          names=_listed([name for name, _day in ended]))
        for day, ended in groupby(took, key=lambda each: each[1])
    ]  # fmt: skip
    if ended_on is not None and (heirs := [name for name in (into, *others) if name is not None]):
        told.append(
            _("kết thúc từ ngày %(day)s, việc chưa xong chuyển về %(name)s", day=day_words(ended_on),
              name=_listed(heirs))
        )  # fmt: skip
    elif ended_on is not None:
        told.append(_("kết thúc từ ngày %(day)s", day=day_words(ended_on)))
    return "; ".join(told)


def _listed(names: Sequence[str]) -> str:
    """Return the first `MOST_NAMED` names of units, and how many others there are."""
    named = ", ".join(names[:MOST_NAMED])
    if len(names) <= MOST_NAMED:
        return named
    return _("%(names)s và %(n)s đơn vị khác", names=named, n=number_words(len(names) - MOST_NAMED))


def undated_words(table: B4Table) -> str:
    """Return how many tasks have no deadline, and where they are counted; or that there are no tasks."""
    if not table.rows:
        return _("Không có nhiệm vụ nào trong kỳ.")
    if not table.without_deadline:
        return _("Không có nhiệm vụ nào không thời hạn.")
    return _(
        "Trong đó có %(count)s nhiệm vụ không thời hạn: khi chưa hoàn thành tính là chưa đến hạn, khi hoàn"
        " thành tính là đúng hạn.",
        count=number_words(table.without_deadline),
    )


def reading_words() -> str:
    """Return how the columns are meant."""
    return _(
        "Đúng hạn hay quá hạn tính theo ngày đơn vị báo cáo hoàn thành; đến hạn trong ngày chốt số liệu chưa"
        " phải là quá hạn."
    )


def scope_words(table: B4Table) -> list[str]:
    """Return what else a reader must know of the rows: that units below others are counted with them, and
    that the table is a part."""
    said = []
    if table.folded:
        said.append(_("Số liệu của đơn vị trực thuộc được gộp vào đơn vị cấp trên của nó."))
    if table.part_of:
        said.append(
            _("Đây là một phần của biểu: chỉ gồm nhiệm vụ do %(unit)s và các đơn vị trực thuộc chủ trì. "
              "Toàn bộ biểu do %(assigner)s theo dõi.", unit=table.part_of, assigner=table.assigner_name)
        )  # fmt: skip
    return said


def frozen_lines(frozen: Frozen) -> list[str]:
    """Return who froze the figures and when, checksum of paper and record, and the rule: a line each."""
    at = frozen.at.astimezone(VIETNAM)
    return [
        _("Số liệu chốt lần %(edition)s, %(hour)s ngày %(day)s, người chốt: %(by)s.", edition=frozen.edition,
          hour=f"{at:%H:%M}", day=day_words(at.date()), by=frozen.by),
        _("Mã kiểm tra số liệu (SHA-256): %(sum)s.", sum=frozen.sha256),
        rule_words(frozen.rule),
    ]  # fmt: skip


def frozen_words(frozen: Frozen) -> str:
    """Return the lines of a freezing as one paragraph."""
    return " ".join(frozen_lines(frozen))


def paper_words(task: CountedTask) -> str:
    """Return the directive of a task as people name it: “Công văn 254/UBND-NV ngày 05/03/2026”."""
    kind = _(KINDS_OF_DIRECTIVE.get(task.directive_kind, task.directive_kind))
    named = f"{kind} {task.directive_number}" if task.directive_number else kind
    return _("%(paper)s ngày %(day)s", paper=named, day=day_words(task.directive_issued_on))


def move_words(move: Move) -> str:
    """Return since when a unit has a task and from which unit it came."""
    return _("từ ngày %(day)s nhận chuyển từ %(name)s", day=day_words(move.on), name=move.unit_name)


def cell_words(cell: Cell) -> str:
    """Return the column in which a task is counted."""
    return _(CHOICE_TITLES[cell.value])


def rule_words(rule: int) -> str:
    """Return by which version of the rule the figures were counted."""
    return _("Quy tắc tính phiên bản %(rule)s.", rule=rule)


def made_words(made_on: date, rule: int) -> str:
    """Return on which day a file was written, and by which rule it counts."""
    return _("Xuất ngày %(day)s. %(rule)s", day=day_words(made_on), rule=rule_words(rule))

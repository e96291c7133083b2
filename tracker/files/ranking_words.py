"""The ranking in words: the same heads, formula and reasons on its page, in its Excel and its Word file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tracker.files.overdue_words import day_words, number_words
from tracker.language import gettext as _
from tracker.rules.ranking import Figures, Formula, Measure, Part, RankedUnit, Ranking, ScorePart, Standing
from tracker.rules.ranking_facts import RankedTask
from tracker.rules.words import N_

PART_WORDS: Mapping[Part, str] = {
    Part.ON_TIME: N_("Hoàn thành đúng hạn"),
    Part.LATE_DAYS: N_("Số ngày chậm"),
    Part.EXTENSIONS: N_("Được gia hạn"),
    Part.REWORK: N_("Bị yêu cầu làm lại"),
    Part.REMINDERS: N_("Phải nhắc khi quá hạn, phải đôn đốc"),
    Part.RESPONSE: N_("Tiếp nhận kịp thời"),
}

MEASURE_WORDS: Mapping[Measure, str] = {
    Measure.COUNTED: N_("Nhiệm vụ được tính"),
    Measure.ON_TIME: N_("Hoàn thành đúng hạn"),
    Measure.LATE: N_("Hoàn thành quá hạn"),
    Measure.OVERDUE: N_("Chưa hoàn thành, quá hạn"),
    Measure.LATE_DAYS: N_("Hoàn thành quá hạn hoặc đang quá hạn"),
    Measure.WORST: N_("Chậm nhiều ngày nhất"),
    Measure.ASKED: N_("Xin gia hạn"),
    Measure.GRANTED: N_("Được gia hạn"),
    Measure.REPORTS: N_("Báo cáo hoàn thành"),
    Measure.REWORK: N_("Bị yêu cầu làm lại"),
    Measure.BEFORE: N_("Nhắc trước hạn, trong ngày đến hạn"),
    Measure.AFTER: N_("Nhắc khi quá hạn"),
    Measure.URGED: N_("Đôn đốc"),
    Measure.NEEDED: N_("Nhắc khi quá hạn hoặc đôn đốc"),
    Measure.RESPONSE: N_("Thời gian tiếp nhận"),
    Measure.IN_RESPONSE_DAYS: N_("Tiếp nhận kịp thời"),
    Measure.RESPONSE_JUDGED: N_("Đã tiếp nhận, hoặc đã chờ quá thời gian tiếp nhận"),
    Measure.JUDGED: N_("Đã hoàn thành hoặc đang quá hạn, được chấm điểm"),
    Measure.JUDGED_DAYS: N_("Số ngày chậm được chấm điểm"),
    Measure.TAKEN: N_("Nhận lại từ đơn vị khác"),
    Measure.INHERITED: N_("Nhận lại từ đơn vị đã kết thúc hoạt động"),
    Measure.CAME_LATE: N_("Nhận lại khi đã quá hạn, không chấm điểm"),
}

FIGURES: tuple[tuple[Measure, str, str], ...] = (
    (Measure.COUNTED, "", N_("Nhiệm vụ")),
    (Measure.ON_TIME, N_("Hoàn thành"), N_("Đúng hạn")),
    (Measure.LATE, N_("Hoàn thành"), N_("Quá hạn")),
    (Measure.OVERDUE, "", N_("Đang quá hạn")),
    (Measure.LATE_DAYS, N_("Số ngày chậm"), N_("Bình quân")),
    (Measure.WORST, N_("Số ngày chậm"), N_("Nhiều nhất")),
    (Measure.ASKED, N_("Gia hạn"), N_("Xin")),
    (Measure.GRANTED, N_("Gia hạn"), N_("Được")),
    (Measure.REWORK, "", N_("Làm lại")),
    (Measure.BEFORE, N_("Nhắc việc"), N_("Trước hạn")),
    (Measure.AFTER, N_("Nhắc việc"), N_("Quá hạn")),
    (Measure.URGED, "", N_("Đôn đốc")),
    (Measure.RESPONSE, "", N_("Tiếp nhận (ngày)")),
)
"""The columns of figures: what each counts, its group, its head."""

STANDING_WORDS: Mapping[Standing, str] = {
    Standing.FEW: N_("ít nhiệm vụ"),
    Standing.ENDED: N_("đã kết thúc"),
    Standing.UNJUDGED: N_("chưa có gì để chấm"),
}
HEAD_OF_UNIT = N_("Thủ trưởng")


def title_words(ranking: Ranking) -> str:
    """Return the title of the table."""
    return _(
        "Xếp hạng trách nhiệm người đứng đầu trong thực hiện nhiệm vụ do %(name)s giao",
        name=ranking.assigner_name,
    )


def period_words(ranking: Ranking) -> str:
    """Return period and cut-off day in a sentence."""
    return _(
        "Kỳ báo cáo từ %(first)s đến %(last)s; số liệu chốt hết ngày %(on)s", first=day_words(ranking.first),
        last=day_words(ranking.last), on=day_words(ranking.on),
    )  # fmt: skip


def decimal_words(number: Fraction | Decimal | None, places: int = 1) -> str:
    """Return a number with a comma and so many decimals, half up; “–” for None."""
    if number is None:
        return "–"
    if isinstance(number, Fraction):
        number = Decimal(number.numerator) / Decimal(number.denominator)
    shown = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{shown:,}".translate({ord(","): ".", ord("."): ","})


def figure_of(figures: Figures, measure: Measure) -> int | Fraction | None:
    """Return the number of a column: a count, or days; None for the days of nothing."""
    match measure:
        case Measure.LATE_DAYS:
            return figures.average_days
        case Measure.WORST:
            return figures.worst_days if figures.average_days is not None else None
        case Measure.RESPONSE:
            return figures.average_response
    return figures.count(measure)


def figure_words(figures: Figures, measure: Measure) -> str:
    """Return the number of a column as it is printed."""
    number = figure_of(figures, measure)
    return number_words(number) if isinstance(number, int) else decimal_words(number)


def place_words(row: RankedUnit) -> str:
    """Return the place of a row, or why it has none."""
    return str(row.place) if row.place is not None else _(STANDING_WORDS[row.standing])


def heads_words(row: RankedUnit) -> str:
    """Return who led the unit, “chưa có thủ trưởng” for nobody."""
    return ", ".join(head.name for head in row.unit.heads) or _("chưa có thủ trưởng")


def marks_of(row: RankedUnit) -> list[tuple[Measure | None, str]]:
    """Return what is remarkable of a row, each with the measure of the tasks that it speaks of, if any."""
    unit, count = row.unit, row.figures.count
    marks: list[tuple[Measure | None, str]] = []
    if unit.ended_on is not None:
        words = _("kết thúc hoạt động từ %(day)s", day=day_words(unit.ended_on))
        if unit.successor:
            words = _("%(words)s; kế thừa: %(name)s", words=words, name=unit.successor)
        marks.append((None, words))
    moved = count(Measure.TAKEN) - count(Measure.INHERITED)
    if number := count(Measure.INHERITED):
        words = _("nhận lại %(n)s nhiệm vụ từ đơn vị đã kết thúc", n=number_words(number))
        marks.append((Measure.INHERITED, words))
    if moved:
        marks.append((Measure.TAKEN, _("nhận chuyển %(n)s nhiệm vụ từ đơn vị khác", n=number_words(moved))))
    if number := count(Measure.CAME_LATE):
        marks.append(
            (Measure.CAME_LATE, _("%(n)s nhiệm vụ đã quá hạn khi nhận lại", n=number_words(number)))
        )
    return marks


def formula_words(formula: Formula) -> list[str]:
    """Return how the score comes about, with the weights in force, and how the table is to be read."""
    whole = _(
        "Điểm từ 0 đến 100: lấy trọng số nhân với kết quả từng phần, cộng lại, chia cho tổng trọng số rồi"
        " nhân 100. Phần chưa có gì để chấm thì không tính; kết quả một phần không dưới 0."
    )
    none = _("Chưa có phần nào có trọng số, nên không có điểm và không xếp hạng.")
    return [whole, *(_parts_of(formula) or [none]), *_readings_of(formula)]


def _parts_of(formula: Formula) -> list[str]:
    days, times = formula.late_days_worst, formula.reminders_worst
    said = {
        Part.ON_TIME: _("số nhiệm vụ hoàn thành đúng hạn ÷ số nhiệm vụ đã hoàn thành hoặc đang quá hạn"),
        Part.LATE_DAYS: _(
            "1 − số ngày chậm bình quân của các nhiệm vụ đó ÷ %(days)s; từ %(days)s ngày trở lên được 0 điểm",
            days=days,
        ),
        Part.EXTENSIONS: _("1 − số lần được gia hạn ÷ số nhiệm vụ"),
        Part.REWORK: _("1 − số lần bị yêu cầu làm lại ÷ số lần báo cáo hoàn thành"),
        Part.REMINDERS: _(
            "1 − số lượt nhắc quá hạn và đôn đốc bình quân mỗi nhiệm vụ ÷ %(times)s; từ %(times)s lượt trở"
            " lên được 0 điểm", times=times,
        ),
        Part.RESPONSE: _(
            "số nhiệm vụ tiếp nhận trong %(days)s ngày làm việc từ ngày giao ÷ số nhiệm vụ đã tiếp nhận hoặc"
            " đã chờ lâu hơn", days=formula.response_days,
        ),
    }  # fmt: skip
    return [
        _("%(part)s (trọng số %(weight)s): %(said)s.", part=_(PART_WORDS[part]),
          weight=number_words(formula.weights[part]), said=sentence)
        for part, sentence in said.items()
        if formula.weights[part]
    ]  # fmt: skip


def _readings_of(formula: Formula) -> list[str]:
    return [
        _("Đúng hạn hay quá hạn tính theo ngày đơn vị báo cáo hoàn thành; nhiệm vụ chờ xác nhận chưa tính"
          " là đúng hạn hay quá hạn."),
        _("Nhiệm vụ tính cho đơn vị chủ trì hết ngày chốt số liệu. Gia hạn, làm lại, nhắc, đôn đốc, tiếp"
          " nhận chỉ tính từ khi đơn vị đó nhận nhiệm vụ; nhiệm vụ đã quá hạn khi nhận lại vẫn có trong số"
          " liệu nhưng không chấm điểm."),
        _("Cột “Tiếp nhận”: bình quân số ngày làm việc từ ngày giao đến ngày tiếp nhận, chưa tiếp nhận thì"
          " đến ngày chốt số liệu."),
        _("Xin gia hạn mà chưa được đồng ý, và nhắc trước hạn, không làm giảm điểm."),
        _("Xếp hạng theo điểm đã làm tròn một chữ số thập phân; bằng điểm thì đồng hạng. Không xếp hạng"
          " đơn vị có ít hơn %(few)s nhiệm vụ, đơn vị đã kết thúc hoạt động và đơn vị chưa có nhiệm vụ nào"
          " để chấm đúng hạn hay quá hạn; đơn vị chưa có nhiệm vụ nào để chấm thì chưa có điểm.",
          few=formula.few_tasks),
    ]  # fmt: skip


def reason_words(part: ScorePart, formula: Formula) -> str:
    """Return what a part of a score counts over what, for example “45 ÷ 60 nhiệm vụ”."""
    if part.share is None:
        return _("chưa có gì để chấm")
    number, whole = number_words(part.number), number_words(part.whole)
    average = decimal_words(Fraction(part.number, part.whole), 2)
    match part.part:
        case Part.ON_TIME:
            return _("%(n)s đúng hạn ÷ %(whole)s nhiệm vụ đã hoàn thành hoặc đang quá hạn", n=number,
                     whole=whole)  # fmt: skip
        case Part.LATE_DAYS:
            return _("%(n)s ngày chậm ÷ %(whole)s nhiệm vụ = %(average)s ngày; mức 0 điểm: %(worst)s ngày",
                     n=number, whole=whole, average=average, worst=formula.late_days_worst)  # fmt: skip
        case Part.EXTENSIONS:
            return _("%(n)s lần được gia hạn ÷ %(whole)s nhiệm vụ", n=number, whole=whole)
        case Part.REWORK:
            return _("%(n)s lần làm lại ÷ %(whole)s lần báo cáo hoàn thành", n=number, whole=whole)
        case Part.REMINDERS:
            return _("%(n)s lượt ÷ %(whole)s nhiệm vụ = %(average)s lượt; mức 0 điểm: %(worst)s lượt",
                     n=number, whole=whole, average=average, worst=formula.reminders_worst)  # fmt: skip
    return _("%(n)s tiếp nhận trong %(days)s ngày làm việc ÷ %(whole)s nhiệm vụ", n=number,
             days=formula.response_days, whole=whole)  # fmt: skip


def response_words(task: RankedTask, on: date) -> str:
    """Return how long a task waited: “giao 02/03/2026, tiếp nhận 09/03/2026 → 5 ngày làm việc”."""
    tenure = task.tenure
    begun = _("giao %(day)s", day=day_words(task.given_on))
    if tenure.taken_on is not None:
        begun = _("%(begun)s, nhận lại %(day)s", begun=begun, day=day_words(tenure.taken_on))
    if task.waited is None:
        return begun
    if tenure.accepted_on is not None:
        ended = _("tiếp nhận %(day)s", day=day_words(tenure.accepted_on))
    else:
        ended = _("chưa tiếp nhận hết ngày %(day)s", day=day_words(on))
    return _("%(begun)s, %(ended)s → %(n)s ngày làm việc", begun=begun, ended=ended, n=task.waited)


def events_words(task: RankedTask, measure: Measure) -> str:
    """Return how often something happened to a task, in the words of a measure of events."""
    tenure = task.tenure
    match measure:
        case Measure.ASKED | Measure.GRANTED:
            return _("xin gia hạn %(asked)s lần, được gia hạn %(granted)s lần", asked=tenure.asked,
                     granted=tenure.granted)  # fmt: skip
        case Measure.REPORTS | Measure.REWORK:
            return _("báo cáo hoàn thành %(reports)s lần, bị yêu cầu làm lại %(reworks)s lần",
                     reports=tenure.reports, reworks=tenure.reworks)  # fmt: skip
    return _("nhắc trước hạn %(before)s lượt, nhắc quá hạn %(after)s lượt, đôn đốc %(urged)s lượt",
             before=task.before, after=task.after, urged=task.urged)  # fmt: skip


def taken_words(task: RankedTask) -> str:
    """Return that a task came from another unit, empty when it was given to this one."""
    taken_on = task.tenure.taken_on
    if taken_on is None:
        return ""
    if task.tenure.is_inherited:
        words = _("nhận lại ngày %(day)s từ đơn vị đã kết thúc hoạt động", day=day_words(taken_on))
    else:
        words = _("nhận chuyển ngày %(day)s từ đơn vị khác", day=day_words(taken_on))
    return _("%(words)s, khi đã quá hạn: không chấm điểm", words=words) if task.came_late else words

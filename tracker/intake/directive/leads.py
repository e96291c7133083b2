"""Who a clause gives its work to: leads, coordinating units, and what only looks like them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.intake.directive.units import Name, Names, begins_name, read_names
from tracker.intake.directive.verbs import STARTS_WORK

COMMAND = re.compile(
    r"(?<!\w)(?:giao(?! (?-i:ban|lưu|dịch|thông|thừa|nộp|tiếp|hàng|đất|rừng|khoán|quyền|nhận)(?!\w))|"
    r"phân công|yêu cầu|đề nghị|ủy quyền|uỷ quyền|mong)(?: trách nhiệm|"
    r" nhiệm vụ)*(?: cho| tới| đến)?"
    r"(?::\s*|\s+)(?!(?:của|với|này|nêu)\s)",
    re.IGNORECASE,
)
_OWN_STAFF = re.compile(
    r"(?:phân công|giao|cử|bố trí)(?: nhiệm vụ)?(?: cho)? (?:\d+ )?(?:cán bộ|công chức|chuyên viên|viên chức|"
    r"nhân viên|lực lượng|người|lãnh đạo|bộ phận|đồng chí|thành viên)(?!\w)(?! [\d–-])",
    re.IGNORECASE,
)
"""“Phân công cán bộ theo dõi”: the unit that is asked gives it to some of its own."""
_NO_COMMAND_BEFORE = re.compile(
    r"(?:được|theo|bàn|những|các|đáp ứng|thực hiện|sự|của|có|mọi|tham mưu|văn bản|việc|về|công văn|"
    r"nội dung|"
    r"phạm vi|đã|trường hợp|kiến nghị|và kiến nghị|khi|nếu|đơn|trên cơ sở|người|hồ sơ|tờ trình) $",
    re.IGNORECASE,
)
_BEFORE_NAME = re.compile(
    r"(?:đồng thời|trước mắt|bên cạnh đó|ngoài ra|riêng|ngay sau|theo đó|trong đó|cụ thể|về việc này|"
    r"(?:trách|nhiệm vụ) nhiệm(?: cụ thể)? của|trách nhiệm|nhiệm vụ của|đối với|về phía|phần|kính|"
    r"trân trọng|tiếp tục giao)"
    r"(?::|,)? +",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"(?: \([^)]{0,160}\))?[,:]? ?(?:\((?P<in>[^)]{1,80})\) ?)?"
    r"(?:là (?:cơ quan|đơn vị|đầu mối)|có trách nhiệm|có nhiệm vụ|chịu trách nhiệm|căn cứ|trên cơ sở|"
    r"theo|phải|cần|trực tiếp|"
    r"nhanh chóng|sớm|ngay|có kế hoạch|có giải pháp|có phương án|có biện pháp|có văn bản|"
    r"sau khi|trong quá trình|dựa trên|từ nguồn|khi|định kỳ|hằng|hàng|trước ngày|trong tháng|trong quý|"
    r"hết sức|đặc biệt|"
    r"không|đưa|nhận|thông qua|kịp|tùy|tuỳ|chậm nhất|thống)(?!\w)",
)
_TELLS = re.compile(
    r",? (?:và|của|là|tại|ở|thì|mà|hoặc|thuộc|với|năm|ngày|số|khóa|nhận được|nhận thấy|thấy|ghi nhận|"
    r"hoan nghênh|"
    r"biểu dương|đánh giá cao|cơ bản|nhất trí|thống nhất|đồng ý|cũng|vẫn|luôn|đều|có(?! (?:phương|giải|"
    r"biện|kế|văn|trách|nhiệm|ý|báo))|bị|đến|chưa|rất|gồm|"
    r"bao gồm|trên|"
    r"dưới|bằng|như|để|vì|do|nên|cho rằng|cho biết|khẳng định|nêu|đã|đang|được|còn|sẽ|về|trong|này|khác|"
    r"nói|gửi về|"
    r"nơi|kể|tuy|nhưng|ban hành (?:kế hoạch|quyết định|quy chế|chương trình)[^.;]{0,80}(?:như sau|:)|"
    r"xây dựng kế "
    r"hoạch[^.;]{0,80}như sau|báo cáo[^.;]{0,60}như sau)(?!\w)",
)
"""Words behind a name that tell of the unit instead of asking it for something."""
_WHERE = re.compile(
    rf" (?:trong|thuộc|tại|trên|ở|ngoài) (?!tháng|quý|năm|thời|quá trình|khi|vòng|ngày|tuần|khả năng|"
    rf"phạm vi chức|cơ sở|"
    rf"quyền)[^\W\d][\w ]{{1,40}}?(?= {STARTS_WORK.pattern})"
)
"""Where the units of a group are: “các hộ kinh doanh trong chợ tự kiểm tra …”."""
_PAST = re.compile(
    r"(?: \([^)]{0,160}\))?,? ?(?:cũng |về cơ bản |cơ bản |đều |vẫn )?(?:đã|được|đang|"
    r"còn|chưa|vẫn còn|báo cáo kết quả như|đạt|có \d)(?!\w)"
)
_LEADING = re.compile(r"(?:,? ?(?:là )?(?:cơ quan |đơn vị )?chủ trì)(?!\w)", re.IGNORECASE)
_WITH = re.compile(
    r"(?<!\w)(?:phối hợp|kết hợp|hiệp đồng|chủ trì,?(?= cùng))(?: chặt chẽ| đồng bộ| tốt| thường xuyên|"
    r" kịp thời| hiệu quả|"
    r" với|,? cùng| và| hướng dẫn)*\s+",
    re.IGNORECASE,
)
_BESIDE = re.compile(r"chủ trì[,;] (?:giao )?")
_BEGINS_BEFORE = re.compile(rf"(?:việc )?(?!nhận được|căn cứ|trên cơ sở|"
                            rf"theo)(?={STARTS_WORK.pattern})", re.IGNORECASE)
_CARRIES = re.compile(
    r",? (?:là (?:cơ quan|đơn vị|đầu mối) )?(?:chịu trách nhiệm|có trách nhiệm)?,? ?(?:chủ trì|thực hiện|"
    r"phụ trách|"
    r"tham mưu|đảm nhiệm|triển khai)*(?:,? (?:chủ trì|thực hiện|phụ trách|tham mưu|nội dung này|"
    r"nhiệm vụ này))*[ .;]*"
)
_DONE_BY = re.compile(r"(?<!\w)do ", re.IGNORECASE)
_DOES = re.compile(
    r",? (?:làm |là )?(?:cơ quan |đơn vị |bộ phận )?(?:chủ trì|thực hiện|phụ trách|"
    r"đảm nhiệm|tham mưu|chịu trách nhiệm)"
)
_ROLES = (
    r"(?:các )?(?:cơ quan|đơn vị|bộ phận|phòng, ban|ban,? ngành|nơi|người|công chức|cán bộ|chuyên viên|"
    r"đồng chí)"
)
_CHARGES = (
    r"chủ trì|thực hiện|đầu mối|tham mưu|chịu trách nhiệm|phụ trách|chủ quản|giao|phân công|soạn thảo|"
    r"dự thảo|"
    r"chuẩn bị|xây dựng|trình|đề xuất|triển khai|theo dõi|báo cáo|tổng hợp|đảm nhiệm|tổ chức"
)
_ATTRIBUTE = re.compile(
    r"(?:^|(?<=[.;,(\n] )|(?<=[.;,(])|(?<=\n))\s*[-+*•]?\s*"
    rf"(?:(?P<with>(?:(?:{_ROLES})(?:,? đơn vị)? )?(?:cùng )?phối hợp(?: thực hiện| chuẩn bị| soạn thảo)?)"
    rf"|(?P<lead>(?:{_ROLES})(?:,? (?:đơn vị|cá nhân|bộ phận))? (?:được )?(?:{_CHARGES})"
    rf"(?:,? (?:{_CHARGES}))?"
    r"|chủ trì(?: thực hiện)?|phân công(?: thực hiện)?|trách nhiệm(?: thực hiện| chính)?|giao thực hiện|"
    r"đầu mối(?: thực hiện)?|phụ trách(?: thực hiện)?)"
    r"|(?P<time>(?:thời gian|thời hạn|tiến độ|thời điểm|hạn|kỳ hạn|tần suất|hoàn thành|ngày (?=trình|hoàn|"
    r"gửi|nộp|"
    r"xong|báo))(?: ?hoàn thành| ?thực hiện| ?báo cáo| dự kiến| cuối| chót| ?nộp|"
    r" triển khai| tổ chức| ?xong| ?gửi| ?trình|,? tiến độ)*)"
    r"|(?P<product>(?:sản phẩm|kết quả|đầu ra)(?: đầu ra| dự kiến| cần đạt| hoàn thành| thực hiện|"
    r" phải đạt|,? kết quả)*)"
    r"|(?P<content>nội dung(?: công việc| thực hiện| nhiệm vụ)?)"
    r"|(?P<other>kinh phí(?: thực hiện)?|địa điểm|thành phần|đối tượng|số lượng|hình thức|cách thức|"
    r"phạm vi|quy mô|nguồn kinh phí|"
    r"về (?:kết quả|thời gian|tiến độ|kinh phí|sản phẩm)|mục đích|yêu cầu|chủ đề|ghi chú|lưu ý|chủ tọa|"
    r"người chủ trì))"
    r"\s*:\s*",
    re.IGNORECASE,
)
SENTENCE = re.compile(
    r"(?<=[^\WA-ZĐ]{2})[.!?]\s+(?=[\"“(]?[^\W\d_a-z])|(?<=\d)\.\s+(?=[\"“(]?[A-ZĐÀ-Ỹ])|"
    r"(?<=[)\"”])\.\s+(?=[\"“(]?[A-ZĐÀ-Ỹ])"
    r"|(?<=[A-ZĐ]{2})\.\s+(?=[A-ZĐÀ-Ỹ])|;\s+|\n+"
)
"""Where one clause ends and the next may begin."""


TOPIC = re.compile(r"(?:[Vv]ề |[Cc]ông tác |[Vv]iệc |[Đđ]ối với |[Tt]rong )?[^,;:.()]{3,90}: ?")
"""What an item is about, in front of what it asks: “Về mặt bằng: …”."""
_CASE = re.compile(
    r"(?:đối với|trường hợp|riêng|khi|nếu|sau khi|trên cơ sở|căn cứ|để|nhằm|trước mắt|trong thời gian|"
    r"từ nay|hằng|hàng|định kỳ|"
    r"trước ngày|chậm nhất|ngay sau)(?!\w)[^,;.:]{0,140}, ",
    re.IGNORECASE,
)
"""In which case, or what for, in front of who is to do it: “Đối với người già yếu, Trưởng các thôn …”."""
_LAST_BRACKETS = re.compile(r"\((?P<said>[^()]{4,200})\)[\s.;,/]*$")


@dataclass(frozen=True, slots=True)
class Attribute:
    """What stands behind a word such as “Đơn vị chủ trì:”, as the place of its value."""

    kind: str
    """One of lead, with, time, product, content, other."""
    begins: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Given:
    """Who a clause names: `by_command` after “Giao”, “Yêu cầu”; `at` is where the asking begins."""

    leads: tuple[Name, ...] = ()
    by_command: bool = False
    at: int = 0
    after: int = 0
    """Where the text goes on behind the names."""
    is_behind: bool = False
    """Whether the work stands in front of the names: “Rà soát biên chế, do Phòng Nội vụ thực hiện”."""


def attributes(text: str, start: int, end: int) -> list[Attribute]:
    """Return what a task names with a colon: “Đơn vị chủ trì: Phòng Nội vụ; thời gian: tháng 6”."""
    said = text[start:end]
    marks = list(_ATTRIBUTE.finditer(said))
    found = []
    for mark, after in zip(marks, [*marks[1:], None], strict=False):
        value = said[mark.end() : after.start() if after else len(said)]
        cut = re.search(r"\.\s+(?=[^\W\d_a-z])|\n", value)
        if cut and mark.lastgroup != "content":
            value = value[: cut.start()]
        value = value.rstrip(" .;,/)\n")
        kind = mark.lastgroup or "other"
        if mark["lead"] and re.fullmatch(r"phân công|trách nhiệm|chủ trì", mark["lead"], re.IGNORECASE):
            kind = "lead" if read_names(said, mark.end(), mark.end() + len(value)) else "other"
        at = start + mark.end()
        found.append(Attribute(kind, start + mark.start(), at, at + len(value)))
    if any(each.kind == "lead" for each in found):
        return found
    return found + _in_last_brackets(said, start)


def line_says(text: str, start: int, end: int) -> list[Attribute]:
    """Read a line that says nothing but who does what stands above it: “Giao Phòng Nội vụ thực hiện.”"""
    asked = COMMAND.match(text, start, end)
    names = read_names(text, asked.end() if asked else start, end)
    if names and _CARRIES.fullmatch(text, names.end, end):
        return [Attribute("lead", start, names.names[0].start, names.end)]
    return []


def _in_last_brackets(said: str, start: int) -> list[Attribute]:
    """Read “… (Phòng Kinh tế chủ trì, phối hợp với Bưu điện xã).” at the end of a task."""
    brackets = _LAST_BRACKETS.search(said[-220:])
    if not brackets:
        return []
    begins = max(0, len(said) - 220) + brackets.start("said")
    end = begins + len(brackets["said"])
    names = read_names(said, begins, end)
    if not names:
        return []
    rest = said[names.end : end].strip(" ,.;")
    if rest and not re.match(r"(?:là )?(?:(?:cơ quan|đơn vị|đầu mối) )?(?:chủ trì|thực hiện|phối hợp|"
                             r"phụ trách|"
                             r"tham mưu|làm đầu mối|đảm nhiệm|hoàn thành|xong|trước|trong|thời|hạn)", rest):
        return []
    return [Attribute("lead", start + begins - 1, start + begins, start + names.end)]


def read_lead(text: str, start: int, end: int, *, behind_topic: bool = False) -> Given | None:
    """Return to whom a clause gives its work, None where it names nobody."""
    at = start
    while before := _BEFORE_NAME.match(text, at, end):
        at = before.end()
    asked = COMMAND.match(text, at, end)
    names = None if asked else read_names(text, at, end)
    unsaid = not (names or asked or behind_topic)
    topic = (TOPIC.match(text, at, end) or _CASE.match(text, start, end)) if unsaid else None
    who = read_names(text, topic.end(), end) if topic else None
    if who and not text[who.end : end].strip(" .;/"):
        return Given(who.names, False, start, who.end, is_behind=True)
    if topic and (begins_name(text, topic.end(), end) or COMMAND.match(text, topic.end(), end)):
        return read_lead(text, topic.end(), end, behind_topic=True)
    if names and (place := _WHERE.match(text, names.end, end)) and names.names[-1].is_group:
        last = names.names[-1]
        longer = Name(f"{last.value}{place[0]}", last.start, place.end(), is_group=True)
        names = Names((*names.names[:-1], longer), place.end())
    if names and text[names.end : names.end + 1] != ".":
        tail = _LEADING.match(text, names.end, end)
        after = tail.end() if tail else names.end
        rest = text[after:end]
        command = _commands(text, min(after + 1, end), end) or re.match(
            r"\s*(?:có ý kiến|chỉ đạo|kết luận|chỉ thị|thông báo)[^.;,:]{0,40}:", rest
        )
        if not command and not _PAST.match(text, after, end):
            remark = re.match(r" \([^)]{0,160}\)", rest)
            behind = remark.end() if remark else 0
            blank = behind + len(rest[behind:]) - len(rest[behind:].lstrip(" ,"))
            if (
                tail
                or not rest.strip(" :")
                or rest.lstrip().startswith(":")
                or STARTS_WORK.match(rest, blank)
                or _TAKES.match(text, after, end)
                or (
                    rest[behind:].lstrip(" ,")[:1].islower()
                    and rest[behind : behind + 1] in (" ", ",")
                    and not _TELLS.match(text, after + behind, end)
                )
            ):
                return Given(names.names, False, start, after)
        elif not command:
            return None
    for command in COMMAND.finditer(text, start, end):
        if _NO_COMMAND_BEFORE.search(text, max(start, command.start() - 16), command.start()):
            continue
        own = _OWN_STAFF.match(text, command.start(), end)
        is_own = own and not text[own.end() + 1 : own.end() + 2].isupper()
        names = None if is_own else read_names(text, command.end(), end)
        if names:
            is_behind = bool(_BEGINS_BEFORE.match(text, start, command.start()))
            return Given(names.names, True, command.start(), names.end, is_behind)
    for done in _DONE_BY.finditer(text, start, end):
        names = read_names(text, done.end(), end)
        if names and _DOES.match(text, names.end, end):
            return Given(names.names, False, start, names.end, is_behind=True)
    return None


def _commands(text: str, start: int, end: int) -> bool:
    """Tell whether somebody commands at `start`: “phân công 01 cán bộ” commands nobody by name."""
    command = COMMAND.match(text, start, end)
    if not command:
        return False
    always = command[0].lower().startswith(("yêu cầu", "đề nghị", "mong"))
    return always or begins_name(text, command.end(), end)


def is_past(text: str, start: int, end: int) -> bool:
    """Tell whether a clause tells what somebody has done: “UBND huyện đã …”, “Đã …”."""
    if re.compile(
        r"(?:đã|trong (?:quý|tháng|năm|"
        r"\d+ tháng)[^,]{0,40}, [^,]{0,60}đã)(?!\w)",
        re.IGNORECASE,
    ).match(text, start, end):
        return True
    names = read_names(text, start, end)
    return bool(names and _PAST.match(text, names.end, end))


def read_coordinating(text: str, start: int, end: int) -> tuple[Name, ...]:
    """Return the units that a task is to be done with."""
    found: list[Name] = []
    for words in _WITH.finditer(text, start, end):
        if begins_name(text, words.end(), end) and (names := read_names(text, words.end(), end)):
            found += names.names
    for mark in _BESIDE.finditer(text, start, end):
        names = read_names(text, mark.end(), end)
        if names and re.match(r",? (?:cùng )?phối hợp(?! với| cùng)", text[names.end : names.end + 24]):
            found += names.names
    return tuple(found)


def asks(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the word of command in a clause that names no unit: “… đề nghị thực hiện:”."""
    for command in COMMAND.finditer(text, start, end):
        if not _NO_COMMAND_BEFORE.search(text, max(start, command.start() - 16), command.start()):
            return command
    return None

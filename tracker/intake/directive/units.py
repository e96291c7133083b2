"""The names of units in running text: where a name ends, which names make a list, what a group is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracker.intake.directive.verbs import STOP, VERB
from tracker.intake.directive.wording import COMPOUNDS, ends_word, name_goes_on

_UPPER = "A-ZÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴĐ"
_LOWER = _UPPER.lower()
_PLACES = (
    r"(?:xã|phường|thị trấn|thị xã|huyện|quận|thành phố|tỉnh|đặc khu|thôn|xóm|ấp|bản|làng|buôn|"
    r"khu phố|khóm)"
)
_PROPER_HEADS = (
    r"sở|phòng|ban|bộ|hội|đội|tổ|trường|quỹ|vụ|viện|đài|đoàn|cục|hạt|trạm|kho|mặt trận|liên đoàn|"
    r"chi cục|tổng cục|"
    r"báo|nhà|khối|xí nghiệp|nhà máy|bệnh viện|hiệp hội|liên minh|liên hiệp|tạp chí|cổng|học viện|"
    r"đảng bộ|chi bộ|thôn|xóm|"
    r"p\.|bch|ban|phân hiệu|lữ đoàn|trung đoàn|đồn|cảng|vườn|khu"
)
"""Words that begin the name of a unit only where a capital follows or begins them."""
_GENERAL_HEADS = (
    r"(?:thường trực |phó |quyền |nguyên )?(?:chủ tịch|giám đốc|tổng giám đốc|bí thư|chánh|cục trưởng|"
    r"chi cục trưởng|"
    r"vụ trưởng|bộ trưởng|thống đốc|tổng thanh tra|chủ nhiệm|trưởng)(?= (?:ban|phòng|văn phòng|"
    r"thanh tra|công an|tòa|"
    r"sở|ubnd|ủy ban|uỷ ban|hđnd|hội đồng|các|trung tâm|ngân hàng|chi cục|cục|bộ|huyện|tỉnh|thành|đoàn|"
    r"bảo hiểm|"
    r"hội|trạm|đài|công ty|bhxh|thôn|xóm|ấp|bản|khu|tổ|đội|kho|mặt trận|bệnh viện|điện lực|hạt|đảng|"
    r"chi bộ|quỹ|"
    r"vụ|viện|trường|chính phủ|nước|quốc hội|cơ quan|đơn vị|\d{1,3} |(?-i:[A-ZĐ])))"
    r"|chủ tịch(?= xã| phường)|thủ tướng chính phủ|phó thủ tướng|chính phủ|văn phòng|vp|ubnd|hđnd|"
    r"ubmttq|mttq|"
    r"[uủ][ỷy] ban|hội đồng(?! nghiệm thu)|thường trực|trung tâm|chi cục|tổng cục|thanh tra(?= huyện|"
    r" tỉnh| thành| sở| bộ| xã| nhà nước| chính phủ| chuyên ngành)|"
    r"công an(?! nhân dân)|lực lượng(?= (?-i:[A-ZĐ])| công an| quân| cảnh sát| dân quân)|ban chỉ huy|"
    r"bộ chỉ huy|ban chỉ đạo|"
    r"ban quản lý|ban giám|bảo hiểm xã hội|bhxh|kho bạc|ngân hàng|cảnh sát|tòa án|toà án|viện kiểm sát|"
    r"điện lực|"
    r"bưu điện|bưu chính|thủ trưởng|người đứng đầu|công chức|cán bộ(?=,? công chức| [A-ZĐ]| phụ trách|"
    r" chuyên trách)|"
    r"lãnh đạo|bộ phận|tổ công tác|tổ công nghệ số|công ty|tổng công ty|tập đoàn|doanh nghiệp|"
    r"hợp tác xã|htx|chủ đầu tư|"
    r"nhà thầu|bộ đội(?= biên phòng)|sở, (?:ban, )?ngành|phòng, ban(?:, ngành)?|đơn vị|cơ quan|địa phương|"
    r"toàn thể|đoàn thể|trưởng (?:thôn|ấp|xóm|bản|khu|các|phòng|ban)|"
    r"bí thư chi bộ|tổ trưởng(?= các| tổ| khu)|"
    r"chuyên viên|huyện đoàn|tỉnh đoàn|thành đoàn|thị đoàn|đoàn thanh niên|đoàn (?:kiểm tra|thanh tra|"
    r"công tác|liên ngành)|đoàn xã|xã đội|hiệu trưởng|ban, ngành|ngành|"
    r"báo(?= và (?:đài )?phát thanh)|trạm y tế|trường học|ủy viên|uỷ viên|"
    r"(?-i:Cá nhân|Hộ gia đình|Hộ kinh doanh|Hộ dân|Người dân|Tổ chức(?=, cá nhân)|Chủ (?:hộ|cơ sở|"
    r"phương tiện|tàu|"
    r"rừng|trang trại|dự án|nhà))|"
    r"giáo viên(?= chủ nhiệm| bộ môn)|đoàn trường|tổ (?=văn phòng|chuyên môn|bộ môn|hành chính)|"
    r"ban công tác mặt trận|viễn thông(?= (?-i:[A-ZĐ]))|viettel|vnpt|mobifone|"
    r"tổ (?:thu thuế|giúp việc|tuần tra|tự quản|hòa giải|biên tập|soạn thảo|kiểm tra|thẩm định|an ninh)|"
    r"chi nhánh|bến xe|cơ sở|chính quyền|tổ dân phố|quý(?= cơ quan| đơn vị| sở)"
)
_OFFICES_OF_COMMUNE = (
    r"tư pháp|địa chính|kế toán|văn hóa(?= ?[-–]| xã| thông tin)|văn hoá(?= ?[-–]| xã| thông tin)|văn thư|"
    r"tài chính(?= ?[-–])|lao động(?= ?[-–])|quân sự(?= xã| phường| huyện)|nội vụ(?= ?[-–]| xã)"
)
"""Offices of a commune that papers name without “công chức”; in a list they go on with the word before."""
_GROUP_NOUN = (
    r"(?:tiểu học|mầm non|thcs|thpt|cơ quan|đơn vị|địa phương|sở|ban|ngành|phòng|đoàn thể|tổ chức|xã|"
    r"phường|thị trấn|thị xã|huyện|"
    r"quận|tỉnh|thành phố|"
    r"đặc khu|trường|thôn|xóm|khu phố|tổ dân phố|bản|ấp|buôn|hội|bộ|doanh nghiệp|công ty|nhà thầu|"
    r"chủ đầu tư|"
    r"công chức|cán bộ|viên chức|bộ phận|tổ công tác|tổ|đội|chi bộ|đồng chí|thành viên|phó chủ tịch|"
    r"trung tâm|trung học|ủy ban|uỷ ban|hợp tác xã|khối|cấp|chi cục|ban quản lý|văn phòng|lực lượng|cơ sở|"
    r"bệnh viện|"
    r"ngân hàng|cục|vụ|viện|trưởng|bộ trưởng|giám đốc|thủ trưởng|đài|báo|trạm|hiệu trưởng|chủ rừng|chủ|"
    r"hạt|công an|quỹ|dự án|"
    r"hộ|đại biểu|người dân|tập đoàn|tổng công ty|ông|điểm|nhóm|người|tập thể|cá nhân|lãnh đạo|"
    r"nhà trường|cụm|khóm|làng)"
)
_HEAD = re.compile(
    rf"(?:(?P<group>các (?={_GROUP_NOUN}(?!\w))|những (?=cơ quan|đơn vị))"
    rf"|(?P<general>{_GENERAL_HEADS})(?!\w)|(?P<soft>{_OFFICES_OF_COMMUNE})(?!\w)"
    rf"|(?P<proper>{_PROPER_HEADS})(?= ))",
    re.IGNORECASE,
)
_NO_HEAD = re.compile(
    r"(?:ban hành|ban đầu|ban đêm|bộ máy|bộ thủ tục|bộ tiêu chí|bộ chỉ số|bộ câu hỏi|hội nghị|hội thảo|"
    r"hội thi|hội họp|tổ chức|"
    r"trường hợp|đội ngũ|quỹ đất|vụ việc|vụ án|đoàn kết|phòng,(?! ban)|phòng chống|phòng ngừa|phòng cháy|"
    r"nhà nước|nhà ở|"
    r"khu vực|khu dân cư|khối lượng|báo cáo|cổng thông tin|cơ quan báo chí|cơ sở vật chất|cơ sở dữ liệu|"
    r"cơ sở hạ tầng|"
    r"cơ sở pháp lý|nhà văn hóa|bộ đội(?! biên phòng)|hội viên|ngành nghề|đơn vị tính|ban chấp hành luật|"
    r"trường học hạnh phúc|"
    r"lãnh đạo, chỉ đạo|lãnh đạo chỉ đạo|thường trực 24|tư pháp lý|địa chính xác|kho tàng|đoàn viên|"
    r"vườn cây|"
    r"văn phòng phẩm|lao động -|chính quyền điện tử|chính quyền số|chính phủ điện tử|chính phủ số|"
    r"công chức, viên chức là|"
    r"các cấp ủy)(?!\w)",
    re.IGNORECASE,
)
_FILLER = re.compile(
    r"(?:(?:các )?(?:đồng chí|đ/c|ông|bà)(?:[:,]? (?:là )?)|(?:cho|tới|đến) |riêng (?:đối với )?|"
    r"đối với |trách nhiệm của |"
    r"(?:toàn bộ )(?=các))+",
    re.IGNORECASE,
)
_JOIN = re.compile(r"(?:,| và| cùng(?= )|,? và| &|;|,? cùng với|,? với| hoặc)\s+", re.IGNORECASE)
_MEMBER_JOIN = re.compile(r"(?:,? và|,| &|;)\s+")
_WORD = re.compile(r"[^\s,;:.()\"“”\[\]]+")
_LANDS = (
    r",? (?:và )?(?:biên giới|hải đảo|vùng (?:cao|sâu|xa|ven|trũng|biên)|ven (?:biển|sông|suối|đô)|miền núi|"
    r"bãi ngang|hạ du|đặc biệt)(?!\w)"
)
_GROUP_GOES_ON = re.compile(
    rf",? (?:và )?{_GROUP_NOUN}(?!\w)|, (?:ban|ngành)(?!\w)|"
    rf" và các {_GROUP_NOUN}(?!\w)|"
    rf"{_LANDS}"
)
_OF_LAND = re.compile(_LANDS)
_PROPER_INSIDE = re.compile(rf" [{_UPPER}][{_LOWER}]")
_NEXT_OF_GROUP = re.compile(rf",? (?:và )?{_GROUP_NOUN}(?!\w)", re.IGNORECASE)
_LISTED_GROUP = re.compile(
    r"(?P<before>(?:(?:thủ trưởng|chủ tịch|giám đốc|bộ trưởng|trưởng|lãnh đạo|đại diện lãnh đạo|"
    r"đại diện|công an|hội|"
    r"ubnd|[uủ][ỷy] ban nhân dân|đảng [uủ][ỷy]|bí thư đảng [uủ][ỷy]|hđnd) )*)"
    r"các (?P<noun>(?:sở|phòng|ban|hội|bộ|xã|phường|thị trấn|huyện|tỉnh|thành phố|thị xã|quận|trường|thôn|"
    r"xóm|ấp|bản|đồng chí|"
    rf"trung tâm|chi cục|công ty(?: (?-i:[{_LOWER}]+))*|đơn vị|ban quản lý(?: (?-i:[{_LOWER}]+))*|cục|"
    rf"vụ|cơ quan|ngân hàng|công chức|đoàn thể|"
    rf"tổ dân phố|khu phố|trạm(?: (?-i:[{_LOWER}]+))*|trường (?:thpt|thcs|tiểu học|"
    rf"mầm non)))(?P<more>(?:(?:,| và) (?:tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu))*)"
    rf"(?P<colon> ?: ?| )(?=[^\W\d_])",
    re.IGNORECASE,
)
_BEHIND_COMMA = re.compile(rf", (?P<words>[{_LOWER}]+(?: [{_LOWER}]+){{0,2}}) (?={VERB.pattern})")
_BEGINS_CLAUSE = re.compile(rf"(?:ban hành|{VERB.pattern}) (?=[{_LOWER}\d])", re.IGNORECASE)
"""What is asked of a group behind its colon is no member: “UBND các xã, thị trấn: Ban hành kế hoạch …”."""
_AND_WORDS = re.compile(
    rf" và (?P<words>[{_LOWER}]+(?: [{_LOWER}]+){{0,2}}) "
    r"(?=chủ trì|có trách nhiệm|phối hợp|tham mưu|chịu trách nhiệm)"
)
"""“Phòng Quản lý vận tải và phương tiện chủ trì …”: nouns between “và” and a verb belong to the name."""
_LONGEST = 140  # characters of one name
_OF_PERSON = (
    r"(?:,| [-–]) ?[^,;.:()]{3,90}?(?=[,;.:(]|$| chủ trì| phối hợp| có trách| trực tiếp| phụ trách|"
    r" chỉ đạo|"
    r" theo dõi| tham mưu| tổng hợp| rà soát| xây dựng| thực hiện| làm việc)"
)
_PERSON = re.compile(
    r"(?:(?:các )?(?:đồng chí|đ/c|ông|bà)[: ]+)"
    rf"(?P<name>(?-i:[{_UPPER}])\w*(?:(?: (?-i:[{_UPPER}])\w*){{1,5}}|(?=:|,| [-–])))(?:{_OF_PERSON})?",
    re.IGNORECASE,
)
_NEXT_PERSON = re.compile(rf"[{_UPPER}]\w*(?: [{_UPPER}]\w*){{1,5}}{_OF_PERSON}")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a unit as the paper writes it, and its place in the text that was read."""

    value: str
    start: int
    end: int
    is_person: bool = False
    is_group: bool = False
    """Whether it names many units at once, such as “các phòng chuyên môn”."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names that stand in one list, and where the list ends."""

    names: tuple[Name, ...]
    end: int


def read_names(text: str, start: int, end: int) -> Names | None:
    """Return the list of names of units that begins at `start`, None where no name begins there."""
    names: list[Name] = []
    at = start
    while at < end and len(names) < 60:
        found = (_next_of(text, at, end, names[-1]) if names else None) or _one(text, at, end)
        if not found:
            break
        names += found[0]
        stop = found[1]
        start = stop
        joined = _JOIN.match(text, _past_brackets(text, stop, end), end)
        if not joined:
            break
        at = joined.end()
    return Names(tuple(names), start) if names else None


def _next_of(text: str, start: int, end: int, before: Name) -> tuple[list[Name], int] | None:
    """Read a name that goes on with the kind of the one before: an office, or the next person of a list."""
    if before.is_person and (person := _NEXT_PERSON.match(text, start, end)):
        return [Name(person[0], *person.span(), is_person=True)], person.end()
    return _implied(text, start, end, before)


def is_within_compound(text: str, at: int) -> bool:
    """Tell whether a place lies within words that belong together: “phòng cháy, chữa cháy”."""
    return any(found.start() < at < found.end() for found in COMPOUNDS.finditer(text, max(0, at - _LONGEST)))


def begins_name(text: str, start: int, end: int) -> bool:
    """Tell whether the name of a unit begins at `start`, by its first words alone."""
    if _PERSON.match(text, start, end):
        return True
    filler = _FILLER.match(text, start, end)
    start = filler.end() if filler else start
    head = _HEAD.match(text, start, end)
    if not head or head["soft"] or _NO_HEAD.match(text, start, end):
        return False
    return not head["proper"] or _is_proper(text, head)


def _past_brackets(text: str, at: int, end: int) -> int:
    """Return where the text goes on behind a remark in brackets such as “(cơ quan thường trực)”."""
    if text[at : at + 2] == " (":
        close = text.find(")", at, min(end, at + 160))
        return close + 1 if close > 0 else at
    return at


def _one(text: str, start: int, end: int) -> tuple[list[Name], int] | None:
    person = _PERSON.match(text, start, end)
    if person and person["name"][0].isupper() and not _HEAD.match(text, person.start("name"), end):
        start = person.start("name")
        stop = start + len(person[0][start - person.start() :].rstrip())
        return [Name(text[start:stop], start, stop, is_person=True)], stop
    filler = _FILLER.match(text, start, end)
    if filler:
        found = _unit(text, filler.end(), end)
        if found or "các " not in filler[0].lower():
            return found
    return _unit(text, start, end)


def _unit(text: str, start: int, end: int) -> tuple[list[Name], int] | None:
    if listed := _listed(text, start, end):
        return listed
    head = _HEAD.match(text, start, end)
    if not head or _NO_HEAD.match(text, start, end):
        return None
    if (head["proper"] and not _is_proper(text, head)) or (head["soft"] and not text[start].isupper()):
        return None
    is_group = bool(head["group"])
    begin = start
    stop = _name_end(text, head.end(), end, begin=begin)
    value = text[begin:stop].rstrip(" -–")
    if len(value) < 3 or (head["proper"] and value.count(" ") < 1):
        return None
    return [Name(value, begin, begin + len(value), is_group=is_group)], begin + len(value)


def _is_proper(text: str, head: re.Match[str]) -> bool:
    follows = text[head.end() + 1 : head.end() + 2]
    return follows.isupper() or (
        head[0][0].isupper() and bool(re.match(rf" {_PLACES}\b", text[head.end() : head.end() + 12]))
    )


def _name_end(text: str, at: int, end: int, *, begin: int | None = None) -> int:
    """Return where a name ends: at a verb, a mark, or an “và” that begins another name.

    `begin` is where the name began, None for a member of a list, which is no group.
    """
    limit = min(end, at + _LONGEST)
    after_head, named_from = at, at if begin is None else begin
    while at < limit:
        is_group = begin is not None and "các " in text[begin:at].lower()
        if compound := COMPOUNDS.match(text, at, end):
            at = compound.end()
            continue
        letter = text[at]
        if letter == " ":
            after = at + 1
            if text.startswith("và ", after) or text.startswith("& ", after):
                rest = after + (3 if text[after] == "v" else 2)
                if COMPOUNDS.match(text, after, end):
                    at = after
                    continue
                nouns = None if is_group else _AND_WORDS.match(text, at, end)
                if nouns and not STOP.search(nouns["words"]):
                    at = nouns.end("words")
                    continue
                if begins_name(text, rest, end) or not (
                    text[rest : rest + 1].isupper() or (is_group and _GROUP_GOES_ON.match(text, at, end))
                ):
                    return at
                at = rest
                continue
            if text[after : after + 1].islower() and not COMPOUNDS.match(text, after, end):
                goes_on = name_goes_on(text, named_from, after_head, at)
                stop = STOP.match(text, after, end)
                if goes_on is False or (stop and not (goes_on and ends_word(text, stop, at))):
                    return at
            at = after
            continue
        if letter in "-–" and text[at - 1] == " " and text[at + 1 : at + 2] == " ":
            if not (
                text[at + 2 : at + 3].isupper() or text.startswith(("xã hội", "nghề nghiệp"), at + 2)
            ) or begins_name(text, at + 2, end):
                return at - 1
            at += 2
            continue
        word = _WORD.match(text, at, end)
        if word:
            at = word.end()
            continue
        if letter == "." and text[at + 1 : at + 2] not in (" ", "\n", "") and text[at - 1].isupper():
            at += 1
            continue
        in_name = begin is not None and not is_group
        if letter == "," and in_name and (inside := _words_behind_comma(text, begin or at, at, end)):
            at = inside
            continue
        next_one = _NEXT_OF_GROUP if begin is not None and text[begin:at].isupper() else _GROUP_GOES_ON
        if is_group and letter == "," and next_one.match(text, at, end):
            rest = at + 2
            if _PROPER_INSIDE.search(text, (begin or at) + 4, at) and begins_name(text, rest, end):
                return at
            if _listed(text, rest, end) or (begins_name(text, rest, end) and text[rest].isupper()):
                return at
            if word := _NEXT_OF_GROUP.match(text, at, end) or _OF_LAND.match(text, at, end):
                at = word.end()
                continue
        return at
    return at


def _words_behind_comma(text: str, begin: int, at: int, end: int) -> int | None:
    """Return where the words end that a name holds behind this comma: “Phòng Viên chức, hợp đồng lập …”."""
    found = _BEHIND_COMMA.match(text, at, end)
    if not found or not _PROPER_INSIDE.search(text, begin, at) or begins_name(text, at + 2, end):
        return None
    return None if STOP.search(found["words"]) else found.end("words")


def _listed(text: str, start: int, end: int) -> tuple[list[Name], int] | None:
    """Read “các Sở: A, B và C” as “Sở A”, “Sở B”, “Sở C”; “UBND các huyện: X, Y” likewise."""
    found = _LISTED_GROUP.match(text, start, end)
    if not found or not text[found.end()].isupper() or (found["more"] and not found["colon"].strip()):
        return None
    before, noun = found["before"], found["noun"]
    if noun.lower() in ("đồng chí",):
        before, noun = "", ""
    head = f"{before}{noun}".strip()
    head = head[:1].upper() + head[1:] if head else ""
    names: list[Name] = []
    at = stop = found.end()
    while at < end and len(names) < 60:
        if not text[at].isupper() or (names and begins_name(text, at, end)) or _BEGINS_CLAUSE.match(text, at):
            break
        close = _name_end(text, at, end)
        close = _member_end(text, at, close)
        if close <= at:
            break
        value = text[at:close].rstrip(" -–")
        names.append(Name(f"{head} {value}".strip(), at, at + len(value)))
        stop = at + len(value)
        joined = _MEMBER_JOIN.match(text, stop, end)
        if not joined:
            break
        at = joined.end()
    if not names or (len(names) == 1 and not found["colon"].strip()):
        return None
    return names, stop


def _member_end(text: str, start: int, stop: int) -> int:
    """Return where a member of a list ends: at an “và” that belongs to no compound."""
    at = start
    while at < stop:
        if compound := COMPOUNDS.match(text, at, stop):
            at = compound.end()
            continue
        if text.startswith(" và ", at):
            return at
        at += 1
    return stop


def _implied(text: str, start: int, end: int, before: Name) -> tuple[list[Name], int] | None:
    """Read “Phòng Nội vụ, Tư pháp”: a capital that goes on with the kind of unit of the name before."""
    kind = re.match(r"(Phòng|Sở|Ban|Hội|Bộ|phòng|sở|UBND (?:xã|phường|huyện)) ", before.value)
    if not kind or before.is_group or not text[start : start + 1].isupper() or begins_name(text, start, end):
        return None
    stop = _member_end(text, start, _name_end(text, start, end))
    value = text[start:stop].rstrip(" -–")
    if not 2 < len(value) < 50 or text[start + len(value) : start + len(value) + 1] == ":":
        return None
    return [Name(f"{kind[1]} {value}", start, start + len(value))], start + len(value)

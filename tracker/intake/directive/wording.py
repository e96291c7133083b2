"""Which lower-case words still belong to the name of a unit: names are known by their shape."""

from __future__ import annotations

import re

from tracker.intake.directive.verbs import VERB

_LEVELS = (
    "các|tỉnh|thành phố|tp|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu|thôn|xóm|ấp|bản|làng|buôn|khóm|"
    "khu phố|khu vực|khu|sở|bộ|số|cấp tỉnh|cấp huyện|cấp xã"
)
_SECTORS = (
    "nông thôn|giao thông|giao thông vận tải|dự án|đầu tư|xây dựng|công trình|nhân dân|xã hội|nhà nước|"
    "chính sách|cộng đồng|công nghệ số|đô thị|môi trường|môi trường đô thị|nước sạch|vệ sinh|phòng hộ|"
    "đặc dụng|"
    "hành chính|hành chính công|thông tin|truyền thông|văn hóa|văn hoá|du lịch|thể thao|nghề nghiệp|"
    "sự nghiệp|"
    "công lập|tổng hợp|nội chính|dân vận|tuyên giáo|tổ chức|cán bộ|phong trào|lâm nghiệp|nông nghiệp|"
    "thủy lợi|"
    "thuỷ lợi|thủy sản|chăn nuôi|thú y|thực vật|kinh tế|hạ tầng|kỹ thuật|công nghệ|khoa học|bệnh tật|dân số|"
    "trẻ em|thập đỏ|chiến binh|nông dân|phụ nữ|cao tuổi|khuyến học|luật sư|công chứng|pháp lý|tài sản|cứu hộ|"
    "cứu nạn|điều tra|hình sự|kinh tế và ma túy|ma túy|trật tự|an toàn|quân sự|biên phòng|hải quan|cửa khẩu|"
    "đường thủy|đường bộ|đường sắt|quốc gia|trung ương|địa phương|liên ngành|một cửa|điện tử|chuyên môn|"
    "trực thuộc|liên quan|đất đai|quỹ đất|bất động sản|kinh doanh|đa khoa|dự phòng|y tế|giáo dục|đào tạo|"
    "mầm non|tiểu học|trung học|cơ sở|phổ thông|dân tộc|nội trú|bán trú|thường xuyên|dạy nghề|học tập|"
    "pháp luật|thi đua|khen thưởng|tôn giáo|thanh niên|thiếu niên|nhi đồng|sinh viên|học sinh|cựu giáo chức|"
    "người mù|tự quản|dân cư|dân phố|dân phòng|bảo vệ rừng|rừng|cháy rừng|chữa cháy|thiên tai|dịch bệnh|"
    "kiểm lâm|thanh tra|thương mại|công nghiệp|công thương|chất lượng|đo lường|năng lượng|"
    "khoáng sản|"
    "tài nguyên|việc làm|lao động|thương binh|công ích|bảo trợ|phúc lợi|hữu hạn|thành viên|cổ phần|"
    "viễn thông|bưu chính|điện lực|cấp nước|thoát nước|chiếu sáng|cây xanh|vận tải|hành khách|nghĩa vụ|"
    "hội đồng|chính trị|lịch sử|di tích|danh thắng|bảo tàng|thư viện|nhà hát|lưu trữ|quốc phòng|an ninh|"
    "giám sát|phục vụ|hỗ trợ|tư vấn|dịch vụ|ứng dụng|đổi mới|sáng tạo|số|xúc tiến|khởi nghiệp|sản xuất|"
    "chế biến|hợp tác|liên minh|bóng đá|nghệ thuật|sở hữu|trí tuệ|tiêu dùng|người tiêu dùng|ngân hàng|"
    "tín dụng|tiết kiệm|vay vốn|kiểm định|kiểm nghiệm|giám định|pháp y|tâm thần|phục hồi chức năng|y học|"
    "cổ truyền|da liễu|sức khỏe|sinh sản|huyết học|cấp cứu|khu công nghiệp|khu kinh tế|cụm công nghiệp|"
    "tổ quốc|trường học|trường phổ thông|ban chỉ huy|ban chỉ đạo|ban quản lý|ban quản trị|phòng chống|"
    "phòng cháy|"
    "phòng khám|phòng giao dịch|hội nhập|hội thẩm|quỹ tín dụng|khu công nghệ cao|nhà xuất bản|"
    "đài truyền hình|"
    "báo chí|bộ phận|trưởng thôn|trưởng ban|trưởng phòng|cụm dân cư|đảng ủy|đảng bộ|luật gia|kho bạc|kho quỹ|"
    "hội đồng nhân dân|ủy ban nhân dân|uỷ ban nhân dân|hợp tác xã|thi hành án|thi hành án dân sự|"
    "cảnh sát biển|cảnh sát giao thông|cảnh sát cơ động|cảnh sát|"
    "bộ đội|bộ đội biên phòng|bộ tư lệnh|bộ chỉ huy|"
    "hồ chứa|thủy điện|phòng thủ|dân sự|tái định cư|bồi thường|mặt bằng"
)
_OFFICES = (
    "phụ trách|chuyên trách|kiêm nhiệm|thường trực|biệt phái|được phân công|được giao|có liên quan|liên quan|"
    "nêu trên|trên địa bàn|nói trên|tại chỗ|nơi có|sở tại|các cấp|và các"
)
_WORDS = sorted(f"{_LEVELS}|{_SECTORS}|{_OFFICES}".split("|"), key=len, reverse=True)
_CONTINUES = re.compile(rf"(?:{'|'.join(_WORDS)})(?!\w)", re.IGNORECASE)
_ENDS_AT_LEVEL = re.compile(
    r"(?:^| )(?:tỉnh|thành phố|huyện|quận|thị xã|thị trấn|xã|phường|đặc khu|sở|thôn|khu vực)$", re.IGNORECASE
)
_OF_GROUP = re.compile(
    r"(?:ngành|ven|vùng|miền|biên giới|đặc biệt|khó khăn|trên|trong|thuộc|phía|khu|trọng điểm|nghèo|đảo|"
    r"bãi ngang|hạ du|"
    r"thượng nguồn|có|còn|nơi|nằm|liên quan|được|chưa|đã|đang|lân cận|giáp|ngoài|công lập|ngành dọc|"
    r"cùng cấp|hưởng|sự nghiệp|hành chính|chuyên môn|tham mưu|đầu mối|chức năng|chủ quản|"
    r"truyền thông|báo chí|quản lý|sử dụng|tư vấn|thi công|giám sát|khai thác|kinh doanh|cung cấp|vận hành|"
    r"chủ trì|phối hợp|thực hiện|quân đội|công an|đóng|của|khối|cấp|tỉnh|thành phố|huyện|quận|thị xã|"
    r"thị trấn|xã|"
    r"phường|thôn|trung ương|nhà nước|nhân dân|và|liên|lực lượng|vũ trang|đoàn thể|trực thuộc|nêu|cơ sở|"
    r"sản xuất|y tế|giáo dục|dịch vụ|chuyên trách|phụ trách|khác|tương ứng|ở|miền núi|bị|kể|vừa|hiện)(?!\w)"
)
_GROUP_CLOSES = re.compile(
    r"(?:cơ quan|đơn vị|địa phương|ngành|đoàn thể|tổ chức|phòng|ban|tỉnh|thành phố|huyện|quận|thị xã|"
    r"thị trấn|"
    r"xã|phường|đặc khu|thôn|xóm|bản|ấp|khu phố|tổ dân phố)$"
)
_PEOPLE = re.compile(r"Cá nhân|Hộ gia đình|Hộ kinh doanh|Hộ dân|Người dân|Tổ chức|Chủ \w+(?: \w+)?")
_HEADS_INSIDE = frozenset(
    ["Sở", "Bộ", "Phòng", "Ban", "Hội", "Cục", "Vụ", "Viện", "Đài", "Đội", "Tổ", "Hạt", "Trạm", "Trường",
        "Khối", "Quỹ", "Trưởng", "Phó", "Chánh", "UBND", "Đoàn", "Báo", "Nhà", "Kho", "Tổng", "Cụm",
        "Khu", "Đồn", "Cảng", "Tòa", "Vùng", "TNHH", "MTV"]
)
_MANAGES = re.compile(r"(?:Quản lý|Kiểm soát|Khai thác)(?: (?:và )?[^\W\d_A-ZĐ][^\W\d_]*){0,6}$")
"""What such a unit manages is part of its name, however it is written: “Phòng Quản lý kết cấu hạ tầng”."""
_SYLLABLE = re.compile(r"[^\s,;:.()\"“”\[\]–-]+")
_ALONE = frozenset(["Thuế", "Đảng", "Luật"]) | _HEADS_INSIDE
"""Words of one syllable with which a name may end, so that the next one begins something else."""

_BEFORE_PLACE = frozenset(["tỉnh", "phố", "huyện", "quận", "xã", "phường", "trấn", "khu", "thôn", "xóm",
        "ấp", "bản", "làng"])
COMPOUNDS = re.compile(
    r"(?:giáo dục và đào tạo|gd ?(?:&|và) ?đt|tài nguyên và môi trường|tài nguyên, môi trường|"
    r"kế hoạch và đầu tư|"
    r"văn hóa, thể thao và du lịch|văn hoá, thể thao và du lịch|văn hóa, thể thao|văn hoá, thể thao|"
    r"văn hóa, thông tin(?: và (?:thể thao|truyền thông|truyền thanh))?|văn hóa, truyền thông và thể thao|"
    r"văn hóa, khoa học và thông tin|"
    r"văn ho?[áóa]+ và (?:thông tin|thể thao|du lịch|truyền thanh|truyền thông|xã hội)|"
    r"nông nghiệp và (?:phát triển nông thôn|môi trường|ptnt)|"
    r"lao động,? ?[-–]?,? ?thương binh và xã hội|thương binh và xã hội|khoa học và công nghệ|"
    r"thông tin và truyền thông|dân tộc và tôn giáo|tôn giáo và dân tộc|kinh tế và (?:hạ tầng|đô thị|"
    r"kỹ thuật)|"
    r"kinh tế, hạ tầng và đô thị|hạ tầng và đô thị|"
    r"hđnd ?(?:và|&|[-–]) ?ubnd|hội đồng nhân dân và (?:ủy|uỷ) ban nhân dân|hội đồng nhân dân ?[,–-] ?(?:ủy|"
    r"uỷ) ban nhân dân|"
    r"phòng cháy,? (?:và )?chữa cháy(?: và cứu nạn,? ?cứu hộ)?|"
    r"phòng,? ?chống thiên tai(?: và tìm kiếm cứu nạn|,? tìm kiếm cứu nạn)?|"
    r"tìm kiếm,? cứu nạn và cứu hộ|phòng thủ dân sự|trồng trọt và bảo vệ thực vật|chăn nuôi và thú y|"
    r"chăn nuôi, thú y(?: và thủy sản)?|"
    r"phát thanh và truyền hình|phát thanh, truyền hình|phát thanh - truyền hình|"
    r"truyền thanh và truyền hình|truyền thông và văn hóa|"
    r"truyền thanh,? ?[-–]? ?truyền hình|dịch vụ nông nghiệp|văn hóa,? truyền thông|văn hoá,? truyền thông|"
    r"tiếp nhận (?:và|&) (?:trả|giao trả) kết quả|tiếp nhận, trả kết quả|quản lý,? khai thác|"
    r"quản lý đầu tư và xây dựng|"
    r"đầu tư xây dựng|đầu tư và xây dựng|phối hợp phổ biến[ ,]giáo dục pháp luật|"
    r"vệ sinh,? an toàn thực phẩm|xây dựng và phát triển|phát triển quỹ đất|giải phóng mặt bằng|"
    r"bồi thường, hỗ trợ(?: và|,)? tái định cư|"
    r"kiểm tra,? giám sát|quản lý khai thác công trình thủy lợi|nước sạch và vệ sinh môi trường|"
    r"giáo dục nghề nghiệp ?[-–] ?giáo dục thường xuyên|"
    r"bảo vệ và phát triển rừng|kiểm soát bệnh tật|phục vụ hành chính công|dịch vụ công|đô thị và môi trường|"
    r"xây dựng và môi trường|"
    r"quản lý dự án|quản lý công nghiệp|quản lý thị trường|quản lý đô thị|quản lý trật tự đô thị|"
    r"quản lý các khu (?:công nghiệp|kinh tế)|"
    r"người khuyết tật và trẻ mồ côi|tổ chức ?[-–] ?(?:hành chính|cán bộ)|tổ chức (?:cán bộ|hành chính|"
    r"chính trị)|"
    r"đăng ký đất đai|đăng ký kinh doanh|đăng kiểm xe cơ giới|đăng kiểm|bình đẳng giới|"
    r"(?<=quản lý )bảo trì|(?<=phòng quản lý )(?:xây dựng|đầu tư|khai thác|vận hành|bảo vệ)|"
    r"điều hành thông minh|hỗ trợ nông dân|hỗ trợ phụ nữ|"
    r"giao thông vận tải|giao thông|giáo dục thường xuyên|khuyến nông|chuyển đổi số|đổi mới sáng tạo|"
    r"công nghiệp và thương mại|"
    r"bảo đảm (?=trật tự|an toàn)|vì sự tiến bộ(?: của)? phụ nữ|phòng chống tham nhũng|"
    r"phòng, chống [\w ,]{3,40}?(?= (?:xã|huyện|tỉnh|chủ trì|tham|xây))|"
    r"cải cách hành chính|kiểm soát thủ tục hành chính|kiểm tra liên ngành|kiểm lâm|"
    r"quy hoạch|thi đua ?[-–,] ?khen thưởng|có liên quan|được phân công|được giao(?: nhiệm vụ)?|"
    r"phụ trách (?=lĩnh vực|công tác|địa bàn|các)|theo dõi (?=lĩnh vực)|"
    r"làm công tác [\w –-]{3,40}?(?= (?:chủ|tham|rà|tổng|xây|thực|báo))|cấp xã|cấp huyện|cấp tỉnh|"
    r"nhận khoán|được nêu|nêu trên|trên địa bàn|"
    r"có tên(?: nêu)? (?:tại|trên)(?: phụ lục| điều \d+)?|có rừng|chuyên trách|công vụ|"
    r"tuyên giáo và dân vận|"
    r"xây dựng đảng|(?<=báo )và đài phát thanh(?:(?:,| và) truyền hình)?|phòng, chống ma túy|"
    r"tuyên truyền viên|"
    r"vận tải, phương tiện và người lái|thường trực|trực tuyến|giáo dục đại học|bảo vệ thực vật|"
    r"khám bệnh, chữa bệnh|khám,? chữa bệnh|sản xuất,? (?:và )?kinh doanh|phổ biến,? giáo dục pháp luật|"
    r"giáo dục,? đào tạo|"
    r"(?<=cơ quan )(?:thẩm (?:tra|định)(?: [\w ]{2,16}?)?|quản lý [\w ]{2,24}?|soạn thảo|"
    r"đăng ký [\w ]{2,16}?)"
    rf"(?=[,:.;]? *$|:|,? {VERB.pattern})|"
    r"(?<=đơn vị )(?:thi công|tư vấn(?: giám sát)?|giám sát|khai thác|vận hành|sử dụng ngân sách|"
    r"sử dụng lao động|"
    rf"vận tải|dự toán|quản lý [\w ]{{2,24}}?)(?=[,:.;]? *$|:|,? {VERB.pattern})|"
    r"(?<=đứng đầu )(?:các )?cơ quan(?:, tổ chức)?, đơn vị(?:, địa phương)?|"
    r"(?<=thủ trưởng )cơ quan(?:, tổ chức)?, đơn vị(?:, địa phương)?|"
    r"sản xuất|kinh doanh|công trình|chương trình|quy trình|văn phòng|quốc phòng|biên phòng|dự phòng|"
    r"công lập|dân lập|giao dịch|"
    r"đang thi công|liên quan|có nhiều|còn lại|còn (?=hồ sơ|nợ)|vừa nêu|trực thuộc|không chuyên trách)"
    r"(?!\w)",
    re.IGNORECASE,
)
"""Words inside of names that hold a comma, an “và” or a verb."""


def name_goes_on(text: str, begin: int, after_head: int, at: int) -> bool | None:
    """Tell whether the lower-case word behind the blank at `at` belongs to the name that began at `begin`.

    Names write the first syllable of each word with a capital (“Sở Giáo dục và Đào tạo”, “Công an tỉnh”), so
    a second lower-case syllable in a row begins what the unit does, unless such names hold that word.
    None where the name has no capital and no level, so that its shape says nothing.
    """
    word = at + 1
    said = text[begin:at]
    if _is_inside_word(text, begin, at):
        return True
    if "các " in said.lower():
        if not _GROUP_CLOSES.search(said) or _CONTINUES.match(text, word):
            return None
        return bool(_OF_GROUP.match(text, word))
    tail = text[after_head:at]
    if not tail and _PEOPLE.fullmatch(said):
        return bool(_CONTINUES.match(text, word) or _OF_GROUP.match(text, word))
    shaped = any(letter.isupper() for letter in tail) or bool(_ENDS_AT_LEVEL.search(tail))
    if not shaped:
        return None
    if _CONTINUES.match(text, word):
        return True
    if _MANAGES.search(said):
        return True
    syllables = _SYLLABLE.findall(tail)
    if not syllables or not syllables[-1][0].isupper():
        return False
    last = syllables[-1]
    if last in _ALONE or (len(last) > 1 and last.isupper()) or any(letter.isdigit() for letter in last):
        return False
    before = syllables[-2] if len(syllables) > 1 else ""
    if before in _BEFORE_PLACE:
        return False
    return not (before[:1].isupper() and before not in _HEADS_INSIDE)


def ends_word(text: str, verb: re.Match[str], at: int) -> bool:
    """Tell whether what looks like a verb of one syllable ends a word of a name: “Trật tự”, “Hợp tác”."""
    before = text[text.rfind(" ", 0, at) + 1 : at]
    return before[:1].isupper() and " " not in verb[0] and bool(VERB.match(text, verb.start()))


def _is_inside_word(text: str, begin: int, at: int) -> bool:
    """Tell whether a word of the lexicon that began before `at` still goes on behind it."""
    start = text.rfind(" ", begin, at)
    while start > begin and at - start < 24:
        found = _CONTINUES.match(text, start + 1)
        if found and found.end() > at:
            return True
        start = text.rfind(" ", begin, start)
    return False

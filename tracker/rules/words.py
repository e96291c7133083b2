"""Vietnamese sentences that a rule decides on and the web translates."""


def N_(text: str) -> str:
    """Mark `text` as a msgid for extraction and return it unchanged.

    A rule returns the msgid and its values apart; whoever shows it writes `_(msgid) % values`.
    """
    return text


KINDS_OF_DIRECTIVE = {
    "CV": N_("Công văn"),
    "KH": N_("Kế hoạch"),
    "CT": N_("Chỉ thị"),
    "TB": N_("Thông báo"),
    "QĐ": N_("Quyết định"),
    "BC": N_("Báo cáo"),
    "TTr": N_("Tờ trình"),
    "NQ": N_("Nghị quyết"),
    "CĐ": N_("Công điện"),
    "GM": N_("Giấy mời"),
    "HD": N_("Hướng dẫn"),
    "CTr": N_("Chương trình"),
    "YKCĐ": N_("Ý kiến chỉ đạo"),
    "KHÁC": N_("Văn bản"),
}
"""The names of kinds of papers by their codes (Nghị định 30/2020, annex III); other codes name themselves."""

B4_TITLE = N_("B.4 TÌNH HÌNH THỰC HIỆN YKCĐ DO %(assigner)s GIAO")
"""The printed title of table B.4, as the published one has it; the assigner in capitals."""

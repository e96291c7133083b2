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

GROUPING_TITLES = {
    "unit": N_("Đơn vị chủ trì"),
    "field": N_("Lĩnh vực"),
    "directive": N_("Văn bản chỉ đạo"),
    "leader": N_("Lãnh đạo chỉ đạo"),
    "month": N_("Tháng giao"),
}
"""What a row of B.4 stands for, by its word in the address."""

CHOICE_TITLES = {
    "not_started_not_due": N_("Chưa thực hiện – chưa đến hạn"),
    "not_started_overdue": N_("Chưa thực hiện – đã quá hạn"),
    "in_progress_not_due": N_("Đang thực hiện – chưa đến hạn"),
    "in_progress_overdue": N_("Đang thực hiện – đã quá hạn"),
    "awaiting_confirmation": N_("Đã hoàn thành – chờ xác nhận"),
    "completed_on_time": N_("Đã hoàn thành – đúng hạn"),
    "completed_late": N_("Đã hoàn thành – quá hạn"),
    "all": N_("Tất cả"),
    "completed": N_("Đã hoàn thành"),
    "overdue": N_("Chưa hoàn thành – quá hạn"),
    "in_time": N_("Chưa hoàn thành – trong hạn"),
    "completed_or_overdue": N_("Đã hoàn thành hoặc quá hạn chưa hoàn thành"),
    "fallen_due": N_("Đã đến hạn"),
    "completed_fallen_due": N_("Đã hoàn thành trong số đã đến hạn"),
}
"""What a number of B.4 counts, by its word in the address; a cell by the heads of its column."""

RATE_TITLES = (
    N_("Hoàn thành trên tổng số đã hoàn thành và quá hạn chưa hoàn thành"),
    N_("Hoàn thành trên tổng số được giao"),
    N_("Hoàn thành trên số đã đến hạn"),
)
"""The names of the three completion rates, in the order of `B4Table.rates`."""

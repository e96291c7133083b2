"""What the libraries of forms and of signing in say to a person, in Vietnamese."""

from __future__ import annotations

from babel.support import NullTranslations

from tracker.language import gettext as _
from tracker.rules.words import N_

ERROR, INFO, SUCCESS = "error", "info", "success"

WRONG_CODE = N_("Mã không đúng, đã dùng hoặc đã hết hạn. Chờ ứng dụng hiện mã mới rồi nhập lại.")

MESSAGES = {
    "API_ERROR": (N_("Yêu cầu không hợp lệ. Hãy mở lại trang và thử lại."), ERROR),
    "GENERIC_AUTHN_FAILED": (N_("Tên đăng nhập hoặc mật khẩu không đúng."), ERROR),
    "UNAUTHORIZED": (N_("Bạn không có quyền xem trang này."), ERROR),
    "UNAUTHENTICATED": (N_("Hãy đăng nhập để xem trang này."), ERROR),
    "REAUTHENTICATION_REQUIRED": (N_("Hãy nhập lại mật khẩu để tiếp tục."), "warning"),
    "PASSWORD_MISMATCH": (N_("Mật khẩu không khớp."), ERROR),
    "RETYPE_PASSWORD_MISMATCH": (N_("Hai lần nhập mật khẩu mới không giống nhau."), ERROR),
    "INVALID_REDIRECT": (N_("Địa chỉ chuyển tiếp không thuộc hệ thống này."), ERROR),
    "INVALID_RECOVERY_CODE": (N_("Mã dự phòng không đúng hoặc đã dùng."), ERROR),
    "NO_RECOVERY_CODES_SETUP": (N_("Chưa tạo mã dự phòng."), INFO),
    "DISABLED_ACCOUNT": (N_("Tài khoản này đã ngừng hoạt động. Hãy liên hệ quản trị của đơn vị."), ERROR),
    "INVALID_CODE": (WRONG_CODE, ERROR),
    "INVALID_INPUT": (N_("Giá trị đã nhập không hợp lệ."), ERROR),
    "INVALID_INPUT_LENGTH": (N_("Nội dung đã nhập quá dài."), ERROR),
    "PASSWORD_NOT_PROVIDED": (N_("Nhập mật khẩu."), ERROR),
    "PASSWORD_INVALID_LENGTH": (N_("Mật khẩu phải có ít nhất %(length)s ký tự."), ERROR),
    "PASSWORD_TOO_SIMPLE": (N_("Mật khẩu này dễ đoán. Hãy chọn mật khẩu khác."), ERROR),
    "USER_DOES_NOT_EXIST": (N_("Tên đăng nhập hoặc mật khẩu không đúng."), ERROR),
    "INVALID_PASSWORD": (N_("Mật khẩu không đúng."), ERROR),
    "PASSWORD_IS_THE_SAME": (N_("Mật khẩu mới phải khác mật khẩu đang dùng."), ERROR),
    "PASSWORD_CHANGE": (N_("Đã đổi mật khẩu. Các phiên đăng nhập khác của bạn đã kết thúc."), SUCCESS),
    "LOGIN": (N_("Hãy đăng nhập để xem trang này."), INFO),
    "REFRESH": (N_("Hãy nhập lại mật khẩu để tiếp tục."), INFO),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Đã xác minh. Mời tiếp tục."), SUCCESS),
    "ANONYMOUS_USER_REQUIRED": (N_("Bạn đang đăng nhập rồi."), INFO),
    "TWO_FACTOR_INVALID_TOKEN": (WRONG_CODE, ERROR),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (N_("Mã đúng. Đã đăng nhập."), SUCCESS),
    "TWO_FACTOR_CHANGE_METHOD_SUCCESSFUL": (
        N_("Đã bật đăng nhập hai bước. Hãy tạo mã dự phòng và cất ở nơi an toàn."), SUCCESS,
    ),
    "TWO_FACTOR_PERMISSION_DENIED": (N_("Hãy đăng nhập lại từ đầu."), ERROR),
    "TWO_FACTOR_METHOD_NOT_AVAILABLE": (N_("Chọn bật hoặc tắt đăng nhập hai bước."), ERROR),
    "TWO_FACTOR_DISABLED": (N_("Đã tắt đăng nhập hai bước."), SUCCESS),
    "TWO_FACTOR_SETUP_EXPIRED": (N_("Đã quá %(within)s kể từ khi bắt đầu. Hãy bật lại từ đầu."), ERROR),
}  # fmt: skip
"""Messages of the sign-in library that our pages can meet, by its own names."""

FIELD_WORDS = {
    "This field is required.": N_("Mục này không được để trống."),
    "Field must be equal to %(other_name)s.": N_("Hai mục này phải giống nhau."),
    "Invalid IP address.": N_("Địa chỉ mạng không hợp lệ."),
    "Invalid Mac address.": N_("Địa chỉ thiết bị không hợp lệ."),
    "Invalid URL.": N_("Địa chỉ trang không hợp lệ."),
    "Invalid UUID.": N_("Mã định danh không hợp lệ."),
    "Invalid value, must be one of: %(values)s.": N_("Chọn một trong các giá trị: %(values)s."),
    "Invalid value, can't be any of: %(values)s.": N_("Không được dùng các giá trị: %(values)s."),
    "Field must be at least %(min)d character long.": N_("Nhập ít nhất %(min)d ký tự."),
    "Field must be at least %(min)d characters long.": N_("Nhập ít nhất %(min)d ký tự."),
    "Field cannot be longer than %(max)d character.": N_("Dài quá %(max)d ký tự. Hãy rút gọn."),
    "Field cannot be longer than %(max)d characters.": N_("Dài quá %(max)d ký tự. Hãy rút gọn."),
    "Field must be exactly %(max)d character long.": N_("Nhập đúng %(max)d ký tự."),
    "Field must be exactly %(max)d characters long.": N_("Nhập đúng %(max)d ký tự."),
    "Field must be between %(min)d and %(max)d characters long.": N_("Nhập từ %(min)d đến %(max)d ký tự."),
    "Number must be at least %(min)s.": N_("Nhập số từ %(min)s trở lên."),
    "Number must be at most %(max)s.": N_("Nhập số không quá %(max)s."),
    "Number must be between %(min)s and %(max)s.": N_("Nhập số từ %(min)s đến %(max)s."),
    "Date must be at least %(min)s.": N_("Nhập ngày từ %(min)s trở đi."),
    "Date must be at most %(max)s.": N_("Nhập ngày không sau %(max)s."),
    "Date must be between %(min)s and %(max)s.": N_("Nhập ngày từ %(min)s đến %(max)s."),
    "Invalid input.": N_("Giá trị đã nhập không hợp lệ."),
    "This field cannot be edited.": N_("Mục này không sửa được."),
    "This field is disabled and cannot have a value.": N_("Mục này đang khóa, không nhập được."),
    "Invalid field name '%s'.": N_("Không có mục “%s”."),
    "Invalid email address.": N_("Địa chỉ thư điện tử không hợp lệ. Ví dụ: ten@coquan.gov.vn."),
    "Choices cannot be None.": N_("Chưa có danh sách để chọn."),
    "Not a valid choice.": N_("Lựa chọn không có trong danh sách. Hãy chọn lại."),
    "'%(value)s' is not a valid choice for this field.": N_("“%(value)s” không có trong danh sách."),
    "'%(value)s' are not valid choices for this field.": N_("“%(value)s” không có trong danh sách."),
    "Invalid Choice: could not coerce.": N_("Lựa chọn không có trong danh sách. Hãy chọn lại."),
    "Invalid choice(s): one or more data inputs could not be coerced.": N_(
        "Có lựa chọn không có trong danh sách. Hãy chọn lại."
    ),
    "Not a valid datetime value.": N_("Ngày giờ không hợp lệ. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
    "Not a valid date value.": N_("Ngày không hợp lệ. Nhập dd/mm/yyyy, ví dụ 28/02/2026."),
    "Not a valid time value.": N_("Giờ không hợp lệ. Nhập như 14:00."),
    "Not a valid week value.": N_("Tuần không hợp lệ."),
    "Not a valid integer value.": N_("Nhập một số nguyên, ví dụ 10."),
    "Not a valid decimal value.": N_("Nhập một số, ví dụ 10."),
    "Not a valid float value.": N_("Nhập một số, ví dụ 10."),
    "File does not have an approved extension.": N_("Loại tệp này không được nhận."),
    "File does not have an approved extension: {extensions}": N_("Chỉ nhận các loại tệp: {extensions}"),
    "Invalid CSRF Token.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "CSRF token missing.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "CSRF failed.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "CSRF token expired.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "The CSRF token is missing.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "The CSRF session token is missing.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "The CSRF tokens do not match.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "The CSRF token has expired.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
    "The CSRF token is invalid.": N_("Phiên làm việc đã đổi. Hãy gửi lại."),
}
"""Every message of the form library: it brings catalogues of many languages, but no Vietnamese one."""


class FieldTranslations(NullTranslations):
    """The form library's messages in Vietnamese, in the shape that the form library asks."""

    def ugettext(self, message: str) -> str:
        return _(FIELD_WORDS.get(message, message))

    def ungettext(self, one: str, many: str, number: int) -> str:
        return self.ugettext(one if number == 1 else many)

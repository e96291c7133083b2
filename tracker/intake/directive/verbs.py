"""The verbs with which papers ask for work, matched against text with its marks (NFC, lower case)."""

from __future__ import annotations

import re

_DOING = (
    "chủ trì|phối hợp|tham mưu|tiến hành|tổ chức|triển khai|thực hiện|xây dựng|rà soát|tổng hợp|báo cáo|hướng dẫn|"
    "kiểm tra|giám sát|theo dõi|đôn đốc|chỉ đạo|ban hành|hoàn thành|hoàn thiện|tiếp tục|tiếp nhận|tăng cường|"
    "đẩy mạnh|đẩy nhanh|chủ động|khẩn trương|nghiêm túc|tập trung|tích cực|thường xuyên|kịp thời|bố trí|cân đối|"
    "thẩm định|phê duyệt|trình|đề xuất|cung cấp|cập nhật|công khai|công bố|niêm yết|tuyên truyền|phổ biến|"
    "quán triệt|vận động|huy động|hỗ trợ|chuẩn bị|bảo đảm|đảm bảo|nâng cao|giải quyết|xử lý|khắc phục|chấn chỉnh|"
    "lập|gửi|nộp|cử|mở|thành lập|kiện toàn|củng cố|phân công|phân bổ|giao|quản lý|sử dụng|khai thác|vận hành|"
    "duy trì|phát huy|phát hiện|điều tra|truy quét|tuần tra|thanh tra|thu hồi|thu nhận|thu thập|thống kê|đánh giá|"
    "phân tích|tổng kết|sơ kết|khen thưởng|biểu dương|xem xét|nghiên cứu|góp ý|cho ý kiến|thông báo|"
    "đăng ký|đăng tải|phát sóng|phát động|đưa tin|xác minh|xác nhận|làm việc|làm rõ|đối thoại|tiếp xúc|vào cuộc|"
    "lồng ghép|ưu tiên|tạo điều kiện|tạo thuận lợi|đầu tư|sửa chữa|nâng cấp|mua sắm|trang bị|lắp đặt|thi công|"
    "khởi công|bàn giao|giải phóng|đào tạo|bồi dưỡng|tập huấn|tuyển dụng|sắp xếp|số hóa|số hoá|chuẩn hóa|chuẩn hoá|"
    "làm sạch|kết nối|tích hợp|chia sẻ|ứng dụng|áp dụng|đổi mới|cải tiến|cải cách|rút ngắn|cắt giảm|nhân rộng|"
    "chấp hành|tuân thủ|thi hành|chịu trách nhiệm|phụ trách|đảm nhiệm|làm đầu mối|thay mặt|giúp|tự|quyết liệt|"
    "chăm lo|thăm hỏi|tặng|trao|chi trả|chuyển|nhận|di dời|sơ tán|ứng trực|trực (?=chốt|ban)|dự báo|cảnh báo|phòng, chống|phòng chống|ngăn chặn|"
    "xóa|xoá|tháo gỡ|tham gia|thu|nộp|kê khai|quyết toán|giải ngân|thanh toán|thanh lý|cấp|điều chỉnh|"
    "bổ sung|sửa đổi|thay thế|bãi bỏ|quy định|phân cấp|ủy quyền|lựa chọn|đề nghị|yêu cầu|kiến nghị|đặt|giữ|"
    "làm tốt|làm|xác định|hình thành|phát triển|tạo|đưa|lấy|hạn chế|phấn đấu|định kỳ|hằng ngày|hằng tuần|"
    "hằng tháng|hằng quý|hằng năm|hàng ngày|hàng tuần|hàng tháng|hàng quý|hàng năm|đồng thời|căn cứ|trên cơ sở|"
    "theo chức năng|gắn|bám sát|chú trọng|quan tâm|nắm|lưu ý|sẵn sàng|tính toán|khảo sát|đo đạc|cắm mốc|"
    "kiểm kê|kiểm đếm|kiểm soát|kiểm điểm|rút kinh nghiệm|thẩm tra|phản ánh|liên hệ|trao đổi|thống nhất|mời|"
    "in ấn|phát hành|biên soạn|tăng|giảm|nhắc nhở|động viên|khuyến khích|tôn vinh|cải thiện|khôi phục|"
    "hoạt động|điều hành|soạn thảo|dự thảo|soát xét|chạy|chấm điểm|tự đánh giá|tiêm|phun|khử trùng|tiêu hủy|"
    "khoanh vùng|xét nghiệm|cách ly|điều trị|khám|chữa|cứu trợ|trồng|chăm sóc|nạo vét|gia cố|thả|gieo|thu hoạch|"
    "không để|tuyệt đối|bảo vệ|bảo trì|khuyến cáo|ký|phân loại|tách|rà|soát|sao|lưu|bàn|họp|làm sạch|nhập|"
    "thu gom|vệ sinh|tổng vệ sinh|tiêu độc|giải trình|xin|xác lập|giao ban|phân luồng|tham dự|bám|dừng|tạm dừng|"
    "tạm ứng|tiếp thu|nhắc|ghi|hoàn trả|khoán|chi tiền|đấu thầu|đấu giá|trưng bày|biểu diễn|giới thiệu|quảng bá|khai trương|khánh thành|treo|cắm|dọn|"
    "kẻ vẽ|phát thanh|phát|quay|viết|sưu tầm|trả lời|trả|phúc đáp|giải đáp|tư vấn|đồng hành|thay|lắp|dán|tháo|đắp|khơi thông|bơm|tưới|tích nước|xả|"
    "đóng|canh gác|chốt|chặn|truy vết|lấy mẫu|giám định|định giá|duyệt|chấp thuận|cấp phát|phân phối|phân phát|quyên góp|ủng hộ|cưỡng chế|xử phạt|tịch thu|"
    "tạm giữ|niêm phong|miễn|hoàn|gia hạn|ký kết|đàm phán|hòa giải|hoà giải|xét xử|khởi tố|chi|dành|phun|rải|bảo quản|trưng tập|tuyển chọn|tuyển|sát hạch|"
    "chủ động|công nhận|ra quân|ra|thẩm tra|tranh thủ|nắm bắt|phân tuyến|khắc phục|lắng nghe|nghiệm thu|bổ nhiệm|tinh giản|đến tận|luân chuyển|điều động"
)
STOPS = (
    "có trách nhiệm|có nhiệm vụ|có kế hoạch|có giải pháp|có phương án|có biện pháp|có văn bản|có ý kiến|"
    "chịu trách nhiệm|để|đã|được|phải|theo|trong|trước|sau|về|khi|nhằm|tại|cần|sẽ|đang|là|làm|căn cứ|dựa|từ|"
    "ngoài|nếu|không|chưa|bằng|qua|vào|với|cho|như|nơi|này|do|gồm|bao gồm|đến|vẫn|còn|luôn|cùng|đều|nghe|"
    "nhanh chóng|sớm|ngay|trực tiếp|rất|mà|hiện|tiếp|tổng|đảm|chậm nhất|hoàn|một số|những|khoảng|thấy|lên|ra|"
    "cơ bản|nhất trí|đồng ý|đúng|tốt|thật|mỗi|hoặc|nói|xuống|đi|khác"
)
"""Words behind which the name of a unit is over, though they ask for nothing themselves."""

VERB = re.compile(rf"(?:{_DOING})(?!\w)")
VERB_ANYWHERE = re.compile(rf"(?<!\w)(?:{_DOING})(?!\w)")
STOP = re.compile(rf"(?:{_DOING}|{STOPS})(?!\w)")
STARTS_WORK = re.compile(rf"(?:{_DOING})(?!\w)", re.IGNORECASE)
"""A verb at the beginning of a clause, whatever its case."""

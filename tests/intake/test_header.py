"""What the head and the foot of a paper say, in the layouts that offices use."""

import pytest

from tracker.intake.directive.header import read_header
from tracker.intake.directive.lines import lay_out
from tracker.intake.plain import PlainPaper

BODY = """
Căn cứ Luật Tổ chức chính quyền địa phương ngày 19/6/2015;
1. Giao Phòng Nội vụ chủ trì tham mưu thực hiện, báo cáo trước ngày 25/6/2026.
Yêu cầu các đơn vị nghiêm túc triển khai thực hiện./.
"""

CASES = {
    "a division in a table": (
        """UBND TỈNH HƯNG YÊN
SỞ NỘI VỤ
Số: 1234/SNV-CCHC
V/v đôn đốc thực hiện nhiệm vụ cải cách hành chính năm 2025
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Hưng Yên, ngày 05 tháng 6 năm 2025
Kính gửi: Ủy ban nhân dân các xã, phường.""",
        """Nơi nhận:
- Như trên;
- Giám đốc Sở (để b/c);
- Lưu: VT, CCHC.
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC
Nguyễn Thị Ánh Tuyết""",
        {
            "number": "1234/SNV-CCHC",
            "issued_on": "2025-06-05",
            "issuer": "Sở Nội vụ tỉnh Hưng Yên",
            "kind": "CV",
            "subject": "đôn đốc thực hiện nhiệm vụ cải cách hành chính năm 2025",
            "signer": "Nguyễn Thị Ánh Tuyết",
            "signer_title": "Phó Giám đốc",
            "addressees": [
                "Ủy ban nhân dân các xã, phường",
            ],
            "recipients": [
                "Như trên",
                "Giám đốc Sở (để b/c)",
                "Lưu: VT, CCHC",
            ],
        },
    ),
    "a party committee in columns": (
        """TỈNH ỦY HƯNG YÊN                    ĐẢNG CỘNG SẢN VIỆT NAM
         *                          Hưng Yên, ngày 12 tháng 3 năm 2025
Số 45-CT/TU

CHỈ THỊ
CỦA BAN THƯỜNG VỤ TỈNH ỦY
về tăng cường sự lãnh đạo của Đảng đối với công tác cải cách hành chính
-----""",
        """Nơi nhận:                              T/M BAN THƯỜNG VỤ
- Các huyện ủy, thành ủy,                    BÍ THƯ
- Các ban đảng Tỉnh ủy,
- Lưu Văn phòng Tỉnh ủy.
                                       Trần Quốc Toản""",
        {
            "number": "45-CT/TU",
            "issued_on": "2025-03-12",
            "issuer": "Tỉnh ủy Hưng Yên",
            "kind": "CT",
            "subject": (
                "về tăng cường sự lãnh đạo của Đảng đối với công tác cải cách hành chính"
            ),
            "signer": "Trần Quốc Toản",
            "signer_title": "Bí thư",
            "addressees": [],
            "recipients": [
                "Các huyện ủy, thành ủy",
                "Các ban đảng Tỉnh ủy",
                "Lưu Văn phòng Tỉnh ủy",
            ],
        },
    ),
    "a council": (
        """HỘI ĐỒNG NHÂN DÂN          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
 THÀNH PHỐ ĐÀ NẴNG              Độc lập - Tự do - Hạnh phúc
 Số: 12/NQ-HĐND             Đà Nẵng, ngày 15 tháng 7 năm 2024

NGHỊ QUYẾT
Về việc phê duyệt chủ trương đầu tư dự án đường vành đai

HỘI ĐỒNG NHÂN DÂN THÀNH PHỐ ĐÀ NẴNG
KHÓA X, KỲ HỌP THỨ 18
""",
        """Nơi nhận:
- UBTVQH, Chính phủ;
- Lưu: VT.
CHỦ TỊCH


Ngô Xuân Thắng""",
        {
            "number": "12/NQ-HĐND",
            "issued_on": "2024-07-15",
            "issuer": "HĐND thành phố Đà Nẵng",
            "kind": "NQ",
            "subject": "phê duyệt chủ trương đầu tư dự án đường vành đai",
            "signer": "Ngô Xuân Thắng",
            "signer_title": "Chủ tịch",
            "addressees": [],
            "recipients": [
                "UBTVQH, Chính phủ",
                "Lưu: VT",
            ],
        },
    ),
    "a decision with rules": (
        """ỦY BAN NHÂN DÂN
HUYỆN CƯ JÚT
____________
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập – Tự do – Hạnh phúc
_____________
Số:  45 /QĐ-UBND
Cư Jút, ngày  02  tháng  01  năm 2024

QUYẾT ĐỊNH
Về việc thành lập Tổ công tác đôn đốc thực hiện nhiệm vụ
do Chủ tịch UBND huyện giao

CHỦ TỊCH ỦY BAN NHÂN DÂN HUYỆN CƯ JÚT
""",
        """Nơi nhận:
- Như Điều 3;
- TT. Huyện ủy, HĐND huyện (b/c);
- Lưu: VT, NV.
KT. CHỦ TỊCH
PHÓ CHỦ TỊCH

(Đã ký)

Y Bhăm Niê""",
        {
            "number": "45/QĐ-UBND",
            "issued_on": "2024-01-02",
            "issuer": "UBND huyện Cư Jút",
            "kind": "QĐ",
            "subject": (
                "thành lập Tổ công tác đôn đốc thực hiện nhiệm vụ do Chủ tịch UBND huyện giao"
            ),
            "signer": "Y Bhăm Niê",
            "signer_title": "Phó Chủ tịch",
            "addressees": [],
            "recipients": [
                "Như Điều 3",
                "TT. Huyện ủy, HĐND huyện (b/c)",
                "Lưu: VT, NV",
            ],
        },
    ),
    "a conclusion signed by order": (
        """UBND HUYỆN KIM ĐỘNG
VĂN PHÒNG HĐND VÀ UBND
Số: 15/TB-VP
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Kim Động, ngày 4/3/2024
THÔNG BÁO
Kết luận của đồng chí Nguyễn Văn Bình - Phó Chủ tịch UBND huyện tại cuộc họp ngày 01/3/2024
về tiến độ giải phóng mặt bằng
""",
        """Nơi nhận:
- Chủ tịch, các PCT UBND huyện;
- Các đơn vị dự họp;
- Lưu: VT.
TL. CHỦ TỊCH
CHÁNH VĂN PHÒNG


Đào Quang Huy""",
        {
            "number": "15/TB-VP",
            "issued_on": "2024-03-04",
            "issuer": "Văn phòng HĐND và UBND huyện Kim Động",
            "kind": "TB",
            "subject": (
                "Kết luận của đồng chí Nguyễn Văn Bình - Phó Chủ tịch UBND huyện tại cuộc họp "
                "ngày 01/3/2024 về tiến độ giải phóng mặt bằng"
            ),
            "signer": "Đào Quang Huy",
            "signer_title": "Chánh Văn phòng",
            "addressees": [],
            "recipients": [
                "Chủ tịch, các PCT UBND huyện",
                "Các đơn vị dự họp",
                "Lưu: VT",
            ],
        },
    ),
    "a ministry": (
        """BỘ NỘI VỤ
-------
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------
Số: 5678/BNV-CCHC
V/v báo cáo công tác cải cách hành chính quý III và 9 tháng năm 2024
Hà Nội, ngày 06 tháng 9 năm 2024

Kính gửi:
- Các Bộ, cơ quan ngang Bộ;
- Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương.
""",
        """Nơi nhận:
- Như trên;
- Bộ trưởng (để b/c);
- Lưu: VT, CCHC.
KT. BỘ TRƯỞNG
THỨ TRƯỞNG




Trương Hải Long""",
        {
            "number": "5678/BNV-CCHC",
            "issued_on": "2024-09-06",
            "issuer": "Bộ Nội vụ",
            "kind": "CV",
            "subject": "báo cáo công tác cải cách hành chính quý III và 9 tháng năm 2024",
            "signer": "Trương Hải Long",
            "signer_title": "Thứ trưởng",
            "addressees": [
                "Các Bộ, cơ quan ngang Bộ",
                "Ủy ban nhân dân các tỉnh, thành phố trực thuộc Trung ương",
            ],
            "recipients": [
                "Như trên",
                "Bộ trưởng (để b/c)",
                "Lưu: VT, CCHC",
            ],
        },
    ),
    "a commune party committee": (
        """ĐẢNG BỘ HUYỆN VĂN GIANG
ĐẢNG ỦY XÃ LONG HƯNG
*
Số 23-NQ/ĐU
ĐẢNG CỘNG SẢN VIỆT NAM
Long Hưng, ngày 10 tháng 01 năm 2024
NGHỊ QUYẾT
lãnh đạo nhiệm vụ năm 2024
""",
        """Nơi nhận:
- Huyện ủy (b/c),
- Các chi bộ,
- Lưu VPĐU.
T/M ĐẢNG ỦY
BÍ THƯ
Lê Văn Hòa""",
        {
            "number": "23-NQ/ĐU",
            "issued_on": "2024-01-10",
            "issuer": "Đảng ủy xã Long Hưng",
            "kind": "NQ",
            "subject": "lãnh đạo nhiệm vụ năm 2024",
            "signer": "Lê Văn Hòa",
            "signer_title": "Bí thư",
            "addressees": [],
            "recipients": [
                "Huyện ủy (b/c)",
                "Các chi bộ",
                "Lưu VPĐU",
            ],
        },
    ),
    "a centre of a commune, columns interleaved": (
        """UBND XÃ AN PHÚ
CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM
TRUNG TÂM PHỤC VỤ
Độc lập - Tự do - Hạnh phúc
HÀNH CHÍNH CÔNG
Số: 07/KH-TTPVHCC
An Phú, ngày 20 tháng 8 năm 2025
KẾ HOẠCH
TRIỂN KHAI TIẾP NHẬN HỒ SƠ KHÔNG PHỤ THUỘC ĐỊA GIỚI HÀNH CHÍNH
""",
        """Nơi nhận:
- UBND xã;
- Lưu: VT.
GIÁM ĐỐC
Phạm Thị Hoa""",
        {
            "number": "07/KH-TTPVHCC",
            "issued_on": "2025-08-20",
            "issuer": "Trung tâm Phục vụ hành chính công xã An Phú",
            "kind": "KH",
            "subject": "TRIỂN KHAI TIẾP NHẬN HỒ SƠ KHÔNG PHỤ THUỘC ĐỊA GIỚI HÀNH CHÍNH",
            "signer": "Phạm Thị Hoa",
            "signer_title": "Giám đốc",
            "addressees": [],
            "recipients": [
                "UBND xã",
                "Lưu: VT",
            ],
        },
    ),
    "a large city in columns": (
        """ỦY BAN NHÂN DÂN             CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
THÀNH PHỐ HỒ CHÍ MINH            Độc lập - Tự do - Hạnh phúc

Số: 2345/UBND-VX          Thành phố Hồ Chí Minh, ngày 3 tháng 5 năm 2023
V/v tăng cường công tác
phòng, chống dịch bệnh

                 Kính gửi: - Sở Y tế;
                           - Sở Giáo dục và Đào tạo;
                           - Ủy ban nhân dân thành phố Thủ Đức
                             và các quận, huyện.
""",
        """Nơi nhận:                          TM. ỦY BAN NHÂN DÂN
- Như trên;                            KT. CHỦ TỊCH
- TTUB: CT, các PCT;                   PHÓ CHỦ TỊCH
- VPUB: PCVP/VX;
- Lưu: VT, (VX/Đ) 12.
                                       Dương Anh Đức""",
        {
            "number": "2345/UBND-VX",
            "issued_on": "2023-05-03",
            "issuer": "UBND thành phố Hồ Chí Minh",
            "kind": "CV",
            "subject": "tăng cường công tác phòng, chống dịch bệnh",
            "signer": "Dương Anh Đức",
            "signer_title": "Phó Chủ tịch",
            "addressees": [
                "Sở Y tế",
                "Sở Giáo dục và Đào tạo",
                "Ủy ban nhân dân thành phố Thủ Đức và các quận, huyện",
            ],
            "recipients": [
                "Như trên",
                "TTUB: CT, các PCT",
                "VPUB: PCVP/VX",
                "Lưu: VT, (VX/Đ) 12",
            ],
        },
    ),
    "marks of bold print": (
        """**ỦY BAN NHÂN DÂN**
**TỈNH ĐỒNG THÁP**

**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**
**Độc lập - Tự do - Hạnh phúc**

Số: 112/CTr-UBND

*Đồng Tháp, ngày 07 tháng 5 năm 2021*

**CHƯƠNG TRÌNH**
**Hành động thực hiện Nghị quyết số 50/NQ-CP ngày 20/5/2021 của Chính phủ**
""",
        """**Nơi nhận:**
- Như trên;
- Lưu: VT.

**CHỦ TỊCH**

**Phạm Thiện Nghĩa**""",
        {
            "number": "112/CTr-UBND",
            "issued_on": "2021-05-07",
            "issuer": "UBND tỉnh Đồng Tháp",
            "kind": "CTr",
            "subject": (
                "Hành động thực hiện Nghị quyết số 50/NQ-CP ngày 20/5/2021 của Chính phủ"
            ),
            "signer": "Phạm Thiện Nghĩa",
            "signer_title": "Chủ tịch",
            "addressees": [],
            "recipients": [
                "Như trên",
                "Lưu: VT",
            ],
        },
    ),
    "columns with one blank between": (
        """UBND QUẬN CẦU GIẤY CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
PHÒNG GIÁO DỤC VÀ ĐÀO TẠO Độc lập - Tự do - Hạnh phúc
Số: 321/PGDĐT-THCS Cầu Giấy, ngày 11 tháng 10 năm 2022
V/v tổ chức hội thi giáo viên giỏi

Kính gửi: Hiệu trưởng các trường THCS trên địa bàn quận
""",
        """Nơi nhận:
- Như trên;
- UBND quận (để b/c);
- Lưu: VT.
TRƯỞNG PHÒNG


Phạm Ngọc Anh""",
        {
            "number": "321/PGDĐT-THCS",
            "issued_on": "2022-10-11",
            "issuer": "Phòng Giáo dục và Đào tạo quận Cầu Giấy",
            "kind": "CV",
            "subject": "tổ chức hội thi giáo viên giỏi",
            "signer": "Phạm Ngọc Anh",
            "signer_title": "Trưởng phòng",
            "addressees": [
                "Hiệu trưởng các trường THCS trên địa bàn quận",
            ],
            "recipients": [
                "Như trên",
                "UBND quận (để b/c)",
                "Lưu: VT",
            ],
        },
    ),
    "the Government": (
        """CHÍNH PHỦ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 68/NQ-CP
Hà Nội, ngày 12 tháng 5 năm 2020
NGHỊ QUYẾT
BAN HÀNH CHƯƠNG TRÌNH CẮT GIẢM, ĐƠN GIẢN HÓA QUY ĐỊNH LIÊN QUAN ĐẾN HOẠT ĐỘNG KINH DOANH GIAI ĐOẠN 2020 - 2025
CHÍNH PHỦ
""",
        """Nơi nhận:
- Ban Bí thư Trung ương Đảng;
- Lưu: VT, KSTT (2b).
TM. CHÍNH PHỦ
THỦ TƯỚNG


Nguyễn Xuân Phúc""",
        {
            "number": "68/NQ-CP",
            "issued_on": "2020-05-12",
            "issuer": "Chính phủ",
            "kind": "NQ",
            "subject": (
                "BAN HÀNH CHƯƠNG TRÌNH CẮT GIẢM, ĐƠN GIẢN HÓA QUY ĐỊNH LIÊN QUAN ĐẾN HOẠT ĐỘNG "
                "KINH DOANH GIAI ĐOẠN 2020 - 2025"
            ),
            "signer": "Nguyễn Xuân Phúc",
            "signer_title": "Thủ tướng",
            "addressees": [],
            "recipients": [
                "Ban Bí thư Trung ương Đảng",
                "Lưu: VT, KSTT (2b)",
            ],
        },
    ),
    "number and day left open": (
        """UBND TỈNH NGHỆ AN
SỞ GIÁO DỤC VÀ ĐÀO TẠO

Số:       /SGDĐT-VP
V/v rà soát, báo cáo số liệu

CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc

Nghệ An, ngày      tháng 4 năm 2022

Kính gửi: Các phòng GD&ĐT; các trường THPT; các trung tâm GDNN-GDTX
""",
        """Nơi nhận:
- Như kính gửi;
- Lưu VT, VP
KT. GIÁM ĐỐC
PHÓ GIÁM ĐỐC

Nguyễn Văn Khoa""",
        {
            "number": "/SGDĐT-VP",
            "issued_on": None,
            "issuer": "Sở Giáo dục và Đào tạo tỉnh Nghệ An",
            "kind": "CV",
            "subject": "rà soát, báo cáo số liệu",
            "signer": "Nguyễn Văn Khoa",
            "signer_title": "Phó Giám đốc",
            "recipients": [
                "Như kính gửi",
                "Lưu VT, VP",
            ],
        },
    ),
    "a division of a town": (
        """UBND THỊ XÃ HƯƠNG TRÀ
PHÒNG TÀI NGUYÊN VÀ MÔI TRƯỜNG
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 88/TTr-TNMT
Hương Trà, ngày 9 tháng 11 năm 2022
TỜ TRÌNH
V/v phê duyệt kế hoạch sử dụng đất
Kính gửi: Ủy ban nhân dân thị xã Hương Trà
""",
        """Nơi nhận:
- Như trên;
- Lưu: VT.
KT. TRƯỞNG PHÒNG
PHÓ TRƯỞNG PHÒNG
Hoàng Trọng Nghĩa""",
        {
            "number": "88/TTr-TNMT",
            "issued_on": "2022-11-09",
            "issuer": "Phòng Tài nguyên và Môi trường thị xã Hương Trà",
            "kind": "TTr",
            "subject": "phê duyệt kế hoạch sử dụng đất",
            "signer": "Hoàng Trọng Nghĩa",
            "signer_title": "Phó Trưởng phòng",
            "addressees": [
                "Ủy ban nhân dân thị xã Hương Trà",
            ],
            "recipients": [
                "Như trên",
                "Lưu: VT",
            ],
        },
    ),
    "a steering committee": (
        """UBND TỈNH CÀ MAU
BAN CHỈ ĐẠO CHUYỂN ĐỔI SỐ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 03/TB-BCĐ
Cà Mau, ngày 21 tháng 02 năm 2024
THÔNG BÁO
Ý kiến kết luận của đồng chí Trưởng ban Chỉ đạo
tại phiên họp lần thứ nhất năm 2024
""",
        """Nơi nhận:
- Thành viên BCĐ;
- Lưu: VT.
TL. TRƯỞNG BAN
KT. CHÁNH VĂN PHÒNG UBND TỈNH
PHÓ CHÁNH VĂN PHÒNG


Trịnh Minh Hải""",
        {
            "number": "03/TB-BCĐ",
            "issued_on": "2024-02-21",
            "issuer": "Ban Chỉ đạo chuyển đổi số tỉnh Cà Mau",
            "kind": "TB",
            "subject": (
                "Ý kiến kết luận của đồng chí Trưởng ban Chỉ đạo tại phiên họp lần thứ nhất năm "
                "2024"
            ),
            "signer": "Trịnh Minh Hải",
            "signer_title": "Phó Chánh Văn phòng",
            "addressees": [],
            "recipients": [
                "Thành viên BCĐ",
                "Lưu: VT",
            ],
        },
    ),
    "the Government Office": (
        """VĂN PHÒNG CHÍNH PHỦ          CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
                                 Độc lập - Tự do - Hạnh phúc
Số: 1234/VPCP-KSTT
V/v thực hiện nhiệm vụ Chính phủ, Thủ tướng     Hà Nội, ngày 22 tháng 02 năm 2024
Chính phủ giao

Kính gửi: Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ.
""",
        """Nơi nhận:
- Như trên;
- TTgCP, các PTTg (để b/c);
- VPCP: BTCN, các PCN;
- Lưu: VT, KSTT (2).
KT. BỘ TRƯỞNG, CHỦ NHIỆM
PHÓ CHỦ NHIỆM


Nguyễn Duy Hưng""",
        {
            "number": "1234/VPCP-KSTT",
            "issued_on": "2024-02-22",
            "issuer": "Văn phòng Chính phủ",
            "kind": "CV",
            "subject": "thực hiện nhiệm vụ Chính phủ, Thủ tướng Chính phủ giao",
            "signer": "Nguyễn Duy Hưng",
            "signer_title": "Phó Chủ nhiệm",
            "addressees": [
                "Các Bộ, cơ quan ngang Bộ, cơ quan thuộc Chính phủ",
            ],
            "recipients": [
                "Như trên",
                "TTgCP, các PTTg (để b/c)",
                "VPCP: BTCN, các PCN",
                "Lưu: VT, KSTT (2)",
            ],
        },
    ),
    "a directive over two lines": (
        """ỦY BAN NHÂN DÂN
TỈNH LẠNG SƠN
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
Số: 55/CT-UBND
Lạng Sơn, ngày 14 tháng 12 năm 2023
CHỈ THỊ
Về việc tăng cường các biện pháp bảo đảm đón Tết Nguyên đán Giáp Thìn năm 2024
vui tươi, lành mạnh, an toàn, tiết kiệm
""",
        """Nơi nhận:
- Thủ tướng Chính phủ (b/c);
- Các sở, ban, ngành;
- C, PVP UBND tỉnh,
các phòng CM, TTTT;
- Lưu: VT, THNC(NTT).
CHỦ TỊCH
Hồ Tiến Thiệu""",
        {
            "number": "55/CT-UBND",
            "issued_on": "2023-12-14",
            "issuer": "UBND tỉnh Lạng Sơn",
            "kind": "CT",
            "subject": (
                "tăng cường các biện pháp bảo đảm đón Tết Nguyên đán Giáp Thìn năm 2024 vui tươi,"
                " lành mạnh, an toàn, tiết kiệm"
            ),
            "signer": "Hồ Tiến Thiệu",
            "signer_title": "Chủ tịch",
            "addressees": [],
            "recipients": [
                "Thủ tướng Chính phủ (b/c)",
                "Các sở, ban, ngành",
                "C, PVP UBND tỉnh, các phòng CM, TTTT",
                "Lưu: VT, THNC(NTT)",
            ],
        },
    ),
    "an acting head": (
        """UBND TP. HUẾ
PHÒNG VĂN HÓA - THÔNG TIN
Số: 77/VHTT
V/v treo cờ
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
TP. Huế, ngày 30 tháng 8 năm 2024
Kính gửi: - Các cơ quan, đơn vị;
- UBND các phường, xã.
""",
        """Nơi nhận:
- Như trên;
- Lưu: VT.
Q. TRƯỞNG PHÒNG
Trần Thị Bé""",
        {
            "number": "77/VHTT",
            "issued_on": "2024-08-30",
            "issuer": "Phòng Văn hóa - Thông tin thành phố Huế",
            "kind": "CV",
            "subject": "treo cờ",
            "signer": "Trần Thị Bé",
            "signer_title": "Quyền Trưởng phòng",
            "addressees": [
                "Các cơ quan, đơn vị",
                "UBND các phường, xã",
            ],
            "recipients": [
                "Như trên",
                "Lưu: VT",
            ],
        },
    ),
}


def plain(found):
    if isinstance(found, tuple):
        return [each.value for each in found]
    if found is None:
        return None
    return found.value.isoformat() if hasattr(found.value, "isoformat") else str(found.value)


@pytest.mark.parametrize("name", CASES)
def test_the_head_and_the_foot_are_read(name):
    top, foot, expected = CASES[name]

    header = read_header(lay_out(PlainPaper(f"{top}\n{BODY}\n{foot}")))

    assert {field: plain(getattr(header, field)) for field in expected} == expected


@pytest.mark.parametrize("name", CASES)
def test_what_was_read_stands_where_it_says(name):
    top, foot, expected = CASES[name]
    text = f"{top}\n{BODY}\n{foot}"

    header = read_header(lay_out(PlainPaper(text)))

    for found in header.recipients:
        assert found.value.split()[0] in text[found.start : found.end]
    assert header.signer and text[header.signer.start : header.signer.end].strip("*") == expected["signer"]


def test_an_issuer_whose_head_is_lost_is_concluded_and_doubtful():
    text = (
        "Số: 254 /UBND-NV\nVăn Giang, ngày 12 tháng 4 năm 2021\nVề việc nâng cao chỉ số\nKính gửi: Các xã.\n"
        "Ngày 18/3/2021, UBND tỉnh Hưng Yên ban hành Quyết định số 771/QĐ-UBND.\n"
        "Để nâng cao chỉ số, UBND huyện yêu cầu các xã thực hiện./.\n"
    )

    header = read_header(lay_out(PlainPaper(text)))

    assert header.issuer is not None
    assert header.issuer.value == "UBND huyện Văn Giang"
    assert header.issuer.sure < 0.9
    assert header.issuer.why

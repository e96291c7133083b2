"""What a heading or a sentence is about: work to be done, or results, aims, formulas of execution."""

from __future__ import annotations

import re

_BEFORE = r"(?:(?:ve|mot so|nhung|cac|phan|noi dung|cong tac|danh gia chung ve|i+\.) )*"
_NO_WORK = re.compile(
    rf"{_BEFORE}(?:muc dich|(?<!mot so )yeu cau(?: chung| cu the)?(?=[ :.]*$)|muc tieu|"
    rf"quan diem|chi tieu|"
    r"(?:nguon |du toan )?kinh phi|nguon (?:luc|von)|can cu|co so (?:phap ly|chinh tri|thuc tien)|"
    r"pham vi|doi tuong|danh gia|ket qua|tinh hinh|"
    r"ton tai|han che|nguyen nhan|kho khan|thuan loi|uu diem|khuyet diem|nhan xet|bai hoc|thuc trang|"
    r"dac diem|boi canh|"
    r"su can thiet|thoi gian|dia diem|thanh phan|chu de|khau hieu|giai thich|nguyen tac|"
    r"kien nghi(?! (?:bien phap|xu ly|cac bien phap))|"
    r"de xuat, kien nghi|"
    r"hien trang|quy mo|tong kinh phi|dieu kien|tieu chuan|co cau|hinh thuc|nhu cau|ket luan chung|"
    r"thong tin chung|"
    r"dinh huong chung|nhung viec da|da (?:lam|thuc hien)|cong tac da|ly do|du bao|nhan dinh|tam nhin|"
    r"tu ngu|khai niem|ten (?:goi|de an))"
    r"(?![a-z])"
)
_WORK = re.compile(
    r"(?:nhiem vu|giai phap|to chuc thuc hien|to chuc trien khai|phuong huong|phan cong|trien khai|"
    r"noi dung|trach nhiem|y kien|"
    r"cong viec|trong tam|bien phap|cac buoc|tien do thuc hien|lo trinh|hoat dong|chi dao|ket luan|"
    r"thuc hien)"
)
_AHEAD = re.compile(
    r"(?:phuong huong|nhiem vu|giai phap|ke hoach|chuong trinh|trong tam|cong viec|cong tac|noi dung|"
    r"du kien|viec)[a-z0-9 ,/-]*"
    r"(?:thoi gian (?:toi|tiep theo|con lai)|tiep theo|sap toi|toi|cuoi nam|quy (?:i|ii|iii|iv|\d)\b|"
    r"thang \d|nam \d{4}|tuan (?:toi|sau|\d))"
    r"|^(?:cac |mot so )?(?:phuong huong|nhiem vu (?:trong tam|chu yeu)|nhiem vu, giai phap|giai phap)"
)
_BEGINS_RESULT = re.compile(
    rf"{_BEFORE}(?:ket qua|tinh hinh|danh gia|ton tai|han che|kien nghi|de xuat|"
    rf"so lieu|cong tac chi dao)"
)


def heading_says(folded: str, *, report: bool) -> bool | None:
    """Return whether work stands under a heading (folded), None where it does not say.

    In a report only what lies ahead is work (docs/reading.md).
    """
    folded = folded.strip(" .:*")
    if report:
        return bool(_AHEAD.search(folded)) and not _BEGINS_RESULT.match(folded)
    if _NO_WORK.match(folded):
        return False
    return True if _WORK.search(folded) else None


_PREFIX = re.compile(
    rf"{_BEFORE}(?:thoi gian|dia diem|thanh phan|kinh phi|hien trang|quy mo|tong kinh phi|muc dich|"
    rf"muc tieu|doi tuong|pham vi|"
    r"chu tri|chu de|uu diem|han che|ton tai|nguyen nhan|ket qua dat duoc|ly do|can cu|ghi chu|"
    r"noi dung hop|noi dung cuoc hop|khach moi|"
    r"chuong trinh|so luong|trang phuc|phuong tien)[a-z ]{0,30}:"
)


_POINTS_ELSEWHERE = re.compile(
    r"(?:cac|phan cong|noi dung|nhiem vu|cong viec|giai phap|thoi gian|thoi han|tien do|san pham|don vi|"
    r"chu tri|phoi hop|hoan thanh|thuc hien|cu the|chi tiet|va|duoc|neu|quy dinh|giao|trach nhiem|cho|[,\s])+"
    r"(?:tai|theo|trong|o|nhu)(?: cac)? (?:phu luc|bieu|bang|danh muc|phu bieu)[^.;]{0,90}[.;:)/ ]*$|"
    r"(?:(?:cac )?noi dung|chi tiet|so lieu|danh sach|thong tin)[a-z ]{0,40} (?:neu|theo|tai|trong|o|"
    r"kem)[^.;]{0,30}"
    r"(?:phu luc|bieu|danh sach|ke hoach|de an|quy che|van ban)[^.;]{0,80}(?:kem theo|dinh kem|"
    r"gui kem)[^.;]{0,60}[.;)/ ]*$|"
    r"\(?(?:(?:co|theo|kem theo|gui kem|xem|nhu|noi dung|danh sach|so lieu|thong tin|cu the|phu luc|bieu|"
    r"mau)[ ,:]*)*"
    r"(?:chi tiet|cu the|phu luc|danh sach|bieu mau|de cuong|mau|bieu)(?: \w+){0,3}?[ :,]*(?:\w+ ){0,4}?"
    r"(?:tai|theo|nhu|trong|kem|dinh kem|gui kem)[^.;]{0,90}[.;)/ ]*$"
)
"""“(Chi tiết tại Phụ lục kèm theo)”: says where to look, asks for nothing."""
_PAID_BY = re.compile(
    r"(?:nguon )?kinh phi(?: [a-z,]+){0,10}? (?:do|duoc|tu|lay tu|chi tu|trich tu|su dung|thuc hien theo|"
    r"bo tri tu|"
    r"dam bao tu|bao dam tu|can doi tu|nam trong)\b"
)
"""“Kinh phí thực hiện do ngân sách … bảo đảm”."""


def is_no_item(folded: str) -> bool:
    """Tell whether an item only says when, where, who comes or how much: “Thời gian: …”."""
    if _PREFIX.match(folded) or _POINTS_ELSEWHERE.match(folded) or _PAID_BY.match(folded):
        return True
    head, colon, rest = folded[:120].partition(":")
    return bool(
        colon and rest.strip(" ./") in ("khong", "khong co") and heading_says(head, report=False) is False
    )


_FORMULA = re.compile(
    r"^(?:(?:tren day|noi nhan)\b|trong qua trinh (?:to chuc |trien khai |"
    r"to chuc trien khai )*(?:thuc hien|trien khai)|qua trinh (?:thuc hien|trien khai)|"
    r"(?:neu|truong hop) (?:co )?(?:phat sinh |gap )?(?:kho khan|vuong mac|van de|phat sinh)|"
    r"moi (?:vuong mac|thac mac|y kien|chi tiet|thong tin)|thong tin (?:chi tiet|lien he)|"
    r"(?:chi tiet )?xin lien he|"
    r"tran trong|kinh (?:mong|trinh|chuyen|bao cao|moi)|rat mong|xin tran trong|"
    r"(?:quyet dinh|chi thi|ke hoach|thong bao|nghi quyet|quy che|quy dinh) nay (?:co hieu luc|thay the|"
    r"duoc)|"
    r"(?:van phong|uy quyen|thua lenh)[^.]{0,120}(?:thong bao|sao gui)[^.]{0,80}(?:biet|thuc hien)|"
    r"thua lenh |thua uy quyen |"
    r"nhan duoc [^.;]{0,60}nay, (?:de nghi|yeu cau)[^.;]*(?:nghiem tuc|khan truong|trien khai|to chuc)"
    r"[^.;]{0,40}thuc hien|"
    r"(?:de nghi|kinh moi|kinh de nghi|mong|yeu cau)[^.;]{0,90}(?:den du|du hop|tham du|den hop|"
    r"co mat)[^.;]{0,60}"
    r"(?:dung gio|dung thoi gian|dung thanh phan|day du|thanh phan)|"
    r"qua thoi han|bai bo |thay the )"
)
_GENERAL = re.compile(
    r"(?:nghiem tuc|thuc hien nghiem|nghiem|khan truong|quan tam|to chuc|trien khai|thuc hien|chi dao|"
    r"phoi hop|tot|day du|dong bo|kip thoi|quan triet|"
    r"co hieu qua|hieu qua|dung|noi dung|ke hoach|chi thi|cong van|thong bao|quyet dinh|cong dien|"
    r"van ban|huong dan|nay|cac|nhiem vu|tren|neu|tai|"
    r"theo|quy dinh|yeu cau|duoc giao|phan cong|va|cua|ubnd|ub|uy ban nhan dan|huyen|tinh|xa|thanh pho|"
    r"phuong|thi xa|chu tich|cho|"
    r"thoi gian|biet|de|som|cung|mot cach|tich cuc|chu dong|bao dam|dam bao|tien do|chat luong|du|"
    r"va bao cao ket qua theo quy dinh|"
    r"chiu trach nhiem|thi hanh|truoc|phap luat|dam|bao cao|ket luan|noi|dung|thanh phan|sap xep|den du|"
    r"du hop|tham du|xem xet|phe duyet|"
    r"quyet|cho y kien|chap thuan|giai quyet|tinh than|nghi quyet|chuong trinh|de an|quyet liet|toan dien|"
    r"den|lam viec|lich|can cu|chuc nang|nhiem|vu|co lien quan|lien quan|phan|cong|[\s,;.:/()\d-]|kien|"
    r"y|duy|nghi)+$"
)


_CHAIRED = re.compile(
    r"(?:dong chi|d/c|ong|ba)[^.;]{3,90} chu tri (?:hoi nghi|cuoc hop|buoi (?:hop|lam viec|giao ban)|"
    r"phien hop|giao ban)[^.;]{0,60}[.;/ ]*$"
)
"""Who was in the chair of the meeting that a paper tells of."""
_CARRIES_OUT = re.compile(
    r"thi hanh (?:quyet dinh|nghi quyet|thong tu|nghi dinh|ke hoach|chi thi)"
    r"|(?:chiu|co) trach nhiem (?:to chuc |trien khai )*thuc hien (?:quyet dinh|nghi quyet|ke hoach|"
    r"chi thi) nay"
    r"|co ten tai|can cu quyet dinh (?:thi hanh|thuc hien)"
)


def is_formula(folded: str, after: int | None, *, dated: bool) -> bool:
    """Tell whether a sentence is one that closes papers of every kind.

    `after` is where its text goes on behind the units it names; `dated` whether it names a deadline.
    """
    folded = folded.strip()
    if _FORMULA.match(folded):
        return not dated or folded.startswith(
            ("tren day", "tran trong", "qua thoi han", "neu co", "quyet dinh nay", "moi ")
        )
    if not dated and _CHAIRED.match(folded):
        return True
    if not dated and _CARRIES_OUT.search(folded) and re.search(r"chiu trach nhiem|co trach nhiem", folded):
        return True
    if after is None or dated:
        return False
    return bool(_GENERAL.match(folded[after:].strip(" ,;:./")))


_STATEMENT = re.compile(
    r"(?:nhin chung|phe binh|che do [a-z ,]{3,40} thuc hien theo|tuy nhien|ben canh (?:nhung|do)|"
    r"thoi gian qua|trong (?:nhung )?(?:nam|thoi gian|thang) qua|co ban|thong nhat (?!noi dung chi|"
    r"quan ly)|dong y|"
    r"[a-z&, ]{0,60}(?:nhat tri|dong y|thong nhat) (?:voi|chu truong|ve|thong qua)|"
    r"[a-z&, ]{0,80}(?:danh gia cao|ghi nhan|bieu duong|hoan nghenh)|hien nay|qua (?:kiem tra|theo doi|"
    r"ra soat|bao cao)|theo bao cao|"
    r"van con|con (?:mot so|tinh trang|nhieu)|mot so (?:don vi|xa|dia phuong|"
    r"co quan)[a-z ]{0,20}(?:chua|con)|"
    r"(?:du|voi) (?:bao|su)|sau khi nghe|can cu (?:luat|nghi dinh|quyet dinh|thong tu|ke hoach|"
    r"cong van)|cho phep|nhat tri|da |ong |ba |dong chi |"
    r"hoi nghi |cuoc hop |viec [a-z, -]{3,70} (?:co ban|con |chua |da |dung quy dinh)|"
    r"tham du|dien bien|tinh hinh|den nay|nguyen nhan|viec nay|quyet dinh |"
    r"noi dung (?:khac|bao cao gom)|"
    r"\d+ (?:ho|truong hop|van ban|ho so)|tong so|ty le)"
)
_ALREADY = re.compile(
    r"\b(?:da|dat duoc|dat ty le|duoc (?:trien khai|thuc hien|quan tam|nang len|"
    r"chu trong|duy tri)|chua duoc|con cham|con thap)\b"
)


def is_statement(folded: str, *, begins_with_work: bool) -> bool:
    """Tell whether a sentence (folded) tells how things are instead of asking for something."""
    if _STATEMENT.match(folded):
        return True
    return not begins_with_work and bool(_ALREADY.search(folded[:160]))


_ENUMERATES = re.compile(
    r"(?:gom|bao gom|gom co|(?:cac |nhung |mot so )?noi dung (?:chinh |chu yeu |co ban )?(?:sau|nhu sau|"
    r"gom)|(?:cac |theo )?(?:tieu chi|thong tin|tai lieu|thanh phan|mau|bieu)[a-z ]{0,20}(?:sau|nhu sau)?|"
    r"trong do|nhu|noi dung bao cao|noi dung bao cao(?: gom)?|ho so gom|cu the la)\s*:$"
)


def enumerates(folded: str) -> bool:
    """Tell whether a text ends by announcing parts of one thing: “báo cáo các nội dung sau:”."""
    tail = folded.rstrip()
    if re.search(r"(?:ket luan|chi dao|yeu cau|de nghi|y kien)[^.;,]{0,60}:$", tail[-90:]):
        return False
    return (
        bool(
            re.search(
                r"(?:bao cao|ho so|de cuong|danh sach|noi dung|tai lieu)[^.;]{0,80}(?:gom|"
                r"bao gom|nhu sau|sau)\s*:$",
                tail[-140:],
            )
        )
        and not re.search(
            r"(?:thuc hien|trien khai|tap trung|lam tot|giai quyet|chi dao)[a-z ,]{0,30}(?:mot so |cac |"
            r"tot )?(?:noi dung|nhiem vu|viec|cong viec)",
            tail[-140:],
        )
    ) or bool(_ENUMERATES.search(tail[-50:]) and re.search(r"(?:gom|bao gom)\s*:$", tail[-20:]))


_ATTENDS = re.compile(
    r"(?:\bdu (?:hop|hoi nghi|cuoc hop|lam viec|buoi)|tham du|thanh phan|kinh moi|"
    r"tran trong moi|cac ong,? ba|co mat|vang mat|chu toa)[^.;]{0,80}:$"
)


_CONCLUDES = re.compile(r"ket luan|chi dao|yeu cau|y kien|de nghi|thong nhat|nhu sau")


_OF_MEETING = re.compile(r"(?:noi dung|thoi gian|dia diem)[a-z ]{0,20}:")


def tells_of_meeting(folded: str) -> bool:
    """Tell whether a line gives the subject, the time or the place of a meeting: “Thời gian: 14 giờ …”."""
    return bool(_OF_MEETING.match(folded))


def lists_people(folded: str) -> bool:
    """Tell whether a text announces who attends or is invited: “Dự hội nghị có:”."""
    found = _ATTENDS.search(folded.rstrip()[-140:])
    return found is not None and not _CONCLUDES.search(found[0])

"""The columns of a table of work: what a head names, and which cell of a flattened row belongs to which."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.intake.directive.draw import Draw
from tracker.intake.directive.units import read_names
from tracker.intake.directive.verbs import STARTS_WORK

_KINDS = (
    ("number", re.compile(r"(?:stt|tt|so tt|so thu tu|s ?tt)\.?$")),
    ("result", re.compile(
        r".*(?:ket qua dat duoc|da thuc hien|da dat|trang thai|tinh hinh thuc hien|so luong|ty le|"
        r"don vi tinh|so ho so|dung han|tre han|tong so|so tien)"
    )),
    ("with", re.compile(r".*phoi hop")),
    ("time", re.compile(
        r".*(?:thoi gian|thoi han|tien do|thoi diem|han hoan thanh|ngay hoan thanh|^han\b|"
        r"hoan thanh truoc)|hoan thanh$"
    )),
    ("product", re.compile(r".*(?:san pham|dau ra|ket qua|hinh thuc van ban)")),
    ("lead", re.compile(
        r"(?:cac )?(?:co quan|don vi|bo phan|nguoi|can bo|cong chuc|phong,? ban|dia phuong|chu tri)\b"
    )),
    ("content", re.compile(
        r".*(?:noi dung|nhiem vu|cong viec|giai phap|hoat dong|viec can lam|danh muc|tieu chi|viec\b)"
    )),
    ("lead", re.compile(
        r".*(?:chu tri|phu trach|tham muu|dau moi|phan cong|trach nhiem)|thuc hien$|noi thuc hien|"
        r"to chuc thuc hien"
    )),
    ("other", re.compile(
        r".*(?:ghi chu|can cu|kinh phi|nguon|van ban|linh vuc|dia diem|so ky hieu|muc tieu|chi tieu|"
        r"lanh dao)"
    )),
)  # fmt: skip
_PRODUCT = re.compile(
    r"(?:cac )?(?:du thao |ban )?(?:bao cao|ke hoach|quyet dinh|van ban|danh muc|danh sach|to trinh|"
    r"cong van|thong bao|de an|phuong an|"
    r"huong dan|nghi quyet|chuong trinh|chi thi|tai lieu|hoi nghi|quy che|quy trinh|bien ban|ho so|"
    r"de cuong|tin|bai|lop|chuyen muc|cong dien|"
    r"phan mem|co so du lieu|so lieu|so theo doi|bang|bieu|hop dong|giay|\d+%? )\b"
)
_RUNS_ON = re.compile(
    r"(?:thuong xuyen|lien tuc|hang |moi |theo (?:ke hoach|quy dinh|yeu cau|tien do)|"
    r"ca nam|trong nam|quy (?:[ivx]+|\d|nay|sau)\b|thang\b|nam \d|dinh ky|sau khi|khi co|\d{1,2}[/.]\d)"
)


def kind_of(folded: str) -> str | None:
    """Return what a head (folded) names, None where it is no head of a known column."""
    folded = folded.strip(" .:*")
    if not folded or len(folded) > 90:
        return None
    return next((kind for kind, pattern in _KINDS if pattern.match(folded)), None)


def shares_out_work(kinds: Sequence[str]) -> bool:
    """Tell whether a table with these columns gives work to somebody."""
    if "content" not in kinds or "result" in kinds:
        return False
    return "lead" in kinds or "with" in kinds or ("time" in kinds and "product" in kinds)


def fitted(draw: Draw, kinds: Sequence[str], cells: Sequence[tuple[int, int]]) -> list[str]:
    """Return the kind of column of each cell of a row whose empty cells are lost.

    Each step leaves columns out or puts a second line into the same one, at a price; rows are short, so all
    ways are weighed.
    """
    best: list[tuple[float, list[str]] | None] = [None] * len(kinds)
    for place, (start, end) in enumerate(cells):
        scores = [_fit(draw, kind, start, end) for kind in kinds]
        after: list[tuple[float, list[str]] | None] = [None] * len(kinds)
        for column, kind in enumerate(kinds):
            choices: list[tuple[float, list[str]]] = []
            if place == 0:
                choices.append((-sum(_skip(each) for each in kinds[:column]), []))
            else:
                for earlier in range(column + 1):
                    if (before := best[earlier]) is None:
                        continue
                    price = (
                        (0.5 if kind == "content" else 1.2)
                        if earlier == column
                        else sum(_skip(each) for each in kinds[earlier + 1 : column])
                    )
                    choices.append((before[0] - price, before[1]))
            if choices:
                chosen = max(choices, key=lambda each: each[0])
                after[column] = (chosen[0] + scores[column], [*chosen[1], kind])
        best = after
    ways = [
        (way[0] - sum(_skip(each) for each in kinds[column + 1 :]) * 0.5, way[1])
        for column, way in enumerate(best)
        if way
    ]
    return max(ways, key=lambda each: each[0])[1] if ways else ["other"] * len(cells)


def _skip(kind: str) -> float:
    return {"content": 8.0, "lead": 2.0, "time": 1.0}.get(kind, 0.6)


def _fit(draw: Draw, kind: str, start: int, end: int) -> float:
    text, folded = draw.text[start:end], draw.folded[start:end]
    is_time = len(text) < 90 and (bool(_RUNS_ON.match(folded)) or bool(draw.dues(start, end, whole=True)))
    names = read_names(draw.text, start, end)
    is_name = bool(names and not draw.text[names.end : end].strip(" .;,()"))
    if kind == "time":
        return 3.0 if is_time else -3.0
    if is_time:
        return -2.0
    if kind in ("lead", "with"):
        return (
            3.0
            if is_name
            else (
                0.3 if len(text) < 60 and not STARTS_WORK.match(text) and not _PRODUCT.match(folded) else -2.0
            )
        )
    if is_name and kind != "other":
        return -2.0
    if kind == "product":
        return 2.5 if _PRODUCT.match(folded) and len(text) < 120 else 0.2
    if kind == "content":
        return 2.0 if STARTS_WORK.match(text) or len(text) > 60 else 1.0
    return 0.0

"""What a password must not be: too short, or made of what anybody would guess first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracker.rules.text import fold, nfc
from tracker.rules.words import N_
from tracker.rules.workflow import DomainError

LEAST = 10
MOST = 128
"""Characters; an Argon2 hash takes longer texts, but nobody types them."""

DIFFERENT = 5
"""Different characters below which a password is a pattern ("aaaabbbb11")."""

UNGUESSABLE = 4
"""Letters and digits that must be left when the guessable pieces are taken away."""

GUESSED_FIRST = (
    "matkhau", "password", "passw0rd", "quantri", "admin", "vietnam", "dondoc", "chutich", "vanphong", "ubnd",
    "hanoi", "qwerty", "asdfgh", "zxcvbn", "iloveyou", "anhyeuem", "abc123", "123abc", "welcome", "letmein",
)  # fmt: skip

RUNS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")


class WeakPassword(DomainError):
    """The password is too easy to guess, or does not fit the form."""


def require_good_password(password: str, *, about: Iterable[str] = ()) -> None:
    """Raise `WeakPassword` for a password that is too short, too long or obvious.

    `about` is what others know of the person: login, name, unit. A password that is little more than these,
    a year, a run of keys or a word that is guessed first is obvious.
    """
    password = nfc(password)
    if len(password) < LEAST:
        raise WeakPassword(N_("Mật khẩu phải có ít nhất %(least)s ký tự."), least=LEAST)
    if len(password) > MOST:
        raise WeakPassword(N_("Mật khẩu dài quá %(most)s ký tự. Hãy rút gọn."), most=MOST)
    if len(set(password)) < DIFFERENT or len(set(_unguessable(password, about))) < UNGUESSABLE:
        raise WeakPassword(
            N_("Mật khẩu này dễ đoán. Đừng dùng tên, năm, dãy phím liền nhau. Hãy ghép vài từ khác nghĩa.")
        )


def _unguessable(password: str, about: Iterable[str]) -> str:
    rest = _bare(password)
    known = {_bare(text) for text in about}
    known |= {word for text in about for word in re.split(r"[^a-z0-9]+", fold(text)) if len(word) > 2}
    for piece in sorted(known | set(GUESSED_FIRST), key=len, reverse=True):
        if len(piece) > 2:
            rest = rest.replace(piece, " ")
    rest = re.sub(r"(19|20)\d\d", " ", rest)
    for run in RUNS:
        for keys in (run, run[::-1]):
            for length in range(len(keys), 2, -1):
                for start in range(len(keys) - length + 1):
                    rest = rest.replace(keys[start : start + length], " ")
    return rest.replace(" ", "")


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))

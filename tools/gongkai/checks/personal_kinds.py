"""The kinds of personal information, a place in a text that holds one, and how it is masked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gongkai.model.lazily import lazily


class Kind(StrEnum):
    """What was found. The first seven are numbers that identify a person; the others are statements about one."""

    IDENTITY = "identity"
    MISTYPED = "mistyped"
    PERMIT = "permit"
    PASSPORT = "passport"
    BANK = "bank"
    MOBILE = "mobile"
    PLATE = "plate"
    HOME = "home"
    HARDSHIP_LIST = "hardship_list"
    HARDSHIP = "hardship"
    CHILD = "child"


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text that hold personal information of one kind.

    `is_contact`: a mobile number that the text gives as one to call. `birth`: the year of birth where it is known.
    """

    start: int
    end: int
    kind: Kind
    is_contact: bool = False
    age: int | None = None
    birth: int | None = None


_KEPT: dict[Kind, tuple[int, int]] = {
    Kind.IDENTITY: (6, 4), Kind.MISTYPED: (6, 4), Kind.PERMIT: (1, 2), Kind.PASSPORT: (1, 2),
    Kind.BANK: (4, 4), Kind.MOBILE: (3, 4), Kind.PLATE: (2, 2),
}  # fmt: skip
"""How many characters at either end stay: 138****1234, 350102********1234 (the shapes official lists use)."""
_STRICT: dict[Kind, tuple[int, int]] = {Kind.IDENTITY: (2, 3), Kind.MISTYPED: (2, 3), Kind.BANK: (2, 3)}
"""Reports show less: 35*************123."""
_SIGN = lazily(r"[^\W_]|[×✕]")
_DETAIL = lazily(r"[0-9一二三四五六七八九十百]+")


def masked(words: str, kind: Kind, *, strict: bool = False) -> str:
    """The words with stars in the middle, of the same length; spaces and hyphens between the groups stay."""
    if kind is Kind.HOME:
        return _DETAIL.sub(lambda m: "*" * len(m[0]), words)
    if kind not in _KEPT:
        return masked_name(words)
    head, tail = (strict and _STRICT.get(kind)) or _KEPT[kind]
    signs = [m.start() for m in _SIGN.finditer(words)]
    if kind is Kind.MOBILE and len(signs) > 11:
        head += len(signs) - 11  # +86 stays
    hidden = set(signs[head : len(signs) - tail])
    return "".join("*" if n in hidden else c for n, c in enumerate(words))


def masked_name(name: str) -> str:
    """A name of which only the family name stays: 张*, 欧阳*."""
    kept = 2 if name[:2] in COMPOUND else 1
    return name[:kept] + "*" * (len(name) - kept)


COMPOUND = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "夏侯",
        "轩辕",
        "端木",
        "独孤",
        "南宫",
        "西门",
        "澹台",
        "拓跋",
        "呼延",
        "闻人",
        "百里",
    ]
)

"""One telephone or account under two people in one list is suspect (客户信息资料真实性管理实施细则 第7条, domain A.6 7.4)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain

from gongkai.checks.passages import Text
from gongkai.checks.personal_kinds import Kind, masked, masked_name
from gongkai.checks.personal_names import is_name
from gongkai.checks.personal_text import Cell, Reading, Table
from gongkai.checks.portal import Portal
from gongkai.checks.scanned import scanned
from gongkai.model.finding import Hit
from gongkai.model.item import Item
from gongkai.model.lazily import lazily
from gongkai.model.message import msg

MOST = 10
_PEOPLE = lazily(r"姓名|姓 ?\u3000?名|户主|户名|申请人|持卡人|学生")
_PHONES = lazily(r"电话|手机|联系方式")
_ACCOUNTS = lazily(r"卡号|[账帐][号户]|存折|一卡通")
_SHOWN = lazily(r"[0-9](?:[0-9*＊xX×-]|\\\*){6,30}")


def same_number(item: Item, portal: Portal) -> Iterable[Hit]:
    """The second and later places of a number that stands under different names in one table."""
    texts = [t for t, _ in scanned(item, portal) if "|" in t.text or "\t" in t.text]
    if not texts:
        return ()
    return chain.from_iterable(_in_text(text) for text in texts if _has_heads(text.text))


def _has_heads(text: str) -> bool:
    """Whether a text holds the words for a head of names and for one of numbers: to read tables takes much longer."""
    return bool(_PEOPLE.search(text) and (_PHONES.search(text) or _ACCOUNTS.search(text)))


def _in_text(text: Text) -> Iterator[Hit]:
    for table in Reading(text.text).tables:
        for pattern, kind in ((_PHONES, Kind.MOBILE), (_ACCOUNTS, Kind.BANK)):
            yield from _in_column(text, table, table.column(pattern), kind)


def _in_column(text: Text, table: Table, column: int | None, kind: Kind) -> Iterator[Hit]:
    names = table.column(_PEOPLE)
    if column is None or names is None:
        return
    first: dict[str, tuple[str, Cell]] = {}
    twice = []
    for row in table.rows:
        name, cell = table.cell(row, names), table.cell(row, column)
        number = _number(cell.words) if cell else ""
        if name is not None and cell is not None and number and is_name(name.words, hidden=True):
            whose, at = first.setdefault(number, (name.words, cell))
            if whose != name.words:
                twice.append((number, name.words, cell, whose, at))
    for count, (number, name_, cell, whose, at) in enumerate(twice[:MOST], 1):
        left = len(twice) - MOST if count == MOST else 0
        holes = {
            "masked": number if "*" in number else masked(number, kind, strict=True),
            "name": masked_name(name_), "other": masked_name(whose), "place": _place(text, at.start),
            "more": msg("; {count} more like it follow here", count=left) if left > 0 else "",
        }  # fmt: skip
        yield Hit(text.place(cell.start), holes, text.passage(cell.start).field)


def _place(text: Text, offset: int) -> str:
    """Where the first of the two stands: the spot in an attachment, or line and column of the item's file."""
    place, spot = text.place(offset), text.passage(offset).spot
    return f"{place.path} {spot}" if spot else f"{place.path}:{place.line}:{place.column}"


@lru_cache(maxsize=4096)
def _number(words: str) -> str:
    """The cell's one number with seven digits or more to be seen, masks made alike; empty for none."""
    bare = words.replace("\\*", "*").replace("＊", "*").replace(" ", "")
    match = _SHOWN.fullmatch(bare)
    if match is None or sum(c.isdigit() for c in bare) < 7:
        return ""
    return re.sub(r"[xX×]", "*", bare).replace("-", "")

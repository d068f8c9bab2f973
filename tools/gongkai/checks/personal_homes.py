"""Where somebody lives, below township or street: house number, group of a village, flat.

Lists may name the township or street only (domain B.8: 家庭住址公开到乡镇、街道一级).
"""

from __future__ import annotations

from collections.abc import Iterator

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_text import Reading, Table
from gongkai.checks.personal_words import HOMES
from gongkai.model.lazily import lazily

_DETAIL = lazily(
    r"[0-9一二三四五六七八九十百]+ ?(?:号楼?|弄|栋|幢|座|室|单元|[村居]民小?组|小?组(?![织成合建])|社(?![区会])|队(?![伍员])|户|屯|巷)"
    r"|门牌|[一-鿿]屯(?=[0-9]|$)"
)
_LABEL = lazily(
    r"(?:家庭住?[地住]址|现?住址|户籍(?:地址|所在地|地)?|居住地址?|户口所在地|常住地址|家住|现住)(?:[:：为在是]|\s)*([^。；;，,（(|\t\n\x1e]{4,60})"
)
_HEAD = lazily(r"住址|家庭地址|户籍|居住地|户口所在地")
_FLAT = lazily(
    r"[0-9]{1,3}(?:号楼|栋|幢|座|#) ?(?:[0-9]{1,2}|[一二三四五六七八九])单元 ?[0-9]{3,4}(?:室|号|户|房)?"
)


def find_homes(reading: Reading) -> Iterator[Span]:
    """Addresses of persons with house, group or flat: after a word for a home, under such a head, or a flat as such."""
    if reading.seen.isdisjoint(HOMES):
        return
    taken = [m.span(1) for m in _LABEL.finditer(reading.text) if _DETAIL.search(m[1])]
    for table in reading.tables:
        taken += _column(table)
    taken += [m.span() for m in _FLAT.finditer(reading.text)]
    after = -1
    for start, end in sorted(taken):
        if start >= after:
            yield Span(start, end, Kind.HOME)
            after = end


def _column(table: Table) -> list[tuple[int, int]]:
    column = table.column(_HEAD)
    cells = (table.cell(row, column) for row in table.rows)
    return [(cell.start, cell.end) for cell in cells if cell is not None and _DETAIL.search(cell.words)]

"""Identity numbers: residents' (18 and 15 digits), residence permits of Hong Kong, Macao and Taiwan, foreigners'.

GB 11643-1999 for the digits (area, birth date, order, check digit); python-stdnum knows the areas and does the sum.
The card of a foreigner with permanent residence is numbered likewise since 2023: 9, province, country, birth, order, check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_runs import Run
from gongkai.checks.personal_text import Reading
from gongkai.model.lazily import lazily

YEARS = range(1900, 2036)
"""Birth years that a living person can have; no clock is asked, so that the same bytes mean the same."""
PROVINCES = frozenset(
    str(n)
    for group in ((11, 16), (21, 24), (31, 38), (41, 47), (50, 55), (61, 66), (71, 72))
    for n in range(*group)
)
_PERMIT_AREAS = frozenset({"810000", "820000", "830000"})
_SHAPE = lazily(r"(?=([1-9][0-9]{5}(?:19|20)[0-9]{9}[0-9Xx×✕]))")
_OLD = lazily(r"(?=([1-7][0-9]{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}))")
_X = str.maketrans("x×✕", "XXX")
_NAMED = lazily(r"身份证|身份号|证件号|身份信息|居住证|居留|ID ?(?:card|number)", re.IGNORECASE)
_OTHER = lazily(
    r"信用代码|机构代码|登记号|注册号|执照|税号|纳税|识别号|编号|文号|序列|流水|单号|条码|条形码|索引|案号|项目|工单|受理|批号|批次|"
    r"许可|备案|代码|串号|IMEI|凭证|票号|标识码|订单|合同",
    re.IGNORECASE,
)
OLD_GROUPS = {(15,), (6, 6, 3), (6, 2, 2, 2, 3)}


def find_identity(reading: Reading, run: Run) -> Iterator[Span]:
    """The identity numbers among the digits of one run, written in one piece or in groups."""
    after = -1
    for first, last, digits in (*run.matches(_SHAPE), *run.matches(_OLD)):
        start, end = run.groups[first][0], run.groups[last][1]
        if start < after or not _stands_alone(reading.text, start, end) or reading.in_address(start, end):
            continue
        kind = _kind(reading, start, digits.translate(_X), run.sizes(first, last))
        if kind is not None:
            yield Span(start, end, kind)
            after = end
    yield from _glued(reading, run)


def _glued(reading: Reading, run: Run) -> Iterator[Span]:
    """A number to which another was pasted: the first or the last 18 digits of a longer piece."""
    for start, end in run.groups:
        if 18 < end - start <= 40:
            for first in (start, end - 18):
                if is_resident(run.text[first : first + 18].upper()) and not reading.in_address(start, end):
                    yield Span(first, first + 18, Kind.IDENTITY)


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Not a part of a longer string of letters and digits; a short word of letters may lead ("ID1101…")."""
    if text[end : end + 1].isascii() and text[end : end + 1].isalnum() and text[end - 1].isdigit():
        return False
    head = re.search(r"[0-9A-Za-z]*\Z", text[max(0, start - 8) : start])
    return head is None or re.fullmatch(r"[A-Za-z]{0,6}", head[0]) is not None


def _kind(reading: Reading, start: int, digits: str, groups: tuple[int, ...]) -> Kind | None:
    named, other = said(reading.label(start))
    if len(digits) == 15:
        return Kind.IDENTITY if groups in OLD_GROUPS and not other and _is_old(digits) else None
    if other and not (is_resident(digits) and digits[6:8] == "19"):
        return None  # many a project's number holds an area and a day of this century
    if is_resident(digits, trusting=named):
        return Kind.IDENTITY
    if is_permit(digits) and (named or digits[0] != "9" or not _is_bodys(digits)):
        return Kind.PERMIT
    return Kind.MISTYPED if named else None


def said(label: str) -> tuple[bool, bool]:
    """Whether the words before a number call it an identity number, and whether they call it something else.

    Of two words the nearer one counts.
    """
    own = max((m.end() for m in _NAMED.finditer(label)), default=-1)
    other = max((m.end() for m in _OTHER.finditer(label)), default=-1)
    return own > other, other > own


def is_resident(digits: str, *, trusting: bool = False) -> bool:
    """Whether 18 characters are a resident's number: check digit, a day that was, an area that was.

    `trusting`: the words before it call it one, so that an area missing in the table (of its province) will do.
    """
    born = _birth(digits[6:14])
    if born is None or digits[-1] != _check_digit(digits) or digits[:2] not in PROVINCES:
        return False
    ended = _area_ended(digits[:6])
    return (trusting and ended == 0) or ended >= born.year - 2


def is_permit(digits: str) -> bool:
    """Whether 18 characters are a residence permit of Hong Kong, Macao or Taiwan, or a foreigner's card of 2023 on."""
    if _birth(digits[6:14]) is None or digits[-1] != _check_digit(digits):
        return False
    return digits[:6] in _PERMIT_AREAS or (digits[0] == "9" and digits[1:3] in PROVINCES)


def _is_old(digits: str) -> bool:
    return _birth(f"19{digits[6:12]}") is not None and _area_ended(digits[:6]) >= 1984


def _birth(digits: str) -> date | None:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
    return born if born.year in YEARS else None


# python-stdnum is imported where a number is looked at: a check that meets none starts a tenth quicker without it.


def _is_bodys(digits: str) -> bool:
    """Whether it is the unified social credit code of an organisation."""
    from stdnum.cn import uscc

    return bool(uscc.is_valid(digits))


def _check_digit(digits: str) -> str:
    from stdnum.cn import ric

    return str(ric.calc_check_digit(digits))


@lru_cache(maxsize=8192)
def _area_ended(code: str) -> int:
    """The last year in which the area's code was given out: 9999 for one in use, 0 for one that never was."""
    from stdnum import numdb

    names = [props["county"] for _, props in numdb.get("cn/loc").info(code) if "county" in props]
    ends = [re.match(r"\[\d*-(\d*)\]", part) for name in names for part in name.split(",")]
    return max((int(m[1]) if m and m[1] else 9999 for m in ends), default=0)

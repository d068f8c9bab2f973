"""Bank cards and accounts of persons: Luhn's sum, the issuer's range, and words that speak of an account.

A body's own account (户名：……局, 对公, 非税, 保证金) is no personal information.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_names import is_name
from gongkai.checks.personal_runs import Run
from gongkai.checks.personal_text import Reading
from gongkai.model.lazily import lazily

_ISSUERS = lazily(
    r"62\d{14,17}"  # UnionPay
    r"|(?:9558|9559)\d{15}|436742\d{13}|436745\d{10}"  # cards of the big banks from before UnionPay's range
    r"|60(?:1382|1428|2907|2969|3\d\d\d)\d{10,13}|68(?:4\d|58|70)\d{12,15}|69(?:07|58)\d{12,15}"
    r"|(?:94|98|90|87|84)\d{14,17}"  # city banks
    r"|4\d{15}|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|35(?:2[89]|[3-8]\d)\d{12}|3[47]\d{13}"
)
_ACCOUNT = lazily(
    r"卡号|[账帐][号户]|开户|银行|存折|一卡通|一折通|信用社|农商|农信|[工农中建交]行|邮储|户名|打卡|储蓄|借记|信用卡|收款|"
    r"\b(?:card|account|bank)\b",
    re.IGNORECASE,
)
_HEAD = lazily(r"卡号|[账帐][号户]|存折|一卡通")
_PEOPLE = lazily(r"姓名|户主|户名|申请人|持卡人|人员|对象|名单")
_NO_ACCOUNT = lazily(
    r"编号|文号|条码|条形码|索引号|信用代码|识别号|单号|流水|案号|项目|批号|序列|受理|电话|手机|传真"
)
_PUBLIC = lazily(
    r"对公|非税|财政专户|零余额|国库|基本存?款?户|保证金|单位账[户号]|专用账户|缴款|收款单位|"
    r"(?:户 ?名|账户名称|收款人|开户名称|单位名称|全 ?称)[:：\s]*[^\s，,；;。|]{2,30}?"
    r"(?:局|公司|中心|委员会|委|厅|院|所|政府|学校|大学|中学|小学|财政|协会|学会|基金会|站|总队|支队|办公室|村民委员会|合作社|工会)"
    r"(?![一-鿿])"
)
_SIZES = ((4, 4, 4, 4), (4, 4, 4, 3), (4, 6, 5), (6, 13), (6, 10), *((4, 4, 4, 4, n) for n in range(1, 5)))


def find_accounts(reading: Reading, run: Run) -> Iterator[Span]:
    """The bank cards among the digits of one run; in a list of people also other accounts under their head."""
    after = -1
    for first, last in _written(run):
        start, end = run.groups[first][0], run.groups[last][1]
        digits = run.digits(first, last)
        if (
            start >= after
            and digits.isdigit()
            and (_is_card(reading, start, end, digits) or _is_listed(reading, start))
        ):
            if reading.in_address(start, end) or _is_public(reading, start, end):
                continue
            yield Span(start, end, Kind.BANK)
            after = end


def _written(run: Run) -> Iterator[tuple[int, int]]:
    """Groups that may be one number: a piece of 12 to 21 digits, or the groups that cards are printed in and no more."""
    sizes = run.sizes(0, len(run.groups) - 1)
    for first, size in enumerate(sizes):
        if 12 <= size <= 21:
            yield first, first
        elif size in (4, 6):
            for shape in _SIZES:
                last = first + len(shape) - 1
                if sizes[first : last + 1] == shape and run.gap(last + 1) != run.gap(last):
                    yield first, last


def _is_card(reading: Reading, start: int, end: int, digits: str) -> bool:
    if _ISSUERS.fullmatch(digits) is None or not _is_luhn(digits):
        return False
    before, after = reading.label(start, 40), reading.after(end, 20)
    own = max((m.end() for m in _ACCOUNT.finditer(before)), default=-1)
    other = max((m.end() for m in _NO_ACCOUNT.finditer(before)), default=-1)
    found = reading.row_at(start)
    in_row = found is not None and any(_ACCOUNT.search(c.words) for c in found[1])
    return own > other or (other < 0 and (in_row or _ACCOUNT.search(after) is not None))


def _is_luhn(digits: str) -> bool:
    from stdnum import luhn  # its head takes a tenth of a quick command's time

    return bool(luhn.is_valid(digits))


def _is_listed(reading: Reading, start: int) -> bool:
    """Under the head of an account column in a table whose column of names holds people."""
    found = reading.row_at(start)
    if found is None or not _HEAD.search(reading.header(start)):
        return False
    table, row = found
    name = table.cell(row, table.column(_PEOPLE))
    return name is not None and is_name(name.words, hidden=True)


def _is_public(reading: Reading, start: int, end: int) -> bool:
    """Whether the account is a body's: its holder's name stands in the same row, or in the words around."""
    found = reading.row_at(start)
    if found is not None:
        table, row = found
        holder = table.cell(row, table.column(re.compile(r"户名|账户名称|收款|单位|企业|名称")))
        words = f"户名：{holder.words}" if holder else ""
        return _PUBLIC.search(f"{words} {' '.join(table.head)} {reading.line(start)}") is not None
    around = f"{reading.text[max(0, start - 120) : start]} {reading.text[end : end + 80]}"
    return _PUBLIC.search(around) is not None

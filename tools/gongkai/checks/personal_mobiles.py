"""Mobile telephone numbers: 1[3-9] and nine digits, in one piece or 3-4-4, with +86 or a 0 before; not a part of more."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_runs import Run
from gongkai.checks.personal_text import Reading
from gongkai.model.lazily import lazily

_MOBILE = lazily(r"(?:00?86|86|0)?(1[3-9]\d{9})")
_SIZES = {(3, 4, 4), (3, 8), (7, 4), (3, 3, 5), (3, 5, 3), (4, 4, 3)}
_PHONE = lazily(
    r"电话|手机|联系|热线|拨打|来电|致电|微信|支付宝|传真|移动号码|短信|tel|phone|mobile|☎|📞|📱",
    re.IGNORECASE,
)
_CONTACT = lazily(
    r"联系(?:人|电话|方式|号码)|咨询|监督|举报|值班|热线|服务电话|报名|投诉|经办|办公电话|受理电话|对接|客服|应急电话|报修|责任人|负责人"
)
_DUTY = lazily(r"职务|岗位|单位|部门|科室|机构|河长|林长|网格|值班|责任人|站点|负责")
_OTHER = lazily(
    r"(?:编号|序号|索引号?|项目|订单|合同|工单|受理号?|登记号|注册号|备案号?|批号|批次|条码|条形码|编码|代码|流水号?|文号|证书|证号|"
    r"许可证?|QQ|学号|货号|单号|票号|票据号?|凭证|案号|件号|型号|图号|ICP|准考证|考号|档案号|版本|账[号户]|金额|共计|合计|总额|人民币|￥|¥|ISBN|"
    r"标识码|识别号)[号码为是:：#\s\w.（(-]{0,4}\Z",
    re.IGNORECASE,
)
_LANDLINE = lazily(r"(?<![0-9])0[0-9]{2,3}[- ]?[0-9]{7,8}[ \u3000]\Z")
_UNIT = lazily(
    r"\s{0,2}(?:[万亿千百]?[元吨人户个次台套件张册亩]|[万亿千百]|%|％|公里|平方|立方|米|千瓦|美元|港元|号(?!码))"
)


def find_mobiles(reading: Reading, run: Run) -> Iterator[Span]:
    """The mobile numbers among the digits of one run."""
    groups = run.groups
    for first, (start, end) in enumerate(groups):
        match = _MOBILE.fullmatch(run.text, start, end)
        if match is not None:
            if _is_mobile(reading, run, first, first):
                yield _span(reading, match.start(1), end)
            continue
        for last in (first + 1, first + 2):
            if last >= len(groups):
                break
            sizes = tuple(b - a for a, b in groups[first : last + 1])
            if (
                sizes in _SIZES
                and _MOBILE.fullmatch(run.digits(first, last))
                and _is_mobile(reading, run, first, last)
            ):
                yield _span(reading, start, groups[last][1])
                break


def _span(reading: Reading, start: int, end: int) -> Span:
    return Span(start, end, Kind.MOBILE, is_contact=_is_contact(reading, start))


def _is_contact(reading: Reading, start: int) -> bool:
    """Whether the text gives the number as one to call: a named contact, or a list of duties."""
    found = reading.row_at(start)
    if found is not None and found[0].head:
        return any(_DUTY.search(words) for words in found[0].head)
    return _CONTACT.search(reading.before(start, 30)) is not None


def _is_mobile(reading: Reading, run: Run, first: int, last: int) -> bool:
    start, end = run.groups[first][0], run.groups[last][1]
    text = reading.text
    if end < len(text) and text[end].isascii() and (text[end].isalnum() or text[end] == "*"):
        return False
    if start and text[start - 1].isascii() and (text[start - 1].isalnum() or text[start - 1] in "*$"):
        return False
    if reading.in_address(start, end):
        return False
    label = reading.label(start, 16)
    if _PHONE.search(label):
        return True
    if _OTHER.search(reading.before(start, 16)) or _OTHER.search(reading.header(start)):
        return False
    return _UNIT.match(text, end) is None and _is_apart(run, first, last)


def _is_number(run: Run, group: int) -> bool:
    return _MOBILE.fullmatch(run.digits(group, group)) is not None


def _is_apart(run: Run, first: int, last: int) -> bool:
    """Whether what stands beside the number is another number, not more of the same: a space between, or a country code.

    A number in groups must have no more groups beside it; of a table of figures, three columns look like a number.
    """
    if _LANDLINE.search(run.text, max(0, run.groups[first][0] - 16), run.groups[first][0]):
        return True
    before = run.gap(first).strip(" \u00a0\u3000\u2002\u2003\u2009")
    after = run.gap(last + 1).strip(" \u00a0\u3000\u2002\u2003\u2009") if last + 1 < len(run.groups) else ""
    code = first > 0 and run.digits(first - 1, first - 1) in {"86", "0086", "0"}
    if first == last:
        return (not before or code or _is_number(run, first - 1)) and (not after or _is_number(run, last + 1))
    alone = first == 0 or code or _MOBILE.fullmatch(run.digits(max(0, first - 3), first - 1)) is not None
    ended = last + 1 == len(run.groups) or _MOBILE.fullmatch(run.digits(last + 1, last + 3)) is not None
    return alone and ended

"""The marks of papers that are not for the public, told from the ordinary words for secrets.

What carries a mark: 绝密、机密、秘密 with a star or a period (保守国家秘密法 第20, 22条), 份号, 内部 papers, letterheads of
non-open telegrams. What only speaks of secrets (商业秘密, 国家秘密, 不得公开 in a law's sentence) carries none: a word counts
where it stands as a mark stands, that is alone on its line at the head, in brackets, or in a set phrase.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gongkai.checks.passages import Text
from gongkai.checks.wording_list import QUOTES
from gongkai.model.lazily import lazily

_S = "[ \u3000]{0,4}"
_PERIOD = rf"{_S}(?:(?:\d{{1,2}}|[一二三四五六七八九十]{{1,3}}){_S}(?:年|个月|月|日|天)|长期|启用前|解密前)"
_GRADED = lazily(rf"[绝机秘]{_S}密{_S}(?:[★☆⭐✩✪✫✬✭✮✯✰＊﹡]{_S}(?:{_PERIOD})?|\*{_PERIOD})")
_GRADE = lazily(rf"密{_S}级(?:[和及与、]?保密期限)?{_S}[:：|\t]{_S}\**[绝机秘]{_S}密")
_ALONE = lazily(rf"(?:[绝机秘]{_S}密|机密级|绝密级|秘密级){_S}(?:{_PERIOD})?")
_FORMULA = lazily(
    r"内部(?:资料|文件|材料|刊物|参考|情况|使用|掌握|传阅|发行)[ \u3000，,、；;。！!·—-]{0,3}"
    r"(?:注意保[存管密]|妥善保[管存]|严禁外传|不得外传|请勿外传|切勿外传|勿外传|严禁翻印|不得翻印|不得公开|不得上网|阅后)"
)
_ONCE_READ = lazily("阅后(?:收回|退回|销毁|即焚)")
_THIS_PAPER = lazily(
    "[此本](?:件|文件|材料)(?:内容|信息)?(?:严禁|不得|请勿|切勿|禁止)(?:外传|翻印|复印|上网|公开|对外)"
)
_INNER = lazily(
    "(?:仅供|限|供)?内部(?:资料|文件|材料|使用|参考|传阅|掌握|刊物)|不[得宜]公开|注意保[存密]|不得外传|请勿外传|严禁外传"
    "|工作秘密"
)
_HINT = lazily("内部资料(?!性)|仅供内部(?:使用|参考|传阅)")
_NOT_OPEN = lazily(
    r"此件(?:不予公开|不公开|不宜公开|依申请公开|不登报|发至[^）)\n]{1,16}|限[^）)\n]{0,10}阅)"
    r"|公开(?:属性|方式|选项|形式|类别)[ \u3000]{0,4}[:：][ \u3000]{0,4}(?:不予公开|不公开|依申请公开)"
)
_COPY = lazily(r"份[ \u3000]{0,4}号[ \u3000]{0,4}[:：]?[ \u3000]{0,4}(?:№|No\.?)?[ \u3000]{0,2}\d{4,6}(?!\d)")
_SIX = lazily(r"(?:\A|\n)[ \u3000#*>№]{0,4}(0\d{5})[ \u3000*]{0,4}(?=\n|\Z)")
_LETTERHEAD = lazily(
    r"[^\n，。；：、]{0,24}(?:内部明电|内部传真电报|内部传真|密码电报|机要电报|密电|内部情况通报|内部参阅|内部参考|信访专报|舆情专报"
    r"|要情专报|呈批件|送阅件|签报)"
)
_BEGINNINGS = """
绝密 机密 秘密 密级 密码电 密电 内部 阅后 此件 此文件 此材料 本件 本文件 本材料 公开属性 公开方式 公开选项 公开形式 公开类别 份号
注意保 不得公 不宜公 不得外 请勿外 严禁外 仅供内 限内部 供内部 工作秘密 机要电 信访专 舆情专 要情专 呈批件 送阅件 签报
"""
LITERALS = (
    *((word, "secrecy") for word in _BEGINNINGS.split()),
    *((first + gap, "secrecy") for first in "绝机秘密份内" for gap in " \u3000"),
)
"""What stands at the beginning of each place that could be a mark; marks are often written with gaps (机　密)."""
_REST = lazily("[^\n\x1e]{0,30}")
_DRESS = " \u3000#*>|【】（）()[]〔〕《》_-—·.。！!：:"
_OPEN, _CLOSE = "【（([〔〈《", "】）)]〕〉》"
HEAD = 400
"""So many characters from the beginning of a passage are its head, where marks stand."""
SHORT = 60
"""A mark that stands alone has no more characters than these before or after it on its line."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark found: the code of its rule, and where it stands."""

    code: str
    start: int
    end: int


def marks(text: Text, starts: Iterable[int]) -> Iterator[Mark]:
    """The marks of a text in their order; of two that overlap the first. `starts`: where its `LITERALS` begin."""
    last = -1
    for start in starts:
        if start >= last:
            found = _judged(text, start)
            if found is not None:
                last = found.end
                yield found
    yield from _six_digits(text)


def _judged(text: Text, at: int) -> Mark | None:
    whole = text.text
    first = whole[at]
    for signs, code, pattern in _ANYWHERE:
        match = pattern.match(whole, at) if first in signs else None
        if match:
            return None if _quoted(whole, at, match.end()) else Mark(code, at, match.end())
    index = bisect_right(text.starts, at) - 1
    in_head = at - text.starts[index] < HEAD and (text.own or "!" not in text.passage(at).spot)
    bare = _line(whole, at)
    alone = _ALONE.match(whole, at) if in_head else None
    if alone and (_ALONE.fullmatch(bare) or _bracketed(whole, at, alone.end())):
        return Mark("SEC101", at, alone.end())
    if in_head and _LETTERHEAD.fullmatch(_closed_up(bare)):
        rest = _REST.match(whole, at)
        return Mark("SEC106", at, rest.end() if rest else at)
    return _inner(whole, at, bare)


def _inner(whole: str, at: int, bare: str) -> Mark | None:
    """内部资料 and its like: alone on a line or in brackets it is a mark, in a sentence it is worth a look."""
    inner = _INNER.match(whole, at)
    if inner and (_INNER.fullmatch(bare) or _bracketed(whole, at, inner.end())):
        return Mark("SEC102", at, inner.end())
    hint = _HINT.match(whole, at)
    if hint and not _quoted(whole, at, hint.end()):
        return Mark("SEC104", at, hint.end())
    return None


_ANYWHERE = (
    ("绝机秘", "SEC101", _GRADED),
    ("密", "SEC101", _GRADE),
    ("内", "SEC102", _FORMULA),
    ("阅", "SEC102", _ONCE_READ),
    ("此公", "SEC103", _NOT_OPEN),
    ("此本", "SEC102", _THIS_PAPER),
    ("份", "SEC105", _COPY),
)
"""What each begins with, the code, the pattern."""


def _six_digits(text: Text) -> Iterator[Mark]:
    """000001 alone on one of the first lines of the text or of a file: the copy number of a paper (份号)."""
    last = len(text.pieces) - 1
    for index in range(max(last, 0) if text.own else 0, last + 1):
        piece = text.pieces[index]
        match = _SIX.search(piece, 0, 120) if piece.find("0", 0, 120) >= 0 else None
        if match and ((passage := text.passage(text.starts[index])).field == "body" or passage.spot):
            start = text.starts[index]
            yield Mark("SEC105", start + match.start(1), start + match.end(1))


def _line(whole: str, at: int) -> str:
    """The short line that holds a character, without brackets, stars and heading signs around it; empty for a long one."""
    first, last = max(0, at - SHORT), at + SHORT
    start = max(whole.rfind("\n", first, at), whole.rfind("\x1e", first, at))
    ends = [e for e in (whole.find("\n", at, last), whole.find("\x1e", at, last)) if e >= 0]
    if (start < 0 < first) or (not ends and last < len(whole)):
        return ""
    return whole[start + 1 : min(ends, default=len(whole))].strip(_DRESS)


def _closed_up(line: str) -> str:
    """A letterhead is often written with spaces between its characters."""
    return line.replace(" ", "").replace("\u3000", "")


def _bracketed(whole: str, start: int, end: int) -> bool:
    before, after = whole[start - 1 : start], whole[end : end + 1]
    return bool(before and after) and before in _OPEN and _CLOSE.find(after) == _OPEN.find(before)


def _quoted(whole: str, start: int, end: int) -> bool:
    """Between quotation marks a mark is being spoken of."""
    after = whole[end : end + 1]
    return bool(after) and QUOTES.get(whole[start - 1 : start]) == after

"""A labelled set of sentences for the PRV rules: numbers made by their algorithms, in contexts for and against; fixed seed.

    python tests/bench/personal_set.py      prints precision and recall of each kind (docs/guard.md, section PRV)

Each sentence says which kinds it holds, and which characters; whatever else is found counts against precision.
"""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import stdnum.cn
from stdnum import luhn
from stdnum.cn import ric, uscc

from gongkai.checks.personal_find import find

SEED = 20260302
Labels = tuple[tuple[str, str], ...]
FAMILY, GIVEN = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩",
    "伟芳娜敏静丽强磊军洋勇艳杰涛明超秀霞平刚桂英华玉兰",
)
TAILS = ("", "。", "，请核实。", "（已登记）", "；其他略。", " ")


@dataclass(frozen=True)
class Sentence:
    """A text and the (kind, characters) that it holds."""

    text: str
    labels: Labels = ()


def areas() -> list[str]:
    """County codes that are given out today, from python-stdnum's table."""
    table = Path(stdnum.cn.__file__).with_name("loc.dat").read_text(encoding="utf-8")
    found, province = [], ""
    for line in table.splitlines():
        if re.match(r"\d\d ", line):
            province = line[:2]
        elif (match := re.match(r' +(\d{4}) county="(?!\[\d*-\d)', line)) and not match[1].endswith("00"):
            found.append(province + match[1])
    return found


class Maker:
    """Makes numbers; the same seed gives the same ones."""

    def __init__(self, seed: int = SEED) -> None:
        self.rng = random.Random(seed)
        self.areas = areas()

    def pick(self, choices):
        return self.rng.choice(choices)

    def digits(self, count: int) -> str:
        return "".join(self.pick("0123456789") for _ in range(count))

    def day(self, first=1930, last=2020) -> str:
        return f"{self.rng.randint(first, last)}{self.rng.randint(1, 12):02d}{self.rng.randint(1, 28):02d}"

    def identity(self, area: str = "", day: str = "") -> str:
        body = (area or self.pick(self.areas)) + (day or self.day()) + self.digits(3)
        return body + ric.calc_check_digit(body + "0")

    def old(self) -> str:
        return self.pick(self.areas) + self.day(1930, 1985)[2:] + self.digits(3)

    def foreigner(self) -> str:
        body = (
            "9"
            + self.pick(self.areas)[:2]
            + self.pick(("840", "826", "392", "410", "250", "276"))
            + self.day()
            + self.digits(3)
        )
        return body + ric.calc_check_digit(body + "0")

    def mobile(self) -> str:
        return "1" + self.pick("3456789") + self.digits(9)

    def card(self) -> str:
        head, size = self.pick(
            (
                ("622202", 19),
                ("621700", 19),
                ("622848", 19),
                ("621661", 19),
                ("622588", 16),
                ("625965", 16),
                ("436742", 19),
            )
        )
        body = head + self.digits(size - len(head) - 1)
        return body + luhn.calc_check_digit(body)

    def credit_code(self, *, digits: bool = False) -> str:
        head = self.pick(("11", "12", "51", "91", "92")) + self.pick(self.areas)
        tail = (
            self.digits(9) if digits else self.digits(1) + self.pick("ABCDEFGHJKLMNPQRTUWXY") + self.digits(7)
        )
        code = head + tail
        return code + uscc.calc_check_digit(code + "0")

    def name(self) -> str:
        return self.pick(FAMILY) + "".join(self.pick(GIVEN) for _ in range(self.rng.randint(1, 2)))

    def plate(self) -> str:
        return (
            self.pick("京津沪渝冀豫云辽黑湘皖鲁")
            + self.pick("ABCDE")
            + self.pick(("", "·"))
            + self.pick("ABC")
            + self.digits(4)
        )


def wide(text: str) -> str:
    """Full-width digits and letters."""
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text)


def grouped(text: str, sizes: tuple[int, ...], gap: str) -> str:
    """The characters in groups."""
    parts, at = [], 0
    for size in sizes:
        parts.append(text[at : at + size])
        at += size
    return gap.join([*parts, text[at:]] if at < len(text) else parts)


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]], tabs: bool) -> str:
    """A table as Markdown, or as an attachment's lines of tabs."""
    if tabs:
        return "\n".join("\t".join(row) for row in (heads, *rows))
    lines = [heads, tuple("---" for _ in heads), *rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in lines)


ID_FRAMES = (
    "身份证号：{}",
    "公民身份号码{}",
    "{n}，男，身份证号码为{}，住云渡市",
    "经查，{n}（{}）已办理登记",
    "申请人{n} {}",
    "{}",
    "证件号码:{}",
    "现将{n}（身份证号：{}）的申请予以公告",
    "ID{}",
    "兹有{n}同志，{}，系我局职工",
    "附：{n}-{}",
    "{n}{}",
    "【{}】{n}",
    "编制：{n}，身份证{}",
)
PHONE_FRAMES = (
    "手机：{}",
    "电话{}",
    "{n}{}",
    "请拨打{}找{n}",
    "{n}，{}",
    "（{}）",
    "微信同号{}",
    "[电话](tel:{})",
    "{n} {}",
    "车主{n}的手机号是{}",
    "Tel: {}",
    "{}",
    "司机{n}：{}",
    "0591-8765432 {}",
    "收件人{n}，{}",
)
CONTACT_FRAMES = (
    "联系人：{n}，{}",
    "联系电话：{}",
    "咨询电话 {}（工作时间）",
    "值班电话：{}",
    "联系人{n} {}",
    "监督电话：{}",
)
CARD_FRAMES = (
    "卡号：{}",
    "{n}的银行卡{}",
    "开户行：中国工商银行云渡支行，账号{}",
    "请汇至{n}账户 {}",
    "农行卡 {}，户名{n}",
    "银行账号为：{}",
)


def identities(m: Maker) -> Iterator[Sentence]:
    """Residents' numbers, 18 and 15 digits, in all the ways people write them."""
    forms: tuple[Callable[[str], str], ...] = (
        str,
        str,
        str,
        str.lower,
        wide,
        lambda v: v.replace("X", "×"),
        lambda v: grouped(v, (6, 8, 4), " "),
        lambda v: grouped(v, (6, 4, 4, 4), " "),
        lambda v: grouped(v, (6, 8, 4), "-"),
        lambda v: grouped(v, (6, 4, 2, 2, 4), "\u3000"),
        lambda v: v[:10] + "\u200b" + v[10:],
    )
    for n in range(560):
        value = forms[n % len(forms)](m.identity())
        yield framed(m, ID_FRAMES[n % len(ID_FRAMES)], value, "identity")
    for n in range(140):
        yield framed(
            m, ("身份证号：{}", "{n}，{}", "公民身份号码{}", "{}", "证件号：{}")[n % 5], m.old(), "identity"
        )
    for n in range(60):
        value, name = m.identity(), m.name()
        rows = [(str(k), m.name(), "合格", m.pick(("3", "12", "480"))) for k in range(2)] + [
            ("3", name, value, "1")
        ]
        yield Sentence(table(("序号", "姓名", "身份证号", "数量"), rows, n % 2 == 0), (("identity", value),))
    for _ in range(60):
        value = m.identity()
        wrong = value[:-1] + m.pick([c for c in "0123456789X" if c != value[-1]])
        yield framed(m, "身份证号：{}", wrong, "mistyped")


def permits(m: Maker) -> Iterator[Sentence]:
    """Residence permits, travel permits, foreigners' cards, passports."""
    for n in range(70):
        yield framed(
            m,
            ("居住证号码：{}", "{n} {}", "港澳台居民居住证{}")[n % 3],
            m.identity(m.pick(("810000", "820000", "830000"))),
            "permit",
        )
    for n in range(70):
        yield framed(
            m,
            ("外国人永久居留身份证号码：{}", "证件号码：{}", "永久居留身份证 {}")[n % 3],
            m.foreigner(),
            "permit",
        )
    for _ in range(40):
        yield framed(m, "港澳居民来往内地通行证号码：{}", m.pick("HM") + m.digits(8), "permit")
        yield framed(m, "台胞证号{}", "0" + m.digits(7), "permit")
        yield framed(
            m,
            "外国人永久居留证{}",
            m.pick(("CAN", "GBR", "JPN")) + m.pick(m.areas)[:4] + m.day()[2:] + m.digits(2),
            "permit",
        )
    for n in range(80):
        yield framed(
            m,
            ("护照号：{}", "持中国护照（{}）", "passport No. {}")[n % 3],
            m.pick(("E", "G", "EA", "EB")) + m.digits(8)[:8],
            "passport",
        )


def mobiles(m: Maker) -> Iterator[Sentence]:
    """Mobile numbers."""
    forms: tuple[Callable[[str], str], ...] = (
        str,
        str,
        str,
        lambda v: grouped(v, (3, 4), " "),
        lambda v: grouped(v, (3, 4), "-"),
        wide,
        lambda v: grouped(v, (3, 4), "."),
        lambda v: grouped(v, (3, 4), "\u3000"),
    )
    heads = ("", "", "+86 ", "+86-", "86", "0086", "0", "(+86)")
    for n in range(640):
        bare = forms[n % len(forms)](m.mobile())
        head = heads[(n // 7) % len(heads)] if bare.isascii() and bare.isdigit() else ""
        frame = PHONE_FRAMES[n % len(PHONE_FRAMES)]
        yield framed(m, frame.replace("{}", head + "{}"), bare, "mobile")
    for n in range(120):
        yield framed(m, CONTACT_FRAMES[n % len(CONTACT_FRAMES)], forms[n % 5](m.mobile()), "mobile")
    for _ in range(40):
        a, b = m.mobile(), m.mobile()
        yield Sentence(f"手机{a}、{b}{m.pick(TAILS)}", (("mobile", a), ("mobile", b)))
    for n in range(60):
        a, b = m.mobile(), m.mobile()
        rows = [(m.name(), a), (m.name(), b)]
        yield Sentence(table(("姓名", "手机号码"), rows, n % 2 == 0), (("mobile", a), ("mobile", b)))


def accounts(m: Maker) -> Iterator[Sentence]:
    """Bank cards of persons."""
    forms: tuple[Callable[[str], str], ...] = (str, str, lambda v: grouped(v, (4, 4, 4, 4), " "), wide)
    for n in range(220):
        yield framed(m, CARD_FRAMES[n % len(CARD_FRAMES)], forms[n % 4](m.card()), "bank")
    for n in range(50):
        value = m.card()
        yield Sentence(
            table(("姓名", "金额", "银行账号"), [(m.name(), "300", value)], n % 2 == 0), (("bank", value),)
        )
    for n in range(30):
        value = "8" + m.digits(14)
        yield Sentence(
            table(("户主", "补贴", "存折账号"), [(m.name(), "300", value)], n % 2 == 0), (("bank", value),)
        )


def statements(m: Maker) -> Iterator[Sentence]:
    """Plates, homes, hardship, children."""
    for n in range(100):
        yield framed(m, ("车牌号：{}", "驾驶{}小型客车", "号牌{}", "{}超限")[n % 4], m.plate(), "plate")
    places = (
        "云渡市听澜街道潮声路{}号{}栋{}单元50{}室",
        "云渡市归帆镇双螺村{}组{}号",
        "听澜街道灯塔巷{}弄{}号{}0{}室",
        "归帆镇望潮村民小组{}号",
    )
    for n in range(100):
        place = re.sub(r"\{\}", lambda _: str(m.rng.randint(1, 9)), places[n % 3])
        yield framed(m, ("家庭住址：{}", "住址：{}", "户籍地址：{}", "现住{}")[n % 4], place, "home")
    for n in range(80):
        name = m.name()
        frame = (
            "村民{}因患尿毒症申请临时救助",
            "低保户{}，女，62岁",
            "学生{}（家庭困难）领取补助",
            "患者{}住院期间",
            "残疾人{}一家三口",
        )[n % 5]
        yield Sentence(frame.format(name), (("hardship", name),))
    for n in range(80):
        names = [m.name(), m.name()]
        rows = [(str(k), name, m.pick(("因病", "残疾", "低保"))) for k, name in enumerate(names, 1)]
        yield Sentence(
            table(("序号", "姓名", "困难原因"), rows, n % 2 == 0), tuple(("hardship_list", v) for v in names)
        )
    for n in range(80):
        name, age = m.name(), m.rng.randint(3, 13)
        if n % 2:
            yield Sentence(f"儿童{name}，男，{age}岁", (("child", name),))
        else:
            yield Sentence(
                table(("姓名", "年龄", "学校"), [(name, str(age), "潮声路学校")], n % 4 == 0),
                (("child", name),),
            )


def framed(m: Maker, frame: str, value: str, kind: str) -> Sentence:
    """The value in a sentence, with a name where the frame asks for one."""
    return Sentence(frame.replace("{n}", m.name()).replace("{}", value) + m.pick(TAILS), ((kind, value),))


def innocent(m: Maker) -> Iterator[Sentence]:
    """What must not be found: numbers that are no person's, masks, addresses of offices, talk of hardship as such."""
    for _ in range(60):
        yield from map(Sentence, _numbers_of_bodies(m))
    for _ in range(40):
        yield from map(Sentence, _figures(m))
    for _ in range(40):
        yield from map(Sentence, _masks(m))
    yield from map(Sentence, _talk())


def _numbers_of_bodies(m: Maker) -> tuple[str, ...]:
    account = m.card()
    return (
        f"统一社会信用代码：{m.credit_code(digits=True)}",
        f"（{m.credit_code()}）云渡市潮声航运有限公司",
        m.credit_code(digits=True),
        f"项目编号：{m.identity(day=m.day(2015, 2020))}",
        f"受理编号{m.mobile()}",
        f"索引号：{m.mobile()}",
        f"条形码 69{m.digits(11)}",
        f"订单号{m.digits(19)}",
        f"工商注册号：{m.pick(m.areas)}{m.day()[2:]}{m.digits(3)}",
        f"户名：云渡市潮汐管理局，账号：{account}",
        f"收款单位：云渡市财政局非税收入专户 开户行：云渡银行 账号 {account}",
        f"履约保证金缴至对公账户{account}",
        f"流水号{account}",
        f"https://www.yundu.example/{m.identity()}/{m.mobile()}.html",
        f"见www.yundu.example/art/{m.mobile()}",
        f"{m.mobile()}@tide.yundu.example",
        f"邮箱：{m.mobile()}@yundu.example",
        f"云潮许〔2026〕{m.digits(3)}号",
        f"批次号{m.digits(15)}",
        f"案号：{m.identity(day=m.day(2015, 2020))}",
    )


def _figures(m: Maker) -> tuple[str, ...]:
    value = m.identity()
    wrong = value[:-1] + m.pick([c for c in "0123456789" if c != value[-1]])
    return (
        f"共计{m.mobile()}元",
        f"总投资1{m.digits(10)}.50元",
        f"产值{m.mobile()}万元",
        f"{m.digits(3)} {m.digits(4)} 138 1234 5678 {m.digits(4)}",
        f"咨询电话：0591-87{m.digits(6)}",
        f"电话：0591-87{m.digits(6)}、010-66{m.digits(6)}",
        f"咨询电话：84{m.digits(6)}84{m.digits(6)}",
        f"监控编号 {wrong}",
        wrong,
        f"99{value[2:]}",
        value[:10] + "13" + value[12:],
        f"坐标118.{m.digits(11)}，24.{m.digits(11)}",
        f"照片2021{m.rng.randint(10, 12)}02{m.digits(6)}.jpg",
        f"sha256：ab{m.digits(12)}f{m.digits(9)}c",
        f"服务热线400{m.digits(7)}",
        f"IMEI：35{m.digits(13)}",
        f"| {m.digits(4)} | {m.digits(5)} | {m.digits(6)} |",
        f"传真 0000-555{m.digits(4)}",
        f"编码{m.digits(20)}",
        f"尾号{m.digits(4)}",
        f"{m.digits(6)}-{m.digits(4)}-{m.digits(3)}",
    )


def _masks(m: Maker) -> tuple[str, ...]:
    phone, value, card, name = m.mobile(), m.identity(), m.card(), m.name()
    star = r"\*" * 4
    return (
        f"手机{phone[:3]}****{phone[7:]}",
        f"身份证号{value[:2]}*************{value[-3:]}",
        f"{value[:6]}********{value[-4:]}",
        f"身份证号：{value[:4]}**********{value[-4:]}",
        f"电话{phone[:3]}{star}{phone[7:]}",
        f"{phone[:3]}XXXX{phone[7:]}",
        f"账号{card[:4]}***********{card[-4:]}",
        f"身份证号{value[:-4]}****",
        f"困难学生{name[0]}某某",
        f"身份证{value[:6]}××××××××{value[-4:]}",
        table(
            ("姓名", "身份证号", "困难原因"),
            [(name[0] + "*", f"{value[:6]}********{value[-4:]}", "因病")],
            tabs=True,
        ),
        table(
            ("户主", "银行账号", "低保金额"),
            [(name[0] + r"\*\*", f"{card[:4]}****{card[-4:]}", "600")],
            tabs=False,
        ),
        table(("单位", "户名", "账号"), [("云渡市渡口管理站", "云渡市渡口管理站", m.card())], tabs=True),
    )


def _talk() -> tuple[str, ...]:
    return (
        "对困难群众、特困人员、残疾人和孤儿实施救助，因病致贫的优先。",
        "办公地址：云渡市听澜街道潮声路12号3楼305室。",
        "年满14周岁以上的学生可以报名。",
        "云渡市潮汐管理局地址：听澜街道灯塔路3号。",
        "患者应当凭医嘱就诊，住院费用按规定报销。",
        "户籍所在地为本市的居民可以申请。",
        "现年62岁的老船长说。",
        "低保户、特困户、残疾人家庭凭证乘船免费。",
        "渡口3单元水泵检修。",
        "住址不公开。",
        "居住地公安机关出具证明。",
        "学生票价半价，6岁以下免票。",
        "京A类车、沪C类车分别管理。",
        "沿海A12345航段",
        "护照、通行证等证件可以购票。",
        "持台胞证的旅客20260301起可以购票。",
        "港澳居民办理时限为20260302前。",
    )


def sentences(seed: int = SEED) -> list[Sentence]:
    """The whole set, always the same for the same seed."""
    m = Maker(seed)
    return [s for make in (identities, permits, mobiles, accounts, statements, innocent) for s in make(m)]


def measure(rows: list[Sentence]) -> tuple[dict[str, Counter[str]], list[str]]:
    """Right, missed and false findings by kind, and the sentences that went wrong."""
    score: dict[str, Counter[str]] = {}
    wrong = []
    for row in rows:
        found = [(str(s.kind), row.text[s.start : s.end].strip()) for s in find(row.text)]
        for kind, value in row.labels:
            hit = next((f for f in found if f[0] == kind and f[1] == value), None)
            if hit is not None:
                found.remove(hit)
            score.setdefault(kind, Counter())["right" if hit else "missed"] += 1
            if hit is None:
                wrong.append(f"missed {kind}: {row.text!r}, found {found}")
        for kind, value in found:
            score.setdefault(kind, Counter())["false"] += 1
            wrong.append(f"false {kind} {value!r}: {row.text!r}")
    return score, wrong


def lines(score: dict[str, Counter[str]]) -> Iterator[str]:
    """The table of precision and recall."""
    yield "| kind | labelled | found right | missed | false | precision | recall |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, n in score.items():
        right, missed, false = n["right"], n["missed"], n["false"]
        precision = right / (right + false) if right + false else 1
        recall = right / (right + missed) if right + missed else 1
        yield f"| {kind} | {right + missed} | {right} | {missed} | {false} | {precision:.1%} | {recall:.1%} |"


if __name__ == "__main__":
    everything = sentences()
    tally, faults = measure(everything)
    bare = sum(not s.labels for s in everything)
    sys.stdout.write(f"{len(everything)} sentences, {bare} of them without personal information\n")
    sys.stdout.write("\n".join(lines(tally)) + "\n")
    sys.stderr.write("\n".join(faults[: int(sys.argv[1]) if len(sys.argv) > 1 else 20]) + "\n")

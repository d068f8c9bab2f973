"""What is said of a named person: illness or hardship, an age under fourteen.

个人信息保护法 第28条: health and the data of children under 14 are sensitive; 第31条: a guardian consents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gongkai.checks.personal_kinds import Kind, Span
from gongkai.checks.personal_names import IN_PROSE, NAME, is_name
from gongkai.checks.personal_text import Cell, Reading, Table
from gongkai.checks.personal_words import CARE, YOUNG
from gongkai.model.lazily import lazily

NAME_HEADS = lazily(r"姓\s*名|户主|申请人|救助对象|保障对象|受助人|患者|幼儿|^学生$|儿童")
_LISTED = lazily(
    r"低保|最低生活保障|特困|困难(?:家庭|学生|职工|群众|户|党员|残疾|类型|原因)|贫困|残疾|孤儿|无人抚养|"
    r"医疗救助|临时救助|大病|患病|病种|疾病|慢性?病|住院|病历|救助(?:原因|对象|金|名单)|致[贫困]|因病"
)
_BESIDE = lazily(
    r"低保|特困|困难|贫困|残疾|孤儿|患(?!者)|因病|重病|大病|癌|肿瘤|白血病|尿毒症|精神[病障]|艾滋|住院|瘫痪|救助"
)
_TOLD = lazily(
    rf"(?:村民|居民|学生|患者|市民|职工|户主|申请人|低保户|贫困户|困难户|特困人员|残疾人|孤儿|救助对象|病人)[:：]?({IN_PROSE})"
    r"(?=[，、（(。；\s]|因|患|家|同志|同学|一家|等|住院|在|于)"
    r"([^。；\n|\t]{0,30})"
)
_AFTER = lazily(
    r"患|因病|重病|大病|癌|肿瘤|白血病|尿毒症|精神[病障]|艾滋|残疾|低保|特困|孤儿|瘫痪|家庭困难|生活困难|经济困难|救助"
)
_BEFORE = lazily(r"患者|低保户|贫困户|困难户|特困人员|残疾人|孤儿|救助对象|病人")
_AGE = lazily(
    rf"(?:^|(?<=[^一-鿿])|(?<=[童生儿孩子女民]))(?!(?<=[儿女男幼学孩])童)({NAME})[，,（( ]{{0,2}}(?:男|女)?"
    r"[，,、 ]{0,2}(?:现年|今年|年仅|年龄)?[:： ]?"
    r"(?<![0-9])([0-9]|1[0-3])周?岁"
)
_AGES = lazily(r"年龄|周岁")
_BORN = lazily(r"出生|生日")
_CLASS = lazily(r"幼儿|儿童|(?:小|中|大)班|[一二三四五六1-6]年级|小学")
_YEAR = lazily(r"((?:19|20)\d\d)")


def find_people(reading: Reading) -> Iterator[Span]:
    """Hardship or illness beside a full name, in lists and in sentences; children under fourteen."""
    care, young = not reading.seen.isdisjoint(CARE), not reading.seen.isdisjoint(YOUNG)
    if care or young:
        named = reading.has_tables and NAME_HEADS.search(reading.text)
        lists = [t for t in reading.tables if t.column(NAME_HEADS) is not None] if named else []
        for table in lists:
            if care:
                yield from _hardship_list(table)
            if young:
                yield from _young_list(table)
    if care:
        yield from _told(reading.text)
    if "岁" in reading.seen:
        for match in _AGE.finditer(reading.text):
            yield Span(*match.span(1), Kind.CHILD, age=int(match[2]))


def full_names(table: Table) -> Iterator[tuple[tuple[Cell, ...], Cell]]:
    """The rows of a table of people, with the cell of the full name."""
    column = table.column(NAME_HEADS)
    for row in table.rows:
        cell = table.cell(row, column)
        if cell is not None and is_name(cell.words):
            yield row, cell


def _hardship_list(table: Table) -> Iterator[Span]:
    """Full names where caption, a head or the row itself names a hardship."""
    by_head = _LISTED.search(f"{table.above} {' '.join(table.head)}") is not None
    for row, cell in full_names(table):
        if by_head or any(_BESIDE.search(c.words) for c in row if c is not cell):
            yield Span(cell.start, cell.end, Kind.HARDSHIP_LIST)


def _told(text: str) -> Iterator[Span]:
    for match in _TOLD.finditer(text):
        if _BEFORE.match(match[0]) or _AFTER.search(match[2]):
            yield Span(*match.span(1), Kind.HARDSHIP)


def _young_list(table: Table) -> Iterator[Span]:
    ages, born = table.column(_AGES), table.column(_BORN)
    pupils = _CLASS.search(f"{table.above} {' '.join(table.head)}") is not None
    for row, cell in full_names(table):
        age, birth = table.cell(row, ages), table.cell(row, born)
        if age is not None and re.fullmatch(r"(?:[0-9]|1[0-3])(?:周?岁)?", age.words):
            yield Span(cell.start, cell.end, Kind.CHILD, age=int(re.sub(r"\D", "", age.words)))
        elif birth is not None and (year := _YEAR.search(birth.words)):
            yield Span(cell.start, cell.end, Kind.CHILD, birth=int(year[1]))
        elif pupils or any(_CLASS.search(c.words) for c in row if c is not cell):
            yield Span(cell.start, cell.end, Kind.CHILD)

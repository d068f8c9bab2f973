"""A text as the personal-information detectors read it: digits folded, the words before a number, the head of its column."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

from gongkai.checks.personal_words import FOLDED, HIDDEN, seen
from gongkai.model.lazily import lazily

_PLAIN = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-+.@*()"
_FOLD = str.maketrans({chr(ord(c) + 0xFEE0): c for c in _PLAIN} | dict.fromkeys(HIDDEN, "\u2009"))
GAP = (
    " \u00a0\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u3000"
    "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00b7._-"
)
"""What people put between the groups of a number: spaces, hyphens and dashes, dots; each by itself, the hyphen last."""
_STOPS = lazily(r"[。；;！!？?\n\t|\x1e]")
_ASCII = lazily(r"[!-~]*")
_TAIL = lazily(r"[!-~]*\Z")
_SPLIT_PIPE = lazily(r"(?<!\\)\|")
_HEADS = frozenset(
    [
        "序号",
        "姓名",
        "户主",
        "户名",
        "电话",
        "手机",
        "手机号",
        "联系电话",
        "身份证号",
        "身份证号码",
        "证件号码",
        "银行账号",
        "卡号",
        "账号",
        "性别",
        "单位",
        "住址",
        "备注",
        "金额",
    ]
)
HEADS = 6
"""A header stands within so many first lines of a sheet; titles may stand above it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: where it stands in the text, and its words without the spaces around."""

    start: int
    end: int
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    """Lines of cells that follow each other; `head` are the words of the header, empty when none was seen.

    `above` is the line before the table: its caption.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    above: str

    def column(self, pattern: re.Pattern[str]) -> int | None:
        """The first column whose head matches."""
        return next((n for n, words in enumerate(self.head) if pattern.search(words)), None)

    def cell(self, row: tuple[Cell, ...], column: int | None) -> Cell | None:
        """The row's cell in that column; None for none, or for an empty one."""
        if column is None or column >= len(row) or not row[column].words:
            return None
        return row[column]


class Reading:
    """One text with what surrounds a place in it; tables are looked for only when asked for.

    Full-width digits and letters are made plain, character by character, so that offsets stay. `seen`: the words in it that
    make a closer look worth while; `words` are those, where another look told already.
    """

    def __init__(self, raw: str, words: frozenset[str] | None = None) -> None:
        self.seen = seen(raw) if words is None else words
        self.text = raw if self.seen.isdisjoint(FOLDED) else raw.translate(_FOLD)

    def before(self, at: int, width: int = 24) -> str:
        """The words before `at` in the same sentence and cell, at most `width` characters."""
        words = self.text[max(0, at - width) : at]
        return _STOPS.split(words)[-1]

    def after(self, at: int, width: int = 24) -> str:
        """The words after `at` in the same sentence and cell."""
        return _STOPS.split(self.text[at : at + width], maxsplit=1)[0]

    def line(self, at: int) -> str:
        """The whole line that holds `at`."""
        start = self.text.rfind("\n", 0, at) + 1
        end = self.text.find("\n", at)
        return self.text[start : end if end >= 0 else len(self.text)]

    def header(self, at: int) -> str:
        """The head of the column that holds `at`; empty outside tables."""
        found = self.row_at(at)
        if found is None:
            return ""
        table, row = found
        column = bisect_right([cell.start for cell in row], at) - 1
        return table.head[column] if 0 <= column < len(table.head) else ""

    def label(self, at: int, width: int = 24) -> str:
        """What names the thing at `at`: the head of its column, and the words before it."""
        return f"{self.header(at)} {self.before(at, width)}"

    def row_at(self, at: int) -> tuple[Table, tuple[Cell, ...]] | None:
        """The table and its row that hold `at`."""
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return None
        table, row = self._rows[index]
        return (table, row) if at <= row[-1].end else None

    def in_address(self, start: int, end: int) -> bool:
        """Whether the characters are part of a web address, or of what stands before the @ of an e-mail address."""
        if not self._has_addresses:
            return False
        tail = _TAIL.search(self.text, max(0, start - 300), start)
        left = tail[0] if tail else ""
        ahead = _ASCII.match(self.text, end)
        right = ahead[0] if ahead else ""
        return "://" in left or "www." in left or re.match(r"[\w.+-]*@[\w-]+\.", right) is not None

    @cached_property
    def _has_addresses(self) -> bool:
        return "://" in self.text or "www." in self.text or "@" in self.text

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The tables of the text: Markdown's, with bars, and those of attachments, with tabs."""
        return tuple(_tables(self.text)) if self.has_tables else ()

    @cached_property
    def has_tables(self) -> bool:
        """Whether there is a sign that parts cells."""
        return "|" in self.text or "\t" in self.text

    @cached_property
    def _rows(self) -> list[tuple[Table, tuple[Cell, ...]]]:
        return [(table, row) for table in self.tables for row in table.rows]

    @cached_property
    def _starts(self) -> list[int]:
        return [row[0].start for _, row in self._rows]


def _tables(text: str) -> list[Table]:
    found: list[Table] = []
    block: list[tuple[Cell, ...]] = []
    at, above, bars = 0, "", False
    for line in text.split("\n"):
        cells = _cells(line, at)
        if block and (not cells or bars != line.lstrip().startswith("|") or _is_next(block, cells)):
            found.append(_table(block, above))
            block = []
        if cells:
            bars = line.lstrip().startswith("|")
            block.append(cells)
        elif line.strip():
            above = line.strip()
        at += len(line) + 1
    if block:
        found.append(_table(block, above))
    return found


def _is_next(block: list[tuple[Cell, ...]], cells: tuple[Cell, ...]) -> bool:
    """Whether another table begins here: the rows of an attachment's sheets follow each other without a line between."""
    return len(block) >= HEADS and sum(cell.words in _HEADS for cell in cells[:4]) > 1


def _cells(line: str, at: int) -> tuple[Cell, ...]:
    if line.lstrip().startswith("|"):
        inner = [m.end() for m in _SPLIT_PIPE.finditer(line)]
        ends = [n - 1 for n in inner[1:]] + ([len(line)] if line[inner[-1] :].strip() else [])
        return tuple(_cell(line, at, a, b) for a, b in zip(inner, ends, strict=False))
    if "\t" not in line:
        return ()
    cells, start = [], 0
    for part in line.rstrip("\x1e").split("\t"):
        cells.append(_cell(line, at, start, start + len(part)))
        start += len(part) + 1
    return tuple(cells)


def _cell(line: str, at: int, start: int, end: int) -> Cell:
    return Cell(at + start, at + end, line[start:end].strip())


def _table(block: list[tuple[Cell, ...]], above: str) -> Table:
    """The header is the first line of two cells or more that holds no long number; what stands above it is title."""
    for n, row in enumerate(block[:HEADS]):
        words = [cell.words for cell in row]
        if sum(map(bool, words)) > 1 and not any(re.search(r"[0-9*]{4}", w) for w in words):
            titles = " ".join(cell.words for line in block[:n] for cell in line if cell.words)
            return Table(tuple(words), tuple(block[n + 1 :]) or tuple(block), f"{above} {titles}".strip())
    return Table((), tuple(block), above)

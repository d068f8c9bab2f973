"""Title, number and date of an official document, found in its text (GB/T 9704): proposals, never facts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from gongkai.intake.dates import find_dates
from gongkai.intake.prepare import Line

HEAD = 25
_NUMBER = re.compile(
    r"([\u4e00-\u9fffA-Z]{1,20})\s*[〔\[（(【［﹝]\s*((?:19|20)\d{2})\s*[〕\]）)】］﹞]\s*(?:第\s*)?0*(\d{1,5})\s*号"
)
_LETTERHEAD = re.compile(r"(?:文件|公报|会议纪要|签发人.*)\s*\Z")
_ASIDE = re.compile(r"\A[（(].*[）)]\Z")
_SIGNER = re.compile(r"[\s\u3000]*签发人[:：].*\Z")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the text seems to say of itself, empty where nothing was found.

    `title_lines` are the lines that are the title and nothing else: the body can do without them.
    """

    title: str = ""
    number: str = ""
    day: date | None = None
    title_lines: frozenset[int] = frozenset()


def propose(lines: Sequence[Line]) -> Proposal:
    """Look at the head for title and number, and at the signature for the date."""
    said = [line for line in lines if line.text]
    title = _title(said)
    return Proposal(
        _joined([line.text for line in title]),
        next((n for line in said[:HEAD] if (n := number_in(line.text))), ""),
        _day(said),
        frozenset(line.index for line in title if line.bare and (line.titled or line.centred)),
    )


def number_in(text: str) -> str:
    """The document number, if the line is nothing else: `云潮发〔2024〕5号`, brackets and zeros put right."""
    bare = _SIGNER.sub("", text.replace("\u3000", " ").strip())
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", bare).replace(" ", "") if bare else "")
    return f"{match[1]}〔{match[2]}〕{match[3]}号" if match else ""


def _title(said: Sequence[Line]) -> list[Line]:
    """The first run of lines in the title's style, else of centred lines, else the first heading."""
    head = said[:HEAD]
    for wanted in (_is_titled, _is_centred):
        run = _run(head, wanted)
        if run:
            return run
    headings = [line for line in head[:3] if line.level == 0 and not line.numbered and not _is_aside(line)]
    return headings[:1] if headings else _short_first(head)


def _is_titled(line: Line) -> bool:
    return line.titled and line.bare and not line.numbered


def _is_centred(line: Line) -> bool:
    return line.centred and line.level is None and line.bare and not line.numbered


def _run(head: Sequence[Line], wanted: object) -> list[Line]:
    assert callable(wanted)
    run: list[Line] = []
    for line in head:
        if wanted(line) and not _is_aside(line):
            if run and line.index > run[-1].index + 1:
                break
            run.append(line)
        elif run:
            break
    return run


def _short_first(head: Sequence[Line]) -> list[Line]:
    first = [line for line in head if not _is_aside(line) and not line.numbered][:1]
    ends_as_title = first and len(first[0].text) <= 80 and first[0].text[-1] not in "。：:；;，,！？"
    return first if ends_as_title else []


def _is_aside(line: Line) -> bool:
    """What stands above or below a title: letterhead, number, a date, a remark in brackets."""
    text = line.text
    letterhead = bool(_LETTERHEAD.search(text)) and "关于" not in text
    return letterhead or bool(number_in(text)) or bool(_ASIDE.match(text)) or _only_day(text) is not None


def _joined(parts: Sequence[str]) -> str:
    text = ""
    for part in (" ".join(p.split()) for p in parts):
        glue = " " if text and text[-1].isascii() and part[:1].isascii() else ""
        text += glue + part
    return text


def _day(said: Sequence[Line]) -> date | None:
    """The date under the signature: the first line after the head that is a date and nothing else."""
    for line in said:
        found = _only_day(line.text)
        if found is not None:
            return found
    return None


def _only_day(text: str) -> date | None:
    bare = unicodedata.normalize("NFKC", text).replace(" ", "")
    found = find_dates(bare)
    return (
        found[0] if len(found) == 1 and re.fullmatch(r"[\d〇零○一二三四五六七八九十年月日]+", bare) else None
    )

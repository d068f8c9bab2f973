"""The tables of site_config/holidays/<year>.yml as data: days off, and weekend days that are worked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gongkai.model.settings import ConfigFile

_PATH = re.compile(r"(?:^|/)holidays/([0-9]{4})\.ya?ml$")


@dataclass(frozen=True, slots=True)
class YearTable:
    """What one year's notice (国务院办公厅关于…年部分节假日安排的通知) says, and what the body itself adds.

    `off` and `work` map a date to the festival's name; they may name days of a neighbouring year, for a
    notice can change the December before. `extra_off` and `extra_work` are local days (a typhoon day, a
    holiday under 第四条 of the 放假办法) and beat every notice. `provisional`: the table is a guess until
    the notice comes (暂定).
    """

    year: int
    off: Mapping[date, str] = field(default_factory=dict)
    work: Mapping[date, str] = field(default_factory=dict)
    extra_off: Mapping[date, str] = field(default_factory=dict)
    extra_work: Mapping[date, str] = field(default_factory=dict)
    notice: str = ""
    provisional: bool = False


def tables(files: Mapping[str, ConfigFile]) -> Mapping[int, YearTable]:
    """The tables among a portal's configuration files, by the year in the file's name.

    A malformed entry is left out here: the configuration's own check reports it with its line. A table that
    names no day off is not filled in yet, and its year stays provisional.
    """
    found = (_table(file) for file in files.values())
    return {table.year: table for table in found if table is not None}


def _table(file: ConfigFile) -> YearTable | None:
    match = _PATH.search(file.path)
    if match is None or not isinstance(file.data, Mapping):
        return None
    days = {key: dict(_days(file.data.get(key))) for key in ("off", "work", "extra_off", "extra_work")}
    if not days["off"]:
        return None
    notice, guess = file.data.get("notice"), file.data.get("provisional")
    return YearTable(int(match[1]), **days, notice=str(notice or ""), provisional=guess is True)


def _days(entries: Any) -> Iterator[tuple[date, str]]:
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and (day := _date(entry.get("date"))) is not None:
            yield day, str(entry.get("name") or "")


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None

"""The search index as files: a short directory, rows for filters, postings in many small files, results in blocks.

A query needs the directory, the rows, one file of postings for each of its terms, and the blocks of the results it shows: at
10,000 items well under 300 KB. Everything is computed from the items alone, so that equal portals have equal indexes.

- `search/index.json`  what the others need: names of departments, columns, types and states; how many items each part has;
  a digest of every file, so that a browser never mixes two releases
- `search/rows.bin`    per item, part after part: days since 1970 and department (2 bytes each), column, type, state (1 byte each)
- `search/t/<n>.bin`   per term: its length and UTF-8, then per part that has it: part, length, postings (see search_parts)
- `search/r/<n>.json`  what results show of 32 items each
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from gongkai.model.item import Item
from gongkai.portal import standing
from gongkai.portal.page import SiteData
from gongkai.portal.search_parts import Part, Postings, parts, postings, varint
from gongkai.portal.site import Site, department_of

FOLDER = "search"
BLOCK = 32
FILE = 16_000
"""A file of postings should have about so many bytes."""
MOST_FILES = 4096
STATES = ("", "valid", "amended", "expired", "repealed", "withdrawn", "replaced", "ended")
_SUMMARY = 90


def index(site: Site) -> Iterator[SiteData]:
    """All files of the index of what the public may see and may find; removed items are not in it."""
    rows = parts(item for item in site.items if not item.removed)
    found = [postings(part, site) for part in rows]
    files = {f"t/{n}.bin": data for n, data in enumerate(_shards(found))}
    codes = _codes(site)
    files["rows.bin"] = b"".join(_row(item, site, codes) for part in rows for item in part.items)
    items = [item for part in rows for item in part.items]
    for start in range(0, len(items), BLOCK):
        block = [_result(item, site, codes) for item in items[start : start + BLOCK]]
        files[f"r/{start // BLOCK}.json"] = _json(block)
    files["index.json"] = _json(_directory(site, rows, files, codes))
    yield from (SiteData(f"{FOLDER}/{name}", data) for name, data in sorted(files.items()))


def _shards(found: Sequence[Postings]) -> list[bytes]:
    """The terms spread over files by their hash, each with the parts that hold it."""
    size = sum(len(term) + len(data) + 6 for part in found for term, data in part.items())
    count = 1
    while count < MOST_FILES and size / count > FILE:
        count *= 2
    terms: defaultdict[str, list[bytes]] = defaultdict(list)
    for number, part in enumerate(found):
        head = varint(number)
        for term, data in part.items():
            size = len(data)
            terms[term].append(head + (_SHORT[size] if size < len(_SHORT) else varint(size)) + data)
    shards: list[list[bytes]] = [[] for _ in range(count)]
    for term in sorted(terms):
        name, held = term.encode(), terms[term]
        body = b"".join(held)
        shards[spread(name) & (count - 1)].append(
            b"".join((varint(len(name)), name, varint(len(body)), body))
        )
    return [b"".join(rows) for rows in shards]


def spread(name: bytes) -> int:
    """CRC-32: which file a term stands in; `search.js` computes the same."""
    return zlib.crc32(name)


_SHORT = [varint(n) for n in range(2048)]
Codes = Mapping[str, Mapping[str, int]]


def _codes(site: Site) -> Codes:
    """The number under which rows name each department, column and type that has items; 0 is none."""
    named = {
        "departments": (*site.portal.settings.departments, *sorted(site.by_department)),
        "columns": (*site.portal.settings.columns, *sorted(site.by_column)),
        "types": tuple(sorted({item.type for item in site.items})),
    }
    used = {
        "departments": set(site.by_department), "columns": set(site.by_column), "types": set(named["types"]),
    }  # fmt: skip
    return {
        name: {code: n for n, code in enumerate(dict.fromkeys(c for c in codes if c in used[name]), start=1)}
        for name, codes in named.items()
    }


def newest(site: Site, count: int) -> list[Item]:
    """The items that a search for nothing shows first, in the order in which `search.js` shows them."""
    items = [item for part in parts(item for item in site.items if not item.removed) for item in part.items]
    return sorted(items, key=lambda item: -days(item, site))[:count]


def days(item: Item, site: Site) -> int:
    """Days from 1970 to the date that the search sorts the item by; 0 without one."""
    day = _day(item, site)
    return max(0, min((day - date(1970, 1, 1)).days, 65535)) if day else 0


def _row(item: Item, site: Site, codes: Codes) -> bytes:
    numbers = (
        codes["departments"].get(department_of(item), 0),
        codes["columns"].get(site.portal.column_of(item), 0) & 255,
        codes["types"].get(item.type, 0) & 255,
        STATES.index(state_of(item, site)),
    )
    return struct.pack("<HHBBB", days(item, site), *numbers)


def state_of(item: Item, site: Site) -> str:
    """How the item stands, as a filter and a mark of its result: withdrawn and replaced before all else."""
    withdrawal = item.group("withdrawal")
    if withdrawal:
        return "replaced" if withdrawal.get("replaced_by") else "withdrawn"
    if standing.has_ended(item, site.portal):
        return "ended"
    validity = standing.validity_of(item, site.portal)
    return validity if validity in STATES else ""


def _day(item: Item, site: Site) -> date | None:
    when = standing.published(item, site.portal)
    if isinstance(when, datetime):
        return when.date()
    return when or item.date("document_date") or item.date("occurred_on")


def _result(item: Item, site: Site, codes: Codes) -> list[object]:
    """Address, title, number, summary: what a result shows besides its row."""
    published = standing.published(item, site.portal)
    lang = site.lang_of(item)
    return [item.address, item.title, number_of(item), summary_of(item), lang, int(published is not None)]


def summary_of(item: Item) -> str:
    """The beginning of the item's summary."""
    summary = " ".join(item.text("summary").split())
    return summary if len(summary) <= _SUMMARY else f"{summary[:_SUMMARY]}…"


def number_of(item: Item) -> str:
    """The number that a result names the item by."""
    return item.text("document_number") or item.text("decision_number")


def _directory(
    site: Site, rows: Sequence[Part], files: Mapping[str, bytes], codes: Codes
) -> dict[str, object]:
    names = {
        "departments": site.department,
        "columns": site.column,
        "types": lambda code: _type(site, code),
    }
    return {
        "parts": [len(part.items) for part in rows],
        "block": BLOCK,
        "files": sum(name.startswith("t/") for name in files),
        "states": list(STATES),
        **{name: ["", *map(title, codes[name])] for name, title in names.items()},
        "codes": {name: ["", *codes[name]] for name in names},
        "rows": _digest(files["rows.bin"]),
        "t": "".join(_digest(files[f"t/{n}.bin"]) for n in range(sum(f.startswith("t/") for f in files))),
        "r": "".join(_digest(files[f"r/{n}.json"]) for n in range(sum(f.startswith("r/") for f in files))),
    }


def _type(site: Site, code: str) -> str:
    kind = site.portal.types.get(code)
    return site.words(kind.title) if kind else code


def _digest(data: bytes) -> str:
    """Six characters: enough that a browser's old copy is never taken for the new file."""
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest())[:6].decode()


def _json(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()

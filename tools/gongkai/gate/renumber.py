"""Another number for an item that drew one which somebody else already has: its file, its folder, whoever names it.

Two clones may draw the same number, since `gongkai new` knows only its own folder; the first receipt fixes whose it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gongkai.checks.references import references
from gongkai.gate.drafting import Sorting
from gongkai.gate.working import Copy, Group, file_of, key_of, take_away
from gongkai.items.read import read_item
from gongkai.items.write import Form, set_field
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.item import ID_PATTERN, Item
from gongkai.model.message import msg
from gongkai.store.files import write_all

LAST = 99_999


def renumber(sorting: Sorting) -> dict[str, str]:
    """Give every clashing item the next free number and change the working files so; returns old → new ids.

    Also what the officer's other changed items say of it is changed. Files are written first, old ones go last.
    """
    copy, folder = sorting.copy, sorting.clone.folder
    used = _used(sorting)
    names: dict[str, str] = {}
    for group in sorting.clashes:
        names[group.id] = _next(group.id, used)
        used.add(names[group.id])
    files: dict[str, bytes] = {}
    gone: list[str] = []
    for group in copy.groups.values():
        files |= _rewritten(copy, group, names, folder)
        if group.id in names:
            gone += [p for p in copy.here if key_of(p) == group.key]
    write_all(folder, files)
    take_away(folder, gone)
    return names


def _used(sorting: Sorting) -> set[str]:
    """Every id that stands on main, lies in this folder, or was ever handed in."""
    handed = (
        i for s in sorting.clone.gate.state.submissions.values() for v in s.versions for i in v.change.items
    )
    lying = (key_of(p).rpartition("/")[2] for p in (*sorting.copy.main, *sorting.copy.here))
    return {*handed, *lying}


def _next(ident: str, used: Iterable[str]) -> str:
    prefix = ident.rpartition("-")[0] + "-"
    serials = [int(i.removeprefix(prefix)) for i in used if ID_PATTERN.match(i) and i.startswith(prefix)]
    serial = max(serials, default=0) + 1
    if serial > LAST:
        raise GongkaiError(
            msg("no free number is left for {item}", item=ident),
            msg("use another department's code for the rest of the year"),
            Exit.FINDINGS,
        )
    return f"{prefix}{serial:05d}"


def _rewritten(copy: Copy, group: Group, names: Mapping[str, str], folder: Path) -> dict[str, bytes]:
    """The files of a changed item as they must stand afterwards; nothing when nothing bears on it."""
    own = file_of(copy.here, group.key)
    raw = (folder / own).read_bytes() if own else b""
    item = read_item(own, raw)[0] if own else None
    text = _text(own, raw, item, names) if item is not None else raw
    new = names.get(group.id)
    if new is None:
        return {own: text} if own and text != raw else {}
    key = f"{group.key.rpartition('/')[0]}/{new}"
    rest = (p for p in copy.here if key_of(p) == group.key and p != own)
    moved = {key + p.removeprefix(group.key): (folder / p).read_bytes() for p in rest}
    return {**moved, key + own.removeprefix(group.key): text} if own else moved


def _text(path: str, raw: bytes, item: Item, names: Mapping[str, str]) -> bytes:
    """The item's text with its own id, the fields that name others, and links in the body changed."""
    form: Form = item.form
    before = text = raw.decode()
    if item.id in names:
        text = set_field(text, form, "id", names[item.id])
    for field in {str(pointer[0]) for pointer, target in references(item) if target in names}:
        text = set_field(text, form, field, _swapped(item.fields[field], names))
    for old, new in names.items():
        text = re.sub(rf"doc:{re.escape(old)}(?!\d)", f"doc:{new}", text)
    return raw if text == before else text.encode()


def _swapped(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_swapped(v, names) for v in value]
    if isinstance(value, dict):
        return {k: _swapped(v, names) if k == "replaced_by" else v for k, v in value.items()}
    return value

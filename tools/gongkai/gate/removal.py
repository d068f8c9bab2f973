"""Removing what should never have been public (design §4): a notice takes the item's place, and it stays gone.

The notice keeps the item's id, type and department, the reason and its ground; no title, no text, no attachment, nothing
that could repeat what was disclosed. Git's history still holds it: the repository is not public, and `remove` says so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from gongkai.gate.client import Clone, remember
from gongkai.gate.refusal import Refused
from gongkai.gate.takedown import Written, path_on_main
from gongkai.gate.working import Copy, read_copy, take_away
from gongkai.items.read import read_item
from gongkai.items.write import render
from gongkai.model.item import REMOVAL, Item
from gongkai.model.message import msg
from gongkai.store.files import write_all

GROUNDS: Mapping[str, str] = {
    "personal_information": "《个人信息保护法》第25条，《政府信息公开条例》第15条",
    "secret": "《政府信息公开条例》第14条",
    "trade_secret": "《政府信息公开条例》第15条",
    "unlawful": "《互联网信息服务管理办法》第15条、第16条",
    "order": "",
}
"""Why something is removed, and the law that usually forbids it; an order must be named by whoever got it."""
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9/_.-]+\Z")
_OF_OLD_PORTAL = ("index_number", "first_published_on")


def remove(clone: Clone, ident: str, reason: str, ground: str, day: date) -> Written:
    """Write the notice in the item's place and take its attachments away, here in the officer's folder.

    Whatever stands there of the item, own changes too, is overwritten. Refused when it is removed already, or when main
    has attachments that this folder does not know yet.
    """
    copy = read_copy(clone)
    path = path_on_main(copy, ident)
    raw = clone.gate.objects.repository.blob(copy.main[path].blob)
    item, _ = read_item(path, raw)
    if item is not None and item.removed:
        raise Refused([msg("{item} is removed already", item=ident)])
    attached = _attached(copy, path)
    write_all(clone.folder, {path: _notice(path, item, ident, reason, ground, day).encode()})
    take_away(clone.folder, attached)
    remember(clone.folder, f"gongkai.{ident}.base", copy.main[path].blob)
    return Written((path, *attached))


def _attached(copy: Copy, path: str) -> tuple[str, ...]:
    """The files of the item's folder, on main and here."""
    folder = path.rpartition(".")[0] + "/"
    found = sorted(p for p in copy.main.keys() | copy.here.keys() if p.startswith(folder))
    unknown = [p for p in found if copy.blob(copy.main, p) != copy.blob(copy.base, p) and p in copy.main]
    if unknown:
        raise Refused(
            [msg("{path} was changed on main in the meantime", path=p) for p in unknown],
            hint=msg("run `gongkai update`, then this command again"),
        )
    return tuple(found)


def _notice(path: str, item: Item | None, ident: str, reason: str, ground: str, day: date) -> str:
    """The text of the notice; of an item that cannot be read, type and department come from its id."""
    fields: dict[str, Any] = {
        "id": ident,
        "type": item.type if item and item.type else "notice",
        "department": path.split("/")[1],
        REMOVAL: {"reason": reason, "ground": ground, "removed_on": day.isoformat()},
    }
    if item is not None:
        old = item.group("legacy")
        kept = {name: old[name] for name in _OF_OLD_PORTAL if isinstance(old.get(name), str)}
        # An old address leads to the notice, unless it could itself say what was removed.
        aliases = [a for a in item.texts("aliases") if _PLAIN_ADDRESS.match(a)]
        fields |= ({"legacy": kept} if kept else {}) | ({"aliases": aliases} if aliases else {})
    return render(fields, "", form="md" if path.endswith(".md") else "yml")

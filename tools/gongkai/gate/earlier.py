"""Which earlier versions may be shown beside the present ones: read from the ledger, looked at again by today's rules.

Only the last change of an item counts: what it took back of an older text stays away. Both versions were accepted by
approvals and both were published; nothing was objected to, lapsed or taken down in between; and today's rules about
personal information and secrecy find no error in the earlier text, waivers or not (docs/decisions/0032).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.checks.run import run
from gongkai.checks.table import RULES
from gongkai.evidence.chain import Link
from gongkai.evidence.earlier import FIELD, Earlier, asked, withheld
from gongkai.items.read import is_item_path, read_item
from gongkai.model.corpus import Corpus
from gongkai.model.finding import Severity
from gongkai.model.item import Item
from gongkai.store.proven import Proven

TROUBLE = frozenset({"objected", "lapsed", "withdrawn"})
"""Kinds of events after which the earlier text is nobody's reading any more."""
GRAVE = tuple(
    rule
    for rule in RULES.values()
    if rule.code.startswith(("PRV", "SEC")) and rule.severity is Severity.ERROR and rule.item is not None
)
_NOT_ASKED = ("attachments", "images", "legacy", "personal_information")
"""Left out where the earlier text is judged: files are not compared, and no waiver speaks for what was taken back."""


def asked_of(links: Sequence[Link], until: int, proven: Proven) -> Earlier | None:
    """The version before the last one that was accepted by the event `until`, where it may be shown; else None.

    `links` are all of one item. Whether today's rules find anything grave in it is still to be asked (`is_grave`).
    """
    found = [link for link in links if link.kind == "accepted"]
    if len(found) < 2 or found[-1].event > until:
        return None
    old, new = found[-2:]
    since, shown = _published(links, old.event, new.event), _published(links, new.event)
    troubled = any(link.kind in TROUBLE and link.event > old.event for link in links)
    if not since or not shown or troubled:
        return None
    return _between(old, new, (since, shown), proven)


def _published(links: Sequence[Link], after: int, before: int | None = None) -> str:
    """The time of the first publication after one event (and before another); empty for none."""
    found = (k for k in links if k.kind == "published" and k.event > after)
    return next((k.time for k in found if before is None or k.event < before), "")


def _between(old: Link, new: Link, times: tuple[str, str], proven: Proven) -> Earlier | None:
    rows = [[row for row in link.files if is_item_path(row.path)] for link in (old, new)]
    if any(len(found) != 1 for found in rows):
        return None
    (before,), (after,) = rows
    if before.path != after.path or not after.new or not after.old or before.new != after.old:
        return None
    raw = proven.read(after.new, "blob")
    if FIELD.encode() not in raw:
        return None
    one, other = _read(proven, after.path, after.old), read_item(after.path, raw, after.new)[0]
    if one is None or other is None or not asked(one, other):
        return None
    if withheld(one) or withheld(other):
        return None
    return Earlier(one, after.new, *(date.fromisoformat(time[:10]) for time in times))


def _read(proven: Proven, path: str, blob: str) -> Item | None:
    return read_item(path, proven.read(blob, "blob"), blob)[0]


def is_grave(item: Item, today: Portal) -> bool:
    """Whether any rule about personal information or secrecy finds an error in the item's own words, waived or not."""
    fields: Mapping[str, Any] = {n: v for n, v in item.fields.items() if n not in _NOT_ASKED}
    titles = "\n\n".join(attachment.title for attachment in item.attachments)
    bare = replace(item, fields=fields, body=f"{item.body}\n\n{titles}", marks={}, keys={})
    portal = replace(today, corpus=Corpus((bare,)), changed=None, kept=None)
    return bool(run(portal, GRAVE).findings)

"""The pages of a submission as the public will see them: the result's commit, built into a folder of the clone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.cli.built import remarks_on
from gongkai.gate.desk import Desk
from gongkai.gate.shown import Shown
from gongkai.model.message import Message, msg

if TYPE_CHECKING:
    from gongkai.portal.build import Built

FOLDER = Path(".portal") / "review"


@dataclass(frozen=True)
class Pages:
    """The built pages of the items by their paths on this machine, and what there is to say of them."""

    paths: tuple[Path, ...] = ()
    said: tuple[Message, ...] = ()


def build_pages(desk: Desk, shown: Shown, site_dir: Path | None) -> Pages:
    """Build the portal as it will be; of a decided submission nothing is built.

    An item that waits for its hour is shown as it will be then.
    """
    if not shown.commit:
        return Pages()
    from gongkai.portal.build import build  # half a second, which no other command of an officer needs

    folder = desk.clone.folder
    target = site_dir or folder / FOLDER / shown.submission.number
    moment = _moment(desk, shown)
    # An unsound result is shown all the same: the reviewer has to see what is wrong with it.
    built = build(folder, target, commit=shown.commit, now=moment, strict=False)
    paths = tuple(p for p in (built.site / item.address for item in shown.items) if p.is_file())
    missing = tuple(_without_page(shown, built))
    if not shown.items:
        paths = (built.site / "index.html",)
    as_of = (msg("the pages are shown as they will be at {time}", time=moment),) if moment != desk.now else ()
    return Pages(paths, (*missing, *as_of, *_links(shown, built)))


def _moment(desk: Desk, shown: Shown) -> datetime:
    """Now, or the latest `publish_at` among the items."""
    moments = [desk.now]
    for item in shown.items:
        try:
            found = datetime.fromisoformat(item.publish_at)
        except ValueError:
            continue
        moments.append(found if found.tzinfo else found.replace(tzinfo=desk.portal.settings.timezone))
    return max(moments)


def _without_page(shown: Shown, built: Built) -> Iterator[Message]:
    for item in shown.items:
        if not (built.site / item.address).is_file():
            if item.is_public:
                yield msg("{item} gets no page", item=item.id)
            else:
                yield msg("{item} gets no page: it is not published proactively", item=item.id)


def _links(shown: Shown, built: Built) -> Iterator[Message]:
    """Links that lead nowhere, of this submission's items; other pages' faults are not this reviewer's."""
    own = {item.path for item in shown.items} | {item.address for item in shown.items}
    return (says for place, says in remarks_on(built) if place in own)

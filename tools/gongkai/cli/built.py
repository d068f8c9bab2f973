"""What is to be said of a portal that was built: each sentence with the place it is about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gongkai.model.message import Message, msg

if TYPE_CHECKING:
    from gongkai.portal.build import Built


def remarks_on(built: Built) -> Iterator[tuple[str, Message]]:
    """Links that were taken out of texts (by the item's file), then why it may not be shown (by the page)."""
    for broken in built.broken:
        yield (
            broken.source,
            msg(
                "{path}: the link {url} leads nowhere and is shown as text",
                path=broken.source,
                url=broken.url,
            ),
        )
    yield from faults_of(built)


def faults_of(built: Built) -> Iterator[tuple[str, Message]]:
    """Why a built portal may not be shown: links that lead nowhere, and what pages load from other hosts."""
    for dead in built.dead:
        yield dead.page, msg("{page}: the link {url} leads nowhere", page=dead.page, url=dead.url)
    for asked in built.requests:
        yield asked.page, msg("{page}: loads {url} from another host", page=asked.page, url=asked.url)

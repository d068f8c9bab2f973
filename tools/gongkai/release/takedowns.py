"""What was taken from the public stays away: from older releases too, before anybody can go back to them.

Removed, withdrawn and hidden items, and the names of a public notice that has ended: their present state is laid over
every kept release that still shows another one (gate.md property 11). So text that was unlawful does not lie on the web
server's disk either, and going back is one switch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.release.looked import Memory
from gongkai.release.making import Order, make, nothing
from gongkai.release.place import Place, Release
from gongkai.release.view import Source, Taken, View
from gongkai.store.files import write_whole

FILE = "taken.json"


def unfit(place: Place, release: Release, taken: Taken) -> tuple[str, ...]:
    """The items that the release shows in another state than they are in now."""
    site = place.site(release.name)
    return tuple(
        ident
        for ident, (mark, page) in sorted(taken.items())
        if release.taken.get(ident, ("", ""))[0] != mark and (site / page).exists()
    )


def keep_taken(state: Path, taken: Taken) -> None:
    """Remember what is taken down now: going back must not wait for the server."""
    rows = {ident: list(row) for ident, row in sorted(taken.items())}
    write_whole(state / FILE, json.dumps({"schema_version": 1, "taken": rows}, indent=1) + "\n")


def read_taken(state: Path) -> Taken:
    """What was taken down at the last publication. GongkaiError when nothing is remembered."""
    try:
        rows = json.loads((state / FILE).read_text(encoding="utf-8"))["taken"]
        return {ident: (str(mark), str(page)) for ident, (mark, page) in rows.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise GongkaiError(
            msg(
                "{folder} does not tell what was taken down: going back could show it again",
                folder=str(state),
            ),
            msg("name the publisher's own folder with --state, or publish once"),
        ) from error


def renew_all(place: Place, source: Source, view: View, order: Order, taken: Taken) -> Iterator[str]:
    """Renew every kept release that shows what was taken down since; one that fails is said, and tried again next time.

    `taken` is the view's, as the release that visitors see knows it.
    """
    current = place.current()
    for release in place.all():
        if (current is None or release.name != current.name) and unfit(place, release, taken):
            try:
                renew(place, source, view, order, release)
                yield release.name
            except GongkaiError as error:
                says = msg(
                    "the older release {name} could not be renewed: {reason}",
                    name=release.name,
                    reason=error.says,
                )
                order.tell(says)


def renew(place: Place, source: Source, view: View, order: Order, release: Release) -> Release:
    """Make a release again as of now, with what was taken down laid over it, under its own name and in its own place."""
    order.tell(msg("what was taken down since is taken from the older release {name} too", name=release.name))
    when = datetime.fromisoformat(release.made)
    quiet = replace(order, step=nothing, wall=lambda: when, memory=Memory())
    made = make(place, source, source.older(release.main, view), quiet, release.name)
    place.finish(release.name)
    return made

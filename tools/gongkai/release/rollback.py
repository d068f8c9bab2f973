"""Going back to an older release: one switch. What was taken down since stays down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.release.making import Order
from gongkai.release.place import Place, Release
from gongkai.release.takedowns import read_taken, renew, unfit
from gongkai.release.view import Source, View

ACTS = "acts.jsonl"
Look = Callable[[], tuple[Source, View]]


@dataclass(frozen=True)
class Act:
    """What was done: from which release to which, and whether the portal is held there."""

    old: str
    new: Release
    held: bool


def rollback(place: Place, order: Order, look: Look, name: str = "", *, hold: bool = False) -> Act:
    """Let visitors see an older release: the one named, or the one before the present. `hold`: publications leave it so.

    `look` asks the server, and only when the release must be renewed because something was taken down since.
    GongkaiError: exit 2 when there is no such release.
    """
    with place.alone(order.tell):
        current = place.current()
        target = _named(place, name) if name else _before(place, current)
        if unfit(place, target, read_taken(place.state)):
            source, view = look()
            target = renew(place, source, view, order, target)
        if hold:
            # Before the switch: a kill between the two must not let the next publication undo it.
            place.hold(target.name)
        elif place.held():
            place.hold("")
        place.show(target.name)
        act = Act(current.name if current else "", target, hold)
        note(place.state, "rollback", order.wall(), old=act.old, new=target.name, held=hold)
        return act


def let_go(place: Place, order: Order) -> str:
    """Let go of a held portal; the name of the release it was held at, empty when it was not."""
    with place.alone(order.tell):
        held = place.held()
        if held:
            place.hold("")
            note(place.state, "unlock", order.wall(), old=held)
        return held


def _named(place: Place, name: str) -> Release:
    # A name is a folder's name: nothing that leads elsewhere.
    found = place.read(name) if name == Path(name).name and not name.startswith(".") else None
    if found is None:
        raise GongkaiError(
            msg("there is no release {name}", name=name),
            msg("`gongkai releases --to {folder}` lists them", folder=str(place.root)),
        )
    return found


def _before(place: Place, current: Release | None) -> Release:
    older = [r for r in place.all() if current is None or (r.made, r.name) < (current.made, current.name)]
    if not older:
        raise GongkaiError(
            msg("there is no older release to go back to"),
            msg("`gongkai releases --to {folder}` lists them", folder=str(place.root)),
            Exit.FINDINGS,
        )
    return older[0]


def note(state: Path, act: str, when: datetime, **said: str | bool) -> None:
    """Write an act into the publisher's own list, and wait until it is on disk."""
    line = json.dumps({"time": when.isoformat(), "act": act, **said}, ensure_ascii=False) + "\n"
    with (state / ACTS).open("a", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())

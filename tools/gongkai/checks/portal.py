"""A portal as the checks, the build and the officer's commands see it: read once, then only looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from gongkai.attachments.desk import Readings
from gongkai.checks.brief import Brief, brief
from gongkai.checks.enclosed import Enclosed, read_enclosed, text_of
from gongkai.checks.passages import Text, authored
from gongkai.items.config import read_settings
from gongkai.items.read import read_corpus
from gongkai.model.corpus import Corpus
from gongkai.model.facts import Facts, ItemFacts
from gongkai.model.item import Item, Unread
from gongkai.model.settings import Settings
from gongkai.model.types import ItemType
from gongkai.schema.fault import Fault
from gongkai.schema.library import Library, read_types
from gongkai.store.kept import Kept
from gongkai.store.tree import Tree
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables

if TYPE_CHECKING:
    from gongkai.checks.standing import Standing


_NO_FACTS = ItemFacts()


@dataclass(frozen=True)
class Portal:
    """Items, settings, types, calendar, the ledger's facts and the moment of one run.

    `changed` holds the paths that are new or changed against what is already published or committed; None when that
    cannot be known (no git), and then every item that is not legacy counts as new.
    """

    tree: Tree
    corpus: Corpus
    settings: Settings
    library: Library
    calendar: Calendar
    now: datetime
    facts: Facts = field(default_factory=dict)
    changed: frozenset[str] | None = None
    unread_settings: tuple[Unread, ...] = ()
    kept: Kept | None = None
    standing: Standing | None = None

    @property
    def types(self) -> Mapping[str, ItemType]:
        """The item types by name."""
        return self.library.types

    @cached_property
    def today(self) -> datetime:
        """The moment of this run in the portal's own time zone."""
        return self.now.astimezone(self.settings.timezone)

    @cached_property
    def briefs(self) -> tuple[Brief, ...]:
        """The items in brief, in the order of their paths, for rules about the whole portal."""
        if self.standing is not None and self.standing.corpus is self.corpus:
            return self.standing.briefs
        return tuple(brief(item, self) for item in self.corpus.items)

    @cached_property
    def new_items(self) -> tuple[Item, ...]:
        """The items that deadline rules judge (`is_new`), in the order of their paths."""
        if self.changed is None:
            return tuple(item for item in self.corpus.items if self.is_new(item))
        known = self.corpus.by_path
        return tuple(
            known[path] for path in sorted(self.changed) if path in known and self.is_new(known[path])
        )

    def is_to_come(self, day: date) -> bool:
        """Whether a day lies after the day of this run: rules about single days ask this and not for the day."""
        return day > self.today.date()

    def is_over(self, day: date) -> bool:
        """Whether a day lies before the day of this run; see `is_to_come`."""
        return day < self.today.date()

    @cached_property
    def midnight(self) -> datetime:
        """The first moment of today: what a portal shows of its own making changes once a day, not with each build."""
        return self.today.replace(hour=0, minute=0, second=0, microsecond=0)

    def facts_of(self, item: Item) -> ItemFacts:
        """The ledger's facts of an item; empty facts without a ledger."""
        return self.facts.get(item.id) or _NO_FACTS

    def is_new(self, item: Item) -> bool:
        """Whether deadline rules judge this item: new or changed, not removed or carried over."""
        if item.group("legacy") or item.removed:
            return False
        return self.changed is None or item.path in self.changed

    def column_of(self, item: Item) -> str:
        """The code of the column the item stands in: its own `column`, else its type's."""
        own = item.text("column")
        kind = self.types.get(item.type)
        return own or (kind.column_of(item.fields) if kind else "")

    def faults(self, item: Item) -> tuple[Fault, ...]:
        """What the item's schema says against it; judged once."""
        if item.path not in self._judged:
            self._judged[item.path] = self.library.judge(item)
        return self._judged[item.path]

    def config_faults(self, name: str) -> tuple[Fault, ...]:
        """What the schema of settings file `name` ("portal", "holidays/2026") says against it; judged once."""
        if self.standing is not None and self.standing.stock.sound:
            return ()
        if name not in self._judged_settings:
            kind = name.partition("/")[0]
            self._judged_settings[name] = self.library.judge_config(kind, self.settings.files[name].data)
        return self._judged_settings[name]

    def texts(self, item: Item) -> tuple[Text, ...]:
        """The text of an item: its own file's, then each attachment's. Kept for the item that is being looked at only."""
        if self._texts.get("path") != item.path:
            files = self.enclosed(item)
            self._texts.update(path=item.path, texts=(authored(item), *map(text_of, files)))
        texts: tuple[Text, ...] = self._texts["texts"]
        return texts

    def enclosed(self, item: Item) -> tuple[Enclosed, ...]:
        """The files that go out with an item, read. Kept for the item that is being looked at only."""
        if "attachments" not in item.fields and "images" not in item.fields:
            return ()
        if self._enclosed.get("path") != item.path:
            self._enclosed.update(path=item.path, files=read_enclosed(item, self))
        files: tuple[Enclosed, ...] = self._enclosed["files"]
        return files

    @cached_property
    def readings(self) -> Readings:
        """Where files are read: in a child process that starts with the first of them and ends with this portal."""
        return Readings(self.kept)

    @cached_property
    def _enclosed(self) -> dict[str, Any]:
        return {}

    @cached_property
    def _texts(self) -> dict[str, Any]:
        return {}

    @cached_property
    def published(self) -> dict[str, datetime | date | None]:
        """When items were first published, by path, as far as somebody asked (`portal.standing`)."""
        return {}

    @cached_property
    def _judged_settings(self) -> dict[str, tuple[Fault, ...]]:
        return {}

    @cached_property
    def _judged(self) -> dict[str, tuple[Fault, ...]]:
        return {}


class Meanwhile(Protocol):
    """What goes on in this process while workers read many items; for somebody who wants all of them."""

    def begun(self, portal: Portal) -> None:
        """Workers have begun; the portal has no items yet. Where there are no workers, this is not called."""

    def came(self, items: Sequence[Item]) -> None:
        """These were read."""


def read_portal(
    tree: Tree,
    *,
    now: datetime,
    changed: frozenset[str] | None = None,
    kept: Kept | None = None,
    facts: Facts | None = None,
    meanwhile: Meanwhile | None = None,
) -> Portal:
    """Read everything a run needs from a tree. What cannot be read is kept as a value; nothing in it raises.

    `kept`: where what was computed before lies; without it everything is computed. `facts`: what the ledger knows.
    `meanwhile` is told how reading goes on.
    """
    portal = replace(frame(tree, now), changed=changed, facts={} if facts is None else facts, kept=kept)
    if kept is None:
        return replace(portal, corpus=read_corpus(tree))
    from gongkai.checks.standing import stand  # it asks the rules, and they ask this module

    return stand(portal, kept, meanwhile)


def frame(tree: Tree, now: datetime) -> Portal:
    """A portal without its items: what its settings and schemas say."""
    settings, unread = read_settings(tree)
    return Portal(
        tree=tree,
        corpus=Corpus(),
        settings=settings,
        library=read_types(tree),
        calendar=Calendar(tables(settings.files), settings.timezone),
        now=now,
        unread_settings=unread,
    )

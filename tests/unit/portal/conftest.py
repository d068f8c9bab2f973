"""A portal in memory, of the repository's own schemas and settings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gongkai.checks.portal import Portal
from gongkai.items.config import read_settings
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.schema.library import read_types
from gongkai.store.tree import FolderTree
from gongkai.workdays.calendar import Calendar

ROOT = Path(__file__).parents[3]
NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")


def item(identity: str, kind: str = "notice", **fields: Any) -> Item:
    department, year, _ = identity.split("-")
    path = f"content/{department}/{year}/{identity}.md"
    return Item(
        path, "md", {"id": identity, "type": kind, "title": identity, "department": department, **fields}
    )


@pytest.fixture(scope="session")
def portal_of() -> Callable[..., Portal]:
    """A portal of the given items, with the ledger's facts by id."""
    tree = FolderTree(ROOT)
    settings, library = read_settings(tree)[0], read_types(tree)

    def make(*items: Item, facts: dict[str, ItemFacts] | None = None, now: datetime = NOW) -> Portal:
        return Portal(tree, Corpus(items), settings, library, Calendar({}), now, facts or {})

    return make


@pytest.fixture
def new_item() -> Callable[..., Item]:
    """An item of a type, with fields."""
    return item

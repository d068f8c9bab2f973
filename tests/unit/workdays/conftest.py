"""The calendar as it is shipped: the tables of site_config/holidays."""

from __future__ import annotations

import pytest

from gongkai.items.config import read_settings
from gongkai.store.resources import template_root
from gongkai.store.tree import FolderTree
from gongkai.workdays.calendar import Calendar
from gongkai.workdays.tables import tables


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    settings, unread = read_settings(FolderTree(template_root()))
    assert not [u for u in unread if "/holidays/" in u.place.path]
    return Calendar(tables(settings.files))

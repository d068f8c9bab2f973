"""What many pages say alike of a department, a type, a column: made once a site, not once a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TypeVar, TypeVarTuple

from gongkai.portal.site import Site

Asked = TypeVarTuple("Asked")
Said = TypeVar("Said")


def once(make: Callable[[Site, *Asked], Said]) -> Callable[[Site, *Asked], Said]:
    """The function, asked for each site and what it is asked of only once; of what can be a key, and given by position."""

    def said(site: Site, /, *of: *Asked) -> Said:
        # Each page asks a dozen times: one key is reckoned, and no second one to see whether it is there.
        known: dict[object, Said] = site.ready[make]
        try:
            return known[of]
        except KeyError:
            found = known[of] = make(site, *of)
            return found

    return update_wrapper(said, make)

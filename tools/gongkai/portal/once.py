"""What many pages say alike of a department, a type, a column: made once a site, not once a page."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, TypeVar

from gongkai.portal.site import Site

Asked = ParamSpec("Asked")
Said = TypeVar("Said")


def once(make: Callable[Concatenate[Site, Asked], Said]) -> Callable[Concatenate[Site, Asked], Said]:
    """The function, asked for each site and what it is asked of only once; of what can be a key, and given by position."""

    def said(site: Site, /, *of: Asked.args, **none: Asked.kwargs) -> Said:
        known, key = site.ready, (make, *of)
        if key not in known:
            known[key] = make(site, *of, **none)
        found: Said = known[key]
        return found

    return update_wrapper(said, make)

"""The head and the foot that pages share: made once for all pages that stand equally deep, then only put in.

What they show of a page is where it stands, its kind, and where “Report an error” leads. A page that stands in the short
navigation is marked there, so it has a head of its own; and templates of the portal's own may show anything: then
nothing is shared.
"""

from __future__ import annotations

from collections.abc import Iterable
from posixpath import dirname
from typing import Any

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

_REPORT = "\0"
"""Stands for the page's own address for reports: no address holds it."""


class Parts:
    """Makes parts for the templates of `env`. `urls` are the pages that the parts lead to."""

    def __init__(self, env: Environment, urls: Iterable[str], *, shared: bool) -> None:
        self._env = env
        self._shared = shared
        self._places = Places(urls)
        self._held: dict[tuple[object, ...], list[str]] = {}

    @pass_context
    def part(self, context: Context, name: str) -> Markup:
        """The template `name` as it stands on the page that is being rendered."""
        values = context.get_all()
        if not self._shared or not values.get("alike"):
            return Markup(self._made(name, values))
        report = values.get("report", "")
        key = (name, values["kind"], bool(report), self._places.of(dirname(values["page"].url)))
        if key not in self._held:
            made = self._made(name, {**values, "report": _REPORT if report else ""})
            self._held[key] = made.split(_REPORT)
        return Markup(str(escape(report)).join(self._held[key]))

    def _made(self, name: str, values: dict[str, Any]) -> str:
        return self._env.get_template(name).render(values)


class Places:
    """All that the ways to some pages know of where they begin. `urls` are the pages that they lead to."""

    def __init__(self, urls: Iterable[str]) -> None:
        self._folders = frozenset(folder for url in urls for folder in _above(dirname(url)))
        self._known: dict[str, tuple[int, str]] = {}

    def of(self, folder: str) -> tuple[int, str]:
        """How deep the folder lies, and how far in the same folders as any of those pages."""
        if folder not in self._known:
            shared = next((f for f in _above(folder) if f in self._folders), "")
            self._known[folder] = folder.count("/") + bool(folder), shared
        return self._known[folder]


def _above(folder: str) -> Iterable[str]:
    """The folder and those that it lies in, the innermost first."""
    while folder:
        yield folder
        folder = dirname(folder)

"""A field's value as a reader sees it: labels for codes, dates, lists, small tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from markupsafe import Markup, escape

from gongkai.model.item import ID_PATTERN
from gongkai.model.types import FieldInfo
from gongkai.portal.site import Site
from gongkai.portal.standing import moment
from gongkai.portal.tables import box
from gongkai.schema.parts import in_any, mapping_of

_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
Link = Callable[[str], Markup | None]


class Values:
    """Shows values on one page; `link` gives a link to an item by its id, None for what is not shown."""

    def __init__(self, site: Site, link: Link) -> None:
        self.site = site
        self.link = link

    def show(self, value: Any, info: FieldInfo) -> Markup:
        """A value of a field, as HTML; empty when there is nothing to show."""
        return self._show(value, info.schema)

    def _show(self, value: Any, schema: Mapping[str, Any]) -> Markup:
        if isinstance(value, bool):
            return escape(self.site.t["yes" if value else "no"])
        if isinstance(value, (int, float)):
            return escape(f"{value:,}" if abs(value) >= 10_000 else str(value))
        if isinstance(value, str):
            return self._text(value, schema)
        if isinstance(value, list):
            return self._list(value, in_any(schema, "items"))
        if isinstance(value, dict):
            return self._group(value, in_any(schema, "properties"))
        return Markup("")

    def _text(self, text: str, schema: Mapping[str, Any]) -> Markup:
        label = in_any(schema, "x-labels").get(text)
        return escape(_in(label, self.site.lang)) if label else self.text(text)

    def text(self, text: str) -> Markup:
        """A text that has no label."""
        if ID_PATTERN.match(text):
            linked = self.link(text)
            if linked is not None:
                return linked
        if _TIME.match(text):
            return escape(self._time(text))
        lines = text.strip().split("\n")
        return Markup("<br>").join(lines) if len(lines) > 1 else escape(lines[0])

    def _time(self, text: str) -> str:
        when = moment(text, self.site.portal)
        return f"{when.astimezone(self.site.portal.settings.timezone):%Y-%m-%d %H:%M}" if when else text

    def _list(self, values: list[Any], schema: Mapping[str, Any]) -> Markup:
        if values and all(isinstance(value, dict) for value in values):
            return self._table(values, in_any(schema, "properties"))
        shown = [self._show(value, schema) for value in values]
        if all(len(value) <= 12 for value in shown):
            return Markup("、" if self.site.lang == "zh" else ", ").join(shown)
        return Markup("<ul>{}</ul>").format(Markup("").join(Markup("<li>{}</li>").format(v) for v in shown))

    def _table(self, rows: list[dict[str, Any]], properties: Mapping[str, Any]) -> Markup:
        names = list(dict.fromkeys(name for row in rows for name in row if not name.startswith("x_")))
        head = Markup("").join(
            Markup('<th scope="col">{}</th>').format(self._title(n, properties)) for n in names
        )
        lines = (
            Markup("").join(self._cell(row.get(n), mapping_of(properties, n)) for n in names) for row in rows
        )
        body = Markup("").join(Markup("<tr>{}</tr>").format(line) for line in lines)
        return Markup(
            '{}<table class="gk-table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
        ).format(Markup(box(self.site.t["table_region"])), head, body)

    def _cell(self, value: Any, schema: Mapping[str, Any]) -> Markup:
        return Markup("<td>{}</td>").format(self._show(value, schema))

    def _group(self, group: dict[str, Any], properties: Mapping[str, Any]) -> Markup:
        lines = (
            Markup("<dt>{}</dt><dd>{}</dd>").format(
                self._title(name, properties), self._show(v, mapping_of(properties, name))
            )
            for name, v in group.items()
            if not name.startswith("x_")
        )
        return Markup('<dl class="gk-group">{}</dl>').format(Markup("").join(lines))

    def _title(self, name: str, properties: Mapping[str, Any]) -> str:
        schema = mapping_of(properties, name)
        english = mapping_of(mapping_of(schema, "x-i18n"), "title").get("en", "")
        return _in({"zh": str(schema.get("title", name)), "en": str(english)}, self.site.lang)


def labels_of(info: FieldInfo, lang: str) -> Mapping[str, Markup]:
    """The values of a field that have a label, as `Values` shows them."""
    known = in_any(info.schema, "x-labels")
    return {text: escape(_in(label, lang)) for text, label in known.items() if label}


def _in(label: Mapping[str, str], lang: str) -> str:
    first, second = label.get("zh", ""), label.get("en", "")
    return (first or second) if lang == "zh" else (second or first)

"""Where on an item's page a field is shown, so that what was found can be shown beside it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gongkai.model.finding import Finding
from gongkai.model.item import Item
from gongkai.portal.site import Site

SELECTORS = {
    "title": "h1",
    "summary": ".gk-summary",
    "body": ".gk-body",
    "attachments": ".gk-files",
    "images": ".gk-figure",
    "contact": ".gk-contact",
    "withdrawal": ".gk-banner",
    "interprets": ".gk-related",
    "replaces": ".gk-related",
    "publish_at": "h1",
    "expires_at": ".gk-banner",
}
"""Fields that the page shows in a place of its own, and how the place is found there."""
LABELS = {
    "document_number": "document_number",
    "document_date": "document_date",
    "effective_from": "effective_from",
    "effective_to": "effective_to",
    "validity": "validity",
    "topics": "topics",
    "issuers": "issuers",
    "openness": "openness",
    "source": "source",
    "keywords": "keywords",
    "id": "id",
    "department": "responsible",
    "type": "kind",
    "column": "column",
}
"""Fields that the table of disclosure shows under a word of the portal's own (see `labels`)."""
_WORDS = re.compile(r"[^\W\d]{2,}")
"""Without digits: what a rule masked is not handed out to find its place by."""
_MOST = 24


def place(finding: Finding, item: Item, site: Site) -> Mapping[str, str]:
    """What a browser needs to find it: `selector`, `label` (of a row of a table), `words` that stand in the text there.

    Whether it is on the page is seen there: an empty field is not shown.
    """
    name, _, rest = finding.field.partition(".")
    if name in SELECTORS:
        return {"selector": SELECTORS[name], "words": _words(finding, item, name, rest)}
    label = site.t.get(LABELS.get(name, "")) or _title(name, item, site)
    return {"label": label} if label else {}


def field_title(name: str, item: Item, site: Site) -> str:
    """The field's title as its schema has it; empty when there is none."""
    return _title(name.partition(".")[0], item, site)


def _title(name: str, item: Item, site: Site) -> str:
    kind = site.portal.types.get(item.type)
    info = kind.fields.get(name) if kind else None
    return site.words(info.title) if info else ""


def _words(finding: Finding, item: Item, name: str, rest: str) -> str:
    """Some words that stand at the very place in a longer text, or name the file."""
    if name == "attachments" and rest.partition(".")[0].isdigit():
        number = int(rest.partition(".")[0])
        files = item.attachments
        return files[number].title if number < len(files) else ""
    if name != "body" or item.form != "md":
        return ""
    lines = item.body.split("\n")
    number = finding.place.line - item.body_line
    if not 0 <= number < len(lines):
        return ""
    return _around(lines[number], finding.place.column - 1)


def _around(line: str, column: int) -> str:
    """The run of letters at the column, or the longest one of the line: marks of Markdown are not on the page."""
    runs = list(_WORDS.finditer(line))
    here = [run for run in runs if run.start() <= column < run.end()]
    found = here[0] if here else max(runs, key=lambda run: run.end() - run.start(), default=None)
    if found is None:
        return ""
    start = max(found.start(), min(column, found.end() - _MOST))
    return line[start : min(found.end(), start + _MOST)]

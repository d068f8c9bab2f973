"""Bring the catalogues up to date: collect the sentences of the code, keep the translations, compile.

Run it with `make messages` after adding or changing a sentence; then fill what it names as missing.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

TOOLS = Path(__file__).resolve().parent
PACKAGE = TOOLS / "gongkai"
CHINESE = PACKAGE / "locale" / "zh_CN" / "LC_MESSAGES" / "gongkai.po"
KEYWORDS: dict[str, None] = {"N_": None, "msg": None, "_": None}
METHODS = [("**.py", "python"), ("portal/templates/**.html", "jinja2"), ("portal/templates/**.xml", "jinja2")]


def collect() -> Catalog:
    """Every sentence that the code marks for translation."""
    catalog = Catalog(project="gongkai", charset="utf-8")
    found = extract_from_dir(str(PACKAGE), method_map=METHODS, keywords=KEYWORDS, comment_tags=())
    for file, _, message, _, context in found:
        if message:
            catalog.add(message, None, [(file, 0)], context=context)
    return catalog


def read_chinese() -> Catalog:
    """The Chinese catalogue as it stands."""
    with CHINESE.open("rb") as source:
        return read_po(source, locale="zh_CN")


def compiled(catalog: Catalog) -> bytes:
    """The catalogue as gettext reads it at run time."""
    sink = io.BytesIO()
    write_mo(sink, catalog)
    return sink.getvalue()


def update() -> list[str]:
    """Rewrite the Chinese catalogue and its compiled form; returns the sentences without a translation."""
    old = read_chinese() if CHINESE.exists() else Catalog(locale="zh_CN")
    fresh = Catalog(locale="zh_CN", project="gongkai", charset="utf-8", fuzzy=False)
    for message in collect():
        if message.id:
            known = old.get(message.id)
            fresh.add(message.id, known.string if known else "", sorted(set(message.locations)))
    CHINESE.parent.mkdir(parents=True, exist_ok=True)
    with CHINESE.open("wb") as sink:
        write_po(sink, fresh, width=0, sort_output=True, omit_header=False, include_lineno=False)
    CHINESE.with_suffix(".mo").write_bytes(compiled(read_chinese()))
    return [str(m.id) for m in fresh if m.id and not m.string]


if __name__ == "__main__":
    missing = update()
    for sentence in missing:
        sys.stdout.write(f"missing: {sentence}\n")
    sys.stdout.write(f"zh_CN: {len(missing)} sentences without a translation\n")
    sys.exit(1 if missing else 0)

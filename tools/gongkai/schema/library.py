"""All schemas of one portal: the types they describe, what is wrong with them, and the judge of documents.

The fast yes is `jsonschema-rs`; only a no is explained, by `jsonschema` (see `explain`). Nothing is ever
fetched: a schema may refer to files under schemas/ of the same tree and to nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from gongkai.model.item import REMOVAL, Item
from gongkai.model.message import Hole, Words
from gongkai.model.types import ItemType
from gongkai.schema.build import build_type
from gongkai.schema.describe import expected, kind_of
from gongkai.schema.documents import Documents, parse
from gongkai.schema.fault import Fault, SchemaFault, shorten
from gongkai.schema.judge import Judge, make_judge, make_registry
from gongkai.schema.sound import faults_of, refers_to
from gongkai.store.tree import Tree, once_read

FOLDER = "schemas"
SUFFIX = ".schema.json"
ITEMS = "items/"
CONFIG = "config/"
SOUND = "sound"
"""Kept under the digest of all schemas: that nothing is wrong with any of them."""


@dataclass(frozen=True)
class Library:
    """The item types of a portal, the schemas that are themselves wrong, and the judge of items and settings.

    `broken` names the types that have a schema file which cannot be used; `configs` the settings that
    have a schema.
    """

    types: Mapping[str, ItemType] = field(default_factory=dict)
    faults: tuple[SchemaFault, ...] = ()
    broken: frozenset[str] = frozenset()
    judges: Mapping[str, Judge] = field(default_factory=dict, repr=False)

    @property
    def configs(self) -> frozenset[str]:
        """The names of the files of site_config/ that have a schema; `holidays` stands for every year."""
        return frozenset(name.removeprefix(CONFIG) for name in self.judges if name.startswith(CONFIG))

    def judge(self, item: Item) -> tuple[Fault, ...]:
        """What its type's schema says against an item (of a removed one: the schema of removals).

        Nothing for a type that has no usable schema.
        """
        if not isinstance(item.fields.get("type"), str):
            return (_untyped(item),)
        judge = self.judges.get(REMOVAL if item.removed else ITEMS + item.type)
        return judge.faults(item.document()) if judge else ()

    def judge_config(self, name: str, data: Any) -> tuple[Fault, ...]:
        """What its schema says against a settings file; `name` is `portal`, `holidays/2026` and so on."""
        judge = self.judges.get(CONFIG + name.partition("/")[0])
        return judge.faults(data) if judge else ()


def _untyped(item: Item) -> Fault:
    """An item whose type is missing or no text: nothing further can be said of it."""
    holes: dict[str, Hole] = {"field": Words("内容类型", "Type"), "name": "type", "about": Words("")}
    holes["example"] = "news"
    if "type" not in item.fields:
        return Fault("required", ("type",), holes)
    value = item.fields["type"]
    kinds: dict[str, Hole] = {
        "expected": expected(["string"]),
        "found": kind_of(value),
        "value": shorten(value),
    }
    return Fault("type", ("type",), holes | kinds)


@once_read(FOLDER)
def read_types(tree: Tree) -> Library:
    """Read every schema of a tree. A wrong one is a fault, and the others are used.

    The same bytes are read once in a process (`once_read`).
    """
    documents, found = _read(tree)
    named = {path: _name(path) for path in documents.texts}
    kept = getattr(tree, "kept", None)
    key = _digest(documents)
    sound = not found and kept is not None and kept.get(SOUND, key) is not None
    for path in documents.values if not sound else ():
        found.extend(_file_faults(path, named[path], documents))
    bad = _with_dependents({fault.path for fault in found}, documents)
    registry = cache(partial(make_registry, documents, bad))
    judges: dict[str, Judge] = {}
    for path in (p for p in documents.values if p not in bad and named[p]):
        judge = Judge(path, documents, registry) if sound else make_judge(path, documents, registry)
        if isinstance(judge, SchemaFault):
            found.append(judge)
        else:
            judges[named[path]] = judge
    if kept is not None and not found and not sound:
        kept.put(SOUND, {key: b"1"}, alone=True)
    ordered = sorted(found, key=lambda f: (f.path, f.line, f.column, f.keyword, str(f.pointer)))
    names = sorted(n.removeprefix(ITEMS) for n in named.values() if n.startswith(ITEMS))
    types = {n: build_type(n, judges[ITEMS + n].path, documents) for n in names if ITEMS + n in judges}
    return Library(types, tuple(ordered), frozenset(names) - frozenset(types), judges)


def _digest(documents: Documents) -> str:
    seen = hashlib.sha256()
    for path, text in sorted(documents.texts.items()):
        seen.update(f"{path} {len(text)}\n".encode("utf-8", "surrogateescape") + text)
    return seen.hexdigest()


def _name(path: str) -> str:
    """`items/news`, `config/portal`, `removal`; empty for a file that is only referred to."""
    name = path.removeprefix(f"{FOLDER}/")
    if name == f"{REMOVAL}{SUFFIX}":
        return REMOVAL
    used = name.endswith(SUFFIX) and name.startswith((ITEMS, CONFIG)) and name.count("/") == 1
    return name.removesuffix(SUFFIX) if used else ""


def _read(tree: Tree) -> tuple[Documents, list[SchemaFault]]:
    values: dict[str, Any] = {}
    texts: dict[str, bytes] = {}
    unread: list[SchemaFault] = []
    for entry in tree.entries(FOLDER):
        if entry.kind != "file" or not entry.path.endswith(".json"):
            continue
        texts[entry.path] = tree.read(entry.path)
        value = parse(entry.path, texts[entry.path])
        if isinstance(value, SchemaFault):
            unread.append(value)
        else:
            values[entry.path] = value
    return Documents(values, texts), unread


def _file_faults(path: str, name: str, documents: Documents) -> Iterator[SchemaFault]:
    found = list(faults_of(path, documents))
    yield from found
    if not found and name.startswith(ITEMS):
        kind = documents.values[path].get("properties", {}).get("type", {})
        const = kind.get("const", "") if isinstance(kind, dict) else ""
        if const != name.removeprefix(ITEMS):
            at = ("properties", "type", "const")
            yield documents.fault(path, "type_name", at, name=name.removeprefix(ITEMS), value=shorten(const))


def _with_dependents(bad: set[str], documents: Documents) -> frozenset[str]:
    """The files that cannot be used: the wrong ones, and those that refer to one of them."""
    refers = {path: refers_to(path, documents) for path in documents.values} if bad else {}
    grown = True
    while grown:
        more = {path for path, others in refers.items() if path not in bad and others & bad}
        bad, grown = bad | more, bool(more)
    return frozenset(bad)

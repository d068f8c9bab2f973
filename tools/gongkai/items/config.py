"""Reading site_config/ by the same loader as items; broken parts are values, the rest is used."""

from __future__ import annotations

import marshal
from typing import Any

from gongkai.items.decode import DecodeFault, decode
from gongkai.items.strict import YamlFault, load
from gongkai.model.corpus import FileEntry
from gongkai.model.finding import Place
from gongkai.model.item import Unread
from gongkai.model.message import Words
from gongkai.model.settings import PARTS, Column, ConfigFile, Department, Group, Part, Settings, words
from gongkai.store.files import blob_id
from gongkai.store.tree import Tree, once_read

FOLDER = "site_config"
KIND = "settings"


@once_read(FOLDER)
def read_settings(tree: Tree) -> tuple[Settings, tuple[Unread, ...]]:
    """The settings of a tree and the files that made no sense.

    The same bytes are read once in a process (`once_read`).
    """
    files: dict[str, ConfigFile] = {}
    unread: list[Unread] = []
    for entry in tree.entries(FOLDER):
        name = entry.path.removeprefix(f"{FOLDER}/")
        if entry.kind == "file" and name.endswith(".yml") and _is_ours(name):
            file, faults = _read_file(tree, entry)
            unread.extend(faults)
            if file is not None:
                files[name.removesuffix(".yml")] = file
    return _settings(files), tuple(unread)


def _read_file(tree: Tree, entry: FileEntry) -> tuple[ConfigFile | None, tuple[Unread, ...]]:
    """One file, from what is kept where its bytes were read before without any fault (`Tree.kept`)."""
    kept = getattr(tree, "kept", None)
    raw = kept.get(KIND, f"{entry.path} {entry.blob}") if kept is not None and entry.blob else None
    if raw is not None:
        return ConfigFile(entry.path, *marshal.loads(raw)), ()
    data = tree.read(entry.path)
    file, faults = read_config_file(entry.path, data)
    # Somebody may have written into a file since git said which bytes it holds.
    is_it = kept is not None and entry.blob != "" and entry.blob == blob_id(data)
    if kept is not None and is_it and file is not None and not faults:
        packed = marshal.dumps((file.data, dict(file.marks), dict(file.keys)))
        kept.put(KIND, {f"{entry.path} {entry.blob}": packed})
    return file, faults


def _is_ours(name: str) -> bool:
    """Settings stand directly in site_config/ and in holidays/; theme/ and pages/ hold files of other kinds."""
    return "/" not in name or name.startswith("holidays/")


def read_config_file(path: str, raw: bytes) -> tuple[ConfigFile | None, tuple[Unread, ...]]:
    """One YAML file of settings (also an import map) and what is wrong with its text."""
    try:
        text, warnings = decode(raw)
        loaded = load(text)
    except (DecodeFault, YamlFault) as error:
        return None, (Unread(Place(path, error.line, error.column), error.fault, error.holes),)
    soft = [Unread(Place(path), name, {}, fatal=False) for name in warnings]
    hard = [Unread(Place(path, f.line, f.column), f.fault, f.holes, fatal=False) for f in loaded.faults]
    return ConfigFile(path, loaded.data, loaded.marks, loaded.keys), (*soft, *hard)


def _settings(files: dict[str, ConfigFile]) -> Settings:
    portal = files["portal"].data if "portal" in files else {}
    return Settings(
        portal=portal if isinstance(portal, dict) else {},
        departments={d.code: d for d in map(_department, _rows(files, "departments", "code"))},
        columns={c.code: c for c in map(_column, _rows(files, "columns", "code"))},
        platform={
            p.part: p for p in map(_part, _rows(files, "columns", "part", "platform")) if p.part in PARTS
        },
        topics={row["code"]: _title(row) for row in _rows(files, "topics", "code")},
        people={row["code"]: row for row in _rows(files, "people", "code")},
        files=files,
    )


def _rows(files: dict[str, ConfigFile], name: str, key: str, part: str = "") -> list[dict[str, Any]]:
    """The rows of a file's list (`part`, else of the file's own name) that have their key as text."""
    rows = files[name].rows(part or name) if name in files else ()
    return [row for _, row in rows if isinstance(row.get(key), str)]


def _title(row: dict[str, Any]) -> Words:
    return words(row.get("title")) or Words(row["code"])


def _department(row: dict[str, Any]) -> Department:
    return Department(row["code"], _title(row), bool(row.get("abolished_on")), row)


def _column(row: dict[str, Any]) -> Column:
    return Column(
        row["code"],
        _title(row),
        words(row.get("description")) or Words(""),
        _text(row, "group"),
        bool(row.get("home")),
        _text(row, "kind"),
        tuple(found for word in _list(row.get("keywords")) if (found := words(word))),
    )


def _part(row: dict[str, Any]) -> Part:
    groups = tuple(_group(g) for g in _list(row.get("groups")) if isinstance(g, dict))
    said = words(row.get("not_required")) or Words("")
    return Part(row["part"], _text(row, "column"), _text(row, "page"), groups, said)


def _group(row: dict[str, Any]) -> Group:
    codes = tuple(c for c in _list(row.get("columns")) if isinstance(c, str))
    return Group(words(row.get("title")) or Words(""), codes, words(row.get("basis")) or Words(""))


def _text(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []

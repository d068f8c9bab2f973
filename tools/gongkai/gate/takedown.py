"""Taking a published item down, or putting another in its place: a change of the files, handed in like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gongkai.gate.client import Clone, remember
from gongkai.gate.refusal import Refused
from gongkai.gate.working import Copy, file_of, key_of, read_copy
from gongkai.items.read import read_item
from gongkai.items.write import set_field
from gongkai.model.errors import GongkaiError
from gongkai.model.item import ID_PATTERN, Item
from gongkai.model.message import msg
from gongkai.store.files import write_all


@dataclass(frozen=True)
class Written:
    """The files that were changed; `elsewhere` are items that another department must take down itself."""

    paths: tuple[str, ...]
    elsewhere: tuple[str, ...] = ()


def withdraw(clone: Clone, ident: str, reason: str, explanation: str, replaced_by: str = "") -> Written:
    """Write `withdrawal` into the item. It must stand on main; Refused when the officer's copy is behind with edits."""
    copy = read_copy(clone)
    path, text, item = _published(clone, copy, ident)
    value = {"reason": reason.strip(), "explanation": explanation.strip()}
    if replaced_by:
        _must_be_here(copy, replaced_by)
        value["replaced_by"] = replaced_by
    _write(clone, copy, {path: set_field(text, item.form, "withdrawal", value)})
    return Written((path,))


def replace(clone: Clone, ident: str, new: str, reason: str, explanation: str) -> Written:
    """Write both directions: the old item is withdrawn and names the new one, the new one `replaces` the old.

    `{title}` in the explanation stands for the new item's title. An old item of another department is left to it.
    """
    copy = read_copy(clone)
    if ident == new:
        raise GongkaiError(msg("{item} cannot replace itself", item=ident), msg("name two different items"))
    old_path, old_text, old = _published(clone, copy, ident)
    new_path, new_text, other = _here(clone, copy, new)
    names = list(dict.fromkeys([*other.texts("replaces"), ident]))
    value: Any = names[0] if len(names) == 1 else names
    files = {new_path: set_field(new_text, other.form, "replaces", value)}
    if _department(ident) == _department(new):
        note = {
            "reason": reason,
            "explanation": explanation.replace("{title}", other.title),
            "replaced_by": new,
        }
        files[old_path] = set_field(old_text, old.form, "withdrawal", note)
    _write(clone, copy, files)
    return Written(tuple(files), () if old_path in files else (ident,))


def _department(ident: str) -> str:
    match = ID_PATTERN.match(ident)
    return match["department"] if match else ""


def _published(clone: Clone, copy: Copy, ident: str) -> tuple[str, str, Item]:
    """The item as it is to be changed: the officer's own text when they have begun to change it, else main's."""
    path = path_on_main(copy, ident)
    if copy.touched(path):
        return _here(clone, copy, ident)
    raw = clone.gate.objects.repository.blob(copy.main[path].blob)
    return path, *_read(path, raw)


def path_on_main(copy: Copy, ident: str) -> str:
    """Where main has the item; GongkaiError (exit 2) when it has none of this id: there is nothing to take down."""
    path = file_of(copy.main, key_for(ident))
    if not path:
        raise GongkaiError(
            msg("{item} is not published", item=ident),
            msg(
                "what is not accepted yet is taken back with `gongkai cancel SUBMISSION`; a draft, you just delete"
            ),
        )
    return path


def _here(clone: Clone, copy: Copy, ident: str) -> tuple[str, str, Item]:
    """The item as it lies in the working folder, or on main when it was not fetched yet."""
    path = file_of(copy.here, key_for(ident))
    if path:
        return path, *_read(path, (clone.folder / path).read_bytes())
    path = file_of(copy.main, key_for(ident))
    _must_be_here(copy, ident)
    return path, *_read(path, clone.gate.objects.repository.blob(copy.main[path].blob))


def _must_be_here(copy: Copy, ident: str) -> None:
    if not file_of({**copy.main, **copy.here}, key_for(ident)):
        raise GongkaiError(
            msg("there is no item {item}", item=ident),
            msg("an id looks like tide-2026-00004; `gongkai new` makes a new item first"),
        )


def _read(path: str, raw: bytes) -> tuple[str, Item]:
    item, _ = read_item(path, raw)
    if item is None:
        raise Refused(
            [msg("{path} cannot be read as an item", path=path)],
            hint=msg("run `gongkai check {path}` and mend what it names", path=path),
        )
    return raw.decode(), item


def key_for(ident: str) -> str:
    """The path of an item's file without its ending."""
    match = ID_PATTERN.match(ident)
    return f"content/{match['department']}/{match['year']}/{ident}" if match else ident


def _write(clone: Clone, copy: Copy, files: Mapping[str, str]) -> None:
    """Write the files, and remember on which text of main they were founded: this copy may be older."""
    untouched = [p for p in files if not copy.touched(p) and p in copy.main]
    write_all(clone.folder, {path: text.encode() for path, text in files.items()})
    for path in untouched:
        ident = key_of(path).rpartition("/")[2]
        remember(clone.folder, f"gongkai.{ident}.base", copy.main[path].blob)

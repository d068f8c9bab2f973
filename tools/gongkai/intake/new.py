"""`gongkai new`: one more item, with its number and everything that is known of it already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gongkai.checks.portal import Portal
from gongkai.intake.blank import Blank, blank_text
from gongkai.intake.due_notes import due_notes
from gongkai.intake.serials import Serials, path_of
from gongkai.intake.word import Document, read_word
from gongkai.items.write import Form
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message, Say, Words, msg
from gongkai.model.types import ItemType
from gongkai.store.files import create_new, write_all

MAX_TRIES = 50
CODE = re.compile(r"[a-z][a-z0-9-]*\Z")


@dataclass(frozen=True, slots=True)
class Wish:
    """What the officer asked for. `source` is a Word file; empty texts were not given."""

    type: str
    department: str
    title: str = ""
    form: Form = "md"
    person: str = ""
    source: Path | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """The new item: its id, the path of its file in the portal, and what the officer should know."""

    item_id: str
    path: str
    notes: tuple[Message, ...] = ()


def make_item(wish: Wish, portal: Portal, root: Path, say: Say) -> Made:
    """Write the new item's file and its pictures. GongkaiError for an unknown type, department or person.

    The file is made only where none is: two people at once get two numbers and overwrite nothing.
    """
    kind = _kind(wish, portal)
    document = read_word(wish.source, keep_title=bool(wish.title)) if wish.source else None
    known, guessed = _known(wish, kind, document)
    serials = Serials(_used(root, portal))
    for _ in range(MAX_TRIES):
        item_id = serials.next_id(wish.department, portal.today.year)
        path = path_of(item_id, wish.form)
        blank = Blank(
            kind,
            {"id": item_id, **known},
            guessed,
            wish.form,
            path,
            document.body if document else "",
            due_notes(kind, known, portal),
            _codes(portal),
        )
        if _write(root, item_id, path, blank_text(blank, say).encode(), document):
            return Made(item_id, path, _notes(document, guessed))
    raise GongkaiError(
        msg("no free number was found for {department}", department=wish.department),
        msg("others are making items at the same moment; try again"),
    )


def _kind(wish: Wish, portal: Portal) -> ItemType:
    """The type asked for, when type, department and person are known to the portal."""
    if wish.type not in portal.types:
        raise _unknown(msg("there is no type {value}", value=wish.type), _named(portal.types))
    department = portal.settings.departments.get(wish.department)
    if department is None or not CODE.match(wish.department):
        raise _unknown(
            msg("there is no department {value}", value=wish.department), _named(portal.settings.departments)
        )
    if department.abolished:
        raise _unknown(msg("department {value} is abolished", value=wish.department), _current(portal))
    if wish.person and wish.person not in portal.settings.people:
        raise _unknown(
            msg("there is no person {value}", value=wish.person), ", ".join(portal.settings.people)
        )
    return portal.types[wish.type]


def _unknown(says: Message, choices: str) -> GongkaiError:
    return GongkaiError(says, msg("choose one of: {choices}", choices=choices))


def _named(things: Mapping[str, Any]) -> str:
    return "、".join(f"{code}（{thing.title.zh}）" for code, thing in things.items())


def _current(portal: Portal) -> str:
    return _named({code: d for code, d in portal.settings.departments.items() if not d.abolished})


def _known(wish: Wish, kind: ItemType, document: Document | None) -> tuple[dict[str, Any], frozenset[str]]:
    """The fields that are known, and which of them were only read out of the Word file."""
    fields: dict[str, Any] = {"type": wish.type, "title": wish.title, "department": wish.department}
    guesses: dict[str, Any] = {}
    if document is not None:
        found = document.proposal
        guesses = {
            "title": found.title if not wish.title else "",
            "document_number": found.number,
            "document_date": found.day.isoformat() if found.day else "",
        }
        if document.pictures:
            fields["attachments"] = [{"file": p.file, "title": p.title} for p in document.pictures]
    guesses = {name: value for name, value in guesses.items() if value and name in kind.fields}
    if wish.person and "officer" in kind.fields:
        fields["officer"] = wish.person
    return {**fields, **guesses}, frozenset(guesses)


def _codes(portal: Portal) -> dict[str, Mapping[str, Words]]:
    """The codes that fields may take, with their titles."""
    settings = portal.settings
    return {
        "topics": settings.topics,
        "column": {code: column.title for code, column in settings.columns.items()},
        "department": {code: d.title for code, d in settings.departments.items() if not d.abolished},
    }


def _used(root: Path, portal: Portal) -> list[str]:
    """Every path that carries a number, as the folder stands now."""
    return [entry.path for entry in portal.tree.entries("content")] + [
        path.relative_to(root).as_posix() + "/" for path in root.glob("content/*/*/*") if path.is_dir()
    ]


def _write(root: Path, item_id: str, path: str, data: bytes, document: Document | None) -> bool:
    """Make the item's file and, beside it, its pictures; False when the number was taken a moment ago."""
    other = path_of(item_id, "yml" if path.endswith(".md") else "md")
    folder = path.rpartition(".")[0]
    if (root / other).exists() or (root / folder).exists() or not create_new(root / path, data):
        return False
    if document is not None and document.pictures:
        try:
            write_all(root, {f"{folder}/{p.file}": p.data for p in document.pictures})
        except BaseException:
            (root / path).unlink(missing_ok=True)
            raise
    return True


def _notes(document: Document | None, guessed: frozenset[str]) -> tuple[Message, ...]:
    if document is None:
        return ()
    notes = list(document.notes)
    if guessed:
        notes.append(msg("read out of the text, please compare: {names}", names=", ".join(sorted(guessed))))
    if document.pictures:
        notes.append(msg("{count} pictures became attachments", count=len(document.pictures)))
    return tuple(notes)

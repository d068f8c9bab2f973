"""The files that go out with an item, each with its reading: read when a rule first asks, one item at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gongkai.attachments.reading import Reading
from gongkai.checks.passages import Passage, Text
from gongkai.model.corpus import FileEntry
from gongkai.model.finding import Place
from gongkai.model.item import Item
from gongkai.store.files import blob_id

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file of an item: its name, where the item names it (`field` is the pointer with dots), and what was read of it."""

    name: str
    path: str
    place: Place
    field: str
    reading: Reading


def named(item: Item) -> Iterator[tuple[str, str]]:
    """(file, field) of every attachment, and of every picture that is not among them."""
    if "attachments" in item.fields:
        yield from ((name, f"attachments.{index}.file") for index, name in _attached(item))
    images = item.fields.get("images")
    if isinstance(images, list):
        known = {a.file for a in item.attachments}
        for index, image in enumerate(images):
            name = image.get("file") if isinstance(image, dict) else None
            if isinstance(name, str) and name not in known:
                yield name, f"images.{index}.file"


def _attached(item: Item) -> Iterator[tuple[int, str]]:
    rows = item.fields["attachments"]
    for index, row in enumerate(rows if isinstance(rows, list) else ()):
        if isinstance(row, dict) and isinstance(row.get("file"), str):
            yield index, row["file"]


def read_enclosed(item: Item, portal: Portal) -> tuple[Enclosed, ...]:
    """Every file of the item that is there, read; missing ones are REF111's business."""
    found = []
    for name, field in named(item):
        entry = portal.corpus.attachment(item, name)
        if entry is not None and entry.kind == "file":
            place = item.place(*(int(p) if p.isdigit() else p for p in field.split(".")))
            found.append(Enclosed(name, entry.path, place, field, _reading(entry, portal)))
    return tuple(found)


def _reading(entry: FileEntry, portal: Portal) -> Reading:
    """Without a git id (a folder on disk) the bytes are fetched first, since the reading goes by them."""
    if entry.blob:
        return portal.readings.reading(
            entry.blob, entry.size, lambda: portal.tree.read(entry.path), entry.path
        )
    raw = portal.tree.read(entry.path) if portal.readings.worth_reading(entry.size) else b""
    return portal.readings.reading(blob_id(raw), entry.size, lambda: raw, entry.path)


def text_of(file: Enclosed) -> Text:
    """The text of an attachment; each passage stands where the item names the file, its spot says where within."""
    return Text.of(Passage(part.text, file.place, file.field, part.spot) for part in file.reading.parts)

"""What rules about the whole portal look at of each item, in a few words: kept, so that no item need be unpacked for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from gongkai.model.item import Item, address_of

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal


class Brief(NamedTuple):
    """An item in brief; `line` and `mark` say where its document number stands (line and column)."""

    id: str
    path: str
    form: str
    column: str
    shown: bool
    number: str
    line: int
    mark: int
    aliases: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def address(self) -> str:
        """See `Item.address`."""
        return address_of(self.id)

    @property
    def folder(self) -> str:
        """See `Item.folder`."""
        return self.path.rpartition(".")[0]


def brief(item: Item, portal: Portal) -> Brief:
    """An item in brief, as it stands in this portal: the column depends on the settings."""
    number = item.text("document_number")
    place = item.place("document_number") if number else item.place()
    aliases = item.texts("aliases") if "aliases" in item.fields else ()
    return Brief(
        item.id, item.path, item.form, portal.column_of(item), _is_public(item), number, place.line, place.column, aliases,
        tuple(files_named(item)),
    )  # fmt: skip


def _is_public(item: Item) -> bool:
    open_ = item.fields.get("openness", "proactive") == "proactive"
    return open_ and item.fields.get("secrecy", "public") == "public" and not item.removed


def files_named(item: Item) -> Iterator[str]:
    """The files that an item names as its attachments and pictures."""
    yield from (a.file for a in item.attachments)
    images = item.fields.get("images")
    for image in images if isinstance(images, list) else ():
        if isinstance(image, dict) and isinstance(image.get("file"), str):
            yield image["file"]

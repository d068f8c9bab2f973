"""Where the parts of an office file lead: the rows of its `.rels` parts."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from urllib.parse import unquote

from gongkai.attachments.markup import values


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a relationship leads: its kind's last word (`footnotes`, `aFChunk`), and the part's name."""

    kind: str
    target: str
    external: bool


def relations_of(data: bytes, folder: str) -> dict[str, Relation]:
    """The relationships in a `.rels` part by their ids; `folder` is that of the part they belong to."""
    made = {}
    for _, _, row in values(data, "Relationship"):
        target, external = unquote(row.get("Target", "")), row.get("TargetMode") == "External"
        if not external:
            target = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        made[row.get("Id", "")] = Relation(row.get("Type", "").rpartition("/")[2], target, external)
    return made

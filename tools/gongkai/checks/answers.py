"""Short answers to the questions that rules ask about the rest of the portal; what was found holds while they stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from gongkai.checks.portal import Portal
from gongkai.checks.watched import Answer, Untold
from gongkai.model.corpus import FileEntry
from gongkai.store.files import blob_id


class Answers:
    """Answers of one portal. `ids` gives the path of each id, `blobs` the blob at each path; None while items are not known."""

    def __init__(
        self, portal: Portal, ids: Mapping[str, str] | None = None, blobs: Mapping[str, str] | None = None
    ) -> None:
        self._portal, self._ids, self._blobs = portal, ids, blobs

    def answer(self, kind: str, key: str) -> Answer:
        """The answer to a question of this kind; empty for what is not there. Untold when it cannot be given yet."""
        if kind == "file":
            return self._file(self._portal.corpus.files.get(key))
        if kind == "facts":
            facts = self._portal.facts.get(key)
            return "" if facts is None else repr(facts)
        if kind == "to come":
            return self._portal.is_to_come(date.fromisoformat(key))
        if kind == "over":
            return self._portal.is_over(date.fromisoformat(key))
        if self._ids is None or self._blobs is None:
            raise Untold(kind)
        path = self._ids.get(key) if kind == "item" else key
        return f"{path} {self._blobs[path]}" if path is not None and path in self._blobs else ""

    def _file(self, entry: FileEntry | None) -> str:
        """Without a git id (a folder on disk) the file's bytes are looked at."""
        if entry is None or entry.kind != "file":
            return entry.kind if entry is not None else ""
        return f"file {entry.blob or blob_of(self._portal, entry.path)}"


def blob_of(portal: Portal, path: str) -> str:
    """The blob id of a file of the tree, by its bytes; why not, when it cannot be read."""
    try:
        return blob_id(portal.tree.read(path))
    except OSError as error:
        return f"unreadable {error.errno}"

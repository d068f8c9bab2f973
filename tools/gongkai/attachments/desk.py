"""Where files are handed in to be read: in the sandbox, once for the same bytes, old formats through LibreOffice."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from gongkai.attachments.kinds import MAX_FILE, suffix
from gongkai.attachments.reading import Reading, failed, merged
from gongkai.store.kept import Kept
from gongkai.store.office import convert, office

if TYPE_CHECKING:
    from gongkai.store.sandbox import Sandbox

VERSION = "1"
"""Grows when readings of the same bytes change; kept readings of another version are worth nothing."""
_KIND = "attachment"
_MAX_KEPT = 2_000_000
_PASSING = frozenset({"time", "memory", "crash"})
_CHILD = "gongkai.attachments.child:answer"
_NEW = {"doc": "docx", "xls": "xlsx", "ppt": "pptx"}
_NOT_OURS = frozenset({"author", "old", "no-words"})
"""Traits of a converted copy that say nothing about the file it was made of."""


class Readings:
    """Readings by the digest of the files' bytes. The child process starts with the first file and ends with this object."""

    def __init__(self, kept: Kept | None = None, keep: int = 64) -> None:
        self._store, self._keep = kept, keep
        self._kept: OrderedDict[str, Reading] = OrderedDict()
        self.unsure = 0
        """How often a reading was given out that failed for a cause that may pass (time, memory): nothing said of it is kept."""

    @cached_property
    def sandbox(self) -> Sandbox:
        """Where a file is opened: made with the first one, for many runs open none."""
        from gongkai.store.sandbox import Sandbox

        return Sandbox(_CHILD)

    def reading(self, blob: str, size: int, read_bytes: Callable[[], bytes], name: str) -> Reading:
        """The reading of a file: `blob` is git's id of its bytes, `size` their number; they are fetched only when needed.

        The same bytes give the same reading whatever the file is called, but for its ending (`key`).
        """
        key = self.key(blob, name)
        if key not in self._kept:
            self._kept[key] = self._remembered(key) or self._anew(key, size, read_bytes, name)
            if len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        self.unsure += self._kept[key].fault in _PASSING
        return self._kept[key]

    def key(self, blob: str, name: str) -> str:
        """What a reading depends on, in one word: fit to be the name of a kept file."""
        return f"{blob}-{suffix(name)[:10]}-{VERSION}-{'office' if office() else 'plain'}"

    def worth_reading(self, size: int) -> bool:
        """Whether a file of so many bytes is opened at all."""
        return size <= MAX_FILE

    def close(self) -> None:
        """End the child process, if there is one."""
        if "sandbox" in self.__dict__:
            self.sandbox.close()

    def _remembered(self, key: str) -> Reading | None:
        raw = self._store.get(_KIND, key) if self._store else None
        try:
            return Reading.from_bytes(raw) if raw else None
        except ValueError:
            return None

    def _anew(self, key: str, size: int, read_bytes: Callable[[], bytes], name: str) -> Reading:
        """Read it, and keep what came of it; what a busy machine may have caused is looked at again another time."""
        reading = self._read(size, read_bytes, name)
        if self._store and reading.fault not in _PASSING:
            raw = reading.to_bytes()
            if len(raw) <= _MAX_KEPT:
                self._store.put(_KIND, {key: raw})
        return reading

    def _read(self, size: int, read_bytes: Callable[[], bytes], name: str) -> Reading:
        if size > MAX_FILE:
            return failed("size", what=str(size // 1_000_000))
        raw = read_bytes()
        if len(raw) > MAX_FILE:
            return failed("size", what=str(len(raw) // 1_000_000))
        reading = self._ask(name, raw)
        return self._converted(reading, raw) if reading.has("old") else reading

    def _ask(self, name: str, raw: bytes) -> Reading:
        said = self.sandbox.ask(f"file.{suffix(name)[:10]}", raw)
        if not isinstance(said, bytes):
            return failed(
                "time" if said.reason == "time" else "memory" if said.reason == "memory" else "crash"
            )
        try:
            reading = Reading.from_bytes(said)
        except ValueError:
            self.close()
            return failed("crash")
        if reading.fault:
            self.close()  # nothing that a suspicious file left behind may meet the next one
        return reading

    def _converted(self, reading: Reading, raw: bytes) -> Reading:
        made = convert(raw, reading.kind, _NEW[reading.kind])
        if made is None:
            return reading
        copy = self._ask(f"file.{_NEW[reading.kind]}", made)
        if copy.fault:
            return reading
        own = tuple(t for t in reading.traits if t.code != "old")
        known = {t.code for t in own} | _NOT_OURS
        more = tuple(t for t in copy.traits if t.code not in known)
        return merged(replace(reading, traits=own), replace(copy, traits=more))

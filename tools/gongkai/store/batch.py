"""Reading git objects: one `git cat-file --batch` for each repository, shared by all of this process who read there.

Another one tells kind and size of what nobody may have reason to read (`heads_of`).
"""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, cast
from weakref import WeakValueDictionary

_SHARED: WeakValueDictionary[tuple[str, ...], Batch] = WeakValueDictionary()
_ELSEWHERE = ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")


class Missing(ValueError):
    """There is no object of this name."""


class Batch:
    """One child that is asked for objects by name. Threads take turns; a child that died is replaced."""

    _asks = "--batch"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: subprocess.Popen[bytes] | None = None
        self._turn = threading.Lock()
        self._pid = os.getpid()

    def __del__(self) -> None:
        self._end()

    def ask(self, name: str) -> tuple[str, str, bytes]:
        """The id, kind and bytes of the object that a name means; Missing for none. A name holds no line break."""
        oid, kind, _, raw = self._answer(name)
        return oid, kind, raw

    def _answer(self, name: str) -> tuple[str, str, int, bytes]:
        if "\n" in name:
            raise Missing(name)
        if self._pid != os.getpid():
            self._turn = threading.Lock()  # whoever held it stayed behind in the parent
        with self._turn:
            try:
                return self._asked(name)
            except OSError:
                self._end()
                return self._asked(name)

    def _asked(self, name: str) -> tuple[str, str, int, bytes]:
        source, sink = self._pipes()
        sink.write(name.encode("utf-8", "surrogateescape") + b"\n")
        sink.flush()
        head = source.readline()
        words = head.decode("utf-8", "surrogateescape").split(" ")
        if len(words) != 3 or not words[2].strip().isdigit():
            if not head.endswith(b"\n"):
                raise ChildProcessError("git cat-file")
            raise Missing(name)
        size = int(words[2])
        return words[0], words[1], size, self._rest(source, size)

    def _rest(self, source: IO[bytes], size: int) -> bytes:
        raw = source.read(size + 1)
        if len(raw) != size + 1:
            raise ChildProcessError("git cat-file")
        return raw[:-1]

    def _pipes(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._child is not None and self._pid != os.getpid():
            self._child.returncode = 0  # the parent's: it is not ours to talk to, nor to wait for
            self._child = None
        if self._child is None or self._child.poll() is not None:
            self._pid = os.getpid()
            self._child = subprocess.Popen(
                ["git", "cat-file", self._asks], cwd=self._folder,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        if self._child.stdin is None or self._child.stdout is None:
            raise ChildProcessError("git cat-file")
        return self._child.stdout, self._child.stdin

    def close(self) -> None:
        """End the child; of a forked process: let go of the parent's."""
        if self._pid != os.getpid():
            self._turn = threading.Lock()
        with self._turn:
            self._end()

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None or self._pid != os.getpid():
            return
        with suppress(OSError):
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()
        with suppress(OSError, subprocess.TimeoutExpired):
            child.wait(5)


class Heads(Batch):
    """One child that says of objects what they are, and reads none of them."""

    _asks = "--batch-check"

    def about(self, name: str) -> tuple[str, str, int]:
        """The id, kind and number of bytes of the object that a name means; Missing for none."""
        return self._answer(name)[:3]

    def _rest(self, source: IO[bytes], size: int) -> bytes:
        return b""


def batch_of(folder: Path) -> Batch:
    """The child of this process that reads in this repository; it lives as long as somebody holds it."""
    return _shared(folder, Batch)


def heads_of(folder: Path) -> Heads:
    """The child of this process that says what objects of this repository are; it lives as long as somebody holds it."""
    return cast("Heads", _shared(folder, Heads))


def _shared(folder: Path, kind: type[Batch]) -> Batch:
    at = folder.stat() if folder.exists() else None
    where = (str(folder.absolute()), f"{at.st_dev}-{at.st_ino}" if at else "")
    key = (kind.__name__, *where, str(os.getpid()), *(os.environ.get(name, "") for name in _ELSEWHERE))
    found = _SHARED.get(key)
    if found is None:
        found = _SHARED[key] = kind(folder)
    return found


def tree_rows(raw: bytes) -> Iterator[tuple[str, str, str]]:
    """The rows of a tree object (SHA-1): mode with six digits, name, id."""
    at = 0
    while at < len(raw):
        space, end = raw.index(b" ", at), raw.index(b"\0", at)
        name = raw[space + 1 : end].decode("utf-8", "surrogateescape")
        yield raw[at:space].decode().zfill(6), name, raw[end + 1 : end + 21].hex()
        at = end + 21

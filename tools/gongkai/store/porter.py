"""A small process that stays, links thousands of files into a folder, and looks how they lie there, while others work.

A fork of a large process would do the same, and cost it more than the work: each page of memory that is written to
afterwards is copied first. What the small one cannot do, or says too late, everybody can do without it.
"""

from __future__ import annotations

import marshal
import os
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from gongkai.store.durable import Rows, Stands, are_linked, lies, listed, stands_of

Groups = Mapping[str, Rows]
REST = 1.0
"""Seconds after which a change of a folder surely has another time than the one before."""
_LENGTH = 8


class Answer:
    """What the porter will say to one question; None when it cannot."""

    def __init__(self, porter: Porter) -> None:
        self._porter, self._said = porter, None
        self.is_there = False

    def answer(self) -> Any:
        """Wait for it."""
        while not self.is_there:
            self._porter.hear()
        return self._said

    def put(self, said: Any) -> None:
        """It was said."""
        self._said, self.is_there = said, True


class Porter:
    """The process, begun with the first question; it ends when this one does, or with `end`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._open: Answer | None = None
        self._told: Stands = {}

    def link(self, groups: Groups, old: Path, new: Path) -> Answer:
        """Link files from one folder into another; the names of the groups of which one is not as its row says."""
        return self._ask("link", dict(groups), str(old), str(new))

    def left(self) -> Answer:
        """The names of the groups that were linked last and no longer lie in that folder as their rows say."""
        return self._ask("left")

    def stands(self, folder: Path) -> Stands:
        """See `durable.stands_of`. What was looked at by `left` is looked at again where its folder was changed since."""
        said = self._ask("stands", str(folder)).answer()
        if said is None:
            self.end()  # what it told last is not known on both sides any more
            return stands_of(folder)
        prefixes, changed = said
        self._told = {p: changed[p] if p in changed else self._told[p] for p in prefixes}
        return {**self._told}

    def end(self) -> None:
        """Have no process left."""
        process, self._process, self._told = self._process, None, {}
        if process is not None:
            process.kill()
            process.communicate()
        self._say(None)

    def hear(self) -> None:
        """Wait for the answer to the question that is open."""
        process = self._process
        try:
            self._say(_read(process.stdout) if process is not None else None)
        except (OSError, EOFError, ValueError, TypeError):
            self.end()

    def _say(self, said: Any) -> None:
        asked, self._open = self._open, None
        if asked is not None:
            asked.put(said)

    def _ask(self, name: str, *args: Any) -> Answer:
        """One question at a time: were several open, both sides could wait for the other to read first."""
        while self._open is not None:
            self.hear()
        asked = self._open = Answer(self)
        try:
            if self._process is None:
                command = [sys.executable, "-P", "-m", __name__]
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
                )
            _write(self._process.stdin, (name, *args))
        except OSError:
            self.end()
        except BaseException:
            self.end()
            raise
        return asked


@dataclass
class _Looked:
    """How the files of a folder lay there, folder by folder, and when each of those was last changed.

    A folder that was `settled` then, and has the same time, has the same names in it, each of the same file. Whoever writes
    into a file without giving it a new name is not seen by that: see docs/decisions/0051.
    """

    folder: tuple[int, int] = (0, 0)
    stands: Stands = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    settled: int = -1

    def again(self) -> _Looked:
        """How they lie there now, in the folder where this process is."""
        at = os.lstat(".")
        old = self if self.folder == (at.st_dev, at.st_ino) else _Looked()
        found = _Looked((at.st_dev, at.st_ino), settled=old.settled)
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            changed = os.lstat(f"./{prefix}").st_mtime_ns
            found.times[prefix] = changed
            if changed == old.times.get(prefix) and changed <= old.settled:
                found.stands[prefix], found.below[prefix] = old.stands[prefix], old.below[prefix]
            else:
                found._list(prefix)
            waiting.extend(found.below[prefix])
        return found

    def _list(self, prefix: str) -> None:
        here, below = self.stands.setdefault(prefix, {}), self.below.setdefault(prefix, [])
        with listed(f"./{prefix}") as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    below.append(f"{prefix}{entry.name}/")
                elif not entry.is_symlink():
                    here[entry.name] = lies(entry.stat(follow_symlinks=False))


class _Work:
    """What is done in the small process. It goes into the folders it looks at: they may get other names meanwhile."""

    def __init__(self) -> None:
        self._groups: Groups = {}
        self._looked = _Looked()
        self._told: Stands = {}
        self._into = -1
        self._newest, self._linked_at = -1, 0.0

    def link(self, groups: Groups, old: str, new: str) -> Collection[str]:
        """See `Porter.link`."""
        before, self._into = self._into, -1
        if before >= 0:
            os.close(before)
        self._into = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
        self._groups, folders = groups, {""}
        spoilt = [name for name, rows in groups.items() if not are_linked(rows, old, new, folders)]
        self._newest = max(os.lstat(f"{new}/{folder}").st_mtime_ns for folder in folders)
        self._linked_at = time.monotonic()
        return spoilt

    def left(self) -> Collection[str]:
        """See `Porter.left`."""
        rested = time.monotonic() - self._linked_at >= REST
        os.chdir(self._into)
        self._looked = _Looked().again()
        # The file system's own clock went on since its newest folder was changed: no later change can have the same time.
        self._looked.settled = self._newest if rested else -1
        return [name for name, rows in self._groups.items() if not _lie(rows, self._looked.stands)]

    def stands(self, folder: str) -> tuple[list[str], Stands]:
        """See `Porter.stands`; only what is not as it was when this was asked last."""
        os.chdir(folder)
        there, told = self._looked.again().stands, self._told
        self._told = there
        return [*there], {prefix: here for prefix, here in there.items() if here != told.get(prefix)}


def _lie(rows: Rows, stands: Stands) -> bool:
    for path, size, changed in rows:
        folder, slash, name = path.rpartition("/")
        if stands.get(folder + slash, {}).get(name, ())[:2] != (size, changed):
            return False
    return True


def _read(stream: IO[bytes] | None) -> Any:
    assert stream is not None
    length = int.from_bytes(stream.read(_LENGTH), "big")
    if not length:
        raise EOFError
    return marshal.loads(stream.read(length))


def _write(stream: IO[bytes] | None, said: Any) -> None:
    assert stream is not None
    data = marshal.dumps(said)
    stream.write(len(data).to_bytes(_LENGTH, "big"))
    stream.write(data)
    stream.flush()


def _serve(asked: IO[bytes], said: IO[bytes]) -> None:
    """Answer one question after the other until nobody is left to ask."""
    work = _Work()
    with suppress(EOFError, KeyboardInterrupt, BrokenPipeError):
        while True:
            name, *args = _read(asked)
            try:
                found = getattr(work, name)(*args)
            except OSError:
                found = None
            _write(said, found)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)

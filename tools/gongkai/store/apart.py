"""Work that a process of its own does while this one goes on; its answer is there when somebody asks for it."""

from __future__ import annotations

import os
import pickle
import signal
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


def forks() -> bool:
    """Whether processes are forked: not everywhere, and not where another thread may hold a lock."""
    return hasattr(os, "fork") and threading.active_count() == 1


class Apart(Generic[Answer]):
    """One piece of work. Used as a context: in its end the process is gone, whatever happened.

    Where there is no fork, the work is done here, when its answer is asked for.
    """

    def __init__(self, work: Callable[[], Answer]) -> None:
        self._work, self._child = work, 0
        self._kept = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `end`
        if hasattr(os, "fork"):
            self._child = os.fork() or self._in_child()

    def __enter__(self) -> Apart[Answer]:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """Have no process left; its answer can no longer be asked for."""
        if self._child:
            with suppress(ProcessLookupError, ChildProcessError):
                os.kill(self._child, signal.SIGKILL)
                os.waitpid(self._child, 0)
        self._kept.close()

    def answer(self) -> Answer | None:
        """What the work came to, once it is done; None when its process was killed or failed."""
        if not self._child:
            return self._work()
        try:
            status = os.waitpid(self._child, 0)[1]
        except ChildProcessError:  # where children that end are not kept for us
            status = 1
        self._child = 0
        if status:
            return None
        self._kept.seek(0)
        found: Answer = pickle.load(self._kept)
        return found

    def _in_child(self) -> int:
        code = 1
        try:
            pickle.dump(self._work(), self._kept, pickle.HIGHEST_PROTOCOL)
            self._kept.flush()
            code = 0
        finally:
            os._exit(code)

"""Noticing that files changed: a bell that rings, for whoever waits."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

QUIET = frozenset({"opened", "closed_no_write"})
"""Kinds of events that only say that somebody looked."""


class Bell(FileSystemEventHandler):
    """Rings when something below one of the folders changes. A context: it listens inside."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self.rung = threading.Event()
        self._observer = Observer()
        for folder in folders:
            self._observer.schedule(self, str(folder), recursive=True)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """A change was seen."""
        if event.event_type not in QUIET:
            self.rung.set()

    def ring(self) -> None:
        """Wake whoever waits."""
        self.rung.set()

    def wait(self, seconds: float) -> bool:
        """Wait for a ring, at most so long; whether it rang. A ring is heard once."""
        heard = self.rung.wait(max(0.0, seconds))
        self.rung.clear()
        return heard

    def __enter__(self) -> Bell:
        self._observer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.stop()
        self._observer.join(5)

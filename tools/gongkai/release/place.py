"""The folder of releases: `releases/<time>-<commit>/` each with its `site/`, and `current`, the one that visitors see.

The web server's root is `current/`. Names that begin with a dot are work under way: nobody reads them, and the next
command takes away what a killed one left.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import Message, msg
from gongkai.release.view import Last, Taken
from gongkai.store.durable import clear, point, settle_folder
from gongkai.store.files import write_whole
from gongkai.store.locks import locked

RELEASES, CURRENT, SITE, ABOUT, HELD = "releases", "current", "site", "release.json", "held.json"
HIDDEN = "."
AHEAD = ".ahead-"
"""How folders begin that a resident publisher made ready for its next release; whoever builds next clears what is left."""
PATIENCE = 3600.0
"""So many seconds a second publication waits for the first."""
Tell = Callable[[Message], None]


@dataclass(frozen=True)
class Release:
    """A finished release: its name, what it was built from, how large it is, and what was taken from the public in it.

    `main` is the commit of main that it shows, `laid` the items that were laid over it because they were taken down
    later. `made` is the wall clock; nothing in `site/` or the manifest depends on it. `key` and `until`: see `View`.
    """

    name: str
    main: str
    ledger: str
    effective: str
    made: str
    engine: str = ""
    published: str = ""
    items: int = 0
    files: int = 0
    bytes: int = 0
    taken: Taken = field(default_factory=dict)
    laid: tuple[str, ...] = ()
    key: str = ""
    until: str = ""

    @property
    def last(self) -> Last | None:
        """The view it shows; None when an older engine did not write down until when that holds."""
        if not self.until:
            return None
        return Last(self.key, datetime.fromisoformat(self.effective), datetime.fromisoformat(self.until))


@dataclass(frozen=True)
class Place:
    """The folder of releases and, outside it, the publisher's own folder."""

    root: Path
    state: Path

    def open(self) -> None:
        """Make what is missing. GongkaiError (exit 2) when the folder holds something else."""
        there = {p.name for p in self.root.iterdir()} if self.root.is_dir() else set()
        current = self.root / CURRENT
        if (there and RELEASES not in there) or (current.exists() and not current.is_symlink()):
            raise GongkaiError(
                msg("{folder} is not a folder of releases", folder=str(self.root)),
                msg("name a new or empty folder with --to; the web server's root is `current` in it"),
            )
        if self.state.absolute().is_relative_to(self.root.absolute()):
            raise GongkaiError(
                msg("the publisher's own folder {folder} must not lie inside the published one", folder=str(self.state)),
                msg("name another folder with --state"),
            )  # fmt: skip
        (self.root / RELEASES).mkdir(parents=True, exist_ok=True)
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)

    @contextmanager
    def alone(self, tell: Tell) -> Iterator[None]:
        """Hold the folder for oneself; says so when another is at work, and waits. A killed holder lets go."""
        with _patiently(self.root / ".lock", tell), _patiently(self.state / "lock", tell):
            for left in (self.root / RELEASES).glob(f"{HIDDEN}*"):
                if not left.name.startswith(AHEAD):
                    clear(left)
            yield

    def folder(self, name: str) -> Path:
        """A release's folder."""
        return self.root / RELEASES / name

    def site(self, name: str) -> Path:
        """A release's public files."""
        return self.folder(name) / SITE

    def hidden(self, name: str) -> Path:
        """Where a release is made before anybody can see it."""
        return self.folder(f"{HIDDEN}{name}")

    def current(self) -> Release | None:
        """The release that visitors see."""
        try:
            target = str((self.root / CURRENT).readlink())
        except OSError:
            return None
        parts = target.split("/")
        return self.read(parts[1]) if len(parts) == 3 and parts[0] == RELEASES else None

    def read(self, name: str) -> Release | None:
        """A release by its name; None when there is none, or it is not whole."""
        try:
            data = json.loads((self.folder(name) / ABOUT).read_text(encoding="utf-8"))
            return _release(name, data) if self.site(name).is_dir() else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def all(self) -> list[Release]:
        """All releases, the newest first."""
        names = [p.name for p in (self.root / RELEASES).glob("[!.]*")]
        found = [r for r in map(self.read, sorted(names)) if r is not None]
        return sorted(found, key=lambda r: (r.made, r.name), reverse=True)

    def new_name(self, stem: str) -> str:
        """A name that no release has yet."""
        name, count = stem, 1
        while self.folder(name).exists():
            count += 1
            name = f"{stem}-{count}"
        return name

    def held(self) -> str:
        """The release at which the portal is held (`rollback --lock`); empty when it is not."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            return str(json.loads((self.root / HELD).read_text(encoding="utf-8"))["release"])
        # A file that is there and cannot be read holds too: better a day late than undone.
        return "?" if (self.root / HELD).exists() else ""

    def hold(self, name: str) -> None:
        """Hold the portal at a release; an empty name lets go."""
        if name:
            write_whole(self.root / HELD, json.dumps({"release": name}) + "\n")
        else:
            (self.root / HELD).unlink(missing_ok=True)
        settle_folder(self.root)

    def show(self, name: str, *, now: bool = True) -> None:
        """Let visitors see a release from one instant to the next; with `now` off only make ready for it."""
        point(self.root / CURRENT, f"{RELEASES}/{name}/{SITE}", now=now)

    def finish(self, name: str) -> None:
        """Give a finished release its name."""
        old = self.hidden(f"old-{name}")
        if self.folder(name).exists():
            self.folder(name).rename(old)
        self.hidden(name).rename(self.folder(name))
        settle_folder(self.root / RELEASES)
        clear(old)


def write_about(folder: Path, release: Release) -> None:
    """Write what a release is beside its public files."""
    data: dict[str, Any] = {"schema_version": 1, **asdict(release)}
    del data["name"]
    write_whole(folder / ABOUT, json.dumps(data, ensure_ascii=False, indent=1) + "\n")


def _release(name: str, data: Mapping[str, Any]) -> Release:
    known = {key: data[key] for key in Release.__dataclass_fields__ if key in data and key != "name"}
    taken = {str(i): (str(mark), str(page)) for i, (mark, page) in known.pop("taken").items()}
    return replace(Release(name, **known), taken=taken, laid=tuple(known["laid"]))


@contextmanager
def _patiently(file: Path, tell: Tell) -> Iterator[None]:
    """A lock for which one waits as long as a large portal takes, having said so."""
    seconds = 0.2
    while True:
        try:
            lock = locked(file, seconds)
            lock.__enter__()
            break
        except GongkaiError as error:
            if error.code is not Exit.BROKEN or seconds == PATIENCE:
                raise
            tell(msg("another publication or rollback is at work on this folder; waiting for it"))
            seconds = PATIENCE
    try:
        yield
    finally:
        lock.__exit__(None, None, None)

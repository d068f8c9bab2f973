"""What all peers have in common: a folder of their own, a state to bring about, a command, a look at what came out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from peer_corpora import change
from peer_measure import Command, Run, environment

STATES = {
    "cold": "cold, nothing kept",
    "warm": "again, nothing changed",
    "changed": "again, one item changed",
    "first": "first release",
    "switched": "resident, one item accepted",
}


class Failed(Exception):
    """A tool that ended otherwise than it should, or whose output is not whole."""


@dataclass(frozen=True)
class Step:
    """One thing to measure. `before` brings the state about, `after` says what is wrong with what came out."""

    state: str
    commands: Sequence[Command]
    before: Callable[[int], None]
    after: Callable[[int], str] = lambda _: ""
    once: bool = False
    run: Callable[[int], Run] | None = None
    """Measures by itself, instead of the commands."""


@dataclass(frozen=True)
class Corpus:
    """Where the bench works, and the portal of `count` items that everybody's files are made from."""

    base: Path
    portal: Path
    count: int


class Peer:
    """One tool under test. `slow` ones are run in fewer rounds; `package` is the name of its distribution."""

    key = ""
    title = ""
    package = ""
    slow = False
    differs = ""

    def __init__(self, corpus: Corpus) -> None:
        self.corpus = corpus
        self.folder = corpus.base / self.key
        self.env = environment(corpus.base / f"{self.key}-home")

    @property
    def cwd(self) -> Path:
        """Where its commands are run."""
        return self.folder

    @classmethod
    def version(cls) -> str:
        """The installed version; empty when it is not installed."""
        try:
            return version(cls.package)
        except PackageNotFoundError:
            return ""

    def lay_out(self) -> None:
        """Make its files, once."""

    def steps(self) -> list[Step]:
        """What is measured, in this order in every round."""
        raise NotImplementedError

    def output(self) -> Path | None:
        """The folder that it makes, None when it makes none."""
        return None

    def end(self) -> None:
        """End what still runs."""

    def clear(self, *folders: Path) -> None:
        """Take away folders, and whatever was kept in its home."""
        for folder in (*folders, self.corpus.base / f"{self.key}-home"):
            shutil.rmtree(folder, ignore_errors=True)
        environment(self.corpus.base / f"{self.key}-home")


class Generator(Peer):
    """A generator that turns an item's file into a page of the same place: cold, warm, one changed."""

    items = ""
    """The folder of the items' files in its own."""

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self.words: dict[int, tuple[str, str]] = {}

    def places(self) -> list[str]:
        """Every item's place, department/year/serial."""
        return [
            "/".join(path.stem.rsplit("-", 2)) for path in sorted(self.corpus.portal.glob("content/*/*/*.md"))
        ]

    def file_of(self, place: str) -> Path:
        """The source file of an item."""
        return self.folder / self.items / f"{place}.md"

    def edit(self, number: int) -> None:
        """Change one item, another in every round."""
        places = self.places()
        place = places[number * 37 % len(places)]
        self.words[number] = place, change(self.file_of(place), number)

    def whole(self, _: int) -> str:
        """Whether there is a page for every item: a build that leaves pages out is no build."""
        site = self.output()
        assert site is not None
        missing = [place for place in self.places() if not (site / f"{place}.html").is_file()]
        return f"{len(missing)} items have no page, {missing[0]} for one" if missing else ""

    def shown(self, number: int) -> str:
        """Whether the changed item's page shows the new words."""
        site = self.output()
        assert site is not None
        place, words = self.words[number]
        page = (site / f"{place}.html").read_text(encoding="utf-8")
        return "" if words in page else f"{place}.html does not show the new words"


def program(package: str, name: str, ending: str) -> list[str | Path]:
    """The command of a package's own binary rather than its Python door, which would cost it a tenth of a second."""
    try:
        for file in distribution(package).files or ():
            if file.as_posix().endswith(ending):
                return [Path(str(file.locate()))]
    except PackageNotFoundError:
        pass
    return [Path(sys.executable).parent / name]

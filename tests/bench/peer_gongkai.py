"""Gongkai among its peers: `build`, `check` and `publish`, by their command lines alone."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from gate_speed import OFFICER, Bench
from gate_speed import lay_out as lay_out_server
from peer_base import Corpus, Generator, Step
from peer_others import nothing

from gongkai import __version__

ME = [sys.executable, "-m", "gongkai"]
AUTHOR = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]


class GongkaiBuild(Generator):
    """`gongkai build` of a folder that is a git repository, as an officer's or a builder's clone is."""

    key, title, items = "gongkai", "Gongkai build", "content"
    differs = (
        "reads, sanitises and builds everything: item pages, a JSON of each item, lists by department, column, year and topic, "
        "Atom, RSS and JSON feeds for the portal and each column, catalogue, sitemaps, evidence, search index, and looks for "
        "dead links. Cold: without its output, without anything kept (`.git/gongkai`, the user's cache), all untracked files gone."
    )

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self.portal = self.folder / "portal"

    @classmethod
    def version(cls) -> str:
        return __version__

    def lay_out(self) -> None:
        shutil.copytree(self.corpus.portal, self.portal)
        self._git("init", "-q")
        self._git("add", "-A")
        self._git(*AUTHOR, "commit", "-q", "-m", "corpus")

    def file_of(self, place: str) -> Path:
        department, year, serial = place.split("/")
        return self.portal / "content" / department / year / f"{department}-{year}-{serial}.md"

    def output(self) -> Path | None:
        return self.folder / "out" / "site"

    def steps(self) -> list[Step]:
        command = [*ME, "--root", self.portal, "build", "--site-dir", self.folder / "out" / "site"]
        return [
            Step("cold", [command], self.forget, self.whole),
            Step("warm", [command], nothing, self.whole),
            Step("changed", [command], self.edit, self.shown),
        ]

    def forget(self, _: int) -> None:
        """Nothing is left of former runs: no output, no cache, no change of a file; looks whether that is so."""
        self.clear(self.folder / "out", self.portal / ".git" / "gongkai")
        self._git("checkout", "-q", "--", ".")
        self._git("clean", "-ffdxq")
        self._git("status", "--porcelain")
        left = list(self.folder.rglob("gongkai-kept-*"))
        if left:
            sys.exit(f"not cold: {left[0]} is still there")

    def _git(self, *args: str) -> None:
        subprocess.run(["git", *args], cwd=self.portal, check=True, stdout=subprocess.DEVNULL)


class GongkaiUnsearched(GongkaiBuild):
    """`gongkai build` of the same portal where a platform above searches for all (`search: none` in portal.yml)."""

    key, title = "gongkai-unsearched", "Gongkai build, no search"
    differs = "the same with `search: none` in portal.yml, as issue 7's first row wants it; nothing else is left out."

    def lay_out(self) -> None:
        super().lay_out()
        with (self.portal / "site_config" / "portal.yml").open("a", encoding="utf-8") as settings:
            settings.write("\nsearch: none\n")
        self._git(*AUTHOR, "commit", "-q", "-a", "-m", "no search of its own")

    def steps(self) -> list[Step]:
        return [step for step in super().steps() if step.state == "cold"]


class GongkaiCheck(GongkaiBuild):
    """`gongkai check` of the same folder."""

    key, title = "gongkai-check", "Gongkai check"
    differs = "every item and all settings against the whole table of rules, text and links included."

    def output(self) -> None:
        return None

    def steps(self) -> list[Step]:
        command = [*ME, "--root", self.portal, "check", "--quiet"]
        return [
            Step("cold", [command], self.forget),
            Step("warm", [command], nothing),
            Step("changed", [command], self.edit),
        ]


class GongkaiPublish(Generator):
    """`gongkai publish` from a server's repository with its gate: every change comes in signed, reviewed and accepted."""

    key, title = "gongkai-publish", "Gongkai publish"
    differs = (
        "fetches and verifies the ledger and its signatures, builds a release aside, looks it over, records it and switches. "
        "The change was handed in, approved twice and accepted before (not measured here: tests/bench/gate_speed.py)."
    )

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self._server: Bench | None = None

    @classmethod
    def version(cls) -> str:
        return __version__

    def lay_out(self) -> None:
        self.folder.mkdir()
        self._server = lay_out_server(self.corpus.count, self.folder)

    def output(self) -> Path:
        return (self.folder / "www" / "current").resolve()

    def steps(self) -> list[Step]:
        command = [*ME, "publish", "--repo", self.folder / "server.git", "--to", self.folder / "www"]
        return [
            Step("first", [command], nothing, self.whole, once=True),
            Step("warm", [command], nothing, self.whole),
            Step("changed", [command], self.accept, self.shown),
        ]

    @property
    def bench(self) -> Bench:
        """The server, and the clone that acts for everybody."""
        assert self._server is not None
        return self._server

    def accept(self, number: int) -> None:
        """One item changed, handed in, approved and accepted through the gate's hooks."""
        server = self.bench
        tip = server.edit(number)
        server.be(OFFICER)
        server.submit(tip, f"bench{number}")
        server.approve(f"bench{number}")
        self.note(number)

    def note(self, number: int) -> None:
        """Remember which item's page must show which words."""
        place = [place for place in self.places() if place.startswith("tide/")][number]
        self.words[number] = place, f"第{number}次修改"

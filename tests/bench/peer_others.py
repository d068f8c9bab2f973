"""The peers: Hugo, MkDocs with Material, Zensical, Pagefind, check-jsonschema."""

from __future__ import annotations

import sys
from pathlib import Path

import peer_corpora
from peer_base import Corpus, Failed, Generator, Peer, Step, program
from peer_measure import measure


def nothing(_: int) -> None:
    """The state is as the step before left it."""


class Hugo(Generator):
    """Hugo with the templates of peer_sites/hugo."""

    key, title, package, items = "hugo", "Hugo", "hugo", "content"
    differs = (
        "lists by department and by column, RSS for each of them, a sitemap; an item page with the same head, title block, "
        "facts, neighbours and shell as ours and of about the same size. It checks nothing, and makes no JSON of each item, no "
        "lists by year and topic, no Atom and JSON feeds, no catalogue, no search index. Cold: without `public/`, `resources/` "
        "and its cache. Its templates are cached only where Hugo's own documentation would (`partialCached`)."
    )

    def lay_out(self) -> None:
        peer_corpora.hugo(self.corpus.portal, self.folder)

    def output(self) -> Path:
        return self.folder / "public"

    def steps(self) -> list[Step]:
        command = [*program("hugo", "hugo", "hugo/binaries/hugo"), "build", "--quiet"]
        site = self.output()
        return [
            Step("cold", [command], lambda _: self.clear(site, self.folder / "resources"), self.whole),
            Step("warm", [command], nothing, self.whole),
            Step("changed", [command], self.edit, self.shown),
        ]


class MkDocs(Generator):
    """Plain MkDocs with Material."""

    key, title, package, items, slow = "mkdocs", "MkDocs + Material", "mkdocs-material", "docs", True
    differs = "the items out of nav, no search, no lists, no feeds, no checks. It keeps nothing: after one change it is the same again."

    def lay_out(self) -> None:
        peer_corpora.mkdocs(self.corpus.portal, self.folder)

    def output(self) -> Path:
        return self.folder / "site"

    def steps(self) -> list[Step]:
        command = [sys.executable, "-m", "mkdocs", "build", "--quiet"]
        return [Step("cold", [command], lambda _: self.clear(self.output()), self.whole)]


class Zensical(MkDocs):
    """Zensical on the same files as MkDocs."""

    key, title, package = "zensical", "Zensical", "zensical"
    differs = (
        "the same folder as MkDocs; no lists, no feeds, no checks. It writes a `search.json` whether asked or not. "
        "Cold: without `site/` and `.cache/`."
    )

    def steps(self) -> list[Step]:
        command = [Path(sys.executable).parent / "zensical", "build"]
        site = self.output()
        return [
            Step("cold", [command], lambda _: self.clear(site, self.folder / ".cache"), self.whole),
            Step("warm", [command], nothing, self.whole),
            Step("changed", [command], self.edit, self.shown),
        ]


class Pagefind(Peer):
    """Pagefind over the portal that Gongkai built."""

    key, title, package, slow = "pagefind", "Pagefind (extended)", "pagefind_bin_extended", True
    differs = (
        "the search index alone, over the item pages that Gongkai built (`--glob`: the lists are left to it unread). "
        "It keeps nothing between runs."
    )

    def lay_out(self) -> None:
        self.folder.mkdir()
        build = [sys.executable, "-m", "gongkai", "--root", self.corpus.portal, "build"]
        built = measure([[*build, "--site-dir", self.folder / "site"]], cwd=self.folder, env=self.env)
        if built.code:
            raise Failed(f"the portal that Pagefind reads was not built: exit {built.code}\n{built.said}")

    def output(self) -> Path:
        return self.folder / "index"

    def steps(self) -> list[Step]:
        command = [
            *program(self.package, "pagefind_extended", "pagefind_bin_extended/pagefind_extended"),
            *("--site", "site", "--output-path", "index", "--glob", "*/20*/[0-9]*.html", "--silent"),
        ]
        return [Step("cold", [command], lambda _: self.clear(self.output()), self._counted)]

    def _counted(self, _: int) -> str:
        pages = len(list(self.output().glob("fragment/*")))
        return "" if pages >= self.corpus.count else f"{pages} pages indexed, not {self.corpus.count}"


class CheckJsonschema(Peer):
    """check-jsonschema on the same items' fields as YAML files, one run for each type."""

    key, title, package, slow = "check-jsonschema", "check-jsonschema", "check-jsonschema", True
    differs = (
        "the same items' fields as YAML files against the same schemas, one run for each type. It judges the schema alone: no "
        "text, links, numbers, days, personal data, settings. It keeps nothing, so it has one state."
    )

    def __init__(self, corpus: Corpus) -> None:
        super().__init__(corpus)
        self._files: dict[str, list[str]] = {}

    def lay_out(self) -> None:
        self._files = peer_corpora.front_matters(self.corpus.portal, self.folder)

    def steps(self) -> list[Step]:
        program = Path(sys.executable).parent / "check-jsonschema"
        schemas = self.corpus.portal / "schemas/items"
        commands = [
            [program, "--schemafile", schemas / f"{kind}.schema.json", *names]
            for kind, names in self._files.items()
        ]
        return [Step("cold", commands, nothing)]

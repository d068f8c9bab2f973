"""One whole build by MkDocs' own functions, in this process: the same bytes as `mkdocs build --strict`.

The portal is built in a fresh folder and takes the old one's place by a rename: what is being served is
never emptied.
"""

from __future__ import annotations

import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import TemplateError

from gongkai.evidence.chain import Record
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.facts import Facts
from gongkai.model.message import msg
from gongkai.portal.frame import source
from gongkai.portal.links import DeadLink, Request
from gongkai.portal.page import BrokenLink, Page, SiteText
from gongkai.portal.site import Site
from gongkai.store.tree import CommitTree

FRAME = ("mkdocs.yml", "site_config/pages", "site_config/theme")
"""What MkDocs itself reads of a portal; everything else comes in through the plugin."""


@dataclass(frozen=True)
class Built:
    """A finished build: how many pages and files, and every link that leads nowhere."""

    site: Path
    pages: int = 0
    files: int = 0
    broken: tuple[BrokenLink, ...] = ()
    dead: tuple[DeadLink, ...] = ()
    requests: tuple[Request, ...] = ()
    remarks: tuple[str, ...] = ()
    settings: tuple[SiteText, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether the pages may go out: nothing dead, nothing asked of another host."""
        return not self.dead and not self.requests


def build(
    portal_root: Path,
    site_dir: Path,
    *,
    commit: str | None = None,
    now: datetime,
    strict: bool = True,
    facts: Facts | None = None,
    record: Record | None = None,
) -> Built:
    """Build the portal of a folder, or of a commit of its repository, as the public may see it at `now`.

    `facts` are the ledger's; without them nothing that no old portal published has a date of publication. `record` is
    what the portal shows of how things were reviewed.
    `site_dir` is replaced only by a sound build; an unsound one leaves what was there. GongkaiError when
    there is no mkdocs.yml, when MkDocs cannot build, or when `site_dir` is a folder that no build made.
    """
    site_dir = site_dir.absolute()
    _refuse_to_replace(site_dir, portal_root.absolute())
    site_dir.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".gongkai-site-", dir=site_dir.parent) as scratch:
        fresh = Path(scratch) / "site"
        root = _frame_of(portal_root, commit, Path(scratch) / "frame") if commit else portal_root
        plan = _Plan(
            root.absolute(), portal_root.absolute(), commit or "", now, facts or {}, record or Record()
        )
        built = _build(plan, fresh, strict)
        if built.sound or not strict:
            _put(fresh, site_dir, Path(scratch) / "old")
    return replace(built, site=site_dir)


def _refuse_to_replace(site_dir: Path, root: Path) -> None:
    """A mistyped --site-dir must not cost anybody a folder: only a built portal or an empty one goes."""
    ours = (site_dir / "sitemap.html").is_file() and (site_dir / "assets" / "gongkai").is_dir()
    if site_dir == root or site_dir in root.parents or (_has_content(site_dir) and not ours):
        raise GongkaiError(
            msg("{folder} is not a built portal, so it is not replaced", folder=str(site_dir)),
            msg("name another folder with --site-dir, or empty this one yourself"),
        )


def _has_content(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def _frame_of(repo: Path, commit: str, target: Path) -> Path:
    """The commit's mkdocs.yml, authored pages and theme as files, for MkDocs reads only files."""
    tree = CommitTree(repo, commit)
    for entry in (e for e in tree.entries() if e.kind == "file"):
        if entry.path == FRAME[0] or entry.path.startswith(tuple(f"{f}/" for f in FRAME[1:])):
            path = target / entry.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tree.read(entry.path))
    return target


@dataclass(frozen=True)
class _Plan:
    """What is built: the folder that MkDocs reads, the portal's folder or repository, its commit, moment, facts, record."""

    root: Path
    repo: Path
    commit: str
    now: datetime
    facts: Facts
    record: Record


def _build(plan: _Plan, site: Path, strict: bool) -> Built:
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # Material's notice about MkDocs 2, printed at import
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.exceptions import MkDocsException

    plugin = None
    with _remarks() as remarks:
        try:
            config = _config(plan.root, site, strict)
            plugin = _plugin(config)
            root = plan.repo if plan.commit else plan.root
            plugin.given(root, plan.commit, plan.now, plan.facts, plan.record)
            mkdocs_build(config)
        except (MkDocsException, SystemExit) as error:
            raise (plugin and plugin.trouble) or _failed(remarks, error) from error
    made = plugin.made
    return Built(
        site,
        len(made.pages),
        len(made.files),
        made.broken,
        tuple(plugin.dead),
        tuple(plugin.asked),
        tuple(remarks),
        made.settings,
    )


def _config(root: Path, site: Path, strict: bool) -> Any:
    from mkdocs.config import load_config

    file = root / FRAME[0]
    if not file.is_file():
        raise GongkaiError(
            msg("{folder} has no {file}", folder=str(root), file=FRAME[0]),
            msg("copy it from a fresh portal: `gongkai init DIR`"),
        )
    return load_config(str(file), site_dir=str(site), strict=strict)


def _plugin(config: Any) -> Any:
    plugin = config.plugins.get("gongkai")
    if plugin is None:
        raise GongkaiError(
            msg("mkdocs.yml does not use the plugin gongkai"),
            msg("add `- gongkai` under `plugins:` in mkdocs.yml"),
        )
    return plugin


def _failed(remarks: list[str], error: BaseException) -> GongkaiError:
    reasons = "; ".join(dict.fromkeys(remarks)) or str(error)
    return GongkaiError(
        msg("MkDocs could not build the portal: {reasons}", reasons=reasons),
        msg("mend mkdocs.yml, site_config/pages or site_config/theme; what was built before is still there"),
        Exit.FINDINGS,
    )


@contextmanager
def _remarks() -> Iterator[list[str]]:
    """MkDocs' warnings and errors as values instead of lines on stderr."""
    kept: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record.getMessage().strip())

    keeper, logger = Keeper(logging.WARNING), logging.getLogger("mkdocs")
    propagated, logger.propagate = logger.propagate, False
    logger.addHandler(keeper)
    try:
        yield kept
    finally:
        logger.removeHandler(keeper)
        logger.propagate = propagated


class Shell:
    """MkDocs made ready once, then asked for single pages: the bytes that a build would write, and no file is written.

    `site_path` is where the portal stands on its host. `remarks` are MkDocs' warnings about the fixed pages; a build
    would stop at them. GongkaiError when MkDocs cannot work with this mkdocs.yml, these pages or this theme.
    """

    def __init__(self, root: Path, site: Site, pages: Iterable[Page]) -> None:
        os.environ["NO_MKDOCS_2_WARNING"] = "1"
        from mkdocs.exceptions import MkDocsException

        self._mkdocs: Any = import_module("mkdocs.commands.build")
        with _remarks() as remarks:
            try:
                self._config = _config(root, root / ".gongkai-preview", strict=False)
                self._plugin = _plugin(self._config)
                self._plugin.show(site, pages)
                self._prepare()
            except (MkDocsException, SystemExit, OSError) as error:
                raise _failed(remarks, error) from error
        self.remarks = tuple(dict.fromkeys(remarks))
        self.site_path = urlsplit(self._config.site_url or "/").path

    def _prepare(self) -> None:
        """As MkDocs' own `build` begins."""
        mkdocs, config = self._mkdocs, self._config
        config = self._config = config.plugins.on_config(config)
        config.plugins.on_pre_build(config=config)
        files = mkdocs.get_files(config)
        env = config.theme.get_env()
        files.add_files_from_theme(env, config)
        self._files = config.plugins.on_files(files, config=config)
        mkdocs.set_exclusions(self._files, config)
        self._nav = config.plugins.on_nav(
            mkdocs.get_navigation(self._files, config), config=config, files=self._files
        )
        self._documents = self._files.documentation_pages()
        for file in self._documents:
            mkdocs._populate_page(file.page or mkdocs.Page(None, file, config), config, self._files)
        self._env = config.plugins.on_env(env, config=config, files=self._files)
        self._fixed = {file.dest_uri: file for file in self._documents if file.generated_by is None}
        self._static = {f.dest_uri: f for f in self._files if not f.is_documentation_page()}

    @property
    def authored(self) -> tuple[str, ...]:
        """The paths of the fixed pages that somebody wrote."""
        return tuple(self._fixed)

    def show(self, site: Site, pages: Iterable[Page]) -> None:
        """From now on render the pages of this site."""
        self._plugin.show(site, pages)

    def page(self, page: Page) -> bytes:
        """A page that the portal made."""
        from mkdocs.structure.files import File, InclusionLevel

        uri = source(page)
        file = self._files.get_file_from_path(uri) or File.generated(
            self._config, uri, content="", inclusion=InclusionLevel.NOT_IN_NAV
        )
        self._plugin.pages = {uri: page}
        return self._rendered(file)

    def fixed(self, path: str) -> bytes | None:
        """The page at this path that somebody wrote; None when there is none."""
        file = self._fixed.get(path)
        self._plugin.pages = {}
        return self._rendered(file) if file else None

    def static(self, path: str) -> bytes | None:
        """A file of the theme, or one that lies beside the fixed pages; None when there is none."""
        script = self._plugin.scripts.get(path)
        if script is not None:
            return str(script).encode()
        file = self._static.get(path)
        content: bytes | None = file.content_bytes if file else None
        return content

    def not_found(self) -> bytes:
        """The portal's page for an address that leads nowhere; GongkaiError as for pages."""
        build = self._mkdocs._build_template
        try:
            template = self._env.get_template("404.html")
            text: str = build("404.html", template, self._files, self._config, self._nav)
        except TemplateError as error:
            raise _failed([], error) from error
        return text.encode()

    def _rendered(self, file: Any) -> bytes:
        """A page of MkDocs; GongkaiError when a template is wrong, as a portal's own may be."""
        try:
            return self._as_built(file)
        except TemplateError as error:
            raise _failed([], error) from error

    def _as_built(self, file: Any) -> bytes:
        """As MkDocs' `_populate_page` and `_build_page` do it, but for the writing."""
        mkdocs, config = self._mkdocs, self._config
        page = file.page or mkdocs.Page(None, file, config)
        mkdocs._populate_page(page, config, self._files)
        page.active = True
        try:
            context = mkdocs.get_context(self._nav, self._documents, config, page)
            template = self._env.get_template(page.meta.get("template", "main.html"))
            context = config.plugins.on_page_context(context, page=page, config=config, nav=self._nav)
            text: str = config.plugins.on_post_page(template.render(context), page=page, config=config)
        finally:
            page.active = False
        return text.encode("utf-8", errors="xmlcharrefreplace")


def _put(fresh: Path, site_dir: Path, old: Path) -> None:
    """The new portal in the old one's place by two renames; the old one comes back if the second fails."""
    if site_dir.exists():
        site_dir.rename(old)
    try:
        fresh.rename(site_dir)
    except OSError:
        if old.exists():
            old.rename(site_dir)
        raise
    shutil.rmtree(old, ignore_errors=True)

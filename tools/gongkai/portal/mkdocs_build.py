"""MkDocs, asked for whole portals and for single pages; nobody else calls it but the plugin.

`reference` is `mkdocs build --strict` in this process. `Shell` is MkDocs made ready once: the same bytes, page by page.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from html import escape
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from jinja2 import TemplateError

from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.portal.compiled import compile_all
from gongkai.portal.frame import source
from gongkai.portal.moulds import Given, Moulds, encoded
from gongkai.portal.page import Page
from gongkai.portal.plan import FRAME, Plan
from gongkai.portal.rewrite import Heading
from gongkai.portal.site import Site
from gongkai.portal.straight import straighten
from gongkai.portal.ways import NAME, Ways, use_ways
from gongkai.store.kept import Kept

if TYPE_CHECKING:
    from mkdocs.structure.toc import AnchorLink, TableOfContents

NOT_FOUND = "404.html"
_PLAIN = re.compile(r"[\w/.-]*", re.ASCII)
"""A path that is an address as it stands."""


def reference(root: Path, site: Path, plan: Plan, *, strict: bool) -> tuple[Any, tuple[str, ...]]:
    """Build by MkDocs' own loop: the plugin with what it made, and MkDocs' remarks. For portals with plugins of their own."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"  # Material's notice about MkDocs 2, printed at import
    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.exceptions import MkDocsException

    plugin = None
    with _remarks() as remarks:
        try:
            config = _config(root, site, strict)
            plugin = _plugin(config)
            plugin.given(plan.repo if plan.commit else root, plan.commit, plan.now, plan.facts, plan.record)
            mkdocs_build(config)
        except (MkDocsException, SystemExit) as error:
            raise (plugin and plugin.trouble) or _failed(remarks, error) from error
    return plugin, tuple(remarks)


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

    def __init__(self, root: Path, site: Site, pages: Iterable[Page], kept: Kept | None = None) -> None:
        os.environ["NO_MKDOCS_2_WARNING"] = "1"
        from mkdocs.exceptions import MkDocsException

        self._mkdocs: Any = import_module("mkdocs.commands.build")
        self._root, self._kept = root, kept or Kept(None)
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
        files.add_files_from_theme(_Seen(config.theme.dirs), config)
        self._files = config.plugins.on_files(files, config=config)
        mkdocs.set_exclusions(self._files, config)
        self._nav = config.plugins.on_nav(
            mkdocs.get_navigation(self._files, config), config=config, files=self._files
        )
        self._documents = self._files.documentation_pages()
        for file in self._documents:
            mkdocs._populate_page(file.page or mkdocs.Page(None, file, config), config, self._files)
        self._env = config.plugins.on_env(env, config=config, files=self._files)
        if self.is_plain:
            straighten(self._env)
            use_ways(self._env)
            compile_all(self._env, self._kept)
        self._site_url = config.site_url
        self._around: dict[str, Mapping[str, Any]] = {}
        self._fixed = {file.dest_uri: file for file in self._documents if file.generated_by is None}
        self._static = {f.dest_uri: f for f in self._files if not f.is_documentation_page()}
        self._moulds = self._no_moulds()

    def _no_moulds(self) -> Moulds:
        """None is known yet: each is learnt when the first page of its shape is made."""
        site, urls = self._plugin.site, (file.url for file in self._files)
        return Moulds(self._env, site.lang, site.t, urls)

    def forget_lines(self) -> None:
        """Hold the lines of lists no longer."""
        self._moulds.forget_lines()

    @cached_property
    def is_plain(self) -> bool:
        """Whether nothing but Gongkai has a say in what MkDocs writes: no other plugin, hook or template."""
        config = self._config
        foreign = set(config.plugins) - {"gongkai"} or config.hooks or config.extra_templates
        return (
            not foreign
            and set(config.theme.static_templates) <= {NOT_FOUND}
            and not self._plugin.own_templates
        )

    @property
    def is_at_home(self) -> bool:
        """Whether MkDocs reads nothing but what lies in the portal's own settings."""
        home = self._root.absolute() / "site_config"
        folders = (self._config.docs_dir, self._config.theme.custom_dir)
        return all(Path(str(folder)).is_relative_to(home) for folder in folders if folder)

    def refuse_remarks(self) -> None:
        """GongkaiError when MkDocs has anything to remark: `mkdocs build --strict` would stop there."""
        if self.remarks:
            raise _failed(list(self.remarks), GongkaiError(msg("MkDocs remarked something")))

    def frame(self) -> Iterator[tuple[str, bytes]]:
        """What MkDocs writes besides made pages: the theme's files, those beside the fixed pages, these themselves, 404."""
        for path, file in self._static.items():
            yield path, file.content_bytes
        if NOT_FOUND in self._config.theme.static_templates:
            yield NOT_FOUND, self.not_found()
        for path, file in self._fixed.items():
            self._plugin.pages = {}
            yield path, self._rendered(file)
        for path, script in self._plugin.scripts.items():
            yield path, str(script).encode()

    @property
    def authored(self) -> tuple[str, ...]:
        """The paths of the fixed pages that somebody wrote."""
        return tuple(self._fixed)

    def show(self, site: Site, pages: Iterable[Page]) -> None:
        """From now on render the pages of this site."""
        self._around.clear()
        self._plugin.show(site, pages)
        self._moulds = self._no_moulds()

    def page(self, page: Page) -> bytes:
        """A page that the portal made."""
        uri = source(page)
        if self.is_plain and uri not in self._plugin.in_nav:
            return self._pressed(page, uri)
        from mkdocs.structure.files import File, InclusionLevel

        file = self._files.get_file_from_path(uri) or File.generated(
            self._config, uri, content="", inclusion=InclusionLevel.NOT_IN_NAV
        )
        self._plugin.pages = {uri: page}
        return self._rendered(file)

    def _pressed(self, page: Page, uri: str) -> bytes:
        """As MkDocs would write it, without a page of MkDocs': half of its time goes into making those."""
        leaf = _Leaf(page, self._site_url)
        given = Given(self._plugin.shown_on(page, uri), leaf, self._around_of(leaf))
        try:
            return self._moulds.filled(page.template, given) or self._whole(page.template, given.values)
        except TemplateError as error:
            raise _failed([], error) from error

    def _whole(self, template: str, values: dict[str, Any]) -> bytes:
        """As `Template.render` does it, without two copies of the values."""
        found = self._env.get_template(template)
        return encoded("".join(found.root_render_func(found.new_context(values, shared=True))))

    def _around_of(self, leaf: _Leaf) -> Mapping[str, Any]:
        """What every page of a folder is given: by Jinja, by MkDocs, by the plugin."""
        folder = leaf.url.rpartition("/")[0]
        if folder not in self._around:
            around = self._mkdocs.get_context(self._nav, self._documents, self._config, leaf)
            ways = Ways(folder, partial(self._mkdocs.utils.normalize_url, page=_Place(leaf.url)))
            self._around[folder] = {**self._env.globals, **around, **self._plugin.around, NAME: ways}
        return self._around[folder]

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
            template = self._env.get_template(NOT_FOUND)
            text: str = build(NOT_FOUND, template, self._files, self._config, self._nav)
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


class _Seen:
    """What MkDocs asks of an environment to list a theme's files, without those that it leaves out: 14,000 hidden icons."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = folders

    def list_templates(self, filter_func: Callable[[str], bool]) -> list[str]:
        """See Jinja: the files' names, in order."""
        found = {name for folder in self._folders for name in _seen(folder)}
        return sorted(filter(filter_func, found))


def _seen(top: str) -> Iterator[str]:
    for at, folders, names in os.walk(top):
        folders[:] = (name for name in folders if not name.startswith("."))
        folder = Path(at).relative_to(top)
        yield from ((folder / name).as_posix() for name in names)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page stands, which is all that MkDocs asks of it to reckon the way from there."""

    url: str


class _Leaf:
    """What templates ask of MkDocs' page, for a page that the portal made and that stands in no navigation."""

    is_homepage = False
    parent = None
    ancestors = ()

    def __init__(self, page: Page, site_url: str | None) -> None:
        self.url = page.path if _PLAIN.fullmatch(page.path) else quote(page.path)
        self.content = page.content
        self.headings = page.headings
        self._page = page
        self._site_url = site_url

    @cached_property
    def title(self) -> str:
        """The page's title, escaped as MkDocs has it."""
        return escape(self._page.title)

    @cached_property
    def meta(self) -> Mapping[str, str]:
        """What the front matter of a page of MkDocs' would say."""
        return {"template": self._page.template, "title": self.title}

    @cached_property
    def toc(self) -> TableOfContents:
        """The page's headings."""
        return contents(self._page.headings)

    @property
    def canonical_url(self) -> str | None:
        """The page's whole address; templates ask for it where the head names none."""
        return urljoin(f"{self._site_url.rstrip('/')}/", self.url) if self._site_url else None


def contents(headings: tuple[Heading, ...]) -> TableOfContents:
    """The headings of a text as MkDocs' table of contents."""
    from mkdocs.structure.toc import AnchorLink, TableOfContents

    top: list[AnchorLink] = []
    open_: list[AnchorLink] = []
    for heading in headings:
        link = AnchorLink(escape(heading.title), escape(heading.anchor), heading.level)
        while open_ and open_[-1].level >= heading.level:
            open_.pop()
        (open_[-1].children if open_ else top).append(link)
        open_.append(link)
    return TableOfContents(top)

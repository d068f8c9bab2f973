"""The MkDocs plugin: a thin door. It hands over the pages that `portal/` made, and decides nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from markupsafe import escape as markup
from mkdocs.config import config_options as c
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.utils.templates import TemplateContext

from gongkai.checks.portal import read_portal
from gongkai.evidence.chain import Record
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import Facts
from gongkai.model.message import english
from gongkai.portal.address import relative
from gongkai.portal.frame import Reports, frame, navigation, source
from gongkai.portal.headers import policy
from gongkai.portal.links import DeadLink, Request, dead_links, requests
from gongkai.portal.meta import Heads
from gongkai.portal.mkdocs_build import contents
from gongkai.portal.outputs import outputs
from gongkai.portal.page import Made, Page
from gongkai.portal.pages import make
from gongkai.portal.parts import Parts
from gongkai.portal.pieces import use_pieces
from gongkai.portal.scripts import ACTIVE, move_scripts
from gongkai.portal.site import Site
from gongkai.portal.tables import boxed
from gongkai.portal.theme import PATH as COLOURS
from gongkai.portal.theme import chosen
from gongkai.portal.tongue import marker
from gongkai.report.escape import terminal
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.tree import CommitTree, FolderTree

TEMPLATES = Path(__file__).parent / "portal" / "templates"
UNUSED = ("assets/javascripts/", "assets/stylesheets/palette.", "sitemap.xml")
"""Files of the theme that no page of ours needs: its scripts and palettes, MkDocs' search, a sitemap of build dates."""
THEME_STYLE = "assets/stylesheets/main.*.min.css"
"""The theme's own style sheet, which authored pages need; its name changes with each release."""
STYLE = "assets/gongkai/gongkai.css"
ICON = "assets/gongkai/icon.svg"
DOC_LINK = re.compile(r'href="doc:([^"#]+)(#[^"]*)?"')
log = logging.getLogger("mkdocs.plugins.gongkai")


class GongkaiConfig(Config):  # type: ignore[no-untyped-call]
    """The plugin's options in mkdocs.yml."""

    root = c.Type(str, default=".")
    """The portal's folder, as seen from mkdocs.yml's own."""
    commit = c.Type(str, default="")
    """Build this commit instead of the folder."""
    now = c.Type(str, default="")
    """Build as of this moment (RFC 3339); SOURCE_DATE_EPOCH or the clock otherwise."""


class GongkaiPlugin(BasePlugin[GongkaiConfig]):  # type: ignore[no-untyped-call]
    """Items come in here as ready HTML: MkDocs' docs_dir holds authored pages only.

    `trouble`, `dead` and `asked` keep for `gongkai build`, as values, what plain MkDocs can only log.
    """

    def __init__(self) -> None:
        self.made = Made()
        self.pages: Mapping[str, Page] = {}
        self.context: dict[str, Any] = {}
        self.root: Path | None = None
        self.now: datetime | None = None
        self.facts: Facts = {}
        self.record = Record()
        self.trouble: GongkaiError | None = None
        self.dead: list[DeadLink] = []
        self.asked: list[Request] = []
        self.scripts: Mapping[str, str] = {}
        self.in_nav: Mapping[str, str] = {}

    def given(self, root: Path, commit: str, now: datetime, facts: Facts, record: Record) -> None:
        """What `gongkai build` knows better than mkdocs.yml."""
        self.root, self.config.commit, self.now, self.facts = root, commit, now, facts
        self.record = record

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the portal, make its pages, and fit MkDocs' settings to it."""
        try:
            if not self.pages:
                self._read(config)
        except GongkaiError as error:
            self.trouble = error
            raise PluginError(english(error.says)) from error
        self.context |= {"theme_styles": theme_style(config.theme.dirs), "styles": [STYLE, COLOURS]}
        # The theme prints the name as it is, and escapes it in attributes: as markup it is escaped once in both.
        config.site_name = markup(self.context["gk"]["title"])
        config.site_url = config.site_url or self.site.portal.settings.portal.get("url")
        config.use_directory_urls = False
        config.extra["generator"] = False
        config.mdx_configs.setdefault("toc", {}).setdefault("slugify", anchor)
        config.mdx_configs.setdefault("tables", {}).setdefault("use_align_attribute", True)
        self.own_templates = own_templates(config)
        self._fit_theme(config)
        return config

    def _read(self, config: MkDocsConfig) -> None:
        root = self.root or Path(config.config_file_path or "mkdocs.yml").parent / self.config.root
        tree = CommitTree(root, self.config.commit) if self.config.commit else FolderTree(root)
        moment = self.now or (clock.parse(self.config.now) if self.config.now else clock.now())
        portal = replace(read_portal(tree, now=moment), facts=self.facts)
        site = Site(portal, Catalogue(portal.settings.language).say, self.record)
        self.made = make(site)
        self.show(site, self.made.pages)

    def show(self, site: Site, pages: Iterable[Page]) -> None:
        """Take a site and those of its pages that are to be rendered. What is shown before `on_config` is not read there."""
        self.site, self.pages = site, {source(page): page for page in pages}
        self.heads = Heads(site)
        self.reports = Reports(site)
        self.context |= {"gk": Named(frame(site)), "t": Named(site.t)}

    def _fit_theme(self, config: MkDocsConfig) -> None:
        theme = config.theme
        theme.dirs.insert(1 if theme.custom_dir else 0, str(TEMPLATES))
        theme.static_templates.discard("sitemap.xml")
        theme["language"] = self.site.lang
        theme["font"] = False
        emblem = chosen(self.site).get("emblem")
        theme["logo"] = theme.get("logo") or emblem
        if theme["favicon"] == "assets/images/favicon.png":
            theme["favicon"] = emblem or ICON

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """The made pages as virtual files, and the short navigation."""
        authored = [
            file
            for file in files.documentation_pages()
            if file.inclusion in (InclusionLevel.UNDEFINED, InclusionLevel.INCLUDED)
        ]
        for file in [f for f in files if f.src_dir != config.docs_dir and is_unused(f.src_uri)]:
            files.remove(file)
        for uri, page in self.pages.items():
            if files.get_file_from_path(uri):
                raise PluginError(
                    f"{uri}: the portal makes this page itself; give the authored one another name"
                )
            level = InclusionLevel.INCLUDED if page.in_nav else InclusionLevel.NOT_IN_NAV
            files.append(File.generated(config, uri, content="", inclusion=level))
        self.context["authored"] = authored
        if config.nav is None:
            config.nav = navigation(self.site, tuple(self.pages.values()), [f.src_uri for f in authored])
        return files

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Which pages stand in the short navigation."""
        self.in_nav = {page.file.src_uri: page.url for page in nav.pages}
        return nav

    def on_page_read_source(self, page: MkDocsPage, *, config: MkDocsConfig) -> str | None:
        """Nothing to read: the page is ready. Authored pages are MkDocs' own."""
        return "" if page.file.src_uri in self.pages else None

    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """Name the template and the title. The theme prints titles as they are, so they are escaped here."""
        made = self.pages.get(page.file.src_uri)
        if made is not None:
            page.meta = {"template": made.template, "title": escape(made.title)}
        return markdown

    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """The ready text; in an authored page `doc:<id>` becomes the address of the item's page."""
        made = self.pages.get(page.file.src_uri)
        if made is None:
            self._warn_of_active(html, page)
            html = boxed(html, self.site.t["table_region"])
            return DOC_LINK.sub(lambda match: self._doc_link(match, page), html)
        page.toc = contents(made.headings)
        return made.content

    def _warn_of_active(self, html: str, page: MkDocsPage) -> None:
        found = ACTIVE.search(html)
        if found:
            words = "%s: browsers refuse what stands here (%s): scripts and styles belong in files, see docs/security.md"
            log.warning(words, page.file.src_uri, terminal(found[0]))

    def _doc_link(self, match: re.Match[str], page: MkDocsPage) -> str:
        item = self.site.by_id.get(match[1])
        return f'href="{relative(item.address, page.file.dest_uri)}{match[2] or ""}"' if item else match[0]

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Our own templates escape everything that is not marked as safe; the theme's do not."""
        self.scripts = move_scripts(env)
        env.autoescape = lambda name: (name or "").startswith("gongkai/")
        env.filters["in_language"] = marker(self.site.lang)
        use_pieces(env, self.site.lang, self.site.t)
        urls = (file.url for file in files)
        env.globals["part"] = Parts(env, urls, shared=not self.own_templates).part
        return env

    def on_page_context(
        self, context: TemplateContext, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """What the page's template shows."""
        made = self.pages.get(page.file.src_uri)
        values = self.shown_on(made, page.file.src_uri) if made else self._frame(page)
        context.update({**self.around, **values})  # type: ignore[typeddict-item]
        return context

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """The same frame around the theme's own static pages (404)."""
        context.update({**self.around, **self._frame(None)})  # type: ignore[typeddict-item]
        return context

    def shown_on(self, made: Page, uri: str) -> dict[str, Any]:
        """What the template of a page shows that the portal made, besides what is around it."""
        head = self.heads.of(made)
        own = {"heading": made.title, "kind": made.kind, "alike": uri not in self.in_nav, **made.context}
        own["head"], own["report"] = head, self.reports.of(made.title, head.canonical)
        return own

    def _frame(self, page: MkDocsPage | None) -> dict[str, Any]:
        """What stands around a fixed page; None for one that has no address of its own."""
        title = str(page.title or "") if page else ""
        head = self.heads.authored(page.file.dest_uri if page else "", title)
        return {"head": head, "report": self.reports.of(title, head.canonical)}

    @property
    def around(self) -> dict[str, Any]:
        """What is the same on every page."""
        if "csp" not in self.context:
            self.context["csp"] = policy()
        return {**self.context, "authored": [f.page for f in self.context["authored"] if f.page]}

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Attachments one by one, never all in memory; then the link check over what was made."""
        site = Path(config.site_dir)
        for name, script in self.scripts.items():
            (site / name).write_text(script, encoding="utf-8")
        for file in self.made.files:
            target = site / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.site.portal.tree.read(file.source))
        for text in self.made.texts:
            target = site / text.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text.content, encoding="utf-8")
        for data in self.made.data:
            target = site / data.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data.content)
        for path, content in outputs(self.site, self.made.pages, self._authored()):
            target = site / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self.dead = dead_links(site, urlsplit(config.site_url or "/").path or "/")
        self.asked = requests(site)
        if self.root is None:
            self._log()

    def _authored(self) -> list[str]:
        return [file.dest_uri for file in self.context["authored"]]

    def _log(self) -> None:
        for broken in self.made.broken:
            log.info(
                "%s: the link %s leads nowhere and stands as text",
                *map(terminal, (broken.source, broken.url)),
            )
        for dead in self.dead:
            log.warning("%s: the link %s leads nowhere", *map(terminal, (dead.page, dead.url)))
        for asked in self.asked:
            log.warning("%s: asks another host for %s", *map(terminal, (asked.page, asked.url)))


class Named(dict[str, Any]):
    """A mapping whose values are attributes too: templates say `t.search`, and look for attributes first."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.__dict__ = self


def anchor(title: str, separator: str) -> str:
    """A readable anchor for a heading of an authored page; Chinese stays Chinese."""
    return separator.join(re.findall(r"\w+", title.lower()))


def theme_style(folders: list[str]) -> list[str]:
    """Where the theme's style sheet stands on the portal."""
    found = (path for folder in folders for path in sorted(Path(folder).glob(THEME_STYLE)))
    return [f"assets/stylesheets/{path.name}" for path in found][:1]


def own_templates(config: MkDocsConfig) -> bool:
    """Whether the portal brings templates of its own."""
    folder = config.theme.custom_dir
    return bool(folder) and any(Path(str(folder)).rglob("*.html"))


def is_unused(uri: str) -> bool:
    """Whether a file of the theme serves no page of ours."""
    return uri.startswith(UNUSED) or uri.endswith(".map")

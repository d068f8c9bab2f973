"""The MkDocs plugin: a thin door. It hands over the pages that `portal/` made, and decides nothing."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment
from mkdocs.config import config_options as c
from mkdocs.config.base import Config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import BasePlugin
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage
from mkdocs.structure.toc import AnchorLink, TableOfContents
from mkdocs.utils.templates import TemplateContext

from gongkai.checks.portal import read_portal
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import Facts
from gongkai.model.message import english
from gongkai.portal.address import relative
from gongkai.portal.frame import frame, navigation, source
from gongkai.portal.links import DeadLink, Request, dead_links, requests
from gongkai.portal.page import Made, Page
from gongkai.portal.pages import make
from gongkai.portal.rewrite import Heading
from gongkai.portal.site import Site
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue
from gongkai.store.tree import CommitTree, FolderTree

TEMPLATES = Path(__file__).parent / "portal" / "templates"
UNUSED = ("assets/javascripts/lunr/", "assets/javascripts/workers/", "sitemap.xml")
"""Files of the theme that no page of ours needs: MkDocs' search, and a sitemap of build dates."""
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
        self.trouble: GongkaiError | None = None
        self.dead: list[DeadLink] = []
        self.asked: list[Request] = []

    def given(self, root: Path, commit: str, now: datetime, facts: Facts) -> None:
        """What `gongkai build` knows better than mkdocs.yml."""
        self.root, self.config.commit, self.now, self.facts = root, commit, now, facts

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Read the portal, make its pages, and fit MkDocs' settings to it."""
        try:
            self._read(config)
        except GongkaiError as error:
            self.trouble = error
            raise PluginError(english(error.says)) from error
        config.site_name = self.context["gk"]["title"]
        config.site_url = config.site_url or self.site.portal.settings.portal.get("url")
        config.use_directory_urls = False
        config.extra_css.insert(0, STYLE)
        config.extra["generator"] = False
        config.mdx_configs.setdefault("toc", {}).setdefault("slugify", anchor)
        self._fit_theme(config)
        return config

    def _read(self, config: MkDocsConfig) -> None:
        root = self.root or Path(config.config_file_path or "mkdocs.yml").parent / self.config.root
        tree = CommitTree(root, self.config.commit) if self.config.commit else FolderTree(root)
        moment = self.now or (clock.parse(self.config.now) if self.config.now else clock.now())
        portal = replace(read_portal(tree, now=moment), facts=self.facts)
        self.site = Site(portal, Catalogue(portal.settings.language).say)
        self.made = make(self.site)
        self.pages = {source(page): page for page in self.made.pages}
        self.context = {"gk": frame(self.site), "t": self.site.t}

    def _fit_theme(self, config: MkDocsConfig) -> None:
        theme = config.theme
        theme.dirs.insert(1 if theme.custom_dir else 0, str(TEMPLATES))
        theme.static_templates.discard("sitemap.xml")
        theme["language"] = self.site.lang
        theme["font"] = False
        theme["features"] = list(dict.fromkeys([*(theme["features"] or []), "navigation.tabs"]))
        if "palette" not in theme:
            theme["palette"] = palette(self.site)
        if theme["favicon"] == "assets/images/favicon.png":
            theme["favicon"] = ICON

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
            config.nav = navigation(self.site, self.made.pages, [f.src_uri for f in authored])
        return files

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
            return DOC_LINK.sub(lambda match: self._doc_link(match, page), html)
        page.toc = contents(made.headings)
        return made.content

    def _doc_link(self, match: re.Match[str], page: MkDocsPage) -> str:
        item = self.site.by_id.get(match[1])
        return f'href="{relative(item.address, page.file.dest_uri)}{match[2] or ""}"' if item else match[0]

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Our own templates escape everything that is not marked as safe; the theme's do not."""
        env.autoescape = lambda name: (name or "").startswith("gongkai/")
        return env

    def on_page_context(
        self, context: TemplateContext, *, page: MkDocsPage, config: MkDocsConfig, nav: Navigation
    ) -> TemplateContext:
        """What the page's template shows."""
        return self._with_context(context, self.pages.get(page.file.src_uri))

    def on_template_context(
        self, context: TemplateContext, *, template_name: str, config: MkDocsConfig
    ) -> TemplateContext:
        """The same frame around the theme's own static pages (404)."""
        return self._with_context(context, None)

    def _with_context(self, context: TemplateContext, made: Page | None) -> TemplateContext:
        values: dict[str, Any] = {**self.context}
        values["authored"] = [file.page for file in self.context["authored"] if file.page]
        if made is not None:
            values |= {"heading": made.title, "kind": made.kind, **made.context}
        context.update(values)  # type: ignore[typeddict-item]
        return context

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Attachments one by one, never all in memory; then the link check over what was made."""
        site = Path(config.site_dir)
        for file in self.made.files:
            target = site / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.site.portal.tree.read(file.source))
        self.dead = dead_links(site, urlsplit(config.site_url or "/").path or "/")
        self.asked = requests(site)
        if self.root is None:
            self._log()

    def _log(self) -> None:
        for broken in self.made.broken:
            log.info("%s: the link %s leads nowhere and stands as text", broken.source, broken.url)
        for dead in self.dead:
            log.warning("%s: the link %s leads nowhere", dead.page, dead.url)
        for asked in self.asked:
            log.warning("%s: asks another host for %s", asked.page, asked.url)


def anchor(title: str, separator: str) -> str:
    """A readable anchor for a heading of an authored page; Chinese stays Chinese."""
    return separator.join(re.findall(r"\w+", title.lower()))


def is_unused(uri: str) -> bool:
    """Whether a file of the theme serves no page of ours."""
    return uri.startswith(UNUSED) or uri.endswith(".map")


def contents(headings: tuple[Heading, ...]) -> TableOfContents:
    """The headings of a text as MkDocs' table of contents."""
    top: list[AnchorLink] = []
    open_: list[AnchorLink] = []
    for heading in headings:
        link = AnchorLink(escape(heading.title), heading.anchor, heading.level)
        while open_ and open_[-1].level >= heading.level:
            open_.pop()
        (open_[-1].children if open_ else top).append(link)
        open_.append(link)
    return TableOfContents(top)


def palette(site: Site) -> list[dict[str, Any]]:
    """Light and dark, as the reader's device asks, with a switch in the portal's language."""
    colours = {"primary": "custom", "accent": "custom"}
    return [
        {
            "media": f"(prefers-color-scheme: {view})",
            "scheme": scheme,
            **colours,
            "toggle": {"icon": icon, "name": site.t[other]},
        }
        for view, scheme, icon, other in (
            ("light", "default", "material/weather-night", "dark"),
            ("dark", "slate", "material/weather-sunny", "light"),
        )
    ]

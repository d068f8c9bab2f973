"""Making a whole portal in a folder that is not there yet: render, write, look at every link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gongkai.checks.portal import Portal
from gongkai.portal.built import Built
from gongkai.portal.lines import Lines
from gongkai.portal.linking import Linked
from gongkai.portal.links import dead_links, requests
from gongkai.portal.mkdocs_build import Shell, reference
from gongkai.portal.moments import moment_after
from gongkai.portal.page import Page
from gongkai.portal.pages import fixed_pages
from gongkai.portal.past import Past
from gongkai.portal.plan import Plan
from gongkai.portal.press import Printed, press
from gongkai.portal.sheets import Sheets
from gongkai.portal.site import Site
from gongkai.portal.unchanged import Everything
from gongkai.store.catalogue import Catalogue
from gongkai.store.kept import Kept

MEMORY = "shell"
Way = Callable[[Plan, Sheets, Shell, Path, Past | None], Printed]
"""Who else than this machine prints the sheets of a plan into a folder, taking over what is as it was."""


def opened(plan: Plan, portal: Portal) -> tuple[Sheets, Shell]:
    """The sheets of a plan, and the shell that renders their pages."""
    site = _site(plan, portal)
    own = tuple(fixed_pages(site))
    shell = _shell(plan, site, own, portal.kept or Kept(None))
    return Sheets(site, shell.page, own, shell.authored), shell


def shell_ahead(plan: Plan, bare: Portal, kept: Kept) -> None:
    """Make MkDocs ready for a portal of which everything is read but its items: none of them has a say in that."""
    site = _site(plan, replace(bare, kept=None))  # nothing that is reckoned of no items is to be kept
    _shell(plan, site, tuple(fixed_pages(site)), kept)


def _site(plan: Plan, portal: Portal) -> Site:
    return Site(portal, Catalogue(portal.settings.language).say, plan.record)


def _shell(plan: Plan, site: Site, own: tuple[Page, ...], kept: Kept) -> Shell:
    """MkDocs made ready: as it was made before by this process, when nothing is different that it is made ready from."""
    about = site.house, plan.root, [(page.path, page.title, page.in_nav) for page in own]
    at, shell = kept.memory.get(MEMORY, (None, None))
    if at == about and isinstance(shell, Shell):
        shell.show(site, own)
        return shell
    shell = Shell(plan.root, site, own, kept)
    kept.memory[MEMORY] = about, shell
    return shell


def make(
    plan: Plan,
    portal: Portal,
    site_dir: Path,
    strict: bool,
    past: Past | None,
    listed: Everything,
    way: Way | Linked | None,
) -> Built:
    """The `portal` in `site_dir`, taking over from the `past` what it can; `listed` is all it is made from.

    `way` is who else prints it, or the files of the past that are being linked already.
    """
    sheets, shell = opened(plan, portal)
    if not shell.is_plain:
        if isinstance(way, Linked):
            way.only({})
        return _by_mkdocs(plan, site_dir, strict)
    if strict:
        shell.refuse_remarks()
    if way is None or isinstance(way, Linked):
        printed = press(sheets, shell, site_dir, past, way)
    else:
        printed = way(plan, sheets, shell, site_dir, past)
    settings = tuple((text.path, text.content) for text in sheets.settings)
    until = moment_after(sheets.site.portal, sheets.site.moments)
    whole = (
        (listed.digest, plan.now.isoformat(), until.isoformat(), shell.remarks, settings)
        if listed.digest and shell.is_at_home and listed.was_read(sheets.site.portal.corpus.items)
        else None
    )
    seen = printed.seen.only(printed.paths)
    lines = printed.lines or (past.lines if past else Lines())
    made = Past(site_dir, printed.sheets, seen, sheets.site.house, lines, whole=whole)
    if plan.kept is not None:
        made = replace(made, mark=object(), made_paths=printed.paths)
        sheets.remember(made.mark)
    return Built(
        site_dir,
        made.pages,
        made.attachments,
        made.broken,
        tuple(dead_links(site_dir, shell.site_path)) if printed.doubtful else (),
        tuple(requests(site_dir)) if printed.doubtful else (),
        shell.remarks,
        sheets.settings,
        made,
        printed.reused,
    )


def _by_mkdocs(plan: Plan, site_dir: Path, strict: bool) -> Built:
    plugin, remarks = reference(plan.root, site_dir, plan, strict=strict)
    made = plugin.made
    return Built(
        site_dir,
        len(made.pages),
        len(made.files),
        made.broken,
        tuple(plugin.dead),
        tuple(plugin.asked),
        remarks,
        made.settings,
    )

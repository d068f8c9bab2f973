"""Making a whole portal in a folder that is not there yet: read, render, write, look at every link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gongkai.checks.portal import read_portal
from gongkai.portal.built import Built
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
from gongkai.store.kept import Kept, kept_for
from gongkai.store.tree import Tree

MEMORY = "shell"
Way = Callable[[Plan, Sheets, Shell, Path, Past | None], Printed]
"""Who else than this machine prints the sheets of a plan into a folder, taking over what is as it was."""


def opened(plan: Plan, tree: Tree) -> tuple[Sheets, Shell]:
    """The sheets of a plan, and the shell that renders their pages."""
    kept = plan.kept or kept_for(plan.repo)
    portal = replace(read_portal(tree, now=plan.now, kept=kept), facts=plan.facts)
    site = Site(portal, Catalogue(portal.settings.language).say, plan.record)
    own = tuple(fixed_pages(site))
    shell = _shell(plan, site, own, kept)
    return Sheets(site, shell.page, own, shell.authored), shell


def _shell(plan: Plan, site: Site, own: tuple[Page, ...], kept: Kept) -> Shell:
    """MkDocs made ready: as it was for this process' last build, when nothing is different that it is made ready from."""
    about = site.house, plan.root, [(page.path, page.title, page.in_nav) for page in own]
    at, shell = kept.memory.get(MEMORY, (None, None))
    if at == about and isinstance(shell, Shell):
        shell.show(site, own)
        return shell
    shell = Shell(plan.root, site, own, kept)
    if plan.kept is not None:
        kept.memory[MEMORY] = about, shell
    return shell


def make(
    plan: Plan,
    tree: Tree,
    site_dir: Path,
    strict: bool,
    past: Past | None,
    listed: Everything,
    way: Way | Linked | None,
) -> Built:
    """The portal of `tree` in `site_dir`, taking over from the `past` what it can; `listed` is all it is made from.

    `way` is who else prints it, or the files of the past that are being linked already.
    """
    sheets, shell = opened(plan, tree)
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
    made = Past(
        site_dir, printed.sheets, seen, sheets.site.house, whole=whole, made_lines=printed.lines or {}
    )
    if past and printed.lines is None:
        made = replace(made, packed_lines=past.packed_lines, made_lines=past.made_lines)
    if plan.kept is not None:
        made = replace(made, mark=object())
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

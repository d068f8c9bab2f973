"""The whole public portal, made in a fresh folder; it takes the old one's place by a rename: what is served is never emptied.

The same bytes as `mkdocs build --strict` with the plugin, but page by page from a shell that MkDocs made ready once, by all
processors. A portal that brings MkDocs plugins, hooks or templates of its own is built by MkDocs itself.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gongkai.evidence.chain import Record
from gongkai.model.errors import GongkaiError
from gongkai.model.facts import Facts
from gongkai.model.message import msg
from gongkai.portal.built import Built
from gongkai.portal.linking import Ahead, linking
from gongkai.portal.page import SiteText
from gongkai.portal.past import Past
from gongkai.portal.plan import FRAME, Plan
from gongkai.portal.unchanged import CONTENT, of_everything, of_the_house
from gongkai.store.crew import uncounted
from gongkai.store.durable import clearing
from gongkai.store.kept import Kept, kept_for
from gongkai.store.scratch import scratch
from gongkai.store.tree import CommitTree, FolderTree, Tree

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal
    from gongkai.portal.making import Way

FOLDER = "frame"
"""The folder of a commit's mkdocs.yml, authored pages and theme."""

__all__ = ["Built", "build"]


def build(
    portal_root: Path,
    site_dir: Path,
    *,
    commit: str | None = None,
    now: datetime,
    strict: bool = True,
    facts: Facts | None = None,
    record: Record | None = None,
    past: Past | None = None,
    way: Way | None = None,
    kept: Kept | None = None,
    ahead: Ahead | None = None,
    tree: Tree | None = None,
    keep: Callable[[Built], None] = lambda _: None,
) -> Built:
    """Build the portal of a folder, or of a commit of its repository, as the public may see it at `now`.

    `facts` are the ledger's; without them nothing that no old portal published has a date of publication. `record` is
    what the portal shows of how things were reviewed. `kept`: see `Plan`; `ahead`: the files of the past,
    linked already; `tree`: this folder or commit, where it is being looked at already. `keep` is handed what was built
    once it stands there, while the old portal is being taken away.
    `site_dir` is replaced only by a sound build; an unsound one leaves what was there. GongkaiError when
    there is no mkdocs.yml, when MkDocs cannot build, or when `site_dir` is a folder that no build made.
    """
    site_dir = site_dir.absolute()
    _refuse_to_replace(site_dir, portal_root.absolute())
    site_dir.parent.mkdir(parents=True, exist_ok=True)
    repo, given, shown = portal_root.absolute(), facts or {}, record or Record()
    tree = tree or looked_at(repo, commit, kept or kept_for(repo))
    all_new = past is None or not past.sheets
    with _listing(tree, all_new):
        if all_new:
            _reader()  # imported while git looks
        listed = of_everything(tree, given, shown)
        if past is not None and past.site == site_dir and past.holds(listed.digest, now):
            return _as_it_is(past)
        same = past if past is not None and listed.digest and past.house == of_the_house(tree) else None
        with scratch(site_dir.parent, ".gongkai-site-") as aside:
            fresh = aside / "site"
            root = _frame_for(tree, kept, aside) if commit else portal_root
            plan = Plan(root.absolute(), repo, commit or "", now, given, shown, kept)
            with uncounted(), linking(None if way else same, fresh, ahead) as linked:
                portal = _reader()(plan, tree)
                from gongkai.portal.making import make

                built = make(plan, portal, fresh, strict, past, listed, way or linked)
            built = replace(built, site=site_dir, past=built.past and replace(built.past, site=site_dir))
            if built.sound or not strict:
                old = aside / "old"
                _put(fresh, site_dir, old)
                with suppress(OSError), clearing(old):  # what does not go now goes with the folder aside
                    keep(built)
        return built


@contextmanager
def _listing(tree: Tree, all_new: bool) -> Iterator[None]:
    """Where nothing can be as it was all will be read: the files are listed by a process of its own while git looks."""
    if not isinstance(tree, FolderTree):
        yield
        return
    if all_new:
        tree.list_ahead(CONTENT)
    try:
        yield
    finally:
        tree.end()


def _reader() -> Callable[[Plan, Tree], Portal]:
    """What reads items, and imports all that makes pages: not needed when nothing changed."""
    from gongkai.portal.reading import read

    return read


def looked_at(folder: Path, commit: str | None, kept: Kept) -> Tree:
    """The tree of a folder, which git begins to look at, or of a commit of the repository there."""
    if commit:
        return CommitTree(folder, commit, kept)
    tree = FolderTree(folder, kept)
    tree.begin()
    return tree


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


def _frame_for(tree: Tree, kept: Kept | None, scratch: Path) -> Path:
    """The commit's frame in a folder that goes with this build; in one that stays where the next build shall begin with it."""
    folder = kept.folder / FOLDER if kept is not None and kept.folder is not None else scratch / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    return _frame_of(tree, folder)


def _frame_of(tree: Tree, target: Path) -> Path:
    """The commit's mkdocs.yml, authored pages and theme as files, for MkDocs reads only files."""
    names = [FRAME[0], *(e.path for under in FRAME[1:] for e in tree.entries(under) if e.kind == "file")]
    for name in names:
        path = target / name
        with suppress(FileNotFoundError):  # there may be no mkdocs.yml: MkDocs' adapter says so
            data = tree.read(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return target


def _as_it_is(past: Past) -> Built:
    """Nothing changed: what stands there is what would be built."""
    assert past.whole is not None
    _, _, _, remarks, settings = past.whole
    texts = tuple(SiteText(*pair) for pair in settings)
    return Built(
        past.site, past.pages, past.attachments, past.broken, (), (), remarks, texts, past, len(past.sheets)
    )


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

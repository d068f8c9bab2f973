"""`gongkai preview`: the portal as it will be, while it is being written."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import click

from gongkai.cli.door import Door
from gongkai.items.read import is_item_path
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.portal.address import SAFE
from gongkai.portal.preview import EVENTS, Preview
from gongkai.portal.preview_find import address_of
from gongkai.portal.preview_state import Desk
from gongkai.store.kept import kept_for
from gongkai.store.live import News, open_live
from gongkai.store.watch import Saves

LOOK = 2.0
"""Seconds after which we look even if nothing rang: a network drive rings for nobody."""
OLD = 60.0
"""Seconds after which a page is made anew for the time that has passed: an embargo ends, a period closes."""


@click.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="端口 / port (default: 8000 or a free one)")
@click.option("--open", "open_", is_flag=True, help="打开浏览器 / open the browser")
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def preview(door: Door, path: Path | None, port: int | None, open_: bool, now: str | None) -> None:
    """边写边看 / See the pages while you write: what you save is checked and shown at once, on this machine only."""
    root = door.portal_root.absolute()
    file = _item_file(path, root)
    desk = Desk(root, kept_for(root), lambda: door.now(now))
    shown, news = Preview(root, desk, kept_for(root)), News()
    gc.freeze()  # thousands of items that stay: the collector need not walk through them at every save
    news.tell(desk.state.number)
    with Saves(root) as saves, open_live(shown.answer, news, EVENTS, port) as server:
        threading.Thread(target=server.serve_forever, name="gongkai-web", daemon=True).start()
        address = server.address + quote(_page_of(file, desk), SAFE)
        click.echo(address)
        door.tell(
            msg(
                "the preview is shown at this address on this machine only; save a file and the page follows; Ctrl+C ends it"
            )
        )
        if open_:
            click.launch(address)
        try:
            follow(desk, news, saves)
        except KeyboardInterrupt:
            door.tell(msg("ended"))
        finally:
            news.close()
            server.shutdown()
            shown.close()


def follow(desk: Desk, news: News, saves: Saves, ended: Callable[[], bool] = lambda: False) -> None:
    """After every save: look, and tell the browser. Ends with Ctrl+C, or when `ended` says so."""
    while not ended():
        saves.wait(LOOK)
        if desk.refresh(older=OLD):
            news.tell(desk.state.number)


def _item_file(path: Path | None, root: Path) -> str:
    """The item's file that a path means, itself or as its folder or a file in it; empty when it means no item."""
    if path is None:
        return ""
    full = next((p for p in (path.absolute(), (root / path).absolute()) if p.exists()), None)
    if full is None:
        raise GongkaiError(
            msg("{path} is not there", path=str(path)), msg("check the name; paths may be files or folders")
        )
    if not full.resolve().is_relative_to(root.resolve()):
        raise GongkaiError(
            msg("{path} is not in the portal {folder}", path=str(path), folder=str(root)),
            msg("name the portal's folder with --root"),
        )
    inside = full.resolve().relative_to(root.resolve()).as_posix()
    folder = "/".join(inside.split("/")[:4])
    found = (p for p in (inside, f"{folder}.md", f"{folder}.yml") if is_item_path(p) and (root / p).is_file())
    return next(found, "")


def _page_of(file: str, desk: Desk) -> str:
    """Where the page of an item's file stands; the home page (empty) without one."""
    item = desk.state.site.portal.corpus.by_path.get(file)
    return item.address if item else address_of(file) if file else ""

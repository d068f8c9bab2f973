"""`gongkai preview`: every page of the portal as it will be, made when the browser asks, with what was found on top of it.

A page has the bytes that a build would write, and one `<script>` more, which no built file has. The script listens for
news, reloads the page when it differs, and draws the panel.
"""

from __future__ import annotations

import mimetypes
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any

from markupsafe import Markup

from gongkai.checks.portal import Portal
from gongkai.checks.run import run
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message
from gongkai.portal.headers import RUNNABLE, download_headers, page_headers
from gongkai.portal.preview_find import Finder, address_of
from gongkai.portal.preview_panel import note, panel, unseen, wanted, words
from gongkai.portal.preview_state import Desk, State, says_of
from gongkai.report.escape import json_text
from gongkai.store.git import work_tree_changes
from gongkai.store.kept import Kept
from gongkai.store.live import Reply

OURS = "_gongkai/"
EVENTS = f"{OURS}events"
ASSETS = Path(__file__).parent / "preview_assets"
_TEXT = ("text/", "application/json", "application/xml", "application/javascript", "image/svg+xml")
_KEPT_PAGES = 64
BARE = b'<!doctype html>\n<html><head><meta charset="utf-8"><title>404</title></head><body></body></html>\n'
"""Where not even the page for an address that leads nowhere can be made: room for the panel."""
RETRIES, PAUSE = 10, 0.2
"""So often, and after so many seconds, the checks are tried again when a file goes away under them."""


class Preview:
    """Answers a browser's requests from the newest state of the desk."""

    def __init__(self, root: Path, desk: Desk, kept: Kept) -> None:
        self._root, self._desk, self._kept = root, desk, kept
        self._checker = ThreadPoolExecutor(1, thread_name_prefix="gongkai-check")
        self._lock = threading.RLock()
        self._finder: tuple[int, Finder] | None = None
        self._checked: tuple[int, Portal] | None = None
        self._pages: dict[str, tuple[int, bytes]] = {}
        self._failed: dict[str, Message] = {}

    def answer(self, path: str, query: Mapping[str, str]) -> Reply:
        """The reply to a request for `path`, counted from the top of the portal."""
        if path.startswith(OURS):
            return self._own(path.removeprefix(OURS), query)
        state = self._desk.state
        for wished in _spellings(path, state.shell.site_path):
            if wished.endswith(".html"):
                found = self._page(wished, state)
                if found is not None:
                    return Reply(_with_script(found, state.number), headers=page_headers())
            content = self._file(wished, state)
            if content is not None:
                return _file_reply(wished, content)
        page = _with_script(self._not_found(state), state.number)
        return Reply(page, status=HTTPStatus.NOT_FOUND, headers=page_headers())

    def _own(self, name: str, query: Mapping[str, str]) -> Reply:
        if name in ("preview.js", "preview.css"):
            return _file_reply(name, (ASSETS / name).read_bytes())
        if name in ("state", "panel"):
            path = _spellings(query.get("page", ""), self._desk.state.shell.site_path)[0]
            data = self._state_of(path) if name == "state" else self._panel_of(path)
            return Reply(json_text(data).encode(), "application/json; charset=utf-8", headers=page_headers())
        return Reply(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND)

    def _state_of(self, path: str) -> dict[str, Any]:
        """What is known at once: whether the page is still the one that the browser shows."""
        state = self._desk.state
        page = self._page(path, state)
        digest = _digest(self._not_found(state) if page is None else page)
        return {"number": state.number, "digest": digest, "words": words(state.site)}

    def _not_found(self, state: State) -> bytes:
        with self._lock:
            try:
                self._find(state)
                return state.shell.not_found()
            except GongkaiError:
                return BARE

    def _panel_of(self, path: str) -> dict[str, Any]:
        """What the checks find; it may take as long as reading a new attachment takes.

        A file that went away meanwhile is looked for again in a newer state.
        """
        for _ in range(RETRIES):
            state = self._desk.state
            self._page(path, state)
            try:
                return self._checker.submit(self._look, path, state).result()
            except OSError as error:
                failed: OSError = error
                time.sleep(PAUSE)
        return {"number": state.number, **unseen(state, says_of(failed))}

    def _look(self, path: str, state: State) -> dict[str, Any]:
        item = self._find(state).item(path)
        file = item.path if item else _unread_at(path, state)
        portal = self._portal(state)
        report = run(portal, wanted=wanted(state, file))
        shown = panel(state, portal, report, path, file, item)
        failed = self._failed.get(path)
        if failed is not None:
            shown["notes"].insert(0, note("bad", state.site.say(failed)))
        return {"number": state.number, **shown}

    def _portal(self, state: State) -> Portal:
        """The real portal of the state with the changes against git; always asked for by the one thread that checks."""
        if self._checked is None or self._checked[0] != state.number:
            changed = work_tree_changes(self._root, None)
            if self._checked is not None:
                self._checked[1].readings.close()
            self._checked = (state.number, replace(state.read, changed=changed, kept=self._kept))
        return self._checked[1]

    def _find(self, state: State) -> Finder:
        with self._lock:
            if self._finder is None or self._finder[0] != state.number:
                self._finder = (state.number, Finder(state.site, state.shell.authored))
                state.shell.show(state.site, ())
            return self._finder[1]

    def _page(self, path: str, state: State) -> bytes | None:
        """The page's bytes; the last good ones when it cannot be made now: an attachment half saved, a template that is wrong."""
        with self._lock:
            known = self._pages.get(path)
            if known is not None and known[0] == state.number:
                return known[1]
            self._failed.pop(path, None)
            try:
                content = self._made(path, state)
            except (OSError, GongkaiError) as error:
                self._failed[path] = says_of(error)
                return known[1] if known else None
            if content is not None:
                self._keep(path, state.number, content)
            return content

    def _made(self, path: str, state: State) -> bytes | None:
        finder = self._find(state)
        page = finder.page(path)
        if page is not None:
            return state.shell.page(page)
        return state.shell.fixed(path)

    def _keep(self, path: str, number: int, content: bytes) -> None:
        self._pages.pop(path, None)
        self._pages[path] = (number, content)
        if len(self._pages) > _KEPT_PAGES:
            self._pages.pop(next(iter(self._pages)))

    def _file(self, path: str, state: State) -> bytes | None:
        try:
            content = state.shell.static(path)
            return content if content is not None else self._find(state).file(path)
        except OSError:
            return None

    def close(self) -> None:
        """End what was begun: the checks under way, and the process that reads attachments."""
        self._checker.shutdown(cancel_futures=True)
        if self._checked is not None:
            self._checked[1].readings.close()


def _spellings(path: str, site_path: str) -> tuple[str, ...]:
    """What a request means: a folder's index page; and the path below the portal's own place on its host (404 pages)."""
    full = f"{path}index.html" if path.endswith("/") or not path else path
    start = site_path.lstrip("/")
    below = full.removeprefix(start) if start and full.startswith(start) else full
    return (full,) if below == full else (full, below)


def _unread_at(path: str, state: State) -> str:
    """The file that would have its page here if it could be read; empty when there is none."""
    unread = (u.place.path for u in state.read.corpus.fatal())
    return next((file for file in unread if address_of(file) == path), "")


def _digest(page: bytes) -> str:
    return sha256(page).hexdigest()[:16]


def _with_script(page: bytes, number: int) -> bytes:
    """The page with our script before the end of its body."""
    attributes = (f"/{OURS}preview.js", number, _digest(page))
    tag = Markup('<script src="{}" data-number="{}" data-digest="{}" defer></script>').format(*attributes)
    before, end, after = page.rpartition(b"</body>")
    return before + tag.encode() + end + after if end else page + tag.encode()


def _file_reply(path: str, content: bytes) -> Reply:
    kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
    ending = path.rpartition(".")[2].lower()
    attached = path.count("/") > 2 and path.split("/")[1].isdigit()
    headers = download_headers() if attached and ending in RUNNABLE else page_headers()
    return Reply(content, f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind, headers=headers)

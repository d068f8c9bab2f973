"""The built sample portal in headless Chromium: it shows, at phone and desk width, and asks no other host for anything."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from PIL import Image

from gongkai.portal.build import build
from gongkai.store import clock
from gongkai.store.web import open_server

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
SHOTS = ROOT / ".portal" / "shots"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-quic", "--hide-scrollbars", "--disable-extensions",
)  # fmt: skip
PAGES = {
    "home": "index.html",
    "list": "columns/policies/index.html",
    "item": "law/2024/00001.html",
    "report": "office/2025/00001.html",
}

pytestmark = [pytest.mark.browser]


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The sample portal, built and served on this machine."""
    if CHROMIUM is None:
        words = "Chromium is missing: apt-get install chromium fonts-noto-cjk"
        pytest.fail(words) if os.environ.get("GONGKAI_BROWSER_REQUIRED") else pytest.skip(words)
    work = tmp_path_factory.mktemp("browser")
    root = work / "portal"
    root.mkdir()
    for part in ("content", "schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root)
    build(root, work / "site", commit=None, now=clock.parse("2026-11-02"))
    server = open_server(work / "site")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.address
    server.shutdown()
    server.server_close()


def _visit(address, path, tmp_path, *extra):
    """Open a page in a fresh profile; returns what Chromium printed and the hosts that it asked."""
    log = tmp_path / "net.json"
    url = address.rstrip("/") + "/" + path
    args = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", f"--log-net-log={log}", *extra, url]
    done = subprocess.run(args, capture_output=True, timeout=120, check=False)
    return done.stdout.decode("utf-8", "replace"), _hosts(log)


def _hosts(log):
    """Every host that a request went to, as Chromium's own network log has it (cut short when it is stopped)."""
    urls = re.findall(r'"url":"(https?://[^"]+)"', log.read_text(encoding="utf-8", errors="replace"))
    return {urlsplit(u).hostname for u in urls}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_shows_its_title_and_asks_no_other_host(name, address, tmp_path):
    dom, hosts = _visit(address, PAGES[name], tmp_path, "--virtual-time-budget=3000", "--dump-dom")
    assert "<h1" in dom
    assert "云渡市潮汐管理局" in dom
    # Chromium's own start-up checks ask its maker's hosts; they are not the page's doing.
    others = {h for h in hosts if not h.endswith((".google.com", ".googleapis.com", ".gvt1.com"))}
    assert others == {"127.0.0.1"}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_page_has_something_to_see_at_phone_and_desk_width(name, width, address, tmp_path):
    SHOTS.mkdir(parents=True, exist_ok=True)
    picture = SHOTS / f"{name}-{width}.png"
    picture.unlink(missing_ok=True)
    _visit(address, PAGES[name], tmp_path, f"--window-size={width},1600", f"--screenshot={picture}")
    with Image.open(picture) as image:
        assert image.width == width
        assert len(image.convert("RGB").resize((64, 64)).getcolors(4096)) > 20

"""What a first visit costs: weight, largest contentful paint, layout shift; and the size of a portal of N items.

    python tests/bench/portal_pages.py [--items 1000]

Chromium on the loopback with the processor slowed down four times (DevTools), a fresh profile for each visit, the median
of five. The weight is what a web server with gzip would send. Nothing is asserted: numbers depend on the machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import statistics
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from make_portal import make
from playwright.sync_api import sync_playwright

from gongkai.portal.build import build
from gongkai.store import clock
from gongkai.store.web import open_server

NOW = "2026-03-02T09:00:00+08:00"
VISITS = 5
SLOWER = 4
WATCH = """
window.seen = {lcp: 0, cls: 0};
new PerformanceObserver(l => { for (const e of l.getEntries()) window.seen.lcp = e.startTime; })
  .observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(l => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.seen.cls += e.value; })
  .observe({type: 'layout-shift', buffered: true});
"""


def visit(browser: Any, address: str, site: Path, width: int) -> dict[str, float]:
    """One first visit: milliseconds to the largest paint, layout shift, kilobytes of the page and of everything."""
    context = browser.new_context(viewport={"width": width, "height": 844})
    page = context.new_page()
    asked: set[str] = set()
    page.on("request", lambda r: asked.add(unquote(urlsplit(r.url).path).lstrip("/")))
    page.add_init_script(WATCH)
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(300)
    seen = page.evaluate("window.seen")
    context.close()
    sizes = {n: len(gzip.compress((site / n).read_bytes())) for n in asked if (site / n).is_file()}
    html = (site / unquote(urlsplit(address).path).lstrip("/")).stat().st_size
    return {**seen, "html": html / 1000, "all": sum(sizes.values()) / 1000}


def measure(site: Path, pages: list[str]) -> list[dict[str, Any]]:
    """The medians of each page at the width of a phone and of a desk."""
    server = open_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = []
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name in pages:
            for width in (390, 1280):
                runs = [visit(browser, server.address + name, site, width) for _ in range(VISITS)]
                middle = {key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]}
                rows.append({"page": name, "width": width, **middle})
        browser.close()
    server.shutdown()
    server.server_close()
    return rows


def sizes(site: Path) -> dict[str, float]:
    """Megabytes of the portal without attachments, by kind of file."""
    found: dict[str, float] = {}
    for path in site.rglob("*"):
        if path.is_file():
            parts = path.relative_to(site).parts
            kind = parts[0] if parts[0] in ("search", "assets") else path.suffix or path.name
            found[kind] = found.get(kind, 0) + path.stat().st_size / 1e6
    return {"all": round(sum(found.values()), 2), **{k: round(v, 2) for k, v in sorted(found.items())}}


def main() -> None:
    """Make the portal, build it, measure it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "portal"
        make(options.items, root)
        built = build(root, root.parent / "site", now=clock.parse(NOW))
        items = sorted(built.site.glob("*/20*/*.html"), key=lambda p: p.stat().st_size)
        longest = items[-1].relative_to(built.site).as_posix()
        usual = items[len(items) // 2].relative_to(built.site).as_posix()
        pages = [
            "index.html",
            "columns/policies/index.html",
            usual,
            longest,
            "search.html",
            "search.html?q=潮汐",
        ]
        for row in measure(built.site, pages):
            sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.write(json.dumps({"items": options.items, "MB": sizes(built.site)}) + "\n")


if __name__ == "__main__":
    main()

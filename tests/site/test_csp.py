"""The policy of the built portal in a real browser: nothing of ours breaks it, and nothing hostile gets round it."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from http.client import HTTPConnection

import pytest

from gongkai.model.errors import GongkaiError
from gongkai.portal.build import build
from gongkai.portal.headers import caddy, nginx, page_headers, policy
from gongkai.store import clock
from gongkai.store.web import open_server

NOW = "2026-03-02T09:00:00+08:00"
KINDS = {
    "home": "index.html",
    "columns": "columns/index.html",
    "list": "columns/notices/index.html",
    "numbered list": "departments/personnel/page-2.html",
    "year": "archive/2024/index.html",
    "site map": "sitemap.html",
    "document": "tide/2024/00001.html",
    "withdrawn": "ferry/2024/00001.html",
    "table": "office/2026/00001.html",
    "authored": "about.html",
    "authored table": "tabular.html",
    "not found": "nowhere.html",
}


@pytest.fixture(scope="module")
def site(house, tmp_path_factory):
    """The small portal with an authored page that has a table with aligned cells."""
    root = tmp_path_factory.mktemp("csp") / "house"
    shutil.copytree(house.root, root)
    page = "# 表\n\n| 站点 | 次数 |\n| :-: | ---: |\n| 望潮站 | 24 |\n"
    (root / "site_config/pages/tabular.md").write_text(page, encoding="utf-8")
    return build(root, root.parent / "out", now=clock.parse(NOW)).site


@pytest.fixture(scope="module")
def address(site):
    server = open_server(site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.address
    server.shutdown()
    server.server_close()


@pytest.fixture
def page(browser):
    """A fresh page that keeps every violation of its policy and everything its console said."""
    context = browser.new_context()
    opened = context.new_page()
    opened.said = []
    opened.on("console", lambda m: opened.said.append(m.text))
    opened.on("pageerror", lambda e: opened.said.append(f"error: {e}"))
    opened.add_init_script(
        "window.broken = []; document.addEventListener('securitypolicyviolation',"
        " e => window.broken.push(e.effectiveDirective + ' ' + e.blockedURI))"
    )
    yield opened
    context.close()


def quiet(page):
    """What the console said of policies and faults; a file that is not there is the link check's business."""
    return [words for words in page.said if "status of 404" not in words]


def policies(html):
    return re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', html)


def test_every_page_carries_the_policy_before_anything_that_loads(site):
    for file in site.rglob("*.html"):
        html = file.read_text(encoding="utf-8")
        assert [p.replace("&#39;", "'") for p in policies(html)] == [policy()], file
        first = min(html.index("<link "), html.index("<script"), html.index("<title"))
        assert html.index("Content-Security-Policy") < first


def test_the_policy_trusts_no_inline_script_no_inline_style_and_no_other_host():
    rules = dict(part.split(" ", 1) for part in policy().split("; "))
    assert rules["default-src"] == rules["object-src"] == rules["base-uri"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert set(" ".join(rules.values()).split()) == {"'none'", "'self'", "data:"}
    assert "data:" not in rules["script-src"] + rules["font-src"] + rules["connect-src"]


def test_no_page_holds_a_script_of_its_own_a_style_or_a_handler(site):
    for file in site.rglob("*.html"):
        html = file.read_text(encoding="utf-8")
        inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html)
        assert all('type="application/json"' in tag or "ld+json" in tag for tag in inline), (file, inline)
        assert not re.search(r"<[^>]+\s(?:style|on[a-z]+)=|<style|javascript:", html), file


def test_the_themes_scripts_stand_in_files_that_every_page_finds(site):
    named = set()
    for file in site.rglob("*.html"):
        for src in re.findall(r'<script src="([^"]+)"', file.read_text(encoding="utf-8")):
            target = site / src.lstrip("/") if src.startswith("/") else (file.parent / src)
            assert target.resolve().is_file(), (file, src)
            named.add(target.resolve())
    assert {p.resolve() for p in (site / "assets/gongkai").glob("*.js")} <= named


@pytest.mark.browser
@pytest.mark.parametrize("kind", KINDS)
def test_no_kind_of_page_breaks_its_policy(kind, page, address):
    page.goto(address + KINDS[kind], wait_until="networkidle")
    assert page.evaluate("window.broken") == []
    assert quiet(page) == []
    assert page.evaluate("document.documentElement.classList.contains('gk-js')"), "the portal's script ran"
    head = page.evaluate("getComputedStyle(document.querySelector('.gk-top')).backgroundColor")
    assert head != "rgba(0, 0, 0, 0)", "its style sheet was taken"


@pytest.mark.browser
def test_no_page_at_the_top_and_no_record_of_a_review_breaks_it(page, site, address):
    """Whatever kinds of page come to be: one of each folder, and all at the top."""
    names = {p.relative_to(site).as_posix() for p in site.glob("*.html")}
    names |= {
        next(p.rglob("*.html")).relative_to(site).as_posix() for p in site.iterdir() if any(p.rglob("*.html"))
    }
    for name in sorted(names):
        page.goto(address + name, wait_until="load")
        page.wait_for_timeout(100)
        assert (name, page.evaluate("window.broken")) == (name, [])
        assert (name, quiet(page)) == (name, [])


@pytest.mark.browser
def test_light_and_dark_and_the_menu_still_work(page, address):
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address + "index.html", wait_until="networkidle")
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.locator(".gk-view summary").click()
    page.locator("input[name=gk-view][value=dark]").check()
    after = page.evaluate(ground)
    assert after != before
    page.goto(address + "tide/2024/00001.html", wait_until="networkidle")
    assert page.evaluate(ground) == after, "the choice is kept from page to page"
    page.locator("[data-gk=menu]").click()
    assert page.locator(".gk-menu a:visible").count() > 3
    assert page.evaluate("window.broken") == []
    assert quiet(page) == []


ATTACKS = {
    "a script": "<script>window.done = 1</script>",
    "a script of another host": '<script src="https://x.example/a.js"></script>',
    "a script in data": '<script src="data:text/javascript,window.done=1"></script>',
    "a handler": '<img src="x" onerror="window.done = 1">',
    "a javascript link": '<a id="go" href="javascript:void(window.done = 1)">x</a>',
    "a frame": '<iframe srcdoc="<script>parent.done = 1</script>"></iframe>',
    "a base": '<base href="https://x.example/"><script src="assets/a.js"></script>',
    "a style over everything": '<div id="over" style="position:fixed;inset:0;background:red">x</div>',
    "a style sheet": '<style>#gk-text { display: none }</style>',
    "a form that sends elsewhere": '<form action="https://x.example/" id="f"><button id="go">x</button></form>',
    "an object": '<object data="data:text/html,<script>parent.done=1</script>"></object>',
    "a picture of another host": '<img src="https://x.example/a.png">',
}  # fmt: skip


@pytest.mark.browser
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_got_into_a_page_all_the_same_is_blocked(attack, page, site, address):
    """The last line of defence: here the attack stands in the file itself, past sanitiser and templates."""
    html = (site / "tide/2024/00002.html").read_text(encoding="utf-8")
    target = site / "tide/2024/attacked.html"
    target.write_text(html.replace("</article>", f"{ATTACKS[attack]}</article>"), encoding="utf-8")
    try:
        page.goto(address + "tide/2024/attacked.html")
        page.wait_for_timeout(200)
        if page.locator("#go").count():
            page.evaluate("document.querySelector('#go').click()")
            page.wait_for_timeout(200)
        assert page.evaluate("window.done") is None
        refused = [*page.evaluate("window.broken"), *(w for w in page.said if "Content Security Policy" in w)]
        assert refused, "the browser refused nothing"
        assert page.url.startswith(address)
        if page.locator("#over").count():
            assert page.evaluate("getComputedStyle(document.querySelector('#over')).position") == "static"
    finally:
        target.unlink()


def _free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _nginx(folder, site, port):
    user = "user root;\n" if os.geteuid() == 0 else ""  # else its workers cannot read a test's folder
    (folder / "headers.conf").write_text(nginx(), encoding="utf-8")
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;\nevents {{}}\nhttp {{ access_log off;\n"
        + "".join(
            f"{n}_temp_path {folder}/{n};\n" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + "types { text/html html; text/css css; text/javascript js; image/svg+xml svg; }\n"
        f"server {{ listen 127.0.0.1:{port}; root {site}; include {folder}/headers.conf; }} }}\n",
        encoding="utf-8",
    )
    return ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]


def _caddy(folder, site, port):
    text = "{\n\tadmin off\n\tauto_https off\n}\n" if port else ""
    (folder / "Caddyfile").write_text(
        f"{text}{caddy()}\nhttp://127.0.0.1:{port} {{\n\timport gongkai_headers\n\troot * {site}\n\tfile_server\n}}\n",
        encoding="utf-8",
    )
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]


def _asked(port, path):
    until = time.monotonic() + 20
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.fixture(params=["nginx", "caddy"])
def server(request, site, tmp_path):
    """A real web server with our settings; returns its port."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    shutil.copytree(site, tmp_path / "site")
    tmp_path.chmod(0o755)
    for name in ("evil.HTML", "evil.svg", "table.pdf"):
        (tmp_path / "site/tide/2024/00001" / name).write_text("<script>1</script>", encoding="utf-8")
    port = _free()
    settings = {"nginx": _nginx, "caddy": _caddy}[request.param](tmp_path, tmp_path / "site", port)
    env = {
        **os.environ,
        "HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    process = subprocess.Popen(settings, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    yield port
    process.terminate()
    process.wait(10)


def test_a_web_server_sends_the_headers_with_every_answer(server):
    for path in (
        "/index.html",
        "/assets/gongkai/gongkai.css",
        "/tide/2024/00001.html",
        "/tide/2024/00001/table.pdf",
    ):
        answer = _asked(server, path)
        assert answer.status == 200, path
        for name, value in page_headers().items():
            assert answer.headers.get_all(name) == [value], (path, name)
        assert answer.headers["Content-Disposition"] is None
    assert _asked(server, "/nowhere.html").headers["X-Content-Type-Options"] == "nosniff"


def test_an_attachment_that_a_browser_would_run_is_saved_instead(server):
    for name in ("evil.HTML", "evil.svg"):
        answer = _asked(server, f"/tide/2024/00001/{name}")
        assert answer.status == 200
        assert answer.headers["Content-Disposition"] == "attachment"
        assert answer.headers.get_all("Content-Security-Policy") == ["default-src 'none'; sandbox"]
        assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        '<p style="color:red">x</p>',
        '<b onclick="x()">x</b>',
        '<a href="javascript:x()">x</a>',
    ],
)
def test_a_strict_build_refuses_an_authored_page_that_browsers_would_refuse(html, house, tmp_path):
    root = tmp_path / "house"
    shutil.copytree(house.root, root)
    (root / "site_config/pages/acts.md").write_text(f"# 页\n\n<div>{html}</div>\n", encoding="utf-8")
    with pytest.raises(GongkaiError) as error:
        build(root, tmp_path / "out", now=clock.parse(NOW))
    assert "acts.md: browsers refuse what stands here" in str(error.value.says.holes["reasons"])
    assert not (tmp_path / "out").exists()

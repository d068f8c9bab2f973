"""Old addresses lead to their items: as pages on any web server, and as settings of two real ones."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from tests.site.conftest import NOW, ROOT, item

from gongkai.checks.addresses import FOLDERS, PAGES, base_path, file_of, is_own, legacy_path, plain
from gongkai.checks.portal import read_portal
from gongkai.cli.main import cli
from gongkai.items.read import read_item
from gongkai.model.message import english
from gongkai.model.settings import Settings
from gongkai.portal.build import build
from gongkai.portal.headers import caddy as caddy_headers
from gongkai.portal.headers import nginx as nginx_headers
from gongkai.portal.redirect_maps import NGINX_SERVER, SERVERS
from gongkai.portal.redirects import redirects
from gongkai.portal.site import Site
from gongkai.store import clock
from gongkai.store.tree import FolderTree
from gongkai.store.web import open_server

OLD = "http://old.tide.yundu.example/zwgk"
MANY = [f"/tzgg/2019/{'很长的旧栏目名称' * 3}/t{n:08d}.html" for n in range(300)]


def _legacy(url: str) -> str:
    return f'legacy: {{index_number: "1/2024-00001", first_published_on: "2024-03-01", url: "{url}"}}'


ITEMS = {
    "ferry-2024-00001": item(
        "ferry-2024-00001",
        "notice",
        "关于渡口搬迁的通知",
        "aliases: [/tzgg/202403/t20240301_1.html, /zwgk/ferry/, /show/118, 旧栏目/渡口.htm, /jsp/view.jsp]",
        _legacy(f"{OLD}/show.aspx?id=118&ch=2"),
        published="",
    ),
    "ferry-2024-00002": item(
        "ferry-2024-00002", "notice", "关于汛期停渡的通知", _legacy(f"{OLD}/a/2.html"), published=""
    ),
    "ferry-2024-00003": item(
        "ferry-2024-00003",
        "notice",
        "地址写得不对的通知",
        'aliases: ["/../etc/1.html", "/a\\";return/301.html", "/{$HOME}/1.html", "/x/%2e%2e/2.html", /search.html,'
        " /Ferry/2024/00001.html, /ferry/2024/00001.html/x.html, /TZGG/202403/t20240301_1.html, /tide/2024/00099.html,"
        " /index.html, //evil.example/1.html]",
    ),
    "ferry-2024-00004": "\n".join(
        (
            "id: ferry-2024-00004",
            "removal: {reason: personal_information, ground: 个人信息保护法第四十七条, removed_on: 2024-05-06}",
            "aliases: [/tzgg/gone.html]",
            "",
        )
    ),
    "ferry-2026-00001": item(
        "ferry-2026-00001",
        "notice",
        "还不能看的通知",
        'publish_at: "2026-03-05T09:00:00+08:00"',
        "aliases: [/tzgg/secret.html]",
    ),
    "tide-2024-00001": item(
        "tide-2024-00001", "notice", "有许多旧地址的通知", f"aliases: [{', '.join(MANY)}]"
    ),
}


def write(root: Path, url: str = "") -> None:
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    if url:
        file = root / "site_config/portal.yml"
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"(?m)^url: \S+", f"url: {url}", text), encoding="utf-8")
    for ident, content in ITEMS.items():
        department, year, _ = ident.split("-")
        ending = "yml" if content.startswith("id:") else "md"
        path = root / f"content/{department}/{year}/{ident}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def site_of(root: Path) -> Site:
    return Site(read_portal(FolderTree(root), now=clock.parse(NOW)), english)


@pytest.fixture(scope="module")
def moved(tmp_path_factory):
    """A portal whose items have old addresses, built; its folder."""
    root = tmp_path_factory.mktemp("moved") / "portal"
    write(root)
    built = build(root, root.parent / "site", now=clock.parse(NOW))
    assert (built.dead, built.requests, built.remarks) == ((), (), ())
    return root


def page(moved: Path, path: str) -> str:
    return (moved.parent / "site" / path).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("tzgg/202403/t20240301_1.html", "../../ferry/2024/00001.html"),
        ("zwgk/ferry/index.html", "../../ferry/2024/00001.html"),
        ("show/118/index.html", "../../ferry/2024/00001.html"),
        ("旧栏目/渡口.htm", "../ferry/2024/00001.html"),
    ],
)
def test_a_page_at_the_old_address_leads_on_at_once(moved, path, way):
    text = page(moved, path)
    assert f'<meta http-equiv="refresh" content="0; url={way}">' in text
    assert f'<a href="{way}">关于渡口搬迁的通知</a>' in text
    assert '<link rel="canonical" href="https://www.tide.yundu.example/ferry/2024/00001.html">' in text
    assert '<meta name="robots" content="noindex">' in text
    assert "default-src" in text
    assert "<script" not in text
    assert "<style" not in text


def test_no_page_of_the_portal_was_replaced_and_nothing_lies_outside(moved):
    assert "gk-page--search" in page(moved, "search.html")
    assert "gk-page--home" in page(moved, "index.html")
    assert "关于渡口搬迁的通知" in page(moved, "ferry/2024/00001.html")
    assert "refresh" not in page(moved, "ferry/2024/00001.html")
    assert sorted(p.name for p in moved.parent.iterdir()) == ["portal", "site"]
    everything = "".join(
        p for server in SERVERS.values() for p in [server(redirects(site_of(moved)), site_of(moved))]
    )
    assert not re.search(r"evil|HOME|return/301|etc/1|x/\.\.", everything)


def test_of_two_items_with_one_old_address_the_first_keeps_it(moved):
    found = [one for one in redirects(site_of(moved)).moved if one.path.lower().endswith("t20240301_1.html")]
    assert [one.target for one in found] == ["ferry/2024/00001.html"]


def test_what_is_not_public_yet_has_no_old_address_either(moved):
    assert not (moved.parent / "site/tzgg/secret.html").exists()
    assert all("secret" not in one.path for one in redirects(site_of(moved)).moved)


def test_a_script_of_the_old_portal_is_only_the_web_servers_business(moved):
    assert not (moved.parent / "site/jsp").exists()
    assert any(one.path == "/jsp/view.jsp" for one in redirects(site_of(moved)).moved)


def test_the_search_the_feeds_and_the_site_maps_do_not_know_old_addresses(moved):
    for path in (moved.parent / "site").rglob("*"):
        if path.suffix in (".xml", ".json", ".csv") and path.is_file():
            assert b"t20240301_1.html" not in path.read_bytes(), path


def test_everything_that_a_build_makes_at_the_top_is_reserved(moved):
    """A new page of the portal must be entered in checks/addresses.py, or an alias could take its place."""
    settings = site_of(moved).portal.settings
    old = {one.file.partition("/")[0] for one in redirects(site_of(moved)).moved}
    made = {p.name for p in (moved.parent / "site").iterdir()} - old
    own = {n for n in made if not is_own(n, settings, ("about.html", "accessibility.html"))}
    assert own <= set(settings.departments), own
    assert {
        "index.html",
        "search.html",
        "sitemap.html",
        "columns",
        "assets",
        "disclosure.html",
    } <= PAGES | FOLDERS


def test_a_redirect_works_in_the_browser_without_any_complaint(moved, browser):
    with open_server(moved.parent / "site", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        said: list[str] = []
        shown = browser.new_page(java_script_enabled=False)
        shown.on("console", lambda m: said.append(m.text))
        shown.goto(f"{server.address}zwgk/ferry/")
        shown.wait_for_url("**/ferry/2024/00001.html")
        assert shown.locator("h1").inner_text() == "关于渡口搬迁的通知"
        assert said == []
        shown.close()
        server.shutdown()


def test_a_portal_below_the_top_of_its_host_writes_pages_only_for_what_lies_in_it(tmp_path):
    root = tmp_path / "portal"
    write(root, "https://www.yundu.example/tide/")
    site = site_of(root)
    assert base_path(site.portal.settings) == "/tide/"
    found = {one.path: one for one in redirects(site).moved}
    assert found["/tzgg/202403/t20240301_1.html"].file == ""
    assert found["/tide/旧栏目/渡口.htm"].file == "旧栏目/渡口.htm"
    assert '"https://www.yundu.example/tide/ferry/2024/00001.html"' in SERVERS["nginx"](redirects(site), site)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _nginx(folder: Path, site: Path, port: int, rules: str) -> list[str]:
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "moved.conf").write_text(rules, encoding="utf-8")
    (folder / "headers.conf").write_text(nginx_headers(), encoding="utf-8")
    temporary = "".join(
        f"{n}_temp_path {folder}/{n};\n" for n in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"{user}daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;\nevents {{}}\n"
        f"http {{ access_log off;\n{temporary}types {{ text/html html htm; }}\ninclude {folder}/moved.conf;\n"
        f"server {{ listen 127.0.0.1:{port}; root {site}; include {folder}/headers.conf;\n{NGINX_SERVER} }} }}\n",
        encoding="utf-8",
    )
    return ["nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder)]


def _caddy(folder: Path, site: Path, port: int, rules: str) -> list[str]:
    (folder / "Caddyfile").write_text(
        "{\n\tadmin off\n\tauto_https off\n}\n" + caddy_headers() + rules
        + f"http://127.0.0.1:{port} {{\n\troot * {site}\n\timport gongkai_headers\n\timport gongkai_redirects\n"
        "\tfile_server\n}\n",
        encoding="utf-8",
    )  # fmt: skip
    return ["caddy", "run", "--adapter", "caddyfile", "--config", f"{folder}/Caddyfile"]


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def port(request, moved, tmp_path_factory):
    """A real web server with the settings that the command prints."""
    if shutil.which(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    folder = tmp_path_factory.mktemp(request.param)
    folder.chmod(0o755)
    for above in folder.parents[:2]:
        above.chmod(0o755)
    told = CliRunner().invoke(cli, ["--root", str(moved), "redirects", request.param, "--now", NOW])
    assert told.exit_code == 0, told.output
    number = _free()
    command = {"nginx": _nginx, "caddy": _caddy}[request.param](
        folder, moved.parent / "site", number, told.stdout
    )
    home = {n: str(folder) for n in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, env={**os.environ, **home}, stdout=said, stderr=said)
        try:
            _wait(number, process, folder / "said")
            yield number
        finally:
            process.terminate()
            process.wait(10)


def _wait(number: int, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < until:
        try:
            ask(number, "/index.html")
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(said.read_text(encoding="utf-8", errors="replace"))


def ask(number: int, path: str) -> tuple[int, str, str]:
    connection = HTTPConnection("127.0.0.1", number, timeout=10)
    connection.request("GET", quote(path, safe="/?&=%"))
    answer = connection.getresponse()
    return answer.status, answer.headers.get("Location") or "", answer.read().decode("utf-8", "replace")


NEW = "https://www.tide.yundu.example/ferry/2024/00001.html"


@pytest.mark.parametrize(
    "path",
    [
        "/tzgg/202403/t20240301_1.html",
        "/tzgg/202403/t20240301_1.html?from=weixin",
        "/zwgk/ferry/",
        "/show/118",
        "/旧栏目/渡口.htm",
        "/jsp/view.jsp",
        "/zwgk/show.aspx?id=118&ch=2",
    ],
)
def test_a_web_server_moves_old_addresses_for_good(port, path):
    assert ask(port, path)[:2] == (301, NEW)


def test_a_path_that_only_an_import_noted_is_moved_too(port):
    assert ask(port, "/zwgk/a/2.html")[:2] == (301, "https://www.tide.yundu.example/ferry/2024/00002.html")


def test_hundreds_of_long_old_addresses_are_no_burden(port):
    new = "https://www.tide.yundu.example/tide/2024/00001.html"
    assert {ask(port, path)[:2] for path in (MANY[0], MANY[150], MANY[-1])} == {(301, new)}


def test_a_removed_page_answers_410_with_its_notice(port):
    status, _, text = ask(port, "/ferry/2024/00004.html")
    assert status == 410
    assert "gk-banner--removed" in text
    assert ask(port, "/tzgg/gone.html")[:2] == (301, "https://www.tide.yundu.example/ferry/2024/00004.html")


@pytest.mark.parametrize(
    "path", ["/ferry/2024/00001.html", "/search.html", "/tide/2024/00001.html", "/index.html?id=118"]
)
def test_pages_of_the_portal_are_shown_as_before(port, path):
    assert ask(port, path)[0] == 200


def test_what_was_never_there_is_not_found(port):
    assert ask(port, "/zwgk/show.aspx?id=119")[0] == 404
    assert ask(port, "/%2e%2e/etc/1.html")[0] in (400, 404)


def test_a_build_writes_the_lists_beside_the_portal_and_never_into_it(moved, tmp_path):
    inside = tmp_path / "site/lists"
    args = ["--root", str(moved), "build", "--site-dir", str(tmp_path / "site"), "--now", NOW, "--redirects"]
    assert CliRunner().invoke(cli, [*args, str(inside)]).exit_code == 2
    assert not (tmp_path / "site").exists()
    done = CliRunner().invoke(cli, [*args, str(tmp_path / "lists")])
    assert done.exit_code == 0, done.output
    told = CliRunner().invoke(cli, ["--root", str(moved), "redirects", "caddy", "--now", NOW])
    assert (tmp_path / "lists/redirects.caddy").read_text(encoding="utf-8") == told.stdout
    assert (tmp_path / "lists/redirects.nginx.conf").is_file()


@pytest.mark.parametrize(
    ("alias", "good"),
    [
        ("/a/b.html", True),
        ("通知/公告.html", True),
        ("/a%E9%80%9A/b.html", True),
        ("/a/../b.html", False),
        ("/a/%2E%2E/b.html", False),
        ("//host/b.html", False),
        ("/a\\b.html", False),
        ("/a$b.html", False),
        ("/a`b.html", False),
        ("/a;b.html", False),
        ("/a\u0000b.html", False),
        ("/a%250Ab.html", False),
        ("/%ff.html", False),
        (f"/{'长' * 80}.html", False),
    ],
)
def test_only_plain_paths_are_old_addresses(alias, good):
    assert plain(alias) is good


def test_which_file_shows_an_old_address():
    told = [file_of(path) for path in ("a/b.html", "a/", "a", "a.jsp", "a.SHTML", "")]
    assert told == ["a/b.html", "a/index.html", "a/index.html", "", "a.SHTML", ""]


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("http://a.example/x/1.html", "/x/1.html"),
        ("https://a.example/?id=3", "/?id=3"),
        ("https://a.example/", ""),
        ("javascript:alert(1)", ""),
        ("http://[broken", ""),
    ],
)
def test_the_path_of_an_imported_items_old_page(url, path):
    text = item("ferry-2024-00009", "notice", "x", f'legacy: {{url: "{url}"}}', published="")
    read = read_item("content/ferry/2024/ferry-2024-00009.md", text.encode(), "")[0]
    assert read is not None
    assert legacy_path(read) == path


def test_without_an_address_in_the_settings_the_portal_stands_at_the_top():
    assert base_path(Settings()) == "/"

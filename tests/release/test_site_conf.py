"""The sites that are printed are whole: real nginx and real Caddy serve a real release with them."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from tests.release.conftest import Publisher
from tests.release.test_send import _wait_for
from tests.release.test_taken_down import PAGE as TAKEN
from tests.release.test_taken_down import hand_in_leak, take_down
from tests.release.visitors import free_port

from gongkai.cli.main import cli
from gongkai.model.delivery import FILE, FOREVER, PAGE
from gongkai.model.errors import GongkaiError
from gongkai.portal.headers import download_headers, page_headers
from gongkai.portal.site_conf import SERVERS, Place, nginx

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  include {folder}/site.conf;
}}
"""
RUN = "tide/2025/00001/show.html"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Web:
    """A web server with the printed site, which shows a release with a removed item and an old address."""

    kind: str
    port: int
    root: Path

    def get(self, path: str, **headers: str) -> Answer:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("GET", quote(path), headers={"Host": f"www.example:{self.port}", **names})
        got = connection.getresponse()
        found = Answer(got.status, {n.lower(): v for n, v in got.getheaders()}, got.read())
        connection.close()
        return found


def gongkai(*args: object) -> str:
    done = CliRunner().invoke(cli, ["--lang", "en", *map(str, args)])
    assert done.exit_code == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def release(published: Publisher, tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """A release with an old address and a removed item; and a file that a browser would run, and one that is hidden."""
    publisher = published.copied(tmp_path_factory.mktemp("site"))
    hand_in_leak(publisher)
    publisher.accept("tide-2026-00002", aliases="[/tzgg/2019/t1.html]")
    take_down(publisher)
    publisher.publish()
    site = publisher.site
    (site / RUN).parent.mkdir(parents=True, exist_ok=True)
    (site / RUN).write_text("<script>alert(1)</script>" * 100)
    (site / ".gongkai-sent.json").write_text("{}")
    return publisher


def _served(kind: str, release: Publisher, folder: Path, port: int) -> list[str | Path]:
    site = gongkai("site", kind, "--root", release.site, "--name", "www.example", "--port", port)
    (folder / "site.conf").write_text(site)
    if kind == "nginx":
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
        return ["nginx", "-c", folder / "nginx.conf", "-p", folder]
    (folder / "Caddyfile").write_text("{\n\tadmin off\n\tauto_https off\n}\n" + site)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", folder / "Caddyfile"]


@pytest.fixture(scope="module", params=["nginx", "caddy"])
def web(
    request: pytest.FixtureRequest, release: Publisher, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    kind = request.param
    if not shutil.which(kind) and not os.environ.get(f"GONGKAI_{kind.upper()}_REQUIRED"):
        pytest.skip(f"{kind} is not installed")
    folder, port = tmp_path_factory.mktemp(kind), free_port()
    server = subprocess.Popen(_served(kind, release, folder, port), stderr=(folder / "said").open("wb"),
                              env={**os.environ, "HOME": str(folder), "XDG_DATA_HOME": str(folder)})  # fmt: skip
    try:
        _wait_for(port)
        yield Web(kind, port, release.place.root)
    finally:
        server.kill()
        server.wait()


def test_a_page_comes_with_its_policy_and_may_be_kept_for_a_minute(web: Web):
    page = web.get("/index.html")
    assert page.status == 200 and page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == PAGE and page.headers["etag"]
    assert {n: page.headers[n.lower()] for n in page_headers()} == dict(page_headers())
    assert web.get("/").body == page.body


def test_a_page_that_did_not_change_is_not_sent_again(web: Web):
    first = web.get("/index.html")
    again = web.get("/index.html", If_None_Match=first.headers["etag"])
    assert again.status == 304 and again.body == b""
    packed = web.get("/index.html", Accept_Encoding="gzip")
    assert web.get("/index.html", Accept_Encoding="gzip", If_None_Match=packed.headers["etag"]).status == 304


@pytest.mark.parametrize(
    "path", ["/index.html", "/catalogue.json", "/catalogue.csv", "/assets/gongkai/gongkai.js"]
)
def test_text_is_compressed_where_the_visitor_can_read_it(web: Web, path: str):
    plain, packed = web.get(path), web.get(path, Accept_Encoding="gzip")
    assert "content-encoding" not in plain.headers
    assert (
        packed.headers["content-encoding"] == "gzip" and "accept-encoding" in packed.headers["vary"].lower()
    )
    assert gzip.decompress(packed.body) == plain.body and len(packed.body) < len(plain.body)


def test_each_kind_of_file_has_its_time_and_type(web: Web):
    styles = web.root / "current" / "assets"
    names = [f"/assets/{p.relative_to(styles)}" for p in styles.rglob("*.*")]
    hashed = [
        n
        for n in names
        if any(len(part) >= 8 and set(part) <= set("0123456789abcdef") for part in n.split("."))
    ]
    for name in hashed:
        assert web.get(name).headers["cache-control"] == FOREVER
    assert web.get("/assets/gongkai/gongkai.css").headers["cache-control"] == FILE
    assert web.get("/assets/gongkai/gongkai.css").headers["content-type"] == "text/css; charset=utf-8"
    kinds = {
        "/catalogue.json": "application/json; charset=utf-8",
        "/catalogue.csv": "text/csv; charset=utf-8",
    }
    for path, kind in kinds.items():
        answer = web.get(path)
        assert (answer.headers["content-type"], answer.headers["cache-control"]) == (kind, PAGE)


def test_an_attachment_that_a_browser_would_run_is_saved_and_not_shown(web: Web):
    answer = web.get(f"/{RUN}")
    assert answer.status == 200 and answer.headers["cache-control"] == FILE
    assert {n: answer.headers[n.lower()] for n in download_headers()} == dict(download_headers())


def test_an_old_address_leads_to_the_new_page(web: Web):
    answer = web.get("/tzgg/2019/t1.html")
    assert answer.status == 301 and answer.headers["location"].endswith("/tide/2026/00002.html")


def test_what_was_removed_is_gone_for_good_with_its_notice(web: Web):
    answer = web.get(f"/{TAKEN}")
    assert answer.status == 410 and answer.body == (web.root / "current" / TAKEN).read_bytes()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers.get("cache-control") in (None, PAGE)


def test_what_is_not_there_is_answered_by_the_portals_own_page_which_nobody_keeps(web: Web):
    answer = web.get("/nowhere.html")
    assert answer.status == 404 and answer.body == (web.root / "current/404.html").read_bytes()
    assert "cache-control" not in answer.headers
    assert answer.headers["content-security-policy"] == page_headers()["Content-Security-Policy"]


def test_what_is_not_there_is_a_page_whatever_its_name_ends_with(web: Web):
    assert web.get("/nowhere.json").headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", ["/.gongkai-sent.json", "/.git/config", "/a/.part-1/x"])
def test_what_begins_with_a_dot_is_not_there(web: Web, path: str):
    assert web.get(path).status == 404


def test_security_txt_and_folders_are_as_they_should_be(web: Web):
    assert web.get("/assets/").status == 404 or web.get("/assets/").status == 403
    if (web.root / "current/.well-known/security.txt").exists():
        assert web.get("/.well-known/security.txt").status == 200


def test_another_release_is_seen_at_once_without_a_reload(web: Web):
    """Last: it changes what is shown, for a moment."""
    link, here = web.root / "current", str((web.root / "current").readlink())
    other = next(p for p in (web.root / "releases").iterdir() if f"releases/{p.name}/site" != here)
    before = web.get("/tide/2026/00002.html").status
    try:
        link.with_name("fresh").symlink_to(f"releases/{other.name}/site")
        link.with_name("fresh").rename(link)
        assert (before, web.get("/tide/2026/00002.html").status) == (200, 404)
    finally:
        link.with_name("fresh").symlink_to(here)
        link.with_name("fresh").rename(link)


@pytest.mark.parametrize("name", ["", "a b", "x;y", "UPPER", "-a.cn", "a..b", "a\nb", "$host", "x" * 300])
def test_a_name_that_is_none_is_refused(name: str):
    with pytest.raises(GongkaiError):
        Place(Path("/srv/www/current"), name)


@pytest.mark.parametrize("root", ["/srv/a;b", '/srv/a"b', "/srv/{x}", "/srv/$x", "/a\nb", "relative"])
def test_a_path_that_would_mean_something_else_to_the_server_is_refused(root: str):
    with pytest.raises(GongkaiError):
        Place(Path(root), "www.example")


def test_https_of_nginx_is_one_block_more_and_its_settings_are_taken(tmp_path: Path):
    if not shutil.which("nginx"):
        pytest.skip("nginx is not installed")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-subj", "/CN=www.example", "-keyout", key, "-out", certificate], check=True, capture_output=True)  # fmt: skip
    place = Place(tmp_path, "www.example", 8099, str(certificate), str(key))
    (tmp_path / "site.conf").write_text(nginx(place))
    (tmp_path / "nginx.conf").write_text(NGINX.format(folder=tmp_path))
    done = subprocess.run(
        ["nginx", "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "return 301 https://www.example$request_uri;" in nginx(
        place
    ) and "Strict-Transport-Security" in nginx(place)
    with pytest.raises(GongkaiError):
        Place(tmp_path, "www.example", 0, str(certificate), "")


def test_both_servers_can_be_printed_without_old_addresses(tmp_path: Path):
    for kind in SERVERS:
        printed = gongkai("site", kind, "--root", tmp_path, "--name", "www.example", "--no-redirects")
        assert (
            "gongkai_moved" not in printed
            and "import gongkai_redirects" not in printed
            and str(tmp_path) in printed
        )

"""Building: the same bytes by every way, whole or not at all."""

import filecmp
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.model.errors import GongkaiError
from gongkai.portal.build import build
from gongkai.store import clock
from gongkai.store.web import open_server

NOW = "2026-03-02T09:00:00+08:00"
ENV = {**os.environ, "SOURCE_DATE_EPOCH": str(int(clock.parse(NOW).timestamp())), "NO_MKDOCS_2_WARNING": "1"}


def gongkai(root, *args):
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", "en", *args])


def bytes_of(site: Path) -> dict[str, bytes]:
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in sorted(site.rglob("*")) if p.is_file()}


def plain(program: str, root: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        program,
        "build",
        "--strict",
        "-f",
        str(root / "mkdocs.yml"),
        "-d",
        str(site),
    ]
    return subprocess.run(command, env=ENV, capture_output=True, text=True, timeout=120, check=False)


def test_plain_mkdocs_makes_the_same_bytes(house, tmp_path):
    done = plain("mkdocs", house.root, tmp_path / "plain")
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "plain") == bytes_of(house.built.site)


@pytest.mark.skipif(importlib.util.find_spec("properdocs") is None, reason="ProperDocs is not installed")
def test_properdocs_makes_the_same_bytes(house, tmp_path):
    done = plain("properdocs", house.root, tmp_path / "proper")
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "proper") == bytes_of(house.built.site)


def test_a_commit_gives_the_same_bytes_whatever_stands_in_the_folder(house_folder, house, git, tmp_path):
    git(house_folder, "init", "-q")
    git(house_folder, "add", "-A")
    git(house_folder, "commit", "-qm", "all")
    shutil.rmtree(house_folder / "content/tide")
    (house_folder / "site_config/pages/about.md").write_text("# 改过\n", encoding="utf-8")
    built = build(house_folder, tmp_path / "out", commit="HEAD", now=clock.parse(NOW))
    assert bytes_of(built.site) == bytes_of(house.built.site)


def test_a_commit_without_mkdocs_yml_is_refused_in_words(house_folder, git, tmp_path):
    (house_folder / "mkdocs.yml").unlink()
    git(house_folder, "init", "-q")
    git(house_folder, "add", "-A")
    git(house_folder, "commit", "-qm", "all")
    with pytest.raises(GongkaiError, match=r"has no mkdocs\.yml"):
        build(house_folder, tmp_path / "out", commit="HEAD", now=clock.parse(NOW))


def test_a_bare_repository_can_be_built(house_folder, house, git, tmp_path):
    git(house_folder, "init", "-q")
    git(house_folder, "add", "-A")
    git(house_folder, "commit", "-qm", "all")
    git(tmp_path, "clone", "-q", "--bare", str(house_folder), "bare.git")
    done = gongkai(
        tmp_path / "bare.git", "build", "--commit", "HEAD", "--site-dir", str(tmp_path / "out"), "--now", NOW
    )
    assert done.exit_code == 0, done.output
    assert bytes_of(tmp_path / "out") == bytes_of(house.built.site)


def test_the_embargo_ends_at_its_second(house_folder, tmp_path):
    built = build(house_folder, tmp_path / "out", now=clock.parse("2026-03-02T09:00:01+08:00"))
    assert (built.site / "ferry/2026/00001.html").is_file()
    assert (built.site / "ferry/2026/00001/early.txt").is_file()


def test_file_names_out_of_an_old_archive_do_not_stop_the_portal(house_folder, git, tmp_path):
    odd = os.fsdecode("附件.txt".encode("gbk"))
    (house_folder / "content/law/2024/law-2024-00001").mkdir()
    (house_folder / "content/law/2024/law-2024-00001" / odd).write_text("x", encoding="utf-8")
    text = (house_folder / "content/law/2024/law-2024-00001.md").read_text("utf-8")
    (house_folder / "content/law/2024" / odd.replace(".txt", ".md")).write_text(text, encoding="utf-8")
    for done in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        git(house_folder, *done)
    for commit in (None, "HEAD"):
        built = build(house_folder, tmp_path / "out", now=clock.parse(NOW), commit=commit)
        assert (built.site / "law/2024/00001.html").is_file()


FAR = (
    ("consultation", 'opens_on: "0001-01-01"', 'closes_on: "9999-12-31"'),
    ("policy", 'effective_to: "9999-12-31"', "validity: valid"),
    ("notice", 'expires_at: "9999-12-31T23:59:59-05:00"'),
    ("notice", 'publish_at: "0001-01-01T00:00:00+14:00"'),
    ("notice", 'publish_at: "9999-12-31"'),
    ("notice", 'expires_at: "0001-01-01"'),
    ("public_list", 'opens_on: "9999-12-31"', 'closes_on: "0001-01-01"'),
)
"""What means "for ever" in many an office, and the other end of the calendar."""


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Etc/GMT+12", "Etc/GMT-14"])
def test_the_first_and_the_last_day_of_all_do_not_stop_the_portal(house_folder, item_text, tmp_path, zone):
    settings = house_folder / "site_config/portal.yml"
    lines = settings.read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("timezone:")]
    settings.write_text("".join(kept) + f"timezone: {zone}\n", encoding="utf-8")
    for number, (kind, *fields) in enumerate(FAR, 901):
        ident = f"law-2026-{number:05}"
        text = item_text(ident, kind, f"长期有效的信息{number}", *fields, published="2026-02-01")
        (house_folder / f"content/law/2026/{ident}.md").write_text(text, encoding="utf-8")
    built = build(house_folder, tmp_path / "out", now=clock.parse(NOW))
    shown = [(built.site / f"law/2026/{number:05}.html").is_file() for number in range(901, 908)]
    assert shown == [True, True, True, True, False, True, True]
    data = [
        json.loads((built.site / f"law/2026/{number:05}.json").read_text("utf-8")) for number in (903, 906)
    ]
    assert [bool(one.get("content_html")) for one in data] == [True, False]
    assert "关于" in (built.site / "deadlines.ics").read_text("utf-8")
    checked = gongkai(house_folder, "check", "--now", NOW)
    assert checked.exit_code in (0, 1), checked.output


def test_only_its_neighbours_pages_change_when_an_item_is_published(house_folder, house, tmp_path):
    (house_folder / "content/tide/2026").mkdir()
    (house_folder / "content/tide/2026/tide-2026-00001.md").write_text(
        "---\nid: tide-2026-00001\ntype: notice\ntitle: 新的通知\ndepartment: tide\n"
        'legacy: {index_number: "12YD0000TIDE00000X/2026-00001", first_published_on: "2026-03-01"}\n'
        "---\n正文。\n",
        encoding="utf-8",
    )
    after = bytes_of(build(house_folder, tmp_path / "out", now=clock.parse(NOW)).site)
    changed = {name for name, data in bytes_of(house.built.site).items() if after[name] != data}
    assert "tide/2026/00001.html" in after
    items = {name for name in changed if re.fullmatch(r"[a-z]+/\d{4}/\d{5}\.html", name)}
    assert {name.partition("/")[0] for name in changed - items if name.endswith(".html")} == {
        "index.html", "search.html", "sitemap.html", "archive", "columns", "departments",
    }  # fmt: skip
    assert len(items) == 2, "only its neighbours in the column, which lead to it now"
    for name in items:
        assert "2026/00001.html" in after[name].decode().partition('class="gk-neighbours"')[2]
    assert [name for name in changed if re.match(r"[a-z]+/\d{4}/\d{5}\.json", name)] == [], "nor do its data"


def test_the_english_portal_speaks_english(house_folder, tmp_path):
    settings = house_folder / "site_config/portal.yml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("language: zh ", "language: en "), encoding="utf-8"
    )
    page = (
        build(house_folder, tmp_path / "out", now=clock.parse(NOW)).site / "tide/2024/00001.html"
    ).read_text("utf-8")
    assert '<html lang="en"' in page
    for words in ("Index number", "Document date", "Attachments", "Tide Observation", "Site map", "Valid"):
        assert words in page
    assert "索引号" not in page
    assert '<h1 lang="zh-CN">' in page


def test_an_unsound_build_leaves_the_old_portal(house_folder, tmp_path):
    site = tmp_path / "out"
    assert gongkai(house_folder, "build", "--site-dir", str(site), "--now", NOW).exit_code == 0
    before = bytes_of(site)
    (house_folder / "site_config/pages/about.md").write_text(
        '# 关于\n\n<a href="gone.html">去</a>\n', encoding="utf-8"
    )
    done = gongkai(house_folder, "build", "--site-dir", str(site), "--now", NOW)
    assert done.exit_code == 1
    assert "about.html: the link gone.html leads nowhere" in done.stderr
    assert bytes_of(site) == before
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".gongkai")] == []


def test_a_page_that_loads_from_another_host_is_refused_by_both_ways(house_folder, tmp_path):
    page = house_folder / "site_config/pages/about.md"
    page.write_text('# 关于\n\n<img src="https://other.example/a.png">\n', encoding="utf-8")
    done = gongkai(house_folder, "build", "--site-dir", str(tmp_path / "out"), "--now", NOW)
    assert done.exit_code == 1
    assert "about.html: loads https://other.example/a.png from another host" in done.stderr
    assert not (tmp_path / "out").exists()
    assert plain("mkdocs", house_folder, tmp_path / "plain").returncode == 1


def test_what_mkdocs_cannot_build_is_said_and_nothing_is_lost(house_folder, tmp_path):
    (house_folder / "mkdocs.yml").write_text(
        "site_name: x\ndocs_dir: site_config/pages\nplugins: [gongkai, nobody]\n", encoding="utf-8"
    )
    done = gongkai(house_folder, "build", "--site-dir", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert "nobody" in done.stderr
    assert not (tmp_path / "out").exists()


def test_mkdocs_yml_without_the_plugin_is_refused(house_folder, tmp_path):
    (house_folder / "mkdocs.yml").write_text("site_name: x\ndocs_dir: site_config/pages\n", encoding="utf-8")
    done = gongkai(house_folder, "build", "--site-dir", str(tmp_path / "out"))
    assert (done.exit_code, "does not use the plugin gongkai" in done.stderr) == (2, True)


def test_an_authored_page_in_the_place_of_a_made_one_is_refused(house_folder, tmp_path):
    (house_folder / "site_config/pages/index.md").write_text("# 我的首页\n", encoding="utf-8")
    done = gongkai(house_folder, "build", "--site-dir", str(tmp_path / "out"))
    assert done.exit_code == 1
    assert "index.md" in done.stderr


@pytest.mark.parametrize("name", ["photos", "house"])
def test_a_folder_that_no_build_made_is_never_replaced(house_folder, tmp_path, name):
    target = tmp_path / name
    target.mkdir(exist_ok=True)
    (target / "a.txt").write_text("mine")
    with pytest.raises(GongkaiError, match="is not a built portal"):
        build(house_folder, target, now=clock.parse(NOW))
    assert (target / "a.txt").read_text() == "mine"


def test_what_a_killed_build_left_beside_the_portal_is_taken_away(house_folder, tmp_path):
    left = tmp_path / ".gongkai-site-left"
    left.mkdir()
    os.utime(left, (0, 0))
    build(house_folder, tmp_path / "site", now=clock.parse(NOW))
    assert {path.name for path in tmp_path.iterdir()} == {"house", "site"}


def test_what_of_the_old_portal_cannot_be_taken_away_does_not_spoil_the_new(
    house_folder, tmp_path, monkeypatch
):
    build(house_folder, tmp_path / "site", now=clock.parse(NOW))
    monkeypatch.setattr("gongkai.store.durable.clear", _denied)
    kept = []
    built = build(house_folder, tmp_path / "site", now=clock.parse(NOW), keep=kept.append)
    assert built.sound and kept == [built]
    assert {path.name for path in tmp_path.iterdir()} == {"house", "site"}


def _denied(folder):
    raise PermissionError(13, "Permission denied", str(folder))


def test_no_process_is_left_when_nobody_asked_it(house_folder, tmp_path, git, monkeypatch):
    monkeypatch.setenv("GONGKAI_HANDS", "2")
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    for done in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "all")):
        git(house_folder, *done)
    for _ in range(3):
        build(house_folder, tmp_path / "site", now=clock.parse(NOW))
    (house_folder / "mkdocs.yml").unlink()
    with pytest.raises(GongkaiError):
        build(house_folder, tmp_path / "site", now=clock.parse(NOW))
    children = Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text().split()
    states = [Path(f"/proc/{child}/stat").read_text().rsplit(")", 1)[1].split()[0] for child in children]
    assert "Z" not in states


def test_building_twice_gives_the_same_and_prints_the_folder(house_folder, tmp_path):
    first = gongkai(house_folder, "build", "--now", NOW)
    shutil.copytree(house_folder / "site", tmp_path / "first")
    second = gongkai(house_folder, "build", "--now", NOW)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout.strip() == str(house_folder / "site")
    assert filecmp.dircmp(tmp_path / "first", house_folder / "site").diff_files == []
    assert bytes_of(tmp_path / "first") == bytes_of(house_folder / "site")


def test_an_authored_page_may_link_to_an_item_by_its_id(house_folder, tmp_path):
    (house_folder / "site_config/pages/about.md").write_text(
        "# 关于\n\n[办法](doc:tide-2024-00001)\n", encoding="utf-8"
    )
    built = build(house_folder, tmp_path / "out", now=clock.parse(NOW))
    assert '<a href="tide/2024/00001.html">办法</a>' in (built.site / "about.html").read_text(
        encoding="utf-8"
    )


def test_the_server_shows_the_portal_with_right_types(house):
    with open_server(house.built.site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.address.startswith("http://127.0.0.1:")
        with urlopen(server.address) as home:
            assert home.headers["Content-Type"] == "text/html; charset=utf-8"
            assert "云渡市" in home.read().decode()
        with urlopen(server.address + quote("tide/2024/00001/潮汐 表.pdf")) as file:
            assert file.headers["Content-Type"] == "application/pdf"
        for path in ("nothing.html", "assets/", "../../etc/passwd"):
            with pytest.raises(HTTPError) as error:
                urlopen(server.address + path)
            assert error.value.code == 404
        server.shutdown()


def test_a_taken_port_is_said_and_without_a_port_another_is_taken(house):
    with open_server(house.built.site) as first, open_server(house.built.site) as second:
        assert first.address != second.address
        with pytest.raises(GongkaiError, match="in use"):
            open_server(house.built.site, first.server_address[1])


def test_serving_before_building_is_wrong_use(house_folder):
    done = gongkai(house_folder, "serve")
    assert (done.exit_code, "holds no built portal" in done.stderr) == (2, True)

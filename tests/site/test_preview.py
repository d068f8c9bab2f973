"""`gongkai preview`: what the browser shows is what a build would write, whatever is done to the files meanwhile."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongkai.cli.preview import follow
from gongkai.portal.build import build
from gongkai.portal.preview import EVENTS, Preview
from gongkai.portal.preview_state import Desk
from gongkai.store import clock
from gongkai.store.kept import Kept
from gongkai.store.live import News, open_live
from gongkai.store.sight import Watchman
from gongkai.store.watch import Saves, is_beside

NOW = "2026-03-02T09:00:00+08:00"
SCRIPT = re.compile(
    rb'<script src="/_gongkai/preview\.js" data-number="\d+" data-digest="[0-9a-f]{16}" defer></script>'
)
POLICY = "content/tide/2024/tide-2024-00001.md"
NOTICE = "content/ferry/2024/ferry-2024-00003.md"
PAGE = "ferry/2024/00003.html"


class Running:
    """A preview of a folder, with its server and its watch, as the command runs them."""

    def __init__(self, root: Path, kept: Kept | None = None) -> None:
        self.root, self.ended = root, False
        self.desk = Desk(root, kept or Kept(None), lambda: clock.parse(NOW))
        self.preview, self.news = Preview(root, self.desk, Kept(None)), News()
        self.server = open_live(self.preview.answer, self.news, EVENTS, 0)
        self.saves = Saves(root)
        self.port = self.server.server_address[1]

    @contextmanager
    def on(self) -> Iterator[Running]:
        self.news.tell(1)
        with self.saves:
            threads = [
                threading.Thread(target=self.server.serve_forever),
                threading.Thread(target=self._follow),
            ]
            for thread in threads:
                thread.start()
            try:
                yield self
            finally:
                self.ended = True
                self.saves._bell.ring()
                self.news.close()
                self.server.shutdown()
                for thread in threads:
                    thread.join(10)
                self.server.server_close()
                self.preview.close()

    def _follow(self) -> None:
        follow(self.desk, self.news, self.saves, lambda: self.ended)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", "/" + quote(path, safe="/?=&%"), headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def page(self, path: str) -> str:
        return self.get(path)[1].decode()

    def panel(self, path: str = PAGE) -> dict:
        return json.loads(self.get(f"_gongkai/panel?page={path}")[1])

    def until(self, true: Callable[[], bool], seconds: float = 12) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "the preview did not follow"
            time.sleep(0.02)

    def shows(self, text: str, path: str = PAGE) -> None:
        self.until(lambda: text in self.page(path))

    def write(self, path: str, text: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def listen(self, heard: list[int], since: int = 1) -> threading.Thread:
        """A tab of a browser: the numbers of the events, as they come."""

        def stream() -> None:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
            connection.request("GET", f"/{EVENTS}?since={since}")
            answer = connection.getresponse()
            heard.append(0)
            while line := answer.readline():
                if line.startswith(b"data: "):
                    heard.append(int(line[6:]))

        thread = threading.Thread(target=stream, daemon=True)
        thread.start()
        self.until(lambda: bool(heard))
        return thread


@pytest.fixture
def running(house_folder: Path) -> Iterator[Running]:
    with Running(house_folder).on() as one:
        yield one


def plain(page: bytes) -> bytes:
    """A previewed page without the one thing that a build does not write."""
    assert len(SCRIPT.findall(page)) == 1
    return SCRIPT.sub(b"", page)


def differing(answer: Callable[[str], tuple[int, bytes]], site: Path) -> list[str]:
    """The files of a built site that the preview gives otherwise."""
    found = []
    for file in sorted(p for p in site.rglob("*") if p.is_file()):
        path = file.relative_to(site).as_posix()
        status, content = answer(path)
        content = SCRIPT.sub(b"", content) if path.endswith(".html") else content
        if content != file.read_bytes() or status != (404 if path == "404.html" else 200):
            found.append(path)
    return found


def test_every_page_and_file_of_a_built_portal_is_previewed_with_the_same_bytes(house):
    with Running(house.root).on() as one:
        assert differing(one.get, house.built.site) == []
        assert (
            plain(one.get("tide/2024/00001.html")[1])
            == (house.built.site / "tide/2024/00001.html").read_bytes()
        )
        assert plain(one.get("")[1]) == (house.built.site / "index.html").read_bytes()
        assert one.get("columns/")[1] == one.get("columns/index.html")[1]


def test_no_built_file_knows_of_the_preview(everything):
    assert b"_gongkai/" not in everything


def test_a_save_is_on_the_page_and_every_tab_is_told(running):
    tabs: list[list[int]] = [[], []]
    for heard in tabs:
        running.listen(heard)
    running.write(NOTICE, running.read(NOTICE) + "\n改成了每晚十点。\n")
    running.shows("改成了每晚十点。")
    running.until(lambda: all(heard[-1] > 1 for heard in tabs))


def test_a_tab_that_slept_is_told_at_once(running):
    running.write(NOTICE, running.read(NOTICE) + "\n睡着时改的。\n")
    running.shows("睡着时改的。")
    heard: list[int] = []
    running.listen(heard, since=1)
    running.until(lambda: heard[-1] > 1, 3)


def test_broken_yaml_leaves_the_last_good_page_and_says_where_the_fault_is(running):
    good = running.read(NOTICE)
    before = plain(running.get(PAGE)[1])
    running.write(NOTICE, good.replace("type: notice", "type: [notice"))
    running.until(lambda: running.panel()["notes"][0]["kind"] == "bad")
    assert plain(running.get(PAGE)[1]) == before
    panel = running.panel()
    assert panel["findings"][0]["severity"] == "error"
    assert re.fullmatch(rf"{NOTICE}:\d+:\d+", panel["findings"][0]["spot"])
    running.write(NOTICE, good.replace("正文。", "改好了。"))
    running.shows("改好了。")
    assert [note["kind"] for note in running.panel()["notes"]] == ["good"]


def test_a_file_that_was_broken_from_the_start_has_a_panel_and_no_page(house_folder):
    (house_folder / NOTICE).write_text("---\nid: [\n---\n", encoding="utf-8")
    with Running(house_folder).on() as one:
        assert one.get(PAGE)[0] == 404
        assert one.panel()["file"] == NOTICE
        assert one.panel()["findings"][0]["spot"].startswith(f"{NOTICE}:")


@pytest.mark.parametrize(
    "half", [b"", b"---\nid: ferry-2024-00003\nty", b"\xff\xfe\x00"], ids=["empty", "half", "no text"]
)
def test_a_half_written_file_never_empties_the_page(running, half):
    """What a full disk leaves, or an editor in the middle of its work."""
    good, before = running.read(NOTICE), plain(running.get(PAGE)[1])
    running.write(NOTICE, half)
    running.until(lambda: NOTICE in running.desk.state.held)
    assert plain(running.get(PAGE)[1]) == before
    running.write(NOTICE, good.replace("正文。", "写完了。"))
    running.shows("写完了。")


def _vim(file: Path, text: str) -> None:
    swap, probe, backup = (
        file.with_name(f".{file.name}.swp"),
        file.with_name("4913"),
        file.with_name(f"{file.name}~"),
    )
    swap.write_bytes(b"b0VIM")
    probe.write_bytes(b"")
    probe.unlink()
    file.rename(backup)
    file.write_text(text, encoding="utf-8")
    time.sleep(0.1)
    backup.unlink()
    swap.unlink()


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(".goutputstream-X1Y2Z3")
    beside.write_text(text, encoding="utf-8")
    beside.replace(file)


def _in_pieces(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as sink:
        for start in range(0, len(text), 200):
            sink.write(text[start : start + 200])
            sink.flush()
            time.sleep(0.05)


def _away_and_back(file: Path, text: str) -> None:
    file.unlink()
    time.sleep(0.2)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("save", [_vim, _replace, _in_pieces, _away_and_back])
def test_it_does_not_matter_by_which_steps_an_editor_saves(running, save):
    text = running.read(NOTICE).replace("正文。", "编辑器写的新正文。")
    save(running.root / NOTICE, text)
    running.shows("编辑器写的新正文。")
    running.until(lambda: not running.desk.state.held)
    assert running.desk.state.saved == (NOTICE,)
    assert [note["kind"] for note in running.panel()["notes"]] == ["good"]


def test_what_editors_and_office_programs_put_down_beside_a_file_is_not_spoken_of(running):
    folder = running.root / "content/tide/2024/tide-2024-00001"
    for name in (".~lock.潮汐 表.pdf#", "~$潮汐表.docx", ".潮汐.swp", "4913", "表.tmp"):
        assert is_beside(f"content/tide/2024/tide-2024-00001/{name}")
        (folder / name).write_bytes(b"lock")
    running.write(POLICY, running.read(POLICY) + "\n又一段。\n")
    running.shows("又一段。", "tide/2024/00001.html")
    said = json.dumps(running.panel("tide/2024/00001.html"), ensure_ascii=False)
    assert "forgotten.txt" in said
    assert not [name for name in ("lock.", "~$", ".swp", "4913", ".tmp") if name in said]


def test_a_renamed_item_moves_and_a_deleted_one_is_gone(running):
    text = running.read(NOTICE)
    (running.root / NOTICE).rename(running.root / "content/ferry/2024/ferry-2024-00077.md")
    running.write(
        "content/ferry/2024/ferry-2024-00077.md", text.replace("ferry-2024-00003", "ferry-2024-00077")
    )
    running.shows("关于春季航线的通知（修订）", "ferry/2024/00077.html")
    assert running.get(PAGE)[0] == 404
    assert running.panel()["notes"][0]["kind"] == "plain"
    (running.root / "content/ferry/2024/ferry-2024-00077.md").unlink()
    running.until(lambda: running.get("ferry/2024/00077.html")[0] == 404)
    running.write(NOTICE, text)
    running.until(lambda: running.get(PAGE)[0] == 200)


def test_folders_made_and_moved_while_it_runs_are_seen(running):
    text = running.read(NOTICE).replace("ferry-2024-00003", "ferry-2031-00001")
    running.write("content/ferry/2031/ferry-2031-00001.md", text)
    running.until(lambda: running.get("ferry/2031/00001.html")[0] == 200)
    (running.root / "content").rename(running.root / "away")
    running.until(lambda: running.get(PAGE)[0] == 404)
    (running.root / "away").rename(running.root / "content")
    running.until(lambda: running.get(PAGE)[0] == 200)
    running.write(NOTICE, running.read(NOTICE) + "\n搬回来以后写的。\n")
    running.shows("搬回来以后写的。")


def test_an_attachment_that_changes_changes_its_page(running):
    page, file = "tide/2024/00001.html", "tide/2024/00001/潮汐 表.pdf"
    before = running.page(page)
    running.write("content/tide/2024/tide-2024-00001/潮汐 表.pdf", b"%PDF-1.4\nlarger\n" * 40)
    running.until(lambda: running.page(page) != before)
    assert running.get(file) == (200, b"%PDF-1.4\nlarger\n" * 40)
    (running.root / "content/tide/2024/tide-2024-00001/潮汐 表.pdf").unlink()
    running.until(lambda: running.get(file)[0] == 404)
    assert "REF111" in {finding["code"] for finding in running.panel(page)["findings"]}


def test_settings_schemas_and_templates_are_followed(running):
    portal = running.read("site_config/portal.yml")
    changed = re.sub(r"^title:.*(?:\n  .*)*", "title: 换了名字的门户", portal, flags=re.MULTILINE)
    running.write("site_config/portal.yml", changed)
    running.shows("换了名字的门户")
    running.write("site_config/theme/gongkai/footer.html", "<p>另一个页脚</p>")
    running.shows("另一个页脚")
    schema = running.read("schemas/items/notice.schema.json")
    running.write("schemas/items/notice.schema.json", schema.replace('"通知公告"', '"通知与公告"'))
    running.shows("通知与公告")


def test_broken_settings_leave_the_pages_as_they_were_and_say_so(running):
    before = plain(running.get(PAGE)[1])
    for path, broken in (
        ("site_config/portal.yml", "title: [\n"),
        ("mkdocs.yml", "theme: [\n"),
        ("schemas/items/notice.schema.json", "{"),
    ):
        good = running.read(path)
        running.write(path, broken)
        running.until(lambda: any(n["kind"] == "bad" for n in running.panel()["notes"]))
        assert plain(running.get(PAGE)[1]) == before
        running.write(path, good)
        running.until(lambda: not any(n["kind"] == "bad" for n in running.panel()["notes"]))
        assert plain(running.get(PAGE)[1]) == before


def test_a_template_of_ones_own_that_is_wrong_leaves_the_pages_as_they_were(running):
    before = plain(running.get(PAGE)[1])
    footer = running.root / "site_config/theme/gongkai/footer.html"
    footer.parent.mkdir(parents=True)
    footer.write_text("{% if %}<p>半个页脚</p>", encoding="utf-8")
    running.until(lambda: any(n["kind"] == "bad" for n in running.panel()["notes"]))
    assert plain(running.get(PAGE)[1]) == before
    assert SCRIPT.search(running.get("nowhere.html")[1])
    footer.write_text("<p>整个页脚</p>", encoding="utf-8")
    running.shows("整个页脚")
    running.until(lambda: not any(n["kind"] == "bad" for n in running.panel()["notes"]))


def test_what_is_embargoed_is_shown_and_said_to_be_embargoed(running, house):
    page = "ferry/2026/00001.html"
    assert not (house.built.site / page).exists()
    assert "禁止提前看到的通知" in running.page(page)
    assert [note["kind"] for note in running.panel(page)["notes"]] == ["embargo"]
    assert "禁止提前看到的通知" not in running.page("index.html")
    assert running.panel("ferry/2026/00003.html")["notes"][0]["kind"] == "bad"


def test_a_draft_is_marked_and_has_its_due_date(running):
    page = "ferry/2026/00004.html"
    running.write(
        "content/ferry/2026/ferry-2026-00004.md",
        running.read("content/ferry/2026/ferry-2026-00004.md").replace(
            "department: ferry", 'department: ferry\ndocument_date: "2026-03-02"'
        ),
    )
    running.until(lambda: "2026-03-05" in " ".join(running.panel(page)["due"]))
    assert [note["kind"] for note in running.panel(page)["notes"]] == ["draft"]


def test_a_finding_says_what_where_and_how_and_where_its_field_stands_on_the_page(running):
    text = (
        running.read(POLICY)
        .replace("genre: notice", "genre: nonsense")
        .replace("自印发", "手机13800138000自印发")
    )
    running.write(POLICY, text)
    running.until(lambda: "nonsense" in json.dumps(running.panel("tide/2024/00001.html")))
    found = {finding["code"]: finding for finding in running.panel("tide/2024/00001.html")["findings"]}
    genre = found["SCH105"]
    line = next(n for n, row in enumerate(text.split("\n"), 1) if row.startswith("genre:"))
    assert genre["spot"] == f"{POLICY}:{line}:8"
    assert genre["message"] and genre["hint"] and genre["where"] and genre["field"] == genre["place"]["label"]
    phone = next(finding for code, finding in found.items() if code in ("PRV105", "PRV106"))
    assert phone["place"]["selector"] == ".gk-body"
    assert "13800138000" not in json.dumps(phone)
    assert phone["place"]["words"] in running.page("tide/2024/00001.html")


def test_only_this_machine_by_its_own_name_is_answered(running):
    assert running.get("index.html", Host="evil.example")[0] == 421
    assert running.get("index.html", Host=f"evil.example:{running.port}")[0] == 421
    assert running.get(EVENTS, Host="evil.example")[0] == 421
    assert running.get("index.html", Host=f"localhost:{running.port}")[0] == 200
    assert running.server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "path",
    ["../mkdocs.yml", "..%2fmkdocs.yml", "%2e%2e/mkdocs.yml", "content/tide/2024/tide-2024-00001.md", "%00", "/etc/passwd",
     "tide/2024/00001/../../../site_config/people.yml", "site_config/people.yml", "_gongkai/", "_gongkai/preview_state.py",
     "tide/2024/00001/forgotten.txt", "..%5cmkdocs.yml"],
)  # fmt: skip
def test_nothing_but_the_portals_pages_and_files_is_given_out(running, path):
    status, content = running.get(path)
    assert status == 404
    assert b"docs_dir" not in content and b"tide-officer" not in content


def test_a_file_changed_twice_within_one_tick_of_the_clock_is_read_again(tmp_path):
    file = tmp_path / "content/a/2026/a-2026-00001.md"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"one")
    watchman = Watchman(tmp_path)
    sight, _ = watchman.look()
    assert sight.read("content/a/2026/a-2026-00001.md") == b"one"
    before = file.stat()
    watchman._stamps = {}  # as if the second change fell into the same tick: the stamps are equal
    file.write_bytes(b"two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    sight, differ = watchman.look()
    assert sight.read("content/a/2026/a-2026-00001.md") == b"two"
    sight, differ = watchman.look()
    assert not differ


def test_an_unreadable_or_full_cache_is_no_obstacle(house_folder):
    """Nothing is written but the cache of what was read; a disk that takes nothing changes nothing."""
    with Running(house_folder, Kept(Path("/dev/full/cache"))).on() as one:
        one.write(NOTICE, one.read(NOTICE) + "\n磁盘满了也看得到。\n")
        one.shows("磁盘满了也看得到。")


_START = "---\nid: {id}\ntype: notice\ntitle: {title}\ndepartment: ferry\n{more}---\n{body}\n"
_LEGACY = 'legacy: {index_number: "12YD0000TIDE00000X/2024-00009", first_published_on: "2024-03-12"}\n'
_NAMES = [f"ferry-2024-0000{n}" for n in range(1, 5)]
_EDITS = st.tuples(
    st.sampled_from(
        ["write", "write", "break", "delete", "attach", "detach", "rename", "settings", "theme", "draft"]
    ),
    st.sampled_from(_NAMES),
    st.sampled_from(_NAMES),
    st.integers(0, 9),
)


def _edit(root: Path, edit: tuple[str, str, str, int]) -> None:
    kind, name, other, n = edit
    file, target = (root / f"content/ferry/2024/{one}.md" for one in (name, other))
    body = f"第{n}版，见[另一条](doc:{other})、[附件]({name}/a.txt)。\n\n## 标题{n}"
    more = (
        f"attachments: [{{file: a.txt, title: 附件{n}}}]\n"
        if n % 2
        else f"replaces: [{other}]\n"
        if n % 3
        else ""
    )
    if kind in ("write", "draft"):
        legacy = _LEGACY if kind == "write" else ""
        file.write_text(
            _START.format(id=name, title=f"标题{n}", more=more + legacy, body=body), encoding="utf-8"
        )
    elif kind == "break":
        file.write_text("---\nid: [\n", encoding="utf-8")
    elif kind == "delete":
        file.unlink(missing_ok=True)
    elif kind == "attach":
        (root / f"content/ferry/2024/{name}").mkdir(exist_ok=True)
        (root / f"content/ferry/2024/{name}/a.txt").write_text("x" * n)
    elif kind == "detach":
        shutil.rmtree(root / f"content/ferry/2024/{name}", ignore_errors=True)
    elif kind == "rename" and file.exists():
        file.replace(target)
    elif kind == "settings":
        lines = (root / "site_config/portal.yml").read_text(encoding="utf-8").split("\n")
        kept = [line for line in lines if not line.startswith("icp:")]
        (root / "site_config/portal.yml").write_text(
            "\n".join([*kept, f"icp: 云ICP备{n}号", ""]), encoding="utf-8"
        )
    elif kind == "theme":
        (root / "site_config/pages/about.md").write_text(
            f"# 关于{n}\n\n[一条](doc:{name})\n", encoding="utf-8"
        )


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
@given(edits=st.lists(_EDITS, min_size=3, max_size=9))
def test_after_any_sequence_of_edits_a_previewed_page_is_the_built_page(edits, tmp_path_factory, house):
    root = tmp_path_factory.mktemp("edits")
    for part in ("schemas", "site_config"):
        shutil.copytree(house.root / part, root / part)
    shutil.copy(house.root / "mkdocs.yml", root)
    (root / "content/ferry/2024").mkdir(parents=True)
    desk = Desk(root, Kept(None), lambda: clock.parse(NOW))
    preview = Preview(root, desk, Kept(None))
    for edit in edits:
        _edit(root, edit)
        desk.refresh()
        preview.answer("index.html", {})
        preview.answer("ferry/2024/00001.html", {})
    for name in _NAMES:
        file = root / f"content/ferry/2024/{name}.md"
        if file.exists() and file.read_text(encoding="utf-8") == "---\nid: [\n":
            file.unlink()
    desk.refresh()
    built = build(root, root / "site", now=clock.parse(NOW), strict=False)

    def answer(path: str) -> tuple[int, bytes]:
        reply = preview.answer(path, {})
        return int(reply.status), reply.content

    assert differing(answer, built.site) == []
    gone = [f"ferry/2024/0000{n}.html" for n in range(1, 5)]
    assert [p for p in gone if (answer(p)[0] == 200) != (built.site / p).exists()] == []
    preview.close()
    shutil.rmtree(root)


def test_the_command_prints_the_items_address_ends_with_ctrl_c_and_names_a_taken_port(house_folder):
    command = [
        sys.executable,
        "-m",
        "gongkai",
        "--root",
        str(house_folder),
        "--lang",
        "en",
        "preview",
        str(house_folder / NOTICE),
    ]
    env = {**os.environ, "GONGKAI_KEPT": "off"}
    first = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)
    try:
        assert first.stdout is not None
        address = first.stdout.readline().strip()
        port = re.fullmatch(rf"http://127\.0\.0\.1:(\d+)/{PAGE}", address)[1]
        second = subprocess.run(
            [*command, "--port", port], capture_output=True, text=True, env=env, timeout=60, check=False
        )
        assert second.returncode == 2
        assert f"port {port} is in use" in second.stderr and "--port" in second.stderr
    finally:
        first.send_signal(signal.SIGINT)
    assert first.wait(15) == 0


def _quiet(page) -> list[str]:
    said: list[str] = []
    page.on(
        "console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_browser_shows_the_panel_and_follows_a_save(running, browser, width):
    tab = browser.new_context(viewport={"width": width, "height": 800}).new_page()
    said = _quiet(tab)
    tab.goto(f"http://127.0.0.1:{running.port}/tide/2024/00001.html")
    tab.wait_for_selector(".gkp-host[data-number]")
    assert tab.locator(
        ".gkp-host .chip--error, .gkp-host .chip--good, .gkp-host .chip--warning"
    ).first.is_visible()
    running.write(
        POLICY, running.read(POLICY).replace("genre: notice", "genre: nonsense") + "\n浏览器里看得到。\n"
    )
    tab.wait_for_selector("text=浏览器里看得到。", timeout=8000)
    finding = tab.locator(".gkp-host .finding--error", has_text="nonsense")
    finding.wait_for(timeout=8000)
    finding.locator("button").click()
    flag = tab.locator(".gkp-flag:focus")
    assert flag.is_visible() and "nonsense" in flag.locator("xpath=..").inner_text()
    flag.click()
    tab.wait_for_function(
        "document.querySelector('.gkp-host').shadowRoot.activeElement?.classList.contains('finding')"
    )
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    running.write(POLICY, "---\nid: [\n---\n")
    tab.locator(".gkp-host .note--bad").wait_for(timeout=8000)
    assert "浏览器里看得到。" in tab.content()
    tab.locator(".gkp-host .fold").click()
    assert not tab.locator(".gkp-host .rows").is_visible()
    assert said == []


@pytest.mark.browser
def test_two_tabs_follow_and_a_folded_panel_stays_folded(running, browser):
    context = browser.new_context()
    tabs = [context.new_page(), context.new_page()]
    for tab, path in zip(tabs, (PAGE, "index.html"), strict=True):
        tab.goto(f"http://127.0.0.1:{running.port}/{path}")
        tab.wait_for_selector(".gkp-host[data-number]")
    tabs[0].locator(".gkp-host .fold").click()
    text = running.read(NOTICE).replace("关于春季航线的通知（修订）", "关于夏季航线的通知")
    running.write(NOTICE, text)
    for tab in tabs:
        tab.wait_for_selector("text=关于夏季航线的通知 >> nth=0", timeout=8000)
    tabs[0].wait_for_selector(".gkp-host[data-number]")
    assert not tabs[0].locator(".gkp-host .rows").is_visible()
    assert "关于夏季航线的通知" in tabs[1].locator(".gkp-host .other").first.inner_text()

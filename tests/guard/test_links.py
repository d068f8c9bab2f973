"""Links: every form is found, nothing dangerous hides, and the nightly look at other hosts is polite and patient."""

from __future__ import annotations

import csv
import io
import json
import threading
import time
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongkai.checks.hosts import is_odd, is_private, policy
from gongkai.checks.links_found import links
from gongkai.checks.schemes import DANGEROUS, scheme_of, web
from gongkai.model.item import Item
from gongkai.store.asking import Answer, Asker
from gongkai.supervise.outside import Known, Manners, ask_all, judged, read_state, to_ask, write_state

NOW = datetime.fromisoformat("2026-03-02T09:00:00+08:00")
ITEM = """---
id: office-2026-00001
type: notice
title: 关于渡口开放时间的通知
department: office
addressees: 各渡口
document_date: '2026-03-01'
contact: {{name: 值班室, telephone: 0000-5550100}}
openness: proactive
secrecy: public
---
{body}
"""


def seen(body: str, line: int = 1) -> list[tuple[str, str, int, int]]:
    item = Item("content/a/2026/a-2026-00001.md", "md", {}, body, line)
    return [(x.url, x.form, x.place.line, x.place.column) for x in links(item)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("见[甲](a.docx \"题\")。", ("a.docx", "link", 1, 2)),
        ("见[甲][r]。\n\n[r]: b.docx", ("b.docx", "link", 1, 2)),
        ("见[甲][]。\n\n[甲]: b.docx", ("b.docx", "link", 1, 2)),
        ("<https://a.example/x>", ("https://a.example/x", "link", 1, 1)),
        ("![图](图.jpg)", ("%E5%9B%BE.jpg", "image", 1, 1)),
        ("第一段\n\n见<a class=x\n href='a&amp;b'>甲</a>", ("a&b", "link", 3, 1)),
        ("<div><img src=a.jpg></div>", ("a.jpg", "image", 1, 15)),
        ("<iframe src=\"//a.example\"></iframe>", ("//a.example", "link", 1, 14)),
        ("网址 https://a.example/x。", ("https://a.example/x", "bare", 1, 4)),
        ("网址www.a.example，", ("http://www.a.example", "bare", 1, 3)),
        ("| 甲 |\n| --- |\n| [乙](b.docx) |", ("b.docx", "link", 3, 3)),
        ("注[^1]\n\n[^1]: 见[甲](a.docx)", ("a.docx", "link", 3, 8)),
    ],
)  # fmt: skip
def test_a_link_of_any_form_is_found_with_its_place(body, expected):
    assert seen(body) == [expected]


@pytest.mark.parametrize(
    "body", ["`[甲](a.docx)`", "\\[甲](a.docx)", "    [甲](a.docx)\n", "<!-- <a href=x>甲</a> -->", "a < b"]
)
def test_what_only_looks_like_a_link_is_none(body):
    assert seen(body) == []


def test_places_count_from_the_line_of_the_file_on_which_the_body_begins():
    assert seen("甲\n\n乙[丙](x)", line=12) == [("x", "link", 14, 2)]


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", " JaVaScRiPt:x", "java\nscript:x", "java\tscript:x", "jav&#x61;script:x",
        "jav%61script:x", "&#106;avascript&colon;x", "%6a%61vascript:x", "ｊａｖａｓｃｒｉｐｔ:x", "java\u200bscript:x",
        "\x01javascript:x", "vbscript:x", "data:text/html,x", "file:///C:/a", "C:\\a.doc", "\\\\server\\a", "blob:x",
        "view-source:x", "search-ms:x", "jav%2561script:x",
    ],
)  # fmt: skip
def test_a_dangerous_scheme_is_known_through_any_dress(url):
    assert scheme_of(url) in DANGEROUS


@pytest.mark.parametrize(
    "url", ["a.docx", "附件：说明.docx", "#a", "/office/2026/00001.html", "图 1.jpg", "?a=b:c", ""]
)
def test_a_relative_path_has_no_scheme(url):
    assert scheme_of(url) == ""


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "0x7f.1", "2130706433", "[::1]", "localhost", "oa", "a.local"],
)
def test_a_host_of_an_inner_network_is_known_however_it_is_written(host):
    assert is_private(host)


@pytest.mark.parametrize("host", ["www.gov.cn", "8.8.8.8", "云渡.政务.cn"])
def test_a_host_of_the_public_network_is_none_of_them(host):
    assert not is_private(host)


def test_a_name_with_letters_of_another_script_is_odd_and_a_chinese_one_is_not():
    assert is_odd("www.gоv.cn")
    assert is_odd("xn--v-0tbn.cn")
    assert not is_odd("云渡.政务.cn")
    assert not is_odd("云渡.政务.cn".encode("idna").decode())


def test_without_a_setting_gov_cn_goes_unmentioned_and_with_one_the_list_decides():
    assert policy({}) == ("warn", ("gov.cn",))
    assert policy({"links": {"external": "refuse", "allowed_hosts": ["a.example", 3]}}) == (
        "refuse",
        ("a.example",),
    )


def test_a_password_in_an_address_is_never_shown_again(portal):
    portal.write(
        "content/office/2026/office-2026-00001.md", ITEM.format(body="见 https://u:hunter2@www.gov.cn/ 。")
    )
    out = portal.run("check", "--format", "json").stdout
    assert '"LNK104"' in out
    assert "hunter2" not in out


def test_a_link_by_reference_to_an_item_that_is_not_there_is_found_too(portal):
    body = "见[办法][r]。\n\n[r]: doc:law-2025-99999"
    portal.write("content/office/2026/office-2026-00001.md", ITEM.format(body=body))
    found = json.loads(portal.run("check", "--format", "json").stdout)["findings"]
    assert [(f["code"], f["line"]) for f in found if f["code"] == "REF116"] == [("REF116", 12)]


@given(st.text(st.sampled_from("[]()<>ahref=\"' :/.\\`!&;#\n-甲wj%0x\x00{}|^"), max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_without_an_exception(body):
    for url, *_ in seen(body):
        scheme_of(url)
        web(url)


class Site(BaseHTTPRequestHandler):
    """A small world of other sites."""

    asked: list[tuple[str, str, float]] = []  # noqa: RUF012 - emptied for each test

    def _answer(self) -> None:
        Site.asked.append((self.command, self.path, time.monotonic()))
        name = self.path.strip("/").partition("/")[0]
        if name == "slow":
            time.sleep(3)
        status = {"ok": 200, "gone": 404, "bad": 500, "closed": 403, "robots.txt": 200}.get(name, 200)
        if name == "nohead":
            status = 405 if self.command == "HEAD" else 200
        if name in ("loop", "moved", "away"):
            status = 302
        body = b"User-agent: *\nDisallow: /private\n" if name == "robots.txt" else b"x" * 10
        self.send_response(status)
        target = {
            "loop": "/loop",
            "moved": "/ok",
            "away": f"http://localhost:{self.server.server_port}/ok",
        }.get(name)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_GET = do_HEAD = _answer  # noqa: N815 - the parent's names

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def site():
    Site.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("path", "status", "fault"),
    [
        ("/ok", 200, ""),
        ("/gone", 404, ""),
        ("/bad", 500, ""),
        ("/nohead", 200, ""),
        ("/moved", 200, ""),
        ("/loop", 0, "loop"),
        ("/中文", 200, ""),
    ],
)
def test_an_address_is_followed_to_its_end(site, path, status, fault):
    answer = Asker("t", inner=True).ask(site + path)
    assert (answer.status, answer.fault) == (status, fault)


def test_a_host_that_drips_or_hangs_is_given_up_in_time(site):
    start = time.monotonic()
    assert Asker("t", inner=True, seconds=0.4).ask(f"{site}/slow").fault == "time"
    assert time.monotonic() - start < 2.5


def test_a_server_that_sends_one_byte_at_a_time_is_given_up_in_time():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as door:

        def drip() -> None:
            for _ in range(2):
                there, _ = door.accept()
                with there:
                    try:
                        for _ in range(100):
                            there.sendall(b"H")
                            time.sleep(0.1)
                    except OSError:
                        pass

        threading.Thread(target=drip, daemon=True).start()
        start = time.monotonic()
        answer = Asker("t", inner=True, seconds=0.5).ask(f"http://127.0.0.1:{door.getsockname()[1]}/")
        assert answer.status == 0
        assert answer.fault
        assert time.monotonic() - start < 4


def test_an_address_of_the_own_network_is_not_asked_even_through_a_name(site):
    assert Asker("t").ask(f"{site}/ok").fault == "inner"
    assert Asker("t").ask(f"{site}/ok".replace("127.0.0.1", "localhost")).fault == "inner"
    assert Site.asked == []


def test_an_unknown_host_and_a_closed_port_are_told_apart():
    assert Asker("t", inner=True, seconds=5).ask("http://no-such-host.invalid/").fault == "name"
    assert Asker("t", inner=True, seconds=5).ask("http://127.0.0.1:1/").fault == "refused"


def test_one_host_is_asked_one_address_at_a_time_with_a_pause_and_robots_are_heard(site):
    paused: list[float] = []
    urls = [f"{site}/ok/{n}" for n in range(4)] + [f"{site}/private/x"]
    answers = ask_all(
        urls, Asker("t", inner=True), Manners(0.02, lambda s: (paused.append(s), time.sleep(s)), "t")
    )
    assert answers[urls[-1]].fault == "robots"
    assert [path for _, path, _ in Site.asked] == ["/robots.txt", *(f"/ok/{n}" for n in range(4))]
    assert len(paused) == 5


def test_a_server_error_is_tried_twice_and_a_missing_page_once(site):
    ask_all([f"{site}/bad", f"{site}/gone"], Asker("t", inner=True), Manners(0, lambda _: None, "t"))
    paths = [path for method, path, _ in Site.asked if method == "HEAD"]
    assert paths == ["/bad", "/bad", "/gone"]


def test_a_broken_link_keeps_its_first_day_until_it_answers_again():
    later, url = NOW + timedelta(days=1), "http://a.example/x"
    first = judged(url, Answer(404, "", url), None, NOW)
    second = judged(url, Answer(0, "time"), first, later)
    unclear = judged(url, Answer(429, "", url), second, later)
    well = judged(url, Answer(200, "", url), unclear, later)
    assert (first.first_broken, second.first_broken, unclear.first_broken) == (NOW.isoformat(),) * 3
    assert (unclear.state, well.state, well.first_broken) == ("broken", "ok", "")


def test_a_domain_that_now_leads_to_another_is_told():
    assert judged("http://a.gov.cn/", Answer(200, "", "http://ads.example/"), None, NOW).state == "elsewhere"
    assert judged("http://a.gov.cn/", Answer(200, "", "https://www.a.gov.cn/"), None, NOW).state == "ok"
    assert judged("http://a.gov.cn/", Answer(200, "", "https://b.gov.cn/"), None, NOW).state == "elsewhere"


def test_what_is_well_is_asked_again_after_its_age_and_what_is_broken_every_time(tmp_path):
    known = {"a": Known("ok", asked=NOW.isoformat()), "b": Known("broken", asked=NOW.isoformat())}
    write_state(tmp_path / "s.json", known)
    state = read_state(tmp_path / "s.json")
    assert state == known
    week = timedelta(days=7)
    assert to_ask(["a", "b", "c", "c"], state, NOW + timedelta(days=6), week) == ["b", "c"]
    assert to_ask(["a", "b"], state, NOW + week, week) == ["a", "b"]
    (tmp_path / "s.json").write_text('{"urls": [1]}')
    assert read_state(tmp_path / "s.json") == {}


def _external(portal, *args):
    state = str(portal.root.parent / "state.json")
    return portal.run(
        "links", "--external", "--inner", "--delay", "0", "--state", state, "--now", NOW.isoformat(), *args
    )


def test_the_command_reports_broken_links_with_their_item_place_and_due_date(portal, site):
    body = f"见[甲]({site}/ok)、[乙]({site}/gone)、[丙]({site}/closed)。"
    portal.write("content/office/2026/office-2026-00001.md", ITEM.format(body=body))
    done = _external(portal, "--format", "json")
    assert done.exit_code == 1
    rows = {r["url"].rpartition("/")[2]: r for r in json.loads(done.stdout)["links"]}
    assert sorted(rows) == ["closed", "gone"]
    gone = rows["gone"]
    assert (gone["state"], gone["status"], gone["id"], gone["line"]) == (
        "broken",
        404,
        "office-2026-00001",
        12,
    )
    assert (gone["first_broken"], gone["due"]) == (NOW.isoformat(), "2026-03-05")
    assert rows["closed"]["state"] == "unclear"
    table = list(csv.DictReader(io.StringIO(_external(portal, "--format", "csv").stdout.lstrip("\ufeff"))))
    assert {r["url"].rpartition("/")[2] for r in table} == {"closed", "gone"}
    text = _external(portal)
    assert "content/office/2026/office-2026-00001.md:12" in text.stdout
    assert "2026-03-05" in text.stdout


def test_a_run_over_links_that_are_all_well_ends_clean(portal, site):
    portal.write("content/office/2026/office-2026-00001.md", ITEM.format(body=f"见[甲]({site}/ok)。"))
    done = _external(portal)
    assert (done.exit_code, done.stdout) == (0, "")


def test_without_external_nothing_is_asked_and_every_link_is_listed(portal, site):
    portal.write("content/office/2026/office-2026-00001.md", ITEM.format(body=f"见[甲]({site}/gone)。"))
    done = portal.run("links", "--state", str(portal.root.parent / "s.json"))
    assert done.exit_code == 0
    assert f"{site}/gone" in done.stdout
    assert Site.asked == []

"""The prescribed platform, the body's fixed pages, service guides, topics, crossed lists, the standing of documents."""

from __future__ import annotations

import re
import shutil
import threading
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from tests.site.conftest import NOW, ROOT, item

from gongkai.checks.portal import read_portal
from gongkai.checks.run import run
from gongkai.evidence.chain import Link, Proof, Record
from gongkai.model.corpus import Corpus
from gongkai.model.facts import ItemFacts
from gongkai.model.item import Item
from gongkai.model.message import Words, english
from gongkai.portal import lists, platform_page
from gongkai.portal.build import build
from gongkai.portal.guide import lines_of, unnumbered
from gongkai.portal.site import Site
from gongkai.portal.takedown import takedown
from gongkai.store import clock
from gongkai.store.tree import FolderTree
from gongkai.store.web import open_server

TODAY = "2026-10-12T09:00:00+08:00"
PAGES = (
    "disclosure.html",
    "organisation.html",
    "services.html",
    "topics/index.html",
    "office/2024/00004.html",
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    """The sample portal, built."""
    site = tmp_path_factory.mktemp("sample") / "site"
    built = build(ROOT, site, now=clock.parse(TODAY))
    assert (built.dead, built.requests, built.remarks) == ((), (), ())
    return lambda path: (site / path).read_text(encoding="utf-8")


def portal_of(root: Path, columns: str = "", **items: str) -> Path:
    """A fresh portal with these items; `columns` instead of its columns.yml."""
    for part in ("schemas", "site_config"):
        shutil.copytree(ROOT / part, root / part)
    shutil.copy(ROOT / "mkdocs.yml", root / "mkdocs.yml")
    if columns:
        (root / "site_config/columns.yml").write_text(columns, encoding="utf-8")
    for ident, text in items.items():
        department, year, _ = ident.split("_")
        path = root / f"content/{department}/{year}/{ident.replace('_', '-')}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def site_of(root: Path, record: Record | None = None) -> Site:
    return Site(read_portal(FolderTree(root), now=clock.parse(NOW)), english, record or Record())


def headings(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", h) for h in re.findall(r"<h2[^>]*>(.*?)</h2>", page)]


# The platform


def test_the_platform_has_its_five_parts_in_the_prescribed_order(sample, zh):
    names = ("Guide to public information", "Rules of public information", "What the law wants public",
             "Annual reports on public information", "Information on request")  # fmt: skip
    assert headings(sample("disclosure.html"))[-5:] == [zh(name) for name in names]


def test_each_part_leads_to_what_fills_it(sample):
    page = sample("disclosure.html")
    for target in (
        "office/2025/00003.html",  # the guide of 2025; that of 2022 was replaced
        "columns/guide/index.html",
        "columns/rules/index.html",
        "columns/finance/index.html",
        "office/2026/00001.html",
        "columns/annual_reports/index.html",
        "requests.html",
    ):
        assert f'href="{target}"' in page, target
    assert 'href="office/2022/00002.html"' not in page
    assert page.index("office/2025/00003.html") < page.index("office/2025/00004.html")


def test_the_platform_stands_in_the_menu_and_on_the_site_map(sample):
    assert 'href="disclosure.html"' in sample("index.html")
    assert 'href="services.html"' in sample("sitemap.html")
    assert 'href="topics/finance/index.html"' in sample("sitemap.html")


def test_a_part_without_content_says_so_and_names_who_can_help(tmp_path, zh):
    root = portal_of(tmp_path / "p", tide_2024_00001=item("tide-2024-00001", "notice", "通知"))
    built = build(root, tmp_path / "site", now=clock.parse(NOW))
    assert (built.dead, built.remarks) == ((), ())
    page = (tmp_path / "site/disclosure.html").read_text(encoding="utf-8")
    assert page.count(zh("Nothing stands here yet. The office will tell you what you want to know:")) == 3
    assert "mailto:office@tide.yundu.example" in page
    for path in (
        "organisation.html",
        "services.html",
        "columns/finance/index.html",
        "topics/tide/index.html",
    ):
        assert zh("Nothing has been published here yet.") in (tmp_path / "site" / path).read_text("utf-8"), (
            path
        )


def test_a_body_that_needs_no_part_says_why(tmp_path):
    text = (ROOT / "site_config/columns.yml").read_text(encoding="utf-8")
    text = text.replace(
        "{part: requests, page: requests.html}", "{part: requests, not_required: 本单位是企业。}"
    )
    page = platform_page.page(site_of(portal_of(tmp_path / "p", text)))
    part = page.context["sections"][-1]
    assert (part.why, part.more, part.empty) == ("本单位是企业。", "", False)


# Findings


def codes(root: Path) -> Counter[str]:
    portal = read_portal(FolderTree(root), now=clock.parse(TODAY))
    return Counter(f.code for f in run(portal).findings)


def test_the_sample_portal_has_nothing_to_find():
    assert codes(ROOT) == {}


def test_a_fresh_portal_is_told_in_one_line_which_columns_are_empty_and_nothing_else(tmp_path):
    root = portal_of(tmp_path / "p")
    portal = read_portal(FolderTree(root), now=clock.parse(TODAY))
    (found,) = run(portal).findings
    assert found.code == "CFG219"
    assert all(code in english(found.message) for code in portal.settings.columns)


def test_what_the_public_cannot_see_fills_no_column(tmp_path):
    text = "columns:\n  - {code: notices, title: 通知, types: [notice]}\n"
    hidden = item("tide-2024-00001", "notice", "通知", "openness: withheld")
    assert codes(portal_of(tmp_path / "a", text, tide_2024_00001=hidden))["CFG213"] == 1
    shown = item("tide-2024-00001", "notice", "通知")
    assert codes(portal_of(tmp_path / "b", text, tide_2024_00001=shown))["CFG213"] == 0


def test_a_portal_without_columns_is_not_asked_for_its_platform(tmp_path):
    root = portal_of(tmp_path / "p")
    (root / "site_config/columns.yml").unlink()
    assert {"CFG211", "CFG212", "CFG213"}.isdisjoint(codes(root))


# The body's own pages


def test_the_body_is_described_by_the_version_that_holds(sample):
    page = sample("organisation.html")
    assert "副局长（安全岗位）" in page
    assert "office/2025/00002.html" in page
    assert "office/2022/00001.html" not in page
    assert '<a href="departments/ferry/index.html">渡口管理站</a>' in page
    assert '<a href="tel:0000-5550120">0000-5550120</a>' in page
    assert "渡口管理站机构职能" in page


def test_without_an_item_the_departments_of_the_settings_are_shown(tmp_path):
    built = portal_of(tmp_path / "p")
    build(built, tmp_path / "site", now=clock.parse(NOW))
    page = (tmp_path / "site/organisation.html").read_text(encoding="utf-8")
    assert '<a href="departments/tide/index.html">潮汐观测科</a>' in page


def test_services_stand_together_with_what_most_people_come_for(sample):
    page = sample("services.html")
    assert page.count("<h2") >= 4
    assert "渡船载客定额核定" in page
    assert "法定期限20个工作日，承诺期限10个工作日" in page.replace("\u2009", "")
    assert 'href="tide/2022/00002.html"' in page


def test_a_service_guide_is_laid_out_as_one(sample):
    page = sample("office/2024/00004.html")
    assert headings(page)[1:5] == ["申请条件", "办理材料", "办理流程", "设定依据"]
    steps = re.search(r'<ol class="gk-steps">(.*?)</ol>', page, re.DOTALL)
    assert steps is not None
    assert steps[1].count("<li>") == 5
    assert "<li>提交申请：" in steps[1]
    assert re.search(r'<dl class="gk-glance"><div><dt>办理期限</dt>', page)
    assert page.count("不收费。申请数量") == 1


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (("1. 提交", "2. 受理"), ("提交", "受理")),
        (("一、提交", "二、受理"), ("提交", "受理")),
        (("（一）提交", "（二）受理"), ("提交", "受理")),
        (("1. 提交", "受理"), ("1. 提交", "受理")),
        (("2024年提交", "2025年受理"), ("2024年提交", "2025年受理")),
        (("3个工作日内受理", "5个工作日内办结"), ("3个工作日内受理", "5个工作日内办结")),
    ],
)
def test_typed_numbers_of_steps_are_taken_off_only_where_all_have_one(given, shown):
    assert unnumbered(given) == shown


def test_a_field_is_read_line_by_line_whether_text_or_list():
    assert lines_of("一\n\n二\n") == lines_of(["一", "二"]) == ["一", "二"]


# Topics


def test_a_topic_has_a_page_with_its_items_and_every_item_leads_there(sample):
    assert 'href="../../finance/2026/00001.html"' in sample("topics/finance/index.html")
    assert '<a href="../../topics/services/index.html">政务服务</a>' in sample("office/2024/00004.html")
    assert sample("topics/index.html").index("财政与审计") < sample("topics/index.html").index("环境与生态")


# Crossed lists


def crowd(rows: list[tuple[str, str, int]]) -> Site:
    """A portal of many items: (department, column, year) each, of no files at all."""
    portal = read_portal(FolderTree(ROOT), now=clock.parse(NOW))
    items = []
    for n, (department, column, year) in enumerate(rows):
        serial = f"{n % 99_999 + 1:05d}"
        ident = f"{department}-{year}-{serial}"
        fields = {
            "id": ident, "type": "notice", "title": f"第{n}号", "department": department, "column": column,
            "legacy": {"first_published_on": f"{year}-03-01"},
        }  # fmt: skip
        items.append(Item(f"content/{department}/{year}/{ident}.md", "md", fields))
    return Site(replace(portal, corpus=Corpus(tuple(items))), english)


def shelves(site: Site) -> dict[str, lists.Shelf]:
    return {shelf.first: shelf for stack in lists.by_column(site) for shelf in stack.shelves(site)}


def test_a_long_column_is_cut_by_department_and_a_long_part_of_it_by_year():
    rows = [("tide", "notices", 2020 + n % 4) for n in range(70)] + [("ferry", "notices", 2024)] * 15
    found = shelves(crowd(rows))
    assert len(found["columns/notices/tide/index.html"].items) == 70
    assert len(found["columns/notices/ferry/index.html"].items) == 15
    year = found["columns/notices/tide/2021/index.html"]
    assert {i.id.rsplit("-", 1)[0] for i in year.items} == {"tide-2021"}
    assert [c.path for c in year.departments if c.chosen] == ["columns/notices/tide/index.html"]
    assert [c.path for c in year.choices if c.chosen] == ["columns/notices/tide/2021/index.html"]
    assert "columns/notices/ferry/2024/index.html" not in found
    assert [c.title for c in found["columns/notices/index.html"].departments][1:] == [
        "潮汐观测科",
        "渡口管理站",
    ]


def test_a_short_column_and_a_column_of_one_department_are_not_cut():
    found = shelves(
        crowd([("tide", "notices", 2024), ("ferry", "notices", 2024)] + [("tide", "plans", 2024)] * 30)
    )
    assert not found["columns/notices/index.html"].departments
    assert not found["columns/plans/index.html"].departments
    assert "columns/plans/tide/index.html" not in found


def test_every_choice_of_every_list_is_a_list(tmp_path):
    departments, columns = ("tide", "ferry", "law", "office"), ("notices", "plans", "dynamics")
    site = crowd([(departments[n % 4], columns[n % 3], 2015 + n % 11) for n in range(1500)])
    found = shelves(site)
    for shelf in found.values():
        for choice in (*shelf.departments, *shelf.choices):
            assert choice.path in found, (shelf.first, choice.path)


def test_the_number_of_lists_grows_with_the_items_and_not_faster():
    departments = [f"d{n}" for n in range(12)]
    columns = list(read_portal(FolderTree(ROOT), now=clock.parse(NOW)).settings.columns)

    def count(total: int) -> int:
        site = crowd([(departments[n % 12], columns[n % 7], 2010 + n % 15) for n in range(total)])
        return sum(1 for stack in lists.by_column(site) for _ in stack.leaves(site))

    small, large = count(1_000), count(8_000)
    assert small < 1_000 / 3
    assert large < 8_000 / 3
    assert large < 8 * small * 1.6


# Standing


def test_a_document_and_its_reading_lead_to_each_other_in_every_pair_of_the_sample(sample):
    site = site_of(ROOT)
    pairs = [(i, site.by_id[t]) for i in site.items for t in i.texts("interprets") if t in site.by_id]
    assert len(pairs) >= 5
    for reading, document in pairs:
        assert f">{document.title}</a>" in sample(reading.address)
        assert f">{reading.title}</a>" in sample(document.address)


def _proof(chain: tuple[Link, ...], taken_down: int) -> Proof:
    return Proof("ferry-2024-00001", "g", "l", ItemFacts(), chain, taken_down=taken_down)


def _withdrawn(tmp_path: Path, *links: Link, taken_down: int) -> list[tuple[str, str]]:
    text = item("ferry-2024-00001", "notice", "通知", "withdrawal: {reason: 有误, explanation: 见新通知。}")
    record = Record({"ferry-2024-00001": _proof(links, taken_down)})
    site = site_of(portal_of(tmp_path / "p", ferry_2024_00001=text), record)
    return [(row.label, row.value) for row in takedown(site.by_id["ferry-2024-00001"], site)]


def test_the_banner_of_a_withdrawal_says_when_and_by_whose_decision(tmp_path):
    yes = Link(
        7, "a", "approved", "2026-02-01T10:00:00+08:00", role=Words("办公室主任", "Head of the office")
    )
    done = Link(8, "b", "accepted", "2026-02-01T11:00:00+08:00", approvals=(7,))
    rows = _withdrawn(tmp_path, yes, done, taken_down=8)
    assert rows == [
        ("Reason", "有误"), ("Explanation", "见新通知。"), ("Withdrawn on", "2026-02-01"), ("Decided by", "办公室主任"),
    ]  # fmt: skip


def test_without_the_ledger_no_day_is_invented(tmp_path):
    assert [label for label, _ in _withdrawn(tmp_path, taken_down=-1)] == ["Reason", "Explanation"]


def test_what_the_gate_took_down_itself_was_nobodys_decision(tmp_path):
    gone = Link(9, "c", "withdrawn", "2026-02-04T00:10:00+08:00")
    rows = dict(_withdrawn(tmp_path, gone, taken_down=9))
    assert rows["Withdrawn on"] == "2026-02-04"
    assert rows["Decided by"].startswith("Nobody in person")


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (("withdrawal: {reason: 有误, explanation: 见新通知。}",), "withdrawn"),
        (("withdrawal: {reason: 更新, explanation: 见新通知。, replaced_by: law-2024-00002}",), "replaced"),
        (('effective_to: "2025-12-31"', "validity: valid"), "expired"),
        (("validity: expired",), "expired"),
        (("validity: repealed", 'repealed_on: "2025-06-01"'), "repealed"),
        (("validity: amended",), "amended"),
        (('expires_at: "2026-01-01"',), "expired"),
    ],
)
def test_each_standing_has_its_banner_and_the_page_keeps_its_address(tmp_path, lines, kind):
    root = portal_of(
        tmp_path / "p",
        law_2024_00001=item("law-2024-00001", "policy", "关于老渡口的规定", *lines),
        law_2024_00002=item("law-2024-00002", "policy", "关于新渡口的规定"),
    )
    build(root, tmp_path / "site", now=clock.parse(NOW))
    page = (tmp_path / "site/law/2024/00001.html").read_text(encoding="utf-8")
    assert f"gk-banner--{kind}" in page
    assert "关于老渡口的规定" in page
    assert f"gk-tag--{kind}" in (tmp_path / "site/columns/policies/index.html").read_text(encoding="utf-8")


def test_what_no_longer_holds_leaves_the_platform_but_not_its_column(tmp_path):
    fields = ("kind: guide", "version: 甲", 'document_date: "2024-01-01"')
    old = item(
        "office-2024-00001",
        "column_document",
        "旧指南",
        *fields,
        "withdrawal: {reason: 更新, explanation: 见新。}",
    )
    new = item("office-2024-00002", "column_document", "新指南", *fields)
    site = site_of(portal_of(tmp_path / "p", office_2024_00001=old, office_2024_00002=new))
    part = platform_page.page(site).context["sections"][0]
    assert [e.title for e in part.entries] == ["新指南"]
    assert part.count == 2


# In the browser


@pytest.mark.parametrize("width", [390, 1280])
def test_the_new_pages_fit_their_screen_and_keep_to_the_policy(sample, browser, width, tmp_path_factory):
    site = next(p for p in tmp_path_factory.getbasetemp().glob("sample*/site"))
    with open_server(site, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(viewport={"width": width, "height": 900})
        said: list[str] = []
        page.on("console", lambda m: said.append(m.text))
        page.on("pageerror", lambda e: said.append(str(e)))
        for path in PAGES:
            page.goto(server.address + path)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert said == []
        page.close()
        server.shutdown()

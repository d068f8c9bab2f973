"""The heads of pages: the prescribed tags, Open Graph, JSON-LD, links to feeds."""

import html as entities
import json
from html.parser import HTMLParser

import pytest

from gongkai.model.facts import ItemFacts
from gongkai.portal.meta import Heads
from gongkai.portal.pages import make
from gongkai.store import clock

ROOT_URL = "https://www.tide.yundu.example/"
COLUMN = ("ColumnName", "ColumnDescription", "ColumnKeywords", "ColumnType")
SITE = ("SiteName", "SiteDomain", "SiteIDCode")
HOSTILE = "</script><script>alert(1)</script><!-- \"引号\" & '单' ]]>"


class Head(HTMLParser):
    """The tags, links and data blocks of a page's head."""

    def __init__(self, text):
        super().__init__()
        self.meta, self.links, self.data, self.scripts = {}, [], [], []
        self.in_data = False
        self.feed(text.split("</head>")[0])

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "meta":
            name = values.get("name") or values.get("property") or ""
            assert name == "" or name not in self.meta or name == "theme-color", f"{name} stands twice"
            self.meta[name] = values.get("content")
        if tag == "link":
            self.links.append((values.get("rel"), values.get("type"), values.get("href")))
        if tag == "script":
            self.in_data = values.get("type") == "application/ld+json"
            if not self.in_data:
                self.scripts.append(values)

    def handle_endtag(self, tag):
        self.in_data = False

    def handle_data(self, data):
        if self.in_data:
            self.data.append(json.loads(data))

    def nodes(self):
        return {node["@type"]: node for block in self.data for node in block["@graph"]}


def head(house, path):
    return Head(house.page(path))


@pytest.mark.parametrize(
    "path",
    [
        "index.html",
        "tide/2024/00001.html",
        "columns/notices/index.html",
        "about.html",
        "data.html",
        "404.html",
    ],
)
def test_every_page_says_whose_site_it_is(house, path):
    found = head(house, path).meta
    assert [found[name] for name in SITE] == [
        "云渡市潮汐管理局政府信息公开",
        "www.tide.yundu.example",
        "yd00000001",
    ]


@pytest.mark.parametrize(
    ("path", "name", "kind"),
    [
        ("index.html", "首页", "首页"),
        ("columns/notices/index.html", "通知公告", "通知公告"),
        ("columns/notices/page-2.html", "通知公告", "通知公告"),
        ("columns/organisation/index.html", "机构概况", "机构职能"),
        ("columns/annual_reports/index.html", "政府信息公开年报", "信息公开年报"),
        ("departments/tide/index.html", "潮汐观测科", "信息公开目录"),
        ("data.html", "数据开放与订阅", "数据开放"),
        ("tide/2024/00001.html", "政策文件", "政策文件"),
    ],
)
def test_every_column_says_what_it_is(house, path, name, kind):
    found = head(house, path).meta
    assert all(found[tag] for tag in COLUMN)
    assert found["ColumnType"] == kind
    if name != "数据开放与订阅":
        assert found["ColumnName"] == name


def test_an_article_has_all_tags_of_the_standard(house):
    found = head(house, "tide/2024/00001.html").meta
    assert found["ArticleTitle"] == "关于印发《云渡市潮汐预报发布管理办法》的通知"
    assert found["PubDate"] == "2024-03-12"
    assert found["ContentSource"] == "潮汐观测科"
    assert found["Keywords"] == "潮汐预报,管理办法"
    assert found["Description"] == "规范潮汐预报的制作、审核与发布。"
    assert found["Author"] == "云渡市潮汐管理局"
    assert found["Url"] == ROOT_URL + "tide/2024/00001.html"
    assert found["Image"] == ROOT_URL + "tide/2024/00001/%E7%81%AF%E5%A1%94.jpg"


def test_the_date_of_publication_is_the_ledgers_or_none(publish, item_text):
    text = item_text("tide-2024-00001", "notice", "通知", 'document_date: "2020-01-01"', published="")
    for facts, date, robots in (
        ({}, None, "noindex"),
        ({"tide-2024-00001": ItemFacts(accepted=clock.parse("2024-01-09T09:00:00+08:00"))}, None, "noindex"),
        (
            {"tide-2024-00001": ItemFacts(published=clock.parse("2024-01-10T01:02:03Z"))},
            "2024-01-10 09:02",
            None,
        ),
    ):
        site = publish({"tide/2024/tide-2024-00001.md": text}, facts).site
        page = next(p for p in make(site).pages if p.kind == "item")
        found = Head(Heads(site).of(page).tags).meta
        assert (found.get("PubDate"), found.get("robots")) == (date, robots)
        assert ("article:published_time" in found) == (date is not None)


def test_a_page_has_one_canonical_address_the_home_page_that_of_the_portal(house):
    for path, url in (
        ("index.html", ""),
        ("tide/2024/00001.html", "tide/2024/00001.html"),
        ("about.html", "about.html"),
    ):
        found = [href for rel, _, href in head(house, path).links if rel == "canonical"]
        assert found == [ROOT_URL + url]


def test_open_graph_names_the_page(house):
    found = head(house, "tide/2024/00001.html").meta
    assert found["og:type"] == "article"
    assert found["og:title"] == found["ArticleTitle"]
    assert found["og:url"] == found["Url"]
    assert found["og:locale"] == "zh_CN"
    assert found["og:image"] == found["Image"]
    assert head(house, "index.html").meta["og:type"] == "website"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("tide/2024/00001.html", "Legislation"), ("tide/2024/00002.html", "Article"),
        ("law/2026/00001.html", "Article"), ("office/2024/00002.html", "AboutPage"),
    ],
)  # fmt: skip
def test_an_item_is_of_the_right_type_of_schema_org(house, path, kind):
    nodes = head(house, path).nodes()
    assert kind in nodes
    node = nodes[kind]
    assert node["url"] == ROOT_URL + path
    assert node["publisher"]["name"] == "云渡市潮汐管理局"
    assert node["inLanguage"] == "zh-CN"
    assert [step["position"] for step in nodes["BreadcrumbList"]["itemListElement"]] == [1, 2, 3]


def test_a_law_says_its_number_its_dates_and_whether_it_is_in_force(house):
    law = head(house, "tide/2024/00001.html").nodes()["Legislation"]
    assert law["legislationIdentifier"] == "云潮发〔2024〕3号"
    assert (law["legislationDate"], law["legislationDateOfApplicability"]) == ("2024-03-05", "2024-05-01")
    assert law["legislationLegalForce"] == "https://schema.org/InForce"
    assert law["encoding"][0]["@type"] == "LegislationObject"
    assert len(law["encoding"][0]["sha256"]) == 64
    for path, state in (("law/2024/00001.html", "Expired"), ("law/2024/00002.html", "Repealed")):
        old = head(house, path).nodes()["Legislation"]
        assert (old["legislationLegalForce"], old["creativeWorkStatus"]) == (
            "https://schema.org/NotInForce",
            state,
        )


def test_the_home_page_presents_the_body_the_site_and_its_catalogue(house):
    nodes = head(house, "index.html").nodes()
    assert {"GovernmentOrganization", "WebSite", "DataCatalog"} <= set(nodes)
    assert nodes["GovernmentOrganization"]["identifier"] == "12YD0000TIDE00000X"
    assert "{search_term_string}" in nodes["WebSite"]["potentialAction"]["target"]["urlTemplate"]


def test_what_is_taken_down_describes_itself_no_longer(house):
    found = head(house, "ferry/2024/00001.html")
    assert "Description" not in found.meta
    node = found.nodes()["Article"]
    assert node["creativeWorkStatus"] == "Withdrawn"
    assert "description" not in node


def test_hostile_words_end_no_element_of_the_head(publish, item_text):
    quoted = HOSTILE.replace("'", "''")
    text = item_text("tide-2024-00001", "notice", quoted, f"summary: '{quoted}'")
    site = publish({"tide/2024/tide-2024-00001.md": text}).site
    page = next(p for p in make(site).pages if p.kind == "item")
    linked = Heads(site).of(page).linked
    assert not any(mark in linked for mark in ("<", ">", "&"))
    assert json.loads(linked)["@graph"][0]["name"] == HOSTILE


def test_hostile_words_in_a_built_page_are_words(house):
    page = house.page("law/2026/00002.html")
    found = Head(page)
    title = '<script>alert(1)</script>与"引号"的通知'
    assert found.meta["ArticleTitle"] == title
    assert found.nodes()["Article"]["name"] == title
    assert all(script.get("src") for script in found.scripts)
    assert f'content="{entities.escape(title)}"'.replace("&quot;", "&#34;") in page


@pytest.mark.parametrize(
    ("path", "folder"),
    [("index.html", ""), ("columns/notices/page-2.html", ""), ("departments/tide/index.html", "")],
)
def test_a_list_leads_to_the_feeds_of_what_it_lists(house, path, folder):
    kinds = [kind for rel, kind, _ in head(house, path).links if rel == "alternate"]
    for kind in ("application/atom+xml", "application/rss+xml", "application/feed+json"):
        assert kinds.count(kind) == (1 if path == "index.html" else 2)


def test_an_item_leads_to_its_data(house):
    links = head(house, "tide/2024/00001.html").links
    assert ("alternate", "application/json", "00001.json") in links
    assert 'href="00001.json" type="application/json"' in house.page("tide/2024/00001.html")


def test_a_browser_is_told_how_to_search_here(house):
    links = head(house, "tide/2024/00001.html").links
    assert ("search", "application/opensearchdescription+xml", "../../opensearch.xml") in links

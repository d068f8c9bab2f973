"""What the public sees on the pages."""

import hashlib
import re
from html import escape
from html.parser import HTMLParser

import pytest

from gongkai.portal.links import dead_links, requests


def test_the_build_is_sound(house):
    assert (house.built.dead, house.built.requests, house.built.remarks) == ((), (), ())


def test_an_items_page_says_what_the_law_asks(house, zh):
    page = house.page("tide/2024/00001.html")
    rows = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert rows[zh("Index number")] == "12YD0000TIDE00000X/2024-00001"
    assert rows[zh("Publisher")] == "云渡市潮汐管理局"
    assert rows[zh("Responsible department")] == "潮汐观测科"
    assert rows[zh("Document number")] == "云潮发〔2024〕3号"
    assert rows[zh("Document date")] == "2024-03-05"
    assert rows[zh("Published")] == "2024-03-12"
    assert rows[zh("Validity")] == "现行有效"
    assert rows[zh("Openness")] == "主动公开"
    assert rows[zh("Keywords")] == "潮汐预报、管理办法"


def test_the_page_carries_the_prescribed_meta_tags(house):
    page = house.page("tide/2024/00001.html")
    for name, value in {
        "SiteName": "云渡市潮汐管理局政府信息公开",
        "ArticleTitle": "关于印发《云渡市潮汐预报发布管理办法》的通知",
        "PubDate": "2024-03-12",
        "ContentSource": "潮汐观测科",
        "ColumnName": "政策文件",
    }.items():
        assert f'<meta name="{name}" content="{value}">' in page


def test_there_is_one_h1_and_no_heading_of_the_text_reaches_it(house):
    page = house.page("tide/2024/00001.html")
    assert page.count("<h1") == 1
    assert "<h1>关于印发《云渡市潮汐预报发布管理办法》的通知</h1>" in page
    assert '<h2 id="第一章-总则">第一章 总则</h2>' in page


def test_links_of_the_text_lead_to_pages_files_and_places(house):
    page = house.page("tide/2024/00001.html")
    assert '<a href="00002.html">解读</a>' in page
    assert '<a href="../../ferry/2024/00001.html">通知</a>' in page
    assert '<a href="00001/%E6%BD%AE%E6%B1%90%20%E8%A1%A8.pdf">附件</a>' in page
    assert '<img src="00001/%E7%81%AF%E5%A1%94.jpg" alt="灯塔" loading="lazy">' in page
    assert '<a href="#第二章-附则">下文</a>' in page


def test_a_link_to_an_unknown_item_is_text_and_reported(house):
    assert "、不存在、" in house.page("tide/2024/00001.html")
    assert [(b.source, b.url) for b in house.built.broken] == [
        ("content/tide/2024/tide-2024-00001.md", "doc:tide-2024-09999")
    ]


def test_an_attachment_stands_with_size_and_digest(house):
    data = (house.root / "content/tide/2024/tide-2024-00001/潮汐 表.pdf").read_bytes()
    page = house.page("tide/2024/00001.html")
    assert hashlib.sha256(data).hexdigest() in page
    assert f"{len(data)} B" in page
    assert (house.built.site / "tide/2024/00001/潮汐 表.pdf").read_bytes() == data


def test_a_file_that_no_item_names_is_not_published(everything):
    assert "谁也没有提到的文件".encode() not in everything


def test_a_document_and_its_reading_lead_to_each_other(house):
    assert '<a href="00002.html">《云渡市潮汐预报发布管理办法》解读</a>' in house.page("tide/2024/00001.html")
    assert '<a href="00001.html">关于印发《云渡市潮汐预报发布管理办法》的通知</a>' in house.page(
        "tide/2024/00002.html"
    )


def test_a_withdrawn_item_keeps_its_page_under_a_banner(house, zh):
    page = house.page("ferry/2024/00001.html")
    assert "gk-banner--withdrawn" in page
    assert zh("This information has been withdrawn. It is kept for the record.") in page
    assert "<dd>班次有误</dd>" in page
    assert "<dd>以新通知为准。</dd>" in page
    assert "正文。" in page


def test_a_replaced_item_and_its_successor_lead_to_each_other(house, zh):
    old, new = house.page("ferry/2024/00002.html"), house.page("ferry/2024/00003.html")
    assert "gk-banner--replaced" in old
    assert f'<dt>{zh("Replaced by")}</dt><dd><a href="00003.html">关于春季航线的通知（修订）</a></dd>' in old
    assert f'<dt>{zh("Replaces")}</dt><dd><a href="00002.html">关于春季航线的通知</a></dd>' in new
    assert "gk-banner" not in new


@pytest.mark.parametrize(
    "word", ["禁止提前看到", "提前的内容", "提前的附件", "时刻写错", "不予公开的通知", "ferry-2026-00001"]
)
def test_what_is_not_public_yet_is_nowhere(everything, word):
    assert word.encode() not in everything


def test_an_ended_public_notice_keeps_its_page_and_loses_names_and_files(house, everything, zh):
    page = house.page("office/2024/00001.html")
    assert zh("The period of this public notice ended on {date}.", date="2024-06-10") in page
    assert "欧阳某某".encode() not in everything
    assert b"PK names" not in everything
    assert "名单</a>" not in page


def test_a_running_public_notice_shows_its_list(house):
    assert "望潮班组" in house.page("office/2026/00001.html")


def test_validity_is_judged_by_the_day_of_the_build(house, zh):
    assert zh("This document is no longer in force.") in house.page("law/2024/00001.html")
    assert zh("This document was repealed on {date}.", date="2025-06-01") in house.page("law/2024/00002.html")


def test_an_open_consultation_says_until_when(house, zh):
    assert zh("Comments are welcome until {date}.", date="2026-03-25") in house.page("law/2026/00001.html")


def test_a_draft_is_marked_and_no_date_is_invented(house, zh):
    page = house.page("ferry/2026/00004.html")
    assert zh("This is a preview. The information has not been published yet.") in page
    assert "PubDate" not in page
    assert f"<dt>{zh('Published')}</dt><dd>{zh('Not published (preview)')}</dd>" in page


def test_the_types_own_fields_are_shown_with_the_schemas_titles(house):
    page = house.page("office/2024/00002.html")
    assert "<dt>主要职责</dt><dd>一、观测潮汐；<br>二、管理灯塔。</dd>" in page
    assert "<td>局长（岗位）</td>" in page


def test_titles_and_summaries_are_words_and_never_markup(house):
    pages = b"".join(p.read_bytes() for p in house.built.site.rglob("*.html"))
    assert b"<script>alert(1)</script>" not in pages
    assert b"<b>\xe7\xb2\x97</b>" not in pages
    assert escape("<script>alert(1)</script>", quote=False) in house.page("law/2026/00002.html")


def test_lists_have_twenty_items_a_page_newest_first(house):
    pages = [house.page(f"departments/personnel/{name}.html") for name in ("index", "page-2", "page-3")]
    assert [p.count('class="gk-entry"') for p in pages] == [20, 20, 5]
    days = re.findall(r"<time>(.*?)</time>", "".join(pages))
    assert days == sorted(days, reverse=True)
    assert not (house.built.site / "departments/personnel/page-4.html").exists()


def test_a_long_list_can_be_narrowed_to_a_year(house):
    page = house.page("departments/personnel/2024/index.html")
    assert set(re.findall(r"<time>(\d{4})", page)) == {"2024"}
    assert '<a href="../index.html">' in page


def test_every_column_department_and_year_has_its_list(house, zh):
    assert zh("Nothing has been published here yet.") in house.page("columns/finance/index.html")
    assert "云潮发〔2024〕3号" in house.page("columns/policies/index.html")
    assert "关于征求意见的公告" in house.page("archive/2024/index.html")
    assert "columns/policies/index.html" in house.page("sitemap.html")


def test_the_home_page_has_the_newest_of_each_column(house):
    page = house.page("index.html")
    assert "通知公告" in page
    assert "政策文件" in page
    assert page.count("<h1") == 1


def test_the_foot_names_who_answers_for_the_site(house, zh):
    for path in ("index.html", "tide/2024/00001.html", "about.html", "404.html"):
        foot = house.page(path).partition("<footer")[2]
        for words in (
            zh("Sponsor"),
            "云渡市潮汐管理局",
            "0000-5550100",
            "yd00000001",
            "云ICP备",
            "云公网安备",
        ):
            assert words in foot
        assert "sitemap.html" in foot


def test_no_page_says_when_it_was_built(everything):
    assert b"2026-03-02" not in everything


class Loads(HTMLParser):
    """What a browser fetches by itself."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("script", "img", "iframe", "source", "embed", "video", "audio"):
            self.found.append(values.get("src") or "")
        if tag == "link" and values.get("rel") not in ("canonical", "prev", "next"):
            self.found.append(values.get("href") or "")


def test_no_page_asks_another_host_for_anything(house):
    for path in house.built.site.rglob("*.html"):
        loads = Loads(path.read_text(encoding="utf-8")).found
        assert [u for u in loads if "//" in u] == [], path
    for path in house.built.site.rglob("*.css"):
        assert re.findall(r"(?:url\(|@import)[\s\"']*(?:https?:)?//", path.read_text(encoding="utf-8")) == []


def test_neither_sitemap_nor_search_of_mkdocs_is_left_behind(house):
    names = {p.name for p in house.built.site.rglob("*")}
    assert names.isdisjoint({"sitemap.xml.gz", "search_index.json", "lunr"})
    assert b"sitemapindex" in (house.built.site / "sitemap.xml").read_bytes()


def test_the_link_check_finds_dead_pages_places_and_schemes(tmp_path):
    (tmp_path / "a.html").write_text(
        '<a href="b.html">1</a><a href="b.html#there">2</a><a href="b.html#gone">3</a><a href="c.html">4</a>'
        '<a href="doc:tide-2024-00001">5</a><img src="x.png"><a href="#top">6</a>'
        '<a href="/b.html">7</a><a href="sub/">8</a>'
    )
    (tmp_path / "b.html").write_text('<p id="there">字</p>')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/index.html").write_text('<a href="../a.html">1</a>')
    assert [d.url for d in dead_links(tmp_path)] == [
        "#top",
        "b.html#gone",
        "c.html",
        "doc:tide-2024-00001",
        "x.png",
    ]


def test_the_link_check_finds_what_would_be_asked_of_other_hosts(tmp_path):
    (tmp_path / "a.html").write_text(
        '<link rel="canonical" href="https://own.example/a.html"><link rel="stylesheet" href="https://other.example/a.css">'
        '<script src="//other.example/a.js"></script><a href="https://other.example/">1</a>'
        "<style>p{background:url(https://other.example/b.png)}</style>"
    )
    (tmp_path / "a.css").write_text("@import 'https://other.example/c.css'; p { background: url(d.png) }")
    assert [r.url for r in requests(tmp_path)] == [
        "https://other.example/c.css",
        "//other.example/a.js",
        "https://other.example/a.css",
        "https://other.example/b.png",
    ]

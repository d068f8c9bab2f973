"""Feeds: what their formats demand, and what may and may not stand in them."""

import re
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from lxml import etree, html

from gongkai.model.facts import ItemFacts
from gongkai.portal.build import build
from gongkai.store import clock

from .conftest import NOW

HERE = Path(__file__).parent
ROOT_URL = "https://www.tide.yundu.example/"
A = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
RFC822 = re.compile(
    r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d [+-]\d{4}"
)
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
HOSTILE = "]]></title><script>alert(1)</script> &amp; \"引号\" '单' <!-- --> 〔2024〕"


def at(text):
    return datetime.fromisoformat(f"{text}+08:00")


def feeds(files, name):
    return {path: data for path, data in files.items() if path.rpartition("/")[2] == name}


def whole(url):
    return bool(urlsplit(url).scheme and (urlsplit(url).netloc or url.startswith(("mailto:", "tel:"))))


def addresses(fragment):
    tree = html.fragment_fromstring(fragment, create_parent="div")
    return [e.get(name) for e in tree.iter() for name in ("href", "src") if e.get(name) is not None]


def dangerous(fragment):
    """Tags and attributes that no reader should be asked to trust."""
    tree = html.fragment_fromstring(fragment, create_parent="div")
    tags = [e.tag for e in tree.iter() if e.tag in ("script", "style", "iframe", "object", "form", "input")]
    return tags + [
        n for e in tree.iter() for n in e.attrib if n.startswith("on") or n in ("style", "id", "class")
    ]


def entry(files, path, identity):
    tree = etree.fromstring(files[path])
    return next((e for e in tree.iter(f"{A}entry") if e.findtext(f"{A}id").endswith(identity)), None)


def test_there_is_a_feed_of_all_of_each_column_and_of_each_department(handed_out):
    settings = handed_out.site.portal.settings
    folders = {
        "",
        *(f"columns/{c}/" for c in settings.columns),
        *(f"departments/{d}/" for d in settings.departments),
    }
    for name in ("atom.xml", "rss.xml", "feed.json"):
        assert {path.removesuffix(name) for path in feeds(handed_out.files, name)} == folders


def test_every_atom_feed_keeps_the_grammar_of_rfc_4287(handed_out):
    grammar = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
    for path, data in feeds(handed_out.files, "atom.xml").items():
        assert grammar.validate(etree.fromstring(data)), (path, grammar.error_log)


def test_the_grammar_of_the_tests_refuses_what_rfc_4287_refuses(handed_out):
    grammar = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
    for broken in (
        lambda t: t.remove(t.find(f"{A}id")),
        lambda t: t.remove(t.find(f"{A}updated")),
        lambda t: (
            t.append(t.find(f"{A}title"))
            or t.insert(0, etree.fromstring(etree.tostring(t.find(f"{A}title"))))
        ),
        lambda t: setattr(t.find(f"{A}updated"), "text", "2024-03-12"),
        lambda t: t.find(f"{A}link").attrib.pop("href"),
    ):
        tree = etree.fromstring(handed_out.files["atom.xml"])
        broken(tree)
        assert not grammar.validate(tree)


def test_atom_feeds_keep_the_rules_that_a_grammar_cannot_say(handed_out):
    for path, data in feeds(handed_out.files, "atom.xml").items():
        tree = etree.fromstring(data)
        links = [(x.get("rel"), x.get("type"), x.get("href")) for x in tree.findall(f"{A}link")]
        assert ("self", "application/atom+xml", ROOT_URL + path) in links
        ids = [e.text for e in tree.iter(f"{A}id")]
        assert len(ids) == len(set(ids))
        assert all(urlsplit(i).scheme for i in ids)
        assert all(whole(x.get("href")) for x in tree.iter(f"{A}link"))
        moments = [datetime.fromisoformat(e.findtext(f"{A}updated")) for e in tree.iter(f"{A}entry")]
        assert moments == sorted(moments, reverse=True)
        assert datetime.fromisoformat(tree.findtext(f"{A}updated")) == max(
            moments, default=datetime.fromisoformat(tree.findtext(f"{A}updated"))
        )
        for one in tree.iter(f"{A}entry"):
            alternates = [x for x in one.findall(f"{A}link") if x.get("rel") == "alternate"]
            assert len(alternates) == 1
            text = one.findtext(f"{A}content") or ""
            assert one.find(f"{A}content").get("type") == "html"
            assert [a for a in addresses(text) if not whole(a)] == []
            assert dangerous(text) == []


def test_rss_feeds_keep_the_rules_of_rss_2(handed_out):
    for path, data in feeds(handed_out.files, "rss.xml").items():
        tree = etree.fromstring(data)
        assert (tree.tag, tree.get("version"), len(tree)) == ("rss", "2.0", 1)
        channel = tree[0]
        for name in ("title", "link", "description"):
            assert channel.findtext(name)
        assert channel.findtext("language") == "zh-CN"
        assert RFC822.fullmatch(channel.findtext("lastBuildDate"))
        link = channel.find(f"{A}link")
        assert (link.get("rel"), link.get("type"), link.get("href")) == (
            "self",
            "application/rss+xml",
            ROOT_URL + path,
        )
        guids = [i.findtext("guid") for i in channel.iter("item")]
        assert len(guids) == len(set(guids))
        for one in channel.iter("item"):
            assert one.findtext("title")
            assert whole(one.findtext("link"))
            assert one.find("guid").get("isPermaLink") == "false"
            assert RFC822.fullmatch(one.findtext("pubDate"))
            assert parsedate_to_datetime(one.findtext("pubDate")).tzinfo
            assert len(one.findall("enclosure")) <= 1
            for file in one.findall("enclosure"):
                assert whole(file.get("url"))
                assert file.get("type").count("/") == 1
                assert int(file.get("length")) >= 0
            text = one.findtext(CONTENT) or ""
            assert [a for a in addresses(f"<p>{text}</p>") if not whole(a)] == []
            assert dangerous(f"<p>{text}</p>") == []


def test_json_feeds_have_what_json_feed_1_1_requires(handed_out):
    for path in feeds(handed_out.files, "feed.json"):
        data = handed_out.data(path)
        assert data["version"] == "https://jsonfeed.org/version/1.1"
        assert data["title"]
        assert data["feed_url"] == ROOT_URL + path
        assert whole(data["home_page_url"])
        ids = [one["id"] for one in data["items"]]
        assert len(ids) == len(set(ids))
        for one in data["items"]:
            assert isinstance(one["id"], str)
            assert one["content_html"] or one["content_text"]
            assert whole(one["url"])
            assert RFC3339.fullmatch(one["date_published"])
            assert RFC3339.fullmatch(one["date_modified"])
            for file in one.get("attachments", []):
                assert whole(file["url"])
                assert file["mime_type"].count("/") == 1


def test_the_three_formats_say_the_same(handed_out):
    atom = etree.fromstring(handed_out.files["atom.xml"])
    rss = etree.fromstring(handed_out.files["rss.xml"])
    json = handed_out.data("feed.json")
    said = [(e.findtext(f"{A}id"), e.findtext(f"{A}title")) for e in atom.iter(f"{A}entry")]
    assert said == [(i.findtext("guid"), i.findtext("title")) for i in rss.iter("item")]
    assert said == [(i["id"], i["title"]) for i in json["items"]]


def test_a_feed_is_as_long_as_the_settings_say_and_the_newest_come_first(publish, item_text):
    items = {
        f"tide/2024/tide-2024-{n:05d}.md": item_text(
            f"tide-2024-{n:05d}", "notice", f"第{n}号", published=f"2024-01-{n:02d}"
        )
        for n in range(1, 13)
    }
    made = publish(items, page_sizes="{list: 20, home: 6, feed: 5}")
    titles = [one["title"] for one in made.data("feed.json")["items"]]
    assert titles == ["第12号", "第11号", "第10号", "第9号", "第8号"]


def test_a_withdrawn_item_becomes_news_again_under_its_old_id_and_without_its_text(publish, item_text):
    path, other = (
        "tide/2024/tide-2024-00001.md",
        {
            f"tide/2024/tide-2024-{n:05d}.md": item_text(
                f"tide-2024-{n:05d}", "notice", "别的", published="2024-05-01"
            )
            for n in range(2, 9)
        },
    )
    lines = ("summary: 不该留下的摘要", "attachments: [{file: a.csv, title: 不该留下的附件}]")
    facts = {
        "tide-2024-00001": ItemFacts(published=at("2024-01-10T09:00:00"), changed=at("2024-01-10T09:00:00"))
    }
    size = {"page_sizes": "{list: 20, home: 6, feed: 5}"}
    text = item_text("tide-2024-00001", "notice", "夜航", *lines, body="不该留下的正文。", published="")
    before = publish({path: text}, facts)
    assert "不该留下的正文" in before.text("atom.xml")
    old = entry(before.files, "atom.xml", "tide-2024-00001")
    gone = item_text(
        "tide-2024-00001", "notice", "夜航", *lines, "withdrawal: {reason: 班次有误, explanation: 以新的为准。}",
        body="不该留下的正文。", published="",
    )  # fmt: skip
    facts = {
        "tide-2024-00001": ItemFacts(published=at("2024-01-10T09:00:00"), changed=at("2024-06-01T10:30:00"))
    }
    after = publish({path: gone, **other}, facts, **size)
    first = next(etree.fromstring(after.files["atom.xml"]).iter(f"{A}entry"))
    assert first.findtext(f"{A}id") == old.findtext(f"{A}id")
    assert first.findtext(f"{A}published") == old.findtext(f"{A}published") == "2024-01-10T09:00:00+08:00"
    assert first.findtext(f"{A}updated") == "2024-06-01T10:30:00+08:00"
    assert first.findtext(f"{A}title") == "【已撤下】夜航"
    assert "班次有误" in first.findtext(f"{A}content")
    assert (
        next(etree.fromstring(after.files["rss.xml"]).iter("item"))
        .findtext("pubDate")
        .startswith("Wed, 10 Jan 2024")
    )
    assert "不该留下" not in "".join(data.decode() for data in after.files.values())


def test_a_removed_item_is_an_entry_that_says_nothing_of_what_it_was(publish):
    notice = (
        "---\nid: tide-2024-00001\ntype: notice\ndepartment: tide\n"
        "removal: {reason: personal_information, ground: 《个人信息保护法》第25条, removed_on: 2024-07-01}\n---\n"
    )
    facts = {
        "tide-2024-00001": ItemFacts(published=at("2024-01-10T09:00:00"), changed=at("2024-07-01T12:00:00"))
    }
    made = publish({"tide/2024/tide-2024-00001.md": notice}, facts)
    one = entry(made.files, "atom.xml", "tide-2024-00001")
    assert one.findtext(f"{A}updated") == "2024-07-01T12:00:00+08:00"
    assert one.findtext(f"{A}title").endswith("tide-2024-00001")
    assert made.data("feed.json")["items"][0]["_gongkai"]["state"] == "removed"
    assert made.data("tide/2024/00001.json")["state"] == "removed"
    assert made.data("catalogue.json")["items"] == []
    assert "tide/2024/00001.html" not in "".join(made.text(p) for p in made.files if p.startswith("sitemap"))


def test_a_minor_change_is_no_news_and_a_major_one_is(publish, item_text):
    path = "tide/2024/tide-2024-00001.md"
    facts = {
        "tide-2024-00001": ItemFacts(published=at("2024-01-10T09:00:00"), changed=at("2024-02-01T09:00:00"))
    }
    for kind, moment in (("minor", "2024-01-10T09:00:00+08:00"), ("major", "2024-02-01T09:00:00+08:00")):
        text = item_text(
            "tide-2024-00001", "notice", "通知", f"update_type: {kind}", "change_note: 改了电话", published=""
        )
        one = publish({path: text}, facts).data("feed.json")["items"][0]
        assert (one["date_published"], one["date_modified"]) == ("2024-01-10T09:00:00+08:00", moment)


def test_the_names_of_a_running_public_list_stand_on_its_page_only(handed_out):
    running = entry(handed_out.files, "columns/publicity/atom.xml", "office-2026-00001")
    assert "2026-03-05" in running.findtext(f"{A}content")
    assert not any("望潮班组".encode() in data for data in handed_out.files.values())


@pytest.mark.parametrize(
    "word",
    [
        "禁止提前看到",
        "提前的内容",
        "early.txt",
        "时刻写错",
        "不予公开的通知",
        "还没有发布的通知",
        "欧阳某某",
        "names.xlsx",
    ],
)
def test_what_is_not_public_is_in_no_feed_and_no_catalogue(handed_out, word):
    shared = {p: d for p, d in handed_out.files.items() if not re.fullmatch(r"[a-z-]+/\d{4}/\d{5}\.json", p)}
    assert not any(word.encode() in data for data in shared.values())


def test_hostile_words_stay_words_in_every_format(publish, item_text):
    quoted = HOSTILE.replace("'", "''")
    text = item_text("tide-2024-00001", "notice", quoted, f"summary: '{quoted}'", body=HOSTILE)
    made = publish({"tide/2024/tide-2024-00001.md": text})
    atom = etree.fromstring(made.files["atom.xml"])
    rss = etree.fromstring(made.files["rss.xml"])
    assert atom.findtext(f"{A}entry/{A}title") == HOSTILE
    assert atom.findtext(f"{A}entry/{A}summary") == HOSTILE
    assert rss.findtext("channel/item/title") == HOSTILE
    assert made.data("feed.json")["items"][0]["title"] == HOSTILE
    assert dangerous(atom.findtext(f"{A}entry/{A}content")) == []


def test_characters_that_xml_cannot_hold_are_replaced(publish, item_text):
    text = item_text("tide-2024-00001", "notice", "通知").replace("'通知'", '"a\\u000bb\\ufffec"')
    made = publish({"tide/2024/tide-2024-00001.md": text})
    title = etree.fromstring(made.files["atom.xml"]).findtext(f"{A}entry/{A}title")
    assert title == "a\ufffdb\ufffdc"


def test_code_that_looks_like_a_link_is_left_alone(publish, item_text):
    body = '写法：`<a href="x.html">`，还有 href="y.html" 这样的字，[真的](https://b.example/路?a=1#b)。'
    made = publish(
        {"tide/2024/tide-2024-00001.md": item_text("tide-2024-00001", "notice", "通知", body=body)}
    )
    content = made.data("feed.json")["items"][0]["content_html"]
    assert '&lt;a href="x.html"&gt;' in content
    assert 'href="y.html" 这样' in content
    assert 'href="https://b.example/%E8%B7%AF?a=1#b"' in content


def test_the_same_portal_and_moment_give_the_same_bytes_and_a_later_moment_the_same_feeds(publish, item_text):
    items = {"tide/2024/tide-2024-00001.md": item_text("tide-2024-00001", "notice", "通知")}
    one, two = publish(items), publish(items)
    assert one.files == two.files
    later = publish(items, now="2026-03-03T10:00:00+08:00").files
    assert {p for p in one.files if one.files[p] != later[p]} <= {"deadlines.ics", ".well-known/security.txt"}


def test_a_portal_that_moves_keeps_its_ids(publish, item_text):
    items = {"tide/2024/tide-2024-00001.md": item_text("tide-2024-00001", "notice", "通知")}
    ids = [
        [
            e.text
            for e in etree.fromstring(
                publish(items, url=url, tag_authority="www.tide.yundu.example,2022").files["atom.xml"]
            ).iter(f"{A}id")
        ]
        for url in ("https://www.tide.yundu.example/", "https://new.yundu.example/tide/")
    ]
    assert ids[0] == ids[1]
    assert all(i.startswith("tag:www.tide.yundu.example,2022:") for i in ids[0])


def test_without_a_setting_an_items_id_is_of_the_portals_host_and_the_items_year(publish, item_text):
    made = publish({"tide/2024/tide-2024-00001.md": item_text("tide-2024-00001", "notice", "通知")})
    assert made.data("feed.json")["items"][0]["id"] == "tag:www.tide.yundu.example,2024:tide-2024-00001"


def test_without_an_address_there_is_nothing_that_needs_one(publish, item_text):
    items = {"tide/2024/tide-2024-00001.md": item_text("tide-2024-00001", "notice", "通知")}
    files = publish(items, url="").files
    assert {p for p in files if "/" not in p} == {
        "catalogue.csv", "catalogue.json", "catalogue.schema.json", "catalogue.csv-metadata.json", "item.schema.json",
        "deadlines.ics", "robots.txt",
    }  # fmt: skip
    assert b"Sitemap" not in files["robots.txt"]


def test_a_portal_under_a_path_has_whole_addresses_too(publish, item_text):
    made = publish(
        {
            "tide/2024/tide-2024-00001.md": item_text(
                "tide-2024-00001", "notice", "通知", body="见[这](#x)。\n\n# x"
            )
        },
        url="https://yundu.example/tide",
    )
    one = made.data("feed.json")["items"][0]
    assert one["url"] == "https://yundu.example/tide/tide/2024/00001.html"
    assert 'href="https://yundu.example/tide/tide/2024/00001.html#x"' in one["content_html"]


def test_an_empty_feed_is_still_a_feed(publish):
    made = publish({})
    grammar = etree.RelaxNG(etree.parse(HERE / "atom.rng"))
    assert grammar.validate(etree.fromstring(made.files["columns/notices/atom.xml"])), grammar.error_log
    assert made.data("feed.json")["items"] == []


def test_a_feed_is_made_anew_only_when_it_shows_what_changed(house_folder, tmp_path):
    settings = house_folder / "site_config/portal.yml"
    settings.write_text(settings.read_text("utf-8").replace("feed: 30", "feed: 3"), encoding="utf-8")
    past, sites = None, []
    for number, name in enumerate(("", "personnel-2025-00002", "law-2026-00001")):
        for file in (house_folder / "content").rglob(f"{name}.md") if name else ():
            file.write_text(f"{file.read_text('utf-8')}\n补充说明。\n", encoding="utf-8")
        built = build(house_folder, tmp_path / f"site{number}", now=clock.parse(NOW), past=past)
        known, past = past, built.past
        shown = {
            p.relative_to(built.site).as_posix()
            for p in built.site.rglob("atom.xml")
            if name and name in p.read_text("utf-8")
        }
        made = {
            n
            for n, done in past.sheets.items()
            if known and done != known.sheets.get(n) and n.endswith("atom.xml")
        }
        assert made == shown
        sites.append(len(shown))
    assert sites[1] < sites[2]

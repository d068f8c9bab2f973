"""The catalogue, the data of single items, and the files that other people's programs look for."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from icalendar import Calendar
from jsonschema import Draft202012Validator
from lxml import etree

from gongkai.model.facts import ItemFacts
from gongkai.portal import sitemaps
from gongkai.portal.data_catalogue import Catalogue
from gongkai.portal.sitemaps import LARGEST, Line, portions
from gongkai.store import clock

ROOT_URL = "https://www.tide.yundu.example/"
NOW = clock.parse("2026-03-02T09:00:00+08:00")
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
O = "{http://a9.com/-/spec/opensearch/1.1/}"  # noqa: E741
W3C_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d))?")
SECRETS = (
    "经办人看的依据",
    "豁免的说明",
    "tide-officer",
    "迟报的缘故",
    "内部备注",
    "批注里的话",
    "旧库里的号",
)


def table(files):
    text = files["catalogue.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_table_opens_in_excel_and_holds_what_is_published(handed_out):
    assert handed_out.files["catalogue.csv"].startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in handed_out.files["catalogue.csv"]
    rows = table(handed_out.files)
    published = [i for i in handed_out.site.items if i.group("legacy")]
    assert len(rows) == len(published) == 57
    policy = next(r for r in rows if "tide/2024/00001.html" in "".join(r.values()))
    assert "云潮发〔2024〕3号" in policy.values()
    assert "潮汐预报；管理办法" in policy.values()


def test_no_cell_of_the_table_is_a_formula(publish, item_text):
    titles = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "＝1+1", "\\t=1", "-3.5"]
    items = {}
    for number, title in enumerate(titles, 1):
        identity = f"tide-2024-{number:05d}"
        quoted = json.dumps(title.replace("\\t", "\t"), ensure_ascii=False)
        text = item_text(identity, "notice", "X").replace("'X'", quoted)
        items[f"tide/2024/{identity}.md"] = text
    cells = [cell for row in table(publish(items).files) for cell in row.values()]
    assert [c for c in cells if re.match(r"[\s]*[=+@＝-]", c) and not re.fullmatch(r"-[\d.]+", c)] == []
    assert "'=cmd|' /C calc'!A0" in cells
    assert "-3.5" in cells


def test_the_csv_names_its_columns_in_csvw(handed_out):
    described = handed_out.data("catalogue.csv-metadata.json")
    titles = [column["titles"]["zh"] for column in described["tableSchema"]["columns"]]
    assert titles == list(table(handed_out.files)[0])
    names = [column["name"] for column in described["tableSchema"]["columns"]]
    assert described["url"] == "catalogue.csv"
    assert described["tableSchema"]["primaryKey"] in names


def test_the_catalogue_keeps_its_own_schema(handed_out):
    schema = handed_out.data("catalogue.schema.json")
    Draft202012Validator.check_schema(schema)
    data = handed_out.data("catalogue.json")
    assert list(Draft202012Validator(schema).iter_errors(data)) == []
    assert data["$schema"] == schema["$id"]
    assert len(data["items"]) == len(table(handed_out.files))
    broken = {**data, "items": [{**data["items"][0], "unknown": 1}]}
    assert list(Draft202012Validator(schema).iter_errors(broken))


def test_every_item_has_its_data_beside_its_page_and_keeps_the_schema(handed_out):
    schema = handed_out.data("item.schema.json")
    Draft202012Validator.check_schema(schema)
    judge = Draft202012Validator(schema)
    for item in handed_out.site.items:
        data = handed_out.data(item.address.replace(".html", ".json"))
        assert list(judge.iter_errors(data)) == [], item.id
        assert data["id"] == item.id
        assert data["url"] == ROOT_URL + item.address


def test_an_items_data_has_its_text_its_fields_and_its_files(handed_out):
    data = handed_out.data("tide/2024/00001.json")
    assert data["document_number"] == "云潮发〔2024〕3号"
    assert data["fields"] == {"genre": "notice", "normative": True}
    assert data["contact"] == {"name": "潮汐观测科信息员", "telephone": "0000-5550102"}
    assert f'href="{ROOT_URL}tide/2024/00002.html"' in data["content_html"]
    file = data["attachments"][0]
    assert (file["title"], file["media_type"], file["size"]) == ("二〇二四年潮汐表", "application/pdf", 15)
    assert file["url"].startswith(ROOT_URL + "tide/2024/00001/%E6%BD%AE")
    assert len(file["sha256"]) == 64


def test_what_only_the_house_needs_is_in_no_file(publish, item_text):
    lines = (
        "officer: tide-officer",
        "late_reason: 迟报的缘故",
        "x_note: 内部备注",
        "personal_information: {present: true, basis: 经办人看的依据, waivers: [{rule: PRV101, reason: 豁免的说明}]}",
        "contact: {name: 值班室, x_desk: 内部备注}",
    )
    text = item_text("tide-2024-00001", "notice", "通知", *lines, body="正文。\n\n<!-- 批注里的话 -->\n")
    text = text.replace("legacy: {", "legacy: {source_id: 旧库里的号, ")
    files = publish({"tide/2024/tide-2024-00001.md": text}).files
    assert "值班室" in files["tide/2024/00001.json"].decode()
    for word in SECRETS:
        assert [p for p, d in files.items() if word.encode() in d] == [], word


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("ferry/2024/00001", "withdrawn"), ("ferry/2024/00002", "replaced"), ("office/2024/00001", "ended"),
        ("law/2024/00001", "expired"), ("law/2024/00002", "repealed"),
    ],
)  # fmt: skip
def test_what_was_taken_down_or_is_over_gives_its_standing_and_no_text(handed_out, path, state):
    data = handed_out.data(f"{path}.json")
    assert data["state"] == state
    assert {"content_html", "attachments", "summary", "fields", "contact"}.isdisjoint(data)
    row = next(r for r in handed_out.data("catalogue.json")["items"] if r["id"] == data["id"])
    assert row["state"] == state
    assert "summary" not in row


def test_an_expired_item_gives_no_text_from_its_second_on(publish, item_text):
    text = item_text(
        "tide-2024-00001", "notice", "通知", 'expires_at: "2026-03-02T09:00:00+08:00"', body="期限内的正文。"
    )
    items = {"tide/2024/tide-2024-00001.md": text}
    before = publish(items, now="2026-03-02T08:59:59+08:00").files
    after = publish(items, now="2026-03-02T09:00:00+08:00").files
    assert any("期限内的正文".encode() in d for d in before.values())
    assert not any("期限内的正文".encode() in d for d in after.values())


def test_dates_of_the_data_are_those_of_the_ledger(publish, item_text):
    facts = {
        "tide-2024-00001": ItemFacts(
            published=datetime(2024, 1, 10, 1, 2, 3, tzinfo=UTC),
            changed=datetime(2024, 2, 10, 1, 2, 3, tzinfo=UTC),
            index_number="12YD0000TIDE00000X/2024-00007",
        )
    }
    text = item_text("tide-2024-00001", "notice", "通知", 'document_date: "2020-01-01"', published="")
    made = publish({"tide/2024/tide-2024-00001.md": text}, facts)
    row = made.data("catalogue.json")["items"][0]
    assert (row["published"], row["modified"]) == ("2024-01-10T09:02:03+08:00", "2024-02-10T09:02:03+08:00")
    assert row["index_number"] == "12YD0000TIDE00000X/2024-00007"
    assert "<lastmod>2024-02-10T09:02:03+08:00</lastmod>" in made.text("sitemap-2024.xml")


def test_data_json_has_what_dcat_us_3_requires(publish, item_text):
    attached = item_text(
        "tide-2024-00001", "plan_statistics", "潮汐统计", "attachments: [{file: t.csv, title: 表}, {file: t.pdf, title: 印本}]",
        "summary: 各站潮位。", "keywords: [潮位]",
    )  # fmt: skip
    items = {
        "tide/2024/tide-2024-00001.md": attached,
        "tide/2024/tide-2024-00001/t.csv": "a,b\n1,2\n",
        "tide/2024/tide-2024-00001/t.pdf": "%PDF-1.4\n",
        "tide/2024/tide-2024-00002.md": item_text("tide-2024-00002", "news", "新闻"),
    }
    data = publish(items).data("data.json")
    assert data["@type"] == "Catalog"
    for one in data["dataset"]:
        assert all(
            isinstance(one[name], str) and one[name] for name in ("title", "description", "identifier")
        )
        assert one["publisher"]["name"]
        assert re.fullmatch(r"mailto:[\w.+-]+@[\w.-]+\.[\w.-]+", one["contactPoint"]["hasEmail"])
        assert one["contactPoint"]["fn"]
        assert len(one["language"]) == 2
        for file in one["distribution"]:
            assert urlsplit(file["downloadURL"]).netloc
            assert "/" in file["mediaType"]
            assert isinstance(file.get("byteSize", ""), str)
    assert [one["identifier"] for one in data["dataset"]] == ["catalogue", "tide-2024-00001"]
    item = data["dataset"][1]
    assert [f["mediaType"] for f in item["distribution"]] == ["text/csv"]
    assert (item["issued"], item["distribution"][0]["byteSize"]) == ("2024-03-12", "8")
    assert item["distribution"][0]["checksum"]["algorithm"] == "SHA-256"


def test_the_linked_catalogue_names_the_same_data_sets(handed_out):
    data, linked = handed_out.data("data.json"), handed_out.data("catalogue.jsonld")
    assert linked["@type"] == "dcat:Catalog"
    prefixes = set(linked["@context"])
    sets = linked["dcat:dataset"]
    assert [s["dct:identifier"] for s in sets] == [s["identifier"] for s in data["dataset"]]

    def names(node):
        if isinstance(node, dict):
            yield from node
            for value in node.values():
                yield from names(value)
        if isinstance(node, list):
            for value in node:
                yield from names(value)

    used = {
        n.partition(":")[0]
        for n in names({k: v for k, v in linked.items() if k != "@context"})
        if n[0] != "@"
    }
    assert used <= prefixes
    for one in sets:
        assert {"dct:title", "dct:description", "dct:publisher", "dcat:contactPoint"} <= set(one)
        assert all("dcat:accessURL" in file for file in one["dcat:distribution"])


def test_sitemaps_keep_the_rules_of_sitemaps_org(handed_out):
    index = etree.fromstring(handed_out.files["sitemap.xml"])
    assert index.tag == f"{S}sitemapindex"
    listed = [e.findtext(f"{S}loc").removeprefix(ROOT_URL) for e in index]
    assert set(listed) == {p for p in handed_out.files if p.startswith("sitemap-")}
    seen = []
    for path in listed:
        assert "/" not in path, "a sitemap speaks of what lies beside and below it"
        tree = etree.fromstring(handed_out.files[path])
        assert tree.tag == f"{S}urlset"
        assert 0 < len(tree) <= 50_000
        for url in tree:
            names = [child.tag.removeprefix(S) for child in url]
            assert names in (["loc"], ["loc", "lastmod"])
            location = url.findtext(f"{S}loc")
            assert location.startswith(ROOT_URL)
            assert location.isascii()
            assert 12 <= len(location) <= 2048
            assert W3C_DATE.fullmatch(url.findtext(f"{S}lastmod") or "2024-01-01")
            seen.append(location)
    assert len(seen) == len(set(seen))
    assert {
        ROOT_URL,
        ROOT_URL + "about.html",
        ROOT_URL + "data.html",
        ROOT_URL + "tide/2024/00001.html",
    } <= set(seen)
    assert ROOT_URL + "ferry/2026/00004.html" not in seen, "not published"
    assert ROOT_URL + "ferry/2024/00001.html" in seen, "withdrawn: engines shall see the banner"


def test_the_index_names_the_same_sitemaps_whether_their_lines_are_counted_or_not(handed_out, monkeypatch):
    maps = sitemaps.Sitemaps(Catalogue(handed_out.site), (), ())
    found = dict(maps.above())
    assert all(f"sitemap-{year}.xml".encode() in found["sitemap.xml"] for year in maps.years)
    monkeypatch.setattr(sitemaps, "_ADDRESS", sitemaps.LARGEST_BYTES)
    assert dict(maps.above()) == found


def test_a_long_list_of_addresses_is_cut_at_both_limits():
    short = [Line(f"https://a.example/{n}", "") for n in range(LARGEST + 1)]
    assert [len(part) for part in portions(short)] == [LARGEST, 1]
    long = [Line("https://a.example/" + "x" * 2000, "") for _ in range(30_000)]
    parts = list(portions(long))
    assert sum(map(len, parts)) == 30_000
    assert all(sum(len(line.url) + 200 for line in part) <= 50 * 1024 * 1024 for part in parts)
    assert len(parts) == 2


def test_the_calendar_holds_what_is_open_and_reads_back(handed_out):
    raw = handed_out.files["deadlines.ics"]
    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    calendar = Calendar.from_ical(raw)
    assert (calendar["VERSION"], bool(calendar["PRODID"])) == ("2.0", True)
    events = list(calendar.walk("VEVENT"))
    assert [str(e["UID"]).partition("-closes@")[0] for e in events] == ["office-2026-00001", "law-2026-00001"]
    event = events[1]
    assert event["DTSTART"].dt == date(2026, 3, 25)
    assert event["DTEND"].dt == date(2026, 3, 26)
    assert event["DTSTAMP"].dt == NOW.replace(hour=0).astimezone(UTC), "as of this day, whenever it is built"
    assert event["URL"] == ROOT_URL + "law/2026/00001.html"
    assert "关于征求意见的公告" in event["SUMMARY"]
    assert event["STATUS"] == "CONFIRMED"


def test_an_event_keeps_its_uid_moves_with_the_item_and_is_cancelled_when_withdrawn(publish, item_text):
    path, first = "law/2026/law-2026-00001.md", datetime(2026, 2, 20, tzinfo=UTC)

    def event(changed, *lines):
        facts = {"law-2026-00001": ItemFacts(published=first, changed=changed)}
        text = item_text(
            "law-2026-00001",
            "consultation",
            "征求意见；一,二\\三",
            'opens_on: "2026-02-20"',
            *lines,
            published="",
        )
        return next(
            iter(Calendar.from_ical(publish({path: text}, facts).files["deadlines.ics"]).walk("VEVENT"))
        )

    old = event(first, 'closes_on: "2026-03-25"')
    new = event(first + timedelta(days=3), 'closes_on: "2026-04-01"')
    gone = event(
        first + timedelta(days=4),
        'closes_on: "2026-04-01"',
        "withdrawal: {reason: 有误, explanation: 另行公布}",
    )
    assert old["UID"] == new["UID"] == gone["UID"]
    assert (old["SEQUENCE"], new["SEQUENCE"]) == (0, 1)
    assert (old["DTSTART"].dt, new["DTSTART"].dt) == (date(2026, 3, 25), date(2026, 4, 1))
    assert (new["STATUS"], gone["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert "征求意见；一,二\\三" in old["SUMMARY"]


def test_nothing_that_is_over_or_not_published_is_in_the_calendar(publish, item_text):
    lines = ('opens_on: "2026-01-20"', 'closes_on: "2026-03-02"')
    text = item_text("law-2026-00001", "consultation", "征求意见", *lines)
    items = {"law/2026/law-2026-00001.md": text}
    assert b"VEVENT" in publish(items, now="2026-03-02T23:59:59+08:00").files["deadlines.ics"]
    assert b"VEVENT" not in publish(items, now="2026-03-03T00:00:00+08:00").files["deadlines.ics"]
    draft = item_text("law-2026-00001", "consultation", "征求意见", *lines, published="")
    assert b"VEVENT" not in publish({"law/2026/law-2026-00001.md": draft}).files["deadlines.ics"]


def test_opensearch_keeps_its_lengths_and_asks_the_search_page(publish):
    made = publish({}, title=f'"{"云渡<市>&" * 9}"')
    tree = etree.fromstring(made.files["opensearch.xml"])
    assert tree.tag == f"{O}OpenSearchDescription"
    assert 0 < len(tree.findtext(f"{O}ShortName")) <= 16
    assert len(tree.findtext(f"{O}LongName")) <= 48
    assert 0 < len(tree.findtext(f"{O}Description")) <= 1024
    page = next(u for u in tree.findall(f"{O}Url") if u.get("type") == "text/html")
    assert page.get("template") == f"{ROOT_URL}search.html?q={{searchTerms}}"


def test_security_txt_is_valid_for_less_than_a_year(handed_out):
    fields = dict(line.split(": ", 1) for line in handed_out.text(".well-known/security.txt").splitlines())
    assert fields["Contact"] == "mailto:office@tide.yundu.example"
    expires = datetime.fromisoformat(fields["Expires"])
    assert NOW + timedelta(days=300) < expires < NOW + timedelta(days=365)
    assert fields["Canonical"] == ROOT_URL + ".well-known/security.txt"
    assert fields["Preferred-Languages"] == "zh, en"


def test_robots_txt_shuts_nobody_out_and_names_the_sitemap(handed_out):
    lines = handed_out.text("robots.txt").splitlines()
    assert lines[:2] == ["User-agent: *", "Disallow:"]
    assert f"Sitemap: {ROOT_URL}sitemap.xml" in lines


def test_every_file_that_the_data_page_offers_is_made(house):
    links = re.findall(r'href="([^":]+\.(?:xml|json|jsonld|csv|ics))"', house.page("data.html"))
    assert len(links) > 70
    assert [x for x in links if not (house.built.site / x).is_file()] == []


def test_the_build_hands_out_what_the_function_makes(house, handed_out):
    wanted = dict(handed_out.files)
    for path, data in wanted.items():
        if path != "sitemap-pages.xml":  # the house has two fixed pages
            assert (house.built.site / path).read_bytes() == data, path

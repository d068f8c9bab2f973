"""The difference between versions: shown where this change asked for it in words, and in no other case."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from gongkai.cli.publish_source import _without_secrets
from gongkai.gate.desk import open_desk
from gongkai.gate.earlier import is_grave
from gongkai.gate.proof import public_record
from gongkai.gate.publication import record_published
from gongkai.gate.shown import look
from gongkai.model.message import msg
from gongkai.portal import difference_page
from gongkai.portal.build import build
from gongkai.portal.page import Page
from gongkai.portal.site import Site
from gongkai.release.view import Expected
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue

from .conftest import Server, news, path_of

ITEM = "tide-2026-00001"
PATH = path_of(ITEM)
PAGE = "changes/tide/2026/00001.html"
OLD = "一、办理地点为望潮路一号。\n\n二、办理时限为十个工作日。\n\n三、收费标准见附表，每页两角。\n\n四、咨询时间为工作日上午。"
NEW = "一、办理地点为望潮路一号。\n\n二、办理时限为五个工作日。\n\n四、咨询时间为工作日上午。\n\n五、可以网上办理。"
ASKED = {"change_note": "缩短办理时限。", "show_difference": "对照显示办理时限的变化，方便核对。"}
HOSTILE = '<script>alert("旧")</script><img src=x onerror=alert(1)>'


@dataclass
class House:
    """A server, and its clock: what is done one after another happens an hour later each time."""

    server: Server
    hours: int = 1

    def now(self):
        self.hours += 1
        return self.server.start + timedelta(hours=self.hours)

    def change(self, body: str, *, publish: bool = True, people: tuple[str, ...] = (), **fields: str) -> None:
        """Hand in the item with this text, accept it and publish it."""
        server, title = self.server, fields.pop("title", "关于资料查阅的说明")
        day = server.start.date().isoformat()
        text = news(ITEM, day, title, **fields).split("\n\n")[0] + f"\n\n{body}\n"
        moment = self.now()
        number = server.hand_in({PATH: text}, moment, name=f"n{self.hours}").number
        server.accept(number, moment, people)
        if publish:
            record_published(server.gate, [ITEM], self.now())

    def site(self) -> Site:
        gate = self.server.gate
        gate.refresh()
        portal = gate.portal(gate.state.main, self.now())
        return Site(portal, Catalogue("zh").say, public_record(gate.folder, gate.state.main))

    def pages(self) -> list[Page]:
        return list(difference_page.pages(self.site()))


@pytest.fixture
def house(server: Server) -> House:
    """A house with one item that is published."""
    made = House(server)
    made.change(OLD)
    return made


@pytest.fixture(scope="module")
def built(new_server: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The portal of a change that asks for its difference, with hostile words on both sides; built twice."""
    folder = tmp_path_factory.mktemp("difference")
    made = House(new_server(folder))
    # The gate refuses HTML that acts in a text; in code, and in an address, it is words.
    made.change(f"{OLD}\n\n`{HOSTILE}`", title="关于查阅的说明")
    made.change(f"{NEW}\n\n`{HOSTILE}新`", title="关于资料<b>查阅</b>的说明", **ASKED)
    gate, now = made.server.gate, made.now()
    for name in ("one", "two"):
        record = public_record(gate.folder, gate.state.main)
        done = build(
            gate.folder, folder / name, commit=gate.state.main, now=now, facts=gate.state.facts, record=record
        )
        assert done.sound, (done.dead, done.requests)
    return folder / "one"


def soup(site: Path, path: str) -> BeautifulSoup:
    return BeautifulSoup((site / path).read_text(encoding="utf-8"), "html.parser")


def say(text: str, **holes: object) -> str:
    return Catalogue("zh").say(msg(text, **holes))


def test_the_page_shows_what_was_taken_out_and_put_in(built):
    page = soup(built, PAGE)
    for hidden in page.find_all(class_="gk-change__said"):
        hidden.decompose()
    text = page.find(id="text").parent
    assert [d.text for d in text.find_all("del")][:2] == ["十", "三、收费标准见附表，每页两角。"]
    assert [i.text for i in text.find_all("ins")][:2] == ["五", "五、可以网上办理。"]
    kinds = [k.text for k in text.find_all(class_="gk-change__kind")]
    assert {say("Changed"), say("Deleted"), say("Added"), say("Unchanged")} == set(kinds)
    assert page.find("h3").text == "标题"
    told = page.find(class_="gk-facts").text
    assert ASKED["show_difference"] in told and ASKED["change_note"] in told


def test_what_was_taken_out_and_put_in_is_said_in_words_too(built):
    page = soup(built, PAGE)
    assert all(say("taken out:") in gone.text for gone in page.find_all("del"))
    assert all(say("put in:") in come.text for come in page.find_all("ins"))


def test_the_items_page_leads_there_beside_its_last_change_and_back(built):
    rows = soup(built, "tide/2026/00001.html").find(class_="gk-facts").find_all("dt")
    names = [row.text for row in rows]
    at = names.index(say("Difference from the version before"))
    assert names[at - 1] == say("What changed")
    assert rows[at].find_next("a")["href"] == f"../../{PAGE}"
    assert (
        soup(built, PAGE).find("a", href="../../../tide/2026/00001.html").text == "关于资料<b>查阅</b>的说明"
    )


def test_hostile_words_of_an_earlier_version_stay_words(built):
    page = soup(built, PAGE)
    assert page.find(id="text").parent.find(["script", "img", "b"]) is None
    assert page.find(id="fields").parent.find("b") is None
    assert "onerror=alert" in page.find(id="text").parent.text
    assert "<b>" in page.find(id="fields").parent.text


def test_no_index_no_sitemap_no_feed_and_no_data_holds_the_earlier_words(built):
    gone = "收费标准见附表"
    holding = [
        path.relative_to(built).as_posix()
        for path in sorted(built.rglob("*"))
        if path.is_file() and gone.encode() in path.read_bytes()
    ]
    assert holding == [PAGE]
    assert '<meta name="robots" content="noindex">' in (built / PAGE).read_text(encoding="utf-8")
    assert all(PAGE not in p.read_text(encoding="utf-8") for p in built.glob("sitemap*.xml"))
    results = [json.loads(p.read_text(encoding="utf-8")) for p in (built / "search" / "r").rglob("*.json")]
    assert not any(row[0].startswith("changes/") for block in results for row in block)


def test_the_same_commit_gives_the_same_bytes(built):
    for path in (PAGE, "tide/2026/00001.html"):
        assert (built / path).read_bytes() == (built.parent / "two" / path).read_bytes()


def test_nothing_is_shown_of_a_change_that_does_not_ask(house):
    house.change(NEW, change_note="缩短办理时限。")
    assert house.pages() == []


def test_nothing_is_shown_where_the_asking_is_left_from_before(house):
    house.change(NEW, **ASKED)
    assert len(house.pages()) == 1
    house.change(OLD, **ASKED)
    assert house.pages() == [], (
        "the words stand there from an earlier change: nobody signed them for this one"
    )


def test_only_the_last_change_is_shown(house):
    house.change(NEW, **ASKED)
    house.change(
        f"{NEW}\n\n六、本说明自公布之日起执行。", **{**ASKED, "show_difference": "对照显示新增的一条。"}
    )
    (page,) = house.pages()
    words = "".join(piece.text for change in page.context["text"] for piece in change.pieces)
    assert "六、本说明" in words and "收费标准" not in words


def test_what_was_never_public_is_not_shown(house):
    house.change(NEW, publish=False, change_note="缩短办理时限。")
    house.change(OLD, **ASKED)
    assert house.pages() == [], "the version before was accepted and never published"


def test_nothing_is_shown_before_the_change_itself_is_public(house):
    house.change(NEW, publish=False, **ASKED)
    assert house.pages() == []


def test_nothing_is_shown_of_a_version_that_today_breaks_a_rule(server):
    made, number = House(server), "13800138000"
    made.change(f"{OLD}\n\n联系人电话见公告栏。")
    made.change(NEW, **ASKED)
    site = made.site()
    found = site.record.earlier[ITEM]
    assert difference_page.difference(site.by_id[ITEM], site) is not None
    assert not is_grave(found.item, site.portal)
    leaky = replace(found.item, body=f"经办人手机：{number}，身份证号 11010519491231002X。")
    assert is_grave(leaky, site.portal)
    waived = {
        **leaky.fields,
        "personal_information": {
            "present": True,
            "waivers": [
                {"rule": "PRV101", "place": "body", "basis": "当事人同意", "until": "2099-12-31"},
                {"rule": "PRV105", "place": "body", "basis": "当事人同意", "until": "2099-12-31"},
            ],
        },
    }
    assert is_grave(replace(leaky, fields=waived), site.portal), "no waiver speaks for what was taken back"
    assert is_grave(replace(found.item, body="本件为机密，不得公开。机密★十年"), site.portal)


def test_what_was_let_pass_once_is_not_shown_again(server):
    """A number that a dated waiver let out, and that this change takes away: the waiver does not speak for it here."""
    made = House(server)
    waiver = "{rule: PRV105, place: body, basis: 当事人同意公开值班手机, until: '2099-12-31'}"
    basis = f"{{present: true, basis: 当事人同意, waivers: [{waiver}]}}"
    made.change(f"{OLD}\n\n住户甲的手机号码是13800138000。", personal_information=basis)
    made.change(NEW, **ASKED)
    assert made.pages() == []
    made.change(OLD, **{**ASKED, "show_difference": "对照显示恢复的条款。"})
    assert len(made.pages()) == 1, "the next change is from a text that nobody minds"


def test_nothing_is_shown_of_a_withdrawn_or_removed_item(house):
    house.change(NEW, **ASKED)
    asked = {**ASKED, "show_difference": "对照显示撤下前的文字。"}
    house.change(NEW, **asked, withdrawal="{reason: 内容有误。, explanation: 以新通知为准。}")
    assert house.pages() == []
    house.change(OLD, **{**ASKED, "show_difference": "对照显示恢复后的文字。"})
    assert house.pages() == [], "the version before was a withdrawn one"


def test_nothing_is_shown_once_the_item_is_removed(house):
    house.change(NEW, **ASKED)
    server = house.server
    notice = "{reason: personal_information, ground: 《个人信息保护法》第47条, removed_on: '2026-01-05'}"
    text = f"---\nid: {ITEM}\ntype: news\ndepartment: tide\nremoval: {notice}\n---\n"
    moment = house.now()
    number = server.hand_in({PATH: text}, moment, name="gone").number
    waiting = [s.code for s in server.steps(number, moment)[0]]
    people = {"head": "tide-head", "office": "office-reviewer", "leader": "leader", "duty": "leader"}
    for code in waiting:
        last = server.say("approval", number, people[code], moment, step=code)
    assert last.accepted
    record_published(server.gate, [ITEM], house.now())
    assert house.pages() == []


def test_a_phrase_that_was_taken_down_elsewhere_takes_the_difference_away(house):
    house.change(NEW, **ASKED)
    earlier = house.site().record.earlier
    assert set(_without_secrets(earlier, Expected())) == {ITEM}
    assert _without_secrets(earlier, Expected(secret=("收费标准见附表",))) == {}


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        (ASKED, "THE PUBLIC WILL SEE"),
        ({"change_note": "缩短办理时限。"}, ""),
    ],
)
def test_the_reviewer_is_told_that_the_difference_will_be_public(fields, wanted, house):
    day = house.server.start.date().isoformat()
    text = news(ITEM, day, "关于资料查阅的说明", **fields).split("\n\n")[0] + f"\n\n{NEW}\n"
    number = house.server.hand_in({PATH: text}, house.now(), name="asks").number
    clone = house.server.clone("tide-head").clone()
    shown = look(open_desk(clone, clock.now()), number, "en")
    told = [Catalogue("en").say(remark) for remark in shown.remarks]
    assert any(wanted in words for words in told) if wanted else not any("PUBLIC" in words for words in told)
    assert not wanted or any(ASKED["show_difference"] in words for words in told)

"""What should never have been public is removed: nothing of it is left in the portal but a notice, and it stays gone."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.gate.audit import audit
from gongkai.gate.checkpoints import checkpoints_for
from gongkai.gate.proof import public_record
from gongkai.gate.publication import record_published
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.model.message import msg
from gongkai.portal.build import build
from gongkai.portal.standing import is_notice, is_shown
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue

from .conftest import Server, Worker, news, path_of

LEAK, OTHER = "tide-2026-00001", "tide-2026-00002"
TITLE = "关于渡船补贴对象名单的公示材料汇编"
SUMMARY = "汇总列出领取渡船补贴的住户情况，供各村核对登记使用。"
BODY = "住户甲领取春季渡船补贴六百元整，住址为望潮村第三组十二号，联系方式见附件第二页所列表格。"
FILE = "渡船补贴住户花名册.txt"
LIST = "户主代号甲一，账户尾号六七八九，家庭人口五人，困难原因写明为长期患病治疗费用高。"


def leak(day: str) -> dict[str, str]:
    """An item that should not be public, with its attachment."""
    text = news(LEAK, day, TITLE, summary=SUMMARY, attachments=f"[{{file: {FILE}, title: 住户花名册全文}}]")
    head, _, _ = text.rpartition("\n\n")
    path = path_of(LEAK)
    return {path: f"{head}\n\n{BODY}\n", f"{path.removesuffix('.md')}/{FILE}": LIST}


def other(day: str) -> dict[str, str]:
    """An item that names it in a field and in its text."""
    text = news(OTHER, day, "潮汐观测科更正补贴核对办法", replaces=LEAK)
    return {path_of(OTHER): f"{text}\n原来的[材料](doc:{LEAK})不再使用。\n"}


@dataclass
class House:
    """A server with the leak published, and its built portal."""

    server: Server
    site: Path

    def release(self) -> None:
        """What the operator does: record what is public, build main with the ledger."""
        gate, now = self.server.anew().gate, clock.now()
        portal = gate.portal(gate.state.main, now)
        shown = [i.id for i in portal.corpus.items if is_shown(i, portal) or is_notice(i)]
        record_published(gate, shown, now)
        state = gate.refresh()
        record = public_record(gate.folder, state.main, checkpoints_for(gate.folder, None, now))
        built = build(gate.folder, self.site, commit=state.main, now=now, facts=state.facts, record=record)
        assert built.sound and built.broken == ()

    def page(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")

    def everything(self) -> str:
        """All that the public could fetch, file names and unescaped forms included."""
        found = []
        for path in self.site.rglob("*"):
            if path.is_file():
                raw = path.read_bytes().decode("utf-8", "replace")
                unescaped = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), raw)
                found += [path.relative_to(self.site).as_posix(), raw, unquote(raw), unescaped]
        return "\n".join(found)


@pytest.fixture(scope="module")
def public(new_server: Callable[[Path], Server], tmp_path_factory: pytest.TempPathFactory) -> House:
    """The leak is public: only to be looked at and copied."""
    folder = tmp_path_factory.mktemp("public")
    server = new_server(folder)
    now = server.start + timedelta(hours=1)
    day = now.astimezone(server.gate.policy(now).zone).date().isoformat()
    for name, files in (("a", leak(day)), ("b", other(day))):
        server.accept(server.hand_in(files, now, name=name).number, now)
    made = House(server, folder / "site")
    made.release()
    return made


def copied(house: House, folder: Path) -> House:
    """The same house in another folder."""
    shutil.copytree(house.server.folder, folder / "server.git")
    shutil.copytree(house.site, folder / "site")
    configure(folder / "server.git")
    gate = open_gate(folder / "server.git")
    return House(Server(gate.folder, house.server.keys, gate, house.server.start), folder / "site")


@pytest.fixture
def house(public: House, tmp_path: Path) -> House:
    """A house of the test's own, with the leak public."""
    return copied(public, tmp_path)


@pytest.fixture(scope="module")
def gone(public: House, tmp_path_factory: pytest.TempPathFactory) -> House:
    """The leak was removed and the portal published anew: only to be looked at."""
    house = copied(public, tmp_path_factory.mktemp("gone"))
    removed(house)
    return house


def run(worker: Worker, *args: str):
    return CliRunner().invoke(cli, ["--root", str(worker.folder), *args])


def runs(text: str, length: int = 8) -> set[str]:
    """Every run of so many characters."""
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def say(text: str, **holes: str) -> str:
    return Catalogue("zh").say(msg(text, **holes))


def removed(house: House, reason: str = "personal_information") -> Worker:
    """The officer removes it, two people approve, the operator publishes."""
    officer = house.server.clone("tide-officer")
    done = run(officer, "remove", LEAK, "--reason", reason)
    assert done.exit_code == 0, done.output
    number = re.search(r"S-\d{4}-\d{5}", done.output)[0]
    house.server.clone("tide-head").approve(number)
    house.server.clone("office-reviewer").approve(number)
    assert house.server.anew().gate.state.submissions[number].state == "accepted"
    house.release()
    return officer


def test_not_one_run_of_eight_characters_of_it_is_left_in_any_file(public, gone):
    secret = [TITLE, SUMMARY, BODY, LIST, FILE, "住户花名册全文"]
    pieces = set().union(*(runs(text) for text in secret if len(text) >= 8)) | {FILE, "住户花名册全文"}
    before = public.everything()
    assert all(text in before for text in (TITLE, SUMMARY, BODY, LIST, FILE))
    after = gone.everything()
    assert [piece for piece in sorted(pieces) if piece in after] == []
    assert (public.site / "tide/2026/00001" / FILE).exists() and not (gone.site / "tide/2026/00001").exists()


def test_a_notice_stands_in_its_place(public, gone):
    index_number = public.server.gate.refresh().facts[LEAK].index_number
    page = gone.page("tide/2026/00001.html")
    for words in (LEAK, index_number, "《个人信息保护法》第25条", "潮汐观测科负责人、办公室审核员"):
        assert words in page
    assert '<meta name="robots" content="noindex, noarchive">' in page
    assert say("It disclosed personal information.") in page
    assert gone.server.anew().gate.state.facts[LEAK].index_number == index_number


def test_that_it_was_secret_is_not_said_to_the_public(house):
    removed(house, "secret")
    assert "秘密" not in house.page("tide/2026/00001.html") + house.page("evidence/tide/2026/00001.html")


def test_no_list_names_it(gone):
    named = [p for p in gone.site.rglob("*.html") if "2026/00001" in p.read_text(encoding="utf-8")]
    places = sorted(p.relative_to(gone.site).as_posix() for p in named)
    assert [p for p in places if not p.startswith(("tide/2026/", "evidence/tide/2026/"))] == []


def test_what_referred_to_it_leads_to_the_notice(gone):
    page = gone.page("tide/2026/00002.html")
    assert '<a href="00001.html">材料</a>' in page
    assert f'<a href="00001.html">{say("Removed information")} {LEAK}</a>' in page
    gate = gone.server.anew().gate
    assert {f.code for f in gate.portal(gate.state.main, clock.now()).config_faults("review")} == set()
    assert gone.server.faults() == [] and audit(gone.server.folder, fetch=False).fault is None


def test_its_record_names_no_file_and_no_digest_of_content(public, gone):
    before = public.page("evidence/tide/2026/00001.json")
    assert FILE in before and '"content"' in before
    after = gone.page("evidence/tide/2026/00001.json")
    assert not any(word in after for word in ('"content"', '"files"', '"change"', '"statement"', "sha256"))
    assert after.count('"accepted"') >= 2


def test_one_approval_is_not_enough_and_the_officers_own_does_not_count(house, why):
    officer = house.server.clone("tide-officer")
    number = re.search(r"S-\d{4}-\d{5}", run(officer, "remove", LEAK, "--reason", "secret").output)[0]
    assert why(officer.approve, number)
    house.server.clone("tide-head").approve(number)
    state = house.server.anew().gate.state
    assert state.submissions[number].state == "waiting"
    assert [s.code for s in house.server.anew().steps(number)[0]] == ["head", "office"]


@pytest.mark.parametrize("kind", ["policy", "personnel"])
def test_a_removal_waits_only_for_those_who_review_removals(public, kind):
    """A policy needs a leader and a secrecy review; the removal of one must not wait for them."""
    from gongkai.gate.judging import kinds_of
    from gongkai.model.corpus import Corpus
    from gongkai.model.evidence import Change
    from gongkai.model.item import Item

    gate = public.server.gate
    portal = gate.portal(gate.state.main, clock.now())
    old = Item(path_of(LEAK), "md", {"id": LEAK, "type": kind, "department": "tide"})
    new = replace(old, fields={**old.fields, "removal": {}})
    before, after = (replace(portal, corpus=Corpus((item,))) for item in (old, new))
    kinds = kinds_of(Change((), (LEAK,)), before, after)
    policy = gate.policy(clock.now())
    assert [s.code for s in policy.steps(kinds)] == ["head", "office"]
    assert len(policy.steps(((kind, "tide"),))) > 2


def test_what_was_removed_cannot_be_brought_back(gone, why):
    server = gone.server.anew()
    again = leak(server.today())
    assert why(server.hand_in, again, name="back") == ("{path} was removed; it cannot be brought back",)


def test_what_never_was_there_cannot_be_removed(house, why):
    text = (
        "---\nid: tide-2026-00009\ntype: news\ndepartment: tide\n"
        "removal: {reason: secret, ground: 《政府信息公开条例》第14条, removed_on: '2026-03-01'}\n---\n"
    )
    assert why(house.server.hand_in, {path_of("tide-2026-00009"): text}, name="n") == (
        "{path} is the notice of a removal, but there is nothing to remove",
    )


def test_a_notice_holds_nothing_but_what_a_notice_needs(house, why):
    """No title, no text, no attachment slips in beside the reason."""
    now = house.server.today()
    base = f"id: {LEAK}\ntype: news\ndepartment: tide\n"
    notice = f"removal: {{reason: secret, ground: 第14条, removed_on: '{now}'}}\n"
    path = path_of(LEAK)
    for more, text in (("title: 原来的标题\n", ""), ("x_note: 原文\n", ""), ("", "原来的正文\n")):
        files = {path: f"---\n{base}{more}{notice}---\n{text}", f"{path.removesuffix('.md')}/{FILE}": None}
        assert "SCH103" in why(house.server.hand_in, files, name="n")
    kept = {path: f"---\n{base}{notice}---\n"}
    assert "REF112" in why(house.server.hand_in, kept, name="n")


def test_the_officer_is_told_to_report_and_what_is_not_reached(house):
    officer = house.server.clone("tide-officer")
    said = run(officer, "remove", LEAK, "--reason", "secret", "--no-submit").output
    assert "保守国家秘密法实施条例 第61条" in said and "24 hours" in said and "git's history" in said
    assert (officer.folder / path_of(LEAK)).read_text(encoding="utf-8").count("\n") < 12
    assert not (officer.folder / path_of(LEAK).removesuffix(".md")).exists()


def test_an_order_must_be_named_and_a_draft_is_no_publication(house):
    officer = house.server.clone("tide-officer")
    assert run(officer, "remove", LEAK, "--reason", "order").exit_code == 2
    assert run(officer, "remove", "tide-2026-00077", "--reason", "secret").exit_code == 2


def test_an_old_portals_item_keeps_its_number_and_date_as_a_notice(public):
    from gongkai.gate.removal import _notice
    from gongkai.items.read import read_item

    raw = news("tide-2020-00001", "2020-03-01", legacy='{index_number: "X/2020-00001", first_published_on: "2020-03-01", url: "https://old.example/甲"}',
               aliases="[/tzgg/1.html, /tzgg/张三.html]").encode()  # fmt: skip
    item, _ = read_item(path_of("tide-2020-00001"), raw)
    text = _notice(item.path, item, item.id, "secret", "第14条", clock.now().date())
    kept, faults = read_item(item.path, text.encode())
    assert faults == () and kept.removed and kept.title == kept.id
    assert kept.group("legacy") == {"index_number": "X/2020-00001", "first_published_on": "2020-03-01"}
    assert kept.texts("aliases") == ("/tzgg/1.html",)
    assert public.server.gate.portal(public.server.gate.state.main, clock.now()).library.judge(kept) == ()

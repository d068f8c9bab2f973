"""The public record of a review: what was done and by which post, and nothing that was not made public."""

# ruff: noqa: F811 - fixtures of other modules are taken by name
from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gongkai.evidence.chain import as_data, fingerprint
from gongkai.gate.checkpoints import checkpoints_for
from gongkai.gate.proof import prove_item, public_record
from gongkai.gate.publication import record_published
from gongkai.gate.repository import open_gate
from gongkai.gate.server import configure
from gongkai.model.message import msg
from gongkai.portal.build import build
from gongkai.store import clock
from gongkai.store.catalogue import Catalogue

from .conftest import Server, news, path_of
from .test_audit import FIRST, SECOND, THIRD, story  # noqa: F401 - a fixture

PAGE = "evidence/tide/2026/00001"
FILE = "望潮站水尺.txt"


@dataclass
class Built:
    """A server and what was built from it."""

    server: Server
    site: Path

    def page(self, path: str) -> str:
        return (self.site / path).read_text(encoding="utf-8")

    def data(self, path: str = PAGE) -> dict[str, Any]:
        return json.loads(self.page(f"{path}.json"))

    def build(self) -> Built:
        gate, now = open_gate(self.server.folder), clock.now()
        record = public_record(gate.folder, gate.state.main, checkpoints_for(gate.folder, None, now))
        built = build(
            gate.folder, self.site, commit=gate.state.main, now=now, facts=gate.state.facts, record=record
        )
        assert built.sound and built.broken == ()
        return self


def opened(story: Path, template: Path, folder: Path) -> Built:
    shutil.copytree(story, folder / "server.git")
    configure(folder / "server.git")
    gate = open_gate(folder / "server.git")
    return Built(Server(gate.folder, template / "keys", gate, gate.state.last.time), folder / "site")


@pytest.fixture(scope="module")
def built(story: Path, template: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The story's portal: only to be looked at."""
    return opened(story, template, tmp_path_factory.mktemp("built")).build()


@pytest.fixture
def fresh(story: Path, template: Path, tmp_path: Path) -> Built:
    """A house of the test's own, not built yet."""
    return opened(story, template, tmp_path)


def say(text: str, **holes: Any) -> str:
    return Catalogue("zh").say(msg(text, **holes))


def test_an_accepted_items_page_leads_to_its_record_and_back(built):
    assert f'href="../../{PAGE}.html"' in built.page("tide/2026/00001.html")
    assert 'href="../../../tide/2026/00001.html"' in built.page(f"{PAGE}.html")
    assert '<meta name="robots" content="noindex">' in built.page(f"{PAGE}.html")


def test_the_record_tells_what_happened_in_its_order(built):
    wanted = [
        say("Handed in for review"), say("Returned to be changed"),
        say("Handed in again after changes (version {version})", version=2),
        say("Approved: {step}", step="科室负责人审核"), say("Approved: {step}", step="办公室审核"),
        say("All approvals were given; accepted for publication"),
    ]  # fmt: skip
    told = re.findall(r'<span class="gk-record__what">(.*?)</span>', built.page(f"{PAGE}.html"))
    assert told[:6] == wanted
    number = built.server.gate.state.facts[FIRST].index_number
    assert told[6] == say("Published, index number {number}", number=number)
    who = re.findall(r'<span class="gk-record__who">(.*?)</span>', built.page(f"{PAGE}.html"))
    assert who == [
        "潮汐观测科信息员",
        "潮汐观测科负责人",
        "潮汐观测科信息员",
        "潮汐观测科负责人",
        "办公室审核员",
    ]


def test_posts_are_shown_and_neither_codes_nor_keys_nor_addresses(built):
    shown = built.page(f"{PAGE}.html") + built.page(f"{PAGE}.json")
    people = built.server.people()
    for code in ("tide-officer", "tide-head", "office-reviewer"):
        assert code in people and code not in shown
    assert (
        "ssh-ed25519" not in shown
        and "SHA256:" not in shown
        and "@tide.yundu.example" not in built.page(f"{PAGE}.json")
    )


def test_a_returns_reason_is_not_public(built):
    assert "标题不准确" not in built.page(f"{PAGE}.html") + built.page(f"{PAGE}.json")


def test_only_the_present_version_is_told_by_digests(built):
    """With the digest of an unmasked list, whoever has the masked one finds the masked digits by trying."""
    versions = {link["version"] for link in built.data()["chain"] if "content" in link or "files" in link}
    assert versions == {2}
    named = {name for link in built.data()["chain"] for name in link}
    assert not {"change", "statement", "person", "key", "reason"} & named
    assert all(
        set(row) == {"path", "new", "sha256"}
        for link in built.data()["chain"]
        for row in link.get("files", ())
    )


def test_an_outsiders_data_agrees_with_the_auditors(built):
    told = json.loads(json.dumps(as_data(prove_item(built.server.folder, FIRST))))
    inside = {link["event"]: link for link in told["chain"]}
    for link in built.data()["chain"]:
        mine = inside[link["event"]]
        assert {n: mine[n] for n in link if n != "files"} == {n: v for n, v in link.items() if n != "files"}


def test_what_is_under_review_has_no_record(built):
    assert not (built.site / "evidence/tide/2026/00003.html").exists()
    everything = "".join(
        p.read_text(encoding="utf-8") for p in (built.site / "evidence").rglob("*") if p.is_file()
    )
    assert THIRD not in everything


def test_a_change_under_review_leaves_the_record_as_it_was(fresh):
    before = public_record(fresh.server.folder, fresh.server.gate.state.main).proofs[FIRST].chain
    text = fresh.server.read(path_of(FIRST)) + "\n更正：联系电话有误。\n"
    fresh.server.hand_in({path_of(FIRST): text}, name="again")
    after = public_record(fresh.server.folder, fresh.server.gate.refresh().main).proofs[FIRST].chain
    assert after == before


def test_an_attachment_stands_with_the_digest_of_the_file_that_the_public_gets(fresh):
    server, ident = fresh.server, "tide-2026-00004"
    text = news(ident, server.today(), "望潮站水尺更换情况", attachments=f"[{{file: {FILE}, title: 水尺}}]")
    path = path_of(ident)
    number = server.hand_in({path: text, f"{path[:-3]}/{FILE}": "零点高程两米。"}, name="w").number
    server.accept(number)
    record_published(server.gate, [FIRST, SECOND, ident], clock.now())
    fresh.build()
    digest = subprocess.run(
        ["sha256sum", fresh.site / "tide/2026/00004" / FILE], capture_output=True, text=True, check=True
    )
    page = fresh.page("evidence/tide/2026/00004.html")
    assert digest.stdout.split()[0].removeprefix("\\") in page and FILE in page


def test_codes_keys_and_reasons_are_shown_where_the_settings_say_so(fresh):
    server = fresh.server
    review = server.read("site_config/review.yml").replace(
        "names_shown: roles", "names_shown: people\nreasons_shown: true"
    )
    server.change_policy({"site_config/review.yml": review})
    fresh.build()
    page = fresh.page(f"{PAGE}.html")
    public = server.key("tide-head").with_suffix(".pub")
    told = subprocess.run(
        ["ssh-keygen", "-l", "-f", public], capture_output=True, text=True, check=True
    ).stdout
    assert fingerprint(public.read_text()) == told.split()[1]
    assert "潮汐观测科负责人（tide-head）" in page and told.split()[1].replace("+", "&#43;") in page.replace(
        "+", "&#43;"
    )
    assert "标题不准确" in page and "ssh-ed25519" not in page


def test_the_portal_publishes_a_checkpoint_of_its_ledger(built):
    data = json.loads(built.page("checkpoints.json"))
    (row,) = data["checkpoints"]
    last = built.server.gate.state.last
    assert (row["ledger"], row["events"], data["max_age_days"]) == (last.id, last.number + 1, 7)
    assert row["digest"] in built.page("checkpoints.html")
    assert 'href="../../../checkpoints.html"' in built.page(f"{PAGE}.html")

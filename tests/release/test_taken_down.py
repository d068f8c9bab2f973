"""What was taken from the public stays away, whichever release visitors are taken back to."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from tests.gate.conftest import news, path_of
from tests.gate.dying import in_child

from gongkai.gate.client import open_clone
from gongkai.gate.removal import GROUNDS, remove
from gongkai.model.errors import Exit, GongkaiError
from gongkai.release.searching import Index
from gongkai.release.takedowns import unfit
from gongkai.store import clock

from .test_killed import killing

REASON = "personal_information"
LEAK = "tide-2026-00001"
PAGE = "tide/2026/00001.html"
TITLE = "关于渡船补贴对象名单的情况汇编"
BODY = "住户甲领取春季渡船补贴六百元整，住址为望潮村第三组十二号，联系方式见附件所列表格。"
FILE = "补贴住户花名册.txt"
LIST = "户主代号甲一，账户尾号六七八九，家庭人口五人，困难原因写明为长期患病。"
SECRETS = [text.encode() for text in (TITLE, BODY[:12], BODY[13:25], LIST[:6], FILE)]


def hand_in_leak(publisher) -> None:
    server = publisher.server
    text = news(LEAK, server.today(), TITLE, attachments=f"[{{file: {FILE}, title: 花名册全文}}]")
    head, _, _ = text.rpartition("\n\n")
    path = path_of(LEAK)
    files = {path: f"{head}\n\n{BODY}\n", f"{path.removesuffix('.md')}/{FILE}": LIST}
    server.accept(server.hand_in(files, name="leak").number)


def take_down(publisher) -> None:
    """Remove the item as its officer does, reviewed by two."""
    clone = publisher.server.clone("tide-officer", "removing")
    opened = open_clone(clone.folder)
    clone.start()
    remove(opened, LEAK, REASON, GROUNDS[REASON], clock.now().date())
    clone.commit()
    publisher.server.accept(clone.submit("removal"))


@pytest.fixture
def leaked(publisher):
    """The leak is out; `leaked.shown` is the release that holds it."""
    hand_in_leak(publisher)
    publisher.publish()
    assert all(secret in publisher.everything() for secret in SECRETS[:4])
    return publisher


def clean(publisher, name: str = "") -> bool:
    """Nothing of the leak in any byte of a release, and nothing that its search would find it by."""
    everything = publisher.everything(name)
    folder = publisher.place.site(name) if name else publisher.site
    index = Index(folder / "search")
    found = [page for words in (TITLE, "住户甲", "望潮村第三组") for page in index.find(words)]
    return not any(secret in everything for secret in SECRETS) and PAGE not in found


def test_going_back_does_not_bring_back_what_was_removed(leaked):
    old = leaked.shown
    take_down(leaked)
    done = leaked.publish()
    assert done.renewed == (old.name,)
    assert clean(leaked) and clean(leaked, old.name)
    act = leaked.back(old.name)
    assert (leaked.shown.name, act.new.main) == (old.name, old.main)
    assert leaked.whole() and clean(leaked)
    assert "noindex" in leaked.page(PAGE)
    assert leaked.page("tide/2025/00001.html") and leaked.shown.laid == (LEAK,)


def test_a_release_that_could_not_be_cleaned_in_time_is_cleaned_before_it_is_shown(leaked):

    old = leaked.shown
    take_down(leaked)
    os.waitpid(in_child(lambda: leaked.publish(step=killing("remembered"))), 0)
    assert not clean(leaked, old.name)
    assert leaked.back().new.name == old.name
    assert clean(leaked) and leaked.whole()


def test_going_back_needs_to_know_what_was_taken_down(leaked):
    leaked.publish(again=True)
    (leaked.place.state / "taken.json").unlink()
    with pytest.raises(GongkaiError) as caught:
        leaked.back()
    assert "does not tell what was taken down" in str(caught.value)


def test_a_held_release_loses_what_is_removed_later(leaked):
    leaked.accept("tide-2026-00002", title="白沙站补测情况通报")
    leaked.publish()
    act = leaked.back(hold=True)
    take_down(leaked)
    with pytest.raises(GongkaiError) as caught:
        leaked.publish()
    assert caught.value.says.text.startswith("the portal is held at the release")
    assert leaked.shown.main == act.new.main and leaked.place.held() == leaked.shown.name
    assert clean(leaked) and leaked.whole()
    assert not (leaked.site / "tide/2026/00002.html").exists()
    assert not leaked.place.folder(act.new.name).exists()


def test_a_withdrawal_stays_on_the_page_in_an_older_release(publisher):
    publisher.accept(LEAK, title="听澜渡口夜航班次调整情况通报")
    old = publisher.publish().release
    withdrawal = "{reason: 班次有误, explanation: 以新通知为准。}"
    publisher.accept(LEAK, title="听澜渡口夜航班次调整情况通报", withdrawal=withdrawal)
    publisher.publish()
    publisher.back(old.name)
    assert "班次有误" in publisher.page(PAGE) and publisher.shown.main == old.main


def test_nothing_is_made_anew_when_nothing_was_taken_down(publisher):
    publisher.accept(LEAK)
    publisher.publish()
    old = publisher.place.all()[1]
    made = (publisher.place.folder(old.name) / "manifest.json").stat().st_mtime_ns
    publisher.back()
    assert publisher.shown == old and unfit(publisher.place, old, {}) == ()
    assert (publisher.place.folder(old.name) / "manifest.json").stat().st_mtime_ns == made


# Going back and forth


def test_going_back_is_undone_by_the_next_publication_unless_it_is_held(publisher):
    publisher.accept(LEAK)
    new = publisher.publish().release
    old = publisher.back().new
    assert publisher.shown == old
    assert publisher.publish().release.main == new.main
    publisher.back(old.name, hold=True)
    with pytest.raises(GongkaiError) as caught:
        publisher.publish(again=True)
    assert caught.value.code is Exit.FINDINGS and publisher.shown == old


@pytest.mark.parametrize("name", ["20200101T000000Z-00000000", "../releases", ".lock", "/etc"])
def test_a_release_that_is_not_there_is_named(publisher, name):
    with pytest.raises(GongkaiError) as caught:
        publisher.back(name)
    assert caught.value.says.text == "there is no release {name}"


def test_there_is_nothing_before_the_first_release(publisher):
    with pytest.raises(GongkaiError):
        publisher.back()


def test_the_acts_are_kept_with_their_time(publisher):
    publisher.accept(LEAK)
    publisher.publish()
    publisher.back(hold=True)
    lines = Path(publisher.place.state / "acts.jsonl").read_text().splitlines()
    assert len(lines) == 1 and re.search(r'"act": "rollback".*"held": true', lines[0])

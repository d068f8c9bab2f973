"""Embargoes, expiries, closing days: nothing a minute before, everything a minute after, by itself."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from tests.gate.conftest import ROOT, news, path_of

from gongkai.checks.portal import Portal, read_portal
from gongkai.cli import publish_watch
from gongkai.items.read import read_item
from gongkai.model.corpus import Corpus
from gongkai.model.errors import GongkaiError
from gongkai.portal.moments import moment_after, of_item
from gongkai.release.publish import Outcome
from gongkai.release.searching import Index
from gongkai.store import clock
from gongkai.store.locks import locked
from gongkai.store.tree import FolderTree

EARLY = "tide-2026-00001"
TITLE = "望潮站潮位预警等级调整的通报"
BODY = "自下月一日起望潮站橙色预警水位由四米八调整为四米六"
NOTE = "调整说明全文附后供沿岸各村核对"
FILE = "预警等级调整说明.txt"
MINUTE = timedelta(minutes=1)


def embargoed(publisher, until: datetime) -> None:
    """An approved item with an attachment that is not to be seen before its minute."""
    server = publisher.server
    more = {"publish_at": f'"{until.isoformat()}"', "attachments": f"[{{file: {FILE}, title: 调整说明}}]"}
    head, _, _ = news(EARLY, server.today(), TITLE, **more).rpartition("\n\n")
    path = path_of(EARLY)
    files = {path: f"{head}\n\n{BODY}。\n", f"{path.removesuffix('.md')}/{FILE}": NOTE}
    server.accept(server.hand_in(files, name="early").number)


def test_nowhere_a_minute_before_and_everywhere_a_minute_after(publisher):
    until = clock.now().replace(microsecond=0) + timedelta(minutes=30)
    embargoed(publisher, until)
    publisher.moment = until - MINUTE
    done = publisher.publish()
    assert done.next == until and done.recorded == 0
    before = publisher.everything()
    for secret in (TITLE, TITLE[:8], BODY, BODY[4:16], NOTE, FILE, EARLY):
        assert secret.encode() not in before, secret
    assert Index(publisher.site / "search").find("预警等级") == []
    publisher.moment = until + MINUTE
    assert publisher.publish().recorded == 1
    page = "tide/2026/00001.html"
    assert TITLE in publisher.page("index.html") and BODY in publisher.page(page)
    assert (publisher.site / "tide/2026/00001" / FILE).read_text() == NOTE
    assert Index(publisher.site / "search").find(TITLE)[0] == page
    places = [p for p in publisher.site.rglob("*") if p.is_file() and TITLE.encode() in p.read_bytes()]
    kinds = {p.suffix for p in places} | {p.parts[-2] for p in places}
    assert {".html", ".json", ".xml", ".csv", "tide", "2026"} <= kinds
    assert publisher.whole()


def test_a_time_that_is_still_to_come_lets_nothing_out(publisher):
    until = clock.now() + timedelta(days=1)
    embargoed(publisher, until)
    publisher.moment = until + MINUTE
    source = publisher.source()
    source.wall = clock.now
    with pytest.raises(GongkaiError) as caught:
        publisher.publish(source)
    assert caught.value.says.text.startswith("{now} is still to come")
    assert TITLE.encode() not in publisher.everything()


def test_after_a_stop_everything_that_came_due_is_caught_up(publisher):
    start = clock.now().replace(microsecond=0)
    publisher.accept_for({f"tide-2026-0000{n}": start + n * timedelta(hours=1) for n in (1, 2, 3)})
    publisher.moment = start + timedelta(hours=5)
    assert publisher.publish().recorded == 3
    assert {f"tide/2026/0000{n}.html" for n in (1, 2, 3)} <= set(Index(publisher.site / "search").pages)


# When the view changes next


def portal_of(now: str, **fields: str) -> Portal:
    """A portal with one item of these fields, in the settings of the sample."""
    text = news(EARLY, "2026-03-01", **{name: f'"{value}"' for name, value in fields.items()})
    item, _ = read_item(path_of(EARLY), text.encode())
    portal = read_portal(FolderTree(ROOT), now=clock.parse(now))
    return replace(portal, corpus=Corpus((item,)))


@pytest.mark.parametrize(
    "fields, after, expected",
    [
        ({}, "2026-03-01T09:00:00+08:00", "2026-03-02T00:00:00+08:00"),
        ({"publish_at": "2026-03-01T10:30:00+08:00"}, "2026-03-01T09:00:00+08:00", "2026-03-01T10:30:00+08:00"),
        ({"publish_at": "2026-03-01T10:30:00+08:00"}, "2026-03-01T10:30:00+08:00", "2026-03-02T00:00:00+08:00"),
        ({"publish_at": "三月五日上午"}, "2026-03-01T09:00:00+08:00", "2026-03-02T00:00:00+08:00"),
        ({"expires_at": "2026-03-01T08:00:00+00:00"}, "2026-03-01T09:00:00+08:00", "2026-03-01T16:00:00+08:00"),
        ({"expires_at": "2026-03-01T08:00:00+00:00", "publish_at": "2026-03-01T12:00:00+08:00"},
         "2026-03-01T09:00:00+08:00", "2026-03-01T12:00:00+08:00"),
        ({"effective_to": "2026-03-01"}, "2026-03-01T23:59:59+08:00", "2026-03-02T00:00:00+08:00"),
        ({}, "2026-03-01T16:00:00+00:00", "2026-03-03T00:00:00+08:00"),
    ],
)  # fmt: skip
def test_the_next_moment_is_the_first_that_comes(fields, after, expected):
    portal = portal_of(after, **fields)
    found = moment_after(portal, (m.time for item in portal.corpus.items for m in of_item(item, portal)))
    assert found == clock.parse(expected)


def test_a_last_day_is_in_force_to_its_end():
    portal = portal_of("2026-03-01", opens_on="2026-03-02", closes_on="2026-03-06", effective_to="2026-03-31")
    found = sorted(m for item in portal.corpus.items for m in of_item(item, portal))
    assert [(m.field, m.time.isoformat()) for m in found] == [
        ("opens_on", "2026-03-02T00:00:00+08:00"),
        ("closes_on", "2026-03-07T00:00:00+08:00"),
        ("effective_to", "2026-04-01T00:00:00+08:00"),
    ]


# Watching


def until(condition, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


class _Ring:
    """A bell that rings no more; how long somebody waited for it."""

    def __init__(self):
        self.waited = []

    def wait(self, seconds):
        self.waited.append(seconds)
        return False


def test_who_watches_waits_for_the_gate_and_no_longer_than_until_something_is_due(publisher):
    gate, ring = publisher.server.folder, _Ring()
    assert publish_watch._has_gate(gate)
    publish_watch._let_finish(gate, ring, 60.0)
    assert ring.waited == [0]
    with locked(gate / "gongkai.lock"):
        begun = time.monotonic()
        publish_watch._let_finish(gate, ring, 0.2)
        assert time.monotonic() - begun < 30, "what is due does not wait for a decision"
    publish_watch._let_finish(None, ring, 60.0)
    assert ring.waited == [0, publish_watch.REST]


def test_who_watches_goes_on_where_the_lock_cannot_be_asked(publisher, tmp_path, monkeypatch):
    def refused(folder):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(publish_watch, "is_server", refused)
    assert not publish_watch._has_gate(publisher.server.folder)
    ring = _Ring()
    publish_watch._let_finish(tmp_path / "gone", ring, 60.0)
    assert ring.waited == []


def test_who_watches_makes_ready_at_the_start_and_after_a_release_and_not_after_a_mere_look(publisher):
    done: list[bool | str] = []
    made = iter([False, True, False])

    def turn() -> Outcome:
        fresh = next(made, None)
        if fresh is None:
            raise KeyboardInterrupt
        done.append(fresh)
        return Outcome(publisher.shown, fresh, clock.now())

    with pytest.raises(KeyboardInterrupt):
        publish_watch.watch_for(
            None, publisher.place, str(publisher.server.folder), turn, lambda: done.append("ready")
        )
    assert done == [False, "ready", True, "ready", False]


def test_a_watching_publisher_publishes_what_is_accepted_and_what_comes_due_and_ends_when_told(
    publisher, tmp_path
):
    shown = lambda page: (publisher.site / page).exists()  # noqa: E731
    command = [
        sys.executable, "-m", "gongkai", "--lang", "en", "publish", "--repo", publisher.server.folder,
        "--to", publisher.place.root, "--watch",
    ]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        child = subprocess.Popen(
            command, stderr=log, stdout=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"}
        )
    try:
        until(lambda: "changes next at" in (tmp_path / "log").read_text())
        publisher.accept("tide-2026-00002", title="白沙站补测情况通报")
        until(lambda: shown("tide/2026/00002.html"))
        due = clock.now() + timedelta(seconds=6)
        embargoed(publisher, due)
        until(lambda: shown("tide/2026/00001.html"))
        assert clock.now() >= due
    finally:
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 130
    assert publisher.whole()
    facts = publisher.server.anew().gate.state.facts
    assert facts[EARLY].published >= due.replace(microsecond=0)
    assert json.loads((publisher.place.state / "anchor.json").read_text())["events"] > 5

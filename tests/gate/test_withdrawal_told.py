"""The banner of a withdrawn item: its day and its deciders are the ledger's, and a later mending of its words changes neither."""

# ruff: noqa: F811 - fixtures of other modules are taken by name
from __future__ import annotations

import re
from datetime import timedelta

from gongkai.gate.proof import public_record
from gongkai.store import clock

from .conftest import path_of
from .test_audit import FIRST, story  # noqa: F401 - a fixture
from .test_evidence_page import Built, fresh, say  # noqa: F401 - a fixture

BANNER = '\nwithdrawal: {{reason: 内容有误。, explanation: "{}"}}\nopenness:'


def withdraw(built: Built, explanation: str, name: str, days: int) -> None:
    server = built.server
    text = re.sub(r"\nwithdrawal: .*", "", server.read(path_of(FIRST)))
    new = text.replace("\nopenness:", BANNER.format(explanation), 1)
    assert new != text
    hand_in(built, new, name, days)


def hand_in(built: Built, text: str, name: str, days: int) -> None:
    """Handed in and accepted so many days from now."""
    server, moment = built.server, clock.now() + timedelta(days=days)
    server.accept(server.hand_in({path_of(FIRST): text}, moment, name=name).number, moment)


def told(built: Built) -> list[tuple[str, str]]:
    page = built.build().page("tide/2026/00001.html")
    banner = re.search(r'gk-banner--withdrawn".*?</dl>', page, re.DOTALL)
    assert banner is not None
    return re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", banner[0])


def test_an_item_that_stands_was_not_taken_down(fresh):
    gate = fresh.server.gate
    assert public_record(gate.folder, gate.state.main).proofs[FIRST].takedown is None


def test_the_banner_says_reason_day_and_who_decided_by_their_posts(fresh):
    withdraw(fresh, "以新通知为准。", "down", 0)
    today = clock.now().astimezone(
        fresh.server.gate.portal(fresh.server.gate.state.main, clock.now()).settings.timezone
    )
    assert told(fresh) == [
        (say("Reason"), "内容有误。"),
        (say("Explanation"), "以新通知为准。"),
        (say("Withdrawn on"), f"{today:%Y-%m-%d}"),
        (say("Decided by"), "潮汐观测科负责人、办公室审核员"),
    ]


def test_a_mended_explanation_is_not_a_second_withdrawal(fresh):
    withdraw(fresh, "以新通知为准。", "down", 0)
    first = told(fresh)
    withdraw(fresh, "以三月的新通知为准。", "words", 3)
    assert told(fresh) == [first[0], (say("Explanation"), "以三月的新通知为准。"), *first[2:]]


def test_what_was_put_back_and_taken_down_again_has_the_later_day(fresh):
    withdraw(fresh, "以新通知为准。", "down", 0)
    first = told(fresh)
    server = fresh.server
    text = re.sub(r"\nwithdrawal: .*", "", server.read(path_of(FIRST)))
    hand_in(fresh, text, "back", 1)
    gate = server.gate
    assert public_record(gate.folder, gate.refresh().main).proofs[FIRST].takedown is None
    withdraw(fresh, "以新通知为准。", "again", 5)
    assert dict(told(fresh))[say("Withdrawn on")] > dict(first)[say("Withdrawn on")]

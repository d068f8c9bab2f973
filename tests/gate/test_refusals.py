"""The ten refusals of docs/gate.md are what pushers are really told, in Chinese and in English.

`UPDATE_DOCS=1 pytest tests/gate/test_refusals.py` writes that part of the page anew after a sentence has changed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from gongkai.gate.names import push_faults
from gongkai.gate.refusal import Refused
from gongkai.hooks.speaking import show
from gongkai.store.catalogue import Catalogue

from .conftest import Server, news, path_of

PAGE = Path(__file__).parents[2] / "docs" / "gate.md"
BEGIN, END = "<!-- refusals: begin -->", "<!-- refusals: end -->"
ITEM, PATH = "tide-2026-00001", path_of("tide-2026-00001")
ONE = "1" * 40


def refused(call: Callable[..., object], *args: object, **kwargs: object) -> Refused:
    with pytest.raises(Refused) as caught:
        call(*args, **kwargs)
    return caught.value


def pushed(ref: str) -> Refused:
    return Refused(push_faults([(ONE, ONE, ref)]))


def cases(server: Server) -> Iterator[tuple[str, str, Refused]]:
    """(what happened in Chinese, in English, the refusal), ten of them."""
    day, at = server.start.date().isoformat(), server.start + timedelta(hours=1)
    good = news(ITEM, day)
    yield "直接推送 main", "A push straight to main", pushed("refs/heads/main")
    yield "推送标签", "A tag is pushed", pushed("refs/tags/v1")
    yield (
        "没有签名、也没有登录账号的推送", "A push that nobody vouches for",
        refused(server.hand_in, {PATH: good}, at, person=""),
    )  # fmt: skip
    typo = good.replace(f'occurred_on: "{day}"', "occurred_on: 11月31日").replace("category: measures\n", "")
    yield "条目有错误", "An item with errors", refused(server.hand_in, {PATH: typo}, at)
    yield (
        "改了别的科室的条目", "Another department's item was changed",
        refused(server.hand_in, {path_of("ferry-2025-00001"): news("ferry-2025-00001", day)}, at),
    )  # fmt: skip
    yield (
        "直接删除已公开的条目", "A published item was simply deleted",
        refused(server.hand_in, {path_of("tide-2025-00001"): None}, at),
    )  # fmt: skip
    number = server.hand_in({PATH: good}, at).number
    yield (
        "审自己报送的稿件", "Approving one's own submission",
        refused(server.say, "approval", number, "tide-officer", at, step="head"),
    )  # fmt: skip
    yield (
        "冒用负责人的名义同意", "An approval in the head's name, signed with another key",
        refused(server.say, "approval", number, "tide-head", at, key=server.key("ferry-officer")),
    )  # fmt: skip
    yield (
        "看过之后稿件又改了", "The submission changed after it was looked at",
        refused(server.say, "approval", number, "tide-head", at, change="0" * 64),
    )  # fmt: skip
    server.say("return", number, "tide-head", at, reason="标题不准确")
    yield (
        "退回后一字未改又报送", "Handed in again after a return, with nothing mended",
        refused(server.hand_in, {PATH: good}, at),
    )  # fmt: skip


def test_the_ten_refusals_of_the_page_are_what_is_said(server, capsys):
    parts = []
    for count, (zh, en, error) in enumerate(cases(server), 1):
        parts.append(f"### {count}. {zh} / {en}\n")
        for lang in ("zh", "en"):
            show(error, Catalogue(lang).say)
            said = re.sub(r"S-\d{4}-", "S-2026-", capsys.readouterr().err.rstrip())
            parts.append(f"```text\n{said}\n```\n")
    assert len(parts) == 30
    wanted = f"{BEGIN}\n" + "\n".join(parts) + END
    text = PAGE.read_text(encoding="utf-8")
    there = re.search(re.escape(BEGIN) + ".*" + re.escape(END), text, re.DOTALL)
    assert there is not None
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(text.replace(there[0], wanted), encoding="utf-8")
    else:
        assert there[0] == wanted


def test_every_refusal_says_what_to_do(server):
    assert [
        error
        for _, _, error in cases(server)
        if not error.hint.text or (not error.reasons and not error.findings)
    ] == []

"""A reviewer sees every waiver of a submission before anything else of it."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli

ITEM = "tide-2026-00001"
FILE = f"content/tide/2026/{ITEM}.md"


@pytest.fixture
def officer(server):
    worker = server.clone("tide-officer")
    worker.start()
    return worker


def test_waivers_come_first_with_rule_place_day_person_and_basis(server, officer):
    officer.news(
        summary="护岸缺口找王师傅13912345678登记。",
        personal_information=(
            '{present: true, basis: 当事人单独同意, waivers: [{rule: PRV105, place: summary, basis: 当事人书面同意, until: "2099-12-31",'
            " decided_by: leader}]}"
        ),
    )
    files = {FILE: (officer.folder / FILE).read_bytes()}
    number = server.hand_in(files, person="tide-officer", name="x", department="tide").number
    head = server.clone("tide-head")
    args = ["--root", str(head.folder), "--lang", "en", "review", "show", number, "--no-page"]
    out = CliRunner().invoke(cli, args, catch_exceptions=False).stdout
    first, second = out.splitlines()[:2]
    assert first.startswith(f"! {ITEM}: PRV105 is let pass at summary until 2099-12-31, decided by ")
    assert first.endswith("basis given: 当事人书面同意")
    assert "publishes personal information" in second
    assert "PRV105 a mobile number" not in out

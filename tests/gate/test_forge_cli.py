"""`gongkai gate` as a job runs it: exit codes, formats, both languages; and ten reasons as docs/forge.md shows them.

`UPDATE_DOCS=1 pytest tests/gate/test_forge_cli.py` writes that part of the page anew after a sentence has changed.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gongkai.cli.main import cli
from gongkai.gate.forge_bench import BRANCH, Records
from gongkai.gate.forge_record import record
from gongkai.gate.refusal import Refused
from gongkai.model.message import Message
from gongkai.store.catalogue import Catalogue

from .test_forge import ITEM, MAIN, Forge, forge

__all__ = ["forge"]
PAGE = Path(__file__).parents[2] / "docs" / "forge.md"
BEGIN, END = "<!-- reasons: begin -->", "<!-- reasons: end -->"
Change = Callable[[dict[str, Any]], None]


def call(*args: str, lang: str = "en") -> Result:
    return CliRunner().invoke(cli, ["--lang", lang, "gate", *args])


@pytest.fixture
def files(tmp_path: Path) -> Callable[..., list[str]]:
    """Write records as files; returns the options that name them."""

    def write(records: Records) -> list[str]:
        options = ["--forge", records.forge]
        for name, pages in (
            ("request", [records.request]),
            ("reviews", records.reviews),
            ("pushes", records.pushes),
            ("runs", records.runs),
        ):
            for number, page in enumerate(pages):
                path = tmp_path / f"{name}-{number}.json"
                path.write_text(json.dumps(page), encoding="utf-8")
                options += [f"--{name}", str(path)]
        return options

    return write


def test_a_yes_is_exit_0_and_a_no_is_exit_1_in_every_format(
    forge: Forge, files: Callable[..., list[str]]
) -> None:
    head = forge.request()
    good = files(forge.records("github", head))
    base = ["--repo", str(forge.folder), "--base", MAIN, "--head", head, "--now", forge.now.isoformat()]
    for form in ("text", "json", "github", "gitlab"):
        assert call(*base, *good, "--format", form).exit_code == 0
    bad = files(forge.records("github", head, lambda d: d["reviews"].pop(2)))
    for form in ("text", "json", "github", "gitlab"):
        assert call(*base, *bad, "--format", form).exit_code == 1
    assert call(*base, *bad, "--check-only").exit_code == 0
    assert call("--repo", str(forge.folder)).exit_code == 2
    assert call("--repo", str(forge.folder), "--base", MAIN, "--head", "nowhere").exit_code == 2
    assert call(*base, "--forge", "github", "--request", str(forge.folder / "HEAD")).exit_code == 2


def test_it_is_said_when_nobody_knows_who_pushed(forge: Forge, files: Callable[..., list[str]]) -> None:
    head = forge.request()
    base = ["--repo", str(forge.folder), "--base", MAIN, "--head", head]
    words = "who pushed the branch is not known"
    assert words not in call(*base, *files(forge.records("github", head))).stdout
    done = call(*base, *files(replace(forge.records("github", head), pushes=[])))
    assert done.exit_code == 0 and words in done.stdout


def test_the_json_says_who_fills_which_step_and_with_what_grade(
    forge: Forge, files: Callable[..., list[str]]
) -> None:
    head = forge.request()
    bad = files(forge.records("github", head, lambda d: d["reviews"].pop(2)))
    done = call("--repo", str(forge.folder), "--base", MAIN, "--head", head, *bad, "--format", "json")
    data = json.loads(done.stdout)
    assert (data["schema_version"], data["yes"], data["grade"], data["submission"]) == (
        1,
        False,
        "forge",
        "PR-12",
    )
    rows = {row["step"]: (row["person"], row["grade"], row["waits_for"]) for row in data["steps"]}
    assert rows["head"] == ("tide-head", "forge", [])
    assert rows["office"] == ("", "", ["office-reviewer", "office-reviewer-b"])


def test_annotations_name_file_and_line_and_obey_nothing_that_others_wrote(
    forge: Forge, files: Callable[..., list[str]], tmp_path: Path
) -> None:
    head = forge.request(occurred_on="11月31日", title="::error::假的")
    given = files(forge.records("github", head))
    summary = tmp_path / "summary.md"
    base = ["--repo", str(forge.folder), "--base", MAIN, "--head", head]
    done = call(*base, *given, "--format", "github", "--summary", str(summary), lang="zh")
    lines = done.stdout.splitlines()
    assert all(line.startswith(("::error file=", "::warning file=", "::notice::")) for line in lines)
    assert any(f"file={ITEM}" in line and "SCH107" in line for line in lines)
    assert summary.read_text("utf-8").startswith("~~~~~~text\n")
    rows = json.loads(call(*base, *given, "--format", "gitlab").stdout)
    assert len({row["fingerprint"] for row in rows}) == len(rows) > 1


def test_a_review_can_be_signed_with_the_command_and_counts(
    forge: Forge, files: Callable[..., list[str]], tmp_path: Path
) -> None:
    forge.begin()
    head = forge.request()
    base = ["--repo", str(forge.folder), "--base", MAIN, "--head", head]
    for person, step in (("tide-head", "head"), ("office-reviewer", "office")):
        args = [
            "--person",
            person,
            "--key",
            str(forge.keys / person),
            "--step",
            step,
            "-o",
            str(tmp_path / "in" / person),
        ]
        assert call("sign", *base, "--number", "12", *args).exit_code == 0
    given = files(Records("github", forge.sample("github", "request", head)))
    done = call(*base, *given, "--approvals", str(tmp_path / "in"))
    assert done.exit_code == 0 and "signed" in done.stdout
    wrong = ["--person", "tide-head", "--key", str(forge.keys / "tide-head"), "-o", str(tmp_path / "x")]
    assert call("sign", *base, "--number", "12", *wrong, "--step", "leader").exit_code == 2
    assert call("sign", *base, "--number", "12", *wrong, "--kind", "return").exit_code == 2


def test_start_pending_and_record_are_commands_of_the_job_after_the_merge(
    forge: Forge, files: Callable[..., list[str]]
) -> None:
    early = (forge.now - timedelta(days=1)).isoformat()
    where = ["--repo", str(forge.folder)]
    assert call("start", *where, "--forge", "github", "--now", early).exit_code == 0
    head = forge.request()
    given = files(forge.records("github", head))
    merged = forge.squash(head)
    assert call("pending", *where).stdout.split() == [merged]
    done = call("record", *where, "--merged", merged, *given, "--now", forge.now.isoformat())
    assert done.exit_code == 0 and done.stdout.strip() == forge.objects.ref(BRANCH)
    assert call("pending", *where).stdout == ""
    assert call("record", *where, "--merged", merged, *given).exit_code == 0
    foreign = forge.land(forge.commit({ITEM: forge.report(title="没有审过的一稿")}))
    refused = call("record", *where, "--merged", foreign, *given, lang="zh")
    assert refused.exit_code == 1 and forge.objects.ref(BRANCH) == done.stdout.strip()


# --- ten reasons -----------------------------------------------------------------------------------------------------


def cases(forge: Forge) -> Iterator[tuple[str, str, tuple[Message, ...]]]:
    """(what happened in Chinese, in English, the reasons), ten of them."""
    first, head = forge.request(), forge.request(title="潮汐观测科完成例行复测（更正）")

    def ruled(
        change: Change, at: str = head, name: str = "github", records: Records | None = None
    ) -> tuple[Message, ...]:
        return forge.rule(at, records or forge.records(name, at, change)).ruling.reasons

    def edit(number: int, **fields: Any) -> Change:
        return lambda data: data["reviews"][number].update(fields)

    yield (
        "批准之后又推送了新的提交",
        "A new commit was pushed after the approval",
        ruled(edit(2, commit_id=first)),
    )
    yield "批准后来被驳回", "An approval was dismissed later", ruled(edit(2, state="DISMISSED"))
    yield (
        "发起人批准自己的合并请求",
        "The author approves the own request",
        ruled(edit(2, user={"login": "chao-guan"})),
    )
    yield (
        "推送过这个分支的人来批准", "Somebody approves who pushed to the branch",
        ruled(lambda data: data["pushes"][1].update(ref="refs/heads/tide-levelling")),
    )  # fmt: skip
    yield "不认识的账号", "An account that nobody knows", ruled(edit(2, user={"login": "passer-by"}))
    yield (
        "别的科室的负责人来批准", "Another department's head approves",
        ruled(lambda data: [data["reviews"][n].update(user={"login": "ferry-head-gh"}) for n in (0, 1, 3)] and None),
    )  # fmt: skip
    yield "审核人要求修改", "A reviewer asks for changes", ruled(edit(3, state="CHANGES_REQUESTED"))
    yield (
        "GitLab：批准在最后一次推送之前", "GitLab: approved before the last push",
        ruled(lambda data: data["versions"][0].update(created_at=forge.time(25)), name="gitlab"),
    )  # fmt: skip
    evil = forge.commit(
        {"content/ferry/2026/ferry-2026-00009.md": forge.report("ferry-2026-00009"), ITEM: forge.report()}
    )
    yield "夹带别的科室的条目", "Another department's item was slipped in", ruled(lambda data: None, evil)
    forge.begin()
    records = forge.records("github", head)
    merged = forge.land(forge.commit({ITEM: forge.report()}, parents=(forge.main(), head)))
    with pytest.raises(Refused) as caught:
        record(forge.folder, merged, replace(records), forge.now, ledger=BRANCH)
    yield "没有压缩，用了普通合并", "A merge commit instead of a squash", caught.value.reasons


def shown(found: list[tuple[str, str, tuple[Message, ...]]]) -> str:
    lines: list[str] = []
    for number, (chinese, english, reasons) in enumerate(found, 1):
        lines += ["", f"{number}. {chinese} · {english}", ""]
        for lang in ("zh", "en"):
            said = (re.sub(r"\b[0-9a-f]{12}\b", "0123456789ab", Catalogue(lang).say(r)) for r in reasons)
            lines += [f"    - {words}" for words in said]
    return "\n".join((BEGIN, *lines, "", END))


def test_ten_reasons_of_the_page_are_what_is_really_said(forge: Forge) -> None:
    found = list(cases(forge))
    assert len(found) == 10 and all(reasons for _, _, reasons in found)
    page = PAGE.read_text(encoding="utf-8")
    if os.environ.get("UPDATE_DOCS"):
        PAGE.write_text(
            re.sub(f"{BEGIN}.*{END}", lambda _: shown(found), page, flags=re.DOTALL), encoding="utf-8"
        )
        page = PAGE.read_text(encoding="utf-8")
    assert shown(found) in page


def test_every_reason_is_said_in_both_languages(forge: Forge) -> None:
    for _, _, reasons in cases(forge):
        for reason in reasons:
            chinese, english = Catalogue("zh").say(reason), Catalogue("en").say(reason)
            assert re.search("[一-鿿]", chinese) and not re.search("[一-鿿]", english)

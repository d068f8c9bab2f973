"""The officer's day: set up, hand in with a receipt, mend, take back, take down; and whatever can go wrong on the way."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from gongkai.cli.main import COMMANDS, cli
from gongkai.store import clock

ID = "tide-2026-00001"
PATH = f"content/tide/2026/{ID}.md"
NEXT = "content/tide/2026/tide-2026-00002.md"
OLD = "content/tide/2025/tide-2025-00001.md"
YEAR = clock.now().astimezone(ZoneInfo("Asia/Shanghai")).year
FIRST, SECOND = f"S-{YEAR}-00001", f"S-{YEAR}-00002"


def run(worker, *args, lang="en"):
    root = worker if isinstance(worker, Path) else worker.folder
    return CliRunner().invoke(cli, ["--root", str(root), "--lang", lang, *args])


def ok(worker, *args, **more):
    result = run(worker, *args, **more)
    assert result.exit_code == 0, result.output
    return result


def look(worker):
    """Everything of the officer's that `submit` must leave alone."""
    files = {
        p.relative_to(worker.folder).as_posix(): p.read_bytes()
        for p in worker.folder.rglob("*")
        if p.is_file() and ".git" not in p.relative_to(worker.folder).parts
    }
    index = (worker.folder / ".git/index").read_bytes()
    return files, index, worker.git("rev-parse", "HEAD"), worker.git("symbolic-ref", "-q", "HEAD")


def state(server):
    return server.gate.refresh()


def handed_in(server, officer, *paths, name="x"):
    """What lies in the officer's folder is with the server; without the push, which other tests do."""
    return server.hand_in({p: officer.read(p) for p in paths or (PATH,)}, name=name).number


def rows(worker, *args):
    return json.loads(ok(worker, "status", "--format", "json", *args).stdout)["submissions"]


# Handing in


def test_a_new_item_is_handed_in_and_the_receipt_is_that_of_the_ledger(server, officer):
    officer.news()
    result = ok(officer, "submit")
    submission = state(server).submissions[FIRST]
    received = submission.last.received.astimezone(server.gate.policy(clock.now()).zone)
    assert result.stdout == f"{FIRST}\n"
    assert (
        f"RECEIPT {FIRST}, version 1, received {received.isoformat(sep=' ', timespec='minutes')}"
        in result.stderr
    )
    assert f"{ID}: due" in result.stderr and "on time" in result.stderr
    assert (submission.last.person, submission.branch) == ("tide-officer", f"refs/heads/review/tide/{ID}")
    assert [p.path for p in submission.last.change.paths] == [PATH]


def test_submitting_leaves_branch_index_and_files_as_they_were(server, officer):
    officer.news()
    officer.write("草稿.docx", b"PK not ours")
    officer.write(OLD, officer.read(OLD).replace("例行", "例次"))
    officer.git("add", OLD)
    before = look(officer)
    ok(officer, "submit", "--message", "第一批")
    assert look(officer) == before
    submission = state(server).submissions[FIRST]
    assert [p.path for p in submission.last.change.paths] == [OLD, PATH]
    assert (
        server.gate.objects.repository.run("log", "-1", "--format=%s", submission.last.tip).decode()
        == "第一批\n"
    )


def test_an_item_goes_with_its_attachments_and_nothing_else_that_lies_about(server, officer):
    officer.news(attachments="[{file: table.csv, title: 复测结果}]")
    officer.write(f"content/tide/2026/{ID}/table.csv", "站,值\n1,2\n")
    officer.write(f"content/tide/2026/{ID}/.DS_Store", b"\0")
    officer.write("content/tide/2026/备忘.txt", "x")
    officer.write("notes.txt", "x")
    result = ok(officer, "submit", f"content/tide/2026/{ID}/table.csv")
    assert [p.path for p in state(server).submissions[FIRST].last.change.paths] == [
        PATH,
        f"content/tide/2026/{ID}/table.csv",
    ]
    assert "备忘" not in result.stderr


def test_a_late_item_is_taken_in_and_the_receipt_says_how_late(server, officer):
    officer.news(occurred_on='"2026-01-05"', late_reason="等待上级审定")
    result = ok(officer, "submit")
    assert "days late" in result.stderr and "was due 2026-01-06" in result.stderr
    receipt = json.loads(ok(officer, "submit", "--format", "json").stdout)["receipts"][0]
    assert receipt["items"][0]["days_late"] > 0 and receipt["sent"] is False


def test_an_error_in_an_item_is_refused_before_anything_is_sent(server, officer):
    officer.news(occurred_on='"2026-02-30"')
    before = server.refs()
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert f"{PATH}:8:14: SCH107" in result.stderr and "→" in result.stderr
    assert server.refs() == before and state(server).submissions == {}


def test_with_nothing_changed_there_is_nothing_to_submit(server, officer):
    result = run(officer, "submit")
    assert result.exit_code == 2
    assert "nothing to submit" in result.stderr and "gongkai new" in result.stderr


def test_what_lies_with_the_server_already_gets_its_receipt_again(server, officer):
    officer.news()
    ok(officer, "submit")
    events = server.events()
    result = ok(officer, "submit")
    assert result.stdout == f"{FIRST}\n" and "lies with the server already" in result.stderr
    assert server.events() == events


def test_items_of_several_departments_are_several_submissions(server, officer):
    officer.news()
    officer.news("ferry-2026-00001")
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert "2 departments (ferry, tide)" in result.stderr and "gongkai submit PATH" in result.stderr
    result = run(officer, "submit", "ferry-2026-00001")
    assert result.exit_code == 1 and "tide-officer is no officer of ferry" in result.stderr


def test_a_deleted_item_is_refused_with_the_way_to_take_it_down(server, officer):
    (officer.folder / OLD).unlink()
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert "cannot be deleted; to take it down use `gongkai withdraw`" in result.stderr


def test_a_link_instead_of_a_file_is_refused(server, officer):
    officer.news()
    (officer.folder / f"content/tide/2026/{ID}").mkdir()
    (officer.folder / f"content/tide/2026/{ID}/secret.txt").symlink_to("/etc/passwd")
    result = run(officer, "submit")
    assert result.exit_code == 1 and "is not a plain file (mode 120000)" in result.stderr


def test_an_unreachable_server_changes_nothing_and_says_so(server, officer):
    officer.news()
    server.folder.rename(server.folder.with_name("away.git"))
    before = look(officer)
    result = run(officer, "submit")
    assert result.exit_code == 3
    assert "the server cannot be reached" in result.stderr and "RECEIPT" not in result.output
    assert look(officer) == before


def test_without_an_event_in_the_ledger_there_is_no_receipt(server, officer):
    """A server that takes every branch and records nothing: an ordinary repository with the ledger copied into it."""
    officer.news()
    for name in ("pre-receive", "proc-receive", "reference-transaction"):
        (server.folder / "hooks" / name).unlink()
    for name in ("receive.procReceiveRefs",):
        server.gate.objects.git("config", "--unset-all", name)
    result = run(officer, "submit")
    assert result.exit_code == 3
    assert "NOT SUBMITTED" in result.stderr and "RECEIPT" not in result.output


def test_a_rewritten_ledger_is_found_out_by_the_clone_that_saw_it_before(server, officer):
    officer.news()
    handed_in(server, officer)
    officer.clone()
    (server.folder / "hooks/reference-transaction").unlink()
    server.gate.objects.git("update-ref", "refs/gongkai/ledger", server.gate.state.genesis)
    result = run(officer, "status")
    assert result.exit_code == 1 and "no continuation" in result.stderr


def test_somebody_who_is_not_set_up_is_told_how(server, officer):
    officer.git("config", "--unset", "gongkai.person")
    officer.news()
    result = run(officer, "submit")
    assert result.exit_code == 2 and "gongkai setup" in result.stderr


def test_a_key_that_the_server_does_not_know_is_refused_at_once(server, officer, tmp_path):
    text = server.people().replace(
        server.key("tide-officer").with_suffix(".pub").read_text().strip(), "ssh-ed25519 " + "A" * 68
    )
    server.change_policy({"site_config/people.yml": text})
    officer.news()
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert "the server does not know your key" in result.stderr and "gongkai setup ." in result.stderr


def test_the_server_speaks_for_itself_when_it_refuses(server, officer):
    """What only the server can know at that moment comes back as its own words."""
    officer.news()
    hook = server.folder / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\necho '  - 正在维护' >&2\necho '  → 明天再报' >&2\nexit 1\n")
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert "  - 正在维护\n" in result.stderr and "  → 明天再报\n" in result.stderr


def test_settings_are_handed_in_by_an_administrator_and_never_with_content(server):
    admin = server.clone("admin-a")
    admin.write("site_config/wording.yml", admin.read("site_config/wording.yml") + "# 备注\n")
    assert ok(admin, "submit").stdout == f"{FIRST}\n"
    assert state(server).submissions[FIRST].policy
    admin.news("office-2026-00001")
    admin.write("site_config/wording.yml", admin.read("site_config/wording.yml") + "# 又备注\n")
    result = run(admin, "submit")
    assert result.exit_code == 1 and "cannot be changed together" in result.stderr


# Two people, one number


def test_two_clones_that_drew_the_same_number_get_two_and_references_follow(server, officer):
    officer.news(title="另一篇动态")
    server.hand_in({PATH: officer.read(PATH)}, person="tide-deputy")
    officer.news(attachments="[{file: a.csv, title: 表}]")
    officer.write(f"content/tide/2026/{ID}/a.csv", "1\n")
    officer.news("tide-2026-00002", replaces=ID)
    officer.write(NEXT, officer.read(NEXT) + f"\n参见[前一篇](doc:{ID})。\n")
    result = ok(officer, "submit")
    assert f"{ID} belongs to somebody else's item: yours is now tide-2026-00003" in result.stderr
    moved = "content/tide/2026/tide-2026-00003"
    assert not (officer.folder / PATH).exists() and not (officer.folder / f"content/tide/2026/{ID}").exists()
    assert "id: tide-2026-00003\n" in officer.read(f"{moved}.md") and officer.read(f"{moved}/a.csv") == "1\n"
    assert "replaces: tide-2026-00003\n" in officer.read(NEXT) and "(doc:tide-2026-00003)" in officer.read(
        NEXT
    )
    items = state(server).submissions[SECOND].last.change.items
    assert set(items) == {"tide-2026-00002", "tide-2026-00003"}
    assert state(server).submissions[FIRST].last.person == "tide-deputy"


def test_a_number_that_main_has_meanwhile_is_drawn_anew_and_nothing_is_overwritten(server, officer):
    officer.news()
    server.accept(server.hand_in({PATH: officer.read(PATH)}, person="tide-deputy").number)
    officer.news(title="我的一篇")
    result = ok(officer, "submit", ID)
    assert "yours is now tide-2026-00002" in result.stderr
    assert "我的一篇" in officer.read(NEXT) and "我的一篇" not in server.read(PATH)


def test_another_department_and_another_year_do_not_bear_on_the_number(server, officer):
    officer.news("ferry-2026-00001")
    text = {"content/ferry/2026/ferry-2026-00001.md": officer.read("content/ferry/2026/ferry-2026-00001.md")}
    server.hand_in(text, person="ferry-officer", department="ferry")
    officer.git("clean", "-fdq")
    officer.news()
    assert "yours is now" not in ok(officer, "submit").stderr


# Mending


def test_after_a_return_the_same_number_and_the_first_receipt_go_on(server, officer):
    officer.news()
    ok(officer, "submit")
    server.say("return", FIRST, "tide-head", reason="标题写得不准确")
    result = ok(officer, "submit")
    assert "was returned and is not changed yet" in result.stderr
    row = rows(officer)[0]
    assert row["state"] == "returned" and list(row["returned"]["reasons"].values()) == ["标题写得不准确"]
    officer.news(title="潮汐观测科完成六站复测")
    result = ok(officer, "submit")
    submission = state(server).submissions[FIRST]
    assert (
        result.stdout == f"{FIRST}\n" and "version 2" in result.stderr and "first received" in result.stderr
    )
    assert (submission.state, len(submission.versions)) == ("waiting", 2)
    assert submission.branch == f"refs/heads/review/tide/{ID}"
    assert len(state(server).submissions) == 1


def test_a_changed_item_of_several_takes_the_others_along(server, officer):
    officer.news()
    officer.news("tide-2026-00002")
    handed_in(server, officer, PATH, NEXT)
    server.say("return", FIRST, "tide-head", reason="第一篇不行")
    officer.news("tide-2026-00002", summary="六座验潮站全部合格。")
    result = run(officer, "submit")
    assert result.exit_code == 1 and f"{ID} was returned with exactly this content" in result.stderr
    officer.news(summary="六座验潮站全部合格。")
    ok(officer, "submit", PATH)
    last = state(server).submissions[FIRST].last
    assert (last.number, set(last.change.items)) == (2, {ID, "tide-2026-00002"})


def test_a_new_item_beside_a_mended_one_is_a_submission_of_its_own(server, officer):
    officer.news()
    handed_in(server, officer)
    officer.news(summary="六座验潮站全部合格。")
    officer.news("tide-2026-00002")
    assert ok(officer, "submit").stdout == f"{FIRST}\n{SECOND}\n"


def test_a_new_version_of_an_approved_submission_is_announced_as_such(server, officer):
    officer.news()
    handed_in(server, officer)
    server.say("approval", FIRST, "tide-head")
    officer.news(summary="六座验潮站全部合格。")
    assert "approvals given so far no longer count" in ok(officer, "submit").stderr


def test_the_deputy_goes_on_with_the_officers_submission_only_when_it_is_the_same_item(server, officer):
    officer.news()
    handed_in(server, officer)
    server.say("return", FIRST, "tide-head", reason="缺少依据")
    deputy = server.clone("tide-deputy")
    deputy.news(summary="六座验潮站水准点复测合格，并写明了依据。")
    assert ok(deputy, "submit").stdout == f"{FIRST}\n"
    assert state(server).submissions[FIRST].last.person == "tide-deputy"


def test_a_submission_can_be_named_when_the_title_changed_too(server, officer):
    officer.news()
    handed_in(server, officer)
    deputy = server.clone("tide-deputy")
    deputy.news(title="完全另写的标题")
    assert ok(deputy, "submit", "--submission", FIRST.lower()).stdout == f"{FIRST}\n"
    result = run(deputy, "submit", "--submission", "S-2026-99999")
    assert result.exit_code == 2 and "there is no submission S-2026-99999" in result.stderr


def test_a_name_that_an_open_submission_has_is_refused_and_a_bad_one_too(server, officer):
    officer.news()
    handed_in(server, officer, name="weekly")
    officer.news("tide-2026-00002")
    result = run(officer, "submit", NEXT, "--name", "weekly")
    assert result.exit_code == 1 and f"belongs to the open submission {FIRST}" in result.stderr
    assert run(officer, "submit", NEXT, "--name", "../main").exit_code == 2


def test_an_accepted_item_is_changed_again_from_the_same_folder(server, officer):
    officer.news()
    ok(officer, "submit")
    server.accept(FIRST)
    assert run(officer, "submit").exit_code == 2
    officer.news(title="更正后的标题", update_type="minor")
    assert ok(officer, "submit").stdout == f"{SECOND}\n"
    server.accept(SECOND)
    assert "更正后的标题" in server.read(PATH)


def test_a_change_on_top_of_an_old_text_is_refused_until_both_are_brought_together(server, officer):
    changed = officer.read(OLD).replace("source: 业务科室", "source: 观测科")
    server.accept(server.hand_in({OLD: changed}).number)
    officer.write(OLD, officer.read(OLD).replace("成果用于", "成果将用于"))
    result = run(officer, "submit")
    assert result.exit_code == 1
    assert f"{OLD} was changed on main in the meantime" in result.stderr and "gongkai update" in result.stderr
    result = ok(officer, "update")
    assert "both changes are now in" in result.stderr
    text = officer.read(OLD)
    assert "观测科" in text and "成果将用于" in text
    number = ok(officer, "submit").stdout.strip()
    server.accept(number)
    assert server.read(OLD) == text


def test_update_keeps_aside_what_cannot_be_merged_and_never_overwrites_silently(server, officer):
    title = "title: 潮汐观测科完成例行复测"
    server.accept(server.hand_in({OLD: officer.read(OLD).replace(title, "title: 别人改的")}).number)
    officer.write(OLD, officer.read(OLD).replace(title, "title: 我改的"))
    officer.news(title="草稿")
    result = ok(officer, "update")
    assert "title: 别人改的" in officer.read(OLD) and "put your change in again from" in result.stderr
    kept = list((officer.folder / ".portal/kept").rglob("*.md"))
    assert len(kept) == 1 and "我改的" in kept[0].read_text(encoding="utf-8")
    assert f"yours, as it was: {PATH}" in result.stderr
    assert officer.git("rev-parse", "HEAD") == state(server).main
    assert officer.git("status", "--porcelain", "content") == "?? content/tide/2026/"


def test_update_follows_main_and_keeps_own_commits_on_a_branch(server, officer):
    officer.news(title="提交在本地的")
    own = officer.commit()
    server.accept(handed_in(server, officer))
    server.accept(server.hand_in({NEXT: officer.read(PATH).replace(ID, "tide-2026-00002")}).number)
    result = ok(officer, "update")
    assert "kept on the branch kept/" in result.stderr
    assert officer.git("branch", "--list", "kept/*", "--format=%(objectname)") == own
    assert officer.git("status", "--porcelain") == "" and (officer.folder / NEXT).is_file()


# Status, cancelling


def test_status_names_who_must_act_next_since_when_and_where_it_will_be_seen(server, officer):
    officer.news()
    handed_in(server, officer)
    row = rows(officer)[0]
    assert [(w["step"], w["people"]) for w in row["waiting"]] == [
        ("head", ["tide-head"]),
        ("office", ["office-reviewer", "office-reviewer-b"]),
    ]
    assert row["since"] == row["received"] == row["first_received"]
    server.say("approval", FIRST, "tide-head")
    text = ok(officer, "status", lang="zh").stdout
    assert FIRST in text and "潮汐观测科完成例行复测" in text and "办公室审核员" in text
    server.say("approval", FIRST, "office-reviewer")
    row = rows(officer)[0]
    assert row["state"] == "accepted" and row["items"][0]["published"] is None and row["items"][0]["accepted"]
    assert row["items"][0]["address"] == "https://www.tide.yundu.example/tide/2026/00001.html"


def test_status_of_a_department_without_submissions_is_empty_and_clean(server):
    ferry = server.clone("ferry-officer")
    result = ok(ferry, "status")
    assert result.stdout == "" and "ferry" in result.stderr
    assert rows(ferry) == []


def test_what_reviewers_wrote_cannot_command_the_terminal(server, officer):
    officer.news()
    handed_in(server, officer)
    server.say("return", FIRST, "tide-head", reason="改\x1b]0;owned\x07标题\u202e")
    text = ok(officer, "status").stdout
    assert "\x1b" not in text and "\u202e" not in text and "<U+001B>" in text


def test_a_submission_is_taken_back_by_its_officer_and_its_number_is_free(server, officer):
    officer.news()
    handed_in(server, officer)
    before = look(officer)
    assert ok(officer, "cancel", FIRST).stdout == f"{FIRST}\n"
    assert look(officer) == before
    assert state(server).submissions[FIRST].state == "cancelled"
    assert rows(officer)[0]["state"] == "cancelled"
    result = run(officer, "cancel", FIRST)
    assert result.exit_code == 1 and "no longer waiting" in result.stderr
    assert ok(officer, "submit").stdout == f"{SECOND}\n"


def test_another_departments_officer_cannot_take_it_back(server, officer):
    officer.news()
    handed_in(server, officer)
    result = run(server.clone("ferry-officer"), "cancel", FIRST)
    assert result.exit_code == 1 and "only its officers can cancel" in result.stderr


# Taking down, replacing


def test_withdrawing_writes_the_reason_and_is_submitted_like_any_change(server, officer):
    args = ("withdraw", "tide-2025-00001", "--reason", "内容有误", "--explanation", "以更正后的公告为准。")
    result = ok(officer, *args)
    number = result.stdout.strip()
    assert "withdrawal:\n  reason: 内容有误\n  explanation: 以更正后的公告为准。\n" in officer.read(OLD)
    assert [p.path for p in state(server).submissions[number].last.change.paths] == [OLD]
    server.accept(number)
    assert "内容有误" in server.read(OLD)


def test_withdrawing_from_an_old_folder_begins_from_what_is_published(server, officer):
    newer = officer.read(OLD).replace("title: 潮汐观测科完成例行复测", "title: 更正后的标题")
    server.accept(server.hand_in({OLD: newer}).number)
    ok(officer, "withdraw", "tide-2025-00001", "--reason", "内容有误", "--explanation", "另行公告。")
    assert "更正后的标题" in officer.read(OLD) and "内容有误" in officer.read(OLD)


def test_with_no_submit_only_the_file_is_written(server, officer):
    args = (
        "withdraw",
        "tide-2025-00001",
        "--reason",
        "内容有误",
        "--explanation",
        "另行公告。",
        "--no-submit",
    )
    assert ok(officer, *args).stdout == f"{OLD}\n"
    assert state(server).submissions == {} and "内容有误" in officer.read(OLD)


def test_only_what_is_published_can_be_withdrawn(server, officer):
    officer.news()
    result = run(officer, "withdraw", ID, "--reason", "x", "--explanation", "y")
    assert result.exit_code == 2 and "is not published" in result.stderr and "gongkai cancel" in result.stderr


def test_replacing_links_both_ways_in_one_submission(server, officer):
    officer.news(title="新版")
    number = ok(officer, "replace", "tide-2025-00001", "--with", ID).stdout.strip()
    assert "replaces: tide-2025-00001\n" in officer.read(PATH)
    assert f"replaced_by: {ID}\n" in officer.read(OLD) and "新版" in officer.read(OLD)
    assert set(state(server).submissions[number].last.change.items) == {ID, "tide-2025-00001"}


def test_replacing_with_an_item_that_already_waits_makes_a_new_version_of_that_submission(server, officer):
    officer.news(title="新版")
    handed_in(server, officer)
    assert ok(officer, "replace", "tide-2025-00001", "--with", ID).stdout == f"{FIRST}\n"
    last = state(server).submissions[FIRST].last
    assert (last.number, set(last.change.items)) == (2, {ID, "tide-2025-00001"})


def test_another_departments_item_is_named_but_left_to_that_department(server, officer):
    officer.news(title="新版")
    result = ok(officer, "replace", "ferry-2025-00001", "--with", ID)
    assert "ferry-2025-00001 is another department's" in result.stderr
    assert [p.path for p in state(server).submissions[FIRST].last.change.paths] == [PATH]


# Setting up


@pytest.fixture
def keys(monkeypatch, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    monkeypatch.setenv("GONGKAI_KEY_DIR", str(folder))
    return folder


def test_setup_clones_makes_a_key_and_says_what_the_administrator_must_do(server, keys, tmp_path):
    folder = tmp_path / "mine"
    result = ok(tmp_path, "setup", str(server.folder), str(folder), "--person", "tide-officer")
    public = (keys / "gongkai_ed25519.pub").read_text().strip()
    assert result.stdout == public + "\n"
    known = server.key("tide-officer").with_suffix(".pub").read_text().strip()
    assert (
        f'    ssh_keys: ["{known}", "{public}"]' in result.stderr and "- code: tide-officer" in result.stderr
    )
    said = subprocess.run(
        ["git", "config", "-l"], cwd=folder, capture_output=True, text=True, check=True
    ).stdout
    assert "gongkai.person=tide-officer" in said and f"gongkai.key={keys / 'gongkai_ed25519'}" in said
    assert "user.email=tide.officer@tide.yundu.example" in said and "core.autocrlf=false" in said
    assert (keys / "gongkai_ed25519").stat().st_mode & 0o077 == 0


def test_setup_with_a_key_that_the_server_knows_is_ready_at_once(server, keys, tmp_path):
    folder = tmp_path / "mine"
    args = (
        "setup",
        str(server.folder),
        str(folder),
        "--person",
        "tide-officer",
        "--key",
        str(server.key("tide-officer")),
    )
    result = ok(tmp_path, *args)
    assert "the server knows your key" in result.stderr
    assert list(keys.iterdir()) == []
    assert ok(folder, "status").exit_code == 0


def test_setup_again_in_the_clone_changes_nothing(server, keys, tmp_path):
    folder = tmp_path / "mine"
    first = ok(tmp_path, "setup", str(server.folder), str(folder), "--person", "tide-officer").stdout
    assert ok(folder, "setup", ".").stdout == first
    assert ok(tmp_path, "setup", str(server.folder), str(folder)).stdout == first


def test_two_people_on_one_account_get_two_keys(server, keys, tmp_path):
    one = ok(tmp_path, "setup", str(server.folder), str(tmp_path / "a"), "--person", "tide-officer").stdout
    other = ok(tmp_path, "setup", str(server.folder), str(tmp_path / "b"), "--person", "tide-head").stdout
    assert one.split()[1] != other.split()[1]


def test_setup_without_a_terminal_asks_nobody_and_lists_the_people(server, keys, tmp_path):
    result = run(tmp_path, "setup", str(server.folder), str(tmp_path / "mine"))
    assert result.exit_code == 2 and "--person" in result.stderr and "tide-officer" in result.stderr
    result = run(tmp_path, "setup", str(server.folder), str(tmp_path / "mine"), "--person", "nobody")
    assert result.exit_code == 2 and "there is no person nobody" in result.stderr


def test_setup_of_something_that_is_no_server_says_so(keys, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "plain.git")], check=True)
    result = run(
        tmp_path, "setup", str(tmp_path / "plain.git"), str(tmp_path / "mine"), "--person", "tide-officer"
    )
    assert result.exit_code in (2, 3) and result.stderr
    assert run(tmp_path, "setup", str(tmp_path / "nowhere.git"), str(tmp_path / "there")).exit_code == 3


def test_setup_into_a_folder_with_something_in_it_writes_nothing(server, keys, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").write_text("x")
    result = run(tmp_path, "setup", str(server.folder), str(tmp_path / "full"), "--person", "tide-officer")
    assert result.exit_code == 2 and [p.name for p in (tmp_path / "full").iterdir()] == ["x"]


# Handing over


@pytest.fixture
def admin(server, monkeypatch):
    monkeypatch.setitem(COMMANDS, "people", ("people", "people", ""))
    return server.clone("admin-a")


def test_a_handover_passes_open_work_and_duties_on_and_leaves_a_record(server, officer, admin):
    officer.news()
    handed_in(server, officer)
    before = admin.read("site_config/people.yml").splitlines()
    result = ok(admin, "people", "handover", "tide-officer", "tide-deputy", "--reason", "岗位调整")
    assert f"{FIRST} passes to tide-deputy" in result.stderr
    today = server.today()
    added = [ln for ln in admin.read("site_config/people.yml").splitlines() if ln not in before]
    assert added == [
        f"    until: '{today}'", "    successor: tide-deputy", "    x_handover:", "      to: tide-deputy",
        f"      last_day: '{today}'", "      reason: 岗位调整", "      submissions:", f"        - {FIRST}",
    ]  # fmt: skip
    number = result.stdout.strip()
    assert state(server).submissions[number].policy
    server.say("approval", number, "admin-b", step="administrator")
    assert server.say("approval", number, "auditor", step="second").accepted
    assert server.gate.policy(clock.now()).people["tide-officer"].end.isoformat() == today


def test_a_handover_gives_the_successor_the_missing_role_and_the_deputies(server, admin):
    ok(admin, "people", "handover", "office-reviewer-b", "office-head", "--no-submit")
    text = admin.read("site_config/people.yml")
    assert "    deputy: office-head\n" in text.split("- code: office-reviewer\n")[1].split("- code:")[0]
    assert (
        "roles:\n      - head\n      - office\n" in text.split("- code: office-head\n")[1].split("- code:")[0]
    )


def test_a_handover_that_cannot_be_is_refused_with_every_reason(server, admin):
    before = admin.read("site_config/people.yml")
    result = run(admin, "people", "handover", "tide-officer", "ferry-officer")
    assert result.exit_code == 1 and "ferry-officer is of ferry, not of tide" in result.stderr
    result = run(admin, "people", "handover", "admin-b", "admin-a")
    assert result.exit_code == 1 and "fewer than two administrators would remain" in result.stderr
    assert run(admin, "people", "handover", "tide-officer", "nobody").exit_code == 2
    assert admin.read("site_config/people.yml") == before


def test_a_handover_is_an_administrators_act(server, officer, monkeypatch):
    monkeypatch.setitem(COMMANDS, "people", ("people", "people", ""))
    result = run(officer, "people", "handover", "tide-officer", "tide-deputy")
    assert result.exit_code == 1 and "is no administrator" in result.stderr

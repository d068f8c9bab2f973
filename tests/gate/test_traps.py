"""Every trap that plain git sets (docs/gate-traps.md), sprung on real bare repositories with real pushes.

Each test sets the trap as an attacker or a careless colleague would, where it is not obvious shows that git alone
would walk into it, and then that the gate does not.
"""

from __future__ import annotations

import os
import subprocess
import unicodedata

import pytest

from gongkai.evidence.ledger import LEDGER, MAIN, append, read
from gongkai.gate import names
from gongkai.gate.audit import audit
from gongkai.gate.change import change_between
from gongkai.gate.doctor import look
from gongkai.gate.refusal import Refused
from gongkai.gate.repository import open_gate
from gongkai.gate.server import CONFIG, configure
from gongkai.gate.settle import settle
from gongkai.model.errors import GongkaiError
from gongkai.report.escape import visible
from gongkai.store import clock
from gongkai.store.environment import clean_environment

VOUCHED = {"GONGKAI_USER": "tide-officer"}
REVIEW = "HEAD:refs/heads/review/tide/x"
ITEM = "tide-2026-00001"
FILE = f"content/tide/2026/{ITEM}.md"


@pytest.fixture
def in_server(server):
    """Run git inside the bare repository, as its administrator could; returns (exit code, all it said)."""

    def call(*args, **env):
        done = subprocess.run(
            ["git", *args], cwd=server.folder, env={**os.environ, **env}, capture_output=True, check=False
        )
        return done.returncode, (done.stdout + done.stderr).decode()

    return call


# What a push may be called


@pytest.mark.parametrize(
    "ref",
    [
        "refs/heads/main", "refs/heads/Main", "refs/heads/feature", "refs/heads/review/x", "refs/heads/review/tide/x/y",
        "refs/heads/review/tide/X", "refs/heads/review/Tide/x", "refs/tags/main", "refs/heads/refs/heads/main",
        "refs/notes/commits", "refs/gongkai/other", "refs/gongkai/Ledger", "refs/replace/" + "1" * 40,
        "refs/gongkai/inbox/tide-head/short",
    ],
)  # fmt: skip
def test_only_review_branches_and_the_inbox_can_be_pushed(server, officer, ref):
    officer.news()
    officer.commit()
    before = server.refs()
    answer = officer.push(f"HEAD:{ref}", env=VOUCHED)
    assert answer.code == 1 and "refused: nothing was taken in" in answer.said
    assert server.refs() == before


def test_main_can_be_neither_forced_back_nor_deleted_and_made_again(server, officer, report):
    server.accept(server.hand_in(report(server)).number)
    before = server.refs()
    first = officer.git("rev-parse", "HEAD")
    assert "nobody pushes main" in officer.push("--force", f"{first}:refs/heads/main").said
    assert officer.push(":refs/heads/main").code == 1
    assert officer.push(f"{first}:refs/heads/main").code == 1
    assert server.refs() == before


def test_a_review_branch_cannot_be_deleted_by_a_push(server, officer, report):
    server.hand_in(report(server))
    answer = officer.push(":refs/heads/review/tide/x", env=VOUCHED)
    assert answer.code == 1
    assert "refs/heads/review/tide/x" in server.refs()


def test_of_a_push_that_mixes_a_good_and_a_protected_ref_nothing_lands(server, officer):
    officer.news()
    officer.commit()
    before = server.refs()
    answer = officer.push(REVIEW, "HEAD:refs/heads/main", env=VOUCHED)
    assert "push one branch at a time; this push names 2" in answer.said
    assert server.refs() == before and server.events() == ["genesis"]


@pytest.mark.parametrize("name", ["x.lock", "a..b", "a.", "-a", "a/b", "a b", "é"])
def test_a_name_that_git_could_not_store_is_no_review_branch(name):
    assert not names.REVIEW.match(f"refs/heads/review/tide/{name}")


def test_a_pushed_tag_object_is_no_submission(server, officer, report, why):
    tip = server.commit_of(report(server))
    raw = f"object {tip}\ntype commit\ntag x\ntagger a <a@b> 1 +0000\n\nx\n".encode()
    tag = server.gate.objects.git("hash-object", "-t", "tag", "-w", "--stdin", stdin=raw).decode().strip()
    officer.git("fetch", "-q", str(server.folder), tip)
    from gongkai.gate.receive import Push, receive

    reasons = why(receive, server.gate, Push("refs/heads/review/tide/x", tag, "tide-officer"), clock.now())
    assert reasons == ("what was pushed is not a commit",)


# Merges, history, renames


def test_what_an_evil_merge_adds_is_seen_and_judged_like_everything_else(server, officer):
    officer.news()
    tip = officer.commit()
    officer.git("checkout", "-q", "-b", "side", "origin/main")
    side = officer.commit("nothing")
    smuggled = "content/ferry/2026/ferry-2026-00001.md"
    made = officer.commit_entries(
        ("100644", officer.git("rev-parse", f"{tip}:{FILE}"), FILE),
        ("100644", officer.blob("---\nid: ferry-2026-00001\n---\n"), smuggled),
        parents=(tip, side),
    )
    assert smuggled not in officer.git("log", "--stat", f"origin/main..{made}")
    officer.git("checkout", "-q", made)
    answer = officer.push(REVIEW, env=VOUCHED)
    assert f"{smuggled} belongs to another department than tide" in answer.said
    assert server.events() == ["genesis"]


def test_an_evil_merge_within_one_department_shows_its_item_to_the_reviewers(server, officer):
    officer.news()
    tip = officer.commit()
    officer.news("tide-2026-00002")
    officer.git("checkout", "-q", "--detach", "origin/main")
    side = officer.commit("side")
    officer.git("checkout", "-q", tip)
    officer.git("merge", "-q", "--no-commit", "--no-ff", side)
    officer.commit("merge")
    assert officer.push(REVIEW, env=VOUCHED).code == 0
    submission = server.gate.refresh().submissions["S-2026-00001".replace("2026", server.today()[:4])]
    assert submission.last.change.items == (ITEM, "tide-2026-00002")


def test_no_commit_and_no_blob_that_nobody_reviewed_becomes_reachable_from_main(server, officer):
    officer.news(summary="内部电话和草稿，不得公开，写错了的一段。")
    secret = officer.commit("oops")
    blob = officer.git("rev-parse", f"HEAD:{FILE}")
    officer.news()
    officer.commit("mended")
    number = officer.submit()
    main = server.accept(number)
    reachable = server.gate.objects.git("rev-list", "--objects", MAIN).decode()
    assert secret not in reachable and blob not in reachable
    assert server.gate.objects.git("rev-list", "--count", MAIN).strip() == b"2"
    assert server.gate.objects.chain(main)[0] == server.gate.objects.chain(MAIN)[0]


def test_moving_an_item_to_another_department_is_refused_at_both_ends(server, officer):
    old, new = "content/tide/2025/tide-2025-00001.md", "content/ferry/2025/ferry-2025-00009.md"
    (officer.folder / "content/ferry/2025").mkdir(parents=True, exist_ok=True)
    officer.git("mv", old, new)
    officer.commit("moved")
    assert officer.git("diff", "--name-only", "-M", "origin/main", "HEAD").split() == [new]
    answer = officer.push(REVIEW, env=VOUCHED)
    assert f"{new} belongs to another department than tide" in answer.said
    assert f"{old} cannot be deleted" in answer.said


def test_acceptance_follows_no_directory_rename(server, report):
    """Git's merge would move a new file after a renamed folder; the overlay puts it where the approval says."""
    waiting = server.hand_in(report(server, "tide-2026-00002"), name="slow").number
    server.accept(server.hand_in(report(server), name="fast").number)
    before = server.gate.objects.listing(MAIN)
    server.accept(waiting)
    after = server.gate.objects.listing(MAIN)
    assert after.keys() - before.keys() == {"content/tide/2026/tide-2026-00002.md"}
    assert {p: e for p, e in after.items() if p in before} == before


# Names that lie


def test_replace_refs_are_refused_and_one_that_stands_is_not_followed(server, officer, in_server):
    path = "content/tide/2025/tide-2025-00001.md"
    entry, text = server.gate.objects.listing(MAIN)[path], server.read(path)
    forged = officer.blob("forged\n")
    assert officer.push(f"{forged}:refs/replace/{entry.blob}", env=VOUCHED).code == 1
    planted = server.gate.objects.write_blob(b"forged\n")
    assert in_server("update-ref", f"refs/replace/{entry.blob}", planted)[0] != 0
    target = server.folder / "refs/replace" / entry.blob
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{planted}\n")
    assert in_server("-c", "core.useReplaceRefs=true", "cat-file", "blob", entry.blob)[1] == "forged\n"
    assert open_gate(server.folder).objects.repository.blob(entry.blob).decode() == text


def test_a_tag_called_main_does_not_stand_for_main(server, report, in_server):
    genesis = server.gate.state.main
    other = server.commit_of({"README.md": "# other\n"})
    target = server.folder / "refs/tags/main"
    target.write_text(f"{other}\n")
    assert in_server("rev-parse", "main")[1].splitlines()[0] == other
    assert server.gate.objects.ref(MAIN) == genesis
    main = server.accept(server.hand_in(report(server)).number)
    assert server.gate.objects.git("rev-parse", f"{main}^").decode().strip() == genesis


@pytest.mark.parametrize(
    "one, other",
    [
        ("Plan.txt", "plan.txt"),
        ("é.txt", unicodedata.normalize("NFD", "é.txt")),
        ("straße.txt", "STRASSE.txt"),
    ],
)
def test_twins_by_case_or_composition_are_refused(server, report, why, one, other):
    folder = f"content/tide/2026/{ITEM}"
    reasons = why(server.hand_in, report(server) | {f"{folder}/{one}": "a", f"{folder}/{other}": "b"})
    assert "{path} and {other} differ only in capital letters or their form" in reasons


def test_twins_that_come_one_after_the_other_are_refused_too(server, report, why):
    """The second branch began before the first was accepted, so its own tree holds no twin."""
    base = server.gate.state.main
    attached = {"attachments": "[{file: Plan.txt, title: 计划}]"}
    first = report(server, **attached) | {f"content/tide/2026/{ITEM}/Plan.txt": "a"}
    number = server.hand_in(first, name="one").number
    late = {f"content/tide/2026/{ITEM}/plan.txt": "b"}
    server.accept(number)
    reasons = why(server.hand_in, late, name="two", base=base)
    assert reasons == ("{path} and {other} differ only in capital letters or their form",)


@pytest.mark.parametrize(
    "mode, kind", [("120000", "symlink"), ("160000", "submodule"), ("100755", "program")]
)
def test_links_submodules_and_programs_are_refused(server, officer, mode, kind):
    oid = "1" * 40 if mode == "160000" else officer.blob("/etc/passwd")
    made = officer.commit_entries((mode, oid, f"content/tide/2026/{kind}"))
    answer = officer.push(f"{made}:refs/heads/review/tide/x", env=VOUCHED)
    assert f"content/tide/2026/{kind} is not a plain file (mode {mode})" in answer.said


@pytest.mark.parametrize(
    "path",
    [
        ".gitattributes",
        "content/.gitattributes",
        f"content/tide/2026/{ITEM}/.GitAttributes",
        ".gitmodules",
        "Makefile",
    ],
)
def test_files_that_change_how_git_shows_or_runs_things_are_refused(server, why, path):
    reasons = why(server.hand_in, {path: "* -diff export-ignore\n"})
    assert reasons and set(reasons) & {
        "{path} would change how git shows or delivers files, and is refused",
        "{path} does not belong into a portal",
    }


def test_attributes_do_not_change_what_is_read(server, report, in_server):
    """Bytes come from the object store: an attribute of the server's own configuration changes nothing."""
    (server.folder / "info").mkdir(exist_ok=True)
    (server.folder / "info/attributes").write_text("* text eol=crlf export-ignore -diff\n")
    text = next(iter(report(server).values())).replace("\n", "\r\n", 1)
    number = server.hand_in({FILE: text}).number
    server.accept(number)
    assert server.read(FILE) == text


def test_chinese_names_stay_what_they_are(server, officer):
    folder = f"content/tide/2026/{ITEM}"
    officer.news(attachments="[{file: 附件 一.txt, title: 附件}]")
    officer.write(f"{folder}/附件 一.txt", "数据")
    officer.commit()
    assert "\\351\\231\\204" in officer.git("diff", "--name-only", "origin/main", "HEAD")
    number = officer.submit()
    paths = [p.path for p in server.gate.refresh().submissions[number].last.change.paths]
    assert paths == [f"{folder}.md", f"{folder}/附件 一.txt"]
    server.accept(number)
    assert server.read(f"{folder}/附件 一.txt") == "数据"


@pytest.mark.parametrize("sign", ["\u200b", "\u202e", "\u2066", "\ufeff", "\x7f"])
def test_invisible_signs_in_names_and_numbers_are_refused(server, report, why, sign):
    folder = f"content/tide/2026/{ITEM}"
    assert any("control characters" in r for r in why(server.hand_in, {f"{folder}/a{sign}b.txt": "x"}))
    files = {FILE: report(server)[FILE].replace(f"id: {ITEM}", f'id: "{ITEM}{sign}"')}
    assert why(server.hand_in, files)


def test_a_direction_override_in_a_title_is_a_finding_or_shown_as_it_is(server, report):
    """A finding refuses it; where such text is shown all the same (a refusal, an old item) it is only shown."""
    title = "潮汐\u202e表"
    with pytest.raises(Refused) as refused:
        server.hand_in(report(server, title=title))
    assert any(f.field == "title" for f in refused.value.findings)
    assert "\u202e" not in visible(title)


# Signatures and time


def test_a_push_certificate_brings_nothing(server, officer, in_server):
    in_server("config", "receive.certNonceSeed", "seed")
    officer.git("config", "gpg.format", "ssh")
    officer.git("config", "user.signingKey", f"{server.key('tide-officer')}.pub")
    officer.news()
    officer.commit()
    answer = officer.push("--signed=yes", REVIEW)
    assert "nobody vouches for this push" in answer.said
    assert server.events() == ["genesis"]


def test_an_approval_dated_back_does_not_make_a_key_good_again(server, report, why):
    """The person's time has ended; the statement and its commit say last year, the server's clock decides."""
    number = server.hand_in(report(server)).number
    now = clock.now()
    ended = server.people().replace(
        "- code: tide-head\n", f"- code: tide-head\n    until: {server.start.date().isoformat()}\n"
    )
    yesterday = server.start.isoformat()
    statement = {"time": yesterday}
    server.change_policy({"site_config/people.yml": ended}, now)
    from datetime import timedelta

    later = now + timedelta(days=3)
    reasons = why(server.say, "approval", number, "tide-head", later, step="head", **statement)
    assert "the signature is not that of {person}, or the key is not valid today" in reasons


# Inside the repository


def test_a_refused_push_leaves_no_ref_no_event_and_no_object(server, officer):
    officer.news()
    tip = officer.commit()
    before = server.refs()
    assert officer.push("HEAD:refs/heads/main").code == 1
    assert server.refs() == before
    with pytest.raises(GongkaiError):
        server.gate.objects.git("cat-file", "-e", tip)


def test_a_hook_keeps_exactly_the_variables_of_the_quarantine(monkeypatch):
    kept = ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH")
    thrown = ("GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_CONFIG_PARAMETERS", "GIT_PUSH_CERT", "GIT_GRAFT_FILE")
    for name in (*kept, *thrown):
        monkeypatch.setenv(name, "x")
    monkeypatch.delenv("GIT_NO_REPLACE_OBJECTS", raising=False)
    clean_environment()
    assert [n for n in (*kept, *thrown) if n in os.environ] == list(kept)
    assert os.environ["GIT_NO_REPLACE_OBJECTS"] == "1"


def test_a_fetch_inside_the_repository_cannot_move_main_or_rewrite_the_ledger(
    server, officer, in_server, report
):
    server.accept(server.hand_in(report(server)).number)
    before = server.refs()
    officer.news("tide-2026-00009")
    officer.commit()
    other = officer.git("commit-tree", "-m", "forged", officer.git("rev-parse", "HEAD^{tree}"))
    officer.git("update-ref", "refs/heads/forged", other)
    for wanted in (
        "+HEAD:refs/heads/main", f"+refs/heads/forged:{LEDGER}", "+HEAD:refs/heads/new", "+HEAD:refs/tags/v1",
    ):  # fmt: skip
        code, said = in_server("fetch", str(officer.folder), wanted)
        assert code != 0 and "gongkai:" in said
    assert server.refs() == before


def test_a_forged_event_that_gets_past_the_hook_does_not_get_past_the_audit(server, officer, in_server):
    """Who may write the repository's files can append an event with the right parent: no hook can know who it is."""
    officer.news("tide-2026-00009")
    officer.commit()
    main = server.gate.state.main
    tree = officer.git("rev-parse", "HEAD^{tree}")
    wanted = officer.git("commit-tree", "-p", main, "-m", "S-2026-00001", tree)
    officer.clone()
    objects, last = officer.clone().gate.objects, server.gate.state.last
    number = server.hand_in({FILE: officer.read(officer.news())}).number
    officer.clone()
    data = {
        "submission": number,
        "version": 1,
        "main": wanted,
        "tree": tree,
        "previous": main,
        "approvals": [],
    }
    event = append(objects, server.gate.state.last, "accepted", data, clock.now())
    officer.git("update-ref", "refs/heads/forged", event.id)
    officer.git("update-ref", "refs/heads/wanted", wanted)
    assert last.number == 0 and server.audited() == ""
    assert in_server("fetch", str(officer.folder), f"refs/heads/forged:{LEDGER}")[0] == 0
    assert in_server("fetch", str(officer.folder), f"refs/heads/wanted:{MAIN}")[0] == 0
    assert server.read("content/tide/2026/tide-2026-00009.md")
    assert server.audited() != ""


def test_words_in_a_return_cannot_make_the_hook_let_main_move(server, report, in_server):
    """Reasons are a person's own words, keys included; only an acceptance names main."""
    number = server.hand_in(report(server)).number
    wanted = server.commit_of({"README.md": "# forged\n"})
    server.say("return", number, "office-reviewer", reasons={"main": wanted, "kind": "accepted"})
    assert in_server("update-ref", MAIN, wanted)[0] != 0


def test_what_the_hook_cannot_stop_settle_does_not_believe(server, officer, in_server):
    """A symbolic ref slips past reference-transaction in git 2.39: settle puts a plain main back in its place."""
    officer.news()
    officer.commit()
    officer.submit()
    before = server.gate.state.main
    in_server("symbolic-ref", MAIN, "refs/heads/review/tide/x")
    assert server.gate.objects.ref(MAIN) != before
    done = list(settle(open_gate(server.folder), clock.now()))
    assert [m.text for m in done] == ["main moved from {old} to {new}, as the ledger says"]
    assert list(settle(open_gate(server.folder), clock.now())) == []
    assert (server.folder / MAIN).read_text().strip() == before


def test_git_may_pack_the_refs_without_harm(server, report, in_server):
    assert in_server("pack-refs", "--all")[0] == 0
    server.accept(server.hand_in(report(server)).number)
    assert in_server("pack-refs", "--all")[0] == 0
    assert list(settle(open_gate(server.folder), clock.now())) == []


@pytest.mark.parametrize("harm", ["gone", "not executable"])
def test_without_its_other_hooks_the_repository_still_guards_main(server, officer, harm):
    """Git ignores a missing or non-executable hook without a word; `server doctor` looks for it."""
    for name in ("pre-receive", "proc-receive"):
        hook = server.folder / "hooks" / name
        hook.unlink() if harm == "gone" else hook.chmod(0o644)
    officer.news()
    officer.commit()
    before = server.refs()
    assert officer.push("HEAD:refs/heads/main").code != 0
    assert officer.push("HEAD:refs/heads/review/tide/x").code != 0
    assert server.refs() == before
    assert len(list(look(server.gate, clock.now()))) >= 2
    configure(server.folder)
    assert officer.push(REVIEW, env=VOUCHED).code == 0


def test_a_shallow_ledger_is_no_ledger(server, report, tmp_path):
    server.accept(server.hand_in(report(server)).number)
    copy = tmp_path / "shallow"
    url = f"file://{server.folder}"
    subprocess.run(["git", "clone", "-q", "--depth=1", url, copy], check=True, capture_output=True)
    subprocess.run(
        ["git", "fetch", "-q", "--depth=1", "origin", f"{LEDGER}:{LEDGER}"], cwd=copy, check=True, capture_output=True
    )  # fmt: skip
    with pytest.raises(GongkaiError) as caught:
        open_gate(copy)
    assert caught.value.says.text == "the ledger is broken at {commit}"
    with pytest.raises(GongkaiError) as caught:
        audit(copy, fetch=False)
    assert caught.value.says.text == "{folder} is a shallow or partial clone, and cannot be audited"


# What the text means


def test_a_repeated_field_is_refused_so_no_two_readers_can_differ(server, report, why):
    text = report(server)[FILE].replace("type: news\n", "type: news\ntype: policy\n")
    assert "SCH012" in why(server.hand_in, {FILE: text})


def test_the_gate_reads_what_the_builder_reads(server, officer):
    """One loader for both: the same items from the server's objects as from an officer's files."""
    from gongkai.items.read import read_corpus
    from gongkai.store.tree import CommitTree, FolderTree

    inside = read_corpus(CommitTree(server.folder, server.gate.state.main))
    assert inside.items == read_corpus(FolderTree(officer.folder)).items


def test_a_change_of_settings_that_breaks_items_it_does_not_touch_is_refused(server, why):
    people = server.people()
    start = people.index("  - code: ferry-officer\n")
    end = people.index("  - code:", start + 5)
    reasons = why(
        server.hand_in, {"site_config/people.yml": people[:start] + people[end:]}, person="admin-a", department="office"
    )  # fmt: skip
    assert "REF104" in reasons


def test_an_item_that_others_name_cannot_go_away(server, report, why):
    linked = "content/tide/2025/tide-2025-00001.md"
    files = {FILE: report(server)[FILE] + "\n见[前次](doc:tide-2025-00001)。\n"}
    server.accept(server.hand_in(files).number)
    assert "{path} cannot be deleted; to take it down use `gongkai withdraw`" in why(
        server.hand_in, {linked: None}, name="gone"
    )


# Input meant to exhaust


def test_alias_bombs_and_deep_nesting_are_refused_before_they_are_built(server, report, why):
    text = report(server)[FILE]
    bomb = "x_a: &a [1,1,1,1,1,1,1,1]\nx_b: [*a,*a,*a,*a,*a,*a,*a]\n"
    assert "SCH013" in why(server.hand_in, {FILE: text.replace("type: news\n", f"type: news\n{bomb}")})
    deep = f"x_a: {'[' * 5000}{']' * 5000}\n"
    assert "SCH017" in why(server.hand_in, {FILE: text.replace("type: news\n", f"type: news\n{deep}")})


def test_a_tree_that_unfolds_without_end_is_refused(server, officer):
    """Twelve small trees that name each other ten times: a million million paths for `ls-tree -r`."""
    entry = f"100644 blob {officer.blob('x')}\t"
    tree = officer.git("mktree", stdin="".join(f"{entry}f{i}\n" for i in range(10)).encode())
    for _ in range(12):
        tree = officer.git("mktree", stdin="".join(f"040000 tree {tree}\td{i}\n" for i in range(10)).encode())
    root = officer.git("mktree", stdin=f"040000 tree {tree}\tcontent\n".encode())
    made = officer.git("commit-tree", "-p", "origin/main", "-m", "bomb", root)
    answer = officer.push(f"{made}:refs/heads/review/tide/x", env=VOUCHED)
    assert "too many files" in answer.said
    assert server.events() == ["genesis"]


def test_more_files_or_bytes_than_the_limits_are_refused(server, officer, why, monkeypatch):
    monkeypatch.setattr(names, "MAX_FILES", 3)
    many = {f"content/tide/2026/{ITEM}/{i}.txt": "x" for i in range(4)}
    assert why(server.hand_in, many) == ("the submission changes {count} files; at most {limit} at a time",)
    monkeypatch.setattr(names, "MAX_FILE_BYTES", 10)
    big = {f"content/tide/2026/{ITEM}/a.txt": "x" * 11}
    assert "{path} is larger than {limit} bytes" in why(server.hand_in, big)
    monkeypatch.setattr(names, "MAX_ALL_BYTES", 15)
    two = {f"content/tide/2026/{ITEM}/{i}.txt": "x" * 9 for i in range(2)}
    assert "the submission holds {size} bytes; at most {limit} at a time" in why(server.hand_in, two)


def test_git_itself_stops_a_push_that_is_too_large(server, officer, in_server):
    assert CONFIG["receive.maxInputSize"] == "200m"
    in_server("config", "receive.maxInputSize", "100k")
    officer.news(attachments="[{file: a.bin, title: 附件}]")
    officer.write(f"content/tide/2026/{ITEM}/a.bin", os.urandom(300_000))
    officer.commit()
    answer = officer.push(REVIEW, env=VOUCHED)
    assert answer.code == 1 and "maximum allowed size" in answer.said


def test_a_huge_statement_is_refused_before_it_is_read(server, officer):
    blob = officer.blob(b"\0" * 30_000_000)
    answer = officer.push(f"{blob}:refs/gongkai/inbox/tide-head/{'a' * 64}")
    assert "the signed statement cannot be read" in answer.said
    assert not any("inbox" in ref for ref in server.refs())


def test_the_ledger_alone_says_what_was_taken_in(server, officer, report):
    """After all the pushes that could be tried: the chain is whole and main is what it says."""
    server.accept(server.hand_in(report(server)).number)
    events = read(server.gate.objects, server.gate.objects.ref(LEDGER))
    assert [e.number for e in events] == [0, 1, 2, 3, 4]
    assert server.gate.objects.ref(MAIN) == events[-1].data["main"]
    change, _ = change_between(server.gate.objects, events[0].data["main"], events[-1].data["main"])
    assert change.digest == events[-1].data["change"]

"""A forge as the server: real repositories, the forge's records as its API gives them, and the ledger after the merge.

`forge` is a bare repository with main, as a forge holds it. Its people have accounts at all three forges. `open_request`
makes a branch with a change; `records` fills the samples of forge_samples/ with the commits of this repository.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.evidence.ledger import append, read
from gongkai.evidence.state import replay
from gongkai.evidence.statement import NAMESPACES, pack, text_of
from gongkai.gate.audit import audit
from gongkai.gate.change import change_between
from gongkai.gate.forge_bench import BRANCH, Records
from gongkai.gate.forge_gate import Verdict, rule_request
from gongkai.gate.forge_record import Recorded, pending, record, start, statement_on
from gongkai.gate.forge_signed import make
from gongkai.gate.refusal import Refused
from gongkai.model.errors import GongkaiError
from gongkai.model.message import Message
from gongkai.store import clock
from gongkai.store.git import Repository
from gongkai.store.objects import Objects
from gongkai.store.signing import sign

from .conftest import news

SAMPLES = Path(__file__).parent / "forge_samples"
MAIN = "refs/heads/main"
ITEM = "content/tide/2026/tide-2026-00001.md"
ACCOUNTS = {
    "tide-officer": ("chao-guan", "chao.guan", "chao"),
    "tide-head": ("tide-head-gh", "tide.head", "tidehead"),
    "office-reviewer": ("office-gh", "office.review", "officereview"),
    "ferry-head": ("ferry-head-gh", "ferry.head", "ferryhead"),
    "admin-a": ("admin-a-gh", "admin.a", "admina"),
    "admin-b": ("admin-b-gh", "admin.b", "adminb"),
    "auditor": ("auditor-gh", "auditor", "auditor"),
}
FORGES = ("github", "gitlab", "forgejo")


@dataclass
class Forge:
    """A forge's repository: bare, no hooks, main and branches."""

    folder: Path
    keys: Path
    now: datetime

    @property
    def objects(self) -> Objects:
        return Objects(Repository(self.folder))

    def main(self) -> str:
        return self.objects.ref(MAIN)

    def commit(
        self, files: Mapping[str, str | None], base: str = "", *, parents: tuple[str, ...] = (), by: str = "tide.officer",
        message: str = "work",
    ) -> str:  # fmt: skip
        """A commit of somebody's own on `base` (main), with these files written and those that are None gone."""
        objects = self.objects
        base = base or self.main()
        blobs = {p: "" if t is None else objects.write_blob(t.encode()) for p, t in files.items()}
        return self.tree_commit(objects.overlay(base, blobs), parents or (base,), by, message)

    def tree_commit(self, tree: str, parents: tuple[str, ...], by: str, message: str = "work") -> str:
        stamp = f"{int(self.now.timestamp())} +0000"
        who = f"{by} <{by}@tide.yundu.example> {stamp}"
        lines = [f"tree {tree}", *(f"parent {p}" for p in parents), f"author {who}", f"committer {who}"]
        raw = ("\n".join(lines) + f"\n\n{message}\n").encode()
        return self.objects.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=raw).decode().strip()

    def request(self, **fields: str) -> str:
        """The head of a pull request with one good item."""
        return self.commit({ITEM: self.report(**fields)})

    def report(self, ident: str = "tide-2026-00001", **fields: str) -> str:
        return news(ident, self.now.date().isoformat(), **fields)

    def squash(self, head: str, onto: str = "") -> str:
        """What a forge does when it squashes: one commit of its own with the head's changes on main. Main moves."""
        onto = onto or self.main()
        origin = self.objects.merge_base(onto, head)
        change, _ = change_between(self.objects, origin, head)
        tree = self.objects.overlay(onto, {p.path: p.new for p in change.paths})
        return self.land(self.tree_commit(tree, (onto,), "forge", "squashed (#12)"))

    def land(self, commit: str) -> str:
        self.objects.git("update-ref", MAIN, commit)
        return commit

    def time(self, minutes: int) -> str:
        return (self.now - timedelta(hours=2) + timedelta(minutes=minutes)).isoformat()

    def sample(self, forge: str, name: str, head: str, **more: str) -> Any:
        """One sample with the commits of this repository in it."""
        text = (SAMPLES / forge / f"{name}.json").read_text(encoding="utf-8")
        values = {
            "HEAD": head, "BASE": self.main(), "BRANCH": "tide-levelling", "OPENED": self.time(0), "T1": self.time(10),
            "T2": self.time(20), "T3": self.time(30), "T4": self.time(40), **more,
        }  # fmt: skip
        return json.loads(re.sub(r"@(\w+)@", lambda m: values[m[1]], text))

    def records(
        self, forge: str, head: str, change: Callable[[dict[str, Any]], None] | None = None
    ) -> Records:
        """All that the forge recorded of a request that head and office approved; `change` alters it before it is read."""
        reviews = ("approvals", "versions", "notes", "reviewers") if forge == "gitlab" else ("reviews",)
        data = {name: self.sample(forge, name, head) for name in ("request", *reviews, "pushes", "runs")}
        if change is not None:
            change(data)
        return Records(forge, data["request"], [data[n] for n in reviews], [data["pushes"]], [data["runs"]])

    def rule(self, head: str, records: Records, **options: Any) -> Verdict:
        return rule_request(self.folder, MAIN, head, records, self.now, **options)

    def begin(self, forge: str = "github") -> str:
        return start(self.folder, MAIN, forge, BRANCH, self.now - timedelta(days=1)).id

    def record(self, merged: str, records: Records) -> Recorded | None:
        return record(self.folder, merged, records, self.now, ledger=BRANCH)

    def audited(self) -> tuple[str, list[str]]:
        """The first thing that does not hold, and the remarks."""
        found = audit(self.folder, fetch=False, ledger=BRANCH)
        return found.fault.says.text if found.fault else "", [m.text for m in found.remarks]

    def signed(self, head: str, person: str, step: str = "", kind: str = "approval") -> bytes:
        """A statement about request 12, signed with the person's key."""
        reason = "日期不对" if kind == "return" else ""
        records = Records(number=12)
        statement = statement_on(self.folder, MAIN, head, records, self.now, kind, person, step, reason)
        return make(statement, self.keys / person)


def said(messages: tuple[Message, ...]) -> list[str]:
    return [m.text for m in messages]


def texts(verdict: Verdict) -> list[str]:
    return said(verdict.ruling.reasons)


@pytest.fixture
def forge(template: Path, tmp_path: Path) -> Forge:
    """Main as on a forge: the portal of the other gate tests, accounts for its people, reviews allowed."""
    portal = template / "portal"
    folder = tmp_path / "forge.git"
    subprocess.run(["git", "-c", "init.defaultBranch=main", "init", "-q", "--bare", folder], check=True)
    objects = Objects(Repository(folder))
    files = {p.relative_to(portal).as_posix(): p.read_bytes() for p in portal.rglob("*") if p.is_file()}
    people = files["site_config/people.yml"].decode()
    for person, names in ACCOUNTS.items():
        rows = ", ".join(f"{f}: {n}" for f, n in zip(FORGES, names, strict=True))
        people = people.replace(f"- code: {person}\n", f"- code: {person}\n    accounts: {{{rows}}}\n")
    files["site_config/people.yml"] = people.encode()
    files["site_config/review.yml"] += b"\nforge_reviews: allowed\n"
    tree = objects.overlay("", {p: objects.write_blob(raw) for p, raw in files.items()})
    kit = Forge(folder, template / "keys", clock.now().replace(microsecond=0))
    # A forge's main has a history before the gate.
    kit.land(kit.tree_commit(tree, (kit.tree_commit(tree, (), "old"),), "old"))
    return kit


# --- what counts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FORGES)
def test_a_request_that_the_right_two_approved_on_the_forge_may_be_merged(forge: Forge, name: str) -> None:
    head = forge.request()
    verdict = forge.rule(head, forge.records(name, head))
    assert texts(verdict) == [] and verdict.ruling.yes
    assert {a.step: a.person for a in verdict.approvals} == {"head": "tide-head", "office": "office-reviewer"}
    assert (verdict.grade, verdict.submission.number, verdict.submission.last.person) == (
        "forge",
        "PR-12",
        "tide-officer",
    )
    assert verdict.submission.last.received == datetime.fromisoformat(forge.time(10))
    assert verdict.pushers_known and not verdict.hands - {"tide-officer"}


@pytest.mark.parametrize("name", FORGES)
def test_nothing_is_checked_out_and_no_ref_moves(forge: Forge, name: str) -> None:
    head = forge.request()
    before = forge.objects.refs("refs/")
    forge.rule(head, forge.records(name, head))
    assert forge.objects.refs("refs/") == before and not (forge.folder / "content").exists()


def test_a_review_of_another_head_does_not_count(forge: Forge) -> None:
    first = forge.request()
    head = forge.request(title="潮汐观测科完成例行复测（更正）")

    def replayed(data: dict[str, Any]) -> None:
        for row in data["reviews"]:
            row["commit_id"] = first

    verdict = forge.rule(head, forge.records("github", head, replayed))
    assert not verdict.ruling.yes
    assert texts(verdict) == ["{person} approved another version than the one that is judged"] * 2


def test_a_commit_that_the_forge_no_longer_has_is_no_commit(forge: Forge) -> None:
    head = forge.request()

    def collected(data: dict[str, Any]) -> None:
        for row in data["reviews"]:
            row["commit_id"] = None

    assert not forge.rule(head, forge.records("github", head, collected)).ruling.yes


def test_records_of_another_head_are_refused_whole(forge: Forge) -> None:
    first = forge.request()
    head = forge.request(title="潮汐观测科完成例行复测（更正）")
    with pytest.raises(GongkaiError, match="the pull request stands at"):
        forge.rule(head, forge.records("github", first))


@pytest.mark.parametrize(
    ("state", "why"),
    [("DISMISSED", "the approval of {person} was dismissed or taken back"), ("CHANGES_REQUESTED", "{person} asks for changes")],
)  # fmt: skip
def test_the_last_word_of_a_person_counts(forge: Forge, state: str, why: str) -> None:
    head = forge.request()

    def later(data: dict[str, Any]) -> None:
        data["reviews"].append(
            {**data["reviews"][1], "id": 90, "state": state, "submitted_at": forge.time(50)}
        )

    verdict = forge.rule(head, forge.records("github", head, later))
    assert not verdict.ruling.yes and why in texts(verdict)


def test_a_yes_after_asking_for_changes_counts_again(forge: Forge) -> None:
    head = forge.request()

    def first_no(data: dict[str, Any]) -> None:
        data["reviews"].insert(
            0, {**data["reviews"][1], "state": "CHANGES_REQUESTED", "submitted_at": forge.time(5)}
        )

    assert forge.rule(head, forge.records("github", head, first_no)).ruling.yes


def test_who_asks_for_changes_is_heard_though_others_have_approved(forge: Forge) -> None:
    head = forge.request()

    def third(data: dict[str, Any]) -> None:
        row = {**data["reviews"][1], "id": 91, "state": "CHANGES_REQUESTED", "submitted_at": forge.time(50)}
        data["reviews"].append({**row, "user": {"login": "office-b-gh"}})

    people = _people(
        forge,
        lambda t: t.replace(
            "- code: office-reviewer-b\n", "- code: office-reviewer-b\n    accounts: {github: office-b-gh}\n"
        ),
    )
    forge.land(forge.commit({"site_config/people.yml": people}, by="x"))
    head = forge.request()
    assert "{person} asks for changes" in texts(forge.rule(head, forge.records("github", head, third)))


def _people(forge: Forge, change: Callable[[str], str]) -> str:
    entry = forge.objects.listing(MAIN)["site_config/people.yml"]
    return change(forge.objects.repository.blob(entry.blob).decode())


def test_the_author_of_the_request_does_not_approve_it(forge: Forge) -> None:
    head = forge.request()

    def own(data: dict[str, Any]) -> None:
        data["reviews"][2]["user"]["login"] = "CHAO-guan"

    verdict = forge.rule(head, forge.records("github", head, own))
    assert "{person} handed in the submission and cannot approve it" in texts(verdict)


def test_who_pushed_to_the_branch_does_not_approve_it_whatever_the_commits_say(forge: Forge) -> None:
    head = forge.request()

    def pushed(data: dict[str, Any]) -> None:
        data["pushes"][1]["ref"] = "refs/heads/tide-levelling"

    verdict = forge.rule(head, forge.records("github", head, pushed))
    assert not verdict.ruling.yes and "{person} wrote or pushed a part of it and cannot approve it" in texts(
        verdict
    )


@pytest.mark.parametrize(
    "message", ["work", "work\n\nCo-authored-by: x <12+tide-head-gh@users.noreply.github.com>"]
)
def test_who_is_named_in_its_commits_does_not_approve_it(forge: Forge, message: str) -> None:
    by = "tide.head" if message == "work" else "tide.officer"
    head = forge.commit({ITEM: forge.report()}, by=by, message=message)
    verdict = forge.rule(head, forge.records("github", head))
    assert "{person} wrote or pushed a part of it and cannot approve it" in texts(verdict)


def test_an_account_that_nobody_knows_does_not_count(forge: Forge) -> None:
    head = forge.request()

    def stranger(data: dict[str, Any]) -> None:
        data["reviews"][2]["user"] = {"login": "passer-by"}

    assert "the account {account} stands for nobody in people.yml" in texts(
        forge.rule(head, forge.records("github", head, stranger))
    )


def test_an_account_that_is_gone_does_not_count(forge: Forge) -> None:
    head = forge.request()

    def ghost(data: dict[str, Any]) -> None:
        data["reviews"][2]["user"] = None

    assert not forge.rule(head, forge.records("github", head, ghost)).ruling.yes


def test_another_departments_head_fills_no_step(forge: Forge) -> None:
    head = forge.request()

    def foreign(data: dict[str, Any]) -> None:
        for row in data["reviews"]:
            if row["user"]["login"] == "tide-head-gh":
                row["user"]["login"] = "ferry-head-gh"

    verdict = forge.rule(head, forge.records("github", head, foreign))
    assert texts(verdict) == ["{person} reviews none of its steps"] and [
        s.code for s in verdict.ruling.waiting
    ] == ["head"]


def test_an_account_of_two_persons_stands_for_nobody(forge: Forge) -> None:
    people = _people(forge, lambda t: t.replace("github: ferry-head-gh", "github: Tide-Head-GH"))
    forge.land(forge.commit({"site_config/people.yml": people}))
    head = forge.request()
    verdict = forge.rule(head, forge.records("github", head))
    assert (
        "the account {account} stands with two persons: {people}" in texts(verdict) and not verdict.ruling.yes
    )


def test_an_author_who_is_no_officer_of_the_department_hands_nothing_in(forge: Forge) -> None:
    head = forge.commit({ITEM: forge.report()}, by="nobody")

    def by_ferry(data: dict[str, Any]) -> None:
        data["request"]["user"]["login"] = "ferry-head-gh"

    verdict = forge.rule(head, forge.records("github", head, by_ferry))
    assert {
        "{person} is no officer of {department}",
        "{path} belongs to another department than {department}",
    } <= set(texts(verdict))


def test_reviews_count_only_where_review_yml_says_so(forge: Forge) -> None:
    entry = forge.objects.listing(MAIN)["site_config/review.yml"]
    review = forge.objects.repository.blob(entry.blob).decode().replace("forge_reviews: allowed\n", "")
    forge.land(forge.commit({"site_config/review.yml": review}))
    head = forge.request()
    verdict = forge.rule(head, forge.records("github", head))
    assert texts(verdict) == ["review.yml does not let reviews of a forge count as approvals (forge_reviews)"]
    assert len(verdict.ruling.waiting) == 2


# --- what is judged --------------------------------------------------------------------------------------------------


def test_policy_comes_from_base_and_never_from_the_head(forge: Forge) -> None:
    own = _people(
        forge, lambda t: t.replace("roles: [officer]", "roles: [officer, administrator, head, office]")
    )
    head = forge.commit({ITEM: forge.report(), "site_config/people.yml": own})
    verdict = forge.rule(head, forge.records("github", head))
    assert {
        "settings and content cannot be changed together",
        "{person} is no administrator and cannot change settings",
    } <= set(texts(verdict))
    assert [s.code for s in verdict.steps] == ["administrator", "second"]


def test_what_an_evil_merge_in_the_head_brings_in_is_judged_like_everything_else(forge: Forge) -> None:
    own = forge.commit({ITEM: forge.report()})
    evil = forge.commit(
        {"content/ferry/2026/ferry-2026-00009.md": forge.report("ferry-2026-00009")},
        own,
        parents=(own, forge.main()),
    )
    verdict = forge.rule(evil, forge.records("github", evil))
    assert "{path} belongs to another department than {department}" in texts(verdict)
    assert [p.path for p in verdict.change.paths] == ["content/ferry/2026/ferry-2026-00009.md", ITEM]


def test_links_and_bare_deletions_are_refused(forge: Forge) -> None:
    head = forge.commit({"content/tide/2025/tide-2025-00001.md": None})
    assert "{path} cannot be deleted; to take it down use `gongkai withdraw`" in texts(
        forge.rule(head, forge.records("github", head))
    )
    objects = forge.objects
    link = objects.write_blob(b"/etc/passwd")
    tree = objects.git("ls-tree", MAIN).decode() + f"120000 blob {link}\tcontent-link\n"
    made = objects.git("mktree", stdin=tree.encode()).decode().strip()
    head = forge.tree_commit(made, (forge.main(),), "x")
    assert "{path} is not a plain file (mode {mode}); links, programs and submodules are refused" in texts(
        forge.rule(head, forge.records("github", head))
    )


def test_errors_in_the_result_are_a_no_and_are_shown(forge: Forge) -> None:
    head = forge.request(occurred_on="11月31日")
    verdict = forge.rule(head, forge.records("github", head))
    assert "the check finds {count} errors" in texts(verdict)
    assert any(f.place.path == ITEM for f in verdict.findings)


def test_when_base_moved_on_elsewhere_the_approvals_stay_good(forge: Forge) -> None:
    head = forge.request()
    records = forge.records("github", head)
    forge.land(forge.commit({"content/ferry/2026/ferry-2026-00001.md": forge.report("ferry-2026-00001")}))
    verdict = forge.rule(head, records)
    assert verdict.ruling.yes and "ferry-2026-00001.md" in str(forge.objects.listing(verdict.tree).keys())


def test_when_base_moved_on_at_the_same_path_it_must_be_looked_at_again(forge: Forge) -> None:
    head = forge.request()
    records = forge.records("github", head)
    forge.land(forge.commit({ITEM: forge.report(title="先到的一稿")}))
    assert "{path} was changed on main in the meantime" in texts(forge.rule(head, records))


def test_the_content_alone_can_be_checked_before_anybody_approved(forge: Forge) -> None:
    head = forge.request()
    verdict = forge.rule(head, Records("github", forge.sample("github", "request", head)), approvals=False)
    assert verdict.without_approvals and not verdict.ruling.yes
    bad = forge.request(occurred_on="11月31日")
    records = Records("github", forge.sample("github", "request", bad))
    assert not forge.rule(bad, records, approvals=False).without_approvals


def test_a_change_of_settings_needs_an_administrator_and_another_who_gains_nothing(forge: Forge) -> None:
    people = _people(forge, lambda t: t.replace("github: auditor-gh", "github: auditor-new"))
    head = forge.commit({"site_config/people.yml": people}, by="admin.a")

    def by_admin(data: dict[str, Any]) -> None:
        data["request"]["user"]["login"] = "admin-a-gh"
        data["reviews"][1]["user"]["login"], data["reviews"][2]["user"]["login"] = "admin-b-gh", "auditor-gh"
        data["pushes"].clear()

    verdict = forge.rule(head, forge.records("github", head, by_admin))
    assert (
        not verdict.ruling.yes
        and "the change gives {person} more rights; somebody else must approve it" in texts(verdict)
    )

    def with_another(data: dict[str, Any]) -> None:
        by_admin(data)
        data["reviews"][2]["user"]["login"] = "ferry-head-gh"

    assert forge.rule(head, forge.records("github", head, with_another)).ruling.yes


def test_the_forges_own_files_are_settings_and_nothing_else_may_stand_beside_the_portal(forge: Forge) -> None:
    head = forge.commit({".github/workflows/gongkai-gate.yml": "on: push\n"})
    verdict = forge.rule(head, forge.records("github", head))
    assert (
        "{person} is no administrator and cannot change settings" in texts(verdict)
        and verdict.change.is_policy
    )
    head = forge.commit({"Makefile": "all:\n"})
    assert texts(forge.rule(head, forge.records("github", head))) == ["{path} does not belong into a portal"]


def test_a_shallow_clone_is_refused(forge: Forge, tmp_path: Path) -> None:
    head = forge.request()
    forge.objects.git("update-ref", "refs/heads/x", head)
    shallow = tmp_path / "shallow.git"
    url = f"file://{forge.folder}"
    subprocess.run(
        ["git", "clone", "-q", "--bare", "--depth=1", "--no-single-branch", url, shallow], check=True
    )
    with pytest.raises(GongkaiError, match="shallow clone"):
        rule_request(shallow, MAIN, head, forge.records("github", head), forge.now)


# --- what each forge says in its own way -----------------------------------------------------------------------------


@pytest.mark.parametrize("field", [{"dismissed": True}, {"stale": True}, {"official": False}])
def test_on_forgejo_dismissed_stale_and_unofficial_reviews_do_not_count(
    forge: Forge, field: dict[str, bool]
) -> None:
    head = forge.request()

    def altered(data: dict[str, Any]) -> None:
        data["reviews"][3].update(field)

    verdict = forge.rule(head, forge.records("forgejo", head, altered))
    assert [s.code for s in verdict.ruling.waiting] == ["office"] and texts(verdict)


def test_on_gitlab_an_approval_before_the_last_push_does_not_count(forge: Forge) -> None:
    head = forge.request()

    def pushed_late(data: dict[str, Any]) -> None:
        data["versions"][0]["created_at"] = forge.time(25)

    verdict = forge.rule(head, forge.records("gitlab", head, pushed_late))
    assert texts(verdict) == ["{account} approved before the last push"]


def test_on_gitlab_approvals_without_versions_or_of_an_older_version_say_nothing(forge: Forge) -> None:
    head = forge.request()
    records = forge.records("gitlab", head)
    without = replace(records, reviews=[records.reviews[0]])
    with pytest.raises(GongkaiError, match="name no commit"):
        forge.rule(head, without)

    def newer(data: dict[str, Any]) -> None:
        data["versions"].append({**data["versions"][0], "id": 111, "head_commit_sha": "f" * 40})

    with pytest.raises(GongkaiError, match="not as its API gives it"):
        forge.rule(head, forge.records("gitlab", head, newer))


def test_on_gitlab_an_approval_without_a_time_counts_only_with_gitlabs_own_note(forge: Forge) -> None:
    head = forge.request()

    def typed_by_a_person(data: dict[str, Any]) -> None:
        data["notes"][0]["system"] = False

    verdict = forge.rule(head, forge.records("gitlab", head, typed_by_a_person))
    assert texts(verdict) == ["GitLab does not say when {account} approved"]


def test_on_gitlab_who_asks_for_changes_is_heard(forge: Forge) -> None:
    head = forge.request()

    def asking(data: dict[str, Any]) -> None:
        data["reviewers"][0]["state"] = "requested_changes"

    assert "{person} asks for changes" in texts(forge.rule(head, forge.records("gitlab", head, asking)))


@pytest.mark.parametrize("name", FORGES)
def test_pages_may_be_given_one_by_one_or_as_one_list_of_pages(forge: Forge, name: str) -> None:
    head = forge.request()
    records = forge.records(name, head)
    paged = [page if isinstance(page, dict) else [page[:1], page[1:]] for page in records.reviews]
    assert forge.rule(head, replace(records, reviews=paged, runs=[list(records.runs)])).ruling.yes


@pytest.mark.parametrize(
    "broken", [{"message": "Not Found"}, [[{"state": "APPROVED"}]], "text", [{"state": 5}], [1]]
)
def test_what_is_no_answer_of_the_api_is_never_a_yes(forge: Forge, broken: Any) -> None:
    head = forge.request()
    for name in FORGES:
        records = replace(forge.records(name, head), reviews=[broken])
        with pytest.raises(GongkaiError):
            forge.rule(head, records)


def test_records_without_their_forge_or_request_are_wrong_use(forge: Forge) -> None:
    head = forge.request()
    records = forge.records("github", head)
    with pytest.raises(GongkaiError, match="which forge"):
        forge.rule(head, replace(records, forge=""))
    with pytest.raises(GongkaiError, match="without their pull request"):
        forge.rule(head, replace(records, request=None))
    with pytest.raises(GongkaiError, match="not as its API gives it"):
        forge.rule(head, replace(records, forge="gitlab"))


# --- signed statements -----------------------------------------------------------------------------------------------


def test_signed_approvals_are_of_the_higher_grade_and_need_no_forge(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    papers = [forge.signed(head, "tide-officer", kind="submission"), forge.signed(head, "tide-head", "head"),
              forge.signed(head, "office-reviewer", "office")]  # fmt: skip
    verdict = forge.rule(head, Records(statements=papers, number=12))
    assert texts(verdict) == [] and verdict.ruling.yes and verdict.grade == "signed"


def test_signed_approvals_and_reviews_go_together_and_the_lower_grade_is_named(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    only_office = forge.records("github", head, lambda d: d["reviews"].pop(1))
    verdict = forge.rule(head, replace(only_office, statements=[forge.signed(head, "tide-head", "head")]))
    assert verdict.ruling.yes and verdict.grade == "forge"
    assert sorted(a.key.partition(":")[0][:6] for a in verdict.approvals) == ["github", "ssh-ed"]


def test_signed_statements_are_read_from_the_repositorys_inbox_too(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    objects = forge.objects
    blob = objects.write_blob(forge.signed(head, "tide-head", "head"))
    objects.git("update-ref", f"refs/gongkai/inbox/tide-head/{'0' * 64}", blob)
    tree = objects.overlay(
        "", {"a/statement.json": objects.write_blob(forge.signed(head, "office-reviewer", "office"))}
    )
    objects.git("update-ref", "refs/heads/gongkai-inbox", forge.tree_commit(tree, (), "x"))
    verdict = forge.rule(head, Records("github", forge.sample("github", "request", head)))
    assert verdict.ruling.yes and verdict.grade == "signed"


@pytest.mark.parametrize(
    ("altered", "why"),
    [
        ({"change": "0" * 64}, "{person} approved other content"),
        ({"repository": "0" * 40}, "the statement was signed for another repository"),
        ({"submission": "PR-13"}, "the statement of {person} is about another submission"),
        ({"person": "ferry-head"}, "the signature is not that of {person}, or the key is not valid today"),
        ({"policy": "0" * 64}, "the rules changed since {person} approved"),
        ({"step": "office"}, "{person} cannot fill the step {step}"),
        ({"time": "2099-01-01T00:00:00+08:00"}, "the statement of {person} is dated in the future"),
    ],
)
def test_a_signed_approval_of_something_else_is_refused_with_the_right_reason(
    forge: Forge, altered: dict[str, str], why: str
) -> None:
    forge.begin()
    head = forge.request()
    statement = replace(
        statement_on(
            forge.folder, MAIN, head, Records(number=12), forge.now, "approval", "tide-head", "head", ""
        ),
        **altered,
    )
    paper = pack(statement, sign(forge.keys / "tide-head", NAMESPACES["approval"], text_of(statement)))
    records = replace(forge.records("github", head, lambda d: d["reviews"].clear()), statements=[paper])
    verdict = forge.rule(head, records)
    assert why in texts(verdict) and not verdict.ruling.yes


def test_a_signed_return_is_heard(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    records = replace(
        forge.records("github", head), statements=[forge.signed(head, "tide-head", kind="return")]
    )
    assert "{person} returned it: {reason}" in texts(forge.rule(head, records))


def test_without_a_ledger_no_signature_is_bound_to_this_repository(forge: Forge) -> None:
    head = forge.request()
    with pytest.raises(GongkaiError, match="there is no ledger"):
        forge.signed(head, "tide-head", "head")


# --- after the merge -------------------------------------------------------------------------------------------------


def _merged(data: dict[str, Any], name: str, commit: str, when: str) -> None:
    row = data["request"]
    row |= {
        "merge_commit_sha": commit,
        "merged_at": when,
        "state": "merged" if name == "gitlab" else "closed",
    }
    row |= {"squash_commit_sha": commit} if name == "gitlab" else {"merged": True}


def _merge(forge: Forge, name: str, head: str) -> tuple[str, Records]:
    """The records as they stand after the forge squashed the request onto main, and main's new commit."""
    base = forge.main()
    merged = forge.squash(head)
    fill = {"BASE": base}
    reviews = ("approvals", "versions", "notes", "reviewers") if name == "gitlab" else ("reviews",)
    data = {n: forge.sample(name, n, head, **fill) for n in ("request", *reviews, "pushes", "runs")}
    _merged(data, name, merged, forge.time(45))
    return merged, Records(
        name, data["request"], [data[n] for n in reviews], [data["pushes"]], [data["runs"]]
    )


@pytest.mark.parametrize("name", FORGES)
def test_after_the_merge_the_ledger_names_mains_commit_and_the_audit_holds(forge: Forge, name: str) -> None:
    forge.begin(name)
    merged, records = _merge(forge, name, forge.request())
    assert list(pending(forge.folder, BRANCH, MAIN)) == [merged]
    done = forge.record(merged, records)
    assert done is not None and done.grade == "forge"
    events = read(forge.objects, forge.objects.ref(BRANCH))
    assert [e.kind for e in events] == ["genesis", "received", "approved", "approved", "accepted"]
    assert events[-1].data["main"] == merged == forge.main() and events[-1].data["grade"] == "forge"
    assert list(pending(forge.folder, BRANCH, MAIN)) == []
    assert forge.record(merged, records) is None
    assert forge.audited() == (
        "", ["{count} approvals are reviews of {forge}, not signatures: that they were given is the forge's word alone"]
    )  # fmt: skip


def test_what_the_ledger_says_was_received_is_the_forges_clock_at_the_first_good_check(forge: Forge) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    forge.record(merged, records)
    proof = CliRunner().invoke(
        cli, ["--lang", "en", "audit", "--repo", str(forge.folder), "--no-fetch", "--ledger", BRANCH]
    )
    assert proof.exit_code == 0, proof.output
    shown = CliRunner().invoke(
        cli, ["--lang", "en", "evidence", "tide-2026-00001", "--repo", str(forge.folder)]
    )
    assert shown.exit_code == 0 and "by an account of the forge, not signed" in shown.output
    facts = replay(read(forge.objects, forge.objects.ref(BRANCH))).facts["tide-2026-00001"]
    assert facts.received == datetime.fromisoformat(forge.time(10)) and facts.accepted == forge.now


def test_without_a_run_of_the_check_job_nothing_is_dated_back(forge: Forge) -> None:
    head = forge.request()
    records = forge.records("github", head)
    early = replace(
        records,
        runs=[{"workflow_runs": [{**records.runs[0]["workflow_runs"][0], "created_at": forge.time(-9)}]}],
    )
    for given in (replace(records, runs=[]), early):
        assert forge.rule(head, given).submission.last.received == forge.now


def test_one_merge_after_another_is_recorded_in_order_only(forge: Forge) -> None:
    forge.begin()
    first, records = _merge(forge, "github", forge.request())
    head = forge.commit(
        {"content/tide/2026/tide-2026-00002.md": forge.report("tide-2026-00002", title="六号验潮站恢复观测")}
    )
    second, later = _merge(forge, "github", head)
    later = replace(later, request={**later.request, "number": 13})
    with pytest.raises(Refused) as caught:
        forge.record(second, later)
    assert said(caught.value.reasons) == ["the ledger knows main up to {known}; {commit} stands on {base}"]
    assert list(pending(forge.folder, BRANCH, MAIN)) == [first, second]
    assert forge.record(first, records) and forge.record(second, later)
    assert forge.audited()[0] == ""


def _refusal(forge: Forge, merged: str, records: Records) -> list[str]:
    before = forge.objects.ref(BRANCH)
    with pytest.raises(Refused) as caught:
        forge.record(merged, records)
    assert forge.objects.ref(BRANCH) == before
    return said(caught.value.reasons)


def test_a_merge_without_its_approvals_is_not_recorded_and_the_audit_names_it(forge: Forge) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    reasons = _refusal(forge, merged, replace(records, reviews=[[]]))
    assert reasons == ["the step {step} waits for somebody"] * 2
    assert (
        forge.audited()[0]
        == "main has the commit {commit}, which no event names; it was put there behind the gate"
    )


def test_a_merge_that_brought_in_more_than_was_approved_is_not_recorded(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    records = forge.records("github", head)
    merged = forge.land(
        forge.commit(
            {ITEM: forge.report(), "content/tide/2026/tide-2026-00007.md": forge.report("tide-2026-00007")}
        )
    )
    assert _refusal(forge, merged, records) == ["{path} on main is not what was approved"]


def test_a_merge_that_was_not_squashed_is_not_recorded(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    records = forge.records("github", head)
    merged = forge.land(forge.commit({ITEM: forge.report()}, parents=(forge.main(), head)))
    assert _refusal(forge, merged, records) == ["{commit} on main has {count} parents, not one"]


def test_the_record_of_another_request_does_not_record_this_merge(forge: Forge) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    records = replace(records, request={**records.request, "merge_commit_sha": "f" * 40})
    assert _refusal(forge, merged, records) == ["the pull request was merged as {merged}, not as {commit}"]


def test_signed_approvals_are_recorded_with_their_signatures(forge: Forge) -> None:
    forge.begin()
    head = forge.request()
    papers = [forge.signed(head, "tide-head", "head"), forge.signed(head, "office-reviewer", "office")]
    merged, records = _merge(forge, "github", head)
    done = forge.record(merged, replace(records, reviews=[], statements=papers))
    assert done is not None and done.grade == "signed"
    assert all("signature" in e.data for e in done.events if e.kind == "approved")
    assert forge.audited() == ("", [])


def _tampered(forge: Forge, kind: str, **altered: Any) -> str:
    """Append the recorded events again with one of them altered, as somebody who may write the branch could."""
    events = read(forge.objects, forge.objects.ref(BRANCH))
    last = events[0]
    for event in events[1:]:
        data = {**event.data, **(altered if event.kind == kind else {})}
        last = append(forge.objects, last, event.kind, data, event.time)
    forge.objects.git("update-ref", BRANCH, last.id)
    return forge.audited()[0]


@pytest.mark.parametrize(
    ("kind", "altered", "why"),
    [
        ("approved", {"key": "github:passer-by"}, "the account {account} was not that of {person}"),
        ("approved", {"commit": "f" * 40}, "the review is of another commit than was handed in"),
        ("approved", {"at": "2099-01-01T00:00:00+00:00"}, "the forge's time lies after the event"),
        ("received", {"hands": ["tide-head"]}, "{person} wrote or pushed a part of it and cannot approve it"),
        ("received", {"person": "ferry-head"}, "{person} is no officer of {department}"),
        ("accepted", {"approvals": [2]}, "it names other approvals than the ledger holds for this version"),
        ("accepted", {"main": "f" * 40}, "the object {id} is missing or cannot be read ({kind})"),
    ],
)
def test_the_audit_names_what_was_altered_in_a_forges_ledger(
    forge: Forge, kind: str, altered: dict[str, Any], why: str
) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    forge.record(merged, records)
    assert _tampered(forge, kind, **altered) == why


def test_the_audit_of_a_server_takes_no_approval_on_a_forges_word(forge: Forge) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    forge.record(merged, records)
    forge.objects.git("update-ref", "refs/gongkai/ledger", forge.objects.ref(BRANCH))
    found = audit(forge.folder, fetch=False)
    assert found.fault is not None


def test_the_ledger_is_pushed_without_force_and_nothing_moves_when_it_was_moved(
    forge: Forge, tmp_path: Path
) -> None:
    forge.begin()
    merged, records = _merge(forge, "github", forge.request())
    job = tmp_path / "job.git"
    subprocess.run(["git", "clone", "-q", "--mirror", forge.folder, job], check=True)
    done = record(job, merged, records, forge.now, ledger=BRANCH, push=str(forge.folder))
    assert done is not None and forge.objects.ref(BRANCH) == done.ledger
    late = tmp_path / "late.git"
    subprocess.run(["git", "clone", "-q", "--mirror", forge.folder, late], check=True)
    old = Objects(Repository(late))
    genesis = read(old, old.ref(BRANCH))[0].id
    old.git("update-ref", BRANCH, genesis)
    with pytest.raises(GongkaiError, match="could not be pushed"):
        record(late, merged, records, forge.now + timedelta(minutes=1), ledger=BRANCH, push=str(forge.folder))
    assert old.ref(BRANCH) == genesis and forge.objects.ref(BRANCH) == done.ledger
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", forge.folder, clone], check=True)
    assert audit(clone, ledger=BRANCH).fault is None


def test_a_ledger_begins_once_and_with_two_administrators(forge: Forge) -> None:
    people = _people(forge, lambda t: t.replace("roles: [administrator]", "roles: [auditor]"))
    alone = forge.commit({"site_config/people.yml": people})
    with pytest.raises(Refused):
        start(forge.folder, alone, "github", BRANCH, forge.now)
    assert not forge.objects.ref(BRANCH)
    forge.begin()
    with pytest.raises(GongkaiError, match="is there already"):
        forge.begin()

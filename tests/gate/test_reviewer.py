"""A reviewer sees everything that an approval would let out, signs exactly that, and learns who can when they cannot."""

from __future__ import annotations

import json
import re

import pytest
from click.testing import CliRunner

from gongkai.cli.main import cli
from gongkai.gate.client import open_clone
from gongkai.gate.desk import open_desk, rows
from gongkai.gate.judging import judge, kinds_of
from gongkai.gate.lines import diff
from gongkai.gate.refusal import Refused
from gongkai.gate.reviewer import remembered
from gongkai.gate.worded import clean, lines_of
from gongkai.store import clock

ITEM = "tide-2026-00001"
FILE = f"content/tide/2026/{ITEM}.md"


@pytest.fixture
def run():
    """`gongkai review …` at a worker's clone."""

    def call(worker, *args, lang="en"):
        args = ["--root", str(worker.folder), "--lang", lang, "review", *args]
        return CliRunner().invoke(cli, args, catch_exceptions=False)

    return call


@pytest.fixture
def head(server):
    return server.clone("tide-head")


@pytest.fixture
def office(server):
    return server.clone("office-reviewer")


def submit(worker, name="x"):
    """Hand in all that this working copy has beyond main, as the gate takes it in; returns the number."""
    changed = worker.git("diff", "-z", "--name-only", "origin/main")
    new = worker.git("ls-files", "-z", "--others", "--exclude-standard")
    files = {p: (worker.folder / p).read_bytes() for p in (changed + new).split("\0") if p}
    department = worker.server.department(worker.person)
    return worker.server.hand_in(files, person=worker.person, name=name, department=department).number


def begin(worker):
    worker.git("clean", "-qfd", "content")
    worker.start()


def edit(officer, path, *changes):
    text = officer.read(path)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    officer.write(path, text)


class TestTheList:
    def test_it_holds_what_is_mine_with_the_step_i_would_fill_and_the_time_left(self, officer, head, run):
        officer.news()
        number = submit(officer)
        result = run(head, "list")
        assert result.exit_code == 0
        assert result.stdout.startswith(f"{number}  潮汐观测科完成例行复测\n")
        assert "your step: Department head" in result.stdout
        assert re.search(r"review is due \d{4}-\d\d-\d\d.*, \d days left", result.stdout)
        assert "Office can be done by: Office reviewer (office-reviewer)" in result.stdout

    def test_it_leaves_out_what_others_decide_unless_all_is_asked_for(self, server, officer, run):
        officer.news()
        number = submit(officer)
        stranger = server.clone("ferry-head")
        assert run(stranger, "list").stdout == ""
        everything = run(stranger, "list", "--all").stdout
        assert number in everything
        assert "your step" not in everything
        assert run(officer, "list").stdout == ""

    def test_what_i_approved_is_no_longer_mine_and_what_was_returned_waits_for_its_officer(
        self, officer, head, office, run
    ):
        officer.news()
        number = submit(officer)
        head.approve(number, "head")
        assert run(head, "list").stdout == ""
        office.send_back(number)
        assert run(office, "list").stdout == ""
        assert "returned, waits for its officer" in run(office, "list", "--all").stdout

    def test_what_is_due_first_comes_first(self, server, officer, head, run):
        officer.news(occurred_on='"2025-01-06"', late_reason="站点检修，资料补齐较晚")
        old = submit(officer, "old")
        begin(officer)
        officer.write("content/tide/2026/tide-2026-00002.md", text_of_notice(server))
        late = submit(officer, "late")
        data = json.loads(run(head, "list", "--format", "json").stdout)
        found = data["submissions"]
        assert {s["number"] for s in found} == {old, late}
        assert [s["due"] for s in found] == sorted(s["due"] for s in found)
        assert found[0]["number"] == late
        assert found[0]["late"]
        assert found[0]["days_left"] < 0
        assert found[0]["my_steps"] == ["head"]
        assert [w["people"] for w in found[0]["waiting"]] == [
            ["tide-head"], ["office-reviewer", "office-reviewer-b"],
        ]  # fmt: skip

    def test_the_quick_look_at_types_agrees_with_the_whole_check(self, server, officer):
        officer.news()
        edit(officer, "content/tide/2025/tide-2025-00001.md", ("category: measures", "category: achievement"))
        number = submit(officer)
        clone = open_clone(officer.folder)
        desk = open_desk(clone, clock.now())
        change = clone.gate.state.submissions[number].last.change
        result = judge(clone.gate, change, clock.now())
        assert kinds_of(change, desk.portal, desk.laid(change)) == result.kinds
        assert [r.waiting for r in rows(desk, everything=True)] == [
            desk.waiting(clone.gate.state.submissions[number], result.kinds)
        ]

    def test_without_an_identity_it_says_how_to_get_one(self, officer, run):
        officer.git("config", "--unset", "gongkai.person")
        result = run(officer, "list")
        assert result.exit_code == 2
        assert "gongkai setup" in result.stderr


def text_of_notice(server):
    """A notice that was signed long ago: its day of publication is over."""
    rows = {
        "id": "tide-2026-00002", "type": "notice", "title": "关于验潮井清淤的通知", "department": "tide",
        "officer": "tide-officer", "summary": "清淤期间暂停读数。", "addressees": "[沿线单位]", "document_date": '"2025-06-03"',
        "contact": "{name: 值班室, telephone: 0000-5550120}", "late_reason": "经办人休假", "openness": "proactive",
        "secrecy": "public", "personal_information": "{present: false}", "retention": "10y",
    }  # fmt: skip
    head = "".join(f"{name}: {value}\n" for name, value in rows.items())
    return f"---\n{head}---\n\n清淤期间暂停读数，恢复时间另行通知。\n"


class TestWhatIsShown:
    def test_a_change_is_shown_field_by_field_with_titles_in_the_readers_language(self, officer, head, run):
        path = "content/tide/2025/tide-2025-00001.md"
        edit(
            officer, path,
            ("category: measures", "category: achievement"),
            ("title: 潮汐观测科完成例行复测", "title: 潮汐观测科完成六站复测"),
            ("成果用于下一年度", "成果用于下两年度"),
        )  # fmt: skip
        number = submit(officer)
        english = run(head, "show", number, "--no-page").stdout
        assert "Title (title): 潮汐观测科完成例行复测 → 潮汐观测科完成六站复测" in english
        assert re.search(r"\(category\): [^\n]*\(measures\) → [^\n]*\(achievement\)", english)
        assert "    - 潮汐观测科完成例行复测，结果全部符合要求，成果用于下[-一-]年度潮汐表编制。" in english
        assert "    + 潮汐观测科完成例行复测，结果全部符合要求，成果用于下{+两+}年度潮汐表编制。" in english
        chinese = run(head, "show", number, "--no-page", lang="zh").stdout
        assert "标题 (title): 潮汐观测科完成例行复测 → 潮汐观测科完成六站复测" in chinese

    def test_a_new_item_is_shown_whole_with_its_due_dates_and_the_checks_warnings(self, officer, head, run):
        officer.news(occurred_on='"2025-01-06"')
        number = submit(officer)
        out = run(head, "show", number, "--no-page").stdout
        assert f"== {ITEM} [new]" in out
        assert "    + 潮汐观测科完成例行复测，结果全部符合要求，成果用于下一年度潮汐表编制。" in out
        assert f"! {ITEM} was received late (due 2025-01-07); no reason is given" in out
        assert re.search(r"submission was due 2025-01-07 and came \d+ days late", out)
        assert f"{FILE}:" in out
        assert "DUE107" in out
        assert "waiting: Department head can be done by: " in out

    def test_attachments_are_shown_with_size_and_digest_whether_added_changed_or_removed(
        self, officer, head, run
    ):
        folder = "content/tide/2025/tide-2025-00001"
        entry = 'attachments: [{file: "%s", title: 复测成果表}]\n'
        edit(officer, f"{folder}.md", ("category: measures\n", "category: measures\n" + entry % "a.csv"))
        officer.write(f"{folder}/a.csv", "站,差值\n北汐,1.2\n")
        number = submit(officer)
        data = json.loads(run(head, "show", number, "--no-page", "--format", "json").stdout)
        (file,) = data["items"][0]["attachments"]
        assert (file["state"], file["path"], file["size"], len(file["sha256"])) == (
            "added", f"{folder}/a.csv", 22, 64,
        )  # fmt: skip
        officer.server.accept(number)
        begin(officer)
        officer.write(f"{folder}/a.csv", "站,差值\n北汐,1.3\n\n")
        changed = submit(officer, "y")
        out = run(head, "show", changed, "--no-page").stdout
        assert re.search(
            rf"changed {folder}/a.csv  22 B sha256 {file['sha256']}\n      → 23 B sha256 [0-9a-f]{{64}}", out
        )
        assert "成果用于下一年度" not in out

    def test_nothing_is_left_out_when_only_the_way_of_writing_changes(self, officer, head, run):
        edit(
            officer,
            "content/tide/2025/tide-2025-00001.md",
            ("category: measures", "category: measures  # 见附页"),
        )
        out = run(head, "show", submit(officer), "--no-page").stdout
        assert "Only the way the file is written changes:" in out
        assert "{+  # 见附页+}" in out

    def test_personal_information_comes_before_everything_else(self, officer, head, run):
        officer.news(personal_information="{present: true, basis: 当事人单独同意}")
        out = run(head, "show", submit(officer), "--no-page").stdout
        assert out.startswith(f"! {ITEM} publishes personal information; basis given: 当事人单独同意\n")

    def test_a_date_moved_after_the_receipt_is_flagged_even_in_a_fresh_clone(
        self, server, officer, head, run
    ):
        officer.news(occurred_on='"2025-01-06"', late_reason="补报")
        number = submit(officer)
        head.send_back(number, "日期核对一下")
        edit(officer, FILE, ('"2025-01-06"', f'"{server.today()}"'))
        assert submit(officer) == number
        late = server.clone("office-reviewer")
        out = run(late, "show", number, "--no-page").stdout
        assert (
            f"! {ITEM}: “Date of the event” was changed after version 1 was received: 2025-01-06 → {server.today()}\n"
            in out
        )
        assert "version 1 was returned by Head of Tide Observation (tide-head): " in out
        assert "日期核对一下" in out

    def test_an_earlier_version_that_is_gone_is_admitted(self, server, officer, head, run):
        officer.news(occurred_on='"2025-01-06"', late_reason="补报")
        number = submit(officer)
        edit(officer, FILE, ("late_reason: 补报", "late_reason: 资料补报"))
        submit(officer)
        server.gate.refresh()
        tip = server.gate.state.submissions[number].versions[0].tip
        (server.folder / "objects" / tip[:2] / tip[2:]).unlink()
        out = run(head, "show", number, "--no-page").stdout
        assert "! version 1 can no longer be read, so it was not compared" in out

    def test_nothing_that_an_author_wrote_is_obeyed_by_the_terminal(self, officer, head, run):
        # Control characters and what turns text round are refused (INJ101, WRD1xx) before anybody has to look at them.
        officer.news(title='"\\u202Egnp.exe\\u200B标题"')
        with pytest.raises(Refused):
            submit(officer)
        officer.news(title="'[red]标题[/red] ::error::伪造'")
        number = submit(officer)
        for form in ("text", "json"):
            out = run(head, "show", number, "--no-page", "--format", form)
            both = out.stdout + out.stderr + run(head, "list", "--format", form).stdout
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]|^::error", both, re.MULTILINE)
        assert "[red]标题[/red]" in run(head, "show", number, "--no-page").stdout

    def test_the_page_is_built_as_the_public_will_see_it(self, officer, head, run, tmp_path):
        officer.news(title="潮汐观测科完成北汐站复测")
        number = submit(officer)
        result = run(head, "show", number, "--site-dir", str(tmp_path / "seen"))
        page = tmp_path / "seen" / "tide" / "2026" / "00001.html"
        assert result.stdout.splitlines()[-1] == str(page)
        assert "潮汐观测科完成北汐站复测" in page.read_text(encoding="utf-8")
        assert head.git("status", "--porcelain") == ""

    def test_what_waits_for_its_hour_is_shown_as_it_will_be_then(self, officer, head, run):
        officer.news(publish_at='"2031-01-06T09:00:00+08:00"')
        result = run(head, "show", submit(officer))
        assert "the pages are shown as they will be at 2031-01-06T09:00:00+08:00" in result.stderr
        assert result.stdout.splitlines()[-1].endswith("tide/2026/00001.html")

    def test_a_number_that_does_not_exist_is_said_so(self, head, run):
        result = run(head, "show", "S-2026-09999", "--no-page")
        assert result.exit_code == 2
        assert "there is no submission S-2026-09999" in result.stderr


class TestApproving:
    def test_two_approvals_bring_it_to_main_and_the_last_one_sees_the_address(
        self, server, officer, head, office, run
    ):
        officer.news()
        number = submit(officer)
        run(head, "show", number, "--no-page")
        first = run(head, "approve", number)
        assert (first.exit_code, first.stdout) == (0, "")
        assert "your approval is recorded; others are still needed" in first.stderr
        run(office, "show", number, "--no-page")
        last = run(office, "approve", number)
        assert last.exit_code == 0
        assert f"{number} is accepted" in last.stderr
        assert last.stdout.strip().endswith("/tide/2026/00001.html")
        assert "例行复测" in server.read(FILE)
        assert server.events()[-3:] == ["approved", "approved", "accepted"]

    def test_what_was_not_shown_is_not_signed(self, server, officer, head, run):
        officer.news()
        number = submit(officer)
        result = run(head, "approve", number)
        assert result.exit_code == 1
        assert "was not shown to you here" in result.stderr
        assert f"gongkai review show {number}" in result.stderr
        assert "approved" not in server.events()

    def test_what_moved_on_since_it_was_shown_is_not_signed(self, server, officer, head, run):
        officer.news()
        number = submit(officer)
        run(head, "show", number, "--no-page")
        digest = remembered(open_clone(head.folder), number)
        edit(officer, FILE, ("结果全部符合要求，成果", "结果部分符合要求，成果"))
        assert submit(officer) == number
        for extra in ((), ("--digest", digest)):
            result = run(head, "approve", number, *extra)
            assert result.exit_code == 1
            assert "has changed since you looked at it" in result.stderr
        returned = run(head, "return", number, "--reason", "数据不全")
        assert (returned.exit_code, "has changed since you looked at it" in returned.stderr) == (1, True)
        assert not {"approved", "returned"} & set(server.events())

    def test_the_digest_on_paper_serves_as_well_as_the_screen(self, officer, head, run):
        officer.news()
        number = submit(officer)
        out = run(head, "show", number, "--no-page").stdout
        digest = re.search(r"digest of the change: ([0-9a-f]{64})", out)[1]
        head.git("config", "--unset", f"gongkai.{number}.shown")
        assert run(head, "approve", number, "--digest", digest).exit_code == 0

    @pytest.mark.parametrize(
        ("person", "reason"),
        [
            ("tide-officer", "handed in the submission and cannot approve it"),
            ("ferry-head", "no step that waits is yours"),
        ],
    )
    def test_who_cannot_is_told_who_can(self, server, officer, run, person, reason):
        officer.news()
        number = submit(officer)
        worker = officer if person == "tide-officer" else server.clone(person)
        run(worker, "show", number, "--no-page")
        result = run(worker, "approve", number)
        assert result.exit_code == 1
        assert reason in result.stderr
        assert "Department head can be done by: Head of Tide Observation (tide-head)" in result.stderr
        assert "Office can be done by: Office reviewer (office-reviewer)" in result.stderr
        assert "approved" not in server.events()

    def test_nobody_approves_twice_or_for_a_step_that_is_not_theirs(self, officer, head, run):
        officer.news()
        number = submit(officer)
        run(head, "show", number, "--no-page")
        other = run(head, "approve", number, "--step", "office")
        assert (other.exit_code, "you cannot do the step office" in other.stderr) == (1, True)
        assert run(head, "approve", number, "--step", "head").exit_code == 0
        again = run(head, "approve", number)
        assert (again.exit_code, "one person fills one step" in again.stderr) == (1, True)

    def test_a_key_that_people_yml_does_not_know_is_refused_before_the_server_must(
        self, server, officer, head, run
    ):
        officer.news()
        number = submit(officer)
        run(head, "show", number, "--no-page")
        head.git("config", "gongkai.key", str(server.key("ferry-head")))
        result = run(head, "approve", number)
        assert result.exit_code == 1
        assert "the key in this clone is not among those of" in result.stderr

    def test_settings_show_their_lines_and_what_main_overtook_cannot_be_approved(self, server, run):
        admin, other = server.clone("admin-a"), server.clone("admin-b")
        numbers = []
        for name, title in (("one", "航标与航行"), ("two", "航标")):
            begin(admin)
            edit(admin, "site_config/topics.yml", ("zh: 航标与航行安全", f"zh: {title}"))
            numbers.append(submit(admin, name))
        out = run(other, "show", numbers[1], "--no-page").stdout
        assert "changed site_config/topics.yml" in out
        assert re.search(r"    - .*航标\[-与航行安全-\]", out)
        assert "Administrator can be done by: Administrator B (admin-b)" in out
        server.accept(numbers[0], people=("admin-b", "tide-head"))
        listed = run(other, "list").stdout
        assert "! site_config/topics.yml was changed on main in the meantime" in listed
        result = run(other, "approve", numbers[1])
        assert result.exit_code == 1
        assert "was changed on main in the meantime" in result.stderr
        assert "gongkai review return" in result.stderr
        returned = run(other, "return", numbers[1], "--reason", "已有另一处修改，请重报")
        assert returned.exit_code == 0
        server.gate.refresh()
        assert server.gate.state.submissions[numbers[1]].returns[0].reasons == {"*": "已有另一处修改，请重报"}

    def test_what_is_decided_says_so(self, server, officer, head, run):
        officer.news()
        number = submit(officer)
        run(head, "show", number, "--no-page")
        server.accept(number)
        result = run(head, "approve", number)
        assert (result.exit_code, "is accepted already" in result.stderr) == (1, True)
        assert run(head, "show", number, "--no-page").exit_code == 0


class TestReturning:
    def test_reasons_stand_at_the_items_they_are_about(self, server, officer, head, run):
        officer.news()
        officer.news("tide-2026-00002", title="潮汐观测科完成仪器检定")
        number = submit(officer)
        result = run(
            head, "return", number, "--reason", "请补充数据来源", "--item", "tide-2026-00002", "--reason", "标题不准",
            "--reason", "少一张表",
        )  # fmt: skip
        assert result.exit_code == 0
        assert f"{number} is returned" in result.stderr
        server.gate.refresh()
        (back,) = server.gate.state.submissions[number].returns
        assert back.reasons == {
            ITEM: "请补充数据来源",
            "tide-2026-00002": "请补充数据来源\n标题不准\n少一张表",
        }

    def test_a_strange_item_a_missing_reason_and_a_blank_one_are_wrong_use(self, server, officer, head, run):
        officer.news()
        number = submit(officer)
        for args in (
            ("--item", "tide-2026-00009", "--reason", "x"),
            ("--reason", "x", "--item", ITEM),
            ("--reason", "  "),
            (),
        ):
            assert run(head, "return", number, *args).exit_code == 2
        assert "returned" not in server.events()

    def test_only_its_reviewers_return_it(self, server, officer, run):
        officer.news()
        number = submit(officer)
        for worker in (officer, server.clone("ferry-head")):
            result = run(worker, "return", number, "--reason", "不同意")
            assert result.exit_code == 1
            assert "tide-head" in result.stderr
        assert "returned" not in server.events()

    def test_the_server_too_takes_a_return_from_its_reviewers_only(self, server, officer):
        officer.news()
        number = submit(officer)
        with pytest.raises(Refused) as refused:
            server.say("return", number, "ferry-head", reason="不同意")
        assert [r.text for r in refused.value.reasons] == ["{person} reviews none of its steps"]
        assert "returned" not in server.events()
        server.say("return", number, "office-reviewer-b", reason="请补充")
        assert server.events()[-1] == "returned"


class TestWords:
    def test_changed_letters_of_a_line_are_marked_and_unlike_lines_are_not(self):
        lines = diff(["首班7:00，末班18:00", "同"], ["首班6:30，末班18:00", "同"])
        assert [(x.sign, x.text) for x in lines] == [
            ("-", "首班7:00，末班18:00"), ("+", "首班6:30，末班18:00"), (" ", "同"),
        ]  # fmt: skip
        assert "".join(t for changed, t in lines[0].parts if changed) == "7:00"[0] + "00"[0]
        assert diff(["甲乙丙"], ["xyz"])[0].parts == ((False, "甲乙丙"),)
        assert diff(["a"], ["a"]) == ()

    def test_what_shows_as_nothing_is_shown_as_its_code(self):
        assert clean("a\u00adb\u3164c\u2028d") == "a<U+00AD>b<U+3164>c<U+2028>d"
        assert clean("中文　全角，标点。") == "中文　全角，标点。"

    def test_values_are_shown_with_labels_and_titles(self):
        schema = {"items": {"properties": {"file": {"title": "文件", "x-i18n": {"title": {"en": "File"}}}}}}
        assert lines_of([{"file": "a.pdf", "n": True}], schema, "en") == ("· File: a.pdf", "  n: yes")
        labels = {"x-labels": {"public": {"zh": "非涉密", "en": "Not secret"}}}
        assert lines_of("public", labels, "zh") == ("非涉密 (public)",)
        assert lines_of(["a", "b"], {}, "zh") == ("a、b",)
        assert lines_of("一\n二\n", {}, "zh") == ("一", "二")

"""`gongkai gate`: the ruling where a forge is the server, and the ledger after the merge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from gongkai.cli.door import Door
from gongkai.cli.gate_text import beside, data, says, text
from gongkai.cli.refusals import refusals_told, tell
from gongkai.gate.client import config
from gongkai.gate.forge_accounts import FORGES
from gongkai.gate.forge_bench import BRANCH, Records
from gongkai.gate.forge_files import files_for
from gongkai.gate.forge_gate import Verdict, rule_request
from gongkai.gate.forge_record import pending, record, start, statement_on
from gongkai.gate.forge_records import load
from gongkai.gate.forge_signed import make, read_files
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.store.files import write_all, write_whole
from gongkai.store.tree import CommitTree

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path, dir_okay=False)
REPO = click.option(
    "--repo", type=click.Path(path_type=Path), help="仓库，可以是裸仓库 / a repository, may be bare"
)
LEDGER = click.option(
    "--ledger", metavar="REF", default=BRANCH, show_default=True, help="台账所在的分支 / the ledger's branch"
)
NOW = click.option("--now", metavar="TIME", help="以此时刻为准 / the moment to judge by (RFC 3339)")
PUSH = click.option("--push", metavar="REMOTE", default="", help="推送到 / push the ledger there")
FORGE = click.option(
    "--forge", type=click.Choice(FORGES), help="哪种代码平台 / which forge the records come from"
)
RECORDS = (
    FORGE,
    click.option("--request", type=FILE, help="合并请求的 JSON / the pull request's own JSON"),
    click.option(
        "--reviews", type=FILE, multiple=True, help="审核记录的 JSON，可多个 / the reviews' JSON, every page"
    ),
    click.option("--pushes", type=FILE, multiple=True, help="推送记录的 JSON / who pushed, the forge's JSON"),
    click.option("--runs", type=FILE, multiple=True, help="检查任务的 JSON / runs of the check job"),
    click.option(
        "--approvals",
        type=click.Path(path_type=Path),
        multiple=True,
        help="签名的文件或文件夹 / signed statements",
    ),
    click.option(
        "--number",
        type=click.IntRange(1),
        help="合并请求的编号 / the pull request's number, without --request",
    ),
)


def records_asked(command: Command) -> Command:
    """The options that name what a forge recorded."""
    for option in reversed(RECORDS):
        command = option(command)
    return command


def _records(given: dict[str, Any]) -> Records:
    """What the files hold; GongkaiError when one is not there or no JSON."""
    request = given["request"]
    return Records(
        given["forge"] or "", load(request) if request else None, [load(p) for p in given["reviews"]],
        [load(p) for p in given["pushes"]], [load(p) for p in given["runs"]], read_files(given["approvals"]),
        given["number"] or 0,
    )  # fmt: skip


@click.group(invoke_without_command=True)
@click.option("--base", metavar="REV", help="要并入的分支，如 main / what it is to be merged into")
@click.option("--head", metavar="REV", help="合并请求的最新提交 / the pull request's last commit")
@REPO
@records_asked
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json", "github", "gitlab"]),
    default="text",
    show_default=True,
)
@click.option("--summary", type=FILE, help="另把文字结果追加到此文件 / append the words to this file too")
@click.option("--check-only", is_flag=True, help="只看内容，不看审核 / the content only, no approvals")
@click.option(
    "--ledger", metavar="REF", default="", help="台账所在的分支 / the ledger's branch, if not the usual one"
)
@NOW
@click.pass_context
def gate(
    context: click.Context, /, base: str | None, head: str | None, repo: Path | None, format_: str, summary: Path | None,
    check_only: bool, ledger: str, now: str | None, **given: Any,
) -> None:  # fmt: skip
    """代码平台上的关口 / On a forge: may this pull request be merged? Exit 0 yes, 1 no, with every reason."""
    if context.invoked_subcommand:
        return
    door: Door = context.obj
    if not base or not head:
        raise click.UsageError("--base REV --head REV")
    moment = door.now(now)
    verdict = rule_request(
        repo or door.root, base, head, _records(given), moment, ledger=ledger, approvals=not check_only
    )
    asked = not check_only
    click.echo(_shown(door, verdict, asked, moment, format_), nl=False)
    if summary is not None:
        _append(summary, text(door, verdict, asked, moment))
    if format_ != "text":
        tell(door, says(verdict, asked))
    if not (verdict.ruling.yes if asked else verdict.without_approvals):
        raise SystemExit(Exit.FINDINGS)


def _shown(door: Door, verdict: Verdict, asked: bool, moment: datetime, form: str) -> str:
    if form == "text":
        return text(door, verdict, asked, moment)
    if form == "json":
        return data(door, verdict, asked, moment)
    return beside(door, verdict, asked, moment, form)


def _append(path: Path, words: str) -> None:
    """A job's summary is Markdown, and others may have written to it before."""
    before = path.read_text("utf-8") if path.is_file() else ""
    fence = "~~~~~~"
    write_whole(path, f"{before}{fence}text\n{words.replace(fence, '~ ~ ~')}{fence}\n")


@gate.command("start")
@click.option(
    "--at",
    default="refs/heads/main",
    show_default=True,
    metavar="REV",
    help="从 main 的哪个提交起 / from where",
)
@click.option("--forge", type=click.Choice(FORGES), required=True, help="哪种代码平台 / which forge")
@REPO
@LEDGER
@PUSH
@NOW
@click.pass_obj
def start_command(
    door: Door, at: str, forge: str, repo: Path | None, ledger: str, push: str, now: str | None
) -> None:
    """建立台账 / Begin the ledger at a commit of main, which becomes its genesis."""
    with refusals_told(door):
        event = start(repo or door.root, at, forge, ledger, door.now(now), push)
    click.echo(event.id)
    door.tell(msg("write down the genesis id above: `gongkai audit --genesis ID` compares with it"))


@gate.command("pending")
@click.option(
    "--tip",
    default="refs/heads/main",
    show_default=True,
    metavar="REV",
    help="main 的位置 / where main stands",
)
@REPO
@LEDGER
@click.pass_obj
def pending_command(door: Door, tip: str, repo: Path | None, ledger: str) -> None:
    """还没有记台账的提交 / The commits of main that the ledger does not name yet, oldest first."""
    for commit in pending(repo or door.root, ledger, tip):
        click.echo(commit)


@gate.command("record")
@click.option(
    "--merged", required=True, metavar="REV", help="并入后 main 的提交 / main's commit after the merge"
)
@click.option(
    "--head",
    default="",
    metavar="REV",
    help="合并请求的最新提交 / the pull request's last commit, without --request",
)
@REPO
@records_asked
@LEDGER
@PUSH
@NOW
@click.pass_obj
def record_command(
    door: Door,
    /,
    merged: str,
    head: str,
    repo: Path | None,
    ledger: str,
    push: str,
    now: str | None,
    **given: Any,
) -> None:
    """记台账 / After the merge: judge it again, and append its events to the ledger."""
    if not head and given["request"] is None:
        raise click.UsageError("--request FILE | --head REV")
    with refusals_told(door):
        done = record(
            repo or door.root, merged, _records(given), door.now(now), ledger=ledger, head=head, push=push
        )
    if done is None:
        door.tell(msg("the ledger has it already; nothing was to be done"))
        return
    click.echo(done.ledger)
    door.tell(
        msg("{number} was recorded with {count} events; grade: {grade}",
            number=done.number, count=len(done.events), grade=done.grade)
    )  # fmt: skip


@gate.command("sign")
@click.option("--base", required=True, metavar="REV", help="要并入的分支 / what it is to be merged into")
@click.option(
    "--head", required=True, metavar="REV", help="合并请求的最新提交 / the pull request's last commit"
)
@REPO
@records_asked
@click.option(
    "--kind", type=click.Choice(["approval", "return", "submission"]), default="approval", show_default=True
)
@click.option("--step", default="", metavar="STEP", help="审核环节，如 head / the step that is approved")
@click.option("--reason", default="", metavar="TEXT", help="退回的理由 / why it is returned")
@click.option(
    "--person", default="", metavar="CODE", help="代码 / who signs (default: git config gongkai.person)"
)
@click.option("--key", type=FILE, help="私钥 / the private key (default: git config gongkai.key)")
@click.option("--output", "-o", type=FILE, required=True, help="写到哪个文件 / where to write it")
@click.option(
    "--ledger", metavar="REF", default="", help="台账所在的分支 / the ledger's branch, if not the usual one"
)
@NOW
@click.pass_obj
def sign_command(
    door: Door, /, base: str, head: str, repo: Path | None, kind: str, step: str, reason: str, person: str,
    key: Path | None, output: Path, ledger: str, now: str | None, **given: Any,
) -> None:  # fmt: skip
    """签名 / Sign an approval, a return or a submission; the file goes to --approvals or the branch gongkai-inbox."""
    folder = repo or door.root
    who, own = person or config(folder, "gongkai.person"), str(key or "") or config(folder, "gongkai.key")
    if not who or not own:
        raise GongkaiError(
            msg("this clone does not know who you are"),
            msg("give --person and --key, or set gongkai.person and gongkai.key with `git config`"),
        )
    with refusals_told(door):
        statement = statement_on(
            folder, base, head, _records(given), door.now(now), kind, who, step, reason, ledger
        )
        write_whole(output, make(statement, Path(own)))
    click.echo(str(output))


@gate.command("files")
@click.option("--forge", type=click.Choice(FORGES), required=True, help="哪种代码平台 / which forge")
@click.option("--write", is_flag=True, help="写入门户文件夹 / write them into the portal")
@click.option(
    "--commit", metavar="REV", help="人员以某个提交为准 / people as of a commit instead of the folder"
)
@NOW
@click.pass_obj
def files_command(door: Door, forge: str, write: bool, commit: str | None, now: str | None) -> None:
    """工作流和 CODEOWNERS / The forge's ready workflow files and CODEOWNERS, printed or written."""
    tree = CommitTree(door.root, commit) if commit else door.tree()
    made = files_for(forge, tree, door.now(now))
    if not write:
        for path, words in made.items():
            click.echo(f"# ---- {path}\n{words}")
        return
    write_all(door.portal_root, {path: words.encode() for path, words in made.items()})
    for path in made:
        click.echo(path)
    door.tell(msg("commit these files on main, then set what docs/forge.md says for your forge"))

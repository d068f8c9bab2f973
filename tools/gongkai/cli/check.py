"""`gongkai check` and `gongkai explain`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gongkai.cli.door import Door
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.finding import Report, Severity
from gongkai.model.message import Message, msg
from gongkai.report.formats import FORMATS
from gongkai.report.shown import Manual, Sheet
from gongkai.store.files import write_whole
from gongkai.store.git import changes_between, work_tree_changes
from gongkai.store.kept import kept_for
from gongkai.store.tree import FolderTree, Tree

if TYPE_CHECKING:
    from gongkai.checks.portal import Portal


@click.command()
@click.argument("paths", nargs=-1, type=click.Path())
@click.option("--commit", metavar="REV", help="检查某个提交 / check a commit instead of the folder")
@click.option("--repo", type=click.Path(path_type=Path), help="（裸）仓库 / a repository, may be bare")
@click.option("--base", metavar="REV", help="与之相比才算新增或修改 / what counts as unchanged")
@click.option("--format", "format_", type=click.Choice(sorted(FORMATS)), default="text", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), help="写入文件 / write to a file instead of stdout"
)
@click.option("--now", metavar="TIME", help="以此时刻为准 / the moment to judge by (RFC 3339)")
@click.option("--fail-on", type=click.Choice(["error", "warning"]), default="error", show_default=True)
@click.option("--quiet", "-q", is_flag=True, help="不显示小结 / no summary")
@click.pass_obj
def check(
    door: Door,
    paths: tuple[str, ...],
    commit: str | None,
    repo: Path | None,
    base: str | None,
    format_: str,
    output: Path | None,
    now: str | None,
    fail_on: str,
    quiet: bool,
) -> None:
    """检查信息与设置 / Check items and settings: errors, where, and how to mend them."""
    kept = kept_for(repo or door.root)
    tree = door.tree(commit, repo, kept)
    if isinstance(tree, FolderTree):
        tree.begin()  # git looks while the rules are imported
    from gongkai.checks.portal import read_portal
    from gongkai.checks.run import run

    changed = _changed(door, tree, commit, repo, base)
    portal = read_portal(tree, now=door.now(now), changed=changed, kept=kept)
    report = run(portal, wanted=_wanted(door, paths, commit or repo))
    _write(FORMATS[format_](_sheet(door, report)), output)
    if not quiet:
        _summary(door, portal, report)
    if report.at_least(Severity(fail_on)):
        raise SystemExit(Exit.FINDINGS)


def _changed(
    door: Door, tree: Tree, commit: str | None, repo: Path | None, base: str | None
) -> frozenset[str] | None:
    if commit is not None or repo is not None:
        head = commit or "HEAD"
        return changes_between(repo or door.root, base, head) if base else frozenset()
    if base is None and isinstance(tree, FolderTree) and tree.work is not None:
        return tree.work.changed
    return work_tree_changes(door.root, base)


def _wanted(door: Door, paths: tuple[str, ...], in_commit: object) -> Callable[[str], bool] | None:
    """Which findings are asked for: those at the given files and folders, as seen from the portal's folder."""
    if not paths:
        return None
    names = [p if in_commit else _relative(door, p) for p in paths]
    prefixes = tuple(n.rstrip("/") + "/" for n in names)
    return lambda path: path in names or path.startswith(prefixes) or "." in names


def _relative(door: Door, path: str) -> str:
    full = Path(path).absolute()
    if not full.exists() and not full.is_symlink():
        full = (door.root / path).absolute()
    if not full.exists() and not full.is_symlink():
        raise GongkaiError(
            msg("{path} is not there", path=path), msg("check the name; paths may be files or folders")
        )
    root = door.root.absolute()
    normal = Path(posixpath.normpath(full.as_posix()))
    if not normal.is_relative_to(posixpath.normpath(root.as_posix())):
        raise GongkaiError(
            msg("{path} is not in the portal {folder}", path=path, folder=str(root)),
            msg("name the portal's folder with --root"),
        )
    return normal.relative_to(posixpath.normpath(root.as_posix())).as_posix()


def _sheet(door: Door, report: Report) -> Sheet:
    from gongkai.checks.table import RULES

    codes = {f.code for f in report.findings}
    manual = {
        code: Manual(
            RULES[code].name, door.say(Message(RULES[code].says)), door.say(Message(RULES[code].why))
        )
        for code in codes
    }
    return Sheet(report, door.say, manual)


def _write(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(output, text)


def _summary(door: Door, portal: Portal, report: Report) -> None:
    from gongkai.cli.words import due_words

    for words in due_words(portal):
        door.tell(words)
    errors, warnings = report.count(Severity.ERROR), report.count(Severity.WARNING)
    door.tell(
        msg(
            "{items} items checked: {errors} errors, {warnings} warnings, {unread} files unread",
            items=report.items,
            errors=errors,
            warnings=warnings,
            unread=report.unread,
        )
    )
    if errors:
        door.tell(
            msg("mend the errors and run `gongkai check` again; `gongkai explain CODE` says more of a rule")
        )


@click.command()
@click.argument("code", required=False)
@click.pass_obj
def explain(door: Door, code: str | None) -> None:
    """规则说明 / What a rule asks, why, and how to mend it. Without CODE: the list of all rules."""
    from gongkai.checks.table import RULES

    if code is None:
        for rule in RULES.values():
            click.echo(f"{rule.code}  {rule.severity.value:7}  {door.say(Message(rule.says))}")
        return
    if code.upper() not in RULES:
        raise GongkaiError(
            msg("there is no rule {code}", code=code),
            msg("`gongkai explain` without a code lists all of them"),
        )
    rule = RULES[code.upper()]
    click.echo(f"{rule.code} {rule.name} ({rule.severity.value})")
    click.echo(door.say(Message(rule.says)))
    click.echo(f"→ {door.say(Message(rule.hint))}")
    click.echo("")
    click.echo(door.say(Message(rule.why)))

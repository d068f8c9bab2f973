"""`gongkai build` and `gongkai serve`: the public portal, made and shown."""

from __future__ import annotations

import gc
from pathlib import Path

import click

from gongkai.cli.built import remarks_on
from gongkai.cli.door import Door
from gongkai.cli.workers import way_of
from gongkai.evidence.chain import Record
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.facts import Facts
from gongkai.model.message import msg
from gongkai.portal.build import Built, looked_at
from gongkai.portal.build import build as build_portal
from gongkai.portal.past import unpacked
from gongkai.report.escape import file_name
from gongkai.store.crew import uncounted
from gongkai.store.files import write_all
from gongkai.store.kept import kept_for

SITE, PAST = "site", "built"


@click.command()
@click.option("--commit", metavar="REV", help="构建某个提交 / build a commit instead of the folder")
@click.option(
    "--repo",
    type=click.Path(path_type=Path),
    help="服务器仓库或其克隆：按台账构建 main / build main with the ledger's facts",
)
@click.option(
    "--checkpoints",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="发布端会签的检查点 / the publisher's folder of countersigned checkpoints",
)
@click.option(
    "--redirects",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="网站服务器用的旧地址表写到这里 / where to write the web server's lists of old addresses",
)
@click.option("--site-dir", type=click.Path(path_type=Path), help="输出文件夹 / where to (default: site)")
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.option("--afresh", is_flag=True, help="不沿用上次的页面 / make every page again")
@click.option(
    "--workers",
    metavar="tcp://HOST:PORT",
    help="由该 Dask 调度器的各台机器一起构建；仓库和输出文件夹须在共享磁盘上，各机路径相同"
    " / build by the workers of this Dask scheduler: all need the same repository and output folder, on a shared disk",
)
@click.pass_obj
def build(
    door: Door,
    commit: str | None,
    repo: Path | None,
    checkpoints: Path | None,
    redirects: Path | None,
    site_dir: Path | None,
    now: str | None,
    afresh: bool,
    workers: str | None,
) -> None:
    """构建网站 / Build the public portal. The old one is replaced only when the new one is sound."""
    facts: Facts = {}
    record = Record()
    if repo is not None:
        from gongkai.gate.checkpoints import checkpoints_for
        from gongkai.gate.proof import public_record

        commit, facts = _published_state(repo, commit)
        record = public_record(repo, commit, checkpoints_for(repo, checkpoints, door.now(now)))
    root = door.root if commit else door.portal_root
    if commit:
        door.tree(commit, repo)
    if redirects is not None:
        _refuse_public(redirects, site_dir or root / SITE)
    target, kept = (site_dir or root / SITE).absolute(), kept_for(repo or root)
    tree = looked_at(repo or root, commit, kept)
    past = unpacked(target, b"" if afresh else kept.whole(PAST, str(target)) or b"")

    def keep(built: Built) -> None:
        if built.past is not None:
            kept.put_whole(PAST, str(target), built.past.packed())

    with way_of(workers) as way, uncounted():
        built = build_portal(
            repo or root, target, commit=commit, now=door.now(now), facts=facts, record=record, way=way,
            past=past, tree=tree, keep=keep,
        )  # fmt: skip
        gc.freeze()  # it stays until the end: nobody need look through it
    for _, says in remarks_on(built):
        door.tell(says)
    if not built.sound:
        door.tell(msg("the portal was not replaced: mend the links above and build again"))
        raise SystemExit(Exit.FINDINGS)
    if redirects is not None:
        write_all(redirects, {text.path: text.content.encode() for text in built.settings})
    if built.reused and built.past is not None:
        door.tell(
            msg(
                "{count} of {all} parts are as they were in the last build",
                count=built.reused,
                all=len(built.past.sheets),
            )
        )
    door.tell(msg("{pages} pages and {files} attachments built", pages=built.pages, files=built.files))
    click.echo(file_name(str(built.site)))


def _refuse_public(folder: Path, site: Path) -> None:
    """A web server's settings are nobody's reading, and the next build would take them away with the old portal."""
    if folder.absolute().is_relative_to(site.absolute()):
        raise GongkaiError(
            msg("{folder} lies in the public portal", folder=str(folder)),
            msg("name a folder beside it with --redirects"),
        )


def _published_state(repo: Path, commit: str | None) -> tuple[str, Facts]:
    """The commit to build and the ledger's facts: main as the ledger names it, or an earlier state of it.

    Nothing else is built with facts: what no event accepted has no place on the portal (gate.md property 2).
    """
    from gongkai.gate.repository import open_gate  # not needed for a folder, which is what officers build

    gate = open_gate(repo)
    if commit is None:
        return gate.state.main, gate.state.facts
    wanted = gate.objects.repository.resolve(commit)
    if wanted not in gate.objects.chain(gate.state.main):
        raise GongkaiError(
            msg("{commit} is no state of main that the ledger names", commit=commit),
            msg("leave --commit out for main; for a preview of other work leave --repo out"),
            Exit.FINDINGS,
        )
    return wanted, gate.state.facts


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@click.option("--port", type=click.IntRange(1, 65535), help="端口 / port (default: 8000 or a free one)")
@click.option("--open", "open_", is_flag=True, help="打开浏览器 / open the browser")
@click.pass_obj
def serve(door: Door, folder: Path | None, port: int | None, open_: bool) -> None:
    """在浏览器中查看构建好的网站 / Show a built portal on this machine until Ctrl+C."""
    from gongkai.store.web import open_server  # a web server: not needed to build

    site = folder or door.root / SITE
    if not (site / "index.html").is_file():
        raise GongkaiError(
            msg("{folder} holds no built portal", folder=str(site)), msg("build it first: `gongkai build`")
        )
    with open_server(site.absolute(), port) as server:
        click.echo(server.address)
        door.tell(msg("the portal is shown at this address on this machine only; Ctrl+C ends it"))
        if open_:
            click.launch(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            door.tell(msg("ended"))

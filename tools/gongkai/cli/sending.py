"""`gongkai send`: a finished release to another host, over rsync or to S3-compatible storage."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.model.delivery import cache_control, content_type
from gongkai.model.errors import Exit, GongkaiError
from gongkai.model.message import msg
from gongkai.portal.headers import ATTACHMENT
from gongkai.release.manifest import Entry, differences, read_manifest
from gongkai.release.place import SITE
from gongkai.release.sending import Plan, Target, look
from gongkai.release.sending import send as send_files
from gongkai.report.escape import json_text, terminal
from gongkai.store.digests import SUMS, digest_of, read_sums
from gongkai.store.locks import locked
from gongkai.store.remote_rsync import RsyncTarget
from gongkai.store.remote_s3 import STYLES, S3Target

SAVED = re.compile(ATTACHMENT, re.IGNORECASE)
ENDPOINT = click.option(
    "--endpoint", metavar="URL", help="S3 服务的地址 / of the S3 service, where it is not Amazon's"
)
REGION = click.option("--region", metavar="NAME", help="S3 的区域 / of the S3 service")
STYLE = click.option(
    "--style", type=click.Choice(STYLES), default="auto", show_default=True,
    help="桶名在路径里还是域名里 / whether the bucket stands in the path or in the host's name",
)  # fmt: skip


def public_headers(path: str) -> Mapping[str, str]:
    """What object storage must say of a public file; what a browser would run is saved, not shown."""
    found = {"ContentType": content_type(path), "CacheControl": cache_control(path)}
    return {**found, "ContentDisposition": "attachment"} if SAVED.search(f"/{path}") else found


def closed_headers(path: str) -> Mapping[str, str]:
    """What object storage must say of a backup's file."""
    return {"ContentType": "application/octet-stream", "CacheControl": "no-store"}


def target_of(
    address: str,
    endpoint: str | None,
    region: str | None,
    style: str,
    *,
    public: bool = False,
    below: str = "",
) -> Target:
    """The target that an address names. GongkaiError (exit 2) when it is none, 3 when its program or library is missing."""
    whole = f"{address.rstrip('/')}/{below}" if below else address
    if address.startswith("s3://"):
        return S3Target(
            whole, public_headers if public else closed_headers, endpoint=endpoint, region=region, style=style
        )
    return RsyncTarget(whole)


@click.command()
@click.option("--from", "source", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="版本 / the release: DIR/current, or DIR/releases/NAME")  # fmt: skip
@click.option(
    "--to", required=True, metavar="TARGET", help="rsync://… · user@host:/path · s3://bucket/prefix · /path"
)
@ENDPOINT
@REGION
@STYLE
@click.option("--dry-run", is_flag=True, help="只说要做什么 / say what would be done, and do nothing")
@click.option(
    "--all", "everything", is_flag=True, help="全部重发 / send every file, whatever was sent before"
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def send(
    door: Door, source: Path, to: str, endpoint: str | None, region: str | None, style: str, dry_run: bool,
    everything: bool, format_: str,
) -> None:  # fmt: skip
    """送到别的主机 / Send a release elsewhere: only what changed, lists last, removed files at the very end."""
    release = release_of(source)
    entries = read_manifest(release)
    target = target_of(to, endpoint, region, style, public=True)
    with locked(release.parent.parent / ".send.lock"):
        wanted, former = look(target, entries, everything=everything)
        _show(door, wanted, format_)
        if dry_run:
            door.tell(msg("a dry run: nothing was sent"))
            return
        send_files(release / SITE, entries, target, wanted, former, door.tell)
    door.tell(msg("{target} shows the release {name}", target=to, name=release.name))


def release_of(source: Path) -> Path:
    """The folder of the release that a path names, whole. GongkaiError: exit 2 when it is none, 1 when it is not whole."""
    there = source.resolve()
    release = there.parent if there.name == SITE else there
    try:
        wrong = differences(release, release / SITE)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GongkaiError(
            msg("{folder} is no release", folder=str(source)),
            msg("name DIR/current of the folder that `gongkai publish --to DIR` writes to"),
        ) from error
    if wrong:
        raise GongkaiError(
            msg("{name}: {path} is not what the manifest says", name=release.name, path=wrong[0]),
            msg("nothing was sent; publish again with --again, and find out who changed the file"),
            Exit.FINDINGS,
        )
    return release


def _show(door: Door, wanted: Plan, format_: str) -> None:
    if format_ == "json":
        click.echo(json_text({"schema_version": 1, "send": [list(rows) for rows in wanted.stages],
                              "remove": list(wanted.gone), "same": wanted.same, "bytes": wanted.bytes}))  # fmt: skip
    else:
        for path in (path for rows in wanted.stages for path in rows):
            click.echo(f"+ {terminal(path)}")
        for path in wanted.gone:
            click.echo(f"- {terminal(path)}")
    door.tell(msg("{files} files to send ({bytes} bytes), {gone} to take away, {same} there already",
                  files=wanted.files, bytes=wanted.bytes, gone=len(wanted.gone), same=wanted.same))  # fmt: skip


def send_backup(door: Door, folder: Path, target: Target) -> None:
    """A finished backup to another host, into a folder of its own name there; older ones are left alone."""
    said = {**read_sums(folder), SUMS: digest_of(folder / SUMS)}
    entries = {path: Entry(path, (folder / path).stat().st_size, digest) for path, digest in said.items()}
    wanted, former = look(target, entries)
    send_files(folder, entries, target, wanted, former, door.tell)
    door.tell(msg("the backup was sent too; older ones there are not taken away"))

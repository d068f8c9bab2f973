"""`gongkai redirects`: where old addresses lead, for the web server that shows the portal."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.checks.portal import read_portal
from gongkai.cli.door import Door
from gongkai.model.message import msg
from gongkai.portal.redirect_maps import SERVERS
from gongkai.portal.redirects import redirects as find
from gongkai.portal.site import Site


@click.command()
@click.argument("server", type=click.Choice(sorted(SERVERS)))
@click.option("--commit", metavar="REV", help="按某个提交 / of a commit instead of the folder")
@click.option("--repo", type=click.Path(path_type=Path), help="服务器仓库 / the server's repository")
@click.option("--now", metavar="TIME", help="以此时刻为准 / as of this moment (RFC 3339)")
@click.pass_obj
def redirects(door: Door, server: str, commit: str | None, repo: Path | None, now: str | None) -> None:
    """旧地址转到新地址的网站服务器设置 / Old addresses and removed pages as settings of nginx or Caddy, on stdout."""
    site = Site(read_portal(door.tree(commit, repo), now=door.now(now)), door.say)
    found = find(site)
    click.echo(SERVERS[server](found, site), nl=False)
    door.tell(
        msg(
            "{moved} old addresses and {gone} removed pages; include this in the web server's settings and reload it",
            moved=len(found.moved),
            gone=len(found.gone),
        )
    )

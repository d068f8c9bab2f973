"""`gongkai headers`: the security headers for the web server that shows the portal."""

from __future__ import annotations

import click

from gongkai.cli.door import Door
from gongkai.model.message import msg
from gongkai.portal.headers import SERVERS


@click.command()
@click.argument("server", type=click.Choice(sorted(SERVERS)))
@click.pass_obj
def headers(door: Door, server: str) -> None:
    """网站服务器的安全响应头 / The security headers as settings of nginx or Caddy, on stdout."""
    click.echo(SERVERS[server](), nl=False)
    door.tell(msg("include this in the web server's settings of the portal; docs/security.md says how"))

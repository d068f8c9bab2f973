"""`gongkai site`: the whole settings of nginx or Caddy for the portal, on stdout."""

from __future__ import annotations

from pathlib import Path

import click

from gongkai.cli.door import Door
from gongkai.model.message import msg
from gongkai.portal.site_conf import SERVERS, Place, beside


@click.command()
@click.argument("server", type=click.Choice(sorted(SERVERS)))
@click.option("--root", "root", required=True, type=click.Path(path_type=Path), metavar="DIR",
              help="网站目录 / what visitors see: DIR/current of `gongkai publish --to DIR`")  # fmt: skip
@click.option("--name", required=True, metavar="HOST", help="域名 / the host's name")
@click.option(
    "--port", type=click.IntRange(1, 65535), help="HTTP 端口 / the port for HTTP (default: the usual one)"
)
@click.option("--certificate", default="", metavar="FILE", help="证书文件（nginx 启用 HTTPS）/ for HTTPS")
@click.option("--key", default="", metavar="FILE", help="证书的私钥文件 / the certificate's key file")
@click.option("--redirects", metavar="FILE", help="旧地址清单的位置 / another file of `gongkai redirects`")
@click.option(
    "--no-redirects", is_flag=True, help="没有旧地址，也没有删除过信息 / leave old addresses and 410 out"
)
@click.pass_obj
def site(
    door: Door, server: str, root: Path, name: str, port: int | None, certificate: str, key: str, redirects: str | None,
    no_redirects: bool,
) -> None:  # fmt: skip
    """网站服务器的整套设置 / The whole site for nginx or Caddy: pages, caching, headers, old addresses, on stdout."""
    # Not resolved: what visitors see is a link, and is to be followed anew for each of them.
    root = root.absolute()
    old = "" if no_redirects else redirects or beside(root, server)
    click.echo(SERVERS[server](Place(root, name.lower(), port or 0, certificate, key, old)), nl=False)
    if old:
        door.tell(
            msg(
                "it reads old addresses and removed pages from {file}: reload the web server when they change",
                file=old,
            )
        )

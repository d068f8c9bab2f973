"""The old addresses as settings of nginx and Caddy: lists that the server reads, and how to use them.

Every path in them passed an allowlist of signs (`checks.addresses.plain`, `redirects`): none of them ends a string or means
something to either server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from gongkai.portal import address
from gongkai.portal.page import SiteText
from gongkai.portal.redirects import Redirect, Redirects
from gongkai.portal.site import Site

_WORD = 64
"""nginx counts its hash in lines of the processor's cache."""
NGINX_SERVER = """\
if ($gongkai_moved) { return 301 $gongkai_moved; }
if ($gongkai_gone) { return 410; }
error_page 410 @gongkai_gone;
location @gongkai_gone { try_files $uri =410; }
"""
"""What stands in the `server` block: old addresses move, removed ones answer 410 with the notice in their place."""


def nginx(found: Redirects, site: Site) -> str:
    """The lists for nginx. `map` stands outside `server`, so this file is included at the top of the site's settings."""
    longest = max((len(one.path.encode()) for one in found.moved), default=0)
    size = -(-(longest + 64) // _WORD) * _WORD * 2
    count = len(found.moved) + len(found.gone)
    lines = [
        "# 旧地址转到新地址，放在 server { } 之外：include /etc/nginx/gongkai-redirects.conf;",
        "# Old addresses, to be included outside `server`; inside it these lines use them:",
        *(f"#   {line}" for line in NGINX_SERVER.splitlines()),
        f"map_hash_bucket_size {max(256, size)};",
        f"map_hash_max_size {max(2048, 4 * count)};",
        *_nginx_map("$uri", "$gongkai_path", _moved(found, site, query=False)),
        *_nginx_map("$request_uri", "$gongkai_query", _moved(found, site, query=True)),
        "map $gongkai_query $gongkai_moved {",
        "    '' $gongkai_path;",
        "    default $gongkai_query;",
        "}",
        *_nginx_map("$uri", "$gongkai_gone", ((path, "1") for path in found.gone)),
    ]
    return "\n".join(lines) + "\n"


def _nginx_map(source: str, name: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"map {source} {name} {{"
    yield "    default '';"
    yield from (f'    "{path}" "{target}";' for path, target in rows)
    yield "}"


def caddy(found: Redirects, site: Site) -> str:
    """The lists for Caddy: a snippet, used in the site's block by `import gongkai_redirects` after its `root`."""
    lines = [
        "# 旧地址转到新地址。放在 Caddyfile 顶部，站点内 root 之后写：import gongkai_redirects",
        "(gongkai_redirects) {",
        *_caddy_map("{path}", "{gongkai_path}", _moved(found, site, query=False)),
        *_caddy_map("{uri}", "{gongkai_query}", _moved(found, site, query=True)),
        *_caddy_redirect("gongkai_query"),
        *_caddy_redirect("gongkai_path"),
    ]
    if found.gone:
        paths = " ".join(f'"{path}"' for path in found.gone)
        lines += [f"\t@gongkai_gone path {paths}", "\thandle @gongkai_gone {"]
        lines += ["\t\tfile_server {", "\t\t\tstatus 410", "\t\t}", "\t}"]
    return "\n".join([*lines, "}"]) + "\n"


def _caddy_map(source: str, name: str, rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    yield f"\tmap {source} {name} {{"
    yield from (f'\t\t"{path}" "{target}"' for path, target in rows)
    yield '\t\tdefault ""'
    yield "\t}"


def _caddy_redirect(name: str) -> Iterator[str]:
    yield f'\t@{name} expression `{{{name}}} != ""`'
    yield f"\tredir @{name} {{{name}}} permanent"


def _moved(found: Redirects, site: Site, *, query: bool) -> Iterator[tuple[str, str]]:
    """Old path and new whole address: the portal's own, so that an old host's name leads to the new one."""
    root = address.base(site.portal.settings)
    for one in _of_kind(found, query):
        yield one.path, address.absolute(root, one.target) if root else f"/{one.target}"


def _of_kind(found: Redirects, query: bool) -> Iterator[Redirect]:
    return (one for one in found.moved if one.query is query)


SERVERS: Mapping[str, Callable[[Redirects, Site], str]] = {"nginx": nginx, "caddy": caddy}
"""The web servers whose lists can be written out."""
FILES = {"nginx": "redirects.nginx.conf", "caddy": "redirects.caddy"}
"""Their files' names where a build writes them."""


def files(found: Redirects, site: Site) -> Iterator[SiteText]:
    """Both lists."""
    return (SiteText(FILES[server], write(found, site)) for server, write in SERVERS.items())

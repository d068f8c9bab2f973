"""A whole site for nginx or Caddy: where the pages are, who may keep what for how long, headers, old addresses, 410.

Types and times are those of `model.delivery`; headers and redirects are those that `gongkai headers` and `redirects` write.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gongkai.model.delivery import ATTACHED, FILE, FOREVER, HASHED, OTHER, PACKED, PAGE, TYPES, WRITTEN
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg
from gongkai.portal import headers
from gongkai.portal.redirect_maps import FILES, NGINX_SERVER

_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\Z")
_PATH = re.compile(r"/[^\x00-\x1f\"'\\;{}$`#]*\Z")
SMALL = 1024
"""Answers of fewer bytes are not worth compressing."""
ASSETS = r"/assets/"
"""The theme's files without a digest in their names."""
HIDDEN = r"/\.(?!well-known/)"
"""Names that begin with a dot: records and work under way, nothing for visitors."""


@dataclass(frozen=True)
class Place:
    """What the site is: the folder that visitors see, the host's name, the port, the files of the certificate and of the
    redirects (none: empty). GongkaiError (exit 2) for what neither server would read as it is meant.
    """

    root: Path
    name: str
    port: int = 0
    certificate: str = ""
    key: str = ""
    redirects: str = ""

    def __post_init__(self) -> None:
        if not _NAME.match(self.name):
            raise GongkaiError(
                msg("{name} is no name of a host", name=self.name),
                msg("write it as in an address: www.example.cn"),
            )
        for path in filter(None, (str(self.root), self.certificate, self.key, self.redirects)):
            if not _PATH.match(path):
                raise GongkaiError(
                    msg("{path} is no whole path that a web server's settings can hold", path=path),
                    msg("name it from / on, without quotes, semicolons, braces, $ or #"),
                )
        if bool(self.certificate) is not bool(self.key):
            raise GongkaiError(
                msg("a certificate and its key go together"),
                msg("name both --certificate and --key, or neither"),
            )


def beside(root: Path, server: str) -> str:
    """Where a release keeps its old addresses for this server: beside what visitors see, of the same state."""
    return f"{root}/../server/{FILES[server]}"


def nginx(place: Place) -> str:
    """One file for /etc/nginx/conf.d/ or sites-enabled/ (Debian)."""
    tls = bool(place.certificate)
    lines = [
        "# 公开门户的网站设置：存为 /etc/nginx/conf.d/gongkai.conf，再运行 nginx -t 和 systemctl reload nginx。",
        *([f'include "{place.redirects}";'] if place.redirects else []),
        *_nginx_keep(),
        *(_nginx_to_https(place) if tls else []),
        "server {",
        *_indented(_nginx_server(place, tls)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _nginx_keep() -> Iterator[str]:
    yield "map $uri $gongkai_keep {"
    yield f'    default "{PAGE}";'
    yield f'    "~{HASHED}" "{FOREVER}";'
    yield f'    "~{ASSETS}" "{FILE}";'
    yield f'    "~{ATTACHED}" "{FILE}";'
    yield "}"


def _nginx_to_https(place: Place) -> Iterator[str]:
    yield "server {"
    yield from (f"    {line}" for line in _listen(place.port or 80))
    yield f"    server_name {place.name};"
    yield f"    return 301 https://{place.name}$request_uri;"
    yield "}"


def _listen(port: int, more: str = "") -> Iterator[str]:
    yield f"listen {port}{more};"
    yield f"listen [::]:{port}{more};"


def _nginx_server(place: Place, tls: bool) -> Iterator[str]:
    yield from _listen(443, " ssl") if tls else _listen(place.port or 80)
    yield f"server_name {place.name};"
    if tls:
        yield f'ssl_certificate "{place.certificate}";'
        yield f'ssl_certificate_key "{place.key}";'
        yield "ssl_protocols TLSv1.2 TLSv1.3;"
        yield 'add_header Strict-Transport-Security "max-age=31536000" always;'
    # The link is followed anew for each request: a publication needs no reload. Nothing may be remembered of open files.
    yield f'root "{place.root}";'
    yield "index index.html;"
    yield "open_file_cache off;"
    yield "autoindex off;"
    yield "server_tokens off;"
    yield "etag on;"
    yield "charset utf-8;"
    yield f"charset_types {' '.join(sorted({*(t for t in TYPES.values() if t.startswith('text/')), *WRITTEN} - {'text/html'}))};"
    yield from _nginx_types()
    yield "gzip on;"
    yield "gzip_vary on;"
    yield f"gzip_min_length {SMALL};"
    yield f"gzip_types {' '.join(PACKED)};"
    yield "# brotli on; brotli_types …;  需要 Debian 的 libnginx-mod-http-brotli-filter / needs that package"
    yield "error_page 404 /404.html;"
    yield "location = /404.html { internal; }"
    yield f'location ~ "{HIDDEN}" {{ return 404; }}'
    if place.redirects:
        yield from NGINX_SERVER.splitlines()
    yield from headers.nginx({"Cache-Control": "$gongkai_keep"}).splitlines()


def _nginx_types() -> Iterator[str]:
    endings: defaultdict[str, list[str]] = defaultdict(list)
    for ending, kind in TYPES.items():
        endings[kind].append(ending)
    yield "types {"
    yield from (f"    {kind} {' '.join(found)};" for kind, found in endings.items())
    yield "}"
    yield f"default_type {OTHER};"


def caddy(place: Place) -> str:
    """One Caddyfile, or a file that is imported into one. Caddy gets a certificate by itself for a host's name."""
    scheme = "" if not place.port else "http://"
    lines = [
        "# 公开门户的网站设置：存为 /etc/caddy/Caddyfile，再运行 caddy validate 和 systemctl reload caddy。",
        headers.caddy().rstrip("\n"),
        *([f'import "{place.redirects}"'] if place.redirects else []),
        f"{scheme}{place.name}{f':{place.port}' if place.port else ''} {{",
        *_indented(_caddy_server(place), "\t"),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _caddy_server(place: Place) -> Iterator[str]:
    if place.certificate:
        yield f'tls "{place.certificate}" "{place.key}"'
    yield f'root * "{place.root}"'
    yield "encode zstd gzip"
    yield "import gongkai_headers"
    yield from _caddy_keep()
    yield from _caddy_types()
    yield "@gongkai_hidden {"
    yield "\tpath_regexp /\\."
    yield "\tnot path /.well-known/*"
    yield "}"
    yield "error @gongkai_hidden 404"
    if place.redirects:
        yield "import gongkai_redirects"
    yield "file_server"
    yield "handle_errors {"
    yield "\t@gongkai_lost expression `{err.status_code} == 404`"
    yield "\trewrite @gongkai_lost /404.html"
    yield "\theader -Cache-Control"
    yield '\theader @gongkai_lost Content-Type "text/html; charset=utf-8"'
    yield "\tfile_server"
    yield "}"


def _caddy_keep() -> Iterator[str]:
    """Each path fits one matcher only: which of two headers wins is not the same in all versions."""
    files = f"({ASSETS}|{ATTACHED})"
    yield f"@gongkai_forever path_regexp {HASHED}"
    yield from ("@gongkai_short {", f"\tpath_regexp {files}", f"\tnot path_regexp {HASHED}", "}")
    yield from ("@gongkai_rest {", f"\tnot path_regexp {files}", "}")
    yield f'header @gongkai_forever Cache-Control "{FOREVER}"'
    yield f'header @gongkai_short Cache-Control "{FILE}"'
    yield f'header @gongkai_rest Cache-Control "{PAGE}"'


def _caddy_types() -> Iterator[str]:
    """Caddy leaves the types to the system's list: those that it may not know, and the character set."""
    for ending, kind in TYPES.items():
        if kind.startswith("text/") or kind in WRITTEN:
            yield f"@gongkai_{ending} path *.{ending}"
            yield f'header @gongkai_{ending} Content-Type "{kind}; charset=utf-8"'


def _indented(lines: Iterator[str], by: str = "    ") -> Iterator[str]:
    return (f"{by}{line}" if line else line for line in lines)


SERVERS: Mapping[str, Callable[[Place], str]] = {"nginx": nginx, "caddy": caddy}
"""The web servers whose site can be written out."""

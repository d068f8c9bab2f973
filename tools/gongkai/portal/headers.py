"""What a browser may do on the portal's pages: the Content-Security-Policy and the headers that go with it.

The policy stands in every page (`<meta>`), so that it holds on any web server; the server's own headers add what a page
cannot say of itself: who may frame it, and what becomes of an attachment that a browser would run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the theme's style sheets draw their icons from data: addresses
    "font-src": "'self'",
    "media-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
_FRAMES = "frame-ancestors 'self'"
"""A page cannot say this of itself: browsers take it from the server's header only (CSP Level 3, §6.4.2)."""
_DOWNLOADS = "default-src 'none'; sandbox"
RUNNABLE = (
    "htm",
    "html",
    "shtml",
    "xhtml",
    "xht",
    "xml",
    "xsl",
    "xslt",
    "svg",
    "svgz",
    "mht",
    "mhtml",
    "js",
    "mjs",
    "swf",
)
"""Endings of attachments that a browser would run, or show as a page of the portal's own."""
ATTACHMENT = rf"/[a-z][a-z0-9-]*/[0-9]{{4}}/[0-9]{{5}}/.+\.({'|'.join(RUNNABLE)})$"
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_STRICT = "max-age=31536000"
_HSTS = (
    "只在网站已全部改用 HTTPS 之后再启用：浏览器一年内不再接受 HTTP。",
    "Only once everything is served over HTTPS: for a year browsers will accept nothing else.",
)


def policy() -> str:
    """The policy as it stands in the head of every page."""
    return "; ".join(f"{name} {value}" for name, value in _POLICY.items())


def page_headers() -> Mapping[str, str]:
    """The headers of everything on the portal but attachments that a browser would run."""
    return {"Content-Security-Policy": f"{policy()}; {_FRAMES}", **_FIXED}


def download_headers() -> Mapping[str, str]:
    """The headers of attachments that a browser would run: they are saved, not shown."""
    return {"Content-Security-Policy": _DOWNLOADS, **_FIXED, "Content-Disposition": "attachment"}


def nginx(also: Mapping[str, str] = MappingProxyType({})) -> str:
    """The headers for nginx, to be included in the `server` block that serves the portal; `also` where all went well."""
    lines = [
        "# 公开门户的安全响应头，放进 server { } 之内：include /etc/nginx/gongkai-headers.conf;",
        "# A location with an add_header of its own inherits none of these: repeat them there.",
        *_nginx_lines(page_headers(), also),
        *(f"# {words}" for words in _HSTS),
        f'# add_header Strict-Transport-Security "{_STRICT}" always;',
        f'location ~* "{ATTACHMENT}" {{',
        *(f"    {line}" for line in _nginx_lines(download_headers(), also)),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _nginx_lines(headers: Mapping[str, str], also: Mapping[str, str]) -> Iterator[str]:
    yield from (f'add_header {name} "{value}" always;' for name, value in headers.items())
    yield from (f'add_header {name} "{value}";' for name, value in also.items())


def caddy() -> str:
    """The headers for Caddy: a snippet, used in the site's block by `import gongkai_headers`."""
    lines = [
        "# 公开门户的安全响应头。放在 Caddyfile 顶部，站点内写：import gongkai_headers",
        "(gongkai_headers) {",
        f"\t@gongkai_downloads path_regexp (?i){ATTACHMENT}",
        "\t@gongkai_pages {",
        f"\t\tnot path_regexp (?i){ATTACHMENT}",
        "\t}",
        *_caddy_block("@gongkai_pages", page_headers()),
        *_caddy_block("@gongkai_downloads", download_headers()),
        *(f"\t# {words}" for words in _HSTS),
        f'\t# header Strict-Transport-Security "{_STRICT}"',
        "}",
    ]
    return "\n".join(lines) + "\n"


def _caddy_block(matcher: str, headers: Mapping[str, str]) -> Iterator[str]:
    yield f"\theader {matcher} {{"
    yield from (f'\t\t{name} "{value}"' for name, value in headers.items())
    yield "\t}"


SERVERS: Mapping[str, Callable[[], str]] = {"nginx": nginx, "caddy": caddy}
"""The web servers whose settings can be written out."""

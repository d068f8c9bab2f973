"""A small web server for looking at a built portal on one's own machine. Not for the public."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from gongkai.model.delivery import TYPES, content_type
from gongkai.model.errors import GongkaiError
from gongkai.model.message import msg

HOST = "127.0.0.1"
USUAL_PORT = 8000


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder, in UTF-8, without directory listings, with the portal's own 404 page."""

    extensions_map = {  # noqa: RUF012 - the parent declares it so
        **SimpleHTTPRequestHandler.extensions_map,
        **{f".{ending}": content_type(f"file.{ending}") for ending in TYPES},
    }
    server_version = "gongkai"
    sys_version = ""

    def list_directory(self, path: Any) -> None:
        """A folder without an index page is not there."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """What was just built must be seen at once."""
        self.send_header("Cache-Control", "no-cache")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """The portal's own page for an address that leads nowhere."""
        page = Path(self.directory) / "404.html"
        if code != HTTPStatus.NOT_FOUND or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name for it
        """Requests are nobody's business here."""


class Server(ThreadingHTTPServer):
    """The server; `address` is what to type into a browser."""

    daemon_threads = True

    @property
    def address(self) -> str:
        """The address of the home page."""
        return f"http://{HOST}:{self.server_address[1]}/"


def open_server(folder: Path, port: int | None = None) -> Server:
    """A server of `folder`, on this machine only, not yet running (`serve_forever`).

    Without a port: 8000, or any free one when that is taken. GongkaiError when the given port is taken.
    """
    return open_at(partial(_Handler, directory=str(folder)), port)


def open_at(handler: Callable[..., BaseHTTPRequestHandler], port: int | None = None) -> Server:
    """A server of what `handler` answers, on this machine only; see `open_server` for the port."""
    for wished in (port,) if port is not None else (USUAL_PORT, 0):
        try:
            return Server((HOST, wished), handler)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
    raise GongkaiError(
        msg("port {port} is in use or not allowed", port=str(port)),
        msg("choose another with --port, or leave --port out and a free one is taken"),
    )

"""A web server for one person's browser on the same machine, which can tell the pages that something changed.

It listens on this machine only, and answers only requests that name this machine (`Host`): a page of another site whose
name was made to lead here (DNS rebinding) gets nothing.
"""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from gongkai.store.logfile import write_bug
from gongkai.store.web import Server, open_at

HTML = "text/html; charset=utf-8"
BEAT = 15.0
"""Seconds after which a browser is told that we are still there."""
_HOST = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered: the bytes, their media type, the status, further headers."""

    content: bytes
    kind: str = HTML
    status: int = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=dict)


Answer = Callable[[str, Mapping[str, str]], Reply]
"""Path from the top (decoded, without the first slash) and query → reply."""


class News:
    """The number of the newest state, and whoever waits for a newer one."""

    def __init__(self) -> None:
        self._number = 0
        self._told = threading.Condition()
        self._closed = False

    def tell(self, number: int) -> None:
        """There is a newer state."""
        with self._told:
            self._number = number
            self._told.notify_all()

    def close(self) -> None:
        """Nobody shall wait any longer."""
        with self._told:
            self._closed = True
            self._told.notify_all()

    def after(self, number: int, seconds: float) -> int | None:
        """The newest number as soon as it differs from `number`; the same after so many seconds; None at the end."""
        with self._told:
            self._told.wait_for(lambda: self._closed or self._number != number, seconds)
            return None if self._closed else self._number


class _Handler(BaseHTTPRequestHandler):
    server_version = "gongkai"
    sys_version = ""
    timeout = 60

    def __init__(self, *args: Any, answer: Answer, news: News, events: str) -> None:
        self._answer, self._news, self._events = answer, news, events
        super().__init__(*args)

    def do_GET(self) -> None:
        """A page, a file, or the stream of events."""
        if not _HOST.match(self.headers.get("Host", "")):
            self._send(
                Reply(b"this name does not lead to a preview\n", "text/plain", HTTPStatus.MISDIRECTED_REQUEST)
            )
            return
        path, query = _asked(self.path)
        if path is None:
            self._send(Reply(b"not found\n", "text/plain", HTTPStatus.NOT_FOUND))
        elif path == self._events:
            self._stream(query.get("since", ""))
        else:
            self._send(self._answered(path, query))

    do_HEAD = do_GET  # noqa: N815 - the parent's name for it

    def _answered(self, path: str, query: Mapping[str, str]) -> Reply:
        try:
            return self._answer(path, query)
        except Exception as error:
            log = ""
            with suppress(OSError):
                log = str(write_bug(error))
            return Reply(f"internal fault: {log}\n".encode(), "text/plain", HTTPStatus.INTERNAL_SERVER_ERROR)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        headers = {
            **reply.headers,
            "Content-Type": reply.kind,
            "Content-Length": str(len(reply.content)),
            "Cache-Control": "no-store",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.content)

    def _stream(self, since: str) -> None:
        """Server-sent events: `since` is the number that the page was made at; what is newer is told at once."""
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        known = int(since) if since.isdecimal() and len(since) < 16 else -1
        self._write(b"retry: 1000\n\n")
        while self.command != "HEAD" and (number := self._news.after(known, BEAT)) is not None:
            self._write(b": still here\n\n" if number == known else b"data: %d\n\n" % number)
            known = number

    def _write(self, data: bytes) -> None:
        self.wfile.write(data)
        self.wfile.flush()

    def handle(self) -> None:
        """A browser that goes away in the middle is nothing to speak of."""
        try:
            super().handle()
        except (ConnectionError, socket.timeout):  # noqa: UP041 - the two are one since Python 3.10
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name for it
        """Requests are nobody's business here."""


def _asked(target: str) -> tuple[str | None, Mapping[str, str]]:
    """The path and query of a request; no path when it tries to leave the portal."""
    try:
        parts = urlsplit(target)
        path = unquote(parts.path, errors="strict")
    except ValueError:
        return None, {}
    steps = path.split("/")
    if not path.startswith("/") or "\0" in path or "\\" in path or ".." in steps or "." in steps:
        return None, {}
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    return path[1:], query


def open_live(answer: Answer, news: News, events: str, port: int | None = None) -> Server:
    """A server of what `answer` gives, not yet running; at the path `events` the stream of news.

    Without a port: 8000, or any free one when that is taken. GongkaiError when the given port is taken.
    """
    return open_at(partial(_Handler, answer=answer, news=news, events=events), port)

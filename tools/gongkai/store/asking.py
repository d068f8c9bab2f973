"""Asking whether an address on another host answers: politely, within a time limit, and never inside our own network."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from time import monotonic
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

HOPS = 6
"""So many redirections are followed."""
ROBOTS_MOST = 100_000
_SAFE = "/%:?#[]@!$&'()*+,;=~-._"


@dataclass(frozen=True, slots=True)
class Answer:
    """How an address answered: the HTTP status (0 for none), what went wrong, and where it led in the end.

    `fault`: "" · "name" (no such host) · "refused" · "tls" · "time" · "loop" · "inner" (of our own network) · "broken".
    """

    status: int = 0
    fault: str = ""
    final: str = ""


class _InnerError(OSError):
    """The address is of an inner network."""


class Asker:
    """Asks addresses one after another; `inner` also those of the own network, `seconds` at most for each request."""

    def __init__(self, agent: str, *, seconds: float = 20.0, inner: bool = False) -> None:
        self._agent, self._seconds = agent, seconds
        guarded = not inner and not urllib.request.getproxies()
        connection = partial(_Connection, seconds=seconds, guarded=guarded)
        secure = partial(_SecureConnection, seconds=seconds, guarded=guarded)
        self._opener = urllib.request.build_opener(_Handler(connection), _SecureHandler(secure), _Stay())

    def ask(self, url: str) -> Answer:
        """Follow the address to its end: HEAD first, and GET where a server does not answer HEAD rightly."""
        seen: list[str] = []
        current = _encoded(url)
        while current not in seen and len(seen) < HOPS:
            seen.append(current)
            answer, further = self._once(current, "HEAD")
            if answer.status >= 400 or answer.fault in ("broken", "time"):
                answer, further = self._once(current, "GET")
            if not further:
                return Answer(answer.status, answer.fault, current)
            if urlsplit(further).scheme not in ("http", "https"):
                return Answer(answer.status, "broken", current)
            current = _encoded(further)
        return Answer(0, "loop", current)

    def robots(self, host_url: str) -> str:
        """The host's robots.txt; empty where there is none."""
        with (
            suppress(OSError, http.client.HTTPException, ValueError),
            self._open(urljoin(host_url, "/robots.txt"), "GET") as got,
        ):
            raw: bytes = got.read(ROBOTS_MOST)
            return raw.decode("utf-8", "replace")
        return ""

    def _once(self, url: str, method: str) -> tuple[Answer, str]:
        """One request's answer, and the address it redirects to."""
        start = monotonic()
        try:
            with self._open(url, method) as got:
                return Answer(got.status), ""
        except urllib.error.HTTPError as error:
            with error:
                target = error.headers.get("Location") if 300 <= error.code < 400 else None
                return Answer(error.code), urljoin(url, target) if target else ""
        except (OSError, http.client.HTTPException, ValueError) as error:
            slow = monotonic() - start >= self._seconds
            return Answer(0, "time" if slow else _fault(error)), ""

    @contextmanager
    def _open(self, url: str, method: str) -> Iterator[Any]:
        request = urllib.request.Request(
            url, method=method, headers={"User-Agent": self._agent, "Accept": "*/*"}
        )
        with self._opener.open(request, timeout=self._seconds) as got:
            yield got


def _encoded(url: str) -> str:
    """An address as it goes over the wire: Chinese letters in the path as %XX, in the host as xn--…."""
    with suppress(ValueError, UnicodeError):
        parts = urlsplit(url.strip())
        host = parts.netloc if parts.netloc.isascii() else parts.netloc.encode("idna").decode("ascii")
        return parts._replace(
            netloc=host, path=quote(parts.path or "/", _SAFE), query=quote(parts.query, _SAFE), fragment=""
        ).geturl()
    return url


def _fault(error: Exception) -> str:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (_InnerError, "inner"),
        (socket.gaierror, "name"),
        (UnicodeError, "name"),
        (ssl.SSLError, "tls"),
        (TimeoutError, "time"),
        (ConnectionError, "refused"),
    )
    return next((name for kind, name in kinds if isinstance(reason, kind)), "broken")


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirections are followed by us, one hop at a time."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: do not follow."""
        return


class _Connection(http.client.HTTPConnection):
    """A socket that is of the public network and is closed when the time is up, however slowly the other side drips."""

    timer: threading.Timer | None = None

    def __init__(self, *args: Any, seconds: float, guarded: bool, **named: Any) -> None:
        super().__init__(*args, **named)

        def connected(address: tuple[str, int], *args: Any, **named: Any) -> socket.socket:
            sock = socket.create_connection(address, *args, **named)
            if guarded and not ip_address(sock.getpeername()[0]).is_global:
                sock.close()
                raise _InnerError(address[0])
            self.timer = threading.Timer(seconds * 1.2, _shut, (sock,))
            self.timer.daemon = True
            self.timer.start()
            return sock

        self._create_connection = connected

    def close(self) -> None:
        """Close, and stop the clock."""
        if self.timer is not None:
            self.timer.cancel()
        super().close()


class _SecureConnection(_Connection, http.client.HTTPSConnection):
    """The same over TLS."""


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


class _Handler(urllib.request.HTTPHandler):
    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._connection = connection

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Through our own connection."""
        return self.do_open(self._connection, req)


class _SecureHandler(urllib.request.HTTPSHandler):
    def __init__(self, connection: Any) -> None:
        super().__init__()
        self._secure = connection

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """Through our own connection, with the system's certificates."""
        return self.do_open(self._secure, req)

"""A web server in a process of its own, and a visitor in another who reads pages all the while and believes nothing."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import time
import traceback
from pathlib import Path

NGINX = """
daemon off; master_process off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log off; default_type application/octet-stream;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d;
  scgi_temp_path {folder}/e;
  server {{ listen 127.0.0.1:{port}; root {root}; index index.html; }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class WebServer:
    """nginx where it is installed, else the house's own little server; `root` is the link that visitors go by."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.port = free_port()
        program = shutil.which("nginx")
        if program:
            folder.mkdir()
            (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=self.port, root=root))
            self.child = subprocess.Popen(
                [program, "-c", folder / "nginx.conf", "-p", folder], stderr=subprocess.DEVNULL
            ).pid
        else:
            self.child = _forked(lambda: _serve(root, self.port))
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError("the web server did not start")

    def stop(self) -> None:
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)


def _serve(root: Path, port: int) -> None:
    from gongkai.store.web import open_server

    open_server(root, port).serve_forever()


def _forked(work) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # the child must never come back into pytest
            traceback.print_exc()
        os._exit(0)
    return child


class Visitor:
    """Reads pages until it is told to stop; what it got must be a page of the release that was current just then."""

    def __init__(self, www: Path, port: int, folder: Path) -> None:
        self.www, self.port, self.folder = www, port, folder
        folder.mkdir()
        self.child = _forked(self._read)

    def stop(self) -> dict:
        (self.folder / "stop").touch()
        os.waitpid(self.child, 0)
        return json.loads((self.folder / "report.json").read_text())

    def _read(self) -> None:
        self.known, found = {}, {"pages": 0, "mixed": [], "missing": [], "releases": []}
        chance = random.Random(7)
        try:
            while not (self.folder / "stop").exists():
                self._round(chance, found)
        except BaseException:
            found["mixed"].append(traceback.format_exc())
        (self.folder / "report.json").write_text(json.dumps(found))

    def _round(self, chance: random.Random, found: dict) -> None:
        name = self._current()
        paths = sorted(self._manifest(name))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        for path in ["index.html", *chance.sample(paths, 25)]:
            self._ask(connection, path, found)
            time.sleep(0.002)  # the publisher needs the processors too
        connection.close()
        if name not in found["releases"]:
            found["releases"].append(name)

    def _ask(self, connection, path: str, found: dict) -> None:
        from urllib.parse import quote

        before = self._manifest(self._current())
        connection.request("GET", "/" + quote(path))
        answer = connection.getresponse()
        body = answer.read()
        after = self._manifest(self._current())
        found["pages"] += 1
        allowed = {m[path] for m in (before, after) if path in m}
        if answer.status != 200:
            if path in before and path in after:
                found["missing"].append([path, answer.status])
        elif hashlib.sha256(body).hexdigest() not in allowed:
            found["mixed"].append(path)

    def _current(self) -> str:
        return (self.www / "current").readlink().parts[1]

    def _manifest(self, name: str) -> dict[str, str]:
        if name not in self.known:
            data = json.loads((self.www / "releases" / name / "manifest.json").read_text(encoding="utf-8"))
            self.known[name] = {row["path"]: row["sha256"] for row in data["files"]}
        return self.known[name]
